"""How the functions of this folder are compiled, and where compiled code is kept for the next process.

What may live here: the one decorator, and its cache. Nobody else imports `njit`.

numba stamps cached code with the file of the function itself, and not with the files of what it calls and has compiled
into it: after a change of a callee it would go on with what the callee was. So the folder of the cache is named by the
digest of everything that compiled code depends on: every file of this folder (which imports nothing else of mcfsm),
numba, and Python. What it holds can be incomplete, but never stale.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, overload

import llvmlite
import numba
from numba import njit
from numba.core import event
from numba.core.caching import FunctionCache

try:
    from numba.core.runtime import rtsys  # type: ignore[attr-defined] # it is there, and numba says no types
except ImportError:  # a numba that keeps it elsewhere
    rtsys: Any = None  # type: ignore[no-redef]

KEPT = 4  # folders of the kernels that were used last: of other checkouts, and of other versions of Python


def kernel_digest(folder: Path) -> str:
    """The SHA-256, as hexadecimal, of every source file of a folder and of the versions that compile it."""
    found = hashlib.sha256()
    for part in (platform.python_implementation(), platform.python_version(), numba.__version__, llvmlite.__version__):
        found.update(f"{part}\n".encode())
    for file in sorted(folder.glob("*.py")):
        found.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def _cache_home() -> Path:
    """Where a user's caches are. Raises RuntimeError where nobody says."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
    return home / "mcfsm"


def _cache_folder() -> Path | None:
    """The folder of this kernel's compiled code, made where it is not there; None where nothing can be written."""
    try:
        folder = _cache_home() / f"kernel-{kernel_digest(Path(__file__).parent)[:32]}"
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)  # the last use of it
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, RuntimeError):
        return None
    _forget_others(folder)
    return folder


def _forget_others(folder: Path) -> None:
    """Remove the folders of other kernels, but for the few that were used last."""
    with suppress(OSError):  # another process removes them too
        others = [other for other in folder.parent.glob("kernel-*") if other != folder and not other.is_symlink()]
        for other in sorted(others, key=lambda one: one.stat().st_mtime, reverse=True)[KEPT - 1 :]:
            shutil.rmtree(other, ignore_errors=True)


class _Cache(FunctionCache):
    """numba's cache, which loads compiled code without first reading in everything that a compilation needs.

    That takes a third of a second in every process. Compiled code needs numba's memory management alone; where there is
    none in the cache, the compiler reads in the rest by itself. It is made of what numba does not promise to keep: see
    `_is_lean`.
    """

    def load_overload(self, signature: Any, target: Any) -> Any:
        rtsys.initialize(target)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, target)  # type: ignore[no-untyped-call]


def _is_lean(cache: Any, runtime: Any) -> bool:
    """Whether this numba has what `_Cache` is made of; one that has not loads with a cache of its own, and slower."""
    parts = ("_load_overload", "_guard_against_spurious_io_errors")
    return hasattr(runtime, "initialize") and all(hasattr(cache, part) for part in parts)


LEAN = _is_lean(FunctionCache, rtsys)
CACHE = _cache_folder()  # None: compiled code is not kept, and every process compiles it again


@overload
def compiled(function: Callable[..., Any]) -> Any: ...
@overload
def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]: ...
def compiled(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """The function compiled by numba when it is first called, without Python's lock; `options` are those of `njit`.

    Its `py_func` is the function as it stands, which runs as plain Python.
    """
    if function is None:
        return lambda function: _compiled(function, options)
    return _compiled(function, options)


def _compiled(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    dispatcher = njit(nogil=True, **options)(function)
    if CACHE is not None:
        config: Any = numba.config
        before, config.CACHE_DIR = config.CACHE_DIR, str(CACHE)  # read as caching begins; for others it is as it was
        try:
            if LEAN:
                cache: Any = _Cache
                dispatcher._cache = cache(function)  # as enable_caching does, with numba's own
            else:
                dispatcher.enable_caching()
        finally:
            config.CACHE_DIR = before
    return dispatcher


class _Compilation(event.Listener):
    """Counts how deep functions that are compiled lie in others that are."""

    def __init__(self, begun: Callable[[], None], done: Callable[[float], None]) -> None:
        self.begun, self.done = begun, done
        self.depth, self.since = 0, 0.0

    def on_start(self, _: Any) -> None:
        self.depth += 1
        if self.depth == 1:
            self.since = time.monotonic()
            self.begun()

    def on_end(self, _: Any) -> None:
        self.depth -= 1
        if self.depth == 0:
            self.done(time.monotonic() - self.since)


def watch_compilation(begun: Callable[[], None], done: Callable[[float], None]) -> None:
    """Call `begun` from now on before something is compiled, and `done` after it with the seconds that it took.

    What is found in the cache is not compiled.
    """
    register: Any = event.register
    register("numba:compile", _Compilation(begun, done))


_compilations: list[float] = []  # of this process, in seconds; one for all that is compiled on behalf of one call
watch_compilation(lambda: None, _compilations.append)


def seconds_compiling() -> float:
    """How long this process has compiled up to now; what it found in the cache took it no time."""
    return sum(_compilations)


def is_compiled(dispatcher: Any) -> bool:
    """Whether compiled code of a function is there for some types of arguments, in this process or in the cache."""
    if dispatcher.signatures:
        return True
    kept = Path(dispatcher.stats.cache_path) if CACHE is not None else None
    name = dispatcher.py_func.__name__
    return kept is not None and any(kept.glob(f"*.{name}-*.nbc"))
