"""Values as terms of Promela: what is a number there is a text or a constant, what has parts is a tree of such.

Promela has numbers and arrays of them. So a record is its fields, a map its entries, a set a truth value for each
element, and a value or none a truth value beside the value, which is 0 where there is none. Sets and maps are walked
when the program is written: every quantifier becomes a conjunction, a disjunction or a sum of what it says of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mcfsm.expressions.domains import Boolean, Domain, Enumeration, Integer, Map, Maybe, SetOf, Value
from mcfsm.expressions.domains.composed import Record


class Atom(str):
    """A name that stands for a number of its own: two are equal iff they are the same name."""


Term = bool | int | str  # a constant, an Atom, or a text of Promela in brackets where it needs them
Name = Callable[[str], Atom]  # the name in the program of a value of an enumeration, a state or an instance


@dataclass(frozen=True)
class Parts:
    """A record by its fields in order, a map by its keys, or a set by its elements: what stands for each of them."""

    parts: dict[Any, Any]


@dataclass(frozen=True)
class OrNone:
    """A value or none: whether it is there, and the value, of which nothing is known where there never is any."""

    present: Term
    inner: Any


Tree = Term | Parts | OrNone


def known(term: Term) -> bool:
    """Whether a term is a constant."""
    return not isinstance(term, str) or isinstance(term, Atom)


def conj(*terms: Term) -> Term:
    """All of them."""
    return _joined(terms, " && ", neutral=True)


def disj(*terms: Term) -> Term:
    """Any of them."""
    return _joined(terms, " || ", neutral=False)


def _joined(terms: tuple[Term, ...], sign: str, *, neutral: bool) -> Term:
    left = list(dict.fromkeys(term for term in terms if term is not neutral))
    if any(term is (not neutral) for term in left):
        return not neutral
    if len(left) <= 1:
        return left[0] if left else neutral
    return f"({sign.join(map(str, left))})"


def neg(term: Term) -> Term:
    """Not it."""
    if isinstance(term, bool):
        return not term
    return term[1:] if isinstance(term, str) and term.startswith("!") else f"!{term}"


def either(condition: Term, then: Term, otherwise: Term) -> Term:
    """One number or the other."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    if str(number(then)) == str(number(otherwise)):
        return then
    if isinstance(then, bool) and isinstance(otherwise, bool):
        return condition if then else neg(condition)
    return f"({condition} -> {number(then)} : {number(otherwise)})"


def number(term: Term) -> Term:
    """A truth value as the number that it is to Promela."""
    return int(term) if isinstance(term, bool) else term


def equal(left: Term, right: Term) -> Term:
    """Whether two terms have the same value."""
    if known(left) and known(right):
        return number(left) == number(right)
    if isinstance(left, bool):
        left, right = right, left
    if isinstance(right, bool):
        return left if right else neg(left)
    return True if left == right else f"({left} == {right})"


def constant(domain: Domain, value: Value, name: Name) -> Tree:
    """A value of a domain."""
    match domain:
        case Boolean() | Integer():
            plain: Tree = value
            return plain
        case Enumeration():
            return name(value)
        case Record():
            fields = zip(domain.fields, value, strict=True)
            return Parts({i: constant(inner, part, name) for i, ((_, inner), part) in enumerate(fields)})
        case Map():
            return Parts({k: constant(domain.value, v, name) for k, v in zip(domain.key.values, value, strict=True)})
        case SetOf():
            return Parts(dict.fromkeys(value, True))
        case Maybe():
            return OrNone(False, None) if value is None else OrNone(True, constant(domain.inner, value, name))
    return Parts({})  # the domain of nothing


def variable(domain: Domain, name: Callable[[str], Term], path: str = "") -> Tree:
    """What a variable of a domain is made of; `name` gives the name in the program of each of its numbers."""
    match domain:
        case Record():
            return Parts(
                {i: variable(inner, name, f"{path}_{field}") for i, (field, inner) in enumerate(domain.fields)}
            )
        case Map():
            return Parts({k: variable(domain.value, name, f"{path}_{domain.key.show(k)}") for k in domain.key.values})
        case SetOf():
            return Parts({v: name(f"{path}_has_{domain.element.show(v)}") for v in domain.element.values})
        case Maybe():
            return OrNone(name(f"{path}_is"), variable(domain.inner, name, path))
    return name(path)


def kinds(domain: Domain) -> Iterator[Domain]:
    """The domain of each number that a value of a domain is made of, in the order of `numbers`."""
    match domain:
        case Record():
            yield from (leaf for _, inner in domain.fields for leaf in kinds(inner))
        case Map():
            yield from (leaf for _ in domain.key.values for leaf in kinds(domain.value))
        case SetOf():
            yield from (Boolean() for _ in domain.element.values)
        case Maybe():
            yield Boolean()
            yield from kinds(domain.inner)
        case _:
            yield domain


def numbers(domain: Domain, tree: Tree | None) -> Iterator[Term]:
    """The numbers that a value of a domain is made of; 0 for all where there is none."""
    match domain:
        case Record():
            for i, (_, inner) in enumerate(domain.fields):
                yield from numbers(inner, None if tree is None else parts(tree)[i])
        case Map():
            for key in domain.key.values:
                yield from numbers(domain.value, None if tree is None else parts(tree)[key])
        case SetOf():
            yield from (0 if tree is None else number(parts(tree).get(v, False)) for v in domain.element.values)
        case Maybe():
            whole = as_or_none(tree) if tree is not None else OrNone(False, None)
            yield number(whole.present)
            yield from numbers(domain.inner, whole.inner)
        case _:
            yield 0 if tree is None else number(scalar(tree))


def parts(tree: Tree) -> dict[Any, Any]:
    """The parts of a record, a map or a set; of a value that may be none, its own."""
    inner = tree.inner if isinstance(tree, OrNone) else tree
    assert isinstance(inner, Parts)
    return inner.parts


def scalar(tree: Tree) -> Term:
    """The number that a value is; of a value that may be none, where it is there."""
    inner = tree.inner if isinstance(tree, OrNone) else tree
    assert not isinstance(inner, Parts | OrNone)
    return inner


def as_or_none(tree: Tree) -> OrNone:
    """A value as one that may be none."""
    return tree if isinstance(tree, OrNone) else OrNone(True, tree)


def same(left: Tree, right: Tree) -> Term:
    """Whether two values are equal."""
    if isinstance(left, OrNone) or isinstance(right, OrNone):
        one, other = as_or_none(left), as_or_none(right)
        inner = True if one.inner is None or other.inner is None else same(one.inner, other.inner)
        both = conj(one.present, other.present, inner)
        return disj(both, conj(neg(one.present), neg(other.present)))
    if isinstance(left, Parts) and isinstance(right, Parts):
        keys = dict.fromkeys([*left.parts, *right.parts])
        return conj(*(same(left.parts.get(key, False), right.parts.get(key, False)) for key in keys))
    assert not isinstance(left, Parts)
    assert not isinstance(right, Parts)
    return equal(left, right)


def choose(condition: Term, then: Tree | None, otherwise: Tree | None) -> Any:
    """One value or the other; where one is nothing, it counts as zeros."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    if then is None and otherwise is None:
        return None
    if isinstance(then, OrNone) or isinstance(otherwise, OrNone):
        one = OrNone(False, None) if then is None else as_or_none(then)
        other = OrNone(False, None) if otherwise is None else as_or_none(otherwise)
        return OrNone(either(condition, one.present, other.present), choose(condition, one.inner, other.inner))
    if isinstance(then, Parts) or isinstance(otherwise, Parts):
        mine, others = (
            then.parts if isinstance(then, Parts) else {},
            otherwise.parts if isinstance(otherwise, Parts) else {},
        )
        keys = dict.fromkeys([*mine, *others])
        return Parts({key: choose(condition, mine.get(key), others.get(key)) for key in keys})
    return either(condition, 0 if then is None else then, 0 if otherwise is None else otherwise)
