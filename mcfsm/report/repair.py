"""Corrections, and ladders of faults, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.family import changes_title
from mcfsm.ladder import Ladder, Rung, Survival
from mcfsm.repair import Place, Repair
from mcfsm.report.chart import render_text
from mcfsm.report.json import as_steps
from mcfsm.report.text import bounds, heading, label


def repair_as_text(found: Repair, *, width: int) -> RenderableType:
    """What restores the property, at which price, and where nothing does the flow that remains."""
    return Group(*_repair(found, width))


def _repair(found: Repair, width: int) -> Iterator[RenderableType]:
    yield Text(f"{found.name}  with {changes_title(found.context)}", style="bold")
    for place, status in found.before:
        yield Padding(Text(f"{_place(place)}: {status}"), (0, 0, 0, 2))
    candidates = ", ".join(found.candidates) or "none"
    if found.holds:
        yield Padding(Text("nothing has to be repaired"), (0, 0, 0, 2))
        return
    for correction in found.corrections:
        yield Padding(Text(f"restored by {changes_title(correction.changes)}, and nothing is lost"), (0, 0, 0, 2))
    for correction in found.costly:
        lost = ", ".join(correction.lost)
        yield Padding(Text(f"restored by {changes_title(correction.changes)} at the price of {lost}"), (0, 0, 0, 2))
    if found.untold:
        yield Padding(Text(f"{found.untold} sets of candidates could not be told"), (0, 0, 0, 2))
    if found.corrections:
        return
    if not found.costly:
        yield Padding(Text(f"restored by no set of the candidates ({candidates})"), (0, 0, 0, 2))
    if found.remaining is not None and found.remaining[1].trace is not None:
        model, verdict = found.remaining
        yield Padding(Text(f"the flow that remains, {verdict.reason}:"), (0, 0, 0, 2))
        chart = render_text(found.remaining[1].trace, model, width=width - 4)
        yield Padding(Text(chart, no_wrap=True, overflow="ignore"), (0, 0, 0, 4))


def _place(place: Place) -> str:
    scenario, chosen = place
    return ", ".join([f"scenario {scenario}", *(f"{name}={value}" for name, value in chosen)])


def repair_as_json(found: Repair) -> dict[str, Any]:
    """The same as plain data."""
    trace = None if found.remaining is None else found.remaining[1].trace
    return {
        "property": found.name,
        "with": list(found.context),
        "candidates": list(found.candidates),
        "before": [{"scenario": p[0], "chosen": dict(p[1]), "status": status} for p, status in found.before],
        "holds": found.holds,
        "corrections": [list(one.changes) for one in found.corrections],
        "costly": [{"changes": list(one.changes), "lost": list(one.lost)} for one in found.costly],
        "remaining": None if trace is None else as_steps(trace),
        "untold": found.untold,
    }


def ladder_as_text(found: Iterable[Ladder], *, width: int, flows: bool = False) -> RenderableType:
    """Each property with the smallest sets of faults that break it; their flows where they are wanted."""
    parts: list[RenderableType] = []
    for one in found:
        parts += [*_ladder(one, width, flows), Text("")]
    return Group(*parts[:-1])


def ladder_as_json(found: Iterable[Ladder]) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "ladders": [
            {
                "scenario": one.model.scenario,
                "readings": {constant.name: constant.value for constant in one.model.readings},
                "most": one.most,
                "properties": [
                    {
                        "id": survival.id,
                        "holds": survival.holds,
                        "broken": [
                            {
                                "faults": list(broken.faults),
                                "trace": None if broken.verdict.trace is None else as_steps(broken.verdict.trace),
                            }
                            for broken in survival.broken
                        ],
                        "unclear": [{"faults": list(one.faults), "why": one.why} for one in survival.unclear],
                    }
                    for survival in one.survivals
                ],
            }
            for one in found
        ]
    }


def _ladder(one: Ladder, width: int, flows: bool) -> Iterator[RenderableType]:
    yield heading(one.model, *filter(None, [label(one.model)]), bounds(one.model), f"up to {_count(one.most, 'fault')}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("property", no_wrap=True)
    table.add_column("broken by")
    for survival in one.survivals:
        table.add_row(survival.id, _broken(survival, one))
    yield Padding(table, (1, 0, 1, 2))
    for survival in one.survivals if flows else ():
        for broken in survival.broken:
            if broken.verdict.trace is not None:
                yield Padding(Text(f"{survival.id}, {_faults(broken.faults)}", style="bold"), (0, 0, 0, 2))
                chart = render_text(broken.verdict.trace, broken.model, width=width - 4)
                yield Padding(Text(chart, no_wrap=True, overflow="ignore"), (0, 0, 0, 4))


def _broken(survival: Survival, one: Ladder) -> str:
    if not survival.holds:
        return "could not be told without faults" if survival.unclear else "does not hold without faults"
    said = [f"{_faults(broken.faults)} ({broken.verdict.reason})" for broken in survival.broken]
    said += [f"could not be told with {_faults(unclear.faults)}: {unclear.why}" for unclear in survival.unclear]
    return "\n".join(said) or f"no set of up to {_count(one.most, 'fault')}"


def _faults(rung: Rung) -> str:
    return " and ".join(_count(rung.count(kind), kind) for kind in dict.fromkeys(rung))


def _count(number: int, noun: str) -> str:
    plural = {"loss": "losses", "crash": "crashes"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"
