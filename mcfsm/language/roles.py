"""A role as written to a Role: states, variables, and each line of its table with all names and types checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from mcfsm.domains import Boolean, Domain, Enumeration, Instances, SetOf, join
from mcfsm.expressions import nodes as n
from mcfsm.expressions.check import Group, Meaning, MessageForm, Scope, check, narrow
from mcfsm.expressions.parse import ExpressionError, Text
from mcfsm.language.declarations import Declarations, check_name, states_of
from mcfsm.language.document import RegionPart, RolePart, TransitionPart
from mcfsm.language.domaintext import parse_domain
from mcfsm.language.effects import as_list, resolve_assignments, resolve_guards, resolve_variable
from mcfsm.language.scenarios import holds_under
from mcfsm.model import RESTRAINED, Choice, Instance, Kind, Region, Role, Sending, Transition, Variable
from mcfsm.problems import Problem, Problems, closest


_T = TypeVar("_T")


def transition_ids(roles: Mapping[Text, RolePart], problems: Problems) -> dict[int, str]:
    """Transition (by identity) to its id: as given, or role.trigger.n counting lines of the trigger from 1."""
    ids: dict[int, str] = {}
    places: dict[str, Text] = {}
    for role, part in roles.items():
        count: dict[str, int] = {}
        for transition in part.transitions:
            count[transition.trigger] = count.get(transition.trigger, 0) + 1
            name = transition.id or Text(
                f"{role}.{transition.trigger}.{count[transition.trigger]}", transition.trigger.span
            )
            if not re.fullmatch(r"[\w.-]{1,80}", name):
                problems.add("M307", name.span, f"'{name}' cannot be an id", "letters, digits, _ . and -")
            if name in places:
                first = places[name].span
                problems.add("M314", name.span, f"the id {name} is taken by the transition at line {first.line}")
            places.setdefault(str(name), name)
            ids[id(transition)] = str(name)
    return ids


class RoleResolver:
    """Resolves one role of one scenario; every problem it finds goes to `problems`."""

    def __init__(
        self,
        name: Text,
        part: RolePart,
        instances: list[Instance],
        omitted: Iterable[Text],
        made: Declarations,
        ids: Mapping[int, str],
        problems: Problems,
    ) -> None:
        self.name, self.part, self.made, self.ids, self.problems = name, part, made, ids, problems
        self.instances = [instance for instance in instances if instance.role == name]
        self.everyone = Instances(tuple(instance.name for instance in instances))
        self.omitted = {str(region) for region in omitted}
        self.variables: dict[str, int] = {}
        self.budgets: dict[str, Text] = {}
        self.regions: list[Region] = []
        self.region_parts: dict[str, RegionPart] = {}

    def collect(self, error: ExpressionError) -> None:
        """Note the problem of one expression and go on with the others."""
        self.problems.extend([error.problem])

    def resolve(self) -> Role:
        """The role. What could not be resolved is left out, and noted."""
        self.resolve_regions()
        names = self.own_names()
        variables = self.resolve_variables(names)
        scope = Scope(
            {**self.made.names, **names},
            self.made.messages,
            no_msg="msg has a meaning where a message is received, and this transition is spontaneous",
            unknown=self.unknown,
        )
        self.check_peers()
        transitions = [
            transition
            for i, part in enumerate(self.part.transitions)
            if (transition := self.resolve_transition(part, i, scope)) is not None
        ]
        role = Role(
            str(self.name),
            tuple(self.regions),
            tuple(variables),
            tuple(transitions),
            self.resolve_listed(self.part.ignore, "ignored"),
            self.resolve_listed(self.part.defer, "deferred"),
            tuple(sorted(self.omitted)),
        )
        for message, states in role.ignore:
            both = states & role.deferred.get(message, frozenset())
            if both:
                text = next(key for key in self.part.defer if key == message)
                shown = ", ".join(sorted(both))
                self.problems.add("M507", text.span, f"{message} is both ignored and deferred in {shown}")
        return role

    def unknown(self, name: str) -> str | None:
        """The better sentence for a name that an omitted region took away."""
        if name in self.omitted:
            return f"{name} is a region that this scenario leaves out, and a remaining expression reads it"
        return None

    def resolve_regions(self) -> None:
        part = self.part
        parts: dict[Text, RegionPart] = dict(part.regions)
        if part.states is not None and part.regions:
            self.problems.add("M203", self.name.span, f"role {self.name} has both states and regions", "choose one")
        if part.states is not None:
            made = RegionPart.model_construct(states=part.states, initial=part.initial, final=part.final)
            parts = {Text("state", self.name.span): made}
        if not parts:
            self.problems.add("M202", self.name.span, f"role {self.name} has neither states nor regions")
        for region in self.omitted - set(map(str, parts)):
            self.problems.add(
                "M301", self.name.span, f"role {self.name} has no region {region} to leave out", closest(region, parts)
            )
        seen: dict[str, str] = {}
        for name, region_part in parts.items():
            if part.regions:
                check_name(self.problems, name, "region")
                if str(name) in self.made.kinds:
                    self.problems.add(
                        "M305", name.span, f"region {name} has the name of a {self.made.kinds[str(name)]}"
                    )
            for state in region_part.states:
                if str(state) in seen:
                    self.problems.add("M311", state.span, f"state {state} stands twice in role {self.name}")
                seen[str(state)] = str(name)
            initial = region_part.initial
            where = f"region {name} of role {self.name}" if part.regions else f"role {self.name}"
            if initial is None:
                self.problems.add("M202", name.span, f"{where} has no initial state", "add initial: STATE")
            self.known_state(initial, region_part.states, where)
            for state in region_part.final:
                self.known_state(state, region_part.states, where)
            if str(name) not in self.omitted:
                self.region_parts[str(name)] = region_part
                first = str(initial) if initial else "?"
                states = tuple(map(str, region_part.states))
                self.regions.append(Region(str(name), states, first, frozenset(map(str, region_part.final))))

    def known_state(self, state: Text | None, states: list[Text], where: str) -> None:
        if state is not None and state not in states:
            self.problems.add("M301", state.span, f"{where} has no state {state}", closest(state, states))

    def own_names(self) -> dict[str, Meaning]:
        """self, key, parameters, regions: what the role's expressions may read besides variables."""
        own: dict[str, Meaning] = {"self": n.Read(Instances(tuple(i.name for i in self.instances)), "self")}
        keys = self.key_domain()
        if keys is not None:
            own["key"] = n.Read(keys, "key")
        for region in self.regions:
            own[region.name] = n.Read(Enumeration(region.states, title=region.name), region.name)
        for name, text in self.part.parameters.items():
            if self.free(name, "parameter", own):
                try:
                    own[str(name)] = n.Read(parse_domain(text, Scope(self.made.names), self.made.domains), str(name))
                except ExpressionError as error:
                    self.collect(error)
        return own

    def key_domain(self) -> Domain | None:
        domain: Domain | None = None
        for instance in self.instances:
            meaning = self.made.names.get(instance.group)
            if not isinstance(meaning, Group):
                return None
            mine = Enumeration((instance.key,)) if isinstance(instance.key, str) else meaning.key
            domain = mine if domain is None else join(domain, mine)
        return domain

    def free(self, name: Text, kind: str, own: Mapping[str, Meaning]) -> bool:
        """Whether a name of the role's own is still free; noted where not."""
        if not check_name(self.problems, name, kind):
            return False
        taken = self.made.kinds.get(str(name)) or ("name of this role" if str(name) in own else None)
        if taken:
            self.problems.add("M305", name.span, f"{kind} {name} has the name of a {taken}", "rename one of them")
        return taken is None

    def resolve_variables(self, own: dict[str, Meaning]) -> list[Variable]:
        scope = Scope({**self.made.names, **own})
        found: list[Variable] = []
        declared: dict[str, Meaning] = {}
        for name, text in self.part.variables.items():
            if not self.free(name, "variable", {**own, **declared}):
                continue
            variable = resolve_variable(name, text, scope, self.made, self.problems)
            if variable is not None:
                self.variables[str(name)] = len(found)
                found.append(variable)
                declared[str(name)] = n.Read(variable.domain, str(name))
        own.update(declared)
        return found

    def check_peers(self) -> None:
        """A group that the role names by value must be there, whatever roles stand in it."""
        for group, text in self.part.peers.items():
            try:
                parse_domain(text, Scope(self.made.names), self.made.domains)
            except ExpressionError as error:
                self.collect(error)
            if not isinstance(self.made.names.get(str(group)), Group):
                message = f"role {self.name} has the peers {group}, and the scenario has no such group"
                self.problems.add("M602", group.span, message, f"instances: {{{group}: {{value: role, ...}}}}")

    def resolve_listed(self, listed: Mapping[Text, list[Text]], what: str) -> tuple[tuple[str, frozenset[str]], ...]:
        found = []
        everywhere = states_of(self.part)
        for message, states in listed.items():
            if message not in self.made.messages:
                self.problems.add(
                    "M302", message.span, f"unknown message {message}", closest(message, self.made.messages)
                )
            for state in states:
                self.known_state(state, everywhere, f"role {self.name}")
            kept = {state for region in self.regions for state in region.states} & set(map(str, states))
            if not states:
                self.problems.add(
                    "M203", message.span, f"{message} is {what} in no state", "list states, or leave it out"
                )
            found.append((str(message), frozenset(kept)))
        return tuple(found)

    # ---- transitions

    def resolve_transition(self, part: TransitionPart, position: int, scope: Scope) -> Transition | None:
        """One line of the table; None where its reading is not chosen or its regions are left out."""
        stands = holds_under(part.under, self.made, self.problems)
        sources = self.resolve_sources(part)
        dests = self.resolve_dests(part)
        if not stands or sources is None or dests is None:
            return None
        kind = self.resolve_kind(part)
        form = self.made.messages.get(part.trigger) if kind == "reception" else None
        scope = self.message_scope(scope, form)
        senders = self.resolve_senders(part, scope, kind)
        choices, scope = self.resolve_choices(part, scope)
        clauses = as_list(part.clause)
        for clause in clauses:
            self.made.check_clause(self.problems, clause)
        if self.made.clauses and not clauses and part.assumption is None:
            message = f"transition {self.ids[id(part)]} has neither a clause nor an assumption"
            self.problems.add("M505", part.span, message, "cite the clause it implements, or say what it assumes")
        if part.budget is not None:
            if kind not in RESTRAINED:
                message = f"the budget {part.budget} stands on a {kind} transition"
                self.problems.add("M506", part.budget.span, message, "only user and environment triggers have budgets")
            self.budgets.setdefault(str(part.budget), part.budget)
        under = tuple((str(name), self.made.chosen.get(str(name), "")) for name in part.under)
        return Transition(
            id=self.ids[id(part)],
            role=str(self.name),
            position=position,
            trigger=str(part.trigger),
            kind=kind,
            sources=sources,
            dests=dests,
            senders=senders,
            choices=choices,
            guards=resolve_guards(part.conditions, part.unless, scope, self.problems),
            assignments=resolve_assignments(part.set, self.variables, scope, self.problems),
            sends=self.resolve_sends(part, scope),
            budget=None if part.budget is None else str(part.budget),
            clauses=tuple(map(str, clauses)),
            modality=self.made.modality(map(str, clauses)),
            assumption=None if part.assumption is None else str(part.assumption),
            under=under,
            basis=tuple((c.name, c.clause or "") for c in self.made.readings if c.name in part.under),
            span=part.span,
        )

    def resolve_kind(self, part: TransitionPart) -> Kind:
        if part.trigger in self.made.messages:
            if part.kind is not None:
                message = f"{part.trigger} is a message: a reception has no kind"
                self.problems.add("M504", part.trigger.span, message, "leave kind out, or rename the trigger")
            return "reception"
        if part.kind is None:
            message = f"{part.trigger} is no message, and a spontaneous trigger needs a kind"
            hint = closest(part.trigger, self.made.messages) or ""
            hint = hint if hint.startswith("did you mean") else "kind: protocol, user or environment"
            self.problems.add("M504", part.trigger.span, message, hint)
            return "protocol"
        return part.kind

    def message_scope(self, scope: Scope, form: MessageForm | None) -> Scope:
        if form is None:
            return scope
        sender = n.Read(self.everyone, "sender")
        return Scope({**scope.names, "sender": sender}, scope.messages, msg=form, unknown=self.unknown)

    def resolve_senders(self, part: TransitionPart, scope: Scope, kind: Kind) -> n.Node | None:
        if part.sender is None:
            return None
        if kind != "reception":
            self.problems.add("M504", part.sender.span, f"from has no meaning: {part.trigger} is spontaneous")
            return None
        try:
            return self.instances_node(part.sender, scope)
        except ExpressionError as error:
            self.collect(error)
            return None

    def instances_node(self, text: Text, scope: Scope) -> n.Node:
        """An instance or a set of instances."""
        node = check(text, scope)
        domain = getattr(node.domain, "inner", node.domain)
        if isinstance(domain, SetOf):
            return narrow(node, SetOf(self.everyone), "the instances", text.span)
        return narrow(node, self.everyone, "the instance", text.span)

    def resolve_choices(self, part: TransitionPart, scope: Scope) -> tuple[tuple[Choice, ...], Scope]:
        found = []
        for name, text in part.choose.items():
            if not self.free(name, "chosen value", scope.names):
                continue
            try:
                node = check(text, scope)
                if not isinstance(node.domain, SetOf):
                    message = f"a value is chosen from a set, and '{text}' is of {node.domain}"
                    raise ExpressionError(Problem("M404", text.span, message))
                element = node.domain.element
                found.append(Choice(str(name), node, element))
                scope = scope.plus({str(name): n.Read(element, str(name))})
            except ExpressionError as error:
                self.collect(error)
                scope = scope.plus({str(name): n.Read(Boolean(), str(name))})
        return tuple(found), scope

    def resolve_sources(self, part: TransitionPart) -> tuple[tuple[int, frozenset[str]], ...] | None:
        """By region, the states it may start in; None where all the regions named are left out."""
        source = part.source
        if source is None:
            return ()
        if isinstance(source, dict):
            named: dict[str, list[Text]] = {}
            for region, value in source.items():
                self.known_region(region)
                named[str(region)] = as_list(value)
                for state in named[str(region)]:
                    self.known_state(state, self.states_in(str(region)), f"region {region} of role {self.name}")
        else:
            states = as_list(source)
            homes = {home for state in states if (home := self.home(state)) is not None}
            if len(homes) > 1:
                message = f"{', '.join(map(str, states))} are states of different regions"
                self.problems.add(
                    "M301", states[0].span, message, "alternatives are of one region; a map joins regions"
                )
            named = {next(iter(homes)): states} if homes else {}
        return self.in_scenario(part, {name: frozenset(map(str, states)) for name, states in named.items()})

    def resolve_dests(self, part: TransitionPart) -> tuple[tuple[int, str], ...] | None:
        dest = part.dest
        if dest is None:
            return ()
        named: dict[str, str] = {}
        if isinstance(dest, dict):
            for region, state in dest.items():
                self.known_region(region)
                self.known_state(state, self.states_in(str(region)), f"region {region} of role {self.name}")
                named[str(region)] = str(state)
        else:
            home = self.home(dest)
            named = {home: str(dest)} if home is not None else {}
        return self.in_scenario(part, named)

    def in_scenario(self, part: TransitionPart, named: Mapping[str, _T]) -> tuple[tuple[int, _T], ...] | None:
        out = self.omitted & set(named)
        if out and set(named) - out:
            message = f"transition {self.ids[id(part)]} joins {', '.join(sorted(named))}, and the scenario leaves out {', '.join(sorted(out))}"
            self.problems.add("M605", part.span, message, "leave out both regions, or none")
        if out:
            return None
        index = {region.name: i for i, region in enumerate(self.regions)}
        return tuple(
            sorted(((index[name], value) for name, value in named.items() if name in index), key=lambda p: p[0])
        )

    def states_in(self, region: str) -> list[Text]:
        if self.part.states is not None:
            return self.part.states
        return next((part.states for name, part in self.part.regions.items() if name == region), [])

    def known_region(self, region: Text) -> None:
        if region not in self.part.regions:
            self.problems.add(
                "M301", region.span, f"role {self.name} has no region {region}", closest(region, self.part.regions)
            )

    def home(self, state: Text) -> str | None:
        """The region of a state, left out or not; noted where the role has no such state."""
        if self.part.states is not None and state in self.part.states:
            return "state"
        for name, part in self.part.regions.items():
            if state in part.states:
                return str(name)
        self.problems.add(
            "M301", state.span, f"role {self.name} has no state {state}", closest(state, states_of(self.part))
        )
        return None

    def resolve_sends(self, part: TransitionPart, scope: Scope) -> tuple[Sending, ...]:
        sends = []
        for item in part.send:
            if len(item) != 1:
                place = next(iter(item)).span if item else part.span
                self.problems.add(
                    "M203", place, "each item under send is one message", "- {message: {to: ..., element: ...}}"
                )
                continue
            ((message, elements),) = item.items()
            form = self.made.messages.get(message)
            if form is None:
                self.problems.add(
                    "M302", message.span, f"unknown message {message}", closest(message, self.made.messages)
                )
                continue
            sending = self.resolve_sending(message, form, elements, scope)
            if sending is not None:
                sends.append(sending)
        return tuple(sends)

    def resolve_sending(
        self, message: Text, form: MessageForm, elements: Mapping[Text, Text], scope: Scope
    ) -> Sending | None:
        to: n.Node | None = None
        values: list[n.Node | None] = [None] * len(form.elements)
        maybe = [False] * len(form.elements)
        given: set[int] = set()
        for key, text in elements.items():
            bare = key.rstrip("?")
            position = form.position(bare)
            try:
                if bare == "to":
                    to = self.instances_node(text, scope)
                elif position is None:
                    known = [*(name for name, _, _ in form.elements), "to"]
                    hint = closest(bare, known)
                    self.problems.add("M303", key.span, f"message {message} has no element {bare}", hint)
                elif position in given:
                    self.problems.add("M108", key.span, f"element {bare} is given twice")
                else:
                    given.add(position)
                    _, domain, optional = form.elements[position]
                    maybe[position] = key.endswith("?")
                    if maybe[position] and not optional:
                        self.problems.add(
                            "M502", key.span, f"element {bare} of {message} is mandatory: it cannot be left open"
                        )
                    values[position] = check(text, scope, domain, f"element {bare}")
            except ExpressionError as error:
                self.collect(error)
        if not any(key.rstrip("?") == "to" for key in elements):
            self.problems.add("M508", message.span, f"{message} is sent to nobody", "add to: an instance or a group")
        for position, (name, domain, optional) in enumerate(form.elements):
            if not optional and position not in given:
                hint = f"add {name}: a value of {domain}"
                self.problems.add("M501", message.span, f"the mandatory element {name} of {message} is not given", hint)
        return None if to is None else Sending(str(message), to, tuple(values), tuple(maybe))
