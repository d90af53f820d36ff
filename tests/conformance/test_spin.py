"""SPIN, which knows nothing of us, counts the same and gives the same verdicts on what is exported.

So it does on the textbook models, on scenarios of the mission, and on random models; what it shows as a flow the
definition has too. A step that is missing in the export, or a wrong bound, is found by the counts.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from building import build
from common import texts
from kept import kept, names
from spin import Counted, Spin, beside_spin, needs_spin

from mcfsm.explore import exhaustive, reference
from mcfsm.explore.findings import Findings
from mcfsm.language.files.reader import read
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.questions.walk import one_model
from mcfsm.report.promela.program import promela

MODELS = Path(__file__).parents[2] / "models"
TEXTBOOK = [
    (path.stem, str(scenario))
    for path in sorted((MODELS / "textbook").glob("*.yaml"))
    for scenario in read(path).scenarios
]
TOO_LARGE = {
    ("go_back_n", "four_at"),
    ("selective_repeat", "above"),
    ("lamport_mutex", "three"),
}  # of the gallery: minutes, for the same lines
GALLERY = [
    (path.stem, str(scenario))
    for path in sorted((MODELS / "gallery").glob("*.yaml"))
    for scenario in read(path).scenarios
    if (path.stem, str(scenario)) not in TOO_LARGE
]
MISSION = ["one_partner", "gives_up", "logs_off", "any_order", "loss"]
IN_SECONDS = [
    "05",
    "11",
    "13",
    "asked_how_many",
    "may_stay",
]  # of the models that are kept: regions, faults and crashes, observers
WITHOUT_VALUE = ["16", "asked_value"]  # an expression fails in it
TO_SOME = """
messages: {number: {"value?": 0..1}}
roles:
  a:
    states: [up]
    initial: up
    final: [up]
    transitions:
    - {trigger: go, kind: user, choose: {who: "set[b]"}, budget: calls, send: [{number: {to: who, value?: 1}}]}
  b: {states: [up], initial: up, final: [up], transitions: [{trigger: number}]}
scenarios: {s: {instances: {x: a, y: b}, budgets: {calls: 1}, channels: {default: {kind: fifo, bound: 1}}}}
"""
pytestmark = needs_spin


def agree(model: Model, findings: Findings, folder: Path) -> Counter[str]:
    """Hold SPIN against what was found of a model: counts, every verdict on states; the flows, how many of each."""
    beside = beside_spin(model, findings, folder)
    assert beside.spins == beside.ours, folder
    assert beside.differing == [], folder
    return Counter(beside.flows.keys())


def textbook(name: str, scenario: str) -> Model:
    """A scenario of a textbook model."""
    return one_model(MODELS / "textbook" / f"{name}.yaml", scenario=scenario)


def test_spin_agrees_on_two_phase_commit(tmp_path: Path) -> None:
    model = textbook("two_phase_commit", "three")
    assert agree(model, exhaustive.explore(model, full=True), tmp_path) == {"can_commit": 1, "can_abort": 1}


@pytest.mark.parametrize("name", IN_SECONDS)
def test_spin_agrees_on_random_models_that_are_kept(name: str, tmp_path: Path) -> None:
    model = kept(name).model
    agree(model, reference.explore(model, full=True), tmp_path)


def test_planted_differences_are_found(tmp_path: Path) -> None:
    model = textbook("alternating_bit", "lossy")
    text = promela(model)
    step = re.search(r"  :: d_step \{ can_\d+ -> [^\n]*take\(rx_to_tx, [^\n]*\n", text)
    assert step is not None
    dropped = Spin(model, tmp_path / "dropped", text.replace(step[0], "", 1)).counted()
    narrow = Spin(model, tmp_path / "narrow", text.replace("(tx_to_rx_n < 2)", "(tx_to_rx_n < 1)")).counted()
    assert (dropped, narrow) == (Counted(13, 36), Counted(63, 191))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "scenario"), TEXTBOOK)
def test_spin_agrees_on_the_textbook(name: str, scenario: str, tmp_path: Path) -> None:
    model = textbook(name, scenario)
    agree(model, exhaustive.explore(model, full=True), tmp_path)


@pytest.mark.parametrize(("name", "scenario"), [("zafiropulo", "as_published"), ("x21", "unknown")])
def test_spin_agrees_on_small_models_of_the_gallery(name: str, scenario: str, tmp_path: Path) -> None:
    model = one_model(MODELS / "gallery" / f"{name}.yaml", scenario=scenario)
    agree(model, exhaustive.explore(model, full=True), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "scenario"), GALLERY)
def test_spin_agrees_on_the_gallery(name: str, scenario: str, tmp_path: Path) -> None:
    model = one_model(MODELS / "gallery" / f"{name}.yaml", scenario=scenario)
    agree(model, exhaustive.explore(model, full=True), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", MISSION)
def test_spin_agrees_on_the_mission(scenario: str, tmp_path: Path) -> None:
    model = one_model(MODELS / "mc_migration", scenario=scenario)
    agree(model, exhaustive.explore(model, full=True), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in names() if name not in WITHOUT_VALUE])
def test_spin_agrees_on_every_kept_model(name: str, tmp_path: Path) -> None:
    model = kept(name).model
    agree(model, reference.explore(model, full=True), tmp_path)


@pytest.mark.parametrize("name", WITHOUT_VALUE)
def test_the_other_kept_models_stop_our_search(name: str) -> None:
    """An expression has no value in them; SPIN would go on."""
    with pytest.raises(ModelError):
        reference.explore(kept(name).model, full=True)


def test_what_is_sent_to_nobody_is_one_step(tmp_path: Path) -> None:
    """An element that may be there or not makes two steps only where somebody gets the message."""
    model = build(TO_SOME)
    findings = reference.explore(model, full=True)
    assert (findings.states, findings.transitions) == (4, 5)
    agree(model, findings, tmp_path)


def test_spin_agrees_on_a_sample_of_random_models(tmp_path: Path) -> None:
    assert compared(7310, 2, tmp_path) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(10))
def test_spin_agrees_on_random_models(chunk: int, tmp_path: Path) -> None:
    assert compared(7300 + chunk, 24, tmp_path) >= 20


def compared(number: int, count: int, tmp_path: Path) -> int:
    """How many of some random models SPIN was asked about, with the same answers."""
    found = 0
    for at, (text, model, expected) in enumerate(texts(number, count)):
        answer = expected[0].answer
        if isinstance(answer, str):  # an error stops our search; SPIN goes on
            continue
        folder = tmp_path / str(at)
        folder.mkdir()
        (folder / "model.yaml").write_text(text, encoding="utf-8")
        try:
            agree(model, answer, folder)
        except ModelError as error:
            assert error.problems[0].code == "M615"  # noqa: PT017 - what cannot be written is no difference
            continue
        found += 1
    return found
