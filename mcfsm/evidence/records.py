"""What a file of evidence holds, line by line: read within bounds, and refused wherever it is not what it should be.

The file is JSON lines, compressed with gzip. The first line says which model it is about; then, for each scenario, come
the subject, what is claimed, the states and the rankings that the claims stand on; the last line has the SHA-256 of
all lines before it. `docs/evidence.md` shows every line; decision 0041 says why it is as it is.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from mcfsm.model import Fairness, Status

FORMAT = 1
MOST_BYTES = 1 << 32  # of all lines, once they are no longer compressed
MOST_IN_LINE = 1 << 20
MOST_STEPS = 100_000  # of one flow
MOST_STATES = 2_000_000  # of one scenario, unless somebody asks for more

By = Literal["states", "flow", "lasso", "ranking"]
Ranks = tuple[int, ...]  # rank, fairness set, rank, fairness set, ...
GIVEN: Mapping[By, set[str]] = {  # what is said of a claim beside its name and status
    "states": set(),
    "flow": {"steps", "words"},
    "lasso": {"fairness", "steps", "words", "start", "loop"},
    "ranking": {"fairness", "sets", "ranked"},
}
T = TypeVar("T", "Origin", "Subject", "Claim")


class NoEvidence(Exception):
    """The file proves nothing of what it claims; the message says where it fails, in a sentence."""


@dataclass(frozen=True)
class Origin:
    """Which model it is about: the path from the evidence to it, and the SHA-256 of every file that it is read from."""

    evidence: int  # the format
    model: str
    sources: Mapping[str, str]
    subjects: int


@dataclass(frozen=True)
class Subject:
    """A scenario with all that was chosen: enough to resolve it again, and the digest of what comes out."""

    scenario: str
    changes: list[str]
    readings: Mapping[str, str]
    options: Mapping[str, str]
    parameters: Mapping[str, str]
    properties: list[str]  # all that the model was resolved with: observers depend on them
    avoided: list[str]  # transitions that were left out
    meaning: str
    claims: int = 0
    states: int = 0  # that are listed: all there are, or none where no claim stands on them
    transitions: int = 0
    values: list[int] | None = None  # how many are listed of each part of a state


@dataclass(frozen=True)
class Claim:
    """A verdict, and what it stands on: all states, a flow, a lasso, or a ranking of the states that wait.

    A flow is the number of each step among those that the definition gives in the state at hand, and its words, which
    are compared too. Of a lasso the cause holds after `start` steps, and the steps after the first `loop` repeat.
    """

    id: str
    status: Status
    by: By
    fairness: Fairness | None = None
    steps: list[int] | None = None
    words: list[str] | None = None
    start: int | None = None
    loop: int | None = None
    sets: list[str] | None = None  # of a ranking: the fairness sets that it names
    ranked: int | None = None  # and how many states have a rank

    @property
    def whole(self) -> bool:
        """Whether it says what it has to, and nothing that would mean nothing."""
        return GIVEN[self.by] == {field.name for field in fields(self)[3:] if getattr(self, field.name) is not None}


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a compressed file, within bounds. Raises NoEvidence where it is damaged, and OSError."""
    total = 0
    with path.open("rb") as plain, gzip.open(plain) as file:
        for number in count(1):
            try:
                raw = file.readline(MOST_IN_LINE + 1)
            except (gzip.BadGzipFile, EOFError, zlib.error):
                raise NoEvidence(f"line {number} cannot be read: the file is damaged, or no evidence") from None
            if not raw:
                return
            total += len(raw)
            if not raw.endswith(b"\n") or total > MOST_BYTES:
                raise NoEvidence(f"line {number} is not whole: the file ends in it, or is too long")
            yield raw


def check_digest(path: Path) -> None:
    """Raise NoEvidence where a file has not the digest of its lines in the last of them."""
    digest, last, before = hashlib.sha256(), b"", 0
    for number, raw in enumerate(lines(path)):
        digest.update(last)
        last, before = raw, number
    if _data(last) != {"lines": before, "sha256": digest.hexdigest()}:
        raise NoEvidence("its last line has not the digest of those before it: it was changed, or is no evidence")


class Reader:
    """A file of evidence, read a line at a time. Every method raises NoEvidence for what should not be there."""

    def __init__(self, path: Path) -> None:
        check_digest(path)
        self.lines, self.number = lines(path), 0

    def line(self) -> Any:
        """The data of the next line."""
        self.number += 1
        found = _data(next(self.lines, b""))
        if found is None:
            raise self.refused("is no JSON")
        return found

    def refused(self, why: str) -> NoEvidence:
        """That the line read last is not what it should be."""
        return NoEvidence(f"line {self.number} {why}")

    def end(self) -> None:
        """Nothing but the digest is to come."""
        self.line()
        if next(self.lines, None) is not None:
            raise self.refused("is not the last, and nothing is said of what follows")

    def record(self, kind: type[T]) -> T:
        """The next line as a record of this module."""
        own = self.line()
        known = {field.name: str(field.type) for field in fields(kind)}
        if not isinstance(own, dict) or own.keys() != known.keys():
            raise self.refused(f"is no {kind.__name__.lower()}")
        for key, annotation in known.items():
            wanted, _, optional = annotation.partition(" | ")
            if not (optional and own[key] is None) and not _fits(own[key], wanted):
                raise self.refused(f"has no {key} that could be one")
        return kind(**own)

    def numbers(self, what: str) -> list[int]:
        """The next line as a list of numbers that are not negative."""
        found = self.line()
        if not _fits(found, "list[int]"):
            raise self.refused(f"is no {what}")
        return list(found)

    def text(self) -> str:
        """The next line as a text."""
        found = self.line()
        if not isinstance(found, str):
            raise self.refused("is no value of a part of a state")
        return found


def _data(raw: bytes) -> Any:
    """What a line says; None where that is nothing. A key twice is an error: two readers could take different ones."""
    try:
        return json.loads(raw, parse_constant=_no_constant, object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def _fits(data: Any, wanted: str) -> bool:
    """Whether data is of the sort that an annotation names."""
    match wanted:
        case "str":
            return isinstance(data, str)
        case "int":
            return type(data) is int and 0 <= data < 1 << 32
        case "list[str]" | "list[int]":
            return isinstance(data, list) and all(_fits(one, wanted[5:-1]) for one in data)
        case "Mapping[str, str]":
            return isinstance(data, dict) and all(_fits(one, "str") for one in data.values())
    return isinstance(data, str) and data in {"Status": get_args(Status), "By": get_args(By)}.get(
        wanted, get_args(Fairness)
    )
