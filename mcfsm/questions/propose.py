"""A candidate correction as a change request: what it writes into the text, for which promise, and what that does.

The text is told by the items of the catalogue, in our words: those that the candidate adds, replaces and removes, among
the others of their clauses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mcfsm.language.changes.apply import all_edits, apply, select
from mcfsm.language.files.change_file import ChangeFile
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.selection import Selection
from mcfsm.model import Model, Status
from mcfsm.problems import ModelError, Problem, closest
from mcfsm.questions.check import check_selected
from mcfsm.semantics.sentence import sentence
from mcfsm.semantics.trace import TraceStep
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Run, Verdict

_DOCUMENT = re.compile(r"\bT[SR] \d\d\.\d{3}(?:-\d+)?")
_OTHER = re.compile(r"(\d\d\.\d{3})-")


@dataclass(frozen=True)
class Wording:
    """An item of the text before and after; None where it is not there."""

    item: str
    before: str | None
    after: str | None

    @property
    def kept(self) -> bool:
        """Whether the candidate leaves it as it is."""
        return self.before == self.after


@dataclass(frozen=True)
class JudgedChange:
    """A promise in one place, before and after; None where one of them does not have it."""

    place: str
    name: str
    text: str
    before: Status | None
    after: Status | None


@dataclass(frozen=True)
class WrittenChange:
    """A change request in the making."""

    change: ChangeFile
    document: str | None  # the specification, as "TS 23.280"
    context: tuple[str, ...]  # the changes that the text already has
    wording: tuple[tuple[str, tuple[Wording, ...]], ...]  # clause by clause
    elements: tuple[str, ...]  # of messages, that it adds or changes: what other specifications have to know
    run: Run  # with the flow that motivates it
    verdict: Verdict
    judged: tuple[JudgedChange, ...]
    everywhere: bool  # whether every scenario was asked

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of the flow, in sentences."""
        trace = self.verdict.trace
        return () if trace is None else tuple(_step(self.run.model, step) for step in trace.steps)

    @property
    def restored(self) -> bool:
        """Whether the promise is kept after it, everywhere that was asked."""
        return all(one.after == "PROVED" for one in self.judged if one.name == self.verdict.id)

    @property
    def mended(self) -> tuple[JudgedChange, ...]:
        """What is kept after it and was not before."""
        return tuple(one for one in self.judged if one.after == "PROVED" and one.before not in ("PROVED", None))

    @property
    def left(self) -> tuple[JudgedChange, ...]:
        """What is not kept after it either."""
        return tuple(one for one in self.judged if one.after != "PROVED" and one.before != "PROVED" and one.after)

    @property
    def lost(self) -> tuple[JudgedChange, ...]:
        """What was kept before it and is not after."""
        return tuple(one for one in self.judged if one.before == "PROVED" and one.after != "PROVED")

    @property
    def exit_status(self) -> int:
        """2 where a search could not tell, 1 where the promise is not restored or another is lost, else 0."""
        if any("INCOMPLETE" in (one.before, one.after) for one in self.judged):
            return 2
        return 0 if self.restored and not self.lost else 1


class UntoldPromise(ModelError):
    """A search was stopped before it could tell whether a promise is broken."""


def propose(
    path: Path | str, change: str, name: str, selection: Selection = Selection(), *, effort: Effort = Effort()
) -> WrittenChange:
    """What a change does for a promise that is broken without it, beside the changes selected (the model's own).

    Raises ModelError for unknown names (M313, M317), and where no flow breaks the promise without the change (M316);
    UntoldPromise where a search was stopped before that was known.
    """
    baseline = read_baseline(path)
    (chosen,) = select(baseline, [change])
    context = tuple(one for one in select(baseline, selection.changes) if one != chosen)
    both = select(baseline, [*context, chosen])
    texts = apply(baseline, context), apply(baseline, both)
    known = {*texts[0].properties, *texts[1].properties}
    if name not in known:
        raise ModelError([Problem("M313", None, f"unknown property {name}", closest(name, map(str, known)))])
    before = check_selected(path, replace(selection, changes=context), effort).runs
    run, verdict = _broken(before, name)
    after = check_selected(path, replace(selection, changes=both), effort).runs
    edits = [edit for edit in all_edits(baseline, chosen) if set(edit.beside) <= set(both)]
    sources = [baseline.document.source, baseline.changes[chosen].base]
    named = next((found for source in sources if source and (found := _DOCUMENT.search(str(source)))), None)
    return WrittenChange(
        change=baseline.changes[chosen],
        document=named[0] if named else None,
        context=context,
        wording=tuple(_wording(*texts)),
        elements=tuple(dict.fromkeys(edit.title for edit in edits if edit.kind == "elements")),
        run=run,
        verdict=verdict,
        judged=tuple(_judged(before, after)),
        everywhere=selection.scenarios is None or set(texts[1].scenarios) <= set(selection.scenarios),
    )


def other_documents(proposal: WrittenChange) -> tuple[str, ...]:
    """Other specifications whose items it touches."""
    items = [line.item for _, lines in proposal.wording for line in lines if not line.kept]
    return tuple(dict.fromkeys(f"TS {found[1]}" for item in items if (found := _OTHER.match(item))))


def _broken(runs: Iterable[Run], name: str) -> tuple[Run, Verdict]:
    """The first run that breaks a promise. Raises ModelError where none does."""
    statuses = set()
    for run in runs:
        for verdict in run.verdicts:
            if verdict.id == name:
                statuses.add(verdict.status)
                if verdict.status == "VIOLATED" and verdict.trace is not None:
                    return run, verdict
    said = ", ".join(sorted(statuses)) or "in no scenario that was asked"
    hint = "try another --scenario, --reading or --with"
    raise (UntoldPromise if "INCOMPLETE" in statuses else ModelError)(
        [Problem("M316", None, f"no flow breaks {name} without the change: it is {said}", hint)]
    )


def _step(model: Model, step: TraceStep) -> str:
    """A step in a sentence, with the items that it rests on."""
    return sentence(model, step) + (f" [{step.clause}]" if step.clause else "")


def _wording(before: Document, after: Document) -> Iterator[tuple[str, tuple[Wording, ...]]]:
    """The clauses of which an item is another, with all of their items in order."""
    old = {str(item): str(part.text) for item, part in before.items.items()}
    new = {str(item): str(part.text) for item, part in after.items.items()}
    order = list(new)
    for place, item in enumerate(old):
        if item not in new:
            later = [one for one in list(old)[place + 1 :] if one in new]
            order.insert(order.index(later[0]) if later else len(order), item)
    lines: dict[str, list[Wording]] = {}
    for item in order:
        lines.setdefault(item.partition("-")[0], []).append(Wording(item, old.get(item), new.get(item)))
    yield from ((clause, tuple(mine)) for clause, mine in lines.items() if not all(line.kept for line in mine))


def _judged(before: Iterable[Run], after: Iterable[Run]) -> Iterator[JudgedChange]:
    """Every promise and built-in check of each place, before and after."""
    later = list(after)
    for run in before:
        other = next((one for one in later if _same_place(run, one)), None)
        statuses = {} if other is None else {verdict.id: verdict for verdict in other.verdicts}
        place = place_of(run)
        for verdict in run.verdicts:
            found = statuses.pop(verdict.id, None)
            yield JudgedChange(place, verdict.id, verdict.text, verdict.status, found.status if found else None)
        yield from (JudgedChange(place, one.id, one.text, None, one.status) for one in statuses.values())


def place_of(run: Run) -> str:
    """Where a verdict is one on, in words: the scenario, and the readings and options that are not the usual ones."""
    words = run.model.labels
    chosen = [one for one in (*run.model.readings, *run.model.options) if not one.default]
    values = [f"{words.constant(one.name)} = {words.value(one.name, one.value)}" for one in chosen]
    return ": ".join(filter(None, [words.scenario(run.model.scenario), ", ".join(values)]))


def _same_place(one: Run, other: Run) -> bool:
    values = {constant.name: constant.value for constant in (*one.model.readings, *one.model.options)}
    return one.model.scenario == other.model.scenario and all(
        values.get(constant.name, constant.value) == constant.value
        for constant in (*other.model.readings, *other.model.options)
    )
