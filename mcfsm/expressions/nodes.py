"""The checked tree of an expression: what each node means, of which domain, ready to be interpreted or analysed.

Only `check` and `functions` build these. A node is a frozen record; `children` walks it without knowing the kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from mcfsm.expressions.domains import UNCOUNTED, Domain, SetOf, Value
from mcfsm.problems import Span


@dataclass(frozen=True)
class Size:
    """How large a tree is when it is written out: its depth, and the nodes that one evaluation visits at most."""

    depth: int
    work: int


@dataclass(frozen=True)
class Node:
    """Any checked expression; `domain` holds every value it can have."""

    domain: Domain

    def children(self) -> tuple[Node, ...]:
        """The direct parts, in the order in which they are declared."""
        return self._children

    @cached_property
    def _children(self) -> tuple[Node, ...]:
        values = (getattr(self, name) for name in self.__dataclass_fields__)
        listed = (value if isinstance(value, tuple) else (value,) for value in values)
        return tuple(part for parts in listed for part in parts if isinstance(part, Node))

    @cached_property
    def size(self) -> Size:
        """How large the tree is; parts that stand in it several times are counted each time, and measured once."""
        sizes = [child.size for child in self.children()]
        return Size(1 + max((part.depth for part in sizes), default=0), min(self._work(sizes), UNCOUNTED))

    def _work(self, sizes: list[Size]) -> int:
        return 1 + sum(part.work for part in sizes)

    @cached_property
    def owners(self) -> frozenset[str]:
        """The instances and observers whose states or variables the tree reads."""
        return frozenset().union(*(child.owners for child in self.children()))

    def walk(self) -> Iterator[Node]:
        """This node and everything below it."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True)
class Constant(Node):
    """A value known when the model is resolved."""

    value: Value


@dataclass(frozen=True)
class Read(Node):
    """A name of the frame: a variable, a parameter, a chosen value, sender, a quantifier's variable."""

    name: str


@dataclass(frozen=True)
class Element(Node):
    """`msg.name`: an information element of the message at hand."""

    name: str
    position: int
    optional: bool
    span: Span | None = field(compare=False)


@dataclass(frozen=True)
class Present(Node):
    """`present(msg.name)`: whether an optional element is there."""

    name: str
    position: int


@dataclass(frozen=True)
class Slot:
    """Where an attribute of one instance stands: in the states (by region) or in the values (by variable)."""

    owner: str  # instance
    instance: int
    in_states: bool
    position: int


@dataclass(frozen=True)
class Attribute(Node):
    """`target.name`: a region's state or a variable of an instance.

    `moment` is "now" (of the joint state), or "before" and "after" (of the step an observer sees).
    """

    target: Node
    name: str
    slots: tuple[Slot, ...]
    moment: str = "now"

    @cached_property
    def owners(self) -> frozenset[str]:
        return self.target.owners | {slot.owner for slot in self.slots}


@dataclass(frozen=True)
class Field(Node):
    """A field of a record."""

    target: Node
    name: str
    position: int


@dataclass(frozen=True)
class Lookup(Node):
    """`map[key]`."""

    target: Node
    key: Node


@dataclass(frozen=True)
class Member(Node):
    """`group(key)`: an instance by the value that names it."""

    members: tuple[tuple[Value, str], ...]
    key: Node
    group: str
    span: Span | None = field(compare=False)


@dataclass(frozen=True)
class Narrow(Node):
    """A value that has to belong to a smaller domain than its expression promises; checked when evaluated."""

    inner: Node
    what: str
    span: Span | None = field(compare=False)


@dataclass(frozen=True)
class Apply(Node):
    """An operator or a function of values: see `evaluate.OPERATORS`."""

    operator: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Extreme(Apply):
    """`min` or `max` of the one argument: the smallest or the largest element of a set, which has to have one."""

    span: Span | None = field(compare=False)


@dataclass(frozen=True)
class And(Node):
    """All operands, from the left, stopping at the first that is false."""

    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Or(Node):
    """Any operand, from the left, stopping at the first that is true."""

    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Not(Node):
    """Negation."""

    operand: Node


@dataclass(frozen=True)
class IfElse(Node):
    """`a if condition else b`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True)
class Build(Node):
    """A record from its fields."""

    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class BuildSet(Node):
    """A set from its elements."""

    elements: tuple[Node, ...]


@dataclass(frozen=True)
class BuildMap(Node):
    """A map from the set of its entries, each a record of a key and its value; every key of the domain has one."""

    entries: Node


@dataclass(frozen=True)
class Quantify(Node):
    """`operator(body for variable in source if condition)`; operator is any, all, count, sum or set."""

    operator: str
    variable: str
    source: Node
    condition: Node | None
    body: Node

    def _work(self, sizes: list[Size]) -> int:
        domain = self.source.domain
        walked = domain.element.size() if isinstance(domain, SetOf) else 1
        if isinstance(self.source, Constant):
            walked = len(self.source.value)
        return 1 + sizes[0].work + walked * sum(part.work for part in sizes[1:])


class Filter(NamedTuple):
    """What of a message has to have a certain value: an element by its position, or one of the ends."""

    name: str
    position: int | None = None  # None of the sender and of the receiver


@dataclass(frozen=True)
class InFlight(Node):
    """Whether a message of this name, with these elements, sender and receiver, is in any channel; or how many are.

    In a line of a role the channels are those from and to its instance.
    """

    message: str
    filters: tuple[Filter, ...]
    values: tuple[Node, ...]
    counted: bool = False


@dataclass(frozen=True)
class Frozen(Node):
    """Whether the environment is frozen."""


def free_names(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of the frame that a tree reads and none of its quantifiers binds."""
    if isinstance(node, Read) and node.name not in bound:
        yield node.name
    if isinstance(node, Quantify):
        yield from free_names(node.source, bound)
        bound = bound | {node.variable}
        for part in (node.condition, node.body):
            if part is not None:
                yield from free_names(part, bound)
        return
    for child in node.children():
        yield from free_names(child, bound)
