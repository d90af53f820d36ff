"""What holds for any number of users, as `mcfsm check` says it; and budgets whose limit is lifted by who asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import write

from mcfsm.commands.cli import run

GUESTS = """
parameters: {most: 1}
messages: {knock: {}, welcome: {}}
roles:
  guest:
    variables: {visits: 0..9 = 0}
    states: [outside, knocking, inside]
    initial: outside
    final: [outside, inside]
    transitions:
    - {trigger: arrive, kind: user, source: outside, dest: knocking, budget: visits, send: [{knock: {to: host}}]}
    - {trigger: welcome, source: knocking, dest: inside, set: {visits: "min(visits + 1, 9)"}}
    - {trigger: leave, kind: user, source: inside, dest: outside}
  landlord:
    variables: {known: "set[guest]", met: 0..3 = 0}
    states: [home]
    initial: home
    final: [home]
    transitions:
    - {id: take, trigger: knock, set: {known: "known|{sender}", met: "min(met + 1, 3)"}, send: [welcome: {to: sender}]}
properties:
  known: {text: Who is inside is known., always: all(g in host.known for g in visitor if g.state == inside)}
  few: {text: Few have been met., always: host.met < 2}
scenarios:
  s:
    instances: {visitor: {role: guest, count: 1}, host: landlord}
    channels: {default: {kind: fifo, bound: 1}}
    budgets: {visits: most}
"""


@pytest.fixture
def guests(tmp_path: Path) -> str:
    return str(write(GUESTS, tmp_path))


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit status, and the verdicts of the one run by name, with the counts under "run"."""
    status = run(["check", *arguments, "--json", "-", "--no-cache"])
    (scenario,) = json.loads(capsys.readouterr().out)["scenarios"]
    return status, {"run": scenario, **{one["id"]: one for one in scenario["properties"]}}


def test_the_verdict_says_so(capsys: pytest.CaptureFixture[str], guests: str) -> None:
    status, found = asked(capsys, guests)
    assert status == 0
    assert found["known"]["reason"] == "exhaustive; for any number of visitor, by independence"
    assert found["known"]["any_number"] == [
        {"groups": ["visitor"], "shown": True, "argument": "projection", "obstacles": []}
    ]
    assert found["few"]["reason"] == "exhaustive"
    (few,) = found["few"]["any_number"]
    assert (few["shown"], [one["line"] for one in few["obstacles"]]) == (False, [20])
    assert few["obstacles"][0]["text"] == "take changes met of landlord, which all users share"


def test_what_is_not_proved_is_not_said_of_any_number(capsys: pytest.CaptureFixture[str], guests: str) -> None:
    status, found = asked(capsys, guests, "--set", "most=2")
    assert status == 1
    assert (found["few"]["status"], found["few"]["any_number"]) == ("VIOLATED", [])


def test_nor_where_transitions_were_left_out(capsys: pytest.CaptureFixture[str], guests: str) -> None:
    _, found = asked(capsys, guests, "--avoid", "guest.leave.1")
    assert (found["known"]["status"], found["known"]["any_number"]) == ("PROVED", [])


def test_what_prevents_it_is_named_where_it_stands(capsys: pytest.CaptureFixture[str], guests: str) -> None:
    assert run(["check", guests, "--any-number"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    at = lines.index("Any number of visitor")
    assert lines[at + 1] == "known PROVED, by independence"
    told = " ".join(lines[at + 2 :])
    assert f"few not shown: {guests}:20: take changes met of landlord, which all users share" in told
    run(["check", guests])
    assert "Any number of visitor" not in capsys.readouterr().out
    assert run(["check", guests, "--any-number", "--grid"]) == 4
    assert "--any-number does not go with --grid" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("found", "replaced", "more", "said"),
    [
        (
            "visitor: {role: guest, count: 1}",
            "visitor: guest",
            [],
            "the instances of this scenario stand alone: none are",
        ),
        ("most: 1", "most: 1", ["--avoid", "guest.leave.1"], "transitions were left out."),
        ("most: 1", "most: 2", ["--property", "few"], "nothing is PROVED."),
    ],
)
def test_where_nothing_is_claimed_a_line_says_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, found: str, replaced: str, more: list[str], said: str
) -> None:
    text = GUESTS.replace('known: "set[guest]"', "known: bool").replace('known: "known|{sender}", ', "")
    text = text.replace(
        "always: all(g in host.known for g in visitor if g.state == inside)", "always: host.state == home"
    )
    assert found in text
    path = str(write(text.replace(found, replaced), tmp_path))
    run(["check", path, "--any-number", *more])
    assert f"Any number of users: not asked, as {said}" in " ".join(capsys.readouterr().out.split())
    run(["check", path, *more])
    assert "Any number" not in capsys.readouterr().out


def test_whoever_asks_about_one_promise_is_told_all_that_prevents_it(
    capsys: pytest.CaptureFixture[str], guests: str
) -> None:
    text = Path(guests).read_text(encoding="utf-8")
    wiped = 'conditions: "len(keys(visitor)) < 2", set: {met: 0, known: "{}"}'
    text = text.replace(
        "    - {id: take,", f"    - {{id: wipe, trigger: wipe, kind: user, {wiped}}}\n    - {{id: take,"
    )
    Path(guests).write_text(text, encoding="utf-8")
    run(["check", guests, "--any-number"])
    told = " ".join(capsys.readouterr().out.split())
    assert "(and 1 more: --property few lists them)" in told
    assert "wipe reads how many users there are" not in told
    run(["check", guests, "--any-number", "--property", "few"])
    alone = " ".join(capsys.readouterr().out.split())
    assert f"{guests}:21: take changes met of landlord, which all users share" in alone
    assert "lists them" not in alone
    assert f"{guests}:20: wipe reads how many users there are (keys(visitor))" in alone


def test_a_budget_without_limit_is_explored_to_its_end(capsys: pytest.CaptureFixture[str], guests: str) -> None:
    """Outside, knocking, being welcomed: ten values of `visits` each; inside: nine, as none is at first."""
    status, found = asked(capsys, guests, "--set", "visits=unlimited", "--property", "known")
    assert (status, found["known"]["status"]) == (0, "PROVED")
    text = Path(guests).read_text(encoding="utf-8")
    Path(guests).write_text(text.replace("visits: most}", "visits: unlimited}"), encoding="utf-8")
    _, written = asked(capsys, guests, "--property", "known")
    assert found["run"]["states"] == written["run"]["states"] == 39
    assert found["run"]["transitions"] == written["run"]["transitions"]


def test_a_search_that_takes_too_long_says_so(capsys: pytest.CaptureFixture[str], guests: str) -> None:
    status, found = asked(capsys, guests, "--set", "visits=unlimited", "--property", "known", "--max-states", "20")
    assert (status, found["known"]["status"]) == (2, "INCOMPLETE")
    assert found["known"]["reason"].startswith("stopped by --max-states 20 after ")


def test_only_the_limit_of_a_budget_is_lifted(capsys: pytest.CaptureFixture[str], guests: str) -> None:
    assert run(["check", guests, "--set", "visits=3"]) == 4
    assert "visits is a budget, which a scenario sets: --set visits=unlimited lifts" in capsys.readouterr().err
    assert run(["check", guests, "--set", "visit=unlimited"]) == 4
    assert "M309: unknown option or parameter visit" in capsys.readouterr().err
    assert run(["check", guests, "--set", "most=unlimited"]) == 4
    assert "parameter most is 'unlimited', but a whole number is expected" in capsys.readouterr().err
