"""A model as of a git revision: its directory, copied out of the repository that it is in."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mcfsm.problems import ModelError, Problem, shorten


@contextmanager
def checked_out(path: Path, revision: str) -> Iterator[Path]:
    """The model as it was, for as long as the context lasts. Raises ModelError where git does not have it (M109)."""
    folder = path if path.is_dir() else path.parent
    if revision.startswith("-"):
        raise ModelError([Problem("M109", None, f"{shorten(revision)} is no revision")])
    archive = _git(folder, "archive", "--format=tar", revision, "--", ".")
    with tempfile.TemporaryDirectory() as copy:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(copy, filter="data")
        yield Path(copy) if path.is_dir() else Path(copy) / path.name


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True)
    except FileNotFoundError:
        raise ModelError([Problem("M109", None, "git is not there to say what the model was")]) from None
    except subprocess.CalledProcessError as error:
        said = shorten(error.stderr.decode(errors="replace"), 200)
        raise ModelError([Problem("M109", None, f"git does not have the model: {said}")]) from None
    return done.stdout
