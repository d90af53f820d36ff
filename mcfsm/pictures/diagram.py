"""The state diagram of a role as records: what is drawn, before anyone says how.

Extracted from the resolved model, so a picture shows what is run. One step fires one transition, and a transition is
shown once for every region it moves; the whole of it in the first, a reference in the others. A transition that moves
no region is a row of a note, not a self-loop.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Instances, SetOf
from mcfsm.model import Model, Role, Transition

Style = Literal["trigger", "guard", "send", "effect", "basis"]
WRAP = 44  # characters in a line of a label
_UNPRINTABLE = re.compile(
    r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]|[\u202a-\u202e]"
)


@dataclass(frozen=True)
class LabelPart:
    """A piece of a label, and what it says: what triggers, what must hold, what is sent, changed, or cited."""

    style: Style
    text: str


@dataclass(frozen=True)
class TransitionLabel:
    """A transition in words."""

    transition: str  # id
    parts: tuple[LabelPart, ...]


@dataclass(frozen=True)
class Edge:
    """Transitions from the same states to the same state. No sources: from any state of the region."""

    sources: tuple[str, ...]
    dest: str
    labels: tuple[TransitionLabel, ...]


@dataclass(frozen=True)
class InnerTransitions:
    """Transitions that move no region, with the states in which they are possible (none: in any)."""

    states: tuple[str, ...]
    labels: tuple[TransitionLabel, ...]


@dataclass(frozen=True)
class RegionDiagram:
    """A region: its states in declared order, its edges, and what happens without a move of any region."""

    name: str
    states: tuple[str, ...]
    initial: str
    final: tuple[str, ...]
    edges: tuple[Edge, ...]
    rows: tuple[InnerTransitions, ...]


@dataclass(frozen=True)
class Diagram:
    """A role. `rows` are those of no region in particular, in any state of a role with several."""

    role: str
    model: str
    regions: tuple[RegionDiagram, ...]
    rows: tuple[InnerTransitions, ...]


def diagram(model: Model, role: Role) -> Diagram:
    """The state diagram of a role: regions, edges and labels in declared order."""
    edges: dict[int, dict[tuple[tuple[str, ...], str], list[TransitionLabel]]] = {
        i: {} for i in range(len(role.regions))
    }
    rows: dict[int | None, dict[tuple[str, ...], list[TransitionLabel]]] = {}
    for transition in role.transitions:
        sources = dict(transition.sources)
        moved = [(region, dest) for region, dest in transition.dests if sources.get(region) != frozenset({dest})]
        for place, (region, dest) in enumerate(moved):
            states = tuple(s for s in role.regions[region].states if s in sources.get(region, ()))
            label = _label(role, transition, region) if place == 0 else _reference(role, transition, moved[0])
            edges[region].setdefault((states, dest), []).append(label)
        if not moved:
            home = transition.sources[0][0] if transition.sources else 0 if len(role.regions) == 1 else None
            possible = sources.get(home, frozenset()) if home is not None else frozenset()
            states = tuple(s for s in role.regions[home or 0].states if s in possible)
            rows.setdefault(home, {}).setdefault(states, []).append(_label(role, transition, home))
    for kind, listed in (("ignored", role.ignore), ("deferred", role.defer)):
        for message, where in listed:
            for i, each in enumerate(role.regions):
                states = tuple(state for state in each.states if state in where)
                if states:
                    label = TransitionLabel(kind, (LabelPart("trigger", f"? {message}"), LabelPart("effect", kind)))
                    rows.setdefault(i, {}).setdefault(states, []).append(label)
    regions = tuple(
        RegionDiagram(
            name=region.name,
            states=region.states,
            initial=region.initial,
            final=tuple(state for state in region.states if state in region.final),
            edges=tuple(_edges(region.states, edges[i])),
            rows=tuple(_rows(region.states, rows.get(i, {}))),
        )
        for i, region in enumerate(role.regions)
    )
    return Diagram(role.name, model.name, regions, tuple(_rows((), rows.get(None, {}))))


def _edges(order: tuple[str, ...], found: dict[tuple[tuple[str, ...], str], list[TransitionLabel]]) -> Iterator[Edge]:
    rank = {state: i for i, state in enumerate(order)}
    for sources, dest in sorted(found, key=lambda key: ([rank[s] for s in key[0]], rank[key[1]])):
        yield Edge(sources, dest, tuple(found[sources, dest]))


def _rows(order: tuple[str, ...], found: dict[tuple[str, ...], list[TransitionLabel]]) -> Iterator[InnerTransitions]:
    rank = {state: i for i, state in enumerate(order)}
    for states in sorted(found, key=lambda key: [rank[s] for s in key]):
        yield InnerTransitions(states, tuple(found[states]))


def _label(role: Role, transition: Transition, home: int | None) -> TransitionLabel:
    """All a transition says, seen from the region it is drawn in."""
    parts = [LabelPart("trigger", _trigger(transition))]
    if transition.senders is not None:
        parts.append(LabelPart("guard", f"from {shown(transition.senders)}"))
    for region, states in transition.sources:
        if region != home:
            listed = " or ".join(s for s in role.regions[region].states if s in states)
            parts.append(LabelPart("guard", f"[{role.regions[region].name}: {listed}]"))
    parts += [LabelPart("effect", f"choose {choice.name} in {shown(choice.source)}") for choice in transition.choices]
    for guard in transition.guards[transition.kind == "timer" :]:  # the first says that the timer runs
        text = " ".join(guard.text.split())
        parts.append(LabelPart("guard", f"[{text}]" if guard.wanted else f"[unless {text}]"))
    parts += [LabelPart("send", f"! {sent.message} -> {shown(sent.to)}") for sent in transition.sends]
    for assignment in transition.assignments:
        target = role.variables[assignment.variable].name
        if target in role.timers:
            starts = isinstance(assignment.value, n.Constant) and assignment.value.value
            if starts or target != transition.trigger:
                parts.append(LabelPart("effect", f"{'start' if starts else 'stop'} {target}"))
            continue
        if assignment.key is not None:
            target += f"[{shown(assignment.key)}]"
        parts.append(LabelPart("effect", f"{target} := {shown(assignment.value)}"))
    for region, dest in transition.dests:
        if region != home and len(role.regions) > 1:
            parts.append(LabelPart("effect", f"{role.regions[region].name} becomes {dest}"))
    basis = _basis(transition)
    return TransitionLabel(transition.id, (*parts, LabelPart("basis", basis)) if basis else tuple(parts))


def _reference(role: Role, transition: Transition, first: tuple[int, str]) -> TransitionLabel:
    """The same transition in a further region that it moves."""
    region, dest = first
    together = LabelPart("effect", f"as in {role.regions[region].name}, to {dest}")
    basis = _basis(transition)
    parts = (LabelPart("trigger", _trigger(transition)), together)
    return TransitionLabel(transition.id, (*parts, LabelPart("basis", basis)) if basis else parts)


def _trigger(transition: Transition) -> str:
    if transition.kind == "reception":
        return f"? {transition.trigger}"
    return f"{transition.trigger} ({transition.kind})"


def _basis(transition: Transition) -> str:
    """What a transition rests on: clause or assumption, and the reading or option it stands under."""
    cited = transition.clause or ("assumption" if transition.assumption is not None else None)
    return ", ".join([*([cited] if cited else []), *(f"{name} = {value}" for name, value in transition.under)])


def printable(text: str) -> str:
    """The text with the sign for an unknown character in place of what no picture or terminal should be given."""
    return _UNPRINTABLE.sub("\ufffd", text)


def wrapped(text: str, width: int = WRAP) -> list[str]:
    """The lines of a text, none longer than `width`: broken at blanks, and inside a word only where it is longer.

    The sign of a message received or sent stays with the message.
    """
    joined = re.sub(r"^([?!]) ", "\\1\0", " ".join(text.split()))
    lines = textwrap.wrap(joined, width, break_on_hyphens=False) or [""]
    return [line.replace("\0", " ") for line in lines]


_SYMBOLS = {"subset": "<=", "proper subset": "<", "superset": ">=", "proper superset": ">"}
_FUNCTIONS = {"len", "min", "max", "abs"}


def shown(node: n.Node) -> str:
    """A checked expression as the model language would write it; names stand for the constants they became."""
    match node:
        case n.Constant(domain=SetOf(element=Instances(names=names, title=title)), value=value) if (
            title and value == frozenset(names)
        ):
            return title
        case n.Constant(domain=domain, value=value):
            return domain.show(value)
        case n.Read(name=name):
            return name
        case n.Element(name=name):
            return f"msg.{name}"
        case n.Present(name=name):
            return f"present(msg.{name})"
        case n.Attribute(target=target, name=name) | n.Field(target=target, name=name):
            return f"{shown(target)}.{name}"
        case n.Lookup(target=target, key=key):
            return f"{shown(target)}[{shown(key)}]"
        case n.Member(key=key, group=group):
            return f"{group}({shown(key)})"
        case n.Narrow(inner=inner):
            return shown(inner)
        case n.Apply(operator="negate", arguments=(argument,)):
            return f"-{_inner(argument)}"
        case n.Apply(operator=operator, arguments=arguments) if operator in _FUNCTIONS or len(arguments) != 2:
            return f"{operator}({_listed(arguments)})"
        case n.Apply(operator=operator, arguments=(left, right)):
            return f"{_inner(left)} {_SYMBOLS.get(operator, operator)} {_inner(right)}"
        case n.And(operands=operands):
            return " and ".join(_inner(operand) for operand in operands)
        case n.Or(operands=operands):
            return " or ".join(_inner(operand) for operand in operands)
        case n.Not(operand=operand):
            return f"not {_inner(operand)}"
        case n.IfElse(condition=condition, then=then, otherwise=otherwise):
            return f"{_inner(then)} if {_inner(condition)} else {_inner(otherwise)}"
        case n.Build(domain=domain, arguments=arguments):
            return f"{domain}({_listed(arguments)})"
        case n.BuildSet(elements=elements):
            return f"{{{_listed(elements)}}}"
        case n.Quantify():
            return _quantified(node)
        case n.InFlight(message=message):
            return f"in_flight({message}{''.join(f', {shown(value)}' for value in node.values)})"
        case n.Frozen():
            return "frozen"
    raise TypeError(f"no way to write a {type(node).__name__}")


def _listed(items: Iterable[n.Node]) -> str:
    return ", ".join(shown(item) for item in items)


def _inner(node: n.Node) -> str:
    """An operand: in brackets where it has an operator of its own."""
    while isinstance(node, n.Narrow):
        node = node.inner
    text = shown(node)
    compound = isinstance(node, n.And | n.Or | n.Not | n.IfElse) or (
        isinstance(node, n.Apply) and len(node.arguments) == 2 and node.operator not in _FUNCTIONS
    )
    return f"({text})" if compound else text


def _quantified(node: n.Quantify) -> str:
    condition = f" if {shown(node.condition)}" if node.condition is not None else ""
    body = f"{shown(node.body)} for {node.variable} in {shown(node.source)}{condition}"
    return f"{{{body}}}" if node.operator == "set" else f"{node.operator}({body})"
