"""Names that nothing uses: variables and parameters that are never read, definitions that no property needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcfsm.expressions import nodes as n
from mcfsm.expressions.parse import SourceText, names_in
from mcfsm.language.files.document import Document
from mcfsm.language.resolving.number_reads import texts_read
from mcfsm.language.resolving.properties import texts_of
from mcfsm.model import Model, ObserverTransition, Transition, Variable, nodes_of
from mcfsm.problems import Problems

_WORD = re.compile(r"[^\W\d]\w*")


def look(document: Document, models: list[Model], found: Problems) -> None:
    """Note the variables and definitions of a document that nothing reads, by all its models."""
    read = {name for model in models for name in _read(model)}
    resolved = {name for model in models for name in _owners(model)}
    for kind, parts in (("role", document.roles), ("observer", document.observers)):
        for owner, part in parts.items():
            for variable in part.variables:
                name = str(owner), str(variable)
                if name[0] in resolved and name not in read:
                    said = f"variable {variable} of {kind} {owner} is never read"
                    found.add("M810", variable.span, said, "leave it out, or ask for it in a condition or a property")
    needed = _needed(document)
    for definition in document.define:
        if str(definition) not in needed:
            found.add("M811", definition.span, f"definition {definition} is read by no property", "leave it out")
    for what, unread in _unread(document):
        found.add("M812", unread.span, f"{what} {unread} is never read", "leave it out, or ask for it")


def _unread(document: Document) -> Iterator[tuple[str, SourceText]]:
    """Parameters, readings and options that no text of a document reads, by name; to choose a value is not to read it.

    A parameter of a role is read in the role, or as an attribute anywhere.
    """
    scenarios = [part.but(parameters={}, readings={}, options={}) for part in document.scenarios.values()]
    rest = document.but(parameters={}, readings={}, options={}, scenarios={})
    read = _names(rest) | _names(scenarios)
    for what, names in (
        ("parameter", document.parameters),
        ("reading", document.readings),
        ("option", document.options),
    ):
        yield from ((what, name) for name in names if str(name) not in read)
    beside = _names([*document.properties.values(), *document.define.values(), *document.observers.values()])
    for owner, role in document.roles.items():
        used = beside | _names(role.but(parameters={}))
        yield from ((f"role {owner}: parameter", name) for name in role.parameters if str(name) not in used)


def _names(part: object) -> set[str]:
    return {name for text in texts_read(part) for name in _WORD.findall(text)}


def _owners(model: Model) -> set[str]:
    return {*(role.name for role in model.roles), *(observer.name for observer in model.observers)}


def _read(model: Model) -> Iterator[tuple[str, str]]:
    """(role or observer, variable) of every variable that is read; what only its own new value reads does not count."""
    for role in model.roles:
        for line in role.transitions:
            yield from ((role.name, name) for name in _read_by(line, role.variables))
    for observer in model.observers:
        for seen in observer.transitions:
            yield from ((observer.name, name) for name in _read_by(seen, observer.variables))
    roots = [p.condition for p in model.state_properties] + [
        p.premise for p in model.state_properties if p.premise is not None
    ]
    roots += [node for property_ in model.liveness_properties for node in (*property_.causes, property_.goal)]
    roots += [*model.begin, *([] if model.boundary is None else [model.boundary.condition])]
    joint = [node for root in roots for node in root.walk()]
    joint += [node for observer in model.observers for seen in observer.transitions for node in nodes_of(seen)]
    roles = {instance.name: instance.role for instance in model.instances}
    for node in joint:
        if isinstance(node, n.Attribute):
            yield from ((roles.get(slot.owner, slot.owner), node.name) for slot in node.slots if not slot.in_states)


def _read_by(line: Transition | ObserverTransition, variables: tuple[Variable, ...]) -> set[str]:
    """The variables that a line reads, but for each in its own new value alone."""
    own = {variables[a.variable].name: list(a.value.walk()) for a in line.assignments}
    found = [node.name for node in nodes_of(line) if isinstance(node, n.Read)]
    known = {variable.name for variable in variables}
    return {name for name in known if found.count(name) > _reads(own.get(name, []), name)}


def _reads(nodes: list[n.Node], name: str) -> int:
    return sum(isinstance(node, n.Read) and node.name == name for node in nodes)


def _needed(document: Document) -> set[str]:
    """The definitions that properties read, themselves or through others."""
    waiting = [text for part in document.properties.values() for text in texts_of(part)]
    waiting += [part.within for part in document.scenarios.values() if part.within is not None]
    define = {str(name): text for name, text in document.define.items()}
    found: set[str] = set()
    while waiting:
        new = names_in(waiting.pop()) & set(define) - found
        found |= new
        waiting += [define[name] for name in new]
    return found
