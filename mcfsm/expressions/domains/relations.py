"""What types ask of domains: how two of them stand to each other, and whether one has a natural first value."""

from __future__ import annotations

from mcfsm.expressions.domains.composed import Map, Maybe, Record, SetOf
from mcfsm.expressions.domains.domain import Domain, Value
from mcfsm.expressions.domains.simple import Boolean, Enumeration, Instances, Integer, Nothing


def within(source: Domain, target: Domain) -> bool:
    """Whether every value of `source` is certainly a value of `target`."""
    match source, target:
        case Nothing(), _:
            return True
        case Boolean(), Boolean():
            return True
        case Integer(), Integer():
            return target.low <= source.low and source.high <= target.high
        case Instances(), Instances():
            return set(source.names) <= set(target.names)
        case (Instances(), _) | (_, Instances()) if not isinstance(target, Maybe):
            return False
        case Enumeration(), Enumeration():
            return set(source.names) <= set(target.names)
        case Record(), Record():
            return source == target
        case Maybe(), Maybe():
            return within(source.inner, target.inner)
        case _, Maybe():
            return within(source, target.inner)
        case SetOf(), SetOf():
            return within(source.element, target.element)
        case Map(), Map():
            return source.key == target.key and within(source.value, target.value)
    return False


def overlaps(first: Domain, second: Domain) -> bool:
    """Whether some value may belong to both: what comparing or assigning asks of two domains."""
    match first, second:
        case Boolean(), Boolean():
            return True
        case Integer(), Integer():
            return max(first.low, second.low) <= min(first.high, second.high)
        case Enumeration(), Enumeration():
            same_sort = isinstance(first, Instances) == isinstance(second, Instances)
            return same_sort and not set(first.names).isdisjoint(second.names)
        case Record(), Record():
            return first == second
        case Maybe(), Maybe():
            return True
        case Maybe(), _:
            return overlaps(first.inner, second)
        case _, Maybe():
            return overlaps(first, second.inner)
        case SetOf(), SetOf():
            empty = isinstance(first.element, Nothing) or isinstance(second.element, Nothing)
            return empty or overlaps(first.element, second.element)
        case Map(), Map():
            return first.key == second.key and overlaps(first.value, second.value)
    return False


def join(first: Domain, second: Domain) -> Domain | None:
    """The smallest domain that holds the values of both, or None where they are of different sorts."""
    if within(first, second):
        return second
    if within(second, first):
        return first
    match first, second:
        case Integer(), Integer():
            return Integer(min(first.low, second.low), max(first.high, second.high))
        case Instances(), Instances():
            return Instances(_merge(first.names, second.names))
        case Enumeration(), Enumeration() if isinstance(first, Instances) == isinstance(second, Instances):
            return Enumeration(_merge(first.names, second.names))
        case SetOf(), SetOf():
            inner = join(first.element, second.element)
            return SetOf(inner) if inner else None
        case Map(), Map() if first.key == second.key:
            inner = join(first.value, second.value)
            return Map(first.key, inner) if inner else None
        case (Maybe(), _) | (_, Maybe()):
            inner = join(_inside(first), _inside(second))
            return Maybe(inner) if inner else None
    return None


def _inside(domain: Domain) -> Domain:
    return domain.inner if isinstance(domain, Maybe) else domain


def _merge(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return first + tuple(name for name in second if name not in first)


def natural_default(domain: Domain) -> tuple[bool, Value]:
    """Whether a variable of this domain may go without an initial value, and the value it then has."""
    match domain:
        case Boolean():
            return True, False
        case SetOf():
            return True, frozenset()
        case Maybe():
            return True, None
        case Map():
            known, value = natural_default(domain.value)
            return known, (value,) * domain.key.size() if known else None
        case Record():
            parts = [natural_default(part) for _, part in domain.fields]
            known = all(natural for natural, _ in parts)
            return known, tuple(value for _, value in parts) if known else None
    return False, None
