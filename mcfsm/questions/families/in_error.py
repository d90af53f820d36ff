"""Variants whose search comes to what the model cannot mean: they have no answer, and those of others stand.

Each is told by itself: the scenario, what is switched in it, and the error with its flow. A mistake of the question is
none of these, and is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.questions.families.beside import Watching, of_each
from mcfsm.questions.families.family import Variant, changes_title
from mcfsm.verdicts.run import Effort

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True)
class InError:
    """A variant without an answer; `variant` is what is switched, or the changes, None where it is a scenario."""

    scenario: str
    variant: tuple[str, ...] | None
    error: ModelError


def of_variant(scenario: str, variant: Variant, error: ModelError) -> InError:
    """An error that the search of a variant came to."""
    chosen = (f"{name}={value}" for name, value in variant.chosen)
    return InError(scenario, (changes_title(variant.changes), *chosen), error)


@contextmanager
def noting(errors: list[InError], scenario: str, chosen: Mapping[str, str] | None = None) -> Iterator[None]:
    """Note the error of a scenario, or of it under some values, and go on. Raises what is a mistake of the question."""
    try:
        yield
    except ModelError as error:
        if error.asked:
            raise
        variant = tuple(f"{name}={value}" for name, value in (chosen or {}).items())
        errors.append(InError(scenario, variant or None, error))


def told_apart(
    explorer: Callable[..., list[T]], models: Sequence[Model], property_ids: Sequence[Sequence[str]], *, effort: Effort
) -> list[T | ModelError]:
    """What an explorer finds of each model, or the error that its search came to: then each is explored by itself."""
    try:
        return [*explorer(models, property_ids, effort=effort)]
    except ModelError as error:
        if len(models) == 1:
            return [error]
    each = zip(models, property_ids, strict=True)
    return [one for model, names in each for one in told_apart(explorer, [model], [names], effort=effort)]


def without_errors(found: Mapping[K, T | ModelError]) -> tuple[dict[K, T], dict[K, ModelError]]:
    """What was found, and the errors that were come to."""
    errors = {key: one for key, one in found.items() if isinstance(one, ModelError)}
    return {key: one for key, one in found.items() if not isinstance(one, ModelError)}, errors


def of_each_in_spite(
    of: Callable[[Effort, str], T],
    scenarios: Sequence[str],
    effort: Effort,
    beside: bool,
    watch: Watching | None,
    errors: list[InError],
) -> Iterator[T]:
    """The answer for each scenario as `of_each` gives it; one that is in error is noted, and the others go on."""
    for answer in of_each(partial(_answer_or_error, of), scenarios, effort, beside, watch):
        if isinstance(answer, InError):
            errors.append(answer)
        else:
            yield answer


def _answer_or_error(of: Callable[[Effort, str], T], effort: Effort, scenario: str) -> T | InError:
    errors: list[InError] = []
    with noting(errors, scenario):
        return of(effort, scenario)
    return errors[0]


def told(noted: list[InError] | None, errors: Iterable[InError], answered: bool) -> None:
    """Hand errors to who asked in spite of them. Raises the first where nobody did, and where nothing is answered."""
    listed = list(errors)
    if listed and (noted is None or not answered):
        raise listed[0].error
    if noted is not None:
        noted += listed
