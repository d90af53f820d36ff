"""mcfsm check where one scenario is in error: the others have their verdicts, in all that is printed and written."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import jsonschema
import pytest

from mcfsm.commands.cli import run
from mcfsm.problems import ModelError
from mcfsm.questions.check import check
from mcfsm.report.check_schema import check_schema

MODEL = """\
model: one of three scenarios is in error
messages: {ping: {}}
roles:
  caller:
    states: [idle]
    initial: idle
    final: [idle]
    transitions:
    - {id: call, trigger: call, kind: user, source: idle, send: [{ping: {to: b}}], budget: calls}
  called:
    variables: {times: 0..1 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: count, trigger: ping, set: {times: times + 1}}
properties:
  once: {text: Somebody is heard., reachable: b.times == 1}
  silent: {text: Nobody is heard., never: b.times == 1}
scenarios:
  before:
    instances: {a: caller, b: called}
    channels: {default: {kind: fifo, bound: 1}}
    budgets: {calls: 1}
    expect: {silent: violated}
  wrong: {like: before, budgets: {calls: 2}}
  after: {like: before}
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.yaml"
    path.write_text(MODEL, encoding="utf-8")
    return path


@pytest.mark.parametrize("grid", [[], ["--grid"]])
def test_the_others_are_told_and_the_error_beside_them(
    model: Path, capsys: pytest.CaptureFixture[str], grid: list[str]
) -> None:
    assert run(["check", str(model), *grid]) == 3
    shown = capsys.readouterr()
    said = " ".join(shown.out.split())
    assert "2 scenarios, " in said
    assert "In error, and not checked to the end: wrong (1 problem, told apart)." in said
    assert shown.err.count("M701") == 1


def test_what_is_written_has_both(model: Path) -> None:
    formats = [f"--format={name}=out.{name}" for name in ("junit", "sarif", "github", "markdown")]
    assert run(["check", str(model), "--json", "out.json", *formats]) == 3
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, check_schema())
    assert [one["scenario"] for one in data["scenarios"]] == ["before", "after"]
    assert [(one["scenario"], one["problems"][0]["code"]) for one in data["errors"]] == [("wrong", "M701")]
    assert (data["left"], data["exit_status"]) == (["wrong"], 3)
    suites = ElementTree.parse("out.junit").getroot()
    assert (suites.get("errors"), suites.find(".//testsuite[@name='wrong']/testcase/error") is not None) == ("1", True)
    invocation = json.loads(Path("out.sarif").read_text(encoding="utf-8"))["runs"][0]["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
    assert "M701" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert "line=16,col=47,title=M701 in wrong::" in Path("out.github").read_text(encoding="utf-8")
    assert "### In error: wrong" in Path("out.markdown").read_text(encoding="utf-8")


def test_where_no_scenario_has_a_verdict_the_error_is_the_answer(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(model), "--scenario", "wrong", "--json", "-"]) == 3
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "M701"


def test_who_asks_from_python_is_raised_the_error(model: Path) -> None:
    with pytest.raises(ModelError, match="M701"):
        check(model)
