"""Models that mean the same: an option that does not matter in a scenario makes variants that need one search."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from mcfsm.expressions.domains import Domain
from mcfsm.expressions.nodes import Node
from mcfsm.expressions.parse import SourceText
from mcfsm.model import LivenessProperty, Model, Observer, Property, Role, Transition
from mcfsm.model.identity_cache import IdentityCache

_SHARED = Role, Transition, Observer, Property, LivenessProperty  # the variants of a family have most of them in common
_KNOWN: IdentityCache[str] = IdentityCache(10_000)
_PLAIN: IdentityCache[Any] = IdentityCache(10_000)
_Shape = tuple[str, tuple[str, ...]]
_SHAPES: dict[type, _Shape | None] = {}
_Property = TypeVar("_Property", Property, LivenessProperty)


def digest(model: Model) -> str:
    """The SHA-256 of everything a model means, as hexadecimal: places in files do not count."""
    avoided = _canonical(model.avoided) if model.avoided else ""
    return hashlib.sha256((_canonical(model) + avoided).encode()).hexdigest()


def behaviour(model: Model) -> str:
    """The digest of what the steps of a model depend on: not what is asked of it, expected, or watched."""
    plain = replace(
        model, state_properties=(), liveness_properties=(), observers=(), interchangeable=(), expected_checks=()
    )
    plain = replace(plain, readings=(), options=(), parameters=(), clauses=(), changes=(), usual_changes=True)
    return digest(plain)


def _canonical(value: Any) -> str:
    """A value as a text that is the same where it means the same."""
    if isinstance(value, _SHARED):
        known = _KNOWN.get(value)
        if known is None:
            known = _record(value)
            _KNOWN.keep(value, known)
        return known
    if _shape(type(value)) is not None:
        return _record(value)
    if isinstance(value, tuple | list):
        return f"({','.join(map(_canonical, value))})"
    if isinstance(value, frozenset):
        return f"{{{','.join(sorted(map(_canonical, value)))}}}"
    if isinstance(value, SourceText):
        return repr(str(value))
    return repr(value)


def _record(value: Any) -> str:
    """A record by its fields in their order: what the record and its fields are called is no part of it."""
    shape = _shape(type(value))
    assert shape is not None
    kind, names = shape
    return f"{kind}({','.join([_canonical(getattr(value, name)) for name in names])})"


def _shape(kind: type) -> _Shape | None:
    """Of a class of records which operator or kind of domain it is, if one, and what it is compared by."""
    if kind not in _SHAPES:
        named = kind.__name__ if issubclass(kind, Node | Domain) else ""
        _SHAPES[kind] = (named, tuple(f.name for f in fields(kind) if f.compare)) if is_dataclass(kind) else None
    return _SHAPES[kind]


def meaning(model: Model) -> str:
    """The digest of what a search and its verdicts read: not what was chosen, and not what is expected."""
    return digest(replace(without_expectations(model), readings=(), options=(), parameters=(), clauses=()))


def without_expectations(model: Model) -> Model:
    """The model with the expectations that there are where nobody says what to expect."""
    return replace(
        model,
        state_properties=tuple(map(_without_expectation, model.state_properties)),
        liveness_properties=tuple(map(_without_expectation, model.liveness_properties)),
        expected_checks=(),
    )


def _without_expectation(property_: _Property) -> _Property:
    known: _Property | None = _PLAIN.get(property_)
    if known is None:
        known = replace(property_, expected="PROVED")
        _PLAIN.keep(property_, known)
    return known
