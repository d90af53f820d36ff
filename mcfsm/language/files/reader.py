"""Files to a Document: reads within bounds, follows `include` and `clauses`, checks the shape, keeps every place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from mcfsm.expressions.parse import SourceText
from mcfsm.language.changes.apply import Baseline, apply, select
from mcfsm.language.files.change_file import ChangeFile, EditPart
from mcfsm.language.files.document import ClausePart, Document, ModelFile, Name
from mcfsm.language.files.shape import shaped
from mcfsm.language.files.wording import nameable
from mcfsm.language.files.yaml import MOST_BYTES, Data, WrittenMapping, load
from mcfsm.problems import ModelError, Problem, Problems, Span, closest, shorten, split_rows

_T = TypeVar("_T")

ENTRY = "model.yaml"
MOST_FILES = 50
_DOCUMENTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how those of word processors begin, which have no lines
_MOST_BESIDE = 5  # files that a hint names
_SHORTER = "split the model over files with include"


def read(path: Path | str, changes: Iterable[str] | None = None) -> Document:
    """The document of a model file, or of the model.yaml in a directory, with some of its changes applied.

    Without `changes`, those that the model applies by default. Raises ModelError (M1xx, M2xx, M317 to M321).
    """
    return apply(read_baseline(path), changes)


Stamps = dict[Path, tuple[int, int] | None]  # file to when it was written and its size; None: it is not there


def stamps(path: Path | str) -> Stamps:
    """The files that a model is read from, as far as it can be read, each with what changes when it is written."""
    path = Path(path)
    entry = path / ENTRY if path.is_dir() else path
    reader = _Reader(entry, entry.parent.resolve())
    with suppress(ModelError):
        reader.read()
    return {file: _stamp(file) for file in sorted({entry.resolve(), *reader.seen})}


def changed_since(seen: Stamps) -> list[Path]:
    """Those files that have been written, removed or made since."""
    return [file for file, stamp in seen.items() if _stamp(file) != stamp]


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def read_baseline(path: Path | str) -> Baseline:
    """A model as written, with the changes that its files propose. Raises ModelError (M1xx, M2xx, M317, M321)."""
    path = Path(path)
    if not str(path).isprintable():
        raise ModelError(
            [Problem("M109", None, f"{shorten(str(path))} has characters in its name that cannot be seen")]
        )
    try:
        entry = path / ENTRY if path.is_dir() else path
        entry.resolve()
        root = entry.parent.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError([Problem("M109", None, f"{shorten(str(path))} cannot be read: {_reason(error)}")]) from None
    return _Reader(entry, root).read()


def source(file: str) -> str | None:
    """The text of a file as messages show it; None where it cannot be shown."""
    try:
        path = Path(file)
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        content = path.read_bytes()
        return None if content.startswith(_DOCUMENTS) else content.decode("utf-8-sig", errors="replace")
    except (OSError, ValueError):
        return None


def read_data(path: Path, shown: str) -> Data:
    """The data of one YAML file that is no part of a model; messages call it `shown`. Raises ModelError (M1xx)."""
    try:
        path.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError([Problem("M109", None, f"{shorten(shown)} cannot be read: {_reason(error)}")]) from None
    data, problems = load(_text_of(path, shown, None, "a flow has fewer steps"), shown)
    if problems:
        raise ModelError(problems)
    return data


class _Reader:
    def __init__(self, entry: Path, root: Path) -> None:
        self.entry, self.root = entry, root
        self.problems = Problems()
        self.seen: set[Path] = set()

    def read(self) -> Baseline:
        first = self.file(self.entry, None)
        self.problems.raise_any()
        assert first is not None
        merged: dict[str, Any] = {name: getattr(first, name) for name in ModelFile.keys}
        items: dict[SourceText, ClausePart] = {}
        for part in [first, *self.included(first, (self.entry.resolve(),))]:
            if part is not first:
                self.merge(merged, part)
            if part.clauses is not None:
                self.add_items(items, part.clauses)
        if first.model is None:
            self.problems.add("M202", first.span, "the key model is missing: the model's title")
        self.problems.raise_any()
        document = Document(first.span, **merged, items=items)
        baseline = Baseline(document, self.changes(merged["changes"]), tuple(merged["applied"]))
        self.problems.raise_any()
        select(baseline, None)
        return baseline

    def changes(self, names: list[SourceText]) -> dict[str, ChangeFile]:
        """The change requests in the files listed, by id; a problem where two have one id."""
        found: dict[str, ChangeFile] = {}
        for name in names:
            target = self.target(name)
            part = None if target is None else self.shaped(target, name.span, ChangeFile)
            if part is None:
                continue
            if not nameable(part.change, filed=True):
                message = f"'{shorten(part.change)}' cannot name a change"
                hint = "one line of characters that can be seen, without / and \\, and no dot first"
                self.problems.add("M307", part.change.span, message, hint)
            if part.change in found:
                first = found[str(part.change)].change.span
                message = f"change {part.change} is proposed twice, first at {first.file}:{first.line}"
                self.problems.add("M321", part.change.span, message)
            edits = [*part.edits, *self.edits(part)]
            edits = [_informative(edit) for edit in edits] if part.informative == "true" else edits
            found.setdefault(str(part.change), part.but(edits=edits))
        return found

    def edits(self, part: ChangeFile) -> Iterator[EditPart]:
        """The edits in the files that a change includes; a problem where one is of another change."""
        for name in part.include:
            target = self.target(name)
            inner = None if target is None else self.shaped(target, name.span, ChangeFile)
            if inner is not None and inner.change != part.change:
                message = f"change {inner.change} stands in a file that change {part.change} includes"
                self.problems.add("M321", inner.change.span, message)
            yield from inner.edits if inner is not None else ()

    def included(self, part: ModelFile, chain: tuple[Path, ...]) -> Iterator[ModelFile]:
        """The files that a part includes, and those they include; a problem where one includes itself."""
        for name in part.include:
            target = self.target(name)
            if target in chain:
                loop = " -> ".join(map(self.shown, [*chain[chain.index(target) :], target]))
                self.problems.add("M111", name.span, f"a file includes itself: {loop}")
            elif target is not None and target not in self.seen:
                inner = self.file(target, name.span)
                if inner is not None:
                    yield inner
                    yield from self.included(inner, (*chain, target))

    def target(self, name: SourceText) -> Path | None:
        """The file a name stands for; None, and a problem, where it lies outside the model's directory."""
        try:
            target = (self.root / str(name)).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            self.problems.add("M109", name.span, f"{shorten(name)} cannot be read: {_reason(error)}")
            return None
        if not target.is_relative_to(self.root):
            message = f"{shorten(name)} lies outside the model's directory"
            self.problems.add("M110", name.span, message, "a model reads files beside and below it only")
            return None
        return target

    def merge(self, merged: dict[str, Any], part: ModelFile) -> None:
        for name in ModelFile.keys:
            value = getattr(part, name)
            if name in ("include", "clauses") or not value:
                continue
            if isinstance(value, Mapping):
                places = {str(key): key.span for key in merged[name]}
                for key in value:
                    if key in merged[name]:
                        first = f"{places[key].file}:{places[key].line}"
                        message = f"{key} is declared twice under {name}, first at {first}"
                        self.problems.add("M108", key.span, message)
                merged[name] = {**merged[name], **{k: v for k, v in value.items() if k not in merged[name]}}
            elif not merged[name]:
                merged[name] = value
            else:
                key = ModelFile.keys[name].alias or name
                here, first = (part[0] if isinstance(part, list) else part for part in (value, merged[name]))
                self.problems.add("M108", here.span, f"{key} is given twice, and in {first.span.file} first")

    def add_items(self, items: dict[SourceText, ClausePart], name: SourceText) -> None:
        target = self.target(name)
        found = None if target is None else self.shaped(target, name.span, dict[Name, ClausePart])
        for key, item in (found or {}).items():
            if key in items:
                self.problems.add("M108", key.span, f"clause {key} is declared twice")
            items[key] = item

    def file(self, path: Path, span: Span | None) -> ModelFile | None:
        found: ModelFile | None = self.shaped(path, span, ModelFile)
        return found

    def shaped(self, path: Path, span: Span | None, kind: Any) -> Any:
        """The content of a file as a type has it; None, and problems, where it cannot be read or has another shape."""
        try:
            shown = self.shown(path)
            self.seen.add(path.resolve())
            if len(self.seen) > MOST_FILES:
                raise ModelError([Problem("M104", span, f"more than {MOST_FILES} files")])
            return _shaped(kind, _text_of(path, shown, span), shown)
        except ModelError as error:
            self.problems.extend(error.problems)
        return None

    def shown(self, path: Path) -> str:
        """The name that stands in messages: as the user named the model, whatever directory it is in."""
        if path == self.entry:
            return self.entry.as_posix()
        try:
            return (self.entry.parent / path.resolve().relative_to(self.root)).as_posix()
        except ValueError:
            return path.name


@lru_cache(maxsize=128)
def _shaped(kind: Any, text: str, shown: str) -> Any:
    """The content of a file as a type has it. Raises ModelError.

    What was read before comes back as the very same parts, which nobody may change: what was made of them is known.
    """
    data, problems = load(text, shown)
    if problems:
        raise ModelError(problems)
    if not isinstance(data, WrittenMapping):
        place = getattr(data, "span", None) or Span(shown, 1, 1)
        what = "is empty" if data is None else "is not"
        raise ModelError([Problem("M203", place, f"a model file is a mapping of keys, and this one {what}")])
    return shaped(kind, data)


def _informative(edit: EditPart) -> EditPart:
    """The edit with the mark on every item that it adds that this stands in an informative part."""
    items = {name: item.but(informative="true") for name, item in edit.add.items.items()}
    return edit.but(add=edit.add.but(items=items)) if items else edit


def _text_of(path: Path, shown: str, span: Span | None, shorter: str = _SHORTER) -> str:
    """The text of a file. Problems stand where the file is named: at `span`, or nowhere for the model itself."""
    try:
        if not path.is_file():
            what = "is no file" if path.exists() else "does not exist"
            hint = _beside(path) if span is None else None
            raise ModelError([Problem("M109", span, f"{shown} {what}", hint)])
        if path.stat().st_size > MOST_BYTES:
            message = f"{shown} has {path.stat().st_size:,} bytes; at most {MOST_BYTES:,} are read"
            raise ModelError([Problem("M104", span, message, shorter)])
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError([Problem("M109", span, f"{shown} cannot be read: {_reason(error)}")]) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = split_rows(raw[: error.start].decode("utf-8", errors="replace"))
        place = Span(shown, len(before), len(before[-1]) + 1)
        message = f"{shown} is no UTF-8 text: the byte 0x{raw[error.start]:02x} may not stand here"
        raise ModelError([Problem("M101", place, message, "save the file as UTF-8")]) from None


def _beside(path: Path) -> str | None:
    """What may have been meant instead of a file that is not there: one beside it with nearly its name."""
    if not path.parent.is_dir():
        return None
    if path.name == ENTRY:
        others = sorted(file.name for file in path.parent.glob("*.yaml") if file.name != ENTRY)
        named = f"; or name one of its files: {', '.join(others[:_MOST_BESIDE])}" if others else ""
        return f"a directory needs a {ENTRY}{named}"
    near = closest(path.name, (file.name for file in path.parent.iterdir()))
    return near if near is not None and near.startswith("did you mean") else None


def _reason(error: Exception) -> str:
    if isinstance(error, ValueError) and "null" in str(error):  # each release of Python says it in other words
        return "embedded null byte"
    return str(getattr(error, "strerror", None) or error)
