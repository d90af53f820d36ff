"""Which tests run which lines, and how long each takes: coverage with a context for each test, kept until files change.

Compiled code is not traced. So there are two runs: one of all tests, and one of those of units and of models that are
kept, with the kernel as plain Python and traced, less those that take too long or need it compiled.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from mutation.session import Plain, Session

MARKS = "not graphviz and not slow and not process and not long"  # as make quick
OF_UNITS = ("tests/unit", "tests/conformance")
# what stops work from outside stops the tracer of its lines instead, and is lost
NOT_TRACED = ("tests/unit/test_stopping.py",)
LONGEST_PLAIN = 10  # seconds of a test with the kernel in plain Python
LONGEST = 3600.0  # seconds for all of them
# what has the kernel compiled, or keeps it: with that, plain Python says nothing
COMPILING = ("jit", "native", "folder", "compiling", "numba_cache", "compilations", "instructions")


class Covering:
    """What some tests cover of the package."""

    def __init__(self, folder: Path) -> None:
        self.data = CoverageData(str(folder / "lines"))
        self.data.read()
        kept = json.loads((folder / "seconds").read_text(encoding="utf-8"))
        self.root, self.seconds = Path(kept["root"]), dict[str, float](kept["seconds"])

    def tests(self, path: str, lines: tuple[int, int]) -> tuple[list[str], list[str]]:
        """The tests that run these lines, the fastest first; and others that run any of this module."""
        by_line = self.data.contexts_by_lineno(str(self.root / path))
        here = {test for line in range(lines[0], lines[1] + 1) for test in by_line.get(line, ())}
        there = {test for tests in by_line.values() for test in tests}
        return self._sorted(here), self._sorted(there - here)

    def _sorted(self, tests: set[str]) -> list[str]:
        return sorted((test for test in tests if test in self.seconds), key=lambda test: (self.seconds[test], test))


def is_plain(path: str) -> bool:
    """Whether a module is of what is compiled, and so runs as plain Python where it is changed."""
    return path.startswith("mcfsm/kernel/") and Path(path).stem not in COMPILING


def covering(root: Path, kept: Path, tests: Sequence[str], *, plain: bool) -> Covering:
    """What these tests cover, from what is kept where no file has changed."""
    name = hashlib.sha256(f"{digest(root)} {tests} {plain}".encode()).hexdigest()[:16]
    folder = kept / name
    if not (folder / "seconds").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lines").unlink(missing_ok=True)
        asked = [test for test in tests if not plain or test.startswith(OF_UNITS)]

        print(f"which tests run what{', the kernel as plain Python' * plain}: some minutes, once", flush=True)

        def plugins() -> list[object]:
            return [Recorder(root, folder, kernel=plain), *[Plain()] * plain]

        options = ["-m", MARKS, *(f"--deselect={test}" for test in NOT_TRACED)]
        ended = Session(root, asked, limit=LONGEST, options=options, plugins=plugins).ended()
        assert (folder / "seconds").exists(), f"tests without a mutant: {ended}"
    return Covering(folder)


def digest(root: Path) -> str:
    """The SHA-256 of every source file and test, but for these here."""
    found = hashlib.sha256()
    for folder in ("mcfsm", "tests", "models"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and not {"__pycache__", "mutation"}.intersection(path.relative_to(root).parts):
                found.update(f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


class Recorder:
    """Notes for each test that passes the lines that it runs and its seconds."""

    def __init__(self, root: Path, folder: Path, *, kernel: bool) -> None:
        self.root, self.folder, self.kernel = root, folder, kernel
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
        try:
            return (yield)
        finally:
            self.coverage.switch_context("import")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        self.coverage.save()
        os.replace(self.folder / "lines.unfinished", self.folder / "lines")
        passed = {test: round(took, 4) for test, took in self.seconds.items() if test not in self.failed}
        kept = {"root": str(self.root), "seconds": passed}
        (self.folder / "seconds").write_text(json.dumps(kept), encoding="utf-8")
