"""A model file as written: which keys may stand where, with what shape of value. Names get no meaning here.

Scalars are `SourceText`, with their place and as they are written (an unquoted 10.10 stays 10.10). Every mapping with
fixed keys is a `Part` and knows its place too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.parts import Discriminator, Listed, Part, Scalar, Tag, key
from mcfsm.model.records import ChannelKind, WhenFull

Name = Annotated[SourceText, Scalar("a name")]
Sentence = Annotated[SourceText, Scalar("a sentence")]
Expression = Annotated[SourceText, Scalar("an expression")]
DomainText = Annotated[SourceText, Scalar("a domain")]
FileName = Annotated[SourceText, Scalar("a file name")]
ClauseId = Annotated[SourceText, Scalar("a clause")]
Whole = Annotated[SourceText, Scalar("a whole number")]
Label = Annotated[SourceText, Scalar("a label")]


def _shape(value: Any) -> str:
    """Which branch of a union a value is meant for: told by its shape, so that an error speaks of one branch only."""
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an instance" if "role" in value else "a status" if "status" in value else "a mapping"
    return "text"


_Text = Tag("text")
_List = Tag("a list")
_Map = Tag("a mapping")
OneOrMore = Annotated[Annotated[Name, _Text] | Annotated[list[Name], _List], Discriminator(_shape)]
Expressions = Annotated[Annotated[Expression, _Text] | Annotated[list[Expression], _List], Discriminator(_shape)]


def _label(description: str = "what it is called where people read") -> Any:
    return key(None, description=description)


def _labels(of: str) -> Any:
    return key({}, description=f"{of}: what it is called where people read")


_True = Annotated[Literal["true"], Listed((True, "true"))]


class Mark(Part):
    """What the text does not say of a message or an element, and the items that need it."""

    unnamed: _True | None = key(None, description="the text uses it and gives it no name")
    uncarried: _True | None = key(None, description="a step needs it, and no message of the text carries it")
    clauses: OneOrMore | None = key(None, description="of a mark: the items that use or need it")


class ElementPart(Mark):
    """An information element with the clause that names it, or the mark that none does."""

    type: DomainText = key(description="its domain")
    label: Label | None = _label()
    clause: ClauseId | None = None


ElementForm = Annotated[Annotated[DomainText, _Text] | Annotated[ElementPart, _Map], Discriminator(_shape)]


class MessagePart(Mark):
    """A message that the text does not name: its mark, and its elements under a key of their own."""

    label: Label | None = _label()
    elements: dict[Name, ElementForm] = {}


def _marked(value: Any) -> str:
    return (
        "a marked message" if isinstance(value, dict) and not {"unnamed", "uncarried"}.isdisjoint(value) else "elements"
    )


MessageShape = Annotated[
    Annotated[dict[Name, ElementForm], Tag("elements")] | Annotated[MessagePart, Tag("a marked message")],
    Discriminator(_marked),
]


def elements_of(form: MessageShape) -> Mapping[SourceText, ElementForm]:
    """The elements of a message, marked or not; `label` among those of one that is not is none."""
    if isinstance(form, MessagePart):
        return form.elements
    return {name: part for name, part in form.items() if name != "label"} if "label" in form else form


def label_of(form: MessageShape) -> SourceText | None:
    """The label of a message."""
    label = form.label if isinstance(form, MessagePart) else form.get(cast("SourceText", "label"))
    return label if isinstance(label, SourceText) else None


DomainForm = Annotated[
    Annotated[DomainText, _Text] | Annotated[list[Name], _List] | Annotated[dict[Name, DomainText], _Map],
    Discriminator(_shape),
]


class RegionPart(Part):
    """An orthogonal part of a role."""

    label: Label | None = _label()
    states: list[Name]
    labels: dict[Name, Label] = _labels("state")
    initial: OneOrMore | None = key(None, description="the state it begins in, or a list: in any of them")
    final: list[Name] = []


class TransitionPart(Part):
    """A line of a role's table."""

    id: Name | None = key(None, description="unique in the model; by default role.trigger.n")
    label: Label | None = _label("what the instance does, in words that follow its name")
    trigger: Name = key(description="a message, or the name of a spontaneous trigger")
    kind: Literal["protocol", "user", "environment", "timer"] | None = key(
        None, description="of a spontaneous trigger: protocol and timer are fair, user and environment are not"
    )
    sender: Expression | None = key(None, alias="from", description="instances the message may come from")
    source: (
        Annotated[
            Annotated[Name, _Text] | Annotated[list[Name], _List] | Annotated[dict[Name, OneOrMore], _Map],
            Discriminator(_shape),
        ]
        | None
    ) = None
    dest: Annotated[Annotated[Name, _Text] | Annotated[dict[Name, Name], _Map], Discriminator(_shape)] | None = None
    choose: dict[Name, Expression] = key({}, description="name: set of values left open")
    let: dict[Name, Expression] = key({}, description="name: value that it stands for in the rest of the line")
    conditions: Expressions | None = None
    unless: Expressions | None = None
    set: dict[Expression, Expression] = key({}, description="simultaneous assignments")
    send: list[dict[Name, dict[Name, Expression]]] = key([], description="messages, in order")
    start: OneOrMore | None = key(None, description="timers that then run")
    stop: OneOrMore | None = key(None, description="timers that then do not run")
    under: dict[Name, OneOrMore] = key({}, description="reading or option: value it belongs to")
    budget: Name | None = None
    clause: OneOrMore | None = None
    assumption: Sentence | None = key(None, description="one sentence, where the text is silent")


class PersistentPart(Part):
    """Variables that survive a crash under some readings or options."""

    variables: OneOrMore
    under: dict[Name, OneOrMore] = key(description="reading or option: value under which they do")


class RolePart(Part):
    """A state machine."""

    label: Label | None = _label()
    text: Sentence | None = None
    parameters: dict[Name, DomainText] = {}
    peers: dict[Name, DomainText] = key({}, description="group: domain of the values that name its instances")
    variables: dict[Name, DomainText] = key(
        {}, description="name: domain; with = initial value, or in a set of those that it may have"
    )
    persistent: list[Annotated[Annotated[Name, _Text] | Annotated[PersistentPart, _Map], Discriminator(_shape)]] = key(
        [], description="variables that survive a crash"
    )
    timers: list[Name] = key([], description="each may expire at any time while it runs")
    states: list[Name] | None = None
    labels: dict[Name, Label] = _labels("state")
    initial: OneOrMore | None = key(None, description="the state it begins in, or a list: in any of them")
    final: list[Name] = []
    regions: dict[Name, RegionPart] = {}
    transitions: list[TransitionPart] = []
    ignore: dict[Name, list[Name]] = {}
    defer: dict[Name, list[Name]] = {}


class ObserverTransitionPart(Part):
    """What an observer does on an event."""

    id: Name | None = key(None, description="of a line that a change adds: unique in the observer")
    on: Annotated[
        Annotated[Literal["freeze"], _Text]
        | Annotated[dict[Literal["fired", "received", "sent", "fault"], OneOrMore], _Map],
        Discriminator(_shape),
    ]
    source: OneOrMore | None = None
    dest: Name | None = None
    conditions: Expressions | None = None
    unless: Expressions | None = None
    set: dict[Expression, Expression] = {}


class ObserverPart(Part):
    """A deterministic machine that sees every step."""

    text: Sentence | None = None
    variables: dict[Name, DomainText] = {}
    states: list[Name] = []
    initial: Name | None = None
    transitions: list[ObserverTransitionPart] = []


class ConstantPart(Part):
    """A reading of the text, or an option it leaves: one value is chosen before anything runs."""

    label: Label | None = _label()
    text: Sentence
    default: Name
    values: dict[Name, ClauseId | None] = key(description="value: the clause it rests on")
    labels: dict[Name, Label] = _labels("value")


class PropertyPart(Part):
    """A promise of the text."""

    label: Label | None = _label("a title, shorter than its text")
    text: Sentence
    clause: ClauseId | None = None
    assumption: Sentence | None = None
    when: Expressions | None = key(None, description="premise: only states where it holds count; of a list, all")
    always: Expression | None = None
    never: Expression | None = None
    reachable: Expression | None = None
    leads_to: list[Expression] | None = key(None, description="[p, q]: where p holds, q holds then or later")
    eventually: Expression | None = None
    always_eventually: Expression | None = None
    fairness: Literal["none", "weak", "strong"] | None = key(
        None, description="of a liveness property; weak by default"
    )


class InstancePart(Part):
    """An instance of a role, or `count` of them."""

    role: Name
    label: Label | None = _label()
    count: Expression | None = key(None, description="makes a group of instances named 1..count")
    parameters: dict[Name, Expression] = {}


OneInstance = Annotated[Annotated[Name, _Text] | Annotated[InstancePart, Tag("an instance")], Discriminator(_shape)]


class FaultsPart(Part):
    """What may go wrong in a channel: for each fault a number, the name of a budget, or unlimited."""

    loss: Whole | None = None
    head_loss: Whole | None = key(None, description="a loss of the oldest message alone; of a fifo only")
    duplication: Whole | None = None
    reordering: Whole | None = key(None, description="two neighbours change places; of a fifo only")
    corruption: Whole | None = key(None, description="an element that is there gets another value of its domain")


class ChannelPart(Part):
    """How a channel behaves."""

    kind: ChannelKind | Expression = key(
        "fifo", description="or an expression that has one of these, and may read readings and options"
    )
    bound: Expression | None = key(None, description="messages it holds; required but on a set")
    when_full: WhenFull = "error"
    may_stay: Annotated[Literal["true", "false"], Listed((True, False, "true", "false"))] = key(
        "false", description="a message that nobody receives any more is no deadlock"
    )
    faults: FaultsPart | None = None


class CrashPart(Part):
    """That instances may crash."""

    budget: Whole = key(description="a number, the name of a budget, or unlimited")
    arrivals: Literal["wait", "lost"] = key("lost", description="what becomes of a message that arrives while down")


class ExpectPart(Part):
    """An expected status, under some readings or options, and with some changes."""

    status: Literal["proved", "violated", "vacuous", "incomplete"]
    under: dict[Name, OneOrMore] = {}
    with_: OneOrMore | None = key(None, alias="with", description="only with exactly these changes applied; or none")


ExpectStatus = Literal["proved", "violated", "vacuous", "incomplete"]
ExpectForm = Annotated[
    Annotated[ExpectStatus, _Text] | Annotated[ExpectPart, Tag("a status")] | Annotated[list[ExpectPart], _List],
    Discriminator(_shape),
]


class BeginPart(Part):
    """In which of its initial states a scenario begins, and what is on its way then."""

    conditions: Expressions | None = key(None, description="what has to hold at first of all instances together")
    messages: list[dict[Name, dict[Name, Expression]]] = key(
        [], description="message: {sender: ..., receiver: ..., element: value}, in the order of their channels"
    )


class ScenarioPart(Part):
    """An instance of the model that can be explored."""

    label: Label | None = _label()
    text: Sentence | None = None
    like: Name | None = key(None, description="take what is not said here from another scenario")
    parameters: dict[Name, Whole] = {}
    readings: dict[Name, Name] = {}
    options: dict[Name, Name] = {}
    instances: (
        dict[
            Name,
            Annotated[
                Annotated[Name, _Text]
                | Annotated[InstancePart, Tag("an instance")]
                | Annotated[dict[Name, OneInstance], _Map],
                Discriminator(_shape),
            ],
        ]
        | None
    ) = None
    channels: dict[Name, ChannelPart] | None = None
    crash: dict[Name, Annotated[Annotated[Whole, _Text] | Annotated[CrashPart, _Map], Discriminator(_shape)]] | None = (
        key(None, description="instance, group or role: how often it may crash")
    )
    budgets: dict[Name, Expression] | None = None
    begin: BeginPart | None = key(None, description="which initial values go together, and messages on their way")
    interchangeable: list[Expression] | None = key(
        None, description="sets of instances that are explored up to permutation"
    )
    omit: dict[Name, list[Name]] | None = key(None, description="role: regions left out")
    within: Expression | None = key(None, description="a condition on joint states beyond which nothing is explored")
    freeze: Annotated[Literal["true", "false"], Listed((True, False, "true", "false"))] | None = None
    properties: list[Name] | None = key(None, description="those checked; all by default")
    expect: dict[Name, ExpectForm] | None = None


class ClausePart(Part):
    """An item of the text."""

    modality: Literal["shall", "should", "may", "can", "could", "plain", "informative", "editors_note", "out_of_scope"]
    text: Sentence
    informative: _True | None = key(None, description="it stands in an informative part, whatever its modality")
    not_modelled: Sentence | None = key(None, description="why no part of the model rests on it")
    fingerprint: OneOrMore | None = key(None, description="of the sentences that say it: mcfsm trace --fingerprints")


class ModelFile(Part):
    """A model file, or a file that one includes."""

    model: Sentence | None = key(None, description="the model's title")
    source: Sentence | None = key(None, description="the text it follows")
    include: list[FileName] = []
    clauses: FileName | None = None
    changes: list[FileName] = key([], description="the files of the change requests to this model")
    applied: list[Name] = key([], alias="with", description="those applied where nobody says otherwise")
    parameters: dict[Name, Whole] = {}
    readings: dict[Name, ConstantPart] = {}
    options: dict[Name, ConstantPart] = {}
    domains: dict[Name, DomainForm] = {}
    messages: dict[Name, MessageShape] = {}
    roles: dict[Name, RolePart] = {}
    observers: dict[Name, ObserverPart] = {}
    define: dict[Name, Expression] = {}
    properties: dict[Name, PropertyPart] = {}
    scenarios: dict[Name, ScenarioPart] = {}


class Document(ModelFile):
    """A model file with everything it includes, the items of its clauses file, and the changes `applied` to it.

    `usual`: whether these are the changes that apply where nobody says otherwise; `proposed`: all that there are.
    """

    usual: bool = True
    proposed: list[Name] = []
    items: dict[Name, ClausePart] = {}
