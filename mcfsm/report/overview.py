"""The overview of verdicts as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.model import Status
from mcfsm.model.labels import Labels
from mcfsm.problems import counted
from mcfsm.questions.families.overview import Overview, OverviewRow
from mcfsm.questions.families.switches import Point, Switch
from mcfsm.report.style import COLOURS, bounds, heading, label, switch_words, together, wrapped

FORMAT = 1
_RANK: list[Status | None] = ["VIOLATED", "VACUOUS", "PROVED", "INCOMPLETE", None]
_INDENT, _GAP = 2, 2


def overview_as_text(found: Sequence[Overview], *, width: int, seconds: float) -> RenderableType:
    """A table for each scenario, and how much was explored for all of them, in how many seconds."""
    parts: list[RenderableType] = []
    for one in found:
        parts += [*_scenario(one, width), Text("")]
    return Group(*parts, *_summary(found, seconds))


def overview_as_json(found: Iterable[Overview]) -> dict[str, Any]:
    """The same as plain data. Keys may be added, none changes its meaning or goes away."""
    found = list(found)
    return {
        "format": FORMAT,
        "scenarios": [
            {
                "scenario": one.scenario,
                "variants": [[str(switch) for switch in point] for point in one.points],
                "states": list(one.states),
                "distinct": one.distinct,
                "left_out": [{"switches": [str(s) for s in left.point], "why": left.why} for left in one.left_out],
                "properties": [
                    {
                        "id": row.id,
                        "text": row.text,
                        "statuses": list(row.statuses.values()),
                        "alone": [{"switch": str(switch), "status": status} for switch, status in row.alone()],
                        "pairs": [
                            {"switches": [str(switch) for switch in pair], "status": status}
                            for pair, status in row.together()
                        ],
                        "undone": [{"switch": str(one), "by": str(other)} for one, other in row.undone()],
                    }
                    for row in one.rows
                ],
            }
            for one in found
        ],
        "timing": {"scenarios": [round(one.seconds, 3) for one in found]},
    }


def _scenario(one: Overview, width: int) -> Iterator[RenderableType]:
    yield heading(one.model, label(one.model), bounds(one.model))
    switches = dict.fromkeys(switch for point in one.points for switch in point)
    listed = together(switch_words(one.labels, switch) for switch in switches) or "none"
    yield _line(f"switches: {listed}", width, "dim")
    changing = [row for row in one.rows if not row.settled]
    if changing:
        yield Padding(_table(changing, one.labels, width - _INDENT), (1, 0, 1, _INDENT))
    for status, names in _settled(one.rows).items():
        yield _line(f"{status or 'not asked'} whatever is switched: {', '.join(names)}", width)
    for left in one.left_out:
        yield _line(f"left out: {_point(one.labels, left.point)}: {left.why}", width, "yellow")


def _line(text: str, width: int, style: str = "") -> RenderableType:
    return Padding(wrapped(text, width - _INDENT, 2, style), (0, 0, 0, _INDENT))


def _table(rows: Sequence[OverviewRow], words: Labels, width: int) -> Table:
    """Each property with what makes it something else, a line for each switch or pair: these are said in words."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP, 0, 0), show_edge=False)
    table.add_column("property", no_wrap=True)
    table.add_column("default", no_wrap=True)
    table.add_column("otherwise")
    names = max(len("property"), *(len(row.id) for row in rows))
    room = width - names - max(len("default"), *(len(row.default or "-") for row in rows)) - 2 * (_GAP + 1)
    for row in rows:
        undone: dict[Switch, list[Switch]] = {}
        for switch, other in row.undone():
            undone.setdefault(switch, []).append(other)
        said = [(_but(words, switch, undone.get(switch, [])), status) for switch, status in row.alone()]
        said += [(_point(words, pair), status) for pair, status in row.together()]
        table.add_row(row.id, _shown(row.default), Text("\n").join(_otherwise(said, room)))
    return table


def _but(words: Labels, switch: Switch, undone: Iterable[Switch]) -> str:
    """A switch, and those beside which it changes nothing."""
    others = together(switch_words(words, other) for other in undone)
    return switch_words(words, switch) + (f" (not beside {others})" if others else "")


def _point(words: Labels, point: Point) -> str:
    return " + ".join(switch_words(words, switch) for switch in point)


def _otherwise(said: Iterable[tuple[str, Status | None]], room: int) -> Iterator[Text]:
    """Each status, and beside it what leads there, a line each or more."""
    before: str | None = ""
    for switched, status in sorted(said, key=lambda one: _RANK.index(one[1])):
        left = len(status or "-") + 1
        shown = Text(" " * (left - 1)) if status == before else _shown(status)
        lines = wrapped(switched, room - left).split("\n")
        yield shown.append(" ").append_text(Text("\n" + " " * left).join(lines))
        before = status


def _shown(status: str | None) -> Text:
    return Text("-" if status is None else status, style="dim" if status is None else COLOURS[status])


def _settled(rows: Iterable[OverviewRow]) -> dict[str | None, list[str]]:
    """Status to the properties that have it under every variant."""
    found: dict[str | None, list[str]] = {}
    for row in rows:
        if row.settled:
            found.setdefault(row.default, []).append(row.id)
    return found


def _summary(found: Sequence[Overview], seconds: float) -> Iterator[Text]:
    verdicts = sum(len(row.statuses) for one in found for row in one.rows)
    incomplete = sum(one.incomplete for one in found)
    if incomplete:
        yield Text(f"{incomplete:,} of {counted(verdicts, 'verdict')} INCOMPLETE", style="yellow")
    runs, distinct = sum(len(one.states) for one in found), sum(one.distinct for one in found)
    scenarios, variants = counted(len(found), "scenario"), counted(runs, "variant")
    yield Text(
        f"{counted(verdicts, 'verdict')}: {scenarios}, {variants}, {distinct:,} of them distinct, {seconds:.1f} s"
    )
