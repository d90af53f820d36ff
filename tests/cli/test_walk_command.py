"""`mcfsm walk`: the walks of a seed again, a violation as a flow, and nothing proved by finding none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from building import WIDE, write

from mcfsm.commands import cli
from mcfsm.commands.cli import run
from mcfsm.explore.findings import size_of
from mcfsm.explore.stopping import Stopped
from mcfsm.host.memory import resident

RING = str(Path(__file__).parents[2] / "models" / "textbook" / "token_ring.yaml")
LINK = str(Path(__file__).parents[2] / "models" / "textbook" / "alternating_bit.yaml")


def walked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit status, and what was printed."""
    status = run(["walk", RING, *arguments])
    return status, capsys.readouterr().out


@pytest.mark.long
def test_a_violation_is_shrunk_to_a_flow_of_the_shortest_kind(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = "--scenario", "two_tokens", "--set", "nodes=2"
    status, text = walked(capsys, *chosen, "--property", "mutual_exclusion", "--seed", "7")
    assert status == 0
    found = re.search(r"^VIOLATED \(expected\)  mutual_exclusion .*?(\d+)\s+steps, shrunk$", text, re.M | re.S)
    assert found is not None
    assert 4 <= int(found.group(1)) <= 6  # the shortest has four
    assert text.count("enters its critical section (protocol)") == 2


@pytest.mark.long
def test_a_violation_that_nobody_expects(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = walked(capsys, "--scenario", "ring", "--set", "tokens=2", "--property", "token_unique")
    assert status == 1
    assert re.search(r"^VIOLATED  token_unique .* before any step$", text, re.M)


def test_finding_nothing_is_no_violation_and_no_proof(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--scenario", "ring", "--seed", "1", "--examples", "10")
    status, text = walked(capsys, *arguments)
    assert status == 0
    assert walked(capsys, *arguments) == (status, text)
    said = " ".join(text.split())
    assert re.search(r"scenario ring seed 1: 10 walks, [\d,]+ steps, [\d,]+ states, 5 of 5 transitions ", said)
    assert text.endswith("no violation found; a random walk proves nothing: mcfsm check does\n")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 4, "the model has several scenarios: ring, two_tokens"),
        (["--scenario", "rings"], 4, "unknown scenario rings\n  hint: did you mean ring?"),
        (["--scenario", "ring", "--property", "each_enters"], 4, "each_enters is a reachable property"),
        (["--scenario", "ring", "--property", "mutual_exclusio"], 4, "did you mean mutual_exclusion?"),
        (["--scenario", "ring", "--examples", "0"], 4, "0 is not in the range x>=1"),
        (["--scenario", "ring", "--seed", "x"], 4, "'x' is not a valid integer"),
    ],
)
def test_mistakes(capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, said: str) -> None:
    assert run(["walk", RING, *arguments]) == status
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_coverage_is_of_what_exhaustive_search_reaches(capsys: pytest.CaptureFixture[str], seed: str) -> None:
    """One step is enabled at first, so every walk of one step visits the same, whatever it draws."""
    arguments = (LINK, "--scenario", "lossy", "--seed", seed, "--examples", "20", "--steps", "1", "--coverage")
    assert run(["walk", *arguments]) == 0
    text = capsys.readouterr().out
    lines = [re.split(r"  +", line.strip()) for line in text.partition("coverage of ")[2].splitlines()]
    assert lines[:2] == [
        ["what exhaustive search reaches"],
        ["transitions", "clauses", "states", "messages", "cells", "joint states"],
    ]
    assert lines[3:] == [
        ["walked", "1/6 16.6 %", "0/0 100.0 %", "3/4 75.0 %", "1/2 50.0 %", "1/4 25.0 %", "2/112 1.7 %"],
        ["transitions not visited: deliver, discard, transmitter.ack.1, transmitter.ack.2, transmitter.patience.1"],
        ["states not visited: transmitter.done"],
        ["messages not visited: ack"],
        ["cells not visited: transmitter.done x ack, transmitter.ready x ack, transmitter.waiting x ack"],
        [""],
    ]
    assert run(["walk", *arguments, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["coverage"]["cells"] == {
        "visited": 1,
        "of": 4,
        "percent": 25.0,
        "missing": ["transmitter.done x ack", "transmitter.ready x ack", "transmitter.waiting x ack"],
    }
    assert found["coverage_of"] == {"states": 112, "complete": True}
    assert (found["walks"], found["states"], found["violation"]) == (20, 2, None)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_seconds_that_are_over_are_said_with_what_was_walked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ("--scenario", "ring", "--max-seconds", "0", "--examples", "1000000", "--coverage")
    status, text = walked(capsys, *arguments, "--json", str(tmp_path / "said.json"))
    assert status == 2
    assert re.search(r"\d+ walks?, .*, stopped by --max-seconds 0$", " ".join(text.split("\n")[:-2]).replace("  ", ""))
    found = json.loads((tmp_path / "said.json").read_text())
    assert (found["stopped"], found["coverage"]) == ("--max-seconds 0", None)


# Hypothesis has itself called by the collector, where what is raised is lost; the watch brings it again
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.long
def test_one_step_with_millions_of_outcomes_takes_no_more_than_it_may(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    limit = resident() + (32 << 20)
    assert run(["walk", str(write(WIDE, tmp_path)), "--max-memory", str(limit)]) == 2
    assert f"stopped by --max-memory {size_of(limit)}" in " ".join(capsys.readouterr().out.split())
    assert resident() < limit + (64 << 20)


def test_a_signal_that_was_lost_in_a_callback_leaves_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def unraisable(error: BaseException) -> SimpleNamespace:
        about = {"exc_value": error, "exc_traceback": None, "err_msg": None, "object": None}
        return SimpleNamespace(exc_type=type(error), **about)

    cli._lost(unraisable(Stopped("Ctrl-C")))
    assert capsys.readouterr().err == ""
    with pytest.raises(TypeError):  # Python's own wants its own record
        cli._lost(unraisable(ValueError("mine")))
