"""A scenario in TLA+: its variables, who takes part, and what expressions read of the joint state.

There is a variable for each role, a function from its instances to records of their local states; one for each
observer, a record; `channel`, a function from pairs of instances to what is on its way; `left`, what is left of each
budget; and `frozen`. What a scenario does not have has no variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain
from mcfsm.model import DOWN, Local, Model, Role, Variable
from mcfsm.model.machines import nodes_of
from mcfsm.report.tla.expressions import ModuleScope, Reading, bare, conj
from mcfsm.report.tla.names import ModuleNames, quoted
from mcfsm.report.tla.values import ValueTexts, function
from mcfsm.semantics.product import Product


class ScenarioTexts:
    """The variables and constants of a scenario, by their names in the module."""

    def __init__(self, model: Model) -> None:
        self.model, self.names = model, ModuleNames(model)
        self.values = ValueTexts(self.names)
        self.product = Product(model)
        present = {one.role for one in model.instances}
        self.roles = [role for role in model.roles if role.name in present]
        self.variable = {role.name: self.names.top("role", role.name) for role in self.roles}
        self.all_of = {role.name: self.names.top("all", f"{role.name}_instances") for role in self.roles}
        self.observer = {one.name: self.names.top("observer", one.name) for one in model.observers}
        self.limited = [budget for budget in model.budgets if budget.limit is not None]
        self.groups: dict[str, n.Member] = {}
        self.reading = Reading(
            self.values, self._attribute, self._in_flight, self._member, "frozen" if model.allows_freeze else "FALSE"
        )

    # ---- who

    def instances(self, role: Role) -> list[str]:
        """The instances of a role."""
        return [one.name for one in self.model.instances if one.role == role.name]

    def variables(self) -> dict[str, str]:
        """Each variable of the module, and what it holds."""
        found = {self.variable[role.name]: f"the local state of each {role.name}" for role in self.roles}
        if self.model.channels:
            found["channel"] = "the messages in each channel"
        if self.limited:
            found["left"] = "what is left of each budget"
        if self.model.allows_freeze:
            found["frozen"] = "whether the environment is frozen"
        found.update((name, f"observer {one}") for one, name in self.observer.items())
        return found

    def pair(self, c: int) -> str:
        """A channel: sender and receiver."""
        channel = self.model.channels[c]
        return f"<<{quoted(channel.sender)}, {quoted(channel.receiver)}>>"

    def pairs(self, channels: Iterable[int]) -> str:
        """A set of channels."""
        return f"{{{', '.join(map(self.pair, channels))}}}"

    def some(self, names: Iterable[str]) -> str:
        """A set of strings."""
        return f"{{{', '.join(map(quoted, names))}}}"

    def within(self, text: str, values: Iterable[str]) -> str:
        """That a string is one of some."""
        listed = list(values)
        return f"{text} = {quoted(listed[0])}" if len(listed) == 1 else f"{text} \\in {self.some(listed)}"

    def place(self, name: str) -> str:
        """The variable, or the entry of one, that holds the local state of an instance or observer."""
        if name in self.observer:
            return self.observer[name]
        return f"{self.variable[self.model.role_of[name].name]}[{quoted(name)}]"

    def crashing(self, role: Role) -> bool:
        """Whether an instance of a role may crash."""
        return any(one.crash is not None for one in self.model.instances if one.role == role.name)

    # ---- constants

    def definitions(self) -> Iterator[str]:
        """Who takes part, and how messages travel."""
        model = self.model
        yield "\\* who takes part, in the order of the scenario"
        yield f"Order == <<{', '.join(quoted(one.name) for one in model.instances)}>>"
        for role in self.roles:
            yield f"{self.all_of[role.name]} == {self.some(self.instances(role))}"
        for role in self.roles:
            for name, domain in self.constants(role).items():
                each = [(one.name, self._constant(i, name)) for i, one in enumerate(model.instances)]
                pairs = ((quoted(one), self._plain(domain, v)) for one, v in each if model.role_of[one] is role)
                yield f"{self.names.top('constant', f'{role.name}_{name}')} == {bare(function(pairs))}"
        for group, node in self.groups.items():
            domain = node.key.domain
            pairs = (
                (self.values.plain(k) if not domain.contains(k) else self.values.literal(domain, k), quoted(name))
                for k, name in node.members
            )
            yield f"{self.names.top('group', group)} == {bare(function(pairs))}"
        if model.channels:
            yield ""
            yield "\\* channels, each a pair of sender and receiver; a message is its name and its elements"
            kinds = {"Fifos": "fifo", "Bags": "bag", "Sets": "set"}
            for name, kind in kinds.items():
                yield f"{name} == {self.pairs(c for c, one in enumerate(model.channels) if one.kind == kind)}"
            yield "Channels == Fifos \\cup Bags \\cup Sets"
            bounded = [(self.pair(c), str(one.bound)) for c, one in enumerate(model.channels) if one.bound is not None]
            yield f"Bound == {bare(function(bounded))}"
            full = ((self.pair(c), quoted(one.when_full)) for c, one in enumerate(model.channels))
            yield f"WhenFull == {bare(function(full))}"

    def constants(self, role: Role) -> dict[str, Domain]:
        """What lines of a role read of the instance itself, but for its name: parameters, and its key."""
        own = (one for one in self.model.instances if one.role == role.name)
        names = {"key", *(name for one in own for name, _ in one.parameters)}
        found: dict[str, Domain] = {}
        for line in role.transitions:
            for node in nodes_of(line):
                if isinstance(node, n.Read) and node.name in names:
                    found.setdefault(node.name, node.domain)
        return found

    def _constant(self, i: int, name: str) -> Any:
        return self.product.machines[i].constants.get(name)

    def _plain(self, domain: Domain, value: Any) -> str:
        return self.values.literal(domain, value) if domain.contains(value) else self.values.plain(value)

    # ---- local states

    def local(self, i: int, local: Local) -> str:
        """A local state, of an instance or, behind them, of an observer."""
        regions, variables = self.model.regions_at(i), self.model.variables_at(i)
        parts = [(region.name, quoted(state)) for region, state in zip(regions, local.states, strict=True)]
        parts += [
            (v.name, bare(self.values.literal(v.domain, x))) for v, x in zip(variables, local.values, strict=True)
        ]
        return self.values.record(parts)

    def domain_of(self, regions: Iterable[Any], variables: Iterable[Variable], down: bool) -> str:
        """The set of all local states."""
        field = self.names.field
        parts = [f"{field(r.name)} : {self.some([*r.states, *([DOWN] if down else [])])}" for r in regions]
        parts += [f"{field(v.name)} : {bare(self.values.all_of(v.domain))}" for v in variables]
        return f"[{', '.join(parts)}]"

    def scope(self, role: Role, *, message: bool = False) -> ModuleScope:
        """What the expressions of a role's lines read: of `self` and, in a reception, of `sender` and `msg`."""
        me = f"{self.variable[role.name]}[self]"
        texts = {"self": "self"}
        texts.update(
            (name, f"{self.names.top('constant', f'{role.name}_{name}')}[self]") for name in self.constants(role)
        )
        own = [*(region.name for region in role.regions), *(variable.name for variable in role.variables)]
        texts.update((name, f"{me}.{self.names.field(name)}") for name in own)
        bound = {"self"}
        if message:
            texts.update({"sender": "sender", "msg": "msg[2]"})
            bound |= {"sender", "msg"}
        return ModuleScope(texts, frozenset(bound))

    # ---- what is read of the joint state

    def _attribute(self, node: n.Attribute, target: str) -> str:
        if isinstance(node.target, n.Constant):
            slot = next(slot for slot in node.slots if slot.owner == node.target.value)
            return f"{self.place(slot.owner)}.{self._field(slot)}"
        ways: dict[str, list[str]] = {}
        for slot in node.slots:
            at = (
                self.observer.get(slot.owner) or f"{self.variable[self.model.role_of[slot.owner].name]}[{bare(target)}]"
            )
            ways.setdefault(f"{at}.{self._field(slot)}", []).append(slot.owner)
        *others, last = ways
        found = last
        for way in reversed(others):
            found = f"(IF {target} \\in {self.some(ways[way])} THEN {way} ELSE {bare(found)})"
        return found

    def _field(self, slot: n.Slot) -> str:
        parts: Any = self.model.regions_at(slot.instance) if slot.in_states else self.model.variables_at(slot.instance)
        return self.names.field(parts[slot.position].name)

    def _member(self, node: n.Member, key: str) -> str:
        if isinstance(node.key, n.Constant):
            return quoted(dict(node.members)[node.key.value])
        self.groups.setdefault(node.group, node)
        return f"{self.names.top('group', node.group)}[{bare(key)}]"

    def _in_flight(self, node: n.InFlight, wanted: list[str], scope: ModuleScope) -> str:
        if not self.model.channels:
            return "0" if node.counted else "FALSE"
        c = self.names.bound("on", scope.bound)
        m = self.names.bound("m1", scope.bound | {c})
        tests = [f"{m}[1] = {quoted(node.message)}"]
        if "self" in scope.texts:  # of a line of a role: its own channels
            tests.insert(0, f"{scope.texts['self']} \\in {{{c}[1], {c}[2]}}")
        for one, text in zip(node.filters, wanted, strict=True):
            if one.position is None:
                tests.append(f"{c}[{1 if one.name == 'sender' else 2}] = {text}")
            else:
                tests.append(f"{m}[2].{self.names.field(one.name)} = {text}")
        if node.counted:
            other = self.names.bound("m2", scope.bound | {c, m})
            those = f"{{{m} \\in Waiting({c}) : {conj(tests)}}}"
            return f"Sum([{c} \\in Channels |-> Sum([{other} \\in {those} |-> Alike({c}, {other})])])"
        return f"(\\E {c} \\in Channels : \\E {m} \\in Waiting({c}) : {conj(tests)})"
