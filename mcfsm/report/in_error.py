"""What of an answer is missing as the model is in error there: said under it, and in its record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.text import Text

from mcfsm.questions.families.in_error import InError
from mcfsm.report.problems import listed
from mcfsm.report.style import wrapped


def in_error_as_text(errors: Iterable[InError], width: int) -> list[Text]:
    """A line for each variant, with the codes; the problems are told apart, each with its place."""
    return [wrapped(f"In error, and not answered: {in_error_in_words(one)}.", width, 0, "bold red") for one in errors]


def in_error_in_words(one: InError) -> str:
    """The variant, or the whole scenario, and the codes."""
    codes = ", ".join(dict.fromkeys(problem.code for problem in one.error.problems))
    where = one.scenario if one.variant is None else f"{one.scenario}, {' and '.join(one.variant)}"
    return f"{where} ({codes})"


def in_error_as_json(errors: Iterable[InError]) -> list[dict[str, Any]]:
    """The same as plain data, with every problem; `variant` is None where a whole scenario is in error."""
    return [
        {
            "scenario": one.scenario,
            "variant": None if one.variant is None else list(one.variant),
            "problems": listed(one.error.problems),
        }
        for one in errors
    ]
