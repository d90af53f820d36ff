"""Properties over joint states: what one says of a state, and whether premise and operands were put to the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean
from mcfsm.expressions.evaluate import JOINT, LINKS, Code, EvaluationError, Frame
from mcfsm.model import LivenessProperty, Model, Property
from mcfsm.problems import ModelError
from mcfsm.semantics.boundary import Beyond
from mcfsm.semantics.codes import code_of
from mcfsm.semantics.steps import State


@dataclass(frozen=True)
class Coverage:
    """Whether a premise or an operand of a property was seen true, and seen false."""

    what: str
    seen_true: bool
    seen_false: bool


QUANTIFIED = "what its quantifier says"  # a part that some element has to meet, and that need not take both values


Binder = tuple[str, Code, Code | None]  # a quantifier's variable, the set it walks, its condition


class PropertyMonitor:
    """One property, evaluated state by state."""

    def __init__(self, model: Model, property_: Property) -> None:
        self.property = property_
        self._beyond = Beyond(model)
        self._links = tuple((channel.sender, channel.receiver) for channel in model.channels)
        self._condition = code_of(property_.condition)
        self._premise = None if property_.premise is None else code_of(property_.premise)
        self._premise_seen: set[bool] = set()
        self._operands = [_Watched(operand) for operand in operands(property_)]

    def decides(self, state: State) -> bool:
        """Whether the state violates an `always` or `never`, or is a witness of a `reachable`.

        Also notes which values premise and operands take there. Nothing is asked of a state beyond the boundary.
        Raises ModelError where a value leaves its domain.
        """
        if self._beyond(state):
            return False
        frame: Frame = {JOINT: state, LINKS: self._links}
        try:
            if self._premise is not None:
                holds = bool(self._premise(frame))
                self._premise_seen.add(holds)
                if not holds:
                    return False
            value = bool(self._condition(frame))
        except EvaluationError as error:
            raise _located(error, self.property.id) from None
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


class LivenessMonitor:
    """One liveness property, evaluated state by state."""

    def __init__(self, model: Model, property_: LivenessProperty) -> None:
        self.property_ = property_
        self._beyond = Beyond(model)
        self._links = tuple((channel.sender, channel.receiver) for channel in model.channels)
        self._causes = [code_of(cause) for cause in property_.causes]
        self._goal = code_of(property_.goal)

    def values(self, state: State, *, initial: bool) -> tuple[bool, bool]:
        """Whether the cause holds in a state, and whether the goal does.

        `initial` says whether it is the initial state, which alone sets off an `eventually`. What goes on beyond the
        boundary is nobody's question: no cause holds there, and nothing waits. Raises ModelError where a value leaves
        its domain.
        """
        if self._beyond(state):
            return False, True
        frame: Frame = {JOINT: state, LINKS: self._links}
        try:
            cause = (initial or not self.property_.at_start) and all(code(frame) for code in self._causes)
            return cause, bool(self._goal(frame))
        except EvaluationError as error:
            raise _located(error, self.property_.id) from None


def _located(error: EvaluationError, name: str) -> ModelError:
    problem = error.problem
    return ModelError([replace(problem, message=f"{problem.message} (property {name})")])


@dataclass(frozen=True)
class Operand:
    """A part of a property that has to take both values, under the quantifiers it stands in."""

    what: str
    node: n.Node
    binders: tuple[n.Quantify, ...]


class _Watched:
    """An operand, ready to be evaluated, and the values it took."""

    def __init__(self, operand: Operand) -> None:
        self.what = operand.what
        self.code = code_of(operand.node)
        self.binders = tuple(
            (b.variable, code_of(b.source), None if b.condition is None else code_of(b.condition))
            for b in operand.binders
        )
        self.seen: set[bool] = set()


def _values(code: Code, binders: tuple[Binder, ...], frame: Frame) -> Iterator[bool]:
    """The values a part takes in a state; none where it is guarded by what stands before it, so not put to the test."""
    try:
        if not binders:
            yield bool(code(frame))
            return
        (name, source, condition), *rest = binders
        inner = [{**frame, name: value} for value in source(frame)]
    except EvaluationError:
        return
    for one in inner:
        if condition is None or _holds(condition, one):
            yield from _values(code, tuple(rest), one)


def _holds(condition: Code, frame: Frame) -> bool:
    try:
        return bool(condition(frame))
    except EvaluationError:
        return False


def operands(property_: Property) -> Iterator[Operand]:
    """The parts that must each take both values, or the property says less than it seems.

    Of `never: a and b` the conjuncts, of `always: a or b` the disjuncts (so of an implication), also inside the
    quantifiers that fit: any under never, all under always. What such quantifiers say is one part where it has none:
    it has to be asked of some element.
    """
    joint: type[n.And | n.Or] = n.And if property_.form == "never" else n.Or
    quantifier = "any" if property_.form == "never" else "all"
    if property_.form == "reachable":
        return
    node: n.Node = property_.condition
    binders: list[n.Quantify] = []
    while isinstance(node, n.Quantify) and node.operator == quantifier:
        binders.append(node)
        node = node.body
    if isinstance(node, joint):
        for i, operand in enumerate(_flat(node, joint), 1):
            yield Operand(f"operand {i}", operand, tuple(binders))
    elif binders:
        yield Operand(QUANTIFIED, n.Constant(Boolean(), True), tuple(binders))


def _flat(node: n.Node, joint: type[n.And | n.Or]) -> Iterator[n.Node]:
    if isinstance(node, joint):
        for operand in node.operands:
            yield from _flat(operand, joint)
    else:
        yield node
