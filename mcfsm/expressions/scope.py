"""What names mean where an expression stands: bare names, the message at hand, what other instances can be asked."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, Instances, Value


@dataclass(frozen=True)
class Names:
    """A domain, role or group by name: its values may be walked, and a record's name builds one."""

    domain: Domain
    kind: str = "domain"


@dataclass(frozen=True)
class Group:
    """Instances named by a value: `server(A)`."""

    name: str
    key: Domain
    members: tuple[tuple[Value, str], ...]

    @property
    def instances(self) -> Instances:
        """All members, in order."""
        return Instances(tuple(name for _, name in self.members), title=self.name)


@dataclass(frozen=True)
class Broken:
    """A name whose declaration is wrong, which has been said: what reads it is not looked at."""


Meaning = n.Node | Names | Group | Broken


@dataclass(frozen=True)
class MessageForm:
    """The elements of one message: name, domain, optional."""

    name: str
    elements: tuple[tuple[str, Domain, bool], ...]

    def position(self, name: str) -> int | None:
        """The index of an element, or None."""
        return next((i for i, (element, _, _) in enumerate(self.elements) if element == name), None)


class Attributes(Protocol):
    """What instances have: given by whoever knows the roles."""

    def __call__(self, instances: tuple[str, ...], name: str) -> tuple[Domain, tuple[n.Slot, ...]] | list[str]:
        """The domain and slots of an attribute all these instances have, or the names they do have in common."""

    def parameter(self, instances: tuple[str, ...], name: str) -> tuple[Domain, tuple[Value, ...]] | None:
        """The domain of a parameter that all these instances have, and the value of each; None where some has none."""


def _nothing_better(_: str) -> None:
    return None


@dataclass(frozen=True)
class Scope:
    """What names mean in one place. `msg` is the message at hand; `joint` allows what only a joint state can answer."""

    names: Mapping[str, Meaning]
    messages: Mapping[str, MessageForm] = field(default_factory=dict)
    msg: MessageForm | None = None
    no_msg: str = "msg has a meaning where a message is received"
    scenario: str = "the scenario"  # in messages
    joint: bool = False
    asks: bool = False  # whether the channels of the instance may be asked
    attributes: Attributes | None = None
    moments: Mapping[str, Instances] = field(default_factory=dict)  # observers: before, after
    unknown: Callable[[str], str | None] = _nothing_better  # a better sentence for some unknown names
    known: frozenset[n.Node] = frozenset()  # what tests that stand before it found not to be none, or present
    deferred: frozenset[str] = frozenset()  # names that are checked when they are read, and have no meaning before

    def listed(self) -> Iterator[tuple[str, Meaning]]:
        """Every name with its meaning, but for those that reading them would check: one may be under way."""
        return ((name, self.names[name]) for name in self.names if name not in self.deferred)

    def knowing(self, more: frozenset[n.Node]) -> Scope:
        """This scope where more is known of what it reads."""
        return replace(self, known=self.known | more) if more else self

    def plus(self, more: Mapping[str, Meaning]) -> Scope:
        """This scope with more names.

        A ChainMap, as definitions are checked when they are read: copying `names` would read all of them. Its type asks
        for maps that can be written to, because of the first one; nobody writes to this one.
        """
        return replace(self, names=ChainMap(dict(more), self.names))  # type: ignore[arg-type]
