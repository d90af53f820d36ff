"""Numbers that a word processor makes by itself are read as it shows them, before and after tracked changes."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import documents
import pytest
from documents import deleted, inserted, level, lists, numbered, paragraph, row, run, style, styles, table

from mcfsm.prose.blocks import Block, Paragraph, Row, TextError
from mcfsm.prose.read import read
from mcfsm.prose.rules import defects_of
from mcfsm.prose.structure import structured

STEPS = (level(0, "%1."), level(1, "%2)", "lowerLetter"), level(2, "%3)", "lowerRoman"))
SECOND = '<w:num w:numId="2"><w:abstractNumId w:val="0"/>{}</w:num>'
ANEW = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'


def words(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text if isinstance(block, Paragraph) else " | ".join(block.cells) for block in blocks]


def shown(folder: Path, parts: dict[str, str], *blocks: str) -> list[str]:
    """The paragraphs of a document, in one line each."""
    source = read(documents.write(folder / "a.docx", *blocks, parts=parts))
    assert source.notices == ()
    return words(source.after)


def test_steps_have_the_numbers_that_are_shown(tmp_path: Path) -> None:
    file = documents.write(
        tmp_path / "a.docx",
        paragraph(run("7.1.3\tProcedure")),
        numbered(0, run("The client calls.")),
        numbered(0, run("The lift:")),
        numbered(1, run("closes;")),
        numbered(2, run("slowly; and")),
        numbered(2, run("for good; and")),
        numbered(1, run("goes.")),
        paragraph(run("NOTE:\tIt is quiet.")),
        numbered(0, run("It opens.")),
        parts=lists(*STEPS),
    )
    text = structured(read(file).after)
    assert [(part.address, part.text) for part in text.parts] == [
        ("7.1.3-1", "The client calls."),
        ("7.1.3-2", "The lift:"),
        ("7.1.3-2a", "closes;"),
        ("7.1.3-2a-i", "slowly; and"),
        ("7.1.3-2a-ii", "for good; and"),
        ("7.1.3-2b", "goes."),
        ("7.1.3-NOTE", "It is quiet."),
        ("7.1.3-3", "It opens."),
    ]
    assert "step-numbers" not in [rule.name for rule, _ in defects_of(text)]


@pytest.mark.parametrize(
    ("format_", "start", "numbers"),
    [
        ("decimal", 9, ["9.", "10."]),
        ("decimalZero", 9, ["09.", "10."]),
        ("lowerLetter", 26, ["z.", "aa."]),
        ("upperLetter", 780, [f"{'Z' * 30}.", "A."]),
        ("lowerRoman", 3, ["iii.", "iv."]),
        ("upperRoman", 1998, ["MCMXCVIII.", "MCMXCIX."]),
        ("none", 1, [".", "."]),
        ("bullet", 1, ["\N{BULLET}", "\N{BULLET}"]),
        ("upperRoman", 0, ["0.", "I."]),
    ],
)
def test_formats(tmp_path: Path, format_: str, start: int, numbers: list[str]) -> None:
    found = shown(tmp_path, lists(level(0, "%1.", format_, start=start)), *[numbered(0, run("It stops."))] * 2)
    assert found == [f"{number}\tIt stops." for number in numbers]


def test_headings_are_numbered_by_their_style(tmp_path: Path) -> None:
    """The level is the one that the list has for the style, whatever the style says; a style takes after another."""
    linked = (
        level(0, "%1", start=7, more='<w:pStyle w:val="H1"/>'),
        level(1, "%1.%2", more='<w:pStyle w:val="H2"/><w:suff w:val="space"/>'),
    )
    number = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    named = (style("H1", number), style("H2", number), style("Mine", '<w:basedOn w:val="H2"/>'))

    def heading(name: str, title: str, more: str = "") -> str:
        return f'<w:p><w:pPr><w:pStyle w:val="{name}"/>{more}</w:pPr>{run(title)}</w:p>'

    blocks = (
        *(heading("H1", "Lifts"), heading("H2", "Doors"), heading("Mine", "Bells")),
        heading("H2", "Not a clause", '<w:numPr><w:numId w:val="0"/></w:numPr>'),
        heading("H1", "Stairs"),
    )
    assert shown(tmp_path, {**lists(*linked), **styles(*named)}, *blocks) == [
        *("7\tLifts", "7.1 Doors", "7.2 Bells", "Not a clause", "8\tStairs")
    ]


def test_lists_of_one_form_go_on_and_one_that_starts_anew_does_not(tmp_path: Path) -> None:
    two = [numbered(0, run("one")), numbered(1, run("below")), numbered(0, run("two"), of="2"), numbered(1, run("x"))]
    assert shown(tmp_path, lists(*STEPS, more=SECOND.format("")), *two) == ["1.\tone", "a)\tbelow", "2.\ttwo", "a)\tx"]
    anew = [numbered(0, run("one")), *[numbered(0, run("other"), of="2")] * 2]
    assert shown(tmp_path, lists(*STEPS, more=SECOND.format(ANEW)), *anew) == ["1.\tone", "1.\tother", "2.\tother"]


@pytest.mark.parametrize(("restart", "last"), [("", "2.1"), ('<w:lvlRestart w:val="0"/>', "2.3")])
def test_a_level_starts_anew_below_the_next_one_above_unless_it_says_otherwise(
    tmp_path: Path, restart: str, last: str
) -> None:
    levels = (level(0, "%1"), level(1, "%1.%2", more=restart), level(2, "%1.%2.%3"))
    blocks = [numbered(at, run("x")) for at in (0, 1, 1, 2, 0, 1)]
    found = [line.partition("\t")[0] for line in shown(tmp_path, lists(*levels), *blocks)]
    assert found == ["1", "1.1", "1.2", "1.2.1", "2", last]


def test_a_level_that_was_left_out_counts_from_its_start(tmp_path: Path) -> None:
    blocks = [numbered(1, run("first")), numbered(0, run("then"))]
    assert shown(tmp_path, lists(level(0, "%1"), level(1, "%1.%2")), *blocks) == ["1.1\tfirst", "2\tthen"]


def test_all_numbers_of_a_legal_level_are_decimal(tmp_path: Path) -> None:
    levels = (level(0, "%1", "upperRoman"), level(1, "%1.%2", "lowerLetter", more="<w:isLgl/>"))
    assert shown(tmp_path, lists(*levels), numbered(0, run("x")), numbered(1, run("y"))) == ["I\tx", "1.1\ty"]


def test_a_list_may_be_that_of_a_style(tmp_path: Path) -> None:
    link = (
        '<w:abstractNum w:abstractNumId="5"><w:numStyleLink w:val="S"/></w:abstractNum>'
        '<w:num w:numId="6"><w:abstractNumId w:val="5"/></w:num>'
    )
    named = '<w:style w:type="numbering" w:styleId="S"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    parts = {**lists(*STEPS, more=link), **styles(named)}
    assert shown(tmp_path, parts, numbered(0, run("x"), of="6"), numbered(1, run("y"), of="6")) == ["1.\tx", "a)\ty"]


def test_a_step_that_a_change_adds_or_takes_away_renumbers_those_behind_it(tmp_path: Path) -> None:
    gone, new = "<w:rPr><w:del/></w:rPr>", "<w:rPr><w:ins/></w:rPr>"
    file = documents.write(
        tmp_path / "cr.docx",
        numbered(0, run("one")),
        numbered(0, inserted("new"), more=new),
        numbered(0, run("two")),
        numbered(0, deleted("old"), more=gone),
        numbered(
            1, run("below"), more='<w:pPrChange><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:pPrChange>'
        ),
        numbered(0, run("three")),
        table(row("cell"), row("more", mark="ins")).replace("<w:p>", numbered(0)[: -len("</w:p>")]),
        numbered(0, run("end")),
        parts=lists(*STEPS),
    )
    source = read(file)
    assert source.before is not None
    assert words(source.after) == [
        *("1.\tone", "2.\tnew", "3.\ttwo", "a)\tbelow", "4.\tthree", "5.\tcell", "6.\tmore", "7.\tend")
    ]
    assert words(source.before) == ["1.\tone", "2.\ttwo", "3.\told", "4.\tbelow", "5.\tthree", "6.\tcell", "7.\tend"]
    assert Row(8, ("6.\tmore",)) in source.after


def test_an_empty_paragraph_of_a_list_is_counted_and_is_no_text(tmp_path: Path) -> None:
    assert shown(tmp_path, lists(*STEPS), numbered(0, run("x")), numbered(0), numbered(0, run("y"))) == [
        "1.\tx",
        "3.\ty",
    ]


def test_what_is_in_a_format_of_another_script_is_said(tmp_path: Path) -> None:
    file = documents.write(tmp_path / "a.docx", numbered(0, run("x")), parts=lists(level(0, "%1.", "chicago")))
    source = read(file)
    assert source.notices == ("1 paragraph is numbered by the word processor in a way that is not read",)
    assert words(source.after) == ["x"]


def test_who_names_no_list_has_no_number(tmp_path: Path) -> None:
    assert shown(
        tmp_path, {}, numbered(0, run("x")), "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>y</w:t></w:r></w:p>"
    ) == [*("x", "y")]


def test_lists_that_mean_harm(tmp_path: Path) -> None:
    """Styles in a ring, levels and starts of any size, patterns that grow, and lists that are not there."""
    ring = styles(style("A", '<w:basedOn w:val="B"/>', usual=True), style("B", '<w:basedOn w:val="A"/>'))
    wild = [
        level(0, "%1" * 30_000, "upperRoman", start=10**8),
        level(10**8, "%1.", start=-3),
        level(1, "%9%9%2", more='<w:lvlRestart w:val="-1"/>'),
    ]
    link = '<w:abstractNum w:abstractNumId="9"><w:numStyleLink w:val="A"/></w:abstractNum>' + SECOND.format("")
    blocks = [numbered(at, run("x"), of=of) for at in (0, 1, 8, -7, 10**20) for of in ("1", "2", "9", "0", "-1")]
    source = read(documents.write(tmp_path / "a.docx", *blocks, parts={**lists(*wild, more=link), **ring}))
    assert max(map(len, words(source.after))) < 80
    assert source.notices[0].endswith("numbered by the word processor in a way that is not read")


def test_more_lists_than_any_text_has_are_refused_before_they_are_read(tmp_path: Path) -> None:
    many = "".join(f'<w:num w:numId="{n}"/>' for n in range(400_000))
    assert len(many) > 8_000_000
    for name in ("word/numbering.xml", "word/styles.xml"):
        padded = lists(level(0, "%1."), more=many * 2)["word/numbering.xml"]
        file = documents.write(tmp_path / "a.docx", parts={name: padded})
        tracemalloc.start()
        with pytest.raises(TextError) as error:
            read(file)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        (problem,) = error.value.problems
        assert (problem.code, problem.message) == ("M953", f"has {len(padded) >> 20} MB in {name}")
        assert peak < 5_000_000


def test_entities_of_lists_are_refused(tmp_path: Path) -> None:
    declared = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY b "1">]>'
    parts = {"word/numbering.xml": lists(*STEPS)["word/numbering.xml"].replace('<?xml version="1.0"?>', declared)}
    with pytest.raises(TextError, match="declares a document type"):
        read(documents.write(tmp_path / "a.docx", parts=parts))
