"""Observers see a step as events, move after each, block none, and are composed only where a property reads them."""

from pathlib import Path

import pytest
from building import build, enabled, explore, local, walk, write

from mcfsm.commands.cli import run as cli
from mcfsm.problems import ModelError
from mcfsm.questions.check import check
from mcfsm.semantics.product import Product

RELAY = """
domains: {N: 1..2, Word: [nothing, fired_relay, received_m, sent_k, sent_m, froze]}
messages: {m: {n: N}, k: {n: N}}
roles:
  source:
    states: [x]
    initial: x
    final: [x]
    transitions: [{id: put, trigger: put, kind: user, choose: {c: N}, send: [{m: {to: hub, n: c}}], budget: puts}]
  relay:
    variables: {held: 0..2 = 0}
    states: [empty, full]
    initial: empty
    final: [empty, full]
    transitions:
    - id: relay
      trigger: m
      source: empty
      dest: full
      set: {held: msg.n}
      send: [{k: {to: end, n: msg.n}}, {m: {to: end, n: msg.n}}]
    ignore: {m: [full]}
  sink:
    states: [z]
    initial: z
    final: [z]
    transitions: [{trigger: k}, {trigger: m}]
observers:
  log:
    LOG
properties:
  it: {text: It., reachable: log.state == log.state}
scenarios:
  s:
    instances: {start: source, hub: relay, end: sink}
    channels: {default: {bound: 2}}
    budgets: {puts: 2}
    freeze: true
"""


def relay(log: str) -> Product:
    text = "\n    ".join(log.strip().split("\n"))
    return Product(build(RELAY.replace("LOG", text)))


ORDER = """
variables: {last: Word = nothing, before_last: Word = nothing, total: 0..9 = 0}
transitions:
- {on: {fired: relay}, set: {last: fired_relay, before_last: last, total: total + 1}}
- {on: {received: m}, conditions: receiver == hub, set: {last: received_m, before_last: last, total: total + 1}}
- {on: {sent: k}, set: {last: sent_k, before_last: last, total: total + 1}}
- {on: {sent: m}, conditions: actor == hub, set: {last: sent_m, before_last: last, total: total + 1}}
- {on: freeze, set: {last: froze, before_last: last}}
"""


def test_a_step_is_fired_then_received_then_each_message_sent() -> None:
    product = relay(ORDER)
    assert local(product, walk(product, "start put c=1"), "log")["total"] == 0
    seen = local(product, walk(product, "start put c=1", "hub relay"), "log")
    assert seen == {"state": "observing", "last": "sent_m", "before_last": "sent_k", "total": 4}
    only_two = ORDER.replace("- {on: {sent: k}", "#").replace("- {on: {sent: m}", "#")
    product = relay(only_two)
    seen = local(product, walk(product, "start put c=1", "hub relay"), "log")
    assert (seen["before_last"], seen["last"]) == ("fired_relay", "received_m")


def test_an_ignored_message_is_received_and_nothing_fired() -> None:
    product = relay(ORDER)
    state = walk(product, "start put c=1", "hub relay", "start put c=2", "hub ignore")
    assert local(product, state, "log") == {
        "state": "observing",
        "last": "received_m",
        "before_last": "sent_m",
        "total": 5,
    }


def test_the_freeze_is_an_event() -> None:
    product = relay(ORDER)
    assert local(product, walk(product, "environment freeze"), "log")["last"] == "froze"


def test_a_lost_message_was_sent() -> None:
    text = RELAY.replace("bound: 2}}", "bound: 1, when_full: lose}}")
    log = "variables: {sent: 0..9 = 0}\n    transitions: [{on: {sent: m}, set: {sent: sent + 1}}]"
    product = Product(build(text.replace("LOG", log)))
    lost = walk(product, "start put c=1", "start put c=1")
    assert local(product, lost, "log")["sent"] == 2
    assert sum(map(len, lost.channels)) == 1


def test_before_and_after_are_of_the_acting_instance() -> None:
    product = relay("""
variables: {old: 0..2 = 2, new: 0..2 = 0, was_empty: bool}
transitions:
- {on: {sent: k}, set: {old: before.held, new: after.held, was_empty: before.state == empty and after.state == full}}
""")
    assert local(product, walk(product, "start put c=2", "hub relay"), "log") == {
        "state": "observing",
        "old": 0,
        "new": 2,
        "was_empty": True,
    }


def test_assignments_of_an_observer_are_simultaneous_and_states_guard_its_lines() -> None:
    product = relay("""
variables: {p: N = 1, q: N = 2}
states: [quiet, busy]
initial: quiet
transitions:
- {on: {fired: put}, source: quiet, dest: busy, set: {p: q, q: p}}
- {on: {fired: [put, relay]}, source: busy, unless: p == 1, dest: quiet}
""")
    assert local(product, walk(product, "start put c=1"), "log") == {"state": "busy", "p": 2, "q": 1}
    assert local(product, walk(product, "start put c=1", "hub relay"), "log") == {"state": "quiet", "p": 2, "q": 1}


def test_an_observer_blocks_nothing() -> None:
    plain, watched = relay("transitions: []"), relay(ORDER)
    assert enabled(plain, walk(plain, "start put c=1")) == enabled(watched, walk(watched, "start put c=1"))


def test_two_lines_for_one_event_stop_the_search() -> None:
    product = relay("""
variables: {n: N = 1}
transitions:
- {on: {sent: [m, k]}, set: {n: 1}}
- {on: {received: m}, set: {n: 2}}
- {on: {sent: k}, set: {n: 2}}
""")
    with pytest.raises(ModelError) as caught:
        explore(product.model)
    (problem,) = caught.value.problems
    assert problem.code == "M705"
    assert problem.message == "observer log has two transitions for one event (lines 32, 34)"
    assert problem.hint == (
        "an observer is deterministic: make their conditions exclude each other; reached by: start put"
    )


def test_an_observer_whose_conditions_exclude_each_other_is_deterministic() -> None:
    product = relay("""
variables: {n: N = 1}
transitions:
- {on: {sent: m}, conditions: msg.n == 1, set: {n: 1}}
- {on: {sent: m}, unless: msg.n == 1, set: {n: 2}}
""")
    assert local(product, walk(product, "start put c=2"), "log")["n"] == 2


@pytest.mark.parametrize(
    ("log", "code", "message"),
    [
        (
            "variables: {c: N = 1}\ntransitions: [{on: {fired: put}, set: {c: c + 1}}]",
            "M701",
            "the new value of c would be 3, which is not in 1..2 (observer log)",
        ),
        (
            'variables: {b: "map[N, bool]", p: N = 1, q: N = 1}\n'
            'transitions: [{on: {fired: put}, set: {"b[p]": "true", "b[q]": "false"}}]',
            "M704",
            "b[1] is assigned twice in one step (observer log)",
        ),
        (
            "variables: {c: 0..2 = most}\ntransitions: [{on: {fired: put}, set: {c: 0}}]",
            "M701",
            "the initial value of c would be 5, which is not in 0..2 (observer log)",
        ),
    ],
)
def test_a_value_of_an_observer_outside_its_domain_is_an_error_of_the_model(log: str, code: str, message: str) -> None:
    text = "parameters: {most: 5}\n" + RELAY.replace("LOG", "\n    ".join(log.split("\n")))
    with pytest.raises(ModelError) as caught:
        explore(build(text))
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == (code, message)


TWO = """
roles:
  r:
    states: [x]
    initial: x
    final: [x]
    transitions: [{id: go, trigger: go, kind: user}, {id: stay, trigger: stay, kind: user}]
observers:
  one: {variables: {n: 0..3 = 0}, transitions: [{on: {fired: go}, set: {n: "min(n + 1, 3)"}}]}
  two: {variables: {n: 0..5 = 0}, transitions: [{on: {fired: stay}, set: {n: "min(n + 1, 5)"}}]}
properties:
  p: {text: P., reachable: one.n == 3}
  q: {text: Q., reachable: two.n == 5}
  none: {text: N., reachable: a.state == x}
scenarios: {s: {instances: {a: r}}}
"""


@pytest.mark.parametrize(
    ("asked", "observers", "states"),
    [(["p"], ["one"], 4), (["q"], ["two"], 6), (["none"], [], 1), (["p", "q"], ["one", "two"], 24), ([], [], 1)],
)
def test_only_the_observers_that_the_properties_asked_for_read_are_composed(
    asked: list[str], observers: list[str], states: int
) -> None:
    model = build(TWO, properties=asked)
    assert [observer.name for observer in model.observers] == observers
    assert explore(model).states == states


def test_narrowing_to_a_built_in_check_leaves_all_observers_out(tmp_path: Path) -> None:
    path = write(TWO, tmp_path)
    checked = check(path, properties=["check.deadlock"])
    assert [verdict.id for verdict in checked.runs[0].verdicts] == ["check.deadlock"]
    assert checked.runs[0].findings.states == 1
    assert check(path).runs[0].findings.states == 24
    assert cli(["check", str(path), "--property", "check.deadlock"]) == 0
