"""mcfsm report: one page that asks nobody for anything, and Markdown and a document from the same records."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from mcfsm.commands import cli
from mcfsm.language.selection import Selection
from mcfsm.prose.blocks import Paragraph
from mcfsm.prose.read import read
from mcfsm.questions.dossier import AskedVariant, BrokenPromise, Dossier, dossier
from mcfsm.questions.families.repair import Correction, Repair, Trial
from mcfsm.report.dossier_words import asked, correction, extra_tables

MODEL = """
model: a lift <script>alert(1)</script>
clauses: clauses.yaml
changes: [comes.yaml, rings.yaml]
parameters: {height: 2}
options: {music: {text: What is played., default: silence, values: {silence: , song: }, label: Music, labels: {song: a song}}}
messages: {call: {floor: 0..2}}
roles:
  rider: {variables: {n: 0..2 = 0}, states: [idle, waiting], initial: idle, final: [idle, waiting], transitions: [{id: R-1, label: calls the lift, trigger: need, kind: user, source: idle, dest: waiting, set: {n: "2"}, send: [{call: {to: it, floor: "2"}}], clause: 7.1.3-1}]}
  lift:
    states: [rest, gone]
    initial: rest
    final: [rest, gone]
    transitions: [{id: L-1, label: stays, trigger: call, source: rest, dest: rest, assumption: Nobody says & more.}]
properties:
  P1: {text: A lift "that" was <b>called</b> comes., clause: 7.1.3-2, never: me.state == waiting and not in_flight(call) and it.state == rest}
  P2: {text: A lift stays., clause: 7.1.3-2, never: it.state == gone}
  P3: {text: Who waits is served., clause: 7.1.3-2, leads_to: [me.state == waiting, it.state == gone]}
scenarios:
  house: {instances: {me: rider, it: lift}, channels: {default: {kind: fifo, bound: 1}}, expect: {P1: violated}}
  tower: {instances: {me: rider, it: lift}, channels: {default: {kind: fifo, bound: 2}}}
"""  # noqa: E501
CLAUSES = """
7.1.3-1: {modality: plain, text: The rider calls.}
7.1.3-2: {modality: plain, text: The lift comes.}
7.1.3-3: {modality: plain, text: It sings., not_modelled: No sound.}
"""
COMES = """
change: comes
title: a lift that comes
candidate: true
edits:
- clause: 7.1.3-2
  replace:
    transitions: {lift: [{id: L-1, label: comes, trigger: call, source: rest, dest: gone, clause: 7.1.3-2}]}
"""
RINGS = """
change: rings
title: a bell
candidate: true
edits:
- clause: 7.1.3-5
  add: {items: {7.1.3-5: {modality: may, text: A bell rings.}}}
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A lift that stays where it is, whose words are markup."""
    for name, text in (("model", MODEL), ("clauses", CLAUSES), ("comes", COMES), ("rings", RINGS)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "model.yaml"


@pytest.fixture
def found(model: Path) -> Dossier:
    """What there is to say of it."""
    return dossier(model, diagrams=False)


@pytest.fixture
def page(model: Path) -> str:
    """The page."""
    file = model.parent / "report.html"
    assert cli.run(["report", str(model), "--no-diagrams", "-o", str(file)]) == 1
    return file.read_text(encoding="utf-8")


def data(page: str) -> Any:
    """What the script of a page reads."""
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def test_what_is_broken_comes_in_the_order_in_which_it_matters(found: Dossier) -> None:
    assert [(name, len(places)) for name, places in found.broken.items()] == [("P1", 2), ("P3", 2)]
    assert [(one.verdict.id, one.place, one.surprising) for one in found.findings] == [
        ("P1", "house", False),
        ("P3", "house", True),
        ("P1", "tower", True),
        ("P3", "tower", True),
    ]
    assert found.findings[0].clauses == ("7.1.3-1",)
    assert found.findings[0].assumptions == ("Nobody says & more.",)


def test_every_step_says_what_it_changes_and_what_promises_say(found: Dossier) -> None:
    start, call, stay = found.findings[0].moments
    assert dict(start.changed) == {"me: state": "idle", "me: n": "0", "it: state": "rest"}
    assert dict(start.standings) == {"P1": "holds", "P2": "holds", "P3": "holds"}
    assert call.changed == (("me: state", "waiting"), ("me: n", "2"))
    assert dict(call.standings) == {"P3": "waits"}
    assert (stay.changed, dict(stay.standings)) == ((), {"P1": "broken"})


def test_items_know_the_flows_and_promises_that_rest_on_them(found: Dossier) -> None:
    rests = {one.item.id: (one.findings, one.properties) for one in found.rests}
    assert rests == {
        "7.1.3-1": (("f1", "f2", "f3", "f4"), ()),
        "7.1.3-2": ((), ("P1", "P2", "P3")),
        "7.1.3-3": ((), ()),
    }


def test_the_smallest_correction_is_looked_for(model: Path) -> None:
    told = dossier(model, corrections=True, diagrams=False).findings[0].repair
    assert told is not None
    assert [(one.changes, one.lost) for one in told.costly] == [(("comes",), ("P2",))]


def told(*restoring: str, costly: tuple[str, str] | None = None) -> BrokenPromise:
    """A promise that single candidates restore."""
    price = () if costly is None else (Correction((costly[0],), (costly[1],)),)
    free = tuple(Correction((name,), ()) for name in restoring)
    nothing = Trial((), ())
    repair = Repair("P1", (), (), 1, nothing, free, price, (), 0)
    return replace(EMPTY, repair=repair)


EMPTY = BrokenPromise("f1", None, None, "", ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([EMPTY], ""),
        ([told("a")], "Restored by a."),
        ([told("a", "b")], "Restored by any one of a, b."),
        ([told("a", "b"), told("b", "c")], "Restored by b."),
        ([told("a"), told("b")], "Restored by one candidate or another, and by none in every place."),
        ([told(costly=("a", "P2"))], "Restored by a at the price of P2."),
        ([told("a"), told()], "No single candidate restores it everywhere without a loss."),
        ([told()], "No single candidate restores it."),
    ],
)
def test_a_correction_is_one_that_helps_wherever_it_was_looked_for(found: list[BrokenPromise], said: str) -> None:
    assert correction(found) == said


def test_the_page_runs_its_own_script_and_asks_nobody(page: str) -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    script = re.findall("<script>(.*?)</script>", page, re.DOTALL)[-1]
    digests = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (style, script)]
    assert html.unescape(policy) == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    without_data = page.replace(re.findall(r'<script type="application/json".*?</script>', page, re.DOTALL)[0], "")
    assert re.findall(r"(?:src|href)=\"(?!#)|https?:|\bon\w+=|style=", without_data) == []


def test_words_of_a_model_are_words(page: str) -> None:
    assert "<title>a lift &lt;script&gt;alert(1)&lt;/script&gt;: verdicts</title>" in page
    assert "alert(1)</script>" not in page
    assert "A lift &#34;that&#34; was &lt;b&gt;called&lt;/b&gt; comes." in page
    assert "Nobody says &amp; more." in page
    assert data(page)["flows"]["f1"][1]["sentence"] == "me calls the lift and sends a call to it."
    assert data(page)["figures"]["f1"].startswith("<?xml")


def test_links_of_the_page_lead_somewhere(page: str) -> None:
    places = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= places


def test_receptions_and_families_stand_beside_where_they_are_asked_for(model: Path) -> None:
    file = model.parent / "report.html"
    words = [
        "report",
        str(model),
        "--scenario",
        "house",
        "--receptions",
        "--families",
        "--no-diagrams",
        "-o",
        str(file),
    ]
    assert cli.run(words) == 1
    page = file.read_text(encoding="utf-8")
    (families,) = re.findall(r'<section id="families">(.*?)</section>', page, re.DOTALL)
    assert "The same whatever is switched alone." in families
    (receptions,) = re.findall(r'<section id="receptions">(.*?)</section>', page, re.DOTALL)
    row = r"<th scope=\"row\">\w+: rest</th><td>call</td><td>handled</td><td>L-1</td>"
    assert re.search(row, receptions)
    assert "Nobody says &amp; more." in receptions
    places = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= places


ASKED = ["--with", "comes", "--set", "height=3", "--option", "music=all"]
SAID = [
    "With the change comes: a lift that comes.",
    "With height=3; Music: silence or a song.",
]


def test_what_was_asked_stands_at_the_head(model: Path) -> None:
    page, text = model.parent / "asked.html", model.parent / "asked.md"
    for file in (page, text):
        cli.run(["report", str(model), "--scenario", "house", *ASKED, "--no-diagrams", "-o", str(file)])
    head = re.findall("<header>(.*?)</header>", page.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert re.findall(r'<p class="asked">(.*)</p>', head) == SAID
    assert text.read_text(encoding="utf-8").split("\n\n")[2:4] == SAID


def test_nothing_is_said_of_what_was_asked_where_the_model_is_as_written(page: str, found: Dossier) -> None:
    assert 'class="asked"' not in page
    assert asked(found) == []
    without = replace(found, asked=AskedVariant((), usual=False, chosen=()))
    assert asked(without) == ["Without the changes that the model has by default."]


def test_links_of_markdown_lead_somewhere(model: Path) -> None:
    file = model.parent / "report.md"
    cli.run(["report", str(model), "-o", str(file)])
    text = file.read_text(encoding="utf-8")
    read_back = [part for block in MarkdownIt().parse(text) for part in block.children or ()]
    links = [part.attrs["href"] for part in read_back if part.type == "link_open"]
    anchors = re.findall(r'<a id="(\w+)">', "".join(part.content for part in read_back if part.type == "html_inline"))
    assert links == ["#f1", "#f3", "#f2", "#f4"]  # promise by promise
    assert anchors == ["f1", "f2", "f3", "f4"]
    said = "".join(part.content for part in read_back if part.type == "text")
    assert 'A lift "that" was <b>called</b> comes.' in said  # as words


def test_receptions_and_families_are_tables_elsewhere(model: Path) -> None:
    (model.parent / "comes.yaml").write_text(COMES.replace("candidate: true\n", ""), encoding="utf-8")
    file = model.parent / "report.md"
    cli.run(["report", str(model), "--scenario", "house", "--receptions", "--families", "-o", str(file)])
    lines = file.read_text(encoding="utf-8").splitlines()
    assert "## What the verdicts depend on: house" in lines
    assert any(line.startswith("| P2 | proved | ") and "comes: violated" in line for line in lines)
    assert any(line.endswith(" rest | call | handled | L-1 | Nobody says &amp; more. |") for line in lines)
    found = dossier(model, Selection(scenarios=("house",)), diagrams=False, receptions=True, families=True)
    assert [(title.split(":")[0], len(rows[0])) for title, rows in extra_tables(found)] == [
        ("What the verdicts depend on", 3),
        ("What becomes of every message", 5),
        ("What becomes of every message", 5),
    ]


def test_markdown_has_the_same(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["report", str(model), "-o", str(model.parent / "report.md"), "--scenario", "house"]) == 1
    assert "3 promises and 3 built-in checks asked in 1 place. 2 of them broken somewhere:" in " ".join(
        capsys.readouterr().out.split()
    )
    text = (model.parent / "report.md").read_text(encoding="utf-8")
    assert "| house | x | · | x! | · | · | · |" in text
    assert "1. me calls the lift and sends a call to it. [7.1.3-1]" in text
    assert "<script>" not in text


@pytest.mark.skipif(
    shutil.which("rsvg-convert") is None and shutil.which("inkscape") is None,
    reason="needs a program that makes a png: apt-get install librsvg2-bin",
)
def test_a_document_has_the_same(model: Path) -> None:
    file = model.parent / "report.docx"
    assert cli.run(["report", str(model), "-o", str(file), "--scenario", "house", *ASKED[2:]]) == 1
    said = [block.text for block in read(file).after if isinstance(block, Paragraph)]
    assert "P1 in house" in said
    assert said[2] == SAID[1]
    assert "1.\tme calls the lift and sends a call to it. [7.1.3-1]" in said


def test_nothing_broken_is_said_too(model: Path) -> None:
    file = model.parent / "report.html"
    words = ["report", str(model), "--property", "P2", "--no-diagrams", "-o", str(file)]
    assert cli.run(words) == 0
    assert "No promise that was asked is broken." in file.read_text(encoding="utf-8")


def test_another_format_is_refused(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["report", str(model), "-o", str(model.parent / "report.pdf")]) == 4
    assert "report.pdf is none of .html, .md, .docx" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures("page")
def test_in_a_browser(model: Path, browser: Any) -> None:
    shown = browser.new_page(viewport={"width": 1200, "height": 900})
    said: list[str] = []
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto((model.parent / "report.html").as_uri())
    shown.wait_for_selector("html[data-ready=yes]")
    assert shown.text_content("#shown") == "2 of 2 scenarios, 4 of 4 flows"

    shown.fill("#words", "tower p3")
    assert shown.text_content("#shown") == "1 of 2 scenarios, 1 of 4 flows"
    shown.fill("#words", "")
    shown.uncheck("input[value=VIOLATED]")
    assert shown.locator(".finding:visible").count() == 0
    shown.check("input[value=VIOLATED]")

    shown.click("#grid a[href='#f1']")
    shown.wait_for_selector("#f1[open] .figure img")
    assert shown.evaluate("document.querySelector('#f1 img').naturalWidth") > 100
    assert "Broken here: P1." in shown.text_content("#f1 .stepper")
    shown.focus("#f1 summary")
    shown.keyboard.press("ArrowLeft")
    assert shown.text_content("#f1 .stepper p").startswith("Step 1 of 2: me calls the lift")
    assert shown.locator("#f1 .stepper tr.new").all_text_contents() == ["me: statewaiting", "me: n2"]
    assert "Still waiting: P3." in shown.text_content("#f1 .stepper")

    shown.click("#f1 a[href='#c-7.1.3-1']")
    shown.wait_for_selector("[id='c-7.1.3-1']", state="visible")
    assert shown.locator("[id='c-7.1.3-1'] + dd a").count() == 4

    shown.keyboard.press("/")
    assert shown.evaluate("document.activeElement.id") == "words"
    before = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    shown.click("#theme")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") != before
    shown.emulate_media(media="print")
    assert not shown.locator("nav").is_visible()
    shown.set_viewport_size({"width": 680, "height": 1000})  # A4 without its margins
    assert shown.evaluate("document.documentElement.scrollWidth") == 680
    assert shown.pdf(format="A4").startswith(b"%PDF")
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
