"""What is wrong with a model or another file of the user's, as JSON; as text it is rendered in `mcfsm.problems`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mcfsm import __version__
from mcfsm.problems import ModelError, Problem

FORMAT = 1


def problems_as_json(error: ModelError, exit_status: int) -> dict[str, Any]:
    """What stands where a report would. Keys may be added, none changes its meaning or goes away."""
    return {
        "format": FORMAT,
        "version": __version__,
        "wrong": "what was asked" if error.asked else error.subject,
        "problems": listed(error.problems),
        "exit_status": exit_status,
    }


def listed(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Each problem with its code and place; lines and columns count from 1."""
    return [
        {
            "code": problem.code,
            "file": problem.span and problem.span.file,
            "line": problem.span and problem.span.line,
            "column": problem.span and problem.span.column,
            "message": problem.message,
            "hint": problem.hint,
        }
        for problem in problems
    ]
