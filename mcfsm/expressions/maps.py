"""Maps that are written out: `{u1: 0, u2: 1}` and `{u: 0 for u in User}`, each with a value for every key.

Which keys a map has is known when it is checked, and so that none is missing: its keys, sets and conditions read
nothing that changes. What the values are may depend on anything.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import (
    Domain,
    Enumeration,
    Instances,
    Integer,
    Map,
    Nothing,
    Record,
    SetOf,
    TooManyValues,
    Value,
    join,
)
from mcfsm.expressions.evaluate import EvaluationError, compiled
from mcfsm.expressions.fold import fold

if TYPE_CHECKING:
    from mcfsm.expressions.typecheck import Checker

MOST_ENTRIES = 4096  # of a map that is written out
ENTRY = "an entry"  # the record of a key and its value, which has no name in a model
_HINT = "a map has its keys once and for all: test what changes in the values, as in value if test else other"


def literal(checker: Checker, tree: ast.Dict) -> n.Node:
    """`{key: value, ...}`."""
    keys, values = list[n.Constant](), list[n.Node]()
    of_keys: Domain = Nothing()
    of_values: Domain = Nothing()
    for key_tree, value_tree in zip(tree.keys, tree.values, strict=True):
        if key_tree is None:
            raise checker.fail("M405", value_tree, "** has no place in an expression", "write every entry: key: value")
        key, value = fold(checker.settled(key_tree)), checker.settled(value_tree)
        if not isinstance(key, n.Constant):
            raise checker.fail("M404", key_tree, f"the key '{checker.source(key_tree)}' is not known before", _HINT)
        if isinstance(key.domain, Integer):
            key = n.Constant(Integer(key.value, key.value), key.value)
        if any(other.value == key.value for other in keys):
            message = f"the map has two values for {key.domain.show(key.value)}"
            raise checker.fail("M404", key_tree, message, "keep one")
        of_keys = _joined(checker, key_tree, of_keys, key.domain, "keys")
        of_values = _joined(checker, value_tree, of_values, value.domain, "values")
        keys.append(key)
        values.append(value)
    entry = _entry(of_keys, of_values)
    elements = tuple(n.Build(entry, (n.Constant(of_keys, k.value), v)) for k, v in zip(keys, values, strict=True))
    domain = _domain_of(checker, tree, of_keys, [key.value for key in keys])
    return n.BuildMap(Map(domain, of_values), n.BuildSet(SetOf(entry), elements))


def comprehension(checker: Checker, tree: ast.DictComp, entries: n.Quantify) -> n.Node:
    """`{key: value for x in set if condition}`, whose entries were checked as those of a set are."""
    last: n.Node = entries
    while isinstance(last, n.Quantify):
        last = last.body
    assert isinstance(last, n.Build)
    key, value = last.arguments
    known = _with_body(entries, key)
    if not _is_closed(known):
        message = f"which keys the map has is not known before: '{checker.source(tree)}' reads what changes"
        raise checker.fail("M404", tree, message, _HINT)
    found: Counter[Value] = Counter()
    try:
        for one in _walked(known, {}):
            found[one] += 1
            if found[one] > 1:
                message = f"the map has two values for {key.domain.show(one)}"
                raise checker.fail("M404", tree, message, "let each key stand for one element of the sets")
            if len(found) > MOST_ENTRIES:
                message = f"a map of more than {MOST_ENTRIES:,} entries"
                raise checker.fail("M406", tree, message, "walk smaller sets")
    except EvaluationError as error:
        raise checker.fail("M404", tree, f"a key has no value: {error}") from None
    domain = _domain_of(checker, tree, key.domain, list(found))
    return n.BuildMap(Map(domain, value.domain), entries)


def entry(key: n.Node, value: n.Node) -> n.Build:
    """A key with its value."""
    return n.Build(_entry(key.domain, value.domain), (key, value))


def _entry(key: Domain, value: Domain) -> Record:
    return Record(ENTRY, (("key", key), ("value", value)))


def _joined(checker: Checker, tree: ast.expr, first: Domain, second: Domain, what: str) -> Domain:
    domain = join(first, second)
    if domain is None:
        raise checker.fail("M404", tree, f"a map with {what} of {first} and of {second}")
    return domain


def _domain_of(checker: Checker, tree: ast.expr, domain: Domain, keys: list[Value]) -> Domain:
    """The domain that has just these values; an error (M404) where none has."""
    try:
        if isinstance(domain, Integer):
            domain = Integer(min(keys, default=1), max(keys, default=0))
        elif isinstance(domain, Enumeration) and len(keys) < domain.size():
            kind = Instances if isinstance(domain, Instances) else Enumeration
            domain = kind(tuple(domain.sorted(keys)))
        missing = set(domain.values).difference(keys)
    except TooManyValues as error:
        raise checker.fail("M406", tree, str(error)) from None
    if missing:
        first = domain.sorted(missing)[0]
        hint = f"a map has one for every value of {domain}"
        raise checker.fail("M404", tree, f"the map has no value for {domain.show(first)}", hint)
    return domain


def _with_body(node: n.Quantify, body: n.Node) -> n.Quantify:
    inner = _with_body(node.body, body) if isinstance(node.body, n.Quantify) else body
    return replace(node, domain=SetOf(body.domain), body=inner)


def _is_closed(node: n.Node) -> bool:
    """Whether a node reads nothing but what it binds."""
    reads = n.Element | n.Present | n.Attribute | n.InFlight | n.Frozen
    return next(n.free_names(node), None) is None and not any(isinstance(part, reads) for part in node.walk())


def _walked(node: n.Quantify, frame: dict[str, Value]) -> Iterator[Value]:
    """The keys of a comprehension one by one, those that are the same too."""
    assert isinstance(node.source.domain, SetOf)
    condition = None if node.condition is None else compiled(node.condition)
    for value in node.source.domain.element.sorted(compiled(node.source)(frame)):
        inner = {**frame, node.variable: value}
        if condition is not None and not condition(inner):
            continue
        if isinstance(node.body, n.Quantify) and node.operator == "union":
            yield from _walked(node.body, inner)
        else:
            yield compiled(node.body)(inner)
