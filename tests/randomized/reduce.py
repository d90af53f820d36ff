"""A model that shows a difference, made small: one part after another is left out as long as the difference stays.

Hypothesis shrinks what it drew, and most of what it then draws is no model at all; this looks at the model's text. It
is the greedy half of delta debugging (Zeller and Hildebrandt 2002): larger parts first, until nothing more can go. Then
a name goes wherever it stands, an expression makes way for a part of it or for a constant, and, as long as there are
more lines than somebody reads, two parts go at once.
"""

from __future__ import annotations

import ast
import copy
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import combinations
from typing import Any

from ruamel.yaml import YAML

from randomized.strategies import ModelText, written
from randomized.terms import plain

LONGEST = 15.0  # seconds of the processor for which a model is made smaller
FEW_LINES = 25  # of a model that somebody reads
CONSTANTS = ("true", "false", "0", "1", "p", "q", "none")
Path = tuple[str | int, ...]
Edit = Callable[[Any], Any]  # other data, or None where it cannot be made


def reduced(text: ModelText, differs: Callable[[ModelText], bool], seconds: float = LONGEST) -> ModelText:
    """The smallest text found in so many seconds that still differs; `differs` says False of what is no model."""
    deadline = time.process_time() + seconds
    data = YAML(typ="safe").load(str(text))
    model = data.pop("model")
    assert model == "random", "the text is one that was written here"
    before, tried = None, {text}
    while data != before:
        before = data
        for edits in (cuts, without_names, simplified, two_cuts):
            for edit in edits(data):
                if time.process_time() > deadline:
                    return ModelText(written(data))
                less = edit(data)
                said = text if less is None else ModelText(written(less))
                if said not in tried and differs(said):
                    data = less
                tried.add(said)
    return ModelText(written(data))


# ---- what is tried


def cuts(data: Any) -> Iterator[Edit]:
    """Each part left out, the largest first."""
    for path in sorted(paths(data), key=lambda path: -len(plain(at(data, path)))):
        yield partial(without, path=path)


def without_names(data: Any) -> Iterator[Edit]:
    """Each name left out where it stands by itself, as what uses it up and how often that may be."""
    named = Counter(path[-1] for path in paths(data)) + Counter(text for _, text in texts(data))
    for name, count in named.items():
        if count > 1 and isinstance(name, str):
            yield partial(without_name, name=name)


def simplified(data: Any) -> Iterator[Edit]:
    """Each expression as a part of it, or as a constant, the shortest first."""
    for path, text in list(texts(data)):
        if text.isidentifier():
            continue
        for part in sorted({*parts(text), *CONSTANTS}, key=lambda part: (len(part), part)):
            if len(part) < len(text):
                yield partial(changed, path=path, text=part)


def two_cuts(data: Any) -> Iterator[Edit]:
    """Each two lines left out at once, of a model that is too long."""
    if len(written(data).splitlines()) <= FEW_LINES:
        return
    for one, other in combinations(filter(is_line, paths(data)), 2):
        yield partial(without_both, one=one, other=other)


# ---- how it is done


def paths(data: Any, above: Path = ()) -> Iterator[Path]:
    """Where every part of some data stands, itself left out."""
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in below:
        yield (*above, key)
        yield from paths(part, (*above, key))


def is_line(path: Path) -> bool:
    """Whether what stands there is written on a line of its own, or on several."""
    inner = path[0] in ("roles", "observers", "scenarios")
    return len(path) == 2 or (inner and (len(path) == 3 or (len(path) == 4 and path[2] == "transitions")))


def texts(data: Any) -> Iterator[tuple[Path, str]]:
    """Every text in some data, and where it stands."""
    found = ((path, at(data, path)) for path in paths(data))
    yield from ((path, text) for path, text in found if isinstance(text, str))


def parts(text: str) -> Iterator[str]:
    """The expressions in an expression, itself among them."""
    with suppress(SyntaxError):
        for node in ast.walk(ast.parse(text, mode="eval").body):
            if isinstance(node, ast.expr):
                yield ast.get_source_segment(text, node) or text
        yield from with_less_asked(text)


def with_less_asked(text: str) -> Iterator[str]:
    """An expression with one thing less that a call in it asks of a message: what it carries, who sent it."""
    tree = ast.parse(text, mode="eval")
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        every = call.keywords
        for left_out in every:
            call.keywords = [keyword for keyword in every if keyword is not left_out]
            yield ast.unparse(tree)
        call.keywords = every


def at(data: Any, path: Path) -> Any:
    """The part that stands there."""
    for key in path:
        data = data[key]
    return data


def without(data: Any, path: Path) -> Any:
    """A copy without the part that stood there; None where it is gone, or another is in its place."""
    less = copy.deepcopy(data)
    try:
        del at(less, path[:-1])[path[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    return less


def without_both(data: Any, one: Path, other: Path) -> Any:
    """A copy without two parts, of which the second stands behind the first; None where one is gone."""
    less = without(data, other)
    return None if less is None else without(less, one)


def changed(data: Any, path: Path, text: str) -> Any:
    """A copy with a text in the place of one; None where there is none."""
    other = copy.deepcopy(data)
    try:
        if not isinstance(at(other, path), str):
            return None
    except (KeyError, IndexError, TypeError):
        return None
    at(other, path[:-1])[path[-1]] = text
    return other


def without_name(data: Any, name: str) -> Any:
    """A copy without any part that is called so, or is that and nothing else."""
    if isinstance(data, dict):
        return {key: without_name(part, name) for key, part in data.items() if name not in (key, part)}
    return [without_name(part, name) for part in data if part != name] if isinstance(data, list) else data
