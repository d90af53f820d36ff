"""The named parts of a document: what kinds there are, where each stands, and documents with a container exchanged.

A container is the mapping or list that holds the parts of one kind and one owner: the elements of a message, the
transitions of a role, the conditions of a transition. Its place is a path of keys from the document down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.document import (
    Document,
    MessagePart,
    ObserverTransitionPart,
    TransitionPart,
    elements_of,
    label_of,
)
from mcfsm.language.files.parts import Part
from mcfsm.language.resolving.roles import transition_ids
from mcfsm.problems import Problems

Path = tuple[str, ...]
Owners = tuple[SourceText, ...]
MESSAGE = "message of elements"
ROLE_OR_REGION = "role or region"
READING_OR_OPTION = "reading or option"
TRANSITION = "transition"
LABELLED = "role, role.region, reading or option"


class PartKind(NamedTuple):
    """A kind of named parts: such a part in words (0: its name, 1 and 2: its owners), who owns it, and its container.

    In `place` a number stands for the owner of that number, a name in capitals for the way to the first.
    """

    words: str
    owners: tuple[str, ...]
    place: tuple[str | int, ...]


KINDS: dict[str, PartKind] = {
    "items": PartKind("item {0}", (), ("items",)),
    "readings": PartKind("reading {0}", (), ("readings",)),
    "options": PartKind("option {0}", (), ("options",)),
    "values": PartKind("value {0} of {1}", ("reading or option",), (READING_OR_OPTION, "values")),
    "domains": PartKind("domain {0}", (), ("domains",)),
    "messages": PartKind("message {0}", (), ("messages",)),
    "elements": PartKind("element {0} of {1}", ("message",), (MESSAGE,)),
    "roles": PartKind("role {0}", (), ("roles",)),
    "regions": PartKind("region {0} of {1}", ("role",), ("roles", 0, "regions")),
    "variables": PartKind("variable {0} of {1}", ("role",), ("roles", 0, "variables")),
    "timers": PartKind("timer {0} of {1}", ("role",), ("roles", 0, "timers")),
    "states": PartKind("state {0} of {1}", ("role",), (ROLE_OR_REGION, "states")),
    "final": PartKind("final state {0} of {1}", ("role",), (ROLE_OR_REGION, "final")),
    "labels": PartKind("label of {0} of {1}", (LABELLED,), (LABELLED, "labels")),
    "transitions": PartKind("transition {0} of {1}", ("role",), ("roles", 0, "transitions")),
    "conditions": PartKind("condition '{0}' of {1}", ("transition",), (TRANSITION, "conditions")),
    "unless": PartKind("unless '{0}' of {1}", ("transition",), (TRANSITION, "unless")),
    "set": PartKind("assignment to {0} in {1}", ("transition",), (TRANSITION, "set")),
    "sent": PartKind("element {0} of {2} as {1} sends it", ("transition", "message"), (TRANSITION, "send", 1)),
    "cites": PartKind("clause {0} of {1}", ("transition",), (TRANSITION, "clause")),
    "ignore": PartKind("{2} ignored in {0} of {1}", ("role", "message"), ("roles", 0, "ignore", 1)),
    "defer": PartKind("{2} deferred in {0} of {1}", ("role", "message"), ("roles", 0, "defer", 1)),
    "observers": PartKind("observer {0}", (), ("observers",)),
    "lines": PartKind("line {0} of {1}", ("observer",), ("observers", 0, "transitions")),
    "define": PartKind("definition {0}", (), ("define",)),
    "properties": PartKind("property {0}", (), ("properties",)),
    "scenarios": PartKind("scenario {0}", (), ("scenarios",)),
    "checks": PartKind("check of {0} in {1}", ("scenario",), ("scenarios", 0, "properties")),
    "expect": PartKind("expectation of {0} in {1}", ("scenario",), ("scenarios", 0, "expect")),
}

LISTS = frozenset(
    ("timers", "states", "final", "transitions", "conditions", "unless", "cites", "ignore", "defer", "lines", "checks")
)  # the kinds whose containers are lists


class NoOwnerError(Exception):
    """An owner does not exist: what is wrong, the name that was looked for, and those that there are."""

    def __init__(self, message: str, name: SourceText, known: list[str]) -> None:
        self.name, self.known = name, known
        super().__init__(message)


def entries(value: Any, depth: int, owners: Owners = ()) -> Iterator[tuple[Owners, SourceText | None, Any]]:
    """The parts written under one kind: the owners, the name (None: a line without id), and the value."""
    if depth:
        for owner, inner in value.items():
            yield from entries(inner, depth - 1, (*owners, owner))
    elif isinstance(value, Mapping):
        yield from ((owners, name, part) for name, part in value.items())
    else:
        listed = value if isinstance(value, list) else [value]
        yield from ((owners, name_in_list(part), part) for part in listed)


def name_in_list(part: Any) -> SourceText | None:
    """What an entry of a list is called: the id of a line of a role or an observer, else the entry itself."""
    return part.id if isinstance(part, TransitionPart | ObserverTransitionPart) else part


def plain(name: str) -> str:
    """A name as it is compared: an element without its ?, an expression with single blanks."""
    return " ".join(name.removesuffix("?").split())


def container_of(document: Document, kind: str, owners: Owners) -> Path:
    """The place of the container of a kind and owners. Raises NoOwnerError where an owner does not exist."""
    form = KINDS[kind]
    top = form.place[0]
    if top == TRANSITION:
        way = _transition(document, owners[0])
    elif top == MESSAGE:
        way = _message(document, owners[0])
    elif top == ROLE_OR_REGION:
        way = _role_or_region(document, owners[0])
    elif top == LABELLED:
        constants = {**document.readings, **document.options}
        way = (_reading_or_option if owners[0] in constants else _role_or_region)(document, owners[0])
    elif top == READING_OR_OPTION:
        way = _reading_or_option(document, owners[0])
    else:
        way = (str(top),)
        if owners:
            _known(form.owners[0], owners[0], content(document, way))
    path = (*way, *(owners[step] if isinstance(step, int) else step for step in form.place[1:]))
    if kind == "sent":
        messages = [name for send in content(document, (*way, "send")) for name in send]
        if messages.count(owners[1]) != 1:
            message = f"transition {owners[0]} does not send {owners[1]}, or more than once"
            raise NoOwnerError(message, owners[1], list(map(str, messages)))
    if kind == "checks" and content(document, path) is None:
        raise NoOwnerError(f"scenario {owners[0]} does not list the properties that it checks", owners[0], [])
    return path


def _known(kind: str, name: SourceText, names: Mapping[SourceText, Any]) -> None:
    if name not in names:
        raise NoOwnerError(f"there is no {kind} {name}", name, list(map(str, names)))


def _message(document: Document, name: SourceText) -> Path:
    _known("message", name, document.messages)
    marked = isinstance(document.messages[name], MessagePart)
    return ("messages", name, "elements") if marked else ("messages", name)


def _transition(document: Document, name: SourceText) -> Path:
    for role, part in document.roles.items():
        if any(line.id == name for line in part.transitions):
            return ("roles", role, "transitions", name)
    ids = [str(line.id) for part in document.roles.values() for line in part.transitions if line.id]
    raise NoOwnerError(f"no transition has the id {name}", name, ids)


def _role_or_region(document: Document, name: SourceText) -> Path:
    role, dot, region = name.partition(".")
    _known("role", name.part(0, len(role)), document.roles)
    regions = document.roles[name.part(0, len(role))].regions
    if not dot and not regions:
        return ("roles", role)
    if not dot:
        raise NoOwnerError(f"role {role} has regions: which is meant?", name, [f"{role}.{known}" for known in regions])
    if dot and region not in regions:
        raise NoOwnerError(f"role {role} has no region {region}", name, [f"{role}.{known}" for known in regions])
    return ("roles", role, "regions", region)


def _reading_or_option(document: Document, name: SourceText) -> Path:
    _known(READING_OR_OPTION, name, {**document.readings, **document.options})
    return ("readings" if name in document.readings else "options", name)


def content(node: Any, path: Path) -> Any:
    """What stands at a place; None where nothing is written."""
    for step in path:
        if isinstance(node, Part):
            node = getattr(node, step)
        elif isinstance(node, Mapping):
            node = node.get(step)
        else:
            node = next(inner for entry in node if (inner := _named(entry, step)) is not None)
    return node


def exchanged(node: Any, path: Path, value: Any) -> Any:
    """The node with another value at a place; nothing that was there before is changed."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(node, Part):
        return node.but(**{step: exchanged(getattr(node, step), rest, value)})
    if isinstance(node, Mapping):
        return {**node, step: exchanged(node.get(step), rest, value)}
    return [entry if _named(entry, step) is None else _renewed(entry, step, rest, value) for entry in node]


def _named(entry: Any, name: str) -> Any:
    """What an entry of a list holds under a name: a transition of that id itself, a message sent its elements."""
    if isinstance(entry, TransitionPart):
        return entry if entry.id == name else None
    return entry.get(name)


def _renewed(entry: Any, name: str, rest: Path, value: Any) -> Any:
    inner = exchanged(_named(entry, name), rest, value)
    return inner if isinstance(entry, TransitionPart) else {**entry, name: inner}


_NAMED_IN_ROLES = (
    "transitions",
    "variables",
    "timers",
    "ignore",
    "defer",
    "regions",
    "states",
    "labels",
    "final",
)  # parts


def parts_of(document: Document) -> dict[str, str]:
    """Every part of a document in words, with what is written there: two documents are compared by these.

    Labels of states and values are no parts: they are words for readers, and say nothing else.
    """
    found: dict[str, str] = {}

    def add(kind: str, owners: tuple[str, ...], named: Iterable[tuple[str, Any]]) -> None:
        for name, value in named:
            found[KINDS[kind].words.format(plain(name), *owners)] = written(value)

    for kind in ("items", "domains"):
        add(kind, (), getattr(document, kind).items())
    for kind in ("readings", "options"):
        for name, constant in getattr(document, kind).items():
            add(kind, (), [(name, constant.but(values=None, labels=None))])
            add("values", (name,), constant.values.items())
    for message, form in document.messages.items():
        mark = form.but(elements=None) if isinstance(form, MessagePart) else label_of(form)
        add("messages", (), [(message, mark)])
        add("elements", (message,), ((name, [name, value]) for name, value in elements_of(form).items()))
    ids = transition_ids(document.roles, Problems())
    for role, part in document.roles.items():
        add("roles", (), [(role, part.but(**dict.fromkeys(_NAMED_IN_ROLES)))])
        states, final = {str(role): part.states or []}, {str(role): part.final}
        states |= {f"{role}.{name}": region.states for name, region in part.regions.items()}
        final |= {f"{role}.{name}": region.final for name, region in part.regions.items()}
        for kind, listed in (("states", states), ("final", final)):
            for owner, names in listed.items():
                add(kind, (owner,), ((state, None) for state in names))
        add("regions", (role,), ((name, [region.initial, region.label]) for name, region in part.regions.items()))
        add("variables", (role,), part.variables.items())
        add("timers", (role,), ((name, None) for name in part.timers))
        add("transitions", (role,), ((ids[id(line)], line) for line in part.transitions))
        for message, ignoring in part.ignore.items():
            add("ignore", (role, message), ((state, None) for state in ignoring))
        for message, deferring in part.defer.items():
            add("defer", (role, message), ((state, None) for state in deferring))
    for kind in ("observers", "define", "properties"):
        add(kind, (), getattr(document, kind).items())
    for scenario, made in document.scenarios.items():
        add("scenarios", (), [(scenario, made.but(properties=None, expect=None))])
        add("checks", (scenario,), ((name, None) for name in made.properties or []))
        add("expect", (scenario,), (made.expect or {}).items())
    return found


def written(value: Any) -> str:
    """What is written in a part, without its places."""
    if isinstance(value, Part):
        return repr({name: written(inner) for name, inner in value if inner is not None})
    if isinstance(value, Mapping):
        return repr({str(name): written(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return repr([written(inner) for inner in value])
    return repr(None if value is None else str(value))
