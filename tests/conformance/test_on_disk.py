"""A search with its states in files finds what one in memory finds: on random models, and lists of a few rows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from building import build
from common import for_models, plant
from kept import kept, names
from randomized.alike import alike_texts
from randomized.conformance import Difference, Expected
from randomized.strategies import ModelText

from mcfsm.explore import exhaustive
from mcfsm.explore.disk import runs, search, store
from mcfsm.explore.findings import Findings, Limits
from mcfsm.explore.stopping import NO_DISK
from mcfsm.kernel import sorted_rows
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.problems import ModelError

CHUNKS, EACH = 20, 50
FOLDER = Path("/tmp")  # replaced by each test's own


@pytest.fixture(autouse=True)
def small_lists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Four rows in a block, and sixteen in a list: what is written, cut and merged otherwise has some ten million."""
    monkeypatch.setattr(runs, "BLOCK", 4)
    monkeypatch.setattr(store, "BLOCK", 4)
    monkeypatch.setattr(runs, "_STRETCH", 2)
    monkeypatch.setattr(store, "_MOST_ROWS", 16)
    monkeypatch.setattr(store, "_FEW", 1)
    monkeypatch.setattr(search, "ROOM", 8)
    monkeypatch.setitem(globals(), "FOLDER", tmp_path)


def found(model: Model, *, full: bool, workers: int, on_disk: bool) -> Findings | str:
    """What a search finds, less its seconds; or the first error that it ends in."""
    try:
        if on_disk:
            said = search.explore(model, folder=FOLDER, full=full, workers=workers, limits=Limits(max_depth=100))
        else:
            said = exhaustive.explore(model, full=full, workers=workers)
    except ModelError as error:
        return error.problems[0].message
    return replace(said, seconds=0.0)


def assert_same(text: ModelText, model: Model, _: list[Expected]) -> None:
    if model.boundary is not None:
        with pytest.raises(ValueError, match="within"):
            found(model, full=True, workers=1, on_disk=True)
        return
    full, workers = bool(len(text) % 2), 1 + len(text) % 3
    in_memory, on_disk = (found(model, full=full, workers=workers, on_disk=where) for where in (False, True))
    if in_memory != on_disk:
        raise Difference(f"with the states in files: {on_disk}, not {in_memory}")


@pytest.mark.parametrize("name", names())
def test_models_that_are_kept(name: str) -> None:
    assert_same(*kept(name))


def test_some_models() -> None:
    for_models(9100, 30, assert_same)


def test_models_with_interchangeable_instances() -> None:
    for_models(9200, 10, assert_same, drawn=alike_texts())


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_thousand_models(chunk: int) -> None:
    for_models(9300 + chunk, EACH, assert_same)


PLANTS: dict[str, tuple[ModuleType, str, str]] = {
    "states before the first block are lost": (runs, "kept = int(cuts[0])", "kept = 0"),
    "the last block of a stretch is not read": (runs, "min(end * BLOCK, self.count)", "(end - 1) * BLOCK"),
    "blocks begin anew with each piece": (runs, "[-self.count % BLOCK :: BLOCK]", "[::BLOCK]"),
    "of each word one byte is written": (sorted_rows, "differs &= ~(U(255) << shift)", "differs = U(0)"),
    "a row is known by its hash": (sorted_rows, "same &= known", "same &= words > 0 or known"),
    "a part begins a block too late": (runs, "bounds, bound) - 1, 0)", "bounds, bound), 0)"),
    "small levels are forgotten": (store, "known = [*reversed(self.recent), ", "known = ["),
    "large levels are forgotten": (store, "*reversed(self.visited)]", "]"),
    "what was written before is forgotten": (store, "found = [*self.runs, ", "found = ["),
    "only the first window is expanded": (store, "level], self.firsts[level + 1], self.most", "level], 1, self.most"),
    "a level is numbered from the one before": (store, "self.firsts[-1] + level.count", "level.count"),
    "values of the last window count": (search, "[i] = lengthened(seen", "[i] = 0 & lengthened(seen"),
    "values are those before the window": (search, "                self._note_values()", "                pass"),
}


SMALL = {  # as `small_lists` has it
    runs: [("BLOCK = 1 << 13", "BLOCK = 4"), ("_STRETCH = 64", "_STRETCH = 2")],
    store: [
        ("_MOST_ROWS = 1 << 25", "_MOST_ROWS = 16"),
        ("import BLOCK, BytesFile,", "import BytesFile,"),
        ("_FEW = 8", "_FEW, BLOCK = 1, 4"),
    ],
    search: [("ROOM = 1 << 16", "ROOM = 8")],
}


@cache
def protocols() -> list[Model]:
    """Two whose levels have more states than a list."""
    core = resolve(read("benchmarks/models/migration_core.yaml"), "core", chosen={"users": "1", "moves": "2"})
    return [core, resolve(read("models/textbook/two_phase_commit.yaml"), "three")]


@pytest.mark.parametrize("name", PLANTS)
def test_planted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, old, new = PLANTS[name]
    plant(monkeypatch, module, [(old, new), *SMALL.get(module, [])])
    assert any(map(differs, protocols()))


def differs(model: Model) -> bool:
    """Whether something else is found; or a flow leads nowhere, as what was looked for is in no level."""
    try:
        assert_same(ModelText(""), model, [])
    except (Difference, ValueError, LookupError, AssertionError, MemoryError):
        return True
    return False


def test_without_a_plant_nothing_differs() -> None:
    assert not any(map(differs, protocols()))


IN_ERROR = """
model: two that pick a number, and then add to it
messages: {}
roles:
  picker:
    variables: {number: 0..30 = 0}
    states: [before, after, done]
    initial: before
    final: [before, after, done]
    transitions:
    - {trigger: pick, kind: protocol, choose: {n: 1..20}, source: before, dest: after, set: {number: n}}
    - {trigger: add, kind: protocol, source: after, dest: done, set: {number: number + 30}}
properties:
  low: {text: It is low., never: a.number > 30}
scenarios: {s: {instances: {a: picker, b: picker}, channels: {}}}
"""


def test_an_error_is_shown_in_the_state_with_the_first_flow() -> None:
    """In order of rows those states come first in which b has picked, and fill the first window; a picks first."""
    model = build(IN_ERROR)
    said = found(model, full=True, workers=1, on_disk=True)
    assert said == found(model, full=True, workers=1, on_disk=False)
    assert isinstance(said, str)
    assert "transition picker.add.1 of a" in said


def test_a_disk_that_is_full_stops_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, room = runs.BytesFile.append, 400

    def append(file: runs.BytesFile, content: Any) -> None:
        if file.size + len(content) > room:
            raise OSError(28, "No space left on device")
        whole(file, content)

    monkeypatch.setattr(runs.BytesFile, "append", append)
    said = found(protocols()[0], full=True, workers=1, on_disk=True)
    assert isinstance(said, Findings)
    assert (said.complete, said.stopped) == (False, NO_DISK)
    assert 0 < said.states <= room
