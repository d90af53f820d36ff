"""Where in a text of its author the items stand that a candidate adds: behind those that stand before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mcfsm.prose.blocks import has_no_place
from mcfsm.prose.fingerprint import normalised
from mcfsm.prose.text import Heading, TextPart
from mcfsm.questions.propose import Wording, WrittenChange
from mcfsm.questions.trace import Traced

_STEP = re.compile(r"\d+[a-z]?$")


@dataclass(frozen=True)
class Insertion:
    """A new item of a clause, and the part of the text, or its heading, that it stands behind."""

    wording: Wording
    behind: TextPart | Heading


def insertions(proposal: WrittenChange, traced: Traced) -> tuple[Insertion, ...]:
    """Where each item that a candidate adds stands in a text that was traced beside the model.

    Raises TextError where the text lacks a clause or has what is to be added already, and where the candidate writes
    an item anew or removes one.
    """
    file = traced.source.file
    if traced.source.unit != "paragraph":
        raise has_no_place(file, "has no tracked changes", "name a .docx")
    found: list[Insertion] = []
    for clause, lines in proposal.wording:
        other = next((line for line in lines if not line.kept and line.before is not None), None)
        if other is not None:
            said = f"{other.item} {'is written anew' if other.after else 'goes'}"
            raise has_no_place(
                file,
                f"{said}, and only what is added is put into a text",
                "use -o without --into, and change the sentence by hand",
            )
        heading = next((one for one in traced.text.clauses if one.number == clause), None)
        if heading is None:
            raise has_no_place(file, f"has no clause {clause}", "name the text that has it")
        _check_new(clause, lines, traced)
        found += _of_clause(heading, lines, traced)
    return tuple(found)


def _check_new(clause: str, lines: tuple[Wording, ...], traced: Traced) -> None:
    """Whether a clause has nothing yet of what is to be added: who puts it into a text twice would have it twice."""
    said = {normalised(" ".join(part.sentences)): part for part in traced.text.within(clause)}
    for line in lines:
        there = said.get(normalised(line.after or "")) if not line.kept else None
        if there is not None:
            place = f"({traced.source.unit} {there.line})"
            message = f"has what {line.item} adds already {place}"
            raise has_no_place(traced.source.file, message, "name the text as it is without the change")


def _of_clause(heading: Heading, lines: tuple[Wording, ...], traced: Traced) -> Iterator[Insertion]:
    """A step stands behind the step before it, anything else behind the item before it, as far as the text has them."""
    placed = traced.against.placed if traced.against is not None else ()
    parts = {item.id: one.part for one in placed for item in one.items if one.part.clause == heading.number}
    own = traced.text.within(heading.number)
    last = own[-1] if own else heading
    step: TextPart | None = None
    behind: TextPart | None = None
    for line in lines:
        part = parts.get(line.item)
        if part is not None:
            behind, step = part, part if part.kind == "step" else step
        elif not line.kept:
            is_step = _STEP.fullmatch(line.item.partition("-")[2])
            yield Insertion(line, (step if is_step else None) or behind or last)
