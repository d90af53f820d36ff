"""A proposal: as a change request in a document of a word processor, and in a few lines on the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from mcfsm.pictures.convert import converted
from mcfsm.pictures.ending import ending_of
from mcfsm.pictures.flow import flow_figures
from mcfsm.pictures.look import Look
from mcfsm.pictures.shapes import svg
from mcfsm.problems import counted
from mcfsm.prose.text import TextPart
from mcfsm.questions.draw import caption_of
from mcfsm.questions.insertion import Insertion
from mcfsm.questions.propose import JudgedChange, Wording, WrittenChange, other_documents, place_of
from mcfsm.report.clauses import listed
from mcfsm.report.style import wrapped

FORMAT = 1
_EMPTY = "(to be filled in)"
_UNTRACKED = "Nothing is tracked: no item of the text is added, written anew or removed."
_COVER = (4.0, 12.5)  # centimetres: names and entries
_VERDICTS = (2.2, 7.8, 3.2, 3.3)
_TAIL = re.compile(r"(?:(?P<step>\d+)[a-z]?|(?P<note>NOTE)(?P<number>\d*)[a-z]?)$")


def as_document(proposal: WrittenChange) -> bytes:
    """The change request: cover page, what motivates it, and the clauses with tracked changes.

    Raises ProgramMissing where nothing is there that makes a png of the figure.
    """
    from mcfsm.report.tracked import TrackedDocument

    written = TrackedDocument(f"CR: {proposal.change.title}")
    written.heading("CHANGE REQUEST", 1)
    document = proposal.document or "TS " + _EMPTY
    written.paragraph(f"{document}\tCR {_EMPTY}\trev -\tCurrent version: {_EMPTY}", bold=True)
    written.table(list(cover_page(proposal)), _COVER, head=False)
    written.page_break()
    written.heading("Motivation", 2)
    written.paragraph("This part explains the change; it is no part of the specification.")
    written.paragraph(_broken(proposal))
    for number, png in enumerate(_figures(proposal), 1):
        written.figure(png)
        written.paragraph(f"Figure M-{number}: {proposal.verdict.text.rstrip('.')}: broken", bold=True, centred=True)
    for number, step in enumerate(proposal.steps, 1):
        written.paragraph(step, mark=f"{number}.")
    ending = proposal.verdict.trace.ending if proposal.verdict.trace is not None else None
    if ending is not None:
        written.paragraph(f"Then: {ending}.")
    written.heading("Verdicts before and after", 3)
    written.table(_verdicts(proposal), _VERDICTS)
    written.heading("What it does not mend", 3)
    for said in not_mended(proposal):
        written.paragraph(said, mark="-")
    written.page_break()
    for place, (clause, lines) in enumerate(proposal.wording):
        written.paragraph(f"* * * {'First' if place == 0 else 'Next'} Change * * * *", centred=True)
        written.heading(f"{clause}\t(the items of the clause, in the words of the catalogue)", 3)
        steps = any(line.item.partition("-")[2].startswith(("fig", "pre")) for line in lines)
        for line in lines:
            _write(written, line, steps)
    if not proposal.wording:
        written.paragraph(_UNTRACKED)
    written.paragraph("* * * End of Changes * * * *", centred=True)
    return written.content()


def as_insertions(path: Path, found: Sequence[Insertion]) -> bytes:
    """A text of its author with what a candidate adds as tracked changes. Raises TextError where it has no place."""
    from mcfsm.prose.tracked_insert import with_insertions
    from mcfsm.report.tracked import AUTHOR, clean

    behind: dict[int, list[str]] = {}
    for one in found:
        mark = _mark(one.wording.item, steps=isinstance(one.behind, TextPart) and one.behind.kind == "step")
        said = clean(one.wording.after or "")
        behind.setdefault(one.behind.line, []).append(said if mark is None else f"{mark}\t{said}")
    return with_insertions(path, behind, AUTHOR)


def cover_page(proposal: WrittenChange) -> Iterator[tuple[str, str]]:
    """The entries of the cover page, in their order."""
    change = proposal.change
    changed = [(clause, line) for clause, lines in proposal.wording for line in lines if not line.kept]
    yield "Title:", change.title[:1].upper() + change.title[1:]
    yield "Source to WG:", _EMPTY
    yield "Work item code:", _EMPTY
    yield "Category:", "F (correction)"
    yield "Release:", _EMPTY
    yield "Reason for change:", _broken(proposal)
    yield "Summary of change:", "\n".join(_summary(line) for _, line in changed) or _UNTRACKED
    yield "Consequences if not approved:", _consequences(proposal)
    yield "Clauses affected:", ", ".join([*map(str, change.clauses)] or [clause for clause, _ in proposal.wording])
    others = list(other_documents(proposal))
    others += [f"stage 3, for {element.replace('_', ' ')}" for element in proposal.elements]
    yield "Other specs affected:", "; ".join(others) or "None that the model shows."
    lines: list[str] = [f"Written against: {change.base}."] if change.base else []
    lines += [f"Beside: {', '.join(proposal.context)}."] if proposal.context else []
    yield "Other comments:", "\n".join([*lines, *not_mended(proposal)])


def not_mended(proposal: WrittenChange) -> Iterator[str]:
    """What stays broken, and what the change breaks, as sentences."""
    for one in proposal.lost:
        yield f"It breaks {one.name}, which was kept before ({one.place}): {one.text}"
    for one in proposal.left:
        told = "is not told to its end" if one.after == "INCOMPLETE" else "stays broken"
        yield f"{one.name} {told} ({one.place}): {one.text}"
    if not proposal.lost and not proposal.left:
        others = ", in all scenarios" if proposal.everywhere else "; other scenarios were not asked"
        yield f"Nothing of what was asked here{others}."


def _broken(proposal: WrittenChange) -> str:
    """Why something has to be changed, in one paragraph."""
    run, verdict = proposal.run, proposal.verdict
    trace = verdict.trace
    assert trace is not None
    clause = f" ({verdict.clause})" if verdict.clause else ""
    with_ = f" ({place_of(run)})"
    said = f"The text promises{clause}: {verdict.text} A flow of {counted(len(trace), 'step')} breaks it{with_}."
    unsaid = list(dict.fromkeys(step.assumption for step in trace.steps if step.assumption))
    return said + (f" Where the text is silent, the flow takes it to be so: {' '.join(unsaid)}" if unsaid else "")


def _consequences(proposal: WrittenChange) -> str:
    """What stays as it is without the change: no promise that is not kept with it either."""
    kept = proposal.verdict.text.rstrip(".")
    if proposal.restored:
        return f"The flow of figure M-1 stays possible, and this is not kept: {kept}."
    undecided = proposal.verdict.id not in [one.name for one in proposal.left if one.after != "INCOMPLETE"]
    said = (
        "it is not told whether this is kept with the change"
        if undecided
        else "with the change this is not kept either"
    )
    return f"The flow of figure M-1 stays possible; {said}: {kept}."


def _summary(line: Wording) -> str:
    if line.before is None:
        return f"{line.item} is added: {line.after}"
    if line.after is None:
        return f"{line.item} goes: {line.before}"
    return f"{line.item} is written anew: {line.after}"


def _verdicts(proposal: WrittenChange) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("promise", "says", "without the change", "with the change")]
    touched = [one for one in proposal.judged if one.before != one.after or one.name == proposal.verdict.id]
    rows += [(one.name, f"{one.text} ({one.place})", _status(one.before), _status(one.after)) for one in touched]
    same = len(proposal.judged) - len(touched)
    return [*rows, ("others", f"{counted(same, 'verdict')} that stay as they are", "", "")] if same else rows


def _status(status: str | None) -> str:
    words = {"PROVED": "kept", "VIOLATED": "broken", "VACUOUS": "nothing to keep", "INCOMPLETE": "not told"}
    return "not there" if status is None else words.get(status, status.lower())


def _figures(proposal: WrittenChange) -> Iterator[bytes]:
    run, verdict = proposal.run, proposal.verdict
    assert verdict.trace is not None
    look = Look(steps="none", theme="light")
    ending = ending_of(run.model, verdict.trace, verdict.id, broken=True)
    for figure in flow_figures(run.model, verdict.trace, caption_of(run, verdict), ending, look):
        yield converted(svg(figure, theme="light"), ".png")


def _write(written: Any, line: Wording, steps: bool) -> None:
    """An item among the others of its clause, tracked where it is another; whether these are steps of a procedure."""
    mark = _mark(line.item, steps)
    if line.kept:
        written.paragraph(line.after or "", mark=mark)
        return
    written.revised(
        *(said if said is None or mark is None else f"{mark}\t{said}" for said in (line.before, line.after))
    )


def _mark(item: str, steps: bool) -> str | None:
    """What stands before an item in the text: 4. for a step, NOTE 2: for a note; nothing before a sentence."""
    found = _TAIL.match(item.partition("-")[2])
    if found is None or (found["step"] and not steps):
        return None
    return f"{found['step']}." if found["step"] else f"NOTE {found['number']}:".replace(" :", ":")


def as_text(
    proposal: WrittenChange, *, file: str, width: int, inserted: Sequence[Insertion] | None = None
) -> RenderableType:
    """What the change request does, the one thing first; `inserted`: where it stands in a text of its author."""
    kept = "is kept" if proposal.restored else "is NOT kept everywhere"
    first = f"{file}: with {proposal.change.change}, {proposal.verdict.id} {kept}: {proposal.verdict.text}"
    changed = sum(not line.kept for _, lines in proposal.wording for line in lines)
    lines = [wrapped(first, width, 2, "bold")]
    tracked = "no item changes: nothing was tracked"
    if changed:
        tracked = f"{counted(changed, 'item')} of {listed([clause for clause, _ in proposal.wording])} tracked"
    figure = "" if inserted is not None else f"a figure of {counted(len(proposal.steps), 'step')}; "
    lines.append(wrapped(f"  {tracked}; {figure}{_mended_besides(proposal)}", width, 4))
    lines += [wrapped(f"  {_inserted(one)}", width, 4) for one in inserted or ()]
    first_left, *more_left = not_mended(proposal)
    lines.append(wrapped(f"  What it does not mend: {first_left}", width, 4))
    lines += [wrapped(f"    {line}", width, 4) for line in more_left]
    return Group(*lines, Text(""))


def _mended_besides(proposal: WrittenChange) -> str:
    also = [one for one in proposal.mended if one.name != proposal.verdict.id]
    return f"it mends {listed(list(dict.fromkeys(one.name for one in also)) or ['nothing'])} besides"


def _inserted(one: Insertion) -> str:
    behind = one.behind
    where = behind.address if isinstance(behind, TextPart) else f"the heading of {behind.number}"
    return f"{one.wording.item} stands behind {where} (paragraph {behind.line})"


def as_json(proposal: WrittenChange) -> dict[str, Any]:
    """The proposal as plain data. Keys may be added, none changes its meaning or goes away."""

    def rows(judged: Sequence[JudgedChange]) -> list[dict[str, Any]]:
        return [asdict(one) for one in judged]

    return {
        "format": FORMAT,
        "change": str(proposal.change.change),
        "property": proposal.verdict.id,
        "restored": proposal.restored,
        "cover_page": dict(cover_page(proposal)),
        "wording": [
            {"clause": clause, "items": [asdict(line) for line in lines]} for clause, lines in proposal.wording
        ],
        "steps": list(proposal.steps),
        "verdicts": rows(proposal.judged),
        "mended": rows(proposal.mended),
        "left": rows(proposal.left),
        "lost": rows(proposal.lost),
    }
