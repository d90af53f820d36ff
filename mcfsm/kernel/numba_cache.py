"""numba's own cache, so that what lies in it can be believed, and need not be there.

What may live here: how numba's cache reads and writes its files. numba takes pickles and code as they lie there, and
ends a run where they are cut off, spoiled, or cannot be written. Here they have a digest before them; what is spoiled
is made again, and what cannot be kept is not.
"""

from __future__ import annotations

import hashlib
import pickle
from contextlib import suppress
from pathlib import Path
from typing import Any

_DIGEST = hashlib.sha256().digest_size


class CheckedCache:
    """The cache of one function: numba's, but that nothing which goes wrong with it ends a run."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache
        file = cache._cache_file
        file._load_data = lambda name: _load(Path(file._data_path(name)))
        file._save_data = lambda name, data: _save(file, name, data)

    def load_overload(self, signature: Any, context: Any) -> Any:
        """The code for a signature; None where there is none, or none that can be believed."""
        try:
            return self._cache.load_overload(signature, context)
        except Exception:  # whatever a pickle of somebody's raises
            with suppress(Exception):
                self._cache.flush()
            return None

    def save_overload(self, signature: Any, data: Any) -> None:
        """Keep the code for a signature, where there is room."""
        try:
            self._cache.save_overload(signature, data)
        except Exception:
            with suppress(Exception):
                self._cache.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)


def _load(path: Path) -> Any:
    """What a file holds. Raises ValueError where it is not as it was written."""
    content = path.read_bytes()
    if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
        raise ValueError(f"{path} is spoiled")
    return pickle.loads(content[_DIGEST:])


def _save(file: Any, name: str, data: Any) -> None:
    content = file._dump(data)
    with file._open_for_write(file._data_path(name)) as opened:
        opened.write(hashlib.sha256(content).digest() + content)
