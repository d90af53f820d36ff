"""Verdicts as a user of the package asks for them: by the id of a property, all that are violated, all that fail.

What may live here: how verdicts are looked up and said on one line. What decides a verdict is in `verdict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, get_args

from mcfsm.model import Status
from mcfsm.problems import closest, counted

if TYPE_CHECKING:
    from mcfsm.verdicts.verdict import Verdict


class Verdicts:
    """Verdicts in declared order: iterated one by one, and looked up by the id of the property or check."""

    if TYPE_CHECKING:

        @property
        def verdicts(self) -> tuple[Verdict, ...]:
            """All of them."""

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def __contains__(self, name: object) -> bool:
        """Whether there is a verdict on the property or check of this id."""
        return any(verdict.id == name for verdict in self.verdicts)

    @property
    def violated(self) -> tuple[Verdict, ...]:
        """Those that are VIOLATED, expected or not."""
        return tuple(verdict for verdict in self.verdicts if verdict.status == "VIOLATED")

    @property
    def unexpected(self) -> tuple[Verdict, ...]:
        """Those that are no pass: not as expected, or INCOMPLETE. None of them is what a test asserts."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)

    @property
    def exit_status(self) -> int:
        """1 where an expectation is not met, else 2 where something is incomplete, expected or not, else 0."""
        return exit_status(self.verdicts)


def exit_status(verdicts: Iterable[Verdict]) -> int:
    """1 where an expectation is not met, else 2 where something is incomplete, expected or not, else 0."""
    told = list(verdicts)
    if any(not verdict.met for verdict in told if verdict.status != "INCOMPLETE"):
        return 1
    return 2 if any(verdict.status == "INCOMPLETE" for verdict in told) else 0


def no_such(name: object, verdicts: Iterable[Verdict]) -> KeyError:
    """The error that a property or check has no verdict here; it names the closest that has one."""
    hint = closest(str(name), {verdict.id for verdict in verdicts})
    return KeyError(f"no verdict on {name}" + (f": {hint}" if hint else ""))


def tally(verdicts: Iterable[Verdict]) -> str:
    """How many verdicts there are, and how many of each status, in words."""
    told = [verdict.status for verdict in verdicts]
    each = [f"{told.count(status)} {status}" for status in get_args(Status) if status in told]
    return f"{counted(len(told), 'verdict')} ({', '.join(each)})" if told else "no verdict"
