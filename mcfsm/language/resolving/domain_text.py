"""Domains as text: `bool`, `0..3`, `System`, `set[Id]`, `map[User, Id?]`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mcfsm.expressions.domains import ANY_INTEGER, Boolean, Domain, Integer, Map, Maybe, Record, SetOf
from mcfsm.expressions.parse import ExpressionError, SourceText
from mcfsm.expressions.typecheck import Names, Scope
from mcfsm.language.resolving.constants import constant
from mcfsm.problems import Problem, closest, shorten

MOST_DEPTH = 8
MOST_PARTS = 1000
MOST_KEYS = 256  # values of a map's key domain
_NUMBERS = ("int", "integer", "number")
_FORMS = "a domain is bool, 0..3, a declared name, set[T], map[K, V] or T?"


def looks_like_domain(text: SourceText) -> bool:
    """Whether a text can only be meant as a domain, and not as an expression."""
    return bool(re.search(r"\.\.|\?\s*$|^\s*(set|map)\s*\[", text))


def parse_domain(text: SourceText, scope: Scope, declared: Mapping[str, Domain]) -> Domain:
    """The domain a text names; bounds are expressions over the scope's parameters. Raises ExpressionError."""
    domain = _parse(text.part(0, len(text)), scope, declared, 0)
    check_extent(text, domain)
    return domain


def _parse(text: SourceText, scope: Scope, declared: Mapping[str, Domain], depth: int) -> Domain:
    if depth > MOST_DEPTH:
        raise _error("M402", text, f"a domain nested deeper than {MOST_DEPTH} levels")
    if text.endswith("?"):
        inner = _parse(text.part(0, len(text) - 1), scope, declared, depth + 1)
        if isinstance(inner, Maybe):
            raise _error("M409", text, f"'{shorten(text)}' says twice that it may be none", "leave out a ?")
        return Maybe(inner)
    match = re.fullmatch(r"(set|map)\s*\[(.*)\]", text, re.DOTALL)
    if match:
        parts = _split(text.part(match.start(2), match.end(2)))
        inner_domains = [_parse(part, scope, declared, depth + 1) for part in parts]
        if match.group(1) == "set" and len(parts) == 1:
            return SetOf(inner_domains[0])
        if match.group(1) == "map" and len(parts) == 2:
            return _map(parts[0], *inner_domains)
        raise _error("M409", text, f"'{shorten(text)}' is no domain", "set[T] has one domain inside, map[K, V] two")
    if ".." in text:
        return _range(text, scope)
    return _named(text, scope, declared)


def _map(key_text: SourceText, key: Domain, value: Domain) -> Map:
    if key.size() > MOST_KEYS:
        count = f"{key.size():,}" if key.size() < 10**9 else "very many"
        raise _error("M406", key_text, f"a map over {count} keys; at most {MOST_KEYS} are taken")
    return Map(key, value)


def _range(text: SourceText, scope: Scope) -> Integer:
    middle = text.index("..")
    ends = text.part(0, middle), text.part(middle + 2, len(text))
    for end, where in zip(ends, ("lower", "upper"), strict=True):
        if not end:
            raise _error("M409", text, f"the range '{shorten(text)}' has no {where} bound", "every domain is finite")
    low, high = (constant(end, scope, ANY_INTEGER, f"the bound '{shorten(end)}'") for end in ends)
    if low > high:
        raise _error("M409", text, f"the range '{shorten(text)}' is empty: {low} is more than {high}")
    return Integer(low, high)


def _named(text: SourceText, scope: Scope, declared: Mapping[str, Domain]) -> Domain:
    if text == "bool":
        return Boolean()
    if text in declared:
        return declared[text]
    meaning = scope.names.get(text)
    if isinstance(meaning, Names):
        return meaning.domain
    if text in _NUMBERS:
        raise _error("M409", text, f"{text} has no bounds", "every domain is finite: write 0..3")
    if not text:
        raise _error("M409", text, "a domain is missing", _FORMS)
    known = [*declared, *(name for name, item in scope.listed() if isinstance(item, Names)), "bool"]
    hint = closest(text, known) if re.fullmatch(r"\w+", text) else _FORMS
    raise _error("M306", text, f"unknown domain {shorten(text)}", hint)


def _split(text: SourceText) -> list[SourceText]:
    """The parts between commas outside brackets."""
    parts, depth, start = [], 0, 0
    for i, character in enumerate(text):
        depth += (character in "[(") - (character in "])")
        if character == "," and depth == 0:
            parts.append(text.part(start, i))
            start = i + 1
    return [*parts, text.part(start, len(text))]


def check_extent(text: SourceText, domain: Domain) -> None:
    """Refuse a domain that is too deep or too wide with the domains it names written out (M402)."""
    depth, parts = _extent(domain, {})
    if depth > MOST_DEPTH:
        raise _error("M402", text, f"a domain nested deeper than {MOST_DEPTH} levels")
    if parts > MOST_PARTS:
        raise _error("M402", text, f"a domain of {parts:,} parts, written out; at most {MOST_PARTS:,} are taken")


def _extent(domain: Domain, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Levels and parts of a domain written out; what it names several times is looked at once."""
    if id(domain) not in known:
        inner: tuple[Domain, ...] = ()
        match domain:
            case SetOf(element=part) | Maybe(inner=part):
                inner = (part,)
            case Map(key=key, value=value):
                inner = (key, value)
            case Record(fields=fields):
                inner = tuple(part for _, part in fields)
        extents = [_extent(part, known) for part in inner]
        depth = 1 + max((levels for levels, _ in extents), default=-1)
        known[id(domain)] = depth, 1 + sum(parts for _, parts in extents)
    return known[id(domain)]


def _error(code: str, text: SourceText, message: str, hint: str | None = None) -> ExpressionError:
    return ExpressionError(Problem(code, text.span, message, hint))
