"""`check --save-tests` and `run.as_test`: a flow as a test that passes while the model has it and it says that."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import mcfsm
from mcfsm.commands.cli import run

pytest_plugins = ["pytester"]
TEXT = """
model: calls "unheard" \\ and heard
messages: {ping: {}, pong: {}}
roles:
  caller:
    states: [idle, waiting, done]
    initial: idle
    final: [idle, waiting, done]
    transitions:
    - {id: call, trigger: call, kind: user, source: idle, dest: waiting, send: [{ping: {to: b}}]}
    - {id: stop, trigger: stop, kind: user, source: waiting, dest: done}
    - {id: again, trigger: again, kind: user, source: done, dest: idle}
    - {id: heard, trigger: pong, source: waiting, dest: done}
  called:
    variables: {times: 0..2 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: answer, trigger: ping, conditions: times < 2, set: {times: times + 1}, send: [{pong: {to: a}}]}
properties:
  once: {text: 'A "call" is heard once at most \\ twice.', never: b.times > 1}
  done: {text: Somebody is done., reachable: a.state == done}
  answered: {text: Who waits is heard., leads_to: [a.state == waiting, b.times == 2]}
  sane: {text: The called party is there., always: b.state == there}
  seen: {text: Nobody stops after a call., never: o.stops == 1}
observers:
  o: {variables: {stops: 0..1 = 0}, transitions: [{on: {fired: stop}, set: {stops: "1"}}]}
scenarios:
  s:
    instances: {a: caller, b: called}
    channels: {default: {kind: fifo, bound: 1}}
    expect: {once: violated, answered: violated, seen: violated, check.reception: violated, check.deadlock: violated}
"""
WITH_FLOWS = ["answered", "check_deadlock", "check_overflow", "check_reception", "done", "once", "seen"]


@pytest.fixture
def model(pytester: pytest.Pytester) -> Path:
    return Path(pytester.makefile(".yaml", model=TEXT))


def save(model: Path, *words: str) -> list[str]:
    """Write the tests of a model; the names of what they are of."""
    folder = model.parent / "tests"
    run(["check", str(model), "--engine", "reference", *words, "--save-tests", str(folder)])
    return sorted(path.stem.removeprefix("test_s_") for path in folder.iterdir())


def test_each_flow_is_a_test_that_passes(
    model: Path, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    assert save(model) == WITH_FLOWS
    assert "7 tests in " in capsys.readouterr().out
    pytester.runpytest("tests", "-q").assert_outcomes(passed=7)


@pytest.mark.parametrize(
    ("before", "after", "failing", "said"),
    [
        ("dest: done, send", "dest: done, send", [], ""),
        (
            "source: done, dest: idle",
            "source: done, dest: done",
            ["once"],
            "*AssertionError: refused at step 5 of ?, a call: call: state is done, not idle",
        ),
        ("b.times > 1", "b.times > 2", ["once"], "*AssertionError: allowed, and it says nothing of once"),
        (
            "reachable: a.state == done",
            "reachable: a.state == idle",
            ["done"],
            "*AssertionError: allowed, and it says nothing*",
        ),
        ("b.times == 2]", "b.times >= 0]", ["answered"], "*AssertionError: allowed, and it says nothing of answered"),
        ("fired: stop", "fired: heard", ["seen"], "*AssertionError: allowed, and it says nothing of seen"),
        ("id: stop,", "id: leave,", ["seen"], "*M315 unknown transition stop*"),
    ],
)
def test_a_test_fails_where_the_model_has_the_flow_no_more_or_it_says_something_else(
    before: str, after: str, failing: list[str], said: str, model: Path, pytester: pytest.Pytester
) -> None:
    save(model)
    model.write_text(TEXT.replace(before, after), encoding="utf-8")
    found = pytester.runpytest("tests", "-q")
    failed = {line.split("_s_")[1].split(".py")[0] for line in found.outlines if line.startswith("FAILED")}
    assert set(failing) <= failed
    if failing:
        found.stdout.fnmatch_lines([said])
    else:
        assert not failed


def test_what_the_test_says(model: Path) -> None:
    checked = mcfsm.check(model, engine="reference")
    text = checked.runs[0].as_test("once")
    assert ast.get_docstring(ast.parse(text)) == (
        "once in s: A 'call' is heard once at most \\ twice.\n\n"
        f"Written by mcfsm from what it found (VIOLATED, {checked['once'].reason}). "
        "It passes as long as the model has this flow, and the flow shows that."
    )
    assert "def test_once_in_s(tmp_path: Path) -> None:" in text
    assert 'replayed = mcfsm.replay(MODEL, flow, asked="once")' in text
    assert re.search('asked="answered", loop_start=[0-9]+, fairness="weak"', checked.runs[0].as_test("answered"))
    with pytest.raises(ValueError, match="sane is PROVED, and no flow shows that"):
        checked.runs[0].as_test("sane")
    with pytest.raises(KeyError, match="no verdict on onc: did you mean once"):
        checked.runs[0].as_test("onc")


def test_what_is_found_without_some_transitions_is_none_of_the_model_where_a_check_finds_it(model: Path) -> None:
    assert save(model, "--avoid", "heard") == ["answered", "done", "seen"]
    (run_,) = mcfsm.check(model, engine="reference", avoid="heard").runs
    with pytest.raises(ValueError, match=r"check\.reception was asked without heard"):
        run_.as_test("check.reception")


def test_a_flow_is_asked_of_a_property_that_there_is(model: Path, tmp_path: Path) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text("scenario: s\nsteps:\n- {instance: a, transition: call}\n", encoding="utf-8")
    assert str(mcfsm.replay(model, flow)) == "allowed"
    assert str(mcfsm.replay(model, flow, asked="answered", loop_start=7)) == "allowed, and it says nothing of answered"
    with pytest.raises(mcfsm.ModelError, match="unknown property onc"):
        mcfsm.replay(model, flow, asked="onc")
