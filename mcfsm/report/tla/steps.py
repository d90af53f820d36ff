"""What may happen in TLA+: what becomes of messages, faults, crashes and the freeze, and the next-state relation."""

from __future__ import annotations

from collections.abc import Iterator

from mcfsm.model import DOWN, ChannelFaultKind, Role
from mcfsm.report.exported import is_limited
from mcfsm.report.tla.expressions import union
from mcfsm.report.tla.lines import ActionLine, LineTexts
from mcfsm.report.tla.names import quoted
from mcfsm.report.tla.observers import Happening, happening

_AFTER: dict[ChannelFaultKind, str] = {
    "loss": "Losses",
    "duplication": "Copies",
    "reordering": "Swaps",
    "corruption": "Corruptions",
}


class StepTexts(LineTexts):
    """A scenario with all that may happen in it."""

    # ---- what becomes of a message

    def fate(self, lines: list[ActionLine]) -> Iterator[str]:
        """When a message is handled, ignored or deferred, and what a channel offers."""
        yield from self._cases("Handled(c, m)", [self._handles(line) for line in lines if line.reception])
        yield from self._cases("Ignored(i, x)", self._listed("ignore"))
        yield from self._cases("Deferred(i, x)", self._listed("defer"))
        crashing = any(map(self.crashing, self.roles))
        down = [
            f"{self.member_of('i', role)} /\\ {self.variable[role.name]}[i].{self.first(role)} = {quoted(DOWN)}"
            for role in self.roles
            if self.crashing(role)
        ]
        if crashing:
            yield from self._cases("Down(i)", down)
            lost = [one.name for one in self.model.instances if one.crash is not None and one.crash.arrivals == "lost"]
            yield f"Lost == {self.some(lost)}"
        yield ""
        yield "\\* what becomes of message m in channel c"
        yield "Fate(c, m) =="
        if crashing:
            yield '  IF Down(c[2]) THEN IF c[2] \\in Lost THEN "ignored" ELSE "deferred" ELSE'
        yield '  IF Handled(c, m) THEN "handled"'
        yield '  ELSE IF Ignored(c[2], m[1]) THEN "ignored"'
        yield '  ELSE IF Deferred(c[2], m[1]) THEN "deferred"'
        yield '  ELSE "unspecified"'
        yield ""
        yield "\\* what channel c offers its receiver: of a fifo the first that is not deferred"
        yield "Offered(c) =="
        yield "  IF c \\in Fifos"
        yield '  THEN LET S == {i \\in DOMAIN channel[c] : Fate(c, channel[c][i]) # "deferred"}'
        yield "       IN IF S = {} THEN {} ELSE {channel[c][Min(S)]}"
        yield '  ELSE IF c \\in Bags THEN {m \\in Waiting(c) : Fate(c, m) # "deferred"}'
        yield "  ELSE channel[c]"

    def first(self, role: Role) -> str:
        """The field of a role's first region."""
        return self.names.field(role.regions[0].name)

    def member_of(self, text: str, role: Role) -> str:
        """That an instance is one of a role."""
        return f"{text} \\in {self.all_of[role.name]}"

    def _cases(self, head: str, cases: list[str]) -> Iterator[str]:
        if len(cases) < 2:
            yield f"{head} == {cases[0] if cases else 'FALSE'}"
            return
        yield f"{head} =="
        yield from (f"  \\/ {case}" for case in cases)

    def met(self, line: ActionLine, message: str = "m") -> str:
        """That a message in channel c may trigger a line."""
        return f"{self.member_of('c[2]', line.role)} /\\ {message}[1] = {quoted(line.transition.trigger)}"

    def _handles(self, line: ActionLine) -> str:
        if not line.choices:
            return f"{self.met(line)} /\\ {line.action}_if(c[2], c[1], m)"
        asked = " /\\ ".join([*self.before_choosing(line), f"{' '.join(line.chosen)} {line.condition}"])
        return f"{self.met(line)} /\\ LET self == c[2] sender == c[1] msg == m IN {asked}"

    def _listed(self, what: str) -> list[str]:
        found = []
        for role in self.roles:
            me = f"{self.variable[role.name]}[i]"
            for message, states in role.ignore if what == "ignore" else role.defer:
                for region in role.regions:
                    listed = [state for state in region.states if state in states]
                    if listed:
                        there = self.within(f"{me}.{self.names.field(region.name)}", listed)
                        found.append(f"{self.member_of('i', role)} /\\ x = {quoted(message)} /\\ {there}")
        return found

    def receive(self, lines: list[ActionLine]) -> Iterator[str]:
        """What a receiver does with a message that it is offered."""
        receptions = [line for line in lines if line.reception]
        each = [f"{self.met(line)} /\\ {line.action}(c[2], c[1], m)" for line in receptions]
        yield "\\* a message that is ignored, or lost as its receiver is down; in a set it stays, and nothing happens"
        yield "Ignore(c, m) =="
        yield "  /\\ c \\notin Sets"
        yield '  /\\ Fate(c, m) = "ignored"'
        yield "  /\\ channel' = Without(c, m)"
        seen, observers = self.observed([self._ignored_event()])
        yield from (f"  {one}" for one in [*seen, *self.unchanged({"channel"} | observers)])
        yield ""
        yield from self._cases("Receive(c, m)", [*each, "Ignore(c, m)"])

    def _ignored_event(self) -> Happening:
        """That a message is received and ignored, or lost where its receiver is down."""
        received = "Received(c[1], m, c[2], Local(c[2]), Local(c[2]))"
        seen = [("received", frozenset(form.name for form in self.model.messages))]
        if not any(map(self.crashing, self.roles)):
            return Happening(received, tuple(seen))
        lost = _fault("loss", "sender |-> c[1], receiver |-> c[2], msg |-> m")
        return Happening(f"IF Down(c[2]) THEN {lost} ELSE {received}", (*seen, ("fault", frozenset({"loss"}))))

    def local_of(self) -> Iterator[str]:
        """The local state of any instance."""
        *others, last = [(self.member_of("i", role), f"{self.variable[role.name]}[i]") for role in self.roles]
        ways = "".join(f"IF {among} THEN {place} ELSE " for among, place in others)
        yield "\\* the local state of an instance"
        yield f"Local(i) == {ways}{last[1]}"
        yield ""

    # ---- faults

    def crashes(self, role: Role) -> Iterator[tuple[str, list[str]]]:
        """The crashes and restarts of a role: the name of each action, and its definition."""
        name, field = self.variable[role.name], self.names.field
        initial = self.names.top("initial", f"{role.name}_initial")
        budgets: dict[str | None, list[str]] = {}
        for one in self.model.instances:
            if one.role == role.name and one.crash is not None:
                budgets.setdefault(one.crash.budget, []).append(one.name)
        regions = [field(region.name) for region in role.regions]
        kept = [field(v.name) for v in role.variables if v.name in role.persistent]
        for budget, instances in budgets.items():
            action = self.names.top("crash", f"{role.name}_crash{'' if len(budgets) == 1 else f'_{budget}'}")
            parts = [f"!.{region} = {quoted(DOWN)}" for region in regions]
            parts += [f"!.{variable} = {name}[self].{variable}" for variable in kept]
            yield (
                action,
                [
                    f"{action}(self) ==",
                    f"  /\\ {self.within('self', instances)}",
                    f"  /\\ {name}[self].{regions[0]} # {quoted(DOWN)}",
                    *self._struck(budget),
                    f"  /\\ {name}' = [{name} EXCEPT ![self] = [{initial}[self] EXCEPT {', '.join(parts)}]]",
                    *self._spent(budget, {name}, self._crash_event("crash", name)),
                ],
            )
        action = self.names.top("crash", f"{role.name}_restart")
        back = ", ".join(f"![self].{region} = {initial}[self].{region}" for region in regions)
        yield (
            action,
            [
                f"{action}(self) ==",
                f"  /\\ {name}[self].{regions[0]} = {quoted(DOWN)}",
                f"  /\\ {name}' = [{name} EXCEPT {back}]",
                *self._spent(None, {name}, self._crash_event("restart", name)),
            ],
        )

    def _crash_event(self, word: str, name: str) -> Happening:
        ends = f"actor |-> self, before |-> {name}[self], after |-> {name}'[self]"
        return happening(_fault(word, ends), "fault", word)

    def _struck(self, budget: str | None) -> Iterator[str]:
        if self.model.allows_freeze:
            yield "  /\\ ~frozen"
        yield from (f"  /\\ {condition}" for condition in self.affords(budget))

    def _spent(self, budget: str | None, changed: set[str], event: Happening) -> Iterator[str]:
        if is_limited(self.model, budget):
            yield f"  /\\ left' = [left EXCEPT ![{quoted(budget or '')}] = @ - 1]"
            changed = changed | {"left"}
        seen, observers = self.observed([event])
        yield from (f"  {one}" for one in [*seen, *self.unchanged(changed | observers)])

    def channel_faults(self) -> Iterator[tuple[str, list[str]]]:
        """The faults of channels, by kind and budget: the name of each action, and its definition."""
        found: dict[tuple[ChannelFaultKind, str | None, bool], list[int]] = {}
        for c, channel in enumerate(self.model.channels):
            for kind, budget in channel.faults:
                found.setdefault((kind, budget, kind == "loss" and channel.loses_head), []).append(c)
        for (kind, budget, head), channels in found.items():
            called = f"head_{kind}" if head else kind
            action = self.names.top("fault", f"{called}_{budget}" if budget is not None else called)
            left = "Tails" if head else _AFTER[kind]
            event = happening(_fault(kind, "sender |-> c[1], receiver |-> c[2]"), "fault", kind)
            yield (
                action,
                [
                    f"{action}(c) ==",
                    f"  /\\ c \\in {self.pairs(channels)}",
                    *self._struck(budget),
                    f"  /\\ \\E q \\in {left}(c) : channel' = [channel EXCEPT ![c] = q]",
                    *self._spent(budget, {"channel"}, event),
                ],
            )

    def corrupted(self) -> Iterator[str]:
        """What messages may become where one element is corrupted."""
        sent = self._corruptible()
        yield "Corrupted(m) =="
        sign = "CASE"
        for form in self.model.messages:
            if form.name not in sent or not form.elements:
                continue
            sets = []
            for name, domain, optional in form.elements:
                field = self.names.field(name)
                others = f"{self.values.all_of(domain)} \\ {{m[2].{field}}}"
                other = f"{{<<m[1], [m[2] EXCEPT !.{field} = x]>> : x \\in {others}}}"
                sets.append(f"(IF m[2].{field} = absent THEN {{}} ELSE {other})" if optional else other)
            yield f"  {sign} m[1] = {quoted(form.name)} -> {union(sets)}"
            sign = "  []"
        yield f"  {sign} OTHER -> {{}}" if sign != "CASE" else "  {}"

    def _corruptible(self) -> set[str]:
        senders = {one.sender for one in self.model.channels if any(kind == "corruption" for kind, _ in one.faults)}
        return {message for name in senders for message in self.model.sent_by[name]}

    def freeze(self) -> Iterator[str]:
        """The environment freezes."""
        yield "Freeze =="
        yield "  /\\ ~frozen"
        yield "  /\\ frozen' = TRUE"
        seen, observers = self.observed([happening('[on |-> "freeze", name |-> ""]', "freeze")])
        yield from (f"  {one}" for one in [*seen, *self.unchanged({"frozen"} | observers)])


def _fault(kind: str, what: str) -> str:
    """The event of a fault or restart."""
    return f'[on |-> "fault", name |-> {quoted(kind)}, {what}]'
