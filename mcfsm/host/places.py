"""Where pieces of work run beside each other: in processes of this machine, or on others.

What may live here: what a place promises. Who hands out work knows no more of it than this, so an answer cannot depend
on where its parts come from.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

P_contra = TypeVar("P_contra", contravariant=True)
P = TypeVar("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Work(Protocol[P_contra, T_co]):
    """What is done of each piece; it is pickled, and so is what comes of it."""

    def __call__(self, piece: P_contra, *, sharing: int) -> T_co:
        """What comes of a piece; `sharing`: how many pieces share the memory of the machine that it runs on."""


class Pool(Protocol):
    """What pieces are handed out to, as long as it is open."""

    threads: int  # that each piece may have

    def begin(self, work: Work[P, T], pieces: Sequence[P]) -> list[Future[T]]:
        """Hand out pieces, in order; each future has what came of one, or raises what was raised there."""

    def stop(self) -> None:
        """Begin no other piece, and tell those that run to end with what they have."""

    def kill(self) -> None:
        """End what runs, with nothing."""


class Workplace(Protocol):
    """Where pieces run."""

    def pool(self, pieces: int, workers: int | None, prepare: Callable[[], None]) -> AbstractContextManager[Pool]:
        """A pool for so many pieces, with no more than so many threads altogether (None: as many as there are).

        `prepare` is called wherever a piece runs, before. Raises PlaceRefused where nothing can run.
        """


class Owners(Protocol):
    """What gives the owners of the states of one search."""

    def hire(
        self, make: Callable[[int, int, int], Any], most: int | None, memory: int | None
    ) -> AbstractContextManager[Any]:
        """Owners, at most so many, as long as it is open; each is made of bytes of memory, a number, and how many.

        Those on one machine share so many bytes of `memory`, or what it has.

        Raises PlaceRefused where there are none.
        """


class OwnerLost(Exception):
    """A process that owned states is gone, and its states with it."""


class PlaceRefused(Exception):
    """Nothing can run at a place: the text says why, and what to do."""


def machine() -> str:
    """What tells this machine, since it was started, from others: its clock is the same in all processes of it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return platform.node()
