"""`mcfsm figures`: figures of documents are drawn by the command beside them, and checked by it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from building import write
from test_draw import LAMP

from mcfsm.commands.cli import run
from mcfsm.commands.embedded import figures_of

MARKDOWN = """\
# A lamp

<!-- mcfsm draw lamp.yaml --trace can -o docs/can.svg -->
![It can be bright](can.svg)

<!--
mcfsm draw lamp.yaml --reading lit=dark_at_first
  --trace dark --theme light -o docs/dark.svg
-->
![It is bright](dark.svg)

    <!-- mcfsm draw lamp.yaml --trace can -o shown.svg -->

```markdown
<!-- mcfsm draw lamp.yaml --trace can -o shown.svg -->
```
"""
RST = "A lamp\n======\n\n.. mcfsm draw lamp.yaml --trace can -o docs/other.svg\n.. image:: other.svg\n"
CONF = 'extensions = ["mcfsm.embedding.sphinx"]\nmcfsm_root = ".."\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    write(LAMP, tmp_path).rename(tmp_path / "lamp.yaml")
    (tmp_path / "docs" / "index.md").write_text(MARKDOWN, encoding="utf-8")
    (tmp_path / "docs" / "index.rst").write_text(RST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_in_comments_are_found_with_their_lines(project: Path) -> None:
    found = list(figures_of([project / "docs"]))
    assert [(figure.document.name, figure.line) for figure in found] == [
        ("index.md", 3),
        ("index.md", 7),
        ("index.rst", 4),
    ]
    assert found[1].arguments == (
        *("lamp.yaml", "--reading", "lit=dark_at_first", "--trace", "dark"),
        *("--theme", "light", "-o", "docs/dark.svg"),
    )


def test_they_are_drawn_and_checked(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    assert run(["figures", "docs", "--check"]) == 1
    said = capsys.readouterr()
    assert said.out == "0 of 3 figures fresh\n"
    assert said.err.splitlines() == [
        "docs/index.md:3: docs/can.svg is stale or missing; mcfsm figures draws it",
        "docs/index.md:7: docs/dark.svg is stale or missing; mcfsm figures draws it",
        "docs/index.rst:4: docs/other.svg is stale or missing; mcfsm figures draws it",
    ]
    assert run(["figures", "docs"]) == 0
    assert capsys.readouterr().out == "3 of 3 figures drawn\n"
    assert run(["figures", "docs", "--check"]) == 0
    model = project / "lamp.yaml"
    model.write_text(model.read_text("utf-8").replace("It is dark.", "It stays dark."), encoding="utf-8")
    capsys.readouterr()
    assert run(["figures", "docs/index.md", "--check"]) == 1
    assert capsys.readouterr().err == "docs/index.md:7: docs/dark.svg is stale or missing; mcfsm figures draws it\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("lamp.yaml --trace can", "the command says no file: -o FIGURE.svg"),
        ("lamp.yaml --trace cn -o cn.svg", "cn.svg could not be drawn: error M313: unknown property cn"),
        ("lamp.yaml --trace can -o can.gif", "can.gif could not be drawn: Usage: mcfsm draw"),
    ],
)
def test_what_cannot_be_drawn_is_said_with_its_place(
    capsys: pytest.CaptureFixture[str], project: Path, command: str, said: str
) -> None:
    (project / "one.md").write_text(f"\n<!-- mcfsm draw {command} -->\n", encoding="utf-8")
    assert run(["figures", "one.md"]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"one.md:2: {said}")
    assert printed.out == "0 of 1 figure drawn\n"


def build(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-W", "ignore", "-m", *command]
    return subprocess.run(
        arguments, cwd=project, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}
    )


@pytest.mark.slow
def test_a_build_with_sphinx_warns_of_a_stale_figure(project: Path) -> None:
    pytest.importorskip("sphinx")
    (project / "docs" / "conf.py").write_text(CONF, encoding="utf-8")
    (project / "docs" / "index.md").unlink()
    sphinx = ("sphinx", "-q", "-W", "--keep-going", "-b", "html", "docs", "site")
    done = build(project, *sphinx)
    assert done.returncode == 1
    assert "index.rst:4: WARNING: docs/other.svg is stale or missing; mcfsm figures draws it" in done.stderr
    assert run(["figures", "docs"]) == 0
    assert build(project, *sphinx).returncode == 0
    assert (project / "site" / "_images" / "other.svg").is_file()


@pytest.mark.slow
def test_a_build_with_mkdocs_warns_of_a_stale_figure(project: Path) -> None:
    pytest.importorskip("mkdocs")
    (project / "docs" / "index.rst").unlink()
    (project / "mkdocs.yml").write_text("site_name: lamp\nhooks: [hooks.py]\n", encoding="utf-8")
    (project / "hooks.py").write_text("from mcfsm.embedding.mkdocs import on_pre_build\n", encoding="utf-8")
    mkdocs = ("mkdocs", "build", "--strict")
    done = build(project, *mkdocs)
    assert done.returncode == 1
    assert "index.md:3: docs/can.svg is stale or missing; mcfsm figures draws it" in done.stderr
    assert run(["figures", "docs"]) == 0
    done = build(project, *mkdocs)
    assert (done.returncode, "WARNING" in done.stderr) == (0, False), done.stderr
    assert (project / "site" / "can.svg").is_file()
