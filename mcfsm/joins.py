"""How the operations of the properties' program join values, where a part may have failed.

What may live here: functions of one or two values. What they are joined for is said in `columns`.
"""

from __future__ import annotations

from collections.abc import Callable

from mcfsm.domains import Value


class _Failure:
    """The value of a part that could not be evaluated."""


FAILURE = _Failure()
Join = Callable[[Value, Value], Value]


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
