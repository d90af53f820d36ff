"""`mcfsm check --reduce`: what is said of it, and what it does not go with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import write

from mcfsm.commands.cli import run
from mcfsm.questions.check import check

WALKERS = """
    roles:
      walker:
        states: [a, b, c]
        initial: a
        final: [c]
        transitions:
        - {trigger: one, kind: protocol, source: a, dest: b}
        - {trigger: two, kind: protocol, source: b, dest: c}
    properties:
      together: {text: They never wait for each other., never: x.state == b and y.state == b}
      arrives: {text: One arrives., "leads_to": [x.state == a, x.state == c]}
    scenarios:
      s: {instances: {x: walker, y: walker, z: walker}, expect: {together: violated}}
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(write(WALKERS, tmp_path))


def test_the_report_says_what_was_left_out(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["check", model, "--engine", "reference", "--property", "together", "--property", "check.deadlock"]
    assert run([*asked, "--reduce", "--no-cache", "--all"]) == 0
    said = capsys.readouterr().out
    assert "steps left out in" in said
    assert "4 steps; reduced by" in said  # two would do
    assert "exhaustive; reduced by" in said
    assert "shortest" not in said


def test_the_json_says_how_much(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for asked, reduced in ((["--property", "check.deadlock"], True), ([], False)):
        said = tmp_path / "said.json"
        assert run(["check", model, "--engine", "reference", "--reduce", *asked, "--json", str(said)]) == 0
        (one,) = json.loads(said.read_text())["scenarios"]
        assert (one["reduction"] is not None) is reduced  # where a property of runs is asked, all steps are taken
        assert (one["states"] < 27) is reduced
        assert ("all steps are taken" in capsys.readouterr().err) is not reduced


@pytest.mark.long
def test_verdicts_are_the_same_by_both_engines(model: str) -> None:
    whole = check(model, properties=["together", "check.deadlock"], engine="reference")
    for engine in ("reference", "exhaustive"):
        some = check(model, properties=["together", "check.deadlock"], engine=engine, reduce=True)
        assert [v.status for v in some.verdicts] == [v.status for v in whole.verdicts]
        assert some.runs[0].findings.states < whole.runs[0].findings.states


@pytest.mark.parametrize(
    "other",
    [["--bite"], ["--coverage"], ["--evidence", "e"], ["--checkpoint", "c"], ["--disk", "."], ["--grow", "n"]],
)
def test_what_it_does_not_go_with(
    model: str, other: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["check", model, "--reduce", *other]) == 4
    assert f"{other[0]} does not go with --reduce" in capsys.readouterr().err
