"""mcfsm export: a text that names what it is, and what it cannot say. SPIN runs it in `conformance`, or `tests/tla`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from building import build, write

from mcfsm.commands import cli
from mcfsm.problems import ModelError
from mcfsm.report.promela.program import promela
from mcfsm.report.promela.scenario import Terms

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


@pytest.mark.parametrize(("elements", "count"), [(3, "64,481,201"), (6, "very many")])
def test_messages_of_a_set_are_counted_before_they_are_listed(
    elements: int, count: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terms, "messages", lambda *_: pytest.fail("they are listed"))
    names = [f"v{i}" for i in range(elements)]
    text = WIDE.replace("clauses: clauses.yaml\n", "").replace(', clause: "4.2-1"', "").replace("0..1200", "0..400")
    text = text.replace("{value: Number}", f"{{{', '.join(f'{name}: Number' for name in names)}}}")
    text = text.replace("value: n", ", ".join(f"{name}: n" for name in names))
    with pytest.raises(ModelError, match=f"x -> y may hold {count} messages, of 1,000 at most"):
        promela(build(text))


def test_a_program_says_that_states_beyond_are_stored() -> None:
    text = WIDE.replace("clauses: clauses.yaml\n", "").replace(', clause: "4.2-1"', "").replace("0..1200", "0..3")
    said = " * It stores states beyond `within` too, without a step; mcfsm counts those by themselves."
    assert said not in promela(build(text)).splitlines()
    assert said in promela(build(text.replace("{s: {", '{s: {within: "not in_flight(number, value=1)", '))).splitlines()


def test_a_line_has_its_clause(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clauses.yaml").write_text("4.2-1: {modality: shall, text: It is taken.}\n", encoding="utf-8")
    text = WIDE.replace("0..1200", "0..3").replace("choose: {n", "assumption: Anything is sent., choose: {n")
    assert cli.run(["export", str(write(text, tmp_path)), "--to", "promela"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  /* x: a.go.1, n = 1; assumption: Anything is sent. */" in lines
    assert "  /* y: take <- number from x; 4.2-1 */" in lines


@pytest.mark.parametrize("form", [["promela"], ["tla"], ["transitions", "--role", "a"]])
def test_what_a_model_says_stays_in_comments(
    form: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that a title or a clause says is read as a line of the text that is written."""
    says = r"\"\"\" */ \\N *)\n====\nassert 0 \"\"\" "
    text = WIDE.replace("clauses: clauses.yaml\n", "").replace("0..1200", "0..3")
    text = f'model: "{says}"\n' + text.replace("kind: user,", f'kind: user, clause: "{says}",')
    assert cli.run(["export", str(write(text, tmp_path)), "--to", *form]) == 0
    written = capsys.readouterr().out
    if form[0] == "transitions":
        assert [type(node).__name__ for node in ast.parse(written).body[:2]] == ["Expr", "ImportFrom"]
        code = re.sub("(?m)^# .*$", "", written.partition("from typing")[2])
    elif form[0] == "tla":
        code = re.sub(r"(?m)\\\*.*$", "", written)
    else:
        code = re.sub(r"(?s)/\*.*?\*/", "", written)
    assert written.count("assert 0") >= 2
    assert "assert 0" not in code


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


def test_a_module_is_written_with_what_tlc_reads(tmp_path: Path) -> None:
    file = tmp_path / "lossy.tla"
    assert cli.run(["export", BIT, "--to", "tla", "--scenario", "lossy", "-o", str(file)]) == 0
    lines, config = file.read_text(encoding="utf-8").splitlines(), file.with_suffix(".cfg").read_text(encoding="utf-8")
    assert lines[0].strip("-") == " MODULE lossy "
    assert lines[1] == "\\* alternating bit protocol, scenario lossy"
    assert "vars == <<transmitter, acceptor, channel, user>>" in lines
    assert 'Bound == <<"tx", "rx">> :> 2 @@ <<"rx", "tx">> :> 2' in lines
    assert "in_order == ~user.disordered" in lines
    assert config.splitlines()[1:3] == [
        "SPECIFICATION StrongSpec",
        "CHECK_DEADLOCK FALSE \\* NoDeadlock is what is meant",
    ]
    assert "\\* PROPERTY by_any_network \\* with SPECIFICATION WeakSpec" in config


def test_a_module_is_printed_with_its_configuration_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["export", BIT, "--to", "tla", "--scenario", "lossy"]) == 0
    module, _, config = capsys.readouterr().out.partition(f"\n{'=' * 80}\n")
    assert "MODULE alternating_bit_protocol_lossy" in module
    assert "SPECIFICATION StrongSpec" in config


@pytest.mark.parametrize("name", ["9x.tla", "two words.tla", "lossy.txt", "TLC.tla"])
def test_a_module_is_called_as_its_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["export", BIT, "--to", "tla", "--scenario", "lossy", "-o", str(tmp_path / name)]) == 4
    assert f"{name} is no name like lossy.tla" in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


def test_no_configuration_is_written_over_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "m.cfg"
    model.write_text(Path(BIT).read_text(encoding="utf-8"), encoding="utf-8")
    assert cli.run(["export", str(model), "--to", "tla", "--scenario", "lossy", "-o", str(tmp_path / "m.tla")]) == 4
    assert "is read here, and would be lost" in " ".join(capsys.readouterr().err.split())


def test_an_action_has_its_clause(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clauses.yaml").write_text("4.2-1: {modality: shall, text: It is taken.}\n", encoding="utf-8")
    text = WIDE.replace("0..1200", "0..3").replace("choose: {n", "assumption: Anything is sent., choose: {n")
    assert cli.run(["export", str(write(text, tmp_path)), "--to", "tla"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "\\* a.go.1 (user); assumption: Anything is sent." in lines
    assert "\\* take (reception); 4.2-1" in lines
