"""Liveness a second time, by other algorithms and over the product alone; slow, short, and sharing nothing with ours.

Weak fairness: nested depth-first search (Courcoubetis, Vardi, Wolper and Yannakakis, Memory-efficient algorithms for
the verification of temporal properties, 1992) over states with a counter: it stands at a fairness set and goes on to
the next when that one is taken or disabled (Choueka, Theories of automata on omega-tapes, 1974). Strong fairness: every
set of states there is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import chain, combinations
from typing import Any

from mcfsm.model import Fairness, LivenessProperty, Model
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import LivenessMonitor
from mcfsm.semantics.steps import State, Step

Label = tuple[Hashable, ...]


class Runs:
    """The reachable states of a model with their steps, each with the fairness set it belongs to (None: to none)."""

    def __init__(self, model: Model) -> None:
        self.model, self.product = model, Product(model)
        self.steps: dict[State, list[tuple[Label | None, State]]] = {}
        waiting = [*self.product.beginnings]
        while waiting:
            state = waiting.pop()
            if state not in self.steps:
                self.steps[state] = [(self.label(step), step.target) for step in self.product.steps(state)]
                waiting += [target for _, target in self.steps[state]]
        self.labels = {label for steps in self.steps.values() for label, _ in steps if label is not None}

    def label(self, step: Step) -> Label | None:
        """Receptions by channel, on bag and set by message too; protocol and timer lines by instance and trigger."""
        if step.outcome is None:
            return None
        if step.event is not None:
            receiver = self.model.instances[step.instance].name
            kind = next(c.kind for c in self.model.channels if (c.sender, c.receiver) == (step.event.sender, receiver))
            return ("receives", receiver, step.event.sender, None if kind == "fifo" else step.event.message)
        transition = self.product.transition(step.instance, step.outcome)
        fair = transition is not None and transition.kind in ("protocol", "timer")
        return ("acts", step.instance, transition.trigger) if fair and transition else None

    def enabled(self, state: State) -> set[Label | None]:
        """The fairness sets enabled in a state."""
        return {label for label, _ in self.steps[state]}

    def values(self, property_: LivenessProperty) -> dict[State, tuple[bool, bool]]:
        """Cause and goal of a promise in every state."""
        monitor = LivenessMonitor(self.model, property_)
        return {state: monitor.values(state, initial=self.product.is_initial(state)) for state in self.steps}


def broken_weakly(runs: Runs, property_: LivenessProperty, *, fair: bool = True) -> bool:
    """Whether some run that is fair to every set, weakly or not at all, breaks a promise."""
    values = runs.values(property_)
    labels = sorted(runs.labels, key=str) if fair else []

    def waits(state: State) -> bool:
        return not values[state][1]

    def begins(state: State) -> list[Any]:
        return [(state, True, 0)] if values[state][0] and waits(state) else []

    def nexts(node: Any) -> Iterator[Any]:
        state, waiting, counter = node
        if not waiting:
            for _, target in runs.steps[state]:
                yield from [(target, False, 0), *begins(target)]
            return
        counter = 0 if counter == len(labels) else counter
        for taken, target in [*runs.steps[state], (None, state)]:  # the last one is stutter
            if waits(target):
                met = counter < len(labels) and (taken == labels[counter] or labels[counter] not in runs.enabled(state))
                yield target, True, counter + met

    def accepts(node: Any) -> bool:
        return bool(node[1]) and node[2] == len(labels)

    starts = [start for state in runs.product.beginnings for start in ((state, False, 0), *begins(state))]
    return accepting_cycle(starts, nexts, accepts)


def accepting_cycle(
    starts: Iterable[Any], nexts: Callable[[Any], Iterator[Any]], accepts: Callable[[Any], bool]
) -> bool:
    """Whether a cycle through an accepting node is reachable: nested depth-first search."""
    seen: set[Any] = set()
    flagged: set[Any] = set()
    for start in starts:
        path = [] if start in seen else [(start, nexts(start))]
        seen.add(start)
        while path:
            node, following = path[-1]
            fresh = next((other for other in following if other not in seen), None)
            if fresh is not None:
                seen.add(fresh)
                path.append((fresh, nexts(fresh)))
                continue
            path.pop()
            if accepts(node) and _returns(node, nexts, flagged):
                return True
    return False


def _returns(seed: Any, nexts: Callable[[Any], Iterator[Any]], flagged: set[Any]) -> bool:
    waiting = [seed]
    while waiting:
        for other in nexts(waiting.pop()):
            if other == seed:
                return True
            if other not in flagged:
                flagged.add(other)
                waiting.append(other)
    return False


MOST_TRIED = 11  # states among which every subset is looked at


def broken_strongly(runs: Runs, property_: LivenessProperty) -> bool | None:
    """Whether a run breaks a promise that is strongly fair to receptions, weakly to triggers; None: too many states."""
    values = runs.values(property_)
    region, waiting = set[State](), [s for s, (cause, goal) in values.items() if cause and not goal]
    while waiting:
        state = waiting.pop()
        if state not in region:
            region.add(state)
            waiting += [target for _, target in runs.steps[state] if not values[target][1]]
    if len(region) > MOST_TRIED:
        return None
    ids = {state: i for i, state in enumerate(runs.steps)}
    edges = [(ids[s], ids[t], label) for s in region for label, t in runs.steps[s]]
    on = {ids[s]: runs.enabled(s) for s in region}
    kinds: dict[Label, Fairness] = {label: "strong" if label[0] == "receives" else "weak" for label in runs.labels}
    return fair_subset([ids[s] for s in region], edges, on, kinds)


def fair_subset(
    states: list[int],
    edges: list[tuple[int, int, Any]],
    enabled: dict[int, set[Any]],
    kinds: dict[Any, Fairness],
) -> bool:
    """Whether some strongly connected set of states is fair, by trying every set."""
    every = chain.from_iterable(combinations(states, size) for size in range(1, len(states) + 1))
    return any(_fair(set(chosen), edges, enabled, kinds) for chosen in every)


def _fair(
    chosen: set[int], edges: list[tuple[int, int, Any]], enabled: dict[int, set[Any]], kinds: dict[Any, Fairness]
) -> bool:
    inner = [(s, t, label) for s, t, label in edges if s in chosen and t in chosen]
    taken = {label for _, _, label in inner}
    for label, kind in kinds.items():
        times = sum(label in enabled[s] for s in chosen)
        if label not in taken and ((kind == "weak" and times == len(chosen)) or (kind == "strong" and times)):
            return False
    start = min(chosen)
    return _reach(start, [(s, t) for s, t, _ in inner]) == chosen == _reach(start, [(t, s) for s, t, _ in inner])


def _reach(start: int, edges: list[tuple[int, int]]) -> set[int]:
    found = {start}
    while more := {t for s, t in edges if s in found} - found:
        found |= more
    return found
