"""`mcfsm check` a second time: what it takes from before, what it says of that, and how to do without."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import mcfsm
from mcfsm.commands.cli import run

TEXT = """
model: two parties
options:
  polite: {text: Whether somebody says goodbye., default: silent, values: {silent: , says: }}
messages: {ping: {}, bye: {}}
roles:
  caller:
    states: [idle, waiting, done]
    initial: idle
    final: [idle, waiting, done]
    transitions:
    - {trigger: call, kind: user, source: idle, dest: waiting, send: [{ping: {to: b}}]}
    - {trigger: leave, under: {polite: says}, kind: user, source: waiting, dest: done, send: [{bye: {to: b}}]}
  called:
    variables: {times: 0..9 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: ping, set: {times: "min(times + 1, 9)"}}
    - {trigger: bye, under: {polite: says}, set: {times: "0"}}
properties:
  once: {text: A call is heard once at most., never: b.times > 1}
  silent: {text: Nobody calls., always: a.state == idle}
scenarios:
  short:
    instances: {a: caller, b: called}
    channels: {default: {kind: fifo, bound: 2}}
    expect: {silent: violated}
  polite: {like: short, options: {polite: says}}
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model, and a home for what is found out of it."""
    monkeypatch.delenv("MCFSM_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "model.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file


def check(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert run(["check", *map(str, words)]) == 0
    return re.sub(r"[0-9.]+ s$", "N s", capsys.readouterr().out, flags=re.MULTILINE)


def taken(folder: Path, *words: object) -> list[bool]:
    """Of each run of a check, whether it was taken from before; as the JSON has it."""
    file = folder / "out.json"
    assert run(["check", *map(str, words), "--json", str(file)]) in (0, 2)
    found: list[bool] = json.loads(file.read_text())["timing"]["taken"]
    return found


def test_the_second_time_all_is_taken_and_said(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, again = check(capsys, model), check(capsys, model)
    said = "All as found out before; nothing was searched now. --no-cache searches all again.\n"
    assert said not in first
    assert again == re.sub(r"(depth \d)   N s", r"\1   found out before", first) + said
    assert again.count("found out before\n") == 2
    assert check(capsys, model, "--no-cache") == first


def test_a_change_of_a_line_searches_the_scenarios_that_have_it(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(capsys, model)
    model.write_text(TEXT.replace('set: {times: "0"}', 'set: {times: "1"}'), encoding="utf-8")
    said = "1 of 2 runs as found out before; searched now: polite. --no-cache searches all again.\n"
    assert said in check(capsys, model, "--grid")
    model.write_text(TEXT, encoding="utf-8")
    assert taken(tmp_path, model) == [True, True]
    model.write_text(TEXT.replace("min(times + 1, 9)", "min(times + 1, 8)"), encoding="utf-8")
    assert taken(tmp_path, model) == [False, False]


def test_only_a_search_shows_where_time_goes_and_what_a_limit_stops(model: Path, tmp_path: Path) -> None:
    assert taken(tmp_path, model) == [False, False]
    assert taken(tmp_path, model, "--timing") == [False, False]
    assert taken(tmp_path, model, "--max-states", "2") == [False, False]
    assert taken(tmp_path, model, "--scenario", "polite") == [True]
    assert taken(tmp_path, model, "--property", "once", "--property", "silent") == [False, False]


def test_it_can_be_switched_off(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken(tmp_path, model, "--no-cache") == [False, False]
    assert not (tmp_path / "cache").exists()
    taken(tmp_path, model)
    monkeypatch.setenv("MCFSM_NO_CACHE", "1")
    assert taken(tmp_path, model) == [False, False]


def test_on_a_full_disk_the_check_is_as_ever_and_says_so(
    model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    first = check(capsys, model, "--no-cache")
    monkeypatch.setattr("mcfsm.verdicts.kept.files.os.replace", full)
    assert run(["check", str(model)]) == 0
    printed = capsys.readouterr()
    assert re.sub(r"[0-9.]+ s$", "N s", printed.out, flags=re.MULTILINE) == first
    assert printed.err == "what was found out could not be kept for next time: No space left on device\n"


def test_why_knows_its_searches_too(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["why", str(model), "--property", "silent", "--scenario", "polite"]
    printed = []
    for more in ([], [], ["--no-cache"]):
        assert run([*words, *more]) == 0
        printed.append(capsys.readouterr())
    assert [one.out for one in printed] == [printed[0].out] * 3
    said = re.compile(r"^(\d+) of \1 searches known from before; --no-cache searches all again$", re.MULTILINE)
    assert [bool(said.search(one.err)) for one in printed] == [False, True, False]


def test_in_python_it_is_asked_for(model: Path) -> None:
    assert not any(run.taken for _ in range(2) for run in mcfsm.check(model).runs)
    first, again = (mcfsm.check(model, cache=True) for _ in range(2))
    assert [run.taken for run in (*first.runs, *again.runs)] == [False, False, True, True]
    assert again.verdicts == first.verdicts
    assert again.warnings == first.warnings


def without_seconds(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key != "timing"}


def test_every_format_says_the_same(model: Path, tmp_path: Path) -> None:
    outputs = []
    for number in range(2):
        files = [tmp_path / f"{name}.{number}" for name in ("json", "sarif", "github", "markdown")]
        run(["check", str(model), *(word for file in files for word in ("--format", f"{file.stem}={file}"))])
        texts = [file.read_text() for file in files]
        outputs.append([without_seconds(json.loads(texts[0])), *texts[1:]])
    assert outputs[0] == outputs[1]


@pytest.mark.process
def test_what_is_known_needs_nothing_that_takes_long_to_import(model: Path, tmp_path: Path) -> None:
    run(["check", str(model)])
    code = (
        "import sys\nfrom mcfsm.commands.cli import run\n"
        f"assert run(['check', {str(model)!r}]) == 0\n"
        "print([name for name in ('numpy', 'numba', 'llvmlite', 'scipy', 'hypothesis') if name in sys.modules])"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert found.stdout.splitlines()[-2:] == [
        "All as found out before; nothing was searched now. --no-cache searches all again.",
        "[]",
    ]
