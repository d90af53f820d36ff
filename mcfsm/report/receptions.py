"""Matrices of receptions as text, stable in a file, and as JSON.

What the text says nothing about comes first, as a sentence; then the cells, and below them the lines that they rest on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.questions.receptions import (
    NOT_SEEN,
    PARTLY,
    UNREACHABLE,
    UNSPECIFIED,
    Handling,
    ReceptionCell,
    ReceptionMatrix,
    ReceptionWitness,
)
from mcfsm.report.check_json import as_steps
from mcfsm.report.style import flow, wrapped

FORMAT = 1
_GROUNDS = {"text": "text", "model": "handled", "informative": "informative", "assumed": "assumed"}
_LEGEND = {
    "text": "normative items of the text say what becomes of the message",
    "informative": "informative items alone do: an annex, a NOTE",
    "assumed": "an assumption alone does: the text says nothing",
    "handled": "a line of the model takes it, which names no items",
    "ignored": "the model ignores it: the text says nothing",
    "deferred": "the model lets it wait: the text says nothing",
    UNSPECIFIED: "nothing does: an unspecified reception",
    PARTLY: "nothing does for some values",
    "lost": "the receiver is down, and so it is lost",
    "waits": "the receiver is down, and it waits",
    "-": "never occurs: no such message ever meets such a state in these scenarios",
}
_SHORT = {UNREACHABLE: "-", NOT_SEEN: "?"}
_COLOURS = {UNSPECIFIED: "red", PARTLY: "yellow", UNREACHABLE: "dim", NOT_SEEN: "dim"}
_INDENT = 2
_MOST_FLOWS = 5  # of one role that are shown
_GAP = 2  # columns between two columns, beside the one that their line takes


def as_text(matrices: Iterable[ReceptionMatrix], *, width: int) -> RenderableType:
    """The sum in a sentence; every matrix, messages down and states across, region by region; then what is behind it.

    Below a matrix stand the lines that take each message, and each local state without an answer, with a flow.
    """
    listed = list(matrices)
    told = [cell for matrix in listed for cell in matrix.told]
    first = [wrapped(f"{summary(told)}.", width, 0, "bold"), Text("")] if told else []
    return Group(*first, *(part for matrix in listed for part in _matrix(matrix, width)), *_legend(listed, width))


def summary(cells: Sequence[ReceptionCell]) -> str:
    """In how many cells the text says nothing, and what takes the message there all the same."""
    nothing = sum(cell.answer == UNSPECIFIED for cell in cells)
    partly = sum(cell.answer == PARTLY for cell in cells)
    among = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
    if not any(set(cell.grounds) - {"model"} for cell in cells):
        more = f", and for some values only in {partly} more" if partly else ""
        return f"Nothing answers in {nothing} of {among}{more}" if nothing or partly else f"An answer in all {among}"
    silent = [cell for cell in cells if cell.silent]
    assumed = sum(cell.grounds == ("assumed",) and cell.answer == "handled" for cell in silent)
    depends = sum("assumed" in cell.grounds and "text" in cell.grounds for cell in cells)
    informative = sum(cell.grounds[:1] == ("informative",) for cell in cells)
    said = f"The text says nothing in {len(silent)} of {among}"
    details = [f"{assumed} {'is' if assumed == 1 else 'are'} handled by an assumption alone"] if assumed else []
    details += [f"in {nothing} nothing answers"] if nothing else []
    details += [f"in {depends} more it depends on values whether the text answers or an assumption"] if depends else []
    details += [f"in {partly} nothing answers for some values"] if partly else []
    details += (
        [f"{informative} {'rests' if informative == 1 else 'rest'} on informative text at best"] if informative else []
    )
    return "; ".join([said, *details])


def _legend(matrices: Sequence[ReceptionMatrix], width: int) -> Iterator[Text]:
    """The marks that the matrices have, each in words."""
    cells = [cell for matrix in matrices for cell in matrix.cells.values()]
    seen = {word for cell in cells for word in _word(cell).replace(" or ", "/").split("/")}
    known = [(mark, said) for mark, said in _LEGEND.items() if mark in seen and mark != "-"]
    if any(matrix.stopped is None for matrix in matrices):
        known.append(("-", _LEGEND["-"]))
    if any("/" in _word(cell) for cell in cells):
        known.append(("a/b", "the one for some values, the other for others"))
    for mark, said in known:
        yield wrapped(f"{mark}{'' if mark == '-' else ':'} {said}", width)


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
        moving = {cell.region for cell in matrix.told} or {region for region, _ in matrix.regions}
        still = [region for region, _ in matrix.regions if region not in moving]
        regions = [(region, states) for region, states in matrix.regions if region in moving]
        parts = [(region, part) for region, states in regions for part in _parts(matrix, region, states, width)]
        for number, (region, part) in enumerate(parts):
            yield Padding(_table(matrix, region, part), (min(number, 1), 0, 0, _INDENT))
        yield from _still(matrix, still, width)
        if any(cell.answers for cell in matrix.told):
            yield from _behind(matrix, width)
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
    for message in _arriving(matrix):
        cells = [matrix.cells[region, state, message] for state in states]
        table.add_row(message, *(Text(_word(cell), style=_COLOURS.get(cell.answer, "")) for cell in cells))
    return table


def _arriving(matrix: ReceptionMatrix) -> list[str]:
    """The messages that some state meets; all where that is none, or where a search did not see everything."""
    met = {cell.message for cell in matrix.cells.values() if cell.answer != UNREACHABLE}
    return [message for message in matrix.messages if message in met or not met]


def _still(matrix: ReceptionMatrix, regions: list[str], width: int) -> Iterator[Text]:
    """The regions that tell no cells apart, as messages are looked at in one state of each at most."""
    said = []
    for region in regions:
        state = next((cell.state for cell in matrix.cells.values() if cell.region == region and cell.occurs), None)
        said.append(f"{region} {'never' if state is None else f'only in {state}'}")
    absent = [message for message in matrix.messages if message not in _arriving(matrix)]
    if said or absent:
        yield Text("")
    if absent:
        yield wrapped(f"  Never arrive: {', '.join(absent)}.", width, 4)
    if said:
        yield wrapped(f"  Messages are looked at in one state alone of: {', '.join(said)}.", width, 4)


def _behind(matrix: ReceptionMatrix, width: int) -> Iterator[Text]:
    """Each message with the lines that take it: in which states, where not in all, and what each rests on."""
    told = matrix.told
    yield Text("")
    for message in matrix.messages:
        mine = [cell for cell in told if cell.message == message]
        answers = dict.fromkeys(answer for cell in mine for answer in cell.answers)
        if answers:
            yield Text(f"  {message} is taken by")
        for answer in answers:
            rests = ", ".join(answer.clauses) or "no item of a text"
            if answer.assumption is not None:
                rests = f"assumption: {answer.assumption}" + (f" ({rests})" if answer.clauses else "")
            elif answer.ground == "informative":
                rests += " (informative)"
            yield wrapped(f"    {answer.transition}{_where(answer, mine)}: {rests}", width, 6)


def _where(answer: Handling, cells: list[ReceptionCell]) -> str:
    """In which states a line takes a message, of the regions of which it is not all."""
    said = []
    for region in dict.fromkeys(cell.region for cell in cells):
        mine = [cell for cell in cells if cell.region == region]
        states = [cell.state for cell in mine if answer in cell.answers]
        said += [" or ".join(states)] if len(states) < len(mine) else []
    return f" in {', '.join(said)}" if said else ""


def _word(cell: ReceptionCell) -> str:
    """What becomes of the message; where a line takes it, by what this line rests on."""
    grounds = "/".join(_GROUNDS[ground] for ground in cell.grounds)
    return _SHORT.get(cell.answer, cell.answer.replace("handled", grounds) if grounds else cell.answer)


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
        yield flow(witness.trace, witness.model, width, 4)


def _data(matrix: ReceptionMatrix) -> dict[str, Any]:
    return {
        "role": matrix.role,
        "scenarios": list(matrix.scenarios),
        "complete": matrix.stopped is None,
        "stopped": matrix.stopped,
        "regions": {region: list(states) for region, states in matrix.regions},
        "messages": list(matrix.messages),
        "summary": summary(matrix.told),
        "cells": [
            {
                "region": cell.region,
                "state": cell.state,
                "message": cell.message,
                "answer": cell.answer,
                "grounds": list(cell.grounds),
                "answers": [asdict(answer) for answer in cell.answers],
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
