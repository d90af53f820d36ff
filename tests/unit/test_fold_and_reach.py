"""What is constant in an expression is worked out, and what a scenario cannot reach is known without a search."""

from __future__ import annotations

import pytest
from building import build

from mcfsm.expressions import nodes as n
from mcfsm.expressions.fold import certain, fold
from mcfsm.model.reach import reach
from mcfsm.pictures.diagram import View, diagram
from mcfsm.pictures.expression import shown
from mcfsm.questions.check import check

MODEL = """
model: folding
domains: {{System: [A, B]}}
readings:
  way: {{text: Which way., default: left, values: {{left: , right: }}}}
messages: {{m: {{x: System}}, unsent: {{}}}}
roles:
  r:
    parameters: {{here: System}}
    variables: {{seen: System = A, many: 0..3 = 0}}
    states: [a, b, c, d]
    initial: a
    final: [a, b, c, d]
    transitions:
    - {{id: t, trigger: go, kind: user, source: a, dest: b, conditions: '{condition}', set: {{seen: B}}}}
    - {{id: never, trigger: jump, kind: user, source: a, dest: c, conditions: way == right}}
    - {{id: after_never, trigger: back, kind: user, source: c, dest: a}}
    - {{id: unheard, trigger: unsent, source: b, dest: d}}
    - {{id: empty, trigger: pay, kind: user, source: b, dest: d, budget: nothing}}
    ignore: {{unsent: [a]}}
properties:
  p: {{text: P., never: i.state == b}}
scenarios:
  s:
    instances: {{i: {{role: r, parameters: {{here: A}}}}}}
    channels: {{default: {{bound: 1, when_full: block}}}}
    budgets: {{nothing: 0}}
    expect: {{p: violated}}
"""


@pytest.mark.parametrize(
    ("condition", "folded"),
    [
        ("way == left", "true"),
        ("way == right", "false"),
        ("way == left and many == 1", "many == 1"),
        ("way == right and many == 1", "false"),
        ("many == 1 or way == left", "true"),
        ("many == 1 or way == right", "many == 1"),
        ("many == 1 or many == 2 or way == right", "(many == 1) or (many == 2)"),
        ("not (way == right)", "true"),
        ("seen == (A if way == left else B)", "seen == A"),
        ("A in {A, B}", "true"),
        ("any(s == A and way == left for s in {A, B})", "any(s == A for s in {A, B})"),
        ("many == 1", "many == 1"),
        ("many + 1 == 2 * 1", "(many + 1) == 2"),
    ],
)
def test_what_is_constant_is_worked_out(condition: str, folded: str) -> None:
    model = build(MODEL.format(condition=condition))
    guard = model.roles[0].transitions[0].guards[0].node
    assert shown(fold(guard)) == folded
    assert certain(guard) == {"true": True, "false": False}.get(folded)


def test_what_has_nothing_constant_stays_the_same_object() -> None:
    guard = build(MODEL.format(condition="many == 1 or seen == A")).roles[0].transitions[0].guards[0].node
    assert fold(guard) is guard
    assert not isinstance(guard, n.Constant)


def test_what_cannot_be_reached_is_left_out_with_all_that_follows_from_it() -> None:
    model = build(MODEL.format(condition="many == 0"))
    found = reach(model)
    assert found.transitions == {"t"}
    assert found.states == {("r", "state", "a"), ("r", "state", "b")}
    assert found.messages == frozenset()
    hidden = diagram(model, model.roles[0], View(unreachable="hide", reach=found))
    assert [region.states for region in hidden.regions] == [("a", "b")]
    assert hidden.left_out == (2, 4)
    assert [label.transition for edge in hidden.regions[0].edges for label in edge.labels] == ["t"]
    assert hidden.regions[0].rows == ()
    grey = diagram(model, model.roles[0], View(unreachable="grey", reach=found))
    assert grey.left_out == (0, 0)
    assert grey.regions[0].unreached == ("c", "d")
    labels = [label for edge in grey.regions[0].edges for label in edge.labels]
    assert [label.transition for label in labels if label.reached] == ["t"]
    assert len(labels) == 5


def test_what_a_search_alone_can_tell_is_not_left_out() -> None:
    model = build(MODEL.format(condition="many == 3"))
    assert reach(model).transitions == {"t"}  # nobody sets many


@pytest.mark.parametrize("scenario", ["one_partner", "second_client"])
@pytest.mark.long
def test_what_the_mission_fires_is_never_left_out(scenario: str) -> None:
    (run,) = check("models/mc_migration", scenarios=[scenario]).runs
    found = reach(run.model)
    assert run.findings.complete
    assert set(run.findings.fired) - {"ignore", "lost"} <= found.transitions
