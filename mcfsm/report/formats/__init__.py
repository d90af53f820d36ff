"""A check in the formats that other programs read: for CI, code scanning, and comments on a change."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Literal, get_args

from mcfsm.questions.check import Checked

Format = Literal["json", "junit", "sarif", "github", "markdown"]
FORMATS: tuple[Format, ...] = get_args(Format)


def written_as(format: Format, checked: Checked, *, strict: bool = False) -> str:
    """The check in a format, ending in a line break; with `strict` its warnings fail."""
    if format == "json":
        from mcfsm.report.check_json import as_json

        return json.dumps(as_json(checked, strict=strict), indent=2, ensure_ascii=False) + "\n"
    written: Callable[..., str] = import_module(f"mcfsm.report.formats.{format}").written
    return written(checked, strict=strict)
