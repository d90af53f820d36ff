"""A report that cannot be drawn, or a file that cannot be written, takes nothing else of an answer with it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from mcfsm.commands.cli import group, run
from mcfsm.report import check_json, style

COMMIT = "models/textbook/two_phase_commit.yaml"
CHECK = ["check", COMMIT, "--engine", "reference", "--scenario", "three", "--set", "managers=2"]


def failing(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError("drawn too small")


def test_verdicts_and_files_are_there_where_the_report_cannot_be_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style, "render_text", failing)
    report, flows = tmp_path / "report.json", tmp_path / "flows"
    assert run([*CHECK, "--json", str(report), "--save-flows", str(flows)]) == 4
    out, err = capsys.readouterr()
    assert re.findall(r"^three: (\w+) (\S+): ", out, re.MULTILINE) == [
        ("PROVED", "agreement"),
        ("PROVED", "can_commit"),
        ("PROVED", "can_abort"),
        ("PROVED", "check.deadlock"),
        ("PROVED", "check.reception"),
        ("PROVED", "check.overflow"),
    ]
    assert "the report could not be drawn; what stands above is all that it would have said" in err
    assert "ZeroDivisionError: drawn too small" in err
    assert "this is a defect of mcfsm" in err
    written = json.loads(report.read_text())
    assert [p["status"] for p in written["scenarios"][0]["properties"]] == ["PROVED"] * 6
    assert sorted(path.name for path in flows.iterdir()) == ["three.can_abort.yaml", "three.can_commit.yaml"]


def test_the_report_is_shown_where_its_json_cannot_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_json, "as_json", failing)
    assert run([*CHECK, "--json", str(tmp_path / "report.json"), "--save-flows", str(tmp_path)]) == 4
    out, err = capsys.readouterr()
    assert "1 scenario, 6 verdicts: 6 proved." in out
    assert f"2 flows in {tmp_path}" in out.replace("\n", "")
    assert "ZeroDivisionError: drawn too small" in err


def test_a_file_that_cannot_be_written_is_said_before_anything_is_explored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file, why in (("/nowhere/report.json", "No such file or directory"), (str(tmp_path), "Is a directory")):
        assert run([*CHECK, "--json", file]) == 4
        out, err = capsys.readouterr()
        assert out == ""
        assert f"{file} cannot be written: {why}" in " ".join(err.split())


def test_the_report_is_shown_where_a_file_cannot_be_written_any_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(*_: Any, **__: Any) -> Any:
        shutil.rmtree(tmp_path / "there")
        return {}

    (tmp_path / "there").mkdir()
    monkeypatch.setattr(check_json, "as_json", vanish)
    assert run([*CHECK, "--json", str(tmp_path / "there" / "report.json")]) == 4
    out, err = capsys.readouterr()
    assert "1 scenario, 6 verdicts: 6 proved." in out
    assert "report.json cannot be written: No such file or directory" in " ".join(err.split())


@pytest.mark.parametrize("call", ["write", "chmod", "replace"])
def test_a_report_that_fails_half_way_leaves_the_one_before(
    call: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, and whatever else may fail at each call that writes: the file is whole, old or new."""
    report = tmp_path / "report.json"
    report.write_text("the one before", encoding="utf-8")

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    if call == "write":
        monkeypatch.setattr("mcfsm.host.whole_files.os.fdopen", full)
    else:
        monkeypatch.setattr(Path, call, full)
    assert run([*CHECK, "--json", str(report)]) == 4
    assert "No space left on device" in capsys.readouterr().err
    assert report.read_text(encoding="utf-8") == "the one before"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


WRONG = """model: wrong
roles:
  caller: {states: [idle], initial: idle, colour: red}
scenarios:
  one: {instances: {c: caller}}
"""
MORE = {
    "compare": ["--change", "x"],
    "conditions": ["--property", "x"],
    "interwork": ["--change", "x"],
    "ladder": ["--property", "x"],
    "monitor": ["FLOW"],  # as the log
    "propose": ["--change", "x", "--for", "x", "-o", "CR"],
    "repair": ["--property", "x"],
    "replay": ["FLOW"],
    "trace": ["MODEL"],  # beside a text
    "why": ["--property", "x"],
}
ASKING = sorted(
    name
    for name, command in group.commands.items()
    if name != "verify" and any(parameter.name == "json_file" for parameter in command.params)
)  # a model, and in JSON


def test_every_command_that_answers_in_json_is_asked_below() -> None:
    assert len(ASKING) == 20


@pytest.mark.parametrize("command", ASKING)
def test_what_is_wrong_with_a_model_is_said_in_json_too(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, flow = tmp_path / "wrong.yaml", tmp_path / "flow.yaml"
    model.write_text(WRONG)
    flow.write_text("[]\n")
    files = {"FLOW": str(flow), "MODEL": str(model), "CR": str(tmp_path / "cr.docx")}
    more = [files.get(word, word) for word in MORE.get(command, [])]
    text = tmp_path / "text.txt"
    text.write_text("1 A clause\n")
    first = text if command == "trace" else model
    assert run([command, str(first), *more, "--json", "-"]) == 3
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert (said["format"], said["wrong"], said["exit_status"]) == (1, "the model", 3)
    (problem,) = said["problems"]
    assert problem == {
        "code": "M201",
        "file": str(model),
        "line": 3,
        "column": 43,
        "message": "unknown key colour",
        "hint": None,
    }
    assert f"{model}:3:43: error M201: unknown key colour" in err


def test_what_is_wrong_with_a_flow_is_said_in_a_file_of_json(tmp_path: Path) -> None:
    flow, report = tmp_path / "flow.yaml", tmp_path / "report.json"
    flow.write_text("- {instance: nobody, transition: prepare}\n")
    assert run(["replay", COMMIT, str(flow), "--scenario", "three", "--json", str(report)]) == 3
    said = json.loads(report.read_text())
    assert said["wrong"] == "the flow"
    assert [(p["code"], p["line"], p["column"]) for p in said["problems"]] == [("M602", 1, 14), ("M315", 1, 34)]


@pytest.mark.parametrize("code", ["M403", "m403", "403"])
def test_explain_takes_the_number_of_a_code(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", code]) == 0
    assert capsys.readouterr().out.startswith("M403  ")


def test_explain_names_the_nearest_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "4033"]) == 4
    assert "unknown code 4033: did you mean M403?" in capsys.readouterr().err
