"""Every planted defect of the slow tests has its text in the source, once: looked up in seconds, in every run.

Without it, a change that rewrites a line takes a planted defect away, and only the slow run says so.
"""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest
import test_fair_runs
import test_families_together
import test_liveness_in_each
import test_planted
import test_symmetry
import test_symmetry_of_runs

from mcfsm.explore.liveness import family_fair_runs
from mcfsm.kernel import propagate

PLANTED: dict[str, list[tuple[ModuleType, str, str]]] = {
    **{f"families: {name}": [plant] for name, plant in test_families_together.PLANTS.items()},
    **{f"families' liveness: {name}": [plant] for name, plant in test_families_together.OF_LIVENESS.items()},
    **{f"explorers: {name}": plants for name, plants in test_planted.PLANTS.items()},
    **{f"symmetry: {name}": plants for name, plants in test_symmetry.WRONG.items()},
    **{f"symmetry of runs: {name}": plants for name, plants in test_symmetry_of_runs.WRONG.items()},
    **{f"fair runs: {name}": plants for name, plants in test_fair_runs.PLANTS.items()},
    **{f"fair runs: {name}": [plant] for name, plant in test_fair_runs.SUBTLE.items()},
    **{
        f"liveness in each: {name}": [(propagate if "edge_bits" in plant[0] else family_fair_runs, *plant)]
        for name, plant in test_liveness_in_each.PLANTS.items()
    },
}


@pytest.mark.parametrize("defect", PLANTED)
def test_its_text_is_there_once(defect: str) -> None:
    sources: dict[str, str] = {}
    for module, old, new in PLANTED[defect]:
        source = sources.setdefault(module.__name__, inspect.getsource(module))
        assert source.count(old) == 1, f"{module.__name__} has {source.count(old)} times: {old}"
        sources[module.__name__] = source.replace(old, new)
        assert sources[module.__name__] != source
