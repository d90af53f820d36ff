"""What a command writes is none of the files that it reads: that is a mistake, said before anything is looked at."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from mcfsm.commands import files, options
from mcfsm.commands.cli import group, run

MODEL = """\
model: one who calls
clauses: clauses.yaml
include: [part.yaml]
changes: [change.yaml]
scenarios:
  one: {instances: {c: caller}}
"""
PART = "roles: {caller: {states: [idle], initial: idle, final: [idle], transitions: []}}\n"
CLAUSES = "'1.1': {modality: shall, text: There is a caller.}\n"
CHANGE = "change: more\ntitle: more\nedits: [{clause: '1.2', add: {items: {'1.2': {modality: may, text: More.}}}}]\n"
CONTENTS = {"m.yaml": MODEL, "part.yaml": PART, "clauses.yaml": CLAUSES, "change.yaml": CHANGE, "cr.docx": "a text"}
WRITERS = [
    "check m.yaml --json {}",
    "check --json {} m.yaml",
    "check m.yaml --format junit={}",
    "check m.yaml --evidence {}",
    "check m.yaml --save-flows {}",
    "check m.yaml --save-tests {}",
    "export m.yaml --to transitions --role caller -o {}",
    "clauses m.yaml --page {}",
    "clauses m.yaml --assumptions {}",
    "clauses other.yaml m.yaml --json {}",
    "compare other.yaml m.yaml --json {}",
    "assumptions m.yaml --page {}",
    "draw m.yaml -o {}",
    "report m.yaml -o {}",
    "propose m.yaml --change more --for P -o {}",
    "trace cr.docx m.yaml --fingerprints {}",
    "verify evidence.gz --model m.yaml --json {}",
]
TEXTS = [
    "trace cr.docx --json {}",
    "propose m.yaml --change more --for P --into cr.docx -o {}",
    "propose m.yaml --change more --for P --into cr.docx -o new.docx --json {}",
    "replay m.yaml cr.docx --json {}",
    "monitor m.yaml cr.docx --json {}",
    "monitor m.yaml log --names cr.docx --json {}",
    "verify cr.docx --json {}",
]


@pytest.fixture(autouse=True)
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in CONTENTS.items():
        Path(name).write_text(content, encoding="utf-8")
    Path("link").symlink_to("part.yaml")


def refused(words: str, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words.format(file).split()) == 4
    said = " ".join(capsys.readouterr().err.split())
    assert f"{file} is read here, and would be lost: name another file" in said
    assert {name: Path(name).read_text(encoding="utf-8") for name in CONTENTS} == CONTENTS


@pytest.mark.parametrize("words", WRITERS)
def test_no_output_is_written_over_the_model(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused(words, "m.yaml", capsys)


@pytest.mark.parametrize("file", ["part.yaml", "clauses.yaml", "change.yaml", "./part.yaml", "link"])
def test_nor_over_a_file_that_belongs_to_it(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused("clauses m.yaml --page {}", file, capsys)


@pytest.mark.parametrize("words", TEXTS)
def test_nor_over_a_text_or_a_log(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused(words, "cr.docx", capsys)


def test_a_file_beside_them_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    Path("old.md").write_text("the one before", encoding="utf-8")
    assert run(["clauses", "m.yaml", "--page", "old.md"]) == 0
    assert "There is a caller." in Path("old.md").read_text(encoding="utf-8")
    assert "is read here" not in capsys.readouterr().err


def test_what_a_wrong_model_says_is_not_written_over_it() -> None:
    Path("m.yaml").write_text("model: 1\nmodel: 2\n", encoding="utf-8")
    assert run(["check", "m.yaml", "--json", "m.yaml"]) == 4
    assert Path("m.yaml").read_text(encoding="utf-8") == "model: 1\nmodel: 2\n"


def test_every_file_of_a_command_line_is_read_or_held_against_what_is_read() -> None:
    """But for `figures` and `new`, which write what they name, checkpoints, in a folder of their own, and --disk."""
    unknown = [
        f"{name} {parameter.opts[0]}"
        for name, command in group.commands.items()
        for parameter in command.params
        if isinstance(parameter.type, click.Path) or getattr(parameter, "metavar", None) in ("FILE", "DIR")
        if not parameter.is_eager and parameter.callback not in (files.tried, files.not_read, options._note_json)
    ]
    assert unknown == ["new name", "check --checkpoint", "check --resume", "check --disk", "figures documents"]
