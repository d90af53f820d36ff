"""The ledger: which sentences the verdicts of a scenario stand on.

Every assumption is a switch, and every reading and option, also one that the scenario fixes. All variants in which one
of them is switched are explored as one family, then those in which two are, an assumption among them unless all pairs
are wanted: what two readings do together is what `overview` is asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from mcfsm.language.changes.apply import select
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.selection import Selection, combine, known_properties, known_scenarios
from mcfsm.model import ChosenValue, Model, Status, Transition
from mcfsm.model.labels import Labels
from mcfsm.problems import ModelError, Problem, Span
from mcfsm.questions.assumptions import assuming_parts
from mcfsm.questions.families.beside import Watching
from mcfsm.questions.families.dropping import Dropping
from mcfsm.questions.families.family import family
from mcfsm.questions.families.in_error import InError, of_each_in_spite, told
from mcfsm.questions.families.overview import OverviewRow, rows_of
from mcfsm.questions.families.switches import Point, Switch, Switchable
from mcfsm.verdicts.family_runs import StatusExplorer, statuses_of_family
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Verdict

Pairs = Literal["none", "assumptions", "all"]
Flip = tuple[Switch, Status | None]  # a switch, and what a verdict is then; None where the variant does not have it


@dataclass(frozen=True)
class LedgerEntry:
    """A sentence that verdicts may stand on: an assumption, or what a reading or an option is taken to be."""

    sentence: str
    constant: ChosenValue | None  # the reading or option, as it is in the default variant; None for an assumption
    switches: tuple[Switch, ...]
    lines: tuple[Transition, ...] = ()  # that rest on the assumption, in whatever variant
    taken: bool = True  # whether the default variant ever takes one of them

    def in_words(self, labels: Labels) -> str:
        """The sentence as it is shown: the value of a reading or an option by its label."""
        if self.constant is None:
            return self.sentence
        return _said(self.constant, labels.label("value", self.constant.name, self.constant.value))

    @property
    def places(self) -> tuple[Span, ...]:
        """Where the assumption stands, line by line."""
        return tuple(dict.fromkeys(line.span for line in self.lines if line.span is not None))


@dataclass(frozen=True)
class Standing:
    """One verdict, with the sentences it stands on."""

    row: OverviewRow
    clause: str | None
    alone: tuple[tuple[LedgerEntry, tuple[Flip, ...]], ...]  # each sentence without which it is another, and which then
    pairs: tuple[tuple[Point, Status | None], ...]  # two switches that make it another, where neither of them does

    @property
    def settled(self) -> bool:
        """Whether it is the same whatever is switched, and told everywhere."""
        return self.row.settled and self.row.default != "INCOMPLETE"

    @property
    def untold(self) -> int:
        """In how many variants it could not be told."""
        return sum(status == "INCOMPLETE" for status in self.row.statuses.values())

    def then_on(self, switch: Switch) -> list[Switch]:
        """What a verdict that a switch makes stands on in turn: the assumptions without which it is another again."""
        made = self.row.statuses[(switch,)]
        pairs = ((point, status) for point, status in self.row.statuses.items() if len(point) == 2)
        falls = (pair[1] for pair, status in pairs if pair[0] == switch and status not in (made, "INCOMPLETE"))
        return [other for other in falls if other.kind == "assumption"]


@dataclass(frozen=True)
class Unswitched:
    """What a verdict may rest on, and no switch takes away."""

    kind: Literal["property", "scenario", "change", "value"]
    names: tuple[str, ...]
    why: str  # the sentence assumed; of values of readings and options, why they make no model here
    points: tuple[Point, ...] = ()  # these values


@dataclass(frozen=True)
class Ledger:
    """One scenario."""

    model: Model  # the default variant
    entries: tuple[LedgerEntry, ...]
    standings: tuple[Standing, ...]
    flows: Mapping[tuple[Switch, str], Verdict]  # what a switch makes VIOLATED, by property, with its flow
    variants: Mapping[Switch, Model]  # of the flows
    unswitched: tuple[Unswitched, ...]
    paired: Pairs
    unpaired: tuple[Switch, ...]  # with which something could not be told, so that no pair with them was tried
    wrong: tuple[Point, ...]  # variants in error
    errors: tuple[InError, ...]  # the same, with the errors that their searches came to
    points: int  # variants asked about that have an answer
    explored: int  # of all; the others mean the same as one of these
    seconds: float

    @property
    def incomplete(self) -> int:
        """How many verdicts could not be told."""
        return sum(standing.untold for standing in self.standings)

    @property
    def whole(self) -> bool:
        """Whether every two switches were tried together."""
        constants = sum(entry.constant is not None for entry in self.entries)
        return self.paired == "all" or (self.paired == "assumptions" and constants < 2)

    @property
    def secondary(self) -> tuple[LedgerEntry, ...]:
        """The sentences that change only what another switch has made of a verdict, which changes it anyway."""
        shown = {switch for one in self.standings for _, flips in one.alone for switch, _ in flips}
        shown |= {switch for one in self.standings for pair, _ in one.pairs for switch in pair}
        shown |= {switch for point in self.wrong for switch in point}
        left = [entry for entry in self.entries if entry not in self.idle]
        return tuple(entry for entry in left if shown.isdisjoint(entry.switches))

    @property
    def idle(self) -> tuple[LedgerEntry, ...]:
        """The sentences that change no verdict, alone or beside another."""
        moving = {switch for point in self.wrong for switch in point}
        for statuses in (one.row.statuses for one in self.standings):
            for point, status in statuses.items():
                rests = {switch: tuple(other for other in point if other != switch) for switch in point}
                changed = {switch for switch, rest in rests.items() if status != statuses.get(rest, status)}
                moving |= set(point) if status == "INCOMPLETE" else changed
        return tuple(entry for entry in self.entries if moving.isdisjoint(entry.switches))


def ledger(
    path: Path | str,
    selection: Selection = Selection(),
    *,
    pairs: Pairs = "assumptions",
    effort: Effort = Effort(),
    status_explorer: StatusExplorer = statuses_of_family,
    beside: bool = False,
    watch: Watching | None = None,
    errors: list[InError] | None = None,
) -> list[Ledger]:
    """The ledger of each scenario selected that is asked something.

    Of a reading or an option the values selected are tried, else all; settings stay as they are. Instances are told
    apart, as a family is explored together. `beside`: explore scenarios beside each other, in processes. Variants and
    scenarios in error are noted in `errors`, where it is given and something is answered in spite of them. Else raises
    ModelError for what is wrong with the model; and for unknown names.
    """
    baseline = read_baseline(path)
    base = select(baseline, selection.changes)
    whole = family(path, sets=[base], settings=selection.settings)
    text = whole.document(base)
    listed = {str(name): ["all"] for name in (*text.readings, *text.options) if name not in selection.settings}
    for name, values in selection.readings.items():
        listed[name] = list(values)
        list(combine(text, {name: listed[name]}))  # says it where there is none such
    names = None if selection.properties is None else list(selection.properties)
    known_properties([text], names or ())
    wanted = known_scenarios(text, selection.scenarios)
    switched = Switchable(whole, base, (), listed, 2 if pairs == "all" else 1)
    alone = effort.place is None and (not beside or len(wanted) == 1)
    question = partial(_ledger, switched, names, pairs, status_explorer, watch if alone else None)
    noted: list[InError] = []
    found = list(of_each_in_spite(question, wanted, effort, not alone, watch, noted))
    told(errors, [*noted, *(one for each in found for one in each.errors)], any(one.standings for one in found))
    if not any(one.standings for one in found) and effort.over is None:
        raise ModelError([Problem("M313", None, f"none of these scenarios checks {', '.join(names or ())}")])
    return [one for one in found if one.standings]


def _ledger(
    switched: Switchable,
    properties: Sequence[str] | None,
    pairs: Pairs,
    explorer: StatusExplorer,
    watch: Watching | None,
    effort: Effort,
    scenario: str,
) -> Ledger:
    began = time.monotonic()

    def say(what: str) -> None:
        if watch is not None:
            watch(f"{scenario}: {what}")

    variants = Dropping(switched, scenario, properties)
    model = variants.models[()]
    points: list[Point] = []
    untold: list[Switch] = []
    if variants.asked(()):
        points += variants.singles
        variants.explore(points, explorer, effort, say)
        untold = [switch for point in points[1:] for switch in point if variants.untold(point) or variants.untold(())]
        both = [pair for pair in variants.pairs if pairs != "none" and set(untold).isdisjoint(pair)]
        variants.explore(both, explorer, effort, say)
        points += both
    points = [point for point in points if point not in variants.errors]
    rows = rows_of({p: variants.model(p) for p in points}, [variants.statuses[p] for p in points])
    entries = tuple(_entries(model, variants))
    standings = tuple(_standing(model, row, entries) for row in rows)
    flows = dict(_flows(variants, standings, effort, say))
    return Ledger(
        model=model,
        entries=entries,
        standings=standings,
        flows=flows,
        variants={switch: variants.model((switch,)) for switch, _ in flows},
        unswitched=tuple(_unswitched(switched, scenario, variants, {row.id for row in rows})),
        paired=pairs,
        unpaired=tuple(untold) if pairs != "none" else (),
        wrong=tuple(variants.errors),
        points=len(points),
        errors=tuple(InError(scenario, tuple(map(str, point)), one) for point, one in variants.errors.items()),
        explored=variants.explored,
        seconds=time.monotonic() - began,
    )


def _entries(model: Model, variants: Dropping) -> Iterator[LedgerEntry]:
    """Readings and options in the order of the files, then assumptions."""
    for constant in (*model.readings, *model.options):
        mine = tuple(switch for switch in variants.values if switch.name == constant.name)
        if mine:
            yield LedgerEntry(_said(constant), constant, mine)
    for drop, lines in variants.lines.items():
        yield LedgerEntry(drop.name, None, (drop,), tuple(lines.values()), variants.taken(drop))


def _said(constant: ChosenValue, value: str | None = None) -> str:
    """What a reading or an option is about, and what is taken here; `value` says it in words."""
    return f"{(constant.text or constant.name).rstrip('.')}. Here: {value or constant.value.replace('_', ' ')}."


def _standing(model: Model, row: OverviewRow, entries: Sequence[LedgerEntry]) -> Standing:
    told = row.default != "INCOMPLETE"
    changed = {switch: status for switch, status in row.alone() if told and status != "INCOMPLETE"}
    alone = [(entry, tuple((s, changed[s]) for s in entry.switches if s in changed)) for entry in entries]
    together = row.together() if told else []
    pairs = [flip for flip in together if changed.keys().isdisjoint(flip[0]) and flip[1] != "INCOMPLETE"]
    property_ = model.property_of.get(row.id) or model.liveness_property_of.get(row.id)
    clause = None if property_ is None else property_.clause
    return Standing(row, clause, tuple((entry, flips) for entry, flips in alone if flips), tuple(pairs))


def _flows(
    variants: Dropping, standings: Iterable[Standing], effort: Effort, say: Watching
) -> Iterator[tuple[tuple[Switch, str], Verdict]]:
    """Each verdict that one switch makes VIOLATED, from a search of that variant alone, which has to agree."""
    wanted: dict[Switch, list[str]] = {}
    for one in standings:
        for switch, status in (flip for _, flips in one.alone for flip in flips):
            if status == "VIOLATED":
                wanted.setdefault(switch, []).append(one.row.id)
    for number, (switch, names) in enumerate(wanted.items(), 1):
        say(f"flow {number} of {len(wanted)}")
        for verdict in effort.run(variants.model((switch,)), names).verdicts:
            if verdict.status not in ("VIOLATED", "INCOMPLETE"):
                raise AssertionError(f"{verdict.id} is violated under {switch} in the family only")
            yield (switch, verdict.id), verdict


def _unswitched(switched: Switchable, scenario: str, variants: Dropping, asked: Iterable[str]) -> Iterator[Unswitched]:
    """What properties, the scenario and edits assume; then the values that make no model, by the reason."""
    mine = {("property", name) for name in asked} | {("scenario", scenario)}
    said = {drop.name for drop in variants.lines}
    for kind, name, sentence in assuming_parts(switched.family.document(switched.base)):
        if (kind, name) in mine:
            yield Unswitched("property" if kind == "property" else "scenario", (name,), sentence)
            said.add(sentence)
    for change in switched.base:
        for edit in switched.family.baseline.changes[change].edits:
            there = set(map(str, as_list(edit.beside))) <= set(switched.base)
            if edit.assumption is not None and there and str(edit.assumption) not in said:
                yield Unswitched("change", (change,), str(edit.assumption))
    reasons: dict[str, list[Point]] = {}
    for point, why in variants.left_out.items():
        reasons.setdefault(why, []).append(point)
    for why, points in reasons.items():
        yield Unswitched("value", tuple(" with ".join(map(str, point)) for point in points), why, tuple(points))
