"""Every command that README.md, the other pages and --help show is run, every page that they link to is there."""

from __future__ import annotations

import importlib
import re
import shlex
import shutil
import subprocess
import tomllib
import unittest
from pathlib import Path

import click
import documents
import pytest

from mcfsm.commands import cli, output
from mcfsm.commands.grouped import EXAMPLES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(
    {
        *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "tests/README.md")),
        *ROOT.glob("diagrams/**/README.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("docs/decisions/*.md"),
        *ROOT.glob("models/*/README.md"),
    }
)
TWO_PHASE_COMMIT = "models/textbook/two_phase_commit.yaml"
FEW = "200"  # states: enough to see that a command does what it says
WRITTEN = {"coverage.md", "assumptions.md", "ledger.md"}  # by a command that they name without the file
FAMILIES = {
    "compare",
    "matrix",
    "overview",
    "assumptions",
    "conditions",
    "interwork",
    "repair",
    "ladder",
    "mutate",
    "propose",
}  # many models: to take their time


def commands() -> dict[str, list[str]]:
    """Each command in a block of a page or in backticks or below a help, whole or as a pattern, with what shows it."""
    found: dict[str, list[str]] = {}
    for page in PAGES:
        if page.name in WRITTEN:
            continue
        text = re.sub(r" \\\n +", " ", page.read_text(encoding="utf-8"))
        shown = re.findall(r"^    (?:\$ )?mcfsm (.*)$", text, re.M)
        shown += [" ".join(inline.split()) for inline in re.findall(r"`mcfsm ([^`]*models/[^`]*)`", text)]
        for line in shown:
            found.setdefault(re.sub(r"\[.*?\]|#.*", "", line).strip(), []).append(page.name)
    for example in (example for example in EXAMPLES.values() if not {"door", "log.jsonl"} & set(example.split())):
        found.setdefault(example, []).append("--help")
    return found


COMMANDS = commands()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the models, the flow, the texts and the other model that the pages speak of, as a release."""
    shutil.copytree(ROOT / "models", tmp_path / "models")
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "models" / "mc_migration", tmp_path / "other_model")
    flow = re.search(r"```yaml flow allowed\n(.*?)```", (ROOT / "docs" / "asking.md").read_text("utf-8"), re.DOTALL)
    assert flow is not None
    (tmp_path / "flow.yaml").write_text(flow.group(1), encoding="utf-8")
    text = re.search(r"```text trace\n(.*?)```", (ROOT / "docs" / "trace.md").read_text("utf-8"), re.DOTALL)
    assert text is not None
    (tmp_path / "cr.txt").write_text(text.group(1), encoding="utf-8")
    documents.write(tmp_path / "clause.docx", documents.paragraph(documents.run("X.1.6\tActions of the partner")))
    (tmp_path / "two_phase_commit.yaml").write_bytes((ROOT / TWO_PHASE_COMMIT).read_bytes())
    (tmp_path / "proof.gz").write_bytes(b"no evidence")
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)


def release(name: str) -> None:
    """Put the folder under git, under the name of a release."""
    author = ["-c", "user.name=test", "-c", "user.email=test@test"]
    for words in (["init", "-q"], ["add", "models"], [*author, "commit", "-qm", name], ["tag", name]):
        subprocess.run(["git", *words], check=True)


def arguments(shown: str) -> list[str]:
    """The command with a model where the page has MODEL, in one small scenario and within few states."""
    words = shlex.split(shown.replace("MODEL", TWO_PHASE_COMMIT).partition(" > ")[0])
    (command, *_) = words
    options = {name for option in cli.group.commands[command].params for name in option.opts}
    model = next((word for word in words if "models/" in word), "")
    if "mc_migration" in model and "--scenario" in options and "--scenario" not in words:
        words += ["--scenario", "one_partner"]
    if "--max-states" in options and not {"--grow"} & set(words) and command != "propose":
        words += ["--max-states", FEW]
    if command == "walk":
        words += ["--examples", "2"]
    return ["0.1" if before == "--max-seconds" else word for before, word in zip(["", *words], words, strict=False)]


@pytest.mark.parametrize("shown", COMMANDS)
def test_it_is_understood(shown: str) -> None:
    name, *rest = arguments(shown)
    command = cli.group.commands[name]
    assert command.make_context(name, rest).params.keys() == {
        parameter.name for parameter in command.params if parameter.expose_value
    }


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(
            shown,
            marks=[
                *([pytest.mark.slow] if shown.split()[0] in FAMILIES else []),
                *([pytest.mark.graphviz] if re.match(r"draw .*(--everything|--role .*\.svg)", shown) else []),
            ],
        )
        for shown in COMMANDS
    ],
)
def test_it_runs(shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    if since := re.search(r"--since (\S+)", shown):
        release(since.group(1))
    status = cli.run(arguments(shown))
    printed = capsys.readouterr()
    assert status in (0, 1, 2), printed.err
    written = re.search(r" -o (\S+)", shown)
    assert printed.out or (written and Path(written.group(1)).is_file())


def test_commands_of_all_kinds_are_found() -> None:
    assert len(COMMANDS) >= 30
    every = {line.split()[0] for line in COMMANDS}
    assert every >= {"check", "walk", "draw", "why", "replay", "changes", "compare", "matrix", "conditions", "repair"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)):
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert target.startswith("http") or file.exists(), target
        if anchor:
            text = file.read_text("utf-8")
            headings = [re.sub(r"<.*?>", "", line) for line in re.findall(r"^#+ (.+)$", text, re.M)]
            anchors = {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in headings}
            assert anchor in anchors | set(re.findall(r'<a id="([\w.-]+)"></a>', text)), target


NAMED = [
    (page.name, path, name)
    for page in (ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs" / "decisions").glob("*.md")))
    for path, name in re.findall(r"`(?:mcfsm/)?([a-z_]+/[a-z_/]*)(?:\.(\w+))?`", page.read_text("utf-8"))
]


@pytest.mark.parametrize(("page", "path", "name"), NAMED)
def test_every_module_that_a_page_names_is_there(page: str, path: str, name: str) -> None:
    if any((base / path).is_dir() for base in (ROOT, ROOT / "mcfsm")) or (ROOT / f"{path}.{name}").is_file():
        return
    module = importlib.import_module("mcfsm." + path.replace("/", "."))
    assert name in ("", "py") or hasattr(module, name), f"{page}: {path}.{name}"


def test_the_contract_of_the_architecture_is_the_one_enforced() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (layers,) = [contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers"]
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert "    " + " > ".join(layers).replace("mcfsm.", "") + "\n" in page
    rooms = set(re.findall(r"^\| `(\w+)/?` \|", page.split("| room |", 1)[1].split("\n\n")[0], re.M))
    assert rooms == set(re.findall(r"mcfsm\.(\w+)", " ".join(layers)))


def test_the_readme_is_a_page() -> None:
    assert len(README.splitlines()) <= 80


def test_the_readme_names_every_command_once() -> None:
    (table,) = re.findall(r"^\| question \|.*?\n\n", README, re.M | re.DOTALL)
    rows = [row.split("|")[2] for row in table.splitlines()[2:] if row]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(cli.group.commands)


def test_what_the_readme_shows_of_the_protocol_is_there_and_so_are_its_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    model = iter((ROOT / TWO_PHASE_COMMIT).read_text("utf-8").splitlines())
    for line in shown.splitlines():
        assert line in model, line  # in this order
    counts = re.search(r"(\d+) lines.*?on ([\d,]+) states for three managers and ([\d,]+) for five", README, re.DOTALL)
    assert counts is not None
    assert int(counts.group(1)) == len((ROOT / TWO_PHASE_COMMIT).read_text("utf-8").splitlines())
    assert cli.run(["check", str(ROOT / TWO_PHASE_COMMIT)]) == 0
    printed = re.findall(r"^  ([\d,]+) states", capsys.readouterr().out, re.M)
    assert printed == [counts.group(2), counts.group(3)]


@pytest.mark.usefixtures("place")
def test_the_mistake_of_the_readme_is_shown_as_it_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change = re.search(r"\(`source: (\[.*?\])`\): `mcfsm (check .*?)`", README)
    assert change is not None
    model = Path("two_phase_commit.yaml")
    text = model.read_text("utf-8")
    refusing = "{trigger: refuse, label: refuses, kind: user, source: %s,"
    changed = text.replace(refusing % "working", refusing)
    model.write_text(changed % change.group(1), encoding="utf-8")
    monkeypatch.setattr(output, "FILE_WIDTH", 80)
    assert cli.run(shlex.split(change.group(2))) == 1
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    assert shown in capsys.readouterr().out


def test_the_python_of_the_readme(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(ROOT)
    names: dict[str, type[unittest.TestCase]] = {}
    exec(code, names)
    assert capsys.readouterr().out.startswith("[('agreement', 'PROVED'), ")
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(names["TestCommit"]).run(result)
    assert (result.testsRun, result.failures, result.errors) == (1, [], [])


def test_every_option_named_in_backticks_is_one() -> None:
    """What pages say of a command without showing one whole: `mcfsm check --brief`."""
    seen = set()
    for page in PAGES:
        for command, options in re.findall(r"`mcfsm (\w+)((?:[^`\w-]+--?[\w-]+)[^`]*)`", page.read_text("utf-8")):
            known = {name for option in cli.group.commands[command].params for name in option.opts}
            known.add("--help")
            assert set(re.findall(r"--[\w-]+", options)) <= known, (page.name, command, options)
            seen.add(command)
    assert "check" in seen
    assert all(isinstance(command, click.Command) for command in cli.group.commands.values())
