"""Budgets and freeze: what holds back users and the environment, and nobody else."""

import pytest
from building import build, enabled, explore, walk

from mcfsm.problems import ModelError
from mcfsm.semantics.product import Product

PRESS = """
messages: {m: {}}
roles:
  r:
    variables: {n: 0..3 = 0}
    states: [x]
    initial: x
    final: [x]
    transitions:
    - {id: press, trigger: press, kind: user, conditions: n < 3, set: {n: n + 1}, budget: tries}
    - {id: shake, trigger: shake, kind: environment, conditions: n < 3, set: {n: n + 1}, budget: tries}
    - {id: tick, trigger: tick, kind: protocol, send: [{m: {to: self}}]}
    - {id: touch, trigger: touch, kind: user}
    - {id: take, trigger: m}
scenarios:
  s: {instances: {a: r, b: r}, channels: {default: {bound: 1, when_full: block}}, budgets: {tries: 2}}
  none: {like: s, budgets: {tries: 0}}
  unlimited: {like: s, budgets: {tries: unlimited}}
  frozen: {like: s, freeze: true}
"""


def test_a_budget_is_shared_by_all_instances_and_transitions_that_name_it() -> None:
    product = Product(build(PRESS))
    assert product.initial().budgets == (2,)
    state = walk(product, "a press", "b shake")
    assert state.budgets == (0,)
    assert enabled(product, state) == ["a tick -> m() a", "a touch", "b tick -> m() b", "b touch"]


def test_a_budget_of_zero_never_lets_anything_through() -> None:
    found = explore(build(PRESS, "none"))
    assert found.fired == {"tick", "take", "touch"}
    assert (found.states, found.depth) == (4, 2)


def test_a_budget_without_limit_is_not_counted_down() -> None:
    product = Product(build(PRESS, "unlimited"))
    state = walk(product, "a press", "a press", "a press", "b shake", "b shake", "b shake")
    assert state.budgets == (-1,)
    assert explore(product.model).states == 4 * 4 * 4  # n of both, and whether either has sent to itself


@pytest.mark.parametrize("kind", ["protocol", "reception"])
def test_only_users_and_the_environment_have_budgets(kind: str) -> None:
    line = "{trigger: m, budget: tries}" if kind == "reception" else "{trigger: go, kind: protocol, budget: tries}"
    with pytest.raises(ModelError, match=f"M506 the budget tries stands on a {kind} transition"):
        build(PRESS.replace("- {id: take, trigger: m}", f"- {line}"))


def test_freeze_is_one_step_of_the_environment_and_the_last_in_order() -> None:
    product = Product(build(PRESS, "frozen"))
    assert enabled(product, product.initial())[-1] == "environment freeze"
    assert enabled(product, walk(product, "environment freeze")) == ["a tick -> m() a", "b tick -> m() b"]


def test_freeze_leaves_receptions_protocol_steps_and_budgets_alone() -> None:
    product = Product(build(PRESS, "frozen"))
    state = walk(product, "a press", "a tick", "environment freeze")
    assert state.budgets == (1,)
    assert enabled(product, state) == ["a take <- m() a", "b tick -> m() b"]
    assert enabled(product, walk(product, "a press", "a tick", "environment freeze", "a take")) == [
        "a tick -> m() a",
        "b tick -> m() b",
    ]


def test_without_freeze_in_the_scenario_nothing_freezes() -> None:
    found = explore(build(PRESS))
    frozen = explore(build(PRESS, "frozen"))
    assert "environment freeze" not in enabled(Product(build(PRESS)), Product(build(PRESS)).initial())
    assert frozen.states == 2 * found.states  # each state, frozen or not: freezing forbids no protocol step here
    assert frozen.depth == found.depth + 1


def test_frozen_is_what_a_property_reads() -> None:
    text = PRESS.replace("scenarios:", "properties: {still: {text: It stands still., reachable: frozen}}\nscenarios:")
    assert [len(path) for path in explore(build(text, "frozen")).paths.values()] == [1]
    assert explore(build(text)).paths == {}
