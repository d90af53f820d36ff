"""Corrections, and ladders of faults, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.model import Model
from mcfsm.problems import counted
from mcfsm.questions.families.family import changes_title
from mcfsm.questions.families.ladder import Ladder, Rung, Survival
from mcfsm.questions.families.repair import Place, Repair, Trial
from mcfsm.report.check_json import as_steps
from mcfsm.report.style import bounds, chosen_words, flow, heading, label, scenario_title
from mcfsm.report.whole_words import whole_words


def repair_as_text(found: Repair, *, width: int, flows: bool = False) -> RenderableType:
    """What restores the property, at which price, and where nothing does the flow that remains.

    With `flows`, also those that remain with each candidate that does not restore it by itself.
    """
    return Group(*_repair(found, width, flows))


def _repair(found: Repair, width: int, flows: bool) -> Iterator[RenderableType]:
    yield Text(f"{found.name}  with {changes_title(found.context)}", style="bold")
    for place, model, verdict in found.before.told:
        yield Padding(Text(f"{_place(place, model)}: {verdict.status}"), (0, 0, 0, 2))
    if found.holds:
        yield Padding(Text("nothing has to be repaired"), (0, 0, 0, 2))
        return
    for correction in found.corrections:
        yield Padding(Text(f"restored by {changes_title(correction.changes)}, and nothing is lost"), (0, 0, 0, 2))
    for correction in found.costly:
        lost = ", ".join(correction.lost)
        yield Padding(Text(f"restored by {changes_title(correction.changes)} at the price of {lost}"), (0, 0, 0, 2))
    if found.untold:
        yield Padding(Text(f"{counted(found.untold, 'set')} of candidates could not be told"), (0, 0, 0, 2))
    for changes, why in found.wrong:
        yield Padding(Text(f"left out: {changes_title(changes)} do not go together: {why}"), (0, 0, 0, 2))
    if not found.corrections and not found.costly:
        candidates = ", ".join(found.candidates) or "none"
        most = f"set of up to {found.most}" if len(found.candidates) > found.most else "set"
        yield Padding(Text(f"restored by no {most} of the candidates ({candidates})"), (0, 0, 0, 2))
    for trial in found.alone:
        places = "; ".join(
            f"{_place(place, model)}: {verdict.status}, {verdict.reason}" for place, model, verdict in trial.left
        )
        yield Padding(Text(f"not by {changes_title(trial.changes)} alone: {places}"), (0, 0, 0, 2))
    if not found.corrections:
        yield from _flow("the flow that remains", found.before, width)
    for trial in found.alone if flows else ():
        yield from _flow(f"the flow that remains with {changes_title(trial.changes)}", trial, width)


def _flow(title: str, trial: Trial, width: int) -> Iterator[RenderableType]:
    """The first flow that is left."""
    for place, model, verdict in trial.left:
        if verdict.trace is not None:
            yield Padding(Text(f"{title}, {_place(place, model)}, {verdict.reason}:"), (0, 0, 0, 2))
            yield flow(verdict.trace, model, width, 4)
            return


def _place(place: Place, model: Model) -> str:
    """A scenario, and in brackets what is chosen there."""
    chosen = chosen_words(model.labels, place[1])
    if ": " in chosen:
        return f"{scenario_title(model)} ({chosen})"
    return ", ".join(filter(None, [scenario_title(model), chosen]))


def repair_as_json(found: Repair) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "property": found.name,
        "with": list(found.context),
        "candidates": list(found.candidates),
        "most": found.most,
        "before": _told(found.before),
        "holds": found.holds,
        "corrections": [list(one.changes) for one in found.corrections],
        "costly": [{"changes": list(one.changes), "lost": list(one.lost)} for one in found.costly],
        "alone": [{"changes": list(trial.changes), "told": _told(trial)} for trial in found.alone],
        "untold": found.untold,
        "wrong": [{"changes": list(changes), "why": why} for changes, why in found.wrong],
    }


def _told(trial: Trial) -> list[dict[str, Any]]:
    return [
        {
            "scenario": place[0],
            "chosen": dict(place[1]),
            "status": verdict.status,
            "flow": None if verdict.trace is None else as_steps(verdict.trace),
        }
        for place, _, verdict in trial.told
    ]


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
    rows = [[survival.id, _broken(survival, one)] for survival in one.survivals]
    yield Padding(whole_words(["property", "broken by"], rows, width - 2, named=1), (1, 0, 1, 2))
    for survival in one.survivals if flows else ():
        for broken in survival.broken:
            if broken.verdict.trace is not None:
                yield Padding(Text(f"{survival.id}, {_faults(broken.faults)}", style="bold"), (0, 0, 0, 2))
                yield flow(broken.verdict.trace, broken.model, width, 4)


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
