"""models/mc_migration/README.md names the readings, options, scenarios and files that there are, and no others."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from mcfsm.language.files.document import ConstantPart
from mcfsm.language.files.reader import read

MODEL = Path(__file__).parents[2] / "models" / "mc_migration"
PAGE = (MODEL / "README.md").read_text(encoding="utf-8")
PENDING = ("S0", "S1", "S4")


def rows(heading: str) -> list[list[str]]:
    """The cells of a table, row by row."""
    lines = PAGE.split(f"| {heading} |", 1)[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def marked(cell: str) -> dict[str, tuple[bool, str | None]]:
    """Each name in a cell: whether it is bold, and the change behind it."""
    found = re.findall(r"(\*\*)?`(\w+)`(?:\*\*)?(?: \((\w+)\))?", cell)
    return {name: (bool(bold), change or None) for bold, name, change in found}


@cache
def constants(kind: str, *changes: str) -> dict[str, ConstantPart]:
    """The readings or options of the text with some changes; those by default where `usual` is named."""
    document = read(MODEL, None if changes == ("usual",) else changes)
    return {str(name): part for name, part in getattr(document, f"{kind}s").items()}


def test_readings_and_options_with_their_values_and_defaults() -> None:
    for kind in ("reading", "option"):
        shown = {}
        for cells in rows(kind):
            ((name, (_, change)),) = marked(cells[0]).items()
            shown[name] = (change, marked(cells[1]))
        everything = constants(kind, *PENDING)
        assert set(shown) == set(everything) != set()
        text = constants(kind)
        for name, (change, values) in shown.items():
            assert (name in text) == (change is None)
            assert set(values) == set(map(str, everything[name].values))
            usual = constants(kind, *(PENDING if change == "S0" else ("usual",)))[name]
            assert [value for value, (bold, _) in values.items() if bold] == [str(usual.default)]
            for value, (_, brought_by) in values.items():
                there = constants(kind, *([change] if change else []))[name].values
                assert (value in map(str, there)) == (brought_by is None), (name, value)
                assert brought_by is None or value in map(str, constants(kind, brought_by)[name].values)


def test_every_scenario_is_in_one_row() -> None:
    named = [name for cells in rows("what is looked at") for name in re.findall(r"`(\w+)`", cells[1])]
    assert sorted(named) == sorted(map(str, read(MODEL).scenarios))


def test_every_file_is_in_the_table() -> None:
    named = {name for cells in rows("file") for name in re.findall(r"`([\w.]+)/?`", cells[0])}
    assert named == {path.name for path in MODEL.iterdir()} - {"README.md"}
