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
A, B = 1, 2  # the bits of the first two instances


def test_steps_apart_are_taken_in_one_order_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """An instance sleeps that comes before the one that acted. On the second level those that have acted do not: it was
    not known yet that they can do nothing more, and such a state comes again."""
    levels: list[list[int]] = []
    swap = Store.swap_levels

    def note_and_swap(store: Any) -> None:
        found = store.states - sum(map(len, levels)) - 1
        levels.append(store.next.sleep_sets[:found].tolist())
        swap(store)

    monkeypatch.setattr(Store, "swap_levels", note_and_swap)
    found = exhaustive.explore(build(APART, whole=False), full=True, workers=1)
    assert (found.states, found.transitions) == (8, 12)
    assert levels == [[], [0, A, A | B], [0, B, A], [A | B]]
