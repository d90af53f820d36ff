"""What is expected of a verdict, with the changes that are applied: expected, unexpected, or neither."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import write

from mcfsm.commands.cli import run
from mcfsm.problems import ModelError
from mcfsm.questions.check import check

MODEL = """\
model: a counter
changes: [up.yaml, down.yaml, also.yaml]
with: [up]
roles:
  counter:
    variables: {n: "-2..2 = 0"}
    states: [there]
    initial: there
    final: [there]
    transitions: [{id: stay, trigger: stay, kind: user}]
properties:
  low: {text: It is at most 0., never: c.n > 0}
  high: {text: It is at least 0., never: c.n < 0}
scenarios:
  one: {instances: {c: counter}%s}
"""
CHANGE = """\
change: %s
title: it goes on
edits:
- add: {transitions: {counter: [{id: %s, trigger: %s, kind: user, conditions: "n == 0", set: {n: n + %s}}]}}
"""


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    for name, step in (("up", "1"), ("down", "-1"), ("also", "2")):
        (tmp_path / f"{name}.yaml").write_text(CHANGE % (name, name, name, step))
    return tmp_path


def told(folder: Path, expect: str, *changes: str, default: bool = False) -> dict[str, tuple[str, str | None, bool]]:
    """Property to its status, the one expected, and whether it is as it should be."""
    path = write(MODEL % (f", expect: {expect}" if expect else ""), folder)
    (found,) = check(path, changes=None if default else changes, engine="reference").runs
    return {v.id: (v.status, v.expected, v.met) for v in found.verdicts if not v.id.startswith("check.")}


def test_what_is_not_named_is_expected_to_be_proved_with_the_default_changes_alone(counter: Path) -> None:
    default = {"low": ("VIOLATED", "PROVED", False), "high": ("PROVED", "PROVED", True)}
    assert told(counter, "", default=True) == told(counter, "", "up") == default
    assert told(counter, "", "down") == {"low": ("PROVED", None, True), "high": ("VIOLATED", None, False)}
    assert told(counter, "") == {"low": ("PROVED", None, True), "high": ("PROVED", None, True)}


def test_an_expectation_may_be_tied_to_changes(counter: Path) -> None:
    expect = "{low: {status: violated, with: up}, high: {status: violated, with: [down, up]}}"
    assert told(counter, expect, "up") == {"low": ("VIOLATED", "VIOLATED", True), "high": ("PROVED", "PROVED", True)}
    assert told(counter, expect, "up", "down") == {
        "low": ("VIOLATED", None, False),
        "high": ("VIOLATED", "VIOLATED", True),
    }
    assert told(counter, expect, "down") == {"low": ("PROVED", None, True), "high": ("VIOLATED", None, False)}


def test_one_without_changes_holds_with_any_and_the_last_that_fits_counts(counter: Path) -> None:
    expect = "{low: [{status: violated}, {status: proved, with: none}, {status: proved, with: down}]}"
    assert told(counter, expect, "up")["low"] == ("VIOLATED", "VIOLATED", True)
    assert told(counter, expect, "also")["low"] == ("VIOLATED", "VIOLATED", True)
    assert told(counter, expect)["low"] == ("PROVED", "PROVED", True)
    assert told(counter, expect, "down")["low"] == ("PROVED", "PROVED", True)
    assert told(counter, expect, "down", "also")["low"] == ("VIOLATED", "VIOLATED", True)


def test_a_change_that_there_is_not_is_named_with_the_nearest(counter: Path) -> None:
    with pytest.raises(ModelError) as error:
        told(counter, "{low: {status: violated, with: dwon}}", default=True)
    assert [(p.code, p.message, p.hint) for p in error.value.problems] == [
        ("M317", "unknown change dwon", "did you mean down?")
    ]


def test_the_report_says_what_nothing_is_expected_of(counter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, report = str(write(MODEL % "", counter)), counter / "report.json"
    ask = ["check", path, "--engine", "reference", "--json", str(report)]
    assert run([*ask, "--with", "down"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "VIOLATED (nothing expected with these changes)" in out
    assert "4 proved, 1 violated of which nothing is expected with these changes (high in one)." in out
    found = json.loads(report.read_text())
    summary = {"verdicts": 5, "as_expected": 0, "not_as_expected": 0, "nothing_expected": 5, "incomplete": 0}
    assert (found["summary"], found["exit_status"]) == (summary, 1)
    assert [p["expected"] for p in found["scenarios"][0]["properties"]] == [None] * 5
    assert run([*ask, "--with", "none"]) == 0
    assert run([*ask, "--with", "up"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "4 proved, 1 not as expected (low in one)." in out
    summary = {"verdicts": 5, "as_expected": 4, "not_as_expected": 1, "nothing_expected": 0, "incomplete": 0}
    assert json.loads(report.read_text())["summary"] == summary
    assert run([*ask, "--with", "down", "--grid"]) == 1
    assert "! VIOLATED, nothing expected with these changes: high" in capsys.readouterr().out
