"""mcfsm propose: a change request that reads right accepted and rejected, with flow, verdicts and what stays broken."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from mcfsm.commands import cli
from mcfsm.language.selection import Selection
from mcfsm.prose.blocks import Paragraph, Row
from mcfsm.prose.read import read
from mcfsm.questions.propose import JudgedChange, propose
from mcfsm.report.propose import as_text, cover_page, not_mended

MODEL = """
model: a lift that forgets
source: TS 12.345 clause 7.1.3
clauses: clauses.yaml
changes: [remembers.yaml, rings.yaml]
messages: {call: {}}
roles:
  rider: {states: [idle, waiting], initial: idle, transitions: [{id: R-1, label: calls the lift, trigger: need, kind: user, source: idle, dest: waiting, send: [{call: {to: it}}], clause: 7.1.3-1}]}
  lift:
    states: [rest, gone]
    initial: rest
    transitions: [{id: L-1, label: stays where it is, trigger: call, source: rest, dest: rest, clause: 7.1.3-2}]
properties:
  P1: {text: A lift that was called comes., clause: 7.1.3-2, never: me.state == waiting and not in_flight(call) and it.state == rest}
  P2: {text: A lift stays., clause: 7.1.3-3, never: it.state == gone}
scenarios: {house: {instances: {me: rider, it: lift}, channels: {default: {kind: fifo, bound: 1}}}}
"""  # noqa: E501
CLAUSES = """
7.1.3-pre-1: {modality: plain, text: There is a lift.}
7.1.3-1: {modality: plain, text: The rider calls.}
7.1.3-2: {modality: plain, text: The lift hears it.}
7.1.3-3: {modality: plain, text: The lift stays where it is.}
7.1.3-NOTE1: {modality: informative, text: It is quiet., not_modelled: No sound.}
"""
REMEMBERS = """
change: remembers
title: a lift that comes
candidate: true
base: TS 12.345 clause 7.1.3, where nothing moves
clauses: [7.1.3]
edits:
- clause: 7.1.3-2
  replace:
    items: {7.1.3-2: {modality: shall, text: The lift comes to who called.}}
    transitions: {lift: [{id: L-1, label: comes, trigger: call, source: rest, dest: gone, clause: 7.1.3-2}]}
- clause: 7.1.3-4
  add: {items: {7.1.3-4: {modality: may, text: Then it opens.}}}
  after: 7.1.3-3
- clause: 7.1.3-NOTE1
  remove: {items: [7.1.3-NOTE1]}
"""
RINGS = """
change: rings
title: a bell
candidate: true
edits:
- clause: 7.1.3-5
  add: {items: {7.1.3-5: {modality: may, text: A bell rings.}}}
"""

COMES_UNSAID = """
change: rings
title: a lift that comes, where nothing says so
candidate: true
edits:
- clause: 7.1.3-2
  replace: {transitions: {lift: [{id: L-1, label: comes, trigger: call, source: rest, dest: gone, clause: 7.1.3-2}]}}
"""

NEEDS_PNG = pytest.mark.skipif(
    shutil.which("rsvg-convert") is None and shutil.which("inkscape") is None,
    reason="needs a program that makes a png: apt-get install librsvg2-bin",
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A lift that stays where it is, and two candidates, of which one helps."""
    for name, text in (("model", MODEL), ("clauses", CLAUSES), ("remembers", REMEMBERS), ("rings", RINGS)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "model.yaml"


def test_what_the_candidate_does_is_told(model: Path) -> None:
    found = propose(model, "remembers", "P1")
    house = "house"
    assert [(one.place, one.name, one.before, one.after) for one in found.judged] == [
        (house, "P1", "VIOLATED", "PROVED"),
        (house, "P2", "PROVED", "VIOLATED"),
        (house, "check.deadlock", "VIOLATED", "VIOLATED"),
        (house, "check.reception", "PROVED", "PROVED"),
        (house, "check.overflow", "PROVED", "PROVED"),
    ]
    assert found.restored
    assert found.lost == (JudgedChange(house, "P2", "A lift stays.", "PROVED", "VIOLATED"),)
    assert found.exit_status == 1
    assert found.document == "TS 12.345"
    ((clause, lines),) = found.wording
    assert clause == "7.1.3"
    assert [(line.item, line.before, line.after) for line in lines if not line.kept] == [
        ("7.1.3-2", "The lift hears it.", "The lift comes to who called."),
        ("7.1.3-4", None, "Then it opens."),
        ("7.1.3-NOTE1", "It is quiet.", None),
    ]
    assert found.steps == (
        "me calls the lift and sends a call to it. [7.1.3-1]",
        "On the call from me, it stays where it is. [7.1.3-2]",
    )


def test_the_cover_page_says_why_and_what_and_what_else(model: Path) -> None:
    entries = dict(cover_page(propose(model, "remembers", "P1")))
    assert entries["Title:"] == "A lift that comes"
    assert entries["Reason for change:"] == (
        "The text promises (7.1.3-2): A lift that was called comes. A flow of 2 steps breaks it (house)."
    )
    assert entries["Summary of change:"].splitlines() == [
        "7.1.3-2 is written anew: The lift comes to who called.",
        "7.1.3-4 is added: Then it opens.",
        "7.1.3-NOTE1 goes: It is quiet.",
    ]
    assert entries["Clauses affected:"] == "7.1.3"
    assert "It breaks P2, which was kept before (house): A lift stays." in entries["Other comments:"]


@pytest.fixture
def written(model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The change request."""
    monkeypatch.chdir(model.parent)
    assert cli.run(["propose", "model.yaml", "--change", "remembers", "--for", "P1", "-o", "cr.docx"]) == 1
    return model.parent / "cr.docx"


def clause(blocks: tuple[Paragraph | Row, ...]) -> list[str]:
    """The lines between the marks of the changes."""
    said = [block.text for block in blocks if isinstance(block, Paragraph)]
    begin, end = said.index("* * * First Change * * * *"), said.index("* * * End of Changes * * * *")
    return said[begin + 2 : end]


@NEEDS_PNG
def test_accepted_and_rejected_the_clause_is_right(written: Path) -> None:
    source = read(written)
    assert source.before is not None
    first = ["There is a lift.", "1.\tThe rider calls."]
    assert clause(source.before) == [
        *first,
        "2.\tThe lift hears it.",
        "3.\tThe lift stays where it is.",
        "NOTE 1:\tIt is quiet.",
    ]
    assert clause(source.after) == [
        *first,
        "2.\tThe lift comes to who called.",
        "3.\tThe lift stays where it is.",
        "4.\tThen it opens.",
    ]


@NEEDS_PNG
def test_it_has_the_figure_and_the_verdicts(written: Path) -> None:
    with zipfile.ZipFile(written) as archive:
        (image,) = [name for name in archive.namelist() if name.startswith("word/media/")]
        assert archive.read(image).startswith(b"\x89PNG")
        text = archive.read("word/document.xml").decode()
    assert (
        len(set(re.findall(r'<w:(?:ins|del) w:id="(\d+)"', text))) == len(re.findall("<w:(?:ins|del) w:id", text)) == 6
    )
    rows = [block.cells for block in read(written).after if isinstance(block, Row)]
    assert ("P1", "A lift that was called comes. (house)", "broken", "kept") in rows
    assert ("P2", "A lift stays. (house)", "kept", "broken") in rows
    assert ("others", "3 verdicts that stay as they are", "", "") in rows


@pytest.mark.process
@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="needs LibreOffice: apt-get install libreoffice-writer-nogui"
)
def test_a_word_processor_opens_it(written: Path) -> None:
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{written.parent}/profile"]
    command += ["--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(written.parent), str(written)]
    subprocess.run(command, check=True, timeout=200, capture_output=True)
    lines = written.with_suffix(".txt").read_text("utf-8-sig").splitlines()
    assert "4.\tThen it opens." in lines
    assert "Figure M-1: A lift that was called comes: broken" in lines


@NEEDS_PNG
def test_a_candidate_that_does_not_help_says_so(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(model.parent)
    words = ["propose", "model.yaml", "--change", "rings", "--for", "P1", "-o", "cr.docx"]
    assert cli.run(words) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith("cr.docx: with rings, P1 is NOT kept everywhere: A lift that was called comes.")
    assert "What it does not mend: P1 stays broken (house): A lift that was called comes." in printed
    assert "check.deadlock stays broken (house)" in printed
    cover = dict(cover_page(propose(Path("model.yaml"), "rings", "P1")))
    assert cover["Consequences if not approved:"] == (
        "The flow of figure M-1 stays possible; with the change this is not kept either: A lift that was called comes."
    )
    assert cli.run([*words, "--json", "-"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["property"], data["restored"], data["wording"][0]["items"][-1]["after"]) == (
        "P1",
        False,
        "A bell rings.",
    )


def test_what_was_not_asked_is_said_only_where_something_was_not(model: Path) -> None:
    text = MODEL.replace("initial: rest", "initial: rest\n    final: [rest, gone]")
    text = text.replace("initial: idle,", "initial: idle, final: [idle, waiting],").replace(
        "never: it.state == gone", "reachable: it.state == rest"
    )
    model.write_text(text.rstrip()[:-1] + ", tower: {like: house}}\n", encoding="utf-8")
    said = {
        scenarios: list(not_mended(propose(model, "remembers", "P1", Selection(scenarios=scenarios))))
        for scenarios in (None, ("house",), ("house", "tower"))
    }
    everywhere = ["Nothing of what was asked here, in all scenarios."]
    assert said == {
        None: everywhere,
        ("house",): ["Nothing of what was asked here; other scenarios were not asked."],
        ("house", "tower"): everywhere,
    }


def test_a_change_of_no_item_tracks_nothing(model: Path) -> None:
    (model.parent / "rings.yaml").write_text(COMES_UNSAID, encoding="utf-8")
    found = propose(model, "rings", "P1")
    assert dict(cover_page(found))["Summary of change:"].startswith("Nothing is tracked: ")
    console = Console(width=200, record=True, file=StringIO())
    console.print(as_text(found, file="cr.docx", width=200))
    assert "  no item changes: nothing was tracked; a figure of 2 steps" in console.export_text()


def test_a_search_that_was_stopped_is_no_answer(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["propose", str(model), "--change", "remembers", "--for", "P1", "-o", str(model.parent / "cr.docx")]
    assert cli.run([*words, "--max-states", "1"]) == 2
    assert "no flow breaks P1 without the change: it is INCOMPLETE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--change", "remember", "--for", "P1"], "did you mean remembers?"),
        (["--change", "remembers", "--for", "P9"], "unknown property P9"),
        (["--change", "remembers", "--for", "P2"], "no flow breaks P2 without the change: it is PROVED"),
        (["--change", "remembers", "--for", "P1", "-o", "cr.pdf"], "cr.pdf is no .docx"),
    ],
)
def test_mistakes_are_said(
    model: Path, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(model.parent)
    assert cli.run(["propose", "model.yaml", "-o", "cr.docx", *words]) == 4
    assert said in capsys.readouterr().err
    assert not (model.parent / "cr.docx").exists()


@pytest.mark.long
def test_of_the_mission_a_report_at_the_end_mends_the_record() -> None:
    selection = Selection(scenarios=("logs_off",), changes=("S1", "S4"))
    found = propose(Path(__file__).parents[2] / "models" / "mc_migration", "end_report", "K3", selection)
    assert {one.name for one in found.mended} == {"K3", "R4", "K7"}
    assert (len(found.steps), [one.name for one in found.left], found.lost) == (9, ["check.deadlock"], ())
    assert found.exit_status == 0
    assert [line.item for _, lines in found.wording for line in lines if not line.kept] == [
        "X.1.6-ER1",
        "X.1.6-ER2",
        "X.1.6-ER3",
    ]
