"""What explorers report on the way: violations as soon as they are met, each with the depth of the first state."""

from __future__ import annotations

import io
import re
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from building import build

from mcfsm.commands import progress
from mcfsm.commands.progress import ProgressLine
from mcfsm.explore import exhaustive, reference
from mcfsm.explore.findings import Explorer, Progress
from mcfsm.explore.random.walk import WalkProgress, walk
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.report.walk import progress_text
from mcfsm.verdicts.run import Effort, run

RING = Path(__file__).parents[2] / "models" / "textbook" / "token_ring.yaml"
STUCK = """
messages: {ask: {}, never: {}}
roles:
  caller:
    variables: {asked: 0..3 = 0}
    states: [idle, waiting]
    initial: idle
    final: [idle]
    transitions:
    - {id: think, trigger: think, kind: user, source: idle, dest: idle, conditions: asked < 3, set: {asked: asked + 1}}
    - {id: ask, trigger: go, kind: user, source: idle, dest: waiting, conditions: asked == 3, send: [{ask: {to: b}}]}
    ignore: {never: [idle, waiting]}
  called: {states: [there], initial: there, final: [there], ignore: {never: [there]}}
properties:
  twice: {text: Nobody thinks twice., never: a.asked == 2}
  thrice: {text: It can think three times., reachable: a.asked == 3}
  always_idle: {text: It never waits., always: a.state == idle}
scenarios:
  s: {instances: {a: caller, b: called}, channels: {default: {bound: 1}}, expect: {twice: violated}}
"""


@pytest.mark.long
@pytest.mark.parametrize("explore", [reference.explore, exhaustive.explore])
def test_violations_are_reported_with_the_depth_of_their_flows(explore: Explorer) -> None:
    for model in (build(STUCK), resolve(read(RING), "two_tokens")):
        said: list[Progress] = []
        found = explore(model, full=True, on_progress=said.append, workers=1)
        reachable = {p.id for p in model.state_properties if p.form == "reachable"}
        flows = {name: len(path) for name, path in found.paths.items() if name not in reachable}
        for fault in found.faults:
            flows[fault.check] = min(len(fault.path), flows.get(fault.check, len(fault.path)))
        assert flows
        assert dict(said[-1].violated) == flows
        depths = [dict(one.violated) for one in said]
        assert all(earlier.items() <= later.items() for earlier, later in pairwise(depths))


def test_the_depths_are_those_of_the_model() -> None:
    said: list[Progress] = []
    exhaustive.explore(build(STUCK), on_progress=said.append, full=True)
    assert dict(said[-1].violated) == {"twice": 2, "always_idle": 4, "check.deadlock": 4, "check.reception": 4}


def watched(capsys: pytest.CaptureFixture[str], model: Model, seconds: float) -> list[str]:
    """What is said of a search that is at depth 4 after so many seconds, where there is no terminal."""
    assert not sys.stderr.isatty()
    with ProgressLine(violations=True) as line:
        time.sleep(seconds)
        line.show(model, Progress(12, 30, 4, 2, 0, (("twice", 2), ("always_idle", 4))))
        line.show(model, Progress(12, 30, 4, 2, 0, (("twice", 2), ("always_idle", 4))))
    return capsys.readouterr().err.splitlines()


def test_what_is_expected_is_said_only_where_it_takes_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = build(STUCK)
    unexpected = "s: always_idle violated at depth 4, which is not expected; searching on"
    monkeypatch.setattr(progress, "_LONG", 1000.0)
    assert watched(capsys, model, 0) == [unexpected]
    monkeypatch.setattr(progress, "_LONG", 0.0)
    assert watched(capsys, model, 0) == [unexpected, "s: violated as expected: twice at depth 2; searching on"]


def test_a_line_comes_every_ten_seconds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = progress._ticks()
    assert [next(ticks) for _ in range(7)] == [2, 10, 20, 30, 40, 50, 60]
    monkeypatch.setattr(progress, "_ticks", lambda: iter([0.0, 1000.0]))
    with ProgressLine() as line:
        line.lead_with("2 of 7: ")
        line.say("step 3")
        deadline = time.monotonic() + 60
        while not (said := capsys.readouterr().err) and time.monotonic() < deadline:
            time.sleep(0.01)
    assert re.fullmatch(r"2 of 7: step 3, \d+ s\n", said)


def test_walks_say_how_far_they_are_and_that_a_shorter_flow_is_looked_for() -> None:
    model, said = build(STUCK), list[WalkProgress]()
    result = walk(model, examples=30, steps=20, seed=1, properties=["always_idle"], on_progress=said.append)
    assert result.violation is not None
    assert said[0] == WalkProgress(0, 0)
    assert said[-1] == WalkProgress(result.examples, result.steps, "always_idle", len(result.violation.trace))
    assert progress_text(model, said[0]) == "s: 0 walks, 0 steps"
    shorter = "s: 1 walk, 1,234 steps; always_idle violated in 4 steps, looking for a shorter flow"
    assert progress_text(model, WalkProgress(1, 1234, "always_idle", 4)) == shorter
    quiet = list[WalkProgress]()
    walk(model, examples=25, steps=3, seed=1, properties=["always_idle"], on_progress=quiet.append)
    assert [one.walks for one in quiet] == [0, 10, 20]


def test_verdicts_so_far_stand_in_every_line_after_them(capsys: pytest.CaptureFixture[str]) -> None:
    model = build(STUCK)
    found = run(model, ["twice", "thrice", "always_idle"], Effort("reference"), full=True)
    with ProgressLine() as line:
        line.show(model, Progress(12, 30, 4, 2, 0))
        assert line._text == "s: 12 states, depth 4, frontier 2"
        line.done([found])
        line.show(model, Progress(12, 30, 4, 2, 3 << 20))
        assert line._text == "s: 12 states, depth 4, frontier 2, 3 MiB, 1 proved, 2 violated"
    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    with ProgressLine() as line:
        line.say("one_partner: 12 states [bold]as written[/bold]")
        line._print("a line that stays")
    drawn = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue())
    assert "[bold]as written[/bold]" in drawn
    assert "a line that stays" in drawn
    assert max(map(len, drawn.replace("\r", "\n").splitlines())) <= 60
