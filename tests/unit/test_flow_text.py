"""Flows as text: whole at every width, laid out in three ways, and nothing over a lifeline; charts are in snapshots."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest
from drawings import cited, stands

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve, resolve_all
from mcfsm.model import Model
from mcfsm.pictures.breaking import lines_of, longest_piece
from mcfsm.pictures.chart import chart
from mcfsm.pictures.flow_text import render_text
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import Step
from mcfsm.semantics.trace import Trace, replay

SAMPLES = Path(__file__).parent.parent / "snapshots" / "pictures"
WIDTHS = (60, 80, 100, 120, 200)
WALKS = [(name, seed) for name in ("migration", "commit") for seed in range(12)]
DRAWN = set("|o-.<>x+~=")


@cache
def model(name: str) -> Model:
    return resolve_all(read(SAMPLES / f"{name}_sample.yaml"))[0]


@cache
def commit(managers: int) -> tuple[Model, Trace]:
    """Two-phase commit, where every manager does its first step, and last whoever decides."""
    document = read("models/textbook/two_phase_commit.yaml")
    of = resolve(document, "three", chosen={"managers": str(managers)}, symmetry=False)
    product = Product(of)
    state, taken = product.initial(), list[Step]()
    for instance in (*range(1, managers + 1), 0):
        taken.append(next(step for step in product.steps(state) if step.instance == instance))
        state = taken[-1].target
    return of, replay(product, taken)


@cache
def walk(name: str, seed: int, length: int = 16) -> tuple[Model, Trace]:
    """A random flow, the same for the same seed; it freezes late, which leaves room for the rest."""
    choice, product = random.Random(seed), Product(model(name))
    state, taken = product.initial(), list[Step]()
    while len(taken) < length and (steps := product.steps(state)):
        early = [step for step in steps if step.outcome is not None or len(taken) > length // 2]
        taken.append(choice.choice(early or steps))
        state = taken[-1].target
    return model(name), replay(product, taken)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "seed"), WALKS)
def test_everything_is_there_whole_and_in_its_width(name: str, seed: int, width: int) -> None:
    of, trace = walk(name, seed)
    lines, made = render_text(trace, of, width=width).splitlines(), chart(trace, of)
    assert max(map(len, lines)) <= width
    assert [int(line[:4]) for line in lines if line[:4].strip()] == [step.number for step in made.steps]
    for step in made.steps:
        arrows = [*([step.receives] if step.receives else []), *step.pending]
        values = [value.strip() for arrow in arrows for value in arrow.elements[1:-1].split(",") if "(" not in value]
        action = [step.action.split(",")[0]] if step.action and "freezes" not in step.action else []
        wanted = [*step.remarks, *(arrow.message for arrow in arrows), *action]
        assert [text for text in wanted if not stands(text, lines)] == []
        assert all(value.split("=")[-1] in "\n".join(lines) for value in values)
        assert all(cited(item, lines) for item in step.basis.split(", ") if item)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "seed"), WALKS)
def test_nothing_is_laid_over_a_lifeline(name: str, seed: int, width: int) -> None:
    of, trace = walk(name, seed)
    rows = [line for line in render_text(trace, of, width=width).splitlines() if "|" in line]
    lifelines = {at for line in rows for at, character in enumerate(line) if character == "|"}
    covered = [(at, line) for line in rows for at in lifelines if line[at : at + 1] not in DRAWN and at < len(line)]
    assert covered == []


@pytest.mark.parametrize(
    ("managers", "width", "listed"), [(3, 80, False), (8, 80, True), (8, 200, False), (12, 120, True)]
)
def test_with_too_many_lifelines_a_flow_is_a_list(managers: int, width: int, listed: bool) -> None:
    of, trace = commit(managers)
    text = render_text(trace, of, width=width)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    assert ("|" not in text) is listed
    assert all(stands(of.labels.instance(one.name), lines) for one in of.instances)


def test_a_list_is_of_sentences() -> None:
    of, trace = commit(8)
    lines = render_text(trace, of, width=80).splitlines()
    assert lines[:3] + lines[-3:] == [
        "   1  Resource manager 1 is prepared to commit and sends a Prepared to",
        "      Transaction manager.",
        "        its message arrives at 9",
        "   9  On the Prepared from Resource manager 1, Transaction manager notes who is",
        "      prepared.",
        "        sent at 1",
    ]


def test_notes_stand_under_each_step_where_they_have_no_room_beside() -> None:
    of, trace = commit(3)
    assert render_text(trace, of, width=70).splitlines() == [
        "       Transaction       Resource    Resource    Resource",
        "         manager        manager 1   manager 2   manager 3",
        "   1        |               o           |           |",
        "        is prepared to commit (protocol); its message arrives at 4",
        "   2        |               |           o           |",
        "        is prepared to commit (protocol)",
        "            |<.. Prepared ..|...........|           |",
        "        in flight at the end",
        "   3        |               |           |           o",
        "        is prepared to commit (protocol)",
        "            |<.. Prepared ..|...........|...........|",
        "        in flight at the end",
        "   4        |<-- Prepared --|           |           |",
        "        notes who is prepared; sent at 1",
    ]


def test_texts_are_broken_at_blanks_and_after_underscores_only() -> None:
    name = "migration_service_authorization_request"
    assert lines_of(name, 40) == [name]
    assert lines_of(name, 20) == ["migration_service_", "authorization_", "request"]
    assert lines_of(name, 5) == ["migration_", "service_", "authorization_", "request"]  # too narrow, and still whole
    assert longest_piece(name) == len("authorization_")
    asked = "asks Id(u2, B) for 10.16.2.2-pre-2, X.1-7"
    assert lines_of(asked, 16) == ["asks Id(u2, B)", "for", "10.16.2.2-pre-2,", "X.1-7"]


def test_the_reader_of_drawings_sees_what_is_missing() -> None:
    """What is cropped, torn inside a word, or continued elsewhere is not there."""
    lines = ["  | registration_      |  [X.1.3.1", "  | request            |  10.16-2, a long", " " * 25 + "note"]
    assert stands("registration_request", lines)
    assert stands("a long note", lines)
    assert not stands("registration_response", lines)
    assert not stands("a short note", lines)
    assert cited("X.1.3.1", lines)
    assert not cited("X.1.3.1-7", lines)
    assert not cited("X.1.3", lines)
    assert not cited("10.16", lines)
