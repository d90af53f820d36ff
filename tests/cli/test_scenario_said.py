"""What a scenario takes for given stands beside its verdicts: where it begins, and what becomes of what arrives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import write

from mcfsm.commands.cli import run

MODEL = """
model: a bit is told
messages: {say: {bit: 0..1}}
roles:
  speaker:
    variables: {bit: "0..1 in {0, 1}"}
    states: [quiet, done]
    initial: quiet
    final: [quiet, done]
    transitions: [{trigger: tell, kind: user, source: quiet, dest: done, send: [{say: {to: l, bit: bit}}]}]
  listener:
    variables: {bit: 0..1 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions: [{trigger: say, set: {bit: msg.bit}}]
properties:
  zero: {text: Nothing but zero is told., never: l.bit == 1}
scenarios:
  begun:
    instances: {s: speaker, l: listener}
    channels: {default: {kind: fifo, bound: 2}}
    begin: {conditions: [s.bit == 0, l.bit == 0], messages: [{say: {sender: s, receiver: l, bit: 0}}]}
  crashing:
    instances: {s: speaker, l: listener}
    channels: {default: {kind: fifo, bound: 2}}
    crash: {l: {budget: 1, arrivals: lost}}
"""


def test_conditions_on_the_beginning_and_first_messages_stand_at_the_head(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(write(MODEL, tmp_path))
    assert run(["check", path, "--scenario", "begun", "--json", "-"]) == 0
    bounds = json.loads(capsys.readouterr().out)["scenarios"][0]["bounds"]
    assert bounds.endswith("beginning where s.bit == 0 and l.bit == 0, 1 message on the way at first")


def test_what_is_lost_at_an_instance_that_is_down_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = MODEL.replace('bit: "0..1 in {0, 1}"', "bit: 0..1 = 0")
    text = text.replace(text[text.index("  begun:") : text.index("  crashing:")], "")
    path = write(text, tmp_path)
    run(["check", str(path)])
    said = " ".join(capsys.readouterr().out.split())
    assert "what arrives at l while down is lost, who is down need not restart" in said
    path.write_text(path.read_text(encoding="utf-8").replace("arrivals: lost", "arrivals: wait"), encoding="utf-8")
    run(["check", str(path)])
    said = " ".join(capsys.readouterr().out.split())
    assert "what arrives at l while down waits, who is down need not restart" in said
