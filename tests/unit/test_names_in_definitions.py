"""A definition has names of its own: a quantifier in it may have the variable of one that reads it."""

from __future__ import annotations

import pytest
from building import build

from mcfsm.explore import exhaustive, reference

MODEL = """
roles:
  node:
    variables: {n: 0..1 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: go, kind: user, conditions: n == 0, set: {n: 1}}
define:
  all_up: all(x.n == 1 for x in node)
  some: "{x for x in node if x.n == 1}"
properties:
  P: {text: It is so., reachable: "PROMISE"}
scenarios:
  s: {instances: {a: node, b: node}}
"""


@pytest.mark.parametrize(
    ("promise", "steps"),
    [
        ("any(x.n == 1 and all_up for x in node)", 2),
        ("all(x.n == 0 or all_up for x in node) and a.n == 1", 2),
        ("any(x in some and len(some) == 2 for x in node)", 2),
        ("count(all_up for x in node if x.n == 1) == 2", 2),
        ("any(x.n == 1 and some == {x} for x in node)", 1),
        ("any(x != y and x in some for x in some for y in node)", 1),
    ],
)
def test_the_variable_of_a_quantifier_stays_in_it(promise: str, steps: int) -> None:
    model = build(MODEL.replace("PROMISE", promise))
    for explorer in (reference.explore, exhaustive.explore):
        assert len(explorer(model, full=True).paths["P"]) == steps
