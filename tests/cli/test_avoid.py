"""`mcfsm check --avoid` and `--normative`: verdicts on a model without some transitions, which say so everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import write

from mcfsm.commands.cli import run

# Bob answers by the text, or (an assumption) by himself hangs up; a second way to be glad rests on informative text.
CALL = """
model: call
clauses: clauses.yaml
messages: {ring: {}, answer: {}}
roles:
  caller:
    states: [idle, waiting, glad]
    initial: idle
    final: [idle, glad]
    transitions:
    - {id: ring, trigger: dial, kind: user, source: idle, dest: waiting, send: [{ring: {to: bob}}], clause: "1-1"}
    - {id: hear, trigger: answer, source: waiting, dest: glad, clause: "1-2"}
    - {id: dream, trigger: dream, kind: protocol, source: waiting, dest: glad, clause: "1-3"}
    ignore: {answer: [glad]}
  called:
    states: [here, away]
    initial: here
    final: [here, away]
    transitions:
    - {id: pick_up, trigger: ring, source: here, send: [{answer: {to: sender}}], clause: "1-2"}
    - {id: walk_off, trigger: leave, kind: environment, source: here, dest: away, assumption: Bob may leave.}
    ignore: {ring: [away]}
properties:
  glad: {text: Ann can be glad., clause: "1-2", reachable: ann.state == glad}
  stays: {text: Bob stays., assumption: He is at home., never: bob.state == away}
scenarios:
  s:
    instances: {ann: caller, bob: called}
    channels: {default: {kind: fifo, bound: 1}}
    expect: {stays: violated}
  alone:
    like: s
    properties: [glad]
"""

CLAUSES = """
1-1: {modality: shall, text: Ann rings.}
1-2: {modality: shall, text: Bob answers.}
1-3: {modality: informative, text: Ann dreams that he did.}
"""


@pytest.fixture
def call(tmp_path: Path) -> str:
    (tmp_path / "clauses.yaml").write_text(CLAUSES, encoding="utf-8")
    return str(write(CALL, tmp_path))


def verdicts(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Exit status, the first scenario's JSON, and the status of each property in it."""
    status = run(["check", *arguments, "--json", "-"])
    (scenario, *_) = json.loads(capsys.readouterr().out)["scenarios"]
    return status, scenario, {found["id"]: found["status"] for found in scenario["properties"]}


@pytest.mark.parametrize("engine", ["exhaustive", "reference"])
def test_what_is_avoided_is_never_taken(capsys: pytest.CaptureFixture[str], call: str, engine: str) -> None:
    status, scenario, plain = verdicts(capsys, call, "--scenario", "s", "--engine", engine)
    assert (status, scenario["avoided"], scenario["normative"]) == (0, [], False)
    assert plain == {
        "glad": "PROVED",
        "stays": "VIOLATED",
        "check.deadlock": "PROVED",
        "check.reception": "PROVED",
        "check.overflow": "PROVED",
    }
    status, scenario, without = verdicts(
        capsys, call, "--scenario", "s", "--engine", engine, "--avoid", "hear, dream,hear"
    )
    assert (status, scenario["avoided"], scenario["normative"]) == (1, ["hear", "dream"], False)
    assert without == {**plain, "glad": "VIOLATED", "check.deadlock": "VIOLATED"}
    assert all(found["restricted"] for found in scenario["properties"])
    assert scenario["properties"][0]["reason"] == "exhaustive: no such state; without hear, dream"


def test_a_deadlock_that_only_what_is_left_out_makes_is_replayed_without_it(
    capsys: pytest.CaptureFixture[str], call: str
) -> None:
    _, scenario, _ = verdicts(capsys, call, "--scenario", "s", "--avoid", "hear,dream,walk_off")
    (finding,) = scenario["findings"]
    assert (finding["check"], [step["transition"] for step in finding["trace"]]) == (
        "check.deadlock",
        ["ring", "pick_up"],
    )


def test_normative_leaves_out_assumptions_and_informative_items(capsys: pytest.CaptureFixture[str], call: str) -> None:
    status, scenario, found = verdicts(capsys, call, "--scenario", "s", "--normative")
    assert (scenario["avoided"], scenario["normative"]) == (["dream", "walk_off"], True)
    assert (status, found["glad"], found["stays"]) == (1, "PROVED", "PROVED")
    assert [item["reason"] for item in scenario["properties"][:2]] == [
        "3 steps, shortest; without assumptions and informative items",
        "exhaustive; without assumptions and informative items",
    ]
    _, both, _ = verdicts(capsys, call, "--scenario", "s", "--normative", "--avoid", "ring")
    assert (both["avoided"], both["normative"]) == (["ring", "dream", "walk_off"], False)
    assert both["properties"][1]["reason"] == "exhaustive; without ring, dream, walk_off"


def test_the_flow_on_normative_items_alone_avoids_it_too(capsys: pytest.CaptureFixture[str], call: str) -> None:
    arguments = ("--scenario", "s", "--property", "glad")
    _, scenario, _ = verdicts(capsys, call, *arguments, "--avoid", "pick_up")
    (glad,) = scenario["properties"]
    assert [step["transition"] for step in glad["trace"]] == ["ring", "dream"]
    assert glad["normative_trace"] is None
    assert glad["normative_note"] == "no flow without assumptions and informative items"
    _, scenario, _ = verdicts(capsys, call, *arguments)
    assert [step["transition"] for step in scenario["properties"][0]["normative_trace"]] == ["ring", "pick_up", "hear"]


def test_no_line_of_the_report_reads_like_a_plain_verdict(capsys: pytest.CaptureFixture[str], call: str) -> None:
    assert run(["check", call, "--avoid", "walk_off"]) == 1
    printed = capsys.readouterr().out
    assert "left out, so that no verdict is one on the whole model: transitions (walk_off)" in printed
    assert printed.rstrip().endswith("Transitions were left out: this says nothing of the whole model.")
    rows = [line for line in printed.splitlines() if "PROVED" in line or "VIOLATED" in line]
    assert rows
    assert all("(restricted)" in row or "PROVED*" in row for row in rows)
    assert "PROVED (restricted) (not VIOLATED)   stays" in printed
    assert "was never fired" not in " ".join(printed.split())  # of the transitions left out least of all


def test_without_the_options_nothing_is_said(capsys: pytest.CaptureFixture[str], call: str) -> None:
    run(["check", call])
    printed = capsys.readouterr().out
    assert "restricted" not in printed
    assert "left out" not in printed


def test_an_unknown_transition_is_an_error_with_the_closest(capsys: pytest.CaptureFixture[str], call: str) -> None:
    assert run(["check", call, "--avoid", "hear,walk_of,dreem"]) == 4
    assert capsys.readouterr().err.splitlines()[:2] == [
        "error M315: unknown transition dreem",
        "  hint: did you mean dream?",
    ]


def test_names_are_separated_by_commas(capsys: pytest.CaptureFixture[str], call: str) -> None:
    assert run(["check", call, "--avoid", "hear,,dream"]) == 4
    assert "'hear,,dream' is not of the form NAME,NAME" in capsys.readouterr().err


def test_a_transition_that_no_run_has_is_mentioned(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "clauses.yaml").write_text(CLAUSES, encoding="utf-8")
    readings = "readings: {sleep: {text: Whether she sleeps., default: no, values: {no: , yes: }}}\n"
    text = CALL.replace("messages:", readings + "messages:", 1).replace(
        "{id: dream,", "{id: dream, under: {sleep: yes},"
    )
    path = str(write(text, tmp_path))
    assert run(["check", path, "--scenario", "alone", "--property", "glad", "--avoid", "dream"]) == 0
    printed = capsys.readouterr().out
    assert "warning: transition dream is in no scenario run here: leaving it out changed nothing" in printed
    assert "restricted" not in printed


def test_liveness_without_some_transitions(capsys: pytest.CaptureFixture[str]) -> None:
    ring = str(Path(__file__).parents[2] / "models" / "textbook" / "token_ring.yaml")
    arguments = ["check", ring, "--scenario", "ring", "--set", "nodes=2", "--property", "goes_round", "--json", "-"]
    assert run(arguments) == 0
    assert run([*arguments, "--avoid", "station.hand_on.1"]) == 1
    first, second = capsys.readouterr().out.split("\n}\n")[:2]
    ((proved,), (broken,)) = (json.loads(text + "}")["scenarios"][0]["properties"] for text in (first, second))
    assert (proved["status"], broken["status"]) == ("PROVED", "VIOLATED")
    assert broken["reason"].endswith("; weak fairness; without station.hand_on.1")
    assert broken["loop_start"] == len(broken["trace"])
    assert run([*arguments[:-2], "--grow", "nodes", "--max-seconds", "30", "--avoid", "station.hand_on.1"]) == 1
    assert "every verdict is decided by a flow" in capsys.readouterr().out
    assert run(["why", *arguments[1:], "--engine", "reference"]) == 0
    grounds = {
        ground["name"]: ground["falls"] for ground in json.loads(capsys.readouterr().out)["scenarios"][0]["grounds"]
    }
    assert grounds == {
        "station.ask.1": False,
        "enter": True,
        "station.leave.1": True,
        "station.hand_on.1": True,
        "station.token.1": True,
    }
