"""Flows replayed on random models: refused at the step where a second computation says so, never without a reason."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from common import for_models, until
from flows import Said, first_refused, told
from randomized.strategies import ModelText

from mcfsm.language.files.flow_file import read_flow
from mcfsm.language.files.reader import read
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.questions.replay.replay import follow
from mcfsm.questions.replay.steps import ask
from mcfsm.semantics.product import Product

FLOWS, STEPS = 12, 5  # flows for each model, and their steps
MENTIONED = ("transition", "trigger", "receives", "chosen", "sends")


def random_flow(product: Product, dice: random.Random) -> list[Said]:
    """A walk, each step told in part, and then perhaps spoilt: a step left out, moved, or replaced."""
    state, steps = product.initial(), list[Said]()
    while len(steps) < STEPS:
        ways = told(product, state)
        if not ways:
            break
        there, state = dice.choice(ways)
        keys = dice.sample(MENTIONED, dice.randint(1, len(MENTIONED)))
        step = {key: there[key] for key in keys if there[key] is not None}
        if not any(key in step for key in ("transition", "trigger", "receives")):
            step["trigger"] = there["trigger"]
        steps.append({"instance": there["instance"], **step})
    spoil = dice.choice(("not", "leave out", "swap", "instead", "any", "any", "any"))
    if spoil == "leave out" and steps:
        del steps[dice.randrange(len(steps))]
    elif spoil == "swap" and len(steps) > 1:
        at = dice.randrange(len(steps) - 1)
        steps[at : at + 2] = reversed(steps[at : at + 2])
    elif spoil == "instead" and steps:
        later = told(product, state)
        if later:
            there, _ = dice.choice(later)
            keys = [key for key in ("transition", "receives") if there[key] is not None]
            steps[dice.randrange(len(steps))] = {key: there[key] for key in ("instance", *keys)}
    elif spoil == "any" and steps:
        instance = dice.randrange(len(product.transitions))
        name, lines = product.model.instances[instance].name, product.transitions[instance]
        if lines:
            steps[dice.randrange(len(steps))] = {"instance": name, "transition": dice.choice(lines).id}
    return steps


@pytest.mark.parametrize("chunk", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_random_flows(chunk: int, tmp_path: Path) -> None:
    met: Counter[str] = Counter()

    def assert_same_refusals(text: ModelText, model: Model, _: Any) -> None:
        dice = random.Random(str(text))
        product = Product(model)
        source = tmp_path / "model.yaml"
        source.write_text(str(text), encoding="utf-8")
        document = read(source)
        for _ in range(FLOWS):
            try:
                steps = random_flow(product, dice)
                wanted = first_refused(product, steps)
            except ModelError:  # the model stops with an error: nothing to compare
                continue
            flow = tmp_path / "flow.json"
            flow.write_text(json.dumps(steps), encoding="utf-8")
            found = follow(product, ask(read_flow(flow), document, model), path="flow.json")
            number = None if found.refused is None else found.refused.step.number
            assert number == wanted, f"{steps} on\n{text}"
            assert len(found.trace) == (len(steps) if number is None else number - 1)
            met.update([reason.kind for reason, _ in found.refused.reasons] if found.refused else ["allowed"])

    for_models(7000 + chunk, 20, assert_same_refusals)
    until(
        lambda: set(met) >= {"allowed", "state", "not_offered", "guard"},
        lambda more: for_models(7100 + 10 * chunk + more, 20, assert_same_refusals),
        most=10,
    )
