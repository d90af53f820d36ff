"""What is taken as it was found before is what would be found now: on random models, and on those of the textbooks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from common import MOST_STATES, for_models
from kept import kept, names
from randomized.alike import alike_texts
from randomized.conformance import Expected
from randomized.strategies import ModelText, model_texts

from mcfsm.explore.findings import Limits
from mcfsm.language.files.reader import read
from mcfsm.language.selection import Questions, Selection
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError
from mcfsm.verdicts.kept.files import Files
from mcfsm.verdicts.kept.keeping import KnownFindings
from mcfsm.verdicts.run import Effort, run
from mcfsm.verdicts.verdict import Run

TEXTBOOKS = Path(__file__).parents[2] / "models" / "textbook"


def asked(model: Model, kept: KnownFindings, *, full: bool = True) -> Run | str:
    """What is found of a model, less the seconds and where it is from; or the first error that it ends in."""
    ids = [*(property_.id for property_ in model.properties), *CHECKS]
    try:
        found = run(model, ids, Effort(workers=1, limits=Limits(max_states=4 * MOST_STATES), kept=kept), full=full)
    except ModelError as error:
        return error.problems[0].message
    return replace(found, taken=False, findings=replace(found.findings, seconds=0.0))


def assert_known(model: Model, folder: Path, *, full: bool = True) -> None:
    """Ask twice: what was decided is known the second time, and it is the same."""
    kept = KnownFindings(Files(folder))
    first = asked(model, kept, full=full)
    assert asked(model, kept, full=full) == first
    assert kept.taken == (isinstance(first, Run) and all(v.status != "INCOMPLETE" for v in first.verdicts))


@pytest.mark.parametrize("name", names())
def test_of_random_models_that_are_kept(name: str, tmp_path: Path) -> None:
    assert_known(kept(name).model, tmp_path)
    assert_known(kept(name).model, tmp_path, full=False)


def test_of_random_models_with_properties_of_runs(tmp_path: Path) -> None:
    def check(_: ModelText, model: Model, __: list[Expected]) -> None:
        assert_known(model, tmp_path)

    for_models(8600, 10, check, drawn=model_texts(live=True))


def test_of_random_models_with_interchangeable_instances(tmp_path: Path) -> None:
    def check(_: ModelText, model: Model, __: list[Expected]) -> None:
        assert_known(model, tmp_path)

    for_models(8700, 5, check, drawn=alike_texts())


@pytest.mark.parametrize("name", ["alternating_bit", "two_phase_commit", "token_ring", "leader_election"])
def test_of_textbooks(name: str, tmp_path: Path) -> None:
    kept, ids = KnownFindings(Files(tmp_path)), []
    for model, wanted in Questions(read(TEXTBOOKS / f"{name}.yaml"), Selection()):
        first, again = (run(model, wanted, Effort(workers=1, kept=kept)) for _ in range(2))
        assert again.verdicts == first.verdicts
        assert replace(again.findings, seconds=first.findings.seconds) == first.findings
        assert (again.faults, again.answers) == (first.faults, first.answers)
        ids.append(model.scenario)
    assert kept.taken >= len(ids) > 0
