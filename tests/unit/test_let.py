"""A name under let stands for its expression in the rest of its line, whatever else has its value changed."""

from __future__ import annotations

import pytest
from building import build, enabled, walk

from mcfsm.explore import exhaustive, reference
from mcfsm.problems import ModelError
from mcfsm.semantics.product import Product

MODEL = """
domains: {D: [p, q]}
messages: {m: {x: 0..3, y?: D}}
roles:
  node:
    variables: {n: 0..3 = 0, o: D?, s: "set[0..3] = {1, 2}"}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: go, kind: user, LINE}
    - {trigger: m}
scenarios:
  s:
    instances: {a: node}
    channels: {default: {kind: fifo, bound: 1, when_full: block}}
"""


def model(line: str) -> Product:
    return Product(build(MODEL.replace("LINE", line), whole=False))


def test_it_is_read_in_conditions_effects_and_messages() -> None:
    product = model(
        'choose: {c: "{1, 3}"}, let: {more: n + c, top: "max(x for x in s) + more - c"}, conditions: more <= 3, '
        "unless: top > 4, set: {n: more}, send: [{m: {to: self, x: more}}]"
    )
    assert enabled(product, product.initial()) == ["a node.go.1 c=1 -> m(x=1) a", "a node.go.1 c=3 -> m(x=3) a"]
    state = walk(product, "a node.go.1 c=1", "a node.m.1")
    assert state.locals[0].values[0] == 1
    for explorer in (reference.explore, exhaustive.explore):
        assert explorer(product.model, full=True).states == 7


def test_what_is_known_of_it_is_known_of_its_expression() -> None:
    product = model("let: {own: o}, conditions: [own != none, own in all_of(D)], set: {o: own}")
    assert enabled(product, product.initial()) == []


def test_all_is_read_as_it_was_before_the_step() -> None:
    product = model("let: {more: n + 1}, conditions: n < 3, set: {n: more, s: '{more, n}'}")
    state = walk(product, "a node.go.1", "a node.go.1")
    assert state.locals[0].values == (2, None, frozenset({1, 2}))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("let: {n: 1}", "M305"),
        ("let: {a: n}", "M305"),
        ("let: {more: less, less: 1}", "M403"),
        ("choose: {c: '{0..more}'}, let: {more: 1}", "M4"),
        ("let: {more: n +}", "M401"),
    ],
)
def test_what_is_refused(line: str, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        model(line)
    assert caught.value.problems[0].code.startswith(said)
