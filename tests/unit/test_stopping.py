"""Limits that hold wherever the work is: the watch, what memory there is, and what becomes of who is stopped."""

from __future__ import annotations

import _thread
import ctypes
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest
from building import WIDE, build, write

from mcfsm.commands.cli import run as run_command
from mcfsm.explore import exhaustive, reference, stopping, store
from mcfsm.explore.findings import Limits
from mcfsm.explore.stopping import (
    INTERRUPTED,
    TERMINATED,
    Stopped,
    Watch,
    _watches,
    as_held_before,
    ended_by,
    listen,
    make_sure_of_room_to_compile,
    noted,
    told_to_the_end,
)
from mcfsm.host import memory
from mcfsm.questions import check as questions
from mcfsm.questions.check import check
from mcfsm.verdicts import verdict
from mcfsm.verdicts.run import Effort, run

# what is raised in a destructor or a callback of the collector is lost; the watch brings it again
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


# ---- what there is


def groups(folder: Path, text: str, limits: dict[str, str]) -> list[int]:
    """The limits of a process that is in these groups, where the files of groups hold these texts."""
    (folder / "cgroup").write_text(text, encoding="utf-8")
    for name, limit in limits.items():
        file = folder / "groups" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(limit, encoding="utf-8")
    return sorted(memory.group_limits(folder / "cgroup", folder / "groups"))


def test_the_limit_of_a_control_group_and_of_those_around_it(tmp_path: Path) -> None:
    limits = {"a/b/memory.max": "629145600\n", "a/memory.max": "max\n", "a/memory.high": "700000000\n"}
    assert groups(tmp_path, "0::/a/b\n", limits) == [629145600, 700000000]


def test_the_limit_of_a_control_group_of_version_1(tmp_path: Path) -> None:
    limits = {
        "memory/box/memory.limit_in_bytes": "314572800\n",
        "memory/memory.limit_in_bytes": "9223372036854771712\n",  # none
        "cpu/box/memory.limit_in_bytes": "5\n",
    }
    assert groups(tmp_path, "4:memory:/box\n2:cpu:/box\nnonsense\n", limits) == [314572800]


def test_the_limit_of_a_control_group_around_those_that_a_container_sees(tmp_path: Path) -> None:
    """Its own group is the root there, and what the system says of its limits has those of the groups around it."""
    limits = {
        "memory/memory.limit_in_bytes": "9223372036854771712\n",
        "memory/memory.stat": "cache 5\nhierarchical_memory_limit 314572800\nhierarchical_memsw_limit 7\n",
    }
    assert groups(tmp_path, "4:memory:/pod/box\n", limits) == [314572800]


@pytest.mark.parametrize(("size", "said"), [(500, "500"), (1 << 10, "1K"), (300 << 20, "300M"), (3 << 29, "1.5G")])
def test_a_limit_of_memory_is_said_as_it_is_given(size: int, said: str) -> None:
    assert Limits(max_memory=size).at_once(seconds=0, memory=size + 1) == f"--max-memory {said}"


def test_no_groups_at_all(tmp_path: Path) -> None:
    assert list(memory.group_limits(tmp_path / "none", tmp_path)) == []
    assert 0 < memory.memory_allowed() < memory.physical_memory()


def test_no_more_is_reserved_than_there_are_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "addresses_left", lambda: None)
    assert store.region_bits(2, 2, 1 << 34) == 30
    assert store.region_bits(2, 2, 300 << 20) == 24
    monkeypatch.setattr(store, "addresses_left", lambda: 4 << 30)
    bits = store.region_bits(2, 2, 1 << 34)
    assert 2 * (1 << bits) * 8 * (2 + 4 + 2) < 4 << 30
    monkeypatch.setattr(store, "addresses_left", lambda: 0)
    assert 1 << store.region_bits(2, 2, 1 << 34) == store.LEAST_REGION


# ---- the watch


def busy(seconds: float, hoard: list[bytearray] | None = None) -> None:
    """Work in Python that looks at no limit."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if hoard is not None:
            hoard.append(bytearray(1 << 20))
            time.sleep(0.001)


def test_the_watch_ends_what_looks_at_no_clock() -> None:
    began = time.monotonic()
    with pytest.raises(Stopped) as stopped, Watch(Limits(max_seconds=0.1)):
        busy(60)
    assert stopped.value.reason == "--max-seconds 0.1"
    assert time.monotonic() - began < 30


def test_the_watch_ends_what_takes_memory() -> None:
    hoard: list[bytearray] = []
    limit = memory.resident() + (64 << 20)
    with pytest.raises(Stopped) as stopped, Watch(Limits(max_memory=limit)):
        busy(60, hoard)
    assert stopped.value.reason.startswith("--max-memory ")
    assert 32 < len(hoard) < 32_000
    hoard.clear()


def test_what_has_no_room_to_be_compiled_in_is_not_begun() -> None:
    with Watch(Limits(max_memory=memory.resident() + (64 << 20))) as watch, ThreadPoolExecutor(1) as pool:
        make_sure_of_room_to_compile(1 << 20)
        asked = pool.submit(make_sure_of_room_to_compile, 128 << 20)  # as a worker does, under the watch of another
        with pytest.raises(Stopped, match=r"^--max-memory [0-9.]+[MG] \(compiling takes 128M more\)$") as stopped:
            asked.result()
        assert watch.reason == stopped.value.reason


def test_who_takes_long_to_say_what_is_known_is_stopped_again() -> None:
    times = []

    def slow() -> None:
        try:
            busy(60)
        except Stopped:
            times.append(time.monotonic())
            busy(60)

    with pytest.raises(Stopped), Watch(Limits(max_seconds=0.1)):
        slow()
    assert len(times) == 1


def test_who_looks_at_the_clock_has_what_a_limit_may_be_passed_by_to_say_what_is_known() -> None:
    """It may be passed by a second: on a machine that does much else, that is not much."""
    with Watch(Limits(max_seconds=0.05)):
        noted("--max-seconds 0.05")
        busy(0.75)


def test_who_hears_late_that_it_was_stopped_has_time_to_say_what_is_known() -> None:
    """Code in C lets it wait, and however often it was stopped meanwhile, it hears of it once."""
    with Watch(Limits(max_seconds=0.05), grace=0.4) as watch:
        try:
            while watch.reason is None:
                time.sleep(0.01)
        except Stopped as error:
            assert watch._stopped_at is not None
            watch._stopped_at.clock -= 0.39  # as if it had waited for a second, and was stopped again just now
            watch._began -= 1.0
            ended_by(error)
            busy(0.2)


@pytest.mark.long
def test_nothing_is_raised_when_the_watch_is_over() -> None:
    for _ in range(20):
        try:
            with Watch(Limits(max_seconds=0.0)):
                busy(0.29)
        except Stopped:
            pass
        busy(0.02)


def at_the_end_of(watch: Watch, done: Callable[[], object]) -> Callable[[FrameType, str, object], None]:
    """A profiler that has something done where the end of a watch has begun and has done nothing yet."""

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is Watch.__exit__.__code__ and frame.f_locals["self"] is watch:
            done()

    return profile


def ended_while(watch: Watch, done: Callable[[], object]) -> None:
    """Have something done while the watch ends."""
    try:
        with watch:
            sys.setprofile(at_the_end_of(watch, done))
    finally:
        sys.setprofile(None)


def test_a_limit_that_is_passed_while_the_watch_ends_does_not_keep_it_from_ending() -> None:
    def stop() -> None:
        finished: list[None] = []
        _thread.start_new_thread(lambda: finished.append(watch._stop("--max-seconds 1")), ())
        while not finished:
            time.sleep(0.001)

    watch = Watch(Limits())
    with suppress(Stopped):
        ended_while(watch, stop)
    assert watch._over
    assert _watches[threading.get_ident()] == []


def test_a_limit_that_is_seen_to_be_passed_just_before_the_watch_ends_does_not_keep_it_from_ending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who looked may have to wait for the interpreter between its look at what is done, and ending that."""
    looks, note = [], stopping.noted

    def looked(reason: str, thread: int) -> str | None:
        looks.append(note(reason, thread))
        until = time.monotonic() + 30
        while "close" not in names_of(sys._current_frames()[thread]) and time.monotonic() < until:
            time.sleep(0.001)
        return reason

    monkeypatch.setattr(stopping, "noted", looked)
    watch = Watch(Limits(max_seconds=0.0))
    with watch:
        while not looks:
            time.sleep(0.001)
    busy(0.1)
    assert (looks, watch._over) == (["--max-seconds 0"], True)
    assert _watches[threading.get_ident()] == []


def names_of(frame: FrameType | None) -> set[str]:
    """The functions that a thread is in."""
    names = set()
    while frame is not None:
        names.add(frame.f_code.co_name)
        frame = frame.f_back
    return names


@pytest.mark.usefixtures("listening")
def test_a_signal_while_the_watch_ends_comes_when_it_has_ended() -> None:
    watch = Watch(Limits())

    def end() -> None:
        ended_while(watch, lambda: signal.raise_signal(signal.SIGINT))
        busy(60)

    with pytest.raises(Stopped, match=INTERRUPTED):
        end()
    assert watch._over
    assert _watches[threading.get_ident()] == []


def test_no_limit_is_a_number_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no number"):
        Limits(max_seconds=float("nan"))
    assert run_command(["check", "models/textbook/token_ring.yaml", "--max-seconds", "nan"]) == 4
    assert "nan is no number" in capsys.readouterr().err


# ---- limits in one step, with every engine


@pytest.mark.parametrize("engine", ["exhaustive", "reference"])
@pytest.mark.parametrize("property_id", ["small", "moves"])
@pytest.mark.long
def test_one_step_with_millions_of_outcomes_is_stopped(engine: str, property_id: str) -> None:
    model, began = build(WIDE), time.monotonic()
    found = run(model, [property_id], Effort(engine=engine, limits=Limits(max_seconds=0.2)))
    assert [(verdict.id, verdict.status) for verdict in found.verdicts] == [(property_id, "INCOMPLETE")]
    assert "--max-seconds 0.2" in found.verdicts[0].reason
    assert time.monotonic() - began < 30


def test_more_combinations_than_can_be_tried_are_refused_before_any_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(WIDE.replace("e: wide}", "e: wide, f: wide, g: wide}"), tmp_path)
    assert run_command(["check", str(path)]) == 3
    said = capsys.readouterr().err
    assert "M706: one.go.1 leaves 4,750,104,241 combinations of values open; at most 16,777,216 are tried" in said


def test_what_is_known_is_said_where_many_states_are_left_of_a_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle looks at them one by one, which takes longer than there is time to say what is known."""
    judged, search = [], reference._Search
    monkeypatch.setattr(search, "judge", lambda _, state, depth: judged.append((depth, state)))
    monkeypatch.setattr(search, "stopped_at_once", lambda _: "--max-seconds 1" if len(judged) == 2 else None)
    few = WIDE.replace("c: wide, d: wide, e: wide", "c: 0..1").replace("b + c + d + e < 150", "b + c < 30")
    found = reference.explore(build(few), limits=Limits(max_seconds=1))
    assert (found.stopped, found.states) == ("--max-seconds 1", 31)
    assert [depth for depth, _ in judged] == [0, 1]


# ---- signals


@pytest.fixture
def listening() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, signal.SIG_DFL)  # a background job of a shell ignores Ctrl-C, and so would its tests
    listen()
    yield
    stopping._heard.clear()
    for number, hear in before.items():
        signal.signal(number, hear)


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED)])
def test_a_signal_ends_a_check_with_what_it_has(number: int, name: str, tmp_path: Path) -> None:
    ended = iter(range(100))

    class Telling:
        def begin(self, _: Any) -> None:
            pass

        def scenario(self, _: Any) -> None:
            if next(ended) == 0:
                signal.raise_signal(number)

    several = WIDE.replace("c: wide, d: wide, e: wide", "c: 0..1").replace("b + c + d + e < 150", "b + c < 9")
    several += "  t: {like: s}\n  u: {like: s}\n"
    checked = check(write(several, tmp_path), engine="reference", listener=Telling())
    assert [run_.model.scenario for run_ in checked.runs] == ["s"]
    assert (checked.stopped, checked.left) == (name, ("t", "u"))
    assert checked.exit_status in (1, 2)


NEAR = """
roles:
  one:
    states: [s, t, u]
    initial: s
    final: [s, t, u]
    transitions: [{trigger: go, kind: protocol, source: s, dest: t}, {trigger: on, kind: protocol, source: t, dest: u}]
properties:
  stays: {text: It stays., never: x.state == t}
  never: {text: It never is both., never: x.state == t and x.state == u}
scenarios:
  s: {instances: {x: one}}
"""


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("where", [exhaustive.ExhaustiveSearch.findings, verdict._decided], ids=["flows", "replay"])
def test_what_was_found_is_told_where_a_signal_comes_while_that_is_put_together(
    where: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it takes longer than it should, as on a machine that does much else."""
    calls = 0

    def interrupted(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            signal.raise_signal(signal.SIGTERM)
        time.sleep(1.2)
        return where(*given, **named)

    holder = exhaustive.ExhaustiveSearch if where.__name__ == "findings" else verdict
    monkeypatch.setattr(holder, where.__name__, interrupted)
    model = build(NEAR)
    found = run(model, ["stays", "never"])
    assert calls == 2
    assert (found["stays"].status, found["never"].status) == ("VIOLATED", "INCOMPLETE")
    assert (found.interrupted, found.stopped) == (True, TERMINATED)


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize(
    ("where", "when"), [("judge", 3), ("expand", 3), ("report_progress", 3), ("findings", 1), ("path", 1)]
)
def test_the_oracle_tells_what_it_found_wherever_a_signal_comes(
    where: str, when: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, calls = getattr(reference._Search, where), 0

    def interrupted(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == when:
            signal.raise_signal(signal.SIGTERM)
        return method(*given)

    monkeypatch.setattr(reference._Search, where, interrupted)
    found = run(build(NEAR), ["stays", "never"], Effort(engine="reference"))
    assert found["stays"].status == "VIOLATED"
    assert found.stopped == TERMINATED


@pytest.mark.usefixtures("listening")
def test_a_signal_waits_while_an_answer_is_written_and_the_second_does_not() -> None:
    written = []

    def write_under(*signals: int) -> None:
        for number in signals:
            signal.raise_signal(number)
        written.append(signals)

    with pytest.raises(Stopped, match=TERMINATED), told_to_the_end():
        write_under(signal.SIGTERM)
    with told_to_the_end(last=True):
        write_under(signal.SIGINT)
    with pytest.raises(Stopped), told_to_the_end():
        write_under(signal.SIGINT, signal.SIGINT)
    assert written == [(signal.SIGTERM,), (signal.SIGINT,)]


LOCKS = ["__enter__", "__exit__", "_release_save", "_acquire_restore"]


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("method", LOCKS)
def test_a_signal_leaves_no_lock_of_python_behind(method: str) -> None:
    """Raised where one is taken or given back, it had everybody wait for ever who needs it then."""
    event = threading.Event()

    def signalled(frame: FrameType, what: str, _: object) -> None:
        if what == "call" and frame.f_code.co_name == method and frame.f_code.co_filename == threading.__file__:
            sys.setprofile(None)
            signal.raise_signal(signal.SIGTERM)

    def work() -> None:
        sys.setprofile(signalled)
        event.wait(0.01)
        event.set()
        busy(30)

    with pytest.raises(Stopped, match=TERMINATED):
        work()
    sys.setprofile(None)
    assert event._cond.acquire(blocking=False)


@pytest.mark.usefixtures("listening")
def test_no_signal_takes_back_what_was_told() -> None:
    """What a command found is thrown away after that, which takes a while, and its record would be written anew."""
    with told_to_the_end(last=True):
        pass
    for _ in range(2):
        try:
            signal.raise_signal(signal.SIGTERM)
        except Stopped:  # which would end all tests, and fail none
            pytest.fail("what was told is taken back")


@pytest.mark.usefixtures("listening")
def test_a_checkpoint_that_is_written_lets_a_signal_end_the_next_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    next_level = exhaustive.ExhaustiveSearch.next_level

    def signalled(search: Any, pool: Any) -> Any:
        if search.model.scenario == "t":
            signal.raise_signal(signal.SIGTERM)
        return next_level(search, pool)

    monkeypatch.setattr(exhaustive.ExhaustiveSearch, "next_level", signalled)
    several = str(write(NEAR + "  t: {instances: {x: one, y: one}}\n", tmp_path))
    status = run_command(["check", several, "--no-cache", "--checkpoint", str(tmp_path / "kept"), "--json", "-"])
    assert json.loads(capsys.readouterr().out)["stopped"] == TERMINATED
    assert status == 1


@pytest.mark.usefixtures("listening")
def test_a_command_that_is_a_part_of_another_holds_no_signals_after_it() -> None:
    with as_held_before():
        with told_to_the_end(last=True):
            pass
        signal.raise_signal(signal.SIGTERM)
    with pytest.raises(Stopped, match=TERMINATED):
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.usefixtures("listening")
def test_what_all_searches_found_is_told_where_a_signal_comes_after_them(tmp_path: Path) -> None:
    replaced, came = questions.replace, []

    def signalled(*given: Any, **named: Any) -> Any:
        came.append(signal.raise_signal(signal.SIGTERM))
        return replaced(*given, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(questions, "replace", signalled)  # what is made of it when all is found
        status = run_command(
            ["check", str(write(NEAR, tmp_path)), "--no-cache", "--engine", "reference", "--json", "-"]
        )
    assert (came, status) == ([None], 1)


@pytest.mark.usefixtures("listening")
@pytest.mark.long
def test_a_signal_that_is_lost_comes_again() -> None:
    """Code in C that calls back, and destructors, lose what is raised in them."""

    def lose() -> None:
        with suppress(Stopped):
            signal.raise_signal(signal.SIGINT)
        busy(60)

    with pytest.raises(Stopped, match=INTERRUPTED), Watch(Limits()):
        lose()


@pytest.mark.usefixtures("listening")
@pytest.mark.long
def test_a_signal_that_is_lost_comes_again_in_what_is_begun_after_it() -> None:
    """A scenario may be done before anybody saw that the signal was lost: then it ends the next one."""
    with suppress(Stopped), Watch(Limits()):
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(Stopped, match=INTERRUPTED), Watch(Limits()):
        busy(60)


@pytest.mark.usefixtures("listening")
def test_a_signal_is_told_at_once_where_code_in_c_lets_it_wait() -> None:
    order = []
    listen(told=lambda name: order.append(f"told {name}"))
    try:
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
        with suppress(Stopped):
            ctypes.CDLL(None).poll(None, 0, 2000)  # returns as a signal comes, and Python hears it only then
            order.append("back")
        until = time.monotonic() + 30
        while not any(one.startswith("told") for one in order) and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        signal.set_wakeup_fd(-1)
    assert f"told {TERMINATED}" in order


def test_a_compiler_that_is_being_imported_has_compiled_nothing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcfsm.kernel.compilations", ModuleType("mcfsm.kernel.compilations"))
    assert stopping.seconds_compiling() == 0.0
