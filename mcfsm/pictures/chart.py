"""The sequence chart of a trace as records, and as text for a terminal.

One rule for all charts: a step is a row with its number, and a message is an arrow in the row of the step that receives
it, as call flows are read. Where that is not the step after the one that sends it, both rows say so ("sent at 2", "its
message arrives at 6"), so that an overtaking cannot be missed. A spontaneous step is a mark on its instance's lifeline.
A message that no step of the flow receives is an arrow of dots beneath the step that sends it. A fault of a channel is
an arrow of dots in a row of its own: its message is lost there, copied, or overtakes another.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, product

from mcfsm.model import Model
from mcfsm.pictures.text import printable, wrapped
from mcfsm.semantics.trace import FREEZE, IGNORED, LOST, Disturbance, Received, SentMessage, Trace, TraceStep

LEAST_GAP = 12  # columns between two lifelines, where there is room
NARROW_GAP = 4  # where there is none: room for the head of an arrow and two strokes
_MOST_ROWS = 3  # that names are staggered over
MOST_GAP = 44
_HEADS = {"loss": "x", "duplication": "+", "reordering": "~"}  # of the arrows that show a fault
Key = tuple[str, tuple[tuple[str, str], ...]]  # message name, elements


@dataclass(frozen=True)
class Arrow:
    """A message between two participants, by index, with the numbers of the steps that send and receive it."""

    message: str
    elements: str  # "(u1, B)", or empty
    sender: int
    receiver: int
    sent: int | None  # None where no step of the flow sends it
    received: int | None  # the first that receives it; None where no step of the flow does
    lost: bool = False
    fault: str | None = None  # what strikes it in the row where it is drawn
    copied: bool = False  # by the step that it counts as sent by

    @property
    def label(self) -> str:
        """The message with its elements."""
        return self.message + self.elements

    @property
    def delayed(self) -> bool:
        """Whether other steps come between its sending and its reception."""
        return self.sent is not None and self.received is not None and self.received != self.sent + 1


@dataclass(frozen=True)
class ChartStep:
    """A step: what its instance does of itself or receives, and what it sends."""

    number: int
    participant: int | None  # None: the environment
    action: str | None  # what a step without a message is, None for a reception
    receives: Arrow | None
    sends: tuple[Arrow, ...]
    remarks: tuple[str, ...]  # values chosen, when its message was sent, when what it sends arrives; a fault
    basis: str  # clause, or assumption
    struck: Arrow | None = None  # by a fault of its channel

    @property
    def arrow(self) -> Arrow | None:
        """The message that is drawn in the row of the step: received, or struck."""
        return self.receives or self.struck

    @property
    def pending(self) -> tuple[Arrow, ...]:
        """The messages it sends that no step of the flow receives."""
        return tuple(arrow for arrow in self.sends if arrow.received is None)


@dataclass(frozen=True)
class Chart:
    """Those who take part, in declared order, and the steps."""

    title: str
    participants: tuple[str, ...]
    steps: tuple[ChartStep, ...]
    loop_start: int | None = None  # of a lasso: how many steps come before its loop
    ending: str | None = None  # of a lasso: how it goes on after the last step

    def before(self, step: ChartStep) -> str | None:
        """What stands across all lifelines before a step: that the loop begins."""
        return "the loop begins" if step.number - 1 == self.loop_start else None


def chart(trace: Trace, model: Model, *, title: str = "") -> Chart:
    """The sequence chart of a trace."""
    involved: set[str | None] = {step.instance for step in trace.steps if step.kind not in ("freeze", "fault")}
    for step in trace.steps:
        if step.fault is not None:
            involved |= {step.fault.instance, step.fault.sender, step.fault.receiver}
        involved |= {sent.receiver for sent in step.sends}
        involved |= {step.receives.sender} if step.receives else set()
    participants = tuple(instance.name for instance in model.instances if instance.name in involved)
    index = {name: i for i, name in enumerate(participants)}
    sent, received = _matched(trace, model)
    copies = {number for number, step in enumerate(trace.steps, 1) if step.transition == "duplication" and step.fault}
    steps = []
    for number, step in enumerate(trace.steps, 1):
        at = index.get(step.fault.instance or "" if step.fault else step.instance)
        struck = None if step.fault is None else _struck(model, step.fault, index, sent.get(number), number)
        receives = None
        if step.receives is not None and at is not None:
            message = step.receives
            elements = _elements(model, message)
            receives = Arrow(message.message, elements, index[message.sender], at, sent.get(number), number)
            receives = replace(receives, copied=receives.sent in copies)
        sends = tuple(
            Arrow(s.message, _elements(model, s), at, index[s.receiver], number, received.get((number, i)), s.lost)
            for i, s in enumerate(step.sends)
            if at is not None
        )
        made = ChartStep(number, at, _action(step), receives, sends, (), _basis(step), struck)
        steps.append(replace(made, remarks=tuple(_remarks(step, made, participants, trace))))
    return Chart(title, participants, tuple(steps), trace.loop_start, trace.ending)


def _matched(trace: Trace, model: Model) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """Step that receives to step that sent it, and (step, place among its sends) to the first step that receives it.

    On fifo and bag the oldest equal message is the one; on a set, where a message stays, the one sent last. What loses
    a message counts as receiving it, what copies one as sending it.
    """
    waiting: dict[tuple[str, str], dict[Key, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    sent: dict[int, int] = {}
    received: dict[tuple[int, int], int] = {}
    for number, step in enumerate(trace.steps, 1):
        if step.receives is not None:
            link = step.receives.sender, step.instance
            sendings = waiting[link][step.receives.message, step.receives.elements]
            stays = model.channels[model.channel_of[link]].kind == "set"
            if sendings:
                sending = sendings[-1] if stays else sendings.pop(0)
                sent[number] = sending[0]
                received.setdefault(sending, number)
        if step.fault is not None and step.fault.instance is None:
            link = str(step.fault.sender), str(step.fault.receiver)
            equal = waiting[link][str(step.fault.message), step.fault.elements]
            if step.fault.kind == "duplication":
                equal.append((number, -1))
            elif step.fault.kind == "loss" and equal:
                sending = equal.pop(0)
                sent[number] = sending[0]
                received.setdefault(sending, number)
        for i, message in enumerate(step.sends):
            if not message.lost:
                waiting[step.instance, message.receiver][message.message, message.elements].append((number, i))
    return sent, received


def _struck(model: Model, fault: Disturbance, index: dict[str, int], sent: int | None, number: int) -> Arrow | None:
    """The message that a fault of a channel strikes."""
    if fault.instance is not None:
        return None
    message = Received(str(fault.message), str(fault.sender), fault.elements)
    ends = index[message.sender], index[str(fault.receiver)]
    return Arrow(message.message, _elements(model, message), *ends, sent, number, fault=fault.kind)


def _elements(model: Model, message: Received | SentMessage) -> str:
    """The elements in brackets: values alone where two mandatory ones leave no doubt, else each with its name."""
    if not message.elements:
        return ""
    form = model.form_of[message.message].elements
    plain = len(form) <= 2 and not any(optional for _, _, optional in form)
    return "(" + ", ".join(value if plain else f"{name}={value}" for name, value in message.elements) + ")"


def _action(step: TraceStep) -> str | None:
    if step.transition == FREEZE:
        return "the environment freezes"
    if step.fault is not None:
        return f"{step.fault.kind}, fault" if step.kind == "fault" else step.fault.kind
    return None if step.receives is not None else f"{step.trigger}, {step.kind}"


def _basis(step: TraceStep) -> str:
    return step.clause or ("assumption" if step.assumption is not None else "")


def _remarks(step: TraceStep, made: ChartStep, participants: tuple[str, ...], trace: Trace) -> Iterable[str]:
    if made.struck is not None:
        yield f"{made.struck.fault}, fault"
    if step.transition == IGNORED and step.kind == "ignore":
        yield "ignored"
    if step.transition == LOST and step.kind == "ignore":
        yield "lost: the receiver is down"
    yield from (f"{name} = {value}" for name, value in step.chosen)
    if made.arrow is not None and made.arrow.delayed:
        yield f"{'copied' if made.arrow.copied else 'sent'} at {made.arrow.sent}"
    names = [arrow.message for arrow in made.sends]
    for arrow in made.sends:
        if arrow.delayed:
            to = f" to {participants[arrow.receiver]}" if names.count(arrow.message) > 1 else ""
            lost = trace.steps[(arrow.received or 1) - 1].fault is not None
            word = "is lost" if lost else "arrives"
            yield f"{arrow.message + to if len(names) > 1 else 'its message'} {word} at {arrow.received}"


def undelivered(arrow: Arrow) -> str:
    """What became of a message that no step receives."""
    return "lost: the channel is full" if arrow.lost else "in flight at the end"


# ---- text


def render_text(trace: Trace, model: Model, *, width: int = 110) -> str:
    """The sequence chart of a trace for a terminal: number, lifelines with arrows, what happens, clause.

    `width` is kept unless the participants' names alone need more; nothing is cut off, what is long is wrapped.
    """
    made = chart(trace, model)
    if not made.participants:
        lines = [f"{step.number:>4}  {step.action}  {step.basis}".rstrip() for step in made.steps]
        return "\n".join([*lines, *([f"      {made.ending}"] if made.ending else [])])
    return "\n".join(printable(line) for line in _Text(made, width).lines())


class _Text:
    """Lays out a chart in columns: lifelines with messages by name, beside them what they carry, last the clause."""

    def __init__(self, made: Chart, width: int) -> None:
        self.chart = made
        self.cited = min(max([len(step.basis) for step in made.steps] + [0]), 20)
        said = [len(line) for step in made.steps for line in self.said(step)]
        said += [len(line) for step in made.steps for arrow in step.pending for line in self.told_of(arrow)]
        wide = product([(LEAST_GAP, 1)], (44, 40, 36, 32, 28, 24, 22, 20, 18, 16))
        narrow = product([(NARROW_GAP, rows) for rows in range(1, _MOST_ROWS + 1)], (28, 24, 20, 16))
        for (gap, self.rows), most in chain(wide, narrow):
            self.told = min(max([*said, 0]), most)
            side = 6 + sum(2 + column for column in (self.told, self.cited) if column)
            self.places, fits = self.lifelines(width - side, gap)
            if fits:
                break
        self.edge = max(self.places[-1] + (len(made.participants[-1]) + 1) // 2 + 1, 12)

    def said(self, step: ChartStep) -> list[str]:
        """What stands beside the chart: the action, marked as spontaneous, or the elements received; then remarks."""
        if step.arrow is not None:
            return [text for text in (step.arrow.elements[1:-1], *step.remarks) if text]
        action = step.action or "" if step.participant is not None else ""
        action += " (spontaneous)" if action and not action.endswith(", fault") else ""
        return [text for text in (action, *step.remarks) if text]

    def told_of(self, arrow: Arrow) -> list[str]:
        """What stands beside a message that nobody receives."""
        return [text for text in (arrow.elements[1:-1], undelivered(arrow)) if text]

    def lifelines(self, room: int, gap: int) -> tuple[list[int], bool]:
        """The column of each lifeline, as far apart as labels want and the room allows; whether the room suffices.

        No two are nearer than `gap`, nor so near that two names in one row of the heading would touch.
        """
        names, rows = self.chart.participants, self.rows
        least = [gap] * (len(names) - 1)
        for i, (one, other) in enumerate(zip(names, names[rows:], strict=False)):
            for between in range(i, i + rows):
                least[between] = max(least[between], -(-((len(one) + len(other)) // 2 + 2) // rows))
        wanted = list(least)
        for arrow in self.arrows():
            low, high = sorted((arrow.sender, arrow.receiver))
            if high > low:
                share = -(-(len(arrow.message) + 8) // (high - low))
                for gap in range(low, high):
                    wanted[gap] = max(wanted[gap], min(share, MOST_GAP))
        first = (len(names[0]) + 1) // 2
        spare = room - first - (len(names[-1]) + 1) // 2 - 1 - sum(least)
        needed = sum(wanted) - sum(least)
        places = [first]
        for low, high in zip(least, wanted, strict=True):
            more = high - low if needed <= max(spare, 0) else (high - low) * max(spare, 0) // needed
            places.append(places[-1] + low + more)
        return places, spare >= 0

    def arrows(self) -> Iterable[Arrow]:
        """Every arrow that is drawn."""
        for step in self.chart.steps:
            if step.arrow is not None:
                yield step.arrow
            yield from step.pending

    def lines(self) -> Iterable[str]:
        """The heading, and the lines of each step."""
        for row in range(self.rows):
            heading = [" "] * self.edge
            for i, place in enumerate(self.places):
                if i % self.rows < row:  # its name stands above
                    heading[place] = "|"
            for place, name in list(zip(self.places, self.chart.participants, strict=True))[row :: self.rows]:
                start = max(0, place - (len(name) - 1) // 2)
                heading[start : start + len(name)] = name
            yield "      " + "".join(heading).rstrip()
        for step in self.chart.steps:
            if (mark := self.chart.before(step)) is not None:
                yield from self.across(mark)
            drawn = self.drawn(step)
            said = [line for text in self.said(step) for line in self.beside_wrapped(text)]
            yield from self.beside(f"{step.number:>4}", drawn, said, wrapped(step.basis, max(self.cited, 1)))
            for arrow in step.pending:
                told = [line for text in self.told_of(arrow) for line in self.beside_wrapped(text)]
                yield from self.beside("", self.arrow(arrow, "x" if arrow.lost else ">", "."), told, [])
        if self.chart.ending is not None:
            yield from self.across(self.chart.ending)

    def across(self, said: str) -> Iterable[str]:
        """A line across all lifelines that belongs to no step."""
        yield f"      {f'~ {said} ~'.center(self.edge, '~')}"

    def beside_wrapped(self, text: str) -> list[str]:
        """A text as lines of the column beside the chart; a value such as Id(u2, B) is not torn."""
        whole = re.sub(r"\([^()]*\)", lambda found: found.group().replace(" ", "\0"), text)
        return [line.replace("\0", " ") for line in wrapped(whole, max(self.told, 1))]

    def beside(self, number: str, drawn: list[str], said: list[str], cited: list[str]) -> Iterable[str]:
        """The lines of one row; texts begin at the height of the arrow, which is the last line drawn."""
        lead = max(0, len(drawn) - max(len(said), len(cited), 1))
        said, cited = [""] * lead + said, [""] * lead + cited
        for i in range(max(len(drawn), len(said), len(cited))):
            line = drawn[i] if i < len(drawn) else self.empty()
            told = f"{said[i] if i < len(said) else '':<{self.told}}  " if self.told else ""
            clause = cited[i] if i < len(cited) else ""
            yield f"{number if i == 0 else '':<4}  {line:<{self.edge}}  {told}{clause}".rstrip()

    def empty(self) -> str:
        """Lifelines and nothing else."""
        line = [" "] * self.edge
        for place in self.places:
            line[place] = "|"
        return "".join(line)

    def drawn(self, step: ChartStep) -> list[str]:
        """The lines of a step on the lifelines."""
        if step.receives is not None:
            return self.arrow(step.receives, ">", "-")
        if step.struck is not None:
            return self.arrow(step.struck, _HEADS[str(step.struck.fault)], ".")
        if step.participant is None:
            return [f" {step.action} ".center(self.edge, "=")]
        line = list(self.empty())
        line[self.places[step.participant]] = "o"
        return ["".join(line)]

    def arrow(self, arrow: Arrow, head: str, stroke: str) -> list[str]:
        """An arrow with its label in it, or above it over the lifelines where it is too long."""
        start, end = self.places[arrow.sender], self.places[arrow.receiver]
        low, high = min(start, end) + 1, max(start, end)
        if low >= high:
            return self.loop(arrow, start, stroke)
        label, line = f" {arrow.message} ", list(self.empty())
        above: list[str] = []
        if len(label) > high - low - 4:
            above = self.above(arrow.message, low)
            label = ""
        body = label.center(high - low - 1, stroke)
        line[low:high] = body + head if end > start else ("<" if head == ">" else head) + body
        return [*above, "".join(line)]

    def above(self, name: str, low: int) -> list[str]:
        """A message's name in lines of its own, over the lifelines, where its arrow is too short for it."""
        lines = []
        for text in wrapped(name, self.edge - 2):
            line = list(self.empty())
            start = max(0, min(low + 1, self.edge - len(text)))
            line[start : start + len(text)] = text
            lines.append("".join(line))
        return lines

    def loop(self, arrow: Arrow, place: int, stroke: str) -> list[str]:
        """A message of an instance to itself."""
        return [*self.above(f"{arrow.message} to itself", place), self.empty()[: place + 1] + f"<{stroke * 2}+"]
