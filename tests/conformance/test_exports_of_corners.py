"""SPIN and the text for TLA+ agree on what seldom stands in a model: a small model for each, and nothing else in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import build
from spin import Counted, Spin, needs_spin
from test_tla import agree, agree_on_runs

from mcfsm.explore import exhaustive, reference
from mcfsm.model import CHANNEL_FAULTS, CHANNEL_KINDS, CHANNEL_POLICIES, FAULTS_OF_ORDER

CORNERS = {
    "maps that are written out": (
        """
        domains: {D: [p, q], E: [q, p, r], Rec: {who: D, num: 0..1}}
        messages: {m: {x: "map[D, 0..2]"}}
        roles:
          node:
            variables:
              n: "map[E, 0..2] = {p: 1, q: 0, r: 2}"
              k: "map[Rec, bool] = {Rec(d, i): i == 1 and d == q for d in D for i in {0, 1}}"
            states: [there]
            initial: there
            final: [there]
            transitions:
            - {trigger: go, kind: user, choose: {c: E}, conditions: "n[c] < 2",
               set: {n: "{e: n[c] + 1 if e == c else 0 for e in {r, p, q}}"}}
            - {trigger: say, kind: user, conditions: "n != {p: 1, q: 0, r: 0}",
               send: [{m: {to: b, x: "{d: n[d] for d in D}"}}]}
            - {trigger: m, conditions: "msg.x == {q: 0, p: 1}",
               set: {n: "{p: msg.x[q], q: msg.x[p], r: 0}", k: "{x: not k[x] for x in Rec}"}}
            - {trigger: m, unless: "msg.x == {q: 0, p: 1}"}
        properties:
          turned:
            text: It can be so.
            reachable: "b.n == {p: 0, q: 1, r: 0} and a.n == {e: 2 if e == q else 0 for e in E}"
        scenarios:
          s:
            instances: {a: node, b: node}
            channels: {default: {kind: fifo, bound: 1, when_full: block}}
        """,
        Counted(2812, 19422),
    ),
    "the smallest and the largest of a set": (
        """
        roles:
          node:
            variables: {free: "set[0..3] = {0, 1, 3}", mine: 0..3 = 0, levels: "map[1..2, 0..3] = {1: 0, 2: 2}"}
            states: [there]
            initial: there
            final: [there]
            transitions:
            - {trigger: take, kind: user, conditions: "free != {}", set: {mine: min(free), free: "free - {min(free)}"}}
            - {trigger: give, kind: user, conditions: "mine not in free", set: {free: "free | {max({mine, 1})}"}}
            - trigger: raise
              kind: user
              conditions: "max(levels[i] for i in {1, 2}) < 3"
              set: {levels: "{i: max(levels[j] for j in {1, 2} if j <= i) + i - 1 for i in {1, 2}}"}
        properties:
          low: {text: It can be the lowest., reachable: "a.free != {} and min(a.free) > a.mine and max(a.free) == 3"}
          high: {text: It is never so high., never: "max(a.free | {a.mine}) < min(a.levels[i] for i in {1, 2})"}
        scenarios:
          s: {instances: {a: node}}
        """,
        Counted(12, 22),
    ),
    "several states to begin in": (
        """
        domains: {D: [p, q]}
        messages: {m: {x: 0..1}}
        roles:
          node:
            variables:
              n: "0..1 in {0, 1}"
              d: D in D
              k: "map[D, 0..1]? in {none, {p: 1, q: 0}}"
              s: "set[D] in {{}, D}"
            states: [s0, s1, s2]
            initial: [s1, s2]
            final: [s0]
            transitions:
            - {trigger: go, kind: user, source: s1, dest: s0, set: {n: 1 - n}, send: [{m: {to: b, x: n}}]}
            - trigger: back
              kind: user
              source: [s0, s2]
              conditions: p in s and k != none
              dest: s1
              set: {s: "{q}", d: q}
            - {trigger: m, conditions: msg.x == n, set: {d: "p if d == q else q"}}
        properties:
          same: {text: They are the same., always: a.n == b.n or a.d != p}
          other: {text: They can be others., reachable: a.n != b.n and a.d == b.d and in_flight(m)}
        scenarios:
          s:
            instances: {a: node, b: node}
            channels: {default: {kind: fifo, bound: 1, when_full: block}}
            begin: {conditions: [a.n == b.n, a.state != b.state, a.k != none or b.s == D]}
        """,
        Counted(798, 862),
    ),
    "a crash where another may begin in several states": (
        """
        roles:
          node:
            variables: {n: "0..2 in {1, 2}", kept: "0..1 in {0, 1}", lost: 0..1 = 0}
            persistent: [n, kept]
            states: [s0, s1]
            initial: s1
            final: [s0]
            transitions:
            - {trigger: go, kind: user, source: s1, dest: s0, conditions: n > 0, set: {n: n - 1, lost: 1}}
            - {trigger: back, kind: user, source: s0, dest: s1, set: {kept: 1 - kept}}
          other: {variables: {n: "0..1 in {0, 1}"}, states: [s0], initial: s0, final: [s0]}
        properties: {kept: {text: It is kept., when: "at(a, down)", always: a.lost == 0 and o.n == 0}}
        scenarios: {s: {instances: {a: node, o: other}, crash: {a: 1}}}
        """,
        Counted(64, 76),
    ),
    "a message that is there at first alone, and corrupted": (
        """
        messages: {token: {n: 0..2}}
        roles:
          node:
            variables: {n: "0..2? = none"}
            states: [there]
            initial: there
            final: [there]
            transitions: [{trigger: token, set: {n: msg.n}}]
        properties:
          two: {text: It may be two., reachable: b.n != none and b.n == 2}
          ends: {text: It arrives., eventually: b.n != none}
        scenarios:
          s:
            instances: {a: node, b: node}
            channels: {default: {kind: bag, bound: 2, faults: {corruption: 1}}}
            begin: {messages: [{token: {sender: a, receiver: b, n: 0}}]}
        """,
        Counted(6, 5),
    ),
    "one way to begin, which is not the first": (
        """
        roles:
          node:
            variables: {n: "0..2 in {0, 1, 2}"}
            persistent: [n]
            states: [s0, s1]
            initial: s0
            final: [s0]
            transitions: [{trigger: go, kind: user, conditions: n > 0, set: {n: n - 1}}]
        properties: {empty: {text: It can be empty., reachable: a.n == 0}}
        scenarios: {s: {instances: {a: node}, crash: {a: 1}, begin: {conditions: a.n == 2}}}
        """,
        Counted(9, 10),
    ),
    "messages on their way at first": (
        """
        messages: {token: {n: 0..2, note?: bool}, hello: {}}
        roles:
          node:
            states: [there]
            initial: there
            final: [there]
            transitions:
            - {trigger: token, conditions: msg.n < 2, send: [{token: {to: sender, n: msg.n + 1}}]}
            - {trigger: token, conditions: msg.n == 2}
          quiet:
            states: [there, woken]
            initial: there
            final: [there]
            transitions: [{trigger: hello, source: there, dest: woken}]
        properties:
          arrives: {text: It can arrive., reachable: "in_flight(token, n=2, receiver=a)"}
          noted: {text: Its note is there., always: "in_flight(token) or q.state == woken or in_flight(hello)"}
        scenarios:
          s:
            instances: {a: node, b: node, q: quiet}
            channels:
              default: {kind: fifo, bound: 2, when_full: block}
              q -> a: {kind: bag, bound: 2}
              a -> q: {kind: set}
            begin:
              messages:
              - {token: {sender: a, receiver: b, n: 0}}
              - {token: {sender: q, receiver: a, n: 2, note: true}}
              - {token: {sender: q, receiver: a, n: 1}}
              - {hello: {sender: a, receiver: q}}
        """,
        Counted(32, 72),
    ),
}


@needs_spin
@pytest.mark.parametrize("name", CORNERS)
def test_spin_agrees(name: str, tmp_path: Path) -> None:
    text, counted = CORNERS[name]
    model = build(text)
    found = reference.explore(model, full=True)
    assert Counted(found.states, found.transitions) == counted
    again = exhaustive.explore(model, full=True)
    assert Counted(again.states, again.transitions) == counted
    spin = Spin(model, tmp_path)
    assert spin.counted() == counted
    for one in model.state_properties:
        assert spin.decides(one.id) is (one.id in found.paths)


@pytest.mark.parametrize("name", CORNERS)
def test_the_text_for_tla_agrees(name: str) -> None:
    model = build(CORNERS[name][0])
    agree(model, reference.explore(model, full=True))
    assert agree_on_runs(model).total() == len(model.liveness_properties)


CHANNEL = """
domains: {N: 1..2}
messages: {m: {n: N}}
roles:
  talker:
    states: [talking]
    initial: talking
    final: [talking]
    transitions:
    - {trigger: put, kind: user, budget: words, choose: {n: N}, send: [{m: {to: l, n: n}}]}
  listener:
    variables: {last: 0..2 = 0}
    states: [open]
    initial: open
    final: [open]
    transitions: [{trigger: m, set: {last: msg.n}}]
properties:
  two: {text: The second is heard., reachable: l.last == 2}
scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: CHANNEL}, budgets: {words: 3}}}
"""
# each thing that a channel may do, on both kinds that have it
CHANNELS = [
    "{kind: set}",
    *(f"{{kind: {kind}, bound: 2, when_full: {policy}}}" for kind in ("fifo", "bag") for policy in CHANNEL_POLICIES),
    *(
        f"{{kind: {kind}, bound: 2, when_full: block, faults: {{{fault}: 1}}}}"
        for kind in ("fifo", "bag")
        for fault in CHANNEL_FAULTS
        if kind == "fifo" or fault not in FAULTS_OF_ORDER
    ),
]


def test_no_kind_of_channel_is_left_out() -> None:
    assert {kind for kind in CHANNEL_KINDS if any(f"kind: {kind}" in one for one in CHANNELS)} == {*CHANNEL_KINDS}


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_is_the_same_in_the_text_for_tla(channel: str) -> None:
    model = build(CHANNEL.replace("CHANNEL", channel))
    agree(model, reference.explore(model, full=True))


@needs_spin
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_is_the_same_to_spin(channel: str, tmp_path: Path) -> None:
    model = build(CHANNEL.replace("CHANNEL", channel))
    found = reference.explore(model, full=True)
    assert Spin(model, tmp_path).counted() == Counted(found.states, found.transitions)
