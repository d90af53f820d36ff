"""How the functions of this folder are compiled, and where compiled code is kept for the next process.

What may live here: the one decorator, and its cache. Nobody else in mcfsm has anything compiled.

numba stamps cached code with the file of the function itself, and not with the files of what it calls and has compiled
into it: after a change of a callee it would go on with what the callee was. So the folder of the cache is named by the
digest of everything that compiled code depends on: every file of this folder (which imports nothing else of mcfsm),
numba, and Python. What it holds can be incomplete, but never stale.

A function that is there as object code (`native`) is called without numba. Where one has to be compiled, or is not in a
form that this process can load, `compiling` brings numba; it is the only module that does so.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import update_wrapper
from importlib.util import find_spec
from pathlib import Path
from typing import Any, overload

from . import compilations, native  # not by their whole names: a test has this folder under another
from .folder import own_folder

KEPT = 4  # folders of the kernels that were used last: of other checkouts, and of other versions of Python


def kernel_digest(folder: Path) -> str:
    """The SHA-256, as hexadecimal, of every source file of a folder and of the versions that compile it."""
    found = hashlib.sha256()
    for part in (platform.python_implementation(), platform.python_version(), *map(_version, ("numba", "llvmlite"))):
        found.update(f"{part}\n".encode())
    for file in sorted(folder.glob("*.py")):
        found.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def _version(package: str) -> str:
    """The digest of the file in which a package says its version, found without importing the package."""
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    return hashlib.sha256(Path(found.origin).with_name("_version.py").read_bytes()).hexdigest()


def _cache_folder() -> Path | None:
    """The folder of this kernel's compiled code; None where nothing can be written, and where somebody else could."""
    folder = own_folder(f"kernel-{kernel_digest(Path(__file__).parent)[:32]}")
    if folder is None:
        return None
    try:
        os.utime(folder)  # the last use of it
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return None
    _forget_others(folder)
    return folder


def _forget_others(folder: Path) -> None:
    """Remove the folders of other kernels, but for the few that were used last."""
    with suppress(OSError):  # another process removes them too
        others = [other for other in folder.parent.glob("kernel-*") if other != folder and not other.is_symlink()]
        for other in sorted(others, key=lambda one: one.stat().st_mtime, reverse=True)[KEPT - 1 :]:
            shutil.rmtree(other, ignore_errors=True)


CACHE = _cache_folder()  # None: compiled code is not kept, and every process compiles it again
FIRST: list[str] = []  # modules that are imported before anything is compiled


def before_compiling(module: str) -> None:
    """Have a module imported before anything is compiled: one that says how something is, and needs numba for that."""
    FIRST.append(module)


class Compiled:
    """A function that is compiled for the kinds of arguments with which it is called, once for all processes.

    Its `py_func` is the function as it stands, which runs as plain Python. Compiled code runs without Python's lock.
    """

    def __init__(
        self, function: Callable[..., Any], options: dict[str, Any], inner: bool = False, room: int = compilations.LEAST
    ) -> None:
        update_wrapper(self, function)
        self.py_func, self.options, self.inner, self.room = function, options, inner, room
        self.loaded = 0  # for how many kinds of arguments its code came from the cache, and without numba
        self._codes: dict[tuple[native.Kind, ...], native.ObjectCode] = {}
        self._numba: dict[tuple[native.Kind, ...], Path | None] = {}  # left to numba; where its code is to be kept
        self._asked: set[tuple[native.Kind, ...]] = set()  # whether there is room to compile it for them
        self._lock = threading.Lock()
        self._dispatcher: Any = None
        self._spoiled = False  # whether a file of its code is: numba gives none away that it has from its own cache

    def __call__(self, *arguments: Any) -> Any:
        if self.inner:  # numba would jump to where no code is
            raise TypeError(f"{self.__name__} is called by compiled code alone")
        kinds: list[native.Kind] = []
        words: list[Any] = []
        if not native.told(arguments, kinds, words):
            return self.dispatcher(*arguments)
        known = tuple(kinds)
        code = self._codes.get(known) or self._load(known)
        return self._compile(known, arguments) if code is None else code(words)

    def _load(self, kinds: tuple[native.Kind, ...]) -> native.ObjectCode | None:
        """The code for some kinds of arguments, if the cache has it."""
        with self._lock:
            if kinds in self._codes or kinds in self._numba:
                return self._codes.get(kinds)
            file = self._file(kinds)
            found = None if file is None else native.load(file, self.__name__, kinds)
            if found is None:
                self._numba[kinds] = file
                self._spoiled |= file is not None and native.is_spoiled(file)
            else:
                self._codes[kinds] = found
                self.loaded += 1
            return found

    def _compile(self, kinds: tuple[native.Kind, ...], arguments: tuple[Any, ...]) -> Any:
        """What numba's code gives; which is kept for other processes when it is first called."""
        if kinds not in self._asked:
            self._ask_for_room()
            self._asked.add(kinds)
        result = self.dispatcher(*arguments)
        file, self._numba[kinds] = self._numba[kinds], None
        if file is not None:
            from . import compiling

            compiling.keep(file, self.dispatcher, arguments)
        return result

    def _ask_for_room(self) -> None:
        """Ask everybody who wants to be asked whether there is memory to compile it."""
        needed = self.room + (0 if f"{__package__}.compiling" in sys.modules else compilations.COMPILER)
        for asked in compilations.ASKED:
            asked(needed)

    def _file(self, kinds: tuple[native.Kind, ...]) -> Path | None:
        """Where the code for some kinds of arguments is kept; None for a function that is none of this folder's."""
        code = self.py_func.__code__
        if CACHE is None or code.co_freevars or Path(code.co_filename).parent != Path(__file__).parent:
            return None
        what = f"{native.written(kinds)} {self.options} {native.processor()}"
        return CACHE / f"{self._label}-{hashlib.sha256(what.encode()).hexdigest()[:32]}.code"

    @property
    def _label(self) -> str:
        return f"{self.__module__.rpartition('.')[2]}.{self.__name__}"

    @property
    def dispatcher(self) -> Any:
        """What numba makes of the function."""
        if self._dispatcher is None:
            from . import compiling

            self._dispatcher = compiling.dispatcher(
                self.py_func, self.options, inner=self.inner, cached=not self._spoiled
            )
        return self._dispatcher

    def __reduce__(self) -> tuple[Any, ...]:
        # by this numba tells apart what a function refers to
        return Compiled, (self.py_func, self.options, self.inner, self.room)

    def __getattr__(self, name: str) -> Any:
        """Whatever numba asks of a function that it compiles into another."""
        if name.startswith("_") and name != "_numba_type_":
            raise AttributeError(name)
        return getattr(self.dispatcher, name)


@overload
def compiled(function: Callable[..., Any]) -> Any: ...
@overload
def compiled(
    *, inner: bool = False, room: int = compilations.LEAST, **options: Any
) -> Callable[[Callable[..., Any]], Any]: ...
def compiled(
    function: Callable[..., Any] | None = None, *, inner: bool = False, room: int = compilations.LEAST, **options: Any
) -> Any:
    """The function compiled when it is first called; `options` are those of numba's `njit`.

    `room`: the bytes that this takes, where they are more than for most.

    `inner`: compiled code alone calls it. Then it has no way in from Python, which of functions of many arrays takes as
    long to compile as the rest.
    """
    if function is None:
        return lambda function: Compiled(function, options, inner, room)
    return Compiled(function, options, inner, room)


def is_compiled(function: Compiled) -> bool:
    """Whether compiled code of a function is there for some kinds of arguments, in this process or in the cache."""
    if function.loaded or function.signatures:
        return True
    name = function.py_func.__name__
    return CACHE is not None and any(CACHE.glob(f"*/*.{name}-*.nbc"))
