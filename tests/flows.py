"""A second computation of what `mcfsm replay` says: every run that a flow may mean, one after the other, on plain data.

A step is a dict with the keys of a step in a flow file; what is not in it is left open.
"""

from __future__ import annotations

from typing import Any

from mcfsm.report.check_json import as_steps
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State
from mcfsm.semantics.trace import Trace, describe

Said = dict[str, Any]


def told(product: Product, state: State) -> list[tuple[Said, State]]:
    """Every step of a state as plain data, with the state it leads to."""
    return [
        ({**as_steps(Trace((words,), (), ()))[0], "trigger": words.trigger}, step.target)
        for step in product.steps(state)
        for words in [describe(product, state, step)]
    ]


def fits(asked: Said, there: Said) -> bool:
    """Whether a step is one of those asked for."""
    for key in ("instance", "transition", "trigger"):
        if key in asked and asked[key] != there[key]:
            return False
    if not asked.get("chosen", {}).items() <= there["chosen"].items():
        return False
    pairs = []
    if asked.get("receives") is not None:
        pairs.append((asked["receives"], there["receives"]))
    if "sends" in asked:
        if len(asked["sends"]) != len(there["sends"]):
            return False
        pairs += zip(asked["sends"], there["sends"], strict=True)
    return all(other is not None and _message_fits(one, other) for one, other in pairs)


def _message_fits(asked: Said, there: Said) -> bool:
    plain = all(there.get(key) == value for key, value in asked.items() if key != "elements")
    return plain and all(there["elements"].get(name) == value for name, value in asked.get("elements", {}).items())


def first_refused(product: Product, steps: list[Said]) -> int | None:
    """The number of the first step that no run takes; None where some run takes them all."""

    def longest(state: State, at: int) -> int:
        if at == len(steps):
            return at
        reached = at
        for there, target in told(product, state):
            if fits(steps[at], there):
                reached = max(reached, longest(target, at + 1))
        return reached

    reached = longest(product.initial(), 0)
    return None if reached == len(steps) else reached + 1
