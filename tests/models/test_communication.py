"""models/mc_migration/communication.yaml, the second half: of one user who migrates it says what the first says."""

from __future__ import annotations

import pytest
from mission import MODEL
from shared_runs import checked

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.questions.compare.flow_difference import difference
from mcfsm.semantics.product import Product

SECOND = MODEL / "communication.yaml"
ALIKE = {"encryption": "no_call", "attempts": "1"}  # the second half has neither keys nor a cache
# the changes that are applied, what is chosen, and how many nodes and steps deep the flows are followed to their end
SAME: list[tuple[str, dict[str, str], int, int]] = [
    ("", {}, 834, 25),
    ("", {"migrations": "3", "left_system": "answers", "redirect_scope": "same_system"}, 1746, 32),
    ("", {"message_order": "not_kept"}, 1330, 25),
    ("", {"registration_fails": "may"}, 6372, 26),
    ("S1", {}, 1234, 25),
    ("S0", {}, 882, 28),
    ("S4", {"notify": "after"}, 1318, 28),
    ("S4", {"mode": "make_before_break"}, 446, 27),
    ("S0,S1,S4", {"notify": "after", "migrations": "3"}, 4826, 33),
]
DEFAULT = ["S1", "S2", "S4"]
SLOW = {"both_to_partner", "called_moves", "both_move", "third_party"}
QUICK = {"private_call", "restricted", "tries_again"}  # where candidates are asked each time
# states, transitions, depth
COUNTS: dict[str, tuple[int, int, int]] = {
    "one_partner": (4090, 12493, 36),
    "profile": (6918, 21555, 42),
    "private_call": (2998, 9035, 37),
    "both_to_partner": (62536, 266774, 44),
    "to_partner": (816, 2194, 26),
    "between_partners": (5618, 19191, 36),
    "to_primary": (1178, 3505, 32),
    "both_move": (118038, 474528, 47),
    "third_party": (40428, 140870, 44),
    "calls_back": (12588, 40456, 44),
    "fails": (12594, 42092, 37),
    "tries_again": (2780, 8283, 21),
    "restricted": (1030, 2809, 29),
    "called_moves": (322472, 1350102, 59),
    "in_setup": (1120, 3049, 26),
    "mcdata": (616, 1569, 23),
    "mbb_private_call": (562, 1321, 23),
    "mbb_between_partners": (1638, 4537, 26),
    "mbb_drops_call": (2894, 8221, 37),
    "mbb_both_move": (7648, 22544, 29),
    "private_call_loss": (2378, 6582, 26),
    "private_call_duplication": (17802, 56948, 31),
    "private_call_crash_of_A": (3742, 10308, 28),
    "private_call_crash_of_B": (3412, 10129, 28),
}


def product(path: str, settings: dict[str, str], changes: list[str]) -> Product:
    document = read(path, changes)
    known = set(map(str, (*document.options, *document.readings, *document.parameters)))
    chosen = {name: value for name, value in settings.items() if name in known}
    return Product(resolve(document, "one_partner", chosen=chosen, properties=[]))


@pytest.mark.parametrize(
    ("changes", "settings", "nodes", "depth"),
    [pytest.param(*row, marks=[pytest.mark.slow] * (row[2] > 3000)) for row in SAME],
)
def test_with_one_user_who_migrates_both_halves_have_the_same_flows(
    changes: str, settings: dict[str, str], nodes: int, depth: int
) -> None:
    applied = changes.split(",") if changes else []
    first, second = (product(str(path), ALIKE | settings, applied) for path in (MODEL, SECOND))
    found = difference(first, second)
    assert (found.same, found.nodes, found.depth) == (True, nodes, depth)


def test_what_both_halves_name_they_mean_alike() -> None:
    first, second = read(MODEL, []), read(SECOND, [])
    shared = set(map(str, first.options)) & set(map(str, second.options))
    assert shared == {"mode", "registration_fails"}
    for name in shared:
        mine, other = ({str(key): part for key, part in half.options.items()}[name] for half in (first, second))
        assert (str(mine.text), str(mine.default), mine.values) == (str(other.text), str(other.default), other.values)


@pytest.mark.parametrize("scenario", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in COUNTS])
def test_what_is_promised_of_calls_that_are_carried_over(scenario: str) -> None:
    (run,) = checked(SECOND, scenarios=[scenario]).runs
    assert (run.findings.states, run.findings.transitions, run.findings.depth) == COUNTS[scenario]
    assert [verdict.id for verdict in run.verdicts if not verdict.passed] == []


def test_every_scenario_is_counted() -> None:
    named = [str(name) for name in read(SECOND).scenarios if not str(name).startswith("group_")]  # test_groups.py
    assert sorted([*COUNTS, "whole"]) == sorted(named)  # the full product: test_full_product.py


# candidates beside the default changes, scenario, what they restore and what they break
MENDED: list[tuple[str, str, str, str]] = [
    ("newer_call_counts", "private_call", "P11", ""),
    ("confirmed_release", "private_call", "P6 P10 P11", ""),
    ("suspended_cause", "private_call", "P3", "check.deadlock"),
    ("newer_call_counts,suspended_cause", "private_call", "P3 P11", ""),
    ("confirmed_release", "calls_back", "P6 P10", ""),
    ("suspended_cause", "calls_back", "P3 P12", ""),
    ("server_answers", "calls_back", "check.deadlock", ""),
    ("suspension_ends", "fails", "P2 P7 check.deadlock", "P9"),
    ("back_to_previous", "fails", "P2 P7 check.deadlock", ""),
    ("newer_call_counts,suspended_cause", "restricted", "P3", "check.deadlock"),
    ("server_answers", "both_move", "P2 R13 check.deadlock", ""),
    ("suspended_cause", "both_move", "P13", ""),
    ("late_answer_released", "private_call", "", ""),
    ("late_acceptance_declined", "fails", "", ""),
    ("late_acceptance_declined", "tries_again", "check.deadlock check.reception", ""),
    ("server_answers", "mbb_both_move", "R13 check.deadlock", ""),
]


@pytest.mark.parametrize(
    ("candidates", "scenario", "restored", "broken"),
    [pytest.param(*row, marks=[pytest.mark.slow] * (row[1] not in QUICK)) for row in MENDED],
)
def test_what_candidates_restore_and_break(candidates: str, scenario: str, restored: str, broken: str) -> None:
    (text,) = checked(SECOND, scenarios=[scenario]).runs
    (run,) = checked(SECOND, scenarios=[scenario], changes=[*DEFAULT, *candidates.split(",")]).runs
    before, after = ({v.id: v.status for v in found.verdicts} for found in (text, run))
    assert [name for name in before if before[name] != "PROVED" == after[name]] == sorted(
        restored.split(), key=list(before).index
    )
    assert [name for name in before if before[name] == "PROVED" != after[name]] == broken.split()
