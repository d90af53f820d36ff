"""A scenario that may begin in several states: which these are, and that whoever explores or follows it says which."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from building import build, explore, words, write

import mcfsm
from mcfsm.evidence.verify import verify
from mcfsm.explore import exhaustive, reference
from mcfsm.explore.family import FamilySearch
from mcfsm.explore.family_findings import FamilyQuery, family_findings
from mcfsm.explore.liveness import exhaustive_graph, reference_graph
from mcfsm.explore.liveness.fair_runs import answers
from mcfsm.explore.random.walk import walk
from mcfsm.explore.stopping import INTERRUPTED, Stopped
from mcfsm.model import CHECKS, Model
from mcfsm.pictures.chart import chart
from mcfsm.pictures.chart_words import chart_words
from mcfsm.pictures.flow_text import render_text
from mcfsm.problems import ModelError
from mcfsm.questions.check import check
from mcfsm.questions.compare.flow_difference import difference
from mcfsm.questions.evidence import evidence
from mcfsm.report.machine_code import machine_code
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.sentence import first_values, sentence
from mcfsm.semantics.trace import describe, replay
from mcfsm.verdicts.run import Effort

ALTERNATING = """
domains: {Data: [d1, d2]}
messages: {item: {bit: 0..1, data: Data}, ack: {bit: 0..1}}
roles:
  transmitter:
    variables: {bit: "0..1 in {0, 1}", acked: "0..1 in {0, 1}", sent: Data in Data}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: new, kind: user, choose: {d: Data}, conditions: acked == bit, set: {sent: d, bit: 1 - bit},
       send: [{item: {to: rx, bit: 1 - bit, data: d}}]}
    - {trigger: again, kind: protocol, conditions: acked != bit, send: [{item: {to: rx, bit: bit, data: sent}}]}
    - {trigger: ack, set: {acked: msg.bit}}
  acceptor:
    variables: {bit: "0..1 in {0, 1}", got: Data in Data}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: item, set: {bit: msg.bit, got: msg.data}}
    - {trigger: tell, kind: protocol, send: [{ack: {to: tx, bit: bit}}]}
properties:
  got:
    text: What was acknowledged was received.
    when: tx.acked == tx.bit and tx.bit == rx.bit
    reachable: tx.sent != rx.got
  early: {text: It can be otherwise at first., reachable: tx.bit == 1 and rx.got == d2}
  settles: {text: It begins settled., eventually: tx.bit == rx.bit}
  on: {text: It goes on., leads_to: [tx.bit == 1, tx.bit == 0]}
scenarios:
  s:
    instances: {tx: transmitter, rx: acceptor}
    channels: {default: {kind: fifo, bound: 2, when_full: block, may_stay: true, faults: {loss: unlimited}}}
    begin: {conditions: [tx.acked == tx.bit, rx.bit == tx.bit]}
"""
SMALL = """
messages: {m: {x: 0..1}}
roles:
  node:
    variables: {n: "0..2 in {0, 2}", b: bool in bool}
    states: [s0, s1, s2]
    initial: [s1, s0]
    final: [s0, s1, s2]
    transitions:
    - {trigger: go, kind: protocol, source: s1, dest: s2, conditions: n == 2}
    - {trigger: m, dest: s2}
properties:
  ends: {text: It comes to an end., reachable: i.state == s2}
  twos: {text: It is two., always: i.n == 2 or i.state != s2}
scenarios:
  s:
    instances: {i: node}
    channels: {default: {kind: fifo, bound: 1}}
"""
Explorer = Any


def both(model: Model) -> list[Any]:
    return [explorer(model, full=True) for explorer in (reference.explore, exhaustive.explore)]


def test_the_alternating_bit_has_the_states_that_tlc_finds() -> None:
    """240 distinct states, 8 of them initial: MCAlternatingBit of Lamport's Specifying Systems, both queues at 2."""
    model = build(ALTERNATING)
    assert len(Product(model).beginnings) == 8
    for found in both(model):
        assert (found.states, found.transitions, found.depth) == (240, 1056, 9)


def test_all_combinations_in_declared_order() -> None:
    product = Product(build(SMALL))
    local = [(state.locals[0].states[0], *state.locals[0].values) for state in product.beginnings]
    assert local == [(s, n, b) for s in ("s1", "s0") for n in (0, 2) for b in (False, True)]
    first = product.initial()
    assert not first.begun
    assert [words(product, first, step) for step in product.steps(first)][:2] == [
        "environment begin i.state=s1 i.n=0 i.b=false",
        "environment begin i.state=s1 i.n=0 i.b=true",
    ]


def test_what_is_counted_and_the_flow() -> None:
    for found in both(build(SMALL)):
        assert (found.states, found.transitions, found.depth) == (10, 2, 1)
        (begins, goes) = found.paths["ends"]
        assert begins.begins
        assert (begins.target.locals[0].states, begins.target.locals[0].values) == (("s1",), (2, False))
        assert goes.target.locals[0].states == ("s2",)


def test_conditions_select() -> None:
    text = SMALL + '    begin: {conditions: [i.n == 2 or i.b, "i.b or i.state == s0"]}\n'
    product = Product(build(text))
    local = [(state.locals[0].states[0], *state.locals[0].values) for state in product.beginnings]
    assert local == [("s1", 0, True), ("s1", 2, True), ("s0", 0, True), ("s0", 2, False), ("s0", 2, True)]
    assert [product.is_initial(state) for state in product.beginnings] == [True] * 5
    assert not product.is_initial(product.initial())


def test_one_that_is_left_needs_no_step() -> None:
    text = SMALL + "    begin: {conditions: [i.n == 2, i.b, i.state == s1]}\n"
    product = Product(build(text))
    assert product.initial() == product.beginnings[0]
    for found in both(build(text)):
        assert (found.states, found.transitions, len(found.paths["ends"])) == (2, 1, 1)


def test_a_beginning_beyond_the_boundary_is_none() -> None:
    text = SMALL + "    within: i.n == 2 or i.state == s0\n"
    assert [found.states for found in both(build(text))] == [8, 8]
    with pytest.raises(ModelError, match="begins beyond its boundary"):
        explore(SMALL + "    within: i.state == s2\n")


def test_messages_at_first_are_received_and_asked_for() -> None:
    text = """
    messages: {m: {x: 0..1, y?: bool}, r: {}}
    roles:
      node:
        states: [s0, s1]
        initial: s0
        final: [s0, s1]
        transitions:
        - {trigger: m, source: s0, conditions: msg.x == 1, dest: s1, send: [{r: {to: sender}}]}
        - {trigger: r, dest: s1}
      silent: {states: [s0], initial: s0, final: [s0], transitions: [{trigger: r}]}
    properties:
      there: {text: It is there., reachable: "in_flight(m, x=1, sender=b)"}
      goes: {text: It goes., reachable: "not in_flight(m) and not in_flight(r)"}
      always: {text: It is never both., never: "in_flight(m) and in_flight(r)"}
    scenarios:
      s:
        instances: {a: node, b: silent}
        channels: {default: {kind: KIND, bound: 2}}
        begin: {messages: [{m: {sender: b, receiver: a, x: 1, y: true}}]}
    """
    for kind in ("fifo", "bag"):
        model = build(text.replace("KIND", kind))
        for found in both(model):
            assert (found.states, found.transitions) == (3, 2)
            assert {name: len(path) for name, path in found.paths.items()} == {"there": 0, "goes": 2}
        trace = replay(Product(model), found.paths["goes"])
        shown = [render_text(trace, model), *chart_words(model, trace, chart(trace, model)).messages.values()]
        assert [text.count("there at the beginning") for text in shown] == [1, 1, 0]


def test_liveness_of_both_graphs() -> None:
    model = build(ALTERNATING)
    told = []
    for source in (reference_graph.explored, exhaustive_graph.explored):
        _, graph = source(model, property_ids=[], liveness_properties=model.liveness_properties)
        assert not isinstance(graph, str)
        assert len(graph.initial) == 8
        told.append([(one.id, one.lasso, one.held) for one in answers(model, graph)])
    assert told[0] == told[1]
    (_, settles, held), (_, on, _) = told[0]
    assert (settles, held) == (None, True)
    assert on is not None
    assert on.stem[0].begins
    assert on.stem[0].target.locals[0].values[0] == 1


def test_eventually_is_asked_of_every_beginning() -> None:
    text = SMALL.replace("  twos:", "  two: {text: It comes., eventually: i.state == s2 or i.b}\n  twos:")
    model = build(text)
    _, graph = exhaustive_graph.explored(model, property_ids=[], liveness_properties=model.liveness_properties)
    assert not isinstance(graph, str)
    (answer,) = answers(model, graph)
    assert answer.lasso is not None
    assert answer.lasso.stem[-1].target.locals[0].values == (0, False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(ALTERNATING, tmp_path)


def test_flows_are_written_and_replayed(path: Path, tmp_path: Path) -> None:
    run = mcfsm.check(path).runs[0]
    from mcfsm.verdicts.flow_file import flow_text

    trace = run["early"].trace
    assert trace is not None
    assert len(trace) == 1
    text = flow_text(run.model, trace, "early")
    first = json.loads(text.split("steps:\n- ")[1].split("\n")[0])
    assert first == {
        "instance": "environment",
        "transition": "begin",
        "chosen": {"tx.bit": "1", "tx.acked": "1", "tx.sent": "d1", "rx.bit": "1", "rx.got": "d2"},
    }
    flow = tmp_path / "flow.yaml"
    flow.write_text(text, encoding="utf-8")
    assert mcfsm.replay(path, flow, asked="early").decides


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("[{instance: environment, transition: begin}, {instance: rx, transition: acceptor.tell.1}]", None),
        ("[{instance: rx, transition: acceptor.tell.1}]", "the first step of a flow says how it begins"),
        ("[{instance: environment, transition: begin, chosen: {tx.bit: 2}}]", "it does not begin so"),
        (
            "[{instance: environment, transition: begin}, {instance: environment, transition: begin}]",
            "or has begun already",
        ),
    ],
)
def test_a_flow_says_how_it_begins(path: Path, tmp_path: Path, steps: str, said: str | None) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text(f"steps: {steps}\n", encoding="utf-8")
    replayed = mcfsm.replay(path, flow)
    if said is None:
        assert replayed.allowed
    else:
        assert replayed.refused is not None
        assert said in replayed.refused.reasons[0][0].text


def test_evidence_has_all_beginnings(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "evidence.gz"
    found = evidence(path, mcfsm.check(path).runs, file, Effort())
    file.write_bytes(found.content)
    assert found.without == ()
    told = verify(file)
    assert [(len(one.claims), one.subject.states) for one in told] == [(7, 240)]


@pytest.mark.long
def test_walks_begin_in_all() -> None:
    result = walk(build(ALTERNATING), examples=100, steps=5, seed=1)
    product = Product(build(ALTERNATING))
    assert result.violation is None
    assert set(result.visited.locals[0]) >= {state.locals[0] for state in product.beginnings}


def test_models_are_compared_from_where_they_begin() -> None:
    other = ALTERNATING.replace("rx.bit == tx.bit]", "rx.bit == tx.bit, tx.bit == 0]")
    found = difference(Product(build(ALTERNATING)), Product(build(other)))
    assert found.only_second is None
    assert found.only_first is not None
    assert [label.event for label in found.only_first.labels] == [
        "begin with tx.bit = 1, tx.acked = 1, tx.sent = d1, rx.bit = 1, rx.got = d1"
    ]


def test_interchangeable_instances_begin_up_to_permutation() -> None:
    text = """
    messages: {m: {}}
    roles:
      node:
        variables: {n: "0..1 in {0, 1}"}
        states: [s0, s1]
        initial: s0
        final: [s0, s1]
        transitions: [{trigger: go, kind: user, source: s0, dest: s1, conditions: n == 1}]
    properties:
      some: {text: Two can be there., reachable: "count(i.state == s1 for i in g) == 2"}
    scenarios:
      s:
        instances: {g: {role: node, count: 3}}
        begin: {conditions: "any(i.n == 1 for i in g)"}
        interchangeable: [g]
    """
    model = build(text)
    apart = build(text.replace("        interchangeable: [g]\n", ""))
    assert explore(apart).states == 27 - 1  # each has 0, 1, or 1 and went; somebody has 1
    for found in both(model):
        assert found.states == 9
        assert len(found.paths["some"]) == 3
    with pytest.raises(ModelError, match="how the scenario begins names"):
        build(text.replace("any(i.n == 1 for i in g)", "g(1).n == 1"))


def test_a_machine_begins_in_one_state() -> None:
    with pytest.raises(ModelError, match="may begin in several states"):
        machine_code(build(SMALL), "node")


def test_the_state_before_all_decides_nothing() -> None:
    model = build(SMALL)
    product = Product(model)
    first = product.initial()
    assert list(product.faults(first, product.expand(first))) == []
    assert not PropertyMonitor(model, model.property_of["ends"]).decides(first)


def test_a_check_tells_of_a_beginning(tmp_path: Path) -> None:
    checked = check(write(SMALL, tmp_path))
    verdict = checked.runs[0]["ends"]
    assert verdict.trace is not None
    assert [step.transition for step in verdict.trace.steps] == ["begin", "node.go.1"]
    assert mcfsm.check(tmp_path / "test.yaml").runs[0].findings.states == 10


TIES = """
roles:
  node:
    variables: {n: "0..1 in {0, 1}"}
    states: [s0, s1, s2]
    initial: s0
    final: [s0, s1, s2]
    transitions:
    - {trigger: go, kind: protocol, source: s0, dest: s1}
    - {trigger: on, kind: protocol, source: s1, dest: s2}
properties:
  first: {text: It stops., reachable: "frozen and any(i.state == s1 for i in g)"}
  apart:
    text: One or the other.
    reachable: "any(i.n == 1 and i.state == s2 or i.n == 0 and frozen and i.state == s1 for i in g)"
scenarios:
  s:
    instances: {g: {role: node, count: 2}}
    freeze: true
"""


@pytest.mark.parametrize("more", ["", "    interchangeable: [g]\n"])
def test_a_beginning_is_no_switch_from_the_environment(more: str) -> None:
    model = build(TIES + more)
    product = Product(model)
    for found in both(model):
        told = {}
        for name, path in found.paths.items():
            trace = replay(product, path)
            told[name] = [(step.instance, step.transition) for step in trace.steps]
            if name == "apart":
                assert 1 in {local.values[0] for local in trace.states[1].locals}
        assert told == {
            "first": [("environment", "begin"), ("g(1)", "node.go.1"), ("environment", "freeze")],
            "apart": [("environment", "begin"), *[(told["apart"][1][0], f"node.{name}.1") for name in ("go", "on")]],
        }


def test_variants_together_begin_where_each_does() -> None:
    text = ALTERNATING.replace("rx.bit == tx.bit]", "rx.bit == tx.bit or option == loose]").replace(
        "domains:", "options: {option: {text: Whether., default: tight, values: {tight: , loose: }}}\ndomains:", 1
    )
    models = [build(text, option=value) for value in ("tight", "loose")]
    names = [one.id for one in models[0].properties]
    told = family_findings(FamilyQuery(models, [[*CHECKS, *names]] * 2, full=True))
    assert told is not None
    for model, found, its in zip(models, *told, strict=True):
        alone = reference.explore(model, full=True)
        assert (found.states, found.transitions, found.depth) == (alone.states, alone.transitions, alone.depth)
        assert found.paths == alone.paths
        graph = reference_graph.graph_of(model, liveness_properties=model.liveness_properties)
        assert list(its) == list(answers(model, graph))
    assert told[0][0].states != told[0][1].states
    assert [[one.lasso is None for one in its] for its in told[1]] == [[True, False], [False, False]]


def test_a_beginning_is_told_by_what_tells_it_from_others(tmp_path: Path) -> None:
    text = SMALL.replace("    initial:", "    labels: {s1: ready}\n    initial:")
    text = text.replace("i: node", "i: {role: node, label: Node 1}") + "    begin: {conditions: [i.n == 2, not i.b]}\n"
    product = Product(build(text))
    step = product.steps(product.initial())[0]
    told = describe(product, product.initial(), step)
    assert told.chosen == (("i.state", "s1"),)
    assert sentence(product.model, told) == "The scenario begins with Node 1: ready."
    both_told = replace(told, chosen=(("i.state", "s0"), ("i.n", "2")))
    assert first_values(product.model, both_told) == ["Node 1: state = s0", "Node 1: n = 2"]
    model, flow = write(text, tmp_path), tmp_path / "flow.yaml"
    for value, allowed in ((2, True), (0, False)):  # the same in all beginnings
        flow.write_text(
            f"steps: [{{instance: environment, transition: begin, chosen: {{i.state: s1, i.n: {value}}}}}]\n",
            encoding="utf-8",
        )
        assert mcfsm.replay(model, flow).allowed is allowed


@pytest.mark.parametrize(("why", "raised"), [(INTERRUPTED, True), ("--max-states 3", False)])
def test_of_variants_together_what_is_interrupted_is_no_finding(
    why: str, raised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FamilySearch.run

    def stopped(search: FamilySearch) -> Any:
        found, *more = whole(search)
        return [replace(one, complete=False, stopped=why) for one in found], *more

    monkeypatch.setattr(FamilySearch, "run", stopped)
    query = FamilyQuery([build(ALTERNATING)], [["check.deadlock"]])
    if raised:
        with pytest.raises(Stopped, match=INTERRUPTED):
            family_findings(query)
    else:
        told = family_findings(query)
        assert told is not None
        assert [one.stopped for one in told[0]] == [why]
