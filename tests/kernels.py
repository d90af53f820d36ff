"""The two kernels compiled, that of one model and that of several at once: half a minute each, in a process each.

Tests that need none run meanwhile. What else they call for is compiled by the worker that needs it first, and the
others wait for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, TextIO

from numba.core import event as numba_event
from numba.core.caching import FunctionCache

from mcfsm.explore import exhaustive
from mcfsm.kernel import compilations
from mcfsm.kernel.expand import expand, record_findings_of_variants
from mcfsm.kernel.jit import is_compiled
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.verdicts.family_runs import statuses_of_family
from mcfsm.verdicts.run import Effort

LONGEST = 150.0  # seconds that a worker waits for what another compiles
COMMIT = Path(__file__).parents[1] / "models" / "textbook" / "two_phase_commit.yaml"


class Limit:
    """The limit of a test's time, which stands still while something is compiled: that is not its doing."""

    def __init__(self) -> None:
        self.depth, self.left, self.lock = 0, 0.0, threading.Lock()

    def stand_still(self) -> None:
        """Until `go_on` is called as often."""
        with self.lock:
            if self.depth == 0:
                self.left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
            self.depth += 1

    def go_on(self, _seconds: float = 0.0) -> None:
        """As when it was first told to stand still."""
        with self.lock:
            self.depth -= 1
            if self.depth == 0 and self.left > 0:
                signal.setitimer(signal.ITIMER_REAL, self.left)


LIMIT = Limit()


def compile_kernels(*, several: bool) -> Callable[[], None] | None:
    """Have them compiled, that of several models only if asked for; gives what waits for it, None if all are there.

    This comes back when they are under way: who needs one from then on waits for it, and meets no message about it.
    """
    wanted = [(of_one_model, expand)] + [(of_several, record_findings_of_variants)] * several
    context = get_context("spawn")
    begun = [(context.Event(), asked) for asked, kernel in wanted if not is_compiled(kernel)]
    processes = [context.Process(target=compiling, args=(asked, event)) for event, asked in begun]
    for process in processes:
        process.start()
    for process, (event, _) in zip(processes, begun, strict=True):
        while process.is_alive() and not event.wait(0.1):
            pass

    def wait() -> None:
        for process in processes:
            process.join()

    return wait if processes else None


def compiling(asked: Callable[[], None], begun: Event) -> None:
    """In a process of its own: ask for what needs a kernel, and say when its largest part is about to be compiled."""
    wait_for_each_other()

    class Begun(numba_event.Listener):
        def on_start(self, about: Any) -> None:
            if about.data["dispatcher"].py_func.__name__ == expand.py_func.__name__:
                begun.set()

        def on_end(self, about: Any) -> None:
            pass

    register: Any = numba_event.register
    register("numba:compile", Begun())
    asked()


def of_one_model() -> None:
    """Explore a model alone."""
    exhaustive.explore(resolve(read(COMMIT), "three"))


def of_several() -> None:
    """Explore two together."""
    model = resolve(read(COMMIT), "three")
    statuses_of_family([model, model], [[], []], effort=Effort())


def wait_for_each_other() -> None:
    """From now on, compile nothing that another process compiles meanwhile: wait for it, and load it."""
    compilations.watch_compilation(LIMIT.stand_still, LIMIT.go_on)
    kept: Any = FunctionCache
    load, save = kept.load_overload, kept.save_overload
    held: dict[Path, TextIO] = {}

    def load_overload(cache: Any, signature: Any, target: Any) -> Any:
        found = load(cache, signature, target)
        place = lock_of(cache, signature)
        if found is not None or place in held:
            return found
        place.parent.mkdir(parents=True, exist_ok=True)
        held[place] = place.open("w")
        before = time.monotonic()
        LIMIT.stand_still()
        try:
            acquire(held[place])
        finally:
            LIMIT.go_on()
        compilations.SECONDS.append(time.monotonic() - before)  # no limit of time counts it
        found = load(cache, signature, target)
        if found is not None:
            held.pop(place).close()
        return found

    def save_overload(cache: Any, signature: Any, compiled: Any) -> None:
        with ExitStack() as done:
            if (lock := held.pop(lock_of(cache, signature), None)) is not None:
                done.enter_context(lock)
            save(cache, signature, compiled)

    kept.load_overload, kept.save_overload = load_overload, save_overload


def lock_of(cache: Any, signature: Any) -> Path:
    """The file that is locked while a function is compiled for some types of arguments."""
    function = cache._py_func
    called = hashlib.sha256(f"{function.__module__} {function.__qualname__} {signature}".encode()).hexdigest()
    return Path(cache.cache_path) / f"{called[:32]}.lock"


def acquire(lock: TextIO) -> None:
    """Lock a file; or go on without, where whoever holds it does not come to an end."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.1)
        else:
            return
