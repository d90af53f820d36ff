"""The shape of data as types say it: read into parts, and each thing that is wrong at its place, with a hint."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from mcfsm.expressions.parse import SourceText, is_name
from mcfsm.language.files.parts import Discriminator, Listed, Part, Scalar, Tag
from mcfsm.language.files.wording import wording
from mcfsm.language.files.yaml import Sequence, WrittenMapping
from mcfsm.problems import MOST_FOUND, ModelError, Problem, Span, closest, shorten

_MEANT = {"to": "dest", "target": "dest", "guard": "conditions", "guards": "conditions"}  # as others call it
_SHAPES: dict[type, str] = {type(None): "nothing", WrittenMapping: "a mapping", Sequence: "a list", SourceText: "text"}


def shaped(kind: Any, data: Any) -> Any:
    """The data as a type has it: a class of parts, or a mapping of some. Raises ModelError with every problem."""
    found = _Found()
    read = shape_of(kind).read(data, _At(None, data, found))
    if found.problems:
        raise ModelError(found.problems[: MOST_FOUND + 1])
    return read


class _Found:
    """What is wrong so far, and the keys that lead to the value at hand."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.path: list[Any] = []


class _At(NamedTuple):
    """Where a value stands: its key as written, what it stands in, and what is found of it."""

    key: SourceText | None
    parent: Any
    found: _Found

    def place(self, value: Any) -> Span | None:
        """The place of the value, or of what is nearest to it."""
        return _place(value) or _place(self.key) or _place(self.parent)

    def note(self, code: str, span: Span | None, message: str, hint: str | None = None) -> None:
        """Note a problem."""
        self.found.problems.append(Problem(code, span, message, hint))

    def expect(self, what: str, value: Any) -> None:
        """Note that a value has another shape."""
        message = f"{what} is expected here, not {_SHAPES.get(type(value), 'this')}"
        if "send" in self.found.path[-3:]:
            message, hint = _send_shape(message, self.key, value)
        else:
            hint = _shape_hint(what, value, self.key)
        self.note("M203", self.place(value), message, hint)


class Shape(ABC):
    """A shape that data may have."""

    @abstractmethod
    def read(self, value: Any, at: _At) -> Any:
        """The value in this shape; None, and a problem, where it has another."""


class Text(Shape):
    """A scalar, as written."""

    def __init__(self, what: str) -> None:
        self.what = what

    def read(self, value: Any, at: _At) -> Any:
        if isinstance(value, SourceText):
            return wording(value) if self.what == "a sentence" else value
        at.expect(self.what, value)
        return None


class Words(Shape):
    """One of some words."""

    def __init__(self, words: tuple[str, ...], listed: tuple[Any, ...] | None = None) -> None:
        self.words, self.listed = words, listed

    def read(self, value: Any, at: _At) -> Any:
        if isinstance(value, str) and value in self.words:
            return str(value)
        at.found.problems.append(_not_listed(self.words, value, at.place(value)))
        return None


class WordsOrText(Shape):
    """One of some words, or else a scalar as written."""

    def __init__(self, words: Words, text: Text) -> None:
        self.words, self.text = words, text

    def read(self, value: Any, at: _At) -> Any:
        return str(value) if isinstance(value, str) and value in self.words.words else self.text.read(value, at)


class Optional(Shape):
    """Nothing, or a shape."""

    def __init__(self, inner: Shape) -> None:
        self.inner = inner

    def read(self, value: Any, at: _At) -> Any:
        return None if value is None else self.inner.read(value, at)


class ListOf(Shape):
    """A list."""

    def __init__(self, inner: Shape) -> None:
        self.inner = inner

    def read(self, value: Any, at: _At) -> Any:
        if not isinstance(value, list):
            at.expect("a list", value)
            return []
        inside, path, read = _At(None, value, at.found), at.found.path, []
        for i, item in enumerate(value):
            path.append(i)
            read.append(self.inner.read(item, inside))
            path.pop()
        return read


class MapOf(Shape):
    """A mapping of any keys, or of some words."""

    def __init__(self, key: Shape, inner: Shape) -> None:
        self.words, self.inner = key.words if isinstance(key, Words) else None, inner

    def read(self, value: Any, at: _At) -> Any:
        if not isinstance(value, dict):
            at.expect("a mapping", value)
            return {}
        read, path = {}, at.found.path
        for name, item in value.items():
            if self.words is not None and name not in self.words:
                at.found.problems.append(_unknown_key(name, item, list(self.words)))
            path.append(name)
            read[name if self.words is None else str(name)] = self.inner.read(item, _At(name, value, at.found))
            path.pop()
        return read


class PartOf(Shape):
    """A mapping with fixed keys."""

    def __init__(self, kind: type[Part]) -> None:
        self.kind = kind
        self._shapes: dict[str, tuple[str, Shape]] = {}

    @property
    def shapes(self) -> dict[str, tuple[str, Shape]]:
        """By its key in the file the name and the shape of each value; not before it is asked for, as parts nest."""
        if not self._shapes:
            types = self.kind.types()
            self._shapes = {key.alias or name: (name, shape_of(types[name])) for name, key in self.kind.keys.items()}
        return self._shapes

    def read(self, value: Any, at: _At) -> Any:
        if not isinstance(value, dict):
            at.expect("a mapping", value)
            return None
        read, shapes, path = {}, self.shapes, at.found.path
        for name, item in value.items():
            known = shapes.get(name)
            if known is None:
                at.found.problems.append(_unknown_key(name, item, list(shapes)))
                continue
            path.append(name)
            read[known[0]] = known[1].read(item, _At(name, value, at.found))
            path.pop()
        for name, key in self.kind.keys.items():
            if key.required and name not in read and (key.alias or name) not in value:
                said = key.alias or name
                shape = shapes[said][1]
                hint = f"add {said}: {shape.what}" if isinstance(shape, Text) else None
                at.note("M202", at.place(value), f"the key {said} is missing", hint)
        return self.kind(getattr(value, "span", None), **read)


class OneOf(Shape):
    """One of some shapes, told apart by what the value looks like."""

    def __init__(self, discriminator: Discriminator, branches: dict[str, Shape]) -> None:
        self.tell, self.branches = discriminator.tell, branches

    def read(self, value: Any, at: _At) -> Any:
        branch = self.branches.get(self.tell(value))
        if branch is not None:
            return branch.read(value, at)
        at.expect(", ".join(self.branches), value)
        return None


@cache
def shape_of(kind: Any) -> Shape:
    """The shape that a type stands for."""
    about: tuple[Any, ...] = ()
    if get_origin(kind) is Annotated:
        kind, *rest = get_args(kind)
        about = tuple(rest)
    scalar = next((one for one in about if isinstance(one, Scalar)), None)
    if scalar is not None:
        return Text(scalar.what)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return Words(inner, next((one.values for one in about if isinstance(one, Listed)), None))
    if origin is list:
        return ListOf(shape_of(inner[0]))
    if origin is dict:
        return MapOf(shape_of(inner[0]), shape_of(inner[1]))
    if origin in (Union, UnionType):
        return _union(inner, next((one for one in about if isinstance(one, Discriminator)), None))
    assert issubclass(kind, Part)
    return PartOf(kind)


def _union(kinds: tuple[Any, ...], discriminator: Discriminator | None) -> Shape:
    if NoneType in kinds:
        rest = tuple(kind for kind in kinds if kind is not NoneType)
        return Optional(shape_of(rest[0]) if len(rest) == 1 else _union(rest, discriminator))
    if discriminator is not None:
        return OneOf(discriminator, {_tag(kind): shape_of(kind) for kind in kinds})
    words, text = map(shape_of, kinds)
    assert isinstance(words, Words)
    assert isinstance(text, Text)
    return WordsOrText(words, text)


def _tag(kind: Any) -> str:
    return next(one.name for one in reversed(get_args(kind)) if isinstance(one, Tag))


def _place(node: Any) -> Span | None:
    return getattr(node, "span", None)


def _unknown_key(key: SourceText | None, value: Any, known: list[str]) -> Problem:
    name = str(key)
    if value is None and re.search(r"[()|=<>]|\s", name):
        hint: str | None = "quote the expression that this is a part of"
    elif name == "<<":
        hint = "merge keys are not read: write the keys out"
    elif {"unnamed", "elements"} <= set(known):
        hint = "the elements of a marked message stand under elements, as in {unnamed: true, elements: {NAME: DOMAIN}}"
    elif name in _MEANT and _MEANT[name] in known:
        hint = f"did you mean {_MEANT[name]}?"
    else:
        hint = closest(name, known)
    return Problem("M201", _place(key), f"unknown key {shorten(name)}", hint)


def _not_listed(listed: tuple[str, ...], value: Any, place: Span | None) -> Problem:
    hint = closest(str(value), listed) or ""
    near = hint if hint.startswith("did you mean") else None
    if {"proved", "violated"} <= set(listed) and near is None:
        meant = {"true": "proved", "yes": "proved", "false": "violated", "no": "violated", "fails": "violated"}
        near = f"did you mean {meant[str(value).lower()]}?" if str(value).lower() in meant else None
    return Problem("M204", place, f"{shorten(str(value))} is none of {', '.join(listed)}", near)


def _send_shape(message: str, key: SourceText | None, value: Any) -> tuple[str, str | None]:
    """What is wrong with the shape of what a transition sends, and how the message that is meant is written."""
    if isinstance(value, WrittenMapping) and key == "send":
        return "send is a list of messages, and this is a mapping", "put it in a list: send: [{MESSAGE: {to: WHO}}]"
    if not isinstance(value, SourceText):
        return message, "send: [{MESSAGE: {to: WHO}}]"
    if key is None or key == "send":
        said = "send is a list of messages, each with whom it goes to, and this is a name"
        return said, f"send: [{{{shorten(value)}: {{to: WHO}}}}]"
    if key == "to":
        return (
            "this says whom a message goes to, and not which message",
            f"send: [{{MESSAGE: {{to: {shorten(value)}}}}}]",
        )
    said = f"what is sent as {shorten(key)} is a mapping that says whom it goes to, and this is text"
    return said, f"send: [{{{shorten(key)}: {{to: {shorten(value)}}}}}]"


def _shape_hint(what: str, value: Any, key: SourceText | None) -> str | None:
    if key in ("conditions", "unless") and isinstance(value, WrittenMapping):
        return "quote the expression, or write a list of several: [EXPRESSION, EXPRESSION]"
    if key == "set" and isinstance(value, SourceText):
        assigned = re.fullmatch(r"(\w+)\s*:?=\s*([^=].*)", value)
        return "write set: {%s: %s}" % (assigned.groups() if assigned else ("VARIABLE", "VALUE"))
    if what == "an expression" and isinstance(value, WrittenMapping):
        return "quote this expression"
    if what == "an expression" and value is None:
        return "write none where there is no value"
    if what == "a domain" and isinstance(value, Sequence):
        return "declare the values under domains and use their name"
    if key == "leads_to":
        return "write leads_to: [CAUSE, GOAL]"
    if what == "a list" and isinstance(value, SourceText) and all(map(is_name, re.split(r",\s*", value))):
        return f"write {key}: [{value}]"
    if what == "a mapping" and isinstance(value, SourceText):
        return "write {NAME: VALUE}, or {} where there is nothing in it"
    return None
