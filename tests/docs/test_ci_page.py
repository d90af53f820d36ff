"""docs/ci.md says nothing that is not so: its snippets are YAML, and every command in them is one that there is."""

from __future__ import annotations

import re
import shlex
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
