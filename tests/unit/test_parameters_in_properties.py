"""Properties, boundaries and observers read the parameters that a scenario gives to instances."""

from __future__ import annotations

import pytest
from building import build, explore

from mcfsm.explore import exhaustive, reference
from mcfsm.problems import ModelError

MODEL = """
domains: {D: [p, q]}
messages: {m: {}}
roles:
  node:
    parameters: {most: 0..3, mine: D}
    variables: {n: 0..3 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: go, kind: user, conditions: n < most, set: {n: n + 1}}
observers:
  w:
    variables: {over: bool, last: D?}
    transitions:
    - {on: {fired: node.go.1}, set: {over: after.n == before.most, last: before.mine}}
properties:
  one: {text: It is so., reachable: "PROMISE"}
scenarios:
  s:
    instances: {a: {role: node, parameters: {most: 1, mine: p}}, b: {role: node, parameters: {most: 3, mine: q}}}
"""


@pytest.mark.parametrize(
    ("promise", "steps"),
    [
        ("a.n == a.most", 1),
        ("all(x.n == x.most for x in node)", 4),
        ("any(x.n == y.most for x in node for y in node if x != y)", 1),
        ("any(x.n == x.most and x.mine == q for x in node)", 3),
        ("{x.most for x in node if x.n > 0} == {3}", 1),
        ("sum(x.most for x in node) == 4 and max(x.n for x in node) == 2", 2),
        ("w.over and w.last == q", 3),
    ],
)
def test_what_is_read(promise: str, steps: int) -> None:
    model = build(MODEL.replace("PROMISE", promise), whole=False)
    for found in (reference.explore(model, full=True), exhaustive.explore(model, full=True)):
        assert (found.states, len(found.paths["one"])) == (8 if "w." not in promise else found.states, steps)


def test_a_boundary_reads_them() -> None:
    text = MODEL.replace("PROMISE", "a.n == 1") + "    within: all(x.n < x.most for x in node)\n"
    assert explore(build(text, whole=False)).states == 3


def test_who_is_interchangeable_has_the_same() -> None:
    text = MODEL.replace("PROMISE", "all(x.n == x.most for x in node)")
    alike = text.replace("most: 3, mine: q", "most: 1, mine: p") + "    interchangeable: [node]\n"
    assert explore(build(alike, whole=False)).states == 3
    with pytest.raises(ModelError, match="parameter most of a is 1, and of b 3"):
        build(text + "    interchangeable: [node]\n", whole=False)


def test_what_not_all_have_is_not_read() -> None:
    text = MODEL.replace("PROMISE", "any(x.limit == 1 for x in node)")
    with pytest.raises(ModelError, match="not every instance in node has limit"):
        build(text, whole=False)


def test_a_premise_is_a_list() -> None:
    text = MODEL.replace('reachable: "PROMISE"', "when: [w.last != none, w.last == q or a.n > 5], never: w.last == p")
    model = build(text, whole=False)
    for found in (reference.explore(model, full=True), exhaustive.explore(model, full=True)):
        assert "one" not in found.paths
    with pytest.raises(ModelError, match="the premise of one is of 0"):
        build(MODEL.replace('reachable: "PROMISE"', "when: [a.n, a.n == 1], never: a.n == 2"), whole=False)
