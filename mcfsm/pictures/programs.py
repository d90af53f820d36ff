"""Programs of others that some pictures need."""

from __future__ import annotations


class ProgramMissing(Exception):
    """A program is not installed; the message says what to install."""


MOST_SECONDS = 60  # that another program may take for one picture


class ProgramSlow(ProgramMissing):
    """A program came to no end in time."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} came to no end in {MOST_SECONDS} s: the picture is too large for it")
