"""What lies between the one who asks and the owners of states: calls, and batches that only owners look into.

What may live here: what is promised of them. What may not: how they get from one machine to another.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from mcfsm.kernel.rows import Layout


class Batch(NamedTuple):
    """Rows of an owner on their way to who asks, one after another, in the layout that the owner has."""

    layout: Layout
    rows: Any


class Piece(NamedTuple):
    """Some rows of a level as an owner has them in its file: what `runs.decoded` makes rows of."""

    layout: Layout
    states: int
    content: Any


class Told(NamedTuple):
    """What was filled where the question is asked, since it was told before."""

    journal: Any
    values: list[int]  # how many values each component has then
    digest: str  # of all of them


class Report(NamedTuple):
    """What an owner says after a part of its level."""

    done: bool  # whether nothing of the level is left
    requested: Any  # entries that it needs, as the kernel asks for them
    again: Any  # numbers of states that need them
    again_ids: Any  # the ids of their components
    found: Any  # lines of kind, which and state, new since the last report
    transitions: int
    fired: Any
    fault_level: Any
    hit_level: Any
    seen: Any
    memory: int


class LevelEnd(NamedTuple):
    """What an owner says of a level that is done."""

    states: int  # that are new
    values: dict[int, Any]  # of components whose entries do not say it, which values they have had
    arrived: int  # rows that came from others, on this level


class Team(Protocol):
    """Owners, by number."""

    owners: int
    hosts: list[str]  # of each owner, the machine that it is on

    def call(self, name: str, arguments: list[tuple[Any, ...]]) -> list[Any]:
        """What a method of each owner says, each given its own arguments. Raises what one raises, or OwnerLost."""

    def expand(self, most: int) -> list[tuple[Any, list[Any]]]:
        """Have each expand some states: its report, and a batch for each owner, which only that can open."""

    def one(self, owner: int, name: str, *arguments: Any) -> Any:
        """What a method of one owner says."""

    def replace(self) -> None:
        """Have a new owner, which knows nothing, in the place of each that is lost. Raises OwnerLost."""


MakeOwner = Callable[[int, int, int], Any]  # of bytes of memory, its number, and how many there are
Hire = Callable[
    [MakeOwner, int | None, int | None], AbstractContextManager[Team]
]  # how many at most, and of bytes on a machine
