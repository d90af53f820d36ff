"""Whether a flow decides what is asked of it: ends where a property is broken or met, or goes round for ever so."""

from __future__ import annotations

from mcfsm.explore.findings import Lasso
from mcfsm.model import CHECKS, Fairness, LivenessProperty, Model
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import LivenessMonitor, PropertyMonitor
from mcfsm.semantics.trace import ReplayError, Trace
from mcfsm.verdicts.lasso_witness import replay_lasso


def decided(trace: Trace, *, model: Model, name: str, start: int | None, fairness: Fairness | None) -> bool:
    """Whether a flow of a model decides a property or a built-in check of it.

    A flow that goes on for ever, its steps after the first `start` again and again, decides a property of runs
    alone, under its fairness or the one given.
    """
    product, last = Product(model), trace.states[-1]
    if name in CHECKS:
        return name in {check for check, _ in product.faults(last, product.expand(last))}
    if name in model.property_of:
        return PropertyMonitor(model, model.property_of[name]).decides(last)
    property_ = model.liveness_property_of[name]
    if start is None or not 0 <= start <= len(trace):
        return False
    set_off = _set_off(trace, product, property_, start)
    if set_off is None:
        return False
    try:
        lasso = Lasso(trace.taken[:start], trace.taken[start:], set_off)
        replay_lasso(product, property_, lasso, fairness or property_.fairness)
    except ReplayError:
        return False
    return True


def _set_off(trace: Trace, product: Product, property_: LivenessProperty, most: int) -> int | None:
    """After how many steps, `most` at most, the cause holds last where the goal never does from there on."""
    monitor = LivenessMonitor(product.model, property_)
    values = [monitor.values(state, initial=product.is_initial(state)) for state in trace.states]
    after_goal = next((i + 1 for i in reversed(range(len(values))) if values[i][1]), 0)
    return next((i for i in reversed(range(after_goal, most + 1)) if values[i][0]), None)
