"""Properties of runs, of small modules: whether a behaviour that is fair breaks a formula.

A behaviour goes on by Next or stutters. WF and SF are of actions that change something, and ENABLED is of the same
(Specifying Systems, 8.4 to 8.6). A fair behaviour ends in a strongly connected set of states; which are fair is found
as by Emerson and Lei: under SF a set that enables an action and never takes it loses the states that enable it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tla.evaluate import Bound, Meaning, State
from tla.parser import Tree
from tla.values import Value, truth

Key = tuple[Value, ...]


@dataclass
class Fair:
    """An action under WF or SF: where it is enabled, and the steps that it takes; steps that change something."""

    strong: bool
    steps: dict[Key, set[Key]]


class Behaviours:
    """The graph of a module, and its fairness."""

    def __init__(self, what: Meaning, constraint: str | None = None) -> None:
        self.what, self.names = what, tuple(what.module.variables)
        self.within = None if constraint is None else what.code(("call", constraint, [], 0))
        after = what.ways(("call", "Next", [], 0))
        self.state: dict[Key, State] = {}
        self.initial = [self.key(s) for s in what.ways(("call", "Init", [], 0), initial=True)({}, {}, {})]
        self.next: dict[Key, set[Key]] = {}
        waiting = list(self.initial)
        while waiting:
            key = waiting.pop()
            if key not in self.next:
                self.next[key] = {self.key(then) for then in after({}, self.state[key], {})}
                self.next[key] = {then for then in self.next[key] if self.inside(then)}
                waiting += self.next[key]

    def key(self, state: State) -> Key:
        found = tuple(state[name] for name in self.names)
        self.state.setdefault(found, state)
        return found

    def inside(self, key: Key) -> bool:
        """Whether a constraint holds there."""
        return self.within is None or truth(self.within({}, self.state[key], None))

    def fair(self, name: str) -> list[Fair]:
        """What a definition says of fairness: conjuncts WF, SF, and the same for all of a set."""
        return list(self._fair(("call", name, [], 0), {}))

    def _fair(self, tree: Tree, bound: Bound) -> Iterator[Fair]:
        match tree:
            case ("call", "TRUE", _, _) | ("value", True):
                return
            case ("call", name, [], _):
                yield from self._fair(self.what.operators[name].definition.body or (), bound)
            case ("and", parts):
                for part in parts:
                    yield from self._fair(part, bound)
            case ("/\\", left, right):
                yield from self._fair(left, bound)
                yield from self._fair(right, bound)
            case ("\\A", [(name, among)], body):
                for value in self.what.code(among)(bound, {}, None):
                    yield from self._fair(body, {**bound, name: value})
            case ("fair", kind, "vars", action):
                ways = self.what.ways(action)
                steps = {
                    key: {self.key(then) for then in ways(bound, self.state[key], {})} - {key} for key in self.next
                }
                yield Fair(kind == "SF", steps)
            case _:
                raise AssertionError(tree)

    def breaks(self, name: str, fairness: list[Fair]) -> bool:
        """Whether some fair behaviour breaks a formula p ~> q, []<>q or <>q."""
        tree = self.what.operators[name].definition.body
        assert tree is not None
        match tree:
            case ("~>", cause, goal):
                starts = [key for key in self.next if self._holds(cause, key)]
            case ("prefix []", ("prefix <>", goal)):
                starts = list(self.next)
            case ("prefix <>", goal):
                starts = list(self.initial)
            case _:
                raise AssertionError(tree)
        waits = {key for key in self.next if not self._holds(goal, key)}
        region = self._reached([key for key in starts if key in waits], waits)
        return self._some_fair(region, fairness)

    def _holds(self, tree: Tree, key: Key) -> bool:
        return truth(self.what.code(tree)({}, self.state[key], None))

    def _reached(self, starts: list[Key], among: set[Key]) -> set[Key]:
        found, waiting = set[Key](), list(starts)
        while waiting:
            key = waiting.pop()
            if key in among and key not in found:
                found.add(key)
                waiting += self.next[key]
        return found

    def _some_fair(self, region: set[Key], fairness: list[Fair]) -> bool:
        """Whether a fair behaviour can stay in a region for ever."""
        for component in components(region, lambda key: self.next[key] & region):
            lost: set[Key] = set()
            unfair = False
            for one in fairness:
                taken = any(one.steps[key] & component for key in component)
                enabled = {key for key in component if one.steps[key]}
                if not taken and (one.strong and enabled):
                    lost |= enabled
                unfair = unfair or (not taken and not one.strong and enabled == component)
            if not lost and not unfair:
                return True
            if lost and not unfair and lost != component and self._some_fair(component - lost, fairness):
                return True
        return False


def components(states: set[Key], after: Callable[[Key], set[Key]]) -> list[set[Key]]:
    """Strongly connected components, each state by itself at least: a behaviour may stutter (Kosaraju)."""
    order: list[Key] = []
    seen: set[Key] = set()
    for start in states:
        path: list[tuple[Key, Any]] = [] if start in seen else [(start, iter(after(start)))]
        seen.add(start)
        while path:
            key, following = path[-1]
            fresh = next((other for other in following if other not in seen), None)
            if fresh is None:
                order.append(path.pop()[0])
            else:
                seen.add(fresh)
                path.append((fresh, iter(after(fresh))))
    back: dict[Key, set[Key]] = {key: set() for key in states}
    for key in states:
        for then in after(key):
            back[then].add(key)
    found: list[set[Key]] = []
    left = set(states)
    for key in reversed(order):
        if key in left:
            component, waiting = set[Key](), [key]
            while waiting:
                one = waiting.pop()
                if one in left:
                    left.discard(one)
                    component.add(one)
                    waiting += back[one]
            found.append(component)
    return found
