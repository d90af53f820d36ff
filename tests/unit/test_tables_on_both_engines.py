"""What tables have to tell apart, each on a model of a few lines: what they lead to is what the definition says."""

from __future__ import annotations

import pytest
from building import build, explore
from randomized.conformance import Expected, Question, assert_conforms

from mcfsm.explore import exhaustive, reference
from mcfsm.problems import ModelError

TWO_BUDGETS = """
roles:
  r:
    states: [a, b, c, x, y]
    initial: a
    final: [x, y]
    transitions:
    - {id: away, trigger: t0, kind: user, source: a, dest: c}
    - {id: back, trigger: t0, kind: user, source: c, dest: b}
    - {id: one, trigger: t1, kind: user, source: a, dest: b, budget: first}
    - {id: two, trigger: t2, kind: user, source: a, dest: b, budget: second}
    - {id: again, trigger: t3, kind: user, source: b, dest: x, budget: first}
    - {id: other, trigger: t4, kind: user, source: b, dest: y, budget: second}
properties:
  at_x: {text: The first is there twice., reachable: i.state == x}
  at_y: {text: The second is there twice., reachable: i.state == y}
scenarios: {s: {instances: {i: r}, budgets: {first: 1, second: 1}}}
"""
MANY = """
messages: {ping: {n: 1..2}, pong: {}}
roles:
  client:
    states: [idle, waiting, over]
    initial: idle
    final: [idle, over]
    transitions:
    - {trigger: call, kind: user, source: idle, dest: waiting, budget: calls,
       send: [{ping: {to: srv, n: 2}}, {ping: {to: srv, n: 1}}]}
    - {trigger: pong, source: waiting, dest: over}
  server:
    variables: {last: 0..2 = 0}
    states: [ready]
    initial: ready
    final: [ready]
    transitions:
    - {trigger: ping, conditions: msg.n == 2, set: {last: 2}}
    - {trigger: ping, conditions: msg.n == 1, set: {last: 1}, send: [{pong: {to: sender}}]}
properties:
  first: {text: The first is served., reachable: cl(1).state == over}
  last: {text: The last is served., reachable: cl(20).state == over and srv.last == 1}
scenarios:
  s:
    instances: {cl: {role: client, count: 20}, srv: server}
    channels: {default: {kind: fifo, bound: 2, when_full: block}}
    budgets: {calls: 1}
"""
DEFERRED = """
messages: {m: {}, n: {}}
roles:
  talker:
    variables: {sent: 0..4 = 0}
    states: [on]
    initial: on
    final: [on]
    transitions:
    - {id: say_m, trigger: say, kind: protocol, conditions: sent < 4, set: {sent: sent + 1}, send: [{m: {to: l}}]}
    - {id: say_n, trigger: say, kind: protocol, conditions: sent < 4, set: {sent: sent + 1}, send: [{n: {to: l}}]}
  listener:
    states: [p, q]
    initial: p
    final: [p, q]
    transitions: [{trigger: n, source: p, dest: q}, {trigger: m, source: q, dest: p}]
    defer: {m: [p]}
    ignore: {n: [q]}
properties: {overtaken: {text: One is heard before another., reachable: l.state == q and in_flight(m) and t.sent == 4}}
scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: {kind: fifo, bound: 2, when_full: lose}}}}
"""
LISTENS = """
messages: {m: {}}
roles:
  talker:
    states: [x, y]
    initial: x
    final: [y]
    transitions: [{trigger: go, kind: user, source: x, dest: y, send: [{m: {to: l}}]}]
  listener: {states: [p, q], initial: p, final: [p, q], transitions: [{trigger: m, source: p, dest: q, CHOOSE}]}
properties: {falls: {text: It may fall., reachable: l.state == down and t.state == y}}
scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: {kind: fifo, bound: 1}}, crash: {l: 1}}}
"""
IGNORES = """
messages: {m: {}}
roles:
  talker:
    variables: {sent: 0..2 = 0}
    states: [x]
    initial: x
    final: [x]
    transitions: [{trigger: go, kind: user, conditions: sent < 2, set: {sent: sent + 1}, send: [{m: {to: l}}]}]
  listener: {states: [p], initial: p, final: [p], transitions: [], ignore: {m: [p]}}
observers:
  ear:
    variables: {heard: 0..2 = 0, lost: 0..2 = 0}
    transitions:
    - {on: {received: m}, set: {heard: "min(heard + 1, 2)"}}
    - {on: {fault: loss}, set: {lost: "min(lost + 1, 2)"}}
properties: {both: {text: One is heard and one is lost., reachable: ear.heard == 1 and ear.lost == 1}}
scenarios:
  s:
    instances: {t: talker, l: listener}
    channels: {default: {kind: fifo, bound: 2}}
    crash: {l: {budget: 1, arrivals: lost}}
"""


def test_what_one_budget_leaves_is_not_what_another_leaves() -> None:
    """A local state is met with either budget used up, and later with none, and what may follow it is not the same."""
    model = build(TWO_BUDGETS)
    assert set(explore(model).paths) == {"at_x", "at_y"}
    assert_conforms(exhaustive.explore, model)


def test_a_row_may_take_several_words() -> None:
    """There are 63 components, of which nearly all change, and no field of a row has many bits to spare."""
    model, everything = build(MANY, whole=False), Question(everything=True)
    expected = explore(model)
    assert set(expected.paths) == {"first", "last"}
    assert_conforms(exhaustive.explore, model, expected=[Expected(everything, expected)])


def test_what_is_behind_a_message_that_waits_is_received_first() -> None:
    model = build(DEFERRED)
    assert set(explore(model).paths) == {"overtaken"}
    assert_conforms(exhaustive.explore, model)


@pytest.mark.parametrize(("choose", "ways"), [("", 0), ("choose: {k: 1..3}", 2 * 2)])
def test_who_only_listens_may_crash_and_what_it_does_in_three_ways_counts_as_three(choose: str, ways: int) -> None:
    model = build(LISTENS.replace(", CHOOSE", f", {choose}" * bool(choose)))
    found = explore(model)
    assert set(found.paths) == {"falls"}
    # it is received before a crash, or after one
    assert found.transitions == explore(LISTENS.replace(", CHOOSE", "")).transitions + ways
    assert_conforms(exhaustive.explore, model)


def test_a_message_that_is_ignored_is_not_one_that_is_lost() -> None:
    model = build(IGNORES)
    assert set(explore(model).paths) == {"both"}
    assert_conforms(exhaustive.explore, model)


def test_a_promise_that_looks_for_a_value_that_there_is_not_stops_both() -> None:
    text = IGNORES.replace("{m: {}}", "{m: {n: 0..1}}").replace("{m: {to: l}}", "{m: {to: l, n: 1}}")
    text = text.replace("ear.heard == 1 and ear.lost == 1", '"in_flight(m, n=t.sent + ear.lost) and ear.lost == 1"')
    with pytest.raises(ModelError, match="M701"):
        explore(text)
    assert_conforms(exhaustive.explore, build(text))


def test_of_two_observers_each_has_its_states() -> None:
    text = IGNORES.replace("0..2 = 0}\n    states", "0..12 = 0}\n    states").replace("sent < 2", "sent < 12")
    counter = """  counter:
    variables: {many: 0..12 = 0}
    transitions: [{on: {fired: r.go}, set: {many: many + 1}}]
properties:
  twelve: {text: All are sent., reachable: counter.many == 12 and ear.heard == 0}
  both:"""
    text = text.replace("{trigger: go,", "{id: r.go, trigger: go,").replace("properties: {both:", counter)
    model = build(text.replace("ear.lost == 1}}", "ear.lost == 1}").replace("bound: 2", "bound: 1, when_full: lose"))
    assert set(explore(model).paths) == {"twelve", "both"}
    assert_conforms(exhaustive.explore, model)


def test_of_several_lines_for_a_message_any_may_be_avoided() -> None:
    model = build("""
    messages: {m: {}}
    roles:
      talker: {states: [a, b], initial: a, final: [b], transitions: [{trigger: go, kind: user, source: a, dest: b, send: [{m: {to: l}}]}]}
      listener:
        states: [here, there, away, gone]
        initial: here
        final: [there, away, gone]
        transitions:
        - {id: first, trigger: m, source: here, dest: there}
        - {id: second, trigger: m, source: here, dest: away}
        - {id: third, trigger: m, source: here, dest: gone}
    scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: {bound: 1}}}}
    """)  # noqa: E501
    for avoided in ("first", "second", "third"):
        for explorer in (reference, exhaustive):
            found = explorer.explore(model, avoid=frozenset({avoided}))
            assert (avoided, found.states, found.transitions) == (avoided, 4, 3)
