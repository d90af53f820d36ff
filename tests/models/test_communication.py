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
# what both know, and how deep the flows go that are followed to their end
SAME: list[tuple[dict[str, str], int, int]] = [
    ({}, 834, 25),
    ({"migrations": "3", "left_system": "answers", "redirect_scope": "same_system"}, 1746, 32),
    ({"message_order": "not_kept"}, 1330, 25),
    ({"registration_fails": "may"}, 6372, 26),
]
# states, transitions, depth
COUNTS: dict[str, tuple[int, int, int]] = {
    "one_partner": (3938, 12040, 36),
    "profile": (6480, 20221, 42),
    "private_call": (3080, 9355, 37),
    "to_partner": (822, 2244, 26),
    "between_partners": (5802, 20051, 36),
    "to_primary": (1270, 3817, 32),
    "both_move": (73576, 284343, 43),
    "third_party": (28298, 95727, 35),
    "calls_back": (7204, 22392, 35),
    "fails": (12276, 41443, 37),
    "restricted": (1024, 2835, 29),
}


def product(path: str, settings: dict[str, str], changes: list[str]) -> Product:
    document = read(path, changes)
    known = set(map(str, (*document.options, *document.readings, *document.parameters)))
    chosen = {name: value for name, value in settings.items() if name in known}
    return Product(resolve(document, "one_partner", chosen=chosen, properties=[]))


@pytest.mark.parametrize(("settings", "nodes", "depth"), SAME)
def test_with_one_user_who_migrates_both_halves_have_the_same_flows(
    settings: dict[str, str], nodes: int, depth: int
) -> None:
    first, second = (product(str(path), ALIKE | settings, []) for path in (MODEL, SECOND))
    found = difference(first, second)
    assert (found.same, found.nodes, found.depth) == (True, nodes, depth)


def test_what_both_halves_name_they_mean_alike() -> None:
    first, second = read(MODEL, []), read(SECOND, [])
    shared = set(map(str, first.options)) & set(map(str, second.options))
    assert shared == {"mode", "registration_fails"}
    for name in shared:
        mine, other = ({str(key): part for key, part in half.options.items()}[name] for half in (first, second))
        assert (str(mine.text), str(mine.default), mine.values) == (str(other.text), str(other.default), other.values)


@pytest.mark.parametrize("scenario", COUNTS)
def test_what_is_promised_of_calls_that_are_carried_over(scenario: str) -> None:
    (run,) = checked(SECOND, scenarios=[scenario]).runs
    assert (run.findings.states, run.findings.transitions, run.findings.depth) == COUNTS[scenario]
    assert [verdict.id for verdict in run.verdicts if not verdict.passed] == []


def test_every_scenario_is_counted() -> None:
    assert sorted(COUNTS) == sorted(map(str, read(SECOND).scenarios))
