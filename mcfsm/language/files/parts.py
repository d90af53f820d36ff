"""Mappings with fixed keys, as they stand in a file: which keys there are is said once, as annotations of a class.

What may live here: what such classes are made of. `shape` reads data into them, `schema` shows them to an editor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import get_annotations
from typing import Any, ClassVar, Self, get_type_hints

from mcfsm.problems import Span

_REQUIRED: Any = object()


@dataclass(frozen=True)
class Scalar:
    """Of a type: a text with its place, and what it is in words."""

    what: str


@dataclass(frozen=True)
class Tag:
    """Of a branch of a union: what `Discriminator` calls a value that is meant for it."""

    name: str


@dataclass(frozen=True)
class Discriminator:
    """Of a union: tells by its shape which branch a value is meant for, so that an error speaks of one branch only."""

    tell: Callable[[Any], str]


@dataclass(frozen=True)
class Listed:
    """Of a type of few words: the values that an editor takes for them, where YAML has a type of its own for some."""

    values: tuple[Any, ...]


class Key:
    """A key of a mapping: its name in the file where it is not that of the attribute, its default, what it is for."""

    def __init__(self, default: Any = _REQUIRED, alias: str | None = None, description: str | None = None) -> None:
        self.default, self.alias, self.description = default, alias, description

    @property
    def required(self) -> bool:
        """Whether it has to be there."""
        return self.default is _REQUIRED


def key(default: Any = _REQUIRED, *, alias: str | None = None, description: str | None = None) -> Any:
    """A key with more to say of it than its type and default."""
    return Key(default, alias, description)


class Part:
    """A mapping with fixed keys, and its place in the file. Nobody changes one: `but` makes another."""

    __slots__ = ("__dict__", "__weakref__", "span")
    span: Span | None
    keys: ClassVar[dict[str, Key]] = {}
    own: ClassVar[dict[str, Key]] = {}  # those that a class has besides the classes that it is made of

    def __init_subclass__(cls) -> None:
        own: dict[str, Key] = {}
        for name in get_annotations(cls):
            given = cls.__dict__.get(name, _REQUIRED)
            own[name] = found = given if isinstance(given, Key) else Key(given)
            if not found.required:
                setattr(cls, name, found.default)  # what a part does not say is read here
            elif given is found:
                delattr(cls, name)
        keys: dict[str, Key] = {}
        for base in reversed(cls.__mro__[1:]):
            keys |= base.__dict__.get("own", {}) if issubclass(base, Part) else {}
        cls.own = own
        cls.keys = keys | own

    def __init__(self, span: Span | None = None, /, **said: Any) -> None:
        object.__setattr__(self, "span", span)
        self.__dict__.update(said)

    def __setattr__(self, name: str, _: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} is as written")

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.span, vars(self))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return ((name, getattr(self, name)) for name in type(self).keys)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def but(self, **said: Any) -> Self:
        """The same part, with other values of some keys."""
        return type(self)(self.span, **{**vars(self), **said})

    @classmethod
    def types(cls) -> dict[str, Any]:
        """The type of the value of each key."""
        hints = get_type_hints(cls, include_extras=True)
        return {name: hints[name] for name in cls.keys}


def _again(kind: type[Part], span: Span | None, said: dict[str, Any]) -> Part:
    return kind(span, **said)
