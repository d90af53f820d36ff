"""What an explorer is asked and what it answers: the same records for every explorer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import isnan
from typing import NamedTuple, Protocol

from mcfsm.model import Fairness, Local, Model
from mcfsm.semantics.properties import Coverage
from mcfsm.semantics.role import Event
from mcfsm.semantics.steps import Step


@dataclass(frozen=True)
class Limits:
    """Where a search gives up; None: nowhere. A search that gives up is INCOMPLETE, never a pass."""

    max_states: int | None = None
    max_depth: int | None = None
    max_seconds: float | None = None
    max_memory: int | None = None  # bytes that the process may take; by default 80 % of what there is for it
    spent: float = 0.0  # seconds that went by before

    def __post_init__(self) -> None:
        if self.max_seconds is not None and isnan(self.max_seconds):
            raise ValueError("max_seconds is no number")

    def after_level(self, *, states: int, depth: int) -> str | None:
        """The limit passed by a search that has finished a level, as the option that raises it."""
        if self.max_states is not None and states > self.max_states:
            return f"--max-states {self.max_states}"
        if self.max_depth is not None and depth >= self.max_depth:
            return f"--max-depth {self.max_depth}"
        return None

    def at_once(self, *, seconds: float, memory: int = 0) -> str | None:
        """The limit passed by a search that cannot wait for the end of its level."""
        if self.max_seconds is not None and self.spent + seconds > self.max_seconds:
            return f"--max-seconds {self.max_seconds:g}"
        if self.max_memory is not None and memory > self.max_memory:
            return f"--max-memory {size_of(self.max_memory)}"
        return None


def size_of(memory: int) -> str:
    """Bytes as the option takes them: 1K, 300M, 1.5G."""
    if memory < 2**20:
        return f"{memory / 2**10:.0f}K" if memory >= 2**10 else str(memory)
    return f"{memory / 2**20:.0f}M" if memory < 2**30 else f"{memory / 2**30:.1f}G"


class Progress(NamedTuple):
    """How far a search has come."""

    states: int
    transitions: int
    depth: int
    frontier: int
    memory: int  # bytes that the states take, 0 where the explorer does not know
    violated: tuple[tuple[str, int], ...] = ()  # properties and checks known to be, with the depth of the first state


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True)
class Fault:
    """Something a built-in check found: which check, what exactly, and a shortest path to it."""

    check: str
    subject: str
    path: tuple[Step, ...]


class Inspected(NamedTuple):
    """A message that its receiver looked at in a local state: it was offered, or deferred on the way there."""

    local: Local
    event: Event


@dataclass(frozen=True)
class Visited:
    """What there was, and was there together, in the states that a search expanded.

    By instance, in the model's order. All there can be where the search is complete, else a part of it.
    """

    locals: tuple[frozenset[Local], ...] = ()
    inspected: tuple[frozenset[Inspected], ...] = ()

    @classmethod
    def nothing(cls, model: Model) -> Visited:
        """What is known where nothing was told of any instance."""
        return cls((frozenset(),) * len(model.instances), (frozenset(),) * len(model.instances))


@dataclass(frozen=True)
class Reduction:
    """What a search left out that took, where these suffice, only some of the steps of a state."""

    states: int  # in which it did so
    steps: int  # that it did not take there


@dataclass(frozen=True)
class Findings:
    """The outcome of one search.

    `states` are distinct joint states, `transitions` enabled (state, step) pairs with self-loops, `depth` the steps to
    the farthest state. `beyond` are joint states that steps lead to and that lie beyond the boundary: they are no
    `states`, and nothing was asked of them. `paths` holds, for each property decided by a state, the canonical shortest
    path to one: a violation of `always` and `never`, a witness of `reachable`.

    Under a `reduction`, counts are of what was explored, and a path is a shortest one through it.
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
    visited: Visited = Visited()
    beyond: int = 0
    reduction: Reduction | None = None


@dataclass(frozen=True)
class Lasso:
    """A fair run that violates a liveness property: a stem, and a loop that goes on for ever (empty: the run may stop).

    After `start` steps the cause holds; from there on the goal never does.
    """

    stem: tuple[Step, ...]
    loop: tuple[Step, ...]
    start: int


@dataclass(frozen=True)
class Answer:
    """What was found out about one liveness property.

    `held`: whether its cause held in some state. `lasso`: the canonical one that breaks it. `leans`: it takes steps
    that rest on an assumption or an informative item; then `normative` is the one without, if there is any. `strong`:
    where the loop takes steps that nothing limits, whether the property is violated under strong fairness too.
    `leaves`: no fair run that goes by a state with the cause stays within the boundary.
    """

    id: str
    fairness: Fairness
    complete: bool
    stopped: str | None  # the limit that stopped the search
    states: int
    held: bool
    lasso: Lasso | None = None
    leans: bool = False
    normative: Lasso | None = None
    strong: bool | None = None
    leaves: bool = False


class Explorer(Protocol):
    """Explores a model; `reference.explore` says what each parameter means and what must come out."""

    def __call__(
        self,
        model: Model,
        *,
        property_ids: Iterable[str] | None = None,
        limits: Limits | None = None,
        full: bool = False,
        avoid: frozenset[str] = frozenset(),
        on_progress: ProgressCallback | None = None,
        workers: int | None = None,
    ) -> Findings:
        """The findings of one search."""
