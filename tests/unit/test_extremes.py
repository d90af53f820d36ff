"""The smallest and the largest of a set: nothing of an empty one, which is found out before or when it happens."""

from __future__ import annotations

import pytest
from building import build, explore

from mcfsm.explore import exhaustive, reference
from mcfsm.expressions.may_fail import may_fail
from mcfsm.problems import ModelError

MODEL = """
roles:
  node:
    variables: {free: "set[0..3] = {1, 2}", some: "set[0..3]?", n: 0..3 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: take, kind: user, conditions: "TEST", set: {n: min(free), free: "free - {min(free)}"}}
properties:
  P: {text: It is so., PROMISE}
scenarios:
  s:
    instances: {i: node}
"""


def text(*, test: str = "free != {}", promise: str = 'reachable: "i.n == 2"') -> str:
    return MODEL.replace("TEST", test).replace("PROMISE", promise)


def test_elements_are_taken_one_by_one() -> None:
    for found in (reference.explore(build(text())), exhaustive.explore(build(text()))):
        assert (found.states, found.depth, len(found.paths["P"])) == (3, 2, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"test": "true"},  # in a role
        {"promise": 'never: "min(i.free) == 3"'},  # in a property
        {"promise": 'never: "i.free != {} and max(x for x in i.free if x < 2) == 3"'},
    ],
)
def test_nothing_of_an_empty_set(change: dict[str, str]) -> None:
    for explorer in (reference.explore, exhaustive.explore):
        with pytest.raises(ModelError) as caught:
            explorer(build(text(**change)), full=True)
        (problem,) = caught.value.problems
        assert problem.code == "M707"
        assert "of an empty set" in problem.message


@pytest.mark.parametrize(
    ("condition", "fails"),
    [
        ("min(i.free) > 1", True),
        ("i.free != {} and min(i.free) > 1", False),
        ("i.free == {} or min(i.free) > 1", False),
        ("min(i.free) > 1 if i.free != {} else false", False),
        ("max(i.free | {0}) > 1", False),
        ("max({i.n, 1}) > 1", False),
        ("max(x + i.n for x in {1, 2}) > 1", False),
        ("max(x for x in {1, 2} if x > i.n) > 1", True),
        ("i.some != {} and max(i.some) > 1", True),
    ],
)
def test_whether_it_may_have_no_value_is_known_before(condition: str, fails: bool) -> None:
    if "i.some" in condition:
        with pytest.raises(ModelError, match="may be none: test it first"):
            build(text(promise=f'never: "{condition}"'))
        return
    model = build(text(promise=f'never: "{condition}"'))
    assert may_fail(model.state_properties[0].condition) is fails


def test_the_smallest_within_a_boundary() -> None:
    model = text() + '    within: "i.free == {} or min(i.free) < 2"\n'
    found = explore(model)
    assert (found.states, found.beyond) == (1, 1)  # {2} lies beyond, and nothing follows it
