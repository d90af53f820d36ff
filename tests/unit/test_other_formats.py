"""PlantUML, mscgen, and what other programs make of an svg."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from test_pictures import HOSTILE, flow, hostile, model
from test_pictures_dot import hostile as hostile_diagram

from mcfsm.pictures.convert import CONVERTED, ConverterMissing, converted
from mcfsm.pictures.diagram import diagram
from mcfsm.pictures.mscgen import mscgen
from mcfsm.pictures.mscgen import text as mscgen_text
from mcfsm.pictures.plantuml import plantuml_sequence, plantuml_state
from mcfsm.pictures.plantuml import text as plantuml_text
from mcfsm.pictures.shapes import Figure, TextLine, svg

FIGURE = svg(Figure(100, 40, (TextLine(10, 20, "a figure", 9),)), theme="light")
BEGINS = {".png": b"\x89PNG", ".pdf": b"%PDF", ".emf": b"\x01\x00\x00\x00"}


def test_a_chart_in_plantuml() -> None:
    of, trace = flow("in_flight")
    assert plantuml_sequence(trace, of, title="in flight").splitlines() == [
        "@startuml",
        "hide footbox",
        "title in flight",
        'participant "client(u1)" as p1',
        'participant "client(u2)" as p2',
        'participant "server(A)" as p3',
        'participant "server(B)" as p4',
        "rnote over p1 : 1. call (user)",
        r"p1 --> p3 : call_request (Id(u1, A), Id(u2, A)) (in\nflight at the end)",
        r"rnote over p2 : 2. migrate (user)\n(to_system = B)\nassumption",
        r"p2 -> p4 : 3. register (Id(u2, B))",
        r"p4 --> p2 : registered (Id(u2, B)) (in flight at the\nend)",
        "p4 --> p3 : migrated (Id(u2, B)) (in flight at the end)",
        "@enduml",
    ]


def test_a_chart_for_mscgen() -> None:
    of, trace = flow("in_flight")
    assert mscgen(trace, of, title="in flight").splitlines() == [
        "msc {",
        '  hscale="1.60";',
        '  p1 [label="client(u1)"], p2 [label="client(u2)"], p3 [label="server(A)"], p4 [label="server(B)"];',
        '  --- [label="in flight"];',
        '  p1 box p1 [label="1. call (user)"];',
        r'  p1 >> p3 [label="call_request (Id(u1, A),\nId(u2, A)) (in flight at the\nend)"];',
        r'  p2 box p2 [label="2. migrate (user)\n(to_system = B)"];',
        '  p2 => p4 [label="3. register (Id(u2, B))"];',
        r'  p4 >> p2 [label="registered (Id(u2, B)) (in\nflight at the end)"];',
        r'  p4 >> p3 [label="migrated (Id(u2, B)) (in\nflight at the end)"];',
        "}",
    ]


def test_a_role_in_plantuml_has_every_state_and_edge() -> None:
    of = model("migration")
    for role in of.roles:
        drawn = diagram(of, role)
        lines = [line.strip() for line in plantuml_state(drawn).splitlines()]
        assert (lines[0], lines[-1]) == ("@startuml", "@enduml")
        states = sum(line.startswith("state ") and " as s" in line for line in lines)
        assert states == sum(len(region.states) for region in drawn.regions)
        arrows = sum(" --> " in line for line in lines)
        edges = sum(max(1, len(edge.sources)) for region in drawn.regions for edge in region.edges)
        assert arrows == edges + len(drawn.regions)


def test_hostile_texts_stay_text() -> None:
    drawn = plantuml_sequence(hostile(), model("migration"), title=HOSTILE) + plantuml_state(hostile_diagram())
    assert "<b>" not in drawn
    assert "%%" not in drawn
    assert "\x07" not in drawn
    assert plantuml_text("a -- b __c__ ! end note: \\n") == (
        "a <U+002D><U+002D> b <U+005F><U+005F>c<U+005F><U+005F> <U+0021> end note<U+003A> <U+005C>n"
    )
    assert mscgen_text('say "x" \\n\n;') == 'say \\"x\\" \\\\n ;'
    quoted = mscgen(hostile(), model("migration"), title=HOSTILE)
    assert "\x07" not in quoted
    assert all(line.replace('\\"', "").count('"') % 2 == 0 for line in quoted.splitlines())


def test_each_format_that_needs_a_program_says_which_one_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = {}
    for suffix in CONVERTED:
        with pytest.raises(ConverterMissing) as raised:
            converted(FIGURE, suffix)
        said[suffix] = str(raised.value)
    inkscape = "inkscape (Debian, Ubuntu: apt-get install inkscape)"
    rsvg = "rsvg-convert (Debian, Ubuntu: apt-get install librsvg2-bin)"
    assert said == {
        ".png": f"png is made by {rsvg} or {inkscape}, and that was not found; svg needs no other program",
        ".pdf": f"pdf is made by {rsvg} or {inkscape}, and that was not found; svg needs no other program",
        ".emf": f"emf is made by {inkscape}, and that was not found; svg needs no other program",
    }


@pytest.mark.parametrize("suffix", CONVERTED)
def test_a_program_of_debian_makes_the_format(suffix: str) -> None:
    try:
        made = converted(FIGURE, suffix)
    except ConverterMissing as error:
        pytest.skip(str(error))
    assert made.startswith(BEGINS[suffix])


def test_a_program_that_fails_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "rsvg-convert"
    program.write_text("#!/bin/sh\necho cannot read it >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="rsvg-convert made no png of the figure: cannot read it"):
        converted(FIGURE, ".png")


@pytest.mark.skipif(shutil.which("mscgen") is None, reason="needs mscgen")
@pytest.mark.parametrize("name", ["redirection", "commit"])
def test_mscgen_draws_it(name: str, tmp_path: Path) -> None:
    of, trace = flow(name)
    for source in (mscgen(trace, of, title=name), mscgen(hostile(), model("migration"), title=HOSTILE)):
        (tmp_path / "flow.msc").write_text(source, encoding="utf-8")
        done = subprocess.run(["mscgen", "-T", "svg", "-i", "flow.msc", "-o", "flow.svg"], cwd=tmp_path, check=False)
        assert done.returncode == 0
        assert (tmp_path / "flow.svg").stat().st_size > 1000
