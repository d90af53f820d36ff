"""What looks like a mistake and is none: each of these models is accepted."""

from pathlib import Path

import bad_models
import pytest

from mcfsm.expressions.evaluate import ABSENT
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_all
from mcfsm.model import Message
from mcfsm.semantics.role import Event, RoleMachine

MODEL = """model: ring
parameters: {size: 3}
readings: {notify: {text: When., default: first, values: {first: , after: }}}
domains: {User: [ann, bob], Some: [bob], Seat: 1..size, Id: {state: User, key: Seat}}
messages:
  ping: {number: 0..3, key: User?, state?: User, from_: station, all?: "set[station]"}
  prepared: {}
roles:
  station:
    parameters: {next: station}
    variables: {n: 0..3 = 0, who: User?, friend: station?, seen: "set[Id]", book: "map[User, 0..3?]", on: bool}
    states: [idle, prepared]
    initial: idle
    transitions:
    - TRANSITION
    ignore: {ping: [idle, prepared], prepared: [idle, prepared]}
properties:
  p: {text: t., never: CONDITION}
scenarios:
  one:
    instances: {st: {role: station, count: size, parameters: {next: st(key % size + 1)}}}
    channels: {default: {kind: fifo, bound: size}}
"""
PING = "trigger: ping"
GO = "trigger: go, kind: protocol"


def shown(tmp_path: Path, transition: str = GO, condition: str = "false") -> str:
    file = tmp_path / "m.yaml"
    text = MODEL.replace("TRANSITION", "{" + transition + "}").replace("CONDITION", condition)
    file.write_text(text, encoding="utf-8")
    return bad_models.shown(file)


@pytest.mark.parametrize(
    "transition",
    [
        f"{GO}, choose: {{u: User}}, set: {{who: u}}",
        f"{GO}, choose: {{i: 0..2}}, set: {{n: i}}",
        f"{GO}, choose: {{b: bool, u: User?}}, set: {{on: b, who: u}}",
        f"{GO}, choose: {{s: 'set[User]', i: keys(st)}}, conditions: ann in s and i > 1",
        f"{GO}, choose: {{s: station, t: '{{s, self}}'}}, set: {{friend: t}}",
        f"{PING}, from: friend",
        f"{PING}, from: next",
        f"{PING}, from: st, set: {{friend: sender}}",
        f"{PING}, from: '{{next, self}}'",
        f"{PING}, conditions: 'msg.key == none or msg.key == who'",
        f"{PING}, conditions: present(msg.state) and msg.state == bob",
        f"{PING}, set: {{'book[ann]': '1', 'book[bob]': 'book[ann]', n: n % size}}",
        f"{PING}, set: {{seen: 'seen | {{Id(ann, 1)}}'}}, conditions: '{{x.state for x in seen}} == User'",
        f"{GO}, send: [{{ping: {{to: st(2), number: 1, key: none, state?: ann, from_: self}}}}]",
        f"{GO}, send: [{{ping: {{to: friend, number: 1, key: who, from_: next, all: st}}}}]",
        f"{GO}, send: [{{prepared: {{to: st}}}}], source: idle, dest: prepared",
        f"{GO}, under: {{notify: [first, after]}}, conditions: notify == after",
        f"{GO}, conditions: '  n < 3  '",
        f"{GO}, conditions: [n < 3, 'not on', 'n in {{1, 2}}'], unless: who == ann",
        "trigger: pass, kind: user",
    ],
)
def test_transitions(tmp_path: Path, transition: str) -> None:
    assert shown(tmp_path, transition) == ""


@pytest.mark.parametrize(
    "condition",
    [
        "any(a.n > b.n for a in st for b in station if a != b)",
        "'all_of(bool) == {true, false}'",
        "'any(b for b in bool)'",
        "'st(1).who in Some'",
        "'{x.key for x in st(1).seen} <= Seat'",
        "'count(at(a, prepared) for a in st) == size'",
        "'in_flight(ping, number=1, key=none, sender=st(1))'",
        "sum(a.n for a in st) > 3 * size - 1",
        "'max(st(1).n, st(2).n, 1) >= 1'",
        "'1 <= st(1).n < 3'",
        "frozen and st(1).on",
        "'len({x for x in User if x != ann}) == 1'",
        "'(st(1).n\n      + st(2).n) > 5'",
        "'ann != (bob if frozen else ann)'",
    ],
)
def test_conditions(tmp_path: Path, condition: str) -> None:
    assert shown(tmp_path, condition=condition) == ""


def test_a_scenario_may_give_a_budget_of_a_reading_not_chosen(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    line = "{trigger: go, kind: user, budget: moves, under: {notify: after}}"
    text = MODEL.replace("TRANSITION", line).replace("CONDITION", "false")
    file.write_text(text + "    budgets: {moves: 2}\n", encoding="utf-8")
    assert bad_models.shown(file) == ""


def test_from_a_value_that_is_none_allows_nobody(tmp_path: Path) -> None:
    assert shown(tmp_path, f"{PING}, from: friend") == ""
    (model,) = resolve_all(read(tmp_path / "m.yaml"))
    machine = RoleMachine(model, model.instances[0])
    message = Message("ping", (0, None, ABSENT, "st(2)", ABSENT))
    assert machine.reception(machine.initial(), Event("st(2)", message)) == "ignored"
