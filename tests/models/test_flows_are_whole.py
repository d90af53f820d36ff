"""Every flow of the mission is there whole at every width: each name, each value and each clause that a step has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from drawings import cited, stands
from mission import MODEL, run
from shared_runs import checked

from mcfsm.language.files.reader import read
from mcfsm.model import Model
from mcfsm.model.labels import by_id
from mcfsm.pictures.chart import chart
from mcfsm.pictures.flow_text import render_text
from mcfsm.semantics.trace import Trace
from mcfsm.verdicts.verdict import Run

WIDTHS = (60, 80, 100, 120, 200)
LARGEST = {"large"}
SCENARIOS = [str(name) for name in read(MODEL).scenarios if name not in LARGEST]


def traces(one: Run) -> Iterator[Trace]:
    """Every flow that a run shows."""
    for verdict in one.verdicts:
        yield from filter(None, (verdict.trace, verdict.normative))
    yield from (fault.trace for fault in one.faults)


def missing(trace: Trace, model: Model, width: int) -> list[str]:
    """What a drawing lacks, and the lines that are longer than its width."""
    lines = render_text(trace, model, width=width).splitlines()
    made, words, wanted = chart(trace, model), model.labels, set[str]()
    for step, told in zip(made.steps, trace.steps, strict=True):
        wanted.update(step.remarks)
        wanted.update(words.message(arrow.message) for arrow in (*([step.arrow] if step.arrow else []), *step.pending))
        wanted.update(value for _, value in (told.receives.elements if told.receives else ()))
        label = words.label("transition", told.transition)
        wanted.update([label] if label else [])
    wanted.update(map(words.instance, made.participants))
    items = {item for step in made.steps for item in step.basis.split(", ") if item}
    lacking = [text for text in sorted(wanted) if not stands(text, lines)]
    lacking += [item for item in sorted(items) if not cited(item, lines)]
    return lacking + [line for line in lines if len(line) > width]


def assert_whole(runs: list[Run]) -> int:
    """How many flows are whole; those that are not fail."""
    count = 0
    for one in runs:
        for trace in traces(one):
            for width in WIDTHS:
                assert missing(trace, one.model, width) == [], (one.model.scenario, width)
                with by_id():
                    assert missing(trace, one.model, width) == [], (one.model.scenario, width)
            count += 1
    return count


def test_the_flows_of_some_scenarios_are_whole() -> None:
    """With two to six who take part, by label and by id; all three ways in which a flow is shown are among them."""
    assert assert_whole([run("one_partner", "after"), run("two_partners", "confirmed"), run("way_home", "after")]) == 29


@pytest.mark.slow
@pytest.mark.parametrize("changes", [None, ["S0", "S1", "S4"]])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_flow_is_whole(scenario: str, changes: list[str] | None) -> None:
    asked = {"scenarios": [scenario], "changes": changes, "readings": {"notify": ["all"]}}
    assert assert_whole(list(checked(MODEL, **asked).runs)) > 0
