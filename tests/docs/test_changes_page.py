"""docs/changes.md says nothing that is not so: keys, kinds and commands are those there are, and answers as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mcfsm.commands.cli import group
from mcfsm.language.changes.parts import KINDS, LISTS
from mcfsm.language.files.change_file import AddedParts, ChangeFile, EditPart, RemovedParts, WholeParts
from mcfsm.language.files.shape import shaped
from mcfsm.language.files.yaml import load
from mcfsm.questions.compare.compare import FORBIDDEN

PAGE = (Path(__file__).parents[2] / "docs" / "changes.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of a table, row by row."""
    lines = PAGE.split(f"| {heading} |", 1)[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def names(heading: str) -> set[str]:
    return {name for row in rows(heading) for name in re.findall(r"`(\w+)`", row[0])}


def test_every_key_is_mentioned() -> None:
    assert names("Key of a change") == set(ChangeFile.keys)
    assert names("Key of an edit") == {field.alias or name for name, field in EditPart.keys.items()}


def test_every_kind_is_mentioned_with_what_can_be_done_to_it() -> None:
    assert names("Kind") == set(KINDS) == set(AddedParts.keys) == set(RemovedParts.keys)
    entries = {name for row in rows("Kind") if row[2] == "entries" for name in re.findall(r"`(\w+)`", row[0])}
    assert set(KINDS) - entries == set(WholeParts.keys)
    assert entries == LISTS - {"transitions", "lines"}


def test_the_example_is_a_change() -> None:
    text, _ = re.findall(r"```yaml change\n(.*?)```", PAGE, re.DOTALL)
    data, problems = load(text, "example.yaml")
    assert problems == ()
    change = shaped(ChangeFile, data)
    assert (change.change, len(change.edits)) == ("retry", 3)
    assert [[str(line.id) for line in lines] for lines in change.edits[1].add.transitions.values()] == [["ask_again"]]


def test_the_second_example_builds_on_the_first() -> None:
    _, text = re.findall(r"```yaml change\n(.*?)```", PAGE, re.DOTALL)
    data, problems = load(text, "example.yaml")
    assert problems == ()
    change = shaped(ChangeFile, data)
    assert [part.beside for part in change.edits] == [None, "retry"]


ANSWERS = Path(__file__).parents[1] / "snapshots" / "questions"
QUOTED = re.findall(r"```text of=(\w+)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("name", "quoted"), QUOTED, ids=[name for name, _ in QUOTED])
def test_what_is_quoted_is_printed(name: str, quoted: str) -> None:
    printed = iter((ANSWERS / f"{name}.txt").read_text(encoding="utf-8").splitlines())
    for line in quoted.splitlines():
        assert line == "..." or line in printed, line  # in this order


def test_every_question_has_its_place() -> None:
    asked = names("Command")
    assert asked == {"compare", "matrix", "overview", "conditions", "interwork", "repair", "propose", "ladder"}
    assert asked <= set(group.commands)
    assert set(re.findall(r"`(behaviour-\w+|verdict-\w+)`", PAGE)) == set(FORBIDDEN)
