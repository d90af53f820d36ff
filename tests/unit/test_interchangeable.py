"""What tells interchangeable instances apart is refused, and rightly so: where the refusal is taken away, it shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from building import build
from randomized.conformance import Difference
from randomized.quotient import assert_symmetry

from mcfsm.explore import exhaustive, reference
from mcfsm.model import Model, asymmetry
from mcfsm.problems import ModelError

TEXT = """
model: clients and a server
domains: {User: [amy, ben]}
messages: {ping: {}, pong: {}, hear: {}}
roles:
  client:
    variables: {pal: client?, heard: bool, quick: bool = false}
    states: [idle, waiting, over]
    initial: idle
    final: [idle, waiting, over]
    transitions:
    - {trigger: call, kind: user, source: idle, dest: waiting, send: [{ping: {to: srv}}]}
    - {trigger: pong, source: waiting, dest: over}
    - {trigger: hear, set: {heard: true}}
  server:
    variables: {asked: "set[client]", told: bool}
    states: [ready]
    initial: ready
    final: [ready]
    transitions:
    - {trigger: ping, set: {asked: "asked | {sender}"}, send: [{pong: {to: sender}}]}
    - {trigger: tell, kind: user, conditions: not told, set: {told: true}, send: [{hear: {to: cl}}]}
observers:
  ear: {variables: {last: client?, any_heard: bool}, transitions: [{on: {received: hear}, set: {any_heard: true}}]}
properties:
  all_over: {text: All can be served., reachable: all(c.state == over for c in client)}
  one_first: {text: One is first., reachable: any(a.state == over and b.state == waiting for a in cl for b in cl)}
  heard: {text: Somebody hears., reachable: ear.any_heard and ear.last == none}
scenarios:
  s:
    instances: {cl: {role: client, count: 2}, srv: server}
    channels: {default: {kind: fifo, bound: 1, when_full: block}}
    interchangeable: [cl]
"""
CALL = "source: idle, dest: waiting,"
ALL = "all(c.state == over for c in client)"
SEES = "{on: {received: hear}, set"
ANY = "any(c.state == over or c.pal.heard for c in client if any(b.state == over for b in client))"
NAMED_ALIKE = "any(c.state == over and c.me == e.mine for c in client for e in listener)"
LISTENER = "  listener: {variables: {mine: User = key}, states: [silent], initial: silent}\nobservers:"
REFUSED: dict[str, tuple[list[tuple[str, str]], tuple[str, object]]] = {  # changes; what is taken away, and says what
    "a name": ([(CALL, f'{CALL} conditions: "self == cl(1)",')], ("fault", None)),
    "a number": ([(CALL, f"{CALL} conditions: key == 1,")], ("fault", None)),
    "an instance by its number": ([("{hear: {to: cl}}", '{hear: {to: "cl(1 if told else 2)"}}')], ("fault", None)),
    "a first value": ([("quick: bool = false", "quick: bool = self == cl(1)")], ("fault", None)),
    "a property": ([(ALL, '"at(cl(1), over) and at(cl(2), idle)"')], ("fault", None)),
    "an observer": ([(SEES, "{on: {received: hear}, conditions: receiver == cl(1), set")], ("fault", None)),
    "a quantifier that may fail": ([(ALL, ANY)], ("fault", None)),
    "a message that is seen sent to one and then to the other": (
        [(SEES, "{on: {sent: hear}, set: {last: receiver}}, " + SEES)],
        ("to_both", frozenset()),
    ),
    "channels": (
        [("when_full: block}}", "when_full: block}, cl(2) -> srv: {kind: fifo, bound: 1, faults: {loss: 1}}}")],
        ("channels", ()),
    ),
    "a crash": ([("interchangeable:", "crash: {cl(2): 1}\n    interchangeable:")], ("instances", ())),
    "another group by the same names": (
        [
            ("cl: {role: client, count: 2}", "cl: {amy: client, ben: client}, ear_of: {ben: listener}"),
            ("quick: bool = false", "me: User = key"),
            ("observers:", LISTENER),
            (ALL, NAMED_ALIKE),
        ],
        ("instances", ()),
    ),
}


def model(changes: list[tuple[str, str]] | None = None) -> Model:
    text = TEXT
    for old, new in changes or []:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return build(text)


def check(one: Model) -> None:
    assert_symmetry(one, reference.explore(one, full=True))


def test_nothing_tells_them_apart() -> None:
    one = model()
    assert one.interchangeable == (("cl(1)", "cl(2)"),)
    check(one)
    up_to = exhaustive.explore(one, full=True)
    whole = exhaustive.explore(replace(one, interchangeable=()), full=True)
    assert (up_to.states, up_to.transitions, up_to.depth) == (38, 77, 9)
    assert (whole.states, whole.transitions, whole.depth) == (65, 131, 9)
    assert up_to.paths == whole.paths


def test_of_three_each_permutation_is_taken_back() -> None:
    one = model([("cl: {role: client, count: 2}", "cl: {role: client, count: 3}")])
    up_to = exhaustive.explore(one, full=True)
    whole = exhaustive.explore(replace(one, interchangeable=()), full=True)
    assert 5 * up_to.states < 2 * whole.states
    assert up_to.paths == whole.paths


def test_channels_of_which_one_may_keep_what_is_in_it_differ() -> None:
    with pytest.raises(ModelError, match=r"channels cl\(1\) -> srv and cl\(2\) -> srv differ"):
        model([("when_full: block}}", "when_full: block}, cl(2) -> srv: {may_stay: true}}")])


@pytest.mark.parametrize("what", REFUSED)
def test_is_refused_and_rightly_so(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, (name, nothing) = REFUSED[what]
    with pytest.raises(ModelError) as refused:
        model(changes)
    assert {problem.code for problem in refused.value.problems} == {"M613"}
    tolerant = property(lambda _: nothing) if name == "to_both" else lambda *_: nothing
    monkeypatch.setattr(asymmetry._Comparison, name, tolerant)
    with pytest.raises((Difference, KeyError)):
        check(model(changes))


def test_a_guarded_quantifier_is_not_refused() -> None:
    guarded = "any(c.pal != none and c.pal.heard or c.pal == none and c.heard for c in client)"
    check(model([(ALL, guarded)]))


def test_one_instance_has_nobody_to_change_places_with() -> None:
    assert model([("count: 2", "count: 1")]).interchangeable == ()
