"""`mcfsm lint`: what it prints, its JSON, and its exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcfsm.commands.cli import run

CASES = Path(__file__).parents[1] / "diagnostics" / "lint_cases"
UNUSED, CLEAN = str(CASES / "unused_message.yaml"), str(CASES / "clean.yaml")


def test_findings_are_printed_like_errors_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", UNUSED]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{UNUSED}:3:45: warning M801: message pang is neither sent nor received",
        "  3 | messages: {ping: {number: Count}, pong: {}, pang: {}}",
        "    |                                             ^^^^",
        "  hint: leave it out",
        "1 finding",
    ]
    assert run(["lint", CLEAN]) == 0
    assert capsys.readouterr().out == "0 findings\n"


def test_strict_makes_findings_fail(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", UNUSED, "--strict"]) == 1
    assert run(["lint", CLEAN, "--strict"]) == 0
    assert capsys.readouterr().err == ""


def test_the_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["lint", UNUSED, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "format": 1,
        "findings": [
            {
                "code": "M801",
                "file": UNUSED,
                "line": 3,
                "column": 45,
                "message": "message pang is neither sent nor received",
                "hint": "leave it out",
            }
        ],
    }
    file = tmp_path / "lint.json"
    assert run(["lint", CLEAN, "--json", str(file)]) == 0
    assert json.loads(file.read_text(encoding="utf-8")) == {"format": 1, "findings": []}


def test_a_wrong_model_is_told_as_such(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(Path(CLEAN).read_text(encoding="utf-8").replace("dest: idle", "dest: idel"), encoding="utf-8")
    assert run(["lint", str(path)]) == 3
    assert "error M301: role client has no state idel" in capsys.readouterr().err


def test_every_scenario_and_every_choice_counts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = Path(UNUSED).read_text(encoding="utf-8")
    under = "    - {trigger: pang, under: {loud: shouting, late: later}}\n"
    options = "options: {OPTION}\n".replace(
        "OPTION",
        "loud: {text: Loud., default: quiet, values: {quiet: , shouting: }},"
        " late: {text: Late., default: at_once, values: {at_once: , later: }}",
    )
    path = tmp_path / "options.yaml"
    path.write_text(
        text.replace("domains:", options + "domains:").replace("define:", f"{under}define:"), encoding="utf-8"
    )
    assert run(["lint", str(path)]) == 0
    assert "warning M803: message pang is received and nobody sends it" in capsys.readouterr().out


def test_a_pending_change_that_cannot_be_applied(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It is a mistake in a file of the model, whether or not the change is asked for."""
    model = tmp_path / "model.yaml"
    model.write_text(f"changes: [late.yaml]\n{Path(CLEAN).read_text()}")
    late = tmp_path / "late.yaml"
    late.write_text(
        "change: late\ntitle: A line that is gone\nedits: [{assumption: it is gone, remove: {roles: [nobody]}}]\n"
    )
    assert run(["lint", str(model)]) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"{late}:3:")
    assert "M318" in said
