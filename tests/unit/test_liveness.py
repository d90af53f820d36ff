"""What a fair run is, and what the verdicts on liveness properties say: models of a few lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from building import build, write

from mcfsm.commands.cli import run
from mcfsm.explore.findings import Lasso, Limits
from mcfsm.explore.liveness.fair_runs import answer
from mcfsm.explore.liveness.reference_graph import graph_of
from mcfsm.model import Fairness
from mcfsm.pictures.chart import chart
from mcfsm.pictures.flow import flow_figures
from mcfsm.pictures.flow_text import render_text
from mcfsm.pictures.look import Look
from mcfsm.pictures.mermaid import mermaid_sequence
from mcfsm.pictures.sequence import Caption
from mcfsm.pictures.shapes import svg
from mcfsm.questions.check import Checked, check
from mcfsm.report.check_json import as_json
from mcfsm.semantics.product import Product
from mcfsm.semantics.trace import ReplayError
from mcfsm.verdicts.lasso_witness import replay_lasso
from mcfsm.verdicts.verdict import Verdict


def checked(tmp_path: Path, text: str, fairness: Fairness | None = None, **options: Any) -> Checked:
    return check(write(text, tmp_path), fairness=fairness, engine="reference", **options)


def verdict(tmp_path: Path, text: str, fairness: Fairness | None = None, **options: Any) -> Verdict:
    """The verdict on property L."""
    found = checked(tmp_path, text, fairness, **options)
    return next(v for run in found.runs for v in run.verdicts if v.id == "L")


ONE = """
roles:
  m:
    states: [a, b]
    initial: a
    final: [a, b]
    transitions:
    - {{trigger: go, kind: {kind}, source: a, dest: b}}
properties:
  L: {{text: It goes., eventually: i.state == b}}
scenarios:
  s: {{instances: {{i: m}}}}
"""


@pytest.mark.parametrize(
    ("kind", "status"), [("protocol", "PROVED"), ("user", "VIOLATED"), ("environment", "VIOLATED")]
)
def test_only_protocol_lines_have_to_be_taken(kind: str, status: str, tmp_path: Path) -> None:
    found = verdict(tmp_path, ONE.format(kind=kind))
    assert found.status == status
    if status == "VIOLATED":
        assert found.reason == "0 steps, then nobody has to act; weak fairness"
        assert found.trace is not None
        assert (len(found.trace), found.trace.loop_start) == (0, 0)
        assert found.trace.ending == "the run may stop here: nobody has to act"
    else:
        assert found.reason == "exhaustive; weak fairness"


def test_without_fairness_any_run_may_stop(tmp_path: Path) -> None:
    found = verdict(tmp_path, ONE.format(kind="protocol"), "none")
    assert (found.status, found.reason) == ("VIOLATED", "0 steps, then nobody has to act; without fairness")


TALK = """
messages: {{x: {{}}, y: {{}}}}
roles:
  talker:
    states: [t0, t1]
    initial: t0
    final: [t0, t1]
    transitions:
    - {{trigger: say, kind: protocol, source: t0, dest: t1, send: [{{x: {{to: l}}}}]}}
    {more}
  listener:
    states: [l0, l1]
    initial: l0
    final: [l0, l1]
    transitions:
    {lines}
    {rest}
properties:
  L: {{text: It comes., {promise}}}
scenarios:
  s: {{instances: {{t: talker, l: listener}}, channels: {{default: {{kind: {kind}, bound: 1, when_full: block}}}}}}
"""
TO_L1 = "- {trigger: x, source: l0, dest: l1}"
COMES = "eventually: l.state == l1"


def talk(lines: str = TO_L1, rest: str = "", promise: str = COMES, kind: str = "fifo", more: str = "") -> str:
    return TALK.format(lines=lines, rest=rest, promise=promise, kind=kind, more=more)


def test_receptions_have_to_be_taken(tmp_path: Path) -> None:
    assert verdict(tmp_path, talk()).status == "PROVED"


def test_ignoring_is_taking(tmp_path: Path) -> None:
    """A run that ignores a message is fair; one that leaves it in the channel is not."""
    lines, promise = "- {trigger: y, source: l0, dest: l1}", "leads_to: [in_flight(x), not in_flight(x)]"
    text = talk(rest="ignore: {x: [l0]}", lines=lines, promise=promise)
    assert verdict(tmp_path, text).status == "PROVED"
    assert verdict(tmp_path, text, "none").status == "VIOLATED"


def test_a_deferred_message_is_owed_by_nobody(tmp_path: Path) -> None:
    lines = "- {trigger: y, source: l0, dest: l1}"
    text = talk(rest="defer: {x: [l0]}", lines=lines, promise="leads_to: [in_flight(x), not in_flight(x)]")
    found = verdict(tmp_path, text)
    assert (found.status, found.reason) == ("VIOLATED", "1 step, then nobody has to act; weak fairness")


def test_a_step_that_a_full_channel_blocks_is_disabled(tmp_path: Path) -> None:
    lines = "- {trigger: y, source: l0, dest: l1}"
    more = "- {trigger: more, kind: protocol, source: t1, dest: t0, send: [{x: {to: l}}]}"
    text = talk(rest="defer: {x: [l0]}", lines=lines, more=more, promise="leads_to: [t.state == t1, t.state == t0]")
    assert verdict(tmp_path, text).status == "VIOLATED"


BOTH = """
messages: {{x: {{n: 0..1}}}}
roles:
  talker:
    states: [t0, t1]
    initial: t0
    final: [t0, t1]
    transitions:
    - {{trigger: say, kind: protocol, source: t0, dest: t1, send: [{{x: {{to: l, n: 0}}}}, {{x: {{to: l, n: 1}}}}]}}
  listener:
    states: [l0]
    initial: l0
    final: [l0]
    transitions:
    - {{trigger: x, send: [{{x: {{to: l, n: 1}}}}], conditions: msg.n == 1}}
    - {{trigger: x, conditions: msg.n == 0}}
properties:
  L: {{text: It is read., leads_to: ["in_flight(x, n=0)", "not in_flight(x, n=0)"]}}
scenarios:
  s:
    instances: {{t: talker, l: listener}}
    channels: {{default: {{kind: {kind}, bound: 2}}, l -> l: {{kind: bag, bound: 1}}}}
"""


def test_a_bag_owes_each_message(tmp_path: Path) -> None:
    """In the loop through l's channel to itself, n=0 in the other channel waits for ever only if nobody owes it."""
    assert verdict(tmp_path, BOTH.format(kind="bag")).status == "PROVED"


def test_fairness_sets_of_bags_are_by_message() -> None:
    model = build(BOTH.format(kind="bag"))
    graph = graph_of(model, liveness_properties=model.liveness_properties)
    received = {set_.message.elements for set_ in graph.sets if set_.message is not None and set_.sender == "t"}
    assert received == {(0,), (1,)}
    model = build(BOTH.format(kind="fifo"))
    graph = graph_of(model, liveness_properties=model.liveness_properties)
    assert [set_.message for set_ in graph.sets if set_.sender == "t"] == [None]


DOOR = """
messages: {knock: {}}
roles:
  guest:
    states: [outside, waiting]
    initial: outside
    final: [outside, waiting]
    transitions:
    - {trigger: arrive, kind: user, source: outside, dest: waiting, send: [{knock: {to: d}}]}
  door:
    states: [open, shut, entered]
    initial: shut
    final: [open, shut, entered]
    transitions:
    - {trigger: wind, kind: environment, source: shut, dest: open}
    - {trigger: gust, kind: environment, source: open, dest: shut}
    - {trigger: knock, source: open, dest: entered}
    defer: {knock: [shut]}
properties:
  L: {text: Who knocks enters., leads_to: [in_flight(knock), d.state == entered]}
scenarios:
  s: {instances: {g: guest, d: door}, channels: {default: {kind: fifo, bound: 1}}}
"""
SWINGING = DOOR.replace("kind: environment, source: shut", "kind: protocol, source: shut")


def test_strong_fairness_of_receptions(tmp_path: Path) -> None:
    """The door opens again and again: weak fairness lets the wind shut it each time, strong fairness does not."""
    found = verdict(tmp_path, SWINGING)
    assert (found.status, found.reason) == ("VIOLATED", "1 step, then 2 again and again; weak fairness")
    assert found.fairness_note == (
        "The loop takes steps of the environment or faults that nothing limits, which weak fairness allows: "
        "with strong fairness of receptions (fairness: strong) no such run is left."
    )
    assert [str(witness) for witness in found.witnesses] == [
        "d wind is taken in step 2",
        "d receives from g is disabled after step 1",
    ]
    strong = verdict(tmp_path, SWINGING, "strong")
    assert (strong.status, strong.reason) == ("PROVED", "exhaustive; strong fairness")
    assert verdict(tmp_path, SWINGING.replace("entered]}", "entered], fairness: strong}")).status == "PROVED"
    assert verdict(tmp_path, DOOR, "strong").status == "VIOLATED"  # nobody has to open


CRASHING = """
model: m
messages: {ask: {}}
roles:
  asker:
    states: [a, b]
    initial: a
    final: [b]
    transitions: [{trigger: go, kind: protocol, source: a, dest: b, send: [{ask: {to: s}}]}]
  answerer:
    variables: {got: bool}
    persistent: [got]
    states: [up]
    initial: up
    final: [up]
    transitions: [{trigger: ask, set: {got: true}}]
properties:
  L: {text: It arrives., eventually: s.got}
scenarios:
  s:
    instances: {c: asker, s: answerer}
    channels: {default: {kind: fifo, bound: 1}}
    crash: {s: {budget: unlimited, arrivals: wait}}
"""
ENDLESS = "The loop takes steps of the environment or faults that nothing limits, which weak fairness allows; "


def test_strong_fairness_may_rule_out_the_loop_and_not_the_violation(tmp_path: Path) -> None:
    """The reception is enabled after each restart; a run that rests with the answerer down never enables it."""
    assert verdict(tmp_path, CRASHING).fairness_note == ENDLESS + (
        "strong fairness of receptions rules this loop out, but another run violates the property under it too "
        "(--fairness strong shows it)."
    )
    strong = verdict(tmp_path, CRASHING, "strong")
    assert (strong.status, strong.fairness_note) == ("VIOLATED", None)


def test_the_loop_may_be_strongly_fair(tmp_path: Path) -> None:
    """Triggers stay weak: nobody has to wake who crashes again and again."""
    waking = CRASHING.replace(
        "{trigger: ask, set: {got: true}}", "{trigger: ask}, {trigger: wake, kind: protocol, set: {got: true}}"
    )
    waking = waking.replace("source: a, dest: b", 'conditions: "false", source: a, dest: b')
    found = verdict(tmp_path, waking)
    assert found.fairness_note == ENDLESS + "this very loop is fair under strong fairness of receptions too."


def test_a_premise_says_where_a_promise_begins(tmp_path: Path) -> None:
    frozen = SWINGING.replace("L: {text: Who knocks enters.,", "L: {text: Who knocks enters., when: frozen,")
    frozen = frozen.replace("bound: 1}}}", "bound: 1}}, freeze: true}")
    assert verdict(tmp_path, frozen).status == "PROVED"  # frozen, the wind does not shut the door
    always = frozen.replace("leads_to: [in_flight(knock), d.state == entered]", "always_eventually: d.state == open")
    assert verdict(tmp_path, always).status == "VIOLATED"


def test_vacuous_and_incomplete(tmp_path: Path) -> None:
    never = SWINGING.replace("leads_to: [in_flight(knock),", "leads_to: [in_flight(knock) and d.state == entered,")
    found = verdict(tmp_path, never, "strong")
    assert (found.status, found.reason) == ("VACUOUS", "what sets it off never held")
    found = verdict(tmp_path, SWINGING, "strong", limits=Limits(max_depth=1))
    assert (found.status, found.reason) == ("INCOMPLETE", "stopped by --max-depth 1 after 4 states; raise it")


ASSUMED = """
roles:
  m:
    states: [a, b, c]
    initial: a
    final: [c]
    transitions:
    - {trigger: wait, kind: user, source: a, dest: b, assumption: Somebody may wait.}
    - {trigger: go, kind: protocol, source: a, dest: c}
properties:
  L: {text: It goes., eventually: i.state == c}
scenarios:
  s: {instances: {i: m}}
"""


def test_a_lasso_without_assumptions_is_looked_for(tmp_path: Path) -> None:
    found = verdict(tmp_path, ASSUMED)
    assert found.status == "VIOLATED"
    assert tuple(map(str, found.relies_on)) == ("m.wait.1 (assumption: Somebody may wait.)",)
    assert (found.normative, found.normative_note) == (None, "no such run without assumptions and informative items")
    loop = "    - {trigger: turn, kind: protocol, source: a}\n    - {trigger: go"
    found = verdict(tmp_path, ASSUMED.replace("    - {trigger: go", loop))
    assert found.normative is None  # going stays enabled, and turning does not take it


# ---- replay


def swinging() -> tuple[Product, Lasso]:
    model = build(SWINGING)
    graph = graph_of(model, liveness_properties=model.liveness_properties)
    lasso = answer(Product(model), graph, model.liveness_properties[0]).lasso
    assert lasso is not None
    return Product(model), lasso


def test_replay_believes_no_lasso() -> None:
    product, lasso = swinging()
    property_ = product.model.liveness_properties[0]
    trace, witnesses = replay_lasso(product, property_, lasso, "weak")
    assert (len(trace), trace.loop_start, len(witnesses)) == (3, 1, 2)
    with pytest.raises(ReplayError, match="is not fair: d receives from g is put off for ever"):
        replay_lasso(product, property_, lasso, "strong")
    with pytest.raises(ReplayError, match="d wind is put off for ever"):
        replay_lasso(product, property_, replace(lasso, loop=()), "weak")
    with pytest.raises(ReplayError, match="does not close"):
        replay_lasso(product, property_, replace(lasso, loop=lasso.loop[:1]), "weak")
    with pytest.raises(ReplayError, match="the cause of L does not hold after step 0"):
        replay_lasso(product, property_, replace(lasso, start=0), "weak")
    with pytest.raises(ReplayError, match="is not enabled"):
        replay_lasso(product, property_, replace(lasso, loop=lasso.loop[::-1]), "weak")
    other = replace(property_, goal=property_.causes[0])
    with pytest.raises(ReplayError, match="the goal of L holds"):
        replay_lasso(product, other, lasso, "weak")


# ---- reports


def test_charts_show_the_loop() -> None:
    product, lasso = swinging()
    trace, _ = replay_lasso(product, product.model.liveness_properties[0], lasso, "weak")
    made = chart(trace, product.model)
    assert (made.loop_start, made.ending) == (1, "then again from step 2, for ever")
    assert [step.number for step in made.steps if made.before(step)] == [2]
    lines = [line.strip(" ~") for line in render_text(trace, product.model).splitlines()]
    assert lines.index("the loop begins") < lines.index("then again from step 2, for ever") == len(lines) - 1
    mermaid = mermaid_sequence(trace, product.model).splitlines()
    assert mermaid[-1].strip() == "Note over p1,p2: then again from step 2, for ever"
    assert "    Note over p1,p2: the loop begins" in mermaid
    (drawn,) = flow_figures(product.model, trace, Caption(""), None, Look())
    assert svg(drawn).count(">loop: then again from step 2, for ever<") == 1
    assert svg(drawn).count('stroke-dasharray="6 3"') == 4  # the sides of its frame


def test_json_says_where_the_loop_begins(tmp_path: Path) -> None:
    data = as_json(checked(tmp_path, SWINGING))
    found = next(part for part in data["scenarios"][0]["properties"] if part["id"] == "L")
    assert (found["status"], found["loop_start"], len(found["trace"]), found["fairness"]) == ("VIOLATED", 1, 3, "weak")
    assert found["witnesses"] == [
        {"set": "d wind", "taken_at": 2, "disabled_after": None},
        {"set": "d receives from g", "taken_at": None, "disabled_after": 1},
    ]


def test_the_command_line_chooses_a_fairness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(write(SWINGING, tmp_path))
    assert run(["check", path, "--property", "L", "--engine", "reference"]) == 1
    assert "then again from step 2, for ever" in capsys.readouterr().out
    assert run(["check", path, "--property", "L", "--fairness", "strong", "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["scenarios"][0]["properties"][0]["reason"] == "exhaustive; strong fairness"
