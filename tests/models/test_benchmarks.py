"""Our side of the benchmarks runs, and finds what it is to be timed on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


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
