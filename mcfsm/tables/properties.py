"""Properties as tables: every part that reads one component is a column, the rest joins two small values at a time.

`Properties` unrolls quantifiers and gives every part a number; parts that are alike are one. A part's values are
numbered as they are met, and an entry is filled by evaluating the part once, with `expressions.evaluate`. An evaluation
that fails is a value too, so that `x != none and x.system == B` works out as it is written; where it reaches a
property it is the error that the reference explorer reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from operator import add
from typing import Any

import numpy as np

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import SetOf, Value
from mcfsm.expressions.evaluate import JOINT, LINKS, OPERATORS, EvaluationError, compiled
from mcfsm.expressions.rewrite import bind, factor, rebuilt
from mcfsm.kernel.programs import Program
from mcfsm.model import Property
from mcfsm.problems import Problem
from mcfsm.semantics.properties import Coverage, Operand, operands
from mcfsm.semantics.steps import State
from mcfsm.tables.components import CONTROL, FIELD
from mcfsm.tables.property_parts import PropertyParts
from mcfsm.tables.property_program import (
    DECIDED,
    FAILURE,
    Join,
    Operation,
    Writer,
    and_,
    fill_ahead,
    given,
    guarded,
    or_,
)
from mcfsm.tables.tables import Tables

NO, DECIDES, FAILED = 0, 1, 2
FALSE, TRUE, NOT_ASKED = 0, 1, 2


class _Holes(dict[str, Value]):
    """The values of the parts of a node, less those that could not be evaluated."""

    def __missing__(self, name: str) -> Value:
        raise EvaluationError(Problem("M701", None, f"{name} could not be evaluated"))


class Properties:
    """The program of some properties over the tables of a model; of a family's, as they are for one of its variants."""

    def __init__(self, tables: Tables, properties: list[Property], variant: int = 0) -> None:
        self.tables, self.properties, self.variant = tables, properties, variant
        self.model, self.components = tables.encoding.models[variant], tables.components
        self.parts = PropertyParts(tables, variant)
        self._known: dict[Any, int] = {}
        self._links = tuple((channel.sender, channel.receiver) for channel in self.model.channels)
        self.roots: list[int] = []
        self.covered: list[list[tuple[str, list[int]]]] = []  # property: what, and the operations that note it
        for property_ in properties:
            self._add(property_)
        self.parts.number_short()
        noted = dict.fromkeys((i, op) for i, parts in enumerate(self.covered) for _, ops in parts for op in ops)
        self.place = {one: at for at, one in enumerate(noted)}  # of a property's operation among the kernel's notes
        self._asked: Any = None  # what the program was written for
        self._operations: list[Operation] = []

    def program(self, seen: Any, decided: Any) -> Program:
        """The program as the kernel reads it, less decided properties and what notes only values noted before."""
        asked = [i for i in range(len(self.properties)) if not decided[i]]
        parts = ((i, ops) for i in asked for _, ops in self.covered[i])
        covers = [(i, op) for i, ops in parts if not self._both(i, ops, seen) for op in ops]
        if self._asked != (asked, covers):
            self._asked, self._program = (asked, covers), self._write(asked, covers)
        return self._program

    def _write(self, asked: list[int], covers: list[tuple[int, int]]) -> Program:
        writer = Writer(self.parts.listed)
        operations = dict.fromkeys([*(self.roots[i] for i in asked), *(op for _, op in covers)])
        place = {op: writer.write(op) for op in operations}
        self._operations = writer.code
        return Program(
            code=_ints(chain.from_iterable(writer.code)),
            roots=_ints(place[self.roots[i]] for i in asked),
            rooted=_ints(asked),
            covers=_ints(place[op] for _, op in covers),
            noted=_ints(self.place[one] for one in covers),
        )

    def _both(self, i: int, ops: list[int], seen: Any) -> bool:
        return self._seen(i, ops, seen, TRUE) and self._seen(i, ops, seen, FALSE)

    def _seen(self, i: int, ops: list[int], seen: Any, value: int) -> bool:
        """Whether one of some operations of a property had a value before the property was decided."""
        return any(seen[4 * self.place[i, op] + value] for op in ops)

    def fill_ahead(self, row: list[int]) -> bool:
        """Fill each entry that the program written last looks up in a state; whether one was missing."""
        return fill_ahead(self._operations, row, self.tables.arena)

    def coverage(self, seen: Any) -> dict[str, tuple[Coverage, ...]]:
        """What premises and operands were seen to be; `seen` is the kernel's note, four values for each operation."""
        return {
            property_.id: tuple(
                Coverage(what, self._seen(i, ops, seen, TRUE), self._seen(i, ops, seen, FALSE)) for what, ops in parts
            )
            for i, (property_, parts) in enumerate(zip(self.properties, self.covered, strict=True))
        }

    # ---- building

    def _add(self, property_: Property) -> None:
        condition = self._build(property_.condition, {})
        premise = None if property_.premise is None else self._build(property_.premise, {})
        wanted = property_.form != "always"

        def decide(holds: Value, value: Value) -> int:
            if holds is FAILURE or (holds and value is FAILURE):
                return FAILED
            return DECIDES if holds and bool(value) is wanted else NO

        if premise is None:
            root = self.parts.unary(("decide", condition, wanted), condition, lambda value: decide(True, value))
        else:
            root = self.parts.join(("decide", premise, condition, wanted), premise, condition, decide, (False, NO))
        self.roots.append(root)
        covered: list[tuple[str, list[int]]] = []
        if premise is not None:
            covered.append(("its premise", [self.parts.unary(("asked", premise), premise, _asked)]))
        covered += [(operand.what, list(self._cover(operand, premise))) for operand in operands(property_)]
        self.covered.append(covered)
        for root_part in [self.roots[-1], *(op for _, ops in covered for op in ops)]:
            for value in (0, 1, 2):  # ids of what the kernel looks at are the values themselves
                self.parts.listed[root_part].number(value)

    def _cover(self, operand: Operand, premise: int | None) -> Iterator[int]:
        """An operation for each binding of the operand's quantifiers: what it is where it is asked at all."""
        for bound, conditions in self._bindings(list(operand.binders), {}):
            value = self._build(operand.node, bound)
            asked = self.parts.unary(("asked", value), value, _asked)
            for condition in [*conditions, *([premise] if premise is not None else [])]:
                asked = self.parts.join(
                    ("if", condition, asked), condition, asked, lambda c, v: v if c is True else NOT_ASKED,
                    (False, NOT_ASKED),
                )  # fmt: skip
            yield asked

    def _bindings(
        self, binders: list[n.Quantify], bound: dict[str, Value]
    ) -> Iterator[tuple[dict[str, Value], list[int]]]:
        if not binders:
            yield bound, []
            return
        head, *rest = binders
        for value, conditions in self._elements(head, bound):
            for inner, more in self._bindings(rest, {**bound, head.variable: value}):
                yield inner, [*conditions, *more]

    def _elements(self, node: n.Quantify, bound: dict[str, Value]) -> Iterator[tuple[Value, list[int]]]:
        """Every value the variable may take, with the operations that say whether it does."""
        inner: dict[str, Value] = dict(bound)
        source: Any = node.source
        if isinstance(source, n.Constant):
            assert isinstance(source.domain, SetOf)  # what else would be quantified over
            values, membership = source.domain.element.sorted(source.value), None
        else:
            values, membership = list(source.domain.element.values), self._build(source, bound)
        for value in values:
            inner[node.variable] = value
            conditions = []
            if membership is not None:
                conditions.append(
                    self.parts.unary(("has", membership, value), membership, guarded(lambda s, value=value: value in s))
                )
            if node.condition is not None:
                conditions.append(self._build(node.condition, inner))
            yield value, conditions

    def _build(self, node: n.Node, bound: dict[str, Value]) -> int:
        """The operation that computes a node, its quantifiers' variables bound to values."""
        node = bind(node, bound)
        known = self._known.get(node)
        if known is None:
            known = self._known[node] = self._build_new(node)
        return known

    def _build_new(self, node: n.Node) -> int:
        components = self._reads(node)
        if len(components) <= 1:
            return self._column(node, next(iter(components), self.components.freeze))
        match node:
            case n.And(operands=parts):
                return self._fold(node, parts, and_)
            case n.Or(operands=parts):
                return self._fold(node, parts, or_)
            case n.Not(operand=operand):
                part = self._build(operand, {})
                return self.parts.unary(node, part, guarded(lambda value: not value))
            case n.Narrow(inner=inner, domain=domain):
                part = self._build(inner, {})
                return self.parts.unary(node, part, guarded(lambda v: v if domain.contains(v) else FAILURE))
            case n.Field(target=target, position=position):
                part = self._build(target, {})
                return self.parts.unary(node, part, guarded(lambda value: value[position]))
            case n.Apply(operator=operator, arguments=(left, right)):
                function = OPERATORS[operator]
                first, second = self._build(left, {}), self._build(right, {})
                return self.parts.join(node, first, second, guarded(function))
            case n.Quantify():
                return self._quantify(node)
            case n.InFlight():
                return self._in_flight(node)
        return self._gather(node)

    def _in_flight(self, node: n.InFlight) -> int:
        """A column for each channel whose sender sends such a message; with the values to look for where those vary."""
        model = self.model
        fixed = not any(self._reads(value) for value in node.values)
        wanted = self._column(n.Constant(node.domain, ()), self.components.freeze)
        for value in node.values:
            wanted = self.parts.join(
                ("pair", wanted, value), wanted, self._build(value, {}), guarded(lambda a, b: (*a, b))
            )
        result = self.parts.unary(
            ("none flies", wanted, node.counted), wanted, guarded(lambda _: 0 if node.counted else False)
        )  # what is looked for may fail
        for c, channel in enumerate(model.channels):
            if node.message not in model.sent_by[channel.sender]:
                continue
            component = self.components.first_channel + self.tables.encoding.encode_channel(self.variant, c)
            if fixed:
                part = self._column(node, component)
            else:
                content = self.parts.column(("content", c), component, _content_of(c))
                part = self.parts.join(("flying", node, content), content, wanted, self._flying(node, c))
            if node.counted:
                result = self.parts.join(("+", result, part), result, part, guarded(add))
            else:
                result = self.parts.join(("or_", result, part), result, part, or_, DECIDED[or_])
        return result

    def _flying(self, node: n.InFlight, channel: int) -> Join:
        """Whether a content of a channel has the message that a node asks for, given the values it looks for."""

        def flying(content: Value, wanted: Value) -> Value:
            if wanted is FAILURE:
                return FAILURE
            values = tuple(n.Constant(v.domain, value) for v, value in zip(node.values, wanted, strict=True))
            empty = self.parts.only(self.components.freeze, 0)
            channels = tuple(content if i == channel else () for i in range(len(self._links)))
            frame = {JOINT: empty._replace(channels=channels), LINKS: self._links}
            return compiled(replace(node, values=values))(frame)

        return flying

    def _quantify(self, node: n.Quantify) -> int:
        """any and all as folds of their instances; the others are gathered element by element."""
        absent = {"any": False, "all": True}.get(node.operator)
        if absent is None:
            return self._collect(node)
        apart = factor(node)
        if apart is not None:
            return self._build(apart, {})
        result: int | None = None
        fold = or_ if node.operator == "any" else and_
        for value, conditions in self._elements(node, {}):
            part = self._build(node.body, {node.variable: value})
            for condition in reversed(conditions):
                key = ("given", condition, part, absent)
                part = self.parts.join(key, condition, part, given(absent), (False, absent))
            if result is not None:
                part = self.parts.join((fold.__name__, result, part), result, part, fold, DECIDED[fold])
            result = part
        return self._column(n.Constant(node.domain, absent), self.components.freeze) if result is None else result

    def _collect(self, node: n.Quantify) -> int:
        """sum, set and union: folded over the values the variable takes."""
        empty: Value = 0 if node.operator == "sum" else frozenset()
        result = self._column(n.Constant(node.domain, empty), self.components.freeze)
        wrap = {"sum": lambda v: v, "set": lambda v: frozenset({v}), "union": lambda v: v}[node.operator]
        for value, conditions in self._elements(node, {}):
            part = self._build(node.body, {node.variable: value})
            part = self.parts.unary(("wrap", node.operator, part), part, guarded(wrap))
            for condition in reversed(conditions):
                part = self.parts.join(("given", condition, part, empty), condition, part, given(empty), (False, empty))
            add = guarded(OPERATORS["+"] if node.operator == "sum" else OPERATORS["|"])
            result = self.parts.join((node.operator, result, part), result, part, add)
        return result

    def _gather(self, node: n.Node) -> int:
        """Any other node: the parts it reads are paired up, and it is evaluated on the whole of them."""
        parts: list[tuple[n.Node, int]] = []
        holes: dict[n.Node, str] = {}
        opened = self._open(node, parts, holes)
        result = parts[0][1]
        result = self.parts.unary(("tuple", result), result, lambda v: (v,))
        for _, part in parts[1:]:
            result = self.parts.join(("pair", result, part), result, part, lambda a, b: (*a, b))
        code = compiled(opened)
        names = [f"@{i}" for i in range(len(parts))]

        def finish(values: tuple[Value, ...]) -> Value:
            frame = _Holes((name, v) for name, v in zip(names, values, strict=True) if v is not FAILURE)
            try:
                return code(frame)
            except EvaluationError:
                return FAILURE

        return self.parts.unary(node, result, finish)

    def _open(self, node: n.Node, parts: list[tuple[n.Node, int]], holes: dict[n.Node, str]) -> n.Node:
        """The node with every part that reads one component replaced by a name, dynamic attributes by a choice."""
        if len(self._reads(node)) <= 1 or isinstance(node, n.InFlight | n.Quantify):
            if not any(isinstance(part, n.Attribute | n.InFlight | n.Frozen) for part in node.walk()):
                return node
            if node not in holes:
                holes[node] = f"@{len(parts)}"
                parts.append((node, self._build(node, {})))
            return n.Read(node.domain, holes[node])
        if isinstance(node, n.Attribute):
            target = self._open(node.target, parts, holes)
            choice: n.Node | None = None
            for slot in node.slots:
                one = n.Attribute(node.domain, n.Constant(node.target.domain, slot.owner), node.name, (slot,))
                mine = self._open(one, parts, holes)
                test = n.Apply(n.Not(node.domain, node).domain, "==", (target, one.target))
                choice = n.IfElse(node.domain, test, mine, mine if choice is None else choice)  # the target must be one
            assert choice is not None
            return choice
        return rebuilt(node, lambda part: self._open(part, parts, holes))

    def _fold(self, node: n.Node, operands_: tuple[n.Node, ...], join: Join) -> int:
        result = self._build(operands_[0], {})
        for operand in operands_[1:]:
            part = self._build(operand, {})
            result = self.parts.join((join.__name__, result, part), result, part, join, DECIDED[join])
        self._known[node] = result
        return result

    def _reads(self, node: n.Node) -> frozenset[int]:
        """The components a node's value depends on."""
        found: set[int] = set()
        for part in node.walk():
            if isinstance(part, n.Attribute):
                wanted = part.target.value if isinstance(part.target, n.Constant) else None
                found |= {slot.instance for slot in part.slots if wanted in (None, slot.owner)}
            elif isinstance(part, n.InFlight):
                found |= {self.components.first_channel + c for c in range(self.components.channels)}
            elif isinstance(part, n.Frozen):
                found.add(self.components.freeze)
        return frozenset(found)

    # ---- operations

    def _column(self, node: n.Node, component: int) -> int:
        code = compiled(node)

        def compute(state: State) -> Value:
            try:
                return code({JOINT: state, LINKS: self._links})
            except EvaluationError:
                return FAILURE

        return self.parts.column(("column", node, component), component, compute, self._bits_read(node, component))

    def _bits_read(self, node: n.Node, component: int) -> int:
        """The bits of the codes of a component's local states that a node's value depends on."""
        if component >= self.components.first_channel:
            return 0
        places, bits = self.tables.encoding.places(self.variant, component), 0
        for part in node.walk():
            for slot in part.slots if isinstance(part, n.Attribute) else ():
                if slot.instance == component:
                    bits |= CONTROL << FIELD * (0 if slot.in_states else places[slot.position] + 1)
        return bits


def _content_of(channel: int) -> Callable[[State], Value]:
    return lambda state: state.channels[channel]


def _asked(value: Value) -> int:
    return NOT_ASKED if value is FAILURE else int(bool(value))


def _ints(values: Iterable[int]) -> Any:
    return np.array([*values], dtype=np.int32)
