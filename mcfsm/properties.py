"""Properties over joint states: which states decide one, and whether its premise and operands were ever put to the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mcfsm.expressions import nodes as n
from mcfsm.expressions.evaluate import JOINT, LINKS, Code, EvaluationError, Frame, compiled
from mcfsm.explore.findings import Coverage
from mcfsm.model import Model, Property
from mcfsm.problems import ModelError
from mcfsm.product import State

Binder = tuple[str, Code, Code | None]  # a quantifier's variable, the set it walks, its condition


class Watch:
    """One property, evaluated state by state."""

    def __init__(self, model: Model, property_: Property) -> None:
        self.property = property_
        self._links = tuple((channel.sender, channel.receiver) for channel in model.channels)
        self._condition = compiled(property_.condition)
        self._premise = None if property_.premise is None else compiled(property_.premise)
        self._premise_seen: set[bool] = set()
        self._operands = list(_operands(property_))

    def decides(self, state: State) -> bool:
        """Whether the state violates an `always` or `never`, or is a witness of a `reachable`.

        Also notes which values premise and operands take there. Raises ModelError where a value leaves its domain.
        """
        frame: Frame = {JOINT: state, LINKS: self._links}
        try:
            if self._premise is not None:
                holds = bool(self._premise(frame))
                self._premise_seen.add(holds)
                if not holds:
                    return False
            value = bool(self._condition(frame))
        except EvaluationError as error:
            problem = error.problem
            raise ModelError([replace(problem, message=f"{problem.message} (property {self.property.id})")]) from None
        for operand in self._operands:
            if len(operand.seen) < 2:
                operand.seen.update(_values(operand.code, operand.binders, frame))
        return value is not (self.property.form == "always")

    def coverage(self) -> tuple[Coverage, ...]:
        """The premise and the operands, with the values they took."""
        found = [Coverage(operand.what, True in operand.seen, False in operand.seen) for operand in self._operands]
        if self._premise is not None:
            found.insert(0, Coverage("its premise", True in self._premise_seen, False in self._premise_seen))
        return tuple(found)


@dataclass
class _Operand:
    """A part of a property that has to take both values, under the quantifiers it stands in."""

    what: str
    code: Code
    binders: tuple[Binder, ...]
    seen: set[bool]


def _values(code: Code, binders: tuple[Binder, ...], frame: Frame) -> Iterator[bool]:
    if not binders:
        try:
            yield bool(code(frame))
        except EvaluationError:
            return  # guarded by an operand before it, so not put to the test here
        return
    (name, source, condition), *rest = binders
    for value in source(frame):
        inner = {**frame, name: value}
        if condition is None or condition(inner):
            yield from _values(code, tuple(rest), inner)


def _operands(property_: Property) -> Iterator[_Operand]:
    """The parts that must each take both values, or the property says less than it seems.

    Of `never: a and b` the conjuncts, of `always: a or b` the disjuncts (so of an implication), also inside the
    quantifiers that fit: any under never, all under always.
    """
    joint: type[n.And | n.Or] = n.And if property_.form == "never" else n.Or
    quantifier = "any" if property_.form == "never" else "all"
    if property_.form == "reachable":
        return
    node: n.Node = property_.condition
    binders: list[Binder] = []
    while isinstance(node, n.Quantify) and node.operator == quantifier:
        condition = None if node.condition is None else compiled(node.condition)
        binders.append((node.variable, compiled(node.source), condition))
        node = node.body
    if not isinstance(node, joint):
        return
    for i, operand in enumerate(_flat(node, joint), 1):
        yield _Operand(f"operand {i}", compiled(operand), tuple(binders), set())


def _flat(node: n.Node, joint: type[n.And | n.Or]) -> Iterator[n.Node]:
    if isinstance(node, joint):
        for operand in node.operands:
            yield from _flat(operand, joint)
    else:
        yield node
