"""Refactorings of the models that come with mcfsm: `compare` finds no flow that only one of the two has."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.questions.compare.flow_difference import FlowDifference, difference
from mcfsm.semantics.product import Product

MODELS = Path(__file__).parents[2] / "models"
FILE = YAML(typ="safe").load(Path(__file__).with_name("refactorings.yaml"))
TEXTBOOK = [(model, name) for model, given in FILE["textbook"].items() for name in given["cases"]]


@cache
def product(
    path: Path, scenario: str, settings: tuple[tuple[str, str], ...], changes: tuple[str, ...] | None
) -> Product:
    return Product(resolve(read(path, changes), scenario, chosen=dict(settings), properties=[]))


def compared(before: Path, after: Path, given: dict[str, Any], more: tuple[str, ...] = ()) -> FlowDifference:
    settings = tuple((name, str(value)) for name, value in given.get("settings", {}).items())
    usual = ("S1", "S4") if more else None
    return difference(
        product(before, given["scenario"], settings, usual),
        product(after, given["scenario"], settings, (*usual, *more) if usual else None),
    )


def test_there_are_enough() -> None:
    assert len(TEXTBOOK) + len(FILE["mc_migration"]["cases"]) >= 10


@pytest.mark.parametrize(("model", "name"), TEXTBOOK)
def test_a_refactoring_of_a_textbook_model(model: str, name: str, tmp_path: Path) -> None:
    given, original = FILE["textbook"][model], MODELS / "textbook" / f"{model}.yaml"
    text = original.read_text(encoding="utf-8")
    for edit in given["cases"][name]:
        assert edit["old"] in text
        text = text.replace(edit["old"], edit["new"])
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    found = compared(original, tmp_path, given)
    assert (found.same, found.depth) == (True, given["depth"])


@pytest.mark.long
@pytest.mark.parametrize("name", FILE["mc_migration"]["cases"])
def test_a_refactoring_of_mc_migration(name: str, tmp_path: Path) -> None:
    given = FILE["mc_migration"]
    shutil.copytree(MODELS / "mc_migration", tmp_path / "m")
    change = {"change": "refactored", "title": name, "edits": given["cases"][name]}
    for edit in change["edits"]:
        edit.setdefault("assumption", "It changes nothing.")
    with (tmp_path / "m" / "changes" / "refactored.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(change, file)
    path = tmp_path / "m" / "model.yaml"
    path.write_text(path.read_text("utf-8").replace("\nchanges:", "\nchanges:\n- changes/refactored.yaml"), "utf-8")
    found = compared(MODELS / "mc_migration", tmp_path / "m", given, ("refactored",))
    assert (found.same, found.depth) == (True, given["depth"])
