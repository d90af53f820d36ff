"""What observers make of a step, in terms of Promela: said of what was before it, as everything else."""

from __future__ import annotations

from typing import Any

from mcfsm.report.promela.expressions import truth
from mcfsm.report.promela.receptions import ReceptionTerms
from mcfsm.report.promela.scenario import LocalTerms
from mcfsm.report.promela.terms import (
    Term,
    choose,
    conj,
    disj,
    equal,
    neg,
)


class ObserverTerms(ReceptionTerms):
    """A scenario with those who see every step."""

    def _seen(self, events: list[Any], frame: dict[str, Any]) -> dict[int, LocalTerms]:
        """The places of observers after some events, each of which may depend on a condition."""
        first, found = len(self.model.instances), {}
        for o, observer in enumerate(self.model.observers):
            place = self.here[first + o]
            for event, name, ends, happens in events:
                if happens is not False:
                    place = self._observed(observer, first + o, place, event, name, {**frame, **ends}, happens)
            if place != self.here[first + o]:
                found[first + o] = place
        return found

    def _observed(
        self, observer: Any, i: int, place: LocalTerms, event: str, name: str, frame: dict[str, Any], happens: Term
    ) -> LocalTerms:
        own = {v.name: tree for v, tree in zip(observer.variables, place.values, strict=True)}
        inner = {**frame, "state": place.states[0], **own}
        moved = place
        for line in observer.transitions:
            if line.event != event or (line.names and name not in line.names):
                continue
            sources = (
                True
                if line.sources is None
                else disj(*(equal(place.states[0], self.value(s)) for s in observer.region.states if s in line.sources))
            )
            tests = [truth(guard.node, inner, self.world) for guard in line.guards]
            wanted = [test if guard.wanted else neg(test) for test, guard in zip(tests, line.guards, strict=True)]
            condition = conj(happens, sources, *wanted)
            if condition is False:
                continue
            values = list(place.values)
            for assignment in line.assignments:
                self.assign(values, self.model.variables_at(i), assignment, inner)
            dest = place.states[0] if line.dest is None else self.value(line.dest)
            states = (choose(condition, dest, moved.states[0]),)
            kept = zip(values, place.values, moved.values, strict=True)
            moved = LocalTerms(
                states, tuple(was if new is old else choose(condition, new, was) for new, old, was in kept)
            )
        return moved
