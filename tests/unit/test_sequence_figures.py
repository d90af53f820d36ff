"""Sequence charts as 3GPP draws them: where things lie, that nothing lies over anything else, and what fits a page."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pytest
from test_pictures import FLOWS, HOSTILE, WALKS, flow, hostile, made_up, model, walk

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.pictures.ending import Ending
from mcfsm.pictures.flow import flow_figures, steps_in_markdown
from mcfsm.pictures.lifelines import A4, CM, LONG, Page
from mcfsm.pictures.look import Look
from mcfsm.pictures.metrics import fitted, least_width, text_width
from mcfsm.pictures.sequence import Caption
from mcfsm.pictures.shapes import Area, Box, Figure, Line, TextLine, cut, svg
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import Step
from mcfsm.semantics.trace import Trace, replay

SVG = "{http://www.w3.org/2000/svg}"
BARE = Look(steps="none")
CAPTION = Caption("A flow", ("of a test", "under no reading"))


def figures(name: str, look: Look = BARE, ending: Ending | None = None) -> list[Figure]:
    return flow_figures(*flow(name), CAPTION, ending, look)


def flow_svgs(of: Model, trace: Trace, caption: Caption, ending: Ending | None, look: Look) -> list[str]:
    return [svg(figure, theme=look.theme) for figure in flow_figures(of, trace, caption, ending, look)]


def smallest_size(figure: Figure) -> float:
    return min(mark.size for mark in figure.marks if isinstance(mark, TextLine))


def texts(figure: Figure) -> list[str]:
    return [" ".join(mark.text.split()) for mark in figure.marks if isinstance(mark, TextLine)]


# ---- texts are measured


@pytest.mark.parametrize(
    ("text", "bold", "units"),
    [  # advance widths of Liberation Sans 2.1.5, of which 2048 make an em
        ("A", False, 1366),
        ("A", True, 1479),
        ("AVA", False, 3 * 1366),
        ("registration", False, 682 + 1139 + 1139 + 455 + 1024 + 569 + 682 + 1139 + 569 + 455 + 1139 + 1139),
        ("\N{RIGHTWARDS ARROW}", False, 2048),
        ("\N{CJK UNIFIED IDEOGRAPH-4E2D}", False, 2048),  # the font has it not: a full em
        ("e\N{COMBINING ACUTE ACCENT}", False, 1139),
    ],
)
def test_a_text_is_as_wide_as_its_letters_in_arial(text: str, bold: bool, units: int) -> None:
    assert text_width(text, 2048, bold=bold) == pytest.approx(units)
    assert text_width(text, 8, bold=bold) == pytest.approx(units / 256)


def test_lines_break_at_blanks_then_at_signs_and_then_anywhere() -> None:
    assert fitted("the migration_service_authorization_request(A)", 90, 9) == [
        "the",
        "migration_service_",
        "authorization_request",
        "(A)",
    ]
    assert fitted("wwwwwwww", 26, 9) == ["wwww", "wwww"]
    assert fitted("12.\N{NO-BREAK SPACE}deregister now", 40, 9) == ["12.\N{NO-BREAK SPACE}dereg", "ister now"]
    assert least_width(["a migration_service"], 9) == text_width("migration_", 9)


@pytest.mark.parametrize("width", [12, 40, 90])
def test_no_line_is_wider_than_wanted_and_no_sign_is_lost(width: int) -> None:
    said = f"short {'w' * 40} end/of=it, and(so on) \N{CJK UNIFIED IDEOGRAPH-4E2D}"
    lines = fitted(said, width, 9)
    assert "".join(lines).replace(" ", "") == said.replace(" ", "")
    assert all(text_width(line, 9) <= width for line in lines)


# ---- what is where


def test_a_message_that_others_overtake_is_slanted_from_where_it_is_sent_to_where_it_arrives() -> None:
    (figure,) = figures("commit")
    slanted = [m.points for m in figure.marks if isinstance(m, Line) and m.points[0][1] != m.points[1][1]]
    slanted = [points for points in slanted if abs(points[0][0] - points[1][0]) > 10]  # not those of open heads
    heads = {mark.points[0] for mark in figure.marks if isinstance(mark, Area)}
    assert len(slanted) == 4  # of six messages: one is straight, one arrives nowhere
    for (x, y), tip in slanted:
        assert tip in heads
        assert y < tip[1]
        assert x != tip[0]
    begins = [start[1] for start, _ in slanted]
    ends = [tip[1] for _, tip in slanted]
    assert begins[0] > begins[1]  # the message sent first arrives second: their lines cross
    assert ends[0] < ends[1]


def test_in_rows_every_message_is_straight_and_says_when_it_was_sent() -> None:
    (figure,) = figures("commit", Look(style="rows", steps="none"))
    lines = [mark.points for mark in figure.marks if isinstance(mark, Line)]
    slanted = [points for points in lines if len({x for x, _ in points}) == len({y for _, y in points}) == 2]
    assert [points for points in slanted if abs(points[0][0] - points[1][0]) > 10] == []
    assert sum("sent at" in text for text in " ".join(texts(figure)).split("(")) == 4


def test_steps_stand_in_boxes_messages_are_numbered_and_the_caption_is_below() -> None:
    (figure,) = figures("in_flight")
    assert texts(figure) == [
        *("client(u1)", "client(u2)", "server(A)", "server(B)"),
        *("1. call (user)", "call_request (in flight at the end)", "2. migrate (user)", "(to_system = B)"),
        *("3. register", "registered (in flight at the end)", "migrated (in flight at the end)"),
        *("A flow", "of a test", "under no reading"),
    ]


def test_the_state_that_contradicts_the_promise_is_marked_by_words_and_by_crosses() -> None:
    ending = Ending("After step 3: P is violated", True, (("server(A)", ("record = none",)),), ("seen = B",))
    (figure,) = figures("in_flight", ending=ending)
    tinted = [mark for mark in figure.marks if isinstance(mark, Box) and mark.fill == "tint"]
    crossed = [mark for mark in figure.marks if isinstance(mark, Line) and mark.ink == "mark"]
    assert len(tinted) == 3
    assert len(crossed) == 4
    lifeline = next(mark.x for mark in figure.marks if isinstance(mark, TextLine) and mark.text == "server(A)")
    value = next(mark for mark in figure.marks if isinstance(mark, TextLine) and mark.text == "record = none")
    assert value.x == lifeline
    assert {"After step 3: P is violated", "seen = B"} <= set(texts(figure))


def test_steps_are_sentences_below_or_in_a_file_or_not_there() -> None:
    of, trace = flow("in_flight")
    below = texts(figures("in_flight", Look())[0])
    assert below[below.index("2.") :] == [
        *("2.", "client(u2) (migrate) sends a register to server(B). (to_system = B) [assumption]", "3."),
        "On the register from client(u2), server(B) sends a registered to client(u2) and sends a migrated to",
        "server(A). (id = Id(u2, B))",
    ]
    assert steps_in_markdown(of, trace, CAPTION).splitlines() == [
        "**A flow**",
        "",
        "of a test  ",
        "under no reading  ",
        "",
        "1. client(u1) (call) sends a call_request to server(A).",
        "2. client(u2) (migrate) sends a register to server(B). (to_system = B) \\[assumption\\]",
        "3. On the register from client(u2), server(B) sends a registered to client(u2) and sends a migrated to"
        " server(A). (id = Id(u2, B))",
    ]


# ---- what holds of every chart


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    boxes = [
        (w.left, w.y - w.size * 0.75, w.left + w.width, w.y + w.size * 0.2, w.text)
        for w in figure.marks
        if isinstance(w, TextLine)
    ]
    return [
        (a[4], b[4])
        for a, b in combinations(boxes, 2)
        if a[0] < b[2] - 0.01 and b[0] < a[2] - 0.01 and a[1] < b[3] - 0.01 and b[1] < a[3] - 0.01
    ]


def outside(figure: Figure) -> list[str]:
    return [
        w.text
        for w in figure.marks
        if isinstance(w, TextLine)
        and not (w.left >= -0.01 and w.left + w.width <= figure.width + 0.01 and 0.75 * w.size < w.y < figure.height)
    ]


def crossing_words(figure: Figure) -> list[str]:
    """Texts over which something is drawn later."""
    found = []
    for i, words in enumerate(figure.marks):
        if isinstance(words, TextLine):
            for later in figure.marks[i + 1 :]:
                if isinstance(later, Box) and later.fill and later.x < words.left + words.width - 0.5:
                    inside = words.left < later.x + later.width - 0.5
                    if inside and later.y < words.y - 0.3 * words.size < later.y + later.height:
                        found.append(words.text)
    return found


@pytest.mark.parametrize("look", [BARE, Look(page=A4), Look(style="rows", elements=True, page=Page(8 * CM, 12 * CM))])
@pytest.mark.parametrize(("name", "seed"), WALKS)
def test_nothing_lies_over_anything_else_or_outside(name: str, seed: int, look: Look) -> None:
    of, trace = walk(name, seed, 16)
    parts = flow_figures(of, trace, CAPTION, None, look)
    for figure in parts:
        assert overlapping(figure) == []
        assert outside(figure) == []
        assert crossing_words(figure) == []
        assert figure.width <= look.page.width + 0.01
        assert look.page.height is None or figure.height <= look.page.height + 0.01
        assert smallest_size(figure) >= 8
    said = "".join("".join(texts(figure)) for figure in parts).replace(" ", "").replace("\xa0", "")
    for made in trace.steps:
        names = [sent.message for sent in made.sends if sent.lost] + [made.receives.message if made.receives else ""]
        assert all(name in said for name in names)


@pytest.mark.parametrize("times", [4, 8])
def test_a_long_flow_comes_in_parts_that_each_fit_a4_and_lose_no_step(times: int) -> None:
    of, once = flow("commit")
    trace = made_up(*once.steps * times)
    parts = flow_figures(of, trace, CAPTION, None, Look(page=A4))
    assert len(parts) == {4: 3, 8: 5}[times]
    assert all(part.height <= 24 * CM for part in parts)
    notes = [text for part in parts for text in texts(part) if text.startswith("part ")]
    assert notes == [f"part {i} of {len(parts)}" for i in range(1, len(parts) + 1)]
    names = [name for name in ("tm", "rm(1)", "rm(2)", "rm(3)") if name in texts(parts[0])]
    assert texts(parts[1])[:4] == names
    (whole,) = flow_figures(of, trace, CAPTION, None, Look(page=LONG))
    apart = [text for part in parts for text in texts(part) if text not in {*names, *notes}]
    assert sorted(apart) == sorted(text for text in texts(whole) if text not in names)


def test_a_line_that_crosses_a_cut_goes_on_in_the_next_part() -> None:
    line = Line(((0, 0), (100, 100)))
    (above,) = cut([line], 0, 40)
    (below,) = cut([line], 40, 200)
    assert (above, below) == (Line(((0, 0), (40, 40))), Line(((40, 0), (100, 60))))
    assert cut([line], 101, 200) == []
    flat = Line(((0, 10), (50, 10)))
    assert cut([flat], 0, 20) == [flat]
    box = Box(0, 30, 5, 5)
    assert cut([box, TextLine(0, 35, "x", 8)], 20, 60) == [Box(0, 10, 5, 5), TextLine(0, 15, "x", 8)]


@pytest.mark.parametrize("managers", [3, 8, 12])
def test_many_lifelines_fit_a_page_with_words_of_eight_points(managers: int) -> None:
    document = read("models/textbook/two_phase_commit.yaml")
    of = resolve(document, "three", chosen={"managers": str(managers)}, symmetry=False)
    product = Product(of)
    state, taken = product.initial(), list[Step]()
    for instance in (*range(1, managers + 1), 0):  # every manager does its first step, and last whoever decides
        taken.append(next(step for step in product.steps(state) if step.instance == instance))
        state = taken[-1].target
    for page in (A4, LONG):
        for figure in flow_figures(of, replay(product, taken), CAPTION, None, Look(page=page, steps="none")):
            assert figure.width <= 17 * CM
            assert smallest_size(figure) >= 8
            assert overlapping(figure) == []
            assert outside(figure) == []
            heads = "".join(of.labels.instance(one.name) for one in of.instances).replace(" ", "")
            assert "".join(texts(figure)).replace(" ", "").startswith(heads)


@pytest.mark.parametrize("name", FLOWS)
def test_a_wider_page_never_has_smaller_texts(name: str) -> None:
    """A chart that just fills its page is not taken for too wide by what is lost in adding its widths."""
    look = [Look(steps="none", page=Page(width / 3)) for width in range(600, 1800, 7)]
    sizes = [smallest_size(figures(name, one)[0]) for one in look]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 9.0


# ---- as SVG


@pytest.mark.parametrize("name", FLOWS)
def test_an_svg_is_light_and_dark_and_the_same_every_time(name: str) -> None:
    (drawn,) = flow_svgs(*flow(name), CAPTION, None, BARE)
    assert drawn == flow_svgs(*flow(name), CAPTION, None, BARE)[0]
    assert drawn.count("prefers-color-scheme: dark") == 1
    (figure,) = figures(name)
    light, dark = svg(figure, theme="light"), svg(figure, theme="dark")
    assert "<style>" not in light + dark
    assert ('fill="#ffffff"' in light, 'fill="#ffffff"' in dark) == (True, False)
    root = ElementTree.fromstring(light)
    assert float(root.get("width", "").removesuffix("pt")) <= 17 * CM
    assert [element.text for element in root.iter(f"{SVG}title")] == ["A flow"]


def test_hostile_texts_stay_text() -> None:
    caption = Caption(HOSTILE, (HOSTILE,))
    drawn = "".join(flow_svgs(model("migration"), hostile(), caption, Ending(HOSTILE, True), Look(elements=True)))
    root = ElementTree.fromstring(drawn)
    shown = "".join(element.text or "" for element in root.iter(f"{SVG}text"))
    assert "<b>&amp;</b>" in shown
    assert "\\N" in shown
    assert "\N{REPLACEMENT CHARACTER}" in shown
    assert shown.count("y") >= 300
    assert {element.tag for element in root.iter()} == {
        SVG + tag for tag in ("svg", "title", "desc", "style", "path", "rect", "text")
    }
    listed = steps_in_markdown(model("migration"), hostile(), caption)
    assert "<b>" not in listed
    assert "\x07" not in listed
    assert "\\[\\*\\]" in listed
