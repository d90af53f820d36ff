"""The states of one model at owners on a Ray cluster of several processes on this machine."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray")

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("ray")]
ROOT = Path(__file__).parents[2]
SMALL = ["models/textbook/two_phase_commit.yaml", "--scenario", "three"]
LONG = ["benchmarks/models/migration_core.yaml", "--scenario", "core", "--set", "users=4", "--set", "moves=3"]
WAIT = 600.0  # seconds


def asked(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mcfsm", "check", *arguments, "--no-cache", "--json", "-"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def timeless(told: Any) -> Any:
    """What was told, without how long it took."""
    if isinstance(told, dict):
        return {key: timeless(value) for key, value in told.items() if key not in ("seconds", "timing")}
    return [timeless(one) for one in told] if isinstance(told, list) else told


def answer(process: subprocess.Popen[str]) -> Any:
    told, said = process.communicate(timeout=WAIT)
    assert told, said
    return timeless(json.loads(told))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("owners", [1, 2, 4])
def test_the_answer_is_the_same(owners: int) -> None:
    assert answer(asked(*SMALL, "--cluster", f"local:{owners}")) == answer(asked(*SMALL))


def residents(doing: str = "ray::Resident.expand") -> list[int]:
    """The processes that own states and do something."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                title = (folder / "cmdline").read_bytes().replace(b"\0", b" ").strip()
                mine = folder.stat().st_uid == os.getuid()
            except OSError:
                continue
            if mine and title.startswith(doing.encode()):
                found.append(int(folder.name))
    return found


def until_it_expands(process: subprocess.Popen[str]) -> list[int]:
    ends = time.monotonic() + WAIT
    while time.monotonic() < ends and process.poll() is None:
        found = residents()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"it never came: {process.communicate()}")


@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("owners", "times"), [(1, 1), (2, 10), (4, 3)])
def test_owners_that_are_killed_lose_nothing(owners: int, times: int) -> None:
    """At random moments, each at least once with the question, until so many were killed."""
    chance, killed, here = random.Random(owners), 0, answer(asked(*LONG, "--all"))
    while killed < times:
        process = asked(*LONG, "--all", "--cluster", f"local:{owners}")
        until_it_expands(process)
        while killed < times and process.poll() is None:
            time.sleep(chance.uniform(0.1, 1.5))
            owning = residents("ray::Resident.")
            if owning:
                with suppress(ProcessLookupError):
                    os.kill(chance.choice(owning), signal.SIGKILL)
                    killed += 1
        assert answer(process) == here


@pytest.mark.timeout(1200)
def test_no_process_stays_of_a_check_that_is_killed() -> None:
    process = asked(*LONG, "--cluster", "local:2")
    until_it_expands(process)
    process.kill()
    process.communicate(timeout=WAIT)
    ends = time.monotonic() + WAIT
    while residents("ray::") and time.monotonic() < ends:
        time.sleep(0.1)
    assert not residents("ray::")


@pytest.mark.timeout(1200)
def test_ctrl_c_ends_it_with_what_is_known() -> None:
    process = asked(*LONG, "--cluster", "local:2")
    until_it_expands(process)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert answer(process)["scenarios"][0]["stopped"] == "Ctrl-C"
