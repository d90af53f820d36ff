"""Reports on 40 and 80 columns: no line is longer, no word is broken and none is cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcfsm.commands.cli import run

ROOT = Path(__file__).parents[2]
COMMIT = "models/textbook/two_phase_commit.yaml"
LOCK = "models/gallery/lease_lock.yaml"
MIGRATION = "models/mc_migration"
PROVED = ("--property", "agreement", "--property", "check.deadlock", "--property", "check.reception")
READINGS = ("--reading", "notify=after", "--reading", "notify=confirmed", "--max-states", "50", "--engine", "reference")
GROWING = ("--grow", "managers", "--max-states", "9000", "--max-seconds", "60")
ASKED = {
    "a proof": ["check", COMMIT, "--scenario", "three", *PROVED],
    "a deadlock": ["check", LOCK, "--scenario", "no_lease", "--property", "in_order", "--property", "gets_it"],
    "two readings": ["check", MIGRATION, "--scenario", "one_partner", "--property", "R1", *READINGS],
    "growth": ["check", COMMIT, "--scenario", "three", *PROVED, *GROWING],
    "grounds": ["why", LOCK, "--scenario", "fenced", "--property", "in_order"],
    "items": ["clauses", MIGRATION],
    "rules": ["trace", "--rules"],
    "a code": ["explain", "M203"],
    "a code with a long title": ["explain", "M502"],
}
ALWAYS_LONG = {"    send: [{ping: {to: srv, number?: sent}}]", "    send: [{ping: {to: srv, number: sent}}]"}
TITLES = {"verdict", "property", "promise", "decided", "item", "modality", "says", "in", "the", "model"}
TITLES |= {"taken", "away,", "or", "changed", "what", "it", "says,", "and", "is", "left", "out"}


def printed(arguments: list[str], width: int, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> str:
    """What a command says on its standard output in so many columns."""
    patch.chdir(ROOT)
    patch.setenv("COLUMNS", str(width))
    run(arguments)
    return capsys.readouterr().out


def words_of(text: str) -> set[str]:
    """Its words, less what was counted in seconds and the lines of charts."""
    return {word.rstrip(":") for word in text.split() if any(map(str.isalpha, word))}


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("name", ASKED)
def test_no_line_is_longer_and_no_word_is_broken(
    name: str, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = printed(ASKED[name], width, capsys, monkeypatch)
    wide = printed(ASKED[name], 1000, capsys, monkeypatch)
    assert [line for line in narrow.splitlines() if len(line) > width and line not in ALWAYS_LONG] == []
    shown, whole = (
        words_of(text.split("\nVIOLATED")[0]) for text in (narrow, wide)
    )  # a flow has its own at each width
    long = {word for word in whole if len(word) > width - 6}
    assert {word for word in shown - whole if not any(word in other for other in long)} == set()
    assert whole - shown - long <= TITLES


def test_a_command_that_is_shown_can_be_taken_over(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(["demo", "F2"], 80, capsys, monkeypatch).splitlines()
    assert [line for line in lines if len(line) > 80] == []
    first = next(place for place, line in enumerate(lines) if line.startswith("$ mcfsm check"))
    last = next(place for place in range(first, len(lines)) if not lines[place].endswith(" \\"))
    command = " ".join(line.removesuffix("\\").strip() for line in lines[first : last + 1])
    assert command.split()[-6:] == ["--reading", "notify=after", "--property", "K2", "--engine", "reference"]
