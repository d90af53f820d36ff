"""The steps of a scenario, each as what has to hold and what becomes of whom: `semantics.product` said in terms.

A step that leaves something open is several: one for each value. What a step writes is said by what was before it, so
that observers, who see a step after it was taken, need nothing of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Maybe
from mcfsm.model import DOWN, FREEZABLE, Channel, Instance, Role, Sending, Transition
from mcfsm.report.exported import check_sending
from mcfsm.report.promela.expressions import translated
from mcfsm.report.promela.observers import ObserverTerms
from mcfsm.report.promela.scenario import LocalTerms
from mcfsm.report.promela.terms import (
    OrNone,
    Parts,
    Term,
    as_or_none,
    conj,
    disj,
    neg,
    number,
    numbers,
    same,
)


@dataclass(frozen=True)
class Push:
    """A message that joins a channel, where a condition holds: the numbers that it is made of."""

    channel: int
    condition: Term
    numbers: tuple[Term, ...]


@dataclass
class SymbolicStep:
    """One way on: in words, when, and what it does."""

    title: str
    actor: int | None  # the instance; None of the environment
    guard: Term
    consumes: tuple[int, int] | None = None  # channel, position
    pushes: list[Push] = field(default_factory=list)
    places: dict[int, LocalTerms] = field(default_factory=dict)  # after it, of whom it changes
    line: Transition | None = None  # of its role that it takes
    budget: str | None = None
    own: tuple[str, ...] = ()  # lines of the program that do what nothing above says
    room: Term = True
    overflows: Term = False


class SymbolicMachine(ObserverTerms):
    """A scenario in terms: every step that there may be."""

    def steps(self) -> Iterator[SymbolicStep]:
        """Every step that there may be, instance by instance, then those of the environment."""
        for i, instance in enumerate(self.model.instances):
            role = self.model.role_of[instance.name]
            for transition in role.transitions:
                if transition.kind != "reception":
                    yield from self._taken(i, instance, transition, None)
                for c, at in self._arrivals(i, transition.trigger) if transition.kind == "reception" else ():
                    yield from self._taken(i, instance, transition, (c, at))
            yield from self._ignored(i)
            yield from self._crashes(i, instance, role)
        for c, channel in enumerate(self.model.channels):
            yield from self._faults(c, channel)
        if self.model.allows_freeze:
            places = self._seen([("freeze", "", {}, True)], {})
            yield SymbolicStep("the environment freezes", None, "!frozen", places=places, own=("frozen = 1;",))

    def _taken(
        self, i: int, instance: Instance, transition: Transition, arrival: tuple[int, int] | None
    ) -> Iterator[SymbolicStep]:
        frame, title = self._frame(i, arrival, transition.trigger), f"{instance.name}: {transition.id}"
        offered: Term = True
        if arrival is not None:
            offered = self.offered(i, arrival, transition.trigger)
            title += f" <- {transition.trigger} from {self.model.channels[arrival[0]].sender}"
        for condition, inner, words in self._enabled(i, transition, frame):
            after = self._after(i, transition, inner)
            for way, there in self._ways(transition.sends, inner):
                guard = conj(offered, condition, there)
                guard = conj(guard, self.affords(transition.budget))
                if self.model.allows_freeze and transition.kind in FREEZABLE:
                    guard = conj(guard, "!frozen")
                if guard is False:
                    continue
                step = SymbolicStep(f"{title}{words}", i, guard, line=transition, budget=transition.budget)
                step.consumes = None if arrival is None or self.model.channels[arrival[0]].kind == "set" else arrival
                seen: list[Any] = [("fired", transition.id, {}, True)]
                if arrival is not None:
                    ends = {"sender": inner["sender"], "receiver": self.value(instance.name), "msg": inner["msg"]}
                    seen.append(("received", transition.trigger, ends, True))
                for message, to, elements in way:
                    for receiver, addressed in to:
                        ends = {"sender": self.value(instance.name), "receiver": self.value(receiver), "msg": elements}
                        seen.append(("sent", message, ends, addressed))
                        step.pushes.append(self._push(instance.name, receiver, addressed, message, elements))
                moved = self._seen(seen, {"actor": self.value(instance.name), "before": self.here[i], "after": after})
                step.places = {i: after, **moved}
                self._find_room(step)
                yield step

    def _after(self, i: int, transition: Transition, frame: dict[str, Any]) -> LocalTerms:
        states, values = list(self.here[i].states), list(self.here[i].values)
        for region, dest in transition.dests:
            states[region] = self.value(dest)
        variables = self.model.variables_at(i)
        for assignment in transition.assignments:
            self.assign(values, variables, assignment, frame)
        return LocalTerms(tuple(states), tuple(values))

    def _ways(self, sends: tuple[Sending, ...], frame: dict[str, Any]) -> Iterator[tuple[list[Any], Term]]:
        """Each way to leave the elements of the messages: message, receivers, elements; and when there is that way."""
        each = [list(self._send_ways(sending, frame)) for sending in sends]
        for way in product(*each):
            yield [one for ones, _ in way for one in ones], conj(*(there for _, there in way))

    def _send_ways(self, sending: Sending, frame: dict[str, Any]) -> Iterator[tuple[Any, Term]]:
        to = translated(sending.to, frame, self.world)
        names = [one.name for one in self.model.instances]
        if isinstance(to, Parts):
            receivers = [(name, to.parts[name]) for name in names if to.parts.get(name, False) is not False]
        else:
            receivers = [(name, same(to, self.value(name))) for name in names]
            receivers = [(name, there) for name, there in receivers if there is not False and self._talks(frame, name)]
        somebody = disj(*(there for _, there in receivers)) if isinstance(to, Parts) else True
        if not sending.by_receiver:
            for elements, there in self._elements(sending, frame, somebody):
                yield [(sending.message, receivers, elements)], there
            return
        check_sending(sending)
        found = []
        for name, addressed in receivers:
            ((elements, _),) = self._elements(sending, {**frame, "receiver": self.value(name)}, True)
            found.append((sending.message, [(name, addressed)], elements))
        yield found, True

    def _elements(self, sending: Sending, frame: dict[str, Any], somebody: Term) -> Iterator[tuple[list[Any], Term]]:
        """Each way to leave the elements of a message that goes to somebody; and when there is that way."""
        form = self.model.form_of[sending.message]
        options: list[list[tuple[Any, Term]]] = []
        for node, maybe, (_, domain, optional) in zip(sending.elements, sending.maybe, form.elements, strict=True):
            if node is None:
                options.append([(OrNone(False, None), True)])
                continue
            value = translated(node, frame, self.world)
            if not optional:
                options.append([(value, True)])
                continue
            if isinstance(node, n.Element) and node.optional:
                value = frame["msg"][node.position]  # absent where that was
            elif isinstance(domain, Maybe) or not isinstance(value, OrNone):
                value = OrNone(True, value)
            present = as_or_none(value).present
            absent = disj(neg(present), somebody)  # where it goes to nobody, both ways are one
            options.append([(value, present), (OrNone(False, None), absent)] if maybe else [(value, True)])
        for way in product(*options):
            yield [value for value, _ in way], conj(*(there for _, there in way))

    def _talks(self, frame: dict[str, Any], receiver: str) -> bool:
        return (str(self.names.instance_of(frame["self"])), receiver) in self.model.channel_of

    def _push(self, sender: str, receiver: str, condition: Term, message: str, elements: list[Any]) -> Push:
        channel = self.model.channel_of[sender, receiver]
        flat: list[Term] = [self.names.message(message)]
        for (_, domain, optional), value in zip(self.model.form_of[message].elements, elements, strict=True):
            flat += numbers(Maybe(domain) if optional else domain, value)
        return Push(channel, condition, tuple(flat))

    def _find_room(self, step: SymbolicStep) -> None:
        """When all messages of a step have room, and when the first that has none is an error."""
        before: dict[int, list[Term]] = {}
        for push in step.pushes:
            channel = self.model.channels[push.channel]
            if channel.kind == "set" or channel.when_full == "lose":
                continue
            earlier = before.setdefault(push.channel, [])
            taken = 1 if step.consumes is not None and step.consumes[0] == push.channel else 0
            sum_ = " + ".join([self.count(push.channel), *(str(number(one)) for one in earlier)])
            fits = disj(neg(push.condition), f"({sum_} < {self.slots(push.channel) + taken})")
            if channel.when_full == "error":
                step.overflows = disj(step.overflows, conj(step.room, neg(fits)))
            step.room = conj(step.room, fits)
            earlier.append(push.condition)

    def _ignored(self, i: int) -> Iterator[SymbolicStep]:
        for c, _ in self.product.incoming[i]:
            channel = self.model.channels[c]
            if channel.kind == "set":
                continue
            for message in self.arriving(c):
                for at in range(self.slots(c)):
                    ignored = self.unmatched(i, (c, at), message)[0]
                    offered = (
                        self.offered(i, (c, at), message)
                        if channel.kind == "fifo"
                        else conj(self.is_message(c, at, message), self._first_of_its_kind(c, at))
                    )
                    guard = conj(offered, ignored)
                    if guard is not False:
                        yield self._ignoring(i, c, at, message, guard)

    def _ignoring(self, i: int, c: int, at: int, message: str, guard: Term) -> SymbolicStep:
        channel = self.model.channels[c]
        ends = {
            "sender": self.value(channel.sender),
            "receiver": self.value(channel.receiver),
            "msg": self.elements(c, at, message),
        }
        down = False if self.model.instances[i].crash is None else self.down(i)
        seen = [("fault", "loss", {**ends}, down), ("received", message, ends, neg(down))]
        frame = {"actor": self.value(channel.receiver), "before": self.here[i], "after": self.here[i]}
        places = self._seen(seen, frame)
        title = f"{channel.receiver} ignores {message} from {channel.sender}"
        return SymbolicStep(title, i, guard, (c, at), places=places)

    def _crashes(self, i: int, instance: Instance, role: Role) -> Iterator[SymbolicStep]:
        if instance.crash is None:
            return
        here, first, down = self.here[i], self.initial[i], self.down(i)
        kept = [v.name in role.persistent for v in role.variables]
        values = tuple(h if keep else f for h, f, keep in zip(here.values, first.values, kept, strict=True))
        gone, back = LocalTerms((self.value(DOWN),) * len(here.states), values), LocalTerms(first.states, here.values)
        for word, guard, after in (("crash", neg(down), gone), ("restart", down, back)):
            frame = {"actor": self.value(instance.name), "before": here, "after": after}
            places = {i: after, **self._seen([("fault", word, {}, True)], frame)}
            if word == "crash":
                guard = self._struck(guard, instance.crash.budget)
            actor, budget = (None, instance.crash.budget) if word == "crash" else (i, None)
            yield SymbolicStep(f"{instance.name}: {word}", actor, guard, places=places, budget=budget)

    def _struck(self, guard: Term, budget: str | None) -> Term:
        return conj(guard, self.affords(budget), "!frozen" if self.model.allows_freeze else True)

    def _faults(self, c: int, channel: Channel) -> Iterator[SymbolicStep]:
        q, count, slots = self.queue(c), self.count(c), self.slots(c)
        ends = {"sender": self.value(channel.sender), "receiver": self.value(channel.receiver)}
        for kind, budget in channel.faults:
            if kind == "corruption":
                yield from self._corruptions(c, channel, budget)
                continue
            places = self._seen([("fault", kind, ends, True)], {})
            for at in range(slots):
                there: Term = f"({count} > {at})"
                fresh: Term = True
                own: tuple[str, ...]
                if kind == "loss":
                    if at and channel.loses_head:
                        break
                    fresh, own = self._first_of_its_kind(c, at), (f"take({q}, {count}, {at});",)
                elif kind == "duplication":
                    fresh = conj(
                        f"({count} < {slots})", *(neg(self._equal_places(c, at, before)) for before in range(at))
                    )
                    own = (
                        f"copy({q}[{count}], {q}[{at}]);",
                        f"{count}++;",
                        *([f"sort({q}, {count});"] if channel.kind == "bag" else []),
                    )
                else:
                    assert kind == "reordering", f"{kind} is not exported"
                    if at + 1 == slots:
                        continue
                    there, fresh = f"({count} > {at + 1})", neg(self._equal_places(c, at, at + 1))
                    own = (f"swap({q}[{at}], {q}[{at + 1}]);",)
                guard = self._struck(conj(there, fresh), budget)
                yield SymbolicStep(
                    f"{kind} in {channel.name}, place {at}", None, guard, places=places, budget=budget, own=own
                )

    def _corruptions(self, c: int, channel: Channel, budget: str | None) -> Iterator[SymbolicStep]:
        """One element of a message gets another value: in a bag the message then takes its place in the order."""
        q, count, slots = self.queue(c), self.count(c), self.slots(c)
        ends = {"sender": self.value(channel.sender), "receiver": self.value(channel.receiver)}
        places = self._seen([("fault", "corruption", ends, True)], {})
        for at, message in product(range(slots), self.arriving(c)):
            fresh = True if channel.kind == "fifo" else self._first_of_its_kind(c, at)
            swaps = (f"({j + 1} < {count}) -> swap({q}[{j}], {q}[{j + 1}])" for j in range(at, slots - 1))
            last = [f"if :: {swap} :: else -> skip fi;" for swap in swaps]
            sorts = [] if channel.kind == "fifo" else [*last, f"sort({q}, {count});"]
            elements = zip(self.model.form_of[message].elements, self.elements(c, at, message), strict=True)
            for (name, domain, optional), element in elements:
                whole = Maybe(domain) if optional else domain
                for value in domain.values:
                    other = self.fixed(domain, value, optional)
                    there = as_or_none(element).present if optional else True
                    guard = conj(self.is_message(c, at, message), there, fresh, neg(same(element, other)))
                    pairs = zip(numbers(whole, element), numbers(whole, other), strict=True)
                    own = (*(f"{place} = {new};" for place, new in pairs), *sorts)
                    title = f"corruption in {channel.name}, place {at}: {name} = {domain.show(value)}"
                    struck = self._struck(guard, budget)
                    yield SymbolicStep(title, None, struck, places=places, budget=budget, own=own)
