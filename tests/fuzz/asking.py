"""The command line asked in this process: what it printed, how it ended, and what it wrote."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from mcfsm.commands.cli import run

STATUSES = frozenset({0, 1, 2, 3, 4})
DEFECT = "this is a defect of mcfsm"


class Said(NamedTuple):
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def defect(self) -> bool:
        """Whether it ended in a way that no input should bring about."""
        return self.status not in STATUSES or DEFECT in self.err or "Traceback (most" in self.err


def ask(*arguments: str | Path) -> Said:
    """What a command says, and how it ends."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run([str(argument) for argument in arguments])
    return Said(status, out.getvalue(), err.getvalue())


def texts_of(folders: Iterable[Path]) -> list[str]:
    """The texts of all files in some folders."""
    files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.read_text(encoding="utf-8") for path in files]
