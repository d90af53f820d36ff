"""Joint states up to permutation of interchangeable instances: images, orbits, and what is said of all of an orbit.

What may live here: what a permutation makes of a joint state, which findings are one up to permutation, and what else
occurred where something did. What may not: search order, and tables.

`model.asymmetry` has made sure that every permutation maps steps to steps and keeps properties, so one state of each
orbit stands for all (Ip and Dill 1996). The order of instances, which decides ties, is the only thing not kept; so a
flow is looked for among the states themselves (`explore.shortest`), and findings are grouped by what does not depend on
it: the sets that the instances at both ends belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar

from mcfsm.explore.findings import Fault, Inspected, Visited
from mcfsm.model import Model
from mcfsm.model.permutation import Permutation, every_permutation, neighbours
from mcfsm.semantics.product import DEADLOCK, Product
from mcfsm.semantics.role import Event
from mcfsm.semantics.steps import Expansion, State, Step

Found = tuple[str, str]  # check and subject of a finding
S = TypeVar("S")


class Symmetry:
    """The permutations of a model's interchangeable instances, and what they make of joint states."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.permutations = tuple(every_permutation(model))
        first = {name: members[0] for members in model.interchangeable for name in members}
        self._name = {instance.name: first.get(instance.name, instance.name) for instance in model.instances}
        self._first = [model.index_of[self._name[instance.name]] for instance in model.instances]
        kinds: dict[tuple[str, str], int] = {}
        self._like = [
            kinds.setdefault((self._name[c.sender], self._name[c.receiver]), i) for i, c in enumerate(model.channels)
        ]

    def __bool__(self) -> bool:
        """Whether anything can change places."""
        return len(self.permutations) > 1

    @cached_property
    def inverses(self) -> tuple[int, ...]:
        """Of each permutation, by index, the one that takes it back."""
        index = {tuple(sorted(p.names.items())): i for i, p in enumerate(self.permutations)}
        return tuple(index[tuple(sorted((new, old) for old, new in p.names.items()))] for p in self.permutations)

    def image(self, permutation: Permutation, state: State) -> State:
        """The joint state in which everybody stands where the permutation puts him."""
        model, instances = self.model, len(self.model.instances)
        locals_ = list(state.locals)
        for i, instance in enumerate(model.instances):
            variables = model.role_of[instance.name].variables
            locals_[permutation.instances[i]] = permutation.local(variables, state.locals[i])
        for i, observer in enumerate(model.observers, instances):
            locals_[i] = permutation.local(observer.variables, state.locals[i])
        channels = list(state.channels)
        for i, content in enumerate(state.channels):
            channels[permutation.channels[i]] = permutation.content(i, content)
        return State(tuple(locals_), tuple(channels), state.budgets, state.frozen)

    def found(self, product: Product, state: State, expansion: Expansion) -> Iterator[Found]:
        """What the built-in checks find in a state, in the order of `product.faults`, by the first of each set.

        Two findings are one if they are alike up to the instances of a set at either end.
        """
        if product.deadlocked(state, expansion):
            yield DEADLOCK
        for instance, event in expansion.refused:
            sender = self._name[event.sender]
            yield product.refusal(self._first[instance], state.locals[instance], Event(sender, event.message))
        for channel, instance, outcome in expansion.overflows:
            yield product.overflow(self._like[channel], self._first[instance], outcome)

    def _representatives(self, product: Product, state: State) -> dict[Found, Found]:
        """Each finding in a state, as the state's own instances have it, to the one that stands for all like it."""
        expansion = product.expand(state)
        return dict(zip(product.faults(state, expansion), self.found(product, state, expansion), strict=True))

    def merge_orbits(
        self, product: Product, findings: Iterable[tuple[Found, int, list[S]]], state_of: Callable[[S], State]
    ) -> list[tuple[Found, int, list[S]]]:
        """Findings with their first level and the states of it that have them; those that are alike become one."""
        if not self:
            return list(findings)
        merged: dict[Found, tuple[int, list[S]]] = {}
        for own, level, states in findings:
            common = self._representatives(product, state_of(states[0]))[own]
            known, others = merged.get(common, (level, []))
            if level <= known:
                merged[common] = level, [*states, *(others if level == known else [])]
        return [(common, level, states) for common, (level, states) in merged.items()]

    def faults(self, product: Product, findings: Iterable[tuple[Found, Sequence[Step]]]) -> tuple[Fault, ...]:
        """Findings with their flows, each as the state that its flow comes to has it; the shortest first."""
        faults = []
        for found, path in findings:
            subject = found[1]
            if self:
                own = self._representatives(product, path[-1].target if path else product.initial())
                subject = next(mine for (_, mine), common in own.items() if common == found)
            faults.append(Fault(found[0], subject, tuple(path)))
        return tuple(sorted(faults, key=lambda fault: (len(fault.path), fault.check, fault.subject)))

    def close_under_symmetry(self, visited: Visited) -> Visited:
        """What occurred in some states, and in all that are alike up to permutation."""
        model = self.model
        locals_, inspected = [set(one) for one in visited.locals], [set(one) for one in visited.inspected]
        exchanges = list(neighbours(model))
        grown = bool(exchanges)
        while grown:
            grown = False
            for exchange in exchanges:
                for i, instance in enumerate(model.instances):
                    variables, at = model.role_of[instance.name].variables, exchange.instances[i]
                    known = len(locals_[at]) + len(inspected[at])
                    locals_[at] |= {exchange.local(variables, local) for local in locals_[i]}
                    inspected[at] |= {
                        Inspected(
                            exchange.local(variables, local),
                            Event(exchange.names.get(event.sender, event.sender), exchange.message(event.message)),
                        )
                        for local, event in inspected[i]
                    }
                    grown = grown or len(locals_[at]) + len(inspected[at]) > known
        return Visited(tuple(map(frozenset, locals_)), tuple(map(frozenset, inspected)))


class Orbits:
    """The states met so far, each with the one that stands for it: the first of its orbit that was met."""

    def __init__(self, symmetry: Symmetry) -> None:
        self.symmetry = symmetry
        self._known: dict[State, tuple[State, int]] = {}
        self.states = 0  # of all orbits together

    def of(self, state: State) -> tuple[State, int]:
        """What stands for a state, and the permutation, by index, that maps the state to it."""
        if not self.symmetry:
            return state, 0
        found = self._known.get(state)
        if found is None:
            for permutation, inverse in zip(self.symmetry.permutations, self.symmetry.inverses, strict=True):
                image = self.symmetry.image(permutation, state)
                if image not in self._known:
                    self._known[image] = state, inverse
                    self.states += 1
            found = self._known[state]
        return found
