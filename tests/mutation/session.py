"""A run of pytest over some tests, in a process of its own.

What may live here: processes, their limits, and how a run ended. A child is forked off the process that began, which
has imported the package and the tests (`warm`), and is given the changed function. Where what is changed is done when a
module is imported, the child comes of a process that has imported libraries alone, and imports all else anew.
"""

from __future__ import annotations

import ast
import gc
import json
import marshal
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import pytest

from mutation.patching import Place, changed, functions, place

LIBRARIES = [
    *("click", "coverage", "graphviz", "hypothesis.stateful", "jinja2", "jsonschema", "llvmlite", "lxml.etree"),
    *("numba.core.event", "numpy", "rich.console", "ruamel.yaml", "transitions", "yaml"),
]
MOST_MEMORY = 4 << 30  # bytes of address space
USUAL = ["-q", "--assert", "plain", "-p", "no:cacheprovider"]  # else pytest imports the package, as a plugin's
FUNCTIONS: dict[Place, list[FunctionType]] = {}  # of the package, once it is imported here


class Ended(NamedTuple):
    """How a run of tests ended."""

    how: str  # passed, failed, out of time, or undecided
    test: str = ""  # the first that failed, or what came to pass instead
    seconds: float = 0.0  # of a processor


class Mutant(NamedTuple):
    """A module with a change in it, in a form that another process can be given."""

    module: str  # its name
    code: bytes
    function: tuple[Place, bytes] | None  # the one function that is changed, if it is there and there is one


def import_libraries() -> None:
    """Have every child that is not forked off this process find what it needs and is not under test imported."""
    get_context("forkserver").set_forkserver_preload(["mutation.session", *LIBRARIES])
    for library in LIBRARIES:
        import_module(library)


def warm(root: Path, tests: Sequence[str]) -> None:
    """Import the package and some tests, with what a run of them needs, for all that are forked off afterwards."""
    from numba.core.caching import FunctionCache

    cache: Any = FunctionCache
    kept = cache.load_overload, cache.save_overload
    _come_from(root)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        status = pytest.main([*USUAL, "--collect-only", *tests])
    assert status == pytest.ExitCode.OK, f"tests cannot be collected: {status}"
    cache.load_overload, cache.save_overload = kept  # each run of the tests puts its own there
    inside = str(root / "mcfsm")
    FUNCTIONS.update({at: some for at, some in functions().items() if at[0].startswith(inside)})
    gc.collect()
    gc.freeze()


@contextmanager
def frozen(root: Path) -> Iterator[Path]:
    """A copy of the project, in which tests may do whatever a mutant has them do, and the tree may change meanwhile."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        copy = Path(name) / "project"
        ignored = shutil.ignore_patterns(".git", ".venv*", "build", "__pycache__", ".*_cache", "*.egg-info")
        shutil.copytree(root, copy, ignore=ignored)
        yield copy


class Session:
    """A child that runs tests, in a folder of its own for whatever they write."""

    def __init__(
        self,
        root: Path,
        tests: Sequence[str],
        *,
        limit: float,
        options: Sequence[str] = (),
        plugins: Callable[[], list[object]] = list,
        mutant: Mutant | None = None,
    ) -> None:
        """`limit`: seconds of a processor. `plugins` makes them in the child.

        Without a mutant nothing is changed, and what is compiled is kept for those that come after.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=root.parent))
        self.began, self.limit = time.monotonic(), limit
        asked = [*options, "--basetemp", str(self.folder / "tmp"), *tests]
        context: Any = get_context("fork" if mutant is None or mutant.function is not None else "forkserver")
        self.process: Any = context.Process(target=_run, args=(root, self.folder, asked, limit, plugins, mutant))
        self.process.start()

    @property
    def overdue(self) -> bool:
        """Whether it waits for something that does not come: its limit of time of a processor does not end that."""
        return time.monotonic() - self.began > 120 + 12 * self.limit

    def ended(self) -> Ended:
        """How it ended, which is awaited unless it is overdue."""
        late = self.overdue and self.process.is_alive()
        spent = _spent_by(self.process.pid) if late else 0.0
        if late:
            self.stop()
        self.process.join()
        result, status = self.folder / "result", self.process.exitcode or 0
        if result.exists():
            found = Ended(*json.loads(result.read_text(encoding="utf-8")))
        elif late and spent < self.limit / 2:
            found = Ended("undecided", seconds=spent)  # it waited: for something that never comes, or for a processor
        elif status in (-signal.SIGXCPU, -signal.SIGKILL):
            found = Ended("out of time", seconds=self.limit)
        else:
            said = (self.folder / "output").read_text(encoding="utf-8", errors="replace")[-2000:]
            found = Ended("failed", f"the process, with status {status}: {said}", time.monotonic() - self.began)
        shutil.rmtree(self.folder, ignore_errors=True)
        return found

    def stop(self) -> None:
        """End it, with what it has started."""
        assert self.process.pid is not None
        with suppress(ProcessLookupError):  # it has ended
            os.killpg(self.process.pid, signal.SIGKILL)


def _run(
    root: Path, folder: Path, asked: list[str], limit: float, plugins: Callable[[], list[object]], mutant: Mutant | None
) -> None:
    """In the child."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (int(_spent() + limit) + 1, int(_spent() + limit) + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with (folder / "output").open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    _come_from(root)
    if mutant is not None:
        _write_apart(folder)
        if mutant.function is None:
            sys.meta_path.insert(0, Finder(mutant))
        else:
            for function in FUNCTIONS[mutant.function[0]]:
                function.__code__ = marshal.loads(mutant.function[1])
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    first, before = First(), _spent()
    status = pytest.main([*USUAL, *asked], plugins=[first, *plugins()])
    how = {pytest.ExitCode.OK: "passed", pytest.ExitCode.USAGE_ERROR: "undecided"}.get(
        pytest.ExitCode(status), "failed"
    )
    told = Ended(how, first.failed or ("" if how == "passed" else f"pytest, with status {status}"), _spent() - before)
    (folder / "unfinished").write_text(json.dumps(told), encoding="utf-8")
    (folder / "unfinished").rename(folder / "result")
    os._exit(0)


def _come_from(root: Path) -> None:
    """Have what is imported come from the copy."""
    os.chdir(root)
    os.environ["PYTHONPATH"] = str(root)
    if sys.path[0] != str(root):
        sys.path[:0] = [str(root)]


def _write_apart(folder: Path) -> None:
    """Have a cache of its own, with what is kept: a mutant may spoil it."""
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mcfsm"
    if kept.is_dir():
        shutil.copytree(kept, folder / "cache" / "mcfsm", copy_function=os.link, symlinks=True)
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")


def _spent() -> float:
    """Seconds of a processor that this process and those that it started took."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _spent_by(process: int | None) -> float:
    """Seconds of a processor that another process took."""
    with suppress(OSError):
        words = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


class First:
    """Notes the first test that failed, or could not be collected."""

    failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = f"{report.nodeid}, as it is collected"


class Plain:
    """Runs what is compiled as the plain Python that it is compiled from."""

    def pytest_configure(self) -> None:
        import_module("mcfsm.kernel.jit").Compiled.__call__ = lambda self, *arguments: self.py_func(*arguments)


class Finder(MetaPathFinder, Loader):
    """Imports one module with code that is not that of its file."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = mutant.module
        self.code: CodeType = marshal.loads(mutant.code)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        spec = PathFinder.find_spec(name, path, target)
        assert spec is not None
        spec.loader = self
        return spec

    def get_code(self, _: str) -> CodeType:
        """What `runpy` asks for."""
        return self.code

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, vars(module))


def mutant_of(path: str, before: CodeType, tree: ast.Module, root: Path) -> Mutant:
    """A module with a change in it, as from its file; `before` is its code without the change."""
    parts = Path(path).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    code = code_of(path, tree, root)
    found = changed(before, code)
    function = (place(found[0]), marshal.dumps(found[1])) if found and place(found[0]) in FUNCTIONS else None
    return Mutant(name, marshal.dumps(code), function)


def code_of(path: str, tree: ast.Module, root: Path) -> CodeType:
    """The code of a module, as from its file."""
    return compile(tree, str(root / path), "exec", dont_inherit=True)
