"""mcfsm new, demo and lint --watch: how somebody begins."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import time
import unittest
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

import mcfsm
from mcfsm.commands import cli
from mcfsm.language.files.reader import read
from mcfsm.language.files.schema import json_schema
from mcfsm.questions.start.findings import findings
from mcfsm.questions.start.new import TEMPLATES
from mcfsm.questions.start.shared import shared

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_is_a_model_that_passes_with_a_comment_on_each_line(
    template: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["new", "door", "--template", template]) == 0
    printed = capsys.readouterr().out
    for file in ("model.yaml", "test_door.py", "ci.yml", ".schema/model.json"):
        assert f"door/{file} " in printed
    lines = [line for line in Path("door/model.yaml").read_text("utf-8").splitlines() if line]
    assert [line for line in lines if not re.search(r"#.*\w", line)] == []
    assert max(map(len, lines)) <= 120
    assert cli.run(["lint", "door", "--strict"]) == 0
    assert cli.run(["check", "door", "--strict"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("0 findings\ndoor/model.yaml  scenario main")
    assert "2 scenarios, 14 verdicts" in told.splitlines()[-1]


@pytest.mark.parametrize(
    "template", [pytest.param(name, marks=[pytest.mark.slow] * (name == "client_server")) for name in TEMPLATES]
)
@pytest.mark.long
def test_the_test_beside_a_new_model_passes_and_fails_when_the_model_does(template: str) -> None:
    assert cli.run(["new", "door", "--template", template]) == 0
    tests = imported(Path("door/test_door.py").resolve())
    tests.test_each_verdict_is_as_expected()
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(tests.TestWalks).run(result)
    assert (result.testsRun, result.failures, result.errors) == (1, [], [])
    model = Path("door/model.yaml")
    wrong = {
        "request_response": ("conditions: done == 0", "conditions: done <= 1"),
        "client_server": ("conditions: holder == none", "conditions: holder != client(1)"),
        "handover": ("default: dropped", "default: believed"),
    }[template]
    text = model.read_text("utf-8")
    assert text.count(wrong[0]) == 1
    model.write_text(text.replace(*wrong), encoding="utf-8")
    with pytest.raises(AssertionError):
        tests.test_each_verdict_is_as_expected()
    said = [repr(verdict) for verdict in mcfsm.check("door").unexpected]
    assert re.fullmatch(r"<Verdict \w+: VIOLATED \(not PROVED\), \d+ steps, shortest>", said[0])


def test_what_is_written_for_ci_and_editors() -> None:
    assert cli.run(["new", "some/door"]) == 0
    (job,) = YAML(typ="safe").load(Path("some/door/ci.yml"))["jobs"].values()
    commands = job["steps"][-1]["run"].splitlines()
    assert commands[1:] == ["mcfsm lint door --strict", "pytest door"]
    model = Path("some/door/model.yaml").read_text("utf-8")
    named = re.fullmatch(r"# yaml-language-server: \$schema=(.*)", model.splitlines()[0])
    assert named is not None
    assert json.loads(Path("some/door", named[1]).read_text("utf-8")) == json_schema()
    assert "NAME" not in model


@pytest.mark.parametrize("name", ["1st", "a-b", "a b", "ä"])
def test_a_name_that_can_be_none(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["new", name]) == 4
    assert "a model's name has letters, digits and _, and begins with a letter" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_nothing_is_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    Path("door").mkdir()
    Path("door/mine.txt").write_text("mine", encoding="utf-8")
    assert cli.run(["new", "door"]) == 4
    assert capsys.readouterr().err == "Error: door: is there already and not empty: choose another name\n"
    assert [path.name for path in Path("door").iterdir()] == ["mine.txt"]
    Path("empty").mkdir()
    assert cli.run(["new", "empty"]) == 0


def test_the_demo_shows_a_finding_by_the_command_that_finds_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("F2  S4: an old notification overtakes a newer registration [X.1.6, X.1.4]\nFor a user: ")
    (command, mended) = re.findall(r"^\$ mcfsm (check .*)$", printed.replace(" \\\n   ", ""), re.M)
    assert command.endswith(" --scenario one_partner --reading notify=after --property K2 --engine reference")
    assert re.search(r"VIOLATED \(expected\) +K2 .* 11 steps, shortest", printed)
    assert cli.run(mended.split()) in (0, 1)
    assert re.search(r"^  PROVED .* K2 ", capsys.readouterr().out, re.M)


def test_every_finding_of_the_page_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "findings.md").read_text("utf-8")
    ranked = re.findall(r"^\| \d+ \| \[.*?\]\(#f\d+\) \((F\d+)\)", page, re.M)
    assert len(ranked) == 34
    assert list(findings()) == ranked
    assert cli.run(["demo", "--list"]) == 0
    assert re.findall(r"^(F\d+) ", capsys.readouterr().out, re.M) == ranked
    assert cli.run(["demo", "F99"]) == 4
    assert "Error: no finding F99: did you mean F9?" in capsys.readouterr().err


@pytest.mark.long
def test_the_model_that_comes_along_has_what_every_finding_speaks_of() -> None:
    read_with = cache(lambda changes: read(shared("models/mc_migration"), changes))
    for finding in findings().values():
        for options in (finding.broken, finding.holds):
            chosen = dict(zip(options[::2], options[1::2], strict=True))
            names = chosen.get("--with")
            document = read_with(None if names is None else () if names == "none" else tuple(names.split(",")))
            assert chosen["--scenario"] in document.scenarios, finding.id
            assert finding.promise in document.properties, finding.id


def test_lint_looks_again_when_a_file_changes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.run(["new", "door"]) == 0
    model = Path("door/model.yaml")
    good = model.read_text("utf-8")
    unused = good.replace("  response: {", "  rsponse: {}\n  response: {")
    part = Path("door/parts.yaml")
    texts = iter(
        [
            (model, unused),
            (model, good + "colour: red\n"),
            (model, good.replace("roles:", "include: [parts.yaml]\nroles:", 1)),
            (part, "messages: {extra: {}}\n"),
            None,
        ]
    )

    def somebody_writes(_: float) -> None:
        written = next(texts)
        if written is None:
            raise KeyboardInterrupt
        written[0].write_text(written[1], encoding="utf-8")

    capsys.readouterr()
    monkeypatch.setattr(time, "sleep", somebody_writes)
    assert cli.run(["lint", "door", "--watch", "--strict"]) == 1
    told = capsys.readouterr()
    said = re.findall(r"^(\d+ findings?|watching \d+ files?|.* changed|.*warning.*)", told.out, re.M)
    assert said == [
        "0 findings",
        "watching 1 file",
        "model.yaml changed",
        "door/model.yaml:9:3: warning M801: message rsponse is neither sent nor received",
        "1 finding",
        "watching 1 file",
        "model.yaml changed",
        "watching 1 file",
        "model.yaml changed",
        "watching 2 files",
        "parts.yaml changed",
        "door/parts.yaml:1:12: warning M801: message extra is neither sent nor received",
        "1 finding",
        "watching 2 files",
    ]
    assert "error M201: unknown key colour" in told.err
    assert "error M109: door/parts.yaml does not exist" in told.err
    assert cli.run(["lint", "door", "--watch", "--json", "-"]) == 4


@pytest.mark.process
def test_the_wheel_has_the_models_the_pages_and_the_templates(tmp_path: Path) -> None:
    for name in ("mcfsm", "models", "docs"):
        shutil.copytree(ROOT / name, tmp_path / "tree" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / "tree" / name)
    built = tmp_path / "built"
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(built)]
    subprocess.run(command, cwd=tmp_path / "tree", check=True, capture_output=True)
    for file in ("shared/models/mc_migration/model.yaml", "shared/docs/schema.json", "shared/docs/findings.md"):
        assert (built / "mcfsm" / file).read_bytes() == (ROOT / file.removeprefix("shared/")).read_bytes()
    assert {path.stem for path in (built / "mcfsm/questions/start/templates").glob("*.yaml")} == set(TEMPLATES)
    page = {path.name for path in (built / "mcfsm/report/page").glob("page.*")}
    assert page == {"page.css", "page.html.jinja", "page.js", "page.py"}
    script = "import sys, mcfsm; from mcfsm.commands.cli import run; print(mcfsm.__file__); run(['demo'])"
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(built)}, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.splitlines()[0] == str(built / "mcfsm/__init__.py")
    asked = done.stdout.replace(" \\\n   ", "")
    assert f"$ mcfsm check {built}/mcfsm/shared/models/mc_migration " in asked
    assert "1 violated as expected" in done.stdout
