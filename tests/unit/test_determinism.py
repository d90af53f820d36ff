"""The same model gives the same digest, the same flows and the same report, in every process and at every place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields, make_dataclass
from pathlib import Path
from typing import Any

import pytest
from building import build, write

from mcfsm.explore.findings import Limits
from mcfsm.model.digest import digest
from mcfsm.questions.check import check

ROOT = Path(__file__).parents[2]
MODEL = """
model: many sets and ties
domains: {System: [C, A, B], Id: {who: System, n: 1..2}}
messages: {m: {id: Id, seen: "set[System]", k?: System}, done: {}}
roles:
  r:
    parameters: {peers: "set[r]"}
    variables: {seen: "set[System]", book: "map[System, Id?]", last: "set[Id]"}
    states: [x, y, z]
    initial: x
    transitions:
    - {id: pick, trigger: pick, kind: user, source: [y, x], dest: y, choose: {p: "System - seen", q: "1..2"}, set: {seen: "seen | {p}", "book[p]": "Id(p, q)"}, send: [{m: {to: peers, id: "Id(p, q)", seen: "seen | {p}", k?: p}}], budget: picks}
    - {id: hear, trigger: m, set: {last: "last | {msg.id}"}}
    - {id: stop, trigger: stop, kind: environment, source: [x, y], dest: z, conditions: "len(last) == 2"}
observers:
  log:
    variables: {who: "set[r]"}
    transitions: [{on: {sent: [m, done]}, set: {who: "who | {receiver, actor}"}}, {on: {fired: [stop, hear]}, set: {who: "who | {actor}"}}]
properties:
  p: {text: P., never: "any(a.state == z and len(b.last) == 2 for a in r for b in r if a != b)"}
  q: {text: Q., reachable: "log.who == node and node(2).state == z"}
scenarios:
  s:
    instances: {node: {role: r, count: 3, parameters: {peers: "node - {node(key)}"}}}
    channels: {default: {kind: bag, bound: 2, when_full: lose}}
    budgets: {picks: 2}
    expect: {p: violated, check.deadlock: violated}
"""  # noqa: E501


def report(path: Path, engine: str, seed: str) -> Any:
    """The JSON of a check in a process of its own, less the time it took and who explored."""
    script = "from mcfsm.commands.cli import main; main()"
    command = [sys.executable, "-c", script, "check", str(path), "--engine", engine, "--json", "-"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    del found["timing"]
    for scenario in found["scenarios"]:
        del scenario["engine"]
    return found


@pytest.mark.process
def test_the_report_depends_neither_on_the_hash_seed_nor_on_the_explorer(tmp_path: Path) -> None:
    path = write(MODEL, tmp_path)
    processes = [("reference", "0"), ("exhaustive", "4242")]
    first, other = [json.dumps(report(path, engine, seed)) for engine, seed in processes]
    assert first == other
    trace = json.loads(first)["scenarios"][0]["properties"][0]["trace"]
    assert [(step["instance"], step["transition"]) for step in trace] == [
        ("node(1)", "pick"),
        ("node(1)", "pick"),
        ("node(2)", "hear"),
        ("node(2)", "hear"),
        ("node(2)", "stop"),
        ("node(3)", "hear"),
        ("node(3)", "hear"),
    ]
    assert [step["chosen"] for step in trace[:2]] == [{"p": "C", "q": "1"}, {"p": "A", "q": "1"}]


def test_a_digest_is_of_the_meaning_and_not_of_the_place(tmp_path: Path) -> None:
    moved = "# a comment\n" + MODEL.replace("model: many", "model:   many").replace("roles:", "\n\nroles:")
    (tmp_path / "elsewhere").mkdir()
    paths = write(MODEL, tmp_path), write(moved.partition("\n")[2], tmp_path / "elsewhere")
    one, other = (check(path, engine="reference", limits=Limits(max_states=1)).digest for path in paths)
    assert one == other
    assert len(one) == 64


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bound: 2", "bound: 1"),
        ("picks: 2", "picks: 1"),
        ("count: 3", "count: 2"),
        ("[C, A, B]", "[A, B, C]"),
        ("len(last) == 2", "len(last) >= 2"),
        ("kind: bag", "kind: fifo"),
        ("when_full: lose", "when_full: block"),
        ("k?: p", "k: p"),
        ("1..2}}", "1..3}}"),
        ("id: hear, trigger: m,", "id: hear, trigger: m, from: peers,"),
        ("id: pick, trigger: pick, kind: user", "id: pick, trigger: pick, kind: environment"),
        ("{who: \"who | {actor}\"}", "{who: \"{actor}\"}"),
        ("p: {text: P., never", "p: {text: Another., never"),
    ],
)  # fmt: skip
def test_a_digest_changes_with_anything_that_means_something(old: str, new: str) -> None:
    changed = MODEL.replace(old, new)
    assert changed != MODEL
    assert digest(build(changed)) != digest(build(MODEL))


def test_a_digest_is_not_of_what_records_are_called() -> None:
    model = build(MODEL)
    named = {item.name: getattr(model, item.name) for item in fields(model) if item.compare}
    renamed = make_dataclass("Renamed", [f"{name}_" for name in named], namespace={"avoided": model.avoided})
    assert digest(renamed(*named.values())) == digest(model)


def test_a_digest_is_of_the_operators_in_expressions() -> None:
    both, either = (build(MODEL.replace("len(last) == 2", f"len(last) == 2 {word} true")) for word in ("and", "or"))
    assert digest(both) != digest(either)


def test_a_digest_is_of_the_constants_chosen() -> None:
    text = """
        parameters: {most: 2}
        options: {fast: {text: T., default: yes_, values: {yes_: , no_: }}}
        roles: {r: {states: [x], initial: x, transitions: [{trigger: go, kind: user, under: {fast: yes_}}]}}
        scenarios: {s: {instances: {a: r}}}
    """
    digests = {digest(build(text, **chosen)) for chosen in ({}, {"most": 3}, {"fast": "no_"})}
    assert len(digests) == 3
    assert digest(build(text, most=2)) == digest(build(text))
