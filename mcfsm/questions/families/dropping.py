"""The variants of one scenario in which values are others and assumptions are dropped, and the statuses in each.

An assumption is dropped where no transition is taken that rests on its sentence, and nothing takes its place, as with
`--avoid`. The model of such a variant is the one with its values, avoiding these lines. What is not explored: a variant
whose dropped lines are never taken without the drop, and one whose model means the same as another's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from mcfsm.model import CHECKS, Model, Transition
from mcfsm.model.digest import meaning
from mcfsm.problems import ModelError, counted
from mcfsm.questions.families.beside import Watching
from mcfsm.questions.families.in_error import told_apart, without_errors
from mcfsm.questions.families.switches import Point, Switch, Switchable, points_of, reason
from mcfsm.semantics.status import Statuses
from mcfsm.verdicts.family_runs import StatusExplorer
from mcfsm.verdicts.run import Effort

DROPPED = "dropped"
_Meaning = tuple[str, frozenset[str]]  # of the model with some values, and what is avoided of it


class Dropping:
    """What can be switched in a scenario: values, and the lines that rest on each assumption; what is known of that.

    Raises ModelError where the default variant makes no model.
    """

    def __init__(self, switched: Switchable, scenario: str, properties: Sequence[str] | None) -> None:
        self.properties = properties
        self.models: dict[Point, Model] = {}  # by the values that are others
        self.left_out: dict[Point, str] = {}  # values that make no model of this scenario, alone or together, and why
        for point, variant in points_of(switched, scenario)[0].items():
            if any((switch,) not in self.models for switch in point if len(point) > 1):
                continue
            try:
                self.models[point] = switched.family.model(variant, scenario, properties, symmetry=False)
            except ModelError as error:
                if not point:
                    raise
                self.left_out[point] = reason(error)
        self.values = [point[0] for point in self.models if len(point) == 1]
        self.lines: dict[Switch, dict[str, Transition]] = {}  # that rest on an assumption, in any of these, by id
        for model in self.models.values():
            for line in _assuming(model):
                self.lines.setdefault(Switch("assumption", str(line.assumption), DROPPED), {})[line.id] = line
        self.statuses: dict[Point, Statuses] = {}
        self.errors: dict[Point, ModelError] = {}  # of variants whose search came to one: they have no statuses
        self._known: dict[_Meaning, Statuses | ModelError] = {}
        self._meanings: dict[Point, str] = {}

    @property
    def explored(self) -> int:
        """How many variants were explored."""
        return len(self._known)

    @property
    def singles(self) -> list[Point]:
        """The default variant, and those with one thing switched."""
        return [(), *((switch,) for switch in (*self.values, *self.lines))]

    @property
    def pairs(self) -> list[Point]:
        """Two things switched, where these make a model."""
        both = combinations([*self.values, *self.lines], 2)
        return [pair for pair in both if _values(pair) in self.models]

    def model(self, point: Point) -> Model:
        """The model of a variant."""
        return replace(self.models[_values(point)], avoided=self._avoided(point))

    def asked(self, point: Point) -> list[str]:
        """The properties and checks asked of a variant."""
        checks = (check for check in CHECKS if self.properties is None or check in self.properties)
        return [*(property_.id for property_ in self.models[_values(point)].properties), *checks]

    def taken(self, switch: Switch) -> bool:
        """Whether some line that rests on an assumption is taken in the default variant, as far as that is known."""
        fired = self.statuses[()].fired
        return fired is None or not fired.isdisjoint(self.lines[switch])

    def untold(self, point: Point) -> bool:
        """Whether something could not be told of a variant, or nothing, as it is in error."""
        return point in self.errors or "INCOMPLETE" in self.statuses[point].statuses.values()

    def explore(self, points: Sequence[Point], explorer: StatusExplorer, effort: Effort, watch: Watching) -> None:
        """Find the statuses of some variants; those with fewer things switched are known already, if they matter.

        Raises ModelError where the search of the default variant comes to one.
        """
        means = {point: self._meaning(point) for point in points}
        firsts = {meaning: point for point, meaning in reversed(means.items())}
        new = [point for point in points if means[point] not in self._known and firsts[means[point]] == point]
        watch(f"{counted(len(new), 'variant')} of {len(points)}")
        models, asked = [self.model(point) for point in new], [self.asked(point) for point in new]
        found = told_apart(explorer, models, asked, effort=effort)
        self._known |= {means[point]: one for point, one in zip(new, found, strict=True)}
        statuses, errors = without_errors({point: self._known[meaning] for point, meaning in means.items()})
        self.statuses |= statuses
        self.errors |= errors
        if () in errors:
            raise errors[()]

    def _avoided(self, point: Point) -> frozenset[str]:
        dropped = {switch.name for switch in point if switch.kind == "assumption"}
        return frozenset(line.id for line in _assuming(self.models[_values(point)]) if line.assumption in dropped)

    def _meaning(self, point: Point) -> _Meaning:
        """What tells a variant from others: to avoid what is never taken without the drop changes nothing.

        Where each of two drops is of lines that are not taken beside the other, neither is taken at all: the first line
        of either on any path would be taken beside the other too. A step that would overflow a channel is not taken
        and is found all the same, so where there is one it is not known whose it is.
        """
        values, avoided = _values(point), self._avoided(point)
        if values not in self._meanings:
            self._meanings[values] = meaning(self.models[values])
        for drop in (switch for switch in point if switch.kind == "assumption"):
            rest = self.statuses.get(tuple(switch for switch in point if switch != drop))
            if rest is not None and rest.fired is not None and rest.statuses.get("check.overflow") != "VIOLATED":
                avoided -= self._avoided((*values, drop)) - rest.fired
        return self._meanings[values], avoided


def _assuming(model: Model) -> Iterator[Transition]:
    return (line for role in model.roles for line in role.transitions if line.assumption is not None)


def _values(point: Point) -> Point:
    return tuple(switch for switch in point if switch.kind != "assumption")
