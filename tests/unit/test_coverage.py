"""What was visited, counted by hand: of what a model declares, and of what exhaustive search reaches."""

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from building import build, explore, write

from mcfsm.commands.cli import run
from mcfsm.explore.findings import Limits
from mcfsm.explore.random.walk import walk
from mcfsm.questions.walk import walk_coverage
from mcfsm.report.coverage import percent
from mcfsm.verdicts.coverage import against, visited_by, whole

TEXT = """
messages: {ping: {}, pong: {}}
roles:
  client:
    states: [idle, waiting, gone]
    initial: idle
    final: [idle]
    transitions:
    - {id: call, trigger: call, kind: user, source: idle, dest: waiting, send: [{ping: {to: s1}}]}
    - {id: back, trigger: pong, source: waiting, dest: idle}
    - {id: miss, trigger: pong, source: idle, conditions: far, dest: gone}
    parameters: {far: bool}
  server:
    states: [on]
    initial: on
    final: [on]
    transitions: [{id: hear, trigger: ping, send: [{pong: {to: sender}}]}]
scenarios:
  s: {instances: {c: {role: client, parameters: {far: "false"}}, s1: server}, channels: {default: {bound: 1}}}
"""


def test_shares_of_what_is_declared() -> None:
    model = build(TEXT)
    shares = {share.kind: share for share in against(visited_by(model, explore(model)), whole(model))}
    assert {kind: (share.visited, share.out_of, share.missing) for kind, share in shares.items()} == {
        "transitions": (3, 4, ("miss",)),
        "clauses": (0, 0, ()),
        "states": (3, 4, ("client.gone",)),
        "messages": (2, 2, ()),
        "cells": (2, 4, ("client.gone x pong", "client.idle x pong")),
    }
    assert shares["transitions"].percent == 75
    early = explore(model, limits=Limits(max_depth=0))
    assert [share.visited for share in against(visited_by(model, early), whole(model))] == [1, 0, 2, 0, 0]


def test_a_percentage_is_cut_and_not_rounded() -> None:
    assert [percent(Fraction(*part)) for part in ((100, 1), (99999, 1000), (200, 3), (0, 1))] == [
        "100.0 %",
        "99.9 %",
        "66.6 %",
        "0.0 %",
    ]


def test_walks_are_measured_against_exhaustive_search() -> None:
    model = build(TEXT)
    shares, findings = walk_coverage(model, walk(model, examples=20, steps=1, seed=1))
    assert (findings.states, findings.complete) == (3, True)
    assert {share.kind: (share.visited, share.out_of) for share in shares} == {
        "transitions": (1, 3),
        "clauses": (0, 0),
        "states": (3, 3),
        "messages": (1, 2),
        "cells": (1, 2),
        "joint states": (2, 3),
    }
    shares, _ = walk_coverage(model, walk(model, examples=10, steps=20, seed=1))
    assert all(share.percent == 100 and not share.missing for share in shares)


def test_a_check_prints_it_scenario_by_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    far = '  t: {like: s, instances: {c: {role: client, parameters: {far: "true"}}, s1: server}}\n'
    path = str(write(TEXT + far, tmp_path))
    run(["check", path, "--all", "--coverage"])
    text = capsys.readouterr().out.partition("coverage of ")[2]
    lines = [re.split(r"  +", line.strip()) for line in text.splitlines()]
    shares = ["3/4 75.0 %", "0/0 100.0 %", "3/4 75.0 %", "2/2 100.0 %", "2/4 50.0 %"]
    assert lines[1] == ["transitions", "clauses", "states", "messages", "cells"]
    assert lines[3:] == [
        ["s", *shares],
        ["t", *shares],
        ["together", *shares],
        ["transitions not visited: miss"],
        ["states not visited: client.gone"],
        ["cells not visited: client.gone x pong, client.idle x pong"],
        [""],
    ]
    run(["check", path, "--all", "--json", "-"])
    first, _ = json.loads(capsys.readouterr().out)["scenarios"]
    assert first["coverage"]["states"] == {"visited": 3, "of": 4, "percent": 75.0, "missing": ["client.gone"]}
    run(["check", path, "--max-depth", "0", "--coverage"])
    text = capsys.readouterr().out.partition("coverage of ")[2]
    assert text.startswith("what is declared; not complete, so more may be reached: s, t\n")
