"""Steps that suffice, on models of a few lines where it is plain which do, and what is lost without a condition.

`conformance/test_stubborn` has random models; here is what chance seldom brings.
"""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest
from building import build, explore
from randomized.apart import apart_text

from mcfsm.explore import exhaustive, reference
from mcfsm.explore.stubborn import choice, goals, search
from mcfsm.explore.stubborn.senders import Context, Senders
from mcfsm.model import Model
from mcfsm.semantics.product import Product

SIDE_BY_SIDE = """
    roles:
      walker:
        states: [a, b, c, d]
        initial: a
        final: [d]
        transitions:
        - {trigger: one, kind: protocol, source: a, dest: b}
        - {trigger: two, kind: protocol, source: b, dest: c}
        - {trigger: three, kind: protocol, source: c, dest: d}
    scenarios: {s: {instances: {x: walker, y: walker, z: walker}}}
"""
WAITS = """
    messages: {m: {}}
    roles:
      one: {states: [a], initial: a, final: [a], transitions: [], defer: {m: [a]}}
      other:
        states: [s, t, u]
        initial: s
        final: [u]
        transitions:
        - {trigger: begin, kind: protocol, source: s, dest: t, send: [{m: {to: x}}]}
        - {trigger: end, kind: protocol, source: t, dest: u}
    scenarios:
      s:
        instances: {x: one, y: other}
        channels: {default: {kind: fifo, bound: 1, faults: {loss: 1}}}
"""
DOUBLED = """
    messages: {m: {}, n: {}}
    roles:
      one:
        states: [a, b, c, d]
        initial: a
        transitions:
        - {trigger: m, source: a, dest: b}
        - {trigger: m, source: b, dest: c}
        - {trigger: n, source: c, dest: d}
        ignore: {m: [c, d], n: [a, b, d]}
      other:
        states: [s, t, u]
        initial: s
        transitions:
        - {trigger: begin, kind: protocol, source: s, dest: t, send: [{m: {to: x}}]}
        - {trigger: end, kind: protocol, source: t, dest: u, send: [{n: {to: x}}]}
    properties: {both: {text: It comes twice before the other., reachable: x.state == d}}
    scenarios:
      s:
        instances: {x: one, y: other}
        channels: {default: {kind: fifo, bound: 4, when_full: block, faults: {duplication: 1}}}
"""
ASKS = """
    messages: {m: {}, n: {}}
    roles:
      one:
        states: [a, b, c]
        initial: a
        final: [c]
        transitions:
        - {trigger: look, kind: protocol, source: a, dest: b, conditions: in_flight(m)}
        - {trigger: miss, kind: protocol, source: a, dest: c, conditions: not in_flight(m)}
        defer: {m: [a, b, c]}
      apart:
        states: [o, p]
        initial: o
        transitions: [{trigger: go, kind: protocol, source: o, dest: p}]
      other:
        states: [s, t, u]
        initial: s
        final: [u]
        transitions:
        - {trigger: begin, kind: protocol, source: s, dest: t, send: [{m: {to: x}}]}
        - {trigger: end, kind: protocol, source: t, dest: u}
    properties: {seen: {text: It is seen., reachable: x.state == b and y.state == u}}
    scenarios:
      s:
        instances: {x: one, y: other, w: apart}
        channels: {default: {kind: bag, bound: 1, when_full: block, may_stay: true}}
"""
STAYS = """
    messages: {m: {}}
    roles:
      walker:
        states: [a, b, c, d]
        initial: a
        transitions:
        - {trigger: one, kind: protocol, source: a, dest: b}
        - {trigger: two, kind: protocol, source: b, dest: c}
        - {trigger: three, kind: protocol, source: c, dest: d}
      talker:
        states: [s, t, u]
        initial: s
        transitions:
        - {trigger: begin, kind: protocol, source: s, dest: t, send: [{m: {to: x}}]}
        - {trigger: end, kind: protocol, source: t, dest: u}
      hearer:
        states: [o, p]
        initial: o
        transitions: [{trigger: move, kind: protocol, source: o, dest: p}, {trigger: m, source: p}]
        ignore: {m: [o]}
    properties:
      early: {text: It waits., never: not in_flight(m) and w.state == c and y.state == u and x.state == p}
      quiet: {text: It waits., never: not in_flight(m) and x.state == o and y.state == u and w.state == d}
    scenarios:
      s:
        instances: {w: walker, x: hearer, y: talker}
        channels: {default: {kind: KIND}}
"""
FROZEN = """
    roles:
      walker:
        states: [a, b]
        initial: a
        transitions: [{trigger: go, kind: protocol, source: a, dest: b}]
      user:
        states: [a, b]
        initial: a
        transitions: [{trigger: go, kind: user, source: a, dest: b}]
    properties:
      both: {text: Both go., never: not frozen and w.state == b and v.state == b}
    scenarios:
      s:
        instances: {u: user, w: walker, v: walker}
        freeze: true
"""
CRASHES = FROZEN.replace("kind: user", "kind: protocol").replace("freeze: true", "freeze: true\n        crash: {u: 1}")
DRAWN = (0, 2, 11, 17, 20, 27, 33, 58, 60, 75, 82, 140)  # random models, which together show most defects of a choice


def planted(patch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """Have the choice made by a changed text of its module, in memory."""
    source = inspect.getsource(choice)
    assert source.count(old) == 1, old
    changed = ModuleType(choice.__name__)
    exec(compile(source.replace(old, new), str(choice.__file__), "exec"), vars(changed))
    patch.setattr(reference, "StubbornSets", changed.StubbornSets)


def test_who_has_nothing_to_do_with_another_goes_first() -> None:
    whole, some = explore(SIDE_BY_SIDE), explore(SIDE_BY_SIDE, reduce=True)
    assert (whole.states, some.states) == (4**3, 3 * 3 + 1)
    assert (whole.reduction, some.depth) == (None, 9)


def test_what_a_property_reads_is_seen_in_every_order() -> None:
    text = SIDE_BY_SIDE + "    properties: {apart: {text: T., never: x.state == d and y.state == a}}\n"
    some = explore(text, reduce=True)
    assert list(some.paths) == ["apart"]
    assert 10 < some.states < 64


def test_a_deadlock_that_a_fault_would_end_is_found() -> None:
    assert [fault.check for fault in explore(WAITS).faults] == ["check.deadlock"]
    assert [fault.check for fault in explore(WAITS, reduce=True).faults] == ["check.deadlock"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SIDE_BY_SIDE, id="apart"),
        pytest.param(WAITS, id="waits"),
        pytest.param(DOUBLED, id="doubled"),
        pytest.param(ASKS, id="asks"),
        pytest.param(STAYS.replace("KIND", "set"), id="stays"),
        pytest.param(STAYS.replace("KIND", "fifo, bound: 1, when_full: block"), id="goes"),
        pytest.param(FROZEN, id="frozen"),
        pytest.param(CRASHES, id="crashes"),
    ],
)
def test_the_compiled_search_takes_the_same_steps(text: str) -> None:
    assert_the_same_steps(build(text))


@pytest.mark.parametrize("number", DRAWN)
def test_the_compiled_search_takes_the_same_steps_of_random_models(number: int) -> None:
    assert_the_same_steps(build(apart_text(number), whole=False))


@pytest.mark.parametrize("room", [1, 2, 7])
def test_steps_that_find_no_room_are_looked_at_with_more(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_STEPS", room)
    assert_the_same_steps(build(SIDE_BY_SIDE))


def assert_the_same_steps(model: Model) -> None:
    found, wanted = (one(model, full=True, reduce=True) for one in (exhaustive.explore, reference.explore))
    assert found.reduction == wanted.reduction
    assert (found.states, found.transitions, found.depth) == (wanted.states, wanted.transitions, wanted.depth)
    assert (found.fired, found.coverage) == (wanted.fired, wanted.coverage)
    assert {name: len(path) for name, path in found.paths.items()} == {n: len(path) for n, path in wanted.paths.items()}


def test_it_is_not_found_where_a_fault_suffices(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, "all(step.instance >= self.dependence.instances for step in taken)", "False")
    assert not explore(WAITS, reduce=True).faults


def test_a_message_may_be_doubled_before_the_next_is_sent() -> None:
    assert list(explore(DOUBLED, reduce=True).paths) == ["both"]


def test_it_is_not_where_faults_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    no_fault = "self.faulty = [False for channel in model.channels]"
    planted(monkeypatch, "self.faulty = [bool(channel.faults) for channel in model.channels]", no_fault)
    assert not explore(DOUBLED, reduce=True).paths


def goals_of(condition: str) -> goals.Goals:
    """The goals of `never`, with that condition."""
    text = f"""
        roles:
          one:
            variables: {{n: 0..3 = 0, m: 0..2?}}
            states: [a, b]
            initial: a
            transitions: [{{trigger: t, kind: protocol, source: a, dest: b}}]
        properties: {{p: {{text: P., never: "{condition}"}}}}
        scenarios: {{s: {{instances: {{x: one, y: one}}}}}}
    """
    model: Model = build(text)
    return goals.Goals(model, model.state_properties, Product(model).initial())


@pytest.mark.parametrize(
    ("condition", "refuted"),
    [
        ("x.state == b and y.state == b", {0, 1}),
        ("x.state == b or y.state == b", set()),
        ("not (x.state == a or y.state == a)", {0, 1}),
        ("all(i.state == b for i in one)", set()),
        ("x.n < y.n and y.state == b", {1}),
        ("y.m == 1 and x.state == b", {0, 1}),
        ("x.m + 1 == 2 and y.state == b", set()),  # where x.m is none, the error comes before what y says
        ("y.state == b and x.m + 1 == 2", {1}),
    ],
)
def test_one_part_alone_refutes_what_it_makes_false_before_anything_fails(condition: str, refuted: set[int]) -> None:
    found = goals_of(condition)
    first = found.first
    assert {i for i in (0, 1) if found.refuted_by_local(i, first.locals[i]) & 1} == refuted


def test_what_may_still_be_sent() -> None:
    model = build(DOUBLED)
    senders = Senders(Product(model))
    context = Context(False, frozenset())
    x = 1 << model.index_of["x"]
    told = {state: senders.may_send(1, (state,), context, True) for state in "stu"}
    assert told == {"s": (x, x, 0, 0), "t": (x, 0, 0, 0), "u": (0, 0, 0, 0)}
