"""Matrices of receptions as text, stable in a file, and as JSON.

What the text says nothing about comes first, as a sentence; then the cells, and below them the lines that they rest on.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.model.labels import with_article
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
from mcfsm.report.style import AnswerLine, at_the_margin, beside, differing, flow, scenario_title, wrapped
from mcfsm.verdicts.finding import FaultFound, in_words
from mcfsm.verdicts.run import RECEPTION

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
_MOST_HEAD = 20  # columns of the name of a state above its cells


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
    named = at_the_margin(matrix.labels.label("role", matrix.role) or f"role {matrix.role}")
    yield wrapped(f"{named}   receptions in {'; '.join(_scenarios(matrix))}", width, 2, "bold")
    if matrix.stopped is not None:
        yield Text(f"  not complete: stopped by {matrix.stopped}; ? has not been seen, and may occur")
    if not matrix.messages:
        yield Text("  receives nothing")
    else:
        moving = {cell.region for cell in matrix.told} or {region for region, _ in matrix.regions}
        still = [region for region, _ in matrix.regions if region not in moving]
        regions = [(region, states) for region, states in matrix.regions if region in moving]
        tables = [table for region, states in regions for table in _tables(matrix, region, states, width)]
        for number, table in enumerate(tables):
            yield Padding(table, (min(number, 1), 0, 0, _INDENT))
        yield from _still(matrix, still, width)
        if any(cell.answers for cell in matrix.told):
            yield from _behind(matrix, width)
    for number, (witness, cells) in enumerate(matrix.witnesses()):
        yield Text("")
        yield from _witness(matrix, witness, cells, width, charted=number < _MOST_FLOWS)
    if len(matrix.witnesses()) > _MOST_FLOWS:
        yield Text(f"  {_MOST_FLOWS} flows are shown; --json has them all")
    yield Text("")


def _scenarios(matrix: ReceptionMatrix) -> Iterator[str]:
    """Each scenario by its label, with what tells it from the same under other readings."""
    for scenario in dict.fromkeys(model.scenario for model in matrix.models):
        models = [model for model in matrix.models if model.scenario == scenario]
        said = list(filter(None, differing(models)))
        title = scenario_title(models[0]).removeprefix("scenario ")
        yield f"{title} ({' or '.join(said)})" if said else title


def _tables(matrix: ReceptionMatrix, region: str, states: Sequence[str], width: int) -> Iterator[Table]:
    """The cells of a region, with as many states at a time as fit beside the names of the messages."""
    words, arriving = matrix.labels, _arriving(matrix)
    first = words.region(matrix.role, region)
    rows = [words.message(message) for message in arriving]
    heads = [textwrap.wrap(words.state(matrix.role, state), _MOST_HEAD, break_long_words=False) for state in states]
    cells = [[matrix.cells[region, state, message] for message in arriving] for state in states]
    widths = [_GAP + 1 + max(map(len, [*head, *map(_word, column)])) for head, column in zip(heads, cells, strict=True)]
    for part in beside(widths, width - _INDENT - max(map(len, [first, *rows]))):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP, 0, 0), show_edge=False)
        table.add_column(first, no_wrap=True)
        for at in part:
            table.add_column("\n".join(heads[at]), no_wrap=True)
        for row, name in enumerate(rows):
            met = (cells[at][row] for at in part)
            table.add_row(name, *(Text(_word(cell), style=_COLOURS.get(cell.answer, "")) for cell in met))
        yield table


def _arriving(matrix: ReceptionMatrix) -> list[str]:
    """The messages that some state meets; all where that is none, or where a search did not see everything."""
    met = {cell.message for cell in matrix.cells.values() if cell.answer != UNREACHABLE}
    return [message for message in matrix.messages if message in met or not met]


def _still(matrix: ReceptionMatrix, regions: list[str], width: int) -> Iterator[Text]:
    """The regions that tell no cells apart, as messages are looked at in one state of each at most."""
    words, said = matrix.labels, []
    for region in regions:
        state = next((cell.state for cell in matrix.cells.values() if cell.region == region and cell.occurs), None)
        where = "never" if state is None else f"only in {words.state(matrix.role, state)}"
        named = words.label("region", matrix.role, region)
        said.append(f"{named} ({where})" if named else f"{region} {where}")
    absent = [words.message(message) for message in matrix.messages if message not in _arriving(matrix)]
    if said or absent:
        yield Text("")
    if absent:
        yield wrapped(f"  Never arrive: {', '.join(absent)}.", width, 4)
    if said:
        yield wrapped(f"  Messages are looked at in one state alone of: {', '.join(said)}.", width, 4)


def _behind(matrix: ReceptionMatrix, width: int) -> Iterator[Text]:
    """Each message with the lines that take it: in which states, where not in all, and what each rests on."""
    told, words = matrix.told, matrix.labels
    yield Text("")
    for message in matrix.messages:
        mine = [cell for cell in told if cell.message == message]
        answers = dict.fromkeys(answer for cell in mine for answer in cell.answers)
        labels = [words.label("transition", answer.transition) for answer in answers]
        count = Counter(labels)
        said = f"{words.message(message)}: {with_article(words.role(matrix.role))}"
        if answers:
            yield AnswerLine(f"  {said}" if all(labels) else f"  {words.message(message)} is taken by")
        for answer, label in zip(answers, labels, strict=True):
            rests = ", ".join(answer.clauses) or "no item of a text"
            if answer.assumption is not None:
                rests = f"assumption: {answer.assumption}" + (f" ({rests})" if answer.clauses else "")
            elif answer.ground == "informative":
                rests += " (informative)"
            line = label if label and count[label] == 1 else f"{label} ({answer.transition})" if label else None
            yield wrapped(f"    {line or answer.transition}{_where(matrix, answer, mine)}: {rests}", width, 6)


def _where(matrix: ReceptionMatrix, answer: Handling, cells: list[ReceptionCell]) -> str:
    """In which states a line takes a message, of the regions of which it is not all."""
    said = []
    for region in dict.fromkeys(cell.region for cell in cells):
        mine = [cell for cell in cells if cell.region == region]
        states = [matrix.labels.state(matrix.role, cell.state) for cell in mine if answer in cell.answers]
        labelled = any(matrix.labels.label("state", matrix.role, cell.state) for cell in mine)
        where = f"({' or '.join(states)})" if labelled else f"in {' or '.join(states)}"
        said += [where] if len(states) < len(mine) else []
    return f" {', '.join(said)}" if said else ""


def _word(cell: ReceptionCell) -> str:
    """What becomes of the message; where a line takes it, by what this line rests on."""
    grounds = "/".join(_GROUNDS[ground] for ground in cell.grounds)
    return _SHORT.get(cell.answer, cell.answer.replace("handled", grounds) if grounds else cell.answer)


def _witness(
    matrix: ReceptionMatrix, witness: ReceptionWitness, cells: list[ReceptionCell], width: int, *, charted: bool
) -> Iterator[RenderableType]:
    model, words = witness.model, witness.model.labels
    where = ", ".join(f"{words.state(matrix.role, cell.state)} ({cell.answer})" for cell in cells)
    yield wrapped(f"  {words.message(cells[0].message)} in {where}", width, 4, "bold")
    said = in_words(model, FaultFound(RECEPTION, witness.subject, witness.trace), frozenset())
    values, refusals = list(witness.local), said.refusals
    if words.label("instance", witness.instance) is None:
        yield AnswerLine(f"    {witness.instance} has no answer to {witness.message} from {witness.sender}")
    else:
        yield wrapped(f"    {said.subject}", width, 6)
        values = values[len(model.role_of[witness.instance].regions) :]  # the states have just been said
    yield Padding(Text(", ".join(f"{name} = {value}" for name, value in values)), (0, 0, 0, 6))
    for refusal in refusals or (f"no line of its role names {words.message(cells[0].message)} there",):
        yield Padding(Text(refusal), (0, 0, 0, 6))
    steps = len(witness.trace)
    count = f"{steps} step{'' if steps == 1 else 's'}, shortest" if steps else "in the initial state"
    yield AnswerLine(f"    {scenario_title(model)}, {count}")
    if steps and charted:
        yield flow(witness.trace, model, width, 4)


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
