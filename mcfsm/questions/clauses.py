"""Is all of the text in the model? Every item of it, with what covers it, or why there is nothing to model.

Asked of a model as written, whatever is chosen: the text, and the text with each change that is pending; candidate
corrections are no part of it. So changes that do not go together stand side by side, and nothing is explored. Several
models may follow one text: what one of them leaves to another is covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mcfsm.language.changes.apply import Baseline, Edit, all_edits, apply
from mcfsm.language.files.document import (
    ClausePart,
    Document,
    ElementPart,
    Mark,
    MessagePart,
    PropertyPart,
    TransitionPart,
    elements_of,
)
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.resolving.roles import transition_ids
from mcfsm.problems import Problems

DefectKind = Literal["unnamed", "uncarried"]
Coverage = Literal["covered", "not_modelled", "missing"]
Forbidden = Literal["missing", "contradictory"]
FORBIDDEN: tuple[Forbidden, ...] = ("missing", "contradictory")
# Kinds of parts that have no clause of their own, and rest on that of the edit that adds or replaces them.
_BY_EDIT = frozenset(
    ("variables", "timers", "states", "final", "conditions", "unless", "set", "sent", "ignore", "defer")
)
_NO_BEHAVIOUR = frozenset(("items", "checks", "expect"))
_WORD = re.compile(r"[\w.]+(?:-\w+)*")


@dataclass(frozen=True)
class Cover:
    """A part of the model that rests on an item; `change` is the one that brings it, None where the text has it."""

    kind: str
    name: str
    change: str | None = None


@dataclass(frozen=True)
class Item:
    """An item of the text, in our words; where a change writes it anew, as that has it."""

    id: str
    modality: str
    text: str
    change: str | None  # the one that adds it
    covers: tuple[Cover, ...]
    not_modelled: str | None  # why there is nothing to model
    contradictory: bool  # a text says that there is nothing to model, and has a part that rests on it

    @property
    def coverage(self) -> Coverage:
        """Whether something covers it, or why not; missing where neither is said."""
        return "covered" if self.covers else "missing" if self.not_modelled is None else "not_modelled"


@dataclass(frozen=True)
class Defect:
    """A message or an element that the text uses and does not name, or needs and no message of it carries."""

    message: str
    element: str | None
    kind: DefectKind
    items: tuple[str, ...]  # that use or need it
    change: str | None = None  # the one that brings it

    @property
    def name(self) -> str:
        """It in words."""
        return self.message if self.element is None else f"{self.element} of {self.message}"


@dataclass(frozen=True)
class Clauses:
    """The items of a model's text in order, those that changes add among them, and what the text leaves unsaid."""

    path: str
    title: str
    changes: tuple[str, ...]
    items: tuple[Item, ...]
    defects: tuple[Defect, ...] = ()

    @property
    def happened(self) -> frozenset[Forbidden]:
        """What a CI run may forbid."""
        found: set[Forbidden] = set()
        if any(item.coverage == "missing" for item in self.items):
            found.add("missing")
        if any(item.contradictory for item in self.items):
            found.add("contradictory")
        return frozenset(found)

    def count(self, coverage: Coverage) -> int:
        """How many items are covered so."""
        return sum(item.coverage == coverage for item in self.items)


def clauses(path: Path | str, *others: Path | str, candidate: str | None = None) -> Clauses:
    """The items of a model, or of several of one text, and of all changes that are pending, and of one candidate.

    A part that two models have under one name stands once, as that of the first. Raises ModelError where a model or
    a change is wrong.
    """
    found = [_clauses(one, candidate) for one in (path, *others)]
    return found[0] if len(found) == 1 else _together(found)


def _together(found: list[Clauses]) -> Clauses:
    """The items of several models of one text, each with all that covers it anywhere."""
    order: list[str] = []
    for one in found:
        _merge(order, [item.id for item in one.items])
    said = {name: [item for one in found for item in one.items if item.id == name] for name in order}
    defects: dict[tuple[str, str | None], Defect] = {}
    for defect in (defect for one in found for defect in one.defects):
        known = defects.get((defect.message, defect.element), replace(defect, items=()))
        items = tuple(dict.fromkeys((*known.items, *defect.items)))
        defects[defect.message, defect.element] = replace(known, items=items)
    return Clauses(
        " ".join(one.path for one in found),
        "; ".join(one.title for one in found),
        tuple(dict.fromkeys(change for one in found for change in one.changes)),
        tuple(map(_joined, said.values())),
        tuple(defects.values()),
    )


def _joined(same: list[Item]) -> Item:
    """One item as several models have it; a reason why nothing covers it contradicts what does, wherever that is."""
    covers: dict[tuple[str, str], Cover] = {}
    for cover in (cover for item in same for cover in item.covers):
        covers.setdefault((cover.kind, cover.name), cover)
    ordered = sorted(covers.values(), key=lambda cover: cover.change or "")
    reason = next((item.not_modelled for item in same if item.not_modelled is not None), None)
    contradictory = any(item.contradictory for item in same) or (reason is not None and bool(covers))
    return replace(same[0], covers=tuple(ordered), not_modelled=reason, contradictory=contradictory)


def _clauses(path: Path | str, candidate: str | None) -> Clauses:
    baseline = read_baseline(path)
    pending = [
        *baseline.listed(candidates=False),
        *(one for one in baseline.listed(candidates=True) if one == candidate),
    ]
    order: list[str] = []
    brought: dict[str, str | None] = {}  # item to the change that adds it
    parts: dict[str, ClausePart] = {}
    covers: dict[str, dict[tuple[str, str], Cover]] = {}
    contradictory: set[str] = set()
    defects: dict[tuple[str, str | None], Defect] = {}
    for change, text, edits in _texts(baseline, pending):
        for defect in _unsaid(text, change):
            known = defects.get((defect.message, defect.element), replace(defect, items=()))
            items = tuple(dict.fromkeys((*known.items, *defect.items)))
            defects[defect.message, defect.element] = replace(known, items=items)
        for name in _merge(order, list(map(str, text.items))):
            brought[name], covers[name] = change, {}
        for key, part in text.items.items():
            if part is not baseline.document.items.get(key) or change is None:
                parts[str(key)] = part
        known_items = {str(key): part for key, part in text.items.items()}
        for name, kind, title in (*_cited(text), *_edited(edits)):
            if name in known_items:
                covers[name].setdefault((kind, title), Cover(kind, title, change))
                contradictory |= {name} if known_items[name].not_modelled is not None else set()
    found = tuple(
        Item(
            id=name,
            modality=parts[name].modality,
            text=str(parts[name].text),
            change=brought[name],
            covers=tuple(covers[name].values()),
            not_modelled=None if parts[name].not_modelled is None else str(parts[name].not_modelled),
            contradictory=name in contradictory,
        )
        for name in order
    )
    return Clauses(str(path), str(baseline.document.model), tuple(pending), found, tuple(defects.values()))


def _texts(baseline: Baseline, pending: Iterable[str]) -> Iterator[tuple[str | None, Document, list[Edit]]]:
    """The text, the text with each change, and that with others beside which the change does more; with its edits."""
    yield None, baseline.document, []
    edits = {name: all_edits(baseline, name) for name in pending}
    for name, mine in edits.items():
        yield name, apply(baseline, [name]), [edit for edit in mine if not edit.beside]
    for name, mine in edits.items():
        for group in dict.fromkeys(edit.beside for edit in mine if edit.beside):
            together = apply(baseline, dict.fromkeys((name, *group)))
            yield name, together, [edit for edit in mine if edit.beside == group]


def _merge(order: list[str], names: list[str]) -> list[str]:
    """Put those of some names that are not in the order yet behind the name they follow; which these are."""
    new = [name for name in names if name not in order]
    own, place = set(names), 0
    for name in names:
        if name in new:
            while place < len(order) and order[place] not in own:  # what an earlier change put there stands first
                place += 1
            order.insert(place, name)
            place += 1
        else:
            place = order.index(name) + 1
    return new


def _cited(text: Document) -> Iterator[tuple[str, str, str]]:
    """Each item that a part of a text cites or an assumption speaks of, with the kind and the name of the part."""
    ids = transition_ids(text.roles, Problems())
    lines: list[tuple[str, str, TransitionPart | PropertyPart]] = [
        ("transition", ids[id(line)], line) for role in text.roles.values() for line in role.transitions
    ]
    lines += [("property", str(name), part) for name, part in text.properties.items()]
    for kind, name, part in lines:
        yield from ((str(item), kind, name) for item in as_list(part.clause))
        yield from ((item, "assumption", name) for item in _spoken_of(part.assumption))
    for message, written in text.messages.items():
        for element, form in elements_of(written).items():
            if isinstance(form, ElementPart) and form.clause is not None:
                yield str(form.clause), "element", f"{element.removesuffix('?')} of {message}"
    for defect in _unsaid(text, None):
        yield from ((item, "element" if defect.element else "message", defect.name) for item in defect.items)
    for kind, constants in (("reading", text.readings), ("option", text.options)):
        for name, constant in constants.items():
            yield from ((str(item), kind, f"{name}={value}") for value, item in constant.values.items() if item)
    for name, scenario in text.scenarios.items():
        yield from ((item, "scenario", str(name)) for item in _spoken_of(scenario.text))


def _unsaid(text: Document, change: str | None) -> Iterator[Defect]:
    """The messages and elements that a text marks, in its order."""
    for message, form in text.messages.items():
        marks: list[tuple[str | None, Mark]] = [(None, form)] if isinstance(form, MessagePart) else []
        marks += [(str(n).removesuffix("?"), e) for n, e in elements_of(form).items() if isinstance(e, ElementPart)]
        for element, mark in marks:
            items = tuple(map(str, as_list(mark.clauses)))
            if mark.unnamed is not None:
                yield Defect(str(message), element, "unnamed", items, change)
            elif mark.uncarried is not None:
                yield Defect(str(message), element, "uncarried", items, change)


def _edited(edits: Iterable[Edit]) -> Iterator[tuple[str, str, str]]:
    """The same for the parts that a change touches on the ground of an item, and that cite none themselves."""
    for edit in edits:
        removed = edit.action == "remove" and edit.kind not in _NO_BEHAVIOUR
        if removed or edit.kind in _BY_EDIT:
            yield from ((item, "edit", edit.said) for item in edit.grounds)


def _spoken_of(sentence: str | None) -> list[str]:
    return [] if sentence is None else [word.rstrip(".") for word in _WORD.findall(sentence)]
