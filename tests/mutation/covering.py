"""Which tests run which lines, and how long each takes: coverage with a context for each test, kept for files of tests.

Compiled code is not traced. So there are two runs: one of all tests, and one of those of units and of models that are
kept, with the kernel as plain Python and traced, less those that take too long or need it compiled.

What a file of tests covers is found out once, and again when that file is another. Where the package has changed since,
lines are followed to where they stood; a test that runs them no longer costs some time, and one that only now does may
be missed. What is kept says which tests are asked, and never what they find.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from mutation.session import Plain, Session

MARKS = "not graphviz and not slow and not process"  # as make quick, and what takes it too long
OF_UNITS = ("tests/unit", "tests/conformance")
# what stops work from outside stops the tracer of its lines instead, and is lost
NOT_TRACED = ("tests/unit/test_stopping.py",)
LONGEST_PLAIN = 20  # seconds of a test with the kernel in plain Python
LONGEST = 3600.0  # seconds for all of them
# what has the kernel compiled, or keeps it: with that, plain Python says nothing
COMPILING = ("jit", "native", "folder", "compiling", "numba_cache", "compilations", "instructions")


class Part:
    """What some tests covered of the package, as it was then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = CoverageData(str(folder / "lines"))
        self.data.read()
        kept = json.loads((folder / "told").read_text(encoding="utf-8"))
        self.root: str = kept["root"]
        self.digests: dict[str, str] = kept["digests"]  # by the file or the id that was asked
        self.seconds: dict[str, float] = kept["seconds"]
        self._known: dict[str, tuple[dict[int, list[str]], dict[int, int]]] = {}

    def of(self, path: str, now: str) -> tuple[dict[int, list[str]], dict[int, int]]:
        """The tests that ran each line of a module; and where its lines, as they are now, stood then."""
        if path not in self._known:
            before = self.folder / path
            then = before.read_text(encoding="utf-8").splitlines() if before.exists() else []
            blocks = SequenceMatcher(None, now.splitlines(), then, autojunk=False).get_matching_blocks()
            where = {one.a + i + 1: one.b + i + 1 for one in blocks for i in range(one.size)}
            self._known[path] = self.data.contexts_by_lineno(f"{self.root}/{path}"), where
        return self._known[path]


class Covering:
    """What tests cover of the package."""

    def __init__(self, root: Path, parts: Sequence[Part]) -> None:
        """`parts`: the newest last."""
        self.root, self.parts = root, parts
        self.part_of = {name: part for part in parts for name in part.digests}
        self.seconds = {
            test: took for part in parts for test, took in part.seconds.items() if self._is_newest(part, test)
        }

    def tests(self, path: str, lines: tuple[int, int]) -> tuple[list[str], list[str]]:
        """The tests that run these lines, and others that run any of this module; or any, where it has but names."""
        now = (self.root / path).read_text(encoding="utf-8")
        there = set[str]()
        for part in self.parts:
            by_line, _ = part.of(path, now)
            there |= {test for tests in by_line.values() for test in tests if self._is_newest(part, test)}
        there &= self.seconds.keys()
        here = self._running(path, now, range(lines[0], lines[1] + 1))
        if not here:  # but as it is imported
            here = self._running(path, now, lines_that_read(now, lines))
        return sorted(here), sorted((there or self.seconds.keys()) - here)

    def _running(self, path: str, now: str, lines: Iterable[int]) -> set[str]:
        found = set[str]()
        for part in self.parts:
            by_line, where = part.of(path, now)
            stood = {where[line] for line in lines if line in where}
            found |= {test for line in stood for test in by_line.get(line, ()) if self._is_newest(part, test)}
        return found & self.seconds.keys()

    def _is_newest(self, part: Part, test: str) -> bool:
        return any(self.part_of.get(name) is part for name in (test, test.partition("::")[0], test.partition("[")[0]))


def lines_that_read(source: str, lines: tuple[int, int]) -> list[int]:
    """The lines of a module that have a name that some lines of it bind outside of all functions."""
    bound = {
        name.id
        for statement in ast.parse(source).body
        if lines[0] <= statement.lineno <= lines[1]
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    read = ast.walk(ast.parse(source))
    return sorted({name.lineno for name in read if isinstance(name, ast.Name) and name.id in bound})


def is_plain(path: str) -> bool:
    """Whether a module is of what is compiled, and so runs as plain Python where it is changed."""
    return path.startswith("mcfsm/kernel/") and Path(path).stem not in COMPILING


def covering(root: Path, kept: Path, tests: Sequence[str], *, plain: bool) -> Covering:
    """What these tests cover; asked of those that have changed since it was asked."""
    kept = kept / ("plain" if plain else "compiled")
    digests = {name: _digest(root, name) for name in _files(root, tests) if not plain or name.startswith(OF_UNITS)}
    parts = [Part(folder) for folder in sorted(kept.glob("*")) if (folder / "told").exists()]
    known = {name: digest for part in parts for name, digest in part.digests.items()}
    asked = [name for name, digest in digests.items() if known.get(name) != digest]
    if asked:
        said = f"which tests run what{', the kernel as plain Python' * plain}"
        print(f"{said}: of {len(asked)} files of tests, once", flush=True)
        folder = kept / f"{len(parts):06}"
        shutil.rmtree(folder, ignore_errors=True)
        for path in sorted((root / "mcfsm").rglob("*.py")):
            (folder / path.relative_to(root)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / path.relative_to(root))
        about = {name: digests[name] for name in asked}

        def plugins() -> list[object]:
            return [Recorder(root, folder, about, kernel=plain), *[Plain()] * plain]

        options = ["-m", MARKS, *(f"--deselect={test}" for test in NOT_TRACED)]
        ended = Session(root, asked, limit=LONGEST, options=options, plugins=plugins).ended()
        assert (folder / "told").exists(), f"tests without a mutant: {ended}"
        parts.append(Part(folder))
    return Covering(root, parts)


def _files(root: Path, tests: Sequence[str]) -> list[str]:
    """Files of tests, where folders are named all that are in these; ids as they are."""
    return [
        str(path.relative_to(root)) if path.is_file() else test
        for test in tests
        for path in (sorted((root / test).rglob("test_*.py")) or [root / test])
    ]


def _digest(root: Path, name: str) -> str:
    """The SHA-256 of a file of tests."""
    return hashlib.sha256((root / name.partition("::")[0]).read_bytes()).hexdigest()


class Recorder:
    """Notes for each test that passes the lines that it runs and its seconds."""

    def __init__(self, root: Path, folder: Path, digests: dict[str, str], *, kernel: bool) -> None:
        self.root, self.folder, self.digests, self.kernel = root, folder, digests, kernel
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        inside = str(root / "mcfsm")
        rooms, left_out = (f"{inside}/kernel/*", []) if kernel else (f"{inside}/*", [f"{inside}/kernel/*"])
        lines = str(folder / "lines.unfinished")
        self.coverage = Coverage(lines, config_file=False, include=[rooms], omit=left_out)
        self.coverage.start()
        self.coverage.switch_context("import")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items if self.kernel else ():
            item.add_marker(pytest.mark.timeout(LONGEST_PLAIN), append=False)  # before one that it has

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        before = time.process_time()  # another program may have the processor
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - before
            self.coverage.switch_context("import")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        self.coverage.save()
        os.replace(self.folder / "lines.unfinished", self.folder / "lines")
        passed = {test: round(took, 4) for test, took in self.seconds.items() if test not in self.failed}
        kept = {"root": str(self.root), "digests": self.digests, "seconds": passed}
        (self.folder / "told").write_text(json.dumps(kept), encoding="utf-8")
