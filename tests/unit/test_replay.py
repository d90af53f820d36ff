"""Replaying a flow: it is allowed iff some run matches it, and a step that is refused says what was wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import write

from mcfsm.problems import ModelError
from mcfsm.questions.replay import replay as replaying
from mcfsm.questions.replay.replay import Replayed, replay_flow
from mcfsm.report.flow_file import flow_text

DESK = """
readings:
  hours: {text: Whether it closes., default: open, values: {open: , closed: }}
messages: {ask: {n: 0..3, why?: 0..3}, poke: {}, late: {}, done: {}}
roles:
  guest:
    variables: {tries: 0..3 = 0}
    states: [idle, waiting]
    initial: idle
    final: [idle, waiting]
    transitions:
    - {id: ask, trigger: go, kind: user, source: idle, dest: waiting, choose: {p: "{1, 2}"}, conditions: [tries < 3, tries + p < 4], set: {tries: tries + 1}, send: [{ask: {to: b, n: p, why?: 3}}], budget: asks}
    - {id: poke, trigger: poke_it, kind: protocol, source: waiting, send: [{poke: {to: b}}]}
    - {id: add, trigger: add, kind: protocol, source: waiting, send: [{late: {to: b}}]}
    - {id: end, trigger: done, source: waiting, dest: idle}
    - {id: shut, trigger: shut, kind: environment, under: {hours: closed}, source: idle}
  desk:
    states: [free, busy]
    initial: free
    final: [free, busy]
    transitions:
    - {id: take, trigger: ask, from: a, source: free, dest: busy, unless: present(msg.why)}
    - {id: refuse, trigger: ask, source: free, conditions: present(msg.why), send: [{done: {to: sender}}]}
    - {id: finish, trigger: finish, kind: protocol, source: busy, dest: free, send: [{done: {to: a}}]}
    - {id: take_late, trigger: late, source: free}
    ignore: {poke: [busy]}
    defer: {late: [busy]}
scenarios:
  s:
    instances: {a: guest, b: desk}
    channels: {default: {kind: fifo, bound: 2, when_full: block}}
    budgets: {asks: 2}
    freeze: true
    expect: {check.deadlock: violated, check.reception: violated}
"""  # noqa: E501


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return write(DESK, tmp_path)


def replayed(model: Path, *steps: str, **options: str) -> Replayed:
    flow = model.parent / "flow.yaml"
    flow.write_text(
        "steps:\n" + "".join(f"- {{{step}}}\n" for step in steps) if steps else "steps: []", encoding="utf-8"
    )
    return replay_flow(model, flow, readings=options)


def refused(model: Path, *steps: str, **options: str) -> tuple[int, list[tuple[str, str | None, str, int]]]:
    """The number of the step that is refused, and the reasons: kind, transition, text, states."""
    found = replayed(model, *steps, **options).refused
    assert found is not None
    return found.step.number, [(why.kind, why.transition, why.text, states) for why, states in found.reasons]


ASK = "instance: a, transition: ask, chosen: {p: 2}, sends: [{message: ask, elements: {why: ~}}]"
TAKE = "instance: b, transition: take"
POKE, ADD = "instance: a, trigger: poke_it", "instance: a, trigger: add"
END = "instance: a, receives: done"


def test_a_flow_is_allowed_if_a_run_matches_it(desk: Path) -> None:
    found = replayed(desk, ASK, TAKE, "instance: b, trigger: finish", END)
    assert (found.allowed, found.states, len(found.steps)) == (True, 1, 4)
    assert [step.transition for step in found.trace.steps] == ["ask", "take", "finish", "end"]


def test_a_flow_without_steps_is_allowed(desk: Path) -> None:
    assert (replayed(desk).allowed, replayed(desk).states, len(replayed(desk).trace)) == (True, 1, 0)


def test_what_a_step_leaves_out_is_left_open(desk: Path) -> None:
    found = replayed(desk, "instance: a, trigger: go")
    assert found.states == 4  # p is 1 or 2, why is there or not
    found = replayed(desk, "instance: a, trigger: go", TAKE)
    assert found.states == 1  # which p it was, nobody remembers
    assert found.trace.steps[0].sends[0].elements == (("n", "1"),)  # the first run that gets that far


def test_a_run_that_fits_only_later_steps_is_not_lost(desk: Path) -> None:
    """The first step may be any of four; only a present `why` is refused and answered at once."""
    found = replayed(desk, "instance: a, trigger: go", "instance: b, receives: ask", END)
    assert found.allowed
    assert [step.transition for step in found.trace.steps] == ["ask", "refuse", "end"]


def test_elements_choices_and_sends_narrow(desk: Path) -> None:
    assert replayed(desk, "instance: a, transition: ask, chosen: {p: 1}").states == 2
    sends = "sends: [{message: ask, receiver: b, elements: {n: 2, why: 3}}]"
    assert replayed(desk, f"instance: a, transition: ask, {sends}").states == 1
    assert replayed(desk, "instance: a, trigger: go, sends: [{message: ask, elements: {why: ~}}]").states == 2


def test_ignored_messages_and_the_freeze_are_steps_too(desk: Path) -> None:
    found = replayed(desk, ASK, TAKE, POKE, "instance: b, transition: ignore, receives: poke", "instance: environment")
    assert found.allowed
    assert [step.transition for step in found.trace.steps][3:] == ["ignore", "freeze"]
    assert replayed(desk, ASK, TAKE, POKE, "instance: b, receives: poke").allowed


@pytest.mark.parametrize(
    ("steps", "reasons"),
    [
        pytest.param(
            [ASK, "instance: a, transition: ask"],
            [("state", "ask", "state is waiting, not idle", 1)],
            id="state",
        ),
        pytest.param(
            ["instance: a, trigger: go", "instance: b, transition: take, receives: {message: ask, elements: {why: 3}}"],
            [
                ("guard", "take", "present(msg.why) is true (msg.why = 3)", 2),
                ("not_offered", "take", "ask(why=3) is not offered: a -> b offers ask(1)", 1),
                ("not_offered", "take", "ask(why=3) is not offered: a -> b offers ask(2)", 1),
            ],
            id="guard",
        ),
        pytest.param(
            [END],
            [("not_offered", None, "done is not offered: every channel to a is empty", 1)],
            id="nothing to receive",
        ),
        pytest.param(
            ["instance: a, receives: {message: done, sender: b}"],
            [("not_offered", None, "done is not offered: b -> a is empty", 1)],
            id="nothing from the sender",
        ),
        pytest.param(
            [ASK, POKE, "instance: b, receives: poke"],
            [("not_offered", None, "poke() waits in a -> b behind ask(2)", 1)],
            id="behind the head",
        ),
        pytest.param(
            [ASK, POKE, ADD],
            [("full", "add", "a -> b is full: it holds 2", 1)],
            id="full",
        ),
        pytest.param(
            [ASK, TAKE, ADD, "instance: b, transition: take_late"],
            [("deferred", "take_late", "late() is deferred in busy", 1)],
            id="deferred",
        ),
        pytest.param(
            [ASK, TAKE, POKE, "instance: b, trigger: finish", "instance: b, receives: poke"],
            [("unhandled", None, "desk has no answer to poke() from a", 1)],
            id="unhandled",
        ),
        pytest.param(
            [ASK, "instance: b, transition: ignore"],
            [("not_ignored", "ignore", "ask(2) from a is not ignored: it is handled", 1)],
            id="not ignored",
        ),
        pytest.param(
            ["instance: environment", "instance: environment"],
            [("frozen", "freeze", "the environment is frozen already", 1)],
            id="frozen twice",
        ),
        pytest.param(
            ["instance: environment", ASK],
            [("frozen", "ask", "the environment is frozen, and this is a user step", 1)],
            id="frozen",
        ),
        pytest.param(
            ["instance: a, transition: ask, sends: []"],
            [
                ("sends", "ask", "it sends ask(1, 3) to b", 1),
                ("sends", "ask", "it sends ask(1) to b", 1),
                ("sends", "ask", "it sends ask(2, 3) to b", 1),
                ("sends", "ask", "it sends ask(2) to b", 1),
            ],
            id="sends",
        ),
        pytest.param(
            ["instance: a, transition: shut"],
            [("absent", "shut", "shut stands under hours=closed", 1)],
            id="another reading",
        ),
    ],
)
def test_a_refused_step_says_why(desk: Path, steps: list[str], reasons: list[tuple[str, str, str, int]]) -> None:
    assert refused(desk, *steps) == (len(steps), reasons)


def test_guards_say_what_they_read(desk: Path) -> None:
    round_trip = [ASK, TAKE, "instance: b, trigger: finish", END]
    again = "instance: a, transition: ask, chosen: {p: 1}"
    text = desk.read_text(encoding="utf-8").replace("budgets: {asks: 2}", "budgets: {asks: unlimited}")
    desk.write_text(text, encoding="utf-8")
    steps = [*round_trip, again, "instance: b, receives: ask", "instance: b, trigger: finish", END]
    number, reasons = refused(desk, *steps, "instance: a, transition: ask, chosen: {p: 2}")
    assert (number, reasons) == (9, [("guard", "ask", "tries + p < 4 is false (tries = 2, p = 2)", 1)])


def test_a_value_that_cannot_be_chosen_now(desk: Path) -> None:
    text = desk.read_text(encoding="utf-8").replace('choose: {p: "{1, 2}"}', 'choose: {p: "{1, 2} - {tries}"}')
    desk.write_text(text, encoding="utf-8")
    steps = [ASK, TAKE, "instance: b, trigger: finish", END, "instance: a, transition: ask, chosen: {p: 1}"]
    assert refused(desk, *steps) == (5, [("choice", "ask", "p=1 cannot be chosen, only p=2", 1)])


def test_a_budget_that_is_used_up(desk: Path) -> None:
    text = desk.read_text(encoding="utf-8").replace("budgets: {asks: 2}", "budgets: {asks: 1}")
    desk.write_text(text, encoding="utf-8")
    steps = [ASK, TAKE, "instance: b, trigger: finish", END, "instance: a, trigger: go"]
    assert refused(desk, *steps) == (5, [("budget", "ask", "budget asks is used up", 1)])


def test_a_sender_that_is_not_allowed(tmp_path: Path) -> None:
    two = DESK.replace("instances: {a: guest, b: desk}", "instances: {a: guest, c: guest, b: desk}")
    model = write(two, tmp_path)
    ask = ASK.replace("instance: a", "instance: c")
    assert refused(model, ask, TAKE) == (2, [("sender", "take", "from c is not allowed", 1)])
    wanted = "instance: b, receives: {message: ask, sender: a}"
    assert refused(model, ask, wanted) == (2, [("not_offered", None, "ask is not offered: a -> b is empty", 1)])


def test_a_transition_of_the_other_reading_is_there_under_it(desk: Path) -> None:
    assert replayed(desk, "instance: a, transition: shut", hours="closed").allowed


def test_a_scenario_without_freeze_says_so(desk: Path) -> None:
    desk.write_text(desk.read_text(encoding="utf-8").replace("freeze: true", "freeze: false"), encoding="utf-8")
    assert refused(desk, "instance: environment") == (1, [("frozen", "freeze", "the scenario allows no freeze", 1)])


def test_a_flow_that_may_mean_too_much_is_given_up(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "MOST_STATES", 3)
    with pytest.raises(ModelError, match="M903 the steps up to 1 may lead to more than 3 states"):
        replayed(desk, "instance: a, trigger: go")
    assert replayed(desk, "instance: a, trigger: go, chosen: {p: 1}").states == 2


FAULTY = """
messages: {m: {n: 0..1}}
roles:
  talker:
    states: [x]
    initial: x
    final: [x]
    timers: [patience]
    transitions:
    - {id: say, trigger: say, kind: user, budget: says, start: patience, send: [{m: {to: l, n: 1}}]}
    - {id: again, trigger: patience, kind: timer}
    - {id: later, trigger: patience, kind: timer, conditions: "false"}
  listener:
    states: [y]
    initial: y
    final: [y]
    transitions: [{id: hear, trigger: m}]
scenarios:
  s:
    instances: {t: talker, l: listener}
    channels: {default: {bound: 2, when_full: block, faults: {loss: 1, duplication: 1}}}
    crash: {l: 1}
    budgets: {says: 2}
"""


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        ("say | loss", None),
        ("say | duplication | loss | hear | crash | restart", None),
        ("say | crash | lost", None),
        ("loss", "no channel holds what it could strike"),
        ("reordering", "the scenario allows no reordering"),
        ("say | duplication | loss | loss", "is used up"),
        ("say | loss 0", "it can only strike m(1) in t -> l"),
        ("crash | crash", "nobody is up"),
        ("restart", "l is not down"),
        ("say | crash | hear", "l is down"),
        ("again", "timer patience is not running"),
        ("later", "timer patience is not running"),
        ("say | later", "false is false"),
    ],
)
def test_faults_and_timers_are_steps_of_flows(steps: str, refused: str | None, tmp_path: Path) -> None:
    model_file, flow = write(FAULTY, tmp_path), tmp_path / "flow.yaml"
    lines = []
    for step in steps.split(" | "):
        kind, _, element = step.partition(" ")
        who = {"say": "t", "again": "t", "later": "t", "hear": "l", "lost": "l", "restart": "l"}.get(
            kind, "environment"
        )
        fault = f", fault: {{message: m, elements: {{n: {element}}}}}" if element else ""
        lines.append(f"- {{instance: {who}, transition: {kind}{fault}}}\n")
    flow.write_text("".join(lines), encoding="utf-8")
    replayed = replay_flow(model_file, flow)
    if refused is None:
        assert replayed.allowed
        flow.write_text(flow_text(replayed.model, replayed.trace, "again"), encoding="utf-8")
        assert replay_flow(model_file, flow).allowed
    else:
        assert replayed.refused is not None
        assert replayed.refused.step.number == len(lines)
        assert any(refused in reason.text for reason, _ in replayed.refused.reasons)


@pytest.mark.parametrize("step", ["transition: take_late", "transition: ignore, receives: late", "receives: late"])
def test_of_a_set_too_what_is_deferred_is_said_to_be(step: str, tmp_path: Path) -> None:
    desk = write(DESK.replace("kind: fifo, bound: 2, when_full: block", "kind: set"), tmp_path)
    _, reasons = refused(desk, ASK, TAKE, ADD, f"instance: b, {step}")
    assert [(kind, text) for kind, _, text, _ in reasons] == [("deferred", "late() is deferred in busy")]
