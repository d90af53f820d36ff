"""Which correction would do? The smallest sets of candidate changes that restore a property and lose no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from mcfsm.language.changes.apply import select
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.selection import Selection
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError
from mcfsm.questions.families.family import Family, Variant, family, models_asked
from mcfsm.questions.families.in_error import told_apart
from mcfsm.questions.families.matrix import Changes, whole_choices
from mcfsm.questions.families.switches import reason
from mcfsm.verdicts.family_runs import FamilyExplorer, together
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run, Verdict

T = TypeVar("T")
Place = tuple[str, tuple[tuple[str, str], ...]]  # a scenario, and the readings and options chosen
Told = tuple[Place, Model, Verdict]


@dataclass(frozen=True)
class Trial:
    """The verdicts of a property in all places, with a set of candidates."""

    changes: Changes
    told: tuple[Told, ...]

    @property
    def restored(self) -> bool:
        """Whether it holds everywhere."""
        return all(verdict.status == "PROVED" for _, _, verdict in self.told)

    @property
    def left(self) -> list[Told]:
        """Where it does not hold."""
        return [told for told in self.told if told[2].status != "PROVED"]


@dataclass(frozen=True)
class Correction:
    """A set of changes under which the property holds everywhere, and what else was proved and is so no more."""

    changes: Changes
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Repair:
    """What can be done about a property in some scenarios, taken together.

    `before`: its verdicts as things are. `corrections` are the minimal sets of up to `most` candidates that restore it
    and lose nothing; `costly` the minimal ones that restore it at the price of another property. `alone`: those that do
    not restore it by themselves. `untold` counts sets of candidates that could not be told. `wrong` are sets of several
    that make no model, or one whose search comes to an error, with the reason: the candidates do not go together.
    """

    name: str
    context: Changes
    candidates: Changes
    most: int
    before: Trial
    corrections: tuple[Correction, ...]
    costly: tuple[Correction, ...]
    alone: tuple[Trial, ...]
    untold: int
    wrong: tuple[tuple[Changes, str], ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing has to be done."""
        return self.before.restored


def repair(
    path: Path | str,
    name: str,
    selection: Selection = Selection(),
    *,
    candidates: Iterable[str] | None = None,
    most: int = 2,
    effort: Effort = Effort(),
    explorer: FamilyExplorer = together,
) -> Repair:
    """The corrections of a property among sets of up to `most` candidates: by default, of the changes marked as such.

    The changes selected (without any, the model's own) apply anyway. Raises ModelError for unknown names, and for what
    is wrong with the model as things are, or with a single candidate.
    """
    baseline = read_baseline(path)
    applied = select(baseline, selection.changes)
    listed = baseline.listed(candidates=True) if candidates is None else candidates
    tried = tuple(change for change in select(baseline, listed) if change not in applied)
    fixed = {key: list(values) for key, values in selection.readings.items()}
    workshop = _Workshop(path, applied, fixed, selection.settings, effort, explorer)
    meant, places = workshop.places(name, selection.scenarios)
    (before,) = workshop.trials([()], name, places)
    corrections: list[Correction] = []
    costly: list[Correction] = []
    alone: tuple[Trial, ...] = ()
    untold = 0
    for size in range(1, 1 if before.restored else 1 + min(most, len(tried))):
        sets = [more for more in combinations(tried, size) if not _held(more, corrections)]
        trials = workshop.trials(sets, name, places, whole=size == 1)
        untold += sum(any(verdict.status == "INCOMPLETE" for _, _, verdict in trial.told) for trial in trials)
        restored = [trial.changes for trial in trials if trial.restored]
        for more, lost in workshop.losses(restored, meant).items():
            if lost is None:
                untold += 1
            elif not lost:
                corrections.append(Correction(more, ()))
            elif not _held(more, costly):
                costly.append(Correction(more, lost))
        if size == 1:
            alone = tuple(trial for trial in trials if not trial.restored)
    return Repair(
        name,
        applied,
        tried,
        most,
        before,
        tuple(corrections),
        tuple(costly),
        alone,
        untold,
        tuple(workshop.wrong.items()),
    )


def _held(more: Changes, corrections: Iterable[Correction]) -> bool:
    """Whether a correction is a part of a set."""
    return any(set(one.changes) <= set(more) for one in corrections)


@dataclass(frozen=True)
class _Workshop:
    """Explores a model with what applies anyway and sets of candidates; sets that touch one part are passed over."""

    path: Path | str
    applied: Changes
    readings: Mapping[str, list[str]]
    settings: Mapping[str, str]
    effort: Effort
    explorer: FamilyExplorer
    wrong: dict[Changes, str] = field(default_factory=dict)  # sets of several candidates that make no model, and why

    def family(self, sets: Iterable[Changes]) -> Family:
        """The variants with each of some sets, and as things are."""
        wanted = [self.applied, *((*self.applied, *more) for more in sets if more and more not in self.wrong)]
        return family(self.path, sets=wanted, readings=self.readings, settings=self.settings)

    def places(self, name: str, scenarios: Iterable[str] | None) -> tuple[list[str], list[str]]:
        """The scenarios meant, and those of them that ask for the property: all where none does, which will say so."""
        variants = self.family([])
        meant = variants.scenarios(scenarios)
        models = [(scenario, variants.model(variants.variants[0], scenario, symmetry=False)) for scenario in meant]
        asking = [
            place for place, model in models if name in {*CHECKS, *(property_.id for property_ in model.properties)}
        ]
        return meant, asking or meant

    def runs(
        self, sets: Iterable[Changes], scenario: str, properties: list[str] | None
    ) -> Iterator[tuple[Changes, Place, Run]]:
        """What is found out in one scenario: each set, as things are among them, in each place."""
        variants = self.family(sets)
        try:
            models, asked = models_asked(variants, scenario, properties, self.effort)
        except ModelError:
            variants = self._without_wrong(variants, scenario)
            models, asked = models_asked(variants, scenario, properties, self.effort)
        told = told_apart(self.explorer, models, asked, effort=self.effort)
        variants, found = self._noted(variants, told)
        for chosen in whole_choices(variants.variants):
            for variant, run in zip(variants.variants, found, strict=True):
                if set(variant.chosen) <= set(chosen):
                    yield self._more(variant), (scenario, chosen), run

    def _without_wrong(self, variants: Family, scenario: str) -> Family:
        """The variants without sets of several candidates that make no model of a scenario, which are noted."""
        made: list[Model | ModelError] = []
        for variant in variants.variants:
            try:
                made.append(variants.model(variant, scenario, symmetry=False))
            except ModelError as error:
                made.append(error)
        return self._noted(variants, made)[0]

    def _noted(self, variants: Family, told: Sequence[T | ModelError]) -> tuple[Family, list[T]]:
        """The variants that are not in error, with what is told of each; sets of several that are have no variant."""
        left: list[tuple[Variant, T]] = []
        for variant, one in zip(variants.variants, told, strict=True):
            if not isinstance(one, ModelError):
                left.append((variant, one))
                continue
            more = self._more(variant)
            if len(more) < 2:
                raise one
            self.wrong.setdefault(more, reason(one))
        left = [(variant, one) for variant, one in left if self._more(variant) not in self.wrong]
        return replace(variants, variants=tuple(variant for variant, _ in left)), [one for _, one in left]

    def _more(self, variant: Variant) -> Changes:
        return tuple(change for change in variant.changes if change not in self.applied)

    def trials(self, sets: Iterable[Changes], name: str, places: Iterable[str], *, whole: bool = True) -> list[Trial]:
        """The trials of some sets; not `whole`: those that fail in one scenario are not candidates of the next."""
        told: dict[Changes, list[Told]] = {more: [] for more in sets}
        candidates = list(told)
        for scenario in places:
            for more, place, run in self.runs(candidates, scenario, [name]):
                verdict = next((verdict for verdict in run.verdicts if verdict.id == name), None)
                if more in told and verdict is not None:
                    told[more].append((place, run.model, verdict))
            if not whole:
                candidates = [
                    more for more in candidates if all(verdict.status == "PROVED" for _, _, verdict in told[more])
                ]
        return [Trial(more, tuple(found)) for more, found in told.items() if found and more not in self.wrong]

    def losses(self, sets: Iterable[Changes], scenarios: Iterable[str]) -> dict[Changes, tuple[str, ...] | None]:
        """For each set, the properties that are proved as things are and not with it; None where some are not told."""
        lost: dict[Changes, dict[str, None]] = {more: {} for more in sets}
        untold: set[Changes] = set()
        for scenario in scenarios if lost else ():
            proved: dict[Place, list[str]] = {}
            for more, place, run in self.runs(lost, scenario, None):
                now = {verdict.id: verdict.status for verdict in run.verdicts}
                if not more:
                    proved[place] = [name for name, status in now.items() if status == "PROVED"]
                    untold |= set(lost) if "INCOMPLETE" in now.values() else set()
                    continue
                told = {name: now.get(name) for name in proved[place]}
                untold |= {more} if "INCOMPLETE" in told.values() else set()
                lost[more].update(dict.fromkeys(name for name, status in told.items() if status != "PROVED"))
        known = [(more, names) for more, names in lost.items() if more not in self.wrong]
        return {more: None if more in untold else tuple(names) for more, names in known}
