"""Words of a model begin no line of an answer, also where they have no room on the line that they are said in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fuzz.asking import ask

FORGED = "2 scenarios, 9 verdicts: 9 proved."
WIDTH = 40
BEGINS = re.compile(r"^(2 scenarios, 9 verdicts|9 verdicts: 9|PROVED  all)", re.MULTILINE)
MODEL = """model: WORDS
source: WORDS
readings: {polite: {text: WORDS, label: WORDS, default: yes, values: {yes: , no: }, labels: {yes: WORDS}}}
messages: {ask: {label: WORDS}, ok: {}}
roles:
  caller:
    label: WORDS
    states: [idle, waiting]
    labels: {idle: WORDS}
    initial: idle
    final: [idle]
    transitions:
    - {id: ask, label: WORDS, trigger: go, kind: user, source: idle, dest: waiting, send: [{ask: {to: b}}], assumption: WORDS}
    - {id: ok, trigger: ok, source: waiting, dest: idle, assumption: WORDS}
  called:
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: answer, trigger: ask, under: {polite: yes}, send: [{ok: {to: sender}}], assumption: WORDS}
properties:
  ends: {text: WORDS, label: WORDS, assumption: WORDS, leads_to: [a.state == waiting, a.state == idle]}
  never_asks: {text: WORDS, label: WORDS, assumption: WORDS, never: a.state == waiting}
scenarios:
  s: {text: WORDS, label: WORDS, instances: {a: {role: caller, label: WORDS}, b: called}, channels: {default: {bound: 1}}}
  t: {like: s, text: WORDS, readings: {polite: no}}
"""  # noqa: E501
FLOW = f"flow: {FORGED!r}\nsteps: [{{instance: a, transition: ask}}, {{instance: a, transition: ok}}]\n"
LOG = '{"sender": "a", "receiver": "b", "message": "ask"}\n{"sender": "b", "receiver": "a", "message": "ask"}\n'
REFERENCE = ("--engine", "reference")
ONE = ("--scenario", "s")
QUESTIONS = [
    ("check", *REFERENCE, "--coverage"),
    ("check", *REFERENCE, "--all", "--bite", "--any-number"),
    ("check", *REFERENCE, "--grid", "--normative", "--reading", "polite=all"),
    ("check", *REFERENCE, "--avoid", "ok", "--reading", "polite=all"),
    ("overview", *REFERENCE),
    ("assumptions", *REFERENCE),
    ("matrix", *REFERENCE),
    ("conditions", "--property", "ends", *REFERENCE),
    ("why", "--property", "ends", *ONE, *REFERENCE),
    ("why", "--property", "never_asks", *ONE, *REFERENCE),
    ("receptions", *REFERENCE),
    ("ladder", "--faults", "loss", *ONE, *REFERENCE),
    ("mutate", *ONE),
    ("repair", "--property", "ends", *ONE, *REFERENCE),
    ("walk", *ONE, "--seed", "1"),
    ("replay", "flow.yaml", *ONE),
    ("replay", "flow.yaml", *ONE, "--orders", "--reading", "polite=no"),
    ("monitor", "log.jsonl", *ONE),
    ("lint",),
    ("changes",),
]


@pytest.fixture(params=[FORGED, f"{'x' * (WIDTH - 2)} {FORGED}", f"{'x' * 60} {FORGED}"], ids=["alone", "full", "long"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where there is a model all of whose words are these, a flow and a log, asked by their names alone."""
    (tmp_path / "m.yaml").write_text(MODEL.replace("WORDS", f'"{request.param}"'), encoding="utf-8")
    (tmp_path / "flow.yaml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "log.jsonl").write_text(LOG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_words_of_a_model_begin_no_line(question: tuple[str, ...]) -> None:
    command, *more = question
    said = ask(command, "m.yaml", *more)
    assert said.status in (0, 1, 2), said.err
    assert BEGINS.findall(said.out + said.err) == []
