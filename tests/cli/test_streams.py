"""Closed descriptors, a full disk and codecs that lack a character: what is told, what is written, and the status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.long, pytest.mark.process]
ROOT = Path(__file__).parents[2]
MODEL = """model: "caf\N{LATIN SMALL LETTER E WITH ACUTE} \N{CJK UNIFIED IDEOGRAPH-6F22}"
roles:
  one:
    states: [here, there]
    initial: here
    final: [here]
    transitions: [{id: go, trigger: go, kind: user, source: here, dest: there, assumption: "na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve \N{RIGHTWARDS ARROW}"}]
properties:
  stays: {text: "It stays \N{EN DASH} \N{CJK UNIFIED IDEOGRAPH-6F22}.", always: x.state == here}
scenarios:
  s: {instances: {x: one}}
"""  # noqa: E501
UTF8 = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def mcfsm(folder: Path, redirected: str, *more: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a shell, with its descriptors as they are said."""
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    command = f'"$@" {redirected}'
    arguments = [sys.executable, "-m", "mcfsm", "check", str(folder / "model.yaml"), "--engine", "reference", *more]
    around = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    around |= {"PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(["sh", "-c", command, "sh", *arguments], env=around, capture_output=True, timeout=120)


def record(file: Path) -> dict[str, Any]:
    """The report, whole, of a check that found one violation."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    (scenario,) = found["scenarios"]
    assert {one["id"]: one["status"] for one in scenario["properties"]}["stays"] == "VIOLATED"
    assert found["exit_status"] == 1
    return found


@pytest.mark.parametrize("redirected", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_descriptor_takes_nothing_with_it(redirected: str, tmp_path: Path) -> None:
    report, flows = tmp_path / "report.json", tmp_path / "flows"
    done = mcfsm(tmp_path, redirected, "--json", str(report), "--save-flows", str(flows))
    assert done.returncode == 1
    record(report)
    assert sorted(path.name for path in flows.iterdir()) == ["s.check.deadlock.yaml", "s.stays.yaml"]
    assert b"Traceback" not in done.stderr
    if redirected in ("2>&-", "<&-"):
        assert b"VIOLATED" in done.stdout
    else:
        assert done.stdout == b""


def test_a_closed_standard_output_is_no_place_for_json(tmp_path: Path) -> None:
    done = mcfsm(tmp_path, ">&-", "--json", "-")
    assert done.returncode in (1, 4)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("redirected", [">/dev/full", ">/dev/full 2>/dev/full"])
def test_a_full_disk_under_the_report_leaves_the_record(redirected: str, tmp_path: Path) -> None:
    done = mcfsm(tmp_path, redirected, "--json", str(tmp_path / "report.json"))
    assert done.returncode == 4
    record(tmp_path / "report.json")
    assert b"Traceback" not in done.stderr
    if "2>" not in redirected:
        assert b"No space left on device" in done.stderr


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "C", **UTF8}],
    ids=["ascii", "latin-1", "C"],
)
def test_a_codec_that_lacks_a_character(environment: dict[str, str], tmp_path: Path) -> None:
    told = mcfsm(tmp_path, "", "--json", str(tmp_path / "report.json"), **environment)
    found = record(tmp_path / "report.json")
    assert told.returncode == 1
    assert b"Traceback" not in told.stderr
    shown = "\N{CJK UNIFIED IDEOGRAPH-6F22}".encode(), b"\\u6f22"  # where it is ASCII, click takes it for a mistake
    assert any(character in told.stdout for character in shown)
    assert b"VIOLATED" in told.stdout
    text = found["scenarios"][0]["properties"][0]["text"]
    assert text == "It stays \N{EN DASH} \N{CJK UNIFIED IDEOGRAPH-6F22}."
    plain = mcfsm(tmp_path, "", "--json", "-", **environment)
    assert plain.returncode == 1
    assert json.loads(plain.stdout)["scenarios"][0]["properties"][0]["text"] == text
