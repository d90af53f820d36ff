"""Where the causes and goals of liveness promises hold in a search that has ended: in which states, of which variants.

What may live here: what a promise says of the states that are stored, one model being a family of one variant. What may
not: fairness and runs, which are looked for in the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mcfsm.explore.family_properties import FamilyProperties
from mcfsm.explore.liveness.stored_states import StoredStates, cause_of, conditions, goal_of
from mcfsm.model import LivenessProperty
from mcfsm.tables.properties import FAILED


class Promises(NamedTuple):
    """Of each promise, by id, a column over the states: the variants, as bits, in which something holds of a state."""

    causes: Mapping[str, Any]
    goals: Mapping[str, Any]
    failed: Mapping[str, Any]  # the cause or the goal has no value


def promises_in(
    stored: StoredStates, reached_by: Any, initial: Sequence[int], responses: Sequence[Sequence[LivenessProperty]]
) -> Promises:
    """Where the promises asked of each variant have their causes and goals.

    `reached_by` says of each state the variants that are asked about it, `initial` of each variant its first state.
    Columns are of the type of `reached_by`: where there is one variant a byte is enough.
    """
    kind = reached_by.dtype.type
    asked = FamilyProperties(
        stored.search.tables, [[one for response in mine for one in conditions(response)] for mine in responses]
    )
    holds: dict[str, Any] = {}
    failing: dict[str, Any] = {}
    for group in asked.groups:
        there = reached_by & kind(group.variants)
        for one, column in zip(group.properties.properties, stored.values(group.properties, there != 0), strict=True):
            for found, wanted in ((holds, 1), (failing, FAILED)):
                found[one.id] = found.get(one.id, kind(0)) | np.where(column == wanted, there, kind(0))
    causes: dict[str, Any] = {}
    goals: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    nowhere = np.zeros(len(reached_by), dtype=kind)
    for name, (everywhere, at_start) in _forms(responses).items():
        goal, cause = goal_of(name), cause_of(name)
        begins = np.full(len(reached_by), ~kind(at_start))
        for variant, number in enumerate(initial):
            begins[number] |= kind(at_start & 1 << variant)
        failed[name] = failing[goal] | failing.get(cause, nowhere) & begins
        causes[name] = (holds.get(cause, nowhere) | reached_by & kind(everywhere)) & begins
        goals[name] = holds[goal]
    return Promises(causes, goals, failed)


def _forms(responses: Sequence[Sequence[LivenessProperty]]) -> dict[str, tuple[int, int]]:
    """Of each promise the variants in which every state is its cause, and those in which only the first one may be."""
    found: dict[str, tuple[int, int]] = {}
    for variant, mine in enumerate(responses):
        for response in mine:
            everywhere, at_start = found.get(response.id, (0, 0))
            bit = 1 << variant
            everywhere |= 0 if response.causes else bit
            found[response.id] = everywhere, at_start | (bit if response.at_start else 0)
    return found
