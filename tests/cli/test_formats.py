"""mcfsm check --format: what other programs read says what the verdicts are, where they stand, and nothing else."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mcfsm.commands.cli import run
from mcfsm.report.formats import FORMATS

MODEL = """\
model: verdicts of several kinds
messages: {ping: {}, pong: {}}
roles:
  caller:
    states: [idle, waiting, done]
    initial: idle
    final: [idle, waiting, done]
    transitions:
    - {trigger: call, kind: user, source: idle, dest: waiting, send: [{ping: {to: b}}]}
    - {id: stop, trigger: stop, kind: user, source: waiting, dest: done, assumption: "Anybody may, at 100 %: stop."}
    - {id: never, trigger: pong, source: waiting}
  called:
    variables: {times: 0..9 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: ping, set: {times: "min(times + 1, 9)"}}
properties:
  once: {text: "A <call> is heard & done, once at most.", never: b.times > 1}
  silent: {text: Nobody calls., always: a.state == idle}
  heard: {text: Who stops was heard., when: a.state == done, always: b.times == 1}
scenarios:
  one:
    instances: {a: caller, b: called}
    channels: {default: {kind: fifo, bound: 1}}
    expect: {silent: violated}
"""
SARIF: dict[str, Any] = {  # what readers need of SARIF 2.1.0, section 3 of the standard
    "$defs": {
        "place": {
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {"required": ["uri"], "properties": {"uri": {"type": "string"}}},
                "region": {
                    "properties": {name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn")},
                    "required": ["startLine"],
                },
            },
        },
        "location": {"properties": {"physicalLocation": {"$ref": "#/$defs/place"}}},
    },
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "minItems": 1,
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "invocations": {"items": {"required": ["executionSuccessful"]}},
                    "tool": {"properties": {"driver": {"required": ["name"]}}, "required": ["driver"]},
                    "results": {
                        "items": {
                            "required": ["message", "ruleId", "locations"],
                            "properties": {
                                "kind": {"enum": ["pass", "open", "review", "fail", "notApplicable", "informational"]},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"required": ["text"]},
                                "locations": {"items": {"$ref": "#/$defs/location"}},
                                "relatedLocations": {"items": {"$ref": "#/$defs/location"}},
                                "codeFlows": {
                                    "items": {
                                        "required": ["threadFlows"],
                                        "properties": {"threadFlows": {"items": {"required": ["locations"]}}},
                                    }
                                },
                            },
                            "if": {"properties": {"kind": {"not": {"const": "fail"}}}, "required": ["kind"]},
                            "then": {"properties": {"level": {"const": "none"}}},
                        }
                    },
                },
            },
        },
    },
}


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = Path("m.yaml")
    file.write_text(MODEL, encoding="utf-8")
    return file


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(MODEL.splitlines(), 1) if line.lstrip(" -{").startswith(text))


def written(capsys: pytest.CaptureFixture[str], name: str, *words: str, status: int = 1) -> str:
    """What goes to standard output in a format, alone; what is for people is on the error stream."""
    assert run(["check", "m.yaml", "--engine", "reference", "--format", name, *words]) == status
    printed = capsys.readouterr()
    assert re.search(r"1 scenario, \d+ verdicts?: ", printed.err)
    return printed.out


def test_json_is_that_of_the_option_with_the_place_of_each_property(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(written(capsys, "json"))
    assert run(["check", "m.yaml", "--engine", "reference", "--json", "-"]) == 1
    other = json.loads(capsys.readouterr().out)
    del found["timing"], other["timing"]
    assert found == other
    places = {one["id"]: one["place"] for one in found["scenarios"][0]["properties"]}
    assert places["heard"] == {"file": "m.yaml", "line": line_of("heard:"), "column": 3}
    assert places["check.deadlock"] is None


def test_junit(capsys: pytest.CaptureFixture[str]) -> None:
    root = ElementTree.fromstring(written(capsys, "junit"))
    (suite,) = root
    assert (root.get("tests"), root.get("failures"), suite.get("name")) == ("6", "1", "one")
    cases = {case.get("name"): case for case in suite}
    assert list(cases) == ["once", "silent", "heard", "check.deadlock", "check.reception", "check.overflow"]
    assert (cases["once"].get("file"), cases["once"].get("line")) == ("m.yaml", str(line_of("once:")))
    (failure,) = suite.iter("failure")
    assert failure.get("message") == "VIOLATED (not PROVED): Who stops was heard. [heard in one, 2 steps, shortest]"
    assert "Relies on:\n    stop (assumption: Anybody may, at 100 %: stop.)" in (failure.text or "")
    assert "Again: mcfsm check m.yaml --scenario one --property heard\n" in (failure.text or "")


def test_github_points_at_the_property_and_at_the_transition_that_decides_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = written(capsys, "github").splitlines()
    assert lines[0].startswith(
        f"::error file=m.yaml,line={line_of('heard:')},col=3,title=VIOLATED heard in one::VIOLATED"
    )
    assert lines[0].endswith("%0AAgain: mcfsm check m.yaml --scenario one --property heard")
    said = "The flow that decides heard ends with stop"
    assert lines[1] == f"::notice file=m.yaml,line={line_of('id: stop')},col=7,title=VIOLATED heard in one::{said}"
    assert [line.partition(",col")[0] for line in lines[2:]] == [f"::warning file=m.yaml,line={line_of('id: never')}"]
    strict = written(capsys, "github", "--strict").splitlines()
    assert strict[2].startswith("::error ")


def test_what_github_takes_for_its_own_is_escaped(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model.write_text(MODEL.replace("Who stops was heard.", '"100 %: a\\nb::c, d"'), encoding="utf-8")
    (line,) = (line for line in written(capsys, "github").splitlines() if line.startswith("::error"))
    assert line.partition("col=3,title=")[2].startswith("VIOLATED heard in one::VIOLATED (not PROVED): 100 %25: a")
    assert "::c, d [heard in one" in line


def test_sarif(capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(written(capsys, "sarif"))
    jsonschema.validate(log, SARIF)
    (found,) = log["runs"]
    assert found["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in found["results"]] == [one["ruleId"] for one in found["results"]]
    told = {one["ruleId"]: (one["kind"], one["level"]) for one in found["results"]}
    assert told["silent"] == ("pass", "none")
    assert told["heard"] == ("fail", "error")
    assert told["warning"] == ("fail", "warning")
    (heard,) = (one for one in found["results"] if one["ruleId"] == "heard")
    place = heard["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("m.yaml", line_of("heard:"))
    related = heard["relatedLocations"][0]["physicalLocation"]["region"]["startLine"]
    (flow,) = heard["codeFlows"][0]["threadFlows"]
    lines = [one["location"]["physicalLocation"]["region"]["startLine"] for one in flow["locations"]]
    assert (related, lines) == (line_of("id: stop"), [line_of("trigger: call"), line_of("id: stop")])
    assert all(one["location"]["message"]["text"].endswith(".") for one in flow["locations"])


def test_incomplete_is_a_failure_in_each(capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--max-states", "2", "--property", "once")
    found = written(capsys, "sarif", *few, status=2)
    jsonschema.validate(json.loads(found), SARIF)
    (result,) = json.loads(found)["runs"][0]["results"]
    assert (result["kind"], result["level"]) == ("fail", "warning")
    assert written(capsys, "github", *few, status=2).startswith("::warning file=m.yaml,")
    assert ElementTree.fromstring(written(capsys, "junit", *few, status=2)).get("failures") == "1"
    assert "## m.yaml: not as expected" in written(capsys, "markdown", *few, status=2)


def test_markdown_shows_first_what_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    page = written(capsys, "markdown")
    assert page.startswith(
        "## m.yaml: not as expected\n\n1 run, 6 verdicts (4 PROVED, 2 VIOLATED); 1 of them no pass.\n"
    )
    assert f"Who stops was heard. (2 steps, shortest, `m.yaml:{line_of('heard:')}`)" in page
    assert re.search(r"<details><summary>Flow</summary>\n\n```text\nVIOLATED .*?\n```\n\n</details>", page, re.DOTALL)
    assert page.endswith(
        "| scenario | states | verdicts |\n|---|---:|---|\n| one | 5 | 6 verdicts (4 PROVED, 2 VIOLATED) |\n"
    )
    assert "silent" not in page


def untimed(text: str) -> str:
    """A text without its seconds: the attribute of JUnit, and what stands under timing in JSON."""
    return re.sub(r'time="[\d.]+"|"timing": \{.*?\}', "", text, flags=re.DOTALL)


def test_several_at_once_with_the_report_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    words = [word for name in FORMATS for word in ("--format", f"{name}=found.{name}")]
    assert run(["check", "m.yaml", "--engine", "reference", *words]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].startswith("m.yaml  scenario one")
    assert "m.yaml" not in printed.err
    for name in FORMATS:
        assert untimed(Path(f"found.{name}").read_text("utf-8")) == untimed(written(capsys, name))


def test_it_is_the_same_for_any_number_of_workers(capsys: pytest.CaptureFixture[str]) -> None:
    each = []
    for workers in ("1", "2"):
        assert run(["check", "m.yaml", "--workers", workers, "--format", "sarif", "--format", "json=found.json"]) == 1
        found = json.loads(Path("found.json").read_text("utf-8"))
        del found["timing"]
        each.append((capsys.readouterr().out, json.dumps(found)))
    assert each[0] == each[1]


def test_characters_that_xml_cannot_say(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model.write_text(MODEL.replace("Who stops was heard.", '"Bell \\a and \\e[31m red"'), encoding="utf-8")
    (failure,) = ElementTree.fromstring(written(capsys, "junit")).iter("failure")
    assert "\x1b" not in (failure.text or "")
    assert "Bell" in (failure.get("message") or "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "xml"], "'xml' is none of json, junit, sarif, github, markdown"),
        (["--format", "junit="], "'junit=' names no file: write junit=FILE"),
        (["--format", "junit", "--format", "sarif"], "junit and sarif both go to standard output: write sarif=FILE"),
        (["--format", "junit=a", "--format", "sarif=a"], "junit and sarif both go to a: write sarif=FILE"),
        (["--format", "junit", "--json", "-"], "--json - and --format both go to standard output"),
        (["--format", "junit=nowhere/a"], "nowhere/a"),
        (["--format", "junit=a", "--grow", "n", "--max-seconds", "1"], "--grow does not go with"),
    ],
)
def test_what_does_not_go_together(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "m.yaml", *words]) == 4
    assert said in capsys.readouterr().err
