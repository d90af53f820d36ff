"""What the search of a property waits for, in parts of the joint state: what refutes it there, and what it reads.

What may live here: properties, taken apart. What may not: steps, and who takes them.

A *goal* is a sort of joint state that some verdict depends on: one that decides a property, or one in which a premise
or an operand takes its other value. Where a part of a joint state alone refutes a goal, as one conjunct of it is false
there, the goal is not reached before that part changes. Where a step changes nothing that a goal reads, it leads from
goal to goal only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.expressions.evaluate import JOINT, LINKS, EvaluationError, Frame
from mcfsm.expressions.may_fail import may_fail
from mcfsm.model import Content, Local, Model, Property
from mcfsm.semantics.codes import code_of
from mcfsm.semantics.properties import QUANTIFIED, Coverage, operands
from mcfsm.semantics.steps import State

MOST_GOALS = 255  # that are told apart; those past them are one, which nothing refutes
Projection = tuple[object, ...]  # what each goal reads of a part


class Conjunct(NamedTuple):
    """A part of a goal that has to have a value."""

    node: n.Node
    wanted: bool


@dataclass(frozen=True)
class Goal:
    """A sort of joint state: of a property, or of nobody in particular where it is None, and then always waited for."""

    property_id: str | None
    part: int | None  # which of its premise and operands takes a value there; None: the property is decided
    value: bool
    conjuncts: tuple[Conjunct, ...]  # each evaluated only where those before it have their values, and none fails
    reads: tuple[n.Node, ...]


class Goals:
    """The goals of some properties of a model, by number; sets of them are bits."""

    def __init__(self, model: Model, properties: Iterable[Property], first: State) -> None:
        self.model, self.first = model, first
        goals = list(chain.from_iterable(map(_goals_of, properties)))
        if model.boundary is not None:
            goals.insert(0, Goal(None, None, True, (), (model.boundary.condition,)))
        if len(goals) > MOST_GOALS:
            rest = tuple(node for goal in goals[MOST_GOALS:] for node in goal.reads)
            goals[MOST_GOALS:] = [Goal(None, None, True, (), rest)]
        self.goals = tuple(goals)
        self._links = tuple((channel.sender, channel.receiver) for channel in model.channels)
        everything = [[node for read in goal.reads for node in read.walk()] for goal in goals]
        self._slots = [
            [
                sorted(
                    {
                        (s.instance, not s.in_states, s.position)
                        for a in nodes
                        if isinstance(a, n.Attribute)
                        for s in a.slots
                    }
                )
            ]
            for nodes in everything
        ]
        self._messages = [frozenset(a.message for a in nodes if isinstance(a, n.InFlight)) for nodes in everything]
        self.of_freeze = sum(
            1 << i for i, nodes in enumerate(everything) if any(isinstance(a, n.Frozen) for a in nodes)
        )
        self.refuted_by_local = cache(self._refuted_by_local)
        self.refuted_by_content = cache(self._refuted_by_content)
        self.read_of_local = cache(self._read_of_local)
        self.read_of_content = cache(self._read_of_content)

    def waited_for(self, decided: Iterable[str], coverage: dict[str, tuple[Coverage, ...]]) -> int:
        """The goals that are still waited for, given the properties that are decided and the values taken so far."""
        done, found = frozenset(decided), 0
        for i, goal in enumerate(self.goals):
            if goal.property_id in done:
                continue
            if goal.part is not None and goal.property_id is not None:
                part = coverage[goal.property_id][goal.part]
                if part.seen_true if goal.value else part.seen_false:
                    continue
            found |= 1 << i
        return found

    # ---- what refutes a goal

    def _refuted_by_local(self, at: int, local: Local) -> int:
        """The goals that are not reached as long as an instance is in a local state."""
        locals_ = (*self.first.locals[:at], local, *self.first.locals[at + 1 :])
        return self._refuted(self.first._replace(locals=locals_), lambda node: _owner(node) == at)

    def _refuted_by_content(self, channel: int, content: Content) -> int:
        """The goals that are not reached as long as all that is in a channel stays there."""
        channels = tuple(content if i == channel else () for i in range(len(self.model.channels)))
        return self._refuted(self.first._replace(channels=channels), _is_of_channels) if content else 0

    def refuted_by_freeze(self, frozen: bool) -> int:
        """The goals that are not reached as long as the environment is frozen, or is not."""
        return self._refuted(self.first._replace(frozen=frozen), lambda node: isinstance(node, n.Frozen))

    def _refuted(self, state: State, concerned: Callable[[n.Node], bool]) -> int:
        """The goals with a conjunct that is concerned, and has not its value in a joint state."""
        frame: Frame = {JOINT: state, LINKS: self._links}
        found = 0
        for i, goal in enumerate(self.goals):
            for node, wanted in goal.conjuncts:
                if not concerned(node) or (_is_of_channels(node) and wanted):
                    continue
                try:
                    value = bool(code_of(node)(frame))
                except EvaluationError:
                    continue
                if value is not wanted:
                    found |= 1 << i
                    break
        return found

    # ---- what a goal reads

    def _read_of_local(self, at: int, local: Local) -> Projection:
        """What each goal reads of a local state of an instance or observer."""
        return tuple(
            tuple(
                (local.values if of_values else local.states)[place] for owner, of_values, place in slots if owner == at
            )
            for (slots,) in self._slots
        )

    def _read_of_content(self, content: Content) -> Projection:
        """What each goal reads of a content of a channel."""
        return tuple(tuple(one for one in content if one.name in names) for names in self._messages)

    def changed(self, before: State, after: State) -> int:
        """The goals that read something in which two joint states differ."""
        found = self.of_freeze if before.frozen != after.frozen else 0
        for i, (old, new) in enumerate(zip(before.locals, after.locals, strict=True)):
            if old != new:
                found |= told_apart(self.read_of_local(i, old), self.read_of_local(i, new))
        for was, is_ in zip(before.channels, after.channels, strict=True):
            if was != is_:
                found |= told_apart(self.read_of_content(was), self.read_of_content(is_))
        return found


def told_apart(before: Projection, after: Projection) -> int:
    """The goals that read two values of a part differently."""
    return sum(1 << i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old != new)


def _goals_of(property_: Property) -> Iterator[Goal]:
    """What decides a property, and the values that its premise and its operands are to take, as `Coverage` has them."""
    condition, premise = property_.condition, property_.premise
    asked = [] if premise is None else [Conjunct(premise, True)]

    def goal(part: int | None, value: bool, *conjuncts: Conjunct) -> Goal:
        parts = chain.from_iterable(_conjuncts(*one) for one in conjuncts)
        reads = tuple(one.node for one in (*asked, Conjunct(condition, value)))
        return Goal(property_.id, part, value, tuple(_sure(parts)), reads)

    yield goal(None, True, *asked, Conjunct(condition, property_.form != "always"))
    if premise is not None:
        yield from (goal(0, value, Conjunct(premise, value)) for value in (True, False))
    for i, operand in enumerate(operands(property_), len(asked)):
        values = (True,) if operand.what == QUANTIFIED else (True, False)
        own = () if operand.binders else (operand.node,)
        yield from (goal(i, value, *asked, *(Conjunct(node, value) for node in own)) for value in values)


def _conjuncts(node: n.Node, wanted: bool) -> Iterator[Conjunct]:
    """The parts that all have to have their values where a node has one, in the order in which they are evaluated."""
    match node:
        case n.Not(operand=operand):
            yield from _conjuncts(operand, not wanted)
        case n.And(operands=parts) if wanted:
            yield from chain.from_iterable(_conjuncts(part, True) for part in parts)
        case n.Or(operands=parts) if not wanted:
            yield from chain.from_iterable(_conjuncts(part, False) for part in parts)
        case _:
            yield Conjunct(node, wanted)


def _sure(conjuncts: Iterable[Conjunct]) -> Iterator[Conjunct]:
    """Those before which nothing can fail: where one of these is refuted, a joint state can be no goal and no error."""
    for one in conjuncts:
        yield one
        if may_fail(one.node):
            return


def _owner(node: n.Node) -> int | None:
    """The instance that a node reads, and nothing else."""
    read = {slot.instance for part in node.walk() if isinstance(part, n.Attribute) for slot in part.slots}
    joint = any(isinstance(part, n.InFlight | n.Frozen) for part in node.walk())
    return next(iter(read)) if len(read) == 1 and not joint else None


def _is_of_channels(node: n.Node) -> bool:
    """Whether a node asks whether a certain message is on its way, and nothing else."""
    return isinstance(node, n.InFlight) and not node.counted and all(isinstance(one, n.Constant) for one in node.values)
