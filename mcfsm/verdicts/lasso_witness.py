"""A lasso replayed: everything that makes it violate a property is computed again by `product.py`, whoever found it.

Stem and loop are steps of the definition; the loop closes; the cause holds where it is said to, and the goal from there
on nowhere; and every fairness set is taken in the loop or, as its fairness asks, disabled in a state of it or in all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mcfsm.explore.findings import Lasso
from mcfsm.model import Fairness, LivenessProperty
from mcfsm.semantics.fairness import FairSet, fair_set_of, order, shown, strength
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import LivenessMonitor
from mcfsm.semantics.trace import ReplayError, Trace, replay


@dataclass(frozen=True)
class FairnessWitness:
    """Why a loop is fair to one fairness set: a step that takes it, or a step after which it is disabled.

    Sets that are disabled in every state of the loop need no witness.
    """

    fair_set: str
    taken_at: int | None = None
    disabled_after: int | None = None

    def __str__(self) -> str:
        if self.taken_at is not None:
            return f"{self.fair_set} is taken in step {self.taken_at}"
        where = f"after step {self.disabled_after}" if self.disabled_after else "at the beginning"
        return f"{self.fair_set} is disabled {where}"


def replay_lasso(
    product: Product, property_: LivenessProperty, lasso: Lasso, fairness: Fairness
) -> tuple[Trace, tuple[FairnessWitness, ...]]:
    """The flow of a lasso, with its witnesses. Raises ReplayError where it does not violate the property."""
    trace = replay(product, (*lasso.stem, *lasso.loop))
    begin = len(lasso.stem)
    name = property_.id
    if not 0 <= lasso.start <= begin:
        raise ReplayError(f"the lasso of {name} is set off outside its stem")
    if trace.states[-1] != trace.states[begin]:
        raise ReplayError(f"the loop of {name} does not close")
    monitor = LivenessMonitor(product.model, property_)
    for number, state in enumerate(trace.states[lasso.start :], lasso.start):
        cause, goal = monitor.values(state, initial=product.is_initial(state))
        if number == lasso.start and not cause:
            raise ReplayError(f"the cause of {name} does not hold after step {number}")
        if goal:
            raise ReplayError(f"the goal of {name} holds after step {number}")
    witnesses = tuple(_witnesses(product, trace, begin, fairness, name))
    return replace(trace, loop_start=begin), witnesses


def goes_on_fairly(product: Product, lasso: Lasso, fairness: Fairness) -> bool:
    """Whether the loop of a lasso is fair in another sense than the one it was found under."""
    trace = replay(product, (*lasso.stem, *lasso.loop))
    try:
        return all(True for _ in _witnesses(product, trace, len(lasso.stem), fairness, "the lasso"))
    except ReplayError:
        return False


def _witnesses(product: Product, trace: Trace, begin: int, fairness: Fairness, name: str) -> Iterator[FairnessWitness]:
    model = product.model
    enabled = [{fair_set_of(model, step) for step in product.steps(state)} for state in trace.states[begin:]]
    taken: dict[FairSet | None, int] = {}
    for number, step in enumerate(trace.taken[begin:], begin + 1):
        taken.setdefault(fair_set_of(model, step), number)
    constrained = {set_ for sets in enabled for set_ in sets if set_ is not None}
    for set_ in sorted(constrained, key=lambda set_: order(model, set_)):
        kind = strength(fairness, set_)
        where = next((begin + i for i, sets in enumerate(enabled) if set_ not in sets), None)
        if kind == "none":
            continue
        if set_ in taken:
            yield FairnessWitness(shown(model, set_), taken_at=taken[set_])
        elif kind == "weak" and where is not None:
            yield FairnessWitness(shown(model, set_), disabled_after=where)
        else:
            raise ReplayError(f"the loop of {name} is not fair: {shown(model, set_)} is put off for ever")
