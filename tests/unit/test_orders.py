"""In how many orders a model allows the steps of a flow, and the shortest way in which it goes wrong."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from mcfsm.commands import cli
from mcfsm.questions.replay.orders import Orders, orders
from mcfsm.questions.replay.replay import replay_flow

MODEL = """
model: two who call
messages: {ping: {}, pong: {}}
roles:
  caller:
    states: [idle, calling, told]
    initial: idle
    final: [idle, calling, told]
    transitions:
    - {id: P, trigger: need, kind: user, source: idle, dest: calling, send: [{ping: {to: desk}}]}
    - {id: Q, trigger: pong, source: calling, dest: told}
  counter:
    states: [open, shut]
    initial: open
    final: [open, shut]
    transitions:
    - {id: A, trigger: ping, source: open, dest: open, send: [{pong: {to: sender}}]}
    - {id: X, trigger: night, kind: environment, source: open, dest: shut}
    - {id: Y, trigger: ping, source: shut, dest: shut}
properties:
  R1: {text: The desk is open while somebody calls., never: desk.state == shut and one.state == calling}
  R2: {text: Who calls is told., leads_to: [two.state == calling, two.state == told]}
scenarios: {shop: {instances: {one: caller, two: caller, desk: counter}, channels: {default: {kind: fifo, bound: 1}}, properties: PROMISES}}
"""  # noqa: E501
STEPS = (
    "{instance: one, transition: P}",
    "{instance: desk, receives: {message: ping, sender: one}}",
    "{instance: one, receives: pong}",
    "{instance: two, transition: P}",
    "{instance: desk, receives: {message: ping, sender: two}}",
    "{instance: two, receives: pong}",
)


def written(folder: Path, steps: tuple[str, ...], promises: str = "[R1, R2]") -> tuple[Path, Path]:
    """A model and a flow."""
    (folder / "model.yaml").write_text(MODEL.replace("PROMISES", promises), encoding="utf-8")
    (folder / "flow.yaml").write_text("".join(f"- {step}\n" for step in steps), encoding="utf-8")
    return folder / "model.yaml", folder / "flow.yaml"


def found(folder: Path, steps: tuple[str, ...], promises: str = "[R1, R2]") -> Orders:
    """The orders of a flow that is allowed."""
    model, flow = written(folder, steps, promises)
    replayed = replay_flow(model, flow)
    assert replayed.allowed
    return orders(model, replayed)


@pytest.mark.parametrize(
    "steps", [pytest.param(STEPS, marks=pytest.mark.slow), STEPS[:4], STEPS[:2], (STEPS[0], STEPS[3], STEPS[1])]
)
def test_orders_are_those_that_replay_allows(tmp_path: Path, steps: tuple[str, ...]) -> None:
    allowed = 0
    for order in permutations(steps):
        model, flow = written(tmp_path, order)
        allowed += replay_flow(model, flow).allowed
    assert found(tmp_path, steps).count == allowed


def test_the_figure_of_two_calls_has_twenty_orders(tmp_path: Path) -> None:
    assert found(tmp_path, STEPS).count == 20


def test_steps_that_say_the_same_are_one(tmp_path: Path) -> None:
    alike = (STEPS[0], STEPS[3], "{instance: desk, receives: ping}", "{instance: desk, receives: ping}")
    assert found(tmp_path, alike).count == 4


def test_the_shortest_wrong_turn_is_found(tmp_path: Path) -> None:
    turn = found(tmp_path, STEPS).turn
    assert turn is not None
    assert (turn.after, turn.further, turn.promise.id) == (1, 1, "R1")
    assert [step.transition for step in turn.trace.steps] == ["P", "X"]


def test_where_no_state_is_wrong_a_run_may_be(tmp_path: Path) -> None:
    turn = found(tmp_path, STEPS, "[R2]").turn
    assert turn is not None
    assert (turn.after, turn.promise.id) == (0, "R2")
    assert {step.transition for step in turn.trace.steps} == {"P", "X", "Y"}


def test_what_is_not_broken_is_said(tmp_path: Path) -> None:
    like = found(tmp_path, STEPS, "[]")
    assert (like.turn, like.whole) == (None, True)


def test_it_is_told_in_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, flow = written(tmp_path, STEPS)
    assert cli.run(["replay", str(model), str(flow), "--orders"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "This flow is one of 20 orders of its 6 steps that the model allows." in words
    assert "It goes wrong most quickly after step 1: 1 step on, R1 is broken: The desk is open while" in words
