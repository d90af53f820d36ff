"""Matrices of receptions as text, stable in a file, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.pictures.chart import render_text
from mcfsm.questions.receptions import (
    NOT_SEEN,
    PARTLY,
    UNREACHABLE,
    UNSPECIFIED,
    ReceptionCell,
    ReceptionMatrix,
    ReceptionWitness,
)
from mcfsm.report.check_json import as_steps

FORMAT = 1
_SHORT = {UNREACHABLE: "-", NOT_SEEN: "?"}
_COLOURS = {UNSPECIFIED: "red", PARTLY: "yellow", UNREACHABLE: "dim", NOT_SEEN: "dim"}
_INDENT = 2
_MOST_FLOWS = 5  # of one role that are shown
_GAP = 2  # columns between two columns, beside the one that their line takes


def as_text(matrices: Iterable[ReceptionMatrix], *, width: int) -> RenderableType:
    """Every matrix, messages down and states across, region by region; then each local state without an answer."""
    listed = list(matrices)
    complete = any(matrix.stopped is None for matrix in listed)
    legend = [Text("- never occurs: no such message ever meets such a state in these scenarios")] if complete else []
    return Group(*(part for matrix in listed for part in _matrix(matrix, width)), *legend)


def as_json(matrices: Iterable[ReceptionMatrix]) -> dict[str, Any]:
    """Every matrix as plain data. Keys may be added, none changes its meaning or goes away."""
    return {"format": FORMAT, "roles": [_data(matrix) for matrix in matrices]}


def _matrix(matrix: ReceptionMatrix, width: int) -> Iterator[RenderableType]:
    yield Text.assemble((f"role {matrix.role}", "bold"), f"   receptions in {'; '.join(matrix.scenarios)}")
    if matrix.stopped is not None:
        yield Text(f"  not complete: stopped by {matrix.stopped}; ? has not been seen, and may occur")
    if not matrix.messages:
        yield Text("  receives nothing")
    else:
        parts = [(region, part) for region, states in matrix.regions for part in _parts(matrix, region, states, width)]
        for number, (region, part) in enumerate(parts):
            yield Padding(_table(matrix, region, part), (min(number, 1), 0, 0, _INDENT))
    for number, (witness, cells) in enumerate(matrix.witnesses()):
        yield Text("")
        yield from _witness(witness, cells, width, charted=number < _MOST_FLOWS)
    if len(matrix.witnesses()) > _MOST_FLOWS:
        yield Text(f"  {_MOST_FLOWS} flows are shown; --json has them all")
    yield Text("")


def _parts(matrix: ReceptionMatrix, region: str, states: tuple[str, ...], width: int) -> Iterator[list[str]]:
    """The states, as many at a time as fit beside the names of the messages."""
    room = width - _INDENT - max(len(region), *map(len, matrix.messages))
    part: list[str] = []
    used = 0
    for state in states:
        need = _GAP + 1 + max(len(state), *(len(_word(matrix.cells[region, state, m])) for m in matrix.messages))
        if part and used + need > room:
            yield part
            part, used = [], 0
        part.append(state)
        used += need
    yield part


def _table(matrix: ReceptionMatrix, region: str, states: list[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP, 0, 0), show_edge=False)
    table.add_column(region, no_wrap=True)
    for state in states:
        table.add_column(state, no_wrap=True)
    for message in matrix.messages:
        cells = [matrix.cells[region, state, message] for state in states]
        table.add_row(message, *(Text(_word(cell), style=_COLOURS.get(cell.answer, "")) for cell in cells))
    return table


def _word(cell: ReceptionCell) -> str:
    return _SHORT.get(cell.answer, cell.answer)


def _witness(
    witness: ReceptionWitness, cells: list[ReceptionCell], width: int, *, charted: bool
) -> Iterator[RenderableType]:
    where = ", ".join(f"{cell.state} ({cell.answer})" for cell in cells)
    yield Text(f"  {cells[0].message} in {where}", style="bold")
    yield Text(f"    {witness.instance} has no answer to {witness.message} from {witness.sender}")
    yield Padding(Text(", ".join(f"{name} = {value}" for name, value in witness.local)), (0, 0, 0, 6))
    for refusal in witness.refusals or (f"no line of its role names {cells[0].message} there",):
        yield Padding(Text(refusal), (0, 0, 0, 6))
    steps = len(witness.trace)
    count = f"{steps} step{'' if steps == 1 else 's'}, shortest" if steps else "in the initial state"
    yield Text(f"    scenario {witness.model.scenario}, {count}")
    if steps and charted:
        chart = render_text(witness.trace, witness.model, width=width - 4)
        yield Padding(Text(chart, no_wrap=True, overflow="ignore"), (0, 0, 0, 4))


def _data(matrix: ReceptionMatrix) -> dict[str, Any]:
    return {
        "role": matrix.role,
        "scenarios": list(matrix.scenarios),
        "complete": matrix.stopped is None,
        "stopped": matrix.stopped,
        "regions": {region: list(states) for region, states in matrix.regions},
        "messages": list(matrix.messages),
        "cells": [
            {
                "region": cell.region,
                "state": cell.state,
                "message": cell.message,
                "answer": cell.answer,
                "witness": None if cell.witness is None else _witness_data(cell.witness),
            }
            for cell in matrix.cells.values()
        ],
    }


def _witness_data(witness: ReceptionWitness) -> dict[str, Any]:
    return {
        "scenario": witness.model.scenario,
        "instance": witness.instance,
        "local": dict(witness.local),
        "message": witness.message,
        "sender": witness.sender,
        "refusals": list(witness.refusals),
        "trace": as_steps(witness.trace),
    }
