"""mcfsm propose --into: what a candidate adds, in the text of its author, and nothing else of it touched."""

from __future__ import annotations

import zipfile
from pathlib import Path

import documents
import pytest
from documents import deleted, inserted, level, lists, numbered, paragraph, row, run, table
from test_propose import model as model  # the lift that stays where it is

from mcfsm.commands import cli
from mcfsm.prose import tracked_insert
from mcfsm.prose.blocks import Block, Paragraph, TextError
from mcfsm.prose.read import read
from mcfsm.prose.tracked_insert import with_insertions

STEPS = ("The rider calls.", "The lift hears it.", "The lift stays where it is.")
CLAUSE = (
    paragraph(run("7.1.3\tProcedure")),
    paragraph(run("Pre-conditions:")),
    paragraph(run("-\tThere is a lift.")),
    *(paragraph(run(f"{number}.\t{said}")) for number, said in enumerate(STEPS, 1)),
    paragraph(run("NOTE:\tIt is quiet.")),
    paragraph(run("7.1.4\tStairs")),
)
RINGS = ["propose", "model.yaml", "--change", "rings", "--for", "P1"]


def words(blocks: tuple[Block, ...] | None) -> list[str]:
    return [block.text if isinstance(block, Paragraph) else "|".join(block.cells) for block in blocks or ()]


def test_a_step_stands_behind_the_last_step_and_rejected_the_text_is_as_it_was(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(model.parent)
    mine = documents.write(Path("mine.docx"), *CLAUSE, parts={"word/media/a.png": b"\x89PNG", "x/y.xml": "<y/>"})
    before = mine.read_bytes()
    assert cli.run([*RINGS, "--into", "mine.docx", "-o", "cr.docx"]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "1 item of 7.1.3 tracked; it mends nothing besides 7.1.3-5 stands behind 7.1.3-3 (paragraph 6)" in printed
    assert mine.read_bytes() == before
    was, now = read(mine), read(Path("cr.docx"))
    assert words(now.before) == words(was.after)
    assert words(now.after) == [*words(was.after)[:6], "5.\tA bell rings.", *words(was.after)[6:]]
    with zipfile.ZipFile(mine) as old, zipfile.ZipFile("cr.docx") as new:
        assert old.namelist() == new.namelist()
        parts = {name: (old.read(name), new.read(name)) for name in old.namelist()}
    assert [name for name, (one, other) in parts.items() if one != other] == ["word/document.xml"]
    one, other = parts["word/document.xml"]
    place = other.index(b"<w:p xmlns")
    assert other[:place] + other[other.index(b"</w:p>", place) + 6 :] == one


def test_what_was_put_into_a_text_is_known_there_and_not_put_into_it_again(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(model.parent)
    documents.write(Path("mine.docx"), *CLAUSE)
    assert cli.run([*RINGS, "--into", "mine.docx", "-o", "cr.docx"]) == 1
    capsys.readouterr()
    assert cli.run([*RINGS, "--into", "cr.docx", "-o", "again.docx"]) == 3
    assert "error M954: has what 7.1.3-5 adds already (paragraph 7)" in capsys.readouterr().err
    assert not Path("again.docx").exists()
    assert cli.run(["trace", "cr.docx", "model.yaml"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "as change rings of the model" in printed
    assert "7.1.3-5 (paragraph 7): added; rings adds" in printed


@pytest.mark.parametrize(
    ("blocks", "change", "file", "said"),
    [
        (CLAUSE, "remembers", "mine.docx", "7.1.3-2 is written anew, and only what is added is put into a text"),
        (CLAUSE[-1:], "rings", "mine.docx", "has no clause 7.1.3"),
        (CLAUSE, "rings", "mine.txt", "has no tracked changes"),
        (CLAUSE, "rings", "none.docx", "cannot be read: No such file or directory"),
        (CLAUSE, "rings", "cr.docx", "cr.docx is read here, and would be lost: name another file"),
    ],
)
def test_what_has_no_place_is_said(
    blocks: tuple[str, ...],
    change: str,
    file: str,
    said: str,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(model.parent)
    documents.write(Path("mine.docx"), *blocks)
    Path("mine.txt").write_text("7.1.3\tProcedure\n", encoding="utf-8")
    words = ["propose", "model.yaml", "--change", change, "--for", "P1", "--into", file, "-o", "cr.docx"]
    assert cli.run(words) in (3, 4)
    err = capsys.readouterr().err
    assert said in err
    assert "PK" not in err  # no line of a document is shown
    assert not Path("cr.docx").exists()


def test_places_are_counted_as_they_are_read(tmp_path: Path) -> None:
    """Behind rows and text boxes, among changes, lists and numbers of revisions that are there already."""
    box = f"<w:r><w:drawing><w:txbxContent>{paragraph(run('in a box'))}</w:txbxContent></w:drawing></w:r>"
    nested = f"<w:tbl><w:tr><w:tc>{paragraph(run('outer'))}{table(row('inner'))}</w:tc></w:tr></w:tbl>"
    file = documents.write(
        tmp_path / "a.docx",
        paragraph(run("one"), box, run(" more")),
        table(row("a", "b"), row("c", "d", mark="ins")),
        paragraph(deleted("gone"), inserted("came")),
        nested,
        "<w:p/>",
        numbered(0, run("step")),
        parts=lists(level(0, "%1.")),
    )
    was = read(file)
    assert [(block.line, words((block,))[0]) for block in was.after] == [
        *((1, "one more"), (2, "a|b"), (3, "c|d"), (4, "came"), (5, "outer"), (6, "inner"), (8, "1.\tstep"))
    ]
    new = tmp_path / "b.docx"
    new.write_bytes(
        with_insertions(file, {1: ["x"], 2: ["y & <z>"], 3: ["\ttab"], 5: ["in"], 8: ["e1", "e2"]}, 'a "b"')
    )
    now = read(new)
    assert words(now.before) == words(was.before)
    assert words(now.after) == [
        *("one more", "x", "a|b", "c|d", "y & <z>", "tab", "came", "outer", "inner", "in", "1.\tstep", "e1", "e2")
    ]
    with zipfile.ZipFile(new) as archive:
        text = archive.read("word/document.xml").decode()
    assert text.count('w:id="1"') == text.count('w:id="2"') == text.count('w:id="3"') == 1
    assert text.count("w:author='a \"b\"'") == 12


def test_a_text_that_would_not_read_as_it_should_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the bytes miscounted, nobody would get the file."""
    file = documents.write(tmp_path / "a.docx", *CLAUSE)
    right = tracked_insert._Ends._end

    def wrong(self: tracked_insert._Ends, name: str) -> None:
        right(self, name)
        if len(self.ends) == 4:
            self.ends[4] = self.ends[3]

    monkeypatch.setattr(tracked_insert._Ends, "_end", wrong)
    with pytest.raises(TextError, match="is not the same text with the change put into it"):
        with_insertions(file, {4: ["x"]}, "a")
