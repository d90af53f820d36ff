"""mcfsm export --to promela: a program that names what it is, and what it cannot say. SPIN runs it in `conformance`."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import write

from mcfsm.commands import cli

BIT = "models/textbook/alternating_bit.yaml"
WIDE = """
domains: {Number: 0..1200}
messages: {number: {value: Number}}
roles:
  a:
    states: [up]
    initial: up
    final: [up]
    transitions: [{trigger: go, kind: user, choose: {n: 0..1}, send: [{number: {to: y, value: n}}]}]
  b: {states: [up], initial: up, final: [up], transitions: [{id: take, trigger: number, clause: "4.2-1"}]}
clauses: clauses.yaml
scenarios: {s: {instances: {x: a, y: b}, channels: {default: {kind: set}}}}
"""


def test_a_scenario_is_written(tmp_path: Path) -> None:
    file = tmp_path / "lossy.pml"
    assert cli.run(["export", BIT, "--to", "promela", "--scenario", "lossy", "-o", str(file)]) == 0
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "/* alternating bit protocol, scenario lossy"
    assert sum("d_step" in line for line in lines) == 15
    left_out = "fairness in SPIN is that of processes and not of steps: delivered, acknowledged, by_any_network"
    assert f" * Not here, as {left_out}" in lines
    assert "#define wants_1 (tx_state == ready)" in lines
    assert "#define delivery_decided ((tx_state == done) && (rx_last == 3))" in lines


def test_what_has_no_words_in_promela_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = WIDE.replace("clauses: clauses.yaml\n", "").replace(', clause: "4.2-1"', "")
    assert cli.run(["export", str(write(text, tmp_path)), "--to", "promela"]) == 3
    said = " ".join(capsys.readouterr().err.split())
    assert "M615" in said
    assert "x -> y may hold 1,201 messages, of 1,000 at most" in said


def test_a_line_has_its_clause(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clauses.yaml").write_text("4.2-1: {modality: shall, text: It is taken.}\n", encoding="utf-8")
    text = WIDE.replace("0..1200", "0..3").replace("choose: {n", "assumption: Anything is sent., choose: {n")
    assert cli.run(["export", str(write(text, tmp_path)), "--to", "promela"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  /* x: a.go.1, n = 1; assumption: Anything is sent. */" in lines
    assert "  /* y: take <- number from x; 4.2-1 */" in lines


def test_a_role_is_named_for_transitions_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["export", BIT, "--to", "transitions", "--scenario", "lossy"]) == 4
    assert "--to transitions wants --role" in capsys.readouterr().err
    assert cli.run(["export", BIT, "--to", "promela", "--scenario", "lossy", "--role", "acceptor"]) == 4
    assert "--to promela is of all roles: leave --role out" in capsys.readouterr().err


def test_an_element_that_is_never_there_is_read_as_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = WIDE.replace("clauses: clauses.yaml\n", "").replace(', clause: "4.2-1"', "").replace("0..1200", "0..1")
    text = text.replace("{value: Number}", "{value?: Number}").replace(
        "trigger: number}", "trigger: number, conditions: msg.value > 0}"
    )
    assert cli.run(["export", str(write(text, tmp_path)), "--to", "promela"]) == 0
    program = capsys.readouterr().out
    assert "None" not in program
    assert "(y_state == up)" in program
