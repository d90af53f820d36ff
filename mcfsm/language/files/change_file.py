"""A change request as written: what it adds to a model, what it replaces, what it removes.

The keys of an edit are kinds of named parts, and a part is written as in a model file: an element under the name of its
message, a variable under that of its role, a condition under the id of its transition.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

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
    MessageShape,
    Name,
    ObserverPart,
    ObserverTransitionPart,
    OneOrMore,
    Part,
    PropertyPart,
    RegionPart,
    RolePart,
    ScenarioPart,
    Sentence,
    TransitionPart,
)


class WholeParts(Part):
    """Parts that are written in full wherever they stand."""

    items: dict[Name, ClausePart] = Field({}, description="items of the text")
    readings: dict[Name, ConstantPart] = Field({})
    options: dict[Name, ConstantPart] = Field({})
    values: dict[Name, dict[Name, ClauseId | None]] = Field({}, description="reading or option: value: clause")
    domains: dict[Name, DomainForm] = Field({})
    messages: dict[Name, MessageShape] = Field({})
    elements: dict[Name, dict[Name, ElementForm]] = Field({}, description="message: element: domain")
    roles: dict[Name, RolePart] = Field({})
    regions: dict[Name, dict[Name, RegionPart]] = Field({}, description="role: region")
    variables: dict[Name, dict[Name, DomainText]] = Field({}, description="role: variable: domain")
    transitions: dict[Name, list[TransitionPart]] = Field({}, description="role: transitions, each with its id")
    set: dict[Name, dict[Expression, Expression]] = Field({}, description="transition: assignments")
    sent: dict[Name, dict[Name, dict[Name, Expression]]] = Field(
        {}, description="transition: message: elements it is sent with"
    )
    observers: dict[Name, ObserverPart] = Field({})
    lines: dict[Name, list[ObserverTransitionPart]] = Field({}, description="observer: lines, each with its id")
    define: dict[Name, Expression] = Field({})
    properties: dict[Name, PropertyPart] = Field({})
    scenarios: dict[Name, ScenarioPart] = Field({})
    expect: dict[Name, dict[Name, ExpectForm]] = Field({}, description="scenario: property: status")


class Entries(Part):
    """Entries of lists: each is a part of its own."""

    timers: dict[Name, list[Name]] = Field({}, description="role: timers")
    states: dict[Name, list[Name]] = Field({}, description="role, or role.region: states")
    final: dict[Name, list[Name]] = Field({}, description="role, or role.region: states in which it may rest")
    conditions: dict[Name, Expressions] = Field({}, description="transition: conditions")
    unless: dict[Name, Expressions] = Field({}, description="transition: conditions under which it is not taken")
    cites: dict[Name, OneOrMore] = Field({}, description="transition: clauses")
    ignore: dict[Name, dict[Name, list[Name]]] = Field({}, description="role: message: states")
    defer: dict[Name, dict[Name, list[Name]]] = Field({}, description="role: message: states")
    checks: dict[Name, list[Name]] = Field({}, description="scenario: properties it checks")


class AddedParts(WholeParts, Entries):
    """Parts that an edit adds."""


class RemovedParts(Entries):
    """Parts that an edit removes: the names alone."""

    items: list[Name] = Field([])
    readings: list[Name] = Field([])
    options: list[Name] = Field([])
    values: dict[Name, list[Name]] = Field({}, description="reading or option: values")
    domains: list[Name] = Field([])
    messages: list[Name] = Field([])
    elements: dict[Name, list[Name]] = Field({}, description="message: elements")
    roles: list[Name] = Field([])
    regions: dict[Name, list[Name]] = Field({}, description="role: regions")
    variables: dict[Name, list[Name]] = Field({}, description="role: variables")
    transitions: dict[Name, list[Name]] = Field({}, description="role: ids of transitions")
    set: dict[Name, list[Name]] = Field({}, description="transition: variables assigned")
    sent: dict[Name, dict[Name, list[Name]]] = Field({}, description="transition: message: elements")
    observers: list[Name] = Field([])
    lines: dict[Name, list[Name]] = Field({}, description="observer: ids of lines")
    define: list[Name] = Field([])
    properties: list[Name] = Field([])
    scenarios: list[Name] = Field([])
    expect: dict[Name, list[Name]] = Field({}, description="scenario: properties")


class EditPart(Part):
    """One edit: what it does to the model, and the items of the text that say so."""

    clause: OneOrMore | None = None
    assumption: Sentence | None = Field(None, description="one sentence, where the text is silent")
    beside: OneOrMore | None = Field(
        None, alias="with", description="changes: the edit is made where they are applied too, and to what they make"
    )
    add: AddedParts = AddedParts.model_construct()
    replace: WholeParts = WholeParts.model_construct()
    remove: RemovedParts = RemovedParts.model_construct()
    after: Name | None = Field(None, description="the part that the added ones stand after; else they come last")


class ChangeFile(Part):
    """A change request: a file of its own, listed under changes in the model, with those that it includes."""

    change: Name = Field(description="its id, as given to --with")
    title: Sentence
    candidate: Annotated[Literal["true", "false"], WithJsonSchema({"enum": [True, False, "true", "false"]})] = Field(
        "false", description="whether it is a correction to be judged, and no change request that is pending"
    )
    informative: Annotated[Literal["true", "false"], WithJsonSchema({"enum": [True, False, "true", "false"]})] = Field(
        "false", description="whether all items that it adds stand in an informative part, as in an informative annex"
    )
    base: Sentence | None = Field(None, description="the text it was written against")
    clauses: list[ClauseId] = Field([], description="the clauses of the text that it changes")
    include: list[FileName] = Field([], description="files of the same change whose edits count as if they stood here")
    edits: list[EditPart]
