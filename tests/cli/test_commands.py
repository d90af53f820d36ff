"""The other commands, and what all have in common: help, version, and no traceback for a mistake."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

import mcfsm
from mcfsm import __main__ as program
from mcfsm.commands import cli
from mcfsm.commands.output import terminal

COMMANDS = [
    "assumptions", "changes", "check", "clauses", "compare", "conditions", "demo", "draw", "explain", "export",
    "figures", "interwork", "ladder", "lint", "matrix", "monitor", "mutate", "new", "overview", "propose", "receptions",
    "repair", "replay", "report", "schema", "trace", "verify", "walk", "why",
]  # fmt: skip
ROOT = Path(__file__).parents[2]


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    text = capsys.readouterr().out
    commands = re.findall(r"^  (\w+)  ", text.partition("\nBegin\n")[2], re.MULTILINE)
    assert sorted(commands) == COMMANDS


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (
            "check",
            {
                "--scenario",
                "--property",
                "--reading",
                "--set",
                "--engine",
                "--max-states",
                "--all",
                "--bite",
                "--avoid",
                "--fairness",
                "--grow",
                "--coverage",
                "--json",
            },
        ),
        ("draw", {"--scenario", "--reading", "--set", "--role", "--trace", "--everything", "--check", "--output"}),
        (
            "walk",
            {
                "--scenario",
                "--property",
                "--reading",
                "--set",
                "--examples",
                "--steps",
                "--seed",
                "--coverage",
                "--json",
            },
        ),
        ("lint", {"--strict", "--watch", "--json"}),
        ("receptions", {"--scenario", "--role", "--reading", "--set", "--workers", "--max-states", "--json"}),
        ("replay", {"--scenario", "--reading", "--set", "--json"}),
        (
            "why",
            {"--property", "--scenario", "--reading", "--set", "--engine", "--max-seconds", "--fairness", "--json"},
        ),
        (
            "assumptions",
            {"--property", "--scenario", "--reading", "--set", "--pairs", "--flows", "--max-states", "--json"},
        ),
        ("explain", set()),
        ("schema", set()),
    ],
)
def test_each_command_explains_its_options(capsys: pytest.CaptureFixture[str], command: str, options: set[str]) -> None:
    assert cli.run([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert options <= set(re.findall(r"--[a-z-]+", text))


def test_no_command_at_all_is_a_mistake_that_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 4
    assert "\nBegin\n  new " in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"mcfsm, version {mcfsm.__version__}\n"


@pytest.mark.process
def test_help_needs_nothing_heavy() -> None:
    script = (
        "import sys; from mcfsm.commands.cli import run; run(['--help']); "
        "print([name for name in ('numpy', 'numba', 'transitions', 'hypothesis', 'pydantic', 'rich.table', "
        "'graphviz', 'ruamel.yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.process
def test_the_package_alone_is_cheap_and_has_its_names() -> None:
    script = "import sys, mcfsm; print(sorted(mcfsm.__all__), len([m for m in sys.modules if m.startswith('mcfsm.')]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    tools = [
        "Adapter",
        "Checked",
        "Imported",
        "Limits",
        "ModelError",
        "NonConformance",
        "Run",
        "Verdict",
        "WireMessage",
    ]
    names = [*tools, "__version__", "check", "from_transitions", "replay", "stateful"]
    assert done.stdout == f"{names} 0\n"
    with pytest.raises(AttributeError, match="has no attribute 'chek'"):
        _ = mcfsm.chek


@pytest.mark.long
def test_the_schema_is_a_json_schema_that_takes_the_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    others = {"clauses.yaml", *(path.name for path in (ROOT / "models").rglob("flows/*.yaml"))}
    paths = sorted(path for path in (ROOT / "models").rglob("*.yaml") if path.name not in others)
    assert {path.parent.name for path in paths} >= {"mc_migration", "textbook", "changes", "S4"}
    for path in paths:
        assert list(validator.iter_errors(YAML(typ="safe", pure=True).load(path))) == [], path
    change = {"change": "c", "title": "t", "edits": [{"ad": {}}]}
    assert [error.validator for error in validator.iter_errors(change)] == ["additionalProperties"]
    assert [error.validator for error in validator.iter_errors({"model": "m", "colour": "red"})] == [
        "additionalProperties"
    ]


def test_the_schema_of_clauses_takes_those_of_the_mission(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["schema", "clauses"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    items = YAML(typ="safe", pure=True).load(ROOT / "models" / "mc_migration" / "clauses.yaml")
    assert items["10.6.3.2.1-1"]["modality"] == "plain"
    assert list(validator.iter_errors(items)) == []
    wrong = {"1-1": {"modality": "must", "text": "It does."}, "1-2": {"modality": "shall"}}
    assert sorted(error.validator for error in validator.iter_errors(wrong)) == ["enum", "required"]


@pytest.mark.parametrize(
    ("what", "file"), [("model", "schema.json"), ("clauses", "clauses.schema.json"), ("report:1", "report.schema.json")]
)
def test_the_schema_in_docs_is_the_one_printed(capsys: pytest.CaptureFixture[str], what: str, file: str) -> None:
    assert cli.run(["schema", what.partition(":")[0]]) == 0
    printed = capsys.readouterr().out
    assert printed == (ROOT / "docs" / file).read_text(encoding="utf-8")
    assert json.loads(printed)["$id"] == f"urn:mcfsm:schema:{what}"


@pytest.mark.parametrize("code", ["M403", "m403"])
def test_explain_says_what_a_code_means(capsys: pytest.CaptureFixture[str], code: str) -> None:
    assert cli.run(["explain", code]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "M403  An unknown name"


def test_explain_of_an_unknown_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", "M4O3"]) == 4
    assert "unknown code M4O3: did you mean M403?" in capsys.readouterr().err
    assert cli.run(["explain"]) == 4
    assert "Missing argument 'CODE'." in capsys.readouterr().err


def test_a_defect_of_ours_is_said_to_be_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("mcfsm.questions.check.check_selected", broken)
    assert cli.run(["check", "models/textbook/token_ring.yaml"]) == 4
    said = capsys.readouterr().err
    assert "ZeroDivisionError: planted" in said
    assert said.endswith("this is a defect of mcfsm, not of the model: please report it with the lines above\n")


def test_ctrl_c_ends_without_a_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mcfsm.questions.check.check_selected", interrupted)
    assert cli.run(["check", "models/textbook/token_ring.yaml"]) == 2
    assert capsys.readouterr().err.strip() == "interrupted by Ctrl-C: nothing was found yet"


@pytest.mark.process
def test_a_full_disk_is_said() -> None:
    script = "from mcfsm.commands.cli import main; main()"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", script, "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            check=False,
        )
    assert (done.returncode, done.stderr) == (4, "Error: No space left on device\n")


@pytest.mark.parametrize(
    "size", ["", "K", "-1", "1e9", "\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT THREE}G", "9" * 5000]
)
def test_what_is_no_size_is_said(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "models/textbook/two_phase_commit.yaml", "--max-memory", size]) == 4
    assert "is no size; write 512M or 4G" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--set", "data_bit=checked", "--option", "data_bit=all"], "--set data_bit=checked and --option data_bit=all"),
        (["--set", "items=1", "--set", "items=2"], "--set items=1 and --set items=2"),
    ],
)
def test_options_that_contradict_each_other_are_said(
    more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["check", "models/textbook/alternating_bit.yaml", *more]) == 4
    assert f"{said} contradict each other: give one of them" in " ".join(capsys.readouterr().err.split())


def test_the_same_said_twice_is_no_contradiction(capsys: pytest.CaptureFixture[str]) -> None:
    twice = ["--set", "managers=2", "--set", "managers=2"]
    model = ["models/textbook/two_phase_commit.yaml", "--scenario", "three", "--engine", "reference"]
    assert cli.run(["check", *model, *twice]) == 0
    assert "proved" in capsys.readouterr().out


def test_the_package_is_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(cli, "main", lambda: begun.append("the command line"))
    monkeypatch.delitem(sys.modules, "mcfsm.__main__", raising=False)
    runpy.run_module("mcfsm", run_name="__main__")
    assert begun == ["the command line"]
    runpy.run_module("mcfsm.__main__", run_name="imported")
    assert begun == ["the command line"]


def test_ctrl_c_before_the_command_line_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", "interrupted by Ctrl-C: nothing was found yet\n")


def test_the_names_of_the_package_are_the_public_ones() -> None:
    assert [name for name in dir(mcfsm) if not name.startswith("__")] == sorted(
        name for name in mcfsm.__all__ if not name.startswith("__")
    )
    assert {"__all__", "__version__", "__name__"} <= {*dir(mcfsm)}


def test_a_file_has_lines_of_some_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert terminal().width == 120
    monkeypatch.setenv("COLUMNS", "90")
    assert terminal().width == 90
