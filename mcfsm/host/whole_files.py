"""Files that are there whole or not at all: written beside their place, and moved to it when all of it is written."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_DURABLE_AT_ONCE = 1 << 23  # bytes


@contextmanager
def put_in_place(path: Path, *, begun: str = ".", durable: bool = False) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of another once it is closed; if that fails, nothing is left of it.

    Until then its name starts as `begun` says. `durable`: it is on the disk before it takes its place. Raises OSError.
    """
    number, beside = tempfile.mkstemp(prefix=begun, dir=path.parent)
    try:
        with _Durable(io.FileIO(number, "wb")) if durable else os.fdopen(number, "wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(number)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


class _Durable(io.BufferedWriter):
    """A file that is brought to the disk while it is written, and does not stay in memory, as nobody reads it soon.

    So it takes no memory from who writes it, which in a control group counts the pages of its files as well; and each
    part takes the pages of the one before it: new ones cost more than all else where a machine is a guest.
    """

    written = 0

    def write(self, content: ReadableBuffer) -> int:
        """Write some bytes; now and then all are brought to the disk. Raises OSError."""
        count = super().write(content)
        self.written += count
        if self.written >= _DURABLE_AT_ONCE:
            self.written = 0
            self.flush()
            os.fsync(self.fileno())
            if hasattr(os, "posix_fadvise"):  # elsewhere it stays in memory
                os.posix_fadvise(self.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return count


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, a text in UTF-8; whatever goes wrong, the file is as it was. Raises OSError.

    What is no plain file - a device, a pipe - is written to as it is.
    """
    written = content if isinstance(content, bytes) else content.encode("utf-8")
    if path.exists() and not path.is_file():
        path.write_bytes(written)
    else:
        write_together({path: written})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files: where there is no room for one of them, all are as they were. Raises OSError."""
    beside: dict[str, Path] = {}
    try:
        for path, content in contents.items():
            place = path.resolve()  # where a link leads
            number, name = tempfile.mkstemp(prefix=f".{place.name[:100]}.", dir=place.parent)
            beside[name] = place
            with os.fdopen(number, "wb") as file:
                file.write(content)
            Path(name).chmod(place.stat().st_mode & 0o7777 if place.exists() else 0o666 & ~_umask())
        for name, place in list(beside.items()):
            Path(name).replace(place)
            del beside[name]
    except BaseException:
        for name in beside:
            with suppress(OSError):
                Path(name).unlink()
        raise


def try_to_write(path: Path) -> None:
    """Raise OSError where a file could not be written now: its folder is not there, or is not ours to write to."""
    if path.is_dir():
        raise IsADirectoryError(21, "Is a directory", str(path))
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(13, "Permission denied", str(path))
    if path.is_file() or not path.exists():
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            pass


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
