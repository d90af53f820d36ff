"""Programs of others that some pictures need."""

from __future__ import annotations


class ProgramMissing(Exception):
    """A program is not installed; the message says what to install."""
