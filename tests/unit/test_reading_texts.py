"""A text is read as .txt and as .docx, before and after its changes; a file that could do harm is refused."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import documents
import pytest
from documents import deleted, inserted, paragraph, relation, row, run, table

from mcfsm.prose.blocks import Paragraph, Row, TextError
from mcfsm.prose.plain import blocks_of
from mcfsm.prose.read import read
from mcfsm.prose.structure import structured

TEXT = """ \tReason for change:
\tRiders wait.

\tSummary of change:
\tA floor is added.

* * * First Change * * * *
[bookmark: _Toc1]7.1.2\tLift call
Table 7.1.2-1: lift call
\tInformation element
\tStatus
\tDescription

\tFloor (NOTE)
\tM
\tWhere from.

\tNOTE:\tIt may be the cellar.

7.1.3\tProcedure
Pre-conditions:
-\tThe lift is there.
-\tIt has light.
Editor's note: Stairs are open.
Figure 7.1.3-1: A ride
1.\tThe client calls. The lift comes, e.g. from below.
2.\tThe lift:
a)\topens; and
i)\twaits.
NOTE 1:\tIt is quiet.
Riders may sing.
"""


def said(file: Path) -> str:
    """The one problem of a file, without its place."""
    with pytest.raises(TextError) as error:
        read(file)
    (problem,) = error.value.problems
    return f"{problem.code} {problem.message}"


def test_a_text_is_read_into_its_parts() -> None:
    text = structured(blocks_of(TEXT))
    assert [(entry.name, entry.text) for entry in text.cover] == [
        ("Reason for change", "Riders wait."),
        ("Summary of change", "A floor is added."),
    ]
    assert [(clause.number, clause.title) for clause in text.clauses] == [
        ("7.1.2", "Lift call"),
        ("7.1.3", "Procedure"),
    ]
    assert [(part.address, part.line) for part in text.parts] == [
        ("7.1.2-IE1", 14),
        ("7.1.2-NOTE", 18),
        ("7.1.3-pre-1", 22),
        ("7.1.3-pre-2", 23),
        ("7.1.3-EN", 24),
        ("7.1.3-fig", 25),
        ("7.1.3-1", 26),
        ("7.1.3-2", 27),
        ("7.1.3-2a", 28),
        ("7.1.3-2a-i", 29),
        ("7.1.3-NOTE1", 30),
        ("7.1.3-p1", 31),
    ]
    assert text.parts[6].sentences == ("The client calls.", "The lift comes, e.g. from below.")
    (elements,) = text.tables
    assert [(one.name, one.presence) for one in elements.elements] == [("Floor", "M")]


def test_tracked_changes_are_two_texts(tmp_path: Path) -> None:
    file = documents.write(
        tmp_path / "cr.docx",
        paragraph(run("1.\tThe lift "), deleted("waits"), inserted("goes"), run(".")),
        paragraph(run("It is "), mark="del"),
        paragraph(run("red.")),
        paragraph(inserted("It sings."), mark="ins"),
        paragraph(run("The end.")),
        table(row("Floor", "M"), row("Goal", "O", mark="ins"), row("Hurry", "O", mark="del")),
    )
    source = read(file)
    assert source.after == (
        Paragraph(1, "1.\tThe lift goes."),
        Paragraph(3, "It is red."),
        Paragraph(4, "It sings."),
        Paragraph(5, "The end."),
        Row(6, ("Floor", "M")),
        Row(7, ("Goal", "O")),
    )
    assert source.before == (
        Paragraph(1, "1.\tThe lift waits."),
        Paragraph(2, "It is"),
        Paragraph(3, "red."),
        Paragraph(5, "The end."),
        Row(6, ("Floor", "M")),
        Row(8, ("Hurry", "O")),
    )


def test_a_document_without_changes_has_no_text_before(tmp_path: Path) -> None:
    assert read(documents.write(tmp_path / "a.docx", paragraph(run("It is.")))).before is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe1", "M951 line 1 is not in UTF-8"),
        (b"fine\nand \xe9\n", "M951 line 2 is not in UTF-8"),
        (b"a\0b", "M951 has characters that no text has"),
        (b"\xd0\xcf\x11\xe0 and more", "M951 is a .doc, or a .docx with a password"),
        (b"PK\x03\x04 and no more", "M951 is no .docx, or a damaged one"),
    ],
)
def test_what_is_no_text_is_not_read(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.docx").write_bytes(content)
    assert said(tmp_path / "a.docx").startswith(words)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert said(tmp_path / "none.txt") == "M951 cannot be read: No such file or directory"


def test_macros_are_refused(tmp_path: Path) -> None:
    named = documents.write(tmp_path / "a.docx", parts={"word/vbaProject.bin": b"1"})
    assert said(named) == "M952 has macros (word/vbaProject.bin)"
    types = documents.TYPES.replace("/>", '><Override ContentType="a.macroEnabled.main+xml"/></Types>')
    typed = documents.write(tmp_path / "b.docx", parts={"[Content_Types].xml": types})
    assert said(typed) == "M952 has macros (by its type)"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = documents.write(tmp_path / "a.docx", text=" " * 50_000_000)
    tracemalloc.start()
    assert said(bomb).startswith("M953 word/document.xml would grow from")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE d [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1:1/d.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(tmp_path: Path, declared: str) -> None:
    body = (
        "<w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body>" if "ENTITY" in declared else "<w:body><w:p/></w:body>"
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = f'<?xml version="1.0"?>{declared}<w:document xmlns:w="{space}">{body}</w:document>'
    assert said(documents.write(tmp_path / "a.docx", text=text)) == "M952 declares a document type"


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    deep = paragraph("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000)
    assert said(documents.write(tmp_path / "a.docx", deep)) == "M952 is nested deeper than any text"


def test_text_that_stands_elsewhere_is_refused_and_what_is_no_text_is_not_fetched(tmp_path: Path) -> None:
    parts = {documents.RELATIONS: relation("subDocument", "file:///b.docx")}
    elsewhere = documents.write(tmp_path / "a.docx", paragraph(run("It is.")), parts=parts)
    assert said(elsewhere) == "M952 has a part of its text in another document (subDocument)"
    picture = {documents.RELATIONS: relation("image", "http://127.0.0.1:1/a.png")}
    source = read(documents.write(tmp_path / "b.docx", paragraph(run("It is.")), parts=picture))
    assert source.notices == ("not followed: 1 reference to files outside (image)",)
    link = {documents.RELATIONS: relation("hyperlink", "http://127.0.0.1:1/")}
    assert read(documents.write(tmp_path / "c.docx", paragraph(run("It is.")), parts=link)).notices == ()


@pytest.mark.parametrize("count", [1_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_document_of_so_many_paragraphs_is_read_and_one_of_more_is_refused(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = documents.write(tmp_path / "a.docx", *(paragraph(run(f"It is {n}.")) for n in range(count)))
    assert read(many).after[-1] == Paragraph(count, f"It is {count - 1}.")
    monkeypatch.setattr("mcfsm.prose.docx.MOST_PARAGRAPHS", 999)
    assert said(many) == "M953 has more than 999 paragraphs"


def test_words_in_a_figure_are_no_paragraph(tmp_path: Path) -> None:
    box = f"<w:r><w:drawing><w:txbxContent>{paragraph(run('in a box'))}</w:txbxContent></w:drawing></w:r>"
    source = read(documents.write(tmp_path / "a.docx", paragraph(run("before "), box, run("after"))))
    assert source.after == (Paragraph(1, "before after"),)
