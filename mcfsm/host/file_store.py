"""Files by name, in a folder of this machine or, through fsspec, wherever it reaches: in a bucket, on another machine.

What may live here: where files lie, and that one is there whole or not at all. What may not: what stands in them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol

from mcfsm.host.whole_files import put_in_place

Write = Callable[[BinaryIO], object]
_BEGUN = ".begun-"  # in front of the name of a file that is being written


class FileStore(Protocol):
    """Files by name. What goes wrong is an OSError, whatever lies behind."""

    def names(self) -> list[str]:
        """The names of all files that are there whole, sorted."""

    def open(self, name: str) -> BinaryIO:
        """A file to read. Raises FileNotFoundError where there is none."""

    def write(self, name: str, content: Write) -> None:
        """Put a file there, or in the place of another; `content` writes it. It is there whole or not at all."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def sweep(self) -> None:
        """Remove what a process that is no more only began to write."""


class LocalFiles:
    """The files of a folder, which is made when something is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Those that were not only begun; none where there is no folder."""
        try:
            return sorted(name for name in os.listdir(self.folder) if not name.startswith(_BEGUN))
        except FileNotFoundError:
            return []

    def open(self, name: str) -> BinaryIO:
        """The file of a name."""
        return (self.folder / name).open("rb")

    def write(self, name: str, content: Write) -> None:
        """Written beside its place, brought to the disk, and moved there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with put_in_place(self.folder / name, begun=_BEGUN, durable=True) as file:
            content(file)

    def remove(self, name: str) -> None:
        """Remove a file."""
        with suppress(FileNotFoundError):
            (self.folder / name).unlink()

    def sweep(self) -> None:
        """Remove what was begun beside its place."""
        with suppress(OSError):
            for begun in self.folder.glob(f"{_BEGUN}*"):
                begun.unlink()


class RemoteFiles:
    """The files below a URL that fsspec knows. A bucket has a file once all of it was sent."""

    def __init__(self, url: str) -> None:
        """Raises ImportError where fsspec is not installed, or not what it needs for the URL; ValueError for others."""
        self._system, self._root = import_module("fsspec.core").url_to_fs(url)

    def names(self) -> list[str]:
        """Those below the URL, and of nothing deeper."""
        with _as_oserror():
            with suppress(FileNotFoundError):
                found = self._system.ls(self._root, detail=False, refresh=True)
                return sorted(str(one).rstrip("/").rsplit("/", 1)[-1] for one in found)
            return []

    def open(self, name: str) -> BinaryIO:
        """A copy of the file of a name, brought here at once: who reads it goes to and fro."""
        with _as_oserror(), self._system.open(f"{self._root}/{name}", "rb") as file:
            copy: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - who asked for it closes it
            try:
                shutil.copyfileobj(file, copy, 1 << 20)
            except BaseException:
                copy.close()
                raise
        copy.seek(0)
        return copy

    def write(self, name: str, content: Write) -> None:
        """Sent as it is written."""
        with _as_oserror():
            self._system.makedirs(self._root, exist_ok=True)
            with self._system.open(f"{self._root}/{name}", "wb") as file:
                content(file)

    def remove(self, name: str) -> None:
        """Remove a file."""
        with _as_oserror(), suppress(FileNotFoundError):
            self._system.rm_file(f"{self._root}/{name}")

    def sweep(self) -> None:
        """Nothing: what was only begun is not there, or cannot be read and is written again."""


@contextmanager
def _as_oserror() -> Iterator[None]:
    """Whatever else a file system of somebody else raises becomes an OSError with its words."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(5, f"{type(error).__name__}: {error}") from error


def file_store(where: str) -> FileStore:
    """The files of a folder, or of a URL such as s3://bucket/name.

    Raises ImportError where what reaches the URL is not installed, and ValueError where nobody knows such URLs.
    """
    return RemoteFiles(where) if "://" in where else LocalFiles(Path(where))


class Below:
    """Those files of a store whose names begin with a prefix, by the rest of their names."""

    def __init__(self, files: FileStore, prefix: str) -> None:
        self.files, self.prefix = files, prefix

    def names(self) -> list[str]:
        """The rest of each name."""
        return [name[len(self.prefix) :] for name in self.files.names() if name.startswith(self.prefix)]

    def open(self, name: str) -> BinaryIO:
        """The file of a name."""
        return self.files.open(self.prefix + name)

    def write(self, name: str, content: Write) -> None:
        """Put a file there."""
        self.files.write(self.prefix + name, content)

    def remove(self, name: str) -> None:
        """Remove a file."""
        self.files.remove(self.prefix + name)

    def sweep(self) -> None:
        """Remove what was only begun, whatever it was to be called."""
        self.files.sweep()
