"""What do the verdicts depend on? Every property under the default variant, each switch, and each pair of switches."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mcfsm.language.selection import Selection, known_properties, known_scenarios
from mcfsm.model import CHECKS, Model, Status
from mcfsm.model.labels import Labels, in_all
from mcfsm.problems import ModelError, Problem, counted
from mcfsm.questions.families.beside import Watching
from mcfsm.questions.families.family import MOST_VARIANTS, too_many
from mcfsm.questions.families.in_error import InError, of_each_in_spite, told, told_apart, without_errors
from mcfsm.questions.families.switches import Point, Switch, Switchable, points_of, reason, switchable
from mcfsm.semantics.status import Statuses
from mcfsm.verdicts.family_runs import StatusExplorer, once, statuses_of_family
from mcfsm.verdicts.run import Effort


@dataclass(frozen=True)
class OverviewRow:
    """One property under the default variant, each switch, and each pair; None where a variant does not have it."""

    id: str
    text: str
    statuses: Mapping[Point, Status | None]

    @property
    def default(self) -> Status | None:
        """What it is where nothing is switched."""
        return self.statuses[()]

    @property
    def settled(self) -> bool:
        """Whether it is the same wherever it is asked."""
        return set(self.statuses.values()) == {self.default}

    def alone(self) -> list[tuple[Switch, Status | None]]:
        """The switches that alone make it something else."""
        singles = [(point[0], status) for point, status in self.statuses.items() if len(point) == 1]
        return [(switch, status) for switch, status in singles if status != self.default]

    def together(self) -> list[tuple[Point, Status | None]]:
        """The pairs that make it something that neither the default nor one of the two switches makes it."""
        return [(pair, status) for pair, status in self._pairs() if status not in {self.default, *self._parts(pair)}]

    def undone(self) -> list[tuple[Switch, Switch]]:
        """The switches that alone make it something else, each with one beside which it does not."""
        found = []
        for pair, status in self._pairs():
            for one, other in (pair, pair[::-1]):
                changed = self.statuses.get((one,), self.default) != self.default
                if status == self.default and changed:
                    found.append((one, other))
        return found

    def _pairs(self) -> Iterator[tuple[Point, Status | None]]:
        return ((point, status) for point, status in self.statuses.items() if len(point) == 2)

    def _parts(self, pair: Point) -> list[Status | None]:
        return [self.statuses[(switch,)] for switch in pair if (switch,) in self.statuses]


@dataclass(frozen=True)
class LeftOut:
    """What cannot be switched in a scenario: changes that touch the same part, or what makes no model there."""

    point: Point
    why: str


@dataclass(frozen=True)
class Overview:
    """One scenario."""

    scenario: str
    model: Model  # the default variant
    labels: Labels  # of all variants
    rows: tuple[OverviewRow, ...]
    states: tuple[int, ...]  # of the default variant, each switch and each pair, in order
    distinct: int  # of these that mean something of their own, and were explored
    left_out: tuple[LeftOut, ...]
    errors: tuple[InError, ...]  # variants whose search came to an error; they have no column
    seconds: float

    @property
    def points(self) -> list[Point]:
        """What is switched in each variant."""
        return list(self.rows[0].statuses)

    @property
    def incomplete(self) -> int:
        """How many verdicts could not be told."""
        return sum(status == "INCOMPLETE" for row in self.rows for status in row.statuses.values())


def overview(
    path: Path | str,
    selection: Selection = Selection(),
    *,
    without: Iterable[str] = (),
    pairs: bool = True,
    effort: Effort = Effort(),
    status_explorer: StatusExplorer = statuses_of_family,
    beside: bool = False,
    watch: Watching | None = None,
    errors: list[InError] | None = None,
) -> list[Overview]:
    """The overview of each scenario selected but those in `without`.

    The changes selected (without any, the model's own) are those of the default variant. Switched are these and all
    that are pending; candidate corrections only where they are named. Of a reading or option the values selected are
    tried, also where a scenario fixes it: the default one among them, else the first, is that of the default variant.
    Settings stay as they are. `beside`:
    explore scenarios beside each other, in processes that share the workers; then nobody watches a single search.
    Variants and scenarios in error are noted in `errors`, where it is given and something is answered in spite of them.
    Else raises ModelError for what is wrong with a variant; and for unknown names.
    """
    model = switchable(path, selection.changes, selection.readings, selection.settings, 2 if pairs else 1)
    left_out = set(known_scenarios(model.texts[0], without))
    wanted = [name for name in known_scenarios(model.texts[0], selection.scenarios) if name not in left_out]
    if not wanted:
        raise ModelError([Problem("M601", None, "no scenario is left", "leave fewer out")])
    names = None if selection.properties is None else list(selection.properties)
    known_properties(model.texts, names or ())
    noted: list[InError] = []
    question = partial(_overview, model, names, status_explorer)
    found = list(of_each_in_spite(question, wanted, effort, beside, watch, noted))
    told(errors, [*noted, *(one for each in found for one in each.errors)], any(one.rows for one in found))
    if not any(one.rows for one in found) and effort.over is None:
        raise ModelError([Problem("M313", None, f"none of these scenarios checks {', '.join(names or ())}")])
    return [one for one in found if one.rows]


def _overview(
    switched: Switchable,
    properties: Sequence[str] | None,
    status_explorer: StatusExplorer,
    effort: Effort,
    scenario: str,
) -> Overview:
    began = time.monotonic()
    points, left_out = points_of(switched, scenario)
    if len(points) > MOST_VARIANTS:
        hint = "try fewer switches: --set, --no-pairs"
        raise too_many(f"{counted(len(points), 'variant')} of scenario {scenario}", hint)
    models: dict[Point, Model] = {}
    for point, variant in points.items():
        try:
            models[point] = switched.family.model(variant, scenario, properties, symmetry=effort.symmetry)
        except ModelError as error:
            if all(switch.kind == "change" for switch in point):
                raise  # no scenario stands in the way of a change: the text is wrong with it
            left_out[point] = reason(error)
    checks = [check for check in CHECKS if properties is None or check in properties]
    property_ids = [[*(property_.id for property_ in model.properties), *checks] for model in models.values()]
    explorer = once(partial(told_apart, status_explorer))
    each = dict(zip(models, explorer(list(models.values()), property_ids, effort=effort), strict=True))
    statuses, errors = without_errors(each)
    if () in errors:
        raise errors[()]  # every other one is held against it
    models = {point: models[point] for point in statuses}
    found = list(statuses.values())
    return Overview(
        scenario=scenario,
        model=models[()],
        labels=in_all(model.labels for model in models.values()),
        rows=rows_of(models, found),
        states=tuple(one.states for one in found),
        distinct=len({id(one) for one in found}),
        left_out=tuple(LeftOut(point, why) for point, why in left_out.items() if _is_minimal(point, left_out)),
        errors=tuple(InError(scenario, tuple(map(str, point)), error) for point, error in errors.items()),
        seconds=time.monotonic() - began,
    )


def _is_minimal(point: Point, left_out: Mapping[Point, str]) -> bool:
    return len(point) < 2 or not any((switch,) in left_out for switch in point)


def rows_of(models: Mapping[Point, Model], found: Sequence[Statuses]) -> tuple[OverviewRow, ...]:
    """A row for each property of any variant: those that only some have behind the others, checks last."""
    texts = {property_.id: property_.text for model in models.values() for property_ in model.properties} | CHECKS
    names = dict.fromkeys(name for one in found for name in one.statuses)
    rows = []
    for name in sorted(names, key=lambda name: name.startswith("check.")):
        statuses = [one.statuses.get(name) for one in found]
        rows.append(OverviewRow(name, texts[name], dict(zip(models, statuses, strict=True))))
    return tuple(rows)
