"""What a finding of a built-in check says: who has no answer to what, which channel is full, what everybody waits for.

It is kept by ids, as programs read it, and said again in the words of the model's labels where people do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mcfsm.explore.findings import Fault
from mcfsm.model import Model
from mcfsm.model.labels import by_id, with_article
from mcfsm.problems import counted
from mcfsm.semantics.product import DEADLOCK, Product
from mcfsm.semantics.role import Event
from mcfsm.semantics.steps import State
from mcfsm.semantics.trace import ReplayError, Trace, replay
from mcfsm.semantics.transition import Outcome
from mcfsm.verdicts.deadlock import Stuck, stuck
from mcfsm.verdicts.reliance import Reliance, relies_on


@dataclass(frozen=True)
class FaultFound:
    """One finding of a built-in check."""

    check: str
    subject: str
    trace: Trace
    refusals: tuple[str, ...] = ()  # of an unspecified reception: why each transition that might take it does not
    stuck: Stuck | None = None  # of a deadlock: what everybody waits for
    relies_on: tuple[Reliance, ...] = ()  # of an unspecified reception by the text alone: what the flow there uses
    by_text: bool = False  # whether an answer did not count that no normative item gives


def found(product: Product, fault: Fault) -> FaultFound:
    """A finding with its flow. Raises ReplayError where the flow does not end in a state that has it."""
    with by_id():
        return _explained(product, fault.check, fault.subject, replay(product, fault.path))


def in_words(model: Model, fault: FaultFound, avoided: frozenset[str]) -> FaultFound:
    """A finding of a search that left out these transitions, in the words of the model's labels."""
    product = Product(replace(model, text_alone=fault.by_text), avoid=avoided)
    return _explained(product, fault.check, fault.subject, fault.trace)


def _explained(product: Product, check: str, subject: str, trace: Trace) -> FaultFound:
    state = trace.states[-1]
    expansion = product.expand(state)
    for instance, event in expansion.refused:
        if product.refusal(instance, state.locals[instance], event) == (check, subject):
            by_text = product.model.text_alone
            rests = relies_on(product.model, trace.taken) if by_text else ()
            said = _unanswered(product, instance, state, event) or subject
            why = tuple(_refusals(product, instance, state, event))
            return FaultFound(check, said, trace, why, relies_on=rests, by_text=by_text)
    if (check, subject) == DEADLOCK and product.deadlocked(state, expansion):
        return FaultFound(check, subject, trace, stuck=stuck(product, state))
    for overflow in expansion.overflows:
        if product.overflow(*overflow) == (check, subject):
            return FaultFound(check, _overflowing(product, *overflow) or subject, trace)
    raise ReplayError(f"the trace of {check} does not end in a state where {subject}")


def _unanswered(product: Product, instance: int, state: State, event: Event) -> str | None:
    """The same as the definition says it, by labels; None where the instance has none."""
    words, name, local = product.model.labels, product.model.instances[instance].name, state.locals[instance]
    if words.label("instance", name) is None:
        return None
    role = product.machines[instance].role
    where = ", ".join(words.state(role.name, at) for at in local.states)
    answer = "answer of the text" if product.model.text_alone else "answer"
    arriving = f"{with_article(words.message(event.message.name))} from {words.instance(event.sender)}"
    return f"{words.instance(name)} ({where}) has no {answer} to {arriving}"


def _overflowing(product: Product, channel: int, instance: int, outcome: Outcome) -> str | None:
    words, declared = product.model.labels, product.model.channels[channel]
    if words.label("instance", declared.sender) is None:
        return None
    line = product.transition(instance, outcome)
    way = f"from {words.instance(declared.sender)} to {words.instance(declared.receiver)}"
    who = words.instance(product.model.instances[instance].name)
    doing = "ignores one more" if line is None else words.transition(line.id)
    full = counted(int(declared.bound or 0), "message")
    return f"the channel {way}, of {full}, is full when one more is sent ({who}: {doing})"


def _refusals(product: Product, instance: int, state: State, event: Event) -> Iterator[str]:
    """Why each transition that might take a message does not; where it does, why that is no answer of the text."""
    machine, local, words = product.machines[instance], state.locals[instance], product.model.labels
    taken = [product.transition(instance, outcome) for outcome in machine.local_step(local, event)]
    for line in dict.fromkeys(filter(None, taken)):
        ground, why = ("an assumption", line.assumption) if line.assumption else ("informative items", line.clause)
        label = words.label("transition", line.id)
        yield f"{label} (by {ground}: {why})" if label else f"{line.id} takes it by {ground}: {why}"
    known = {line.id for line in taken if line is not None}
    for refusal in machine.refusals(local, event):
        if refusal.transition not in known:
            yield f"{words.transition(refusal.transition)}: {refusal.reason}"
