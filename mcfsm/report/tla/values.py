"""Values and domains in TLA+: what mcfsm has, TLA+ has too.

A name is a string, a record a record, a map a function, a set a set. `none` and `absent` are constants of which TLC
knows only that they are equal to nothing else (model values), so that any value may be compared with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mcfsm.expressions.domains import Boolean, Domain, Enumeration, Integer, Map, Maybe, SetOf, Value
from mcfsm.expressions.domains.composed import Record
from mcfsm.report.tla.names import ModuleNames, quoted


class ValueTexts:
    """How values are written in a module, whose names of fields they use."""

    def __init__(self, names: ModuleNames) -> None:
        self.names = names

    def literal(self, domain: Domain, value: Value) -> str:
        """A value of a domain."""
        match domain:
            case Boolean():
                return "TRUE" if value else "FALSE"
            case Integer():
                return str(value) if value >= 0 else f"({value})"
            case Enumeration():
                return quoted(value)
            case Record():
                each = zip(domain.fields, value, strict=True)
                return self.record((name, self.literal(inner, part)) for (name, inner), part in each)
            case Map():
                texts = [self.literal(domain.value, part) for part in value]
                if len(set(texts)) == 1:
                    return f"[k \\in {self.all_of(domain.key)} |-> {texts[0]}]"
                return function(
                    (self.literal(domain.key, key), text) for key, text in zip(domain.key.values, texts, strict=True)
                )
            case SetOf():
                return self.set_of(domain.element, value)
            case Maybe():
                return "none" if value is None else self.literal(domain.inner, value)
        raise AssertionError(f"{domain} has no values")

    def plain(self, value: Any) -> str:
        """A value of a parameter, whose domain is told by itself. Raises TypeError for one that it is not told of."""
        if value is None:
            return "none"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, int):
            return str(value) if value >= 0 else f"({value})"
        if isinstance(value, str):
            return quoted(value)
        raise TypeError(type(value).__name__)

    def record(self, parts: Iterable[tuple[str, str]]) -> str:
        """A record of named parts."""
        return f"[{', '.join(f'{self.names.field(name)} |-> {text}' for name, text in parts)}]"

    def set_of(self, element: Domain, values: frozenset[Value]) -> str:
        """A set of some values; a whole domain, or numbers without a gap, in short."""
        if element.size() == len(values) > 1:
            return self.all_of(element)
        if len(values) > 2 and isinstance(element, Integer) and max(values) - min(values) + 1 == len(values):
            return self.all_of(Integer(min(values), max(values)))
        return f"{{{', '.join(self.literal(element, value) for value in element.sorted(values))}}}"

    def all_of(self, domain: Domain) -> str:
        """The set of all values of a domain."""
        match domain:
            case Boolean():
                return "BOOLEAN"
            case Integer():
                return f"({self.literal(domain, domain.low)}..{self.literal(domain, domain.high)})"
            case Enumeration():
                return f"{{{', '.join(map(quoted, domain.names))}}}"
            case Record():
                parts = (f"{self.names.field(name)} : {self.all_of(inner)}" for name, inner in domain.fields)
                return f"[{', '.join(parts)}]"
            case Map():
                return f"[{self.all_of(domain.key)} -> {self.all_of(domain.value)}]"
            case SetOf():
                return f"(SUBSET {self.all_of(domain.element)})"
            case Maybe():
                return f"({{none}} \\cup {self.all_of(domain.inner)})"  # none first: TLC asks no set of records for it
        return "{}"  # the domain of nothing


def function(pairs: Iterable[tuple[str, str]]) -> str:
    """A function by its pairs."""
    found = " @@ ".join(f"{key} :> {value}" for key, value in pairs)
    return f"({found})" if found else "[k \\in {} |-> 0]"
