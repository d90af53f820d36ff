"""Copies of tests/samples/private_call with one mistake planted: models/mc_migration as it was when it was small.

It is a model for tests of reports, which does not grow with the text.
"""

from __future__ import annotations

import shutil
from pathlib import Path

MODEL = Path(__file__).parents[1] / "samples" / "private_call"
NOBODY_CRASHES = "    crash: {server: 0} "


def planted(folder: Path, *changes: tuple[str, str, str]) -> str:
    """The path of a copy; each change is a file, an old text that stands there once, and a new one."""
    copy = folder / "mc_migration"
    shutil.copytree(MODEL, copy)
    for name, old, new in changes:
        file = copy / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has {text.count(old)} times: {old}"
        file.write_text(text.replace(old, new), encoding="utf-8")
    return str(copy)
