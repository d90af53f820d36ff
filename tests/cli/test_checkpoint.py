"""`mcfsm check --checkpoint` and `--resume`: what is lost where a check ends early, and what is refused."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest

from mcfsm.commands.cli import run
from mcfsm.commands.progress import ProgressLine
from mcfsm.host import file_store
from mcfsm.verdicts.checkpoints import Checkpoints

ROOT = Path(__file__).parents[2]
MODEL = str(ROOT / "models" / "textbook" / "token_ring.yaml")
CORE = str(ROOT / "benchmarks" / "models" / "migration_core.yaml")
SCENARIOS = "--scenario", "ring", "--scenario", "two_tokens"
KILLS = 50

# ends itself, as kill -9 ends it, when a file has been written so many times but is not in its place yet
KILLED = """
import os, signal, sys
from mcfsm.host import file_store
from mcfsm.verdicts import checkpoints
from mcfsm.commands.cli import run
left = int(sys.argv.pop(1))
checkpoints.Checkpoints.__init__.__kwdefaults__["least_seconds"] = 0.0
put = os.replace
def replace(old, new):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    put(old, new)
file_store.os.replace = replace
sys.exit(run(sys.argv[1:]))
"""


def checked(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of a check, less its times."""
    folder = Path(os.environ["CHECKED"])
    status = run(["check", *arguments, "--json", str(folder / "said.json")])
    said = json.loads((folder / "said.json").read_text()) if status in (0, 1) else {}
    said.pop("timing", None)
    return status, said


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKED", str(tmp_path))
    return tmp_path / "checkpoint"


@pytest.fixture(autouse=True)
def every_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever a file is written, the next is begun at the end of the level."""
    monkeypatch.setitem(Checkpoints.__init__.__kwdefaults__, "least_seconds", 0.0)


def stopped(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Begin a check that a limit stops after some levels."""
    run(["check", MODEL, *SCENARIOS, "--checkpoint", str(folder), "--max-depth", "9"])
    capsys.readouterr()


def levels(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.npz"))


def first_of_the_longest(folder: Path) -> Path:
    """The first file of the search that wrote most."""
    searches = Counter(path.name.rpartition("-")[0] for path in levels(folder))
    ((search, _),) = searches.most_common(1)
    return folder / f"{search}-000000.npz"


@pytest.mark.long
def test_what_a_limit_stopped_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stopped(folder, capsys)
    assert len(levels(folder)) > 3
    assert checked(MODEL, *SCENARIOS, "--resume", str(folder), "--workers", "1") == checked(MODEL, *SCENARIOS)


def test_what_is_done_leaves_no_levels_and_is_not_searched_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = checked(MODEL, *SCENARIOS, "--checkpoint", str(folder))
    assert [name.partition("-")[0] for name in sorted(os.listdir(folder))] == ["checkpoint.json", "found", "found"]
    monkeypatch.setattr("mcfsm.explore.exhaustive.explore", None)
    monkeypatch.setattr("mcfsm.explore.liveness.exhaustive_graph.explored", None)
    assert checked(MODEL, *SCENARIOS, "--resume", str(folder)) == first


@pytest.mark.process
@pytest.mark.parametrize("writes", [1, 3, 6, 9])
def test_killed_in_the_midst_of_a_file(writes: int, folder: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(writes), "check", MODEL, *SCENARIOS, "--checkpoint", str(folder)]
    assert subprocess.run(command, capture_output=True, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    went_on = "--resume" if (folder / "checkpoint.json").exists() else "--checkpoint"
    assert list(folder.glob(".begun-*"))
    assert checked(MODEL, *SCENARIOS, went_on, str(folder)) == checked(MODEL, *SCENARIOS)
    assert not list(folder.glob(".begun-*"))


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Fifty times, each gone on with until it is killed again, or done."""
    question = [CORE, "--scenario", "core", "--set", "users=3", "--set", "moves=4", "--set", "calls=2", "--all"]
    rnd, kills, number = random.Random(19), 0, 0
    undisturbed = checked(*question)
    while kills < KILLS:
        where, number = tmp_path / f"run{number}", number + 1
        for _ in range(4):
            went_on = "--resume" if (where / "checkpoint.json").exists() else "--checkpoint"
            command = [sys.executable, "-m", "mcfsm", "check", *question, went_on, str(where), "--json", "-"]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
            try:
                process.wait(rnd.uniform(0.2, 5.0))
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
        went_on = "--resume" if (where / "checkpoint.json").exists() else "--checkpoint"
        assert checked(*question, went_on, str(where), "--workers", str(1 + number % 3)) == undisturbed


@pytest.mark.long
def test_a_file_that_is_damaged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stopped(folder, capsys)
    one = first_of_the_longest(folder)
    content = bytearray(one.read_bytes())
    content[len(content) // 2] ^= 64
    one.write_bytes(content)
    assert checked(MODEL, *SCENARIOS, "--resume", str(folder)) == checked(MODEL, *SCENARIOS)
    assert "a file of the checkpoint is damaged, and what came after it was searched again" in capsys.readouterr().err


@pytest.mark.long
def test_a_file_that_is_missing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stopped(folder, capsys)
    first_of_the_longest(folder).unlink()
    assert checked(MODEL, *SCENARIOS, "--resume", str(folder)) == checked(MODEL, *SCENARIOS)
    assert "000000.npz is not there" in capsys.readouterr().err


def test_a_limit_says_how_to_go_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", MODEL, *SCENARIOS, "--checkpoint", str(folder), "--max-depth", "3"])
    assert f"the same with --resume {folder} goes on" in capsys.readouterr().err


def test_a_disk_that_fails(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stopped(folder, capsys)

    opened = file_store.LocalFiles.open

    def fails(files: file_store.LocalFiles, name: str) -> Any:
        if name.endswith(".npz"):
            raise OSError(5, "Input/output error")
        return opened(files, name)

    monkeypatch.setattr(file_store.LocalFiles, "open", fails)
    assert run(["check", MODEL, *SCENARIOS, "--resume", str(folder)]) == 4
    assert "cannot be read: Input/output error" in " ".join(capsys.readouterr().err.split())


def test_values_that_there_are_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file whose checksums are right and whose states are none never gets near compiled code."""
    stopped(folder, capsys)
    one = first_of_the_longest(folder)
    with np.load(one) as arrays:
        changed = {name: arrays[name] for name in arrays.files}
    changed["rows"] = changed["rows"] | np.uint64(0xFFFFFFFFFFFFFFFF)
    np.savez(one, **changed)
    assert run(["check", MODEL, *SCENARIOS, "--resume", str(folder)]) == 4
    assert (
        "a file of the checkpoint was changed, or cannot be read: it does not fit the model" in capsys.readouterr().err
    )


def test_a_journal_of_other_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stopped(folder, capsys)
    one = first_of_the_longest(folder)
    with np.load(one) as arrays:
        changed = {name: arrays[name] for name in arrays.files}
    changed["journal"] = changed["journal"] + np.uint64(1)
    np.savez(one, **changed)
    assert run(["check", MODEL, *SCENARIOS, "--resume", str(folder)]) == 4
    assert "begin anew with --checkpoint" in capsys.readouterr().err


@pytest.mark.long
def test_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The search goes on, and it is said that nothing could be gone on with."""
    written = file_store.LocalFiles.write

    def full(files: file_store.LocalFiles, name: str, content: file_store.Write) -> None:
        if name != "checkpoint.json":
            raise OSError(28, "No space left on device")
        written(files, name, content)

    monkeypatch.setattr(file_store.LocalFiles, "write", full)
    assert checked(MODEL, *SCENARIOS, "--checkpoint", str(folder)) == checked(MODEL, *SCENARIOS)
    assert "the checkpoint could not be written: No space left on device" in capsys.readouterr().err


@pytest.mark.long
def test_a_bucket(capsys: pytest.CaptureFixture[str]) -> None:
    where = f"memory://checkpoints-{os.getpid()}"
    run(["check", MODEL, *SCENARIOS, "--checkpoint", where, "--max-depth", "9"])
    capsys.readouterr()
    files = fsspec.filesystem("memory")
    assert len(files.ls(where)) > 3
    assert checked(MODEL, *SCENARIOS, "--resume", where) == checked(MODEL, *SCENARIOS)
    assert not any(name.endswith(".npz") for name in files.ls(where, detail=False))


def test_what_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refusal(*arguments: str) -> str:
        assert run(["check", *arguments]) == 4
        return capsys.readouterr().err

    where = str(folder)
    assert "there is no checkpoint of mcfsm: begin one with --checkpoint" in refusal(MODEL, "--resume", where)
    stopped(folder, capsys)
    again = refusal(MODEL, *SCENARIOS, "--checkpoint", where)
    assert "there is a checkpoint already: --resume goes on with it" in again
    other = refusal(MODEL, "--scenario", "two_tokens", "--resume", where)
    assert "its checkpoint is of another question: the model, or what is asked of it, has changed since" in other
    assert "give one of them" in refusal(MODEL, *SCENARIOS, "--checkpoint", where + "2", "--resume", where)
    about = folder / "checkpoint.json"
    about.write_text(about.read_text().replace('"code": "', '"code": "0'))
    assert "its checkpoint is of another version of mcfsm" in refusal(MODEL, *SCENARIOS, "--resume", where)
    about.write_text("[" * 100_000)
    assert "checkpoint.json in it is none that this mcfsm wrote" in refusal(MODEL, *SCENARIOS, "--resume", where)
    about.unlink()
    (folder / "mine.txt").write_text("mine")
    assert "it holds other files: name a folder that is empty" in refusal(MODEL, *SCENARIOS, "--checkpoint", where)
    assert (folder / "mine.txt").read_text() == "mine"
    reference = refusal(MODEL, "--engine", "reference", "--checkpoint", where + "2")
    assert "do not go with --engine reference" in reference
    assert "protocol not known" in refusal(MODEL, "--checkpoint", "nowhere://a/b").lower().replace("\n", " ")


def test_while_a_checkpoint_is_read_back_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(ProgressLine, "say", lambda _, text: said.append(text))
    stopped(folder, capsys)
    assert "checkpoint" not in " ".join(said)
    run(["check", MODEL, *SCENARIOS, "--resume", str(folder)])
    assert "reading the model and the checkpoint" in said
