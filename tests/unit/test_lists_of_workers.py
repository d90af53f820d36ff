"""The lists that a worker hands back, near their end: what has no room is not noted, and its state comes again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from building import build

from mcfsm.explore import exhaustive
from mcfsm.explore.findings import Limits
from mcfsm.explore.store import Worker
from mcfsm.kernel.arrays import FIRST_REFUSED, GROUP, LAST_REFUSED
from mcfsm.kernel.expand import has_room
from mcfsm.kernel.sources import BLOCK
from mcfsm.kernel.worker import FAULT, FINDING, FOUND, REQUEST, REQUESTED, new_counts, note_finding, request_entry


def test_entries_are_requested_while_there_is_room() -> None:
    requested, counts = np.zeros(2 * REQUEST, dtype=np.uint64), new_counts()
    for table in (5, 6, 7):
        request_entry.py_func(requested, counts, table, 10 * table, 100 * table, np.uint64(1))
    assert requested.tolist() == [5, 50, 500, 1, 6, 60, 600, 1]
    assert counts[REQUESTED] == 2


def test_findings_of_the_first_level_are_noted_while_there_is_room() -> None:
    found, counts, levels = np.zeros(2 * FINDING, dtype=np.int64), new_counts(), np.array([-1, -1], dtype=np.int32)
    for which, state, level in ((1, 11, 3), (1, 12, 4), (0, 13, 4), (1, 14, 3)):
        note_finding.py_func(found, counts, levels, FAULT, which, state, level)
    assert found.tolist() == [FAULT, 1, 11, FAULT, 0, 13]
    assert levels.tolist() == [4, 3]
    assert counts[FOUND] == 2


@pytest.mark.parametrize(
    ("before", "room", "fits"),
    [(0, 0, True), (1, 0, False), (1, 6, False), (1, 7, True), (2, 7, False), (2, 8, True), (3, 8, False)],
)
def test_a_state_has_room_where_all_that_may_be_found_of_it_has(before: int, room: int, fits: bool) -> None:
    """Two properties, a deadlock, and the refused messages of its two sources: one and two. The first always has."""
    groups = np.zeros(4 * GROUP, dtype=np.int64)
    for group, (first, last) in {1: (4, 5), 3: (7, 9)}.items():
        groups[GROUP * group + FIRST_REFUSED], groups[GROUP * group + LAST_REFUSED] = first, last
    last_refusing, before_it = np.array([-1, 3]), np.array([-1, -1, -1, 2])
    block = SimpleNamespace(refusing=last_refusing, refusing_before=before_it, group=np.array([0, 0, 1, 3]))
    search = SimpleNamespace(counts=new_counts(), found=np.zeros(FINDING * room, dtype=np.int64))
    search.counts[FOUND] = before
    program: Any = SimpleNamespace(roots=[0, 0])
    assert has_room.py_func(SimpleNamespace(groups=groups), program, search, block, 1) == fits


COUNTERS = """
roles:
  node:
    variables: {a: 0..30 = 0, b: 0..30 = 0, c: 0..30 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: first, kind: user, conditions: a < 30, set: {a: a + 1}}
    - {trigger: second, kind: user, conditions: b < 30, set: {b: b + 1}}
    - {trigger: third, kind: user, conditions: c < 30, set: {c: c + 1}}
scenarios: {s: {instances: {i: node}}}
"""


@pytest.mark.parametrize(("again", "asked"), [(BLOCK, 8 * BLOCK), (8 * BLOCK, BLOCK)])
def test_either_list_may_be_full_before_the_other(again: int, asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """States of one level that are new, of which each asks for an entry of its own, are more than a list holds."""
    depth = 18
    whole = Worker.__init__

    def short(worker: Worker, base: int) -> None:
        whole(worker, base)
        worker.retry, worker.requested = np.zeros(again, dtype=np.int64), np.zeros(REQUEST * asked, dtype=np.uint64)

    monkeypatch.setattr(Worker, "__init__", short)
    found = exhaustive.explore(build(COUNTERS), limits=Limits(max_depth=depth), workers=1)
    assert (depth + 1) * (depth + 2) // 2 > BLOCK  # of the last level that is expanded
    assert found.states == (depth + 2) * (depth + 3) * (depth + 4) // 6
