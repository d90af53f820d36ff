"""Change requests applied to a model as written: before any name has a meaning, so that every place is kept.

A change is a set of edits of named parts. Two changes that touch the same part, or one a part and one what holds it,
do not go together; any others do, and in which order they are applied makes no difference: additions stand after the
part that they name, or last, those of an earlier change (in the order in which the model lists them) first. Edits that
a change makes *beside* others, where these are applied too, come after all that are made anyway, and may touch what
these others make.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mcfsm.expressions.parse import SourceText
from mcfsm.language.changes.parts import (
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
    written,
)
from mcfsm.language.files.change_file import AddedParts, ChangeFile, EditPart
from mcfsm.language.files.document import Document
from mcfsm.language.files.parts import Part
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.resolving.roles import transition_ids
from mcfsm.problems import ModelError, Problem, Problems, Span, closest, shorten

MOST_PARTS = 1000  # that a change touches
Action = Literal["add", "replace", "remove"]
Changes = Mapping[str, ChangeFile]  # those that the files of a model propose, by id
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
    name: SourceText
    value: Any
    after: SourceText | None
    grounds: tuple[str, ...]  # the items of the text that say so, or the assumption
    path: Path
    beside: tuple[str, ...] = ()  # the changes that have to be applied too

    @property
    def title(self) -> str:
        """The part in words: element kms_uri of private_call_redirection."""
        return KINDS[self.kind].words.format(shorten(plain(self.name), 40), *self.owners)

    @property
    def said(self) -> str:
        """What is done to it, in words."""
        return f"{_DONE[self.action]} {self.title}" + "".join(f", with {name}" for name in self.beside)

    def builds_on(self, other: Edit) -> bool:
        """Whether it is made to what the other makes."""
        return bool(self.beside) and not other.beside and other.change in (self.change, *self.beside)


def select(baseline: Baseline, names: Iterable[str] | None) -> tuple[str, ...]:
    """The changes asked for in the order in which the model lists them; the default ones where None is asked for.

    Raises ModelError for a change that there is not (M317), and for one that is asked for twice (M321).
    """
    chosen = list(baseline.default if names is None else names)
    for i, name in enumerate(chosen):
        span = name.span if isinstance(name, SourceText) else None
        if name not in baseline.changes:
            hint = closest(name, baseline.changes) if baseline.changes else "the model has no changes"
            raise ModelError([Problem("M317", span, f"unknown change {name}", hint)])
        if name in chosen[:i]:
            raise ModelError([Problem("M321", span, f"change {name} is applied twice", "name it once")])
    return tuple(name for name in baseline.changes if name in chosen)


def apply(baseline: Baseline, names: Iterable[str] | None = None) -> Document:
    """The document with some changes applied; the default ones where nothing is said.

    Raises ModelError with every problem: changes that are unknown (M317) or applied twice (M321), edits of what is not
    there (M318), additions of what is there already (M319), and two edits of one part (M320).
    """
    chosen = select(baseline, names)
    document, anyway = _with_edits(baseline, chosen)
    problems = Problems()
    beside = [
        edit
        for name in chosen
        for edit in edits_of(document, baseline.changes[name], problems, baseline.changes, chosen)
    ]
    _check_overlaps([*anyway, *beside], problems)
    document = _edited(document, beside, problems, baseline.changes)
    applied = [baseline.changes[name].change for name in chosen]
    usual, proposed = set(chosen) == set(baseline.default), [change.change for change in baseline.changes.values()]
    return document.but(applied=applied, usual=usual, proposed=proposed)


def all_edits(baseline: Baseline, name: str) -> list[Edit]:
    """The parts that a change touches: anyway, then beside others. Raises ModelError as `apply` does."""
    change, problems = baseline.changes[name], Problems()
    found = edits_of(baseline.document, change, problems, baseline.changes)
    for group in dict.fromkeys(tuple(map(str, as_list(part.beside))) for part in change.edits if part.beside):
        together = select(baseline, dict.fromkeys((name, *group)))
        document, _ = _with_edits(baseline, together)
        found += [
            edit for edit in edits_of(document, change, problems, baseline.changes, together) if edit.beside == group
        ]
    problems.raise_any()
    return found


def _with_edits(baseline: Baseline, chosen: Iterable[str]) -> tuple[Document, list[Edit]]:
    """The document with the edits that some changes make anyway, and these edits."""
    problems = Problems()
    edits: list[Edit] = []
    for name in chosen:
        for part in baseline.changes[name].edits:
            select(baseline, as_list(part.beside))
        edits += edits_of(baseline.document, baseline.changes[name], problems, baseline.changes)
    _check_overlaps(edits, problems)
    return _edited(baseline.document, edits, problems, baseline.changes), edits


def _check_overlaps(edits: Iterable[Edit], problems: Problems) -> None:
    """Raises ModelError where two edits touch one part: what they would make of it is not defined."""
    together = overlaps(edits)
    for one, other in together:
        place = f"{one.name.span.file}:{one.name.span.line}"
        message = f"change {other.change} {other.said}; change {one.change} {one.said} ({place})"
        hint = "two changes cannot touch the same part"
        if one.change != other.change:
            hint += f"; an edit that says with: {one.change} is made to what {one.change} makes"
        problems.add("M320", other.name.span, message, hint)
    if together:
        problems.raise_any()


def _edited(document: Document, edits: Iterable[Edit], problems: Problems, changes: Changes) -> Document:
    """The document with some edits made. Raises ModelError with every problem."""
    containers: dict[Path, list[Edit]] = {}
    for edit in edits:
        containers.setdefault(edit.path[:-1], []).append(edit)
    for path, touching in containers.items():
        inside = content(document, path)
        made = _in_list if touching[0].kind in LISTS else _in_mapping
        document = exchanged(document, path, made(inside, touching, problems, document, changes))
    for path, touching in containers.items():
        if touching[0].kind in ("states", "values"):
            document = _unlabelled(document, path[:-1], {plain(e.name) for e in touching if e.action == "remove"})
    problems.raise_any()
    return document


def _unlabelled(document: Document, owner: Path, gone: Collection[str]) -> Document:
    """The document without the labels of states or values that are gone from their owner: a label goes with its own."""
    labels: Mapping[SourceText, SourceText] = content(document, (*owner, "labels"))
    kept = {name: words for name, words in labels.items() if name not in gone}
    return document if len(kept) == len(labels) else exchanged(document, (*owner, "labels"), kept)


def edits_of(
    document: Document,
    change: ChangeFile,
    problems: Problems,
    changes: Changes,
    beside: Collection[str] | None = None,
) -> list[Edit]:
    """The parts that a change touches anyway, in written order; what is wrong with one is noted and left out.

    With `beside`, the changes that are applied: those that it touches where others are applied too, which are.
    """
    found: list[Edit] = []
    items = set(map(str, document.items))
    items |= {str(item) for part in change.edits for item in part.add.items} if items else set()
    for part in change.edits:
        if bool(part.beside) == (beside is None) or not set(as_list(part.beside)) <= set(beside or ()):
            continue
        _check_grounds(part, items, problems)
        before = len(found)
        for action in ("add", "replace", "remove"):
            for edit in _edits(document, change, action, part, problems, changes):
                if len(found) == MOST_PARTS:
                    message = f"change {change.change} touches more than {MOST_PARTS:,} parts"
                    raise ModelError([Problem("M104", change.change.span, message, "split it into several")])
                found.append(edit)
        if part.after is not None and not any(edit.action == "add" for edit in found[before:]):
            problems.add("M203", part.after.span, "after has no meaning in an edit that adds nothing")
    return found


def _edits(
    document: Document, change: ChangeFile, action: Action, part: EditPart, problems: Problems, changes: Changes
) -> Iterator[Edit]:
    listed: Part = getattr(part, action)
    for kind in type(listed).keys:
        for owners, name, value in entries(getattr(listed, kind), len(KINDS[kind].owners)):
            if name is None:
                problems.add("M202", value.span, "this transition has no id", "a change names the transitions it adds")
                continue
            try:
                path = container_of(document, kind, owners)
            except NoOwnerError as error:
                hint = _missing(document, changes, change.change, error.name, error.known)
                problems.add("M318", error.name.span, f"change {change.change}: {error}", hint)
                continue
            itself = [name] if kind == "items" else []
            grounds = tuple(map(str, as_list(part.clause) or as_list(part.assumption) or itself))
            whole = (*path, plain(name))
            others = tuple(map(str, as_list(part.beside)))
            yield Edit(str(change.change), action, kind, owners, name, value, part.after, grounds, whole, others)


def _check_grounds(part: EditPart, items: set[str], problems: Problems) -> None:
    """Where a model has clauses, every edit cites one, says what it assumes, or does no more than to add items."""
    cited = as_list(part.clause)
    for clause in cited if items else ():
        if clause not in items:
            problems.add("M308", clause.span, f"unknown clause {clause}", closest(clause, items))
    if items and not cited and part.assumption is None and not _adds_items_only(part):
        hint = "cite the clause of the change, or say what it assumes"
        problems.add("M505", part.span, "this edit has neither a clause nor an assumption", hint)


def _adds_items_only(part: EditPart) -> bool:
    alone = EditPart(add=AddedParts(items=part.add.items), after=part.after)
    return written(part.but(beside=None)) == written(alone)


def overlaps(edits: Iterable[Edit]) -> list[tuple[Edit, Edit]]:
    """The pairs of edits that touch the same part, or one a part and the other what holds it: the earlier one first.

    An edit beside others is made to what these, and its own change, make of the part: the two are no pair.
    """
    listed = list(edits)
    at: dict[Path, list[int]] = {}
    for i, edit in enumerate(listed):
        at.setdefault(edit.path, []).append(i)
    found: set[tuple[int, int]] = set()
    for i, edit in enumerate(listed):
        for length in range(1, len(edit.path) + 1):
            others = [j for j in at.get(edit.path[:length], ()) if j != i and not _goes_with(edit, listed[j])]
            found |= {(min(i, j), max(i, j)) for j in others[:1]}
    return [(listed[i], listed[j]) for i, j in sorted(found)]


def _goes_with(one: Edit, other: Edit) -> bool:
    return one.builds_on(other) or other.builds_on(one)


def _without_id(document: Document, name: str) -> str | None:
    """The hint where a name is the id that a transition has only by default: whoever moves lines moves it."""
    ids = transition_ids(document.roles, Problems())
    lines = (line for role in document.roles.values() for line in role.transitions)
    meant = next((line.span for line in lines if line.id is None and ids[id(line)] == name), None)
    return f"give that line an id: in the model{_place(meant)}" if meant else None


def _missing(document: Document, changes: Changes, own: str, name: str, known: Iterable[str]) -> str | None:
    """The hint where a change names what is not there: another change may add it."""
    listed = (change for change in changes.values() if change.change != own)
    adds = next((str(change.change) for change in listed if plain(name) in _added(change)), None)
    if adds is not None:
        return f"change {adds} adds it: say with: {adds} in this edit"
    return _without_id(document, name) or closest(name, known)


def _added(change: ChangeFile) -> set[str]:
    """The names of the parts that a change adds."""
    parts = [part.add for part in change.edits]
    listed = [entries(getattr(part, kind), len(KINDS[kind].owners)) for part in parts for kind in type(part).keys]
    return {plain(name) for some in listed for _, name, _ in some if name is not None}


def _in_mapping(
    inside: Any, edits: list[Edit], problems: Problems, document: Document, changes: Changes
) -> dict[Any, Any]:
    return dict(_renewed(list((inside or {}).items()), edits, problems, document, changes))


def _in_list(inside: Any, edits: list[Edit], problems: Problems, document: Document, changes: Changes) -> list[Any]:
    listed = _renewed([(name_in_list(part), part) for part in as_list(inside)], edits, problems, document, changes)
    return [value for _, value in listed]


def _renewed(
    listed: list[tuple[SourceText | None, Any]],
    edits: list[Edit],
    problems: Problems,
    document: Document,
    changes: Changes,
) -> list[tuple[SourceText | None, Any]]:
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
            problems.add("M318", edit.name.span, message, _missing(document, changes, edit.change, key, there))
        elif edit.action == "replace":
            replaced[key] = edit
        else:
            removed.add(key)
    result: list[tuple[SourceText | None, Any]] = []
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
