"""docs/second_half.md is true: what changes do together, and what is seen of the full product beside its parts."""

from __future__ import annotations

import re

import pytest
from full_product import KINDS, PARTS, SECOND, bounded, row, walked
from mission import MODEL

from mcfsm.language.selection import Selection
from mcfsm.questions.families.interwork import interwork
from mcfsm.questions.families.matrix import matrix
from mcfsm.verdicts.run import Effort

PAGE = MODEL.parents[1] / "docs" / "second_half.md"
# scenario: how many sets of changes have it, and which break something together
TOGETHER: dict[str, tuple[int, list[tuple[str, tuple[str, ...]]]]] = {
    "mbb_drops_call": (8, []),
    "group_overlap": (8, []),
    "both_to_partner": (32, [("P5", ("S0", "S2"))]),
    "group_to_primary": (16, []),
    "group_and_call": (8, []),
}
SLOW = {"both_to_partner", "group_to_primary", "group_and_call", "mbb_drops_call"}


@pytest.mark.slow
def test_the_full_product_has_what_its_smallest_part_has_at_a_bound() -> None:
    """Of a group call with the user profile every state, and every message but one that comes last."""
    seen = bounded(12)
    assert seen.how == "every flow of 12 steps, 34,320 states"
    counted = row("group_profile", seen)
    assert counted[1:3] == ["17 of 17", "14 of 15"]
    assert {"C-GR1", "C-PC1", "C-FL1", "C-RG4g"} <= seen.names.transitions


@pytest.mark.slow
def test_what_was_seen_of_the_full_product_is_on_the_page() -> None:
    assert shares() in PAGE.read_text("utf-8")


@pytest.mark.parametrize(
    "scenario", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in TOGETHER]
)
def test_which_changes_get_in_each_others_way(scenario: str) -> None:
    (found,) = matrix(SECOND, Selection(scenarios=[scenario]))
    assert found.complete
    assert (len(found.columns), list(found.together)) == TOGETHER[scenario]
    assert len(found.columns) + len(found.lacking) == 32
    (line,) = [line for line in PAGE.read_text("utf-8").splitlines() if re.match(rf"\| [^:]*`{scenario}`[^:]*\|", line)]
    broken = " and ".join(f"{name} by {'+'.join(changes)}" for name, changes in found.together) or "nothing"
    assert line.endswith(f"| {len(found.columns)} | {broken} |")


def test_nothing_is_mixed_of_a_change_that_touches_the_client_alone() -> None:
    (found,) = interwork(SECOND, ["S3"], Selection(scenarios=["one_partner"]), effort=Effort(workers=1))
    assert [dict(one.roles) for one in found.combinations] == [
        {"mc_service_client": "old"},
        {"mc_service_client": "new"},
    ]
    assert not found.mixed


def shares() -> str:
    """The table of the page: what bounded search and random walks of the full product saw of each part."""
    looked = bounded(18), walked(200, 150)
    lines = [
        f"{looked[0].how[0].upper()}{looked[0].how[1:]}; {looked[1].how}:",
        "",
        f"| Part | {' | '.join(KINDS)} |",
        "|---" * (len(KINDS) + 1) + "|",
    ]
    for part, what in PARTS.items():
        cells = [f"{one}; {other}" for one, other in zip(*(row(part, seen) for seen in looked), strict=True)]
        lines.append(f"| `{part}`: {what} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    new = re.sub(r"Every flow of \d+ steps,.*?\n\n(?=Missing)", lambda _: f"{shares()}\n\n", text, flags=re.DOTALL)
    PAGE.write_text(new, "utf-8")
