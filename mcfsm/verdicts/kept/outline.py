"""What pytest is told of a model whose files are as they were: which tests there are, and which of them passed.

Nothing of the model is read for it: who finds every file with the digest that it had, and the same code, has the same
scenarios, and the same verdicts on them. That something passed is believed as it is of any search; what did not is
asked again, and so has its flow replayed.

What may live here: names and statuses. It is read before anything of a model is imported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mcfsm.host.code import code_digest
from mcfsm.verdicts.kept.files import Files

_PASS = ("PROVED", "VIOLATED", "VACUOUS")


class Passed(NamedTuple):
    """Of a test that passed: the status of the verdict, what was expected, and how many states there were."""

    status: str
    expected: str
    states: int

    @property
    def believed(self) -> bool:
        """Whether this is what a test that passed says."""
        return (self.status, self.expected) == ("PROVED", "None") or self.status == self.expected in _PASS


class Outline(NamedTuple):
    """A model as pytest collects it, and the digest of all that it was read from."""

    digest: str
    scenarios: Mapping[str, tuple[str, ...]]  # with the properties and checks that are asked of each
    places: Mapping[str, tuple[str, int]]  # property to its file and line


class Outlines:
    """The outlines of models, and which of their tests passed."""

    def __init__(self, files: Files) -> None:
        self.files = files

    @classmethod
    def of_user(cls) -> Outlines | None:
        """Those of a user; None where nothing can be kept."""
        files = Files.of_user()
        return None if files is None else cls(files)

    def known(self, shown: str, entry: Path) -> Outline | None:
        """The outline of a model that is shown under a name; None where some file of it has changed."""
        data = self._read("outline", shown, str(entry.resolve()))
        match data:
            case {"files": dict(files), "scenarios": dict(scenarios), "places": dict(places)} if len(data) == 3:
                pass
            case _:
                return None
        if not files or any(_digest_of(Path(file)) != digest for file, digest in files.items()):
            return None
        try:
            asked = {_name(name): tuple(map(_name, _list(ids))) for name, ids in scenarios.items()}
            where = {_name(name): (_name(place[0]), _number(place[1])) for name, place in places.items()}
        except (TypeError, ValueError, LookupError):
            return None
        return Outline(_together(files), asked, where)

    def keep(
        self,
        shown: str,
        entry: Path,
        files: Mapping[str, str | None],
        scenarios: Mapping[str, Iterable[str]],
        places: Mapping[str, tuple[str, int]],
    ) -> Outline | None:
        """Keep the outline of a model; `files` are the digests that those it is read from had before they were read.

        None where one of them has changed since, so that nobody knows what was read.
        """
        if not files or None in files.values() or digests(map(Path, files)) != files:
            return None
        asked = {name: tuple(ids) for name, ids in scenarios.items()}
        data = {"files": files, "scenarios": asked, "places": {name: list(place) for name, place in places.items()}}
        self._write(data, "outline", shown, str(entry.resolve()))
        return Outline(_together(files), asked, dict(places))

    def passed(self, outline: Outline, scenario: str, how: str) -> dict[str, Passed] | None:
        """All tests of a scenario, where each of them passed when they were searched as `how` says; else None."""
        data = self._read("passed", outline.digest, scenario, how)
        asked = outline.scenarios[scenario]
        if not isinstance(data, dict) or tuple(data) != asked:
            return None
        try:
            each = {name: Passed(_name(said[0]), _name(said[1]), _number(said[2])) for name, said in data.items()}
        except (TypeError, ValueError, LookupError):
            return None
        return each if all(one.believed for one in each.values()) else None

    def keep_passed(self, outline: Outline, scenario: str, how: str, each: Mapping[str, Passed]) -> None:
        """Keep that all tests of a scenario passed."""
        self._write(
            {name: list(each[name]) for name in outline.scenarios[scenario]}, "passed", outline.digest, scenario, how
        )

    def _read(self, *parts: str) -> Any:
        content = self.files.read(_key(parts))
        try:
            return None if content is None else json.loads(content)
        except (ValueError, RecursionError):
            return None

    def _write(self, data: Any, *parts: str) -> None:
        self.files.write(_key(parts), json.dumps(data).encode())


def _key(parts: Iterable[str]) -> str:
    return hashlib.sha256(repr((code_digest(), *parts)).encode()).hexdigest()


def _together(files: Mapping[str, Any]) -> str:
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()


def digests(files: Iterable[Path]) -> dict[str, str | None]:
    """File to the digest of its content; None where it cannot be read."""
    return {str(file): _digest_of(file) for file in sorted(files)}


def _digest_of(file: Path) -> str | None:
    """The SHA-256 of a file and of where it leads; None where it cannot be read."""
    try:
        return hashlib.sha256(f"{file.resolve()}\n".encode() + file.read_bytes()).hexdigest()
    except OSError:
        return None


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise TypeError
    return data


def _name(data: Any) -> str:
    if not isinstance(data, str) or not data.isprintable():
        raise TypeError
    return data


def _number(data: Any) -> int:
    if type(data) is not int or data < 0:
        raise TypeError
    return data
