"""What bounded search and random walks see of the full product of the second half, held against its parts.

The scenario `whole` has all at once, and is too large to be explored whole. Its parts are; each has a share of its
transitions, states, messages and cells of receptions that the full product was seen to have as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mission import MODEL

from mcfsm.explore.findings import Findings, Limits
from mcfsm.explore.random.walk import walk
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.verdicts.coverage import VisitedNames, against, visited, visited_by
from mcfsm.verdicts.run import explorer

SECOND = MODEL / "communication.yaml"
PARTS = {  # scenario and what the full product has in it
    "both_to_partner": "private calls, both ends migrate",
    "fails": "a private call, registrations that fail",
    "group_transmitting": "a group call, and the floor",
    "group_fails": "a group call, registrations that fail",
    "group_profile": "a group call, and the user profile",
    "group_and_call": "a private call and a group call",
}
KINDS = ("transitions", "states", "messages", "cells")


@dataclass(frozen=True)
class Seen:
    """How far something looked at the full product, and what it saw."""

    how: str
    names: VisitedNames


@cache
def model_of(scenario: str) -> Model:
    return resolve(read(SECOND), scenario, properties=[], symmetry=False)


def explored(scenario: str, limits: Limits | None = None) -> Findings:
    return explorer("exhaustive")(model_of(scenario), property_ids=[], full=True, limits=limits, workers=1)


def bounded(depth: int) -> Seen:
    """What every flow of so many steps sees."""
    found = explored("whole", Limits(max_depth=depth))
    return Seen(f"every flow of {depth} steps, {found.states:,} states", visited_by(model_of("whole"), found))


def walked(walks: int, steps: int) -> Seen:
    """What random walks see, which are the same each time."""
    found = walk(model_of("whole"), examples=walks, steps=steps, seed=1, properties=[])
    how = f"{found.examples} random walks of {steps} steps, {found.states:,} states"
    return Seen(how, visited(model_of("whole"), found.fired, found.visited))


def row(part: str, seen: Seen) -> list[str]:
    """Of what a part has, kind by kind, how much was seen in the full product."""
    there = visited_by(model_of(part), explored(part))
    shares = {share.kind: share for share in against(seen.names, there)}
    return [f"{shares[kind].visited} of {shares[kind].out_of}" for kind in KINDS]
