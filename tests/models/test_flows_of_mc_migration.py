"""Every flow that a check of mc_migration shows is allowed when it is replayed; with a step less, as far as can be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flows import first_refused
from mission import MODEL, run

from mcfsm.language.files.flow_file import read_flow
from mcfsm.language.files.reader import read
from mcfsm.questions.replay.replay import Replayed, follow
from mcfsm.questions.replay.steps import ask
from mcfsm.report.check_json import as_steps
from mcfsm.semantics.product import Product
from mcfsm.semantics.trace import Trace
from mcfsm.verdicts.verdict import Run

DOCUMENT = read(MODEL)


SCENARIOS = ("one_partner", "two_partners", "way_home", "make_before_break")


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [run(scenario, notify) for scenario in SCENARIOS for notify in ("confirmed", "after")]


def traces(run: Run) -> Iterator[Trace]:
    for verdict in run.verdicts:
        yield from filter(None, (verdict.trace, verdict.normative))


class Replayer:
    """Steps in plain data replayed on one product, by way of a file."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.product = Product(run.model)
        self.file = folder / "flow.json"

    def __call__(self, steps: list[dict[str, Any]]) -> Replayed:
        self.file.write_text(json.dumps(steps), encoding="utf-8")
        return follow(self.product, ask(read_flow(self.file), DOCUMENT, self.product.model), path="flow.json")


def test_every_trace_is_accepted(runs: list[Run], tmp_path: Path) -> None:
    count = 0
    for one in runs:
        replay = Replayer(one, tmp_path)
        for trace in traces(one):
            found = replay(as_steps(trace))
            assert found.allowed
            assert len(found.trace) == len(trace)
            count += 1
    assert count == 74  # 58 violations, 16 witnesses


def test_with_a_step_removed_a_flow_is_refused_where_no_run_goes_on(runs: list[Run], tmp_path: Path) -> None:
    refused = 0
    for one in runs[1:2]:  # one_partner, the partner told after
        replay = Replayer(one, tmp_path)
        for trace in traces(one):
            steps = as_steps(trace)
            for left_out in range(len(steps)):
                rest = steps[:left_out] + steps[left_out + 1 :]
                found = replay(rest)
                number = found.refused.step.number if found.refused else None
                assert number == first_refused(replay.product, rest)
                if number is not None:
                    assert number > left_out
                    assert found.refused is not None
                    assert found.refused.reasons
                    refused += 1
    assert refused > 60


def test_with_a_step_altered_the_flow_of_k2_is_refused_there(runs: list[Run], tmp_path: Path) -> None:
    one = runs[1]
    (trace,) = [verdict.trace for verdict in one.verdicts if verdict.id == "K2"]
    assert trace is not None
    replay = Replayer(one, tmp_path)
    told = [(step.instance, step.transition) for step in trace.steps]
    for at, step in enumerate(trace.steps):
        if step.receives is None or not step.receives.elements:
            continue
        altered = as_steps(trace)
        received = altered[at]["receives"]
        (name, value), *_ = received["elements"].items()
        received["elements"][name] = value.replace("u2", "u1")
        found = replay(altered)
        assert found.refused is not None
        assert (found.refused.step.number, len(found.trace)) == (at + 1, at)
        ((reason, states),) = found.refused.reasons
        assert (reason.kind, reason.transition, states) == ("not_offered", told[at][1], 1)


def test_the_flow_of_k2_is_refused_under_the_other_reading(runs: list[Run], tmp_path: Path) -> None:
    (trace,) = [verdict.trace for verdict in runs[1].verdicts if verdict.id == "K2"]
    assert trace is not None
    found = Replayer(runs[0], tmp_path)(as_steps(trace))
    assert found.refused is not None
    ((reason, _),) = found.refused.reasons
    assert (reason.kind, reason.text) == ("absent", "B-2a stands under notify=after")
    assert found.refused.step.transition == "B-2a"
