"""What a flow says of the values that were chosen: instances by their labels, and of a beginning each value once."""

from __future__ import annotations

import pytest
from building import build, run

from mcfsm.pictures.flow_text import render_text
from mcfsm.semantics.product import Product
from mcfsm.semantics.sentence import choices
from mcfsm.semantics.trace import replay

TEXT = """
messages: {call: {}}
roles:
  desk:
    label: Front desk
    variables: {open: "bool in {true, false}", line: "0..1 in {0, 1}"}
    states: [up]
    initial: up
    final: [up]
    transitions:
    - {trigger: ring, kind: user, choose: {one: all_of(room)}, send: [{call: {to: one}}], budget: calls}
    - {trigger: ring_two, kind: user, choose: {two: "{all_of(room)}"}, send: [{call: {to: two}}], budget: calls}
  room: {label: Room, states: [up], initial: up, final: [up], transitions: [{trigger: call}]}
scenarios:
  s:
    instances: {d: desk, r: {role: room, count: 2}}
    channels: {default: {bound: 1}}
    budgets: {calls: 1}
    begin: {conditions: d.open}
"""


BEGUN = "environment begin d.line=1"


@pytest.mark.parametrize(
    ("taken", "said"),
    [("d desk.ring.1 one=r(2)", "one = Room 2"), ("d desk.ring_two.1", "two = {Room 1, Room 2}")],
    ids=["one", "a set"],
)
def test_instances_that_are_chosen_are_called_by_their_labels(taken: str, said: str) -> None:
    product = Product(build(TEXT))
    steps, _ = run(product, BEGUN, taken)
    trace = replay(product, steps)
    assert choices(product.model, trace.steps[1]) == [said]
    for width in (40, 80):
        flow = render_text(trace, product.model, width=width)
        assert said in " ".join(flow.split())
        assert "r(2)" not in flow


def test_a_beginning_is_told_once() -> None:
    product = Product(build(TEXT))
    steps, _ = run(product, BEGUN)
    flow = render_text(replay(product, steps), product.model, width=40)
    assert " ".join(flow.split()) == "1 The scenario begins with Front desk: line = 1."
