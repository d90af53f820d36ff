"""Which correction would do? The smallest sets of candidate changes that restore a property and lose no other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mcfsm.family import Effort, FamilyExplorer, explore, family, one_by_one, subsets
from mcfsm.language.changes import select
from mcfsm.language.reader import read_baseline
from mcfsm.matrix import Changes, whole_choices
from mcfsm.model import Model, Status
from mcfsm.verdict import Run, Verdict

Place = tuple[str, tuple[tuple[str, str], ...]]  # a scenario, and the readings and options chosen


@dataclass(frozen=True)
class Correction:
    """A set of changes under which the property holds everywhere, and what else was proved and is so no more."""

    changes: Changes
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Repair:
    """What can be done about a property in some scenarios, taken together.

    `before`: its verdict in each of them as things are. `corrections` are the minimal sets of candidates that restore
    it and lose nothing; `costly` the minimal ones that restore it at the price of another property. `remaining`: a flow
    that breaks it as things are. `untold` counts sets of candidates that could not be told.
    """

    name: str
    context: Changes
    candidates: Changes
    before: tuple[tuple[Place, Status], ...]
    corrections: tuple[Correction, ...]
    costly: tuple[Correction, ...]
    remaining: tuple[Model, Verdict] | None
    untold: int

    @property
    def holds(self) -> bool:
        """Whether nothing has to be done."""
        return all(status == "PROVED" for _, status in self.before)


def repair(
    path: Path | str,
    name: str,
    *,
    candidates: Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    scenarios: Iterable[str] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str] | None = None,
    effort: Effort | None = None,
    explorer: FamilyExplorer = one_by_one,
) -> Repair:
    """The corrections of a property among sets of `candidates`: by default, of the changes that say that they are.

    `changes` are those that apply anyway (without it, the model's own). Raises ModelError for unknown names.
    """
    baseline = read_baseline(path)
    applied = select(baseline, changes)
    listed = baseline.listed(candidates=True) if candidates is None else candidates
    tried = tuple(change for change in select(baseline, listed) if change not in applied)
    sets = [(*applied, *more) for more in subsets(tried)]
    variants = family(path, sets=sets, readings=readings, settings=settings)
    found: dict[Place, dict[Changes, Run]] = {}
    for scenario in variants.scenarios(scenarios):
        runs = list(zip(variants.variants, explore(variants, scenario, effort=effort, explorer=explorer), strict=True))
        for chosen in whole_choices(variants.variants):
            found[scenario, chosen] = {v.changes: run for v, run in runs if set(v.chosen) <= set(chosen)}
    runs_of = {changes: [by_changes[changes] for by_changes in found.values()] for changes in _common(found)}
    before = runs_of[applied]
    statuses = [_status(run, name) for run in before]
    corrections: list[Correction] = []
    costly: list[Correction] = []
    untold = 0
    for changes, after in runs_of.items():
        added = tuple(change for change in changes if change not in applied)
        told = [_status(run, name) for run in after]
        untold += "INCOMPLETE" in told
        if not added or any(status != "PROVED" for status in told):
            continue
        lost = tuple(
            dict.fromkeys(lost for one, other in zip(before, after, strict=True) for lost in _lost(one, other))
        )
        group = costly if lost else corrections
        if not any(set(smaller.changes) <= set(added) for smaller in (*corrections, *group)):
            group.append(Correction(added, lost))
    remaining = next(
        (
            (run.model, verdict)
            for run in before
            for verdict in run.verdicts
            if verdict.id == name and verdict.status != "PROVED" and verdict.trace is not None
        ),
        None,
    )
    places = tuple((place, status) for place, status in zip(found, statuses, strict=True) if status is not None)
    return Repair(name, applied, tried, places, tuple(corrections), tuple(costly), remaining, untold)


def _common(found: Mapping[Place, Mapping[Changes, Run]]) -> list[Changes]:
    """The sets of changes that were explored in every place, smaller ones first."""
    first = next(iter(found.values()))
    return [changes for changes in first if all(changes in by_changes for by_changes in found.values())]


def _status(run: Run, name: str) -> Status | None:
    return next((verdict.status for verdict in run.verdicts if verdict.id == name), None)


def _lost(before: Run, after: Run) -> list[str]:
    """The properties that were proved and are not any more."""
    now = {verdict.id: verdict.status for verdict in after.verdicts}
    return [verdict.id for verdict in before.verdicts if verdict.status == "PROVED" and now.get(verdict.id) != "PROVED"]
