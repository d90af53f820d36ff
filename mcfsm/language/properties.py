"""Definitions, observers and properties of one scenario: expressions over the joint state and over steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mcfsm.domains import Boolean, Domain, Enumeration, Instances, join
from mcfsm.expressions import nodes as n
from mcfsm.expressions.check import Meaning, Scope, check
from mcfsm.expressions.parse import ExpressionError, Text
from mcfsm.language.declarations import Declarations, check_name
from mcfsm.language.document import Document, ObserverPart, ObserverTransitionPart, PropertyPart
from mcfsm.language.effects import as_list, resolve_assignments, resolve_guards, resolve_variable
from mcfsm.model import Instance, Observer, ObserverTransition, Property, Region, Role, Status, Variable
from mcfsm.problems import Problem, Problems, closest


class JointAttributes:
    """What instances and observers have, and where it stands in the joint state: first instances, then observers."""

    def __init__(self, instances: list[Instance], roles: Mapping[str, Role]) -> None:
        self.machines: dict[str, tuple[int, tuple[Region, ...], tuple[Variable, ...]]] = {
            instance.name: (i, roles[instance.role].regions, roles[instance.role].variables)
            for i, instance in enumerate(instances)
            if instance.role in roles
        }

    def add(self, observer: Observer) -> None:
        """Make an observer readable like an instance; its place follows those added before."""
        self.machines[observer.name] = (len(self.machines), (observer.region,), observer.variables)

    def __call__(self, instances: tuple[str, ...], name: str) -> tuple[Domain, tuple[n.Slot, ...]] | list[str]:
        found: list[tuple[Domain, n.Slot]] = []
        for instance in instances:
            slot = self._slot(instance, name)
            if slot is None:
                return sorted(set.intersection(*(self._known(i, name) for i in instances)))
            found.append(slot)
        domain: Domain | None = found[0][0] if found else Enumeration(())
        for other, _ in found[1:]:
            domain = join(domain, other) if domain is not None else None
        if domain is None:
            return []
        return domain, tuple(slot for _, slot in found)

    def _slot(self, instance: str, name: str) -> tuple[Domain, n.Slot] | None:
        index, regions, variables = self.machines[instance]
        for position, region in enumerate(regions):
            if region.name == name or (name.startswith("@") and name[1:] in region.states):
                return Enumeration(region.states, title=region.name), n.Slot(instance, index, True, position)
        for position, variable in enumerate(variables):
            if variable.name == name:
                return variable.domain, n.Slot(instance, index, False, position)
        return None

    def _known(self, instance: str, name: str) -> set[str]:
        _, regions, variables = self.machines[instance]
        if name.startswith("@"):
            return {state for region in regions for state in region.states}
        return {*(region.name for region in regions), *(variable.name for variable in variables)}


class PropertyResolver:
    """Resolves the properties asked for, with the definitions and observers they read."""

    def __init__(
        self,
        document: Document,
        instances: list[Instance],
        roles: Mapping[str, Role],
        made: Declarations,
        ids: Iterable[str],
        problems: Problems,
    ) -> None:
        self.document, self.instances, self.roles, self.made = document, instances, roles, made
        self.ids = set(ids)
        self.problems = problems
        self.attributes = JointAttributes(instances, roles)
        self.observers: dict[str, Observer] = {}
        self.used: set[str] = set()  # definitions and observers that something reads

    def resolve(
        self, selected: Iterable[Text], expected: Mapping[str, Status]
    ) -> tuple[tuple[Property, ...], tuple[Observer, ...]]:
        """The properties in declared order, and the observers they read, in declared order."""
        for name in [*self.document.observers, *self.document.define]:
            self.made.declare(self.problems, name, "definition or observer", n.Constant(Boolean(), False))
            self.made.names.pop(str(name), None)
        chosen = [name for name in self.document.properties if name in set(selected)]
        for name, part in self.document.observers.items():
            if any(self.mentions(self.document.properties[p], str(name)) for p in chosen):
                self.observers[str(name)] = self.resolve_observer(name, part)
        for observer in self.observers.values():
            self.attributes.add(observer)
        scope = self.joint_scope()
        properties = [self.resolve_property(name, scope, expected) for name in chosen]
        return tuple(p for p in properties if p is not None), tuple(self.observers.values())

    def mentions(self, part: PropertyPart, observer: str) -> bool:
        """Whether a property reads an observer, itself or through definitions."""
        texts = [text for text in (part.when, part.always, part.never, part.reachable) if text is not None]
        seen: set[str] = set()
        while texts:
            words = set(_words(texts.pop()))
            if observer in words:
                return True
            for name, text in self.document.define.items():
                if name in words and str(name) not in seen:
                    seen.add(str(name))
                    texts.append(text)
        return False

    def joint_scope(self) -> Scope:
        """What properties may read. Definitions are checked where they are first read."""
        names: dict[str, Meaning] = dict(self.made.names)
        for observer in self.observers:
            names[observer] = n.Constant(Instances((observer,)), observer)
        scope = Scope(names, self.made.messages, joint=True, attributes=self.attributes)
        return replace(scope, names=_Definitions(names, self.document.define, scope, self.used))

    def check_unused(self, names: Iterable[Text]) -> None:
        """Check definitions that no property reads, so that a mistake in one is found all the same."""
        scope = self.joint_scope()
        for name in names:
            try:
                check(Text(str(name), name.span), scope)
            except ExpressionError as error:
                self.problems.extend([error.problem])

    def resolve_property(self, name: Text, scope: Scope, expected: Mapping[str, Status]) -> Property | None:
        part = self.document.properties[name]
        check_name(self.problems, name, "property")
        self.made.check_clause(self.problems, part.clause)
        if self.made.clauses and part.clause is None and part.assumption is None:
            message = f"property {name} has neither a clause nor an assumption"
            self.problems.add("M505", name.span, message, "cite the clause that promises it")
        forms = [(form, text) for form in ("always", "never", "reachable") if (text := getattr(part, form)) is not None]
        if len(forms) != 1:
            message = f"property {name} has {'none' if not forms else 'more than one'} of always, never, reachable"
            self.problems.add("M203", name.span, message, "a property promises one thing")
            return None
        form, text = forms[0]
        try:
            condition = check(text, scope, Boolean(), f"property {name}")
            premise = None if part.when is None else check(part.when, scope, Boolean(), f"the premise of {name}")
        except ExpressionError as error:
            self.problems.extend([error.problem])
            return None
        read = {
            slot.owner
            for root in (condition, premise)
            if root is not None
            for node in root.walk()
            if isinstance(node, n.Attribute)
            for slot in node.slots
        }
        return Property(
            id=str(name),
            text=str(part.text),
            clause=None if part.clause is None else str(part.clause),
            form=form,  # type: ignore[arg-type]
            condition=condition,
            premise=premise,
            condition_text=str(text),
            observers=tuple(observer for observer in self.observers if observer in read),
            expected=expected.get(str(name), "PROVED"),
        )

    # ---- observers

    def resolve_observer(self, name: Text, part: ObserverPart) -> Observer:
        """A deterministic machine over steps; one state of its own name where it declares none."""
        scope = Scope(self.made.names)
        states = tuple(map(str, part.states)) or ("observing",)
        initial = str(part.initial or states[0])
        if part.states and part.initial is None:
            self.problems.add("M202", name.span, f"observer {name} has no initial state", "add initial: STATE")
        if initial not in states:
            self.problems.add("M301", name.span, f"observer {name} has no state {initial}", closest(initial, states))
        own: dict[str, Meaning] = {"state": n.Read(Enumeration(states, title="state"), "state")}
        variables: list[Variable] = []
        indices: dict[str, int] = {}
        for title, text in part.variables.items():
            if not check_name(self.problems, title, "variable"):
                continue
            if str(title) in self.made.kinds:
                self.problems.add(
                    "M305", title.span, f"variable {title} has the name of a {self.made.kinds[str(title)]}"
                )
                continue
            variable = resolve_variable(title, text, scope, self.made, self.problems)
            if variable is not None:
                indices[str(title)] = len(variables)
                variables.append(variable)
                own[str(title)] = n.Read(variable.domain, str(title))
        scope = scope.plus(own)
        transitions = tuple(
            line
            for line in (self.resolve_line(t, states, indices, scope) for t in part.transitions)
            if line is not None
        )
        return Observer(str(name), Region("state", states, initial, frozenset()), tuple(variables), transitions)

    def resolve_line(
        self, part: ObserverTransitionPart, states: tuple[str, ...], indices: Mapping[str, int], scope: Scope
    ) -> ObserverTransition | None:
        for state in [*as_list(part.source), *([part.dest] if part.dest is not None else [])]:
            if state not in states:
                self.problems.add("M301", state.span, f"the observer has no state {state}", closest(state, states))
        sources = frozenset(map(str, as_list(part.source))) if part.source is not None else None
        event, names = "freeze", frozenset[str]()
        if isinstance(part.on, dict):
            if len(part.on) != 1:
                place = part.span
                self.problems.add("M203", place, "on names one kind of event: fired, received or sent")
                return None
            ((event, listed),) = part.on.items()
            texts = as_list(listed)
            known = self.ids if event == "fired" else set(self.made.messages)
            for text in texts:
                if text not in known:
                    code, what = ("M315", "transition") if event == "fired" else ("M302", "message")
                    self.problems.add(code, text.span, f"unknown {what} {text}", closest(text, known))
            names = frozenset(map(str, texts)) & known
            scope = self.event_scope(event, names, scope)
        return ObserverTransition(
            event=event,  # type: ignore[arg-type]
            names=names,
            sources=sources,
            guards=resolve_guards(part.conditions, part.unless, scope, self.problems),
            assignments=resolve_assignments(part.set, indices, scope, self.problems),
            dest=None if part.dest is None else str(part.dest),
            span=part.span,
        )

    def event_scope(self, event: str, names: frozenset[str], scope: Scope) -> Scope:
        """actor, before and after always; sender, receiver and msg of a message, msg only where one message is named."""
        everyone = Instances(tuple(i.name for i in self.instances))
        actors = Instances(tuple(i.name for i in self.instances if self.may_act(self.roles[i.role], event, names)))
        own: dict[str, Meaning] = {"actor": n.Read(actors, "actor")}
        form = None
        if event != "fired":
            own |= {"sender": n.Read(everyone, "sender"), "receiver": n.Read(everyone, "receiver")}
            form = self.made.messages[next(iter(names))] if len(names) == 1 else None
        return Scope(
            {**scope.names, **own},
            self.made.messages,
            msg=form,
            no_msg="msg has a meaning where an observer's line names one message",
            attributes=self.attributes,
            moments={"before": actors, "after": actors},
        )

    def may_act(self, role: Role, event: str, names: frozenset[str]) -> bool:
        if event == "received" and names & set(role.ignored):
            return True
        return any(
            t.id in names if event == "fired" else t.trigger in names if event == "received"
            else any(sending.message in names for sending in t.sends)
            for t in role.transitions
        )  # fmt: skip


class _Definitions(Mapping[str, Meaning]):
    """Names with the definitions among them, each checked when first read; a definition that reads itself is wrong."""

    def __init__(self, names: Mapping[str, Meaning], define: Mapping[Text, Text], scope: Scope, used: set[str]) -> None:
        self.names, self.define, self.scope, self.used = names, define, scope, used
        self.checked: dict[str, n.Node] = {}
        self.open: list[str] = []

    def __getitem__(self, name: str) -> Meaning:
        text = next((text for key, text in self.define.items() if key == name), None)
        if text is None:
            return self.names[name]
        if name in self.open:
            chain = " -> ".join([*self.open, name])
            raise ExpressionError(Problem("M403", text.span, f"the definition reads itself: {chain}"))
        if name not in self.checked:
            self.used.add(name)
            self.open.append(name)
            try:
                self.checked[name] = check(text, replace(self.scope, names=self))
            finally:
                self.open.pop()
        return self.checked[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.names
        yield from map(str, self.define)

    def __len__(self) -> int:
        return len(self.names) + len(self.define)

    def __contains__(self, name: object) -> bool:
        return name in self.names or name in self.define


def _words(text: str) -> list[str]:
    word, found = "", []
    for character in text + " ":
        if character.isalnum() or character == "_":
            word += character
        elif word:
            found.append(word)
            word = ""
    return found
