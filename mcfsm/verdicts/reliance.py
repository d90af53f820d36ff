"""What a flow rests on: assumptions, the readings and options that were chosen, informative items."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mcfsm.model import ChosenValue, Model, Transition
from mcfsm.model.labels import Labels
from mcfsm.semantics.steps import Step


@dataclass(frozen=True)
class Reliance:
    """One thing that a flow rests on: a transition that assumes it, a constant with its value, or an item."""

    kind: Literal["assumption", "choice", "informative"]
    name: str
    note: str  # the assumption itself; of a choice the item that names it, and its modality
    owner: str = ""  # the role of the transition, or the value

    def __str__(self) -> str:
        """As programs read it: "notify=after (X.1.6-10, informative)"."""
        said = f"{self.name}={self.owner}" if self.kind == "choice" else self.name
        note = f"assumption: {self.note}" if self.kind == "assumption" else self.note
        return f"{said} ({note})" if note else said

    def in_words(self, labels: Labels) -> str:
        """The same by labels: "How the primary learns: told afterwards (X.1.6-10, informative)"."""
        if self.kind == "choice":
            said = labels.choice(self.name, self.owner)
            return f"{said} ({self.note})" if self.note else said
        label = labels.label("transition", self.name) if self.kind == "assumption" else None
        return str(self) if label is None else f"{labels.role(self.owner)} {label} (assumption: {self.note})"


def relies_on(model: Model, steps: Iterable[Step]) -> tuple[Reliance, ...]:
    """What a flow uses: assumptions, then readings and options, then informative items, each in order of use."""
    constants = {constant.name: constant for constant in (*model.readings, *model.options)}
    assumptions: dict[Reliance, None] = {}
    chosen: dict[Reliance, None] = {}
    informative: dict[Reliance, None] = {}
    for step in steps:
        for name, value in _kept_by(model, step):
            chosen[_choice(model, constants[name], value)] = None
        transition = transition_of(model, step)
        if transition is None:
            continue
        if transition.assumption is not None:
            role = model.role_of[model.instances[step.instance].name].name
            assumptions[Reliance("assumption", transition.id, transition.assumption, role)] = None
        elif transition.informative:
            informative.update({Reliance("informative", item, "informative"): None for item in transition.clauses})
        for name, value in transition.under:
            chosen[_choice(model, constants[name], value)] = None
    return (*assumptions, *chosen, *informative)


def transition_of(model: Model, step: Step) -> Transition | None:
    """The transition a step takes; None for the freeze and for an ignored message."""
    if step.outcome is None or step.outcome.transition < 0:
        return None
    return model.role_of[model.instances[step.instance].name].transitions[step.outcome.transition]


def _kept_by(model: Model, step: Step) -> tuple[tuple[str, str], ...]:
    """By a crash, the readings and options that decide what its instance remembers."""
    if step.fault is None or step.fault.kind != "crash":
        return ()
    return model.role_of[model.instances[step.fault.place].name].persistent_under


def _choice(model: Model, constant: ChosenValue, value: str) -> Reliance:
    clause = model.clause_of.get(constant.clause or "")
    notes = [note for note in (constant.clause, clause.modality.replace("_", " ") if clause else None) if note]
    return Reliance("choice", constant.name, ", ".join(notes), value)
