"""Where CI looks for other versions of Python: commands that work, and those that pyenv keeps."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import pythons

OWN = "{}.{}".format(*sys.version_info)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that commands are looked for in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def keeping(folder: Path, *releases: str) -> None:
    """Have pyenv keep these releases, each in a folder of its name."""
    said = "\\n".join(releases)
    program(folder / "pyenv", f'case $1 in versions) printf "{said}\\n";; prefix) echo "{folder}/kept/$2";; esac')


def runs(path: Path) -> str:
    """Have this be the Python of these tests."""
    program(path, f'exec {sys.executable} "$@"')
    return str(path)


def test_a_command_that_works_is_taken(folder: Path) -> None:
    assert pythons.python(OWN) is None
    path = runs(folder / f"python{OWN}")
    assert pythons.python(OWN) == path


def test_a_command_that_only_says_what_to_do_is_not(folder: Path) -> None:
    program(folder / f"python{OWN}", "echo command not found >&2; exit 127")
    assert pythons.python(OWN) is None


def test_a_command_of_another_version_is_not(folder: Path) -> None:
    runs(folder / "python3.4")
    assert pythons.python("3.4") is None


def test_of_the_releases_that_pyenv_keeps_the_newest_is_taken(folder: Path) -> None:
    program(folder / f"python{OWN}", "exit 127")
    keeping(folder, f"{OWN}.9", f"{OWN}.10", f"{OWN}.x", "3.4.20")
    newest = runs(folder / "kept" / f"{OWN}.10" / "bin" / f"python{OWN}")
    runs(folder / "kept" / f"{OWN}.9" / "bin" / f"python{OWN}")
    assert pythons.python(OWN) == newest


def test_what_is_not_here_is_said_and_the_one_that_runs_is_not_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs(folder / f"python{OWN}")
    monkeypatch.setattr(pythons, "VERSIONS", (OWN, "3.4"))
    pythons.main()
    assert capsys.readouterr() == ("", "CI: there is no Python 3.4 here: nothing was asked with it\n")
