"""What a check says to ask next, and how to ask again: the same model, so that the verdict is the same."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from mcfsm.commands.check import check
from mcfsm.commands.cli import run

MODEL = """\
model: a lamp
parameters: {most: 1}
readings:
  power: {text: Where it has its power from., values: {mains: From a line., empty: From nowhere.}, default: mains}
options:
  bulb: {text: How its bulb is., values: {sound: It shines., broken: It does not.}, default: sound}
messages: {on: {}}
changes: [dark.yaml]
roles:
  hand:
    states: [idle]
    initial: idle
    final: [idle]
    variables: {times: 0..3 = 0}
    transitions:
    - {id: press, trigger: press, kind: user, source: idle, conditions: times < most, send: [{on: {to: l}}],
       set: {times: times + 1}}
  lamp:
    states: [dark, lit]
    initial: dark
    final: [dark, lit]
    variables: {heard: 0..3 = 0}
    transitions:
    - {id: light, trigger: on, source: dark, dest: lit, conditions: power == mains and bulb == sound,
       set: {heard: heard + 1}}
    - {id: nothing, trigger: on, source: dark, conditions: not (power == mains and bulb == sound)}
    - {id: more, trigger: on, source: lit, set: {heard: heard + 1}, assumption: Light stays on.}
    - {id: think, trigger: think, kind: protocol, source: dark}
properties:
  shines: {text: Who presses has light., reachable: l.state == lit}
  few: {text: It is asked once., never: h.times > 1}
  answered: {text: Light comes., leads_to: [h.times == 1, l.state == lit], fairness: weak}
  twice: {text: It hears twice., reachable: l.heard == 2}
scenarios:
  one:
    instances: {h: hand, l: lamp}
    channels: {default: {kind: fifo, bound: 3}}
"""
DARK = """\
change: dark
title: no light any more
edits:
- {assumption: There is no lamp., remove: {transitions: {lamp: [light]}}}
"""
GIVEN = {  # what changes the model asked about: a property that it breaks, what is given, and what it is given beside
    "--set": ("few", ["--set", "most=2"], []),
    "--option": ("answered", ["--option", "bulb=broken"], []),
    "--reading": ("answered", ["--reading", "power=empty"], []),
    "--with": ("answered", ["--with", "dark"], []),
    "--fairness": ("answered", ["--fairness", "none"], []),
    "--avoid": ("answered", ["--avoid", "light"], []),
    "--normative": ("twice", ["--normative"], ["--set", "most=2"]),
}
WHICH = {"--scenario", "--property"}
HOW = {
    "--engine",
    "--workers",
    "--no-symmetry",
    "--all",
    "--no-cache",
    "--strict",
    "--grow",
    "--disk",
    "--cluster",
    "--reduce",
}  # no verdict hangs on it
LIMITS = {"--max-states", "--max-depth", "--max-seconds", "--max-memory"}
SHOWN = {"--grid", "--bite", "--any-number", "--coverage", "--timing", "--ids"}
WRITTEN = {"--save-flows", "--save-tests", "--evidence", "--checkpoint", "--resume", "--format", "--json"}
REFERENCE = ["--engine", "reference"]


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "a lamp; of $HOME"
    folder.mkdir()
    (folder / "dark.yaml").write_text(DARK, encoding="utf-8")
    (folder / "m.yaml").write_text(MODEL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")  # each hint in one line
    return Path(folder.name, "m.yaml")


def test_every_option_that_changes_the_model_is_given_below() -> None:
    flags = {parameter.opts[0] for parameter in check.params if parameter.opts[0].startswith("-")}
    assert flags - WHICH - HOW - LIMITS - SHOWN - WRITTEN == set(GIVEN)


def status(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one verdict that a command comes to."""
    run([*words, *REFERENCE, "--json", "-"])
    said = json.loads(capsys.readouterr().out)
    (found,) = said["scenarios"]
    (verdict,) = [found] if words[0] == "why" else found["properties"]
    return str(verdict["status"])


@pytest.mark.parametrize("flag", GIVEN)
def test_a_hint_asks_the_same_question(flag: str, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, given, beside = GIVEN[flag]
    asked = ["check", str(model), "--scenario", "one", "--property", name, *beside]
    assert status(asked, capsys) == "PROVED"
    assert run([*asked, *given, *REFERENCE, "--format", "github=again.txt"]) == 1
    printed = capsys.readouterr().out
    again = Path("again.txt").read_text(encoding="utf-8").partition("Again: ")[2].splitlines()[0].replace("%25", "%")
    following = re.findall(r"^Next: (.*?)   \(", printed, re.MULTILINE)
    assert len(following) == (0 if flag in ("--avoid", "--normative") else 1)
    for hint in (again, *following):
        program, *words = shlex.split(hint)
        assert program == "mcfsm"
        assert words[1] == model.as_posix()
        assert status(words, capsys) == "VIOLATED"


def test_of_several_values_a_hint_has_the_one_of_its_run(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(["check", str(model), *REFERENCE, "--property", "answered", "--option", "bulb=all", "--with", "none"]) == 1
    )
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == (
        "Next: mcfsm why 'a lamp; of $HOME/m.yaml' --scenario one --property answered --with none"
        " --option bulb=broken   (which clauses and assumptions it rests on)"
    )
