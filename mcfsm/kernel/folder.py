"""The folders in which mcfsm keeps for the next process what took it long: compiled code, and what was decided.

What may live here: where they are, and whether what lies there can be believed. Nothing that takes long to import.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


def cache_home() -> Path:
    """Where a user's caches are. Raises RuntimeError where nobody says."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
    return home / "mcfsm"


def own_folder(name: str) -> Path | None:
    """A folder of that name in the cache, made where it is not there.

    None where there is and can be none, and where somebody else could write to it: what lies there is believed.
    """
    try:
        folder = cache_home() / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = folder.stat()
    except (OSError, RuntimeError):
        return None
    return None if known.st_uid != os.getuid() or known.st_mode & stat.S_IWOTH else folder
