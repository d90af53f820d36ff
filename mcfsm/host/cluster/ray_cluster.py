"""A Ray cluster as a place: each piece is a task, tried again where the process or the machine that had it is gone.

What may live here: Ray, which nothing else imports. What may not: what a piece is about.
"""

from __future__ import annotations

import logging
import os
import pickle
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, redirect_stdout, suppress
from functools import partial
from typing import Any, TypeVar

from mcfsm.host.cluster import arrival
from mcfsm.host.cluster.ray_team import RayTeam, differing
from mcfsm.host.code import code_parts
from mcfsm.host.places import PlaceRefused, Pool, Work

P = TypeVar("P")
T = TypeVar("T")
LOCAL = "local:"  # and how many threads: a cluster that is begun on this machine, and ends with the question
MOST_LOCAL = 256
_TRIES = 20  # times that a piece is tried again whose process was lost
_STORE = 100 * 2**20  # bytes of the object store of a cluster that is begun here; what is sent are kilobytes
_PATIENCE = 10.0  # seconds for a machine to answer


class RayCluster:
    """The cluster of an address: `auto`, HOST:PORT, ray://HOST:PORT, or local:N. It is reached when it is needed."""

    def __init__(self, address: str) -> None:
        """Raises ValueError for what is no address, ImportError where Ray is not installed."""
        self.address = address
        self.threads = _local_threads(address)
        import ray  # noqa: F401 - so that it is said before anything is searched

    @contextmanager
    def pool(self, pieces: int, workers: int | None, prepare: Callable[[], None]) -> Iterator[Pool]:
        """As many tasks as there are pieces, or threads where those are fewer. Raises PlaceRefused."""
        with redirect_stdout(sys.stderr), self._reached():  # Ray prints there what it lost, an answer stands here
            cores = _cores()
            if not cores:
                raise PlaceRefused(f"{self.address}: no machine of the cluster gives any processor to tasks")
            threads = min(sum(cores), workers or sum(cores))
            tasks = max(1, min(threads, pieces))
            pool = _RayPool(min(threads // tasks, min(cores)), tasks if workers else pieces, prepare)
            try:
                yield pool
            finally:
                pool.kill()

    @contextmanager
    def hire(self, make: Callable[[int, int, int], Any], most: int | None, memory: int | None) -> Iterator[RayTeam]:
        """Owners of states, one on each thread of the cluster, or so many at most. Raises PlaceRefused."""
        with redirect_stdout(sys.stderr), self._reached():
            cores = sum(_cores())
            if not cores:
                raise PlaceRefused(f"{self.address}: no machine of the cluster gives any processor to tasks")
            team = RayTeam(make, min(cores, most or cores), memory)
            try:
                team.begin()
                yield team
            finally:
                team.end()

    @contextmanager
    def _reached(self) -> Iterator[None]:
        import ray

        own = self.threads is not None
        folder = tempfile.mkdtemp(prefix="mcfsm-ray-", dir="/tmp") if own else None  # a socket's path has to be short
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self._init(folder)
            for number, handler in before.items():
                signal.signal(number, handler)  # Ray puts its own there, which ends the process
            yield
        finally:
            ray.shutdown()
            for number, handler in before.items():
                signal.signal(number, handler)
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _init(self, folder: str | None) -> None:
        import ray

        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        try:
            if folder is None:
                _knock(self.address)
                ray.init(address=self.address, **quiet)
                return
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
            logging.getLogger("ray").setLevel(logging.ERROR)
            ray.init(
                "local",  # whatever RAY_ADDRESS says
                num_cpus=self.threads,
                include_dashboard=False,
                object_store_memory=_STORE,
                _temp_dir=folder,
                _node_ip_address="127.0.0.1",  # nobody else is to reach it
                **quiet,
            )
        except Exception as error:
            raise PlaceRefused(f"{self.address}: no Ray cluster is reached: {self._why(error)}") from None

    def _why(self, error: Exception) -> str:
        if self.address == "auto":
            return "none was begun on this machine (ray start), and RAY_ADDRESS names none"
        said = (getattr(error, "strerror", None) or str(error)).strip().splitlines() or [type(error).__name__]
        if self.address.startswith(LOCAL):
            return f"{said[0]} Ray did not start here; where much else is running, try again"
        return f"{said[0]}; was it begun there (ray start --head), and may this machine reach it?"


def _knock(address: str) -> None:
    """See that somebody listens at an address: Ray would try for a quarter of an hour. Raises OSError."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isascii() and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()


def _local_threads(address: str) -> int | None:
    """How many threads a cluster that is begun here has; None for another. Raises ValueError for what is no address."""
    if not address.strip() or any(character.isspace() for character in address):
        raise ValueError("write auto, HOST:PORT, ray://HOST:PORT, or local:N")
    if not address.startswith(LOCAL):
        if address != "auto" and ":" not in address:
            raise ValueError("an address has a port: HOST:6379, or ray://HOST:10001")
        return None
    number = address.removeprefix(LOCAL)
    if not (number.isascii() and number.isdigit() and len(number) <= 3 and 1 <= int(number) <= MOST_LOCAL):
        raise ValueError(f"local:N has a number of threads, from 1 to {MOST_LOCAL}")
    return int(number)


def _cores() -> list[int]:
    """How many threads each machine gives to tasks, those without left out."""
    import ray

    found = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    return [number for number in found if number > 0]


class _RayPool:
    """Tasks of one question: `most` of them at a time, each with some threads."""

    def __init__(self, threads: int, most: int, prepare: Callable[[], None]) -> None:
        import ray

        self.threads, self.most, self.prepare = threads, most, prepare
        ray.cloudpickle.register_pickle_by_value(arrival)
        options = {"num_cpus": threads, "max_retries": _TRIES, "retry_exceptions": False}
        self._task = ray.remote(**options)(arrival.arrive)
        self._lock = threading.RLock()
        self._waiting: deque[tuple[Future[Any], Any]] = deque()
        self._running: dict[Future[Any], Any] = {}  # to what Ray calls them

    def begin(self, work: Work[P, T], pieces: Sequence[P]) -> list[Future[T]]:
        import ray

        sent, parts = ray.put(pickle.dumps((self.prepare, work))), code_parts()
        futures: list[Future[T]] = [Future() for _ in pieces]
        with self._lock:
            for future, piece in zip(futures, pieces, strict=True):
                self._waiting.append(
                    (future, partial(self._task.remote, sent, pickle.dumps(piece), parts, self.threads))
                )
        self._fill()
        return futures

    def _fill(self) -> None:
        """Send off what waits, as far as there is room."""
        with self._lock:
            while self._waiting and len(self._running) < self.most:
                future, send = self._waiting.popleft()
                future.set_running_or_notify_cancel()
                reference = self._running[future] = send()
                reference.future().add_done_callback(partial(self._told, future))

    def _told(self, future: Future[Any], answer: Future[bytes]) -> None:
        """Take what came of a task; the thread is Ray's."""
        with self._lock:
            self._running.pop(future, None)
        _settle(future, answer)
        with suppress(Exception):  # the cluster is being left
            self._fill()

    def stop(self) -> None:
        self._end(force=False)

    def kill(self) -> None:
        self._end(force=True)

    def _end(self, *, force: bool) -> None:
        import ray

        with self._lock:
            waiting, running = list(self._waiting), list(self._running.values())
            self._waiting.clear()
        for future, _ in waiting:
            future.cancel()
        for reference in running:
            with suppress(Exception):  # it is done meanwhile, or its machine is gone
                ray.cancel(reference, force=force)


def _settle(future: Future[Any], answer: Future[bytes]) -> None:
    """Give a future what came of its task."""
    import ray

    try:
        kind, what = pickle.loads(answer.result())
    except (ray.exceptions.TaskCancelledError, CancelledError):
        future.set_exception(CancelledError())
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError):
        why = f"a process that worked on it was lost {_TRIES + 1} times; is there enough memory (--max-memory)?"
        future.set_exception(PlaceRefused(why))
    except ray.exceptions.RayTaskError as error:  # a defect of ours
        future.set_exception(error)
    except ray.exceptions.RayError as error:
        future.set_exception(PlaceRefused(f"the cluster failed: {str(error).strip().splitlines()[0]}"))
    except BaseException as error:
        future.set_exception(error)
    else:
        if kind == "done":
            future.set_result(what)
        else:
            future.set_exception(what if kind == "raised" else PlaceRefused(differing(code_parts(), what)))
