"""A model that shows a difference, made small: one part after another is left out as long as the difference stays.

Hypothesis shrinks what it drew, and most of what it then draws is no model at all; this looks at the model's text. It
is the greedy half of delta debugging (Zeller and Hildebrandt 2002): larger parts first, until nothing more can go.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

from ruamel.yaml import YAML

from randomized.strategies import ModelText, written
from randomized.terms import plain

LONGEST = 15.0  # seconds of the processor for which a model is made smaller
Path = tuple[str | int, ...]


def reduced(text: ModelText, differs: Callable[[ModelText], bool], seconds: float = LONGEST) -> ModelText:
    """The smallest text found in so many seconds that still differs; `differs` says False of what is no model."""
    deadline = time.process_time() + seconds
    data = YAML(typ="safe").load(text)
    model = data.pop("model")
    assert model == "random", "the text is one that was written here"
    before = None
    while data != before:
        before = copy.deepcopy(data)
        for path in sorted(paths(data), key=lambda path: -len(plain(at(data, path)))):
            if time.process_time() > deadline:
                return ModelText(written(data))
            less = without(data, path)
            if less is not None and differs(ModelText(written(less))):
                data = less
    return ModelText(written(data))


def paths(data: Any, above: Path = ()) -> Iterator[Path]:
    """Where every part of some data stands, itself left out."""
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in below:
        yield (*above, key)
        yield from paths(part, (*above, key))


def at(data: Any, path: Path) -> Any:
    """The part that stands there."""
    for key in path:
        data = data[key]
    return data


def without(data: Any, path: Path) -> Any:
    """A copy without the part that stood there; None where it is gone, or another is in its place."""
    try:
        at(data, path)
    except (KeyError, IndexError, TypeError):
        return None
    less = copy.deepcopy(data)
    del at(less, path[:-1])[path[-1]]
    return less
