"""The state diagram of a role as records: what is drawn, before anyone says how.

Extracted from the resolved model, so a picture shows what is run. One step fires one transition, and a transition is
shown once for every region it moves; the whole of it in the first, a reference in the others. A transition that moves
no region is a row of a note, not a self-loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from mcfsm.expressions import nodes as n
from mcfsm.expressions.fold import fold
from mcfsm.model import Guard, Model, Role, Transition
from mcfsm.model.reach import Reach
from mcfsm.pictures.expression import shown

Style = Literal["trigger", "guard", "send", "effect", "basis"]
Detail = Literal["trigger", "guards", "full"]
Unreachable = Literal["hide", "grey", "show"]
DETAILS: tuple[Detail, ...] = ("trigger", "guards", "full")
_STYLES: dict[Detail, frozenset[Style]] = {
    "trigger": frozenset({"trigger"}),
    "guards": frozenset({"trigger", "guard", "send"}),
    "full": frozenset({"trigger", "guard", "send", "effect", "basis"}),
}


@dataclass(frozen=True)
class View:
    """What of a role is drawn: how much of each label, what becomes of what is not reached, and a flow to follow."""

    labels: Detail = "full"
    unreachable: Unreachable = "show"
    reach: Reach | None = None  # None: everything counts as reached
    steps: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # of a flow: transition to its steps
    visited: frozenset[tuple[str, str]] = frozenset()  # region and state that the flow passes
    breaks: str | None = None  # the transition with which the flow breaks its promise


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
    reached: bool = True
    steps: tuple[int, ...] = ()  # of the flow that is followed
    breaks: bool = False  # whether the last of them breaks the promise


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
    firsts: tuple[str, ...]  # in which it may begin
    final: tuple[str, ...]
    edges: tuple[Edge, ...]
    rows: tuple[InnerTransitions, ...]
    title: str = ""  # the words for the region, if it has others than its name
    words: Mapping[str, str] = field(default_factory=dict)  # state to its words
    unreached: tuple[str, ...] = ()
    visited: tuple[str, ...] = ()  # by the flow that is followed

    @property
    def called(self) -> str:
        """What it is called."""
        return self.title or self.name

    def word(self, state: str) -> str:
        """What a state is called."""
        return self.words.get(state, state)


@dataclass(frozen=True)
class Diagram:
    """A role. `rows` are those of no region in particular, in any state of a role with several.

    `left_out` counts the states and the transitions that are not reached and not drawn.
    """

    role: str
    model: str
    regions: tuple[RegionDiagram, ...]
    rows: tuple[InnerTransitions, ...]
    title: str = ""
    left_out: tuple[int, int] = (0, 0)

    @property
    def called(self) -> str:
        """What it is called."""
        return self.title or self.role


def diagram(model: Model, role: Role, view: View = View()) -> Diagram:
    """The state diagram of a role: regions, edges and labels in declared order."""
    return _Extraction(model, role, view).diagram()


def only(drawn: Diagram, region: RegionDiagram) -> Diagram:
    """The diagram of one region alone; with the first one stands what is of no region."""
    return replace(drawn, regions=(region,), rows=drawn.rows if region == drawn.regions[0] else ())


class _Extraction:
    """Gathers what is drawn of a role, region by region."""

    def __init__(self, model: Model, role: Role, view: View) -> None:
        self.model, self.role, self.view = model, role, view
        self.hides = view.unreachable == "hide"
        self.reach = view.reach if view.unreachable != "show" else None
        self.edges: dict[int, dict[tuple[tuple[str, ...], str], list[TransitionLabel]]] = {
            i: {} for i in range(len(role.regions))
        }
        self.rows: dict[int | None, dict[tuple[str, ...], list[TransitionLabel]]] = {}
        self.left_out = 0

    def diagram(self) -> Diagram:
        """The records."""
        for transition in self.role.transitions:
            self.add(transition)
        for kind, listed in (("ignored", self.role.ignore), ("deferred", self.role.defer)):
            for message, where in listed:
                self.answer(kind, message, where)
        lost = 0
        regions = []
        for i, region in enumerate(self.role.regions):
            unreached = [s for s in region.states if self.reach and not self.reach.has(self.role, i, s)]
            states = tuple(s for s in region.states if not (self.hides and s in unreached))
            lost += len(region.states) - len(states)
            found = RegionDiagram(
                name=region.name,
                states=states,
                firsts=region.firsts,
                final=tuple(state for state in states if state in region.final),
                edges=tuple(_edges(region.states, self.edges[i])),
                rows=tuple(_rows(region.states, self.rows.get(i, {}))),
                title=self.model.labels.label("region", self.role.name, region.name) or "",
                words={s: self.model.labels.state(self.role.name, s) for s in region.states},
                unreached=tuple(s for s in states if s in unreached),
                visited=tuple(s for s in states if (region.name, s) in self.view.visited),
            )
            if not self.hides or len(states) > 1 or found.edges or found.rows:
                regions.append(found)
        title = self.model.labels.label("role", self.role.name) or ""
        rows = tuple(_rows((), self.rows.get(None, {})))
        return Diagram(self.role.name, self.model.name, tuple(regions), rows, title, (lost, self.left_out))

    def add(self, transition: Transition) -> None:
        """A transition where it moves a region, or as a row where it moves none."""
        reached = self.reach is None or transition.id in self.reach.transitions
        if self.hides and not reached:
            self.left_out += 1
            return
        regions, sources = self.role.regions, dict(transition.sources)
        moved = [(region, dest) for region, dest in transition.dests if sources.get(region) != frozenset({dest})]
        for place, (region, dest) in enumerate(moved):
            states = self.states(region, sources.get(region, frozenset()))
            parts = self.parts(transition, region) if place == 0 else self.reference(transition, moved[0])
            self.edges[region].setdefault((states, dest), []).append(self.label(transition, parts, reached))
        if not moved:
            home = transition.sources[0][0] if transition.sources else 0 if len(regions) == 1 else None
            states = self.states(home or 0, sources.get(home, frozenset()) if home is not None else frozenset())
            label = self.label(transition, self.parts(transition, home), reached)
            self.rows.setdefault(home, {}).setdefault(states, []).append(label)

    def states(self, region: int, among: frozenset[str]) -> tuple[str, ...]:
        """Some states of a region as declared; of those it names, the ones that are drawn."""
        found = tuple(state for state in self.role.regions[region].states if state in among)
        if not (self.hides and self.reach):
            return found
        return tuple(state for state in found if self.reach.has(self.role, region, state))

    def answer(self, kind: str, message: str, where: frozenset[str]) -> None:
        """A message that some states ignore or defer."""
        if self.hides and self.reach and message not in self.reach.messages:
            return
        for i in range(len(self.role.regions)):
            states = self.states(i, where)
            if states:
                said = f"? {self.model.labels.message(message)}"
                parts: tuple[LabelPart, ...] = (LabelPart("trigger", said), LabelPart("effect", kind))
                if self.view.labels != "full":
                    parts = (LabelPart("trigger", f"{said}: {kind}"),)
                self.rows.setdefault(i, {}).setdefault(states, []).append(TransitionLabel(kind, parts))

    def label(self, transition: Transition, parts: Iterable[LabelPart], reached: bool) -> TransitionLabel:
        """The label of a transition with as much as is wanted."""
        kept = tuple(part for part in parts if part.style in _STYLES[self.view.labels])
        steps = self.view.steps.get(transition.id, ())
        return TransitionLabel(transition.id, kept, reached, steps, transition.id == self.view.breaks)

    def parts(self, transition: Transition, home: int | None) -> Iterator[LabelPart]:
        """All a transition says, seen from the region it is drawn in."""
        role, words = self.role, self.model.labels
        yield LabelPart("trigger", self.trigger(transition))
        if transition.senders is not None:
            yield LabelPart("guard", f"from {shown(fold(transition.senders))}")
        for region, states in transition.sources:
            if region != home:
                where = role.regions[region]
                listed = " or ".join(words.state(role.name, s) for s in where.states if s in states)
                yield LabelPart("guard", f"[{words.region(role.name, where.name)}: {listed}]")
        for choice in transition.choices:
            yield LabelPart("effect", f"choose {choice.name} in {shown(fold(choice.source))}")
        for guard in transition.guards[transition.kind == "timer" :]:  # the first says that the timer runs
            yield from _condition(guard)
        for sent in transition.sends:
            yield LabelPart("send", f"! {words.message(sent.message)} -> {shown(fold(sent.to))}")
        for assignment in transition.assignments:
            target = role.variables[assignment.variable].name
            if target in role.timers:
                starts = isinstance(assignment.value, n.Constant) and assignment.value.value
                if starts or target != transition.trigger:
                    yield LabelPart("effect", f"{'start' if starts else 'stop'} {target}")
                continue
            if assignment.key is not None:
                target += f"[{shown(fold(assignment.key))}]"
            yield LabelPart("effect", f"{target} := {shown(fold(assignment.value))}")
        for region, dest in transition.dests:
            if region != home and len(role.regions) > 1:
                name = words.region(role.name, role.regions[region].name)
                yield LabelPart("effect", f"{name} becomes {words.state(role.name, dest)}")
        yield from self.basis(transition)

    def reference(self, transition: Transition, first: tuple[int, str]) -> Iterator[LabelPart]:
        """The same transition in a further region that it moves."""
        region, dest = first
        words = self.model.labels
        where = words.region(self.role.name, self.role.regions[region].name)
        yield LabelPart("trigger", self.trigger(transition))
        yield LabelPart("effect", f"as in {where}, to {words.state(self.role.name, dest)}")
        yield from self.basis(transition)

    def trigger(self, transition: Transition) -> str:
        """What sets a transition off: the message, or what the instance does by itself."""
        words = self.model.labels
        if transition.kind == "reception":
            return f"? {words.message(transition.trigger)}"
        return f"{words.label('transition', transition.id) or transition.trigger} ({transition.kind})"

    def basis(self, transition: Transition) -> Iterator[LabelPart]:
        """What a transition rests on: clause or assumption, and the reading or option it stands under."""
        cited = transition.clause or ("assumption" if transition.assumption is not None else None)
        under = (self.model.labels.choice(name, value) for name, value in transition.under)
        said = ", ".join([*([cited] if cited else []), *under])
        if said:
            yield LabelPart("basis", said)


def _condition(guard: Guard) -> Iterator[LabelPart]:
    """A condition as written; less what is the same in every state of the scenario, where something is."""
    folded = fold(guard.node)
    if isinstance(folded, n.Constant) and bool(folded.value) is guard.wanted:
        return
    text = " ".join(guard.text.split()) if folded is guard.node else shown(folded)
    yield LabelPart("guard", f"[{text}]" if guard.wanted else f"[unless {text}]")


def _edges(order: tuple[str, ...], found: dict[tuple[tuple[str, ...], str], list[TransitionLabel]]) -> Iterator[Edge]:
    rank = {state: i for i, state in enumerate(order)}
    for sources, dest in sorted(found, key=lambda key: ([rank[s] for s in key[0]], rank[key[1]])):
        yield Edge(sources, dest, tuple(found[sources, dest]))


def _rows(order: tuple[str, ...], found: dict[tuple[str, ...], list[TransitionLabel]]) -> Iterator[InnerTransitions]:
    rank = {state: i for i, state in enumerate(order)}
    for states in sorted(found, key=lambda key: [rank[s] for s in key]):
        yield InnerTransitions(states, tuple(found[states]))
