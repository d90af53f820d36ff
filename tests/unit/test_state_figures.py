"""State diagrams on a page: their width, their texts, and what a flow marks in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest
from test_pictures_dot import HOSTILE
from test_pictures_dot import hostile as hostile_diagram
from test_sequence_figures import outside, overlapping, smallest_size, texts

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_several
from mcfsm.model import Model, Role
from mcfsm.model.reach import reach
from mcfsm.pictures.diagram import (
    DETAILS,
    Detail,
    Diagram,
    Edge,
    LabelPart,
    RegionDiagram,
    TransitionLabel,
    View,
    diagram,
)
from mcfsm.pictures.dot import plain
from mcfsm.pictures.lifelines import A4, CM, LONG, Page
from mcfsm.pictures.sequence import Caption
from mcfsm.pictures.shapes import Box, Figure, Line, TextLine, svg
from mcfsm.pictures.state_table import state_table
from mcfsm.pictures.statechart import state_figures

MISSION = "models/mc_migration"
CAPTION = Caption("A role", ("of a model",))
SVG = "{http://www.w3.org/2000/svg}"
ROLES = [
    *(("one_partner", role) for role in ("mc_service_client", "primary_mc_server", "partner_mc_server")),
    *(("preparation_two_partners", role) for role in ("mc_service_client", "identity_management_server")),
    *(("preparation_two_partners", role) for role in ("key_management_server", "configuration_management_server")),
    ("second_client", "second_client"),
    ("make_before_break", "mc_service_client"),
]


@cache
def mission(scenario: str) -> Model:
    (model,) = resolve_several(read(MISSION), [scenario], chosen={}, symmetry=False)
    return model


def role_of(model: Model, name: str) -> Role:
    return next(role for role in model.roles if role.name == name)


def figures(scenario: str, role: str, view: View | None = None, page: Page = LONG) -> list[Figure]:
    model = mission(scenario)
    drawn = diagram(model, role_of(model, role), view or View(unreachable="hide", reach=reach(model)))
    return state_figures(drawn, CAPTION, page)


@pytest.mark.graphviz
@pytest.mark.parametrize("labels", DETAILS)
@pytest.mark.parametrize(("scenario", "role"), ROLES)
def test_every_role_of_the_mission_fits_a_page(scenario: str, role: str, labels: Detail) -> None:
    model = mission(scenario)
    view = View(labels, "hide", reach(model))
    drawn = diagram(model, role_of(model, role), view)
    words = {word for region in drawn.regions for state in region.states for word in region.word(state).split()}
    words |= {
        word for region in drawn.regions for edge in region.edges for label in edge.labels for word in parts(label)
    }
    for page in (A4, LONG):
        made = figures(scenario, role, view, page)
        for figure in made:
            assert figure.width <= 17 * CM + 0.01
            assert page.height is None or figure.height <= 24 * CM
            assert smallest_size(figure) >= 8
            assert overlapping(figure) == []
            assert outside(figure) == []
        said = "".join("".join(texts(figure)) for figure in made).replace(" ", "")
        assert [word for word in words if word not in said] == []


def parts(label: TransitionLabel) -> list[str]:
    return [word for part in label.parts for word in part.text.split()]


@pytest.mark.graphviz
@pytest.mark.parametrize("width", [17, 9, 6])
def test_labels_that_do_not_fit_stand_below_with_a_number(width: int) -> None:
    (figure,) = figures("preparation_two_partners", "mc_service_client", page=Page(width * CM))
    assert figure.width <= width * CM + 0.01
    numbers = [text for text in texts(figure) if text.isdigit()]
    assert bool(numbers) is (width < 17)
    assert all(numbers.count(number) >= 2 for number in numbers)  # on its edge, and where its label stands


@pytest.mark.graphviz
def test_a_flow_is_bold_has_its_steps_and_is_marked_where_it_breaks_the_promise() -> None:
    view = View(steps={"A-1": (3, 8), "A-2": (9,)}, visited=frozenset({("state", "home")}), breaks="A-2")
    (figure,) = figures("one_partner", "primary_mc_server", view)
    said = [words for words in figure.marks if isinstance(words, TextLine) and words.text.startswith("step")]
    assert [words.text for words in said] == ["steps 3, 8", "step 9: the promise breaks"]
    assert said[1].ink == "mark"
    bold = [line for line in figure.marks if isinstance(line, Line) and line.width > 1]
    assert len(bold) == 4  # into the label and out of it, of two edges
    states = [box for box in figure.marks if isinstance(box, Box) and box.stroke > 1]
    assert len(states) == 1


@pytest.mark.graphviz
def test_what_is_not_reached_is_grey_and_has_a_broken_border() -> None:
    model = mission("one_partner")
    (figure,) = figures("one_partner", "mc_service_client", View("trigger", "grey", reach(model)))
    broken = [box for box in figure.marks if isinstance(box, Box) and box.dash == "3 2"]
    assert {box.ink for box in broken} == {"grey"}
    assert len(broken) == 15 + 4  # states, of which four are final and have two borders
    assert outside(figure) == []


@pytest.mark.parametrize(("sources", "drawn"), [((), ["any state"]), (("a", "b"), [])])
def test_what_leads_from_any_state_comes_from_a_box_of_its_own(
    sources: tuple[str, ...], drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def placed(sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]]) -> Any:
        height = max(height for _, height in sizes)
        places = [(100.0 * at, height) for at in range(len(sizes))]
        return places, [[(0.0, 0.0)] * 4 for _ in edges], (100.0 * len(sizes), 2 * height)

    monkeypatch.setattr("mcfsm.pictures.statechart.plain", placed)
    edge = Edge(sources, "b", (TransitionLabel("go", (LabelPart("trigger", "go"),)),))
    (figure,) = state_figures(
        Diagram("r", "m", (RegionDiagram("", ("a", "b"), ("a",), (), (edge,), ()),), ()), CAPTION, LONG
    )
    assert [text for text in texts(figure) if text == "any state"] == drawn


@pytest.mark.graphviz
def test_dot_is_given_sizes_and_no_words() -> None:
    places, edges, (width, height) = plain([(100.0, 20.0), (50.0, 30.0), (10.0, 10.0)], [(0, 1), (1, 2), (0, 2)])
    assert [len(points) % 3 for points in edges] == [1, 1, 1]  # of Bezier curves, end to end
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(
        [(*place, *size) for place, size in zip(places, [(100, 20), (50, 30), (10, 10)], strict=True)], 2
    ):
        assert abs(x1 - x2) >= (w1 + w2) / 2 or abs(y1 - y2) >= (h1 + h2) / 2
    assert places[0][1] < places[1][1] < places[2][1] < height
    assert all(0 <= x <= width for x, _ in places)


@pytest.mark.graphviz
def test_hostile_texts_stay_text() -> None:
    (figure,) = state_figures(hostile_diagram(), Caption(HOSTILE), LONG)
    root = ElementTree.fromstring(svg(figure))
    shown = "".join(element.text or "" for element in root.iter(f"{SVG}text"))
    assert "<b>&amp;</b>" in shown.replace("\xa0", " ")
    assert "<script>" in shown
    assert {element.tag for element in root.iter()} <= {
        SVG + tag for tag in ("svg", "title", "desc", "style", "path", "rect", "text")
    }
    table = state_table(hostile_diagram())
    assert "<script>" not in table
    assert all(line.count(" | ") == 6 for line in table.splitlines() if line.startswith("| "))


def test_the_table_of_a_role_is_state_by_trigger() -> None:
    model = mission("one_partner")
    role = role_of(model, "primary_mc_server")
    lines = state_table(diagram(model, role, View(unreachable="hide", reach=reach(model)))).splitlines()
    assert lines[0] == "# " + model.labels.role("primary_mc_server")
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[4:]]
    states = [model.labels.state(role.name, state) for state in ("home", "migrated", "gone")]
    assert [row[0].split(" (")[0] for row in cells] == [*[states[0]] * 2, *[states[1]] * 2, states[2], *["any"] * 5]
    message = model.labels.message
    assert cells[0][1:] == [message("deregister"), "", states[2], "", "", "10.16.2.2-1b"]
    assert cells[1][1:3] == [message("private_call_request"), "msg.called_id.system == key"]
    assert cells[1][3:5] == ["the same", f"{message('private_call_request')} -&gt; client(msg.called_id.user)"]
    assert cells[5][1:4] == [message("registration_request"), "", states[0]]
