"""A role as Python code: a Machine of `transitions` that runs in production, with its sends as calls of a function.

    machine = make("client(u1)", send=transport.send)
    machine.model.deliver("registration_response", "server", user="u1")
    machine.model.do("register")

The code stands alone: it needs `transitions` and nothing of ours. Values are plain Python: a bool, a number, a text,
None, a tuple for a record (its fields in order) and for a map (in the order of its keys), a frozenset for a set.

What may live here: text.
"""

from __future__ import annotations

from collections.abc import Iterator

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Map, SetOf
from mcfsm.model import Model, Role, Sending, Transition
from mcfsm.model.machines import nodes_of
from mcfsm.problems import ModelError, Problem, closest
from mcfsm.report.python_code import comment, documented, literal, places_of, python_of


def role_of(model: Model, name: str) -> Role:
    """The role of a model that is called so. Raises ModelError (M312)."""
    known = {role.name: role for role in model.roles}
    if name not in known:
        raise ModelError([Problem("M312", None, f"unknown role {name}", closest(name, known))])
    return known[name]


def machine_code(model: Model, name: str) -> str:
    """The module of a role. Raises ModelError: M312 for one that there is not, M615 for one with several beginnings, or
    that asks channels.

    Messages that are on their way at first are the network's, and in no machine.
    """
    role = role_of(model, name)
    if any(region.others for region in role.regions) or any(variable.several for variable in role.variables):
        message = f"role {name} may begin in several states, and a machine begins in one"
        raise ModelError([Problem("M615", None, message, "export a role that begins in one state")])
    for transition in role.transitions:
        if any(isinstance(node, n.InFlight) for node in nodes_of(transition)):
            message = f"{transition.id} asks channels, which a machine of transitions does not see"
            hint = "let the role remember what it received"
            raise ModelError([Problem("M615", transition.span, message, hint)])
        if any(sending.by_receiver for sending in transition.sends):
            message = f"{transition.id} sends to each receiver what depends on who that is"
            raise ModelError([Problem("M615", transition.span, message, "send to each by itself")])
    lines = [line for transition in role.transitions for line in _transition(model, role, transition)]
    return _MODULE.format(
        title=documented(f"{model.name}: {role.name}, in scenario {model.scenario}"),
        regions=literal({region.name: list(region.states) for region in role.regions}),
        initial=literal({region.name: region.initial for region in role.regions}),
        instances="".join(_instances(model, role)),
        lines="\n".join(lines),
        table="".join(f"    {_row(role, transition)},\n" for transition in role.transitions),
        ignored=literal({message: sorted(states) for message, states in role.ignore}),
        deferred=literal({message: sorted(states) for message, states in role.defer}),
    )


def _instances(model: Model, role: Role) -> Iterator[str]:
    for instance in model.instances:
        if instance.role != role.name:
            continue
        constants = literal({"self": instance.name, "key": instance.key, **dict(instance.parameters)})
        values = ", ".join(f"{one.name!r}: {python_of(one.initial)}" for one in role.variables)
        yield f"    {instance.name!r}: ({constants}, lambda f: {{{values}}}),\n"


def _named(transition: Transition) -> str:
    return f"_{transition.position}"


def _transition(model: Model, role: Role, transition: Transition) -> Iterator[str]:
    """What a line asks, sets and sends, each a function of the frame."""
    name = _named(transition)
    yield "# " + comment(transition.id + (f": {transition.clause}" if transition.clause else ""))
    guards = [python_of(g.node) if g.wanted else f"(not {python_of(g.node)})" for g in transition.guards]
    senders = []
    if transition.senders is not None:
        several = isinstance(transition.senders.domain, SetOf)
        senders = [f"(f['sender'] {'in' if several else '=='} {python_of(transition.senders)})"]
    chosen = [f"(f[{choice.name!r}] in {python_of(choice.source)})" for choice in transition.choices]
    tests = [*senders, *chosen, *guards]
    yield f"def {name}_if(f):\n    return {' and '.join(tests) or 'True'}\n"
    keyed: dict[str, list[tuple[str, str]]] = {}
    whole: list[str] = []
    for each in transition.assignments:
        variable = role.variables[each.variable]
        if each.key is None:
            whole.append(f"{variable.name!r}: {python_of(each.value)}")
        else:
            assert isinstance(variable.domain, Map)
            place = f"{literal(places_of(variable.domain))}[{python_of(each.key)}]"
            keyed.setdefault(variable.name, []).append((place, python_of(each.value)))
    for variable_name, entries in keyed.items():
        pairs = ", ".join(f"({place}, {value})" for place, value in entries)
        whole.append(f"{variable_name!r}: _entries(f[{variable_name!r}], [{pairs}])")
    yield f"def {name}_set(f):\n    return {{{', '.join(whole)}}}\n"
    sends = "".join(f"\n        *{_sending(model, i, each)}," for i, each in enumerate(transition.sends))
    yield f"def {name}_send(f):\n    return [{sends}{chr(10) + '    ' if sends else ''}]\n\n"


def _sending(model: Model, place: int, sending: Sending) -> str:
    """The messages of one send, to each receiver in instance order; O elements that are left open are given by name."""
    to = python_of(sending.to)
    receivers = to if isinstance(sending.to.domain, SetOf) else f"[{to}]"
    elements = []
    for (name, domain, optional), node, maybe in zip(
        model.form_of[sending.message].elements, sending.elements, sending.maybe, strict=True
    ):
        if node is None:
            continue
        if isinstance(node, n.Element) and node.optional and optional and not maybe:
            value = f"f['msg'].get({node.name!r}, _ABSENT)"
        else:
            value = python_of(node)
            if optional and type(domain).__name__ != "Maybe":
                value = f"_present({value})"
        if maybe:
            value = f"({value} if _wanted(f, {place}, {name!r}) else _ABSENT)"
        elements.append(f"{name!r}: {value}")
    order = literal([instance.name for instance in model.instances])
    return f"_messages({sending.message!r}, {receivers}, {{{', '.join(elements)}}}, {order})"


def _row(role: Role, transition: Transition) -> str:
    name = _named(transition)
    sources = {role.regions[region].name: sorted(states) for region, states in transition.sources}
    dests = {role.regions[region].name: state for region, state in transition.dests}
    choices = [choice.name for choice in transition.choices]
    given = (transition.id, transition.trigger, transition.kind, sources, dests, choices)
    return f"Line({', '.join(literal(each) for each in given)}, {name}_if, {name}_set, {name}_send)"


_MODULE = '''"""{title}.

Written by `mcfsm export --to transitions`; it needs the library `transitions` alone. `make(instance, send)` gives a
machine. `send(message, receiver, elements)` is called for every message, after the state has changed.
"""

from typing import Any, Callable, NamedTuple

from transitions import Machine, MachineError


class Line(NamedTuple):
    id: str
    trigger: str
    kind: str
    sources: dict
    dests: dict
    choices: list
    condition: Callable
    assigned: Callable
    messages: Callable


class Absent(Exception):
    """An element was read that is not there, or an instance that is none."""


_ABSENT = object()


def _element(f, name):
    if name not in f["msg"]:
        raise Absent(f"msg.{{name}} is read where it is absent")
    return f["msg"][name]


def _member(members, key):
    if key not in members:
        raise Absent(f"there is no instance {{key}}")
    return members[key]


def _within(value, test, what):
    if not test(value):
        raise ValueError(f"{{what}} would be {{value}}")
    return value


def _present(value):
    return _ABSENT if value is None else value


def _wanted(f, place, name):
    return f["with"].get((place, name), f["with"].get(name, True))


def _entries(values, entries):
    new = list(values)
    if len({{place for place, _ in entries}}) < len(entries):
        raise ValueError("an entry is assigned twice in one step")
    for place, value in entries:
        new[place] = value
    return tuple(new)


def _messages(message, receivers, elements, order):
    there = {{name: value for name, value in elements.items() if value is not _ABSENT}}
    return [(message, receiver, there) for receiver in sorted(receivers, key=order.index)]


REGIONS = {regions}
INITIAL = {initial}
IGNORED = {ignored}
DEFERRED = {deferred}
INSTANCES = {{
{instances}}}

{lines}
LINES = [
{table}]


class Model:
    """An instance: its `regions` with the state of each, the `values` of its variables, and what may be done."""

    def __init__(self, name: str, send: Callable[[str, str, dict], None]) -> None:
        self.constants, initial = INSTANCES[name]
        self.send = send
        self.values = initial(dict(self.constants))
        self.regions = dict(INITIAL)

    def do(self, trigger: str, *, line: str | None = None, present: dict | None = None, **chosen: Any) -> bool:
        """Take a step by itself: False where none is enabled. `line` names one of several that are; `chosen` has the
        values that the line leaves open, `present` whether O elements that it may leave out are sent: by name, or by
        the place of the send and the name.
        """
        return self._try(trigger, line, {{"with": present or {{}}, **chosen}}, set(chosen))

    def deliver(self, message: str, sender: str, *, line: str | None = None, present: dict | None = None,
                chosen: dict | None = None, **elements: Any) -> bool | None:
        """Receive a message: True where a line takes it, False where it is ignored, None where it has to wait.

        Raises MachineError where the text has no answer to it.
        """
        frame = {{"with": present or {{}}, "sender": sender, "msg": elements, **(chosen or {{}})}}
        if self._try(message, line, frame, set(chosen or {{}})):
            return True
        here = set(self.regions.values())
        if here & set(IGNORED.get(message, ())):
            return False
        if here & set(DEFERRED.get(message, ())):
            return None
        raise MachineError(f"there is no answer to {{message}} in {{', '.join(self.regions.values())}}")

    def frame(self, given: dict) -> dict:
        """What expressions read."""
        return {{**self.constants, **self.regions, **self.values, **given}}

    def enabled(self, given: dict, line: Line) -> bool:
        """Whether a line may be taken."""
        there = all(self.regions[region] in states for region, states in line.sources.items())
        return there and bool(line.condition(self.frame(given)))

    def _try(self, trigger: str, wanted: str | None, given: dict, chosen: set) -> bool:
        for line in LINES:
            if line.trigger == trigger and wanted in (None, line.id) and set(line.choices) == chosen:
                if getattr(self, _event(line))(given=given):
                    return True
        return False

    def may(self, event: Any) -> bool:
        """The condition of a transition of the library."""
        return self.enabled(event.kwargs["given"], _BY_EVENT[event.event.name])

    def prepare(self, event: Any) -> None:
        """Work out what a transition sets and sends, before anything changes."""
        line, frame = _BY_EVENT[event.event.name], self.frame(event.kwargs["given"])
        event.kwargs["after"] = line.assigned(frame), line.messages(frame)

    def complete(self, event: Any) -> None:
        """Set the variables and the states, and send."""
        line, (values, messages) = _BY_EVENT[event.event.name], event.kwargs["after"]
        self.values.update(values)
        self.regions.update(line.dests)
        for message, receiver, elements in messages:
            self.send(message, receiver, elements)


def _event(line: Line) -> str:
    return f"line_{{LINES.index(line)}}"


_BY_EVENT = {{_event(line): line for line in LINES}}


def make(name: str, send: Callable[[str, str, dict], None]) -> Machine:
    """The machine of an instance, in its initial state; `machine.model` is what is done to it.

    The states of the machine are those of the first region; `regions` of the model has all.
    """
    model = Model(name, send)
    region, states = next(iter(REGIONS.items()))
    machine = Machine(model, states=states, initial=INITIAL[region], auto_transitions=False, send_event=True,
                      ignore_invalid_triggers=True)
    for line in LINES:
        machine.add_transition(
            _event(line), line.sources.get(region, states), line.dests.get(region), conditions="may",
            before="prepare", after="complete",
        )
    return machine
'''
