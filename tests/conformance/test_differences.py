"""The search for flows on random models: it finds a difference just where trying flow by flow finds one, as short."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from randomized.strategies import ModelText, model_texts, resolve_text

from mcfsm.explore.findings import Limits
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.questions.compare.flow_difference import StepLabel, difference, label
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State

DEEP = 4


def transitions(model: Model) -> list[str]:
    return [transition.id for role in model.roles for transition in role.transitions]


def onward(product: Product, states: frozenset[State]) -> dict[StepLabel, frozenset[State]]:
    """The states that each label leads to, from any of some."""
    found: dict[StepLabel, set[State]] = {}
    for state in states:
        for step in product.steps(state):
            found.setdefault(label(product, step), set()).add(step.target)
    return {name: frozenset(targets) for name, targets in found.items()}


def shortest(first: Product, second: Product) -> int | None:
    """How long the shortest flow is that the first has and the second has not: flow by flow, up to DEEP steps."""
    flows = [(frozenset([first.initial()]), frozenset([second.initial()]))]
    for steps in range(1, DEEP + 1):
        following = []
        for mine, others in flows:
            theirs = onward(second, others)
            for name, targets in onward(first, mine).items():
                if name not in theirs:
                    return steps
                following.append((targets, theirs[name]))
        flows = following
    return None


@settings(max_examples=25)
@given(model_texts(), st.randoms(use_true_random=False))
def test_leaving_transitions_out_takes_flows_away_and_adds_none(text: ModelText, dice: Random) -> None:
    model = resolve_text(text)
    names = transitions(model)
    avoid = frozenset(name for name in names if dice.random() < 0.2)
    whole, part = Product(model), Product(model, avoid=avoid)
    try:
        expected = shortest(whole, part)
        found = difference(whole, part, limits=Limits(max_depth=DEEP, max_seconds=20))
        back = difference(part, whole, limits=Limits(max_depth=DEEP, max_seconds=20))
    except ModelError:
        return  # a value leaves its domain, whichever way one looks
    assert found.only_second is back.only_first is None
    lengths = [None if only is None else len(only.labels) for only in (found.only_first, back.only_second)]
    assert lengths == [expected, expected]
    if expected is not None and found.only_first is not None:
        assert {step.transition for step in found.only_first.trace.steps} & avoid
