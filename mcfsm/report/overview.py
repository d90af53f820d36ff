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
from mcfsm.problems import counted
from mcfsm.questions.families.overview import Overview, OverviewRow
from mcfsm.questions.families.switches import Point, Switch
from mcfsm.report.style import COLOURS, bounds, label

FORMAT = 1


def overview_as_text(found: Sequence[Overview], *, seconds: float) -> RenderableType:
    """A table for each scenario, and how much was explored for all of them, in how many seconds."""
    parts: list[RenderableType] = []
    for one in found:
        parts += [*_scenario(one), Text("")]
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


def _scenario(one: Overview) -> Iterator[RenderableType]:
    head = Text(f"scenario {one.scenario}", style="bold")
    head.append("   " + "; ".join(filter(None, [label(one.model), bounds(one.model)])))
    yield head
    switches = dict.fromkeys(str(switch) for point in one.points for switch in point)
    yield Padding(Text(f"switches: {', '.join(switches) or 'none'}", style="dim"), (0, 0, 0, 2))
    changing = [row for row in one.rows if not row.settled]
    if changing:
        yield Padding(_table(changing, any(len(point) == 2 for point in one.points)), (1, 0, 1, 2))
    for status, names in _settled(one.rows).items():
        line = Text("")
        line.append(_shown(status)).append(f" whatever is switched: {', '.join(names)}")
        yield Padding(line, (0, 0, 0, 2))
    for left in one.left_out:
        yield Padding(Text(f"left out: {_pair(left.point)}: {left.why}", style="yellow"), (0, 0, 0, 2))


def _table(rows: Iterable[OverviewRow], pairs: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, expand=True)
    table.add_column("property", no_wrap=True)
    table.add_column("default", no_wrap=True)
    table.add_column("alone", ratio=1)
    if pairs:
        table.add_column("and in pairs", ratio=1)
    for row in rows:
        undone: dict[Switch, list[str]] = {}
        for switch, other in row.undone():
            undone.setdefault(switch, []).append(str(other))
        alone = [(_but(switch, undone.get(switch, [])), status) for switch, status in row.alone()]
        together = [(_pair(pair), status) for pair, status in row.together()]
        cells = [_shown(row.default), _by_status(alone), *([_by_status(together)] if pairs else [])]
        table.add_row(row.id, *cells)
    return table


def _but(switch: Switch, undone: list[str]) -> str:
    return f"{switch} (not beside {', '.join(undone)})" if undone else str(switch)


def _pair(point: Point) -> str:
    return " + ".join(map(str, point))


def _by_status(said: Iterable[tuple[str, Status | None]]) -> Text:
    """What leads to each status, a line each."""
    by: dict[Status | None, list[str]] = {}
    for words, status in said:
        by.setdefault(status, []).append(words)
    lines = [Text("").append(_shown(status)).append(f" {'; '.join(words)}") for status, words in by.items()]
    return Text("\n").join(lines)


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
