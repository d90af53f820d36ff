"""The ledger as text: each verdict with the sentences it stands on, and how it falls without them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.model import Model, Status
from mcfsm.model.labels import Labels
from mcfsm.problems import counted
from mcfsm.questions.families.ledger import Ledger, LedgerEntry, Standing
from mcfsm.questions.families.switches import Point, Switch
from mcfsm.report.style import COLOURS, at_the_margin, bounds, flow, heading, label, switch_words, together, wrapped
from mcfsm.verdicts.verdict import Verdict

Flows = Literal["none", "shortest", "all"]
_MOST_LINES = 4  # that the small print names


def ledger_as_text(found: Sequence[Ledger], *, width: int, flows: Flows, seconds: float) -> RenderableType:
    """Each scenario: what the verdicts stand on, sentence by sentence, then the flows, and what decides nothing."""
    parts: list[RenderableType] = []
    for one in found:
        parts += [*_Scenario(one, width).lines(flows), Text("")]
    return Group(*parts, *_summary(found, seconds))


class _Scenario:
    """One scenario at a width."""

    def __init__(self, found: Ledger, width: int) -> None:
        self.found, self.width, self.words = found, width, found.model.labels
        self.entry_of = {switch: entry for entry in found.entries for switch in entry.switches}

    def lines(self, flows: Flows) -> Iterator[RenderableType]:
        """Everything, the sum first."""
        model = self.found.model
        yield heading(model, label(model), bounds(model))
        if model.text:
            yield wrapped(at_the_margin(model.text), self.width, 2, "dim")
        if not self.found.entries:
            yield self._line(
                "It assumes nothing, and has no reading or option: there is nothing to switch.", 0, 0, "bold"
            )
            return
        yield from self._sum()
        for block in _alike(one for one in self.found.standings if not one.settled):
            yield Text("")
            yield from self._block(block)
        if flows != "none" and self.found.flows:
            yield from self._flows(flows)
        yield Text("")
        yield from self._rest()

    def _line(self, text: str, left: int, further: int = 0, style: str = "") -> RenderableType:
        return Padding(wrapped(text, self.width - left, further, style), (0, 0, 0, left))

    # ---- the sum

    def _sum(self) -> Iterator[RenderableType]:
        """How many proofs stand on something, and which verdicts stand whatever is switched."""
        proofs = [one for one in self.found.standings if one.row.default == "PROVED"]
        resting = [one for one in proofs if one.alone or one.pairs]
        alone = {entry.sentence for one in resting for entry, _ in one.alone}
        paired = {self.entry_of[switch].sentence for one in resting for pair, _ in one.pairs for switch in pair} - alone
        many = (
            f"{len(resting) or 'None'} of {counted(len(proofs), 'proof')} {'stand' if len(resting) > 1 else 'stands'}"
        )
        said = f"{many} on what the text does not say or leaves open"
        on = [f"on {counted(len(alone), 'sentence')} alone"] if alone else []
        more = f"{len(paired)} more" if alone else counted(len(paired), "sentence")
        on += [f"on {more} where two change together"] if paired else []
        yield self._line(f"{': '.join([said, ', and '.join(on)] if on else [said])}.", 0, 0, "bold")
        two = {"none": ", one at a time", "assumptions": ", alone or beside an assumption that is dropped"}
        tried = ", alone or two at a time" if self.found.whole else two[self.found.paired]
        for status in dict.fromkeys(one.row.default for one in self.found.standings):
            names = [one.row.id for one in self.found.standings if one.settled and one.row.default == status]
            if names:
                yield self._line(f"{status} whatever is dropped or turned over{tried}: {', '.join(names)}", 0, 2)

    # ---- verdicts that stand on the same

    def _block(self, block: Sequence[Standing]) -> Iterator[RenderableType]:
        for one in block:
            yield self._head(one)
        first = block[0]
        if first.row.default == "INCOMPLETE":
            yield self._line("It could not be told, so what it stands on cannot be told either.", 2)
            return
        if first.alone:
            yield self._line(_opening(first.row.default, len(block), len(first.alone)), 2)
        for number, (entry, flips) in enumerate(first.alone, 1):
            mark = f"{number}. "
            yield self._line(f"{mark}{entry.in_words(self.words)}", 2, len(mark))
            for at, (switch, then) in enumerate(flips):
                where = "" if at else f"{place(entry, self.words)}; "
                yield self._line(f"{where}{self._fall(block, switch, then)}", 2 + len(mark), 2, "dim")
        yield from self._pairs(block)
        if first.untold:
            yield self._line(f"In {counted(first.untold, 'variant')} not told (INCOMPLETE).", 2, 0, "yellow")

    def _head(self, one: Standing) -> Text:
        """The status, and the promise beside it."""
        status = one.row.default or "not asked"
        clause = f" [{one.clause}]" if one.clause else ""
        left = len(status) + 2
        promise = wrapped(f"{one.row.id}  {one.row.text}{clause}", self.width - left, 0, "bold")
        further = Text("\n" + " " * left)
        return (
            Text(status, style=COLOURS.get(status, "dim")).append("  ").append_text(further.join(promise.split("\n")))
        )

    def _fall(self, block: Sequence[Standing], switch: Switch, then: Status | None) -> str:
        """What becomes of some verdicts with a switch: in how many steps, and what a proof then stands on."""
        how = "without it" if switch.kind == "assumption" else f"with {_value(switch, self.words)}"
        said = f"{how} {_becomes(then, len(block))}"
        flows = {one.row.id: self.found.flows.get((switch, one.row.id)) for one in block}
        lengths = {name: _length(verdict) for name, verdict in flows.items() if verdict is not None}
        if len(block) == 1:
            said += "".join(f" {length}" for length in lengths.values())
        elif lengths:
            said += f": {'; '.join(f'{name} {length}' for name, length in lengths.items())}"
        if then == "PROVED" and block[0].then_on(switch):
            proof = "the proof then stands" if len(block) == 1 else "the proofs then stand"
            said += f", and {proof} on: {'; '.join(map(self._named, block[0].then_on(switch)))}"
        return f"{said}."

    def _named(self, switch: Switch) -> str:
        """An assumption in the small print: its sentence, and its lines."""
        entry = self.entry_of[switch]
        return f"{entry.sentence.rstrip('.')} ({', '.join(line.id for line in entry.lines[:_MOST_LINES])})"

    def _switched(self, switch: Switch) -> str:
        if switch.kind == "assumption":
            return f"without: {self._named(switch)}"
        return f"with {_quoted(switch_words(self.words, switch))}"

    def _pairs(self, block: Sequence[Standing]) -> Iterator[RenderableType]:
        """Two at a time, what is violated first: those that have one switch in common under it."""
        left = list(block[0].pairs)
        if left:
            yield self._line("Two together change it, where neither does alone:", 2)
        for then in sorted({status for _, status in left}, key=_RANK.index):
            pairs = [pair for pair, status in left if status == then]
            while pairs:
                common, count = Counter(switch for pair in pairs for switch in pair).most_common(1)[0]
                others = [switch for pair in pairs if common in pair for switch in pair if switch != common]
                pairs = [pair for pair in pairs if common not in pair]
                became = _becomes(then, len(block))
                if count == 1:
                    yield self._line(f"- {self._switched(common)}, and {self._switched(others[0])}: {became}.", 2, 2)
                    continue
                yield self._line(f"- {self._switched(common)}, and one of these: {became}.", 2, 2)
                for other in others:
                    yield self._line(f"- {self._switched(other)}", 4, 2)

    # ---- flows, and the rest

    def _flows(self, which: Flows) -> Iterator[RenderableType]:
        by: dict[Switch, list[tuple[str, Verdict]]] = {}
        for (switch, name), verdict in self.found.flows.items():
            if verdict.trace is not None and verdict.status == "VIOLATED":
                by.setdefault(switch, []).append((name, verdict))
        for switch, told in by.items():
            told.sort(key=lambda one: len(one[1].trace.steps) if one[1].trace else 0)
            for name, verdict in told if which == "all" else told[:1]:
                yield Text("")
                how = self._switched(switch)
                yield self._line(f"{how[0].upper()}{how[1:]}: {name} is VIOLATED {_length(verdict)}", 0, 2, "bold")
                yield from self._left_waiting(switch)
                yield from self._chart(self.found.variants[switch], verdict)

    def _left_waiting(self, switch: Switch) -> Iterator[RenderableType]:
        """Which messages nothing may take without an assumption: a flow that ends with one in flight ends for that."""
        lines = self.entry_of[switch].lines if switch.kind == "assumption" else ()
        taken = dict.fromkeys(self.words.message(line.trigger) for line in lines if line.kind == "reception")
        if taken:
            said = f"What is left out takes {' and '.join(taken)}: where nothing else does, it stays in flight."
            yield self._line(said, 2, 0, "dim")

    def _chart(self, model: Model, verdict: Verdict) -> Iterator[RenderableType]:
        assert verdict.trace is not None
        yield flow(verdict.trace, model, self.width)

    def _rest(self) -> Iterator[RenderableType]:
        """What decides nothing, what cannot be switched, and what was not tried."""
        idle = self.found.idle
        for title, some in (
            ("Change no verdict here", [entry for entry in idle if entry.taken]),
            (
                "Are not taken by default, and change no verdict elsewhere",
                [entry for entry in idle if not entry.taken],
            ),
            (
                "Change only what another switch makes of a verdict",
                self.found.secondary,
            ),
        ):
            if some:
                yield self._line(f"{title}:", 0, 2, "dim")
                yield from (self._line(_short(entry, self.words), 2, 2, "dim") for entry in some)
        for one in self.found.unswitched:
            said = {
                "property": f"Assumed by what {one.names[0]} asks, which no switch takes away: {one.why}",
                "scenario": f"Assumed by the scenario, which no switch takes away: {one.why}",
                "change": f"Assumed by an edit of change {one.names[0]}, and by no transition: {one.why}",
                "value": f"Makes no model of this scenario: {self._points(one.points)}: {one.why}.",
            }
            yield self._line(said[one.kind], 0, 2, "dim")
        if self.found.paired == "assumptions" and not self.found.whole:
            left = "Pairs of two values of readings and options were not tried; --pairs all tries them."
            yield self._line(left, 0, 2, "dim")
        if self.found.unpaired:
            names = "; ".join(self._switched(switch) for switch in self.found.unpaired)
            yield self._line(f"Not told alone, and so not tried beside anything else: {names}.", 0, 2, "yellow")
        if self.found.paired == "none":
            yield self._line("No pairs were tried.", 0, 2, "dim")

    def _points(self, points: Iterable[Point]) -> str:
        """Values that make no model, alone or with each other."""
        return together(" with ".join(switch_words(self.words, switch) for switch in point) for point in points)


_STEPS = re.compile(r"[\d,]+ steps?\b")
_RANK: list[Status | None] = ["VIOLATED", "PROVED", "VACUOUS", "INCOMPLETE", None]


def _alike(standings: Iterable[Standing]) -> Iterable[list[Standing]]:
    """Verdicts that are the same, stand on the same sentences, and fall alike without them."""
    found: dict[Any, list[Standing]] = {}
    for one in standings:
        alone = tuple((switch, then, tuple(one.then_on(switch))) for _, flips in one.alone for switch, then in flips)
        found.setdefault((one.row.default, alone, one.pairs, one.untold), []).append(one)
    return found.values()


def _opening(status: Status | None, verdicts: int, sentences: int) -> str:
    count = counted(sentences, "sentence")
    if status == "PROVED":
        return f"This proof stands on {count}:" if verdicts == 1 else f"These proofs stand on the same {count}:"
    if status == "VIOLATED":
        said = f"This violation stands on {count}" if verdicts == 1 else f"These violations stand on the same {count}"
        return f"{said}, and is gone without:" if verdicts == 1 else f"{said}, and are gone without:"
    return f"That stands on {count}:"


def _becomes(then: Status | None, verdicts: int) -> str:
    be, ask = ("it is", "it asks") if verdicts == 1 else ("they are", "they ask")
    if then is None:
        return f"{be} not asked"
    return f"{be} {then}" + (f" (what {ask} about never happens)" if then == "VACUOUS" else "")


def place(entry: LedgerEntry, words: Labels) -> str:
    """Where a sentence stands: the lines that rest on it, or the reading or option with its clause."""
    if entry.constant is not None:
        notes = [entry.constant.clause] if entry.constant.clause else []
        notes += ["fixed by the scenario"] if entry.constant.fixed else []
        chosen = words.choice(entry.constant.name, entry.constant.value)
        return chosen + (f" ({', '.join(notes)})" if notes else "")
    lines = [
        " ".join(filter(None, [line.id, _at(line.span), f"({line.clause})" if line.clause else ""]))
        for line in entry.lines[:_MOST_LINES]
    ]
    more = len(entry.lines) - len(lines)
    return ", ".join(lines) + (f" and {more} more" if more else "")


def _length(verdict: Verdict) -> str:
    """How a verdict is violated, in a few words: "in 9 steps", "in 12 steps, then nobody has to act"."""
    parts = verdict.reason.split("; ")
    if verdict.trace is None:
        return f"({parts[0].removeprefix('exhaustive: ')})"
    return "in " + next(part for part in parts if _STEPS.match(part)).removesuffix(", shortest")


def _at(span: Any) -> str:
    return "" if span is None else f"{Path(span.file).name}:{span.line}"


def _value(switch: Switch, words: Labels) -> str:
    """The value of a reading or an option that has just been named: "told afterwards", in quotes; else by ids."""
    value = words.label("value", switch.name, switch.value)
    return str(switch) if value is None else f'"{value}"'


def _quoted(choice: str) -> str:
    """A reading or an option with its value as a part of a sentence."""
    return f'"{choice}"' if ": " in choice else choice


def _short(entry: LedgerEntry, words: Labels) -> str:
    if entry.constant is not None:
        chosen = words.choice(entry.constant.name, entry.constant.value)
        return f"{_quoted(chosen)}: {entry.in_words(words)}"
    return f"{entry.sentence} ({', '.join(line.id for line in entry.lines)})"


def _summary(found: Sequence[Ledger], seconds: float) -> Iterator[Text]:
    verdicts = sum(len(standing.row.statuses) for one in found for standing in one.standings)
    incomplete = sum(one.incomplete for one in found)
    if incomplete:
        yield Text(f"{incomplete:,} of {counted(verdicts, 'verdict')} INCOMPLETE", style="yellow")
    points, explored = sum(one.points for one in found), sum(one.explored for one in found)
    scenarios, variants = counted(len(found), "scenario"), counted(points, "variant")
    yield Text(
        f"{counted(verdicts, 'verdict')}: {scenarios}, {variants}, {explored:,} of them explored, {seconds:.1f} s"
    )
