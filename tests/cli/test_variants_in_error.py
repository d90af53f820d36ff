"""Questions about many variants where one of them, or a scenario, is in error: the others have their answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mcfsm.commands.cli import run
from mcfsm.language.selection import Selection
from mcfsm.problems import ModelError
from mcfsm.questions.families.conditions import conditions
from mcfsm.questions.families.in_error import InError
from mcfsm.questions.families.interwork import interwork
from mcfsm.questions.families.ladder import ladder
from mcfsm.questions.families.ledger import ledger
from mcfsm.questions.families.matrix import matrix
from mcfsm.questions.families.overview import overview

MODEL = """\
model: one of three scenarios is in error, and one change
changes: [twice.yaml, thrice.yaml]
readings: {rate: {text: How often somebody is called., default: seldom, values: {seldom: , often: }}}
messages: {ping: {}}
roles:
  caller:
    states: [idle]
    initial: idle
    final: [idle]
    transitions:
    - {id: call, trigger: call, kind: user, source: idle, send: [{ping: {to: b}}], budget: calls}
    - id: recall
      trigger: recall
      kind: user
      source: idle
      send: [{ping: {to: b}}]
      budget: more
      under: {rate: often}
      assumption: Somebody calls again.
  called:
    variables: {times: 0..1 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: count, trigger: ping, set: {times: times + 1}}
properties:
  once: {text: Somebody is heard., reachable: b.times == 1}
  silent: {text: Nobody is heard., never: b.times == 1}
scenarios:
  before:
    instances: {a: caller, b: called}
    channels: {default: {kind: fifo, bound: 1}}
    budgets: {calls: 1, more: 1}
    expect: {silent: violated}
  wrong: {like: before, budgets: {calls: 2}}
  after: {like: before, readings: {rate: seldom}}
"""
TWICE = """\
change: twice
title: it is called twice as often
edits:
- add:
    transitions:
      caller: [{id: again, trigger: again, kind: user, source: idle, send: [{ping: {to: b}}], budget: more}]
"""
THRICE = """\
change: thrice
title: nothing is counted
edits:
- replace: {set: {}, transitions: {called: [{id: count, trigger: ping}]}}
"""
WHOLE = ("wrong", None)
BOTH = ["seldom", "often"]
ALONE = {  # what is asked besides, for a question of which nothing is answered
    "matrix": ["--with", ""],
    "conditions": ["--with", "", "--property", "check.reception"],
    "interwork": ["--change", "thrice"],
}
NAMES = ["before", "wrong", "after"]


@pytest.fixture(params=[1, 2])
def model(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder of the model; scenarios are asked in this process, or beside each other."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.cpu_count", lambda: request.param)
    folder = tmp_path / "model"
    folder.mkdir()
    for name, text in (("model", MODEL), ("twice", TWICE), ("thrice", THRICE)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return "model"


ASKED = [
    (
        ["overview"],
        [
            WHOLE,
            ("before", ["with twice"]),
            ("before", ["rate=often"]),
            ("before", ["with twice", "rate=often"]),
            ("after", ["with twice"]),
        ],
    ),
    (["matrix"], [("before", ["twice"]), ("wrong", ["no change"]), ("wrong", ["twice"]), ("after", ["twice"])]),
    (["matrix", "--with", "twice"], [WHOLE, ("before", ["twice"]), ("after", ["twice"])]),
    (["assumptions"], [WHOLE, ("before", ["rate=often"]), ("after", ["rate=often"])]),
    (
        ["conditions", "--property", "check.reception"],
        [
            ("before", ["no change", "rate=often"]),
            ("before", ["twice", "rate=seldom"]),
            ("before", ["twice", "rate=often"]),
            ("wrong", ["no change", "rate=seldom"]),
            ("wrong", ["no change", "rate=often"]),
            ("wrong", ["twice", "rate=seldom"]),
            ("wrong", ["twice", "rate=often"]),
            ("after", ["twice"]),
        ],
    ),
    (["conditions", "--with", "", "--property", "check.reception", "--reading", "rate=seldom"], [WHOLE]),
    (["interwork", "--change", "thrice"], [WHOLE]),
    (["ladder", "--faults", "loss"], [WHOLE]),
    (
        ["ladder", "--reading", "rate=all"],
        [("before", ["rate=often"]), *(("wrong", [f"rate={rate}"]) for rate in BOTH), ("after", ["rate=often"])],
    ),
]


@pytest.mark.parametrize(("question", "wrong"), ASKED)
def test_the_others_are_answered(
    model: str, question: list[str], wrong: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([question[0], model, *question[1:], "--json", "out.json"]) == 3
    shown = capsys.readouterr()
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    told = [(one["scenario"], one["variant"]) for one in data["errors"]]
    assert told == wrong
    assert {problem["code"] for one in data["errors"] for problem in one["problems"]} == {"M701"}
    (answers,) = (data[key] for key in ("matrices", "conditions", "ladders", "scenarios") if key in data)
    whole = [scenario for scenario, variant in told if variant in (None, ["rate=seldom"])]  # `wrong` alone is so seldom
    assert [one["scenario"] for one in answers] == [name for name in NAMES if name not in whole]
    assert shown.out.count("In error, and not answered: ") == len(wrong)
    assert shown.err.count("error M701: ") == len(wrong)


@pytest.mark.long
def test_the_verdicts_of_the_others_are_those_without_the_error(model: str) -> None:
    ask = ["overview", model, "--scenario", "after", "--no-pairs", "--json"]
    assert run([*ask, "beside.json"]) == 3
    text = Path(model, "model.yaml")
    text.write_text(MODEL.replace("twice.yaml, ", ""), encoding="utf-8")
    assert run([*ask, "alone.json"]) == 0
    beside, alone = (json.loads(Path(f"{name}.json").read_text(encoding="utf-8")) for name in ("beside", "alone"))
    assert beside["scenarios"][0]["variants"] == [[], ["with thrice"]]
    assert (beside["scenarios"], alone["errors"]) == (alone["scenarios"], [])


def test_a_condition_is_about_the_variants_that_are_not_in_error(model: str) -> None:
    asked = ["--property", "check.reception", "--scenario", "before", "--json", "out.json"]
    assert run(["conditions", model, *asked]) == 3
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    (one,) = data["conditions"]
    told = [(variant["changes"], variant["chosen"]["rate"], variant["status"]) for variant in one["variants"]]
    counting = [("no change", "often"), ("twice", "seldom"), ("twice", "often")]
    assert [tuple(wrong["variant"]) for wrong in data["errors"]] == [(c, f"rate={rate}") for c, rate in counting]
    sets = ([], ["thrice"], ["twice", "thrice"])
    every = [(changes, rate, "PROVED") for changes in sets for rate in BOTH]
    assert told == [row for row in every if row[:2] != ([], "often")]


def test_the_page_of_assumptions_says_what_is_in_error(model: str) -> None:
    assert run(["assumptions", model, "--page", "page.md"]) == 3
    said = " ".join(Path("page.md").read_text(encoding="utf-8").split())
    assert "In error, and not told: wrong (M701); before, rate=often (M701); after, rate=often (M701)." in said
    secondary = said.split("## Sentences that change only what another makes of a verdict")[1].split("##")[0]
    assert "How often" not in secondary


def test_a_sentence_in_error_is_not_said_to_change_nothing(model: str) -> None:
    errors: list[InError] = []
    before, _ = ledger(model, errors=errors)
    names = [entry.constant and entry.constant.name for entry in (*before.idle, *before.secondary)]
    assert (len(errors), "rate" in names) == (3, False)


@pytest.mark.parametrize("question", ["overview", "matrix", "assumptions", "conditions", "interwork", "ladder"])
def test_where_nothing_is_answered_the_error_is_the_answer(
    model: str, question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = ALONE.get(question, [])
    assert run([question, model, "--scenario", "wrong", *alone, "--json", "-"]) == 3
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "M701"


@pytest.mark.parametrize(
    "ask",
    [
        overview,
        matrix,
        ledger,
        ladder,
        lambda path: conditions(path, "check.reception"),
        lambda path: interwork(path, ["thrice"]),
    ],
)
def test_who_asks_from_python_is_raised_the_error(model: str, ask: Callable[[str], object]) -> None:
    with pytest.raises(ModelError, match="M701"):
        ask(model)


def test_a_mistake_of_the_question_is_none_of_a_scenario(model: str) -> None:
    errors: list[InError] = []
    with pytest.raises(ModelError, match="M313"):
        matrix(model, Selection(properties=["unknown"]), errors=errors)
    assert errors == []
