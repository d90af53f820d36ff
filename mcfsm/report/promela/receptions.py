"""What becomes of a message in terms of Promela: when it is offered, handled, ignored, deferred, or has no answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcfsm.model import Transition
from mcfsm.report.exported import forms_from
from mcfsm.report.promela.expressions import translated, truth
from mcfsm.report.promela.scenario import Terms
from mcfsm.report.promela.terms import (
    Parts,
    Term,
    conj,
    constant,
    disj,
    equal,
    neg,
    parts,
    same,
)

Enabled = tuple[Term, dict[str, Any], str]  # when a line is enabled, what it then reads, and what was chosen in words


class ReceptionTerms(Terms):
    """A scenario with what its roles do with messages, and when each of their lines is enabled."""

    def _arrivals(self, i: int, message: str) -> Iterator[tuple[int, int]]:
        """Where a message may stand that an instance receives: channel and place."""
        for c, _ in self.product.incoming[i]:
            sender = self.model.channels[c].sender
            if message in self.model.sent_by[sender]:
                for at in range(self.slots(c)):
                    if self.model.channels[c].kind != "set" or self.messages(c)[at][0] == message:
                        yield c, at

    def _frame(self, i: int, arrival: tuple[int, int] | None, message: str) -> dict[str, Any]:
        role, place = self.model.role_of[self.model.instances[i].name], self.here[i]
        frame: dict[str, Any] = {
            name: self.names.plain(value) for name, value in self.product.machines[i].constants.items()
        }
        frame.update((region.name, term) for region, term in zip(role.regions, place.states, strict=True))
        frame.update((v.name, tree) for v, tree in zip(role.variables, place.values, strict=True))
        if arrival is not None:
            c, at = arrival
            frame["sender"] = self.value(self.model.channels[c].sender)
            frame["msg"] = self.elements(c, at, message)
        return frame

    def _enabled(
        self, i: int, transition: Transition, frame: dict[str, Any]
    ) -> Iterator[tuple[Term, dict[str, Any], str]]:
        """Each way to choose: when it is enabled, the frame with what is chosen, and that in words."""
        instance, place = self.model.instances[i], self.here[i]
        sources: list[Term] = []
        for region, allowed in transition.sources:
            known_states = self.model.role_of[instance.name].regions[region].states
            sources.append(disj(*(equal(place.states[region], self.value(s)) for s in known_states if s in allowed)))
        if instance.crash is not None and not transition.sources:
            sources.append(neg(self.down(i)))
        if transition.senders is not None:
            allowed_senders = translated(transition.senders, frame, self.world)
            if isinstance(allowed_senders, Parts):
                names = allowed_senders.parts.items()
                sources.append(disj(*(conj(there, equal(frame["sender"], self.value(name))) for name, there in names)))
            else:
                sources.append(same(frame["sender"], allowed_senders))
        yield from self._chosen(transition, 0, conj(*sources), frame, "")

    def _chosen(
        self, transition: Transition, depth: int, condition: Term, frame: dict[str, Any], words: str
    ) -> Iterator[tuple[Term, dict[str, Any], str]]:
        if condition is False:
            return
        if depth == len(transition.choices):
            tests = [truth(guard.node, frame, self.world) for guard in transition.guards]
            wanted = [test if guard.wanted else neg(test) for test, guard in zip(tests, transition.guards, strict=True)]
            whole = conj(condition, *wanted)
            if whole is not False:
                yield whole, frame, words
            return
        choice = transition.choices[depth]
        among = parts(translated(choice.source, frame, self.world))
        for value in choice.domain.sorted(among):
            inner = {**frame, choice.name: constant(choice.domain, value, self.value)}
            said = f"{words}, {choice.name} = {choice.domain.show(value)}"
            yield from self._chosen(transition, depth + 1, conj(condition, among[value]), inner, said)

    def offered(self, i: int, arrival: tuple[int, int], message: str) -> Term:
        """Whether a channel offers its receiver the message at a place, which is this one."""
        c, at = arrival
        kind = self.model.channels[c].kind
        there = self.is_message(c, at, message)
        if kind == "fifo":
            return conj(there, *(self.deferred(i, c, before) for before in range(at)))
        return conj(there, self._first_of_its_kind(c, at)) if kind == "bag" else there

    def _first_of_its_kind(self, c: int, at: int) -> Term:
        return True if at == 0 else neg(self._equal_places(c, at, at - 1))

    def _equal_places(self, c: int, one: int, other: int) -> Term:
        q = self.queue(c)
        fields = ("m", *(f"e{k}" for k in range(self.width())))
        return conj(*(f"({q}[{one}].{name} == {q}[{other}].{name})" for name in fields))

    def arriving(self, c: int) -> list[str]:
        """The messages that a channel may carry."""
        return [form.name for form in forms_from(self.model, self.model.channels[c].sender)]

    def handled(self, i: int, arrival: tuple[int, int], message: str) -> Term:
        """Whether some reception of the message at a place is enabled."""
        role, frame = self.model.role_of[self.model.instances[i].name], self._frame(i, arrival, message)
        lines = [t for t in role.transitions if t.kind == "reception" and t.trigger == message]
        return disj(*(condition for line in lines for condition, _, _ in self._enabled(i, line, frame)))

    def _listed(self, i: int, listed: dict[str, frozenset[str]], message: str) -> Term:
        role, states = self.model.role_of[self.model.instances[i].name], listed.get(message, frozenset())
        found = [
            equal(self.here[i].states[r], self.value(s))
            for r, region in enumerate(role.regions)
            for s in region.states
            if s in states
        ]
        return disj(*found)

    def unmatched(self, i: int, arrival: tuple[int, int], message: str) -> tuple[Term, Term, Term]:
        """When a message at a place is ignored or lost, deferred, and unspecified."""
        instance = self.model.instances[i]
        role = self.model.role_of[instance.name]
        left = neg(self.handled(i, arrival, message))
        ignores, defers = self._listed(i, role.ignored, message), self._listed(i, role.deferred, message)
        down = False if instance.crash is None else self.down(i)
        up, lost = neg(down), instance.crash is not None and instance.crash.arrivals == "lost"
        ignored = conj(left, disj(conj(up, ignores), conj(down, lost)))
        deferred = conj(left, disj(conj(up, neg(ignores), defers), conj(down, not lost)))
        return ignored, deferred, conj(left, up, neg(ignores), neg(defers))

    def deferred(self, i: int, c: int, at: int) -> Term:
        """Whether the message at a place of a fifo is deferred."""
        each = [(message, self.is_message(c, at, message)) for message in self.arriving(c)]
        return disj(*(conj(there, self.unmatched(i, (c, at), message)[1]) for message, there in each))

    def unspecified(self) -> Iterator[Term]:
        """When a message has no answer: an unspecified reception, for each message and each place."""
        for i in range(len(self.model.instances)):
            for c, _ in self.product.incoming[i]:
                if self.model.channels[c].kind != "set":
                    for message in self.arriving(c):
                        for at in range(self.slots(c)):
                            yield conj(self.offered(i, (c, at), message), self.unmatched(i, (c, at), message)[2])
