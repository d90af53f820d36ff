"""A scenario as a module of TLA+ and what TLC is told of it.

A step of the model is one way to satisfy `Next`: so TLC finds the same states, and generates as many as there are
transitions and initial states. Each line of a role is an action, with the clause that it rests on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mcfsm.model import CHECKS, Content, Model, Property, Role
from mcfsm.report.exported import rests_on, told, written_in
from mcfsm.report.tla.expressions import ModuleScope, bare, conj, translated
from mcfsm.report.tla.fairness import FairnessTexts
from mcfsm.report.tla.library import used
from mcfsm.report.tla.names import comment, quoted
from mcfsm.report.tla.values import function
from mcfsm.semantics.steps import State

_EXTENDED = ("Integers", "Sequences", "FiniteSets", "TLC")
_CHECKED = dict(zip(CHECKS, ("NoDeadlock", "NoUnspecified", "NoOverflow"), strict=True))


@dataclass(frozen=True)
class Exported:
    """A module, and its configuration."""

    module: str
    config: str


def tla(model: Model, name: str | None = None) -> Exported:
    """The module of a scenario, by the name of its file. Raises ModelError (M615) for what TLA+ cannot say so."""
    with written_in("TLA+"):
        return _Module(model, name or module_name(f"{model.name}_{model.scenario}")).exported()


def module_name(text: str) -> str:
    """A name that a module may have."""
    found = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return found if re.match("[A-Za-z]", found) and found not in _EXTENDED else f"m_{found}"


class _Module:
    def __init__(self, model: Model, name: str) -> None:
        self.model, self.name, self.texts = model, name, FairnessTexts(model)
        texts = self.texts
        self.lines = [line for role in texts.roles for line in texts.lines_of(role)]
        self.named = dict(self._names_of_properties())

    def _names_of_properties(self) -> Iterator[tuple[str, str]]:
        yield from _CHECKED.items()
        for one in self.model.properties:
            form = getattr(one, "form", "")
            yield one.id, self.texts.names.top("property", f"not_{one.id}" if form == "reachable" else one.id)

    def exported(self) -> Exported:
        """Both texts."""
        roles = list(self.roles())
        own = [*self.initial(), *roles, *self.messages(), *self.faults(), *self.relation(), *self.checks()]
        own += [*self.properties(), *self.runs()]
        late = list(used(own))
        before = [line for block in late if not _about(block, "Corrupted") for line in ["", *block]]
        after = [line for block in late if _about(block, "Corrupted") for line in ["", *block]]
        corrupted = ["", "\\* what a message may become", *self.texts.corrupted()] if after else []
        body = [*before, *corrupted, *after, "", *own]
        lines = [*self.head(), "", *self.texts.definitions(), *body, "", "=" * 80]
        return Exported("\n".join(lines) + "\n", "\n".join(self.config()) + "\n")

    # ---- head

    def head(self) -> Iterator[str]:
        """What it is, what it extends and declares."""
        model, dashes = self.model, "-" * max(4, (70 - len(self.name)) // 2)
        yield f"{dashes} MODULE {self.name} {dashes}"
        yield from (f"\\* {comment(line)}" for line in told(model))
        yield "\\*"
        yield "\\* Written by mcfsm export. One step of the model is one way to satisfy Next: TLC finds as many"
        yield "\\* distinct states, and generates as many as there are transitions and initial states."
        for id_, reason in self.left_out():
            yield f"\\* Not here: {comment(id_)}, as {comment(reason)}"
        yield f"EXTENDS {', '.join(_EXTENDED)}"
        yield ""
        yield "\\* no value, and an element that is not there: model values"
        yield "CONSTANTS none, absent"
        yield ""
        yield "VARIABLES"
        variables = list(self.texts.variables().items())
        for at, (name, text) in enumerate(variables):
            yield f"  {name}{',' if at + 1 < len(variables) else ''} \\* {comment(text)}"
        yield ""
        yield f"vars == <<{', '.join(name for name, _ in variables)}>>"

    def left_out(self) -> Iterator[tuple[str, str]]:
        """The properties of runs that are left out, and why."""
        for one in self.model.liveness_properties:
            reason = self.texts.left_out(self.lines, one.fairness)
            if reason is not None:
                yield one.id, reason

    # ---- the beginning

    def initial(self) -> Iterator[str]:
        """The initial states."""
        texts = self.texts
        yield "\\* ---- the beginning"
        first, *others = texts.product.beginnings
        for role in texts.roles:
            if not others or texts.crashing(role):  # what crashes begins again with it
                yield from self.local_at_first(role, first)
        yield ""
        if others:
            yield "Init =="
            for state in (first, *others):
                conjuncts = [f"{texts.variable[role.name]} = {self.first_locals(role, state)}" for role in texts.roles]
                each = [*conjuncts, *self.at_first(state)]
                bullets = ["\\/", *["  "] * len(each)]
                yield from (f"  {bullet} /\\ {one}" for bullet, one in zip(bullets, each, strict=False))
            return
        yield "Init =="
        for role in texts.roles:
            yield f"  /\\ {texts.variable[role.name]} = {texts.names.top('initial', f'{role.name}_initial')}"
        yield from (f"  /\\ {one}" for one in self.at_first(first))

    def local_at_first(self, role: Role, state: State) -> Iterator[str]:
        """The local state of each instance of a role in a state, as a definition."""
        texts = self.texts
        pairs = [(i, one.name) for i, one in enumerate(self.model.instances) if one.role == role.name]
        yield f"{texts.names.top('initial', f'{role.name}_initial')} =="
        each = [f"{quoted(name)} :> {texts.local(i, state.locals[i])}" for i, name in pairs]
        yield from (f"  {one}{' @@' if at + 1 < len(each) else ''}" for at, one in enumerate(each))

    def first_locals(self, role: Role, state: State) -> str:
        """The local states of the instances of a role in a state."""
        instances = [(i, one.name) for i, one in enumerate(self.model.instances) if one.role == role.name]
        return " @@ ".join(f"{quoted(name)} :> {self.texts.local(i, state.locals[i])}" for i, name in instances)

    def at_first(self, state: State) -> Iterator[str]:
        """What holds of everything but roles where the model begins in a state."""
        model, texts = self.model, self.texts
        if model.channels:
            empty = "IF c \\in Fifos THEN <<>> ELSE IF c \\in Bags THEN [x \\in {} |-> 0] ELSE {}"
            held = [f"c = {texts.pair(c)} -> {self.content(c, one)}" for c, one in enumerate(state.channels) if one]
            cases = " [] ".join([*held, f"OTHER -> {empty}"])
            yield f"channel = [c \\in Channels |-> {f'CASE {cases}' if held else empty}]"
        if texts.limited:
            yield "left = " + " @@ ".join(f"{quoted(one.name)} :> {one.limit}" for one in texts.limited)
        if model.allows_freeze:
            yield "frozen = FALSE"
        for i, observer in enumerate(model.observers, len(model.instances)):
            yield f"{texts.observer[observer.name]} = {texts.local(i, state.locals[i])}"

    def content(self, c: int, content: Content) -> str:
        """What is in a channel, by its kind."""
        texts = [self.texts.message_text(message) for message in content]
        match self.model.channels[c].kind:
            case "fifo":
                return f"<<{', '.join(texts)}>>"
            case "bag":
                return function((one, str(count)) for one, count in Counter(texts).items())
        return f"{{{', '.join(texts)}}}"

    # ---- steps

    def roles(self) -> Iterator[str]:
        """Observers, and the lines of every role."""
        texts = self.texts
        if texts.observer:
            yield ""
            yield "\\* ---- observers"
            for observer in self.model.observers:
                yield ""
                yield from texts.observer_definitions(observer)
        for role in texts.roles:
            yield ""
            yield f"\\* ---- {comment(role.name)}"
            for line in (line for line in self.lines if line.role is role):
                yield ""
                yield f"\\* {comment(line.transition.id)} ({line.transition.kind}){comment(rests_on(line.transition))}"
                yield from texts.definitions_of(line)

    def messages(self) -> Iterator[str]:
        """What becomes of messages."""
        if not self.model.channels:
            return
        yield ""
        yield "\\* ---- messages"
        yield ""
        yield from self.texts.fate(self.lines)
        yield ""
        receive = list(self.texts.receive(self.lines))
        if any("Local(" in line for line in receive):
            yield from self.texts.local_of()
        yield from receive

    def faults(self) -> Iterator[str]:
        """Faults, crashes and the freeze."""
        texts, found = self.texts, list[list[str]]()
        self.crashes: dict[str, list[str]] = {}
        for role in (role for role in texts.roles if texts.crashing(role)):
            each = list(texts.crashes(role))
            self.crashes[role.name] = [name for name, _ in each]
            found += [text for _, text in each]
        each = list(texts.channel_faults())
        self.struck = [name for name, _ in each]
        found += [text for _, text in each]
        if self.model.allows_freeze:
            found.append(list(texts.freeze()))
        if found:
            yield ""
            yield "\\* ---- faults and the environment"
            for text in found:
                yield ""
                yield from text

    def relation(self) -> Iterator[str]:
        """The next-state relation, and the specification."""
        texts, acting, striking = self.texts, list[str](), list[str]()
        for role in texts.roles:
            mine = [f"{x.action}(self)" for x in self.lines if x.role is role and not x.reception]
            crashes = self.crashes.get(role.name, [])
            mine += [f"{action}(self)" for action in crashes[-1:]]
            if mine:
                acting.append(f"\\E self \\in {texts.all_of[role.name]} :")
                acting += [f"     \\/ {one}" for one in mine]
            for action in crashes[:-1]:
                striking.append(f"\\E self \\in {texts.all_of[role.name]} : {action}(self)")
        if self.model.channels:
            acting.append("\\E c \\in Channels : \\E m \\in Offered(c) : Receive(c, m)")
        striking += [f"\\E c \\in Channels : {action}(c)" for action in self.struck]
        striking += ["Freeze"] if self.model.allows_freeze else []
        yield ""
        yield "\\* ---- all that may happen"
        for name, parts in (("Somebody", acting), ("Environment", striking)):
            yield ""
            yield f"{name} =={'' if parts else ' FALSE'}"
            yield from (f"  {one}" if one.startswith(" ") else f"  \\/ {one}" for one in parts)
        yield ""
        yield "Next == Somebody \\/ Environment"
        yield ""
        yield "Spec == Init /\\ [][Next]_vars"

    # ---- what is asked

    def checks(self) -> Iterator[str]:
        """The built-in checks, and the domains of variables."""
        model, texts = self.model, self.texts
        yield ""
        yield "\\* ---- what is asked of states"
        yield ""
        if model.boundary is not None:
            yield f"\\* beyond this nothing is explored, and nothing is asked: {comment(model.boundary.text)}"
            yield f"Within == {bare(translated(model.boundary.condition, ModuleScope(), texts.reading))}"
            yield ""
        yield "TypeOK =="
        for role in texts.roles:
            domain = texts.domain_of(role.regions, role.variables, texts.crashing(role))
            yield f"  /\\ {texts.variable[role.name]} \\in [{texts.all_of[role.name]} -> {domain}]"
        for observer in model.observers:
            domain = texts.domain_of((observer.region,), observer.variables, False)
            yield f"  /\\ {texts.observer[observer.name]} \\in {domain}"
        for budget in texts.limited:
            yield f"  /\\ left[{quoted(budget.name)}] \\in 0..{budget.limit}"
        yield ""
        yield "\\* everybody may rest where they are, and no message has to be received"
        yield "AllRest =="
        for role in texts.roles:
            for region in role.regions:
                final = [state for state in region.states if state in region.final]
                where = f"{texts.variable[role.name]}[i].{texts.names.field(region.name)}"
                yield f"  /\\ \\A i \\in {texts.all_of[role.name]} : {where} \\in {texts.some(final)}"
        awaited = [c for c, channel in enumerate(model.channels) if channel.awaited]
        if awaited:
            yield f"  /\\ \\A c \\in {texts.pairs(awaited)} : Held(c, channel[c]) = 0"
        yield ""
        for check, text in CHECKS.items():
            yield f"\\* {check}: {comment(text)}"
            yield from self._check(check)

    def _check(self, check: str) -> Iterator[str]:
        name = _CHECKED[check]
        if name == "NoDeadlock":
            says = "AllRest \\/ ENABLED Somebody"
            yield f"{name} == {self._within(says)}"
        elif name == "NoUnspecified":
            says = '\\A c \\in Fifos \\cup Bags : \\A m \\in Offered(c) : Fate(c, m) # "unspecified"'
            yield f"{name} == {self._within(says) if self.model.channels else 'TRUE'}"
        else:
            sending = [x for x in self.lines if x.talks(self.model)] if self._may_overflow() else []
            yield f"{name} =={'' if sending else ' TRUE'}{' Within =>' if sending and self.model.boundary else ''}"
            for line in sending:
                chosen = "".join(f" \\A {name} \\in {source} :" for name, source in line.choices)
                before = self.texts.before_choosing(line)
                premise = f" {conj(before)} =>" if before else ""
                if line.reception:
                    yield f"  /\\ \\A c \\in Channels : \\A msg \\in Offered(c) : {self.texts.met(line, 'msg')} =>"
                    where = "LET self == c[2] sender == c[1] IN"
                    yield f"       {where}{premise}{chosen} {line.condition} =>"
                    yield f"       \\A sends \\in {line.sends} : Fits(Without(c, msg), sends)"
                else:
                    among = self.texts.member_of("self", line.role)
                    yield f"  /\\ \\A {among} :{premise}{chosen} {line.condition} =>"
                    yield f"       \\A sends \\in {line.sends} : Fits(channel, sends)"

    def _may_overflow(self) -> bool:
        return any(channel.when_full == "error" and channel.kind != "set" for channel in self.model.channels)

    def properties(self) -> Iterator[str]:
        """The properties of states."""
        for one in self.model.state_properties:
            yield ""
            yield f"\\* {one.form}{_clause(one)}: {comment(one.text)}"
            yield f"{self.named[one.id]} == {self._invariant(one)}"

    def _invariant(self, one: Property) -> str:
        condition = translated(one.condition, ModuleScope(), self.texts.reading)
        premise = None if one.premise is None else translated(one.premise, ModuleScope(), self.texts.reading)
        if one.form != "always":
            condition = f"~{condition}"
        return self._within(bare(condition) if premise is None else f"{premise} => {condition}")

    def _within(self, text: str) -> str:
        """What is asked of states, of those within the boundary."""
        return text if self.model.boundary is None else f"Within => ({text})"

    def runs(self) -> Iterator[str]:
        """Fairness, and the properties of runs."""
        out = dict(self.left_out())
        there = [one for one in self.model.liveness_properties if one.id not in out]
        if not there:
            return
        yield ""
        yield "\\* ---- what is asked of runs"
        yield ""
        if any(one.fairness != "none" for one in there):
            yield from self.texts.fairness(self.lines)
        for one in there:
            yield ""
            yield f"\\* {one.form}, {one.fairness} fairness{_clause(one)}: {comment(one.text)}"
            yield f"{self.named[one.id]} == {self.texts.formula(one)}"

    def config(self) -> Iterator[str]:
        """What TLC is told."""
        out = dict(self.left_out())
        there = [one for one in self.model.liveness_properties if one.id not in out]
        specs = {"none": "Spec", "weak": "WeakSpec", "strong": "StrongSpec"}
        first = there[0].fairness if there else "none"
        yield f"\\* java -cp tla2tools.jar tlc2.TLC -config {self.name}.cfg {self.name}"
        yield f"SPECIFICATION {specs[first]}"
        yield "CHECK_DEADLOCK FALSE \\* NoDeadlock is what is meant"
        yield "CONSTANTS"
        yield "  none = none"
        yield "  absent = absent"
        if self.model.boundary is not None:
            yield "CONSTRAINT Within"
        yield "INVARIANTS"
        yield "  TypeOK"
        yield from (f"  {name}" for name in _CHECKED.values())
        yield from (f"  {self.named[one.id]}" for one in self.model.state_properties if one.form != "reachable")
        for one in self.model.state_properties:
            if one.form == "reachable":
                yield f"\\* INVARIANT {self.named[one.id]} \\* TLC shows how it is violated where {one.id} is reachable"
        if any(one.fairness == first for one in there):
            yield "PROPERTIES"
            yield from (f"  {self.named[one.id]}" for one in there if one.fairness == first)
        for run in there:
            if run.fairness != first:
                yield f"\\* PROPERTY {self.named[run.id]} \\* with SPECIFICATION {specs[run.fairness]}"


def _about(block: list[str], word: str) -> bool:
    return any(word in line for line in block)


def _clause(one: object) -> str:
    clause = getattr(one, "clause", None)
    return f", {comment(clause)}" if clause else ""
