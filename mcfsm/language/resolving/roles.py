"""A role as written to a Role: states, variables, and what it ignores and defers; its table is in `transitions`."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean, Domain, Enumeration, Instances, join
from mcfsm.expressions.parse import ExpressionError, SourceText
from mcfsm.expressions.typecheck import Broken, Group, Meaning
from mcfsm.language.files.document import PersistentPart, RegionPart, RolePart
from mcfsm.language.resolving.declarations import Declarations, states_of
from mcfsm.language.resolving.domain_text import parse_domain
from mcfsm.language.resolving.effects import as_list, resolve_variable
from mcfsm.language.resolving.naming import check_count, check_name, check_twice
from mcfsm.language.resolving.transitions import Machine, TransitionResolver
from mcfsm.language.resolving.words import words, words_of
from mcfsm.model import Instance, Region, Role, Variable
from mcfsm.model.identity_cache import IdentityCache
from mcfsm.problems import Problems, closest, shorten

MOST_TRANSITIONS = 2000


def transition_ids(roles: Mapping[SourceText, RolePart], problems: Problems) -> dict[int, str]:
    """Transition (by identity) to its id: as given, or role.trigger.n counting lines of the trigger from 1."""
    ids: dict[int, str] = {}
    places: dict[str, SourceText] = {}
    for role, part in roles.items():
        check_count(problems, role, len(part.transitions), "transitions", MOST_TRANSITIONS)
        count: dict[str, int] = {}
        for transition in part.transitions:
            trigger = transition.trigger
            count[trigger] = count.get(trigger, 0) + 1
            name = transition.id or SourceText(f"{role}.{trigger}.{count[trigger]}", trigger.span)
            if transition.id is not None and not re.fullmatch(r"[A-Za-z0-9_.-]{1,80}", name):
                problems.add("M307", name.span, f"'{shorten(name)}' cannot be an id", "letters, digits, _ . and -")
            if name in places:
                first = places[name].span
                problems.add("M314", name.span, f"the id {name} is taken by the transition at line {first.line}")
            places.setdefault(str(name), name)
            ids[id(transition)] = str(name)
    return ids


@dataclass(frozen=True)
class ResolvedRole:
    """A role of one scenario, and what else was learnt of it."""

    role: Role
    broken: Set[str]  # variables whose declaration is wrong
    budgets: Mapping[str, SourceText]  # named by transitions of the role
    idle_budgets: Set[str]  # named only by transitions whose reading is not chosen
    head: Hashable  # the same where all that properties can read of the role is


_RESOLVED: IdentityCache[ResolvedRole] = IdentityCache(1000)
_HEADS: IdentityCache[frozenset[str]] = IdentityCache(1000)


def resolve_role(
    name: SourceText,
    part: RolePart,
    instances: list[Instance],
    omitted: Sequence[SourceText],
    made: Declarations,
    ids: Mapping[int, str],
    problems: Problems,
) -> ResolvedRole:
    """A role of one scenario, and every problem that it has.

    One without a problem is resolved once for all scenarios and variants that give it the same instances and the same
    meanings of the names in its text.
    """
    listed = tuple((instance.name, instance.role, instance.group, instance.key) for instance in instances)
    groups = {str(name), *(instance.group for instance in instances)}
    key = str(name), frozenset(map(str, omitted)), listed, made.meanings(words(part) | groups)
    known = _RESOLVED.get(part, key)
    if known is not None:
        return known
    found = Problems()
    head = str(name), frozenset(map(str, omitted)), listed, made.meanings(_words_of_head(part) | groups)
    resolved = RoleResolver(name, part, instances, omitted, made, ids, found, head).resolve()
    if found:
        problems.extend(found.sorted())
    else:
        _RESOLVED.keep(part, resolved, key)
    return resolved


def _words_of_head(part: RolePart) -> frozenset[str]:
    """The words of a role but for its table."""
    known = _HEADS.get(part)
    if known is None:
        known = words_of([getattr(part, field) for field in RolePart.keys if field != "transitions"])
        _HEADS.keep(part, known)
    return known


class RoleResolver:
    """Resolves one role of one scenario; every problem it finds goes to `problems`."""

    def __init__(
        self,
        name: SourceText,
        part: RolePart,
        instances: list[Instance],
        omitted: Iterable[SourceText],
        made: Declarations,
        ids: Mapping[int, str],
        problems: Problems,
        head: Hashable,
    ) -> None:
        self.head = head  # what all that stands in the role but its table was made of
        self.name, self.part, self.made, self.ids, self.problems = name, part, made, ids, problems
        self.instances = [instance for instance in instances if instance.role == name]
        self.everyone = Instances(tuple(instance.name for instance in instances), title="instance")
        self.omitted = {str(region): region for region in omitted}
        self.broken: set[str] = set()  # variables whose declaration is wrong

    def resolve(self) -> ResolvedRole:
        """The role. What could not be resolved is left out, and noted."""
        regions = self.resolve_regions()
        own = self.own_names(regions)
        variables = self.resolve_variables(own)
        places = {variable.name: i for i, variable in enumerate(variables)}
        timers = self.resolve_timers(own)
        variables += [Variable(str(timer), Boolean(), n.Constant(Boolean(), False)) for timer in timers]
        self.check_peers()
        machine = Machine(
            name=str(self.name),
            part=self.part,
            regions=regions,
            omitted=frozenset(self.omitted),
            variables=places,
            timers={str(timer): len(places) + i for i, timer in enumerate(timers)},
            scope=replace(self.made.scope().plus(own), unknown=self.unknown),
            everyone=self.everyone,
            head=self.head,
        )
        resolver = TransitionResolver(machine, self.made, self.ids, self.problems)
        lines = [resolver.line(part, i) for i, part in enumerate(self.part.transitions)]
        ignore = self.resolve_listed(self.part.ignore, "ignored", regions)
        defer = self.resolve_listed(self.part.defer, "deferred", regions)
        self.check_both(dict(ignore), dict(defer))
        role = Role(
            str(self.name),
            regions,
            tuple(variables),
            tuple(line.transition for line in lines if line.transition is not None),
            ignore,
            defer,
            tuple(sorted(self.omitted)),
            tuple(map(str, timers)),
            self.resolve_persistent(places),
            self.persistent_under(),
        )
        budgets: dict[str, SourceText] = {}
        for line in lines:
            if line.budget is not None and line.stands:
                budgets.setdefault(str(line.budget), line.budget)
        idle = {str(line.budget) for line in lines if line.budget is not None and not line.stands}
        return ResolvedRole(role, self.broken, budgets, idle, self.head)

    def unknown(self, name: str) -> str | None:
        """The better sentence for a name that an omitted region took away, or that other scenarios have."""
        if name in self.omitted:
            return f"{name} is a region that {self.made.scenario} leaves out, and a remaining expression reads it"
        return self.made.absent(name)

    def resolve_regions(self) -> tuple[Region, ...]:
        """The regions that the scenario keeps, in declared order."""
        parts = self.region_parts()
        for name, region in self.omitted.items():
            if name not in parts:
                message = f"role {self.name} has no region {name} to leave out"
                self.problems.add("M301", region.span, message, closest(name, parts))
        states = states_of(self.part)
        check_count(self.problems, self.name, len(states), "states")
        check_twice(self.problems, states, "state", f"role {self.name}")
        resolved = [self.resolve_region(name, part) for name, part in parts.items()]
        kept = tuple(region for region in resolved if region.name not in self.omitted)
        if resolved and not kept:
            place = next(iter(self.omitted.values())).span
            hint = "leave the role's instances out instead"
            self.problems.add("M605", place, f"{self.made.scenario} leaves out every region of role {self.name}", hint)
        return kept

    def region_parts(self) -> dict[SourceText, RegionPart]:
        """The regions as written; the states of a role without regions are its region `state`."""
        part = self.part
        if part.states is None and not part.regions:
            self.problems.add("M202", self.name.span, f"role {self.name} has neither states nor regions")
        if part.regions and (part.states or part.initial or part.final):
            word = next(iter([*as_list(part.initial), *part.final, *(part.states or [])]))
            message = f"role {self.name} has regions: states, initial and final belong to each of them"
            self.problems.add("M203", word.span, message)
            return part.regions
        if part.states is not None:
            made = RegionPart(states=part.states, initial=part.initial, final=part.final)
            return {SourceText("state", self.name.span): made}
        for name in part.regions:
            if check_name(self.problems, name, "region"):
                self.made.free(self.problems, name, "region")
        return part.regions

    def resolve_region(self, name: SourceText, part: RegionPart) -> Region:
        where = f"region {name} of role {self.name}" if self.part.regions else f"role {self.name}"
        if not part.states:
            self.problems.add("M202", name.span, f"{where} has no states")
        elif not as_list(part.initial):
            self.problems.add("M202", name.span, f"{where} has no initial state", "add initial: STATE")
        states, first = tuple(map(str, part.states)), as_list(part.initial)
        for state in [*(first if states else []), *part.final]:
            self.known_state(state, states, where)
        check_twice(self.problems, first, "state", f"initial of {where}")
        initial, *others = [str(state) for state in first] or ["?"]
        return Region(str(name), states, initial, frozenset(map(str, part.final)), tuple(others))

    def known_state(self, state: SourceText, states: Iterable[str], where: str) -> None:
        if state not in states:
            self.problems.add("M301", state.span, f"{where} has no state {state}", closest(state, states))

    def own_names(self, regions: tuple[Region, ...]) -> dict[str, Meaning]:
        """self, key, regions, parameters: what the role's expressions may read besides variables."""
        own: dict[str, Meaning] = {"self": n.Read(Instances(tuple(i.name for i in self.instances)), "self")}
        keys = self.key_domain()
        if keys is not None:
            own["key"] = n.Read(keys, "key")
        for region in regions:
            own[region.name] = n.Read(Enumeration(region.states, title=region.name), region.name)
        scope = self.made.scope()
        for name, text in self.part.parameters.items():
            if self.made.fresh(self.problems, name, "parameter", own):
                try:
                    own[str(name)] = n.Read(parse_domain(text, scope, self.made.domains), str(name))
                except ExpressionError as error:
                    self.problems.extend(error.problems)
                    own[str(name)] = Broken()
        return own

    def key_domain(self) -> Domain | None:
        """What the instances' keys can be; None where some instance has none."""
        domain: Domain | None = None
        for instance in self.instances:
            meaning = self.made.names.get(instance.group)
            if not isinstance(meaning, Group):
                return None
            mine = Enumeration((instance.key,)) if isinstance(instance.key, str) else meaning.key
            domain = mine if domain is None else join(domain, mine)
        return domain

    def resolve_variables(self, own: dict[str, Meaning]) -> list[Variable]:
        """The variables, whose names join the role's own. An initial value reads no other variable."""
        scope = replace(self.made.scope(), names={**self.made.names, **own}, unknown=self.unknown)
        found: list[Variable] = []
        for name, text in self.part.variables.items():
            if not self.made.fresh(self.problems, name, "variable", own):
                if str(name) not in own:  # what reads it is not wrong by itself
                    own[str(name)] = Broken()
                    self.broken.add(str(name))
                continue
            variable = resolve_variable(name, text, scope, self.made, self.problems)
            if variable is None:
                own[str(name)] = Broken()
                self.broken.add(str(name))
            else:
                found.append(variable)
                own[str(name)] = n.Read(variable.domain, str(name))
        return found

    def resolve_timers(self, own: dict[str, Meaning]) -> list[SourceText]:
        """The timers, whose names join the role's own; each has to be started somewhere, and to expire."""
        started = {str(timer) for part in self.part.transitions for timer in as_list(part.start)}
        expiring = {str(part.trigger) for part in self.part.transitions if part.kind == "timer"}
        found: list[SourceText] = []
        check_count(self.problems, self.name, len(self.part.timers), "timers")
        for timer in self.part.timers:
            if timer in self.made.messages:
                message = f"timer {timer} has the name of a message, and would expire when one is received"
                self.problems.add("M305", timer.span, message, "rename one of them")
            elif self.made.fresh(self.problems, timer, "timer", own):
                own[str(timer)] = n.Read(Boolean(), str(timer))
                found.append(timer)
            if timer not in started:
                message = f"timer {timer} of role {self.name} is started by no transition"
                self.problems.add("M509", timer.span, message, f"start: [{timer}] on a transition")
            if timer not in expiring:
                message = f"no transition of role {self.name} says what happens when timer {timer} expires"
                self.problems.add("M509", timer.span, message, f"{{trigger: {timer}, kind: timer, ...}}")
        return found

    def resolve_persistent(self, variables: Iterable[str]) -> frozenset[str]:
        """The variables that survive a crash under the readings and options that are chosen."""
        found: list[SourceText] = []
        for entry in self.part.persistent:
            names = as_list(entry.variables) if isinstance(entry, PersistentPart) else [entry]
            for name in names:
                if name not in variables and name not in self.broken:
                    message = f"role {self.name} has no variable {name} that could survive a crash"
                    self.problems.add("M510", name.span, message, closest(name, variables))
            if not isinstance(entry, PersistentPart) or self.made.stands_under(self.problems, entry.under):
                found += names
        check_twice(self.problems, found, "variable", f"persistent of role {self.name}")
        return frozenset(map(str, found))

    def persistent_under(self) -> tuple[tuple[str, str], ...]:
        """The readings and options that decide which variables survive a crash, with the values that are chosen."""
        parts = (entry for entry in self.part.persistent if isinstance(entry, PersistentPart))
        names = dict.fromkeys(str(name) for entry in parts for name in entry.under)
        return tuple((name, self.made.chosen[name]) for name in names if name in self.made.chosen)

    def check_peers(self) -> None:
        """A group that the role names by value must be there or in other scenarios, named by just those values."""
        for group, text in self.part.peers.items():
            meaning = self.made.names.get(str(group))
            if meaning is None and group in self.made.elsewhere:
                continue  # lines that stand here and name one of the group are reported
            if not isinstance(meaning, Group):
                message = f"role {self.name} has the peers {group}, and {self.made.scenario} has no such group"
                self.problems.add("M602", group.span, message, f"instances: {{{group}: {{value: role, ...}}}}")
                continue
            try:
                domain = parse_domain(text, self.made.scope(), self.made.domains)
                if domain != meaning.key:
                    message = f"the peers {group} are named by {domain} here, but by {meaning.key} elsewhere"
                    self.problems.add("M404", text.span, message)
            except ExpressionError as error:
                self.problems.extend(error.problems)

    def resolve_listed(
        self, listed: Mapping[SourceText, list[SourceText]], what: str, regions: tuple[Region, ...]
    ) -> tuple[tuple[str, frozenset[str]], ...]:
        """Message to the states that ignore or defer it, as far as the scenario has them."""
        found = []
        everywhere = {str(state) for state in states_of(self.part)}
        here = {state for region in regions for state in region.states}
        for message, states in listed.items():
            if message not in self.made.messages:
                hint = closest(message, self.made.messages)
                self.problems.add("M302", message.span, f"unknown message {message}", hint)
            if not states:
                hint = "list states, or leave it out"
                self.problems.add("M203", message.span, f"{message} is {what} in no state", hint)
            for state in states:
                self.known_state(state, everywhere, f"role {self.name}")
            found.append((str(message), frozenset(here & set(map(str, states)))))
        return tuple(found)

    def check_both(self, ignore: Mapping[str, frozenset[str]], defer: Mapping[str, frozenset[str]]) -> None:
        """Note messages that some state both ignores and defers (M507)."""
        for message in self.part.defer:
            both = ignore.get(message, frozenset()) & defer[message]
            if both:
                shown = ", ".join(sorted(both))
                self.problems.add("M507", message.span, f"{message} is both ignored and deferred in {shown}")
