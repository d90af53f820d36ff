"""Change requests applied to a model as written: before any name has a meaning, so that every place is kept.

A change is a set of edits of named parts. Two changes that touch the same part, or one a part and one what holds it,
do not go together; any others do, and in which order they are applied makes no difference: additions stand after the
part that they name, or last, those of an earlier change (in the order in which the model lists them) first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mcfsm.expressions.parse import Text
from mcfsm.language.changefile import ChangeFile, EditPart
from mcfsm.language.document import Document, Part
from mcfsm.language.effects import as_list
from mcfsm.language.parts import (
    KINDS,
    LISTS,
    NoOwnerError,
    Owners,
    Path,
    container_of,
    content,
    entries,
    exchanged,
    name_in_list,
    plain,
)
from mcfsm.problems import ModelError, Problem, Problems, Span, closest, shorten

MOST_PARTS = 1000  # that a change touches
Action = Literal["add", "replace", "remove"]
_DONE = {"add": "adds", "replace": "replaces", "remove": "removes"}


@dataclass(frozen=True)
class Baseline:
    """A model as written, the changes that its files propose, and those that apply where nobody says otherwise."""

    document: Document
    changes: Mapping[str, ChangeFile]  # by id, in the order in which they are listed
    default: tuple[str, ...]

    def listed(self, *, candidates: bool) -> list[str]:
        """The changes that are candidate corrections, or those that are pending, as listed."""
        return [name for name, change in self.changes.items() if (change.candidate == "true") is candidates]


@dataclass(frozen=True)
class Edit:
    """One part that a change touches. `path` is its place: what begins with the place of another is inside that."""

    change: str
    action: Action
    kind: str
    owners: Owners
    name: Text
    value: Any
    after: Text | None
    grounds: tuple[str, ...]  # the items of the text that say so, or the assumption
    path: Path

    @property
    def title(self) -> str:
        """The part in words: element kms_uri of private_call_redirection."""
        return KINDS[self.kind].words.format(shorten(plain(self.name), 40), *self.owners)

    @property
    def said(self) -> str:
        """What is done to it, in words."""
        return f"{_DONE[self.action]} {self.title}"


def select(baseline: Baseline, names: Iterable[str] | None) -> tuple[str, ...]:
    """The changes asked for in the order in which the model lists them; the default ones where None is asked for.

    Raises ModelError for a change that there is not (M317), and for one that is asked for twice (M321).
    """
    asked = list(baseline.default if names is None else names)
    for i, name in enumerate(asked):
        span = name.span if isinstance(name, Text) else None
        if name not in baseline.changes:
            raise ModelError([Problem("M317", span, f"unknown change {name}", closest(name, baseline.changes))])
        if name in asked[:i]:
            raise ModelError([Problem("M321", span, f"change {name} is applied twice", "name it once")])
    return tuple(name for name in baseline.changes if name in asked)


def apply(baseline: Baseline, names: Iterable[str] | None = None) -> Document:
    """The document with some changes applied; the default ones where nothing is said.

    Raises ModelError with every problem: changes that are unknown (M317) or applied twice (M321), edits of what is not
    there (M318), additions of what is there already (M319), and two edits of one part (M320).
    """
    problems = Problems()
    document, chosen = baseline.document, select(baseline, names)
    edits: list[Edit] = []
    for name in chosen:
        edits += edits_of(baseline.document, baseline.changes[name], problems)
    together = overlaps(edits)
    for one, other in together:
        place = f"{one.name.span.file}:{one.name.span.line}"
        message = f"change {other.change} {other.said}; change {one.change} {one.said} ({place})"
        problems.add("M320", other.name.span, message, "two changes cannot touch the same part")
    if together:
        problems.raise_any()  # what two edits would make of one part is not defined
    containers: dict[Path, list[Edit]] = {}
    for edit in edits:
        containers.setdefault(edit.path[:-1], []).append(edit)
    for path, touching in containers.items():
        inside = content(document, path)
        edited = _in_list if touching[0].kind in LISTS else _in_mapping
        document = exchanged(document, path, edited(inside, touching, problems))
    problems.raise_any()
    applied = [baseline.changes[name].change for name in chosen]
    return document.model_copy(update={"applied": applied, "usual": set(chosen) == set(baseline.default)})


def edits_of(document: Document, change: ChangeFile, problems: Problems) -> list[Edit]:
    """The parts that a change touches, in written order; what is wrong with one is noted and left out."""
    found: list[Edit] = []
    items = set(map(str, document.items))
    items |= {str(item) for part in change.edits for item in part.add.items} if items else set()
    for part in change.edits:
        _check_grounds(part, items, problems)
        before = len(found)
        for action in ("add", "replace", "remove"):
            for edit in _edits(document, change, action, part, problems):
                if len(found) == MOST_PARTS:
                    message = f"change {change.change} touches more than {MOST_PARTS:,} parts"
                    raise ModelError([Problem("M104", change.change.span, message, "split it into several")])
                found.append(edit)
        if part.after is not None and not any(edit.action == "add" for edit in found[before:]):
            problems.add("M203", part.after.span, "after has no meaning in an edit that adds nothing")
    return found


def _edits(
    document: Document, change: ChangeFile, action: Action, part: EditPart, problems: Problems
) -> Iterator[Edit]:
    written: Part = getattr(part, action)
    for kind in type(written).model_fields:
        for owners, name, value in entries(getattr(written, kind), len(KINDS[kind].owners)):
            if name is None:
                problems.add("M202", value.span, "this transition has no id", "a change names the transitions it adds")
                continue
            try:
                path = container_of(document, kind, owners)
            except NoOwnerError as error:
                hint = closest(error.name, error.known)
                problems.add("M318", error.name.span, f"change {change.change}: {error}", hint)
                continue
            grounds = tuple(map(str, as_list(part.clause) or as_list(part.assumption)))
            whole = (*path, plain(name))
            yield Edit(str(change.change), action, kind, owners, name, value, part.after, grounds, whole)


def _check_grounds(part: EditPart, items: set[str], problems: Problems) -> None:
    """Where a model has clauses, every edit cites one, or says what it assumes."""
    cited = as_list(part.clause)
    for clause in cited if items else ():
        if clause not in items:
            problems.add("M308", clause.span, f"unknown clause {clause}", closest(clause, items))
    if items and not cited and part.assumption is None:
        hint = "cite the clause of the change, or say what it assumes"
        problems.add("M505", part.span, "this edit has neither a clause nor an assumption", hint)


def overlaps(edits: Iterable[Edit]) -> list[tuple[Edit, Edit]]:
    """The pairs of edits that touch the same part, or one a part and the other what holds it: the earlier one first."""
    listed = list(edits)
    first: dict[Path, int] = {}
    for i, edit in enumerate(listed):
        first.setdefault(edit.path, i)
    found: set[tuple[int, int]] = set()
    for i, edit in enumerate(listed):
        for length in range(1, len(edit.path) + 1):
            other = first.get(edit.path[:length], i)
            if other != i:
                found.add((min(i, other), max(i, other)))
    return [(listed[i], listed[j]) for i, j in sorted(found)]


def _in_mapping(inside: Any, edits: list[Edit], problems: Problems) -> dict[Any, Any]:
    return dict(_edited(list((inside or {}).items()), edits, problems))


def _in_list(inside: Any, edits: list[Edit], problems: Problems) -> list[Any]:
    listed = _edited([(name_in_list(part), part) for part in as_list(inside)], edits, problems)
    return [value for _, value in listed]


def _edited(
    listed: list[tuple[Text | None, Any]], edits: list[Edit], problems: Problems
) -> list[tuple[Text | None, Any]]:
    """The parts of a container with some added, replaced and removed."""
    there = {plain(name): name for name, _ in listed if name is not None}
    replaced: dict[str, Edit] = {}
    removed: set[str] = set()
    added: dict[str | None, list[Edit]] = {}  # by what they stand after
    for edit in edits:
        key = plain(edit.name)
        if edit.action == "add":
            if key in there:
                where = _place(there[key].span)
                problems.add("M319", edit.name.span, f"change {edit.change} {edit.said}, which is there already{where}")
            if edit.after is not None and plain(edit.after) not in there:
                message = f"change {edit.change} {edit.said} after {edit.after}, which is not there"
                problems.add("M318", edit.after.span, message, closest(edit.after, there))
            added.setdefault(None if edit.after is None else plain(edit.after), []).append(edit)
        elif key not in there:
            message = f"change {edit.change} {edit.said}, which is not there"
            problems.add("M318", edit.name.span, message, closest(key, there))
        elif edit.action == "replace":
            replaced[key] = edit
        else:
            removed.add(key)
    result: list[tuple[Text | None, Any]] = []
    for name, value in listed:
        known = "" if name is None else plain(name)  # a transition without an id cannot be meant
        if known in replaced:
            result.append((replaced[known].name, replaced[known].value))
        elif known not in removed:
            result.append((name, value))
        result += [(edit.name, edit.value) for edit in added.get(known, ())]
    return [*result, *((edit.name, edit.value) for edit in added.get(None, ()))]


def _place(span: Span) -> str:
    return f" ({span.file}:{span.line})"
