"""What two models do differently: the shortest flow that only one of them has.

A flow is a sequence of labels: who acts, which message it receives, which it sends, with their elements; or a fault, or
the freeze. Names of transitions, states and variables are no part of it. The search is the subset construction, breadth
first: a node is a pair of sets, the states of either model that one and the same flow may lead to. The first label that
some state of one set offers and none of the other ends a flow that only one model has; no shorter one does.

How a model begins is seen where both leave the same open. Where they do not, a flow begins in any of the states in
which its model may begin: what one of them does not leave open is no difference in what is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mcfsm.explore.findings import Limits
from mcfsm.semantics.beginnings import open_parts
from mcfsm.semantics.product import Product, actors
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import FREEZE, Trace, disturbance, replay, shown_elements

MOST_NODES = 200_000  # where nobody says otherwise
Words = tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]  # message, other end, elements
Watching = Callable[[int, int], None]  # nodes, depth


class StepLabel(NamedTuple):
    """What of a step is seen from outside."""

    instance: str
    received: Words
    sent: Words
    lost: tuple[bool, ...]  # of the messages sent
    event: str  # a fault with its place, the freeze; else nothing

    def __str__(self) -> str:
        parts = [f"receives {_message(name, elements)} from {end}" for name, end, elements in self.received]
        parts += [f"sends {_message(name, elements)} to {end}" for name, end, elements in self.sent]
        return f"{self.instance} {', '.join(parts) or self.event or 'acts unseen'}"


def _message(name: str, elements: Iterable[tuple[str, str]]) -> str:
    inside = ", ".join(f"{element}={value}" for element, value in elements)
    return f"{name}({inside})"


@dataclass(frozen=True)
class OnlyThere:
    """A shortest flow that one model has and the other has not: the last step is the one that differs.

    `trace` is the canonical first of its runs in the model that has it; `labels` the flow.
    """

    labels: tuple[StepLabel, ...]
    trace: Trace


@dataclass(frozen=True)
class FlowDifference:
    """What only the first model does, and what only the second does; None where nothing was found.

    `stopped` names the limit that ended the search before everything the models have in common was seen: then None says
    only that there is no such flow of up to `depth` steps.
    """

    only_first: OnlyThere | None
    only_second: OnlyThere | None
    nodes: int
    depth: int
    stopped: str | None

    @property
    def same(self) -> bool:
        """Whether both models have the same flows, which takes a complete search."""
        return self.only_first is None and self.only_second is None and self.stopped is None


class _Side:
    """A model with its states and labels numbered; labels alike for both sides."""

    def __init__(self, product: Product, labels: dict[StepLabel, int], *, seen: bool) -> None:
        """`seen`: whether it is seen how the model begins."""
        self.product, self.labels = product, labels
        first = product.initial()
        unseen = not seen and not first.begun
        self.first: dict[State, tuple[Step, ...]] = (
            {step.target: (step,) for step in product.steps(first)} if unseen else {first: ()}
        )  # the states in which a flow begins, and what leads there unseen
        self.numbers: dict[State, int] = {}
        self.states: list[State] = []
        self.known: dict[int, dict[int, tuple[int, ...]]] = {}

    def number(self, state: State) -> int:
        """The number of a state."""
        if state not in self.numbers:
            self.numbers[state] = len(self.states)
            self.states.append(state)
        return self.numbers[state]

    def initial(self) -> frozenset[int]:
        """The set that the empty flow leads to."""
        return frozenset(map(self.number, self.first))

    def onward(self, states: frozenset[int]) -> dict[int, frozenset[int]]:
        """For each label that some of the states offer, the states that it leads to; in canonical order."""
        found: dict[int, set[int]] = {}
        for state in sorted(states):
            for name, targets in self.offers(state).items():
                found.setdefault(name, set()).update(targets)
        return {name: frozenset(targets) for name, targets in found.items()}

    def offers(self, number: int) -> dict[int, tuple[int, ...]]:
        """For each label that a state offers, the states that it leads to."""
        if number not in self.known:
            found: dict[int, dict[int, None]] = {}
            state = self.states[number]
            for step in self.product.steps(state):
                name = self.labels.setdefault(label(self.product, step), len(self.labels))
                found.setdefault(name, {})[self.number(step.target)] = None
            self.known[number] = {name: tuple(targets) for name, targets in found.items()}
        return self.known[number]


@dataclass(frozen=True)
class _Node:
    """A flow: the label that ends it, and the flow before."""

    first: frozenset[int]
    second: frozenset[int]
    name: int
    before: _Node | None


def label(product: Product, step: Step) -> StepLabel:
    """What of a step is seen from outside."""
    model, names = product.model, actors(product.model)
    instance = names[step.instance]
    if step.begins:
        values = ", ".join(f"{part.name(model)} = {part.shown(model, step.target)}" for part in open_parts(model))
        return StepLabel(instance, (), (), (), f"begin with {values}")
    if step.outcome is None:
        if step.fault is None:
            return StepLabel(instance, (), (), (), FREEZE)
        told = disturbance(model, step.fault)
        at = "" if told.position is None else f" at {told.position}"
        return StepLabel(instance, (), (), (), f"{told.kind} of {told.place}{at}")
    received: Words = ()
    if step.event is not None:
        message = step.event.message
        received = ((message.name, step.event.sender, shown_elements(model, message)),)
    sent = tuple((s.message.name, names[s.receiver], shown_elements(model, s.message)) for s in step.sends)
    return StepLabel(instance, received, sent, tuple(s.lost for s in step.sends), "")


def difference(
    first: Product, second: Product, *, limits: Limits | None = None, watch: Watching | None = None
) -> FlowDifference:
    """The shortest flow that only the first model has, and the shortest that only the second has.

    `max_states` of the limits counts nodes of the search. Raises ModelError where a value leaves its domain.
    """
    limits = limits or Limits(max_states=MOST_NODES)
    began = time.monotonic()
    labels: dict[StepLabel, int] = {}
    seen_to_begin = _left_open(first) == _left_open(second)
    sides = _Side(first, labels, seen=seen_to_begin), _Side(second, labels, seen=seen_to_begin)
    root = _Node(sides[0].initial(), sides[1].initial(), -1, None)
    found: list[OnlyThere | None] = [None, None]
    seen, level, depth, stopped = {(root.first, root.second)}, [root], 0, None

    def expand(node: _Node) -> Iterator[_Node]:
        offers = sides[0].onward(node.first), sides[1].onward(node.second)
        for side in (0, 1):
            only = next((name for name in offers[side] if name not in offers[1 - side]), None)
            if only is not None and found[side] is None:
                found[side] = _only(sides[side], labels, node, only)
        for name, targets in offers[0].items():
            both = targets, offers[1].get(name, targets)
            if name in offers[1] and both not in seen:
                seen.add(both)
                yield _Node(*both, name, node)

    while level and stopped is None and None in found:
        following: list[_Node] = []
        for node in level:
            following += expand(node)
            stopped = stopped or limits.at_once(seconds=time.monotonic() - began)
            if stopped is not None or None not in found:
                return FlowDifference(found[0], found[1], len(seen), depth, stopped)
        level, depth = following, depth + 1
        stopped = limits.after_level(states=len(seen), depth=depth) if level else None
        if watch is not None:
            watch(len(seen), depth)
    return FlowDifference(found[0], found[1], len(seen), depth, stopped)


def _left_open(product: Product) -> tuple[str, ...]:
    """What is told of a beginning; nothing where there is one alone."""
    return () if product.initial().begun else tuple(part.name(product.model) for part in open_parts(product.model))


def _only(side: _Side, labels: dict[StepLabel, int], node: _Node, last: int) -> OnlyThere:
    """The flow that leads to a node and ends with a label, and its first run on one side."""
    names = [last]
    at: _Node | None = node
    while at is not None and at.before is not None:
        names.append(at.name)
        at = at.before
    by_number = list(labels)
    flow = tuple(by_number[name] for name in reversed(names))
    ways = side.first
    for wanted in flow:
        following: dict[State, tuple[Step, ...]] = {}
        for state, way in ways.items():
            for step in side.product.steps(state):
                if step.target not in following and label(side.product, step) == wanted:
                    following[step.target] = (*way, step)
        ways = following
    return OnlyThere(flow, replay(side.product, next(iter(ways.values()))))
