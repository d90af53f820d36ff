"""The code that answers a question: every source file of this package, and the versions of what runs it.

What may live here: one digest. It is asked for before anything else is imported.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARIES = ("transitions", "numpy", "numba", "llvmlite")  # that a step or a search goes through


@cache
def code_digest() -> str:
    """The SHA-256 of every source file of this package and of the versions of what runs it, as hexadecimal.

    Raises OSError where the package is in no folder.
    """
    found = hashlib.sha256()
    for part in (platform.python_implementation(), platform.python_version(), *map(_version, LIBRARIES)):
        found.update(f"{part}\n".encode())
    files = sorted(ROOT.rglob("*.py"))
    if not files:
        raise FileNotFoundError(2, "No source files", str(ROOT))
    for file in files:
        place = file.relative_to(ROOT).as_posix()
        found.update(f"{place} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package
