"""Where the causes and goals of liveness properties hold once a search has ended: in which states, of which variants.

What may live here: what a property says of the states that are stored, one model being a family of one variant. What
may not: fairness and runs, which are looked for in the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mcfsm.explore.family_properties import FamilyProperties
from mcfsm.explore.liveness.stored_states import StoredStates, cause_of, conditions, goal_of
from mcfsm.model import LivenessProperty
from mcfsm.tables.properties import FAILED


class CausesAndGoals(NamedTuple):
    """Of each property, by id, a column over the states: the variants, as bits, in which something holds of a state."""

    causes: Mapping[str, Any]
    goals: Mapping[str, Any]
    failed: Mapping[str, Any]  # the cause or the goal has no value


def causes_and_goals(
    stored: StoredStates,
    reached_by: Any,
    initial: Sequence[Sequence[int]],
    liveness_properties: Sequence[Sequence[LivenessProperty]],
) -> CausesAndGoals:
    """Where the properties asked of each variant have their causes and goals.

    `reached_by` says of each state the variants that are asked about it, `initial` of each variant its first states.
    Columns are of the type of `reached_by`: where there is one variant a byte is enough.
    """
    kind = reached_by.dtype.type
    family_properties = FamilyProperties(
        stored.search.tables,
        [[one for property_ in mine for one in conditions(property_)] for mine in liveness_properties],
    )
    holds: dict[str, Any] = {}
    failing: dict[str, Any] = {}
    for group in family_properties.groups:
        there = reached_by & kind(group.variants)
        for one, column in zip(group.properties.properties, stored.values(group.properties, there != 0), strict=True):
            for found, wanted in ((holds, 1), (failing, FAILED)):
                found[one.id] = found.get(one.id, kind(0)) | np.where(column == wanted, there, kind(0))
    causes: dict[str, Any] = {}
    goals: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    nowhere = np.zeros(len(reached_by), dtype=kind)
    for name, (everywhere, at_start) in _forms(liveness_properties).items():
        goal, cause = goal_of(name), cause_of(name)
        begins = np.full(len(reached_by), ~kind(at_start))
        for variant, numbers in enumerate(initial):
            begins[list(numbers)] |= kind(at_start & 1 << variant)
        failed[name] = failing[goal] | failing.get(cause, nowhere) & begins
        causes[name] = (holds.get(cause, nowhere) | reached_by & kind(everywhere)) & begins
        goals[name] = holds[goal]
    return CausesAndGoals(causes, goals, failed)


def _forms(liveness_properties: Sequence[Sequence[LivenessProperty]]) -> dict[str, tuple[int, int]]:
    """Of each property the variants in which every state is its cause, and those in which only the first one may be."""
    found: dict[str, tuple[int, int]] = {}
    for variant, mine in enumerate(liveness_properties):
        for property_ in mine:
            everywhere, at_start = found.get(property_.id, (0, 0))
            bit = 1 << variant
            everywhere |= 0 if property_.causes else bit
            found[property_.id] = everywhere, at_start | (bit if property_.at_start else 0)
    return found
