"""What an explorer is asked and what it answers: the same records for every explorer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from mcfsm.product import Step


@dataclass(frozen=True)
class Limits:
    """Where a search gives up; None: nowhere. A search that gives up is INCOMPLETE, never a pass."""

    max_states: int | None = None


class Progress(NamedTuple):
    """How far a search has come."""

    states: int
    transitions: int
    depth: int
    frontier: int


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Fault:
    """Something a built-in check found: which check, what exactly, and a shortest path to it."""

    check: str
    subject: str
    path: tuple[Step, ...]


@dataclass(frozen=True)
class Coverage:
    """Whether a premise or an operand of a property was seen true, and seen false."""

    what: str
    seen_true: bool
    seen_false: bool


@dataclass(frozen=True)
class Findings:
    """The outcome of one search.

    `states` are distinct joint states, `transitions` enabled (state, step) pairs with self-loops, `depth` the steps to
    the farthest state. `paths` holds, for each property decided by a state, the canonical shortest path to one: a
    violation of `always` and `never`, a witness of `reachable`.
    """

    engine: str
    states: int
    transitions: int
    depth: int
    complete: bool
    stopped: str | None  # the limit that stopped it, with its value
    seconds: float
    paths: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    fired: frozenset[str] = frozenset()  # transition ids
    coverage: dict[str, tuple[Coverage, ...]] = field(default_factory=dict)
