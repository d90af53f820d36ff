"""The status of a property: what follows from what a search met, if it was complete, and what was put to the test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mcfsm.model import Property, Status
from mcfsm.semantics.properties import QUANTIFIED, Coverage


class Statuses(NamedTuple):
    """What is found of a model without any flow: how many states it has, and the status of what was asked, by id."""

    states: int
    statuses: Mapping[str, Status]
    fired: frozenset[str] | None = None  # the transitions that are ever taken; None where not everything was explored


def of_states(
    property_: Property, *, hit: bool, complete: bool, coverage: Iterable[Coverage], beyond: bool = False
) -> Status:
    """That of a property of states: `hit` where some state decides it, `beyond` where some lie beyond a boundary."""
    reachable = property_.form == "reachable"
    if hit:
        return "PROVED" if reachable else "VIOLATED"
    if not complete:
        return "INCOMPLETE"
    if reachable:  # decided by a witness, or that there is none; nobody knows what leads on beyond
        return "INCOMPLETE" if beyond else "VIOLATED"
    return "PROVED" if idle(coverage) is None else "VACUOUS"


def of_runs(*, broken: bool, complete: bool, held: bool, leaves: bool = False) -> Status:
    """That of a liveness property: `broken` by some fair run; its cause `held` in some state.

    `leaves`: every fair run that goes by such a state leaves the boundary, so none that counts puts it to the test.
    """
    if broken:
        return "VIOLATED"
    if not complete:
        return "INCOMPLETE"
    return "PROVED" if held and not leaves else "VACUOUS"


def of_check(*, found: bool, complete: bool) -> Status:
    """That of a built-in check, which may have found something."""
    if found:
        return "VIOLATED"
    return "PROVED" if complete else "INCOMPLETE"


def idle(coverage: Iterable[Coverage]) -> str | None:
    """What of a property was never put to the test, in words; None where all was."""
    for part in coverage:
        if not part.seen_true and not part.seen_false:
            return f"{part.what} was never evaluated"
        if part.what != QUANTIFIED and not (part.seen_true and part.seen_false):
            return f"{part.what} was {'true' if part.seen_true else 'false'} throughout"
    return None
