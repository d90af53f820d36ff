"""Processes of this machine, which share its threads and its memory.

A signal reaches whoever it reaches: a terminal sends it to all processes, a program to one. So this process tells the
others.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import Any, TypeVar

from mcfsm.host.places import Pool, Work

P = TypeVar("P")
T = TypeVar("T")
SIGNALS = signal.SIGINT, signal.SIGTERM


class Processes:
    """Processes of this machine, which share its threads."""

    @contextmanager
    def pool(self, pieces: int, workers: int | None, prepare: Callable[[], None]) -> Iterator[Pool]:
        """As many processes as there are pieces, or threads where those are fewer."""
        threads = workers or os.cpu_count() or 1
        processes = max(1, min(threads, pieces))
        spawning = get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=spawning, initializer=prepare) as executor:
            pool = _ProcessPool(executor, processes, threads // processes)
            try:
                yield pool
            finally:
                executor.shutdown(wait=False, cancel_futures=True)
                pool.kill()  # all was told: to tidy up would take each of them seconds, and this process waits for it


class _ProcessPool:
    def __init__(self, executor: ProcessPoolExecutor, processes: int, threads: int) -> None:
        self.executor, self.processes, self.threads = executor, processes, threads
        self._begun: list[Future[Any]] = []

    def begin(self, work: Work[P, T], pieces: Sequence[P]) -> list[Future[T]]:
        with _signals_held():
            futures = [self.executor.submit(work, piece, sharing=self.processes) for piece in pieces]
        self._begun += futures
        return futures

    def stop(self) -> None:
        for future in self._begun:
            future.cancel()
        _end(signal.SIGTERM)

    def kill(self) -> None:
        _end(signal.SIGKILL)


def _end(number: signal.Signals) -> None:
    for child in active_children():
        if child.pid is not None:
            os.kill(child.pid, number)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let signals wait, here and in processes that are begun, which would end in a traceback while they import."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
