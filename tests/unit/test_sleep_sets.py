"""Which instances a state need not have act, as another order of the same steps leads where that would lead."""

from __future__ import annotations

from typing import Any

import pytest
from building import build

from mcfsm.explore import exhaustive
from mcfsm.explore.store import Store

APART = """
roles:
  node:
    states: [before, after]
    initial: before
    final: [after]
    transitions:
    - {trigger: go, kind: user, source: before, dest: after}
scenarios: {s: {instances: {a: node, b: node, c: node}}}
"""
TOLD = """
messages: {m: {}}
roles:
  talker:
    states: [before, after]
    initial: before
    final: [after]
    transitions:
    - {trigger: go, kind: user, source: before, dest: after, send: [{m: {to: a}}, {m: {to: b}}, {m: {to: c}}]}
  node: {states: [waiting, told], initial: waiting, transitions: [{trigger: m, source: waiting, dest: told}]}
scenarios: {s: {instances: {t: talker, a: node, b: node, c: node}, channels: {default: {kind: fifo, bound: 1}}}}
"""
A, B = 1, 2  # the bits of the first two instances,
TO_A, TO_B = 1 << 4, 1 << 5  # and of the first two channels of the second model


@pytest.fixture
def levels(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Of each level that is searched the sleep sets of its states."""
    levels: list[list[int]] = []
    swap = Store.swap_levels

    def note_and_swap(store: Any) -> None:
        found = store.states - sum(map(len, levels)) - 1
        levels.append(store.next.sleep_sets[:found].tolist())
        swap(store)

    monkeypatch.setattr(Store, "swap_levels", note_and_swap)
    return levels


def test_receptions_apart_are_taken_in_one_order_only(levels: list[list[int]]) -> None:
    """What a channel leads to sleeps where one behind it was received from; and one that is empty may sleep as well."""
    found = exhaustive.explore(build(TOLD, whole=False), full=True, workers=1)
    assert (found.states, found.transitions) == (9, 13)
    assert levels == [[], [0], [0, TO_A, TO_A | TO_B], [TO_A, TO_A | TO_B, TO_A | TO_B], [TO_A | TO_B]]


def test_steps_apart_are_taken_in_one_order_only(levels: list[list[int]]) -> None:
    """An instance sleeps that comes before the one that acted, and goes on to sleep where it can do nothing more."""
    found = exhaustive.explore(build(APART, whole=False), full=True, workers=1)
    assert (found.states, found.transitions) == (8, 12)
    assert levels == [[], [0, A, A | B], [A, A | B, A | B], [A | B]]
