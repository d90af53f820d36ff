"""A scenario in terms of Promela: where everybody is, what lies in which channel, and what expressions read of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Map, Maybe
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import DOWN, Local, Model
from mcfsm.report.exported import forms_from, is_limited
from mcfsm.report.promela.expressions import Frame, World, total, translated
from mcfsm.report.promela.names import ProgramNames
from mcfsm.report.promela.terms import (
    OrNone,
    Parts,
    Term,
    Tree,
    choose,
    conj,
    constant,
    disj,
    equal,
    kinds,
    number,
    parts,
    same,
    variable,
)
from mcfsm.semantics.product import Product


@dataclass(frozen=True)
class LocalTerms:
    """The local state of an instance or observer: the state of each region, and the value of each variable."""

    states: tuple[Term, ...]
    values: tuple[Tree, ...]


class Terms:
    """The variables and channels of a scenario, by their names in the program."""

    def __init__(self, model: Model) -> None:
        self.model, self.names = model, ProgramNames(model)
        self.product = Product(model)
        self.value = self.names.value
        self._messages: dict[int, list[tuple[str, tuple[Any, ...]]]] = {}
        roles = [model.role_of[one.name] for one in model.instances]
        self.here = [
            self._place(one.name, role.regions, role.variables)
            for one, role in zip(model.instances, roles, strict=True)
        ]
        self.here += [self._place(one.name, (one.region,), one.variables) for one in model.observers]
        self.initial = [self.constant(i, self.product.initial().locals[i]) for i in range(len(self.here))]
        self.world = World(self.value, self._now, self._in_flight, "frozen" if model.allows_freeze else False)

    # ---- states

    def _place(self, name: str, regions: Any, variables: Any) -> LocalTerms:
        states = tuple(self.names.own(f"{name}_{region.name}") for region in regions)
        return LocalTerms(states, tuple(variable(v.domain, self.names.own, f"{name}_{v.name}") for v in variables))

    def constant(self, i: int, local: Local) -> LocalTerms:
        """A local state of an instance or observer in terms."""
        values = zip(self.model.variables_at(i), local.values, strict=True)
        return LocalTerms(
            tuple(self.value(state) for state in local.states),
            tuple(constant(v.domain, value, self.value) for v, value in values),
        )

    def _now(self, slot: n.Slot, moment: str, frame: Frame) -> Tree:
        if moment != "now":
            place: LocalTerms = frame[moment]
        else:
            place = self.here[slot.instance]
        return (place.states if slot.in_states else place.values)[slot.position]

    def down(self, i: int) -> Term:
        """Whether an instance is down."""
        return equal(self.here[i].states[0], self.value(DOWN))

    def assign(self, values: list[Any], variables: Any, assignment: Any, frame: Frame) -> None:
        """Set a variable, or an entry of one, among some values."""
        value = translated(assignment.value, frame, self.world)
        if assignment.key is None:
            values[assignment.variable] = value
            return
        domain: Any = variables[assignment.variable].domain
        assert isinstance(domain, Map)
        key, entries = translated(assignment.key, frame, self.world), parts(values[assignment.variable])
        values[assignment.variable] = Parts(
            {k: choose(same(key, constant(domain.key, k, self.value)), value, entry) for k, entry in entries.items()}
        )

    def _in_flight(self, node: n.InFlight, frame: Frame) -> Term:
        """Whether there is such a message, or how many; in a line of a role in the channels of its instance."""
        found: list[Term] = []
        wanted = [translated(value, frame, self.world) for value in node.values]
        own = self.names.instance_of(frame["self"]) if "self" in frame else None
        for c, channel in enumerate(self.model.channels):
            if own not in (None, channel.sender, channel.receiver):
                continue
            for at in range(self.slots(c)):
                tests: list[Term] = [self.is_message(c, at, node.message)]
                if tests[0] is False:
                    continue
                elements = self.elements(c, at, node.message)
                for one, value in zip(node.filters, wanted, strict=True):
                    if one.position is None:
                        end = channel.sender if one.name == "sender" else channel.receiver
                        tests.append(same(self.value(end), value))
                    else:
                        tests.append(
                            _element_is(elements[one.position], value, self.optional(node.message, one.position))
                        )
                found.append(conj(*tests))
        return total(map(number, found)) if node.counted else disj(*found)

    # ---- budgets

    def affords(self, budget: str | None) -> Term:
        """Whether something is left of a budget; of one without a limit, and of none, always."""
        return f"({self.budget(budget or '')} > 0)" if is_limited(self.model, budget) else True

    def budget(self, name: str) -> str:
        """The name in the program of what is left of a budget."""
        return self.names.own(f"left_{name}")

    # ---- channels: places for messages, or in a set one for each message that there may be

    def messages(self, c: int) -> list[tuple[str, tuple[Any, ...]]]:
        """Of a set: every message that may be in it, by name and values; None for an element that is absent."""
        if c not in self._messages:
            found = self._messages[c] = list[tuple[str, tuple[Any, ...]]]()
            for form in forms_from(self.model, self.model.channels[c].sender):
                each = [(*domain.values, *([ABSENT] if optional else [])) for _, domain, optional in form.elements]
                found += [(form.name, values) for values in product(*each)]
        return self._messages[c]

    def slots(self, c: int) -> int:
        """How many messages a channel has places for."""
        bound = self.model.channels[c].bound
        return len(self.messages(c)) if bound is None else bound

    def is_message(self, c: int, at: int, message: str) -> Term:
        """Whether the message at a place of a channel has this name."""
        if self.model.channels[c].kind == "set":
            return f"{self.queue(c)}[{at}]" if self.messages(c)[at][0] == message else False
        return f"({self.queue(c)}[{at}].m == {self.names.message(message)})"

    def elements(self, c: int, at: int, message: str) -> list[Any]:
        """The elements of the message at a place, if it is this one."""
        form = self.model.form_of[message]
        if self.model.channels[c].kind == "set":
            values = self.messages(c)[at][1]
            return [
                self.fixed(domain, value, optional)
                for (_, domain, optional), value in zip(form.elements, values, strict=False)
            ]
        count = iter(range(10_000))
        found = []
        for _, domain, optional in form.elements:
            whole = Maybe(domain) if optional else domain
            found.append(variable(whole, lambda _: f"{self.queue(c)}[{at}].e{next(count)}"))
        return found

    def fixed(self, domain: Any, value: Any, optional: bool) -> Tree:
        """An element with a value that is known; absent where it is nothing."""
        if not optional:
            return constant(domain, value, self.value)
        return OrNone(False, None) if value is ABSENT else OrNone(True, constant(domain, value, self.value))

    def optional(self, message: str, position: int) -> bool:
        """Whether an element may be absent."""
        return self.model.form_of[message].elements[position][2]

    def queue(self, c: int) -> str:
        """The name of a channel in the program."""
        channel = self.model.channels[c]
        return self.names.own(f"{channel.sender}_to_{channel.receiver}")

    def count(self, c: int) -> str:
        """The name of the number of its messages."""
        return self.names.own(f"{self.queue(c)}_n")

    def width(self) -> int:
        """How many numbers the elements of a message have at most."""
        sizes = [
            sum(len(list(kinds(Maybe(d) if o else d))) for _, d, o in form.elements) for form in self.model.messages
        ]
        return max(sizes, default=0)


def _element_is(element: Tree, value: Tree, optional: bool) -> Term:
    """Whether an element is there and has a value."""
    if not optional:
        return same(element, value)
    assert isinstance(element, OrNone)
    return conj(element.present, True if element.inner is None else same(element.inner, value))
