"""Scenarios asked about beside each other, in processes that share the workers, the memory and the budget.

A signal reaches whoever it reaches: a terminal sends it to all processes, a program to one. So this process tells the
others, each of which takes notice once, and ends its scenario with what it has; those not begun are left.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import active_children, get_context
from typing import Generic, NamedTuple, TypeVar

from mcfsm.explore import stopping
from mcfsm.explore.findings import Limits
from mcfsm.explore.stopping import Stopped
from mcfsm.host.memory import memory_allowed
from mcfsm.verdicts.budget import QuestionBudget
from mcfsm.verdicts.run import Effort

T = TypeVar("T")
_SIGNALS = signal.SIGINT, signal.SIGTERM
_GRACE = 5.0  # seconds for the others to say what they have


class _Told(NamedTuple, Generic[T]):
    """What another process has of a scenario: nothing where it was stopped before; and what ended it."""

    answer: tuple[T, ...]
    stopped: str | None


def of_each(of: Callable[[Effort, str], T], scenarios: Sequence[str], effort: Effort, beside: bool) -> Iterator[T]:
    """The answer for each scenario, in order, as far as the budget reaches; `beside`: several at a time."""
    cores = effort.workers or os.cpu_count() or 1
    processes = min(cores, len(scenarios))
    if processes >= 2 and beside:
        yield from _beside(of, scenarios, effort, processes, cores // processes)
        return
    yield from effort.each(scenarios, lambda scenario: [of(effort, scenario)])


def _beside(
    of: Callable[[Effort, str], T], scenarios: Sequence[str], effort: Effort, processes: int, workers: int
) -> Iterator[T]:
    budget = effort.budget or QuestionBudget()
    limits = effort.limits or Limits()
    memory = (limits.max_memory or memory_allowed()) // processes
    share = Effort(effort.engine, workers, replace(limits, max_memory=memory), effort.symmetry, budget=budget)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin) as pool:
        try:
            with _signals_held():
                futures = [pool.submit(_asked, of, share, scenario) for scenario in scenarios]
            for scenario, future in zip(scenarios, futures, strict=True):
                told = _result(future, futures, budget)
                if told is None or not told.answer:
                    budget.left.append(scenario)
                else:
                    budget.answered += 1
                    yield from told.answer
                budget.note(None if told is None else told.stopped)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            _end(
                signal.SIGKILL
            )  # all was told: to tidy up would take each of them seconds, and this process waits for it
    if effort.budget is None and budget.stopped is not None:
        raise Stopped(budget.stopped)


def _result(future: Future[_Told[T]], futures: Sequence[Future[_Told[T]]], budget: QuestionBudget) -> _Told[T] | None:
    """What comes of one scenario; where a signal comes first the others are told, and have a little time."""
    try:
        return None if future.cancelled() else future.result(_GRACE if budget.stopped is not None else None)
    except TimeoutError:
        _end(signal.SIGKILL)
    except KeyboardInterrupt as error:
        if future.done() and not future.cancelled():  # it was told in the other process alone
            budget.note(stopping.reason_of(error))
            return None
        if budget.stopped is not None:  # the second: nobody waits any more
            _end(signal.SIGKILL)
            raise
        budget.note(stopping.reason_of(error))
        for one in futures:
            one.cancel()
        _end(signal.SIGTERM)
        return _result(future, futures, budget)
    except Exception:
        if budget.stopped is None:
            raise
    return None


def _end(number: signal.Signals) -> None:
    for child in active_children():
        if child.pid is not None:
            os.kill(child.pid, number)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let signals wait, here and in processes that are begun, which would end in a traceback while they import."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Prepare another process: between two scenarios it only notes signals, also those that waited."""
    stopping.listen(once=True)
    stopping.hold()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _asked(of: Callable[[Effort, str], T], share: Effort, scenario: str) -> _Told[T]:
    """The answer for one scenario in another process, which a signal ends once and for all."""
    budget = share.budget
    assert budget is not None
    with stopping.heard():
        budget.note(stopping.signal_heard())
        found = tuple(share.each([scenario], lambda _: [of(share, scenario)]))
    return _Told(found, budget.stopped)
