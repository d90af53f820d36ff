"""The code that answers a question: every source file of this package, and the versions of what runs it.

What may live here: what that is, and one digest of it. It is asked for before anything else is imported.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARIES = ("transitions", "numpy", "numba", "llvmlite")  # that a step or a search goes through


@cache
def code_digest() -> str:
    """The SHA-256 of every source file of this package and of the versions of what runs it, as hexadecimal.

    Raises OSError where the package is in no folder.
    """
    return hashlib.sha256(repr(sorted(code_parts().items())).encode()).hexdigest()


def code_parts() -> dict[str, str]:
    """What the digest is of: Python and each library with its version, this package with a digest of its files."""
    files = sorted(ROOT.rglob("*.py"))
    if not files:
        raise FileNotFoundError(2, "No source files", str(ROOT))
    found = hashlib.sha256()
    for file in files:
        place = file.relative_to(ROOT).as_posix()
        found.update(f"{place} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    libraries = {package: _version(package) for package in LIBRARIES}
    return {platform.python_implementation(): platform.python_version(), **libraries, "mcfsm": found.hexdigest()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
