"""Texts of a model on their way into a picture that is text itself: in lines of so many characters."""

from __future__ import annotations

import re
import textwrap

WRAP = 44  # characters in a line of a label


def wrapped(text: str, width: int = WRAP) -> list[str]:
    """The lines of a text, none longer than `width`: broken at blanks, and inside a word only where it is longer.

    The sign of a message received or sent stays with the message.
    """
    joined = re.sub(r"^([?!]) ", "\\1\0", " ".join(text.split()))
    lines = textwrap.wrap(joined, width, break_on_hyphens=False) or [""]
    return [line.replace("\0", " ") for line in lines]
