"""Our side of the benchmarks runs, and finds what it is to be timed on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from mcfsm.commands.cli import run

ROOT = Path(__file__).parents[2]


def test_every_shape_has_three_sizes_and_texts_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    instances = import_module("instances")
    found = spec_from_file_location("spin_of_benchmarks", ROOT / "benchmarks" / "spin.py")  # the tests have a spin too
    assert found is not None
    assert found.loader is not None
    spin = module_from_spec(found)
    monkeypatch.setitem(sys.modules, "spin_of_benchmarks", spin)
    found.loader.exec_module(spin)

    for sizes in instances.SHAPES.values():
        states = [one.states for one in sizes]
        assert states == sorted(states)
        assert states[0] < 300_000
        assert 5_000_000 < states[2] < 11_000_000
        for one in sizes:
            assert one.model.exists()
            assert "proctype" in one.promela("one")
            asserted = "assert(" in one.promela("one", judging=True)
            assert asserted == (one.protocol in instances.JUDGED)
    assert spin.DISTINCT.keys() == instances.MODELS.keys()


@pytest.mark.process
@pytest.mark.parametrize(
    ("model", "scenario", "chosen", "counts"),
    [
        ("lease_lock", "crashing", ["clients=1", "grants=2", "crashes=1"], (312, 638)),
        ("registration", "moving", ["users=1", "moves=2", "bound=2"], (403, 1011)),
    ],
)
def test_small_instances_have_the_states_that_spin_counts(
    model: str, scenario: str, chosen: list[str], counts: tuple[int, int]
) -> None:
    asked = ["exhaustive", "1", "1", f"benchmarks/models/{model}.yaml", scenario, *chosen]
    done = subprocess.run(
        [sys.executable, "benchmarks/ours.py", *asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    record = json.loads(done.stdout)
    assert record["complete"]
    assert (record["states"], record["transitions"]) == counts


@pytest.mark.process
@pytest.mark.parametrize("engine", ["exhaustive", "reference"])
@pytest.mark.parametrize("judging", ["0", "1"])
def test_two_phase_commit_has_its_states(engine: str, judging: str) -> None:
    asked = [engine, "1", judging, "models/textbook/two_phase_commit.yaml", "three", "managers=3"]
    done = subprocess.run(
        [sys.executable, "benchmarks/ours.py", *asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    record = json.loads(done.stdout)
    assert (record["states"], record["transitions"], record["complete"]) == (288, 1145, True)


@pytest.mark.process
def test_states_in_files_and_a_limit_of_memory(tmp_path: Path) -> None:
    """The engine that is timed takes both: what the limit is too small for is not explored to its end."""
    asked = ["1", "0", "models/textbook/two_phase_commit.yaml", "three", "managers=6"]
    found = []
    for engine, memory in (("exhaustive", 1), (f"disk:{tmp_path}", 1 << 30)):
        done = subprocess.run(
            [sys.executable, "benchmarks/ours.py", engine, *asked],
            cwd=ROOT,
            env={**os.environ, "MCFSM_BENCH_MEMORY": str(memory)},
            capture_output=True,
            text=True,
            check=True,
        )
        record = json.loads(done.stdout)
        found.append((record["states"], record["complete"]))
    assert found[0] != (50_816, True)
    assert found[1] == (50_816, True)


def test_the_counts_of_the_largest_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are linear in the calls: what was counted of one, of two and of sixteen lies on one line."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    huge = import_module("instances").huge
    counted = {1: (26_293_780, 159_237_360), 2: (51_303_490, 311_950_464), 16: (401_439_430, 2_449_933_920)}
    assert {calls: (huge(calls).states, huge(calls).transitions) for calls in counted} == counted
    assert huge(40).states == 1_001_672_470


def test_what_cost_py_asks_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but how long it takes: one state is explored."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.chdir(ROOT)
    for _, arguments, smaller in import_module("cost").ROWS:
        few = ["--max-states", "1", "--workers", "1"] if arguments[0] == "check" else []
        for asked in (arguments, [smaller.get(word, word) for word in arguments]):
            assert run([*asked, *few]) <= 2, asked
