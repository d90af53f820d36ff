"""The lines of roles in TLA+: when each is enabled, what it sends, and the action that takes it.

A line is up to three definitions: `_if`, its condition; `_sends`, each way to send its messages, as a sequence of
channels and messages; and the action. What a line leaves open is bound around its condition, so that TLC finds one step
for each value; and where two ways to send are the same, they are one element of a set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Maybe, SetOf
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import DOWN, FREEZABLE, Message, Model, Role, Sending, Transition
from mcfsm.report.exported import check_sending, is_limited
from mcfsm.report.tla.expressions import ModuleScope, bare, translated
from mcfsm.report.tla.names import quoted
from mcfsm.report.tla.observers import Happening, ObserverTexts, happening

_WIDTH = 100


@dataclass(frozen=True)
class ActionLine:
    """A line of a role in the module: the names of its definitions, and what it binds."""

    role: Role
    transition: Transition
    action: str
    parameters: tuple[str, ...]  # of the action
    choices: tuple[tuple[str, str], ...]  # what is left open: name and set
    scope: ModuleScope

    @property
    def condition(self) -> str:
        """Its condition, applied."""
        return f"{self.action}_if({self.applied})"

    @property
    def sends(self) -> str:
        """What it sends, applied."""
        return f"{self.action}_sends({self.applied})"

    @property
    def applied(self) -> str:
        """What its definitions are applied to."""
        return ", ".join([*self.parameters, *(name for name, _ in self.choices)])

    @property
    def chosen(self) -> list[str]:
        """The quantifiers over what it leaves open."""
        return [f"\\E {name} \\in {source} :" for name, source in self.choices]

    @property
    def reception(self) -> bool:
        """Whether a message triggers it."""
        return self.transition.kind == "reception"

    def talks(self, model: Model) -> bool:
        """Whether it sends something: what is sent where there is no channel goes to nobody."""
        return bool(self.transition.sends and model.channels)


class LineTexts(ObserverTexts):
    """A scenario with the lines of its roles."""

    def line(self, role: Role, transition: Transition) -> ActionLine:
        """A line with its names."""
        reception = transition.kind == "reception"
        scope, choices = self.scope(role, message=reception), list[tuple[str, str]]()
        for choice in transition.choices:
            source = bare(translated(choice.source, scope, self.reading))
            if isinstance(choice.source, n.Constant) and choice.source.value == frozenset(choice.domain.values):
                source = bare(self.values.all_of(choice.domain))
            name = self.names.bound(choice.name, scope.bound)
            choices.append((name, source))
            scope = scope.having(choice.name, name)
        parameters = ("self", "sender", "msg") if reception else ("self",)
        return ActionLine(role, transition, self.names.action(transition.id), parameters, tuple(choices), scope)

    def lines_of(self, role: Role) -> list[ActionLine]:
        """The lines of a role that may be taken: without channels nobody receives."""
        channels = bool(self.model.channels)
        taken = [t for t in role.transitions if t.id not in self.product.avoid]
        return [self.line(role, t) for t in taken if channels or t.kind != "reception"]

    # ---- conditions

    def conditions(self, line: ActionLine) -> list[str]:
        """What has to hold, each on a line of its own."""
        role, transition, me = line.role, line.transition, f"{self.variable[line.role.name]}[self]"
        found: list[str] = []
        for region, states in transition.sources:
            listed = [state for state in role.regions[region].states if state in states]
            found.append(self.within(f"{me}.{self.names.field(role.regions[region].name)}", listed))
        if not transition.sources and self.crashing(role):
            found.append(f"{me}.{self.names.field(role.regions[0].name)} # {quoted(DOWN)}")
        if transition.senders is not None:
            sign = "\\in" if isinstance(transition.senders.domain, SetOf) else "="
            found.append(f"sender {sign} {translated(transition.senders, line.scope, self.reading)}")
        for guard in transition.guards:
            text = translated(guard.node, line.scope, self.reading)
            found.append(bare(text) if guard.wanted else f"~{text}")
        found += self.affords(transition.budget)
        if self.model.allows_freeze and transition.kind in FREEZABLE:
            found.append("~frozen")
        return found

    def affords(self, budget: str | None) -> list[str]:
        """That something is left of a budget, where it comes to an end."""
        return [f"left[{quoted(budget or '')}] > 0"] if is_limited(self.model, budget) else []

    # ---- messages sent

    def sent(self, line: ActionLine) -> str:
        """The set of the ways to send its messages."""
        bound: list[str] = []
        scope, parts = line.scope, list[str]()
        for sending in line.transition.sends:
            text, scope = self._sending(sending, scope, bound)
            parts.append(text)
        joined = " \\o ".join(parts)
        return f"{{{joined}{' : ' if bound else ''}{', '.join(bound)}}}"

    def _sending(self, sending: Sending, scope: ModuleScope, bound: list[str]) -> tuple[str, ModuleScope]:
        check_sending(sending)
        to = bare(translated(sending.to, scope, self.reading))
        receivers = to if isinstance(sending.to.domain, SetOf) else f"{{{to}}}"
        if sending.by_receiver:
            all_, at = self.names.bound("all", scope.bound), self.names.bound("at", scope.bound)
            inner = scope.having(all_, all_).having(at, at).having("receiver", f"{all_}[{at}]")
            message = self.message(sending.message, self._parts(sending, inner))
            sent = f"[{at} \\in DOMAIN {all_} |-> << <<self, {all_}[{at}]>>, {message} >>]"
            return f"(LET {all_} == Receivers({receivers}) IN {sent})", scope
        parts: list[tuple[str, str]] = []
        form = self.model.form_of[sending.message]
        for node, maybe, (name, domain, optional) in zip(sending.elements, sending.maybe, form.elements, strict=True):
            whole = "absent" if node is None else translated(node, scope, self.reading)
            text = bare(whole)
            if node is not None and optional and isinstance(node.domain, Maybe) and not isinstance(domain, Maybe):
                text = f"IF {whole} = none THEN absent ELSE {text}"
            if maybe:
                left_open = self.names.bound(name, scope.bound)
                bound.append(f"{left_open} \\in {{{text}, absent}}")
                scope, text = scope.having(f"?{left_open}", left_open), left_open
            parts.append((name, text))
        return f"Send(self, {receivers}, {self.message(sending.message, parts)})", scope

    def _parts(self, sending: Sending, scope: ModuleScope) -> list[tuple[str, str]]:
        """The elements of a message of which none is left open."""
        parts = []
        form = self.model.form_of[sending.message]
        for node, (name, domain, _) in zip(sending.elements, form.elements, strict=True):
            whole = "absent" if node is None else translated(node, scope, self.reading)
            text = bare(whole)
            if node is not None and isinstance(node.domain, Maybe) and not isinstance(domain, Maybe):
                text = f"IF {whole} = none THEN absent ELSE {text}"
            parts.append((name, text))
        return parts

    def message(self, name: str, parts: list[tuple[str, str]]) -> str:
        """A message: its name, and its elements if it has any."""
        return f"<<{quoted(name)}{', ' + self.values.record(parts) if parts else ''}>>"

    def message_text(self, message: Message) -> str:
        """A message that is known, as a value."""
        elements = self.model.form_of[message.name].elements
        pairs = zip(elements, message.elements, strict=True)
        parts = [
            (name, "absent" if value is ABSENT else bare(self.values.literal(domain, value)))
            for (name, domain, _), value in pairs
        ]
        return self.message(message.name, parts)

    # ---- actions

    def definitions_of(self, line: ActionLine) -> Iterator[str]:
        """The definitions of a line."""
        after = f"{line.action}_if({line.applied}) =="
        conditions = self.conditions(line)
        if len(conditions) < 2:
            yield f"{after} {conditions[0] if conditions else 'TRUE'}"
        else:
            yield after
            yield from (f"  /\\ {condition}" for condition in conditions)
        if line.talks(self.model):
            yield f"{line.action}_sends({line.applied}) =="
            yield f"  {self.sent(line)}"
        yield f"{line.action}({', '.join(line.parameters)}) =="
        indent = "  "
        if line.chosen:
            yield from (f"  /\\ {one}" for one in self.before_choosing(line))
            yield f"  /\\ {' '.join(line.chosen)}"
            indent = "       "
        yield f"{indent}/\\ Holds({line.condition})"
        yield from (f"{indent}{one}" for one in self.effects(line))

    def before_choosing(self, line: ActionLine) -> list[str]:
        """What has to hold before it is looked at what there is to choose, where that depends on the state."""
        if all(isinstance(choice.source, n.Constant) for choice in line.transition.choices):
            return []
        return self.conditions(line)[: self.unconditional(line)]

    def unconditional(self, line: ActionLine) -> int:
        """How many of its conditions ask where the instance is, and who sent the message."""
        transition = line.transition
        down = not transition.sources and self.crashing(line.role)
        return len(transition.sources) + down + (transition.senders is not None)

    def effects(self, line: ActionLine) -> Iterator[str]:
        """What becomes of every variable."""
        transition, name = line.transition, self.variable[line.role.name]
        changed: set[str] = set()
        consumed = "Without(<<sender, self>>, msg)" if line.reception else "channel"
        inner = ""
        if line.talks(self.model):
            yield f"/\\ \\E sends \\in {line.sends} :"
            inner = "     "
            yield f"{inner}/\\ Delivered({consumed}, sends).full = none"
            yield f"{inner}/\\ channel' = Delivered({consumed}, sends).channel"
            changed.add("channel")
        elif line.reception:
            yield f"/\\ channel' = {consumed}"
            changed.add("channel")
        moved = self.moved(line)
        if moved:
            yield from (f"{inner}{one}" for one in excepted(name, moved))
            changed.add(name)
        if is_limited(self.model, transition.budget):
            yield f"{inner}/\\ left' = [left EXCEPT ![{quoted(transition.budget or '')}] = @ - 1]"
            changed.add("left")
        after = f"{name}'[self]" if moved else f"{name}[self]"
        seen, observers = self.observed(self.events(line, f"{name}[self]", after))
        yield from (f"{inner}{one}" for one in [*seen, *self.unchanged(changed | observers)])

    def moved(self, line: ActionLine) -> list[str]:
        """The parts of the local state that change."""
        found = []
        for region, dest in line.transition.dests:
            found.append(f"![self].{self.names.field(line.role.regions[region].name)} = {quoted(dest)}")
        for assignment in line.transition.assignments:
            place = f"![self].{self.names.field(line.role.variables[assignment.variable].name)}"
            if assignment.key is not None:
                place += f"[{bare(translated(assignment.key, line.scope, self.reading))}]"
            found.append(f"{place} = {bare(translated(assignment.value, line.scope, self.reading))}")
        return found

    def events(self, line: ActionLine, before: str, after: str) -> list[Happening]:
        """The events of a step that takes a line, as observers see them, in their order."""
        transition, ends = line.transition, f"self, {before}, {after}"
        found = [happening(f"Fired({quoted(transition.id)}, {ends})", "fired", transition.id)]
        if line.reception:
            found.append(happening(f"Received(sender, msg, {ends})", "received", transition.trigger))
        if line.talks(self.model):
            sent = (sending.message for sending in transition.sends)
            found.append(happening(f"Sent({ends}, sends)", "sent", *sent, several=True))
        return found

    def unchanged(self, changed: set[str]) -> Iterator[str]:
        """What stays as it is."""
        left = [name for name in self.variables() if name not in changed]
        if left:
            listed = ", ".join(left)
            yield f"/\\ UNCHANGED {listed if len(left) == 1 else f'<<{listed}>>'}"


def excepted(name: str, parts: list[str]) -> Iterator[str]:
    """What a variable becomes where some of its parts change; long ones on lines of their own."""
    whole = f"/\\ {name}' = [{name} EXCEPT {', '.join(parts)}]"
    if len(whole) <= _WIDTH:
        yield whole
        return
    yield f"/\\ {name}' = [{name} EXCEPT"
    yield from (f"     {part}{',' if at + 1 < len(parts) else ']'}" for at, part in enumerate(parts))
