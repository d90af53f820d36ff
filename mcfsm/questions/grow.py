"""Larger and larger instances: the verdicts at each size of some parameters, until time runs out.

Every parameter that grows begins at the value that the scenario has, or that is set for it; then one grows by one at a
time, in turn. A verdict that a flow decides (a violation, a witness) stays, with the smallest size that has it;
everything else is asked again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mcfsm.explore.findings import Limits
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.selection import Questions, Selection, known_transitions
from mcfsm.model import Fairness, Model
from mcfsm.problems import ModelError, Problem, closest, counted
from mcfsm.verdicts.asked import exit_status
from mcfsm.verdicts.run import Effort, run, run_by_text
from mcfsm.verdicts.verdict import Run, Verdict

MOST_SIZES = 200
Values = tuple[tuple[str, int], ...]  # each parameter that grows, with its value


@dataclass(frozen=True)
class SizeVerdict:
    """The verdict on one property at one size, and the size that decided it: an earlier one where a flow did."""

    verdict: Verdict
    at: Values


@dataclass(frozen=True)
class SizeResult:
    """One size: its run, and a cell for every property, in declared order. `run` asked what was not decided before."""

    values: Values
    run: Run
    cells: tuple[SizeVerdict, ...]

    @property
    def finished(self) -> bool:
        """Whether every verdict could be told."""
        return all(cell.verdict.status != "INCOMPLETE" for cell in self.cells)


@dataclass(frozen=True)
class Growth:
    """One scenario in one reading, size by size, and why it did not grow on."""

    sizes: tuple[SizeResult, ...]
    stopped: str

    @property
    def interrupted(self) -> bool:
        """Whether somebody pressed Ctrl-C."""
        return self.sizes[-1].run.interrupted

    @property
    def exit_status(self) -> int:
        """As of a check of the last size, with what flows decided before it."""
        status = exit_status(cell.verdict for cell in self.sizes[-1].cells)
        return status or (0 if self.sizes[-1].finished else 2)


def grow(
    path: Path | str,
    names: Sequence[str],
    seconds: float,
    selection: Selection = Selection(),
    *,
    effort: Effort = Effort(),
    avoid: Iterable[str] = (),
    normative: bool = False,
    fairness: Fairness | None = None,
) -> list[Growth]:
    """The verdicts on a model as the named parameters grow, `seconds` for each scenario and reading.

    The other arguments are those of `check`. Raises ModelError for what is wrong with the model at its first
    size, and for unknown names (M309, M315, M601, M313).
    """
    document = read(path, selection.changes)
    _known_parameters(document, names)
    left_out = known_transitions(document, avoid)

    def explore(model: Model, property_ids: list[str], left: float) -> Run:
        ask = run_by_text if normative else run
        until = replace(effort.limits or Limits(), max_seconds=max(0.0, left))
        return ask(model, property_ids, replace(effort, limits=until), avoid=left_out, fairness=fairness)

    grown: list[Growth] = []
    for model, property_ids in Questions(document, selection, symmetry=effort.symmetry):
        own = {constant.name: int(constant.value) for constant in model.parameters}
        first = tuple((name, own[name]) for name in names)
        larger = _Larger(document, model, selection.properties, effort.symmetry)
        grown.append(_grow(model, first, property_ids, explore, larger, seconds))
        if grown[-1].interrupted:
            break
    return grown


def _grow(
    model: Model,
    values: Values,
    property_ids: list[str],
    explore: Callable[[Model, list[str], float], Run],
    larger: _Larger,
    seconds: float,
) -> Growth:
    """One model explored at its size, and at larger ones as long as there is time and something to decide."""
    until = time.monotonic() + seconds
    decided: dict[str, SizeVerdict] = {}
    sizes: list[SizeResult] = []
    while True:
        try:
            found = explore(model, [name for name in property_ids if name not in decided], until - time.monotonic())
        except ModelError as error:
            if not sizes:
                raise
            return Growth(tuple(sizes), f"at {shown(values)} the model fails: {error}")
        cells = {verdict.id: SizeVerdict(_timely(verdict, found, seconds), values) for verdict in found.verdicts}
        decided.update((name, cell) for name, cell in cells.items() if cell.verdict.trace is not None)
        sizes.append(SizeResult(values, found, tuple(decided.get(name) or cells[name] for name in property_ids)))
        if not sizes[-1].finished:
            return Growth(tuple(sizes), f"{_limit(found, seconds)} at {shown(values)}")
        if len(decided) == len(property_ids):
            return Growth(tuple(sizes), "every verdict is decided by a flow")
        if len(sizes) == MOST_SIZES:
            return Growth(tuple(sizes), f"{MOST_SIZES} sizes")
        following = larger(values)
        if following is None:
            return Growth(tuple(sizes), f"no larger size: {larger.refusal}")
        values, model = following


class _Larger:
    """The size after a size: one parameter grows by one, in turn; one that the model refuses does not grow again."""

    def __init__(self, document: Document, model: Model, wanted: Sequence[str] | None, symmetry: bool) -> None:
        constants = (*model.readings, *model.options, *model.parameters)
        self.document, self.scenario, self.wanted = document, model.scenario, wanted
        self.chosen = {constant.name: constant.value for constant in constants}
        self.symmetry = symmetry
        self.turn = 0
        self.full: set[str] = set()
        self.refusal = ""

    def __call__(self, values: Values) -> tuple[Values, Model] | None:
        names = [name for name, _ in values]
        while len(self.full) < len(names):
            name = names[self.turn % len(names)]
            self.turn += 1
            if name in self.full:
                continue
            following = tuple((other, value + (other == name)) for other, value in values)
            try:
                chosen = {**self.chosen, **as_settings(following)}
                model = resolve(
                    self.document, self.scenario, chosen=chosen, properties=self.wanted, symmetry=self.symmetry
                )
                return following, model
            except ModelError as error:
                self.full.add(name)
                self.refusal = f"{shown(following)}: {error}"
        return None


def status_of(grown: Iterable[Growth]) -> int:
    """The status of a command: 1 before 2 before 0."""
    return max((growth.exit_status for growth in grown), key=(0, 2, 1).index)


def shown(values: Values) -> str:
    """A size in words: "migrations=2, attempts=1"."""
    return ", ".join(f"{name}={value}" for name, value in values)


def as_settings(values: Values) -> dict[str, str]:
    """A size as the settings that make it."""
    return {name: str(value) for name, value in values}


def _timely(verdict: Verdict, found: Run, seconds: float) -> Verdict:
    """A verdict that time did not suffice for, with the time there was for all sizes rather than what was left."""
    if verdict.status != "INCOMPLETE":
        return verdict
    return replace(
        verdict, reason=f"stopped by {_limit(found, seconds)} after {counted(found.findings.states, 'state')}"
    )


def _limit(found: Run, seconds: float) -> str:
    stopped = found.stopped or ""
    return f"--max-seconds {seconds:g}" if stopped.startswith("--max-seconds") else stopped


def _known_parameters(document: Document, names: Iterable[str]) -> None:
    """Raise ModelError (M309) for a name that is no parameter; where it is a budget, say which parameter sets it."""
    for name in names:
        if name not in document.parameters:
            budgets = [
                (str(key), str(text)) for s in document.scenarios.values() for key, text in (s.budgets or {}).items()
            ]
            setting = next((text for key, text in budgets if key == name and text in document.parameters), None)
            hint = f"budget {name} is set by parameter {setting}" if setting else closest(name, document.parameters)
            raise ModelError([Problem("M309", None, f"unknown parameter {name}", hint)])
