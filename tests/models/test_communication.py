"""models/mc_migration/communication.yaml, the second half: of one user who migrates it says what the first says."""

from __future__ import annotations

import pytest
from mission import MODEL

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.questions.compare.flow_difference import difference
from mcfsm.semantics.product import Product

SECOND = MODEL / "communication.yaml"
ALIKE = {"encryption": "no_call", "attempts": "1"}  # the second half has neither keys nor a cache
# what both know, and how deep the flows go that are followed to their end
SAME: list[tuple[dict[str, str], int, int]] = [
    ({}, 794, 24),
    ({"migrations": "3", "left_system": "answers", "redirect_scope": "same_system"}, 1650, 31),
    ({"message_order": "not_kept"}, 1250, 24),
    ({"registration_fails": "may"}, 6050, 25),
]


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
