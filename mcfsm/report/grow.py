"""Verdicts at growing sizes, as text and as JSON: a table of properties against sizes for each scenario and reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm import __version__
from mcfsm.questions.conjecture import Conjecture, conjecture
from mcfsm.questions.grow import Growth, SizeResult, SizeVerdict, shown, status_of
from mcfsm.report.check_json import FORMAT, as_steps
from mcfsm.report.style import beside, heading, label, marked, wrapped
from mcfsm.report.verdict_flow import flow_of

_BEFORE = "as before"  # where a flow of a smaller size has decided a property
_GAP = 3  # columns between columns
_MOST_NAMED = 4  # sizes that a conjecture lists


def growth_as_text(grown: list[Growth], *, width: int) -> RenderableType:
    """Each table, and the flow of every violation at the smallest size that has one."""
    parts: list[RenderableType] = []
    for growth in grown:
        parts += [*_growth(growth, width), Text("")]
        for size in growth.sizes:
            for cell in size.cells:
                if cell.at == size.values and cell.verdict.status == "VIOLATED" and cell.verdict.trace is not None:
                    parts += flow_of(size.run, cell.verdict, shown(size.values), width)
    return Group(*parts[:-1])


def _growth(growth: Growth, width: int) -> Iterator[RenderableType]:
    first = growth.sizes[0].run
    yield heading(first.model, label(first.model), first.without)
    names = max(len(cell.verdict.id) for cell in growth.sizes[0].cells)
    columns = [_column(size) for size in growth.sizes]
    for part in beside([_width(column) for column in columns], width - 2 - max(names, len("transitions"))):
        yield Padding(_table(growth.sizes[0].cells, [columns[place] for place in part]), (1, 0, 0, 2))
    yield Text("")
    yield Padding(Text(f"stopped: {growth.stopped}"), (0, 0, 0, 2))
    for cell in growth.sizes[-1].cells:
        yield Padding(_last_word(growth, cell), (0, 0, 0, 2))
    supposed = conjecture(growth)
    if supposed is not None:
        yield Text("")
        yield Padding(wrapped(in_words(supposed), width - 2, 4), (0, 0, 0, 2))


def in_words(supposed: Conjecture) -> str:
    """A conjecture as a sentence, with the numbers it rests on."""
    sizes = [shown(values) for values in supposed.sizes]
    few = "; ".join(sizes if len(sizes) <= _MOST_NAMED else [*sizes[:2], "...", sizes[-1]])
    return (
        f"conjecture, and no proof: {', '.join(supposed.properties)} hold at every larger size. They are proved at "
        f"{len(sizes)} sizes ({few}), and at all of these the instances have the same local states, "
        f"{supposed.local_states} at the last."
    )


def _table(cells: tuple[SizeVerdict, ...], columns: list[list[Text]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("property", no_wrap=True)
    for head, *_ in columns:
        table.add_column(head, no_wrap=True)
    titles = [*(cell.verdict.id for cell in cells), "states", "transitions", "depth", "seconds"]
    for place, row in enumerate(zip(titles, *(column[1:] for column in columns), strict=True), 1):
        table.add_row(*row, end_section=place == len(cells))
    return table


def _column(size: SizeResult) -> list[Text]:
    """What stands below each other of a size: its parameters, each verdict, and what the search counted."""
    found = size.run.findings
    head = Text("\n".join(f"{name}={value}" for name, value in size.values))
    counts = [f"{found.states:,}", f"{found.transitions:,}", f"{found.depth:,}", f"{found.seconds:.1f}"]
    return [head, *(_cell(cell, size) for cell in size.cells), *map(Text, counts)]


def _width(column: list[Text]) -> int:
    return max(len(line) for text in column for line in text.plain.split("\n")) + _GAP


def _cell(cell: SizeVerdict, size: SizeResult) -> Text:
    """The status; of what a flow of a smaller size has decided, that it is as before."""
    return marked(cell.verdict, size.run) if cell.at == size.values else Text(_BEFORE, style="dim")


def _last_word(growth: Growth, cell: SizeVerdict) -> Text:
    """What is known of a property: where a flow decides it, or up to where it was settled by a complete search."""
    verdict = cell.verdict
    text = Text(verdict.id, style="bold")
    text.append("  ")
    text.append_text(marked(verdict, growth.sizes[-1].run))
    if verdict.trace is not None:
        text.append(f" at {shown(cell.at)}, {verdict.reason}")
    elif verdict.status != "INCOMPLETE":
        text.append(f" up to {shown(cell.at)}")
    else:
        text.append(f" at {shown(cell.at)}")
        before = _settled(growth, verdict.id)
        if before is not None:
            text.append("; ")
            text.append_text(marked(before.verdict, growth.sizes[-1].run))
            text.append(f" up to {shown(before.at)}")
    return text


def _settled(growth: Growth, name: str) -> SizeVerdict | None:
    """The verdict at the largest size that was finished."""
    finished = [size for size in growth.sizes if size.finished]
    return next((cell for cell in finished[-1].cells if cell.verdict.id == name), None) if finished else None


def growth_as_json(grown: list[Growth]) -> dict[str, Any]:
    """The verdicts as plain data. Keys may be added, none changes its meaning or goes away."""
    return {
        "format": FORMAT,
        "version": __version__,
        "scenarios": [_as_json(growth) for growth in grown],
        "exit_status": status_of(grown),
        "timing": {"scenarios": [[round(size.run.findings.seconds, 3) for size in one.sizes] for one in grown]},
    }


def _as_json(growth: Growth) -> dict[str, Any]:
    run = growth.sizes[0].run
    model = run.model
    return {
        "model": model.name,
        "scenario": model.scenario,
        "readings": {constant.name: constant.value for constant in model.readings},
        "options": {constant.name: constant.value for constant in model.options},
        "avoided": list(run.avoided),
        "normative": run.normative,
        "stopped": growth.stopped,
        "conjecture": _supposed(conjecture(growth)),
        "sizes": [
            {
                "parameters": dict(size.values),
                "finished": size.finished,
                "states": size.run.findings.states,
                "transitions": size.run.findings.transitions,
                "depth": size.run.findings.depth,
                "properties": [_property(cell, size) for cell in size.cells],
            }
            for size in growth.sizes
        ],
    }


def _supposed(supposed: Conjecture | None) -> dict[str, Any] | None:
    if supposed is None:
        return None
    sizes = [dict(values) for values in supposed.sizes]
    return {"properties": list(supposed.properties), "sizes": sizes, "local_states": supposed.local_states}


def _property(cell: SizeVerdict, size: SizeResult) -> dict[str, Any]:
    verdict = cell.verdict
    here = cell.at == size.values
    return {
        "id": verdict.id,
        "status": verdict.status,
        "expected": verdict.expected,
        "reason": verdict.reason,
        "restricted": size.run.restricted,
        "at": dict(cell.at),
        "trace": as_steps(verdict.trace) if here and verdict.trace is not None else None,
    }
