"""What can be switched in a model: one thing that is otherwise than in its default variant.

A switch is a reading or an option with another value, a change that is applied or is not, or an assumption that is
dropped. What a scenario fixes is no switch in it, and what makes no model there is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal

from mcfsm.language.changes.apply import Baseline, select
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.resolving.scenarios import find_scenario, with_likes
from mcfsm.language.selection import combine
from mcfsm.problems import ModelError, Problems
from mcfsm.questions.families.family import Family, Variant, family, has_constant


@dataclass(frozen=True)
class Switch:
    """A reading or option with a value that is not the default, or a change with `in` or `out` for its value.

    An assumption is named by its sentence, and its value is `dropped`: no transition is taken that rests on it.
    """

    kind: Literal["change", "reading", "option", "assumption"]
    name: str
    value: str

    def __str__(self) -> str:
        if self.kind == "assumption":
            return f"without '{self.name}'"
        if self.kind == "change":
            return f"{'with' if self.value == 'in' else 'without'} {self.name}"
        return f"{self.name}={self.value}"


Point = tuple[Switch, ...]  # what is switched: nothing in the default variant


@dataclass(frozen=True)
class Switchable:
    """A model with what can be switched in it. `family` has every set of changes that is tried."""

    family: Family
    base: tuple[str, ...]  # the changes of the default variant
    flips: tuple[Switch, ...]  # changes that are applied or not
    listed: Mapping[str, Sequence[str]]  # values asked for of readings and options
    most: int  # switches together

    @property
    def texts(self) -> list[Document]:
        """The text under every set of changes, that of the default variant first."""
        sets = [self.base, *(variant.changes for variant in self.family.variants)]
        return [self.family.document(changes) for changes in dict.fromkeys(sets)]

    def applied(self, point: Point) -> tuple[str, ...]:
        """The changes of a variant: those of the default one, some of them out and others in."""
        return _applied(self.family.baseline, self.base, point)


def switchable(
    path: Path | str,
    changes: Iterable[str] | None,
    readings: Mapping[str, Iterable[str]] | None,
    settings: Mapping[str, str] | None,
    most: int,
) -> Switchable:
    """A model that has some changes in its default variant (None: those that it names), and up to `most` switches.

    Raises ModelError where these changes do not go together, and for unknown names.
    """
    baseline = read_baseline(path)
    base = select(baseline, changes)
    pending = select(baseline, {*base, *baseline.listed(candidates=False)})
    flips = tuple(Switch("change", name, "out" if name in base else "in") for name in pending)
    sets = [_applied(baseline, base, point) for size in range(most + 1) for point in combinations(flips, size)]
    whole = family(path, sets=sets, settings=settings)
    whole.document(base)  # says it where these do not go together
    found = Switchable(whole, base, flips, {name: list(values) for name, values in (readings or {}).items()}, most)
    for name, values in found.listed.items():
        for value in values:
            if not any(_values(text, name, [value]) for text in found.texts):
                having = [text for text in found.texts if has_constant(text, name)]
                list(combine([*having, found.texts[0]][0], {name: [value]}))  # says that there is none
    return found


def _applied(baseline: Baseline, base: Iterable[str], point: Point) -> tuple[str, ...]:
    flipped = {switch.name for switch in point if switch.kind == "change"}
    return select(baseline, flipped.symmetric_difference(base))


def points_of(model: Switchable, scenario: str) -> tuple[dict[Point, Variant], dict[Point, str]]:
    """What can be switched in a scenario, alone and in pairs, with the variant it makes; what makes none, and why."""
    usual: dict[tuple[str, ...], dict[str, str]] = {}
    switches: dict[Switch, None] = {}
    for text in model.texts:
        if scenario in text.scenarios:
            mine, more = _constants(model, text, scenario, usual.get(model.base, {}))
            usual[tuple(map(str, text.applied))] = mine
            switches |= dict.fromkeys(more)
    found: dict[Point, Variant] = {}
    left_out: dict[Point, str] = {}
    for size in range(model.most + 1):
        for point in combinations([*model.flips, *switches], size):
            changes = model.applied(point)
            switched = {switch.name: switch.value for switch in point if switch.kind != "change"}
            if changes in model.family.excluded:
                left_out[point] = "they touch the same part"
            if changes in usual and _is_one(model, point, usual[changes]):
                found[point] = Variant(changes, tuple({**usual[changes], **switched}.items()))
    return found, left_out


def _constants(
    model: Switchable, text: Document, scenario: str, default: Mapping[str, str]
) -> tuple[dict[str, str], list[Switch]]:
    """What readings and options have in a text where nothing switches them, and what they can be switched to.

    Where values are asked for, that is one of these, and in every text that of the `default` variant.
    """
    usual: dict[str, str] = {}
    switches: list[Switch] = []
    said = with_likes(text, find_scenario(text, scenario)[0], Problems())
    given = {str(name): str(value) for name, value in (*said.readings.items(), *said.options.items())}
    fixed = {*given, *dict(model.family.settings)}
    for key, part in (*text.readings.items(), *text.options.items()):
        name, value = str(key), given.get(str(key), str(part.default))
        if name not in model.listed and name in fixed:
            continue
        values = _values(text, name, model.listed.get(name, ["all"]))
        preferred = [default[name]] if name in model.listed and name in default else values
        usual[name] = value if value in preferred else [*_values(text, name, preferred), value][0]
        kind: Literal["reading", "option"] = "reading" if key in text.readings else "option"
        switches += [Switch(kind, name, other) for other in values if other != usual[name]]
    return usual, switches


def _is_one(model: Switchable, point: Point, usual: Mapping[str, str]) -> bool:
    """Whether everything that a point switches can be switched in a text, and is not so already."""
    switched = [switch for switch in point if switch.kind != "change"]
    text = model.family.document(model.applied(point))
    there = all(switch.name in usual and _values(text, switch.name, [switch.value]) for switch in switched)
    new = all(usual.get(switch.name) != switch.value for switch in switched)
    return there and new and len({switch.name for switch in switched}) == len(switched)


def _values(text: Document, name: str, listed: Iterable[str]) -> list[str]:
    """Of some values of a reading or option those that a text has; all of them where that is asked for."""
    constants = {**text.readings, **text.options}
    known = [str(value) for key, part in constants.items() if key == name for value in part.values]
    return known if "all" in listed else [value for value in listed if value in known]


def reason(error: ModelError) -> str:
    """Why a variant makes no model, in a line: the first problem, and how many there are."""
    first, *more = dict.fromkeys(f"{problem.code} {problem.message}" for problem in error.problems)
    return first + (f", and {len(more)} more" if more else "")
