"""Faults of channels, crashes and restarts: what each leaves, what each costs, and what does not count as a way on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import build, enabled, explore, in_flight, local, run, walk, write

from mcfsm.explore import exhaustive
from mcfsm.explore.random.calls import Call, key_of, moves_of
from mcfsm.explore.random.walk import walk as random_walk
from mcfsm.explore.tapped import TappedModel, TappedState
from mcfsm.language.files.flow_file import FaultPart, FlowStep, ReceivedPart, SentPart
from mcfsm.model import CHANNEL_FAULTS, FAULTS_OF_ORDER, Model
from mcfsm.pictures.flow import flow_figures
from mcfsm.pictures.flow_text import render_text
from mcfsm.pictures.look import Look
from mcfsm.pictures.mermaid import mermaid_sequence
from mcfsm.pictures.sequence import Caption
from mcfsm.pictures.shapes import Line, TextLine
from mcfsm.problems import ModelError
from mcfsm.questions.replay.replay import replay_flow
from mcfsm.report.check_json import as_steps
from mcfsm.report.flow_file import flow_text
from mcfsm.report.style import bounds
from mcfsm.semantics.product import Product
from mcfsm.semantics.sentence import sentence
from mcfsm.semantics.trace import Trace, replay
from mcfsm.verdicts.reliance import relies_on

TALK = """
domains: {Bit: 0..1}
messages: {m: {x: Bit}}
roles:
  talker:
    states: [talking]
    initial: talking
    final: [talking]
    transitions:
    - {id: say, trigger: say, kind: user, choose: {x: Bit}, send: [{m: {to: l, x: x}}], budget: words}
  listener:
    variables: {heard: 0..1 = 0}
    states: [listening]
    initial: listening
    final: [listening]
    transitions:
    - {id: hear, trigger: m, set: {heard: msg.x}}
scenarios:
  s:
    instances: {t: talker, l: listener}
    channels: {default: {kind: KIND, bound: 3, when_full: block, faults: {FAULTS}}}
    budgets: {words: 3}
"""


def talk(faults: str, kind: str = "fifo", more: str = "") -> Product:
    return Product(build(TALK.replace("KIND", kind).replace("FAULTS", faults).rstrip() + "\n" + more))


def results(product: Product, *names: str) -> list[tuple[str, list[tuple[object, ...]]]]:
    """The faults enabled after some steps, each with the content it leaves."""
    state = walk(product, *names)
    found = []
    for line, step in zip(enabled(product, state), product.steps(state), strict=True):
        if line.startswith("environment"):
            found.append((line.removeprefix("environment "), in_flight(product, step.target).get("t -> l", [])))
    return found


def said(*bits: int) -> list[tuple[object, ...]]:
    return [("m", bit) for bit in bits]


# ---- channels


def test_a_loss_takes_a_message_at_any_position_and_like_results_are_one() -> None:
    product = talk("loss: unlimited")
    assert results(product, "t say x=0", "t say x=1", "t say x=0") == [
        ("loss m(0) in t -> l", said(1, 0)),
        ("loss m(1) in t -> l", said(0, 0)),
        ("loss m(0) in t -> l", said(0, 1)),
    ]
    assert [content for _, content in results(product, "t say x=0", "t say x=0")] == [said(0)]


def test_a_duplication_appends_a_copy_unless_the_channel_is_full() -> None:
    product = talk("duplication: unlimited")
    assert results(product, "t say x=0", "t say x=1") == [
        ("duplication m(0) in t -> l", said(0, 1, 0)),
        ("duplication m(1) in t -> l", said(0, 1, 1)),
    ]
    assert results(product, "t say x=0", "t say x=1", "t say x=1") == []


def test_a_head_loss_strikes_the_oldest_message_alone() -> None:
    product = talk("head_loss: unlimited")
    state = walk(product, "t say x=1", "t say x=0", "t say x=1")
    lost = [step.target for step in product.steps(state) if step.fault is not None]
    assert [in_flight(product, after) for after in lost] == [{"t -> l": [("m", 0), ("m", 1)]}]
    counts = [(one.states, one.transitions) for one in (explore(product.model), explore(talk("loss: unlimited").model))]
    assert counts == [(37, 90), (37, 104)]


@pytest.mark.parametrize(
    ("kind", "faults", "said"),
    [
        ("bag, bound: 3", "head_loss: 1", "head_loss on a bag"),
        ("fifo, bound: 3", "head_loss: 1, loss: 1", "loss and head_loss"),
        ("set", "head_loss: 1", "loss on a set"),
    ],
)
def test_a_head_loss_that_means_nothing_is_refused(kind: str, faults: str, said: str) -> None:
    text = TALK.replace("KIND, bound: 3, when_full: block", kind).replace("FAULTS", faults)
    with pytest.raises(ModelError, match=f"M611 {said}"):
        build(text)


def test_a_corruption_gives_one_element_that_is_there_another_value() -> None:
    product = talk("corruption: unlimited")
    assert results(product, "t say x=0", "t say x=1") == [
        ("corruption m(0) to m(1) in t -> l", said(1, 1)),
        ("corruption m(1) to m(0) in t -> l", said(0, 0)),
    ]


def test_a_bag_keeps_its_order_where_a_message_is_corrupted() -> None:
    product = talk("corruption: 1", "bag")
    assert results(product, "t say x=0", "t say x=0", "t say x=1") == [
        ("corruption m(0) to m(1) in t -> l", said(0, 1, 1)),
        ("corruption m(1) to m(0) in t -> l", said(0, 0, 0)),
    ]


def test_each_value_of_each_element_and_never_one_that_is_absent() -> None:
    wide = TALK.replace("messages: {m: {x: Bit}}", "messages: {m: {x: Bit, y?: Bit, z: '0..2'}}")
    wide = wide.replace("x: x}}]", "x: x, 'y?': 0, z: 1}}]").replace("KIND", "fifo").replace("FAULTS", "corruption: 1")
    product = Product(build(wide))
    there = [line for line, _ in results(product, "t say x=0 -> m(x=0, y=0, z=1)")]
    assert [line.split(" to ")[1] for line in there] == [
        f"m({values}) in t -> l" for values in ("1, 0, 1", "0, 1, 1", "0, 0, 0", "0, 0, 2")
    ]
    absent = [line for line, _ in results(product, "t say x=0 -> m(x=0, z=1)")]
    assert [line.split(" to ")[1] for line in absent] == [f"m({v}) in t -> l" for v in ("1, 1", "0, 0", "0, 2")]


def test_only_what_was_corrupted_is_told() -> None:
    wide = TALK.replace("{m: {x: Bit}}", "{m: {x: Bit, y: Bit}}").replace("x: x}}]", "x: x, y: 1}}]")
    product = Product(build(wide.replace("KIND", "fifo").replace("FAULTS", "corruption: 1")))
    trace = flow(product.model, "t say x=0", "environment corruption m(0, 1) to m(1, 1)")
    assert sentence(product.model, trace.steps[1]) == "The m from t to l is corrupted: x is 1, not 0."


def test_a_message_with_too_many_others_is_not_corrupted() -> None:
    wide = TALK.replace("{m: {x: Bit}}", "{m: {x: Bit, y: '0..999'}}").replace("x: x}}]", "x: x, y: 7}}]")
    text = wide.replace("KIND", "fifo").replace("FAULTS", "corruption: 1")
    with pytest.raises(
        ModelError, match="M611 corruption could make any of 1,000 others of m, and at most 256 are tried"
    ):
        build(text)


def test_a_reordering_lets_two_different_neighbours_change_places() -> None:
    product = talk("reordering: unlimited")
    assert results(product, "t say x=0", "t say x=1", "t say x=1") == [("reordering m(1) in t -> l", said(1, 0, 1))]
    assert results(product, "t say x=0", "t say x=0") == []


def test_on_a_bag_a_fault_is_one_less_or_one_more() -> None:
    product = talk("loss: unlimited, duplication: unlimited", "bag")
    assert results(product, "t say x=1", "t say x=0") == [
        ("loss m(0) in t -> l", said(1)),
        ("loss m(1) in t -> l", said(0)),
        ("duplication m(0) in t -> l", said(0, 0, 1)),
        ("duplication m(1) in t -> l", said(0, 1, 1)),
    ]


def test_a_budget_of_a_line_that_counts_for_nobody_is_left_out() -> None:
    closer = "loss: 1}}, t -> l: {kind: fifo, bound: 1, faults: {loss: 2"
    text = TALK.replace("KIND", "fifo").replace("FAULTS", closer)
    assert [(budget.name, budget.limit) for budget in build(text).budgets] == [("words", 3), ("loss in t -> l", 2)]


def test_a_number_is_a_budget_of_its_own_and_a_name_is_shared() -> None:
    product = talk("loss: 1, duplication: words")
    assert [(budget.name, budget.limit) for budget in product.model.budgets] == [("words", 3), ("loss in default", 1)]
    state = walk(product, "t say x=0", "environment duplication", "environment loss")
    assert state.budgets == (1, 0)
    assert in_flight(product, state) == {"t -> l": said(0)}
    assert [line for line in enabled(product, state) if "environment" in line] == [
        "environment duplication m(0) in t -> l"
    ]
    assert bounds(product.model) == "3 words, 1 loss in default, fifo 3 (block, loss, duplication)"


def test_steps_of_the_environment_come_last_freeze_first() -> None:
    product = talk("loss: unlimited", more="    freeze: true\n    crash: {talker: 1, l: unlimited}\n")
    assert enabled(product, walk(product, "t say x=0")) == [
        "t say x=0 -> m(x=0) l",
        "t say x=1 -> m(x=1) l",
        "l hear <- m(0) t",
        "environment freeze",
        "environment loss m(0) in t -> l",
        "environment crash t",
        "environment crash l",
    ]
    faults = "1 crash of talker, fifo 3 (block, any loss), l may crash, what arrives at t and l while down is lost"
    assert bounds(product.model) == f"3 words, {faults}, who is down need not restart, freeze"


def test_faults_stop_with_the_freeze_and_a_restart_does_not() -> None:
    product = talk("loss: unlimited", more="    freeze: true\n    crash: {l: unlimited}\n")
    state = walk(product, "t say x=0", "environment crash", "environment freeze")
    assert enabled(product, state) == ["l lost <- m(0) t", "l restart l"]


STUCK = """
messages: {m: {}}
roles:
  talker:
    states: [before, after]
    initial: before
    final: [before]
    transitions:
    - {id: go, trigger: go, kind: user, source: before, dest: after, send: [{m: {to: l}}]}
  listener: {states: [there], initial: there, final: [there], transitions: [], defer: {m: [there]}}
scenarios:
  s: {instances: {t: talker, l: listener}, channels: {default: {bound: 2, faults: {duplication: 3}}}}
"""


def test_a_fault_is_no_way_out_of_a_deadlock() -> None:
    for engine in (explore, lambda text: exhaustive.explore(build(text), full=True)):
        found = engine(STUCK)
        assert [fault.check for fault in found.faults] == ["check.deadlock"]
        assert len(found.faults[0].path) == 1  # and there is a duplication in its last state
        assert found.states == 3


def test_a_restart_is_a_way_out_of_a_deadlock() -> None:
    product = Product(build(STUCK.rstrip()[:-1] + ", crash: {l: 2}}"))
    for names, deadlocked in (
        (["t go"], True),  # a crash is no way out,
        (["t go", "environment crash"], False),  # the restart after it is
        (["t go", "environment crash", "l restart"], True),
    ):
        state = walk(product, *names)
        assert product.deadlocked(state, product.expand(state)) is deadlocked


# ---- crashes

SERVE = """
messages: {ask: {}, say: {}}
roles:
  caller:
    states: [idle, waiting]
    initial: idle
    final: [idle, waiting]
    transitions:
    - {id: ask, trigger: ask_it, kind: user, source: idle, dest: waiting, send: [{ask: {to: server}}]}
    ignore: {say: [idle, waiting]}
  exchange:
    parameters: {first: 0..3}
    variables: {kept: 0..3 = first, gone: 0..3 = first}
    persistent: [kept]
    timers: [rest]
    regions:
      left: {states: [l0, l1], initial: l0, final: [l0]}
      right: {states: [r0, r1], initial: r0, final: [r0, r1]}
    transitions:
    - id: work
      trigger: ask
      dest: {left: l1, right: r1}
      set: {kept: 2, gone: 3}
      start: rest
      send: [{say: {to: sender}}]
    - {id: rest, trigger: rest, kind: timer, dest: l0}
observers:
  sees:
    variables: {lost: 0..2 = 0, fell: 0..2 = 0, rose: bool}
    transitions:
    - {on: {fault: loss}, conditions: sender == client, set: {lost: "min(lost + 1, 2)"}}
    - {on: {fault: crash}, conditions: before.gone == 3 and after.gone == 1 and actor == server, set: {fell: 1}}
    - {on: {fault: restart}, conditions: before.left == down and after.left == l0, set: {rose: true}}
properties:
  seen: {text: It is seen., reachable: sees.fell == 1 and sees.rose}
  down:
    text: Whoever is down is in no state.
    when: server.left == down
    never: at(server, r1) or server.right == r0 or server.rest
  up: {text: Who is up is in states., when: "not at(server, down)", always: "server.right in {r0, r1}"}
  arrives: {text: What arrives while down is lost., reachable: sees.lost == 1 and client.state == waiting}
scenarios:
  s:
    instances: {client: caller, server: {role: exchange, parameters: {first: 1}}}
    channels: {default: {bound: 1}}
    crash: {server: {budget: 1, arrivals: lost}}
  waits:
    like: s
    crash: {server: {budget: 2, arrivals: wait}}
    properties: [seen, down, up]
  never: {like: s, crash: {server: 0}, expect: {seen: violated, arrives: violated, down: vacuous}}
"""


def test_a_crash_leaves_what_is_persistent_and_a_restart_begins_anew() -> None:
    product = Product(build(SERVE))
    state = walk(product, "client ask", "server work")
    assert local(product, state, "server") == {"left": "l1", "right": "r1", "kept": 2, "gone": 3, "rest": True}
    state = walk(product, "client ask", "server work", "environment crash")
    assert local(product, state, "server") == {"left": "down", "right": "down", "kept": 2, "gone": 1, "rest": False}
    assert enabled(product, state) == ["client ignore <- say() server", "server restart server"]
    state = walk(product, "client ask", "server work", "environment crash", "server restart")
    assert local(product, state, "server") == {"left": "l0", "right": "r0", "kept": 2, "gone": 1, "rest": False}
    assert state.budgets == (0,)


def test_what_arrives_while_down_is_lost_or_waits() -> None:
    product = Product(build(SERVE))
    state = walk(product, "client ask", "environment crash")
    assert enabled(product, state) == ["server lost <- ask() client", "server restart server"]
    after = walk(product, "client ask", "environment crash", "server lost")
    assert in_flight(product, after) == {}
    assert local(product, after, "sees")["lost"] == 1
    waiting = Product(build(SERVE, "waits"))
    assert enabled(waiting, walk(waiting, "client ask", "environment crash")) == ["server restart server"]


def test_a_message_is_not_unspecified_where_its_receiver_is_down() -> None:
    product = Product(build(SERVE, "waits"))
    state = walk(product, "client ask", "environment crash")
    expansion = product.expand(state)
    assert expansion.refused == ()
    assert not product.deadlocked(state, expansion)


@pytest.mark.parametrize(("scenario", "states"), [("s", 20), ("waits", 30), ("never", 6)])
def test_both_explorers_agree_on_crashes(scenario: str, states: int) -> None:
    model = build(SERVE, scenario)
    first, second = explore(model), exhaustive.explore(model, full=True)
    assert (first.states, first.transitions, first.depth) == (second.states, second.transitions, second.depth)
    assert first.states == states
    assert first.paths == second.paths
    assert ("seen" in first.paths) is (scenario != "never")


def test_of_the_lines_that_fit_the_closest_says_who_may_crash() -> None:
    text = """
    roles: {r: {states: [x], initial: x, final: [x], transitions: [{trigger: t, kind: user}]}}
    scenarios:
      s:
        instances: {a: r, g: {role: r, count: 2}}
        crash: {g(2): unlimited, g: {budget: falls, arrivals: wait}, r: 1}
        budgets: {falls: 2}
    """
    model = build(text)
    assert [(i.name, i.crash and (i.crash.budget, i.crash.arrivals)) for i in model.instances] == [
        ("a", ("crash of r", "lost")),
        ("g(1)", ("falls", "wait")),
        ("g(2)", (None, "lost")),
    ]
    one_fall, two_falls, any_falls = 1 + 2, 1 + 2 + 2, 2  # up, and then down or up for each fall; just down or up
    assert explore(model).states == one_fall * two_falls * any_falls


# ---- what is shown


def flow(model: Model, *names: str) -> Trace:
    product = Product(model)
    return replay(product, run(product, *names)[0])


def test_a_fault_is_a_row_of_its_own_in_a_chart() -> None:
    product = talk("loss: 1, duplication: 1, reordering: 1", more="    crash: {l: 1}\n")
    trace = flow(
        product.model, "t say x=0", "t say x=1", "environment reordering", "environment duplication m(0)",
        "environment loss m(1)", "l hear", "environment crash", "l lost", "l restart",
    )  # fmt: skip
    assert render_text(trace, product.model).splitlines() == [
        "       t           l",
        "   1   o           |   say, user (spontaneous)",
        "       |           |   x = 0",
        "       |           |   its message arrives at 6",
        "   2   o           |   say, user (spontaneous)",
        "       |           |   x = 1",
        "       |           |   its message is lost at 5",
        "   3   |... m ....~|   1",
        "       |           |   reordering, fault",
        "   4   |... m ....+|   0",
        "       |           |   duplication, fault",
        "   5   |... m ....x|   1",
        "       |           |   loss, fault",
        "       |           |   sent at 2",
        "   6   |--- m ---->|   0",
        "       |           |   sent at 1",
        "   7   |           o   crash, fault",
        "   8   |--- m ---->|   0",
        "       |           |   lost: the receiver is down",
        "       |           |   copied at 4",
        "   9   |           o   restart (spontaneous)",
    ]
    assert [line.strip() for line in mermaid_sequence(trace, product.model).splitlines()[3:]] == [
        "Note over p1: 1. say (user) (x = 0)",
        "Note over p1: 2. say (user) (x = 1)",
        "p1--)p2: 3. m (1) (reordering, a fault)",
        "p1--)p2: 4. m (0) (duplication, a fault)",
        "p1-xp2: 5. m (1) (loss, a fault#59; sent at 2)",
        "p1-)p2: 6. m (0) (sent at 1)",
        "Note over p2: 7. Crash, a fault",
        "p1-)p2: 8. m (0) (lost#58; the receiver is down#59; copied<br/>at 4)",
        "Note over p2: 9. Restart",
    ]
    (drawn,) = flow_figures(product.model, trace, Caption(""), None, Look(steps="none"))
    written = [" ".join(mark.text.split()) for mark in drawn.marks if isinstance(mark, TextLine)]
    assert written[2:] == [
        *(
            "1. say (user) (x = 0)",
            "2. say (user) (x = 1)",
            "3. m (reordering, a fault)",
            "4. m (duplication, a fault)",
        ),
        *("5. m (loss, a fault)", "6. m", "7. Crash, a fault", "8. m (lost: the receiver is down)", "9. Restart"),
    ]
    crossed = [mark for mark in drawn.marks if isinstance(mark, Line) and mark.width > 1]
    assert len(crossed) == 2  # the x where step 5 loses its message


@pytest.mark.parametrize(
    ("channel", "kind"),
    [(one, kind) for one in ("fifo", "bag") for kind in CHANNEL_FAULTS if one == "fifo" or kind not in FAULTS_OF_ORDER],
)
def test_a_fault_of_each_kind_is_told_drawn_and_followed_at_a_tap(channel: str, kind: str) -> None:
    product = talk(f"{kind}: 1", channel)
    taken, before = run(product, "t say x=0", "t say x=1")
    tapped = TappedModel(product.model, [0], lambda _: True)
    struck = [step for step in product.steps(before) if step.fault is not None]
    assert struck
    for step in struck:
        trace = replay(product, [*taken, step])
        assert "from t to l" in sentence(product.model, trace.steps[2])
        assert f"{kind}, fault" in render_text(trace, product.model)
    for seen in ((), before.channels[0]):  # of what was not seen, and of what was
        assert any(step.fault is not None for step, _ in tapped.steps(TappedState(before, (seen,))))


def test_a_corrupted_message_is_drawn_and_told_as_what_it_was_and_what_it_becomes() -> None:
    product = talk("corruption: 1")
    trace = flow(product.model, "t say x=0", "t say x=1", "environment corruption m(0) to m(1)", "l hear")
    assert render_text(trace, product.model).splitlines()[1:] == [
        "   1   o           |   say, user (spontaneous)",
        "       |           |   x = 0",
        "       |           |   its message is corrupted at 3",
        "   2   o           |   say, user (spontaneous)",
        "       |           |   x = 1",
        "       |... m ....>|   1",
        "       |           |   in flight at the end",
        "   3   |... m ....!|   0",
        "       |           |   corruption, fault",
        "       |           |   becomes m(1)",
        "       |           |   sent at 1",
        "   4   |--- m ---->|   1",
    ]
    assert as_steps(trace)[2]["fault"]["becomes"] == {"x": "1"}
    assert sentence(product.model, trace.steps[2]) == "The m from t to l is corrupted: x is 1, not 0."


def test_a_flow_with_a_corruption_is_replayed_as_it_was_saved(tmp_path: Path) -> None:
    model = write(TALK.replace("KIND", "fifo").replace("FAULTS", "corruption: 1"), tmp_path)
    product = talk("corruption: 1")
    saved = flow_text(product.model, flow(product.model, "t say x=0", "environment corruption", "l hear"), "corrupted")
    written = tmp_path / "flow.yaml"
    for text, allowed in ((saved, True), (saved.replace('"becomes": {"x": "1"}', '"becomes": {"x": "0"}'), False)):
        written.write_text(text, encoding="utf-8")
        assert (replay_flow(model, written).refused is None) is allowed


def test_a_fault_in_json() -> None:
    product = talk("loss: 1", more="    crash: {l: 1}\n")
    steps = as_steps(flow(product.model, "t say x=1", "environment loss", "environment crash", "l restart"))
    faults = json.loads(json.dumps(steps))[1:]
    assert [(s["instance"], s["transition"], s["kind"]) for s in faults] == [
        ("environment", "loss", "fault"),
        ("environment", "crash", "fault"),
        ("l", "restart", "restart"),
    ]
    assert faults[0]["fault"] == {
        "fault": "loss",
        "instance": None,
        "sender": "t",
        "receiver": "l",
        "message": "m",
        "elements": {"x": "1"},
        "position": 0,
        "becomes": None,
    }
    assert faults[1]["fault"]["instance"] == "l"
    assert faults[1]["changes"] == [{"instance": "l", "name": "state", "before": "listening", "after": "down"}]


def test_a_step_in_json_has_the_keys_of_a_flow_file() -> None:
    """A trace from a report is a flow file too: what is added to one is added to the other."""
    product = talk("corruption: 1")
    sends, fault, hears = as_steps(flow(product.model, "t say x=0", "environment corruption", "l hear"))
    assert [set(sends), set(fault), set(hears)] == [set(FlowStep.keys) - {"trigger"}] * 3  # for who knows no id
    assert set(sends["sends"][0]) == set(SentPart.keys)
    assert set(hears["receives"]) == set(ReceivedPart.keys)
    assert set(fault["fault"]) == set(FaultPart.keys)


# ---- random walks


def test_faults_are_moves_by_name_and_position() -> None:
    product = talk("loss: 1, reordering: 1", more="    crash: {l: 1}\n")
    moves = moves_of(product.model, set())
    state = walk(product, "t say x=0", "t say x=1")
    calls = [repr(Call(moves[key_of(step)], moves[key_of(step)].values(step))) for step in product.steps(state)]
    assert calls == [
        "t__say(x='0')",
        "t__say(x='1')",
        "l__hear()",
        "environment__loss_t_l(position=0)",
        "environment__loss_t_l(position=1)",
        "environment__reordering_t_l(position=0)",
        "environment__crash_l()",
    ]
    down = walk(product, "t say x=0", "environment crash")
    names = [moves[key_of(step)].name for step in product.steps(down)]
    assert names == ["t__say", "t__say", "l__ignore_m", "l__restart", "environment__loss_t_l"]


def test_a_walk_finds_what_only_faults_do() -> None:
    text = TALK.replace("KIND", "fifo").replace("FAULTS", "loss: 1, reordering: 1").rstrip() + "\n    crash: {l: 1}\n"
    text = text.replace("scenarios:", "properties:\n  kept: {text: t, never: 'at(l, down) and l.heard == 0 and "
                        "not in_flight(m, x=0) and in_flight(m, x=1)'}\nscenarios:")  # fmt: skip
    found = random_walk(build(text), examples=300, steps=12, seed=1)
    assert found.violation is not None
    assert [step.transition for step in found.violation.trace.steps] == ["say", "crash"]


PERSISTENT_UNDER = """
options:
  storage: {text: Where., default: disk, values: {disk: , tape: , memory: }}
roles:
  node:
    variables: {a: bool, b: bool, c: bool}
    persistent: [a, {variables: [b, c], under: {storage: disk}}, {variables: c, under: {storage: [tape]}}]
    states: [up]
    initial: up
    final: [up]
    transitions: [{trigger: go, kind: user, unless: a, set: {a: true, b: true, c: true}}]
scenarios:
  s:
    instances: {i: node}
    crash: {i: 1}
"""


@pytest.mark.parametrize(
    ("storage", "kept"), [("disk", (True, True, True)), ("tape", (True, False, True)), ("memory", (True, False, False))]
)
def test_what_survives_under_an_option(storage: str, kept: tuple[bool, ...]) -> None:
    product = Product(build(PERSISTENT_UNDER, storage=storage))
    state = walk(product, "i node.go.1", "environment crash", "i restart")
    assert state.locals[0].values == kept


@pytest.mark.parametrize(
    ("steps", "relies"),
    [(("i node.go.1", "environment crash"), ("storage=tape",)), (("i node.go.1",), ())],
    ids=["behind a crash", "before any"],
)
def test_a_flow_with_a_crash_relies_on_what_decides_which_variables_survive(
    steps: tuple[str, ...], relies: tuple[str, ...]
) -> None:
    model = build(PERSISTENT_UNDER, storage="tape")
    taken, _ = run(Product(model), *steps)
    assert tuple(map(str, relies_on(model, taken))) == relies
