"""The two kernels compiled, that of one model and that of several at once: half a minute each, in a process each.

What else the tests call for is compiled by the worker that needs it first, and the others wait for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TextIO

from mcfsm.explore import exhaustive
from mcfsm.kernel import jit
from mcfsm.kernel.expand import expand, record_findings_of_variants
from mcfsm.kernel.jit import is_compiled
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.verdicts.family_runs import statuses_of_family
from mcfsm.verdicts.run import Effort

LONGEST = 150.0  # seconds that a worker waits for what another compiles
COMMIT = Path(__file__).parents[1] / "models" / "textbook" / "two_phase_commit.yaml"


def compile_kernels() -> None:
    """Have both in the cache, so that no test waits for them, or meets the message about it."""
    if not (is_compiled(expand) and is_compiled(record_findings_of_variants)):
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            for done in (processes.submit(of_one_model), processes.submit(of_several)):
                done.result()


def of_one_model() -> None:
    """Explore a model alone."""
    exhaustive.explore(resolve(read(COMMIT), "three"))


def of_several() -> None:
    """Explore two together."""
    model = resolve(read(COMMIT), "three")
    statuses_of_family([model, model], [[], []], effort=Effort())


def wait_for_each_other() -> None:
    """From now on, compile nothing that another process compiles meanwhile: wait for it, and load it."""
    kept: Any = jit._Cache
    load, save = kept.load_overload, kept.save_overload
    held: dict[Path, TextIO] = {}

    def load_overload(cache: Any, signature: Any, target: Any) -> Any:
        found = load(cache, signature, target)
        place = lock_of(cache, signature)
        if found is not None or place in held:
            return found
        place.parent.mkdir(parents=True, exist_ok=True)
        held[place] = place.open("w")
        acquire(held[place])
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
