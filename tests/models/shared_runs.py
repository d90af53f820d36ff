"""What `check` finds out about a model, once in a session of tests: kept in memory, and on disk for the other workers.

A question is named by the bytes of the model's files, by what is asked of them and by every file of the package, so
that nothing is answered with what another text, question or program gave. The answers lie in the folder that pytest
made for this session, where nobody else writes: only what this session wrote is ever unpickled.

A model's files are read once for each set of changes, and a role is then resolved once for all scenarios that give it
the same constants.

A test that plants something into the package, or patches it, must not ask here: its answer would be everybody's.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import pickle
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import mcfsm
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read
from mcfsm.language.selection import Questions, Selection
from mcfsm.questions.check import Checked, check
from mcfsm.verdicts.run import ENGINES, Effort, run

PACKAGE = Path(mcfsm.__file__).parent
folder: Path | None = None  # of this session's answers, set by conftest; without it they are kept in memory alone
_known: dict[str, Checked] = {}


def checked(path: Path, **asked: Any) -> Checked:
    """What `check` finds of a model, asked once in a session; `asked` is in plain data, as for `first_flows`.

    With `normative` it is what `check` itself answers.
    """
    name = question(path, asked)
    if name not in _known:
        _known[name] = _answer(path, asked) if folder is None else _shared(folder / name, path, asked)
    return _known[name]


def question(path: Path, asked: dict[str, Any]) -> str:
    """The digest that names a question. Raises TypeError where it is not asked in plain data."""
    parts = [_of_package(), digest_of(files_of(path)), str(path), json.dumps(asked, sort_keys=True)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def digest_of(files: Iterable[Path]) -> str:
    """One digest of the names and bytes of some files, in their order."""
    digest = hashlib.sha256()
    for file in files:
        if file.is_file():
            digest.update(f"{file}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


@cache
def _of_package() -> str:
    return digest_of(sorted(PACKAGE.rglob("*.py")))


def _answer(path: Path, asked: dict[str, Any]) -> Checked:
    if "normative" in asked:
        return check(path, **asked)
    return first_flows(path, **asked)


def first_flows(path: Path, *, engine: str = ENGINES[0], normative_flows: bool = False, **selected: Any) -> Checked:
    """What `check` finds of a selection; only with `normative_flows` those flows too, which take a second search."""
    selection = Selection(**selected)
    changes = None if selection.changes is None else tuple(selection.changes)
    asked = Questions(_document(path, digest_of(files_of(path)), changes), selection)
    runs = (run(*one, Effort(engine), normative_flows=normative_flows) for one in asked)
    return Checked(str(path), tuple(runs), (), selection=selection)


def files_of(path: Path) -> list[Path]:
    """The files of a model, in their order."""
    return sorted(path.rglob("*")) if path.is_dir() else [path]


@lru_cache(16)
def _document(path: Path, _: str, changes: tuple[str, ...] | None) -> Document:
    return read(path, changes)


def _shared(kept: Path, path: Path, asked: dict[str, Any]) -> Checked:
    """An answer from disk; who asks first finds it out and writes it, and who asks meanwhile waits."""
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go of when it is closed, also where this process is killed
        if kept.exists():
            found: Checked = pickle.loads(kept.read_bytes())
            return found
        answer = _answer(path, asked)
        part = kept.with_suffix(".part")
        part.write_bytes(pickle.dumps(answer))
        part.replace(kept)
        return answer
