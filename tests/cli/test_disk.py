"""`mcfsm check --disk`: the same verdicts with the states in files, and what it does not go with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mcfsm.commands.cli import run
from mcfsm.explore.disk import store

TEXTBOOK = Path(__file__).parents[2] / "models" / "textbook"
COMMIT, RING = str(TEXTBOOK / "two_phase_commit.yaml"), str(TEXTBOOK / "token_ring.yaml")
BOUNDED = """
model: bounded
roles:
  counter:
    states: [on]
    initial: on
    variables: {n: 0..3 = 0}
    transitions:
      - {trigger: more, kind: user, source: on, dest: on, conditions: n < 3, set: {n: n + 1}}
scenarios:
  few: {instances: {a: counter}, within: a.n < 2}
properties:
  small: {text: It stays small., never: a.n == 3}
"""


def checked(*arguments: str, file: Path) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of a check, less its times."""
    status = run(["check", *arguments, "--no-cache", "--json", str(file)])
    said = json.loads(file.read_text())
    said.pop("timing", None)
    return status, said


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of 64 rows, so that files are written."""
    monkeypatch.setattr(store, "_MOST_ROWS", 64)


@pytest.mark.parametrize("everything", [[], ["--all"]])
@pytest.mark.long
def test_the_record_is_that_of_a_search_in_memory(tmp_path: Path, everything: list[str]) -> None:
    question, file, folder = [COMMIT, "--scenario", "three", *everything], tmp_path / "said.json", tmp_path / "states"
    folder.mkdir()
    in_memory = checked(*question, file=file)
    assert checked(*question, "--disk", str(folder), "--max-memory", "1G", file=file) == in_memory
    assert not list(folder.iterdir())


def test_properties_of_runs_are_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = checked(RING, "--scenario", "ring", "--disk", str(tmp_path), file=tmp_path / "said.json")
    told = {one["id"]: one["status"] for one in said["scenarios"][0]["properties"]}
    assert status == 2
    assert set(told.values()) == {"PROVED", "INCOMPLETE"}
    assert "keeps no graph for properties of runs" in " ".join(capsys.readouterr().out.split())


def test_a_scenario_with_a_boundary_is_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "m.yaml"
    model.write_text(BOUNDED, encoding="utf-8")
    status, said = checked(str(model), "--disk", str(tmp_path), file=tmp_path / "said.json")
    assert (status, {one["status"] for one in said["scenarios"][0]["properties"]}) == (2, {"INCOMPLETE"})
    assert "does not go with `within`" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["--disk", "{folder}/none"], "does not exist"),
        (["--disk", "{folder}", "--engine", "reference"], "does not go with --checkpoint, --resume or --engine"),
        (["--disk", "{folder}", "--checkpoint", "{folder}/saved"], "does not go with --checkpoint"),
    ],
)
def test_what_it_does_not_go_with(
    given: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", COMMIT, *(one.format(folder=tmp_path) for one in given)]) == 4
    assert why in " ".join(capsys.readouterr().err.split())


def test_a_lack_of_memory_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", COMMIT, "--scenario", "three", "--max-memory", "1M", "--no-cache"])
    assert "--disk DIR" in capsys.readouterr().out
