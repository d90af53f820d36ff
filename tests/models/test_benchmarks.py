"""Our side of the benchmarks runs, and finds what it is to be timed on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_shape_has_three_sizes_and_texts_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import instances
    import spin

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
