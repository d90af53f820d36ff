"""What is promised of a model, and what is not: each single mutation, and whether some verdict takes notice of it.

The score of a test suite by the mutants that it kills (DeMillo, Lipton and Sayward, 1978), asked of the properties of a
model: what may be changed while no verdict changes is covered by none of them (Chockler, Kupferman and Vardi, 2001). A
mutant that reaches the same states by the same steps is no gap: nothing can notice it, and it does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mcfsm.explore.findings import Limits, Progress
from mcfsm.explore.stopping import INTERRUPTED, Stopped
from mcfsm.language.files.reader import read
from mcfsm.language.selection import Questions, Selection
from mcfsm.model import Model, Status, Transition
from mcfsm.model.data_flow import Datum, live
from mcfsm.model.mutants import Mutant, Mutation, mutants
from mcfsm.problems import ModelError, counted
from mcfsm.semantics.together import check_together
from mcfsm.verdicts.run import Effort, run

if TYPE_CHECKING:
    from mcfsm.explore.mutants import MutantQuery, Screened  # bring the compiled search when they are imported

# as far as known: something notices it; a limit kept it from being told; nothing does; it changes nothing that can be
# reached; some expression has no value in it, so that it is no model
Fate = Literal["noticed", "undecided", "unnoticed", "unchanged", "meaningless"]
_FINAL: frozenset[Fate] = frozenset({"noticed", "meaningless"})  # whatever another scenario says
_RANK: dict[Fate, int] = {"meaningless": 0, "noticed": 1, "undecided": 2, "unnoticed": 3, "unchanged": 4}
ROOM = 10  # how many times the states of the model a mutant may have before it is given up, where nobody says
MOST_TOGETHER = 64
Watching = Callable[[str], None]


@dataclass(frozen=True)
class JudgedMutation:
    """A mutation with its fate over all scenarios, and the transition as it was.

    `by` are the properties and checks that notice it first, in the `scenario` named, where the search of it ended;
    `limit` is what kept it from being told.
    """

    mutation: Mutation
    transition: Transition
    fate: Fate
    scenario: str | None = None
    by: tuple[str, ...] = ()
    limit: str | None = None
    dead: bool = False  # whether it concerns a variable or an element that decides nothing


@dataclass(frozen=True)
class Mutated:
    """Every mutation of a model, over the scenarios that it was asked of."""

    path: str
    models: tuple[Model, ...]  # as they are, in the order in which they were asked
    violated: tuple[str, ...]  # what the model itself violates wherever it is asked, and what so notices little
    undecided: tuple[tuple[str, str], ...]  # (scenario, property): what a limit leaves open of the model itself
    judged: tuple[JudgedMutation, ...]
    asked: tuple[str, ...] | None = None  # the properties and checks that were asked alone; None: all

    def of(self, fate: Fate) -> list[JudgedMutation]:
        """The mutations with one fate, as they are declared."""
        return [judged for judged in self.judged if judged.fate == fate]

    @property
    def exit_status(self) -> int:
        """2 where something could not be told, else 0: what nothing notices is an answer, and no fault."""
        return 2 if self.undecided or self.of("undecided") else 0


def mutate(
    path: Path | str,
    selection: Selection = Selection(),
    *,
    effort: Effort = Effort(),
    watch: Watching = lambda _: None,
) -> Mutated:
    """Every single mutation of a model, and which verdict differs from the model's own, if one does.

    A mutation is asked of one scenario after the other, until some verdict takes notice. Limits are for each mutant;
    where they say nothing of states, one with ROOM times those of the model is given up. Interchangeable instances are
    told apart. With a budget the seconds are those of all. Raises ModelError for what is wrong with the model.
    """
    judged: dict[Mutation, JudgedMutation] = {}
    models: list[Model] = []
    left_open: list[tuple[str, str]] = []
    own: dict[str, set[Status]] = {}
    asked_of = Questions(read(path, selection.changes), selection, symmetry=False)

    def ask(model: Model, property_ids: Sequence[str]) -> Model:
        """The model, when every mutation is asked of it that no other has decided."""
        watch("the model itself  ")
        scenario = _Scenario(model, property_ids, effort)
        models.append(model)
        for name, status in scenario.statuses.items():
            own.setdefault(name, set()).add(status)
        left_open.extend((model.scenario, name) for name in scenario.left_open)
        for mutant in mutants(model):
            judged.setdefault(mutant.mutation, JudgedMutation(mutant.mutation, mutant.transition, "unchanged"))
        open_ = [mutant for mutant in mutants(model) if judged[mutant.mutation].fate not in _FINAL]
        done = 0
        all_of_them = counted(len(open_), "mutant")
        watch(f"0 of {all_of_them}  ")
        for them in scenario.judge(open_):
            done += len(them)
            watch(f"{done} of {all_of_them}  ")
            for one in them:
                if _RANK[one.fate] < _RANK[judged[one.mutation].fate]:
                    judged[one.mutation] = one
        return model

    list(effort.each(asked_of.property_ids, lambda name: (ask(*one) for one in asked_of.of(name))))
    if effort.over is not None:  # whatever nothing has noticed yet, something might
        open_ones = (mutation for mutation, one in judged.items() if one.fate not in _FINAL)
        judged |= {key: replace(judged[key], fate="undecided", limit=effort.over) for key in list(open_ones)}
    asked = None if selection.properties is None else tuple(selection.properties)
    violated = tuple(name for name, statuses in own.items() if statuses == {"VIOLATED"})
    alive: frozenset[Datum] = frozenset().union(*map(live, models))
    roles = list(dict.fromkeys(role.name for model in models for role in model.roles))
    in_order = sorted(judged.values(), key=lambda one: (roles.index(one.mutation.role), one.transition.position))
    told = [
        replace(one, dead=one.fate == "unnoticed" and _datum(one.mutation) not in {None, *alive}) for one in in_order
    ]
    return Mutated(str(path), tuple(models), violated, tuple(left_open), tuple(told), asked)


def _datum(mutation: Mutation) -> Datum | None:
    """The variable or the element that a mutation concerns."""
    part = mutation.part or ""
    if mutation.operator == "element":
        return Datum("element", mutation.message or "", part)
    return Datum("variable", mutation.role, part) if mutation.operator == "assignment" and " " not in part else None


class _Scenario:
    """One scenario of the model as it is: its verdicts, which those on a mutant are held against."""

    def __init__(self, model: Model, property_ids: Sequence[str], effort: Effort) -> None:
        check_together(model)
        self.model, self.property_ids, self.effort = model, list(property_ids), effort
        found = run(model, property_ids, effort, full=True, normative_flows=False)
        if found.interrupted:
            raise Stopped(found.stopped or INTERRUPTED)
        self.statuses: dict[str, Status] = {verdict.id: verdict.status for verdict in found.verdicts}
        self.left_open = [name for name, status in self.statuses.items() if status == "INCOMPLETE"]
        self.known = [*found.findings.paths, *{fault.check for fault in found.findings.faults}]
        limits = effort.limits or Limits()
        if limits.max_states is None:
            limits = replace(limits, max_states=ROOM * found.findings.states)
        self.limits = limits

    def judge(self, them: Sequence[Mutant]) -> Iterator[list[JudgedMutation]]:
        """Mutants with their fates in this scenario, some at a time, each once."""
        from mcfsm.explore.mutants import screen

        unnoticed: list[Mutant] = []
        for some in _parts(them, MOST_TOGETHER):
            judged: list[JudgedMutation] = []
            screened = self._told(some, lambda models: screen(self._query(models), self.known))
            for mutant, one in zip(some, screened, strict=True):
                fate = self._judged(mutant, one)
                if fate.fate == "unnoticed":
                    unnoticed.append(mutant)
                else:
                    judged.append(fate)
            yield judged
        for some in _parts(unnoticed, MOST_TOGETHER - 1):
            compared = self._told(some, self._compared)
            yield [self._judged(mutant, one) for mutant, one in zip(some, compared, strict=True)]

    def _compared(self, models: Sequence[Model]) -> list[Screened | None]:
        from mcfsm.explore.mutants import compare

        found = compare(self._query([self.model, *models]))
        return [None] * len(models) if found is None else list(found[1:])

    def _told(
        self, them: Sequence[Mutant], of: Callable[[Sequence[Model]], Sequence[Screened | None]]
    ) -> list[Screened | ModelError | None]:
        """What is found of mutants together; where an expression has no value in one of them, in halves, down to it."""
        try:
            return list(of([mutant.model for mutant in them]))
        except ModelError as error:
            if len(them) == 1:
                return [error]
            half = len(them) // 2
            return [*self._told(them[:half], of), *self._told(them[half:], of)]

    def _query(self, models: Sequence[Model]) -> MutantQuery:
        from mcfsm.explore.mutants import MutantQuery

        def report(state: Progress) -> None:
            if self.effort.progress is not None:
                self.effort.progress(self.model, state)

        limits = replace(self.limits, spent=self.effort.left.spent)
        return MutantQuery(models, self.property_ids, limits, report, self.effort.workers)

    def _judged(self, mutant: Mutant, found: Screened | ModelError | None) -> JudgedMutation:
        one = JudgedMutation(mutant.mutation, mutant.transition, "unnoticed", self.model.scenario)
        if found is None:
            return replace(one, fate="undecided", limit="a limit")
        if isinstance(found, ModelError) or found.meaningless is not None:
            return replace(one, fate="meaningless")
        told = {"PROVED", "VIOLATED", "VACUOUS"}
        by = [
            name
            for name, status in found.statuses.items()
            if {status, self.statuses[name]} <= told and status != self.statuses[name]
        ]
        if by:
            return replace(one, fate="noticed", by=tuple(by))
        if found.stopped is not None:
            return replace(one, fate="undecided", limit=found.stopped)
        if found.unchanged:
            return replace(one, fate="unchanged", scenario=None)
        return replace(one, fate="undecided", limit="the model's own verdicts") if self.left_open else one


def _parts(them: Sequence[Mutant], most: int) -> Iterator[Sequence[Mutant]]:
    return (them[i : i + most] for i in range(0, len(them), most))
