"""The range that is inferred for a number: as tight as interval arithmetic makes it, and no tighter.

A range too wide refuses nothing and costs only size; one too narrow would let a value through that its domain has not.
"""

from __future__ import annotations

import pytest
from building import build

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import ANY_INTEGER, Integer
from mcfsm.problems import ModelError

MODEL = """
domains: {{D: [p, q]}}
parameters: {{size: 3}}
messages: {{m: {{}}}}
roles:
  node:
    variables: {{a: 0..3 = 0, b: 1..2 = 1, c: -2..5 = 0, s: "set[D] = {{}}"}}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {{trigger: go, kind: user, conditions: '({expression}) < 1000000'}}
scenarios:
  s: {{instances: {{i: node}}}}
"""
LOW, HIGH = ANY_INTEGER.low, ANY_INTEGER.high


def domain(expression: str) -> object:
    node = build(MODEL.format(expression=expression), whole=False).roles[0].transitions[0].guards[0].node
    assert isinstance(node, n.Apply)
    return node.arguments[0].domain


@pytest.mark.parametrize(
    ("expression", "low", "high"),
    [
        ("how_many(m)", 0, HIGH),
        ("7", 7, 7),
        ("a", 0, 3),
        ("-c", -5, 2),
        ("a + b", 1, 5),
        ("a - b", -2, 2),
        ("b - a", -2, 2),
        ("a * c", -6, 15),
        ("c * c", -10, 25),
        ("c // b", -2, 5),
        ("a % b", 0, 1),
        ("c % 4", 0, 3),
        ("a % 9", 0, 3),
        ("min(a, b)", 0, 2),
        ("max(a, b)", 1, 3),
        ("max(c, 1)", 1, 5),
        ("min(a, b, c)", -2, 2),
        ("min({a, c})", -2, 5),
        ("max({3, 1, 2})", 3, 3),
        ("max(x + a for x in {1, 2})", 1, 5),
        ("len(s)", 0, 2),
        ("a if c < 0 else b + 3", 0, 5),
        ("size", LOW, HIGH),
        ("min(a, size)", LOW, 3),
        ("max(a, size)", 0, HIGH),
        ("a % size", 0, 2),
        ("a // min(size, 2)", 0, 1),
        ("a // (size - 2)", 0, 3),
        ("a % (2 * size)", 0, 3),
    ],
)
def test_the_range_of_a_number(expression: str, low: int, high: int) -> None:
    assert domain(expression) == Integer(low, high)


@pytest.mark.parametrize("divisor", ["a", "size - 3", "min(b, size)", "0", "-size"])
def test_a_divisor_is_certainly_positive(divisor: str) -> None:
    with pytest.raises(ModelError, match="may be zero or less"):
        domain(f"c // ({divisor})")
