"""`mcfsm check --bite`: a sentence for each PROVED, the flow of one alone, JSON, and what it does not go with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcfsm.commands.cli import run

ROOT = Path(__file__).parents[2]
RING = "models/textbook/token_ring.yaml"
ASKED = ["check", RING, "--scenario", "ring", "--workers", "1"]
SAID = """\
How near each PROVED comes to being broken
  mutual_exclusion  after 2 steps it would be broken if node(2).state were critical, not idle
  token_unique      at the start it would be broken if node(1).has_token were false, not true
  each_turn         after 1 step what sets it off holds, and its goal does not yet
  goes_round        after 1 step what sets it off holds, and its goal does not yet
"""


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_a_sentence_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--bite"]) == 0
    assert SAID in capsys.readouterr().out
    assert run(ASKED) == 0
    assert "How near" not in capsys.readouterr().out


def test_of_one_alone_the_flow(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--bite", "--property", "mutual_exclusion"]) == 0
    text = capsys.readouterr().out.partition("How near it comes to being broken\n")[2]
    assert text.startswith("  mutual_exclusion  after 2 steps ")
    assert "wants to enter its critical section (user)" in text
    assert "enters its critical section (protocol)" in text


def test_the_data_have_the_flow(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--bite", "--json", "-"]) == 0
    (scenario,) = json.loads(capsys.readouterr().out)["scenarios"]
    found = {one["id"]: one["bite"] for one in scenario["properties"]}
    assert {name: bite and bite["kind"] for name, bite in found.items()} == {
        "mutual_exclusion": "variable", "token_unique": "variable", "each_enters": None, "each_turn": "waiting",
        "goes_round": "waiting", "nobody_must": None, "check.deadlock": None, "check.reception": None,
        "check.overflow": None,
    }  # fmt: skip
    assert [step["transition"] for step in found["mutual_exclusion"]["trace"]] == ["station.ask.1", "enter"]


def test_nothing_is_said_of_what_is_incomplete(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [
        "check",
        "models/mc_migration",
        "--scenario",
        "one_partner",
        "--property",
        "K1",
        "--bite",
        "--workers",
        "1",
    ]
    assert run([*asked, "--max-states", "100"]) == 2
    assert "How near" not in capsys.readouterr().out


def test_it_does_not_go_with_a_grid(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--bite", "--grid"]) == 4
    assert "--bite does not go with --grid" in capsys.readouterr().err
