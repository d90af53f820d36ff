"""What the text says of a message that arrives is told from what a model assumes: in matrices and in verdicts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from building import build, write

from mcfsm.commands.cli import run
from mcfsm.explore import exhaustive, reference
from mcfsm.explore.findings import Findings
from mcfsm.model import Model
from mcfsm.questions.receptions import ReceptionCell, ReceptionMatrix, Receptions
from mcfsm.report.receptions import summary
from mcfsm.verdicts.run import Effort, run_by_text
from mcfsm.verdicts.run import run as explored

ITEMS = """
1-1: {modality: shall, text: What is asked is answered.}
X-1: {modality: informative, text: It may ring.}
"""
DESK = """
model: a desk
clauses: clauses.yaml
messages: {ask: {}, ring: {}, knock: {n: 0..1}, hum: {}}
roles:
  visitor:
    states: [out]
    initial: out
    final: [out]
    transitions:
    - {id: asks, trigger: asks, kind: user, budget: visits, send: [{ask: {to: d}}], clause: 1-1}
    - {id: rings, trigger: rings, kind: user, budget: visits, send: [{ring: {to: d}}], clause: 1-1}
    - {id: knocks, trigger: knocks, kind: user, budget: visits, choose: {x: 0..1}, send: [{knock: {to: d, n: x}}],
      clause: 1-1}
    - {id: hums, trigger: hums, kind: user, budget: visits, send: [{hum: {to: d}}], assumption: Visitors hum.}
  clerk:
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: answer, trigger: ask, clause: 1-1}
    - {id: also, trigger: ask, assumption: The clerk may look up.}
    - {id: hear, trigger: ring, clause: X-1}
    - {id: open, trigger: knock, conditions: msg.n == 1, clause: 1-1}
    - {id: wait, trigger: knock, conditions: msg.n == 0, assumption: The clerk waits for a second knock.}
    ignore: {hum: [there]}
scenarios:
  s: {instances: {v: visitor, d: clerk}, channels: {v -> d: {bound: 1}}, budgets: {visits: 1}}
"""
EXPLORERS = pytest.mark.parametrize("engine", ["exhaustive", "reference"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "clauses.yaml").write_text(ITEMS, "utf-8")
    return write(DESK, tmp_path)


@pytest.fixture
def desk(path: Path) -> Model:
    from mcfsm.language.files.reader import read
    from mcfsm.language.resolving.resolve import resolve

    return resolve(read(path), "s")


def matrix(model: Model, explore: Callable[..., Findings] = exhaustive.explore) -> ReceptionMatrix:
    found = Receptions()
    found.take_in(model, explore(model, property_ids=["check.reception"], full=True), "s")
    return found.matrices(["clerk"])[0]


@pytest.mark.parametrize("explore", [exhaustive.explore, reference.explore])
def test_a_cell_says_what_the_line_behind_it_rests_on(desk: Model, explore: Callable[..., Findings]) -> None:
    cells = {cell.message: cell for cell in matrix(desk, explore).cells.values()}
    assert {message: (cell.answer, cell.grounds) for message, cell in cells.items()} == {
        "ask": ("handled", ("text",)),  # of two lines the stronger
        "ring": ("handled", ("informative",)),
        "knock": ("handled", ("text", "assumed")),
        "hum": ("ignored", ()),
    }
    assert [(a.transition, a.ground, a.clauses, a.assumption) for a in cells["knock"].answers] == [
        ("open", "text", ("1-1",), None),
        ("wait", "assumed", (), "The clerk waits for a second knock."),
    ]
    assert {message for message, cell in cells.items() if cell.silent} == {"hum"}


def test_the_sum_counts_what_the_text_says_nothing_about(desk: Model) -> None:
    told = matrix(desk).told
    assert summary(told).split("; ") == [
        "The text says nothing in 1 of 4 cells",
        "in 1 more it depends on values whether the text answers or an assumption",
        "1 rests on informative text at best",
    ]
    silent = [ReceptionCell("state", "there", "ask", "handled", grounds=("assumed",))]
    assert summary([*told, *silent]).startswith(
        "The text says nothing in 2 of 5 cells; 1 is handled by an assumption alone; in 1 more"
    )


def test_a_model_that_follows_no_text_has_answers_and_no_silence() -> None:
    bare = DESK.replace("clauses: clauses.yaml\n", "").replace(", clause: 1-1", "").replace(", clause: X-1", "")
    for sentence in ("Visitors hum.", "The clerk may look up.", "The clerk waits for a second knock."):
        bare = bare.replace(f", assumption: {sentence}", "")
    assert summary(matrix(build(bare)).told) == "An answer in all 4 cells"
    without = build(bare.replace("    - {id: hear, trigger: ring}\n", ""))
    assert summary(matrix(without).told) == "Nothing answers in 1 of 4 cells"


@EXPLORERS
def test_what_only_an_assumption_or_informative_items_answer_is_unspecified_by_the_text_alone(
    desk: Model, engine: str
) -> None:
    effort = Effort(engine=engine)
    (whole,) = explored(desk, ["check.reception"], effort).verdicts
    assert whole.status == "PROVED"
    alone = run_by_text(desk, ["check.reception"], effort, full=True)
    (verdict,) = alone.verdicts
    assert (verdict.status, alone.restricted, alone.findings.complete) == ("VIOLATED", True, True)
    assert verdict.reason.endswith("and 1 more; 1 step, shortest; by the text alone")
    assert [(fault.subject, fault.refusals) for fault in alone.faults] == [
        (
            "d in there has no answer of the text to knock from v",
            (
                "wait takes it by an assumption: The clerk waits for a second knock.",
                "open: msg.n == 1 is false",
            ),
        ),
        ("d in there has no answer of the text to ring from v", ("hear takes it by informative items: X-1",)),
    ]
    assert [[step.transition for step in fault.trace.steps] for fault in alone.faults] == [["knocks"], ["rings"]]
    assert (verdict.normative, verdict.normative_note) == (None, None)  # the flow rests on the text already


@EXPLORERS
def test_with_an_answer_of_the_text_to_everything_it_is_proved(path: Path, engine: str) -> None:
    from mcfsm.language.files.reader import read
    from mcfsm.language.resolving.resolve import resolve

    path.write_text(
        DESK.replace("trigger: ring, clause: X-1", "trigger: ring, clause: 1-1").replace(
            "assumption: The clerk waits for a second knock.", "clause: 1-1"
        ),
        "utf-8",
    )
    (verdict,) = run_by_text(resolve(read(path), "s"), ["check.reception"], Effort(engine=engine)).verdicts
    assert (verdict.status, verdict.reason) == ("PROVED", "exhaustive; by the text alone")


def test_a_flow_that_rests_on_an_assumption_says_so_and_that_there_is_none_without(path: Path) -> None:
    from mcfsm.language.files.reader import read
    from mcfsm.language.resolving.resolve import resolve

    text = DESK.replace(
        "    ignore: {hum: [there]}\n", "    - {id: listen, trigger: hum, assumption: Clerks listen.}\n"
    )
    text = text.replace("clause: X-1", "clause: 1-1").replace("The clerk waits for a second knock.", "Waits.")
    path.write_text(text.replace("    - {id: knocks,", "    - {id: knocks, under: {}, conditions: 'false',"), "utf-8")
    alone = run_by_text(resolve(read(path), "s"), ["check.reception"])
    (fault,) = alone.faults
    assert tuple(map(str, fault.relies_on)) == ("hums (assumption: Visitors hum.)",)
    assert alone.verdicts[0].normative_note == "no flow without assumptions and informative items"


def test_beside_other_checks_receptions_are_asked_of_the_whole_model(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(path), "--normative", "--json", "-"]) == 1
    (scenario,) = json.loads(capsys.readouterr().out)["scenarios"]
    assert [(p["id"], p["status"], p["restricted"]) for p in scenario["properties"]] == [
        ("check.deadlock", "VIOLATED", True),  # the message that only an assumption takes lies there
        ("check.reception", "VIOLATED", True),
        ("check.overflow", "PROVED", True),
    ]
    assert scenario["avoided"] == ["hums", "also", "hear", "wait"]
    subjects = [finding["subject"] for finding in scenario["findings"] if finding["check"] == "check.reception"]
    assert subjects[0] == "d in there has no answer of the text to knock from v"


def test_the_command_says_what_a_silence_is_and_that_it_is_no_verdict_on_the_model(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(path), "--normative", "--property", "check.reception"]) == 1
    lines = capsys.readouterr().out.splitlines()
    said = "receptions by the text alone: what only an assumption or informative items answer counts as no answer"
    assert " ".join(
        lines[lines.index(next(line for line in lines if line.startswith("receptions by"))) :][:2]
    ).startswith(said)
    assert "    hear takes it by informative items: X-1" in lines
    assert lines[-1] == "Receptions by the text alone: this says nothing of the whole model."


@pytest.mark.parametrize(("item", "status"), [("{modality: can, text: It may ring.}", "PROVED"), ("", "VIOLATED")])
def test_what_an_informative_part_says_that_one_can_do_is_no_answer(path: Path, item: str, status: str) -> None:
    from mcfsm.language.files.reader import read
    from mcfsm.language.resolving.resolve import resolve

    item = item or "{modality: can, informative: true, text: It may ring.}"
    (path.parent / "clauses.yaml").write_text(
        ITEMS.replace("{modality: informative, text: It may ring.}", item), "utf-8"
    )
    path.write_text(DESK.replace("assumption: The clerk waits for a second knock.", "clause: 1-1"), "utf-8")
    (verdict,) = run_by_text(resolve(read(path), "s"), ["check.reception"]).verdicts
    assert verdict.status == status


def test_all_that_a_change_to_an_informative_annex_adds_is_informative(path: Path) -> None:
    from mcfsm.language.files.reader import read
    from mcfsm.language.resolving.resolve import resolve

    change = """
change: annex
title: an annex
informative: true
edits:
- {clause: X-2, add: {items: {X-2: {modality: can, text: The clerk can hum too.}}, cites: {wait: X-2}}}
"""
    (path.parent / "annex.yaml").write_text(change, "utf-8")
    text = DESK.replace("model: a desk\n", "model: a desk\nchanges: [annex.yaml]\nwith: [annex]\n")
    path.write_text(text.replace("assumption: The clerk waits for a second knock.", "clause: 1-1"), "utf-8")
    model = resolve(read(path), "s")
    (wait,) = [line for role in model.roles for line in role.transitions if line.id == "wait"]
    assert (model.clause_of["X-2"].modality, wait.clauses, wait.modality) == ("informative", ("1-1", "X-2"), "shall")
