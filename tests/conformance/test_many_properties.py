"""Findings of more properties than anybody writes: each is kept as what it is, whatever its number."""

from __future__ import annotations

from building import build

from mcfsm.explore import exhaustive, reference
from mcfsm.model import Model

COUNTER = """
roles:
  counter:
    variables: {{n: 0..{most} = 0}}
    states: [counting]
    initial: counting
    final: [counting]
    transitions: [{{trigger: go, kind: user, conditions: n == 0, choose: {{x: 1..{most}}}, set: {{n: x}}}}]
  switch:
    states: [off, on]
    initial: off
    final: [off, on]
    transitions: [{{trigger: flip, kind: user, source: off, dest: on}}]
properties:
{properties}
scenarios:
  s: {{instances: {{c: counter, d: switch}}}}
"""


def counter(most: int, conditions: list[str]) -> Model:
    """A counter that takes any value up to `most` in its one step, a switch, and what is never to be of them."""
    lines = (f'  p{i}: {{text: Not this., never: "{condition}"}}' for i, condition in enumerate(conditions))
    return build(COUNTER.format(most=most, properties="\n".join(lines)))


def test_a_property_that_is_decided_is_not_taken_for_another_that_cannot_be_evaluated() -> None:
    model = counter(3, [f"c.n == {1 + i % 2 if i % 3 else 0}" for i in range(1100)])
    asked = [property_.id for property_ in model.state_properties]
    found, known = (engine.explore(model, property_ids=asked, full=True) for engine in (exhaustive, reference))
    assert len(known.paths) == 1100
    assert found.paths == known.paths


def test_what_one_state_of_many_decides_is_kept_among_all_that_is_found_beside_it() -> None:
    """In the second level whatever is asked of the states is known, so that a whole block is done at once."""
    everywhere, once = ["c.n > 0"] * 300, [f"c.n == {i}" for i in range(1, 131)]
    model = counter(130, [f"{condition} and d.state == on" for condition in (*everywhere, *once)])
    asked = [property_.id for property_ in model.state_properties]
    found, known = (engine.explore(model, property_ids=asked, full=True) for engine in (exhaustive, reference))
    assert len(known.paths) == 430
    assert found.paths == known.paths
    assert found.transitions == known.transitions == 391


FULL = """
messages: {a: {}, b: {}, c: {}}
roles:
  talker:
    states: [up]
    initial: up
    final: [up]
    transitions:
    - {id: t.a, trigger: say_a, kind: user, send: [{a: {to: h}}]}
    - {id: t.b, trigger: say_b, kind: user, send: [{b: {to: h}}]}
    - {id: t.c, trigger: say_c, kind: user, send: [{c: {to: h}}]}
  hearer: {states: [up], initial: up, final: [up], transitions: [{trigger: a}, {trigger: b}, {trigger: c}]}
properties:
  p0: {text: Never up., never: h.state == up}
  p1: {text: Never up., never: h.state == up}
  p2: {text: Never up., never: h.state == up}
  p3: {text: Never up., never: h.state == up}
scenarios:
  s: {instances: {t: talker, h: hearer}, channels: {default: {kind: fifo, bound: 1, when_full: error}}}
"""


def test_overflows_are_not_taken_for_properties_whatever_their_number() -> None:
    model = build(FULL)
    found, known = (engine.explore(model, full=True) for engine in (exhaustive, reference))
    assert [fault.check for fault in known.faults] == ["check.overflow"] * 3
    assert found.faults == known.faults
    assert found.paths == known.paths
