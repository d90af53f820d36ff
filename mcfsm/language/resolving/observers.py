"""Observers as written to Observers: deterministic machines over the steps of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Enumeration, Instances
from mcfsm.expressions.parse import SourceText
from mcfsm.expressions.scope import Attributes
from mcfsm.expressions.typecheck import Broken, Meaning, Scope
from mcfsm.language.files.document import Document, ObserverPart, ObserverTransitionPart, RolePart
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.language.resolving.effects import as_list, resolve_assignments, resolve_guards, resolve_variable
from mcfsm.language.resolving.naming import check_count, check_twice
from mcfsm.model import (
    CHANNEL_FAULTS,
    INSTANCE_FAULTS,
    EventKind,
    Instance,
    Observer,
    ObserverTransition,
    Region,
    Variable,
)
from mcfsm.problems import Problems, closest

MOMENTS = ("before", "after")


class Readable(Attributes, Protocol):
    """What instances have, and what observers add to it."""

    def add(self, observer: Observer, broken: set[str]) -> None:
        """Make an observer readable."""


class ObserverResolver:
    """Resolves the observers asked for, one by one; `found` has them in order."""

    def __init__(
        self,
        document: Document,
        instances: list[Instance],
        made: Declarations,
        ids: Mapping[int, str],
        attributes: Readable,
        problems: Problems,
    ) -> None:
        self.instances, self.made, self.ids, self.problems = instances, made, ids, problems
        self.roles = {str(name): role for name, role in document.roles.items()}
        self.attributes = attributes
        self.known: dict[str, set[str]] = {
            "fired": set(ids.values()),
            "received": set(made.messages),
            "sent": set(made.messages),
            "fault": {*CHANNEL_FAULTS, *INSTANCE_FAULTS},
        }
        self.found: tuple[Observer, ...] = ()

    def resolve(self, name: SourceText, part: ObserverPart) -> None:
        """Add one observer; one state of its own name where it declares none."""
        states = tuple(map(str, part.states)) or ("observing",)
        check_count(self.problems, name, len(states), "states")
        check_twice(self.problems, part.states, "state", f"observer {name}")
        if part.states and part.initial is None:
            self.problems.add("M202", name.span, f"observer {name} has no initial state", "add initial: STATE")
        if part.initial is not None and part.initial not in states:
            message = f"observer {name} has no state {part.initial}"
            self.problems.add("M301", part.initial.span, message, closest(part.initial, states))
        variables, broken, scope = self.resolve_variables(part, states)
        indices = {variable.name: i for i, variable in enumerate(variables)}
        lines = [self.resolve_line(str(name), line, states, indices, scope) for line in part.transitions]
        region = Region("state", states, str(part.initial or states[0]), frozenset())
        transitions = tuple(line for line in lines if line is not None)
        observer = Observer(str(name), region, tuple(variables), transitions)
        self.found = (*self.found, observer)
        self.attributes.add(observer, broken)

    def resolve_variables(self, part: ObserverPart, states: tuple[str, ...]) -> tuple[list[Variable], set[str], Scope]:
        """The variables, the names of those that are wrong, and the scope that knows both."""
        scope = self.made.scope()
        own: dict[str, Meaning] = {"state": n.Read(Enumeration(states, title="state"), "state")}
        taken: Mapping[str, object] = dict.fromkeys(MOMENTS)
        variables: list[Variable] = []
        for name, text in part.variables.items():
            if not self.made.fresh(self.problems, name, "variable", {**own, **taken}):
                continue
            variable = resolve_variable(name, text, scope, self.made, self.problems)
            if variable is not None and variable.several:
                message = f"variable {name} of an observer begins with one value"
                self.problems.add("M617", name.span, message, f"write {name}: DOMAIN = VALUE")
            if variable is None:
                own[str(name)] = Broken()
            else:
                variables.append(variable)
                own[str(name)] = n.Read(variable.domain, str(name))
        broken = {name for name, meaning in own.items() if isinstance(meaning, Broken)}
        return variables, broken, scope.plus(own)

    def resolve_line(
        self,
        observer: str,
        part: ObserverTransitionPart,
        states: tuple[str, ...],
        indices: Mapping[str, int],
        scope: Scope,
    ) -> ObserverTransition | None:
        """One line; None where its event can never happen in the scenario, or is wrong."""
        for state in [*as_list(part.source), *as_list(part.dest)]:
            if state not in states:
                message = f"observer {observer} has no state {state}"
                self.problems.add("M301", state.span, message, closest(state, states))
        event: EventKind = "freeze"
        names = frozenset[str]()
        if isinstance(part.on, dict):
            if len(part.on) != 1:
                hint = "one line for each kind of event"
                self.problems.add("M203", part.span, "on names one of fired, received, sent, fault", hint)
                return None
            ((event, listed),) = part.on.items()
            if not self.known_names(event, as_list(listed)):
                return None
            names = frozenset(map(str, as_list(listed)))
            actors = self.actors(event, names)
            if not actors.names:
                return None
            scope = self.event_scope(event, names, actors, scope)
        guards, scope = resolve_guards(part.conditions, part.unless, scope, self.problems)
        return ObserverTransition(
            event=event,
            names=names,
            sources=None if part.source is None else frozenset(map(str, as_list(part.source))),
            guards=guards,
            assignments=resolve_assignments(part.set, indices, scope, f"observer {observer}", self.problems),
            dest=None if part.dest is None else str(part.dest),
            span=part.span,
        )

    def known_names(self, event: str, texts: list[SourceText]) -> bool:
        """Whether all transitions or messages of an event exist; noted where not."""
        code, what = {"fired": ("M315", "transition"), "fault": ("M611", "fault")}.get(event, ("M302", "message"))
        known = self.known[event]
        unknown = [text for text in texts if text not in known]
        for text in unknown:
            self.problems.add(code, text.span, f"unknown {what} {text}", closest(text, known))
        return not unknown

    def event_scope(self, event: str, names: frozenset[str], actors: Instances, scope: Scope) -> Scope:
        """actor, before and after; of messages also sender and receiver, and msg where one message is named.

        Of faults: sender and receiver of those of channels; actor, before and after of those of instances.
        """
        acts = event != "fault" or names <= set(INSTANCE_FAULTS)
        travels = event in ("received", "sent") or names <= set(CHANNEL_FAULTS)
        own: dict[str, Meaning] = {"actor": n.Read(actors, "actor")} if acts else {}
        form = None
        if travels:
            everyone = Instances(tuple(i.name for i in self.instances), title="instance")
            own |= {"sender": n.Read(everyone, "sender"), "receiver": n.Read(everyone, "receiver")}
        if event in ("received", "sent") and len(names) == 1:
            form = self.made.messages[next(iter(names))]
        return replace(
            scope.plus(own),
            messages=self.made.messages,
            msg=form,
            no_msg="msg has a meaning where an observer's line names one message",
            attributes=self.attributes,
            moments=dict.fromkeys(MOMENTS, actors) if acts else {},
        )

    def actors(self, event: str, names: frozenset[str]) -> Instances:
        """The instances whose role may take part in an event, whatever readings are chosen."""
        acting = [i.name for i in self.instances if self.may_act(self.roles[i.role], event, names)]
        if event == "fault" and names <= set(INSTANCE_FAULTS):
            acting = [i.name for i in self.instances if i.crash is not None]
        return Instances(tuple(acting))

    def may_act(self, role: RolePart, event: str, names: frozenset[str]) -> bool:
        if event == "fault":
            return True
        if event == "fired":
            return any(self.ids[id(part)] in names for part in role.transitions)
        if event == "received":
            return bool(names & {part.trigger for part in role.transitions} or names & set(role.ignore))
        return any(message in names for part in role.transitions for item in part.send for message in item)
