"""docs/recipes.md names places that are there, and what it asks of all of a kind holds of all there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from randomized import terms

from mcfsm.expressions.functions import FUNCTIONS
from mcfsm.model import CHANNEL_FAULTS
from mcfsm.pictures import flow_text
from mcfsm.questions.families import ladder

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
FILES = sorted(set(re.findall(r"`((?:mcfsm|tests|docs)/[\w/.]*|README\.md)`", PAGE)))
NAMED = [
    (path, name)
    for path, names in re.findall(r"`([\w/]+\.py)`: ((?:`\w+`,? ?)+)", PAGE)
    for name in re.findall(r"`(\w+)`", names)
]


def test_there_are_places() -> None:
    assert len(FILES) > 20
    assert len(NAMED) > 10


@pytest.mark.parametrize("path", FILES)
def test_a_place_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_name_is_there(path: str, name: str) -> None:
    assert re.search(rf"(^|\s)(class |def )?{name}\b", (ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_drawn_in_random_models(name: str) -> None:
    folder = Path(terms.__file__).parent
    assert any(re.search(rf"\b{name}\(", path.read_text(encoding="utf-8")) for path in folder.glob("*.py"))


@pytest.mark.parametrize("kind", CHANNEL_FAULTS)
def test_a_fault_has_an_arrow_and_may_be_tried(kind: str) -> None:
    assert kind in flow_text._HEADS
    assert kind in ladder.FAULTS
