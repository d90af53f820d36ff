"""Limits in real control groups: nothing is killed, what was found is told. `fuzz.control_groups` measures more."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fuzz import control_groups as groups
from mcfsm.host.memory import group_limits

pytestmark = pytest.mark.process
SIZE = 300 << 20


@pytest.fixture(scope="module", autouse=True)
def real_groups() -> None:
    why = groups.cannot()
    if why is not None:
        pytest.skip(why)


def test_the_limit_of_the_group_around_its_own_counts() -> None:
    with groups.group(SIZE) as outer, groups.group(None, outer) as inner:
        asking = [sys.executable, "-c", "from mcfsm.host.memory import memory_there; print(memory_there())"]
        ended = groups.run_in(inner, asking)
    assert (ended.status, ended.said) == (0, f"{SIZE}\n")


def test_the_limit_of_the_group_around_counts_where_that_is_not_seen(tmp_path: Path) -> None:
    """In a container the folder of its own group stands where that of the outermost does."""
    (tmp_path / "cgroup").write_text("4:memory:/pod/box\n", encoding="ascii")
    with groups.group(SIZE) as outer, groups.group(None, outer) as inner:
        (tmp_path / "memory").symlink_to(inner)
        assert list(group_limits(tmp_path / "cgroup", tmp_path)) == [SIZE]


@pytest.mark.slow
@pytest.mark.parametrize("limit", [None, "300M"], ids=["of the group", "given"])
@pytest.mark.parametrize("name", groups.QUESTIONS)
def test_nothing_is_killed(name: str, limit: str | None) -> None:
    ended = groups.asked(name, SIZE if limit is None else 4 * SIZE, limit)
    assert not groups.is_wrong(ended, SIZE * (groups.SHARE if limit is None else 1)), ended


@pytest.mark.slow
def test_a_violation_nine_steps_deep_is_told_where_there_is_no_room_for_all_states() -> None:
    ended = groups.asked("safety, migration core", 600 << 20)
    assert (ended.status, ended.killed) == (2, 0)
    assert "VIOLATED (expected)  record_current  9 steps, shortest" in ended.said


@pytest.mark.slow
def test_what_takes_more_than_its_group_has_is_seen_to_be_killed() -> None:
    """So that the tests above can fail."""
    ended = groups.asked("safety, migration core", SIZE, "8G")
    assert (ended.status, ended.killed) == (-9, 1)
    assert groups.is_wrong(ended, SIZE)
