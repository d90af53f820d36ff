"""Where a `T?` is read as a `T`: behind a test that it is not none, and nowhere else."""

from __future__ import annotations

import pytest
from building import build

from mcfsm.problems import ModelError

MODEL = """
domains: {{D: [p, q], Rec: {{num: "0..3?", who: D}}}}
messages: {{hello: {{}}}}
roles:
  node:
    parameters: {{limit: "0..3?"}}
    variables:
      {{v: "0..3?", b: bool?, s: "set[D]?", r: Rec?, m: "map[D, 0..3?]", peer: node?, k: "D?", o: "map[D, bool?]"}}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {{trigger: go, kind: user{line}}}
define: {{has: a.v != none, lacks: a.v == none or a.s == none}}
properties:
  it: {{text: It is so.{promise}}}
scenarios:
  s: {{instances: {{a: {{role: node, parameters: {{limit: none}}}}}}}}
"""

CONDITIONS = [
    "v != none and v < 3",
    "none != v and 0 <= v <= 2",
    "not v == none and v < 3",
    "not (v == none or b == none) and v < 3 and b",
    "b != none and b",
    "v == none or v < 3",
    "v == none or b == none or (b and v < 2)",
    "not (v != none and b != none) or b",
    "v < 3 if v != none else true",
    "b if b != none else v < 3 if v != none else false",
    "(v if v != none else 0) < 3",
    "(v if v != none and v < 2 else 0) == 1",
    "s != none and len(s) > 1",
    "s != none and p in s and q not in s",
    "s != none and s <= {p} and s | {q} == D and {p} - s == {}",
    "s != none and any(x == p for x in s)",
    "r != none and r.num != none and r.num < 3",
    "m[p] != none and m[p] < 3",
    "k != none and m[k] != none and m[k] < 3",
    "any(m[x] != none and m[x] < 3 for x in D)",
    "any(m[x] < 3 for x in D if m[x] != none)",
    "all(m[x] < m[y] for x in D if m[x] != none for y in D if m[y] != none if m[y] < 3)",
    "count(o[x] for x in D if o[x] != none) > 1",
    "{m[x] for x in D if m[x] != none} == {1}",
    "any(x == p for x in s) if s != none else false",
    "limit != none and limit < 3",
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_behind_a_test_a_value_or_none_is_a_value(condition: str) -> None:
    model = build(MODEL.format(line=f', conditions: "{condition}"', promise=", reachable: a.v != none"))
    assert [guard.text for guard in model.roles[0].transitions[0].guards] == [condition]


LINES = [
    ', conditions: [v != none, v < 3], set: {b: v < 2, v: "v - 1 if v > 0 else none"}',
    ", unless: [v == none, v < 3], set: {b: v < 2}",
    ", conditions: [s != none, b != none], unless: [b, p in s], set: {v: len(s)}",
    ', conditions: "v != none and s != none", choose: {x: D}, unless: x in s, set: {b: v < 3}',
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_knows_what_its_conditions_say(line: str) -> None:
    assert build(MODEL.format(line=line, promise=", reachable: a.v != none")).roles[0].transitions


PROMISES = [
    ", when: a.v != none, always: a.v < 3",
    ", when: has, never: a.v > 2",
    ', when: "not lacks", reachable: "a.v < 3 and p in a.s"',
    ', never: "has and a.v > 2"',
    ", when: a.b != none, leads_to: [a.b, a.b != none]",
    ", leads_to: [a.b != none and a.b, true]",
    ', never: "a.peer != none and at(a.peer, there)"',
    ', never: "a.peer != none and in_flight(hello, sender=a.peer)"',
]


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_knows_its_premise(promise: str) -> None:
    model = build(MODEL.format(line="", promise=promise))
    assert [p.id for p in model.properties] == ["it"]


REFUSED = {
    "v < 3": "v may be none: test it first, as in v != none and v < 3",
    "3 > v": "v may be none: test it first, as in v != none and 3 > v",
    "not b": "b may be none: test it first, as in b != none and b",
    "p in s": "s may be none: test it first, as in s != none and p in s",
    "len(s) > 1": "s may be none: test it first, as in s != none and len(s) ...",
    "any(x == p for x in s)": "s may be none: test it first, as in s != none and ...",
    "s | {p} == D": "s may be none: test it first, as in s != none and s | {p} ...",
    "{p} | s == D": "s may be none: test it first, as in s != none and {p} | s ...",
    "v != none or v < 3": "v may be none: test it first, as in v != none and v < 3",
    "v < 3 and v != none": "v may be none: test it first, as in v != none and v < 3",
    "v == none and v < 3": "v may be none: test it first, as in v != none and v < 3",
    "v < 3 if v == none else true": "v may be none: test it first, as in v != none and v < 3",
    "(v == none or b) and v < 3": "b may be none: test it first, as in b != none and b",
    "m[p] != none and m[q] < 3": "m[q] may be none: test it first, as in m[q] != none and m[q] < 3",
    "any(m[x] != none for x in D) and m[p] < 3": "m[p] may be none: test it first, as in m[p] != none and m[p] < 3",
    "any(x != none for x in {v}) and any(x < 3 for x in {v})": (
        "x may be none: test it first, as in x != none and x < 3"
    ),
}


@pytest.mark.parametrize("condition", REFUSED)
def test_without_one_it_is_refused_with_the_test_that_is_missing(condition: str) -> None:
    with pytest.raises(ModelError) as error:
        build(MODEL.format(line=f', conditions: "{condition}"', promise=", reachable: a.v != none"))
    (problem,) = error.value.problems
    assert (problem.code, problem.hint) == ("M404", REFUSED[condition])


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (", conditions: [v < 3, v != none]", "v < 3"),
        (", unless: [v != none, v < 3]", "v < 3"),
        (", conditions: v == none, set: {b: v < 2}", "v < 2"),
        (', choose: {x: "{y for y in D if v < 2}"}, conditions: v != none', "v < 2"),
    ],
)
def test_a_line_knows_nothing_before_it_is_asked(line: str, hint: str) -> None:
    with pytest.raises(ModelError) as error:
        build(MODEL.format(line=line, promise=", reachable: a.v != none"))
    assert [p.hint for p in error.value.problems] == [f"v may be none: test it first, as in v != none and {hint}"]


def test_the_goal_of_a_response_is_asked_of_later_states() -> None:
    with pytest.raises(ModelError) as error:
        build(MODEL.format(line="", promise=", when: a.b != none, leads_to: [true, not a.b]"))
    assert [p.hint for p in error.value.problems] == ["a.b may be none: test it first, as in a.b != none and a.b"]
