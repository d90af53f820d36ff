"""`mcfsm why`: each ground of a verdict taken away in turn, and whether the verdict falls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import write

from mcfsm.commands.cli import run
from mcfsm.language.selection import Selection
from mcfsm.questions.why import why
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.run import run as explore

# Glad by the answer or by a dream; what is plain needs no clause; polite or not, as the reading has it.
CALL = """
model: call
clauses: clauses.yaml
readings:
  style: {text: Whether Bob answers., default: polite, values: {polite: 1-2, rude: 1-4}}
options:
  legs: {text: Whether Bob can leave., default: long, values: {long: , none_at_all: }}
messages: {ring: {}, answer: {}}
roles:
  caller:
    states: [idle, waiting, glad, gladder]
    initial: idle
    final: [idle, glad, gladder]
    transitions:
    - {id: ring, trigger: dial, kind: user, source: idle, dest: waiting, send: [{ring: {to: bob}}], clause: [1-1, 1-2]}
    - {id: hear, trigger: answer, source: waiting, dest: glad, clause: "1-2"}
    - {id: dream, trigger: dream, kind: protocol, source: waiting, dest: glad, clause: "1-3"}
    - {id: grin, trigger: grin, kind: protocol, source: glad, dest: gladder, assumption: Ann shows it.}
    ignore: {answer: [glad, gladder]}
  called:
    states: [here, away]
    initial: here
    final: [here, away]
    transitions:
    - {id: pick_up, trigger: ring, source: here, under: {style: polite}, send: [{answer: {to: sender}}], clause: "1-2"}
    - {id: walk_off, trigger: leave, kind: environment, source: here, dest: away, under: {legs: long}, assumption: Bob may leave.}
    ignore: {ring: [here, away]}
properties:
  glad: {text: Ann can be glad., clause: "1-2", reachable: ann.state == glad}
  gladder: {text: Ann can be gladder., clause: "1-2", reachable: ann.state == gladder}
  stays: {text: Bob stays., clause: "1-2", never: bob.state == away}
  waits: {text: Who waits for an answer is there., clause: "1-2", when: in_flight(answer), always: ann.state != idle}
scenarios:
  s:
    instances: {ann: caller, bob: called}
    channels: {default: {kind: fifo, bound: 1}}
    expect: {stays: violated}
  alone: {like: s, properties: [glad]}
"""  # noqa: E501

CLAUSES = """
1-1: {modality: shall, text: Ann rings.}
1-2: {modality: shall, text: Bob answers.}
1-3: {modality: informative, text: Ann dreams that he did.}
1-4: {modality: may, text: Bob does not.}
"""
MIGRATION = Path(__file__).parents[2] / "models" / "mc_migration"


@pytest.fixture
def call(tmp_path: Path) -> str:
    (tmp_path / "clauses.yaml").write_text(CLAUSES, encoding="utf-8")
    return str(write(CALL, tmp_path))


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit status, and the one scenario of the JSON."""
    status = run(["why", *arguments, "--json", "-"])
    found = json.loads(capsys.readouterr().out)
    assert found["exit_status"] == status
    (scenario,) = found["scenarios"]
    return status, scenario


def rows(scenario: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    return [(g["kind"], g["other"] or g["name"], g["status"], g["falls"]) for g in scenario["grounds"]]


@pytest.mark.parametrize("engine", ["exhaustive", "reference"])
def test_the_grounds_of_a_witness(capsys: pytest.CaptureFixture[str], call: str, engine: str) -> None:
    status, found = asked(capsys, call, "--property", "gladder", "--engine", engine)
    assert (status, found["status"], len(found["trace"])) == (0, "PROVED", 3)
    assert rows(found) == [
        ("clause", "1-1", "VIOLATED", True),
        ("clause", "1-2", "VIOLATED", True),  # ring cites it too
        ("clause", "1-3", "PROVED", False),  # hear makes her glad as well
        ("assumption", "grin", "VIOLATED", True),
        ("reading", "rude", "PROVED", False),
        ("option", "none_at_all", "PROVED", False),
    ]
    clause = found["grounds"][1]
    assert (clause["transitions"], clause["modality"], clause["text"]) == (
        ["ring", "hear", "pick_up"],
        "shall",
        "Bob answers.",
    )
    assert [found["grounds"][4][key] for key in ("name", "value", "other")] == ["style", "polite", "rude"]


@pytest.mark.parametrize(("asked_of", "has_words"), [("gladder", True), ("can_commit", False)])
def test_a_column_in_which_nothing_stands_is_left_out(
    capsys: pytest.CaptureFixture[str], call: str, asked_of: str, has_words: bool
) -> None:
    model = call if has_words else str(MIGRATION.parent / "textbook" / "two_phase_commit.yaml")
    scenario = "s" if has_words else "three"
    assert run(["why", model, "--property", asked_of, "--scenario", scenario, "--engine", "reference"]) == 0
    printed = capsys.readouterr().out
    assert "taken away, or changed" in printed
    assert ("what it says, and what is left out" in printed) is has_words


def test_the_grounds_of_a_violation(capsys: pytest.CaptureFixture[str], call: str) -> None:
    _, found = asked(capsys, call, "--property", "stays", "--scenario", "s")
    assert found["status"] == "VIOLATED"
    assert rows(found) == [
        ("assumption", "walk_off", "PROVED", True),
        ("reading", "rude", "VIOLATED", False),
        ("option", "none_at_all", "PROVED", True),
    ]
    assert found["relies_on"][0] == "walk_off (assumption: Bob may leave.)"


def test_the_grounds_of_what_holds_always(capsys: pytest.CaptureFixture[str], call: str) -> None:
    _, found = asked(capsys, call, "--property", "waits")
    assert (found["status"], found["trace"]) == ("PROVED", None)
    assert rows(found) == [
        ("clause", "1-1", "VACUOUS", True),
        ("clause", "1-2", "VACUOUS", True),
        ("clause", "1-3", "PROVED", False),
        ("assumption", "grin", "PROVED", False),
        ("assumption", "walk_off", "PROVED", False),
        ("reading", "rude", "VACUOUS", True),
        ("option", "none_at_all", "PROVED", False),
    ]


def test_what_is_proved_shows_how_near_it_comes_to_being_broken(capsys: pytest.CaptureFixture[str], call: str) -> None:
    _, found = asked(capsys, call, "--property", "waits")
    assert (found["bite"]["kind"], [step["transition"] for step in found["bite"]["trace"]]) == (
        "variable",
        ["ring", "pick_up"],
    )
    assert run(["why", call, "--property", "waits"]) == 0
    lines = capsys.readouterr().out.splitlines()
    said = lines.index("How near it comes to being broken")
    assert lines[said + 1] == "  waits  after 2 steps it would be broken if ann.state were idle, not waiting"
    assert [line.split()[0] for line in lines[said + 3 : -1]] == ["1", "2"]
    assert lines[-1].endswith("in flight at the end")
    _, found = asked(capsys, call, "--property", "stays", "--scenario", "s")
    assert (found["status"], found["bite"]) == ("VIOLATED", None)
    assert asked(capsys, call, "--property", "gladder")[1]["bite"] is None  # a witness shows its flow already


def test_the_grounds_of_a_check(capsys: pytest.CaptureFixture[str], call: str) -> None:
    _, found = asked(capsys, call, "--property", "check.deadlock", "--scenario", "s")
    assert [row for row in rows(found) if row[3]] == [("clause", "1-3", "VIOLATED", True)]
    falling = next(ground for ground in found["grounds"] if ground["falls"])
    assert [step["transition"] for step in falling["trace"]] == ["ring", "walk_off", "ignore"]


def test_what_nothing_is_cited_for_is_a_ground_too(capsys: pytest.CaptureFixture[str]) -> None:
    model = str(Path(__file__).parents[2] / "models" / "textbook" / "two_phase_commit.yaml")
    _, found = asked(capsys, model, "--property", "can_commit", "--scenario", "three")
    assert rows(found) == [
        ("transition", "resource_manager.prepare.1", "VIOLATED", True),
        ("transition", "resource_manager.commit.1", "VIOLATED", True),
        ("transition", "transaction_manager.prepared.1", "VIOLATED", True),
        ("transition", "transaction_manager.decide.1", "VIOLATED", True),
    ]
    _, found = asked(capsys, model, "--property", "can_abort", "--scenario", "three")
    assert rows(found) == [("transition", "resource_manager.refuse.1", "PROVED", False)]  # the other one can give up


def test_the_grounds_of_a_promise_under_another_fairness(capsys: pytest.CaptureFixture[str]) -> None:
    model = str(MIGRATION.parent / "textbook" / "alternating_bit.yaml")
    asking = (model, "--property", "acknowledged", "--scenario", "few_copies")
    _, found = asked(capsys, *asking)
    assert (found["status"], found["reason"]) == ("PROVED", "exhaustive; strong fairness")
    assert rows(found) == [
        ("transition", "transmitter.transmit.1", "VACUOUS", True),
        ("transition", "transmitter.patience.1", "VIOLATED", True),
        ("transition", "transmitter.ack.1", "VIOLATED", True),
        ("transition", "transmitter.ack.2", "VIOLATED", True),
        ("transition", "deliver", "VIOLATED", True),
        ("transition", "discard", "VIOLATED", True),
        ("option", "unchecked", "PROVED", False),
        ("option", "unchecked", "PROVED", False),
    ]
    _, found = asked(capsys, *asking, "--fairness", "weak")
    assert (found["status"], found["reason"]) == ("VIOLATED", "1 step, then 4 again and again; weak fairness")
    assert rows(found) == [
        ("transition", "transmitter.transmit.1", "VACUOUS", True),
        ("transition", "transmitter.patience.1", "VIOLATED", False),
        ("option", "unchecked", "VIOLATED", False),
        ("option", "unchecked", "VIOLATED", False),
    ]


def test_a_value_that_makes_no_model_of_the_scenario_is_left_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model = """
model: a third party in one of two scenarios
options: {asked: {text: Whether somebody is asked first., default: nobody, values: {nobody: , somebody: }}}
messages: {may_i: {}}
roles:
  caller:
    states: [before, after]
    initial: before
    transitions:
    - {id: go, trigger: go, kind: protocol, source: before, dest: after, under: {asked: nobody}}
    - {id: ask, trigger: ask, kind: protocol, source: before, under: {asked: somebody}, send: [{may_i: {to: oracle}}]}
  knower: {states: [there], initial: there, transitions: [{trigger: may_i}]}
properties: {goes: {text: It goes., reachable: c.state == after}}
scenarios:
  alone: {instances: {c: caller}, channels: {default: {kind: fifo, bound: 1}}}
  together: {like: alone, instances: {c: caller, oracle: knower}}
"""
    path = str(write(model, tmp_path))
    _, found = asked(capsys, path, "--property", "goes", "--scenario", "alone")
    assert rows(found) == [("transition", "go", "VIOLATED", True)]
    assert found["no_model"] == [{"name": "asked", "value": "somebody"}]
    assert run(["why", path, "--property", "goes", "--scenario", "alone"]) == 0
    assert "  Not tried, as it makes no model of this scenario: asked=somebody." in capsys.readouterr().out.splitlines()
    _, found = asked(capsys, path, "--property", "goes", "--scenario", "together")
    assert rows(found) == [("transition", "go", "VIOLATED", True), ("option", "somebody", "VIOLATED", True)]


FIXED = """
model: an option that decides, and a number
parameters: {most: 2}
options: {mode: {text: Which way., default: bad, values: {bad: , good: }}}
readings: {taste: {text: What it likes., default: sweet, values: {sweet: , sour: }}}
roles:
  m:
    states: [a, b, c]
    initial: a
    final: [b, c]
    transitions:
    - {trigger: go, kind: protocol, source: a, dest: b, under: {mode: bad}}
    - {trigger: stay, kind: protocol, source: a, dest: c, under: {mode: good}}
    - {trigger: lick, kind: protocol, source: c, conditions: most > 1, under: {taste: sour}}
properties: {never_b: {text: It never comes to b., never: x.state == b}}
scenarios: {fixed: {instances: {x: m}, options: {mode: bad}, readings: {taste: sweet}}}
"""


def test_what_the_scenario_fixes_is_tried_too_and_what_is_not_tried_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = str(write(FIXED, tmp_path))
    _, found = asked(capsys, path, "--property", "never_b")
    assert rows(found) == [
        ("transition", "m.go.1", "PROVED", True),
        ("reading", "sour", "VIOLATED", False),
        ("option", "good", "PROVED", True),
    ]
    assert [ground["fixed"] for ground in found["grounds"]] == [False, True, True]
    assert run(["why", path, "--property", "never_b"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "with option mode=good PROVED falls Which way. (fixed by the scenario)" in lines
    assert lines[-1] == "Kept as they are: most=2, the budgets, channels and instances of the scenario."


def test_the_table_and_the_summary(capsys: pytest.CaptureFixture[str], call: str) -> None:
    assert run(["why", call, "--property", "gladder"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "PROVED  gladder  Ann can be gladder.  3 steps, shortest"
    assert [" ".join(line.split()) for line in lines[5:9]] == [
        "without clause 1-1 VIOLATED falls (shall) Ann rings. [ring]",
        "without clause 1-2 VIOLATED falls (shall) Bob answers. [ring, hear, pick_up]",
        "without assumption grin VIOLATED falls Ann shows it.",
        "without clause 1-3 PROVED stands (informative) Ann dreams that he did. [dream]",
    ]
    assert lines[-3:] == [
        "  PROVED falls without: 1-1, 1-2, assumption grin; it stands without 3 of 6.",
        "  Only transitions that the flow takes were left out: without any other the flow is still there.",
        "  Kept as they are: the budgets, channels and instances of the scenario.",
    ]
    run(["why", call, "--property", "waits"])
    assert "it cannot violate what holds always, only leave it VACUOUS." in capsys.readouterr().out


def test_every_scenario_and_reading_that_has_it(capsys: pytest.CaptureFixture[str], call: str) -> None:
    assert run(["why", call, "--property", "glad", "--reading", "style=all", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)["scenarios"]
    assert [(one["scenario"], one["readings"]["style"], one["status"]) for one in found] == [
        ("s", "polite", "PROVED"),
        ("s", "rude", "PROVED"),
        ("alone", "polite", "PROVED"),
        ("alone", "rude", "PROVED"),
    ]


def test_without_a_verdict_there_are_no_grounds(capsys: pytest.CaptureFixture[str], call: str) -> None:
    status, found = asked(capsys, call, "--property", "waits", "--max-states", "1")
    assert (status, found["status"], found["grounds"]) == (2, "INCOMPLETE", [])
    assert run(["why", call, "--property", "waits", "--max-depth", "1"]) == 2
    assert "Without a verdict there is nothing to ask about." in capsys.readouterr().out


def test_a_search_that_stops_tells_nothing_of_its_ground(capsys: pytest.CaptureFixture[str], call: str) -> None:
    status, found = asked(capsys, call, "--property", "stays", "--max-states", "3")
    assert (status, found["status"]) == (2, "VIOLATED")
    assert ("assumption", "walk_off", "INCOMPLETE", None) in rows(found)


def test_mistakes(capsys: pytest.CaptureFixture[str], call: str) -> None:
    assert run(["why", call]) == 4
    assert "whose verdict? Give --property one of" in capsys.readouterr().err
    assert run(["why", call, "--property", "glat"]) == 4
    assert "M313: unknown property glat\n  hint: did you mean glad?" in capsys.readouterr().err
    assert run(["why", call, "--property", "stays", "--scenario", "alone"]) == 4
    assert "none of these scenarios checks stays" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "notify"),
    [
        ("K1", "after"),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in (("K2", "after"), ("answered_at_home", "confirmed"))),
    ],
)
def test_what_a_flow_does_not_use_does_not_matter(name: str, notify: str) -> None:
    """The grounds of a verdict with a flow are pruned: tried against leaving out everything else, one by one."""
    (found,) = why(
        MIGRATION, name, Selection(scenarios=["one_partner"], readings={"notify": [notify]}), effort=Effort(workers=1)
    )
    model, verdict = found.run.model, found.verdict
    assert verdict.trace is not None

    def without(*avoid: str) -> str:
        found = explore(model, [name], Effort(workers=1), avoid=frozenset(avoid), normative_flows=False)
        return found.verdicts[0].status

    used = {step.transition for step in verdict.trace.steps}
    declared = [transition.id for role in model.roles for transition in role.transitions]
    assert used < set(declared)
    assert {without(transition) for transition in declared if transition not in used} == {verdict.status}
    for tried in found.tried:
        if tried.ground.transitions:
            assert without(*tried.ground.transitions) == tried.without.status
            assert tried.falls == (tried.without.status != verdict.status)


def test_an_overflow_rests_on_the_step_that_is_not_taken(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = """
    messages: {m: {}}
    roles:
      r:
        states: [x, y]
        initial: x
        final: [x, y]
        transitions:
        - {id: go, trigger: go, kind: user, source: x, dest: y}
        - {id: burst, trigger: burst, kind: user, source: y, send: [{m: {to: self}}, {m: {to: self}}]}
        - {id: take, trigger: m}
    scenarios:
      s: {instances: {a: r}, channels: {default: {bound: 1}}, expect: {check.overflow: violated}}
    """
    _, found = asked(capsys, str(write(text, tmp_path)), "--property", "check.overflow")
    assert [step["transition"] for step in found["trace"]] == ["go"]
    assert rows(found) == [
        ("transition", "go", "PROVED", True),
        ("transition", "burst", "PROVED", True),
        ("transition", "take", "VIOLATED", False),
    ]
    assert run(["why", str(tmp_path / "test.yaml"), "--property", "check.overflow"]) == 0
    assert "Only transitions that the flow takes" not in capsys.readouterr().out  # burst is none of them


@pytest.mark.long
def test_what_is_taken_away_is_called_by_its_label(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(Path(__file__).parents[2] / "models" / "gallery" / "lease_lock.yaml")
    asked = ["why", path, "--scenario", "fenced", "--property", "in_order"]
    assert run(asked) == 0
    by_label = capsys.readouterr().out
    assert 'without transition "Lock service grants the lock" ' in by_label
    assert "service.ask" not in by_label
    assert run([*asked, "--ids"]) == 0
    assert "without transition service.ask.1 " in capsys.readouterr().out
