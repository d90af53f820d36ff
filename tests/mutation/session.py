"""A run of pytest over some tests, in a process of its own that is forked off one with all libraries imported.

What may live here: processes, their limits, and how a run ended. The process that forks has imported nothing of mcfsm
and none of its tests: each child imports them anew, with what is changed in them.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

import pytest

LIBRARIES = [
    *("click", "coverage", "graphviz", "hypothesis.stateful", "jinja2", "jsonschema", "llvmlite", "lxml.etree"),
    *("numba.core.event", "numpy", "rich.console", "ruamel.yaml", "transitions", "yaml"),
]
MOST_MEMORY = 8 << 30  # bytes of address space


class Ended(NamedTuple):
    """How a run of tests ended."""

    how: str  # passed, failed, out of time, or undecided
    test: str = ""  # the first that failed, or what came to pass instead
    seconds: float = 0.0  # of a processor


def import_libraries() -> None:
    """Import what every child needs and is not under test."""
    for library in LIBRARIES:
        import_module(library)


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
        code: tuple[str, CodeType] | None = None,
    ) -> None:
        """`limit`: seconds of a processor. `plugins` makes them in the child. `code`: what a module is, by its name.

        Without `code` nothing is changed, and what is compiled is kept for those that come after.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=root.parent))
        self.began, self.limit = time.monotonic(), limit
        asked = [*options, "--basetemp", str(self.folder / "tmp"), *tests]
        self.process = get_context("fork").Process(target=self._run, args=(root, asked, limit, plugins, code))
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

    def _run(self, root: Path, asked: list[str], limit: float, plugins: Any, code: tuple[str, CodeType] | None) -> None:
        """In the child."""
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        with (self.folder / "output").open("w", encoding="utf-8") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        self._settle(root, private=code is not None)
        if code is not None:
            sys.meta_path.insert(0, Finder(*code))
        first = First()
        usual = ["-q", "--assert", "plain", "-p", "no:cacheprovider"]  # else pytest imports the package, as a plugin's
        status = pytest.main([*usual, *asked], plugins=[first, *plugins()])
        how = "passed" if status == pytest.ExitCode.OK else "failed"
        told = Ended(how, first.failed or ("" if how == "passed" else f"pytest, with status {status}"), _spent())
        (self.folder / "unfinished").write_text(json.dumps(told), encoding="utf-8")
        (self.folder / "unfinished").rename(self.folder / "result")
        os._exit(0)

    def _settle(self, root: Path, *, private: bool) -> None:
        """Have what is imported come from the copy, and what is written to this run's folder."""
        os.chdir(root)
        os.environ["PYTHONPATH"] = str(root)
        sys.path[:0] = [str(root)]
        kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mcfsm"
        if private:  # a mutant may spoil it
            if kept.is_dir():
                shutil.copytree(kept, self.folder / "cache" / "mcfsm", copy_function=os.link, symlinks=True)
            os.environ["XDG_CACHE_HOME"] = str(self.folder / "cache")
        tempfile.tempdir = os.environ["TMPDIR"] = str(self.folder)


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

    def __init__(self, name: str, code: CodeType) -> None:
        self.name, self.code = name, code

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        spec = PathFinder.find_spec(name, path, target)
        assert spec is not None
        spec.loader = self
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, vars(module))


def code_of(path: str, tree: ast.Module, root: Path) -> tuple[str, CodeType]:
    """The name of a module and its code, as from its file."""
    parts = Path(path).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return name, compile(tree, str(root / path), "exec", dont_inherit=True)
