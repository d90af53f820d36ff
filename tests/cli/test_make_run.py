"""`make run`, which compiles in the background what it shows next: interrupted, it leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SLOW = '#!/bin/sh\necho $$ >> "{folder}/begun"\necho "compiled a part of the search" >&2\nexec sleep {seconds}\n'


def begin(folder: Path, seconds: float) -> subprocess.Popen[str]:
    """`make run` of a folder whose mcfsm does nothing for a while, in a process group of its own."""
    shutil.copy(ROOT / "Makefile", folder)
    (folder / ".venv/bin").mkdir(parents=True)
    program = folder / ".venv/bin/mcfsm"
    program.write_text(SLOW.format(folder=folder, seconds=seconds))
    program.chmod(0o755)
    (folder / ".venv/bin/python").touch()
    (folder / "pyproject.toml").touch()
    (folder / ".venv/installed").touch()
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    how: dict[str, Any] = {"stdout": subprocess.PIPE, "text": True, "start_new_session": True, "env": alone}
    # tests that were begun in the background have it ignored, and so would the shell
    how["preexec_fn"] = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(["make", "run"], cwd=folder, **how)


def runs(process: int) -> bool:
    """Whether a process is there that has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(true: object, *, seconds: float = 20) -> None:
    """Wait until something is so."""
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.process
@pytest.mark.skipif(
    not Path("/proc/self/stat").is_file() or shutil.which("make") is None, reason="asks Linux, and make"
)
def test_an_interrupted_run_ends_what_it_began(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    make = begin(tmp_path, 60)
    until(lambda: begun.is_file() and len(begun.read_text().split()) == 3)
    os.killpg(make.pid, signal.SIGINT)  # as Ctrl-C does
    make.communicate(timeout=20)
    assert make.returncode != 0
    until(lambda: not any(map(runs, map(int, begun.read_text().split()))))


@pytest.mark.process
@pytest.mark.skipif(shutil.which("make") is None, reason="asks make")
def test_what_was_compiled_is_said(tmp_path: Path) -> None:
    said, _ = begin(tmp_path, 0.1).communicate(timeout=20)
    assert said.splitlines()[:2] == ["compiled a part of the search"] * 2
