"""Random models that are kept: each shows some planted defect of `test_planted.py`, and together they show them all.

What chance brings after hundreds of draws is so met in every run, whatever Hypothesis draws in its next release. The
first lines of a file say which defects it shows, and with how many workers.

    PYTHONPATH=tests python tests/conformance/kept.py

writes them anew, as after a defect was added to the list: it draws for what no model shows, and drops models that show
nothing any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from randomized.conformance import Expected, expectations
from randomized.strategies import ModelText, resolve_text

from mcfsm.model import Model

FOLDER = Path(__file__).parent / "kept"
SHOWS = re.compile(r"^# with (\d) workers?: (.*)$", re.MULTILINE)


class Kept(NamedTuple):
    """A model kept, with what the reference explorer finds where nothing is planted."""

    text: ModelText
    model: Model
    expected: list[Expected]


@cache
def kept(name: str) -> Kept:
    """The model of a file."""
    text = ModelText((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    model = resolve_text(text)
    expected = expectations(model)
    assert expected is not None
    return Kept(text, model, expected)


def names() -> list[str]:
    """The files, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def shown() -> dict[str, tuple[str, int]]:
    """Each defect that some model shows: the file, and the number of workers."""
    return {
        defect: (name, int(workers))
        for name in names()
        for workers, defect in SHOWS.findall((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    }


def keep() -> None:
    """Write the files anew: for each defect a model kept that shows it, or else the first drawn that does."""
    from common import texts
    from test_planted import DRAWN, MOST_MODELS, PLANTS, differs, planting

    from mcfsm.explore import level_search

    level_search.FEW = 2  # as in the tests
    said, before = shown(), names()
    files: dict[str, Kept] = {name: kept(name) for name in before}

    def candidates(defect: str) -> Iterator[tuple[Kept, int]]:
        if defect in said:
            name, workers = said[defect]
            yield files[name], workers
        yield from ((one, workers) for one in files.values() for workers in (2, 1))
        drawn = (
            Kept(*one) for part in range(MOST_MODELS // DRAWN) for one in texts(4000 + DRAWN * part, DRAWN, most=80)
        )
        yield from ((one, 1 + number % 2) for number, one in enumerate(drawn))

    use: dict[ModelText, list[str]] = {}
    called = {_without_defects(one.text): name for name, one in files.items()}
    for defect in PLANTS:
        for one, workers in candidates(defect):
            with pytest.MonkeyPatch.context() as patch:
                planting(defect)(patch)
                shows = differs(workers - 1, one.model, one.expected)
            if shows:
                break
        else:
            raise AssertionError(f"{MOST_MODELS} models do not show {defect}")
        text = _without_defects(one.text)
        files.setdefault(text, one)
        use.setdefault(text, []).append(f"# with {workers} worker{'s' * (workers > 1)}: {defect}\n")
        print(f"{len(use)} models, {defect}", flush=True)
    for name in before:
        (FOLDER / f"{name}.yaml").unlink()
    free = (f"{number:02}" for number in count() if f"{number:02}" not in before)
    for text, lines in use.items():
        name = called.get(text) or next(free)
        (FOLDER / f"{name}.yaml").write_text("".join(lines) + text, encoding="utf-8")


def _without_defects(text: ModelText) -> ModelText:
    """The text of a model without the lines that say what it shows."""
    return ModelText(SHOWS.sub("", text).lstrip())


if __name__ == "__main__":
    keep()
