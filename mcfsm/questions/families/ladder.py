"""How many faults does it survive? For each property, the smallest sets of faults that break it.

The faults are of channels and of instances (crash). Each may happen anywhere, as often as a *rung* says; a scenario's
own faults are set aside. More faults allow all that fewer do, so what a rung breaks, every higher one does, and only
what is not broken below is asked there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from pathlib import Path
from typing import get_args

from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.selection import Questions, Selection
from mcfsm.model import (
    CHANNEL_FAULTS,
    CHECKS,
    FAULTS_OF_ORDER,
    Budget,
    Channel,
    ChannelFaultKind,
    Crash,
    Instance,
    Model,
)
from mcfsm.problems import ModelError
from mcfsm.questions.families.in_error import InError, noting, told
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Verdict

CRASH = "crash"
FAULTS = (*CHANNEL_FAULTS, CRASH)
USUAL = tuple(kind for kind in FAULTS if kind != "corruption")  # few protocols promise anything of corrupted messages
Rung = tuple[str, ...]  # faults, each as often as it stands here


@dataclass(frozen=True)
class BreakingFaults:
    """A smallest set of faults that breaks a property, and the verdict with its flow."""

    faults: Rung
    model: Model
    verdict: Verdict


@dataclass(frozen=True)
class Unclear:
    """A set of faults under which a property could not be told, and why: a limit, or a value that left its domain."""

    faults: Rung
    why: str


@dataclass(frozen=True)
class Survival:
    """One property: whether it holds without faults, what breaks it, and what could not be told."""

    id: str
    text: str
    holds: bool
    broken: tuple[BreakingFaults, ...]
    unclear: tuple[Unclear, ...]


@dataclass(frozen=True)
class Ladder:
    """One scenario under one choice of constants, up to `most` faults; `runs` counts searches."""

    model: Model
    most: int
    survivals: tuple[Survival, ...]
    runs: int

    @property
    def complete(self) -> bool:
        """Whether every verdict could be told."""
        return not any(survival.unclear for survival in self.survivals)


def ladder(
    path: Path | str,
    selection: Selection = Selection(),
    *,
    most: int = 1,
    faults: Iterable[str] = USUAL,
    effort: Effort = Effort(),
    errors: list[InError] | None = None,
) -> list[Ladder]:
    """The ladder of each scenario and reading, for sets of up to `most` of the `faults`.

    Scenarios in error without any fault are noted in `errors`, where it is given and something is answered in spite of
    them. Else raises ModelError, also for what is wrong with the question.
    """
    document = read(path, selection.changes)
    kinds = [kind for kind in FAULTS if kind in set(faults)]
    models = Questions(document, selection, symmetry=effort.symmetry)

    noted: list[InError] = []

    def ask(scenario: str) -> Iterator[Ladder]:
        for model, names in models.of(scenario):
            values = {constant.name: constant.value for constant in model.readings}
            with noting(noted, scenario, {name: values[name] for name in selection.readings if name in values}):
                yield _ladder(document, model, names, most, kinds, effort)

    found = list(effort.each(models.property_ids, ask))
    told(errors, noted, bool(found))
    return found


def rungs(kinds: Iterable[str], most: int) -> list[Rung]:
    """Every set of up to so many faults, smaller ones first; a fault may stand in it several times."""
    listed = list(kinds)
    return [rung for size in range(most + 1) for rung in combinations_with_replacement(listed, size)]


def with_faults(model: Model, rung: Rung) -> Model:
    """The model with these faults and no others, each with a budget of its own."""
    limits = {kind: Budget(f"faults.{kind}", rung.count(kind)) for kind in dict.fromkeys(rung)}
    kinds: list[ChannelFaultKind] = [kind for kind in get_args(ChannelFaultKind) if kind in limits]

    def faulty(channel: Channel) -> Channel:
        without = {"fifo": frozenset[str](), "bag": FAULTS_OF_ORDER, "set": frozenset(CHANNEL_FAULTS)}[channel.kind]
        able = [kind for kind in kinds if kind not in without]
        return replace(channel, faults=tuple((kind, limits[kind].name) for kind in able), loses_head=False)

    def crashing(instance: Instance) -> Instance:
        return replace(instance, crash=Crash(limits[CRASH].name, "lost") if CRASH in limits else None)

    return replace(
        model,
        instances=tuple(map(crashing, model.instances)),
        channels=tuple(map(faulty, model.channels)),
        budgets=(*model.budgets, *limits.values()),
    )


def _ladder(document: Document, model: Model, names: list[str], most: int, kinds: list[str], effort: Effort) -> Ladder:
    climbed = _Climb(document, model, effort)
    for rung in rungs(kinds, most):
        climbed.step(rung, [name for name in names if climbed.asks(name, rung)])
    survivals = [
        Survival(
            name,
            climbed.texts.get(name, ""),
            climbed.holds.get(name, False),
            tuple(climbed.broken.get(name, ())),
            tuple(climbed.unclear.get(name, ())),
        )
        for name in names
    ]
    return Ladder(model, most, tuple(survivals), climbed.runs)


class _Climb:
    """What was found on the rungs so far, by property."""

    def __init__(self, document: Document, model: Model, effort: Effort) -> None:
        self.document, self.model, self.effort = document, model, effort
        self.texts: dict[str, str] = {}
        self.holds: dict[str, bool] = {}
        self.broken: dict[str, list[BreakingFaults]] = {}
        self.unclear: dict[str, list[Unclear]] = {}
        self.runs = 0

    def asks(self, name: str, rung: Rung) -> bool:
        """Whether it held without faults, and nothing below breaks it."""
        return self.holds.get(name, not rung) and not any(
            _part_of(one.faults, rung) for one in self.broken.get(name, ())
        )

    def step(self, rung: Rung, names: list[str]) -> None:
        """Ask about some properties; where a value leaves its domain, about each alone: one may be to blame."""
        if not names:
            return
        faulty = with_faults(self.model if len(names) > 1 else self.narrowed(names[0]), rung)
        self.runs += 1
        try:
            found = self.effort.run(faulty, names)
        except ModelError as error:
            if not rung:
                raise
            if len(names) == 1:
                self.unclear.setdefault(names[0], []).append(Unclear(rung, error.problems[0].message))
            else:
                for name in names:
                    self.step(rung, [name])
            return
        for verdict in found.verdicts:
            self.texts[verdict.id] = verdict.text
            if verdict.status == "INCOMPLETE":
                self.unclear.setdefault(verdict.id, []).append(Unclear(rung, verdict.reason))
            elif not rung:
                self.holds[verdict.id] = verdict.status == "PROVED"
            elif verdict.status == "VIOLATED":
                self.broken.setdefault(verdict.id, []).append(BreakingFaults(rung, faulty, verdict))

    def narrowed(self, name: str) -> Model:
        """The model with no more observers than one property needs."""
        constants = (*self.model.readings, *self.model.options, *self.model.parameters)
        chosen = {constant.name: constant.value for constant in constants}
        wanted = [] if name in CHECKS else [name]
        symmetry = self.effort.symmetry
        return resolve(self.document, self.model.scenario, chosen=chosen, properties=wanted, symmetry=symmetry)


def _part_of(smaller: Rung, larger: Rung) -> bool:
    return all(smaller.count(kind) <= larger.count(kind) for kind in set(smaller))
