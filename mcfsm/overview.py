"""What do the verdicts depend on? Every property under the default variant, each switch alone, and each pair of them.

A switch is one thing that is otherwise than in the default variant: a reading or an option with another value, or a
change that is applied or is not. What a scenario fixes is no switch in it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

from mcfsm.checking import combine, known_scenarios
from mcfsm.explore.findings import Limits
from mcfsm.family import (
    MOST_VARIANTS,
    Effort,
    Family,
    FamilyExplorer,
    Variant,
    explore,
    family,
    has_constant,
    one_by_one,
)
from mcfsm.language.changes import Baseline, select
from mcfsm.language.document import Document
from mcfsm.language.reader import read_baseline
from mcfsm.language.resolve import resolve
from mcfsm.meaning import once
from mcfsm.model import Model, Status
from mcfsm.problems import ModelError, Problem
from mcfsm.verdict import Run

Watching = Callable[[str], None]


@dataclass(frozen=True)
class Switch:
    """A reading or option with a value that is not the default, or a change with `in` or `out` for its value."""

    kind: Literal["change", "reading", "option"]
    name: str
    value: str

    def __str__(self) -> str:
        if self.kind == "change":
            return f"{'with' if self.value == 'in' else 'without'} {self.name}"
        return f"{self.name}={self.value}"


Point = tuple[Switch, ...]  # what is switched: nothing in the default variant


@dataclass(frozen=True)
class Row:
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
class Overview:
    """One scenario. `excluded` are pairs of changes that touch the same part, and so make no variant."""

    scenario: str
    model: Model  # the default variant
    rows: tuple[Row, ...]
    states: tuple[int, ...]  # of the default variant, each switch and each pair, in order
    distinct: int  # of these that mean something of their own, and were explored
    excluded: tuple[Point, ...]
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
    *,
    changes: Iterable[str] | None = None,
    scenarios: Iterable[str] | None = None,
    properties: Iterable[str] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str] | None = None,
    pairs: bool = True,
    effort: Effort | None = None,
    explorer: FamilyExplorer = one_by_one,
    beside: bool = False,
    watch: Watching | None = None,
) -> list[Overview]:
    """The overview of each scenario; `changes` are those of the default variant (those that the model names).

    Switched are these and all that are pending; candidate corrections only where they are named.
    `readings` gives the values that are tried of a reading or option, also where a scenario fixes it: the default one
    among them, else the first, is that of the default variant. `settings` fixes options and parameters. `beside`:
    explore scenarios beside each other, in processes that share the workers; then nobody watches a single search.
    Raises ModelError for what is wrong with a variant, and for unknown names.
    """
    question = _question(path, changes, properties, readings, settings, pairs)
    wanted = known_scenarios(question.family.document(question.base), scenarios)
    found: list[Overview] = []
    say = watch or (lambda _: None)
    say(f"0 of {len(wanted)} scenarios")
    for one in _each(question, wanted, effort or Effort(), explorer, beside):
        found.append(one)
        say(f"{len(found)} of {len(wanted)} scenarios")
    if not any(one.rows for one in found):
        names = ", ".join(question.properties or ())
        raise ModelError([Problem("M313", None, f"none of these scenarios checks {names}")])
    return [one for one in found if one.rows]


@dataclass(frozen=True)
class _Question:
    """What is asked of every scenario. `family` has every set of changes that is tried."""

    family: Family
    base: tuple[str, ...]
    flips: tuple[Switch, ...]
    listed: Mapping[str, Sequence[str]]
    properties: Sequence[str] | None
    most: int  # switches together

    @property
    def texts(self) -> list[Document]:
        """The text under every set of changes, that of the default variant first."""
        sets = [self.base, *(variant.changes for variant in self.family.variants)]
        return [self.family.document(changes) for changes in dict.fromkeys(sets)]

    def applied(self, point: Point) -> tuple[str, ...]:
        """The changes of a variant: those of the default one, some of them out and others in."""
        return _applied(self.family.baseline, self.base, point)


def _question(
    path: Path | str,
    changes: Iterable[str] | None,
    properties: Iterable[str] | None,
    readings: Mapping[str, Iterable[str]] | None,
    settings: Mapping[str, str] | None,
    pairs: bool,
) -> _Question:
    baseline = read_baseline(path)
    base, most = select(baseline, changes), 2 if pairs else 1
    pending = select(baseline, {*base, *baseline.listed(candidates=False)})
    flips = tuple(Switch("change", name, "out" if name in base else "in") for name in pending)
    sets = [_applied(baseline, base, point) for size in range(most + 1) for point in combinations(flips, size)]
    whole = family(path, sets=sets, settings=settings)
    whole.document(base)  # raises where these do not go together
    listed = {name: list(values) for name, values in (readings or {}).items()}
    question = _Question(whole, base, flips, listed, None if properties is None else list(properties), most)
    for name, values in listed.items():
        for value in values:
            if not any(_values(text, name, [value]) for text in question.texts):
                having = [text for text in question.texts if has_constant(text, name)]
                list(combine([*having, question.texts[0]][0], {name: [value]}))  # says that there is none
    return question


def _applied(baseline: Baseline, base: Iterable[str], point: Point) -> tuple[str, ...]:
    flipped = {switch.name for switch in point if switch.kind == "change"}
    return select(baseline, flipped.symmetric_difference(base))


def _each(
    question: _Question, scenarios: Sequence[str], effort: Effort, explorer: FamilyExplorer, beside: bool
) -> Iterator[Overview]:
    """The overview of each scenario, in order."""
    cores = effort.workers or os.cpu_count() or 1
    processes = min(cores, len(scenarios))
    if processes < 2 or not beside:
        yield from (_overview(question, effort, explorer, scenario) for scenario in scenarios)
        return
    from mcfsm.explore.store import physical_memory

    limits = effort.limits or Limits()
    memory = limits.max_memory or physical_memory() * 8 // 10 // processes
    share = Effort(effort.engine, cores // processes, replace(limits, max_memory=memory), effort.symmetry)
    alone = partial(_overview, question, share, explorer)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(alone, scenarios)
        finally:
            pool.shutdown(cancel_futures=True)


def _overview(question: _Question, effort: Effort, explorer: FamilyExplorer, scenario: str) -> Overview:
    began = time.monotonic()
    points = _points(question, scenario)
    if len(points) > MOST_VARIANTS:
        hint = "try fewer switches: --set, --no-pairs"
        raise ModelError([Problem("M104", None, f"scenario {scenario} has more than {MOST_VARIANTS} variants", hint)])
    variants = replace(question.family, variants=tuple(points.values()))
    runs = explore(variants, scenario, properties=question.properties, effort=effort, explorer=once(explorer))
    distinct = len({id(run.findings) for run in runs})
    excluded = tuple(point for point in combinations(question.flips, 2) if _is_excluded(question, point))
    states = tuple(run.findings.states for run in runs)
    seconds = time.monotonic() - began
    return Overview(scenario, runs[0].model, _rows(list(points), runs), states, distinct, excluded, seconds)


def _is_excluded(question: _Question, point: Point) -> bool:
    return question.applied(point) in question.family.excluded


def _points(question: _Question, scenario: str) -> dict[Point, Variant]:
    """What can be switched in a scenario, alone and in pairs, with the variant that it makes."""
    usual: dict[tuple[str, ...], dict[str, str]] = {}
    switches: dict[Switch, None] = {}
    for text in question.texts:
        if scenario in text.scenarios:
            mine, more = _constants(question, text, scenario, usual.get(question.base, {}))
            usual[tuple(map(str, text.applied))] = mine
            switches |= dict.fromkeys(more)
    found: dict[Point, Variant] = {}
    for size in range(question.most + 1):
        for point in combinations([*question.flips, *switches], size):
            changes = question.applied(point)
            if changes in usual and _is_one(question, point, usual[changes]):
                switched = {switch.name: switch.value for switch in point if switch.kind != "change"}
                found[point] = Variant(changes, tuple({**usual[changes], **switched}.items()))
    return found


def _constants(
    question: _Question, text: Document, scenario: str, default: Mapping[str, str]
) -> tuple[dict[str, str], list[Switch]]:
    """What readings and options have in a text where nothing switches them, and what they can be switched to.

    Where values are asked for, that is one of these, and in every text that of the `default` variant.
    """
    usual: dict[str, str] = {}
    switches: list[Switch] = []
    fixed = dict(question.family.settings)
    model = resolve(text, scenario, properties=[])
    for constant in (*model.readings, *model.options):
        name, value = constant.name, constant.value
        if name not in question.listed and (name in fixed or not constant.default):
            continue  # fixed by a setting, or by the scenario
        values = _values(text, name, question.listed.get(name, ["all"]))
        preferred = [default[name]] if name in question.listed and name in default else values
        usual[name] = value if value in preferred else [*_values(text, name, preferred), value][0]
        kind: Literal["reading", "option"] = "reading" if constant in model.readings else "option"
        switches += [Switch(kind, name, other) for other in values if other != usual[name]]
    return usual, switches


def _is_one(question: _Question, point: Point, usual: Mapping[str, str]) -> bool:
    """Whether everything that a point switches can be switched in a text, and is not so already."""
    switched = [switch for switch in point if switch.kind != "change"]
    text = question.family.document(question.applied(point))
    there = all(switch.name in usual and _values(text, switch.name, [switch.value]) for switch in switched)
    new = all(usual.get(switch.name) != switch.value for switch in switched)
    return there and new and len({switch.name for switch in switched}) == len(switched)


def _values(text: Document, name: str, listed: Iterable[str]) -> list[str]:
    """Of some values of a reading or option those that a text has; all of them where that is asked for."""
    constants = {**text.readings, **text.options}
    known = [str(value) for key, part in constants.items() if key == name for value in part.values]
    return known if "all" in listed else [value for value in listed if value in known]


def _rows(points: Sequence[Point], runs: Sequence[Run]) -> tuple[Row, ...]:
    """A row for each property of any variant: those that only some have behind the others, checks last."""
    verdicts = [{verdict.id: verdict for verdict in run.verdicts} for run in runs]
    texts = {name: verdict.text for column in verdicts for name, verdict in column.items()}
    rows = []
    for name in sorted(texts, key=lambda name: name.startswith("check.")):
        statuses = [column[name].status if name in column else None for column in verdicts]
        rows.append(Row(name, texts[name], dict(zip(points, statuses, strict=True))))
    return tuple(rows)
