"""What pytest is told of a model whose files are as they were: never of other files, never what is spoiled."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mcfsm.verdicts.kept import outline as outlines
from mcfsm.verdicts.kept.files import Files
from mcfsm.verdicts.kept.outline import Outline, Outlines, Passed, digests

ASKED = {"s": ("p", "check.deadlock"), "t": ("p",)}
PLACES = {"p": ("model.yaml", 3)}
PASSED = {"p": Passed("VIOLATED", "VIOLATED", 7), "check.deadlock": Passed("PROVED", "PROVED", 7)}


@pytest.fixture
def known(tmp_path: Path) -> Outlines:
    (tmp_path / "kept").mkdir()
    for name in ("model.yaml", "part.yaml"):
        (tmp_path / name).write_text(f"name: {name}\n")
    return Outlines(Files(tmp_path / "kept"))


def keep(known: Outlines, folder: Path) -> Outline:
    """Keep the outline of a model of two files, and that the tests of one scenario passed."""
    files = digests([folder / "model.yaml", folder / "part.yaml"])
    found = known.keep("model.yaml", folder / "model.yaml", files, ASKED, PLACES)
    assert found is not None
    known.keep_passed(found, "s", "how", PASSED)
    return found


def asked(known: Outlines, folder: Path) -> Outline | None:
    return known.known("model.yaml", folder / "model.yaml")


def test_what_is_kept_is_known(known: Outlines, tmp_path: Path) -> None:
    found = keep(known, tmp_path)
    assert found.scenarios == ASKED
    assert asked(known, tmp_path) == found
    assert known.passed(found, "s", "how") == PASSED
    assert known.passed(found, "t", "how") is None
    assert known.passed(found, "s", "another way") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "part.yaml").write_text("name: another\n"),
        lambda folder: (folder / "model.yaml").unlink(),
        lambda folder: ((folder / "part.yaml").rename(folder / "x"), (folder / "part.yaml").symlink_to("x")),
    ],
)
def test_a_file_that_changed_is_noticed(change: Callable[[Path], Any], known: Outlines, tmp_path: Path) -> None:
    keep(known, tmp_path)
    change(tmp_path)
    assert asked(known, tmp_path) is None


def test_other_code_another_name_and_another_model_know_nothing_of_it(
    known: Outlines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = keep(known, tmp_path)
    assert known.known("elsewhere/model.yaml", tmp_path / "model.yaml") is None
    assert known.known("model.yaml", tmp_path / "part.yaml") is None
    monkeypatch.setattr(outlines, "code_digest", lambda: "of another version")
    assert asked(known, tmp_path) is None
    assert known.passed(found, "s", "how") is None


def test_what_changed_while_it_was_read_is_not_kept(known: Outlines, tmp_path: Path) -> None:
    files = digests([tmp_path / "model.yaml"])
    (tmp_path / "model.yaml").write_text("name: another\n")
    assert known.keep("model.yaml", tmp_path / "model.yaml", files, ASKED, PLACES) is None
    assert known.keep("model.yaml", tmp_path / "gone.yaml", digests([tmp_path / "gone.yaml"]), ASKED, PLACES) is None
    assert os.listdir(tmp_path / "kept") == []


OUTLINES: dict[str, Any] = {
    "nothing": None,
    "no files": {"files": {}, "scenarios": {}, "places": {}},
    "another key": {"files": {}, "scenarios": {}, "places": {}, "more": 1},
    "a scenario that is no list": {"scenarios": {"s": "p"}},
    "a name that cannot be seen": {"scenarios": {"s\x1b[31m": ["p"]}},
    "a property that is no name": {"scenarios": {"s": [1]}},
    "a place that is none": {"places": {"p": ["model.yaml"]}},
    "a line that is none": {"places": {"p": ["model.yaml", True]}},
}
VERDICTS: dict[str, Any] = {
    "nothing": None,
    "a list": [],
    "a test too few": {"p": ["PROVED", "PROVED", 7]},
    "another test": {"p": ["PROVED", "PROVED", 7], "check.overflow": ["PROVED", "PROVED", 7]},
    "what did not pass": {"p": ["VIOLATED", "PROVED", 7], "check.deadlock": ["PROVED", "PROVED", 7]},
    "what is incomplete": {"p": ["INCOMPLETE", "INCOMPLETE", 7], "check.deadlock": ["PROVED", "PROVED", 7]},
    "what is nothing": {"p": ["FINE", "FINE", 7], "check.deadlock": ["PROVED", "PROVED", 7]},
    "less than no states": {"p": ["PROVED", "PROVED", -7], "check.deadlock": ["PROVED", "PROVED", 7]},
    "no states": {"p": ["PROVED", "PROVED"], "check.deadlock": ["PROVED", "PROVED", 7]},
}


def spoil(folder: Path, has: str, change: Callable[[Any], Any]) -> None:
    """Change the file that has a word, and give it the digest that it then has."""
    (file,) = (file for file in folder.iterdir() if has in file.read_text())
    content = json.dumps(change(json.loads(file.read_bytes()[65:]))).encode()
    digest = hashlib.sha256(file.name.encode() + b"\n" + content).hexdigest().encode()
    file.write_bytes(digest + b"\n" + content)


@pytest.mark.parametrize("name", OUTLINES)
def test_an_outline_is_read_as_hostile(name: str, known: Outlines, tmp_path: Path) -> None:
    keep(known, tmp_path)
    hostile = OUTLINES[name]
    spoil(tmp_path / "kept", "places", lambda data: {**data, **hostile} if isinstance(hostile, dict) else hostile)
    assert asked(known, tmp_path) is None


@pytest.mark.parametrize("name", VERDICTS)
def test_what_passed_is_read_as_hostile(name: str, known: Outlines, tmp_path: Path) -> None:
    found = keep(known, tmp_path)
    spoil(tmp_path / "kept", "VIOLATED", lambda _: VERDICTS[name])
    assert known.passed(found, "s", "how") is None


def test_where_nothing_is_expected_a_proof_passes(known: Outlines, tmp_path: Path) -> None:
    found = keep(known, tmp_path)
    known.keep_passed(found, "t", "how", {"p": Passed("PROVED", "None", 7)})
    assert known.passed(found, "t", "how") == {"p": Passed("PROVED", "None", 7)}
    known.keep_passed(found, "t", "how", {"p": Passed("VIOLATED", "None", 7)})
    assert known.passed(found, "t", "how") is None
