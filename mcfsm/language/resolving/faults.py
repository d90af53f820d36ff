"""What may go wrong in a scenario: the faults of channels by line, the instances that may crash, and their budgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mcfsm.expressions.domains import Integer
from mcfsm.expressions.parse import SourceText, is_name
from mcfsm.language.files.document import ChannelPart, CrashPart, ScenarioPart
from mcfsm.language.resolving.constants import noted_constant
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.language.resolving.scenarios import MOST_BUDGET, UNLIMITED
from mcfsm.model import (
    CHANNEL_FAULTS,
    FAULTS_OF_ORDER,
    Budget,
    Channel,
    ChannelFaultKind,
    ChannelKind,
    Crash,
    Instance,
)
from mcfsm.problems import Problems, closest


@dataclass
class Faults:
    """The faults of one scenario, and the budgets they use up."""

    made: Declarations
    problems: Problems
    lines: dict[SourceText, tuple[tuple[ChannelFaultKind, str | None], ...]] = field(default_factory=dict)
    crashes: dict[str, Crash] = field(default_factory=dict)  # by instance
    named: dict[str, SourceText] = field(default_factory=dict)  # budgets that the scenario has to give
    own: list[Budget] = field(default_factory=list)  # those that a number makes
    distances: dict[str, int] = field(default_factory=dict)  # by instance, of the line under crash that counts

    def budgets(self, channels: Iterable[Channel]) -> tuple[Budget, ...]:
        """The budgets that numbers make, less those of lines that count for no channel and no instance."""
        used = {budget for channel in channels for _, budget in channel.faults}
        used |= {crash.budget for crash in self.crashes.values()}
        return tuple(budget for budget in self.own if budget.name in used)

    def with_crashes(self, instances: list[Instance]) -> list[Instance]:
        """The instances, each with whether it may crash."""
        return [replace(instance, crash=self.crashes.get(instance.name)) for instance in instances]

    def add_channel(self, line: SourceText, part: ChannelPart, channel: ChannelKind) -> None:
        """Note the faults of a line under channels, in the order of their kinds."""
        found: list[tuple[ChannelFaultKind, str | None]] = []
        head = None if part.faults is None else part.faults.head_loss
        if head is not None and part.faults is not None and part.faults.loss is not None:
            said = "loss and head_loss of one channel"
            self.problems.add("M611", head.span, said, "a loss may strike the oldest, too")
        elif head is not None and channel == "bag":
            self.problems.add("M611", head.span, "head_loss on a bag channel, which has no order", "loss: any message")
        for kind in CHANNEL_FAULTS:
            text = getattr(part.faults, kind, None)
            if kind == "loss" and text is None:
                text = head
            if text is None:
                continue
            if channel == "set":
                message = f"{kind} on a set channel: a message once sent stays"
                self.problems.add("M611", text.span, message, "faults are of fifo and bag")
            elif channel == "bag" and kind in FAULTS_OF_ORDER:
                message = f"{kind} on a bag channel, which has no order"
                self.problems.add("M611", text.span, message, f"leave {kind} out")
            found.append((kind, self.budget(text, f"{kind} in {line}")))
        self.lines[line] = tuple(found)

    def add_crash(self, end: SourceText, part: SourceText | CrashPart, instances: list[Instance]) -> None:
        """Note that instances may crash, where no closer line says so of them: instance before group before role."""
        distances = [
            (instance, distance)
            for instance in instances
            for distance, word in enumerate(instance.words)
            if word == end
        ]
        if not distances:
            known = {word for instance in instances for word in instance.words}
            message = f"{self.made.scenario} has no instance, group or role {end} that could crash"
            self.problems.add("M602", end.span, message, closest(end, known))
            return
        text, arrivals = (part.budget, part.arrivals) if isinstance(part, CrashPart) else (part, "lost")
        crash = Crash(self.budget(text, f"crash of {end}"), arrivals)
        for instance, distance in distances:
            if distance < self.distances.get(instance.name, 3):
                self.distances[instance.name] = distance
                self.crashes[instance.name] = crash

    def budget(self, text: SourceText, own: str) -> str | None:
        """The budget of a fault: one of its own for a number, a named one, or None without limit."""
        if text == UNLIMITED:
            return None
        if text.isdecimal():
            limit = noted_constant(
                text, self.made.scope(), Integer(0, MOST_BUDGET), f"the budget of {own}", self.problems
            )
            self.own.append(Budget(own, limit))
            return own
        if not is_name(text):
            hint = f"a number, the name of a budget, or {UNLIMITED}"
            self.problems.add("M611", text.span, f"'{text}' says not how often", hint)
            return None
        self.named.setdefault(str(text), text)
        return str(text)


def resolve_faults(
    scenario: ScenarioPart,
    instances: list[Instance],
    kinds: Mapping[SourceText, ChannelKind],
    made: Declarations,
    problems: Problems,
) -> Faults:
    """The faults that a scenario declares, given the kind of channel of each of its lines."""
    found = Faults(made, problems)
    written = scenario.channels or {}
    default = next((line for line in written if line == "default"), None)
    for line in [*([] if default is None else [default]), *(line for line in written if line != "default")]:
        if default is not None and line is not default and written[line].faults is written[default].faults:
            found.lines[line] = found.lines[default]  # and its budgets are theirs together
        else:
            found.add_channel(line, written[line], kinds[line])
    for end, crash in (scenario.crash or {}).items():
        found.add_crash(end, crash, instances)
    return found
