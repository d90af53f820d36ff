"""What a test of a meaning says of the definition holds of the compiled engine: each model that one builds is explored
by both, and compared as random models are: counts, flows, findings, and by content what occurred.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import building
import pytest
from randomized.conformance import Expected, Question, assert_conforms

from mcfsm.explore import exhaustive, reference
from mcfsm.explore.findings import Limits
from mcfsm.model import Model

EVERYTHING = Question(everything=True)
MOST_STATES = 400  # larger ones are left to the models that come with mcfsm
MEANINGS = {
    "test_channels", "test_deadlock_and_counts", "test_faults", "test_local_steps", "test_never", "test_observers",
    "test_occurred", "test_optionals", "test_receptions", "test_restraint", "test_text_alone", "test_timers",
    "test_waiting",
}  # fmt: skip
compared = set[str]()


@pytest.fixture(autouse=True)
def both_engines_agree(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.path.stem not in MEANINGS:
        yield
        return
    resolve, built = building.resolve, list[Model]()

    def noting(*given: Any, **more: Any) -> Model:
        built.append(resolve(*given, **more))
        return built[-1]

    monkeypatch.setattr(building, "resolve", noting)
    yield
    for model in built:
        if repr(model) not in compared:
            compared.add(repr(model))
            answer = EVERYTHING.put(reference.explore, model, limits=Limits(max_states=MOST_STATES))
            if isinstance(answer, str) or answer.complete:
                assert_conforms(exhaustive.explore, model, expected=[Expected(EVERYTHING, answer)])
