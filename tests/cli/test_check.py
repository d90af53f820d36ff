"""`mcfsm check`: what it prints, the JSON it promises, and its exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from building import write

from mcfsm import __version__
from mcfsm.commands.cli import run
from mcfsm.report.check_schema import check_schema

ROOT = Path(__file__).parents[2]
COMMIT = str(ROOT / "models" / "textbook" / "two_phase_commit.yaml")
RING = str(ROOT / "models" / "textbook" / "token_ring.yaml")

HANDSHAKE = """
model: handshake
readings:
  eager: {text: Whether it asks at once., default: at_once, values: {at_once: , later: }}
parameters: {most: 1}
options:
  loud: {text: Whether it shouts., default: quiet, values: {quiet: , shouting: }}
messages: {ask: {n: 0..3, why?: 0..3}, ok: {}}
roles:
  caller:
    variables: {asked: 0..most = 0}
    states: [idle, waiting, done]
    initial: idle
    final: [done]
    transitions:
    - {id: ask, trigger: go, kind: user, source: idle, dest: waiting, choose: {p: "1..2"}, set: {asked: "1"}, send: [{ask: {to: b, n: p, why?: 3}}], budget: asks, assumption: Somebody asks.}
    - {id: ok, trigger: ok, source: waiting, dest: done}
  called:
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: answer, trigger: ask, unless: present(msg.why), send: [{ok: {to: sender}}]}
properties:
  done: {text: It can be done., reachable: a.state == done}
  never_asked: {text: Nobody asks., never: a.asked == 1}
scenarios:
  s:
    instances: {a: caller, b: called}
    channels: {default: {bound: 2}}
    budgets: {asks: 1}
    expect: {never_asked: violated, check.deadlock: violated, check.reception: violated}
"""  # noqa: E501

LONG = ("digest", "properties", "findings", "coverage")
SCHEMA: dict[str, Any] = {
    "$defs": {
        "text": {"type": ["string", "null"]},
        "elements": {"type": "object", "additionalProperties": {"type": "string"}},
        "trace": {"type": "array", "items": {"$ref": "#/$defs/step"}},
        "step": {
            "type": "object",
            "required": [
                "instance", "transition", "kind", "clause", "assumption", "receives", "sends", "changes", "fault",
            ],
            "properties": {
                "instance": {"type": "string"},
                "transition": {"type": "string"},
                "kind": {"enum": ["reception", "protocol", "user", "environment", "ignore", "freeze"]},
                "clause": {"$ref": "#/$defs/text"},
                "assumption": {"$ref": "#/$defs/text"},
                "fault": {"$ref": "#/$defs/text"},
                "receives": {
                    "type": ["object", "null"],
                    "required": ["message", "sender", "elements"],
                    "properties": {"elements": {"$ref": "#/$defs/elements"}},
                },
                "sends": {
                    "type": "array",
                    "items": {
                        "required": ["message", "receiver", "elements"],
                        "properties": {"elements": {"$ref": "#/$defs/elements"}},
                    },
                },
                "changes": {"type": "array", "items": {"required": ["instance", "name", "before", "after"]}},
            },
        },
    },
    "type": "object",
    "required": ["format", "version", "digest", "scenarios"],
    "properties": {
        "format": {"const": 1},
        "version": {"const": __version__},
        "digest": {"pattern": "^[0-9a-f]{64}$"},
        "scenarios": {
            "type": "array",
            "items": {
                "required": [
                    "model", "scenario", "engine", "readings", "bounds", "states", "transitions", "depth", "complete",
                    "properties", "findings",
                ],
                "properties": {
                    "engine": {"type": "string"},
                    "readings": {"type": "object", "additionalProperties": {"type": "string"}},
                    "bounds": {"type": "string"},
                    "states": {"type": "integer"},
                    "transitions": {"type": "integer"},
                    "depth": {"type": "integer"},
                    "complete": {"type": "boolean"},
                    "properties": {
                        "type": "array",
                        "items": {
                            "required": [
                                "id", "text", "clause", "status", "expected", "trace", "loop_start", "relies_on",
                                "vacuous", "reason",
                            ],
                            "properties": {
                                "status": {"enum": ["PROVED", "VIOLATED", "INCOMPLETE", "VACUOUS"]},
                                "expected": {"enum": ["PROVED", "VIOLATED", "INCOMPLETE", "VACUOUS", None]},
                                "trace": {"anyOf": [{"$ref": "#/$defs/trace"}, {"type": "null"}]},
                                "loop_start": {"type": ["integer", "null"]},
                                "relies_on": {"type": "array", "items": {"type": "string"}},
                                "vacuous": {"type": "boolean"},
                                "reason": {"type": "string"},
                            },
                        },
                    },
                    "findings": {
                        "type": "array",
                        "items": {
                            "required": ["check", "subject", "trace"],
                            "properties": {"trace": {"$ref": "#/$defs/trace"}},
                        },
                    },
                },
            },
        },
    },
}  # fmt: skip


@pytest.fixture
def handshake(tmp_path: Path) -> str:
    return str(write(HANDSHAKE, tmp_path))


def unasked(err: str) -> list[str]:
    """What stands on the error stream, but for what a slow machine may bring: that something takes long."""
    return [
        line for line in err.splitlines() if not re.search(r"(, \d+ s|: kept for the next time|; searching on)$", line)
    ]


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """The exit status and the JSON on standard output, which has nothing else."""
    status = run(["check", *arguments, "--json", "-"])
    printed = capsys.readouterr()
    assert unasked(printed.err) == []
    found = json.loads(printed.out)
    jsonschema.validate(found, SCHEMA)
    jsonschema.validate(found, check_schema())
    return status, found


def test_interchangeable_instances(capsys: pytest.CaptureFixture[str]) -> None:
    core = str(ROOT / "benchmarks" / "models" / "migration_core.yaml")
    asked = [core, "--scenario", "alike", "--set", "users=3", "--set", "moves=1"]
    names = ["user(1)", "user(2)", "user(3)"]
    status, up_to = as_json(capsys, *asked)
    assert status == 1  # nobody is recorded wrongly after one move
    assert [up_to["scenarios"][0][key] for key in ("states", "transitions", "interchangeable")] == [197, 520, [names]]
    _, whole = as_json(capsys, *asked, "--no-symmetry")
    assert [whole["scenarios"][0][key] for key in ("states", "transitions", "interchangeable")] == [767, 1980, []]
    verdicts = [[v["status"], v["trace"]] for v in whole["scenarios"][0]["properties"]]
    assert [[v["status"], v["trace"]] for v in up_to["scenarios"][0]["properties"]] == verdicts
    run(["check", *asked])
    assert re.search(
        r"^  197 states   520 transitions .* s\n(  with .*\n)?  up to permutation of user\(1\), user\(2\), user\(3\)$",
        capsys.readouterr().out,
        re.MULTILINE,
    )


def test_a_promise_on_runs_that_names_one_is_refused_up_to_permutation(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = Path(COMMIT).read_text(encoding="utf-8")
    text += "  alike: {like: three, interchangeable: [rm]}\n"
    ends = '  ends: {text: It ends., fairness: none, leads_to: ["true", "rm(1).state != working"]}\n'
    path = str(write(text.replace("scenarios:\n", f"{ends}scenarios:\n"), tmp_path))
    assert run(["check", path, "--scenario", "alike"]) == 3
    said = "error M614: property ends names rm(1): scenario alike explores rm(1) and rm(2) up to permutation"
    assert said in capsys.readouterr().err
    assert run(["check", path, "--scenario", "alike", "--property", "agreement"]) == 0
    assert run(["lint", path]) == 0
    capsys.readouterr()
    status, found = as_json(capsys, path, "--scenario", "alike", "--no-symmetry")
    assert (status, found["scenarios"][0]["states"]) == (1, 288)


@pytest.mark.parametrize("engine", ["exhaustive", "reference"])
@pytest.mark.long
def test_a_promise_on_runs_is_decided_up_to_permutation(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, engine: str
) -> None:
    text = Path(COMMIT).read_text(encoding="utf-8")
    text += "  alike: {like: three, interchangeable: [rm]}\n"
    ends = """  ends: {text: It ends., fairness: none, leads_to: ["true", "tm.state != init"]}
  done: {text: All come to an end., leads_to: ["true", "all(r.state != prepared for r in rm)"]}
"""
    path = str(write(text.replace("scenarios:\n", f"{ends}scenarios:\n"), tmp_path))
    asked = [path, "--scenario", "alike", "--engine", engine]
    _, up_to = as_json(capsys, *asked)
    _, whole = as_json(capsys, *asked, "--no-symmetry")
    assert (up_to["scenarios"][0]["states"], whole["scenarios"][0]["states"]) == (80, 288)
    assert up_to["scenarios"][0]["properties"] == whole["scenarios"][0]["properties"]
    statuses = {one["id"]: one["status"] for one in whole["scenarios"][0]["properties"]}
    assert (statuses["ends"], statuses["done"]) == ("VIOLATED", "VIOLATED")
    capsys.readouterr()
    assert run(["check", *asked, "--property", "ends", "--max-states", "60"]) == 1  # all orbits of some level
    assert "VIOLATED" in capsys.readouterr().out


# ---- JSON


def test_the_json_of_a_small_model(capsys: pytest.CaptureFixture[str], handshake: str) -> None:
    status, found = as_json(capsys, handshake, "--engine", "reference")
    (scenario,) = found["scenarios"]
    assert status == 0
    assert {key: scenario[key] for key in scenario if key not in LONG} == {
        "model": "handshake",
        "scenario": "s",
        "engine": "reference",
        "changes": [],
        "readings": {"eager": "at_once"},
        "options": {"loud": "quiet"},
        "parameters": {"most": 1},
        "bounds": "1 asks, fifo 2",
        "instances": {"a": "caller", "b": "called"},
        "avoided": [],
        "normative": False,
        "omitted": {},
        "observers": [],
        "interchangeable": [],
        "within": None,
        "states": 7,
        "beyond": 0,
        "transitions": 7,
        "depth": 3,
        "reduction": None,
        "complete": True,
        "stopped": None,
    }
    done, asked, deadlock, reception, overflow = scenario["properties"]
    assert {key: done[key] for key in done if key != "trace"} == {
        "id": "done",
        "text": "It can be done.",
        "clause": None,
        "place": {"file": handshake, "line": 24, "column": 3},
        "status": "PROVED",
        "expected": "PROVED",
        "loop_start": None,
        "relies_on": ["ask (assumption: Somebody asks.)"],
        "vacuous": False,
        "reason": "3 steps, shortest",
        "restricted": False,
        "normative_trace": None,
        "normative_note": "no flow without assumptions and informative items",
        "normative_loop_start": None,
        "fairness": None,
        "fairness_note": None,
        "witnesses": [],
        "bite": None,
        "any_number": [],
    }
    assert done["trace"] == [
        {
            "instance": "a",
            "transition": "ask",
            "kind": "user",
            "clause": None,
            "assumption": "Somebody asks.",
            "chosen": {"p": "1"},
            "receives": None,
            "sends": [{"message": "ask", "receiver": "b", "elements": {"n": "1"}, "lost": False}],
            "changes": [
                {"instance": "a", "name": "state", "before": "idle", "after": "waiting"},
                {"instance": "a", "name": "asked", "before": "0", "after": "1"},
            ],
            "fault": None,
        },
        {
            "instance": "b",
            "transition": "answer",
            "kind": "reception",
            "clause": None,
            "assumption": None,
            "chosen": {},
            "receives": {"message": "ask", "sender": "a", "elements": {"n": "1"}},
            "sends": [{"message": "ok", "receiver": "a", "elements": {}, "lost": False}],
            "changes": [],
            "fault": None,
        },
        {
            "instance": "a",
            "transition": "ok",
            "kind": "reception",
            "clause": None,
            "assumption": None,
            "chosen": {},
            "receives": {"message": "ok", "sender": "b", "elements": {}},
            "sends": [],
            "changes": [{"instance": "a", "name": "state", "before": "waiting", "after": "done"}],
            "fault": None,
        },
    ]
    assert (asked["status"], asked["expected"], len(asked["trace"])) == ("VIOLATED", "VIOLATED", 1)
    assert [(check["id"], check["status"]) for check in (deadlock, reception, overflow)] == [
        ("check.deadlock", "VIOLATED"),
        ("check.reception", "VIOLATED"),
        ("check.overflow", "PROVED"),
    ]
    assert scenario["coverage"]["transitions"] == {"visited": 3, "of": 3, "percent": 100.0, "missing": []}
    assert scenario["findings"][0]["stuck"] == {
        "instances": [
            {
                "instance": "a",
                "states": {"state": "waiting"},
                "final": False,
                "waits_for": [{"transition": "ok", "trigger": "ok", "why": "none is there"}],
            },
            {
                "instance": "b",
                "states": {"state": "there"},
                "final": True,
                "waits_for": [{"transition": "answer", "trigger": "ask", "why": "present(msg.why) is true"}],
            },
        ],
        "messages": ["ask(1, 3) waits in a -> b"],
    }
    assert [(f["check"], f["subject"], f["refusals"], len(f["trace"])) for f in scenario["findings"]] == [
        ("check.deadlock", "no step is possible, and not everybody is at rest", [], 1),
        (
            "check.reception",
            "b in there has no answer to ask from a",
            ["answer: present(msg.why) is true"],
            1,
        ),
    ]
    assert scenario["findings"][1]["trace"][0]["sends"][0]["elements"] == {"n": "1", "why": "3"}


def test_the_counts_that_are_published(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = as_json(capsys, COMMIT, "--scenario", "three", "--all")
    (scenario,) = found["scenarios"]
    assert (scenario["states"], scenario["transitions"], scenario["depth"]) == (288, 1145, 10)
    assert (status, scenario["complete"]) == (0, True)


def test_json_into_a_file_beside_the_text(capsys: pytest.CaptureFixture[str], handshake: str, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    assert run(["check", handshake, "--json", str(target)]) == 0
    assert capsys.readouterr().out.rstrip().endswith("1 scenario, 5 verdicts: 2 proved, 3 violated as expected.")
    found = json.loads(target.read_text(encoding="utf-8"))
    jsonschema.validate(found, SCHEMA)
    assert found["exit_status"] == 0


def test_what_is_not_ascii_is_kept_in_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = write(HANDSHAKE.replace("Nobody asks.", "Niemand fragt – nie ∀."), tmp_path)
    _, found = as_json(capsys, str(path))
    assert found["scenarios"][0]["properties"][1]["text"] == "Niemand fragt – nie ∀."


@pytest.mark.long
def test_a_run_for_each_scenario_and_each_value_of_a_reading(
    capsys: pytest.CaptureFixture[str], handshake: str
) -> None:
    _, found = as_json(capsys, handshake, "--reading", "eager=all")
    assert [(s["scenario"], s["readings"]) for s in found["scenarios"]] == [
        ("s", {"eager": "at_once"}),
        ("s", {"eager": "later"}),
    ]
    _, found = as_json(capsys, handshake, "--reading", "eager=later,at_once,later")
    assert [s["readings"]["eager"] for s in found["scenarios"]] == ["later", "at_once"]
    _, found = as_json(capsys, RING, "--scenario", "two_tokens", "--scenario", "ring", "--scenario", "two_tokens")
    assert [s["scenario"] for s in found["scenarios"]] == ["two_tokens", "ring"]


def test_settings_reach_the_model(capsys: pytest.CaptureFixture[str], handshake: str) -> None:
    _, found = as_json(capsys, handshake, "--set", "most=2", "--set", "loud=shouting")
    (scenario,) = found["scenarios"]
    assert (scenario["parameters"], scenario["options"]) == ({"most": 2}, {"loud": "shouting"})


def test_a_property_alone_brings_its_verdict_alone_and_stops_early(
    capsys: pytest.CaptureFixture[str], handshake: str
) -> None:
    status, found = as_json(capsys, handshake, "--property", "never_asked")
    (scenario,) = found["scenarios"]
    assert [p["id"] for p in scenario["properties"]] == ["never_asked"]
    assert (scenario["states"], scenario["complete"], status) == (6, False, 0)
    _, found = as_json(capsys, handshake, "--property", "never_asked", "--all")
    assert (found["scenarios"][0]["states"], found["scenarios"][0]["complete"]) == (7, True)


# ---- exit status


@pytest.mark.parametrize(
    ("change", "arguments", "status"),
    [
        (("", ""), [], 0),
        (("never_asked: violated, ", ""), [], 1),
        (("done: {text: It can be done., reachable", "done: {text: It can be done., never"), [], 1),
        (("", ""), ["--max-states", "2", "--property", "done"], 2),
        (("", ""), ["--max-states", "3", "--property", "done", "--property", "never_asked"], 2),
        (("never_asked: violated, ", ""), ["--max-states", "5", "--property", "done", "--property", "never_asked"], 1),
        (("reachable: a.state == done", "reachable: a.state == dun"), [], 3),
        (("", ""), ["--max-states", "none"], 4),
        (("reachable: a.state == done", "reachable: a.state == dun"), ["--max-states", "none"], 4),
    ],
)
def test_exit_status_and_which_wins(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: tuple[str, str], arguments: list[str], status: int
) -> None:
    path = write(HANDSHAKE.replace(*change) if change[0] else HANDSHAKE, tmp_path)
    assert run(["check", str(path), "--engine", "reference", *arguments]) == status
    assert "Traceback" not in capsys.readouterr().err


def test_strict_makes_a_warning_fail(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = write(HANDSHAKE.replace("properties:", "    - {trigger: ok}\nproperties:"), tmp_path)
    assert run(["check", str(path)]) == 0
    assert f"warning: {path}:23: transition called.ok.1 was never fired" in unwrapped(capsys.readouterr().out)
    assert run(["check", str(path), "--strict"]) == 1
    assert run(["check", str(path), "--strict", "--scenario", "s"]) == 0  # one scenario cannot say `never`


# ---- mistakes


MISTAKES = [
    (["check"], 4, "Missing argument 'PATH'"),
    (["check", "nowhere.yaml"], 3, "error M109: nowhere.yaml does not exist"),
    (["check", "."], 3, "hint: a directory needs a model.yaml"),
    (["check", COMMIT, "--scenario", "thre"], 4, "error M601: unknown scenario thre\n  hint: did you mean three?"),
    (["check", COMMIT, "--property", "agrement"], 4, "unknown property agrement\n  hint: did you mean agreement?"),
    (["check", COMMIT, "--property", "check.deadlok"], 4, "hint: did you mean check.deadlock?"),
    (["check", COMMIT, "--set", "manager=2"], 4, "unknown option or parameter manager\n  hint: did you mean managers?"),
    (["check", COMMIT, "--set", "managers=many"], 4, "parameter managers is 'many', but a whole number is expected"),
    (["check", COMMIT, "--set", "managers=100"], 4, "the count would be 100, which is not in 1..64"),
    (["walk", COMMIT, "--scenario", "five", "--set", "managers=100"], 4, "1 problem in what was asked"),
    (["check", COMMIT, "--property", "can_abort,agreement"], 4, "hint: repeat the option: --property can_abort --prop"),
    (["check", COMMIT, "--set", "managers"], 4, "Invalid value for '--set': 'managers' is not of the form NAME=VALUE"),
    (["check", COMMIT, "--set", "=2"], 4, "'=2' is not of the form NAME=VALUE"),
    (["check", COMMIT, "--reading", "notify=after"], 4, "error M309: unknown reading or option notify"),
    (["check", COMMIT, "--engine", "quick"], 4, "Invalid value for '--engine': 'quick' is not one of"),
    (["check", COMMIT, "--max-states", "0"], 4, "Invalid value for '--max-states': 0 is not in the range x>=1."),
    (["check", COMMIT, "--colour"], 4, "No such option '--colour'."),
    (["check", COMMIT, "extra"], 4, "Got unexpected extra argument (extra)"),
    (["check", COMMIT, "--json"], 4, "Option '--json' requires an argument."),
    (["chek", COMMIT], 4, "No such command 'chek'"),
]


@pytest.mark.parametrize(("arguments", "status", "said"), MISTAKES, ids=[" ".join(m[0][-2:])[-40:] for m in MISTAKES])
def test_a_mistake_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, said: str
) -> None:
    assert run(arguments) == status
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_what_the_model_has_wrong_itself_is_no_mistake_of_who_sets_a_value(tmp_path: Path) -> None:
    text = Path(COMMIT).read_text(encoding="utf-8").replace("count: managers", "count: managers + 99")
    assert run(["check", str(write(text, tmp_path)), "--set", "managers=2"]) == 3


def test_readings_that_do_not_exist_are_named(capsys: pytest.CaptureFixture[str], handshake: str) -> None:
    assert run(["check", handshake, "--reading", "eagr=all"]) == 4
    assert "unknown reading or option eagr\n  hint: did you mean eager?" in capsys.readouterr().err
    assert run(["check", handshake, "--reading", "eager=late"]) == 4
    assert "unknown value of reading eager late\n  hint: did you mean later?" in capsys.readouterr().err
    assert run(["check", handshake, "--set", "eager=later"]) == 4
    assert "hint: readings are chosen with --reading" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str], handshake: str) -> None:
    assert run(["check", handshake, "--json", "/nowhere/report.json"]) == 4
    assert "/nowhere/report.json cannot be written: No such file or directory" in capsys.readouterr().err


def test_every_problem_of_a_model_at_once_with_lines_and_carets(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = HANDSHAKE.replace("a.state == done", "a.state == dun").replace("a.asked == 1", "a.askt == 1")
    path = write(text, tmp_path)
    assert run(["check", str(path)]) == 3
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == "2 problems in the model; mcfsm explain CODE says more"
    assert len(re.findall(r"^.*test\.yaml:\d+:\d+: error M\d{3}: ", printed.err, re.MULTILINE)) == 2
    assert printed.err.count("^^^") >= 2
    assert printed.out == ""


def test_an_error_met_while_exploring_comes_with_the_flow(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = HANDSHAKE.replace('set: {asked: "1"}', "set: {asked: asked + 1}").replace("source: idle, dest: waiting", "")
    path = write(text.replace("kind: user, ,", "kind: user,").replace("asks: 1", "asks: 3"), tmp_path)
    assert run(["check", str(path), "--engine", "reference"]) == 3
    said = capsys.readouterr().err
    assert "error M701: the new value of asked would be 2, which is not in 0..1 (transition ask of a)" in said
    assert "reached by: a ask" in said


# ---- text


def unwrapped(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_text_of_a_small_model(capsys: pytest.CaptureFixture[str], handshake: str) -> None:
    assert run(["check", handshake]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert "scenario s   a, b; 1 asks, fifo 2" in unwrapped(lines[0]).replace("scenario s a", "scenario s   a")
    text = "\n".join(lines)
    assert re.search(r"^under eager=at_once\n  7 states   7 transitions   depth 3   \d\.\d s$", text, re.MULTILINE)
    assert re.search(r"^  VIOLATED \(expected\) +never_asked +Nobody asks\. +1 step, shortest$", text, re.MULTILINE)
    assert re.search(r"^  PROVED +check\.overflow ", text, re.MULTILINE)
    assert "b in there has no answer to ask from a\n    answer: present(msg.why) is true\n" in text
    assert "after step 3: a.state = done" in text
    assert "ask (assumption: Somebody asks.)" in text
    assert lines[-1] == "1 scenario, 5 verdicts: 2 proved, 3 violated as expected."


def test_what_is_not_expected_stands_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = write(HANDSHAKE.replace("never_asked: violated", "done: violated"), tmp_path)
    assert run(["check", str(path)]) == 1
    text = capsys.readouterr().out
    assert "PROVED (not VIOLATED)" in text
    assert "VIOLATED (not PROVED)" in text
    assert " ".join(text.split()).endswith(
        "1 scenario, 5 verdicts: 1 proved, 2 violated as expected, 2 not as expected (done in s, never_asked in s)."
        f" Next: mcfsm why {path} --scenario s --property done (which clauses and assumptions it rests on)"
    )


def test_in_the_grid_a_row_and_the_flows_of_what_is_not_expected(
    capsys: pytest.CaptureFixture[str], handshake: str, tmp_path: Path
) -> None:
    assert run(["check", handshake, "--grid"]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[:10] == [
        f"{handshake}  1 scenario",
        "· proved  x violated as expected  ! not as expected  ? incomplete  o vacuous",
        "",
        "  check.overflow ┐",
        "check.reception ┐│",
        "check.deadlock ┐││",
        "  never_asked ┐│││",
        "        done ┐││││",
        "s            ·xxx·            7 states",
        "",
    ]
    assert " ".join(" ".join(lines).split()).endswith(
        " 1 scenario, 5 verdicts: 2 proved, 3 violated as expected."
        f" Next: mcfsm check {handshake} --scenario s --property never_asked (the flow of this violation)"
    )
    path = write(HANDSHAKE.replace("never_asked: violated, ", ""), tmp_path)
    assert run(["check", str(path), "--brief"]) == 1  # what the grid was called before
    text = capsys.readouterr().out
    assert "VIOLATED (not PROVED)  never_asked  1 step, shortest" in text
    assert text.count("Relies on:") == 1  # no other flow
    assert re.search(r"^s +·!xx· +7 states\n    ! VIOLATED, not PROVED: never_asked$", text, re.MULTILINE)


def test_an_incomplete_search_says_so_in_every_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", COMMIT, "--scenario", "three", "--max-states", "50"]) == 2
    text = capsys.readouterr().out
    assert "not complete: --max-states 50" in text
    assert text.count("INCOMPLETE (not PROVED)") == 6
    assert "stopped by --max-states 50 after" in text
    assert text.splitlines()[-2:] == [
        "1 scenario, 6 verdicts: 0 proved, 6 incomplete.",
        "Next: raise --max-states: --max-states 50 was not enough",
    ]


def test_several_scenarios_end_with_a_grid_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", RING, "--set", "nodes=2"]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    ring = next(place for place, line in enumerate(lines) if line.startswith("ring  "))
    assert lines[ring - 1 : ring + 2] == [
        "mutual_exclusion ┐││││││││",
        "ring             ·····x···           72 states",
        "two_tokens       xx···x···          225 states",
    ]
    assert "  72 states   140 transitions   depth 12   " in "\n".join(lines)
    assert "  225 states   554 transitions   depth 11   " in "\n".join(lines)
    assert lines[-1] == "2 scenarios, 18 verdicts: 14 proved, 4 violated as expected."


@pytest.mark.process
def test_a_file_gets_the_columns_asked_for_and_nothing_for_a_terminal(handshake: str) -> None:
    caches = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME") if name in os.environ}
    for width, columns in (("60", 60), ("200", 200), ("", 120), ("wide", 120)):
        environment = {**caches, "PATH": "/usr/bin:/bin", "COLUMNS": width, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        done = subprocess.run(
            [sys.executable, "-c", "from mcfsm.commands.cli import main; main()", "check", handshake],
            capture_output=True,
            text=True,
            env=environment,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert max(map(len, lines)) <= columns
        assert any(len(line) > min(columns, 120) - 40 for line in lines)
        assert [line for line in lines if line != line.rstrip()] == []
        assert "\x1b" not in done.stdout
        assert "\r" not in done.stdout
        assert unasked(done.stderr) == []


@pytest.mark.process
def test_nobody_reads_on() -> None:
    """A pipe that is closed early: no traceback, and no exit status that means something else."""
    script = "from mcfsm.commands.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() in (0, 141)  # as it was done, or as of any program whose reader is gone
    process.stderr.close()


def test_only_what_is_asked_is_resolved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in another scenario does not stop a check of one; a check of all finds it first, and so does lint."""
    other = "  t:\n    like: s\n    budgets: {aks: 1}\n"
    path = str(write(HANDSHAKE + other, tmp_path))
    assert run(["check", path, "--scenario", "s", "--engine", "reference"]) == 0
    assert "M603" not in capsys.readouterr().err
    for command in (["check", path, "--engine", "reference"], ["lint", path], ["check", path, "--scenario", "t"]):
        assert run(command) == 3
        shown = capsys.readouterr()
        assert "error M603: no transition or fault names the budget aks" in shown.err
        assert shown.out == ""


def test_warnings_fail_in_the_record_as_they_do_in_the_process(
    capsys: pytest.CaptureFixture[str], handshake: str
) -> None:
    """What `--strict` makes of warnings stands in the record; a search that gave up has none."""
    path = Path(handshake)
    never = "    - {id: never, trigger: never, kind: user, source: done, conditions: asked == 0}\n"
    path.write_text(path.read_text(encoding="utf-8").replace("  called:", f"{never}  called:"), encoding="utf-8")
    for limits, plain, warned in (([], 0, True), (["--max-states", "1"], 2, False)):
        for strict, status in (([], plain), (["--strict"], 1 if warned else plain)):
            asked = ["check", handshake, "--engine", "reference", *limits, *strict]
            assert run([*asked, "--json", "-"]) == status
            record = json.loads(capsys.readouterr().out)
            assert (len(record["warnings"]) > 0) is warned
            assert record["exit_status"] == status


def test_two_reports_differ_in_their_timing_alone(capsys: pytest.CaptureFixture[str], handshake: str) -> None:
    reports = []
    for _ in range(2):
        run(["check", handshake, "--engine", "reference", "--json", "-"])
        text = capsys.readouterr().out
        assert json.loads(text)["timing"]["scenarios"][0] >= 0
        reports.append(re.sub(r'"timing": \{[^}]*\}', "", text))
    assert reports[0] == reports[1]
    assert "timing" not in reports[0]
    assert "seconds" not in reports[0]


def test_what_was_asked_is_wrong_in_the_record_too(capsys: pytest.CaptureFixture[str], handshake: str) -> None:
    assert run(["check", handshake, "--scenario", "t", "--json", "-"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert (found["wrong"], found["exit_status"]) == ("what was asked", 4)


def test_a_scenario_named_null_keeps_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(write(HANDSHAKE.replace("  s:\n", "  'null':\n"), tmp_path))
    assert run(["check", path, "--engine", "reference", "--save-flows", str(tmp_path / "flows")]) == 0
    assert "scenario null " in capsys.readouterr().out
    flow = tmp_path / "flows" / "null.at_once.quiet.never_asked.yaml"
    assert 'scenario: "null"' in flow.read_text(encoding="utf-8")
    assert run(["replay", path, str(flow)]) == 0


def test_the_schema_of_the_report_names_each_key_that_a_report_has(
    capsys: pytest.CaptureFixture[str], handshake: str
) -> None:
    _, found = as_json(capsys, handshake, "--bite")
    schema = check_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert list(found) == list(schema["properties"])
    (scenario,) = found["scenarios"]
    run_of, verdict, step = (schema["$defs"][name]["properties"] for name in ("run", "verdict", "step"))
    assert set(scenario) == set(run_of)
    assert {key for one in scenario["properties"] for key in one} == set(verdict)
    steps = [one for each in scenario["properties"] for one in each["trace"] or ()]
    assert {key for one in steps for key in one} == set(step)
    for wrong in ({**found, "format": 2}, {**found, "scenarios": None}, {**found, "exit_status": "none"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
