"""`mcfsm draw`: which pictures, in which formats, where to, and which of them are stale."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from building import write

from mcfsm.commands.cli import run

ROOT = Path(__file__).parents[2]
RING = str(ROOT / "models" / "textbook" / "token_ring.yaml")
needs_dot = pytest.mark.graphviz

LAMP = """
model: lamp
readings:
  lit: {text: Whether it begins lit., default: dark_at_first, values: {dark_at_first: , lit_at_first: }}
messages: {push: {}}
roles:
  lamp:
    states: [dark, bright]
    initial: dark
    final: [dark, bright]
    transitions:
    - {id: on, trigger: push, source: dark, dest: bright, under: {lit: dark_at_first}}
    - {id: stays, trigger: push, under: {lit: lit_at_first}}
    ignore: {push: [bright]}
  hand:
    states: [near]
    initial: near
    final: [near]
    transitions: [{id: push, trigger: press, kind: user, send: [{push: {to: l}}]}]
properties:
  can: {text: It can be bright., reachable: l.state == bright}
  dark: {text: It is dark., never: l.state == bright}
scenarios:
  s:
    instances: {h: hand, l: lamp}
    channels: {default: {bound: 1, when_full: block}}
    expect: {can: {under: {lit: lit_at_first}, status: violated}, dark: {under: {lit: dark_at_first}, status: violated}}
"""


@pytest.fixture
def lamp(tmp_path: Path) -> str:
    (tmp_path / "model").mkdir()
    return str(write(LAMP, tmp_path / "model"))


def test_without_a_file_the_dot_of_every_role_goes_to_the_terminal(
    capsys: pytest.CaptureFixture[str], lamp: str
) -> None:
    assert run(["draw", lamp]) == 0
    text = capsys.readouterr().out
    assert [line for line in text.splitlines() if line.startswith("digraph")] == [
        "digraph lamp {",
        "digraph hand {",
    ]
    assert "bright" in text


def test_a_trace_goes_to_the_terminal_as_text(capsys: pytest.CaptureFixture[str], lamp: str) -> None:
    assert run(["draw", lamp, "--trace", "dark"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].split() == ["h", "l"]
    assert any("push" in line for line in lines)


@pytest.mark.parametrize(("name", "begins"), [("lamp.dot", "digraph lamp {"), ("lamp.mmd", "stateDiagram-v2\n")])
def test_one_role_into_a_file(lamp: str, tmp_path: Path, name: str, begins: str) -> None:
    assert run(["draw", lamp, "--role", "lamp", "-o", str(tmp_path / name)]) == 0
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert begins in text
    assert text.endswith("\n")


@pytest.mark.parametrize(("suffix", "begins"), [(".txt", " "), (".mmd", "sequenceDiagram"), (".svg", "<")])
def test_a_flow_into_a_file(lamp: str, tmp_path: Path, suffix: str, begins: str) -> None:
    target = tmp_path / f"flow{suffix}"
    assert run(["draw", lamp, "--trace", "can", "-o", str(target)]) == 0
    text = target.read_text(encoding="utf-8")
    assert text.lstrip("\ufeff").startswith(begins) or begins in text
    if suffix == ".svg":
        assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("suffix", [".svg", ".txt", ".mmd", ".md", ".puml", ".msc"])
def test_a_flow_says_what_it_assumes(tmp_path: Path, suffix: str) -> None:
    text = LAMP.replace("push: {to: l}}]}]", "push: {to: l}}], assumption: Somebody is there}]")
    assert text != LAMP
    (tmp_path / "model").mkdir()
    model = str(write(text, tmp_path / "model"))
    output = tmp_path / f"dark{suffix}"
    assert run(["draw", model, "--trace", "dark", "-o", str(output)]) == 0
    drawn = output.read_text(encoding="utf-8").replace("#58;", ":").replace("<U+003A>", ":")
    assert drawn.count("Assumes: Somebody is there") >= 1
    plain = str(write(LAMP, tmp_path / "model"))
    assert run(["draw", plain, "--trace", "dark", "-o", str(output)]) == 0
    assert "Assumes" not in output.read_text(encoding="utf-8")


@needs_dot
def test_the_svg_of_a_role_is_drawn_by_dot(lamp: str, tmp_path: Path) -> None:
    target = tmp_path / "lamp.svg"
    assert run(["draw", lamp, "--role", "lamp", "-o", str(target)]) == 0
    text = target.read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert "sha256:" in text


def test_a_missing_dot_says_what_to_install(
    capsys: pytest.CaptureFixture[str], lamp: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["draw", lamp, "--role", "lamp", "-o", str(tmp_path / "lamp.svg")]) == 4
    said = capsys.readouterr().err
    assert said.startswith("Error: the dot program of Graphviz is needed to draw this, and was not found.")
    assert "apt-get install graphviz" in said
    assert not (tmp_path / "lamp.svg").exists()


def test_flows_need_no_dot(lamp: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["draw", lamp, "--trace", "can", "-o", str(tmp_path / "can.svg")]) == 0
    assert (tmp_path / "can.svg").stat().st_size > 500


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--role", "lmp"], 4, "error M312: unknown role lmp\n  hint: did you mean lamp?"),
        (["--trace", "cn"], 4, "error M313: unknown property cn\n  hint: did you mean can?"),
        (["--scenario", "t"], 4, "error M601: unknown scenario t"),
        (["--reading", "lit=dim"], 4, "error M310: unknown value of reading lit dim"),
        (["--trace", "dark", "--reading", "lit=lit_at_first"], 4, "dark has no flow to draw: it is PROVED"),
        (["-o", "two.dot"], 4, "2 pictures (lamp, hand) do not fit one file: name a directory, or a --role"),
        (
            ["--role", "lamp", "-o", "lamp.gif"],
            4,
            "lamp.gif: the formats here are .svg, .dot, .mmd, .md, .puml, .png, .pdf, .emf",
        ),
        (
            ["--trace", "can", "-o", "can.dot"],
            4,
            "can.dot: the formats here are .svg, .txt, .mmd, .md, .puml, .msc, .png, .pdf, .emf",
        ),
        (["--check"], 4, "--check wants to know what: -o diagrams"),
        (["--everything"], 4, "--everything wants a directory: -o diagrams"),
        (["--role", "lamp", "-o", "/nowhere/lamp.dot"], 4, "/nowhere/lamp.dot cannot be written"),
    ],
)
def test_mistakes(capsys: pytest.CaptureFixture[str], lamp: str, arguments: list[str], status: int, said: str) -> None:
    assert run(["draw", lamp, *arguments]) == status
    printed = capsys.readouterr().err
    assert said in printed
    assert "Traceback" not in printed


@needs_dot
def test_a_directory_that_is_a_file_is_named(capsys: pytest.CaptureFixture[str], lamp: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    assert run(["draw", lamp, "--role", "lamp", "-o", str(tmp_path / "taken")]) == 4
    assert capsys.readouterr().err == f"Error: {tmp_path / 'taken'}: File exists\n"
    assert (tmp_path / "taken").read_text() == "mine"


@needs_dot
def test_everything_and_what_becomes_stale(capsys: pytest.CaptureFixture[str], lamp: str, tmp_path: Path) -> None:
    folder = tmp_path / "diagrams"
    everything = ["draw", lamp, "--everything", "-o", str(folder)]
    assert run(everything) == 0
    names = sorted(path.name for path in folder.iterdir())
    # a lamp for each reading, one hand, and the first run's flow of each property
    pictures = ["can-s.svg", "dark-s.svg", "hand.svg", "lamp-dark_at_first.svg", "lamp-lit_at_first.svg"]
    assert names == ["README.md", *pictures[:2], "drawn.sha256", *pictures[2:], "steps.md"]
    listed = (folder / "drawn.sha256").read_text("utf-8").splitlines()
    assert [line.split("  ")[1] for line in listed] == ["README.md", *pictures, "steps.md"]
    capsys.readouterr()
    assert run([*everything, "--check"]) == 0
    assert capsys.readouterr().out == "7 of 7 files are fresh\n"

    (folder / "hand.svg").write_text("<svg/>")
    (folder / "can-s.svg").unlink()
    shutil.copy(folder / "dark-s.svg", folder / "older.svg")  # drawn by mcfsm, as the list says
    shutil.copy(folder / "dark-s.svg", folder / "edited.svg")  # and changed since
    shutil.copy(folder / "dark-s.svg", folder / "copied.svg")  # and not listed
    digest = next(line for line in listed if line.endswith("dark-s.svg")).split("  ")[0]
    (folder / "drawn.sha256").write_text("\n".join([*listed, f"{digest}  older.svg", f"{digest}  edited.svg", ""]))
    (folder / "edited.svg").write_text("mine")
    (folder / "notes.txt").write_text("somebody's own")
    assert run([*everything, "--check"]) == 1
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [f"{folder / name} is stale" for name in ("hand.svg", "can-s.svg", "older.svg")]
    assert printed.out == "4 of 7 files are fresh\n"

    assert run(everything) == 0
    assert run([*everything, "--check"]) == 0
    assert (folder / "notes.txt").read_text() == "somebody's own"
    assert (folder / "edited.svg").read_text() == "mine"
    assert (folder / "copied.svg").exists()
    assert not (folder / "older.svg").exists()


PICTURE = '<a href="{0}.svg"><img src="{0}.svg" width="200" alt="{0}"></a>'
INDEX = f"""\
# Diagrams: lamp

Written with the pictures; do not edit.

## Roles as state diagrams

| role | in | picture |
|---|---|---|
| lamp | lit=dark_at_first | {PICTURE.format("lamp-dark_at_first")} |
| lamp | lit=lit_at_first | {PICTURE.format("lamp-lit_at_first")} |
| hand | every run | {PICTURE.format("hand")} |

## Flows as sequence charts

Each step in a sentence: [steps.md](steps.md).

| promise | in | the flow shows | picture |
|---|---|---|---|
| can: It can be bright. | s | PROVED in 2 steps, shortest | {PICTURE.format("can-s")} [steps](steps.md#can-s) |
| dark: It is dark. | s | VIOLATED in 2 steps, shortest | {PICTURE.format("dark-s")} [steps](steps.md#dark-s) |
"""

STEPS = """\
# Flows: lamp

Written with the pictures; do not edit.

## can-s<a id="can-s"></a>

can: It can be bright.  
Proved in 2 steps, shortest  
Scenario s

1. h (press) sends a push to l.
2. l takes the push from h.

## dark-s<a id="dark-s"></a>

dark: It is dark.  
Violated in 2 steps, shortest  
Scenario s

1. h (press) sends a push to l.
2. l takes the push from h.
"""  # noqa: W291


@needs_dot
def test_the_index_says_what_each_picture_shows_and_is_kept_fresh(
    capsys: pytest.CaptureFixture[str], lamp: str, tmp_path: Path
) -> None:
    folder = tmp_path / "diagrams"
    everything = ["draw", lamp, "--everything", "-o", str(folder)]
    assert run(everything) == 0
    page = folder / "README.md"
    assert page.read_text("utf-8") == INDEX
    assert (folder / "steps.md").read_text("utf-8") == STEPS
    page.write_text(INDEX.replace("It is dark.", "It is black."), encoding="utf-8")
    assert run([*everything, "--check"]) == 1
    assert capsys.readouterr().err == f"{page} is stale\n"
    assert run(everything) == 0
    assert page.read_text("utf-8") == INDEX


@needs_dot
def test_somebodys_own_page_is_left_alone(lamp: str, tmp_path: Path) -> None:
    folder = tmp_path / "diagrams"
    folder.mkdir()
    (folder / "README.md").write_text("# Mine\n", encoding="utf-8")
    everything = ["draw", lamp, "--everything", "-o", str(folder)]
    assert run(everything) == 0
    assert run([*everything, "--check"]) == 0
    assert (folder / "README.md").read_text("utf-8") == "# Mine\n"


@needs_dot
@pytest.mark.parametrize("asked", [["--everything"], ["--role", "hand"]])
def test_a_file_that_was_not_drawn_here_is_not_written_over(
    capsys: pytest.CaptureFixture[str], lamp: str, tmp_path: Path, asked: list[str]
) -> None:
    folder = tmp_path / "diagrams"
    folder.mkdir()
    (folder / "hand.svg").write_text("<svg>mine</svg>", encoding="utf-8")
    assert run(["draw", lamp, *asked, "-o", str(folder)]) == 4
    said = f"{folder / 'hand.svg'} was not drawn by mcfsm: move what is there, or name another directory"
    assert said in " ".join(capsys.readouterr().err.split())
    assert [file.name for file in folder.iterdir()] == ["hand.svg"]
    assert (folder / "hand.svg").read_text("utf-8") == "<svg>mine</svg>"


@needs_dot
def test_what_was_drawn_here_is_known_without_the_list(lamp: str, tmp_path: Path) -> None:
    folder = tmp_path / "diagrams"
    everything = ["draw", lamp, "--everything", "-o", str(folder)]
    assert run(everything) == 0
    (folder / "drawn.sha256").unlink()
    (folder / "hand.svg").write_text((folder / "lamp-dark_at_first.svg").read_text("utf-8"), encoding="utf-8")
    assert run(everything) == 0
    assert run([*everything, "--check"]) == 0


def test_a_single_figure_is_checked_as_it_was_asked_for(
    capsys: pytest.CaptureFixture[str], lamp: str, tmp_path: Path
) -> None:
    target = tmp_path / "can.svg"
    asked = ["draw", lamp, "--trace", "can", "--theme", "light", "-o", str(target)]
    assert run([*asked, "--check"]) == 1
    assert run(asked) == 0
    assert run([*asked, "--check"]) == 0
    assert capsys.readouterr().out.splitlines() == ["0 of 1 file is fresh", "1 of 1 file is fresh"]
    target.write_text(target.read_text("utf-8").replace("push", "pull"), encoding="utf-8")
    assert run([*asked, "--check"]) == 1
    assert capsys.readouterr().err == f"{target} is stale\n"


def test_the_steps_of_a_flow_stand_beside_its_figure(
    capsys: pytest.CaptureFixture[str], lamp: str, tmp_path: Path
) -> None:
    target = tmp_path / "flow.svg"
    assert run(["draw", lamp, "--trace", "can", "--steps", "apart", "-o", str(target)]) == 0
    steps = tmp_path / "flow-steps.md"
    assert capsys.readouterr().out == f"{steps}, {target}\n"
    assert steps.read_text("utf-8").splitlines()[-2:] == [
        "1. h (press) sends a push to l.",
        "2. l takes the push from h.",
    ]
    assert "sends a push" not in target.read_text("utf-8")


@needs_dot
def test_some_pictures_remove_no_others(lamp: str, tmp_path: Path) -> None:
    folder = tmp_path / "diagrams"
    assert run(["draw", lamp, "--everything", "-o", str(folder)]) == 0
    assert run(["draw", lamp, "--role", "hand", "-o", str(folder)]) == 0
    assert len(list(folder.iterdir())) == 10
    assert {line.split("  ")[1] for line in (folder / "drawn.sha256").read_text().splitlines()} >= {
        "hand.mmd",
        "can-s.svg",
    }


@needs_dot
def test_two_processes_write_the_same_bytes(lamp: str, tmp_path: Path) -> None:
    contents = []
    for seed in ("1", "77"):
        folder = tmp_path / seed
        script = "from mcfsm.commands.cli import main; main()"
        subprocess.run(
            [sys.executable, "-c", script, "draw", lamp, "--everything", "-o", str(folder)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]
