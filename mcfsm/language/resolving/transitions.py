"""Lines of a role's table as written to Transitions, with all names and types checked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean, Instances, Maybe, SetOf, TooManyValues
from mcfsm.expressions.parse import ExpressionError, SourceText
from mcfsm.expressions.typecheck import Broken, Meaning, Scope, check, narrow
from mcfsm.language.files.document import RolePart, TransitionPart
from mcfsm.language.resolving.declarations import Declarations, states_of
from mcfsm.language.resolving.domain_text import looks_like_domain, parse_domain
from mcfsm.language.resolving.effects import as_list, resolve_assignments, resolve_guards
from mcfsm.language.resolving.naming import check_title
from mcfsm.language.resolving.sends import MOST_OPEN, SendingResolver, as_instances
from mcfsm.language.resolving.words import words
from mcfsm.model import FREEZABLE, Assignment, Choice, Guard, Region, Transition, TransitionKind
from mcfsm.model.identity_cache import IdentityCache
from mcfsm.problems import Problem, Problems, closest

_T = TypeVar("_T")


@dataclass(frozen=True)
class Machine:
    """What the lines of a role's table may speak of."""

    name: str
    part: RolePart
    regions: tuple[Region, ...]  # those that the scenario keeps
    omitted: frozenset[str]
    variables: Mapping[str, int]
    timers: Mapping[str, int]  # also variables: true while they run
    scope: Scope
    everyone: Instances
    head: Hashable  # the same where all of this is


@dataclass(frozen=True)
class RoleLine:
    """A line of a role's table: its transition if it stands, and the budget that it names."""

    transition: Transition | None = None
    budget: SourceText | None = None
    stands: bool = False  # its reading is chosen, and its regions are there


_LINES: IdentityCache[RoleLine] = IdentityCache(100_000)


class TransitionResolver:
    """Resolves the transitions of one role, one by one; every problem it finds goes to `problems`."""

    def __init__(self, machine: Machine, made: Declarations, ids: Mapping[int, str], problems: Problems) -> None:
        self.machine, self.made, self.ids, self.problems = machine, made, ids, problems
        self.sending = SendingResolver(machine.everyone, made, problems)

    def line(self, part: TransitionPart, position: int) -> RoleLine:
        """A line, resolved once for all variants that give its names, and those of its role, the same meanings."""
        key = position, self.machine.head, self.made.meanings(words(part))
        known = _LINES.get(self.machine.part, key)
        if known is None:
            before = len(self.problems)
            known = self.resolve(part, position)
            if len(self.problems) == before:
                _LINES.keep(self.machine.part, known, key)
        return known

    def resolve(self, part: TransitionPart, position: int) -> RoleLine:
        """A line; without a transition, though checked, where its reading is not chosen or its regions are left out."""
        stands = self.made.stands_under(self.problems, part.under)
        sources, dests = self.resolve_sources(part), self.resolve_dests(part)
        self.check_clauses(part)
        if sources is None or dests is None:
            return RoleLine()
        kind = self.resolve_kind(part)
        scope = self.scope_of(part, kind)
        if not stands:  # it may speak of instances that only the scenarios have in which it stands
            scope = scope.plus({name: Broken() for name in self.made.elsewhere})
        senders = self.resolve_senders(part, scope, kind)
        choices, scope = self.resolve_choices(part, scope)
        scope = self.resolve_let(part, scope)
        self.check_budget(part, kind)
        timed, moved = self.resolve_timers(part, kind)
        guards, scope = resolve_guards(part.conditions, part.unless, scope, self.problems)
        transition = Transition(
            id=self.ids[id(part)],
            role=self.machine.name,
            position=position,
            trigger=str(part.trigger),
            kind=kind or "protocol",
            sources=sources,
            dests=dests,
            senders=senders,
            choices=choices,
            guards=(*timed, *guards),
            assignments=(*self.resolve_set(part, scope), *moved),
            sends=self.sending.resolve(part, scope, stands),
            budget=None if part.budget is None else str(part.budget),
            clauses=tuple(map(str, as_list(part.clause))),
            modality=self.made.modality(map(str, as_list(part.clause))),
            assumption=None if part.assumption is None else str(part.assumption),
            under=tuple((str(name), self.made.chosen.get(str(name), "")) for name in part.under),
            basis=tuple((c.name, c.clause or "") for c in self.made.readings if c.name in part.under),
            span=part.span,
        )
        return RoleLine(transition if stands else None, part.budget, stands)

    def resolve_kind(self, part: TransitionPart) -> TransitionKind | None:
        """Reception, or the kind given; None, and a problem, where neither is known."""
        if part.trigger in self.made.messages:
            if part.kind is not None:
                message = f"{part.trigger} is a message: a reception has no kind"
                self.problems.add("M504", part.trigger.span, message, "leave kind out, or rename the trigger")
            return "reception"
        if (part.trigger in self.machine.part.timers) is not (part.kind == "timer"):
            message = f"role {self.machine.name} has no timer {part.trigger} that could expire"
            hint = closest(part.trigger, self.machine.timers)
            if part.kind != "timer":
                message, hint = f"{part.trigger} is a timer: it expires, and nobody triggers it", "kind: timer"
            self.problems.add("M509", part.trigger.span, message, hint)
            return None
        if part.kind is None:
            message = f"{part.trigger} is no message, and a spontaneous trigger needs a kind"
            near = closest(part.trigger, self.made.messages) or ""
            hint = near if near.startswith("did you mean") else "kind: protocol, user, environment or timer"
            self.problems.add("M504", part.trigger.span, message, hint)
            return None
        check_title(self.problems, part.trigger, "trigger")
        return part.kind

    def scope_of(self, part: TransitionPart, kind: TransitionKind | None) -> Scope:
        """What the expressions of a line may read: of a reception also sender and msg."""
        scope = self.machine.scope
        if kind is None:
            return scope.plus({"sender": Broken(), "msg": Broken()})
        if kind == "reception":
            names: dict[str, Meaning] = {"sender": n.Read(self.machine.everyone, "sender")}
            return replace(scope.plus(names), msg=self.made.messages[part.trigger])
        no_msg = f"msg has no meaning: {part.trigger} is spontaneous"
        return replace(scope, no_msg=no_msg, unknown=self.spontaneous, asks=True)

    def spontaneous(self, name: str) -> str | None:
        """The better sentence for a name that only a reception knows."""
        if name == "sender":
            return "sender has a meaning where a message is received, and this transition is spontaneous"
        return self.machine.scope.unknown(name)

    def check_clauses(self, part: TransitionPart) -> None:
        clauses = as_list(part.clause)
        for clause in clauses:
            self.made.check_clause(self.problems, clause)
        if self.made.clauses and not clauses and part.assumption is None:
            message = f"transition {self.ids[id(part)]} has neither a clause nor an assumption"
            hint = "cite the clause it implements, or say what it assumes"
            self.problems.add("M505", part.trigger.span, message, hint)

    def check_budget(self, part: TransitionPart, kind: TransitionKind | None) -> None:
        if part.budget is None:
            return
        check_title(self.problems, part.budget, "budget")
        if kind is not None and kind not in FREEZABLE:
            message = f"the budget {part.budget} stands on a {kind} transition"
            hint = "only user and environment triggers, and faults, have budgets"
            self.problems.add("M506", part.budget.span, message, hint)

    # ---- variables and timers

    def resolve_set(self, part: TransitionPart, scope: Scope) -> tuple[Assignment, ...]:
        """The new values of variables."""
        for target in part.set:
            if target in self.machine.timers:
                hint = f"start: [{target}], or stop: [{target}]"
                self.problems.add("M304", target.span, f"{target} is a timer and cannot be assigned", hint)
        written = {target: text for target, text in part.set.items() if target not in self.machine.timers}
        owner = f"role {self.machine.name}"
        return resolve_assignments(written, self.machine.variables, scope, owner, self.problems)

    def resolve_timers(
        self, part: TransitionPart, kind: TransitionKind | None
    ) -> tuple[tuple[Guard, ...], tuple[Assignment, ...]]:
        """Of an expiry, that the timer runs; and what then runs: an expiry stops its timer, unless it starts it."""
        found: dict[str, bool] = {}
        guards: tuple[Guard, ...] = ()
        if kind == "timer" and part.trigger in self.machine.timers:
            guards = (Guard(f"{part.trigger} runs", n.Read(Boolean(), str(part.trigger)), wanted=True),)
            found[str(part.trigger)] = False
        starts = as_list(part.start)
        for timer, runs in [*((timer, True) for timer in starts), *((timer, False) for timer in as_list(part.stop))]:
            if timer not in self.machine.part.timers:
                message = f"role {self.machine.name} has no timer {timer}"
                self.problems.add("M509", timer.span, message, closest(timer, self.machine.timers))
            elif not runs and timer in starts:
                self.problems.add("M509", timer.span, f"timer {timer} is both started and stopped", "keep one")
            elif timer in self.machine.timers:
                found[str(timer)] = runs
        constants = {runs: n.Constant(Boolean(), runs) for runs in (True, False)}
        places = self.machine.timers
        return guards, tuple(Assignment(places[timer], None, constants[runs]) for timer, runs in found.items())

    # ---- instances and choices

    def resolve_senders(self, part: TransitionPart, scope: Scope, kind: TransitionKind | None) -> n.Node | None:
        """The instance, or set of instances, that `from` allows; of a value that is none, nobody."""
        if part.sender is None or kind is None:
            return None
        if kind != "reception":
            message = f"from has no meaning: {part.trigger} is spontaneous"
            self.problems.add("M504", part.sender.span, message, "leave from out")
            return None
        try:
            node = check(part.sender, scope)
            if isinstance(node.domain, Maybe) and not isinstance(node.domain.inner, SetOf):
                return narrow(node, Maybe(self.machine.everyone), "from", part.sender.span)
            return as_instances(node, "from", part.sender.span, self.machine.everyone)
        except ExpressionError as error:
            self.problems.extend(error.problems)
            return None

    def resolve_choices(self, part: TransitionPart, scope: Scope) -> tuple[tuple[Choice, ...], Scope]:
        """The values left open, each chosen from a set that may read those before, and the scope that knows them."""
        found: list[Choice] = []
        if len(part.choose) > MOST_OPEN:
            message = f"{len(part.choose)} values are chosen in one transition; at most {MOST_OPEN} are taken"
            self.problems.add("M104", part.trigger.span, message)
            return (), scope.plus({str(name): Broken() for name in part.choose})
        for name, text in part.choose.items():
            if not self.made.fresh(self.problems, name, "chosen value", scope.names):
                continue
            try:
                node = self.choice_source(text, scope)
                assert isinstance(node.domain, SetOf)
                found.append(Choice(str(name), node, node.domain.element))
                scope = scope.plus({str(name): n.Read(node.domain.element, str(name))})
            except ExpressionError as error:
                self.problems.extend(error.problems)
                scope = scope.plus({str(name): Broken()})
        return tuple(found), scope

    def resolve_let(self, part: TransitionPart, scope: Scope) -> Scope:
        """The scope that knows what the line gives names to: each name stands for its expression."""
        for name, text in part.let.items():
            if not self.made.fresh(self.problems, name, "name under let", scope.names):
                continue
            try:
                scope = scope.plus({str(name): check(text, scope)})
            except ExpressionError as error:
                self.problems.extend(error.problems)
                scope = scope.plus({str(name): Broken()})
        return scope

    def choice_source(self, text: SourceText, scope: Scope) -> n.Node:
        """The set to choose from: an expression, or a domain, which means all its values."""
        if looks_like_domain(text):
            domain = parse_domain(text, scope, self.made.domains)
            try:
                return n.Constant(SetOf(domain), frozenset(domain.values))
            except TooManyValues as error:
                raise ExpressionError(Problem("M406", text.span, str(error))) from None
        node = check(text, scope)
        if not isinstance(node.domain, SetOf):
            message = f"a value is chosen from a set, and '{text}' is of {node.domain}"
            raise ExpressionError(Problem("M404", text.span, message, "a domain, a set, or {value, ...}"))
        return node

    # ---- states

    def resolve_sources(self, part: TransitionPart) -> tuple[tuple[int, frozenset[str]], ...] | None:
        """By region, the states it may start in; None where the scenario leaves out the regions named."""
        source = part.source
        if isinstance(source, dict):
            named = {str(region): as_list(states) for region, states in source.items()}
            self.check_conjunction({region: as_list(states) for region, states in source.items()})
        else:
            states = as_list(source)
            homes = {home for state in states if (home := self.home(state)) is not None}
            if len(homes) > 1:
                message = f"{', '.join(map(str, states))} are states of different regions"
                hint = "alternatives are of one region; a map joins regions: {region: state, ...}"
                self.problems.add("M301", states[0].span, message, hint)
            named = {next(iter(homes)): states} if homes else {}
        return self.in_scenario(part, {name: frozenset(map(str, states)) for name, states in named.items()})

    def resolve_dests(self, part: TransitionPart) -> tuple[tuple[int, str], ...] | None:
        """By region, the state it leads to; None where the scenario leaves out the regions named."""
        dest = part.dest
        if dest is None:
            return ()
        if isinstance(dest, dict):
            self.check_conjunction({region: [state] for region, state in dest.items()})
            return self.in_scenario(part, {str(region): str(state) for region, state in dest.items()})
        home = self.home(dest)
        return self.in_scenario(part, {} if home is None else {home: str(dest)})

    def check_conjunction(self, named: Mapping[SourceText, list[SourceText]]) -> None:
        """Note regions that the role does not have, and states that are not of their region."""
        regions = self.machine.part.regions
        for region, states in named.items():
            if region not in regions:
                message = f"role {self.machine.name} has no region {region}"
                self.problems.add("M301", region.span, message, closest(region, regions))
                continue
            known = regions[region].states
            for state in states:
                if state not in known:
                    message = f"region {region} of role {self.machine.name} has no state {state}"
                    self.problems.add("M301", state.span, message, closest(state, known))

    def home(self, state: SourceText) -> str | None:
        """The region of a state, left out or not; noted where the role has no such state."""
        part = self.machine.part
        if part.states is not None and state in part.states:
            return "state"
        for name, region in part.regions.items():
            if state in region.states:
                return str(name)
        known = states_of(part)
        if known:
            self.problems.add(
                "M301", state.span, f"role {self.machine.name} has no state {state}", closest(state, known)
            )
        return None

    def in_scenario(self, part: TransitionPart, named: Mapping[str, _T]) -> tuple[tuple[int, _T], ...] | None:
        """What is said by region name, by region index; None where the scenario leaves those regions out."""
        out = self.machine.omitted & set(named)
        if out and set(named) - out:
            joined, left_out = ", ".join(sorted(named)), ", ".join(sorted(out))
            message = f"transition {self.ids[id(part)]} joins {joined}, and the scenario leaves out {left_out}"
            self.problems.add("M605", part.trigger.span, message, "leave out all of these regions, or none")
        if out:
            return None
        return tuple((i, named[region.name]) for i, region in enumerate(self.machine.regions) if region.name in named)
