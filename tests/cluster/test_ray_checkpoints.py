"""A search on a Ray cluster whose asking process is killed: what it wrote is gone on with, on a cluster and here."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("ray")

from test_ray_states import LONG, answer, asked, residents

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("ray")]
KILLS = 8
WAIT = 120.0  # seconds


@pytest.fixture(autouse=True)
def folders() -> Iterator[None]:
    """What Ray logged stays where who asked is killed."""
    before = set(Path("/tmp").glob("mcfsm-ray-*"))
    yield
    for folder in set(Path("/tmp").glob("mcfsm-ray-*")) - before:
        shutil.rmtree(folder, ignore_errors=True)


def option(where: Path) -> tuple[str, str]:
    """How the next check is to be told of a folder: the first may have been killed before it wrote there."""
    return "--resume" if (where / "checkpoint.json").exists() else "--checkpoint", str(where)


def gone(process: subprocess.Popen[str]) -> None:
    """Kill who asks, and wait until none of its owners is left."""
    process.kill()
    process.communicate(timeout=WAIT)
    ends = time.monotonic() + WAIT
    while residents("ray::Resident") and time.monotonic() < ends:
        time.sleep(0.1)
    assert not residents("ray::Resident")


def expands(process: subprocess.Popen[str]) -> bool:
    """Whether it comes to expand states: where the last level was written before, nothing is left to be expanded."""
    ends = time.monotonic() + WAIT
    while process.poll() is None:
        if residents():
            return True
        assert time.monotonic() < ends, "it never came, and never ended"
        time.sleep(0.01)
    return False


@pytest.mark.timeout(3000)
def test_who_asks_is_killed_and_nothing_is_lost(tmp_path: Path) -> None:
    """At random moments, each time gone on with elsewhere: with other owners, or without any."""
    chance, kills, run, here = random.Random(53), 0, 0, answer(asked(*LONG, "--all"))
    while kills < KILLS:
        where, run = tmp_path / f"run{run}", run + 1
        for owners in (2, 3, 1):
            process = asked(*LONG, "--all", "--cluster", f"local:{owners}", *option(where))
            if expands(process):
                time.sleep(chance.uniform(0.1, 4.0))
                kills += process.poll() is None
            gone(process)
        ends = ["--cluster", "local:2"] if run % 2 else ["--workers", "2"]
        assert answer(asked(*LONG, "--all", *ends, *option(where))) == here


@pytest.mark.timeout(1200)
def test_what_was_begun_here_goes_on_there(tmp_path: Path) -> None:
    where, here = tmp_path / "run", answer(asked(*LONG, "--all"))
    assert answer(asked(*LONG, "--all", "--max-depth", "12", "--checkpoint", str(where))) != here
    assert list(where.glob("*.npz"))
    assert answer(asked(*LONG, "--all", "--cluster", "local:2", *option(where))) == here
    assert not list(where.glob("*.npz"))


@pytest.mark.timeout(1200)
def test_another_question_is_refused(tmp_path: Path) -> None:
    where = tmp_path / "run"
    answer(asked(*LONG, "--max-depth", "3", "--cluster", "local:2", "--checkpoint", str(where)))
    other = [*LONG[:-1], "moves=2"]
    process = asked(*other, "--cluster", "local:2", *option(where))
    _, said = process.communicate(timeout=WAIT)
    assert process.returncode == 4
    assert "its checkpoint is of another question" in " ".join(said.split())
