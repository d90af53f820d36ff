"""The findings of lint as JSON; as text they are rendered like errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mcfsm.problems import Problem
from mcfsm.report.problems import FORMAT, listed


def as_json(found: Iterable[Problem]) -> dict[str, Any]:
    """The findings as plain data. Keys may be added, none changes its meaning or goes away."""
    return {
        "format": FORMAT,
        "findings": listed(found),
    }
