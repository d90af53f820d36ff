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
SLOW = {"called_moves"}
# states, transitions, depth
COUNTS: dict[str, tuple[int, int, int]] = {
    "one_partner": (4144, 12657, 36),
    "profile": (6972, 21719, 42),
    "private_call": (3080, 9355, 37),
    "to_partner": (822, 2244, 26),
    "between_partners": (5802, 20051, 36),
    "to_primary": (1270, 3817, 32),
    "both_move": (246254, 1032302, 63),
    "third_party": (40402, 142441, 44),
    "calls_back": (11672, 38416, 44),
    "fails": (12276, 41443, 37),
    "restricted": (1024, 2835, 29),
    "called_moves": (685664, 2952286, 72),
    "in_setup": (1126, 3099, 26),
    "mcdata": (616, 1569, 23),
    "mbb_private_call": (562, 1321, 23),
    "mbb_drops_call": (3072, 8825, 37),
    "mbb_both_move": (7648, 22544, 29),
}


def product(path: str, settings: dict[str, str], changes: list[str]) -> Product:
    document = read(path, changes)
    known = set(map(str, (*document.options, *document.readings, *document.parameters)))
    chosen = {name: value for name, value in settings.items() if name in known}
    return Product(resolve(document, "one_partner", chosen=chosen, properties=[]))


@pytest.mark.parametrize(("changes", "settings", "nodes", "depth"), SAME)
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
    assert sorted(COUNTS) == sorted(map(str, read(SECOND).scenarios))
