"""The one budget of a question that takes many searches: its seconds, what ended it, and what it did not come to.

What may live here: how far a whole question has come. What a single search does at its limits is `explore`'s.

Once its seconds are gone, or a signal came, every search that is still asked for ends before it begins, INCOMPLETE: so
the part that was being answered is answered, with what is known of it, and the parts after it are left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from mcfsm.explore.stopping import SIGNALS, Stopped, Watch, reason_of, seconds_compiling
from mcfsm.host.places import machine

T = TypeVar("T")
P = TypeVar("P")


class QuestionBudget:
    """Seconds for a whole question, from now on or from when another process began it; None: as many as it takes."""

    def __init__(self, seconds: float | None = None, began: float | None = None) -> None:
        self.seconds = seconds
        self.stopped: str | None = None  # the limit or signal that ended it, once one did
        self.limited: str | None = None  # the limit that ended a search, and not the others
        self.left: list[str] = []  # parts that were not answered
        self.answered = 0
        self._began = time.monotonic() if began is None else began
        self._compiled = seconds_compiling()

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process the same seconds go on; what it compiles, and is told, it notes itself."""
        return _elsewhere, (self.seconds, machine(), self._began, time.time() - (time.monotonic() - self._began))

    def spent(self) -> float:
        """Seconds since the question was asked, without those of the compiler."""
        return time.monotonic() - self._began - (seconds_compiling() - self._compiled)

    def over(self) -> str | None:
        """What ended it, if something did: a signal that was noted, or its seconds."""
        if self.stopped is None and self.seconds is not None and self.spent() > self.seconds:
            self.stopped = f"--max-seconds {self.seconds:g}"
        return self.stopped

    def note(self, why: str | None) -> None:
        """Take notice of what stopped a search: whether it ends all others as well."""
        if why is None:
            return
        if why in SIGNALS or (self.seconds is not None and why.startswith("--max-seconds")):
            self.stopped = self.stopped or why
        else:
            self.limited = self.limited or why

    def each(self, parts: Iterable[P], of: Callable[[P], Iterable[T]], watch: Callable[[], Watch]) -> Iterator[T]:
        """What is found of one part after another, as long as it is not over.

        Each is answered under the eyes of a watch; where that is stopped outside of a search, what it had found is
        kept, and the part is left, as all after it are.
        """
        for part in parts:
            found, done = [], False
            if self.over() is None:
                try:
                    with watch():
                        for one in of(part):
                            found.append(one)  # one by one, as the next may be stopped
                        done = True
                except KeyboardInterrupt as error:
                    self.note(reason_of(error))
                    if self.stopped is None:
                        raise  # by a limit of memory: nothing ends the parts after it, and this one has no answer
            self.answered += bool(found) or done
            if not done:
                self.left.append(shown(part))
            yield from found

    def raise_if_nothing(self) -> None:
        """Raise Stopped where it ended before any part was answered."""
        if self.stopped is not None and self.left and not self.answered:
            raise Stopped(self.stopped)


def _elsewhere(seconds: float | None, where: str, began: float, began_by_date: float) -> QuestionBudget:
    """The budget of another process: by the same clock on the same machine, elsewhere by the time of day."""
    here = machine() == where
    return QuestionBudget(seconds, began if here else time.monotonic() - max(0.0, time.time() - began_by_date))


def shown(part: object) -> str:
    """A part by name: a scenario, or one under some values."""
    if isinstance(part, tuple):
        scenario, chosen = part
        return ", ".join([scenario, *(f"{name}={value}" for name, value in dict(chosen).items())])
    return str(part)
