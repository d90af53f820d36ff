"""Each function of expressions called in a way that is wrong: the code, and the sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import write

from mcfsm.expressions.functions import FUNCTIONS
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_all
from mcfsm.problems import ModelError

MODEL = """
domains: {{D: [p, q]}}
messages: {{m: {{x: D}}}}
roles:
  node:
    variables: {{n: 0..3 = 0, d: D = p}}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {{trigger: go, kind: user, send: [{{m: {{to: g(2), x: p}}}}]}}
    - {{trigger: m}}
properties:
  it: {{text: It is so., never: "{expression}"}}
scenarios:
  s:
    instances: {{g: {{role: node, count: 2}}}}
    channels: {{default: {{bound: 1, when_full: block}}}}
    expect: {{it: violated}}
"""
MISUSED = {
    "any": ("any(g(1).n)", "M405", "any wants"),
    "all": ("all(x for x in D)", "M404", "'x' is of D, but a condition (bool) is expected"),
    "count": ("count(true for x in 3)", "M404", "a set is expected"),
    "sum": ("sum(x for x in D) > 1", "M404", "a number is expected"),
    "in_flight": ("in_flight(m, y=p)", "M303", "message m has no element y"),
    "how_many": ("how_many(k) > 1", "M302", "unknown message k"),
    "all_of": ("all_of(E) == {{}}", "M403", "unknown name E"),
    "keys": ("keys(h) == {{}}", "M403", "unknown name h"),
    "present": ("present(g(1).d)", "M405", "present wants an element of the message"),
    "at": ("at(g(1), nowhere)", "M301", "has no state nowhere"),
    "len": ("len(g(1).n) > 1", "M404", "len wants one set"),
    "min": ("min(g(1).n) > 1", "M404", "'g(1).n' is of 0..3; min wants numbers, or a set of them"),
    "max": ("max(g(1).n, p) > 1", "M404", "a number is expected"),
}


def test_every_function_is_there() -> None:
    assert set(MISUSED) == set(FUNCTIONS)


@pytest.mark.parametrize("name", MISUSED)
def test_what_is_said(name: str, tmp_path: Path) -> None:
    expression, code, said = MISUSED[name]
    with pytest.raises(ModelError) as caught:
        resolve_all(read(write(MODEL.format(expression=expression.format()), tmp_path)))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert said in problem.message
