"""A traced text: as text, the one thing first, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import fill
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text as Line

from mcfsm.problems import counted, printable, shorten
from mcfsm.prose.defects import Rule, TextDefect
from mcfsm.prose.text import TextPart
from mcfsm.questions.trace import Against, Changed, Placed, Traced
from mcfsm.report.clauses import listed
from mcfsm.report.style import wrapped

FORMAT = 1
_LONGEST_QUOTE = 160
_MOST_NAMES = 6  # parts of the model that one line names
_PLURALS = {"property": "properties"}


def as_text(traced: Traced, *, width: int, every_name: bool = False) -> RenderableType:
    """What its author can mend, what was reworded or is not there, what is changed, and then all of the coverage."""
    lines: list[RenderableType] = [wrapped(_first(traced), width, 0, "bold"), Line("")]
    lines += [wrapped(f"note: {notice}", width) for notice in traced.source.notices]
    if traced.defects:
        lines += [Line("What its author can mend", style="bold"), *_defects(traced, width)]
    found = traced.against
    if found is not None:
        lines += [Line(""), *_unlike_the_catalogue(found, traced, width), *_changes(found, traced, width)]
    if found is not None and found.catalogued:
        lines += [Line("What rests on each part", style="bold"), *_coverage(found, traced, width, every_name)]
    return Group(*lines)


def as_json(traced: Traced) -> dict[str, Any]:
    """The same as plain data. Keys may be added, none changes its meaning or goes away."""
    found = traced.against
    return {
        "format": FORMAT,
        "text": traced.source.file,
        "unit": traced.source.unit,
        "notices": list(traced.source.notices),
        "clauses": [asdict(clause) for clause in traced.text.clauses],
        "cover_page": [{"name": entry.name, "line": entry.line} for entry in traced.text.cover],
        "figures": [asdict(figure) for figure in traced.text.figures],
        "tables": [asdict(table) for table in traced.text.tables],
        "defects": [{"rule": rule.name, "asks": rule.asks, **asdict(defect)} for rule, defect in traced.defects],
        "against": None if found is None else _against_as_json(found),
    }


def _against_as_json(found: Against) -> dict[str, Any]:
    return {
        "model": found.title,
        "change": found.change,
        "parts": [
            {
                "address": one.part.address,
                "kind": one.part.kind,
                "line": one.part.line,
                "items": [{"id": item.id, "cited_by": [asdict(cover) for cover in item.covers]} for item in one.items],
                "reworded": [item.id for item in one.reworded],
            }
            for one in found.placed
        ],
        "absent": [item.id for item in found.absent],
        "moved": [{"item": item.id, "to": part.address} for item, part in found.moved],
        "of_other_changes": [item.id for item in found.others],
        "changed": None
        if found.changed is None
        else [{"kind": one.kind, "address": one.part.address, "edits": list(one.edits)} for one in found.changed],
        "not_in_text": list(found.not_in_text),
    }


def _first(traced: Traced) -> str:
    """The sentence that says what there is to do."""
    text, found = traced.text, traced.against
    steps = sum(part.kind == "step" for part in text.parts)
    holds = [counted(len(text.clauses), "clause"), counted(steps, "step"), counted(len(text.tables), "element table")]
    said = f"{traced.source.file}: {', '.join(holds) if text.clauses else 'no clause was recognised'}. "
    defects = counted(len(traced.defects), "defect")
    if text.clauses or traced.defects:
        said += f"{defects} that its author can mend" if traced.defects else "No defect was found"
    else:
        said += "A clause begins with a heading: its number and its title on a line"
    if found is None:
        return f"{said}."
    if not found.catalogued:
        return f"{said}; the model has no catalogue of items (clauses) to hold it against."
    reworded = [one.part.address for one in found.placed if one.reworded]
    uncited = [one for one in found.placed if not one.items]
    said += f"; as change {found.change} of the model" if found.change else ""
    said += f"; {len(reworded)} of {counted(len(found.placed), 'part')} reworded since the catalogue was written"
    said += f", {len(found.absent)} cited that the text does not have" if found.absent else ""
    return f"{said}; {len(uncited)} in no item of the catalogue."


def _defects(traced: Traced, width: int) -> Iterator[RenderableType]:
    for rule, defect in traced.defects:
        yield wrapped(f"{_place(traced, defect)}  {rule.name}", width, style="")
        yield wrapped(f'    "{shorten(printable(defect.quote), _LONGEST_QUOTE)}"', width, 5, "dim")
        yield wrapped(f"    {printable(defect.said)}", width, 4)


def _place(traced: Traced, defect: TextDefect) -> str:
    places = [defect.line, *defect.also]
    unit = traced.source.unit + ("s" if len(places) > 1 else "")
    clause = f", clause {defect.clause}" if defect.clause and defect.clause[0] not in "c" else f", {defect.clause}"
    return f"  {unit} {listed(list(map(str, places)))}{clause if defect.clause else ''}"


def _unlike_the_catalogue(found: Against, traced: Traced, width: int) -> Iterator[RenderableType]:
    lines = []
    for one in found.placed:
        if one.reworded:
            names = listed([item.id for item in one.reworded])
            lines.append(f"{_at(traced, one.part)} is not worded as {names} was when the catalogue was written.")
    lines += [f"{item.id} is cited, and the text has no such part." for item in found.absent]
    lines += [f"{item.id} stands word for word at {part.address}, {_line(traced, part)}." for item, part in found.moved]
    if found.others:
        by_change: dict[str, list[str]] = {}
        for item in found.others:
            by_change.setdefault(str(item.change), []).append(item.id)
        lines += [
            f"{listed(ids)} {_are(ids)} of {change}, which this text is not." for change, ids in by_change.items()
        ]
    if lines:
        yield Line("Where text and catalogue differ", style="bold")
        yield from (wrapped(f"  {line}", width, 4) for line in lines)
        yield Line("")


def _changes(found: Against, traced: Traced, width: int) -> Iterator[RenderableType]:
    """What the text changes, and what the change file does about each."""
    if not found.changed and not found.not_in_text:
        return
    yield Line("What the text changes, and the change file with it", style="bold")
    for one in found.changed or ():
        yield wrapped(f"  {_at(traced, one.part)}: {one.kind}; {_done(one, found.change)}", width, 4)
    for item in found.not_in_text:
        yield wrapped(f"  {found.change} rests on {item}, and the text does not change it.", width, 4)
    yield Line("")


def _done(one: Changed, change: str | None) -> str:
    if change is None:
        return "no change file changes anything on its ground."
    if not one.edits:
        return f"{change} changes nothing on its ground."
    words = Counter(said.partition(" ")[0] for said in one.edits)
    parts = "part" if words.total() == 1 else "parts"
    return f"{change} {' and '.join(f'{what} {count}' for what, count in words.items())} {parts} of the model."


def _coverage(found: Against, traced: Traced, width: int, every_name: bool) -> Iterator[RenderableType]:
    for one in found.placed:
        yield wrapped(f"  {_at(traced, one.part)}: {_cited(one, every_name)}", width, 6)


def _cited(one: Placed, every_name: bool) -> str:
    """Which parts of the model rest on it, kind by kind; or why none does."""
    if not one.items:
        return "in no item of the catalogue" + (", nothing cites it" if one.part.kind == "step" else "")
    kinds: dict[str, list[str]] = {}
    for item in one.items:
        for cover in item.covers:
            kinds.setdefault(cover.kind, []).append(cover.name)
    if not kinds:
        reasons = dict.fromkeys(
            item.not_modelled or "nothing rests on it, and no reason is given" for item in one.items
        )
        return f"not modelled: {' '.join(reasons)}"
    return "; ".join(_named(kind, list(dict.fromkeys(names)), every_name) for kind, names in kinds.items())


def _named(kind: str, names: list[str], every_name: bool) -> str:
    if kind == "edit":
        return f"{counted(len(names), 'edit')} of change files"
    word = kind if len(names) == 1 else _PLURALS.get(kind, f"{kind}s")
    if every_name or len(names) <= _MOST_NAMES:
        return f"{word} {', '.join(names)}"
    return f"{len(names)} {word}: {', '.join(names[:_MOST_NAMES])} and {len(names) - _MOST_NAMES} more"


def _at(traced: Traced, part: TextPart) -> str:
    return f"{part.address} ({_line(traced, part)})"


def _line(traced: Traced, part: TextPart) -> str:
    return f"{traced.source.unit} {part.line}"


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def rules_as_text(rules: tuple[Rule, ...], width: int) -> str:
    """Every rule by its name, with what it asks of a text: behind the name, or below it where there is less room."""
    longest = max(len(rule.name) for rule in rules)
    behind = " " * (longest + 2) if width >= 2 * longest else "    "
    lines = []
    for rule in rules:
        name, below = rule.name.ljust(len(behind)), width < 2 * longest
        asks = fill(f"{behind if below else name}{rule.asks}", width, subsequent_indent=behind)
        lines.append(f"{rule.name}\n{asks}" if below else asks)
    return "\n".join(lines)
