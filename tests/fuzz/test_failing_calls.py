"""The n-th call that a system can refuse is refused, for n = 1, 2, ... until a run comes through, as in SQLite's tests.

Opening for writing, making, renaming and changing files, once or from then on (the disk is full), and writing beyond
so many bytes. Whatever fails: no verdict is lost, no file is torn, nothing is left lying about, and no traceback is
printed.
"""

from __future__ import annotations

import errno
import os
import re
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fuzz import inputs
from fuzz.asking import Said, ask

pytestmark = pytest.mark.long
CHECK = ("check", "--engine", "reference", "--max-states", "40", "--no-cache")
GOING_ON = ("check", "--scenario", "s", "--max-depth", "6", "--workers", "1")  # with the engine that writes levels
LINE = re.compile(r"^  (PROVED|VIOLATED|VACUOUS|INCOMPLETE)\S* .*$", re.MULTILINE)
FULL = OSError(errno.ENOSPC, "No space left on device")
Work = Callable[[Path], Said]


class Refusal:
    """Refuses the n-th call about files in a folder, and where that lasts all after it; what is removed is never."""

    CALLS = frozenset({"open", "os.mkdir", "os.rename", "os.chmod", "tempfile.mkstemp", "tempfile.mkdtemp"})
    active: Refusal | None = None

    def __init__(self, folder: Path, number: int, *, lasting: bool) -> None:
        self.folder, self.number, self.lasting, self.calls = str(folder), number, lasting, 0

    def __enter__(self) -> Refusal:
        Refusal.active = self
        return self

    def __exit__(self, *_: object) -> None:
        Refusal.active = None

    def look(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise where a call is refused."""
        if event not in self.CALLS or not str(arguments[0]).startswith(self.folder):
            return
        if event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        self.calls += 1
        if self.calls == self.number or (self.lasting and self.calls > self.number):
            raise OSError(errno.ENOSPC, "No space left on device", str(arguments[0]))


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if Refusal.active is not None:
        Refusal.active.look(event, arguments)


sys.addaudithook(_watch)  # nobody can take it away again, but it does nothing by itself


@contextmanager
def no_more_than(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes: what is written goes into it as far as it has room."""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))
        signal.signal(signal.SIGXFSZ, ignored)


def files(folder: Path) -> dict[str, bytes]:
    """What is in a folder, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(inputs.SMALL, encoding="utf-8")
    return path


def works(model: Path) -> dict[str, Work]:
    """What writes files, into a folder."""
    return {
        "check --json": lambda out: ask(*CHECK, model, "--json", out / "report.json"),
        "check --format": lambda out: ask(
            *CHECK, model, *(f"--format={name}={out / name}" for name in ("junit", "sarif", "markdown"))
        ),
        "check --save-flows": lambda out: ask(*CHECK, model, "--save-flows", out / "flows"),
        "check --save-tests": lambda out: ask(*CHECK, model, "--save-tests", out / "flows"),
        "check --evidence": lambda out: ask(*CHECK, model, "--evidence", out / "evidence.gz"),
        "export": lambda out: ask("export", model, "--scenario", "s", "--to", "promela", "-o", out / "s.pml"),
        "export, two files": lambda out: ask("export", model, "--scenario", "s", "--to", "tla", "-o", out / "s.tla"),
        "draw FILE": lambda out: ask("draw", model, "--role", "called", "-o", out / "called.svg"),
        "draw FOLDER": lambda out: ask("draw", model, "--everything", "-o", out / "drawn"),
        "clauses --page": lambda out: ask("clauses", model, "--page", out / "a.md", "--assumptions", out / "b.md"),
        "new": lambda out: ask("new", out / "fresh"),
        "overview --json": lambda out: ask("overview", model, "--scenario", "s", "--json", out / "overview.json"),
    }


NAMES = tuple(works(Path()))
LONG = {"draw FOLDER", "check --save-tests", "export"}  # flows are saved, and two files exported, in the same way


def assert_nothing_lost(said: Said, whole: Said, before: dict[str, bytes], after: dict[str, bytes], out: Path) -> None:
    """That each file is as it was or as it becomes, that there is no other, and that all verdicts are told."""
    assert not said.defect, said.err
    for name, content in files(out).items():
        assert same(content, after.get(name)) or same(content, before.get(name)), f"{name} is torn"
    told = LINE.findall(said.out)
    assert not told or told == LINE.findall(whole.out)


def same(one: bytes, other: bytes | None) -> bool:
    """Whether two files are the same but for their times."""
    return other is not None and _timeless(one) == _timeless(other)


def _timeless(content: bytes) -> bytes:
    return re.sub(
        rb'"?(seconds|time|timing|phases)"?[:=] *("[\d.]+"|[\d.]+|\{[^{}]*(\{[^{}]*\}[^{}]*)*\})', b"", content
    )


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in NAMES])
def test_every_call_that_may_be_refused(name: str, lasting: bool, model: Path, tmp_path: Path) -> None:
    work = works(model)[name]
    (tmp_path / "whole").mkdir()
    whole = work(tmp_path / "whole")
    after = files(tmp_path / "whole")
    assert after
    refused = 0
    for number in range(1, 200):
        out = tmp_path / f"out{number}"
        out.mkdir()
        with Refusal(out, number, lasting=lasting) as refusal:
            said = work(out)
        if refusal.calls < number:
            assert said.status == whole.status
            break
        refused += 1
        assert said.status in (whole.status, 4), said.err
        assert said.status == 4 or files(out).keys() == after.keys()  # it went another way
        assert_nothing_lost(said, whole, {}, after, out)
    assert refused >= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_disk_with_room_for_a_part(name: str, model: Path, tmp_path: Path) -> None:
    """What was there before stays, until the new is there as a whole."""
    work = works(model)[name]
    (tmp_path / "whole").mkdir()
    whole = work(tmp_path / "whole")
    after = files(tmp_path / "whole")
    sizes = sorted({0, 1, *(max(0, len(content) + more) for content in after.values() for more in (-1,))})
    for number, size in enumerate(sizes[:8]):
        out = tmp_path / f"out{number}"
        out.mkdir()
        with no_more_than(size):
            said = work(out)
        assert_nothing_lost(said, whole, {}, after, out)
        assert not any(path.name.startswith(".") and path.is_file() for path in out.iterdir())
    out = tmp_path / "again"
    out.mkdir()
    with no_more_than(max(sizes) + 65536):
        assert work(out).status == whole.status
    if name != "new":
        with no_more_than(1):
            said = work(out)
        assert_nothing_lost(said, whole, after, after, out)
        assert files(out).keys() == after.keys()


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_a_checkpoint_that_cannot_be_written(lasting: bool, model: Path, tmp_path: Path) -> None:
    """No verdict is lost, and who goes on from what is there finds the same."""
    (tmp_path / "whole").mkdir()
    whole = ask(*GOING_ON, model, "--checkpoint", tmp_path / "whole" / "levels")
    begun = 0
    for number in range(1, 200):
        out = tmp_path / f"out{number}"
        out.mkdir()
        with Refusal(out, number, lasting=lasting) as refusal:
            said = ask(*GOING_ON, model, "--checkpoint", out / "levels")
        assert not said.defect, said.err
        if said.status == 4:  # it was tried before the search
            assert "nothing can be written there" in said.err
        else:
            assert said.status == whole.status
            assert LINE.findall(said.out) == LINE.findall(whole.out)
            assert refusal.calls < number or not lasting or "could not be written" in said.err
            again = ask(*GOING_ON, model, "--resume", out / "levels")
            assert LINE.findall(again.out) == LINE.findall(whole.out)
            begun += 1
        if refusal.calls < number:
            break
    assert begun >= 3


def test_a_checkpoint_with_room_for_a_part(model: Path, tmp_path: Path) -> None:
    whole = ask(*GOING_ON, model, "--checkpoint", tmp_path / "whole")
    for number, size in enumerate([0, 1, 120, 200, 1000, 4000, 16000]):
        out = tmp_path / f"out{number}"
        with no_more_than(size):
            said = ask(*GOING_ON, model, "--checkpoint", out)
        assert not said.defect, said.err
        if said.status == 4:
            assert "nothing can be written there" in said.err
            assert size < 120
        else:
            assert LINE.findall(said.out) == LINE.findall(whole.out)
            assert LINE.findall(ask(*GOING_ON, model, "--resume", out).out) == LINE.findall(whole.out)
