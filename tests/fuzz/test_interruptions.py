"""Ctrl-C, a limit and failures at any call: what was decided is told, and nothing that is not so.

A check is stopped at its n-th call of a function, for many n: the same moment on every machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest

from fuzz import inputs
from fuzz.asking import STATUSES, Said, ask
from mcfsm.explore.stopping import Stopped
from mcfsm.language.files import reader

# what is raised where a generator is thrown away is lost, as it is in the destructors of C; the watch brings it again
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]
SEED, FEW, MANY = 20, 12, 2000
READY = ("--engine", "reference", "--max-states", "40", "--reading", "polite=all")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(inputs.SMALL, encoding="utf-8")
    return path


def at_call(number: int, raised: Callable[[], BaseException] | None, work: Callable[[], Said]) -> tuple[Said, int]:
    """What comes of work in which something is raised at the n-th call of a function of ours; how many there were."""
    calls = 0

    def note(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls
        if event == "call" and "/mcfsm/" in frame.f_code.co_filename and "/fuzz/" not in frame.f_code.co_filename:
            calls += 1
            if calls == number and raised is not None:
                raise raised()

    sys.setprofile(note)
    try:
        return work(), calls
    finally:
        sys.setprofile(None)


def decided(said: Said) -> dict[tuple[str, str, str], str]:
    """What the JSON of a check says is decided."""
    found = json.loads(said.out)
    return {
        (one["scenario"], one["readings"]["polite"], told["id"]): told["status"]
        for one in found["scenarios"]
        for told in one["properties"]
        if told["status"] != "INCOMPLETE"
    }


def moments(most: int, count: int) -> Iterator[int]:
    """Random calls among so many."""
    rnd = Random(SEED)
    return (rnd.randrange(1, most) for _ in range(count))


def assert_told(
    small: Path, count: int, raised: Callable[[], BaseException], statuses: set[int], *more: str
) -> tuple[int, int]:
    """Stop a check at so many moments; how often nothing was decided, and how often something was."""

    def work() -> Said:
        reader._shaped.cache_clear()  # each is ended while files are read, too
        return ask("check", small, *READY, *more, "--json", "-")

    whole, calls = at_call(0, None, work)
    everything, nothing = decided(whole), 0
    assert len(everything) > 15
    for number in moments(calls, count):
        said, _ = at_call(number, raised, work)
        assert said.status in statuses, (number, said.err)
        assert not said.defect, (number, said.err)
        told = decided(said)
        assert told.items() <= everything.items(), number
        found = json.loads(said.out)
        assert found["exit_status"] == said.status
        nothing += not told
        if told != everything and found.get("left") is not None:
            assert said.status in (1, 2)
    return nothing, count - nothing


def test_a_signal_at_any_moment(small: Path) -> None:
    nothing, something = assert_told(small, FEW, lambda: Stopped("SIGTERM"), {0, 1, 2})
    assert nothing > 2
    assert something > 2


def test_a_signal_at_any_moment_of_the_compiled_search(small: Path) -> None:
    nothing, something = assert_told(small, FEW, lambda: Stopped("SIGTERM"), {0, 1, 2}, "--engine", "exhaustive")
    assert nothing + something == FEW


@pytest.mark.slow
def test_a_signal_at_many_moments(small: Path) -> None:
    assert_told(small, MANY, lambda: Stopped("SIGTERM"), {0, 1, 2})
    assert_told(small, MANY, KeyboardInterrupt, {0, 1, 2})
    assert_told(small, MANY, lambda: Stopped("SIGTERM"), {0, 1, 2}, "--engine", "exhaustive")


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "raised", [lambda: MemoryError(), lambda: OSError(28, "No space left on device")], ids=["memory", "disk"]
)
def test_a_failure_at_any_call(small: Path, count: int, raised: Callable[[], BaseException], tmp_path: Path) -> None:
    """Memory or disk that runs out at any call: a status that says so, and the report of before or a whole one."""
    report = tmp_path / "report.json"
    report.write_text('"the one before"', encoding="utf-8")

    def work() -> Said:
        return ask("check", small, *READY, "--json", report)

    _, calls = at_call(0, None, work)
    for number in moments(calls, count):
        report.write_text('"the one before"', encoding="utf-8")
        said, _ = at_call(number, raised, work)
        assert said.status in STATUSES - {0}, (number, said.err)
        assert "defect of mcfsm" not in said.err, (number, said.err)
        found = json.loads(report.read_text(encoding="utf-8"))
        assert found == "the one before" or found["exit_status"] in STATUSES
        assert {path.name for path in tmp_path.iterdir()} == {"small.yaml", "report.json"}


@pytest.mark.parametrize("count", [FEW // 3, pytest.param(MANY // 4, marks=pytest.mark.slow)])
def test_a_signal_while_evidence_is_written_and_verified(small: Path, count: int, tmp_path: Path) -> None:
    """What is in the file is true, and no signal has a true file refused."""
    file, asked = tmp_path / "evidence.gz", ("check", small, *READY, "--json", "-", "--evidence")
    whole, calls = at_call(0, None, lambda: ask(*asked, file))
    everything = decided(whole)
    for at, number in enumerate(moments(calls, count)):
        cut = tmp_path / f"{at}.gz"
        said, _ = at_call(number, lambda: Stopped("SIGTERM"), lambda cut=cut: ask(*asked, cut))  # type: ignore[misc]
        assert not said.defect, (number, said.err)
        assert decided(said).items() <= everything.items()
        if cut.exists():
            assert ask("verify", cut, "--json", "-").status == 0, number
    whole, calls = at_call(0, None, lambda: ask("verify", file, "--json", "-"))
    assert whole.status == 0
    for number in moments(calls, count):
        said, _ = at_call(number, lambda: Stopped("SIGTERM"), lambda: ask("verify", file, "--json", "-"))
        assert said.status in (0, 2), (number, said.err)
        assert not said.defect, (number, said.err)
