"""Random models in chunks, and kernels in plain Python, as the tests of this directory share them."""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis.strategies import SearchStrategy
from randomized.conformance import Expected, expectations
from randomized.reduce import reduced
from randomized.strategies import ModelText, model_texts, resolve_text

from mcfsm.explore.liveness import family_fair_runs as liveness_in_each
from mcfsm.kernel import (
    canonical,
    components,
    programs,
    remembered,
    sources,
    successors,
)
from mcfsm.kernel import (
    expand as kernel,
)
from mcfsm.kernel import (
    quotient as quotients,
)
from mcfsm.kernel import (
    state_set as stateset,
)
from mcfsm.kernel import (
    stubborn as stubborn_sets,
)
from mcfsm.kernel import (
    variant_sets as variants,
)
from mcfsm.kernel import (
    worker as worklists,
)
from mcfsm.model import Model
from mcfsm.problems import ModelError

MOST_STATES = 300  # of a model that is compared; larger ones are drawn again
RUN = 10  # models that Hypothesis draws in one go: with more it takes to variants of those it had
T = TypeVar("T")
COMPILED = (
    canonical,
    components,
    kernel,
    programs,
    quotients,
    remembered,
    stateset,
    stubborn_sets,
    sources,
    successors,
    variants,
    worklists,
    liveness_in_each,
)


def for_models(
    number: int,
    count: int,
    check: Callable[[ModelText, Model, list[Expected]], None],
    most: int = MOST_STATES,
    spice: int = 3,
    drawn: SearchStrategy[ModelText] | None = None,
) -> None:
    """Call `check` with `count` different random models; `number` tells one chunk of models from another.

    `spice` is how many of the guards, per cent, are left out that keep a search from stopping with an error. `drawn`
    are other texts to draw from, of which some may be refused. The first model that fails ends it: it is made small,
    and shown with a file of it that `mcfsm check` runs.
    """
    seen: set[str] = set()
    failed: list[tuple[ModelText, Exception]] = []

    def compare(text: ModelText, model: Model) -> bool:
        expected = expectations(model, most_states=most)
        if expected is not None:
            check(text, model, expected)
        return expected is not None

    def one(text: ModelText) -> None:
        assume(text not in seen)
        try:
            model = resolve_text(text)
        except ModelError:
            assume(drawn is None)
            raise
        try:
            compared = compare(text, model)
        except Exception as error:
            failed.append((text, error))
            raise
        assume(compared)
        seen.add(text)

    for part in range(-(-count // RUN)):
        examples = settings(
            max_examples=min(RUN, count - part * RUN),
            deadline=None,
            database=None,
            phases=[Phase.generate],  # what fails is made smaller by `reduced`
            suppress_health_check=list(HealthCheck),
        )
        strategy = model_texts(spice=spice) if drawn is None else drawn
        try:
            seed(number * 1_000_000 + part)(examples(given(text=strategy)(one)))()
        except Exception:
            if not failed:
                raise
            raise failure(*failed[0], compare) from None


def failure(text: ModelText, error: Exception, compare: Callable[[ModelText, Model], bool]) -> AssertionError:
    """What is wrong with a random model, said of one as small as can be found, with the file of it."""

    def how(text: ModelText) -> Exception | None:
        try:
            model = resolve_text(text)
        except ModelError:
            return None
        try:
            compare(text, model)
        except Exception as found:
            return found if type(found) is type(error) else None
        return None

    small = reduced(text, lambda less: how(less) is not None)
    path = Path(tempfile.mkdtemp(prefix="mcfsm-")) / "model.yaml"
    path.write_text(small, encoding="utf-8")
    said = how(small) or f"seen once, and not again when the same was asked anew: {type(error).__name__}: {error}"
    return AssertionError(f"{said}\n{path}:\n{small}")


class Drawn(Generic[T]):
    """Examples drawn as they are asked for, a chunk at a time, and kept."""

    def __init__(self, chunk: Callable[[int], list[T]]) -> None:
        self.chunk = chunk  # gives those of a number
        self.kept: list[list[T]] = []

    def chunks(self, count: int) -> Iterator[list[T]]:
        """Chunks of examples, until they are so many."""
        number = given = 0
        while given < count:
            assert number < count, f"{number} chunks have {given} examples"
            if number == len(self.kept):
                self.kept.append(self.chunk(number))
            given += len(self.kept[number])
            yield self.kept[number]
            number += 1

    def first(self, count: int) -> list[T]:
        """The first so many."""
        return [one for some in self.chunks(count) for one in some][:count]


def is_found(
    examples: Drawn[T], most: int, planting: Callable[[pytest.MonkeyPatch], None], differs: Callable[[T], bool]
) -> bool:
    """Whether a planted defect makes some example differ. They are drawn with nothing planted, as many as it takes."""
    for some in examples.chunks(most):
        with pytest.MonkeyPatch.context() as patch:
            planting(patch)
            if any(differs(one) for one in some):
                return True
    return False


def until(enough: Callable[[], bool], draw: Callable[[int], object], most: int) -> None:
    """Draw chunk after chunk until there is enough of everything that has to be met; in `most` chunks there must be.

    What chance brings differs from one release of Hypothesis to the next: a number of draws says nothing of what was
    met in them.
    """
    for chunk in range(most):
        draw(chunk)
        if enough():
            return
    raise AssertionError(f"not enough was met in {most} chunks")


def plain_kernel(patch: pytest.MonkeyPatch) -> None:
    """Make every compiled function the Python function that it was compiled from."""
    for module in COMPILED:
        for name, value in list(vars(module).items()):
            if hasattr(value, "py_func"):
                replace_everywhere(patch, value, value.py_func, name)


def plant(patch: pytest.MonkeyPatch, module: ModuleType, changes: list[tuple[str, str]]) -> None:
    """Give a module a changed source text, in memory: each old part, which it has once, by a new one."""
    source = inspect.getsource(module)
    for old, new in changes:
        assert source.count(old) == 1, f"{module.__name__} has {source.count(old)} times: {old}"
        source = source.replace(old, new)
    changed = ModuleType(module.__name__)
    changed.__file__ = module.__file__
    exec(compile(source, str(module.__file__), "exec"), vars(changed))
    for name, value in list(vars(changed).items()):
        mine = getattr(module, name, None)
        if mine is not None and callable(value) and getattr(value, "__module__", None) == module.__name__:
            fresh = getattr(value, "py_func", value)
            setattr(changed, name, fresh)
            replace_everywhere(patch, mine, fresh, name)
        elif isinstance(value, dict) and isinstance(mine, dict) and value is not mine:  # which may have them as keys
            replace_everywhere(patch, mine, value, name)


def replace_everywhere(patch: pytest.MonkeyPatch, old: Any, new: Any, name: str) -> None:
    """Put another function or class wherever a module of the package has one by its name."""
    for module in list(sys.modules.values()):
        if module.__name__.split(".")[0] == "mcfsm" and vars(module).get(name) is old:
            patch.setattr(module, name, new)


def texts(number: int, count: int, most: int = MOST_STATES) -> Iterator[tuple[ModelText, Model, list[Expected]]]:
    """Some random models with what is expected of them."""
    found: list[tuple[ModelText, Model, list[Expected]]] = []
    for_models(number, count, lambda text, model, expected: found.append((text, model, expected)), most)
    yield from found
