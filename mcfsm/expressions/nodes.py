"""The checked tree of an expression: what each node means, of which domain, ready to be interpreted or analysed.

Only `check` builds these. A node is a frozen record; `children` walks the tree without knowing the kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from mcfsm.domains import Domain, Value
from mcfsm.problems import Span


@dataclass(frozen=True)
class Node:
    """Any checked expression; `domain` holds every value it can have."""

    domain: Domain

    def children(self) -> Iterator[Node]:
        """The direct parts."""
        for item in fields(self):
            value = getattr(self, item.name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Node):
                    yield part

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
class Quantify(Node):
    """`operator(body for variable in source if condition)`; operator is any, all, count, sum or set."""

    operator: str
    variable: str
    source: Node
    condition: Node | None
    body: Node


@dataclass(frozen=True)
class InFlight(Node):
    """Whether a message of this name, with these elements, sender and receiver, is in any channel."""

    message: str
    filters: tuple[tuple[str, int], ...]  # ("element", position), ("sender", 0), ("receiver", 0)
    values: tuple[Node, ...]


@dataclass(frozen=True)
class Frozen(Node):
    """Whether the environment is frozen."""
