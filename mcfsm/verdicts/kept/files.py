"""Files by name, each with its digest: there whole or not at all; of many, those that were not used for longest go.

What may live here: where content lies on disk, and how. Several processes may read and write at once: a file is never
changed, but put in the place of another of the same name, which says the same. Nothing that goes wrong here is an error
of a check.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from mcfsm.host.code import code_digest
from mcfsm.host.whole_files import put_in_place
from mcfsm.kernel.folder import own_folder

FOLDER = "verdicts"  # of the cache of a user
MOST_BYTES = 256 * 2**20  # of all files
MOST_OF_ONE = 16 * 2**20
_LEFT_OVER = 3600.0  # seconds after which what a process began to write will not be finished
_DIGEST = 64  # characters before the first line's end


class Files:
    """The files of one folder, of `most` bytes altogether."""

    def __init__(self, folder: Path, most: int = MOST_BYTES) -> None:
        self.folder, self.most = folder, most
        self.failed: str | None = None  # why something could not be written
        self._room = 0  # bytes that may be written before it is looked at how many there are

    @classmethod
    def of_user(cls) -> Files | None:
        """What is kept for a user; None where there is no place for it that is the user's alone, or no code to tell."""
        folder = own_folder(FOLDER)
        try:
            code_digest()
        except OSError:  # the package lies in an archive
            return None
        return None if folder is None else cls(folder)

    def read(self, name: str) -> bytes | None:
        """The content of a file, which counts as used now; None where there is none, or not as it was written."""
        try:
            number = os.open(self.folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(number, "rb") as file:
                known = os.fstat(number)
                if not stat.S_ISREG(known.st_mode) or known.st_size > MOST_OF_ONE or known.st_uid != os.getuid():
                    return None
                written = file.read(MOST_OF_ONE + 1)
        except OSError:
            return None
        digest, end, content = written[:_DIGEST], written[_DIGEST : _DIGEST + 1], written[_DIGEST + 1 :]
        if end != b"\n" or digest != _digest(name, content):
            return None
        with suppress(OSError):
            os.utime(self.folder / name)
        return content

    def write(self, name: str, content: bytes) -> None:
        """Put a file there, all of it or nothing; what is too large is not written."""
        written = _digest(name, content) + b"\n" + content
        if len(written) > MOST_OF_ONE:
            return
        try:
            self._make_room(len(written))
            with put_in_place(self.folder / name) as file:
                file.write(written)
        except OSError as error:
            self.failed = error.strerror or type(error).__name__

    def _make_room(self, size: int) -> None:
        """Forget what was not used for longest, where there would be too much, and what nobody finished writing."""
        self._room -= size
        if self._room >= 0:
            return
        found: list[tuple[float, int, Path]] = []
        for one in os.scandir(self.folder):
            with suppress(OSError):  # another process removed it
                known = one.stat(follow_symlinks=False)
                if not one.name.startswith("."):
                    found.append((known.st_mtime, known.st_size, Path(one.path)))
                elif time.time() - known.st_mtime > _LEFT_OVER:
                    os.unlink(one.path)
        total = sum(each for _, each, _ in found) + size
        least = self.most if total <= self.most else self.most * 3 // 4  # so that this is not done for every file
        for _, each, path in sorted(found):
            if total <= least:
                break
            with suppress(OSError):
                path.unlink()
            total -= each
        self._room = max(0, min(self.most - total, self.most // 8))


def _digest(name: str, content: bytes) -> bytes:
    """The SHA-256 of a file's content under its name: under another name it is not what was written there."""
    return hashlib.sha256(name.encode() + b"\n" + content).hexdigest().encode()
