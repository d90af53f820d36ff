"""The call flows of the text's figures are flows of the model, one order of many; two break a promise themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcfsm.questions.replay.orders import orders
from mcfsm.questions.replay.replay import replay_flow

FOLDER = Path(__file__).parents[2] / "models" / "mc_migration"
FLOWS = FOLDER / "flows"
CALLS, COMMUNICATION = FOLDER, FOLDER / "communication.yaml"


@pytest.mark.parametrize(
    ("model", "name", "steps", "count", "wrong"),
    [
        (CALLS, "redirected_call", 17, 1692, ("R13", 0, 10)),
        (COMMUNICATION, "carried_private_call", 21, 504, ("P3", 8, 0)),
        (COMMUNICATION, "carried_group_call", 24, 60040, ("G2", 8, 0)),
    ],
)
def test_a_figure_is_one_of_many_orders_and_can_go_wrong(
    model: Path, name: str, steps: int, count: int, wrong: tuple[str, int, int]
) -> None:
    replayed = replay_flow(model, FLOWS / f"{name}.yaml")
    assert replayed.allowed, str(replayed)
    assert (len(replayed.steps), replayed.states) == (steps, 1)
    like = orders(model, replayed)
    assert like.count == count
    assert like.turn is not None
    assert (like.turn.promise.id, like.turn.after, like.turn.further) == wrong


def test_every_figure_is_replayed_above() -> None:
    assert sorted(file.stem for file in FLOWS.iterdir()) == [
        "carried_group_call",
        "carried_private_call",
        "redirected_call",
    ]
