"""docs/asking.md says nothing that is not so: every flow is replayed, every key and every kind of reason mentioned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from mcfsm.language.files.flow_file import FlowFile, FlowStep, ReceivedPart, SentPart
from mcfsm.questions import grow as growing
from mcfsm.questions.replay import replay as replaying
from mcfsm.questions.replay.refusal import ReasonKind
from mcfsm.questions.replay.replay import replay_flow

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "asking.md").read_text(encoding="utf-8")
FLOWS = re.findall(r"```yaml flow (allowed|refused=\d+)\n(.*?)```", PAGE, re.DOTALL)


def table(heading: str) -> set[str]:
    """The names in the first column of a table."""
    rows = PAGE.split(f"| {heading} |", 1)[1].split("\n\n")[0].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


@pytest.mark.parametrize(("expected", "text"), FLOWS)
def test_each_flow_comes_out_as_the_page_says(expected: str, text: str, tmp_path: Path) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text(text, encoding="utf-8")
    found = replay_flow(ROOT / "models" / "mc_migration", flow)
    if found.refused is None:
        assert expected == "allowed"
        return
    assert expected == f"refused={found.refused.step.number}"
    assert found.refused.step.span is not None
    ((reason, _),) = found.refused.reasons
    shown = f"flow.yaml:{found.refused.step.span.line}  step {found.refused.step.number} of {len(found.steps)}"
    assert f"    REFUSED  {shown}: {found.refused.step}\n        {reason.transition}: {reason.text}\n" in PAGE


def test_there_are_flows_of_both_kinds() -> None:
    assert {kind.partition("=")[0] for kind, _ in FLOWS} == {"allowed", "refused"}


def test_every_key_is_mentioned() -> None:
    assert table("Key of a flow file") == set(FlowFile.keys)
    assert table("Key of a step") == set(FlowStep.keys)
    assert table("Key of a message") == {*ReceivedPart.keys, *SentPart.keys}


def test_every_kind_of_reason_is_mentioned() -> None:
    assert table("Kind of reason") == set(get_args(ReasonKind))


def test_the_limits_are_those() -> None:
    assert f"({replaying.MOST_STATES:,} of them at\nmost)" in PAGE
    assert f"after {growing.MOST_SIZES} sizes" in PAGE
