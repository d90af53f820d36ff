"""Domains as text: `bool`, `0..3`, `System`, `set[Id]`, `map[User, Id?]`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mcfsm.domains import Boolean, Domain, Integer, Map, Maybe, SetOf
from mcfsm.expressions.check import Names, Scope, check
from mcfsm.expressions.evaluate import EvaluationError, evaluate
from mcfsm.expressions.parse import ExpressionError, Text
from mcfsm.problems import Problem, closest, shorten

_MOST_DEPTH = 6
MOST_KEYS = 256  # values of a map's key domain


def parse_domain(text: Text, scope: Scope, declared: Mapping[str, Domain], depth: int = 0) -> Domain:
    """The domain a text names; bounds of integers are expressions over the scope's parameters. Raises ExpressionError."""
    lead = len(text) - len(text.lstrip())
    bare = _slice(text, lead, len(text.rstrip()))
    if depth > _MOST_DEPTH:
        raise _error("M402", text, f"a domain nested deeper than {_MOST_DEPTH} levels")
    if bare.endswith("?"):
        return Maybe(parse_domain(_slice(bare, 0, len(bare) - 1), scope, declared, depth + 1))
    match = re.fullmatch(r"(set|map)\[(.*)\]", bare, re.DOTALL)
    if match:
        parts = _split(_slice(bare, 4, len(bare) - 1))
        inner = [parse_domain(part, scope, declared, depth + 1) for part in parts]
        if match.group(1) == "set" and len(inner) == 1:
            return SetOf(inner[0])
        if match.group(1) == "map" and len(inner) == 2:
            if inner[0].size() > MOST_KEYS:
                raise _error("M406", bare, f"a map over {inner[0].size():,} keys; at most {MOST_KEYS}")
            return Map(inner[0], inner[1])
        raise _error("M409", bare, f"'{shorten(bare)}' is no domain", "set[T] has one domain inside, map[K, V] two")
    if ".." in bare:
        middle = bare.index("..")
        low, high = (_bound(part, scope) for part in (_slice(bare, 0, middle), _slice(bare, middle + 2, len(bare))))
        if low > high:
            raise _error("M409", bare, f"'{shorten(bare)}' is empty: {low} is more than {high}")
        return Integer(low, high)
    if bare == "bool":
        return Boolean()
    if bare in declared:
        return declared[bare]
    meaning = scope.names.get(bare)
    if isinstance(meaning, Names):
        return meaning.domain
    if bare in ("int", "integer", "number"):
        raise _error("M409", bare, f"{bare} has no bounds", "every domain is finite: write 0..3")
    known = [*declared, *(name for name, item in scope.names.items() if isinstance(item, Names)), "bool"]
    raise _error("M306", bare, f"unknown domain {shorten(bare)}", closest(bare, known))


def _bound(text: Text, scope: Scope) -> int:
    node = check(text, scope)
    try:
        value = evaluate(node, {})
    except (EvaluationError, KeyError, ZeroDivisionError):
        value = None
    if not isinstance(node.domain, Integer) or not isinstance(value, int):
        raise _error("M409", text, f"'{shorten(text)}' is no number", "a bound is a number or a parameter")
    return value


def _slice(text: Text, start: int, end: int) -> Text:
    return Text(str(text)[start:end], text.part(start, end - start), text.inline)


def _split(text: Text) -> list[Text]:
    """The parts between commas outside brackets."""
    parts, depth, start = [], 0, 0
    for i, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if character == "," and depth == 0:
            parts.append(_slice(text, start, i))
            start = i + 1
    return [*parts, _slice(text, start, len(text))]


def _error(code: str, text: Text, message: str, hint: str | None = None) -> ExpressionError:
    return ExpressionError(Problem(code, text.span, message, hint))
