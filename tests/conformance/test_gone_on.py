"""A search that goes on from what another wrote finds what one finds that was never stopped: on random models.

Each is stopped after some levels, now and then once more, and gone on with, every time with another number of workers.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

import pytest
from common import MOST_STATES, for_models, plain_kernel, plant, texts
from kept import kept, names
from randomized.alike import alike_texts
from randomized.conformance import Difference, Expected
from randomized.strategies import ModelText

from mcfsm.explore import checkpoint, exhaustive, resuming
from mcfsm.explore.checkpoint import Checkpoint
from mcfsm.explore.findings import Findings, Limits
from mcfsm.explore.saved_levels import CheckpointSpoiled
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.tables import arena

CHUNKS, EACH = 20, 50
COMMIT = Path(__file__).parents[2] / "models" / "textbook" / "two_phase_commit.yaml"


class Kept:
    """Files that are kept in memory."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def names(self) -> list[str]:
        return sorted(self.contents)

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self.contents[name])

    def write(self, name: str, content: Callable[[BinaryIO], object]) -> None:
        file = io.BytesIO()
        content(file)
        self.contents[name] = file.getvalue()

    def remove(self, name: str) -> None:
        del self.contents[name]

    def sweep(self) -> None:
        pass


def found(model: Model, files: Kept | None, *, full: bool, workers: int, depth: int | None = None) -> Findings | str:
    """What a search finds, less its seconds; or the first error that it ends in."""
    saved = None if files is None else Checkpoint(files, "search", least_seconds=0.0)
    limits = Limits(max_depth=depth, max_states=40 * MOST_STATES)
    try:
        said = exhaustive.explore(model, full=full, workers=workers, limits=limits, checkpoint=saved)
    except ModelError as error:
        return error.problems[0].message
    return replace(said, seconds=0.0)


def assert_goes_on(model: Model, depth: int, *, full: bool) -> None:
    """Stop after so many levels, and after as many more; then it is the same as if nothing had been."""
    files = Kept()
    whole = found(model, None, full=full, workers=2)
    try:
        for at, until in enumerate([depth, 2 * depth + 1, None, None]):
            said = found(model, files, full=full, workers=1 + (depth + at) % 3, depth=until)
    except (CheckpointSpoiled, AssertionError) as error:
        raise Difference(f"gone on with after {depth} levels: {error}") from error
    if said != whole:
        raise Difference(f"gone on with after {depth} levels: {said}, not {whole}")


def in_turn(text: ModelText, model: Model, _: list[Expected]) -> None:
    for depth in (0, 1, len(text) % 7):
        assert_goes_on(model, depth, full=bool(len(text) % 2))


@pytest.mark.parametrize("name", names())
def test_models_that_are_kept(name: str) -> None:
    in_turn(*kept(name))


def test_some_models() -> None:
    for_models(8700, 10, in_turn)


def test_models_with_interchangeable_instances() -> None:
    for_models(8800, 6, in_turn, drawn=alike_texts())


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_thousand_models(chunk: int) -> None:
    for_models(8900 + chunk, EACH, in_turn)


PLANTS: dict[str, tuple[ModuleType, str, str]] = {
    "the journal lacks its last line": (checkpoint, "self.journal[: last.journal", "self.journal[: -7 + last.journal"),
    "a row is filled entry by entry": (arena, "if how == ONE:", "if True:"),
    "findings of earlier files are left behind": (
        resuming,
        "for levels in saved:\n        for kind",
        "for levels in saved[-1:]:\n        for kind",
    ),
    "sleep sets are those of other states": (
        resuming,
        "sleep_sets[first:stop])",
        "sleep_sets[first:stop][::-1])",
    ),
    "moves that were taken are forgotten": (resuming, "first.fired[: len(last.fired)] = last.fired", "pass"),
    "transitions are counted anew": (resuming, "= last.transitions", "= 0"),
    "what properties were seen to be is forgotten": (resuming, "last.hit_level, last.seen", "last.hit_level, 0"),
    "the frontier is one level off": (resuming, "level == len(last.levels) - 1", "level == len(last.levels) - 2"),
    "levels are numbered without those before": (checkpoint, "sizes.sum(axis=0) + np.cumsum(sizes", "np.cumsum(sizes"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_planted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, old, new = PLANTS[name]
    plain_kernel(monkeypatch)
    monkeypatch.setattr(resuming, "CHUNK", 3)
    plant(monkeypatch, module, [(old, new)])
    assert any(_differs(*one) for number in range(8) for one in texts(8700 + number, 8))


def _differs(text: ModelText, model: Model, expected: list[Expected]) -> bool:
    """Whether something else is found; or what was put in a wrong place leads nowhere, where a flow is looked for."""
    try:
        in_turn(text, model, expected)
    except (Difference, ValueError, LookupError):
        return True
    return False


def test_without_a_plant_nothing_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    monkeypatch.setattr(resuming, "CHUNK", 3)
    assert not any(_differs(*one) for one in texts(8700, 3))


class Slow(Kept):
    """Files that take longer to be written than a level to be expanded."""

    def write(self, name: str, content: Callable[[BinaryIO], object]) -> None:
        time.sleep(0.02)
        super().write(name, content)


def goes_on_from_slow_files() -> bool:
    """Whether a search whose rows become wider while it is written is gone on with as if it had not been stopped."""
    model, files = resolve(read(COMMIT), "three", chosen={"managers": "5"}), Slow()
    found(model, files, full=True, workers=1, depth=12)
    try:
        return found(model, files, full=True, workers=1) == found(model, None, full=True, workers=1)
    except (CheckpointSpoiled, ValueError, LookupError):
        return False


def test_rows_are_laid_out_anew_once_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    assert goes_on_from_slow_files()
    plant(monkeypatch, exhaustive, [("self.saving.wait()", "pass")])
    assert not goes_on_from_slow_files()
