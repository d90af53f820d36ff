"""Every flow that a check of mc_migration saves is allowed when its file alone is replayed, on the model as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from mission import MODEL, run
from shared_runs import checked

from mcfsm.language.files.reader import read
from mcfsm.questions.replay.replay import replay_flow
from mcfsm.report.flow_file import write_flows

LARGEST = {"large"}
SCENARIOS = [str(name) for name in read(MODEL).scenarios if name not in LARGEST]


def replayed(folder: Path) -> int:
    """How many flows of a folder were replayed; all of them must be allowed."""
    flows = sorted(folder.iterdir())
    for flow in flows:
        found = replay_flow(MODEL, flow)
        assert found.allowed, flow.name
        assert not found.changed, flow.name
    return len(flows)


@pytest.mark.slow  # flows that are written and replayed are many in tests/cli
def test_some_saved_flows_are_allowed(tmp_path: Path) -> None:
    """Of scenarios that fix an option themselves too, which once was forced upon all the others."""
    runs = [run("one_partner", "after"), run("two_partners", "confirmed"), run("way_home", "after")]
    written = len(write_flows(runs, tmp_path))
    assert replayed(tmp_path) == written == 26


@pytest.mark.slow
@pytest.mark.parametrize("changes", [None, ["S0", "S1", "S4"]])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_saved_flow_is_allowed(scenario: str, changes: list[str] | None, tmp_path: Path) -> None:
    asked = {"scenarios": [scenario], "changes": changes, "readings": {"notify": ["all"]}}
    assert len(write_flows(checked(MODEL, **asked).runs, tmp_path)) > 0
    assert replayed(tmp_path) > 0
