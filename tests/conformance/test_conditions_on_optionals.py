"""After a test against `none` a `T?` is read as a `T`: random conditions mean the same to both explorers.

Two instances have variables that may be none, so that a test and what it guards may read one component or two.
"""

from __future__ import annotations

from building import build
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mcfsm.explore import exhaustive, reference

MODEL = """
domains: {{D: [p, q]}}
roles:
  numbers:
    variables: {{n: "0..1?", m: "map[D, 0..1?]"}}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {{trigger: number, kind: user, choose: {{x: 0..1}}, conditions: n == none, set: {{n: x}}}}
    - {{trigger: entry, kind: user, choose: {{x: 0..1, k: D}}, conditions: "m[k] == none", set: {{"m[k]": x}}}}
    - {{trigger: forget, kind: user, conditions: [{tests}], unless: [{others}], set: {{n: none, "m[p]": "{value}"}}}}
  others:
    variables: {{s: "set[D]?", b: bool?}}
    states: [here]
    initial: here
    final: [here]
    transitions:
    - {{trigger: begin, kind: user, conditions: s == none, set: {{s: "{{}}"}}}}
    - {{trigger: add, kind: user, choose: {{x: D}}, conditions: [s != none, x not in s], set: {{s: "s | {{x}}"}}}}
    - {{trigger: flag, kind: user, choose: {{x: bool}}, conditions: b == none or not b, set: {{b: x}}}}
properties:
{properties}
scenarios:
  s: {{instances: {{one: numbers, two: others}}}}
"""
USES = {
    "number": ("{} < 1", "0 <= {} <= 0", "1 > {}", "{} + 1 > 1", "min({}, 1) == 1", "{} in {{0}}"),
    "set": ("p in {}", "q not in {}", "len({}) > 1", "{} <= {{q}}", "any(w == p for w in {})", "{} | {{p}} == D",
            "D - {} == {{}}"),
    "bool": ("{}", "not {}", "({} if true else false)"),
}  # fmt: skip
JOINT = {"one.n": "number", "one.m[p]": "number", "one.m[q]": "number", "two.s": "set", "two.b": "bool"}
OWN = {"n": "number", "m[p]": "number", "m[q]": "number"}


@st.composite
def uses(draw: st.DrawFn, atom: str, kind: str) -> str:
    """A condition that wants a value that is there."""
    return draw(st.sampled_from(USES[kind])).format(atom)


@st.composite
def conditions(draw: st.DrawFn, atoms: dict[str, str], depth: int = 2) -> str:
    """A condition that asks every optional it reads whether it is there, in one of the ways to do so."""
    if depth and draw(st.booleans()):
        first, second = draw(conditions(atoms, depth - 1)), draw(conditions(atoms, depth - 1))
        return draw(st.sampled_from(("({} and {})", "({} or {})", "({} or not {})"))).format(first, second)
    atom, other = draw(st.sampled_from(sorted(atoms))), draw(st.sampled_from(sorted(atoms)))
    use, more = draw(uses(atom, atoms[atom])), draw(uses(other, atoms[other]))
    shapes = [
        "({atom} != none and {use})",
        "({atom} == none or {use})",
        "(not {atom} == none and {use})",
        "not ({atom} == none or not {use})",
        "({use} if {atom} != none else true)",
        "(false if none == {atom} else {use})",
        "({use} if {atom} != none and {other} != none else {other} != none and {more})",
        "({atom} != none and ({other} == none or ({use}) == ({more})))",
        "({atom} == none or {other} == none or ({use} and {more}))",
        "any({use} for k in D if {atom} != none)",
        "all({more} or k == p for k in D if {other} != none)",
        "({atom} if {atom} != none else 0) != 1" if atoms[atom] == "number" else "{atom} != none",
    ]
    if atoms[atom] == atoms[other] == "number":
        shapes.append("({atom} != none and {other} != none and {atom} < {other})")
    if atoms[atom] == "number":
        entry = "one.m[k]" if "one.n" in atoms else "m[k]"
        shapes += [
            f"any({entry} != none and {entry} < 1 for k in D)",
            f"all({entry} > 0 for k in D if {entry} != none)",
            f"sum({entry} for k in D if {entry} != none) > 1",
            f"{{{{{entry} for k in D if {entry} != none}}}} == {{{{1}}}}",
        ]
    return draw(st.sampled_from(shapes)).format(atom=atom, other=other, use=use, more=more)


@st.composite
def properties(draw: st.DrawFn, name: str) -> str:
    """A property, with a premise that says that something is there or without."""
    form, condition = draw(st.sampled_from(("always", "never", "reachable"))), draw(conditions(JOINT))
    if draw(st.booleans()):
        atom = draw(st.sampled_from(sorted(JOINT)))
        condition = f"({draw(uses(atom, JOINT[atom]))} or {condition})"
        return f'  {name}: {{text: It holds., when: "{atom} != none", {form}: "{condition}"}}'
    return f'  {name}: {{text: It holds., {form}: "{condition}"}}'


@st.composite
def models(draw: st.DrawFn) -> str:
    """A model whose lines and properties read what may be none."""
    atom, other = draw(st.sampled_from(sorted(OWN))), draw(st.sampled_from(sorted(OWN)))
    tests = [f"{atom} != none", draw(uses(atom, OWN[atom])), draw(conditions(OWN, 1))]
    others = [f"{other} == none", draw(uses(other, OWN[other]))]
    value = draw(st.sampled_from((f"{atom} if {other} < 1 else 1 - {atom}", other)))
    return MODEL.format(
        tests=", ".join(f'"{text}"' for text in tests),
        others=", ".join(f'"{text}"' for text in others),
        value=value,
        properties="\n".join(draw(properties(f"p{i}")) for i in range(6)),
    )


@given(models())
@settings(max_examples=15, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
def test_conditions_on_optionals_mean_the_same_to_both_explorers(text: str) -> None:
    model = build(text)
    asked = [property_.id for property_ in model.state_properties]
    found, known = (engine.explore(model, property_ids=asked, full=True) for engine in (exhaustive, reference))
    assert (found.states, found.transitions, found.depth) == (known.states, known.transitions, known.depth)
    assert found.paths == known.paths
    assert found.coverage == known.coverage
