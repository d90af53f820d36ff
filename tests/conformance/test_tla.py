"""A module of TLA+ that is exported has the same states and steps, and the same verdicts, as its text says.

The text is read and evaluated by `tests/tla`, which knows nothing of mcfsm and finds next states as TLC does; and,
where it is installed, parsed by another grammar. A step that is missing, a bound that is off by one, a variable of
which nothing is said and a condition that is counted twice are found.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from building import build
from common import for_models, texts
from kept import kept, names
from naive_liveness import Runs, broken_strongly, broken_weakly
from randomized.conformance import Expected
from randomized.strategies import ModelText, model_texts
from tla.evaluate import Misnamed
from tla.explore import Explored, configured, explored, meaning
from tla.grammar import mistakes
from tla.runs import Behaviours
from tla.values import Refused

from mcfsm.explore import exhaustive, reference
from mcfsm.explore.findings import Findings
from mcfsm.language.files.reader import read
from mcfsm.model import CHECKS, LivenessProperty, Model
from mcfsm.problems import ModelError
from mcfsm.questions.walk import one_model
from mcfsm.report.tla.fairness import FairnessTexts
from mcfsm.report.tla.module import tla
from mcfsm.semantics.product import Product

MODELS = Path(__file__).parents[2] / "models"
CHECKED = dict(zip(CHECKS, ("NoDeadlock", "NoUnspecified", "NoOverflow"), strict=True))
SOON = [
    ("textbook/alternating_bit", "lossy"),
    ("textbook/two_phase_commit", "three"),
    ("textbook/leader_election", "ring"),
    ("gallery/echo", "three"),
    ("gallery/sip_invite", "careless"),
    ("gallery/x21", "unknown"),
    ("gallery/zafiropulo", "as_published"),
]
MOST = 20_000  # states of a protocol that is looked at: more take an hour here
TOO_LARGE = {
    ("gallery/dhcp", "shared"),
    ("gallery/go_back_n", "at"),
    ("gallery/go_back_n", "four_at"),
    ("gallery/go_back_n", "four_below"),
    ("gallery/lamport_mutex", "three"),
    ("gallery/raft_election", "forgotten"),
    ("gallery/raft_election", "kept"),
    ("gallery/selective_repeat", "above"),
}
MISSION = ["one_partner", "logs_off", "any_order"]
KEPT_SOON = ["05", "11", "13", "asked", "asked_how_many", "boundary", "may_stay"]


def asked(model: Model) -> dict[str, str]:
    """Each definition that says something of states, and what it is called in the model."""
    found = {name: check for check, name in CHECKED.items()}
    for one in model.state_properties:
        found[f"not_{one.id}" if one.form == "reachable" else one.id] = one.id
    return found


def counted(model: Model, text: str, config: str) -> Explored:
    """What the text of a module says of states, as far as its configuration lets TLC look."""
    assert mistakes(text) == []
    what, told = meaning(text), configured(config)
    assert {*told["SPECIFICATION"], *told.get("PROPERTY", [])} <= set(what.operators)
    assert told["CONSTANTS"] == [word for name in what.constants for word in (name, "=", name)]
    reachable = {name for name in asked(model) if name.startswith("not_")}
    assert {*told["INVARIANT"], *reachable} == {"TypeOK", *asked(model)}
    return explored(what, [*told["INVARIANT"], *reachable], *told.get("CONSTRAINT", []))


def agree(model: Model, findings: Findings) -> None:
    """Hold the text of a module against what was found of its model."""
    exported, called = tla(model), asked(model)
    found = counted(model, exported.module, exported.config)
    assert (found.states, found.generated) == (findings.states, findings.transitions + len(Product(model).beginnings))
    violated = {called.get(name, name) for name in found.violated}
    assert violated == {*findings.paths, *(fault.check for fault in findings.faults)}


@pytest.mark.parametrize(("file", "scenario"), SOON)
def test_the_text_agrees_on_protocols(file: str, scenario: str) -> None:
    model = one_model(MODELS / f"{file}.yaml", scenario=scenario)
    agree(model, reference.explore(model, full=True))


@pytest.mark.parametrize("name", KEPT_SOON)
def test_the_text_agrees_on_models_that_are_kept(name: str) -> None:
    agree(kept(name).model, reference.explore(kept(name).model, full=True))


def test_the_text_agrees_on_a_sample_of_random_models() -> None:
    assert compared(7510, 12) >= 10


def compared(number: int, count: int) -> int:
    """How many of some random models have a module that says the same."""
    found = 0
    for _, model, expected in texts(number, count):
        answer = expected[0].answer
        if not isinstance(answer, str):  # an error stops our search; TLC goes on
            agree(model, answer)
            found += 1
    return found


# ---- planted differences


def planted(model: Model, pattern: str, by: str) -> Explored:
    """What is found where a part of the text is another, as somebody may have written it by mistake."""
    exported = tla(model)
    text, count = re.subn(pattern, by, exported.module, count=1, flags=re.MULTILINE)
    assert count == 1, pattern
    return counted(model, text, exported.config)


def bit() -> Model:
    return one_model(MODELS / "textbook" / "alternating_bit.yaml", scenario="lossy")


def test_a_transition_that_is_dropped_is_found() -> None:
    found = planted(bit(), r"^ +\\/ c\[2\] \\in transmitter_instances /\\ .*transmitter_ack_1\(.*\n", "")
    assert (found.states, found.generated) == (13, 37)


def test_a_bound_that_is_off_by_one_is_found() -> None:
    found = planted(bit(), r'^Bound == <<"tx", "rx">> :> 2', 'Bound == <<"tx", "rx">> :> 1')
    assert (found.states, found.generated) == (63, 192)


def test_a_variable_of_which_nothing_is_said_is_found() -> None:
    with pytest.raises(Refused, match="the next state does not say what acceptor is"):
        planted(bit(), "UNCHANGED <<acceptor, user>>", "UNCHANGED user")


def test_a_condition_that_tlc_meets_in_two_ways_is_found() -> None:
    model = build(EITHER)
    assert planted(model, "$", "").generated == 3
    assert planted(model, r"/\\ Holds\((.*)\)$", r"/\\ \1").generated == 4


def test_a_name_that_is_there_already_is_found() -> None:
    with pytest.raises(Misnamed, match="acceptor is there already"):
        planted(bit(), "^AllRest ==", "acceptor == 1\nAllRest ==")


def test_what_becomes_of_a_message_is_found() -> None:
    model = kept("05").model
    whole = reference.explore(model, full=True)
    found = planted(model, r'THEN "handled"', 'THEN "ignored"')
    assert (found.states, found.generated) != (whole.states, whole.transitions + 1)


EITHER = """
roles:
  a:
    variables: {n: 0..1 = 0}
    states: [up]
    initial: up
    final: [up]
    transitions: [{trigger: go, kind: user, conditions: n == 0 or n < 2, set: {n: 1}}]
scenarios: {s: {instances: {x: a}}}
"""


# ---- properties of runs


def test_what_is_said_of_runs_means_the_same() -> None:
    found = runs_compared(901, 12)
    assert {True, False} <= {broken for _, broken in found}


def runs_compared(number: int, count: int) -> Counter[tuple[str, bool]]:
    """Random models whose properties of runs are decided by the text, and by an algorithm of ours that is naive."""
    found = Counter[tuple[str, bool]]()

    def check(_: ModelText, model: Model, expected: list[Expected]) -> None:
        if not isinstance(expected[0].answer, str):
            found.update(agree_on_runs(model))

    for_models(number, count, check, drawn=model_texts(live=True))
    return found


def agree_on_runs(model: Model) -> Counter[tuple[str, bool]]:
    """Hold what the text of a module says of runs against ours: how many properties are broken, by their fairness."""
    module, found = tla(model).module, Counter[tuple[str, bool]]()
    there = [one for one in model.liveness_properties if f"Not here: {one.id}," not in module]
    if there:
        ours, theirs = Runs(model), Behaviours(meaning(module), None if model.boundary is None else "Within")
        for one in there:
            try:
                broken = broken_to_us(ours, one)
            except ModelError:  # a value leaves its domain in it
                continue
            if broken is not None:
                fair = [] if one.fairness == "none" else theirs.fair(one.fairness.capitalize())
                found[one.fairness, broken] += 1
                assert theirs.breaks(one.id, fair) is broken, f"{one.id} is {broken} to us"
    return found


def broken_to_us(runs: Runs, one: LivenessProperty) -> bool | None:
    """Whether a run breaks a property; None where that takes too long."""
    if one.fairness == "strong":
        return broken_strongly(runs, one)
    return broken_weakly(runs, one, fair=one.fairness == "weak")


def test_what_is_left_out_of_runs_would_mean_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that changes nothing is one to us, and none to TLA+."""
    module = tla(build(IDLE)).module
    assert "Not here: moves, as a go may have a step that changes nothing beside one that does" in module
    monkeypatch.setattr(FairnessTexts, "left_out", lambda *_: None)
    behaviours, model = Behaviours(meaning(tla(build(IDLE)).module)), build(IDLE)
    assert broken_weakly(Runs(model), model.liveness_properties[0])
    assert not behaviours.breaks("moves", behaviours.fair("Weak"))


IDLE = """
roles:
  a:
    states: [here, there]
    initial: here
    transitions:
    - {trigger: go, kind: protocol, source: here, dest: there}
    - {trigger: go, kind: protocol, source: here}
properties: {moves: {text: It moves., eventually: x.state == there}}
scenarios: {s: {instances: {x: a}}}
"""


# ---- slow


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(10))
def test_the_text_agrees_on_random_models(chunk: int) -> None:
    assert compared(7520 + chunk, 24) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(4))
def test_what_is_said_of_runs_means_the_same_in_more_models(chunk: int) -> None:
    assert runs_compared(910 + chunk, 50).total() >= 50


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_the_text_agrees_on_every_kept_model(name: str) -> None:
    try:
        findings = reference.explore(kept(name).model, full=True)
    except ModelError:
        return  # TLC would go on
    agree(kept(name).model, findings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "scenario"),
    [
        (f"{folder}/{path.stem}", str(scenario))
        for folder in ("textbook", "gallery")
        for path in sorted((MODELS / folder).glob("*.yaml"))
        for scenario in read(path).scenarios
    ],
)
def test_the_text_agrees_on_every_protocol(file: str, scenario: str) -> None:
    model = one_model(MODELS / f"{file}.yaml", scenario=scenario)
    findings = exhaustive.explore(model, full=True)
    too_large = findings.states > MOST
    assert too_large is ((file, scenario) in TOO_LARGE), f"{findings.states:,} states"
    if not too_large:
        agree(model, findings)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", MISSION)
def test_the_text_agrees_on_the_mission(scenario: str) -> None:
    model = one_model(MODELS / "mc_migration", scenario=scenario)
    agree(model, exhaustive.explore(model, full=True))
