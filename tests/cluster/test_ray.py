"""A Ray cluster of several processes on this machine: the same answers as without it, whatever is lost meanwhile.

Slow, as Ray is installed by `make test-slow` alone. What does not need Ray is asked by `unit/test_places.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray")

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("ray")]
ROOT = Path(__file__).parents[2]
MODEL = "models/mc_migration"
SOME = ("one_partner", "two_partners", "logs_off", "keys")
QUESTIONS = {
    "overview": ["overview", MODEL, "--no-pairs", *(f"--scenario={name}" for name in SOME)],
    "assumptions": ["assumptions", MODEL, "--pairs", "none", *(f"--scenario={name}" for name in SOME[:2])],
    "matrix": ["matrix", MODEL, "--with", "S0,S1", *(f"--scenario={name}" for name in SOME[:2])],
}
WAIT = 600.0  # seconds for what takes some ten on a machine that does nothing else
BEGIN = """
import sys
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": 80 * 2**20})
nodes = [cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20) for _ in range(2)]
print(cluster.address, flush=True)
for line in sys.stdin:  # what is to be done with it, until nobody asks any more
    cluster.remove_node(nodes.pop(), allow_graceful=False) if line == "lose\\n" else None
    nodes.append(cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20))
    print("done", flush=True)
cluster.shutdown()
"""


OTHER = """
import sys
from mcfsm.commands.cli import run
from mcfsm.host.cluster import ray_cluster
here = ray_cluster.code_parts()
ray_cluster.code_parts = lambda: here | {"mcfsm": "0" * 64}
raise SystemExit(run(sys.argv[1:]))
"""


class Machines:
    """A cluster of a head that does nothing, and two machines of one thread each."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="mcfsm-test-", dir="/tmp")  # a socket's path has to be short
        quiet = {"RAY_TMPDIR": self.folder, "RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", BEGIN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | quiet,
            start_new_session=True,
        )
        self.address = self.line()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def lose_one(self) -> None:
        """Let one machine be gone, and another come."""
        assert self.process.stdin is not None
        self.process.stdin.write("lose\n")
        self.process.stdin.flush()
        assert self.line() == "done"

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(60)
        finally:
            self.process.stdout.close()
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    found = Machines()
    assert ":" in found.address
    yield found
    found.end()


def asked(question: str, *extra: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mcfsm", *QUESTIONS[question], "--json", "-", *extra],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def timeless(told: Any) -> Any:
    """What was told, without how long it took."""
    if isinstance(told, dict):
        return {key: timeless(value) for key, value in told.items() if key not in ("seconds", "timing")}
    return [timeless(one) for one in told] if isinstance(told, list) else told


def answer(process: subprocess.Popen[str], status: int | None = None) -> Any:
    told, said = process.communicate(timeout=WAIT)
    assert status is None or process.returncode == status, said
    assert told, said
    return timeless(json.loads(told))


@pytest.fixture(scope="module")
def here() -> Callable[[str], Any]:
    known: dict[str, Any] = {}

    def found(question: str) -> Any:
        if question not in known:
            known[question] = answer(asked(question))
        return known[question]

    return found


def working() -> list[int]:
    """The processes of any cluster of ours that a piece is in now."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                title = (folder / "cmdline").read_bytes().replace(b"\0", b" ").strip()
                owner = folder.stat().st_uid
            except OSError:
                continue
            if title.startswith(b"ray::arrive") and owner == os.getuid():
                found.append(int(folder.name))
    return found


def until(wanted: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> Any:
    """What is wanted, once it is so; None where the process ended before."""
    ends = time.monotonic() + WAIT
    while time.monotonic() < ends:
        found = wanted()
        if found:
            return found
        if process is not None and process.poll() is not None:
            return None
        time.sleep(0.05)
    raise AssertionError("it never came")


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_is_the_same(question: str, machines: Machines, here: Callable[[str], Any]) -> None:
    assert answer(asked(question, "--cluster", machines.address)) == here(question)


@pytest.mark.timeout(3000)
def test_processes_that_are_killed_lose_nothing(machines: Machines, here: Callable[[str], Any]) -> None:
    killed = 0
    while killed < 10:
        process = asked("overview", "--cluster", machines.address)
        for _ in range(10 - killed):
            victims = until(working, process)
            if victims is None:
                break
            time.sleep(0.3)
            for victim in victims[:1]:
                try:
                    os.kill(victim, signal.SIGKILL)
                except ProcessLookupError:
                    break
                until(lambda victim=victim: victim not in working())
                killed += 1
        assert answer(process) == here("overview")


@pytest.mark.timeout(3000)
def test_a_machine_that_is_lost_loses_nothing(machines: Machines, here: Callable[[str], Any]) -> None:
    process = asked("overview", "--cluster", machines.address)
    assert until(working, process)
    machines.lose_one()
    assert answer(process) == here("overview")


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_everywhere(number: signal.Signals, machines: Machines) -> None:
    process = asked("overview", "--cluster", machines.address)
    assert until(working, process)
    began = time.monotonic()
    process.send_signal(number)
    told, said = process.communicate(timeout=WAIT)
    assert process.returncode == 2, said
    assert json.loads(told)["stopped"] == {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}[number]
    assert time.monotonic() - began < 60
    until(lambda: not working())


@pytest.mark.timeout(3000)
def test_a_limit_is_that_of_the_whole_question(machines: Machines) -> None:
    told = answer(asked("overview", "--cluster", machines.address, "--max-seconds", "0.5"), status=2)
    assert told["stopped"] == "--max-seconds 0.5"


@pytest.mark.timeout(3000)
def test_a_cluster_that_is_begun_for_a_question_ends_with_it(here: Callable[[str], Any]) -> None:
    before = set(Path("/tmp").glob("mcfsm-ray-*"))
    assert answer(asked("overview", "--cluster", "local:2")) == here("overview")
    assert set(Path("/tmp").glob("mcfsm-ray-*")) == before
    assert not working()


@pytest.mark.timeout(3000)
def test_other_code_is_refused(machines: Machines) -> None:
    found = subprocess.run(
        [sys.executable, "-c", OTHER, *QUESTIONS["overview"], "--cluster", machines.address],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WAIT,
    )
    assert found.returncode == 4
    assert "000000000000 here; install there what is installed here" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.timeout(300)
def test_nobody_at_an_address() -> None:
    process = asked("overview", "--cluster", "127.0.0.1:1")
    _, said = process.communicate(timeout=WAIT)
    assert process.returncode == 4
    assert "127.0.0.1:1: no Ray cluster is reached: Connection refused; was it begun there" in said
