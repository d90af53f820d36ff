"""Where a scenario ends: what lies beyond is come to, counted by itself, and asked nothing (decision 0042)."""

from __future__ import annotations

import pytest
from building import build, enabled, explore, walk
from randomized.conformance import assert_conforms

from mcfsm.evidence.records import Claim
from mcfsm.evidence.verify import _OfStates
from mcfsm.explore import exhaustive, outside, reference
from mcfsm.explore.family import FamilySearch
from mcfsm.explore.findings import Limits
from mcfsm.explore.liveness import exhaustive_graph
from mcfsm.explore.liveness.fair_runs import answers
from mcfsm.explore.outside import Outside
from mcfsm.explore.stopping import Stopped
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError
from mcfsm.questions.replay.refusal import reasons
from mcfsm.questions.replay.steps import FlowStepPattern
from mcfsm.semantics.boundary import Beyond
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State
from mcfsm.verdicts.run import Effort, run
from mcfsm.verdicts.verdict import Run

CLOCK = """
messages: {tick: {}}
roles:
  clock:
    variables: {n: 0..9 = 0, top: 0..3?}
    states: [going]
    initial: going
    transitions:
    - {id: go, trigger: go, kind: protocol, conditions: n < 9, set: {n: n + 1}, send: [{tick: {to: ear}}]}
  hearer: {states: [listening], initial: listening, final: [listening], transitions: [{id: hear, trigger: tick}]}
observers:
  heard: {variables: {times: 0..9 = 0}, transitions: [{on: {received: tick}, set: {times: times + 1}}]}
properties:
  little: {text: It stays small., always: c.n <= 3}
  far: {text: It is large some time., reachable: c.n == 5}
  one: {text: It is one some time., reachable: c.n == 1}
  hears: {text: What ticks is heard., leads_to: [in_flight(tick), not in_flight(tick)]}
  stops: {text: It comes to three., eventually: c.n == 3}
  ends: {text: It comes to four., eventually: c.n == 4}
scenarios:
  s:
    instances: {c: clock, ear: hearer}
    channels: {default: {kind: fifo, bound: 2, when_full: block}}
    within: WITHIN
"""

COUNTERS = """
roles:
  r:
    variables: {n: 0..7 = 0}
    states: [on]
    initial: on
    transitions: [{trigger: tick, kind: protocol, conditions: n < 7, set: {n: n + 1}}]
scenarios:
  s: {instances: {c: {role: r, count: 4}}, within: any(x.n < 7 for x in r)}
"""


def clock(within: str = "c.n <= 3") -> Model:
    return build(CLOCK.replace("WITHIN", within), whole=False)


def checked(model: Model) -> Run:
    return run(model, [*(p.id for p in model.properties), *CHECKS])


def test_states_within_are_counted_and_those_beyond_by_themselves() -> None:
    """The clock has gone 0 to 3 times, with up to two ticks to be heard; a fourth time it goes beyond."""
    for engine in (reference, exhaustive):
        found = engine.explore(clock())
        assert (found.states, found.beyond, found.transitions, found.depth) == (9, 2, 12, 6)
        assert found.complete


def test_a_scenario_that_ends_where_its_model_does_has_nothing_beyond() -> None:
    whole = build(CLOCK.replace("    within: WITHIN\n", ""), whole=False)
    for model in (whole, clock("c.n <= 9")):
        found = explore(model)
        assert (found.states, found.beyond, found.transitions) == (27, 0, 34)


def test_beyond_there_is_no_step_no_deadlock_and_no_verdict() -> None:
    product = Product(clock())
    state = walk(product, "c go", "c go", "ear hear", "c go", "ear hear", "c go")
    assert product.beyond(state)
    assert enabled(product, state) == []
    assert not product.deadlocked(state, product.expand(state))
    found = checked(clock())
    assert {verdict.id: verdict.status for verdict in found.verdicts} == {
        "little": "PROVED",
        "far": "INCOMPLETE",  # it may be large beyond
        "one": "PROVED",
        **dict.fromkeys(("hears", "stops", "ends"), "VACUOUS"),  # no fair run stays within without going on
        **dict.fromkeys(CHECKS, "PROVED"),
    }


def test_what_is_said_of_all_states_says_within_what() -> None:
    reasons_ = {verdict.id: verdict.reason for verdict in checked(clock()).verdicts}
    assert reasons_["little"] == "exhaustive; within c.n <= 3"
    lie = "2 states lie beyond, and what leads on from there is not known"
    assert reasons_["far"] == f"no such state within c.n <= 3; {lie}"
    assert reasons_["hears"] == "what sets it off is in no fair run that stays; within c.n <= 3"
    assert reasons_["check.deadlock"] == "exhaustive; within c.n <= 3"
    assert reasons_["one"] == "1 step, shortest"
    whole = {verdict.id: verdict.reason for verdict in checked(clock("c.n <= 9")).verdicts}
    assert whole["check.overflow"] == "exhaustive"  # nothing lies beyond, so it holds of all


@pytest.mark.parametrize("engine", ["reference", "exhaustive"])
def test_promises_on_runs_are_put_to_the_test_where_a_run_may_stay(engine: str) -> None:
    """A user need not go on, so a fair run stays within; where nothing lies beyond, every run does."""
    model = build(CLOCK.replace("kind: protocol", "kind: user").replace("WITHIN", "c.n <= 3"), whole=False)
    names = [property_.id for property_ in model.liveness_properties]
    found = run(model, names, Effort(engine=engine))
    assert [found[name].status for name in names] == ["PROVED", "VIOLATED", "VIOLATED"]
    assert found["hears"].reason == "exhaustive; weak fairness; within c.n <= 3"
    for within, status in (("c.n <= 9", "PROVED"), ("c.n <= 3", "VACUOUS")):
        found = run(clock(within), names, Effort(engine=engine))
        assert [found[name].status for name in names] == [status] * 3


def test_what_is_met_nowhere_is_violated_where_nothing_lies_beyond() -> None:
    model = build(CLOCK.replace("c.n == 5", "c.n == 0 and in_flight(tick)").replace("WITHIN", "c.n <= 9"), whole=False)
    assert checked(model)["far"].status == "VIOLATED"


def test_evidence_of_states_within_does_not_show_that_there_is_none_beyond() -> None:
    product = Product(clock())
    one = _OfStates(Claim("far", "VIOLATED", "states"), product)
    for steps in ([], ["c go", "ear hear"] * 3 + ["c go"]):
        one.look(walk(product, *steps), set(), initial=not steps)
    assert one.status() == "INCOMPLETE"


def test_a_boundary_may_ask_an_observer_that_no_property_reads() -> None:
    model = clock("heard.times <= 1 and not (in_flight(tick) and frozen)")
    assert [observer.name for observer in model.observers] == ["heard"]
    assert_conforms(exhaustive.explore, model)


def test_limits_look_at_states_within() -> None:
    for engine in (reference, exhaustive):
        assert engine.explore(clock(), limits=Limits(max_states=9), full=True).complete
        assert engine.explore(clock(), limits=Limits(max_states=8), full=True).stopped == "--max-states 8"


@pytest.mark.parametrize("times", range(2, 8))
def test_who_is_stopped_while_looking_keeps_what_was_found(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each level is looked at in one go, and nothing is counted of the one where that was stopped."""
    looked, model = [0], clock()
    beyond = Outside._beyond

    def stopped(self: Outside, *which: int) -> object:
        looked[0] += 1
        if looked[0] == times:
            raise Stopped("--max-seconds 3")
        return beyond(self, *which)

    whole = exhaustive.explore(model, full=True)
    monkeypatch.setattr(Outside, "_beyond", stopped)
    found = exhaustive.explore(model, full=True, workers=1)
    assert (found.stopped, found.complete, found.depth) == ("--max-seconds 3", False, times - 2)
    assert found.paths == ({"one": whole.paths["one"]} if times > 2 else {})
    known = [1, 2, 4, 5, 7, 8][times - 2]  # within, on the levels before
    assert found.states == known
    looked[0] = 0
    _, graph = exhaustive_graph.explored(
        model, property_ids=[], liveness_properties=model.liveness_properties, workers=1
    )
    assert not isinstance(graph, str)
    assert graph.stopped == "--max-seconds 3"
    assert graph.expanded.sum() <= known


def test_states_are_looked_at_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "CHUNK", 1)
    found = exhaustive.explore(clock(), full=True)
    assert (found.states, found.beyond, found.transitions, found.depth) == (9, 2, 12, 6)


def test_states_are_looked_at_by_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """The condition reads all counters, so no two states look alike to it."""
    calls, beyond = [0], Beyond.__call__

    def counted(self: Beyond, state: State) -> bool:
        calls[0] += 1
        return beyond(self, state)

    monkeypatch.setattr(Beyond, "__call__", counted)
    found = exhaustive.explore(build(COUNTERS, whole=False), full=True)
    assert (found.states, found.beyond) == (8**4 - 1, 1)
    assert calls[0] < 300


def test_a_run_may_not_end_where_it_leaves() -> None:
    model = clock("not in_flight(tick)")
    findings, graph = exhaustive_graph.explored(model, property_ids=[], liveness_properties=model.liveness_properties)
    assert (findings.states, findings.beyond) == (1, 1)
    assert not isinstance(graph, str)
    assert [answer.lasso for answer in answers(model, graph)] == [None] * 3


def test_a_step_of_a_flow_beyond_is_refused_by_what_it_says() -> None:
    product = Product(clock("c.n <= 0"))
    state = walk(product, "c go")
    (reason,) = reasons(product, state, FlowStepPattern(2, None, "c", "go", None, None, (), None))
    assert (reason.kind, reason.text) == ("beyond", "the scenario explores within c.n <= 0, and that is false here")


def test_a_scenario_that_begins_beyond_explores_nothing() -> None:
    for engine in (reference, exhaustive):
        with pytest.raises(ModelError, match=r"M616 the scenario begins beyond its boundary: c\.n > 0 ") as raised:
            engine.explore(clock("c.n > 0"))
        (problem,) = raised.value.problems
        assert problem.span is not None


def test_a_condition_that_may_have_no_value_is_none() -> None:
    with pytest.raises(ModelError, match=r"M616 .* may have no value in some joint state"):
        clock("c.top + 1 <= 2")
    assert clock("c.top == none or c.top + 1 <= 2").boundary is not None


def test_several_variants_together_know_no_boundary() -> None:
    with pytest.raises(ModelError, match=r"M618 .* it explores within c\.n <= 3"):
        FamilySearch([clock(), clock()], [[], []])
