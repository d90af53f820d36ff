"""Properties of runs in TLA+: fairness sets as WF and SF, where these mean the same.

The steps of a set that change nothing are steps to us, and none to TLA+ (an action under WF or SF has to change a
variable). Both mean the same of a set whose steps always change something; under weak fairness also of one that has a
single step in each state. A property that asks for fairness of another set is left out, by name.
"""

from __future__ import annotations

from collections.abc import Iterator

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import SetOf
from mcfsm.model import POLICIES_THAT_KEEP, Fairness, LivenessProperty, Transition
from mcfsm.report.exported import MOST_MESSAGES, most_messages
from mcfsm.report.tla.expressions import ModuleScope, conj, disj, translated, union
from mcfsm.report.tla.lines import ActionLine
from mcfsm.report.tla.steps import StepTexts
from mcfsm.semantics.fairness import FAIR


class FairnessTexts(StepTexts):
    """A scenario with what fair runs come to."""

    def due(self, lines: list[ActionLine]) -> dict[tuple[str, str], list[ActionLine]]:
        """The lines of each trigger that is not put off for ever, by role and trigger."""
        found: dict[tuple[str, str], list[ActionLine]] = {}
        for line in lines:
            if line.transition.kind in FAIR:
                found.setdefault((line.role.name, line.transition.trigger), []).append(line)
        return found

    def fairness(self, lines: list[ActionLine]) -> Iterator[str]:
        """What is weakly fair, and what strongly."""
        weak, strong = [], []
        for (role, trigger), several in self.due(lines).items():
            name = self.names.top("due", f"{role}_{trigger}_due")
            yield f"{name}(self) == {disj(f'{line.action}(self)' for line in several)}"
            weak.append(f"\\A self \\in {self.all_of[role]} : WF_vars({name}(self))")
        kinds = {channel.kind for channel in self.model.channels}
        receptions: list[str] = []
        if "fifo" in kinds:
            yield "Take(c) == \\E m \\in Offered(c) : Receive(c, m)"
            receptions.append("\\A c \\in Fifos : {}_vars(Take(c))")
        if kinds & {"bag", "set"}:
            yield "TakeOne(c, m) == m \\in Offered(c) /\\ Receive(c, m)"
            yield from self._sendable()
            receptions.append("\\A c \\in Bags \\cup Sets : \\A m \\in Sendable(c) : {}_vars(TakeOne(c, m))")
        strong = [one.format("SF") for one in receptions]
        yield from self._joined("Weak", weak + [one.format("WF") for one in receptions])
        yield from self._joined("Strong", weak + strong)
        yield "WeakSpec == Spec /\\ Weak"
        yield "StrongSpec == Spec /\\ Strong"

    def _joined(self, name: str, parts: list[str]) -> Iterator[str]:
        yield f"{name} =={'' if parts else ' TRUE'}"
        yield from (f"  /\\ {part}" for part in parts)

    def _sendable(self) -> Iterator[str]:
        yield "\\* the messages that a channel may ever hold"
        yield "Sendable(c) =="
        sign = "CASE"
        for role in self.roles:
            sets = []
            sent = {message for name in self.instances(role) for message in self.model.sent_by[name]}
            for form in (form for form in self.model.messages if form.name in sent):
                message = self.message(form.name, [(e, f"y{i}") for i, (e, _, _) in enumerate(form.elements)])
                domains = [
                    f"y{i} \\in {union([self.values.all_of(domain), *(['{absent}'] if optional else [])])}"
                    for i, (_, domain, optional) in enumerate(form.elements)
                ]
                sets.append(f"{{{message}{' : ' if domains else ''}{', '.join(domains)}}}")
            if sets:
                yield f"  {sign} c[1] \\in {self.all_of[role.name]} -> {union(sets)}"
                sign = "  []"
        yield f"  {sign} OTHER -> {{}}" if sign != "CASE" else "  {}"

    # ---- properties of runs

    def formula(self, property_: LivenessProperty) -> str:
        """A property of runs as a temporal formula."""
        goal = translated(property_.goal, ModuleScope(), self.reading)
        causes = [translated(cause, ModuleScope(), self.reading) for cause in property_.causes]
        if self.model.boundary is not None:  # what goes on beyond is nobody's question
            goal, causes = f"({goal} \\/ ~Within)", ["Within", *causes]
        if property_.at_start:
            return f"<>{goal}"
        if not causes:
            return f"[]<>{goal}"
        return f"{causes[0] if len(causes) == 1 else f'({conj(causes)})'} ~> {goal}"

    def left_out(self, lines: list[ActionLine], fairness: Fairness) -> str | None:
        """Why fairness means something else in TLA+; None where it means the same."""
        if fairness == "none":
            return None
        for (role, trigger), several in self.due(lines).items():
            if not (self._one_step(several) or all(self._changes(line) for line in several)):
                return f"{role} {trigger} may have a step that changes nothing beside one that does"
        for channel in self.model.channels:
            if channel.kind != "fifo" and most_messages(self.model, channel.sender) > MOST_MESSAGES:
                return f"{channel.name} may hold more than {MOST_MESSAGES:,} messages"
            taken = [x for x in lines if x.reception and x.role.name == self.model.role_of[channel.receiver].name]
            if channel.kind != "set" and (
                channel.sender != channel.receiver or not any(_puts_back(line, channel.receiver) for line in taken)
            ):
                continue
            triggers = {line.transition.trigger for line in taken}
            alone = all(self._one_step([x for x in taken if x.transition.trigger == one]) for one in triggers)
            if fairness == "strong" or not alone:
                sender = "itself" if channel.sender == channel.receiver else channel.sender
                return f"what {channel.receiver} receives from {sender} may change nothing"
        return None

    def _one_step(self, lines: list[ActionLine]) -> bool:
        """Whether there is one step at most in each state."""
        return len(lines) == 1 and not lines[0].choices and not _left_open(lines[0].transition)

    def _changes(self, line: ActionLine) -> bool:
        """Whether a spontaneous line certainly changes something."""
        transition, sources = line.transition, dict(line.transition.sources)
        if any(region in sources and dest not in sources[region] for region, dest in transition.dests):
            return True
        asked = {guard.node.name for guard in transition.guards if guard.wanted and isinstance(guard.node, n.Read)}
        for one in transition.assignments:
            stops = one.key is None and isinstance(one.value, n.Constant) and one.value.value is False
            if stops and line.role.variables[one.variable].name in asked:
                return True
        keeps = all(one.kind != "set" and one.when_full in POLICIES_THAT_KEEP for one in self.model.channels)
        return keeps and any(_somebody(sending.to) for sending in transition.sends)


def _somebody(to: n.Node) -> bool:
    """Whether a message certainly goes to somebody."""
    return not isinstance(to.domain, SetOf) or (isinstance(to, n.Constant) and bool(to.value))


def _puts_back(line: ActionLine, self_: str) -> bool:
    """Whether a reception may send an instance of its own role, its own, what it received from itself."""
    transition, sources = line.transition, dict(line.transition.sources)
    if any(region in sources and dest not in sources[region] for region, dest in transition.dests):
        return False
    for sending in (one for one in transition.sends if one.message == transition.trigger):
        to = sending.to
        domain = to.domain.element if isinstance(to.domain, SetOf) else to.domain
        less = to.arguments[1] if isinstance(to, n.Apply) and to.operator == "-" else None
        without = less.elements if isinstance(less, n.BuildSet) else ()
        if domain.contains(self_) and not any(isinstance(one, n.Read) and one.name == "self" for one in without):
            return True
    return False


def _left_open(transition: Transition) -> bool:
    return any(any(sending.maybe) for sending in transition.sends)
