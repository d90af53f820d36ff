"""What a line of a model does to users, as it is noted: what it reads, writes, takes and sends, and what it mixes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mcfsm.model.independence.ownership import NOBODY, Held, MixedError, Ownership, each
from mcfsm.model.machines import Assignment
from mcfsm.problems import Span


class ModelDatum(NamedTuple):
    """A variable or a region of a role or observer, or a message, which has no owner."""

    kind: Literal["variable", "region", "message"]
    owner: str
    name: str


@dataclass(frozen=True)
class MixedUsers:
    """Something that mixes two users, or that cannot be seen not to: the place, where it has one, and a sentence."""

    span: Span | None
    said: str


@dataclass
class LineEffects:
    """A line of a role or observer, and what it does.

    `obstacles` stand in the way wherever the line matters, those of `writes` where what is written does.
    """

    id: str
    span: Span | None
    common: bool
    at_server: bool
    budget: str | None = None
    owed: bool = False  # whether fairness is of its trigger
    reads: set[ModelDatum] = field(default_factory=set)
    triggers: set[ModelDatum] = field(default_factory=set)
    sends: set[ModelDatum] = field(default_factory=set)
    writes: dict[ModelDatum, list[MixedUsers]] = field(default_factory=dict)
    read_for: dict[ModelDatum, set[ModelDatum]] = field(default_factory=dict)  # what is read to write a datum
    obstacles: list[MixedUsers] = field(default_factory=list)
    observed: frozenset[str] = frozenset()  # transitions that an observer waits for

    def trying(self, what: Callable[..., object], *arguments: object, into: list[MixedUsers] | None = None) -> None:
        """Ask something that may find that users are mixed, and note that."""
        try:
            what(*arguments)
        except MixedError as error:
            (self.obstacles if into is None else into).append(MixedUsers(self.span, f"{self.id} {error}"))

    def changes_shared(self, owner: str, name: str) -> MixedUsers:
        """That the line of one user changes what all have."""
        return MixedUsers(self.span, f"{self.id} changes {name} of {owner}, which all users share")

    def assigns(
        self, datum: ModelDatum, ownership: Ownership, names: Mapping[str, Held], a: Assignment, entries: bool
    ) -> None:
        """Note where what is written to a datum may change what another user has."""
        self.trying(_written, ownership, names, a, entries, datum.name, into=self.writes[datum])


def _written(ownership: Ownership, names: Mapping[str, Held], a: Assignment, entries: bool, variable: str) -> None:
    """Raise MixedError where what is written may change what another user has."""
    if a.key is not None:
        ownership.own(a.key, names)
        ownership.own(a.value, names)
        if entries and not ownership.users.only(a.key.domain):
            raise MixedError(f"writes an entry of {variable} that may be another user's")
        return
    held = ownership.value(a.value, names)
    if entries and held.others != each(variable).others:
        raise MixedError(f"writes {variable} of all users at once")
    if not entries and (held.kind != "own" or held.others != NOBODY):
        raise MixedError(f"writes {variable} from what all users have")
