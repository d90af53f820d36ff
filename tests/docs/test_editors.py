"""docs/editors.md says nothing that is not so: settings name what is there, and editors find each message's place."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from mcfsm.commands import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")


def shown(name: str) -> Any:
    (text,) = re.findall(rf"```json {name}\n(.*?)```", PAGE, re.DOTALL)
    return json.loads(text)


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What lint and check say of a model with a warning, and of one with two errors."""
    monkeypatch.chdir(tmp_path)
    assert cli.run(["new", "door"]) == 0
    model = Path("door/model.yaml")
    good = model.read_text("utf-8")
    capsys.readouterr()
    model.write_text(good.replace("  response: {", "  extra: {}\n  response: {"), encoding="utf-8")
    assert cli.run(["lint", "door"]) == 0
    warned = capsys.readouterr().out
    model.write_text(good.replace("dest: waiting", "dest: wating").replace("sent < most", "sent < mots"), "utf-8")
    assert cli.run(["lint", "door"]) == 3
    return warned + capsys.readouterr().err


PLACES = [("9", "3", "warning"), ("25", "13", "error"), ("33", "26", "error"), ("41", "22", "error")]


def test_the_task_finds_each_message_with_its_place(said: str) -> None:
    (task,) = shown("tasks")["tasks"]
    pattern = task["problemMatcher"]["pattern"]
    found = [match for match in (re.match(pattern["regexp"], line) for line in said.splitlines()) if match]
    columns = [pattern[name] for name in ("line", "column", "severity")]
    assert [tuple(match[column] for column in columns) for match in found] == PLACES
    assert {match[pattern["file"]] for match in found} == {"door/model.yaml"}
    assert [match[pattern["code"]] for match in found] == ["M801", "M301", "M403", "M403"]
    words = task["command"].split()
    assert words[0] == "mcfsm"
    assert {"--watch"} <= {option for one in cli.group.commands[words[1]].params for option in one.opts}
    watching = task["problemMatcher"]["background"]
    assert re.search(watching["beginsPattern"], "model.yaml changed")
    assert re.search(watching["endsPattern"], "watching 2 files; Ctrl-C ends")


def test_the_settings_name_schemas_and_models_that_are_there() -> None:
    for schema, patterns in shown("settings")["yaml.schemas"].items():
        assert json.loads((ROOT / schema).read_text("utf-8"))["$id"].startswith("urn:mcfsm:schema:")
        for pattern in patterns:
            assert list(ROOT.glob(pattern)) != [], pattern


@pytest.mark.process
@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
def test_vim_jumps_to_each_place(said: str) -> None:
    (settings,) = re.findall(r"```vim\n(.*?)```", PAGE, re.DOTALL)
    Path("said.txt").write_text(said, encoding="utf-8")
    Path("settings.vim").write_text(settings, encoding="utf-8")
    script = [
        "source settings.vim",
        "cgetfile said.txt",
        "call writefile(map(filter(getqflist(), 'v:val.valid'), 'v:val.lnum . \" \" . v:val.col'), 'found.txt')",
        "qall!",
    ]
    commands = [part for line in script for part in ("-c", line)]
    subprocess.run(["vim", "-N", "-u", "NONE", "-i", "NONE", "-es", *commands], check=False, timeout=60)
    assert Path("found.txt").read_text("utf-8").splitlines() == [f"{line} {column}" for line, column, _ in PLACES]


MODEL_FILES = sorted(path for path in (ROOT / "models").rglob("*.yaml") if path.parent.name != "flows")


@pytest.mark.parametrize("path", MODEL_FILES, ids=lambda path: str(path.relative_to(ROOT / "models")))
def test_every_file_of_a_model_names_its_schema_and_keeps_it(path: Path) -> None:
    text = path.read_text("utf-8")
    named = re.fullmatch(r"# yaml-language-server: \$schema=(.*)", text.splitlines()[0])
    assert named is not None
    schema = json.loads((path.parent / named[1]).read_text("utf-8"))
    assert schema["$id"] == ("urn:mcfsm:schema:clauses" if path.name == "clauses.yaml" else "urn:mcfsm:schema:model")
    broken = [
        error.message for error in Draft202012Validator(schema).iter_errors(YAML(typ="safe", pure=True).load(text))
    ]
    assert broken == []
