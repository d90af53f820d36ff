"""`check --save-flows` and `replay`: a saved flow says all that it takes to replay it, and of which model it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import write

from mcfsm.commands.cli import run
from mcfsm.language.files.flow_file import read_flow

PARTIES = """\
model: a third party in one of two scenarios
changes: [louder.yaml]
options:
  asked: {text: Whether somebody is asked first., default: nobody, values: {nobody: , somebody: }}
messages: {may_i: {}, "yes": {}}
roles:
  caller:
    states: [before, asking, after]
    initial: before
    final: [after]
    transitions:
    - {id: go, trigger: go, kind: protocol, source: before, dest: after, under: {asked: nobody}}
    - {id: ask, trigger: ask, kind: protocol, source: before, dest: asking, under: {asked: somebody}, send: [{may_i: {to: oracle}}]}
    - {id: told, trigger: "yes", source: asking, dest: after, under: {asked: somebody}}
  knower: {states: [there], initial: there, final: [there], transitions: [{id: tell, trigger: may_i, send: [{"yes": {to: sender}}]}]}
properties:
  gets_there: {text: It gets there., reachable: c.state == after}
scenarios:
  alone: {instances: {c: caller}}
  together: {instances: {c: caller, oracle: knower}, options: {asked: somebody}, channels: {default: {kind: fifo, bound: 1}}}
"""  # noqa: E501
LOUDER = """\
change: louder
title: it shouts first
edits:
- add: {transitions: {caller: [{id: shout, trigger: shout, kind: user, source: after, dest: before}]}}
"""


@pytest.fixture
def parties(tmp_path: Path) -> Path:
    (tmp_path / "louder.yaml").write_text(LOUDER)
    return write(PARTIES, tmp_path)


def saved(model: Path, *arguments: str) -> list[Path]:
    """The flows of a check."""
    flows = model.parent / "flows"
    assert run(["check", str(model), "--engine", "reference", *arguments, "--save-flows", str(flows)]) == 0
    return sorted(flows.iterdir())


def test_an_option_may_restate_what_the_scenario_says_itself(parties: Path) -> None:
    (flow,) = saved(parties, "--scenario", "together", "--option", "asked=somebody")
    assert run(["replay", str(parties), str(flow)]) == 0
    assert run(["replay", str(parties), str(flow), "--option", "asked=somebody"]) == 0


def test_every_flow_is_replayed_where_it_was_found(parties: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flows = saved(parties)
    assert [flow.name for flow in flows] == ["alone.nobody.gets_there.yaml", "together.somebody.gets_there.yaml"]
    for flow in flows:
        assert run(["replay", str(parties), str(flow)]) == 0
    assert "has changed since" not in capsys.readouterr().out


def test_a_flow_says_which_changes_it_was_found_with(parties: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow, _ = saved(parties, "--with", "louder")
    assert list(read_flow(flow).changes or []) == ["louder"]
    flow.write_text(flow.read_text() + "- {instance: c, transition: shout}\n")
    assert run(["replay", str(parties), str(flow)]) == 0
    assert run(["replay", str(parties), str(flow), "--with", "none"]) == 3
    assert "unknown transition shout" in capsys.readouterr().err
    flow.write_text(flow.read_text().replace('changes: ["louder"]', 'changes: ["luoder"]'))
    assert run(["replay", str(parties), str(flow)]) == 3
    err = capsys.readouterr().err
    assert f"{flow}:4:12: error M317: unknown change luoder" in err
    assert "1 problem in the flow" in err


def changed(model: Path, flow: Path) -> bool:
    """Whether the replay of a flow, which is allowed, says that the model has changed."""
    report = model.parent / "replayed.json"
    assert run(["replay", str(model), str(flow), "--json", str(report)]) == 0
    found: bool = json.loads(report.read_text())["model_changed"]
    return found


def test_a_flow_of_another_model_is_replayed_and_says_so(parties: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow, _ = saved(parties)
    text = parties.read_text()
    parties.write_text(text.replace("It gets there.", "It gets there in the end."))  # what is promised is no step
    assert not changed(parties, flow)
    assert "has changed since" not in capsys.readouterr().out
    parties.write_text(text.replace("final: [after]", "final: [asking, after]"))
    assert changed(parties, flow)
    said = "the model has changed since this flow was written (their digests differ): it is replayed as the model is"
    assert said in " ".join(capsys.readouterr().out.split())
    assert (
        run(["replay", str(parties), str(flow), "--scenario", "alone"]) == 0
    )  # as the user says, not as the file does
    assert "has changed since" not in capsys.readouterr().out
