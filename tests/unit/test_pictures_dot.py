"""State diagrams through the `dot` program."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import graphviz
import pytest

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_all
from mcfsm.pictures.diagram import Diagram, Edge, InnerTransitions, LabelPart, RegionDiagram, TransitionLabel, diagram
from mcfsm.pictures.dot import DotMissing, dot_source, plain
from mcfsm.pictures.folder import Picture, write
from mcfsm.pictures.programs import ProgramSlow

SAMPLE = Path(__file__).parent.parent / "snapshots" / "pictures" / "migration_sample.yaml"
HOSTILE = 'a;b "x" <b>&amp;</b> -> } ] \\N \\" \x07 <script>'
SVG = "{http://www.w3.org/2000/svg}"


def hostile() -> Diagram:
    """A diagram made of nothing but texts that are meant to break it."""
    label = TransitionLabel(
        HOSTILE, tuple(LabelPart(style, HOSTILE) for style in ("trigger", "guard", "send", "effect", "basis"))
    )
    states = (HOSTILE, "a:b", "<b>", "node", "label")
    edges = (
        Edge((HOSTILE,), "a:b", (label, label)),
        Edge((), HOSTILE, (label,)),
        Edge(("a:b", "<b>", "node"), "label", (label,)),
        Edge(("label",), HOSTILE, (label,)),
    )
    region = RegionDiagram(
        HOSTILE,
        states,
        (HOSTILE,),
        ("a:b",),
        edges,
        (InnerTransitions((HOSTILE,), (label,)), InnerTransitions((), (label,))),
    )
    other = replace(region, name="graph", states=("z",), firsts=("z",), final=(), edges=(), rows=())
    return Diagram(HOSTILE, HOSTILE, (region, other), (InnerTransitions((), (label,)),))


def svg(source: str) -> str:
    """What dot makes of a source by itself."""
    return str(graphviz.Source(source).pipe(format="svg", encoding="utf-8"))


def texts(drawn: str) -> str:
    """All the text of an SVG."""
    found = "".join(element.text or "" for element in ElementTree.fromstring(drawn).iter(f"{SVG}text"))
    return found.replace("\u200b", "")  # what keeps dot from reading an escape of its own


@pytest.mark.graphviz
def test_every_word_of_a_diagram_is_in_what_dot_draws_of_its_source() -> None:
    model = resolve_all(read(SAMPLE))[0]
    for role in model.roles:
        made = diagram(model, role)
        shown = texts(svg(dot_source(made)))
        for region in made.regions:
            for line in [*region.edges, *region.rows]:
                for part in (part for label in line.labels for part in label.parts):
                    assert all(word in shown for word in part.text.split()), part


@pytest.mark.graphviz
def test_hostile_texts_stay_text() -> None:
    drawn = svg(dot_source(hostile()))
    assert drawn.count("<script>") == 0
    assert "<b>&amp;</b>" in texts(drawn)
    assert (
        texts(drawn).count('} ] \\N \\" \N{REPLACEMENT CHARACTER}') == 45
    )  # role, model, region, state, row, 8 labels of 5
    assert {element.tag for element in ElementTree.fromstring(drawn).iter()} <= {
        SVG + tag for tag in ("svg", "g", "title", "polygon", "polyline", "path", "ellipse", "text")
    }


def test_without_the_program_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DotMissing) as raised:
        plain([(10.0, 10.0)], [])
    assert str(raised.value) == (
        "the dot program of Graphviz is needed to draw this, and was not found. Debian, Ubuntu: apt-get install"
        " graphviz; macOS: brew install graphviz; Windows: winget install graphviz"
    )


def test_a_picture_that_takes_the_program_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcfsm.pictures.dot.MOST_SECONDS", 1e-9)
    with pytest.raises(ProgramSlow, match="dot came to no end in 60 s"):
        plain([(10.0, 10.0)], [])


def test_where_a_program_is_missing_for_one_picture_none_is_written(tmp_path: Path) -> None:
    def missing() -> str:
        raise DotMissing

    pictures = [Picture("a", ".txt", lambda: "a"), Picture("b", ".svg", missing)]
    with pytest.raises(DotMissing):
        write(pictures, tmp_path)
    assert list(tmp_path.iterdir()) == []
