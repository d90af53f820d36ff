"""Messages: unused ones, those sent to nobody or by nobody, elements that nobody reads, and that may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Maybe, Nothing
from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.document import Document, ElementPart, elements_of
from mcfsm.language.files.locations import Places
from mcfsm.language.resolving.channels import talking_pairs
from mcfsm.language.resolving.scenarios import with_likes
from mcfsm.model import Model, Role, Sending, Transition, elements_asked, elements_read
from mcfsm.problems import Problems, Span


def look(document: Document, models: list[Model], found: Problems) -> None:
    """Note what looks wrong with the messages of a document, by all its models."""
    places = Places(document)
    known = {message for model in models for role in model.roles for message in _known(role)}
    sent = {sending.message for model in models for _, sending in _sendings(model)}
    sent |= {message.name for model in models for _, _, message in model.first_messages}
    for message in document.messages:
        name = str(message)
        if name not in known and name not in sent:
            found.add("M801", message.span, f"message {name} is neither sent nor received", "leave it out")
        elif name not in sent:
            said = f"message {name} is received and nobody sends it"
            found.add("M803", message.span, said, "send it, or leave out the lines that wait for it")
    _sent_to_nobody(models, places, found)
    _never_on_this_way(document, models, found)
    _never_read(document, models, known & sent, found)
    _may_be_none(models, found)


def _known(role: Role) -> set[str]:
    """The messages that a role has a line for."""
    return {t.trigger for t in role.transitions if t.kind == "reception"} | set(role.ignored) | set(role.deferred)


def _sendings(model: Model) -> Iterator[tuple[Transition, Sending]]:
    return ((t, sending) for role in model.roles for t in role.transitions for sending in t.sends)


def _sent_to_nobody(models: list[Model], places: Places, found: Problems) -> None:
    """Sends of which no receiver that is possible has a line for the message, in any model."""
    reached: dict[tuple[str, str], bool] = {}
    receivers: dict[tuple[str, str], dict[str, None]] = {}
    for model in models:
        for transition, sending in _sendings(model):
            key = transition.id, sending.message
            domain: Any = sending.to.domain
            element = getattr(domain, "element", domain)
            roles = [model.role_of[i.name] for i in model.instances if element.contains(i.name)]
            receivers.setdefault(key, {}).update(dict.fromkeys(role.name for role in roles))
            reached[key] = reached.get(key, False) or any(sending.message in _known(role) for role in roles)
    for (transition_id, message), known in reached.items():
        if not known:
            who = " and ".join(receivers[transition_id, message])
            said = f"{transition_id} sends {message} to {who}, which has no line for it"
            hint = f"give {who} a transition for {message}, or list it under ignore or defer"
            found.add("M802", places.send(transition_id, message), said, hint)


def _never_on_this_way(document: Document, models: list[Model], found: Problems) -> None:
    """Messages that are there at first between two instances of which the sender sends the receiver nothing."""
    noted: dict[tuple[SourceText, str], str] = {}
    for model in models:
        scenario = next(name for name in document.scenarios if name == model.scenario)
        begin = with_likes(document, scenario, Problems()).begin
        written = [next(iter(item)) for item in begin.messages] if begin else []
        talking = talking_pairs(list(model.instances), {role.name: role for role in model.roles})
        for name, (sender, receiver, _) in zip(written, model.first_messages, strict=True):
            if (sender, receiver) not in talking:
                turned = f"{receiver} sends to {sender}: turn them round, or " if (receiver, sender) in talking else ""
                said = (
                    f"{name} is on its way from {sender} to {receiver} at first, and {sender} sends {receiver} nothing"
                )
                noted.setdefault((name, said), f"{turned}see who sends it")
    for (name, said), hint in noted.items():
        found.add("M813", name.span, said, hint)


def _never_read(document: Document, models: list[Model], travelling: set[str], found: Problems) -> None:
    """Elements that no receiver reads; what observers read is said, as it is not for the receiver."""
    read: set[tuple[str, str]] = set()
    watched: set[tuple[str, str]] = set()
    for model in models:
        for role in model.roles:
            for line in role.transitions:
                read.update((line.trigger, name) for name in elements_read(line))
                read.update(elements_asked(line))
        for observer in model.observers:
            for seen in observer.transitions:
                watched.update((message, name) for message in seen.names for name in elements_read(seen))
    for message, form in document.messages.items():
        for element, part in elements_of(form).items():
            name = str(element).removesuffix("?")
            if str(message) not in travelling or (str(message), name) in read:
                continue
            only = "; only an observer does" if (str(message), name) in watched else ""
            clause = part.clause if isinstance(part, ElementPart) else None
            hint = f"{clause} asks for it: what is it for?" if clause else "leave it out, or let a receiver read it"
            found.add("M804", element.span, f"no receiver reads element {name} of {message}{only}", hint)


def _may_be_none(models: list[Model], found: Problems) -> None:
    """Mandatory elements whose expression may be none, where no condition of the line asks whether it is."""
    told: set[tuple[str, str, str]] = set()
    for model in models:
        for transition, sending in _sendings(model):
            form = model.form_of[sending.message]
            for (name, domain, optional), node in zip(form.elements, sending.elements, strict=True):
                if optional or node is None or (transition.id, sending.message, name) in told:
                    continue
                empty = next(_empty(node, transition, declared=isinstance(domain, Maybe)), None)
                if empty is not None:
                    told.add((transition.id, sending.message, name))
                    what, span = empty
                    element = f"the mandatory element {name} of {sending.message}"
                    said = f"{transition.id} sends {element}, and {what} may be none"
                    hint = f"mcfsm check says whether it ever is; to be sure, add a condition: {what} != none"
                    found.add("M805", span or transition.span, said, hint)


def _empty(node: n.Node, transition: Transition, *, declared: bool) -> Iterator[tuple[str, Span | None]]:
    """What may be none in an expression, and where."""
    tested = [part for guard in transition.guards for part in _compared(guard.node)] + list(_compared(node))
    if declared and isinstance(node.domain, Maybe | Nothing) and node not in tested:
        yield _shown(node), None
    for part in node.walk():
        if not isinstance(part, n.Narrow) or isinstance(part.domain, Maybe):
            continue
        if isinstance(part.inner.domain, Maybe | Nothing) and part.inner not in tested:
            yield _shown(part.inner), part.span


def _compared(node: n.Node) -> Iterator[n.Node]:
    """What an expression compares with none."""
    for part in node.walk():
        if isinstance(part, n.Apply) and part.operator in ("==", "!="):
            first, second = part.arguments
            if isinstance(second, n.Constant) and second.value is None:
                yield first
            if isinstance(first, n.Constant) and first.value is None:
                yield second


def _shown(node: n.Node) -> str:
    match node:
        case n.Read(name=name):
            return name
        case n.Element(name=name):
            return f"msg.{name}"
        case n.Field(target=target, name=name):
            return f"{_shown(target)}.{name}"
    return "its expression"
