"""What answers about many variants call things: labels, whole at any width, by id if asked."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, RenderableType

from mcfsm.language.selection import Selection
from mcfsm.model.labels import by_id
from mcfsm.questions.families.conditions import conditions
from mcfsm.questions.families.interwork import interwork
from mcfsm.questions.families.ledger import ledger
from mcfsm.questions.families.matrix import matrix
from mcfsm.questions.families.overview import overview
from mcfsm.questions.receptions import receptions
from mcfsm.report.conditions import conditions_as_json, conditions_as_text
from mcfsm.report.interwork import interwork_as_json, interwork_as_text
from mcfsm.report.ledger import ledger_as_text
from mcfsm.report.ledger_json import ledger_as_json
from mcfsm.report.matrix import matrix_as_json, matrix_as_text
from mcfsm.report.overview import overview_as_json, overview_as_text
from mcfsm.report.receptions import as_json, as_text
from mcfsm.verdicts.family_runs import statuses_one_by_one
from mcfsm.verdicts.run import Effort

WIDTHS = (60, 80, 100, 120)
PINGS = """
model: pings
changes: [louder.yaml]
messages: {ping_request: {label: Ping request, number: 0..3}}
readings:
  loudness: {label: How loud a ping may become, text: What the text leaves open., default: low_voice,
    values: {low_voice: , loud_voice: }, labels: {low_voice: as low as a voice, loud_voice: as loud as a bell}}
options:
  deafness: {label: Who may be deaf, text: Whether somebody is deaf., default: nobody_is,
    values: {nobody_is: , called_is: }, labels: {nobody_is: nobody at all, called_is: whoever is called}}
roles:
  calling_role:
    label: Caller of pings
    states: [before_it, after_it]
    labels: {before_it: about to send a ping, after_it: done with sending}
    initial: before_it
    final: [after_it]
    transitions: [{id: go, trigger: go, kind: protocol, source: before_it, dest: after_it, label: sends its ping,
      send: [{ping_request: {to: second, number: "2 if loudness == loud_voice else 1"}}]}]
  called_role:
    label: Listener
    states: [there_now, heard_it]
    labels: {there_now: waiting for somebody, heard_it: "content, as it heard one"}
    initial: there_now
    final: [there_now, heard_it]
    transitions:
    - {id: hear, trigger: ping_request, source: there_now, dest: heard_it, label: hears it,
       under: {deafness: nobody_is}, assumption: Pings are heard., conditions: msg.number < 2}
properties: {arrives: {text: It arrives., reachable: first.state == after_it and second.state == heard_it}}
scenarios:
  one_ping:
    label: One ping alone
    instances: {first: {role: calling_role, label: The caller}, second: {role: called_role, label: The listener}}
    channels: {default: {kind: fifo, bound: 1}}
"""
LOUDER = """
change: louder
title: a ping is louder
edits:
- replace: {set: {}, transitions: {calling_role: [{id: go, trigger: go, kind: protocol, source: before_it, dest: after_it, label: shouts, send: [{ping_request: {to: second, number: 3}}]}]}}
"""  # noqa: E501
CONSTANTS = ("loudness", "low_voice", "loud_voice", "deafness", "nobody_is", "called_is")
IDS = (*CONSTANTS, "one_ping", "calling_role", "called_role", "there_now", "heard_it", "ping_request")
OTHERWISE = ["How loud a ping may become: as loud as a bell", "Who may be deaf: whoever is called"]
SLOW = Effort(engine="reference")
Answer = tuple[Callable[[int], RenderableType], Callable[[], Any]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    path = tmp_path_factory.mktemp("pings")
    (path / "model.yaml").write_text(PINGS, encoding="utf-8")
    (path / "louder.yaml").write_text(LOUDER, encoding="utf-8")
    return dict(_asked(path))


def _asked(path: Path) -> Iterator[tuple[str, Answer]]:
    readings = {"loudness": ["all"], "deafness": ["all"]}
    switched = overview(path, effort=SLOW, status_explorer=statuses_one_by_one)
    yield "overview", (lambda w: overview_as_text(switched, width=w, seconds=0.0), lambda: overview_as_json(switched))
    sets = matrix(path, Selection(readings=readings), effort=SLOW)
    yield "matrix", (lambda w: matrix_as_text(sets, width=w), lambda: matrix_as_json(sets))
    holds = conditions(path, "arrives", effort=SLOW)
    yield "conditions", (lambda w: conditions_as_text(holds, width=w), lambda: conditions_as_json(holds))
    mixed = interwork(path, ["louder"], Selection(readings=readings), effort=SLOW)
    yield "interwork", (lambda w: interwork_as_text(mixed, width=w), lambda: interwork_as_json(mixed))
    stands = ledger(path, effort=SLOW, status_explorer=statuses_one_by_one)
    ledgers = (lambda w: ledger_as_text(stands, width=w, flows="all", seconds=0.0), lambda: ledger_as_json(stands))
    yield "assumptions", ledgers
    matrices = receptions(path, Selection(readings={"loudness": ["all"]}), effort=SLOW)
    yield "receptions", (lambda w: as_text(matrices, width=w), lambda: as_json(matrices))


def printed(answer: Answer, width: int) -> str:
    out = io.StringIO()
    Console(width=width, file=out).print(answer[0](width))
    return out.getvalue()


def words(text: str) -> str:
    """The text on one line: what a line was broken in is there whole."""
    return " ".join(text.split())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("overview", ["One ping alone", *OTHERWISE]),
        ("matrix", ["One ping alone", "How loud a ping may become: as low as a voice; Who may be deaf: nobody at all"]),
        ("conditions", ["arrives One ping alone", "(as low as a voice, as loud as a bell)", *map(words, [
            'reading "How loud a ping may become" has to be settled: as low as a voice',
            'option "Who may be deaf" has to become mandatory: nobody at all',
            "arrives holds iff all of these are so: - not louder - How loud a ping may become: as low as a voice",
        ])]),
        ("interwork", ["One ping alone How loud a ping may become: as low as a voice", "Caller of pings"]),
        ("assumptions", ["Here: as low as a voice.", 'with "as loud as a bell" they are', f'With "{OTHERWISE[0]}"']),
        ("receptions", ["Listener receptions in One ping alone", "Ping request: a Listener hears it",
            "Ping request in waiting for somebody (partly)", "has no answer to a Ping request from The caller"]),
    ],
)  # fmt: skip
def test_what_is_switched_and_where_is_said_whole(
    answers: dict[str, Answer], name: str, said: list[str], width: int
) -> None:
    text = printed(answers[name], width)
    assert max(map(len, text.splitlines())) <= width
    assert [one for one in said if one not in words(text)] == []
    assert [id_ for id_ in IDS if id_ in text] == []
    assert "\N{HORIZONTAL ELLIPSIS}" not in text


@pytest.mark.parametrize("name", ["overview", "matrix", "conditions", "interwork", "assumptions", "receptions"])
def test_by_id_and_in_json_there_are_ids(answers: dict[str, Answer], name: str) -> None:
    with by_id():
        text = printed(answers[name], 120)
    data = json.dumps(answers[name][1]())
    labels = ("How loud a ping", "as loud as a bell", "One ping alone", "Caller of pings", "Ping request")
    assert [label for label in labels if label in text or label in data] == []
    assert "one_ping" in text
    assert "one_ping" in data
    assert ("loudness" if name == "receptions" else "deafness") in data
