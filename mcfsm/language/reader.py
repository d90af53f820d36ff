"""Files to a Document: reads within bounds, follows `include` and `clauses`, checks the shape, keeps every place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mcfsm.expressions.parse import Text
from mcfsm.language.document import ClausePart, Document, ModelFile, Name
from mcfsm.language.yaml import MOST_BYTES, Block, Sequence, load
from mcfsm.problems import ModelError, Problem, Problems, Span, closest, shorten

ENTRY = "model.yaml"
MOST_FILES = 50
_CLAUSES = TypeAdapter(dict[Name, ClausePart])


def read(path: Path | str) -> Document:
    """The document of a model file, or of the model.yaml in a directory. Raises ModelError (M1xx, M2xx)."""
    path = Path(path)
    entry = path / ENTRY if path.is_dir() else path
    return _Reader(entry).read()


class _Reader:
    def __init__(self, entry: Path) -> None:
        self.entry = entry
        self.root = entry.parent.resolve()
        self.problems = Problems()
        self.seen: set[Path] = set()

    def read(self) -> Document:
        first = self.file(self.entry, None)
        merged: dict[str, Any] = {name: getattr(first, name) for name in ModelFile.model_fields}
        items: dict[Text, ClausePart] = {}
        for part in [first, *self.included(first)]:
            if part is not first:
                self.merge(merged, part)
            if part.clauses is not None:
                self.add_items(items, part.clauses)
        if first.model is None:
            self.problems.add("M202", first.span, "the key model is missing: the model's title")
        self.problems.raise_any()
        document = Document.model_construct(**merged, items=items)
        document._span = first.span
        return document

    def included(self, part: ModelFile) -> Iterator[ModelFile]:
        for name in part.include:
            target = self.target(name)
            if target is not None and target not in self.seen:
                inner = self.file(target, name.span)
                yield inner
                yield from self.included(inner)

    def target(self, name: Text) -> Path | None:
        """The file a name stands for; None, and a problem, where it lies outside the model's directory."""
        target = (self.root / str(name)).resolve()
        if not target.is_relative_to(self.root):
            message = f"{shorten(name)} lies outside the model's directory"
            self.problems.add("M110", name.span, message, "a model reads files beside and below it only")
            return None
        return target

    def merge(self, merged: dict[str, Any], part: ModelFile) -> None:
        for name in ModelFile.model_fields:
            value = getattr(part, name)
            if name in ("include", "clauses") or not value:
                continue
            if isinstance(value, Mapping):
                for key in value:
                    if key in merged[name]:
                        self.problems.add("M108", key.span, f"{name} {key} is declared twice", "see the including file")
                merged[name] = {**merged[name], **{k: v for k, v in value.items() if k not in merged[name]}}
            elif merged[name] is None:
                merged[name] = value
            else:
                self.problems.add("M108", value.span, f"{name} is given twice", "see the including file")

    def add_items(self, items: dict[Text, ClausePart], name: Text) -> None:
        target = self.target(name)
        if target is None:
            return
        data = self.data(target, name.span)
        try:
            found: dict[Text, ClausePart] = _CLAUSES.validate_python(data if data is not None else {}, context={})
        except ValidationError as error:
            raise ModelError(_shape_problems(error, data, {})) from None
        for key, item in found.items():
            if key in items:
                self.problems.add("M108", key.span, f"clause {key} is declared twice")
            items[key] = item

    def file(self, path: Path, span: Span | None) -> ModelFile:
        data = self.data(path, span)
        if not isinstance(data, Block):
            place = Span(self.shown(path), 1, 1)
            raise ModelError([Problem("M203", place, "a model file is a mapping of keys, and this one is not")])
        keys: dict[int, list[str]] = {}
        try:
            return ModelFile.model_validate(data, context=keys)
        except ValidationError as error:
            raise ModelError(_shape_problems(error, data, keys)) from None

    def data(self, path: Path, span: Span | None) -> Any:
        shown = self.shown(path)
        self.seen.add(path.resolve())
        if len(self.seen) > MOST_FILES:
            raise ModelError([Problem("M104", span, f"more than {MOST_FILES} files")])
        text = _text_of(path, shown, span)
        data, problems = load(text, shown)
        if problems:
            raise ModelError(problems)
        return data

    def shown(self, path: Path) -> str:
        """The name that stands in messages: as the user named the model, whatever directory it is in."""
        if path == self.entry:
            return self.entry.as_posix()
        try:
            return (self.entry.parent / path.resolve().relative_to(self.root)).as_posix()
        except ValueError:
            return path.name


def _text_of(path: Path, shown: str, span: Span | None) -> str:
    place = span or Span(shown, 1, 1)
    try:
        if not path.is_file():
            what = "is no file" if path.exists() else "does not exist"
            hint = f"a directory needs a {ENTRY}" if path.name == ENTRY and span is None else None
            raise ModelError([Problem("M109", place, f"{shown} {what}", hint)])
        if path.stat().st_size > MOST_BYTES:
            message = f"{shown} has {path.stat().st_size:,} bytes; at most {MOST_BYTES:,} are read"
            raise ModelError([Problem("M104", place, message, "split the model over files with include")])
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelError([Problem("M101", place, f"{shown} is no UTF-8 text (byte {error.start})")]) from None
    except OSError as error:
        raise ModelError([Problem("M109", place, f"{shown} cannot be read: {error.strerror}")]) from None


def _shape_problems(error: ValidationError, data: Any, keys: dict[int, list[str]]) -> list[Problem]:
    """What pydantic found, as problems with places and hints."""
    found = []
    for detail in error.errors(include_url=False):
        parent, value, key = _descend(data, detail["loc"])
        span = _place(key) or _place(value) or _place(parent)
        found.append(_shape_problem(detail, parent, value, key, span, keys))
    return found


def _descend(data: Any, path: tuple[int | str, ...]) -> tuple[Any, Any, Any]:
    """Along pydantic's path: the node's parent, the node, and its key as written. Union tags are no keys: skipped."""
    parent: Any = None
    node: Any = data
    last: Text | None = None
    for step in path:
        if isinstance(node, Block) and step in node:
            parent, last = node, next(key for key in node if key == step)
            node = node[last]
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node):
            parent, last, node = node, None, node[step]
    return parent, node, last


def _place(node: Any) -> Span | None:
    return getattr(node, "span", None)


def _shape_problem(
    detail: Any, parent: Any, value: Any, key: Any, span: Span | None, keys: dict[int, list[str]]
) -> Problem:
    kind, name, context = detail["type"], detail["loc"][-1], detail.get("ctx", {})
    if kind == "extra_forbidden":
        known = keys.get(id(parent), [])
        hint = closest(str(name), known)
        if value is None and isinstance(key, Text) and any(mark in key for mark in "()[]{}|=<>"):
            hint = "quote this expression"
        return Problem("M201", span, f"unknown key {name}", hint)
    if kind == "missing":
        return Problem("M202", _place(value) or span, f"the key {name} is missing")
    if kind == "scalar":
        hint = "quote this expression" if isinstance(value, Block) and "expression" in str(context["what"]) else None
        return Problem("M203", _place(value) or span, detail["msg"], hint)
    if kind == "literal_error":
        wanted = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        if isinstance(value, Text):
            return Problem(
                "M204", value.span, f"{shorten(value)} is none of {', '.join(wanted)}", closest(value, wanted)
            )
        return Problem("M201", span, f"unknown key {key if key is not None else name}", closest(str(key), wanted))
    shapes: dict[type, str] = {type(None): "nothing", Block: "a mapping", Sequence: "a list", Text: "text"}
    shape = shapes.get(type(value), "this")
    expected = {
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
        "list_type": "a list",
        "union_tag_not_found": "another shape",
        "union_tag_invalid": context.get("expected_tags", "another shape").replace("'", ""),
    }.get(kind, detail["msg"])
    return Problem("M203", _place(value) or span, f"{expected} is expected here, not {shape}")
