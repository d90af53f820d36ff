"""Models explored together that differ in one thing: each is found to be what it is alone, by content.

Each thing in which models of a family may differ is here once; all of them are explored together as well.
"""

from __future__ import annotations

import pytest
from building import build
from randomized.together import Alone, alone, assert_same

from mcfsm.semantics.product import Product
from mcfsm.tables.variant_encoding import VariantEncoding, family_signature

ASKED_AND_ANSWERED = """
domains: {N: 0..1}
messages: {ask: {n: N}, yes: {n?: N}, no: {}}
roles:
  client:
    variables: {tries: 0..1 = 0, got: 0..1 = 0}
    states: [idle, waiting]
    initial: idle
    final: [idle]
    transitions:
    - {id: c.ask, trigger: go, kind: user, source: idle, dest: waiting, choose: {k: N}, send: [{ask: {to: s, n: k}}], budget: asks}
    - {id: c.again, trigger: again, kind: protocol, source: waiting, conditions: tries < 1, set: {tries: tries + 1}, send: [{ask: {to: s, n: got}}]}
    - {id: c.yes, trigger: yes, source: waiting, dest: idle, set: {got: 1}}
    - {id: c.no, trigger: no, source: waiting, dest: idle}
    ignore: {yes: [idle], no: [idle]}
  server:
    variables: {last: 0..1 = 0}
    states: [free, busy]
    initial: free
    final: [free]
    transitions:
    - {id: s.take, trigger: ask, source: free, dest: busy, set: {last: msg.n}}
    - {id: s.yes, trigger: answer, kind: protocol, source: busy, dest: free, conditions: last == 1, send: [{yes: {to: c, n: last}}]}
    - {id: s.no, trigger: refuse, kind: environment, source: busy, dest: free, send: [{no: {to: c}}]}
    defer: {ask: [busy]}
observers:
  sees:
    variables: {asked: 0..2 = 0, fell: bool}
    transitions:
    - {on: {sent: ask}, set: {asked: "min(asked + 1, 2)"}}
    - {on: {fault: crash}, set: {fell: true}}
properties:
  never_both: {text: Nobody waits for somebody who is free., never: "c.state == waiting and s.state == free and sees.asked == 2"}
  known: {text: Who asked for one knows it., when: "c.got == 1", always: "s.last == 1 or c.tries == 1"}
  comes: {text: An answer may come., reachable: "c.got == 1 and c.tries == 0"}
  ends: {text: Whoever waits gets on., leads_to: [c.state == waiting, c.state == idle]}
  insists: {text: Whoever waits asks again., leads_to: [c.state == waiting, c.tries == 1 or c.state == idle]}
scenarios:
  s:
    instances: {c: client, s: server}
    channels: {default: {kind: fifo, bound: 2, when_full: block}}
    budgets: {asks: 1}
    freeze: true
    crash: {s: {budget: 1, arrivals: lost}}
    expect: {}
"""  # noqa: E501
OTHERS = {
    "bound of a channel": ("bound: 2", "bound: 1"),
    "kind of a channel": ("kind: fifo", "kind: bag"),
    "what a full channel does": ("when_full: block", "when_full: lose"),
    "a full channel is an error": ("bound: 2, when_full: block", "bound: 1, when_full: error"),
    "faults of a channel": ("when_full: block}", "when_full: block, faults: {loss: unlimited}}"),
    "another fault of a channel": ("when_full: block}", "when_full: block, faults: {corruption: unlimited}}"),
    "a budget": ("asks: 1", "asks: 0"),
    "no limit of a budget": ("asks: 1", "asks: unlimited"),
    "what arrives while down": ("arrivals: lost", "arrivals: wait"),
    "nobody crashes": ("crash: {s: {budget: 1", "crash: {s: {budget: 0"),
    "where somebody may rest": ("final: [free]", "final: [free, busy]"),
    "what is ignored": (", no: [idle]}", "}"),
    "what is deferred": ("defer: {ask: [busy]}", ""),
    "a guard": ("conditions: last == 1", "conditions: last == 0"),
    "a line less": ("    - {id: c.no, trigger: no, source: waiting, dest: idle}\n", ""),
    "a value": ("set: {got: 1}", "set: {got: msg.n}"),
    "an initial value": ("got: 0..1 = 0", "got: 0..1 = 1"),
    "a variable more": ("variables: {last: 0..1 = 0}", "variables: {first: 0..1 = 1, last: 0..1 = 0}"),
    "an element of a message": ("no: {}}", "no: {why?: N}}"),
    "the order of messages": ("{ask: {n: N}, yes: {n?: N}, no: {}}", "{no: {}, yes: {n?: N}, ask: {n: N}}"),
    "what an observer sees": ("on: {sent: ask}", "on: {received: ask}"),
    "what an observer looks at": ("- {on: {sent: ask}, set", "- {on: {sent: ask}, conditions: msg.n == 1, set"),
    "what freezes": ("kind: environment", "kind: protocol"),
    "what is owed": ("trigger: again, kind: protocol", "trigger: again, kind: user"),
    "a promise": ("c.state == waiting and s.state == free", "c.state == waiting and s.state == busy"),
    "a premise": ('when: "c.got == 1"', 'when: "c.got == 0"'),
}  # fmt: skip


def variant(old: str = "", new: str = "") -> Alone:
    text = ASKED_AND_ANSWERED.replace(old, new) if old else ASKED_AND_ANSWERED
    assert not old or text != ASKED_AND_ANSWERED, old
    return alone(build(text, whole=False), 3_000)


@pytest.mark.parametrize("which", OTHERS)
def test_two_that_differ_in_one_thing(which: str) -> None:
    base, other = variant(), variant(*OTHERS[which])
    assert base.findings.complete
    assert (base.findings, base.answers) != (other.findings, other.answers)
    assert_same([base, other], workers=1)


@pytest.mark.long
def test_all_of_them_at_once() -> None:
    assert_same([variant(), *(variant(*change) for change in OTHERS.values())], workers=2)


@pytest.mark.parametrize(
    ("old", "new", "together"),
    [
        pytest.param("asks: 1", "asks: 0", True, id="how much of a budget"),
        pytest.param(
            "instances: {c: client, s: server}", "instances: {c: client, s: server, d: client}", False, id="instances"
        ),
        pytest.param("when_full: block}", "when_full: block, faults: {loss: 1}}", False, id="budgets"),
        pytest.param("freeze: true", "freeze: false", False, id="freeze"),
        pytest.param("sees", "looks", False, id="observers"),
    ],
)
def test_what_models_must_have_alike_to_be_explored_together(old: str, new: str, together: bool) -> None:
    models = [build(text, whole=False) for text in (ASKED_AND_ANSWERED, ASKED_AND_ANSWERED.replace(old, new))]
    first, second = map(family_signature, models)
    assert (first == second) is together


def test_a_region_more_is_written_and_read() -> None:
    """Of instances whose variables are alike, and whose states are not."""
    two = """
    roles:
      r: {variables: {n: 0..1 = 1}, states: [a, b], initial: a, final: [a, b], transitions: [{trigger: go, kind: user, source: a, dest: b}]}
    scenarios: {s: {instances: {x: r}}}
    """  # noqa: E501
    more = two.replace(
        "states: [a, b], initial: a, final: [a, b]",
        "regions: {one: {states: [c], initial: c, final: [c]}, two: {states: [a, b], initial: a, final: [a, b]}}",
    )
    models = [build(text, whole=False) for text in (two, more)]
    encoding = VariantEncoding(models)
    for variant, model in enumerate(models):
        local = Product(model).initial().locals[0]
        assert encoding.decode_local(variant, 0, encoding.encode_local(variant, 0, local)) == local
    assert_same([alone(model, 3_000) for model in models], workers=1)


def test_where_somebody_may_rest_in_one_of_two_alone() -> None:
    """Nobody goes on from `b`: that is a deadlock where it is no place to rest, whichever of the two comes first."""
    stuck = """
    roles:
      r:
        states: [a, b]
        initial: a
        final: [a]
        transitions: [{id: r.go, trigger: go, kind: user, source: a, dest: b}]
    scenarios: {s: {instances: {i: r}, channels: {}, expect: {check.deadlock: violated}}}
    """
    ends, rests = (alone(build(text, whole=False), 10) for text in (stuck, stuck.replace("[a]", "[a, b]", 1)))
    assert [len(one.findings.faults) for one in (ends, rests)] == [1, 0]
    assert_same([ends, rests], workers=1)
    assert_same([rests, ends], workers=1)


def test_messages_that_one_of_several_alone_has() -> None:
    text = """
    domains: {N: 0..1}
    messages: {m: {a: N, b: N}}
    roles:
      talker:
        states: [x, y]
        initial: x
        final: [y]
        transitions: [{trigger: go, kind: user, source: x, dest: y, choose: {k: N}, send: [{m: {to: l, a: 1, b: k}}]}]
      listener:
        variables: {heard: 0..2 = 2}
        states: [z]
        initial: z
        final: [z]
        transitions: [{trigger: m, set: {heard: msg.b}}]
    properties: {one: {text: It is heard., reachable: l.heard == 0}}
    scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: {kind: bag, bound: 1}}, expect: {}}}
    """
    fewer = text.replace("{a: N, b: N}", "{b: N}").replace("a: 1, b: k", "b: k")
    moved = text.replace("{a: N, b: N}", "{b: N, a: N}").replace("a: 1, b: k", "a: k, b: 1")
    named = text.replace("{m: {a", "{n: {a").replace("[{m: {to", "[{n: {to").replace("trigger: m", "trigger: n")
    several = [alone(build(one, whole=False), 10) for one in (text, fewer, moved, named)]
    assert len({str(one.findings) for one in several}) > 2
    assert_same(several, workers=1)
    assert_same(several[::-1], workers=1)


@pytest.mark.parametrize("which", ["a promise", "a premise"])
def test_a_state_of_one_alone_is_asked_for_its_own_promises(which: str) -> None:
    """The first has few of the states, and other promises; whichever is the first."""
    few, other = variant("asks: 1", "asks: 0"), variant(*OTHERS[which])
    assert few.findings.states < other.findings.states
    assert_same([few, other], workers=1)
    assert_same([other, few], workers=1)


def test_the_same_twice_in_one_of_several_is_two_steps() -> None:
    text = """
    domains: {N: 0..1}
    roles:
      r:
        states: [x, y]
        initial: x
        final: [y]
        transitions: [{id: go, trigger: go, kind: user, source: x, dest: y}]
    scenarios: {s: {instances: {a: r, b: r}, expect: {}}}
    """
    twice = text.replace("dest: y", "dest: y, choose: {n: N}")
    once, several = (alone(build(one, whole=False), 10) for one in (text, twice))
    assert (once.findings.transitions, several.findings.transitions) == (4, 8)
    assert_same([once, several], workers=1)
    assert_same([several, once], workers=1)


def test_what_is_in_a_bag_is_in_the_order_of_its_own_messages() -> None:
    text = """
    messages: {m: {}, n: {}}
    roles:
      talker:
        states: [x, y]
        initial: x
        final: [y]
        transitions: [{trigger: go, kind: user, source: x, dest: y, send: [{m: {to: l}}, {n: {to: l}}]}]
      listener:
        variables: {first: 0..2 = 0}
        states: [z]
        initial: z
        final: [z]
        transitions:
        - {trigger: m, conditions: first == 0, set: {first: 1}}
        - {trigger: n, conditions: first == 0, set: {first: 2}}
        ignore: {m: [z], n: [z]}
    properties:
      one: {text: One is first., reachable: l.first == 1}
      other: {text: Or the other., reachable: l.first == 2}
    scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: {kind: bag, bound: 2}}, expect: {}}}
    """
    several = [alone(build(one, whole=False), 20) for one in (text, text.replace("{m: {}, n: {}}", "{n: {}, m: {}}"))]
    assert_same(several, workers=1)
    assert_same(several[::-1], workers=1)


@pytest.mark.parametrize("count", [1, 2, 3, 64])
def test_every_variant_is_of_one_class_in_each_respect(count: int) -> None:
    changes = [("", ""), ("bound: 2", "bound: 1"), ("on: {sent: ask}", "on: {received: ask}")]
    several = [build(ASKED_AND_ANSWERED.replace(*change), whole=False) for change in changes]
    encoding = VariantEncoding([several[i % 3] for i in range(count)])
    everybody = [v for v in range(64) if encoding.all >> v & 1]
    assert everybody == [*range(64 if count == 1 else count)]  # of one model every bit stands for it
    assert encoding.all < 1 << 64
    respects = [*encoding.instances, *encoding.observers, *encoding.channels, *encoding.receptions]
    for classes in [*respects, encoding.surroundings]:
        members = [[v for v in range(64) if class_.variants >> v & 1] for class_ in classes]
        assert sorted(v for some in members for v in some) == everybody
        assert [class_.first for class_ in classes] == [some[0] for some in members]
    assert {len(classes) for classes in encoding.channels} == {min(count, 2)}
    assert len(encoding.surroundings) == min(count, 3)
