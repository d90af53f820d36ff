"""docs/recipes.md names places that are there, and what it asks of all of a kind holds of all there are."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from randomized import terms

from mcfsm.commands.ladder import ladder as ladder_command
from mcfsm.expressions.functions import FUNCTIONS
from mcfsm.model import CHANNEL_FAULTS
from mcfsm.pictures import flow_text
from mcfsm.questions.families import ladder
from mcfsm.report.codes import CODES
from mcfsm.report.tla import steps as tla_steps

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
def test_a_fault_is_wherever_faults_are_listed(kind: str) -> None:
    language = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    told = [option.help or "" for option in ladder_command.params if isinstance(option, click.Option)]
    assert kind in flow_text._HEADS
    assert kind in ladder.FAULTS
    assert kind in tla_steps._AFTER
    assert kind in CODES["M611"].text
    assert any(re.search(rf"\b{kind}\b", help_) for help_ in told)
    assert f"\n| `{kind}` | " in language
    assert f"`{kind}`" in language.partition("A fault (section 13) is one event")[2].partition("\n\n")[0]
