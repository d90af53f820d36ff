"""A change request as written: what it adds to a model, what it replaces, what it removes.

The keys of an edit are kinds of named parts, and a part is written as in a model file: an element under the name of its
message, a variable under that of its role, a condition under the id of its transition.
"""

from __future__ import annotations

from typing import Annotated, Literal

from mcfsm.language.files.document import (
    ClauseId,
    ClausePart,
    ConstantPart,
    DomainForm,
    DomainText,
    ElementForm,
    ExpectForm,
    Expression,
    Expressions,
    FileName,
    Label,
    MessageShape,
    Name,
    ObserverPart,
    ObserverTransitionPart,
    OneOrMore,
    PropertyPart,
    RegionPart,
    RolePart,
    ScenarioPart,
    Sentence,
    TransitionPart,
)
from mcfsm.language.files.parts import Listed, Part, key


class WholeParts(Part):
    """Parts that are written in full wherever they stand."""

    items: dict[Name, ClausePart] = key({}, description="items of the text")
    readings: dict[Name, ConstantPart] = key({})
    options: dict[Name, ConstantPart] = key({})
    values: dict[Name, dict[Name, ClauseId | None]] = key({}, description="reading or option: value: clause")
    domains: dict[Name, DomainForm] = key({})
    messages: dict[Name, MessageShape] = key({})
    elements: dict[Name, dict[Name, ElementForm]] = key({}, description="message: element: domain")
    roles: dict[Name, RolePart] = key({})
    regions: dict[Name, dict[Name, RegionPart]] = key({}, description="role: region")
    variables: dict[Name, dict[Name, DomainText]] = key({}, description="role: variable: domain")
    labels: dict[Name, dict[Name, Label]] = key(
        {}, description="role, role.region, reading or option: state or value: label"
    )
    transitions: dict[Name, list[TransitionPart]] = key({}, description="role: transitions, each with its id")
    set: dict[Name, dict[Expression, Expression]] = key({}, description="transition: assignments")
    sent: dict[Name, dict[Name, dict[Name, Expression]]] = key(
        {}, description="transition: message: elements it is sent with"
    )
    observers: dict[Name, ObserverPart] = key({})
    lines: dict[Name, list[ObserverTransitionPart]] = key({}, description="observer: lines, each with its id")
    define: dict[Name, Expression] = key({})
    properties: dict[Name, PropertyPart] = key({})
    scenarios: dict[Name, ScenarioPart] = key({})
    expect: dict[Name, dict[Name, ExpectForm]] = key({}, description="scenario: property: status")


class Entries(Part):
    """Entries of lists: each is a part of its own."""

    timers: dict[Name, list[Name]] = key({}, description="role: timers")
    states: dict[Name, list[Name]] = key({}, description="role, or role.region: states")
    final: dict[Name, list[Name]] = key({}, description="role, or role.region: states in which it may rest")
    conditions: dict[Name, Expressions] = key({}, description="transition: conditions")
    unless: dict[Name, Expressions] = key({}, description="transition: conditions under which it is not taken")
    cites: dict[Name, OneOrMore] = key({}, description="transition: clauses")
    ignore: dict[Name, dict[Name, list[Name]]] = key({}, description="role: message: states")
    defer: dict[Name, dict[Name, list[Name]]] = key({}, description="role: message: states")
    checks: dict[Name, list[Name]] = key({}, description="scenario: properties it checks")


class AddedParts(WholeParts, Entries):
    """Parts that an edit adds."""


class RemovedParts(Entries):
    """Parts that an edit removes: the names alone."""

    items: list[Name] = key([])
    readings: list[Name] = key([])
    options: list[Name] = key([])
    values: dict[Name, list[Name]] = key({}, description="reading or option: values")
    domains: list[Name] = key([])
    messages: list[Name] = key([])
    elements: dict[Name, list[Name]] = key({}, description="message: elements")
    roles: list[Name] = key([])
    regions: dict[Name, list[Name]] = key({}, description="role: regions")
    variables: dict[Name, list[Name]] = key({}, description="role: variables")
    labels: dict[Name, list[Name]] = key({}, description="role, role.region, reading or option: states or values")
    transitions: dict[Name, list[Name]] = key({}, description="role: ids of transitions")
    set: dict[Name, list[Name]] = key({}, description="transition: variables assigned")
    sent: dict[Name, dict[Name, list[Name]]] = key({}, description="transition: message: elements")
    observers: list[Name] = key([])
    lines: dict[Name, list[Name]] = key({}, description="observer: ids of lines")
    define: list[Name] = key([])
    properties: list[Name] = key([])
    scenarios: list[Name] = key([])
    expect: dict[Name, list[Name]] = key({}, description="scenario: properties")


class EditPart(Part):
    """One edit: what it does to the model, and the items of the text that say so."""

    clause: OneOrMore | None = None
    assumption: Sentence | None = key(None, description="one sentence, where the text is silent")
    beside: OneOrMore | None = key(
        None, alias="with", description="changes: the edit is made where they are applied too, and to what they make"
    )
    add: AddedParts = AddedParts()
    replace: WholeParts = WholeParts()
    remove: RemovedParts = RemovedParts()
    after: Name | None = key(None, description="the part that the added ones stand after; else they come last")


class ChangeFile(Part):
    """A change request: a file of its own, listed under changes in the model, with those that it includes."""

    change: Name = key(description="its id, as given to --with")
    title: Sentence
    candidate: Annotated[Literal["true", "false"], Listed((True, False, "true", "false"))] = key(
        "false", description="whether it is a correction to be judged, and no change request that is pending"
    )
    informative: Annotated[Literal["true", "false"], Listed((True, False, "true", "false"))] = key(
        "false", description="whether all items that it adds stand in an informative part, as in an informative annex"
    )
    base: Sentence | None = key(None, description="the text it was written against")
    clauses: list[ClauseId] = key([], description="the clauses of the text that it changes")
    include: list[FileName] = key([], description="files of the same change whose edits count as if they stood here")
    edits: list[EditPart]
