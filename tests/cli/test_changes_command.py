"""mcfsm changes: what is listed, in text and JSON; --with and --option of other commands."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from mcfsm.commands import cli

MODEL = Path(__file__).parents[2] / "models" / "mc_migration"
PINGS = """
model: pings
changes: [slower.yaml, faster.yaml]
with: [slower]
options: {loud: {text: Loud., default: a, values: {a: , b: }}}
messages: {ping: {number: 0..3}}
roles:
  caller: {states: [before, after], initial: before, final: [after], transitions: [{id: go, trigger: go, kind: protocol, source: before, dest: after, send: [{ping: {to: second, number: 1}}]}]}
  called: {states: [there], initial: there, final: [there], transitions: [{id: hear, trigger: ping, conditions: msg.number < 3}]}
properties: {arrives: {text: It arrives., reachable: first.state == after and not in_flight(ping)}}
scenarios: {one: {instances: {first: caller, second: called}, channels: {default: {kind: fifo, bound: 1}}}}
"""  # noqa: E501
SLOWER = """
change: slower
title: pings are few
base: the first edition
clauses: [1.2]
edits:
- {replace: {elements: {ping: {number: 0..2}}}, assumption: Two are enough.}
"""
FASTER = """
change: faster
title: pings are many
candidate: true
edits:
- replace: {set: {}, elements: {ping: {number: 0..7}}}
  remove: {conditions: {hear: msg.number < 3}}
"""


@pytest.fixture
def pings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, text in (("model", PINGS), ("slower", SLOWER), ("faster", FASTER)):
        (tmp_path / "pings").mkdir(exist_ok=True)
        (tmp_path / "pings" / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "pings"


def test_the_changes_with_what_they_touch(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["changes", pings]) == 0
    assert capsys.readouterr().out == (
        "slower  pings are few   applied by default\n"
        "  base: the first edition\n"
        "  clauses: 1.2\n"
        "  replaces element number of ping   Two are enough.\n"
        "\n"
        "faster  pings are many   a candidate correction\n"
        "  replaces element number of ping\n"
        "  removes condition 'msg.number < 3' of hear\n"
        "\n"
        "2 changes to pings; 1 overlap, with a candidate correction, which --overlap leaves out\n"
    )


def test_overlaps(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["changes", pings, "--overlap"]) == 0  # one of the two is a candidate
    assert capsys.readouterr().out == (
        "no two touch the same part; 1 candidate correction left out, unless --with names them\n"
    )
    assert cli.run(["changes", pings, "--overlap", "--with", "faster,slower"]) == 1
    assert capsys.readouterr().out == (
        "slower replaces element number of ping (pings/slower.yaml:7);"
        " faster replaces element number of ping\n  (pings/faster.yaml:6)\n"
        "1 overlap\n"
    )
    assert cli.run(["changes", str(MODEL), "--overlap"]) == 0
    said = r"no two touch the same part; \d+ candidate corrections left out, unless --with names them"
    assert re.fullmatch(said, " ".join(capsys.readouterr().out.split()))
    assert cli.run(["changes", str(MODEL)]) == 0
    every = " ".join(capsys.readouterr().out.split())
    assert re.search(r"\d+ overlaps, each with a candidate correction, which --overlap leaves out$", every)


def test_as_json(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["changes", pings, "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    one = {
        "said": "replaces element number of ping",
        "grounds": ["Two are enough."],
        "file": "pings/slower.yaml",
        "line": 7,
    }
    assert data["changes"][0] == {
        "id": "slower",
        "title": "pings are few",
        "base": "the first edition",
        "clauses": ["1.2"],
        "default": True,
        "candidate": False,
        "parts": [one],
    }
    assert [change["candidate"] for change in data["changes"]] == [False, True]
    other = {"said": "replaces element number of ping", "grounds": [], "file": "pings/faster.yaml", "line": 6}
    assert data["overlaps"] == [{"changes": ["slower", "faster"], "parts": [one, other]}]


def test_only_some_of_them(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["changes", pings, "--with", "faster"]) == 0
    assert capsys.readouterr().out.endswith("\n1 change to pings; no two touch the same part\n")
    assert cli.run(["changes", pings, "--with", "quicker"]) == 4
    assert "error M317: unknown change quicker" in capsys.readouterr().err


def test_a_variant_is_picked(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", pings, "--with", "faster", "--option", "loud=all"]) == 0
    out = capsys.readouterr().out
    assert "\nwith faster\n" in out
    assert "  loud=a   3 states" in out
    assert "  loud=b   3 states" in out
    assert cli.run(["check", pings, "--with", "none", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["scenarios"][0]["changes"] == []
    assert cli.run(["check", pings]) == 0
    assert "with" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["check", "pings", "--with", "quicker"], 4, "error M317: unknown change quicker"),
        (["check", "pings", "--with", "faster,faster"], 4, "error M321: change faster is applied twice"),
        (["check", "pings", "--with", "faster,slower"], 3, "faster.yaml:6:40: error M320: change faster replaces"),
        (["check", "pings", "--with", "faster,"], 4, "'faster,' is not of the form NAME,NAME"),
        (["check", "pings", "--option", "laud=a"], 4, "error M309: unknown reading or option laud"),
        (["check", "pings", "--option", "loud=c"], 4, "error M310: unknown value of option loud c"),
    ],
)
def test_mistakes(pings: str, arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (pings, cli.run(arguments)) == ("pings", status)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [("../outside.yaml", "M110"), ("missing.yaml", "M109"), ("model.yaml", "M2"), ("bomb.yaml", "M104")],
)
def test_what_a_change_file_cannot_be(
    pings: str, name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outside.yaml").write_text(SLOWER, encoding="utf-8")
    lines = ["change: &a0 [x, x]", *(f"k{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9))]
    (tmp_path / pings / "bomb.yaml").write_text("\n".join(lines), encoding="utf-8")
    text = PINGS.replace("faster.yaml", name)
    (tmp_path / pings / "model.yaml").write_text(text, encoding="utf-8")
    assert cli.run(["changes", pings]) == 3
    assert f"error {said}" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["lint"], ["receptions"], ["why", "--property", "R2"], ["draw", "-o", "x.svg"]])
def test_other_commands_take_changes_too(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(MODEL, tmp_path / "m")
    (tmp_path / "m" / "changes" / "S1.yaml").write_text("change: S1\ntitle: T.\nedits: []\n", encoding="utf-8")
    name, *options = command
    assert cli.run([name, str(tmp_path / "m"), "--with", "S2", *options]) == 4
    assert "error M317: unknown change S2" in capsys.readouterr().err


def test_an_option_that_is_repeated_adds_up(pings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["changes", pings, "--overlap", "--with", "faster,slower"]) == 1
    together = capsys.readouterr().out
    assert cli.run(["changes", pings, "--overlap", "--with", "faster", "--with", "slower"]) == 1
    assert capsys.readouterr().out == together
    assert cli.run(["check", pings, "--with", "faster", "--with", "slower"]) == 3
    assert "error M320" in capsys.readouterr().err  # both were applied
    assert cli.run(["check", pings, "--with", "faster", "--with", "faster"]) == 4
    assert "error M321: change faster is applied twice" in capsys.readouterr().err
    assert cli.run(["check", pings, "--with", "none", "--with", "faster"]) == 4
    assert "none stands alone" in capsys.readouterr().err
    assert cli.run(["compare", pings, pings, "--forbid", "verdict-lost", "--forbid", "nothing"]) == 4
    assert "--forbid takes behaviour-added, behaviour-removed, verdict-lost, not nothing" in capsys.readouterr().err
    assert cli.run(["compare", pings, pings, "--forbid", "nothing", "--forbid", "verdict-lost"]) == 4
