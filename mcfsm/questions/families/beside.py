"""Scenarios asked about beside each other: in processes of this machine, or wherever an effort says.

A signal or a limit ends them all alike: each takes notice once, and ends its scenario with what it has; those not begun
are left. Where they run, and how they are told, is the place's to know.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from mcfsm.explore import stopping
from mcfsm.explore.findings import Limits
from mcfsm.explore.stopping import Stopped
from mcfsm.host.memory import memory_allowed
from mcfsm.host.places import PlaceRefused, Pool
from mcfsm.host.processes import SIGNALS, Processes
from mcfsm.problems import counted
from mcfsm.verdicts.budget import QuestionBudget
from mcfsm.verdicts.run import Effort

T = TypeVar("T")
_GRACE = 5.0  # seconds for the others to say what they have


class _Told(NamedTuple, Generic[T]):
    """What another process has of a scenario, nothing where it was stopped before; what ended it, or a search of it."""

    answer: tuple[T, ...]
    stopped: str | None
    limited: str | None  # as a budget says it


Watching = Callable[[str], None]  # told how far it is


def of_each(
    of: Callable[[Effort, str], T],
    scenarios: Sequence[str],
    effort: Effort,
    beside: bool,
    watch: Watching | None = None,
) -> Iterator[T]:
    """The answer for each scenario, in order, as far as the budget reaches; `beside`: several at a time.

    Where the effort names a place they run there, also a single one. `watch` is told before the first and after each.
    Raises PlaceRefused where that cannot be.
    """
    say = watch or (lambda _: None)
    all_of_them = counted(len(scenarios), "scenario")
    say(f"0 of {all_of_them}")
    for number, answer in enumerate(_answers(of, scenarios, effort, beside), 1):
        yield answer
        say(f"{number} of {all_of_them}")


def _answers(of: Callable[[Effort, str], T], scenarios: Sequence[str], effort: Effort, beside: bool) -> Iterator[T]:
    place = effort.place
    if place is None and beside and min(effort.workers or os.cpu_count() or 1, len(scenarios)) >= 2:
        place = Processes()
    if place is None:
        yield from effort.each(scenarios, lambda scenario: [of(effort, scenario)])
        return
    with place.pool(len(scenarios), effort.workers, _prepare) as pool:
        yield from _in_pool(of, scenarios, effort, pool)


def _in_pool(of: Callable[[Effort, str], T], scenarios: Sequence[str], effort: Effort, pool: Pool) -> Iterator[T]:
    budget = effort.budget or QuestionBudget()
    share = Effort(effort.engine, pool.threads, effort.limits, effort.symmetry, budget=budget)
    futures = pool.begin(partial(_asked, of, share), scenarios)
    for scenario, future in zip(scenarios, futures, strict=True):
        told = _result(future, pool, budget)
        if told is None or not told.answer:
            budget.left.append(scenario)
        else:
            budget.answered += 1
            yield from told.answer
        for why in (None, None) if told is None else (told.stopped, told.limited):
            budget.note(why)
    if effort.budget is None and budget.stopped is not None:
        raise Stopped(budget.stopped)


def _result(future: Future[_Told[T]], pool: Pool, budget: QuestionBudget) -> _Told[T] | None:
    """What comes of one scenario; where a signal comes first the others are told, and have a little time."""
    try:
        return None if future.cancelled() else future.result(_GRACE if budget.stopped is not None else None)
    except TimeoutError:
        pool.kill()
    except KeyboardInterrupt as error:
        if future.done() and not future.cancelled():  # it was told in the other process alone
            budget.note(stopping.reason_of(error))
            return None
        if budget.stopped is not None:  # the second: nobody waits any more
            pool.kill()
            raise
        budget.note(stopping.reason_of(error))
        pool.stop()
        return _result(future, pool, budget)
    except CancelledError:
        pass
    except PlaceRefused:
        raise
    except Exception:
        if budget.stopped is None:
            raise
    return None


def _prepare() -> None:
    """Prepare another process: between two scenarios it only notes signals, also those that waited."""
    stopping.listen(once=True)
    stopping.hold()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _asked(of: Callable[[Effort, str], T], share: Effort, scenario: str, *, sharing: int) -> _Told[T]:
    """The answer for one scenario in another process, which a signal ends once and for all."""
    budget, limits = share.budget, share.limits or Limits()
    assert budget is not None
    memory = (limits.max_memory or memory_allowed()) // sharing
    share = replace(share, limits=replace(limits, max_memory=memory))
    with stopping.heard():
        budget.note(stopping.signal_heard())
        found = tuple(share.each([scenario], lambda _: [of(share, scenario)]))
    return _Told(found, budget.stopped, budget.limited)
