"""What ended an answer before all of it was there: said under it, and in its record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from mcfsm.explore.stopping import NO_LIMITS
from mcfsm.report.style import wrapped


def stopped_as_text(why: str, left: Sequence[str], width: int) -> Text:
    """The limit or signal, what was left because of it, and what to do."""
    more = _what_to_do(why)
    what = f"not answered to the end: {', '.join(left)}" if left else "INCOMPLETE is what was not told"
    return wrapped(f"Stopped by {why}{more}; {what}.", width, 0, "bold yellow")


def limited_as_text(why: str, width: int) -> Text:
    """The limit that ended some of the searches, where the question went on, and what to do."""
    return wrapped(f"Some searches were stopped by {why}{_what_to_do(why)}.", width, 0, "bold yellow")


def stopped_as_json(why: str, left: Sequence[str]) -> dict[str, Any]:
    """The same as the last keys of a record; a record without them was not ended."""
    return {"stopped": why, "left": list(left)}


def _what_to_do(why: str) -> str:
    return "" if why in NO_LIMITS else "; raise it"
