"""What came of mutants, by room; and which of them mean the same as what they were made from.

`same.yaml` has for each of these its module, function and change, and the reason. It says no lines, so that it holds
where they move, and no longer where the changed words do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import yaml

from mutation.operators import Change

SAME = Path(__file__).with_name("same.yaml")
HOW = ("killed", "out of time", "survived", "undecided", "same")
FIRST = 7  # of each room of which a page says what found them
HEADS = ("room", "mutants", *HOW, "score", "median s", "longest s")


class Tried(NamedTuple):
    """What came of a mutant."""

    change: Change
    line: int
    how: str  # killed, out of time, survived, undecided, or same
    test: str = ""  # the one that killed it
    seconds: float = 0.0  # of a processor until then
    covered: int = 0  # tests that run its lines
    tests: int = 0  # that were asked

    @property
    def room(self) -> str:
        return Path(self.change.module).parts[1].removesuffix(".py")


def same() -> dict[Change, str]:
    """The changes that mean the same, with the reason."""
    found = yaml.safe_load(SAME.read_text(encoding="utf-8")) or []
    return {
        Change(one["module"], one.get("function", ""), one["before"], one["after"], one.get("number", 1)): one["reason"]
        for one in found
    }


def table(tried: Iterable[Tried]) -> Iterator[str]:
    """A line for each room, and one for all: how many were killed, and after how many seconds of a processor."""
    rows = rows_of(tried)
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    for row in rows:
        cells = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def rows_of(tried: Iterable[Tried]) -> list[tuple[str, ...]]:
    """The heads of the table, and its rows."""
    every = list(tried)
    rooms = list(dict.fromkeys(one.room for one in every))
    rows = [HEADS, *(_row(room, [one for one in every if one.room == room]) for room in rooms)]
    return [*rows, _row("all", every)] if len(rooms) > 1 else rows


def page(tried: Iterable[Tried], seed: int, day: str) -> str:
    """The table in Markdown, with what survived and what of the sample means the same, and why."""
    every, reasons = list(tried), same()
    heads, *rows = rows_of(every)
    said = [f"| {' | '.join(row)} |" for row in (heads, ("---",) + ("--:",) * (len(heads) - 1), *rows)]
    first = [one for room in dict.fromkeys(one.room for one in every) for one in _killed(every, room)[:FIRST]]
    told = {
        "What found some of them": [f"* `{one.change}`: {one.seconds:.1f} s, `{one.test}`" for one in first],
        "What survived": [f"* `{one.change}`" for one in every if one.how == "survived"],
        "What means the same": [f"* `{one.change}`: {reasons[one.change]}" for one in every if one.how == "same"],
    }
    parts = [
        "# Random defects that the tests find",
        f"{len(every)} mutants, drawn with seed {seed} and tried on {day} (`make mutants`; tests/README.md says more)."
        " Seconds are of a processor, until a mutant was found.",
        "\n".join(said),
        *(f"## {head}\n\n" + "\n".join(sorted(lines)) for head, lines in told.items() if lines),
    ]
    return "\n\n".join(parts) + "\n"


def _killed(every: Iterable[Tried], room: str) -> list[Tried]:
    return [one for one in every if one.how == "killed" and one.room == room]


def _row(room: str, some: list[Tried]) -> tuple[str, ...]:
    count = {how: sum(one.how == how for one in some) for how in HOW}
    found = [one.seconds for one in some if one.how in ("killed", "out of time")]
    told = [f"{median(found):.1f}", f"{max(found):.1f}"] if found else ["", ""]
    return (room, str(len(some)), *(str(number) for number in count.values()), percent(some), *told)


def percent(some: Iterable[Tried]) -> str:
    """How many of those that mean something else were killed, or kept a search going for ever; never rounded up."""
    count = [one.how for one in some if one.how not in ("same", "undecided")]
    found = sum(how != "survived" for how in count)
    return f"{1000 * found // len(count) / 10:.1f} %" if count else ""


def line(one: Tried) -> str:
    """A mutant in a line, with where it is now."""
    where = f"{one.change.module}:{one.line} {one.change.function}"
    number = f" (number {one.change.number})" if one.change.number > 1 else ""
    tests = f"  [{one.covered} tests run it]" if one.how == "survived" else ""
    return f"{one.how:12}{where}: {one.change.before}  ->  {one.change.after}{number}{tests}"


def record(one: Tried) -> str:
    """A mutant as a line of JSON."""
    return json.dumps({**one._asdict(), "change": one.change._asdict()})


def recorded(path: Path) -> list[Tried]:
    """What a file of such lines has."""
    found = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    return [Tried(**{**one, "change": Change(**one["change"])}) for one in found]
