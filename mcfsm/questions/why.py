"""Why a verdict is what it is: the clauses, assumptions, readings and options it rests on, each taken away in turn.

Without a clause: every transition that cites it is left out. Without an assumption: the transition that makes it is. A
reading or an option: its other values. Each time the model is explored again, and the verdict falls or stands. Of what
is proved without a flow it is also said how near it comes to being broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mcfsm.explore.stopping import SIGNALS
from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.document import ConstantPart, Document
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.selection import Questions, Selection
from mcfsm.model import ChosenValue, Fairness, Model, Transition
from mcfsm.problems import ModelError
from mcfsm.verdicts.bite import with_bites
from mcfsm.verdicts.run import Effort, run
from mcfsm.verdicts.verdict import Run, Verdict

OVERFLOW = "check.overflow"
GroundKind = Literal["clause", "assumption", "transition", "reading", "option"]
Asking = Callable[[int, int, str], None]  # which ground, of how many, its name


@dataclass(frozen=True)
class Ground:
    """Something a verdict may rest on."""

    kind: GroundKind
    name: str  # a clause or transition; of a reading or option, the value it has
    text: str | None
    modality: str | None
    transitions: tuple[str, ...] = ()  # that are left out without it
    other: tuple[str, str] | None = None  # of a reading or option: its name, and the value tried instead
    fixed: bool = False  # of a reading or option: whether the scenario says which value

    @property
    def title(self) -> str:
        """What is tried: a name, or "notify=after" in place of the value it has."""
        return self.name if self.other is None else "=".join(self.other)


@dataclass(frozen=True)
class Tried:
    """A ground, and the verdict without it."""

    ground: Ground
    without: Verdict
    falls: bool | None  # whether the verdict is another one then; None where the search was stopped


@dataclass(frozen=True)
class Why:
    """A verdict with its grounds. Where it has a flow, no transitions are among them but those that the flow takes."""

    run: Run
    verdict: Verdict
    tried: tuple[Tried, ...]
    interrupted: bool = False
    no_model: tuple[tuple[str, str], ...] = ()  # values of readings and options that make no model of this scenario

    @property
    def exit_status(self) -> int:
        """2 where a search was stopped, else 0."""
        statuses = [self.verdict.status, *(tried.without.status for tried in self.tried)]
        return 2 if self.interrupted or "INCOMPLETE" in statuses else 0


def why(
    path: Path | str,
    name: str,
    selection: Selection = Selection(),
    *,
    effort: Effort = Effort(),
    fairness: Fairness | None = None,
    asking: Asking | None = None,
) -> list[Why]:
    """The grounds of the verdict on one property or built-in check, for each scenario and reading that has it.

    Without a budget limits count for each search; `fairness` stands in for a liveness property's own. Raises
    ModelError for what is wrong with the model, and for unknown names.
    """
    document = read(path, selection.changes)

    def explore(model: Model, avoid: frozenset[str] = frozenset()) -> Run:
        return run(model, [name], effort, avoid=avoid, fairness=fairness, normative_flows=not avoid)

    answers: list[Why] = []
    models = Questions(document, replace(selection, properties=(name,)), symmetry=effort.symmetry)

    def ask(scenario: str) -> Iterator[Why]:
        for model, _ in models.of(scenario):
            first = with_bites(explore(model), effort)
            yield _why(document, first, name, explore, asking, effort)

    for answer in effort.each(models.property_ids, ask):
        answers.append(answer)
        if answer.interrupted and effort.budget is None:
            break
    return answers


def _why(
    document: Document, first: Run, name: str, explore: Callable[..., Run], asking: Asking | None, effort: Effort
) -> Why:
    """The one verdict of a run with its grounds; two that leave out the same are explored once."""
    model, (verdict,) = first.model, first.verdicts
    if verdict.status == "INCOMPLETE":
        return Why(first, verdict, (), first.interrupted)
    values, no_model = _other_values(document, model, name)
    grounds = [*_cited(model, _used(first, verdict)), *values]
    tried: list[Tried] = []
    known: dict[frozenset[str], Verdict] = {}
    for number, ground in enumerate(grounds, 1):
        if asking is not None:
            asking(number, len(grounds), ground.title)
        avoid = frozenset(ground.transitions)
        without = known.get(avoid) if avoid else None
        if without is None:
            other = model if ground.other is None else _resolved(document, model, name, ground.other)
            found = explore(other, avoid)
            if found.interrupted or effort.over in SIGNALS:
                return Why(first, verdict, tuple(tried), True, no_model)
            (without,) = found.verdicts
            if avoid:
                known[avoid] = without
        falls = None if without.status == "INCOMPLETE" else without.status != verdict.status
        tried.append(Tried(ground, without, falls))
    return Why(first, verdict, tuple(tried), no_model=no_model)


def _used(found: Run, verdict: Verdict) -> list[Transition]:
    """The transitions that a verdict may rest on.

    A verdict with a flow stands as long as that flow does: leaving out what it does not use takes none of its steps,
    and adds none to the state it ends in. The step into a full channel is no part of the flow that leads there, so an
    overflow may rest on any.
    """
    declared = [transition for role in found.model.roles for transition in role.transitions]
    if verdict.id == OVERFLOW:
        return declared
    if verdict.trace is None:
        return [transition for transition in declared if transition.id in found.findings.fired]
    taken = {step.transition for step in verdict.trace.steps}
    return [transition for transition in declared if transition.id in taken]


def _cited(model: Model, used: list[Transition]) -> Iterator[Ground]:
    """Clauses in the order of the clauses file, then assumptions, then transitions that have neither."""
    declared = [transition for role in model.roles for transition in role.transitions]
    cited = {item for transition in used for item in transition.clauses}
    for clause in model.clauses:
        if clause.id in cited:
            citing = tuple(transition.id for transition in declared if clause.id in transition.clauses)
            yield Ground("clause", clause.id, clause.text, clause.modality, citing)
    for transition in used:
        if transition.assumption is not None:
            yield Ground("assumption", transition.id, transition.assumption, None, (transition.id,))
    for transition in used:
        if transition.assumption is None and not transition.clauses:
            yield Ground("transition", transition.id, None, None, (transition.id,))


def _other_values(document: Document, model: Model, name: str) -> tuple[list[Ground], tuple[tuple[str, str], ...]]:
    """Each other value of each reading and option, also one the scenario fixes, and those that make no model of it.

    A line that only stands under such a value may speak of instances that the scenario does not have.
    """
    grounds: list[Ground] = []
    no_model: list[tuple[str, str]] = []
    listed: list[tuple[GroundKind, tuple[ChosenValue, ...], dict[SourceText, ConstantPart]]] = [
        ("reading", model.readings, document.readings),
        ("option", model.options, document.options),
    ]
    for kind, constants, parts in listed:
        for constant in constants:
            part = next(part for name, part in parts.items() if name == constant.name)
            for other in ((constant.name, value) for value in map(str, part.values) if value != constant.value):
                if _makes_a_model(document, model, name, other):
                    grounds.append(Ground(kind, constant.value, constant.text, None, (), other, constant.fixed))
                else:
                    no_model.append(other)
    return grounds, tuple(no_model)


def _makes_a_model(document: Document, model: Model, name: str, other: tuple[str, str]) -> bool:
    try:
        _resolved(document, model, name, other)
    except ModelError:
        return False
    return True


def _resolved(document: Document, model: Model, name: str, other: tuple[str, str]) -> Model:
    """The model with another value of one reading or option, all else as it is."""
    chosen = {constant.name: constant.value for constant in (*model.readings, *model.options, *model.parameters)}
    symmetry = bool(model.interchangeable)
    return resolve(document, model.scenario, chosen=chosen | dict([other]), properties=[name], symmetry=symmetry)
