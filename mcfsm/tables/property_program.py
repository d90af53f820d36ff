"""The operations of the properties' program: how they are written down one after another, and gone through in a state.

What may live here: order and skips. What an operation computes is said in `columns`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mcfsm.expressions.domains import Value
from mcfsm.kernel.arrays import ALL, UNKNOWN
from mcfsm.kernel.programs import LEAF, SKIP
from mcfsm.tables.arena import Arena


class _Failure:
    """The value of a part that could not be evaluated."""


FAILURE = _Failure()


Join = Callable[[Value, Value], Value]
Operation = tuple[int, int, int, int, int]  # as `kernel.programs` reads it
NO_SKIP = (0, 0)  # the last two of what is no skip
LONGEST = 8  # operations for each part: of a program that skips have made longer nothing more is skipped


def guarded(function: Callable[..., Value]) -> Callable[..., Value]:
    """The function that fails where one of its values has failed."""

    def checked(*values: Value) -> Value:
        return FAILURE if any(value is FAILURE for value in values) else function(*values)

    return checked


def given(absent: Value) -> Join:
    """A value where a condition holds, else `absent`; it fails with the condition."""

    def chosen(condition: Value, value: Value) -> Value:
        return FAILURE if condition is FAILURE else value if condition else absent

    return chosen


def and_(first: Value, second: Value) -> Value:
    """Both, the second asked only where the first is true."""
    return second if first is True else first


def or_(first: Value, second: Value) -> Value:
    """Either, the second asked only where the first is false."""
    return second if first is False else first


DECIDED: dict[Join, tuple[Value, Value]] = {and_: (False, False), or_: (True, True)}  # by the first value alone


@dataclass
class ProgramPart:
    """An operation of the program: a column of a component, or two earlier operations joined."""

    component: int  # -1 of a join
    first: int
    second: int
    compute: Callable[..., Value]  # of a component's id, or of the values of two operations
    ids: dict[Value, int]
    values: list[Value]
    table: int = UNKNOWN  # until it has one
    short: tuple[Value, Value] | None = None  # of a join: a first value, and the result it has whatever the second is
    reads: int = 0  # of a column of local states: the bits of their codes that it depends on
    known: dict[int, int] = field(default_factory=dict)  # and the id of its value, by these bits

    def number(self, value: Value) -> int:
        """The id of a value of this part."""
        key = (type(value), value)
        if key not in self.ids:
            self.ids[key] = len(self.values)
            self.values.append(value)
        return self.ids[key]


class Writer:
    """Parts written down one after another, each where it is needed first; what a first value decides is skipped.

    A part that only some runs come to is written again where others need it.
    """

    def __init__(self, parts: list[ProgramPart]) -> None:
        self.parts = parts
        self.code: list[Operation] = []
        self.scopes: list[dict[int, int]] = [{}]  # part to operation: of the whole program, then of each skip

    def write(self, op: int) -> int:
        """Write a part down with what it needs, unless it is there; the number of its operation.

        What a part needs first, and that first, may be as long as a domain has values: it is gone through in a loop.
        """
        needed: list[int] = []
        at = self._written(op)
        while at is None:
            needed.append(op)
            if self.parts[op].component >= 0:
                break
            op = self.parts[op].first
            at = self._written(op)
        skipping = len(self.code) <= LONGEST * len(self.parts)
        for op in reversed(needed):
            at = self._write_next(op, at, skipping)
        assert at is not None
        return at

    def _written(self, op: int) -> int | None:
        return next((scope[op] for scope in self.scopes if op in scope), None)

    def _write_next(self, op: int, first: int | None, skipping: bool) -> int:
        """Write a part down whose first one is the operation `first`."""
        part = self.parts[op]
        if first is None:
            self.code.append((part.component, LEAF, part.table, *NO_SKIP))
        elif part.short is None or not skipping:
            self.code.append((first, self.write(part.second), part.table, *NO_SKIP))
        else:
            decided = self.parts[part.first].number(part.short[0])
            at = len(self.code)
            self.code.append((first, SKIP, decided, *NO_SKIP))  # how far is known when the second is there
            self.scopes.append({})
            second = self.write(part.second)
            self.scopes.pop()
            self.code.append((first, second, part.table, *NO_SKIP))
            self.code[at] = (first, SKIP, decided, part.number(part.short[1]), len(self.code))
        self.scopes[-1][op] = len(self.code) - 1
        return len(self.code) - 1


def fill_ahead(operations: list[Operation], row: list[int], arena: Arena) -> bool:
    """Fill each entry that operations look up in a state, given as the ids of its components; whether one was missing.

    Compiled code asks for one entry after another, as what it looks up next depends on the one before, and waits for
    each. What holds of the state is not said here: compiled code runs the program again.
    """
    missing, values, op = False, [0] * len(operations), 0
    while op < len(operations):
        first, second, table, otherwise, end = operations[op]
        if second != SKIP:
            line, column = (0, row[first]) if second == LEAF else (values[first], values[second])
            known = arena.entry(table, line, column)
            if known == UNKNOWN:
                known, missing = arena.fill(table, line, column, ALL), True
            values[op] = known
            op += 1
        elif values[first] == table:
            op = end
            values[op - 1] = otherwise
        else:
            op += 1
    return missing
