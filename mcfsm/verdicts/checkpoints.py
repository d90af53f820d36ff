"""The checkpoints of a check: the levels of the search that goes on, and what was found of questions that are done.

What may live here: which search is whose. What may not: what is written of one (`explore.checkpoint`).
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from mcfsm.explore.checkpoint import LEAST_SECONDS, Checkpoint
from mcfsm.host.code import code_digest
from mcfsm.host.file_store import Below, FileStore
from mcfsm.verdicts.kept.keeping import KnownFindings
from mcfsm.verdicts.kept.question import Question

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1
_ABOUT = "checkpoint.json"
_MOST_SAID = 1 << 16
_MOST_FOUND = 1 << 28  # bytes of what was found of a question


class CheckpointRefused(Exception):
    """Where a check was to write its checkpoints, or to go on from them, it cannot; the message says why."""


class Checkpoints:
    """Where a check writes what it comes to, and goes on from where another one was that asked the same."""

    def __init__(
        self, files: FileStore, *, resumed: bool, where: str = "", least_seconds: float = LEAST_SECONDS
    ) -> None:
        """`where` is what the folder is called by who asks.

        Raises CheckpointRefused where something is there and nothing is to be resumed, or the other way round.

        Nothing is written before `begin`.
        """
        self.files, self.where, self.least_seconds = files, where, least_seconds
        self.found = KnownFindings(_FoundFiles(Below(files, "found-")))
        self.searches: list[Checkpoint] = []
        about = _about(files)
        if resumed and about is None:
            raise CheckpointRefused("there is no checkpoint of mcfsm: begin one with --checkpoint")
        if not resumed and about is not None:
            raise CheckpointRefused("there is a checkpoint already: --resume goes on with it, or name another folder")
        if about is not None and about.get("code") != code_digest():
            raise CheckpointRefused(
                "its checkpoint is of another version of mcfsm, Python, numpy or numba, which may number states "
                "otherwise: go on with that one, or begin anew with --checkpoint and another folder"
            )
        self._first = None if about is None else about.get("first")
        self._begun = about is not None
        self._unsaid: str | None = None  # why it was not written which question is asked first

    @property
    def resumed(self) -> bool:
        """Whether there was something to go on from."""
        return self._begun

    def begin(self) -> None:
        """Try whether something can be written, and tidy up behind who was killed. Raises OSError where it cannot."""
        self.files.sweep()
        if not self._begun:
            self._say(None)

    def ask(self, question: Question) -> None:
        """Take notice of the next question. Raises CheckpointRefused where it is none that was asked here first.

        That it cannot be written is noted: whoever goes on from there may begin with any.
        """
        if self._first is None:
            try:
                self._say(question.digest())
            except OSError as error:
                self._unsaid = error.strerror or str(error)
        elif self._first != "" and self._first != question.digest():
            raise CheckpointRefused(
                "its checkpoint is of another question: the model, or what is asked of it, has changed since; "
                "begin anew with --checkpoint and another folder"
            )
        self._first = ""  # those that come later have files of their own, or none

    def of(self, question: Question, avoid: Iterable[str], property_ids: Iterable[str], *, full: bool) -> Checkpoint:
        """Where one search that answers a question writes its levels."""
        said = [question.digest(), sorted(avoid), sorted(property_ids), full]
        search = hashlib.sha256(json.dumps(said).encode()).hexdigest()
        found = Checkpoint(Below(self._levels(question), f"{search[:16]}-"), search, self.least_seconds)
        self.searches.append(found)
        return found

    def done(self, question: Question) -> None:
        """Remove the levels of all searches for a question, if what was found is kept; what stays does no harm."""
        if self.found.files.read(question.digest()) is not None:
            levels = self._levels(question)
            with suppress(OSError):
                for name in levels.names():
                    levels.remove(name)

    def _levels(self, question: Question) -> FileStore:
        """The files of all searches that answer a question."""
        return Below(self.files, f"levels-{question.digest()[:16]}-")

    @property
    def failed(self) -> str | None:
        """Why something could not be written, if that is so."""
        unwritten = (one.failed for one in self.searches if one.failed)
        return next(unwritten, self.found.files.failed or self._unsaid)

    @property
    def damaged(self) -> list[str]:
        """The files that could not be read, each with the reason."""
        return [one.damaged for one in self.searches if one.damaged]

    def _say(self, first: str | None) -> None:
        said = json.dumps({"mcfsm checkpoint": FORMAT, "code": code_digest(), "first": first}).encode()
        self.files.write(_ABOUT, lambda file: file.write(said))


def _about(files: FileStore) -> dict[str, object] | None:
    """What a checkpoint says of itself; None where there is none. Raises CheckpointRefused for what is none of ours."""
    names = files.names()
    if _ABOUT not in names:
        if names:
            raise CheckpointRefused("it holds other files: name a folder that is empty, or not there")
        return None
    try:
        with files.open(_ABOUT) as file:
            said = json.loads(file.read(_MOST_SAID))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get("mcfsm checkpoint") != FORMAT:
        raise CheckpointRefused(f"{_ABOUT} in it is none that this mcfsm wrote")
    return said


class _FoundFiles:
    """What was found of questions that are done, each in a file that has its digest."""

    def __init__(self, files: FileStore) -> None:
        self.files, self.failed = files, None

    failed: str | None

    def read(self, name: str) -> bytes | None:
        """What was written under a name; None where nothing was, or it was changed."""
        try:
            with self.files.open(name) as file:
                written = file.read(_MOST_FOUND)
        except OSError:
            return None
        digest, _, content = written.partition(b"\n")
        return content if digest == _digest(name, content) else None

    def write(self, name: str, content: bytes) -> None:
        """Put a file there; why it could not be is noted."""
        try:
            self.files.write(name, lambda file: file.write(_digest(name, content) + b"\n" + content))
        except OSError as error:
            self.failed = error.strerror or str(error)


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + content).hexdigest().encode()
