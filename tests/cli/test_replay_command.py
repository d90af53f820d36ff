"""`mcfsm replay`: what it prints, its JSON and exit statuses, and the mistakes of who writes a flow file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import WIDE, write

from mcfsm.commands.cli import run
from mcfsm.explore.findings import size_of
from mcfsm.explore.stopping import Stopped
from mcfsm.host.memory import resident
from mcfsm.questions.replay import orders as orders_module
from mcfsm.questions.replay import replay as replay_module

# what is raised in a destructor or a callback of the collector is lost; the watch brings it again
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROOT = Path(__file__).parents[2]
MIGRATION = str(ROOT / "models" / "mc_migration")

PING = """
readings:
  polite: {text: Whether it answers., default: yes, values: {yes: , no: }}
parameters: {most: 1}
messages: {ping: {n: 0..3, to_whom?: 0..3}, pong: {}}
roles:
  left:
    states: [idle, waiting]
    initial: idle
    final: [idle, waiting]
    transitions:
    - {id: serve, trigger: serve, kind: user, source: idle, dest: waiting, choose: {n: 1..2}, send: [{ping: {to: r, n: n}}], budget: serves}
    - {id: back, trigger: pong, source: waiting, dest: idle}
  right:
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: answer, trigger: ping, under: {polite: yes}, send: [{pong: {to: sender}}]}
    ignore: {ping: [there]}
scenarios:
  s: {instances: {l: left, r: right}, channels: {default: {bound: 1}}, budgets: {serves: most}}
  t: {like: s, parameters: {most: 2}}
"""  # noqa: E501

FLOW = """\
flow: one ping, one pong
scenario: s
readings: {polite: yes}
steps:
- {instance: l, transition: serve, chosen: {n: 2}}
- {instance: r, receives: ping}
- {instance: l, receives: {message: pong, sender: r}}
"""


@pytest.fixture
def ping(tmp_path: Path) -> str:
    return str(write(PING, tmp_path))


def replay(model: str, flow: str, *arguments: str) -> int:
    """The exit status for the text of a flow, in the file flow.yaml beside the model."""
    path = Path(model).parent / "flow.yaml"
    path.write_text(flow, encoding="utf-8")
    return run(["replay", model, str(path), *arguments])


def test_an_allowed_flow(capsys: pytest.CaptureFixture[str], ping: str) -> None:
    assert replay(ping, FLOW) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("scenario s   polite=yes; 1 serves, fifo 1")
    assert lines[1] == "one ping, one pong"
    assert lines[2].startswith("ALLOWED  ")
    assert lines[2].endswith("flow.yaml  3 steps; 1 state at the end")
    assert [line.split()[0] for line in lines[4:] if line.strip()[0].isdigit()] == ["1", "2", "3"]


def test_a_refused_flow(capsys: pytest.CaptureFixture[str], ping: str) -> None:
    assert replay(ping, FLOW, "--reading", "polite=no") == 1
    out = capsys.readouterr().out
    assert "flow.yaml:7  step 3 of 3: l receives pong from r\n" in out
    assert "REFUSED" in out
    assert "    pong is not offered: no channel leads from r to l\nup to there, the flow:\n" in out


def test_states_are_counted_where_the_flow_leaves_things_open(capsys: pytest.CaptureFixture[str], ping: str) -> None:
    open_flow = "steps: [{instance: l, trigger: serve}, {instance: l, trigger: serve}]"
    assert replay(ping, open_flow, "--scenario", "t") == 1
    out = capsys.readouterr().out
    assert "  the steps before may have led to 2 states:\n    in 2 of 2: serve: state is waiting, not idle\n" in out
    assert "up to there, one of the runs meant:" in out


def test_the_json(capsys: pytest.CaptureFixture[str], ping: str) -> None:
    assert replay(ping, FLOW.replace("n: 2", "n: 1"), "--set", "most=0", "--json", "-") == 1
    found = json.loads(capsys.readouterr().out)
    assert found.pop("flow").endswith("flow.yaml")
    assert found.pop("version")
    assert found == {
        "format": 1,
        "model": "test",
        "scenario": "s",
        "readings": {"polite": "yes"},
        "options": {},
        "parameters": {"most": 0},
        "bounds": "0 serves, fifo 1",
        "title": "one ping, one pong",
        "allowed": False,
        "model_changed": False,
        "steps": 3,
        "states": 1,
        "trace": [],
        "refused": {
            "step": 1,
            "line": 5,
            "asked": "l serve n=1",
            "reasons": [{"kind": "budget", "transition": "serve", "text": "budget serves is used up", "states": 1}],
        },
        "stopped": None,
        "exit_status": 1,
    }
    assert replay(ping, FLOW, "--json", "-") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["allowed"], found["refused"], len(found["trace"]), found["exit_status"]) == (True, None, 3, 0)


def test_the_command_line_counts_before_the_file(capsys: pytest.CaptureFixture[str], ping: str) -> None:
    assert replay(ping, FLOW + "parameters: {most: 0}\n") == 1
    assert replay(ping, FLOW + "parameters: {most: 0}\n", "--set", "most=1") == 0
    capsys.readouterr()
    assert replay(ping, FLOW, "--scenario", "t", "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["scenario"] == "t"


def test_a_trace_from_the_json_of_check_is_a_flow(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    commit = str(ROOT / "models" / "textbook" / "two_phase_commit.yaml")
    run(["check", commit, "--scenario", "three", "--property", "can_commit", "--json", "-"])
    trace = json.loads(capsys.readouterr().out)["scenarios"][0]["properties"][0]["trace"]
    flow = tmp_path / "trace.json"
    flow.write_text(json.dumps(trace, indent=2), encoding="utf-8")
    assert run(["replay", commit, str(flow), "--scenario", "three"]) == 0
    del trace[0]
    flow.write_text(json.dumps(trace), encoding="utf-8")
    assert run(["replay", commit, str(flow), "--scenario", "three"]) == 1


# ---- mistakes


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("instance: r,", "instance: rr,", "6:14: error M602: unknown instance rr", id="instance"),
        pytest.param("transition: serve", "transition: serv", "M315: unknown transition serv", id="transition"),
        pytest.param("transition: serve", "transition: answer", "M901: l is a left, and answer is a", id="role"),
        pytest.param("transition: serve", "trigger: sarve", "M315: unknown trigger sarve", id="trigger"),
        pytest.param("receives: ping", "receives: pang", "M302: unknown message pang", id="message"),
        pytest.param("sender: r", "sender: x", "7:51: error M602: unknown instance x", id="sender"),
        pytest.param("sender: r", "elements: {m: 1}", "M303: pong has no element m", id="element"),
        pytest.param("{n: 2}", "{m: 2}", "M901: serve leaves no m open", id="choice"),
        pytest.param("{n: 2}", "{n: 3}", "5:48: error M902: 3 is no value of 1..2", id="value"),
        pytest.param("receives: ping", "receives: {message: ping, elements: {n: 9}}", "M902: 9 is no value", id="big"),
        pytest.param(
            "receives: ping",
            "receives: {message: ping, elements: {n: ~}}",
            "M902: the element n of ping is never absent",
            id="absent",
        ),
        pytest.param(", receives: ping", "", "6:3: error M901: step 2 does not say what r does", id="nothing"),
        pytest.param(
            "transition: serve,", "transition: serve, trigger: pong,", "the trigger of serve is serve", id="2"
        ),
        pytest.param("transition: serve,", "transition: serve, receives: ping,", "serve receives no message", id="3"),
        pytest.param("receives: ping", "receives: ping, trigger: pong", "the trigger of a step that receives", id="4"),
        pytest.param(
            "instance: l, transition: serve", "instance: environment, trigger: serve", "M901", id="environment"
        ),
        pytest.param("transition: serve", "transition: freeze", "write instance: environment", id="freeze"),
        pytest.param("instance: r", "instanse: r", "M201: unknown key instanse", id="key"),
        pytest.param("instance: r, ", "", "M202: the key instance is missing", id="missing"),
        pytest.param("{n: 2}", "[n, 2]", "M203: a mapping is expected here, not a list", id="shape"),
        pytest.param("steps:", "stepps:", "M201: unknown key stepps", id="steps"),
        pytest.param("scenario: s", "scenario: x", "2:11: error M601: unknown scenario x", id="scenario"),
        pytest.param("{polite: yes}", "{polite: maybe}", "3:20: error M310", id="reading's value"),
        pytest.param("{polite: yes}", "{rude: yes}", "3:12: error M309", id="reading"),
        pytest.param("{polite: yes}", "{polite: yes}\nparameters: {mosst: 1}", "4:14: error M309", id="parameter"),
        pytest.param("{n: 2}", "{n: 2", "M101", id="yaml"),
    ],
)
def test_a_mistake_in_the_file(
    capsys: pytest.CaptureFixture[str], ping: str, old: str, new: str, expected: str
) -> None:
    assert old in FLOW
    assert replay(ping, FLOW.replace(old, new, 1)) == 3
    err = capsys.readouterr().err
    assert expected in err
    assert f"{Path(ping).parent.as_posix()}/flow.yaml:" in err
    assert "in the flow; mcfsm explain CODE says more" in err


def test_every_mistake_is_told_at_once(capsys: pytest.CaptureFixture[str], ping: str) -> None:
    assert replay(ping, FLOW.replace("instance: l", "instance: x").replace("receives: ping", "receives: pinng")) == 3
    err = capsys.readouterr().err
    assert "3 problems in the flow" in err
    assert "hint: did you mean ping?" in err


@pytest.mark.parametrize("text", ["", "flow", "3"])
def test_what_is_no_flow(capsys: pytest.CaptureFixture[str], ping: str, text: str) -> None:
    assert replay(ping, text) == 3
    assert (
        "M203: a flow file is a list of steps, or a mapping with the key steps, and this one" in capsys.readouterr().err
    )


def test_a_file_that_is_not_there_or_too_large(capsys: pytest.CaptureFixture[str], ping: str, tmp_path: Path) -> None:
    assert run(["replay", ping, str(tmp_path / "no.yaml")]) == 3
    assert "no.yaml does not exist" in capsys.readouterr().err
    assert run(["replay", ping, str(tmp_path)]) == 3
    assert "is no file" in capsys.readouterr().err
    assert replay(ping, "steps:\n" + "- {instance: l, trigger: serve}\n" * 40_000) == 3
    assert "at most 1,000,000 are read" in capsys.readouterr().err
    assert replay(ping, "steps:\n" + "- {instance: l, trigger: serve}\n" * 20_000) == 3
    assert "M104" in capsys.readouterr().err


def test_the_scenario_is_named_where_there_are_several(capsys: pytest.CaptureFixture[str], ping: str) -> None:
    assert replay(ping, FLOW.replace("scenario: s\n", "")) == 4
    assert "name one: --scenario, or scenario: in the flow file" in capsys.readouterr().err
    assert replay(ping, FLOW.replace("scenario: s\n", ""), "--scenario", "s") == 0


def test_usage(capsys: pytest.CaptureFixture[str], ping: str) -> None:
    assert run(["replay", ping]) == 4
    assert replay(ping, FLOW, "--reading", "polite=all") == 4
    assert "a flow is replayed on one value of reading polite, not all" in capsys.readouterr().err


def test_check_saves_its_flows(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    arguments = ["--scenario", "one_partner", "--reading", "notify=after", "--property", "K2"]
    assert run(["check", MIGRATION, *arguments, "--save-flows", str(folder)]) == 0
    assert f"1 flow in {folder}" in capsys.readouterr().out.replace("\n", "")
    (file,) = folder.iterdir()
    readings = "after.owner_of_id.unreachable.kept.any_reject.of_this_request"
    options = "break_before_make.kept.once.rejects.all_systems.never.never.never.not_looked_at.not_configured"
    constants = f"{readings}.{options}.done_before.every_call.assumed.redirection.names_system"
    assert file.name == f"one_partner.{constants}.K2.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == [
        'flow: "K2: Whenever everything is quiet, the primary knows the current MC service ID."',
        "scenario: one_partner",
        'readings: {"notify": "after", "redirect_scope": "owner_of_id", "left_system": "unreachable", '
        '"message_order": "kept", "no_longer_works": "any_reject", "original_id": "of_this_request"}',
    ]
    assert run(["replay", MIGRATION, str(file)]) == 0
    assert run(["replay", MIGRATION, str(file), "--reading", "notify=confirmed"]) == 1


@pytest.mark.parametrize("position", ["last", "-1", "9" * 5000])
def test_the_place_that_a_fault_strikes_is_a_number(
    capsys: pytest.CaptureFixture[str], ping: str, position: str
) -> None:
    flow = f"steps:\n- {{instance: environment, fault: {{fault: loss, position: '{position}'}}}}\n"
    assert replay(ping, flow, "--scenario", "s") == 3
    first = capsys.readouterr().err.splitlines()[0]
    assert "flow.yaml:2:" in first
    assert "error M203: the position is '" in first
    assert first.endswith("', but a whole number from 0 is expected")


@pytest.mark.long
def test_one_step_with_millions_of_outcomes_takes_no_more_than_it_may(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    limit = resident() + (32 << 20)
    flow = "steps: [{instance: x, transition: one.go.1, chosen: {b: 1}}]"
    assert replay(str(write(WIDE, tmp_path)), flow, "--max-memory", str(limit)) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "flow.yaml allowed up to step 0 of 1; the others were not decided" in said
    assert f"Stopped by --max-memory {size_of(limit)}" in said
    assert resident() < limit + (64 << 20)


@pytest.mark.long
def test_seconds_that_are_over_end_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    flow = "steps: [{instance: x, transition: one.go.1, chosen: {b: 1}}]"
    assert replay(str(write(WIDE, tmp_path)), flow, "--max-seconds", "0.5", "--json", "-") == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["stopped"], found["exit_status"]) == ("--max-seconds 0.5", 2)


def test_a_signal_tells_how_far_the_flow_is_allowed(
    capsys: pytest.CaptureFixture[str], ping: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = replay_module._follow

    def followed(product: Any, ways: Any, pattern: Any) -> Any:
        if pattern.number == 3:
            raise Stopped("SIGTERM")
        return before(product, ways, pattern)

    monkeypatch.setattr(replay_module, "_follow", followed)
    assert replay(ping, FLOW, "--orders", "--json", "-") == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["allowed"], found["stopped"], found["refused"], found["exit_status"]) == (False, "SIGTERM", None, 2)
    assert [step["transition"] for step in found["trace"]] == ["serve", "answer"]
    assert "orders" not in found


def test_an_allowed_flow_stays_so_where_its_orders_are_ended(
    capsys: pytest.CaptureFixture[str], ping: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(*_: object) -> int:
        raise Stopped("--max-seconds 1")

    monkeypatch.setattr(orders_module, "_count", counted)
    assert replay(ping, FLOW, "--orders", "--json", "-") == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["allowed"], found["stopped"], found["orders"]) == (True, "--max-seconds 1", None)
    assert replay(ping, FLOW, "--orders") == 2
    out = capsys.readouterr().out
    assert "\nALLOWED  " in out
    assert out.splitlines()[-1].startswith("Stopped by --max-seconds 1; raise it")
