"""The findings of lint as JSON; as text they are rendered like errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mcfsm.problems import Problem

FORMAT = 1


def as_json(found: Iterable[Problem]) -> dict[str, Any]:
    """The findings as plain data. Keys may be added, none changes its meaning or goes away."""
    return {
        "format": FORMAT,
        "findings": [
            {
                "code": problem.code,
                "file": problem.span and problem.span.file,
                "line": problem.span and problem.span.line,
                "column": problem.span and problem.span.column,
                "message": problem.message,
                "hint": problem.hint,
            }
            for problem in found
        ],
    }
