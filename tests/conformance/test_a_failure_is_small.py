"""What a random model that fails is shown as: a file of few lines, within seconds, that `mcfsm check` runs."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from common import for_models, plant
from randomized.conformance import Expected, assert_conforms
from randomized.reduce import CONSTANTS, FEW_LINES, changed, parts, without, without_name
from randomized.strategies import ModelText
from test_planted import PLANTS

from mcfsm.commands import cli
from mcfsm.explore import exhaustive
from mcfsm.model import Model

MOST_SECONDS = 20  # of a processor, from the first that fails


@pytest.mark.parametrize(
    "defect",
    [
        "an observer that does not see",
        pytest.param("an observer that does not see the freeze", marks=pytest.mark.slow),
        pytest.param("a step that is taken for that of a state with other values", marks=pytest.mark.slow),
    ],
)
@pytest.mark.long
def test_the_first_that_fails_is_made_small(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[float] = []

    def check(_text: ModelText, model: Model, expected: list[Expected]) -> None:
        try:
            assert_conforms(exhaustive.explore, model, expected=expected)
        except Exception:
            failed.append(time.process_time())
            raise

    with monkeypatch.context() as patch:
        for module, old, new in PLANTS[defect]:
            plant(patch, module, [(old, new)])
        with pytest.raises(AssertionError, match="model: random") as raised:
            for_models(771, 60, check)
    assert time.process_time() - failed[0] < MOST_SECONDS
    named = re.search(r"^(/.*\.yaml):$", str(raised.value), re.MULTILINE)
    assert named is not None
    path = Path(named[1])
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FEW_LINES
    assert cli.run(["check", str(path)]) < 4  # which would say that it is no model


def test_what_is_left_out() -> None:
    lines = [{"trigger": "x", "budget": "k0"}, "m"]
    data: dict[str, Any] = {"roles": {"r": {"transitions": lines}}, "budgets": {"k0": 1, "k1": 2}}
    assert without(data, ("budgets", "k1")) == {**data, "budgets": {"k0": 1}}
    assert without(data, ("budgets", "k1", 0)) is None
    assert without(data, ("roles", "r", "transitions", 1, 0)) is None  # of a text, once something else stood there
    assert without_name(data, "k0") == {"roles": {"r": {"transitions": [{"trigger": "x"}, "m"]}}, "budgets": {"k1": 2}}
    assert changed(data, ("roles", "r", "transitions", 1), "n")["roles"]["r"]["transitions"][1] == "n"
    assert changed(data, ("budgets", "k1"), "n") is None
    assert set(parts("a == 1 and not b")) == {"a == 1 and not b", "a == 1", "a", "1", "not b", "b"}
    assert {"f(m, a=1) > 1", "f(m, b=n) > 1"} <= set(parts("f(m, a=1, b=n) > 1"))
    assert list(parts("D?")) == []
    assert "true" in CONSTANTS
