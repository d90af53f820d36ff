"""SPIN agrees on what seldom stands in a model: a small model for each, where it is all that happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import build
from spin import Counted, Spin, needs_spin

from mcfsm.explore import exhaustive, reference

pytestmark = needs_spin
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
}


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
