"""How near each PROVED of the migration model comes to being broken: all are shown to be able to fail, but those here.

K4 asks that the primary comes to know in the end; with the confirmed procedure it knows at every moment (K1), so
nothing has to happen for it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mcfsm.language.selection import Selection
from mcfsm.questions.check import check_selected
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Bite

ROOT = Path(__file__).parents[2]
MISSION = ROOT / "models" / "mc_migration"
NOTHING_COMES_NEAR = [
    ("one_partner", "K4"), ("two_partners", "K4"), ("logs_off", "K4"), ("loss", "K4"), ("crash_of_B", "K4"),
    ("crash_of_C", "K4"),
]  # fmt: skip


def bites(scenarios: list[str] | None) -> dict[tuple[str, str], Bite]:
    """Of each property that is proved, by scenario and id."""
    found = check_selected(MISSION, Selection(scenarios=scenarios), Effort(), bite=True)
    told = [(run, verdict) for run in found.runs for verdict in run.verdicts]
    proved = [(run, verdict) for run, verdict in told if verdict.status == "PROVED" and verdict.trace is None]
    assert all(verdict.bite is not None for _, verdict in proved if not verdict.id.startswith("check."))
    return {(run.model.scenario, verdict.id): verdict.bite for run, verdict in told if verdict.bite is not None}


def test_of_one_partner() -> None:
    found = {name: (bite.kind, len(bite.trace or ())) for (_, name), bite in bites(["one_partner"]).items()}
    assert found == {
        "K1": ("variable", 0), "K2": ("variable", 0), "K3": ("variable", 7), "K4": ("nothing", 0),
        "K6": ("variable", 0), "R1": ("observed", 1), "R3": ("observed", 17), "R4": ("observed", 10),
        "R5": ("variable", 6), "R8": ("variable", 26), "R15": ("waiting", 7), "S3": ("variable", 1),
    }  # fmt: skip


@pytest.mark.slow
def test_of_all_scenarios() -> None:
    found = bites(None)
    assert [where for where, bite in found.items() if bite.trace is None] == NOTHING_COMES_NEAR
    assert {bite.kind for bite in found.values()} == {"variable", "message", "observed", "waiting", "nothing"}
    assert len(found) > 200
