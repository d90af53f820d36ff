"""Where the time of a question went: phases, noted by whoever does the work, for whoever keeps an account.

What may live here: an account of seconds and of what was filled. What may not: what is done in a phase. Nobody has to
keep an account, and then nothing is noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter

PHASES = (
    "reading",
    "resolving",
    "known",
    "filling",
    "properties",
    "symmetry",
    "searching",
    "checkpoints",
    "flows",
    "liveness",
    "drawing",
)


@dataclass
class Filled:
    """Entries of tables of one role, channel or observer: how many, how long it took, and what there is so much of."""

    entries: int = 0
    seconds: float = 0.0
    size: str = ""  # known where it took long


@dataclass
class Account:
    """Seconds of each phase, less those of phases within it; and what was filled, by what it belongs to."""

    seconds: dict[str, float] = field(default_factory=dict)
    filled: dict[str, Filled] = field(default_factory=dict)
    inner: float = 0.0  # seconds that phases took within the one that is open

    def add(self, phase_: str, seconds: float) -> None:
        """Note seconds of a phase."""
        self.seconds[phase_] = self.seconds.get(phase_, 0.0) + seconds

    @property
    def dominant(self) -> str | None:
        """What filling went to most, where filling took more than all else together, and long enough to matter."""
        filling = self.seconds.get("filling", 0.0)
        if not self.filled or filling < 0.5 or 2 * filling < sum(self.seconds.values()):
            return None
        return max(self.filled, key=lambda what: self.filled[what].seconds)


_KEPT: ContextVar[Account | None] = ContextVar("kept", default=None)


@contextmanager
def account() -> Iterator[Account]:
    """An account of all that is done meanwhile."""
    kept = Account()
    token = _KEPT.set(kept)
    try:
        yield kept
    finally:
        _KEPT.reset(token)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """What is done meanwhile is of a phase, but for what is of another one within it."""
    kept = _KEPT.get()
    if kept is None:
        yield
        return
    before, kept.inner, began = kept.inner, 0.0, perf_counter()
    try:
        yield
    finally:
        took = perf_counter() - began
        kept.add(name, took - kept.inner)
        kept.inner = before + took


def current() -> Account | None:
    """The account that is kept, if one is."""
    return _KEPT.get()
