"""docs/ci.md says nothing that is not so: its snippets are YAML, and every command in them is one that there is."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mcfsm.commands import cli
from mcfsm.report.formats import FORMATS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
SNIPPETS = dict(re.findall(r"```yaml ([\w-]+)\n(.*?)```", PAGE, re.DOTALL))


def texts(data: Any) -> list[str]:
    """Every text in a snippet, in order."""
    if isinstance(data, dict):
        return [text for value in data.values() for text in texts(value)]
    if isinstance(data, list):
        return [text for value in data for text in texts(value)]
    return [data] if isinstance(data, str) else []


def test_there_is_one_for_each() -> None:
    assert set(SNIPPETS) == {"github", "gitlab", "pre-commit"}


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_commands_of_a_snippet_run_and_write_what_it_hands_on(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["new", "models/mine"]) == 0
    told = texts(YAML(typ="safe").load(SNIPPETS[name]))
    commands = [text for text in told if re.match(r"mcfsm \w+ models/mine", text)]
    assert len(commands) == 1
    capsys.readouterr()
    assert cli.run(shlex.split(commands[0])[1:]) == 0
    for file in re.findall(r"\b(mcfsm\.(?:sarif|xml)|summary\.md)\b", " ".join(texts(YAML().load(SNIPPETS[name])))):
        assert Path(file).stat().st_size > 0


def test_every_format_is_in_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.M)
    assert rows == list(FORMATS)


@pytest.mark.parametrize("number", [0, 1])
def test_the_hooks_of_this_project(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")[number]
    assert hook["id"] in PAGE
    monkeypatch.chdir(tmp_path)
    assert cli.run(["new", "mine"]) == 0
    assert cli.run([*shlex.split(hook["entry"])[1:], "mine"]) == 0
    model = Path("mine/model.yaml")
    model.write_text(model.read_text("utf-8").replace("  response: {", "  extra: {}\n  response: {"), encoding="utf-8")
    assert cli.run([*shlex.split(hook["entry"])[1:], "mine"]) == (1 if hook["id"] == "mcfsm-lint" else 0)


@pytest.mark.process
@pytest.mark.parametrize("broken", [False, True])
def test_the_action_checks_and_hands_on_its_files(
    tmp_path: Path, broken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = YAML(typ="safe").load(ROOT / "action.yml")
    *_, step = action["runs"]["steps"]
    inputs = {name: str(part.get("default", "")) for name, part in action["inputs"].items()} | {"model": "mine"}
    given = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda m: inputs[m[1]], text) for name, text in step["env"].items()
    }
    monkeypatch.chdir(tmp_path)
    assert cli.run(["new", "mine"]) == 0
    if broken:
        model = Path("mine/model.yaml")
        model.write_text(model.read_text("utf-8").replace("conditions: done == 0", "conditions: done <= 1"), "utf-8")
    command = tmp_path / "bin" / "mcfsm"
    command.parent.mkdir()
    command.write_text(f"#!{sys.executable}\nfrom mcfsm.commands.cli import main\nmain()\n", encoding="utf-8")
    command.chmod(0o755)
    environment = {
        **os.environ,
        **given,
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(shell, env=environment, capture_output=True, text=True)
    assert done.returncode == (1 if broken else 0), done.stderr
    assert done.stdout.startswith("::error file=mine/model.yaml,line=") == broken
    assert json.loads(Path("mcfsm.sarif").read_text("utf-8"))["version"] == "2.1.0"
    said = "not as expected" if broken else "as expected"
    assert Path("summary.md").read_text("utf-8").startswith(f"## mine: {said}\n")
