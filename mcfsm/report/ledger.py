"""The ledger as text and as JSON: each verdict with the sentences it stands on, and how it falls without them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm import __version__
from mcfsm.model import Model, Status
from mcfsm.pictures.chart import render_text
from mcfsm.problems import counted
from mcfsm.questions.families.ledger import Ledger, LedgerEntry, Standing
from mcfsm.questions.families.switches import Point, Switch
from mcfsm.report.check_json import as_steps
from mcfsm.report.style import COLOURS, bounds, heading, label, wrapped
from mcfsm.verdicts.verdict import Verdict

FORMAT = 1
Flows = Literal["none", "shortest", "all"]
_MOST_LINES = 4  # that the small print names
_FALLS = {
    "PROVED": "it is PROVED",
    "VACUOUS": "it is VACUOUS: what it asks about never happens",
    "VIOLATED": "it is VIOLATED",
    None: "it is not asked",
}


def ledger_as_text(found: Sequence[Ledger], *, width: int, flows: Flows, seconds: float) -> RenderableType:
    """Each scenario: what the verdicts stand on, sentence by sentence, then the flows, and what decides nothing."""
    parts: list[RenderableType] = []
    for one in found:
        parts += [*_Scenario(one, width).lines(flows), Text("")]
    return Group(*parts, *_summary(found, seconds))


class _Scenario:
    """One scenario at a width."""

    def __init__(self, found: Ledger, width: int) -> None:
        self.found, self.width = found, width
        self.entry_of = {switch: entry for entry in found.entries for switch in entry.switches}

    def lines(self, flows: Flows) -> Iterator[RenderableType]:
        """Everything, the sum first."""
        model = self.found.model
        yield heading(model, label(model), bounds(model))
        if model.text:
            yield wrapped(model.text, self.width, 0, "dim")
        yield from self._sum()
        for one in self.found.standings:
            if not one.settled:
                yield Text("")
                yield from self._standing(one)
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
        sentences = {entry.sentence for one in resting for entry, _ in one.alone}
        sentences |= {self.entry_of[switch].sentence for one in resting for pair, _ in one.pairs for switch in pair}
        said = f"{len(resting)} of {counted(len(proofs), 'proof')} stand on sentences that the text does not have or"
        said += f" leaves open, {len(sentences)} in all."
        yield self._line(said, 0, 0, "bold")
        two = "" if self.found.paired == "none" else ", alone or two at a time"
        for status in dict.fromkeys(one.row.default for one in self.found.standings):
            names = [one.row.id for one in self.found.standings if one.settled and one.row.default == status]
            if names:
                yield self._line(f"{status} whatever is dropped or turned over{two}: {', '.join(names)}", 0, 2)

    # ---- one verdict

    def _standing(self, one: Standing) -> Iterator[RenderableType]:
        row, status = one.row, one.row.default or "not asked"
        clause = f" [{one.clause}]" if one.clause else ""
        promise = wrapped(f"{row.id}  {row.text}{clause}", self.width - len(status) - 2, 0, "bold")
        head = Text("\n").join(
            Text(" " * (len(status) + 2) if number else "").append_text(line)
            for number, line in enumerate(promise.split("\n"))
        )
        yield Text(status, style=COLOURS.get(status, "dim")).append("  ").append_text(head)
        if row.default == "INCOMPLETE":
            yield self._line("It could not be told, so what it stands on cannot be told either.", 2)
            return
        if one.alone:
            yield self._line(self._opening(one), 2)
        for number, (entry, flips) in enumerate(one.alone, 1):
            mark = f"{number}. "
            yield self._line(f"{mark}{entry.sentence}", 2, len(mark))
            for switch, then in flips:
                yield self._line(self._fall(one, entry, switch, then), 2 + len(mark), 2, "dim")
        yield from self._pairs(one)
        if one.untold:
            yield self._line(f"In {counted(one.untold, 'variant')} it could not be told (INCOMPLETE).", 2, 0, "yellow")

    def _opening(self, one: Standing) -> str:
        count = counted(len(one.alone), "sentence")
        if one.row.default == "PROVED":
            return f"This proof stands on {count}:"
        if one.row.default == "VIOLATED":
            return f"This violation stands on {count}:"
        return f"That stands on {count}:"

    def _fall(self, one: Standing, entry: LedgerEntry, switch: Switch, then: Status | None) -> str:
        """The small print: where the sentence stands, and what becomes of the verdict without it."""
        where = f"{self._place(entry)}; " if switch == entry.switches[0] or entry.constant is not None else ""
        how = "without it" if entry.constant is None else f"with {switch}"
        verdict = self.found.flows.get((switch, one.row.id))
        said = f"{where}{how} {_FALLS[then]}"
        if verdict is not None:
            said += f" {_length(verdict)}"
        if then == "PROVED":
            on = [self._named(other) for other in one.then_on(switch)]
            said += f", a proof that then stands on: {'; '.join(on)}" if on else ""
        return said + ("" if said.endswith(".") else ".")

    def _place(self, entry: LedgerEntry) -> str:
        if entry.constant is not None:
            notes = [*([entry.constant.clause] if entry.constant.clause else [])]
            notes += ["fixed by the scenario"] if entry.constant.fixed else []
            return f"{entry.constant.name}={entry.constant.value}" + (f" ({', '.join(notes)})" if notes else "")
        lines = [f"{line.id} {_at(line.span)}".strip() for line in entry.lines[:_MOST_LINES]]
        more = len(entry.lines) - len(lines)
        return ", ".join(lines) + (f" and {more} more" if more else "")

    def _named(self, switch: Switch) -> str:
        """An assumption in the small print: its sentence, and its lines."""
        entry = self.entry_of[switch]
        return f"{entry.sentence.rstrip('.')} ({', '.join(line.id for line in entry.lines[:_MOST_LINES])})"

    def _pairs(self, one: Standing) -> Iterator[RenderableType]:
        """Two at a time: what is violated first."""
        if not one.pairs:
            return
        yield self._line("Two together change it, where neither does alone:", 2)
        for pair, then in sorted(one.pairs, key=lambda flip: _RANK.index(flip[1])):
            yield self._line(f"- {' and '.join(self._switched(pair))}: {_FALLS[then]}.", 2, 2)

    def _switched(self, pair: Point) -> Iterator[str]:
        for switch in pair:
            yield f"without: {self._named(switch)}" if switch.kind == "assumption" else f"with {switch}"

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
                how = f"Without: {self._named(switch)}" if switch.kind == "assumption" else f"With {switch}"
                yield self._line(f"{how}: {name} is VIOLATED {_length(verdict)}", 0, 2, "bold")
                yield from self._chart(self.found.variants[switch], verdict)

    def _chart(self, model: Model, verdict: Verdict) -> Iterator[RenderableType]:
        assert verdict.trace is not None
        chart = render_text(verdict.trace, model, width=self.width - 2)
        yield Padding(Text(chart, no_wrap=True, overflow="ignore"), (0, 0, 0, 2))

    def _rest(self) -> Iterator[RenderableType]:
        """What decides nothing, what cannot be switched, and what was not tried."""
        idle = self.found.idle
        for title, some in (
            ("Change no verdict here", [_short(e) for e in idle if e.taken]),
            ("Are not taken by default, and change no verdict elsewhere", [_short(e) for e in idle if not e.taken]),
        ):
            if some:
                yield self._line(f"{title}: {'; '.join(some)}.", 0, 2, "dim")
        for one in self.found.unswitched:
            said = {
                "property": f"Assumed by what {one.names[0]} asks, which no switch takes away: {one.why}",
                "scenario": f"Assumed by the scenario, which no switch takes away: {one.why}",
                "value": f"Makes no model of this scenario: {', '.join(one.names)}: {one.why}.",
            }
            yield self._line(said[one.kind], 0, 2, "dim")
        if self.found.paired == "assumptions":
            left = "Pairs of two values of readings and options were not tried; --pairs all tries them."
            yield self._line(left, 0, 2, "dim")
        if self.found.paired == "none":
            yield self._line("No pairs were tried.", 0, 2, "dim")


_STEPS = re.compile(r"[\d,]+ steps?\b")
_RANK: list[Status | None] = ["VIOLATED", "PROVED", "VACUOUS", "INCOMPLETE", None]


def _length(verdict: Verdict) -> str:
    """How a verdict is violated, in a few words: "in 9 steps", "in 12 steps, then nobody has to act"."""
    parts = verdict.reason.split("; ")
    if verdict.trace is None:
        return f"({parts[0].removeprefix('exhaustive: ')})"
    return "in " + next(part for part in parts if _STEPS.match(part)).removesuffix(", shortest")


def _at(span: Any) -> str:
    return "" if span is None else f"{Path(span.file).name}:{span.line}"


def _short(entry: LedgerEntry) -> str:
    if entry.constant is not None:
        return entry.constant.name
    return ", ".join(line.id for line in entry.lines)


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


def ledger_as_json(found: Iterable[Ledger]) -> dict[str, Any]:
    """The same as plain data, with every flow. Keys may be added, none changes its meaning or goes away."""
    return {"format": FORMAT, "version": __version__, "scenarios": [_as_json(one) for one in found]}


def _as_json(one: Ledger) -> dict[str, Any]:
    numbers = {id(entry): number for number, entry in enumerate(one.entries)}
    return {
        "scenario": one.model.scenario,
        "entries": [_entry(entry) for entry in one.entries],
        "idle": [numbers[id(entry)] for entry in one.idle],
        "properties": [_property(one, standing, numbers) for standing in one.standings],
        "unswitched": [{"kind": item.kind, "names": list(item.names), "why": item.why} for item in one.unswitched],
        "pairs": one.paired,
        "variants": one.points,
        "explored": one.explored,
        "incomplete": one.incomplete,
        "seconds": round(one.seconds, 3),
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "sentence": entry.sentence,
        "kind": "assumption" if entry.constant is None else entry.switches[0].kind,
        "name": None if entry.constant is None else entry.constant.name,
        "value": None if entry.constant is None else entry.constant.value,
        "clause": None if entry.constant is None else entry.constant.clause,
        "fixed": entry.constant is not None and entry.constant.fixed,
        "transitions": [line.id for line in entry.lines],
        "places": [f"{span.file}:{span.line}" for span in entry.places],
        "taken": entry.taken,
    }


def _property(one: Ledger, standing: Standing, numbers: Mapping[int, int]) -> dict[str, Any]:
    row = standing.row
    flips = [(entry, switch, status) for entry, some in standing.alone for switch, status in some]
    return {
        "id": row.id,
        "text": row.text,
        "status": row.default,
        "untold": standing.untold,
        "alone": [
            {"entry": numbers[id(entry)], **_switch(switch), "status": status, **_flow(one, switch, row.id)}
            for entry, switch, status in flips
        ],
        "pairs": [{"switches": [_switch(s) for s in pair], "status": status} for pair, status in standing.pairs],
    }


def _switch(switch: Switch) -> dict[str, str]:
    return {"kind": switch.kind, "name": switch.name, "value": switch.value}


def _flow(one: Ledger, switch: Switch, name: str) -> dict[str, Any]:
    verdict = one.flows.get((switch, name))
    trace = None if verdict is None else verdict.trace
    return {
        "reason": None if verdict is None else verdict.reason,
        "trace": None if trace is None else as_steps(trace),
    }
