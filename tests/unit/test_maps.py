"""Maps that are written out: which keys they have, which values, and that interchangeable instances may be keys."""

from __future__ import annotations

import pytest
from building import build, enabled, explore, walk

from mcfsm.explore import exhaustive, reference
from mcfsm.expressions.fold import fold
from mcfsm.pictures.expression import shown
from mcfsm.problems import ModelError
from mcfsm.report.tla.module import tla
from mcfsm.semantics.product import Product

MODEL = """
domains: {{D: [p, q], E: [q, p], Rec: {{who: D, num: 0..1}}}}
parameters: {{top: 2}}
roles:
  node:
    variables: {{v: "{domain} = {value}", it: bool}}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {{trigger: go, kind: user, conditions: "{test}", set: {{it: true}}}}
scenarios:
  s: {{instances: {{i: node}}}}
"""


def model(domain: str, value: str, test: str = "true") -> Product:
    return Product(build(MODEL.format(domain=domain, value=value, test=test), whole=False))


@pytest.mark.parametrize(
    ("domain", "value", "first"),
    [
        ("map[D, 0..3]", "{p: 1, q: 2}", (1, 2)),
        ("map[D, 0..3]", "{q: 2, p: 1}", (1, 2)),
        ("map[E, 0..3]", "{p: 1, q: 2}", (2, 1)),
        ("map[E, 0..3]", "{d: 1 if d == p else 2 for d in D}", (2, 1)),
        ("map[1..top, D]", "{2: q, 1: p}", ("p", "q")),
        ("map[1..3, 0..9]", "{x: x * x for x in {3, 1, 2}}", (1, 4, 9)),
        ("map[D?, 0..3]", "{p: 1, none: 3, q: 2}", (3, 1, 2)),
        ("map[D, D?]", "{p: none, q: q}", (None, "q")),
        ("map[D, set[D]]", "{d: {d} for d in D}", (frozenset("p"), frozenset("q"))),
        ("map[D, Rec]", "{d: Rec(d, 1) for d in D}", (("p", 1), ("q", 1))),
        ("map[Rec, 0..1]", "{Rec(d, x): x for d in D for x in {0, 1} if d in {p, q}}", (0, 1, 0, 1)),
        ("map[D, map[E, 0..1]]", "{d: {e: 1 if d == e else 0 for e in E} for d in D}", ((0, 1), (1, 0))),
        ("map[set[D], 0..2]", "{{p, q}: 2, {}: 0, {p}: 1, {q}: 1}", (0, 1, 1, 2)),
        ("map[D, 0..3]?", "{p: 1, q: 2}", (1, 2)),
        ("map[D, 0..3]", "{p: 1, q: 2} if top == 2 else {d: 0 for d in D}", (1, 2)),
    ],
)
def test_the_first_value(domain: str, value: str, first: object) -> None:
    product = model(domain, value)
    assert product.initial().locals[0].values[0] == first
    assert product.model.roles[0].variables[0].domain.contains(first)


@pytest.mark.parametrize(
    "test",
    [
        "v == {q: 2, p: 1}",
        "{d: v[d] for d in E} == v",
        "{p: 3, q: v[p]}[q] == 1",
        "v != {d: 1 for d in D}",
        "(v if it else {q: 0, p: 3}) == {p: 3, q: 0}",
        "{d: v[d] for d in D if d != p}[q] == 2",
    ],
)
def test_maps_in_conditions(test: str) -> None:
    product = model("map[D, 0..3]", "{p: 1, q: 2}", test)
    assert enabled(product, product.initial()) == ["i node.go.1"]
    found = reference.explore(product.model), exhaustive.explore(product.model)
    assert [one.states for one in found] == [2, 2]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("{p: 1}", "M404 the map has no value for q"),
        ("{p: 1, q: 2, p: 3}", "M404 the map has two values for p"),
        ("{d: 1 for d in D if d == p}", "M404 the map has no value for q"),
        ("{p: 1 for d in D}", "M404 the map has two values for p"),
        ("{p: 1, q: 4}", "M404 entry q of the initial value of v is 4, which is not in 0..3"),
        ("{p: 1, q: p}", "M404 a map with values of 1 and of p"),
        ("{p: 1, 2: 1}", "M404 a map with keys of p and of 2"),
        ("{1: 1, 3: 1}", "M404 the map has no value for 2"),
        ("{**p}", "M405 ** has no place in an expression"),
        ("{x: 1 for x in all_of(Rec)}", "M404 the map has no value for p"),
    ],
)
def test_what_is_refused(value: str, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        model("map[D, 0..3]", value)
    assert [f"{problem.code} {problem.message}" for problem in caught.value.problems] == [said]


def test_what_may_leave_its_domain_is_looked_at_when_it_happens() -> None:
    product = model("map[D, 0..3]", "{p: 1, q: 2}", "{d: v[d] + 2 for d in D} == {p: 3, q: 4}")
    assert enabled(product, product.initial()) == ["i node.go.1"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("{p: v[q], q: 1 + 1}", "{p: v[q], q: 2}"),
        ("{d: v[d] for d in {p, q}}", "{d: v[d] for d in {p, q}}"),
        ("{Rec(d, 0).who: 1 for d in {p, q}}", "{Rec(d, 0).who: 1 for d in {p, q}}"),
    ],
)
def test_a_map_is_shown_as_it_is_written(text: str, folded: str) -> None:
    product = model("map[D, 0..3]", "{p: 1, q: 2}", f"v == {text}")
    node = product.model.roles[0].transitions[0].guards[0].node
    assert (shown(node), shown(fold(node))) == (f"v == {text}", f"v == {folded}")


ALIKE = """
messages: {{knock: {{}}}}
roles:
  guest:
    states: [outside, inside]
    initial: outside
    final: [inside]
    transitions:
    - {{trigger: arrive, kind: protocol, source: outside, dest: inside, send: [{{knock: {{to: host}}}}]}}
  landlord:
    variables: {{seen: "map[guest, bool] = {first}"}}
    states: [home]
    initial: home
    final: [home]
    transitions:
    - {{trigger: knock, conditions: "seen != {{g: true for g in guest}}", set: {{seen: "{next}"}}}}
scenarios:
  s:
    instances: {{visitor: {{role: guest, count: 3}}, host: landlord}}
    channels: {{default: {{kind: fifo, bound: 1}}}}
    interchangeable: [visitor]
"""
NOBODY = "{g: false for g in guest}"


def test_interchangeable_instances_may_be_keys() -> None:
    text = ALIKE.format(first=NOBODY, next="{g: seen[g] or g == sender for g in guest}")
    found = reference.explore(build(text)), exhaustive.explore(build(text))
    assert [one.states for one in found] == [10, 10]  # of three: outside, on the way, or inside
    apart = build(text.replace("    interchangeable: [visitor]\n", ""))
    assert reference.explore(apart).states == 27


@pytest.mark.parametrize(
    ("first", "next_"),
    [
        ("{visitor(1): true, visitor(2): false, visitor(3): false}", NOBODY),
        (NOBODY, "{visitor(1): true, visitor(2): false, visitor(3): true}"),
        (NOBODY, "{g: g == visitor(2) for g in guest}"),
    ],
)
def test_a_map_that_tells_them_apart_is_refused(first: str, next_: str) -> None:
    with pytest.raises(ModelError) as caught:
        build(ALIKE.format(first=first, next=next_))
    assert {problem.code for problem in caught.value.problems} == {"M613"}


@pytest.mark.parametrize(
    ("known", "alike"), [("{g: 1 for g in guest}", True), ("{g: 1 if g == visitor(2) else 0 for g in guest}", False)]
)
def test_a_parameter_may_be_a_map_of_them(known: str, alike: bool) -> None:
    text = ALIKE.format(first=NOBODY, next="{g: seen[g] or known[g] == 1 for g in guest}")
    text = text.replace("    variables:", '    parameters: {known: "map[guest, 0..1]"}\n    variables:')
    text = text.replace("host: landlord", f'host: {{role: landlord, parameters: {{known: "{known}"}}}}')
    if alike:
        assert explore(text).states > 1
    else:
        with pytest.raises(ModelError, match="tells visitor"):
            build(text)


def test_a_reset_in_one_step() -> None:
    text = MODEL.format(domain="map[D, 0..1]", value="{d: 0 for d in D}", test="true").replace(
        "set: {it: true}", 'set: {v: "{d: 1 - v[d] for d in D}"}'
    )
    product = Product(build(text, whole=False))
    assert walk(product, "i node.go.1").locals[0].values[0] == (1, 1)


def test_of_a_map_whose_keys_are_worked_out_the_text_for_tla_has_the_entries() -> None:
    module = tla(
        model("map[D, 0..3]", "{p: 1, q: 2}", "v == {(q if d == p else p): 1 for d in D}").model, "maps"
    ).module
    assert "MapOf({" in module
