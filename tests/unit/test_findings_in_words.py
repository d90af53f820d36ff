"""What a finding says, and what a flow rests on: in words where people read, by ids where programs do."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import write

from mcfsm.model.labels import by_id
from mcfsm.questions.check import Checked, check
from mcfsm.report.check_json import as_json
from mcfsm.report.verdict_text import verdict_as_text

DESK = """
model: desk
readings:
  polite: {label: Thanks, text: Whether guests thank., default: never, values: {never: , aloud: }, labels: {never: none, aloud: said aloud}}
messages:
  question: {label: Question, about: {type: bool, label: price}}
  thanks: {label: Word of thanks}
  answer: {label: Answer}
roles:
  guest:
    label: Guest
    regions:
      talk:
        label: Conversation
        states: [silent, asking]
        labels: {silent: says nothing, asking: waiting for an answer}
        initial: silent
        final: [silent]
    transitions:
    - {id: asks, label: asks, trigger: ask, kind: user, source: silent, dest: asking, send: [{question: {to: c, about: "true"}}], assumption: Guests ask.}
    - {id: thanks_first, label: thanks, trigger: thank, kind: user, under: {polite: aloud}, budget: thanks, send: [{thanks: {to: c}}], assumption: Guests thank.}
    - {id: done, label: is content, trigger: answer, source: asking, dest: silent, assumption: It helps.}
  clerk:
    label: Clerk
    states: [free, gone]
    labels: {free: at the desk, gone: gone home}
    initial: free
    final: [free, gone]
    transitions:
    - {id: leave, label: goes home, trigger: go, kind: user, source: free, dest: gone, assumption: It is late.}
    - {id: help, label: answers, trigger: question, source: free, conditions: msg.about, send: [{answer: {to: sender}}], assumption: Clerks help.}
properties:
  heard: {label: Thanks are heard, text: Somebody thanks., reachable: "in_flight(thanks)"}
scenarios:
  hall:
    label: The hall
    instances: {g: guest, c: clerk}
    channels: {default: {kind: fifo, bound: 1}}
    budgets: {thanks: 2}
"""  # noqa: E501


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    return check(write(DESK, tmp_path), readings={"polite": ["aloud"]}, engine="reference")


def said(checked: Checked, name: str) -> list[str]:
    """The verdict as printed, less the flow, whose lanes stand at the margin of their numbers."""
    lines = verdict_as_text(checked.runs[0], checked[name], width=120).splitlines()
    return [line for line in lines if "|" not in line]


def test_a_reception_without_an_answer(checked: Checked) -> None:
    text = said(checked, "check.reception")
    unanswered = "Clerk (at the desk) has no answer to a Word of thanks from Guest"
    assert text[0] == f"VIOLATED (not PROVED)  check.reception  {unanswered} and 2 more; 1"
    assert "  Clerk (gone home) has no answer to a Question from Guest" in text
    assert "    answers: gone home, not at the desk" in text
    with by_id():
        text = said(checked, "check.reception")
    assert "  c in gone has no answer to question from g" in text
    assert "    help: state is gone, not free" in text


def test_a_deadlock(checked: Checked) -> None:
    text = said(checked, "check.deadlock")
    assert text[text.index("    Guest: waiting for an answer (is not final)") :] == [
        "    Guest: waiting for an answer (is not final)",
        "      waits for Answer: none is there",
        "      thanks: the channel from Guest to Clerk is full",
        "    Clerk: gone home (may rest), no transition leads on",
        "    Question (true) waits on its way from Guest to Clerk",
    ]
    with by_id():
        text = said(checked, "check.deadlock")
    assert text[text.index("    g: asking (is not final)") :] == [
        "    g: asking (is not final)",
        "      waits for answer: none is there",
        "      thanks_first (thank): g -> c is full",
        "    c: gone (may rest), no transition leads on",
        "    question(true) waits in g -> c",
    ]


def test_a_channel_that_is_full(checked: Checked) -> None:
    first = said(checked, "check.overflow")[0]
    assert "the channel from Guest to Clerk, of 1 message, is full when one more is sent" in first
    with by_id():
        assert "g -> c holds 1 when " in said(checked, "check.overflow")[0]


def test_what_a_flow_rests_on(checked: Checked) -> None:
    text = said(checked, "heard")
    assert text[0] == "PROVED  heard Thanks are heard  1 step, shortest"
    at = text.index("  Relies on:")
    assert text[at + 1 : at + 3] == ["    Guest thanks (assumption: Guests thank.)", "    Thanks: said aloud"]
    with by_id():
        text = said(checked, "heard")
    assert text[at + 1 : at + 3] == ["    thanks_first (assumption: Guests thank.)", "    polite=aloud"]


def test_programs_read_ids(checked: Checked) -> None:
    (scenario,) = as_json(checked)["scenarios"]
    heard = next(one for one in scenario["properties"] if one["id"] == "heard")
    assert heard["relies_on"] == ["thanks_first (assumption: Guests thank.)", "polite=aloud"]
    found = [(one["check"], one["subject"]) for one in scenario["findings"]]
    assert ("check.reception", "c in gone has no answer to question from g") in found
    stuck = next(one["stuck"] for one in scenario["findings"] if one["stuck"] is not None)
    assert [(one["instance"], one["states"]) for one in stuck["instances"]] == [
        ("g", {"talk": "asking"}),
        ("c", {"state": "gone"}),
    ]
    assert stuck["messages"] == ["question(true) waits in g -> c"]
