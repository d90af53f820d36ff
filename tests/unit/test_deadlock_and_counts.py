"""What a deadlock is, what is counted, and what a search that stops early counts (decision 0004)."""

import pytest
from building import build, explore

from mcfsm.explore import reference
from mcfsm.explore.findings import Limits

DEADLOCK = ("check.deadlock", "no step is possible, and not everybody is at rest")


def deadlocks(text: str) -> list[int]:
    """The length of the flow to the deadlock, if there is one."""
    return [len(fault.path) for fault in explore(text).faults if fault.check == "check.deadlock"]


REST = """
messages: {m: {}}
roles:
  talker:
    states: [x, y]
    initial: x
    final: FINAL
    transitions: [{trigger: go, kind: KIND, source: x, dest: y, send: [SEND]}]
  listener:
    regions: {left: {states: [l], initial: l, final: [l]}, right: {states: [r], initial: r, final: RIGHT}}
    LISTED
    transitions: [{trigger: m, conditions: "false"}]
scenarios: {s: {instances: {t: talker, l1: listener}, channels: {default: CHANNEL}, freeze: FREEZE}}
"""


def rest(
    *,
    final: str = "[y]",
    right: str = "[r]",
    kind: str = "protocol",
    send: str = "",
    channel: str = "{bound: 1}",
    freeze: str = "false",
    defer: bool = False,
) -> str:
    text = REST.replace("FINAL", final).replace("KIND", kind).replace("RIGHT", right).replace("FREEZE", freeze)
    text = text.replace("SEND", "{m: {to: l1}}" if send else "").replace("CHANNEL", channel)
    return text.replace("    LISTED\n", "    defer: {m: [l]}\n" if defer else "")


def test_no_deadlock_where_every_region_rests() -> None:
    assert deadlocks(rest()) == []


@pytest.mark.parametrize("text", [rest(final="[x]"), rest(right="[]")])
def test_a_region_that_may_not_rest_is_a_deadlock(text: str) -> None:
    assert deadlocks(text) == [1]


@pytest.mark.parametrize(
    ("channel", "found"), [("{bound: 1}", [1]), ("{kind: bag, bound: 1}", [1]), ("{kind: set}", [])]
)
def test_a_message_that_waits_is_a_deadlock_but_on_a_set(channel: str, found: list[int]) -> None:
    assert deadlocks(rest(send="m", channel=channel)) == found
    assert deadlocks(rest(send="m", channel=channel, defer=True)) == found


@pytest.mark.parametrize("kind", ["fifo", "bag"])
def test_a_message_that_may_stay_is_no_deadlock(kind: str) -> None:
    channel = f"{{kind: {kind}, bound: 1, may_stay: true}}"
    assert deadlocks(rest(send="m", channel=channel, defer=True)) == []
    assert deadlocks(rest(send="m", channel=channel)) == []  # without an answer, which is another finding
    assert deadlocks(rest(send="m", channel=channel, defer=True, right="[]")) == [1]


def test_a_message_that_waits_beside_one_that_may_stay_is_a_deadlock() -> None:
    text = rest(send="m", channel="{bound: 1, may_stay: true}, l1 -> l1: {bound: 1}, t -> l1: {may_stay: false}")
    assert deadlocks(text) == [1]


def test_freeze_alone_is_no_way_on() -> None:
    assert deadlocks(rest(final="[x]", freeze="true")) == [1]


def test_what_the_freeze_leaves_without_a_step_is_a_deadlock() -> None:
    """Frozen in x, where it may not rest, only the user could have gone on."""
    assert deadlocks(rest(kind="user")) == []
    assert deadlocks(rest(kind="user", freeze="true")) == [1]


def test_a_blocked_or_overflowing_step_is_no_way_on() -> None:
    full = """
        messages: {m: {}}
        roles:
          r:
            states: [x]
            initial: x
            final: [x]
            transitions: [{trigger: go, kind: protocol, send: [{m: {to: self}}]}]
            defer: {m: [x]}
        scenarios: {s: {instances: {a: r}, channels: {default: {bound: 1, when_full: WHEN}}}}
    """
    assert deadlocks(full.replace("WHEN", "block")) == [1]
    assert deadlocks(full.replace("WHEN", "error")) == [1]
    assert deadlocks(full.replace("WHEN", "lose")) == []  # losing is a step, a self-loop


LOOPS = """
roles:
  r:
    variables: {n: 0..2 = 0}
    states: [x]
    initial: x
    final: [x]
    transitions:
    - {id: up, trigger: up, kind: user, conditions: n < 2, set: {n: n + 1}}
    - {id: stay, trigger: stay, kind: user}
    - {id: same, trigger: same, kind: user, choose: {k: "{0, 1}"}}
    - {id: never, trigger: never, kind: user, conditions: n == 2 and n == 0}
properties:
  half: {text: Not one., never: a.n == 1}
  can: {text: Zero is there., reachable: a.n == 0}
scenarios: {s: {instances: {a: r}}}
"""


def test_self_loops_and_each_choice_count_as_transitions() -> None:
    found = explore(LOOPS)
    assert (found.states, found.transitions, found.depth) == (3, 2 + 3 * (1 + 2), 2)
    assert found.fired == {"up", "stay", "same"}


def test_a_search_that_has_decided_everything_finishes_its_level() -> None:
    found = reference.explore(build(LOOPS), property_ids=["half", "can"])
    # the level of n == 1 is judged and expanded; n == 2 is discovered, counted, and neither judged nor expanded
    assert (found.states, found.transitions, found.depth) == (3, 4 + 4, 2)
    assert (found.complete, found.stopped) == (False, None)
    assert {name: len(path) for name, path in found.paths.items()} == {"half": 1, "can": 0}


def test_everything_goes_on_to_the_end() -> None:
    found = reference.explore(build(LOOPS), property_ids=["half", "can"], full=True)
    assert (found.states, found.transitions, found.complete) == (3, 11, True)


@pytest.mark.parametrize(("most", "complete"), [(3, True), (2, False), (1, False)])
def test_a_limit_lets_just_so_many_states_through(most: int, complete: bool) -> None:
    found = explore(LOOPS, limits=Limits(max_states=most))
    assert found.complete is complete
    assert found.stopped == (None if complete else f"--max-states {most}")


def test_built_in_checks_find_a_shortest_flow_for_each_subject() -> None:
    found = explore("""
        messages: {m: {}, k: {}}
        roles:
          talker:
            states: [x]
            initial: x
            final: [x]
            transitions:
            - {id: one, trigger: one, kind: user, send: [{m: {to: a}}]}
            - {id: two, trigger: two, kind: user, send: [{k: {to: a}}, {k: {to: b}}]}
          listener: {states: [y], initial: y, final: [y], transitions: [{trigger: k}]}
        scenarios: {s: {instances: {t: talker, a: listener, b: listener}, channels: {default: {bound: 1}}}}
    """)
    assert [(fault.check, fault.subject, len(fault.path)) for fault in found.faults] == [
        (*DEADLOCK, 1),
        ("check.overflow", "t -> a holds 1 when one sends one more", 1),
        ("check.overflow", "t -> a holds 1 when two sends one more", 1),
        ("check.reception", "a in y has no answer to m from t", 1),
        ("check.overflow", "t -> b holds 1 when two sends one more", 2),
    ]
