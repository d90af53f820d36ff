"""`mcfsm check --grow`: the verdicts at each size of some parameters, until time runs out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from building import write

from mcfsm.commands.cli import run
from mcfsm.questions import grow as growing

COUNT = """
parameters: {most: 1, width: 1}
messages: {m: {}}
roles:
  r:
    variables: {n: 0..9 = 0}
    states: [x]
    initial: x
    final: [x]
    transitions:
    - {id: press, trigger: press, kind: user, conditions: n < most, set: {n: n + 1}}
    - {id: put, trigger: put, kind: user, send: [{m: {to: self}}], budget: puts}
    - {id: take, trigger: m}
properties:
  small: {text: It stays small., always: a.n < 3}
  two: {text: It reaches two., reachable: a.n == 2}
  kept: {text: It stays within nine., always: a.n < 9 or a.n == 9}
scenarios:
  s:
    instances: {a: r}
    channels: {default: {bound: 2, when_full: block}}
    budgets: {puts: width}
    expect: {small: violated, kept: vacuous}
"""


@pytest.fixture
def count(tmp_path: Path) -> str:
    return str(write(COUNT, tmp_path))


def grown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit status, and the one scenario of the JSON."""
    status = run(["check", *arguments, "--json", "-"])
    found = json.loads(capsys.readouterr().out)
    assert found["exit_status"] == status
    (scenario,) = found["scenarios"]
    return status, scenario


def told(scenario: dict[str, Any], name: str) -> list[tuple[str, int]]:
    """The status of a property at each size, with the value of `most` that decided it."""
    return [
        (found["status"], found["at"]["most"])
        for size in scenario["sizes"]
        for found in size["properties"]
        if found["id"] == name
    ]


ASKED = ("--property", "small", "--property", "two")


@pytest.mark.parametrize("engine", ["exhaustive", "reference"])
def test_what_a_flow_decides_stays_with_the_smallest_size(
    capsys: pytest.CaptureFixture[str], count: str, engine: str
) -> None:
    status, found = grown(capsys, count, *ASKED, "--grow", "most", "--max-seconds", "60", "--engine", engine)
    assert (status, found["stopped"]) == (0, "every verdict is decided by a flow")
    assert [size["parameters"] for size in found["sizes"]] == [{"most": 1}, {"most": 2}, {"most": 3}]
    assert told(found, "small") == [("PROVED", 1), ("PROVED", 2), ("VIOLATED", 3)]
    assert told(found, "two") == [("VIOLATED", 1), ("PROVED", 2), ("PROVED", 2)]
    two = [size["properties"][1]["trace"] for size in found["sizes"]]
    assert [trace and len(trace) for trace in two] == [None, 2, None]  # shown where it was found


def test_one_grows_at_a_time_in_the_order_named(capsys: pytest.CaptureFixture[str], count: str) -> None:
    _, found = grown(capsys, count, "--property", "small", "--grow", "width,most", "--max-seconds", "60")
    assert [tuple(size["parameters"].values()) for size in found["sizes"]] == [(1, 1), (2, 1), (2, 2), (3, 2), (3, 3)]
    assert list(found["sizes"][0]["parameters"]) == ["width", "most"]
    states = [size["states"] for size in found["sizes"][:4]]
    assert states == [6, 12, 18, 27]  # (n: 0..most) x (put and not yet taken, at most two: what is left of the budget)


def test_growth_begins_at_what_is_set(capsys: pytest.CaptureFixture[str], count: str) -> None:
    arguments = (*ASKED, "--grow", "most", "--max-seconds", "60")
    _, found = grown(capsys, count, *arguments, "--set", "most=4")
    assert [size["parameters"] for size in found["sizes"]] == [{"most": 4}]
    assert told(found, "small") == [("VIOLATED", 4)]


@pytest.mark.long
def test_the_size_that_time_runs_out_on_is_incomplete(
    capsys: pytest.CaptureFixture[str], count: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "MOST_SIZES", 10_000)
    arguments = ("--property", "kept", "--property", "small", "--set", "most=3", "--engine", "reference")
    status, found = grown(capsys, count, *arguments, "--grow", "width", "--max-seconds", "1.5")
    sizes = found["sizes"]
    assert [size["finished"] for size in sizes] == [True] * (len(sizes) - 1) + [False]
    assert len(sizes) > 2
    last = sizes[-1]["parameters"]["width"]
    assert found["stopped"] == f"--max-seconds 1.5 at width={last}"
    small, kept = sizes[-1]["properties"]
    assert kept["status"] == "INCOMPLETE"
    assert kept["reason"].startswith("stopped by --max-seconds 1.5 after ")
    assert (small["status"], small["at"]) == ("VIOLATED", {"width": 1})
    assert status == 2


def test_without_any_time_the_first_size_is_incomplete(capsys: pytest.CaptureFixture[str], count: str) -> None:
    status, found = grown(capsys, count, *ASKED, "--grow", "most", "--max-seconds", "0", "--engine", "reference")
    assert (status, len(found["sizes"]), found["sizes"][0]["finished"]) == (2, 1, False)
    assert found["stopped"] == "--max-seconds 0 at most=1"


@pytest.mark.long
def test_an_unexpected_violation_counts_before_what_is_incomplete(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = str(write(COUNT.replace("{small: violated, kept: vacuous}", "{kept: vacuous}"), tmp_path))
    status, found = grown(
        capsys, path, "--set", "most=3", "--grow", "width", "--max-seconds", "60", "--max-states", "15"
    )
    assert (status, found["stopped"]) == (1, "--max-states 15 at width=2")


def test_other_limits_stop_it_too(capsys: pytest.CaptureFixture[str], count: str) -> None:
    status, found = grown(capsys, count, *ASKED, "--grow", "width", "--max-seconds", "60", "--max-states", "15")
    assert (status, found["stopped"]) == (2, "--max-states 15 at width=3")


def test_it_ends_where_the_model_refuses_a_larger_size(capsys: pytest.CaptureFixture[str], count: str) -> None:
    text = Path(count).read_text(encoding="utf-8").replace("puts: width", "puts: 1 + 0 * width")
    Path(count).write_text(text.replace("bound: 2,", "bound: 998 + width,"), encoding="utf-8")
    status, found = grown(capsys, count, "--property", "small", "--grow", "width", "--max-seconds", "60")
    assert [size["parameters"]["width"] for size in found["sizes"]] == [1, 2]
    assert re.match(r"no larger size: width=3: \S+:21:33: M404 ", found["stopped"])
    assert status == 1  # small is expected to be violated, and no larger size will


def test_it_ends_where_the_model_fails_at_a_larger_size(capsys: pytest.CaptureFixture[str], count: str) -> None:
    arguments = ("--property", "kept", "--set", "most=8", "--grow", "most", "--max-seconds", "60")
    status, found = grown(capsys, count, *arguments)
    assert [size["parameters"]["most"] for size in found["sizes"]] == [8, 9]
    assert re.match(r"at most=10 the model fails: \S+:11:78: M701 ", found["stopped"])
    assert status == 1  # vacuous was expected, and at 9 both operands have been true


def test_there_is_a_most_of_sizes(
    capsys: pytest.CaptureFixture[str], count: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "MOST_SIZES", 2)
    _, found = grown(capsys, count, "--property", "small", "--grow", "most", "--max-seconds", "60")
    assert (len(found["sizes"]), found["stopped"]) == (2, "2 sizes")


@pytest.mark.long
def test_what_is_left_out_is_said(capsys: pytest.CaptureFixture[str], count: str) -> None:
    arguments = [
        count,
        "--property",
        "small",
        "--grow",
        "width",
        "--max-seconds",
        "60",
        "--max-states",
        "15",
        "--avoid",
        "press",
    ]
    _, found = grown(capsys, *arguments)
    assert found["avoided"] == ["press"]
    assert all(cell["restricted"] for size in found["sizes"] for cell in size["properties"])
    run(["check", *arguments])
    printed = capsys.readouterr().out
    assert printed.splitlines()[0].endswith("scenario s   without press")
    assert "PROVED*" in printed
    assert "PROVED " not in printed


def test_the_table(capsys: pytest.CaptureFixture[str], count: str) -> None:
    assert run(["check", count, *ASKED, "--grow", "most", "--max-seconds", "60"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[2] == "property most=1 most=2 most=3"
    assert "small PROVED PROVED VIOLATED" in lines
    assert "two VIOLATED PROVED as before" in lines  # what a flow of two steps has decided stays decided
    assert "stopped: every verdict is decided by a flow" in lines
    assert "small VIOLATED at most=3, 3 steps, shortest" in lines
    assert "two PROVED at most=2, 2 steps, shortest" in lines
    assert "VIOLATED (expected) small 3 steps, shortest" in lines
    assert "under most=3" in lines


def test_mistakes(capsys: pytest.CaptureFixture[str], count: str) -> None:
    assert run(["check", count, "--grow", "most"]) == 4
    assert "--grow wants --max-seconds" in capsys.readouterr().err
    assert run(["check", count, "--grow", "most", "--max-seconds", "1", "--strict"]) == 4
    assert (
        "--grow does not go with --grid, --all, --bite, --any-number, --strict, --coverage, --timing, --save-flows, "
        "--save-tests, --evidence, --checkpoint, --resume, --disk, --cluster, --format" in capsys.readouterr().err
    )
    assert run(["check", count, "--grow", "mosst", "--max-seconds", "1"]) == 4
    assert "M309: unknown parameter mosst\n  hint: did you mean most?" in capsys.readouterr().err
    assert run(["check", count, "--grow", "puts", "--max-seconds", "1"]) == 4
    assert "M309: unknown parameter puts\n  hint: budget puts is set by parameter width" in capsys.readouterr().err
    assert run(["check", count, "--grow", "most,", "--max-seconds", "1"]) == 4


def test_what_does_not_change_any_more_is_a_conjecture(capsys: pytest.CaptureFixture[str], count: str) -> None:
    """Putting more messages changes no local state: three values of `n`, whatever the width."""
    arguments = [count, "--property", "small", "--set", "most=2", "--grow", "width", "--max-seconds", "60"]
    _, found = grown(capsys, *arguments, "--max-states", "60")
    sizes = [size["parameters"] for size in found["sizes"] if size["finished"]]
    assert len(sizes) > 3
    assert found["conjecture"] == {"properties": ["small"], "sizes": sizes, "local_states": 3}
    run(["check", *arguments, "--max-states", "60"])
    printed = " ".join(capsys.readouterr().out.split())
    assert (
        f"conjecture, and no proof: small hold at every larger size. They are proved at {len(sizes)} sizes" in printed
    )


def test_no_conjecture_where_local_states_grow(capsys: pytest.CaptureFixture[str], count: str) -> None:
    _, found = grown(capsys, count, "--property", "kept", "--set", "most=4", "--grow", "most", "--max-seconds", "60")
    assert len(found["sizes"]) > 3
    assert found["conjecture"] is None


def test_no_conjecture_of_fewer_than_two_steps_of_each(capsys: pytest.CaptureFixture[str], count: str) -> None:
    """With at most 20 states, up to (2, 3), each has grown once; with 30, up to (3, 4), twice."""
    text = Path(count).read_text(encoding="utf-8").replace("n < most", "'n < min(most, 2)'")
    Path(count).write_text(text, encoding="utf-8")
    arguments = (count, "--property", "small", "--set", "most=2", "--grow", "width,most", "--max-seconds", "60")
    _, found = grown(capsys, *arguments, "--max-states", "20")
    assert [tuple(size["parameters"].values()) for size in found["sizes"]][-1] == (3, 3)
    assert found["conjecture"] is None
    _, found = grown(capsys, *arguments, "--max-states", "30")
    assert found["conjecture"] is not None


def test_no_conjecture_of_what_a_flow_decided(capsys: pytest.CaptureFixture[str], count: str) -> None:
    """A witness that is there at one size need not be there at a larger one."""
    arguments = (count, "--property", "two", "--property", "small", "--set", "most=2")
    _, found = grown(capsys, *arguments, "--grow", "width", "--max-seconds", "60", "--max-states", "60")
    assert found["conjecture"]["properties"] == ["small"]
