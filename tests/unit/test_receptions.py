"""What becomes of a message: transitions first, then ignore, then defer, else it is unspecified (decision 0001)."""

import pytest
from building import build, enabled, explore, in_flight, walk

from mcfsm.semantics.product import Product
from mcfsm.semantics.trace import describe

GATE = """
domains: {N: 1..3}
messages: {m: {n: N}, open: {}}
roles:
  talker:
    states: [talking]
    initial: talking
    final: [talking]
    transitions:
    - {id: put, trigger: put, kind: user, choose: {x: N}, send: [{m: {to: l, n: x}}]}
    - {id: knock, trigger: knock, kind: user, send: [{open: {to: l}}]}
  listener:
    variables: {last: 0..3 = 0}
    states: [closed, opened]
    initial: closed
    final: [closed, opened]
    transitions:
    - {id: let_in, trigger: open, source: closed, dest: opened}
    - {id: get, trigger: m, source: opened, set: {last: msg.n}}
    - {id: one, trigger: m, source: closed, conditions: msg.n == 1}
    LISTED
scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: CHANNEL}}}
"""


def gate(listed: str, channel: str = "{bound: 3, when_full: block}") -> Product:
    text = GATE.replace("    LISTED\n", f"    {listed}\n" if listed else "")
    return Product(build(text.replace("CHANNEL", channel)))


def receptions(product: Product, *steps: str) -> list[str]:
    return [line for line in enabled(product, walk(product, *steps)) if line.startswith("l ")]


def kinds(product: Product, *steps: str) -> list[str]:
    """What the listener makes of each message that its channel holds."""
    state = walk(product, *steps)
    at = product.model.index_of["l"]
    channel = product.model.channel_of["t", "l"]
    local = state.locals[at]
    offered = product.offers(channel, state.channels[channel], at, local)
    return [f"{event.message.elements} {product.machines[at].reception(local, event)}" for event, _ in offered]


def test_a_message_is_ignored_where_no_transition_is_enabled_and_consumed_without_effect() -> None:
    product = gate("ignore: {m: [closed]}")
    assert receptions(product, "t put x=2") == ["l ignore <- m(2) t"]
    after = walk(product, "t put x=2", "l ignore")
    assert after == product.initial()


def test_what_is_ignored_is_told_by_the_message() -> None:
    product = gate("ignore: {m: [closed]}")
    state = walk(product, "t put x=2")
    told = [describe(product, state, step) for step in product.steps(state)]
    (step,) = (one for one in told if one.instance == "l")
    assert (step.transition, step.trigger, step.kind, step.chosen) == ("ignore", "m", "ignore", ())


def test_what_a_step_changes_is_told_of_whoever_changes() -> None:
    product = gate("")
    state = walk(product, "t knock", "l let_in", "t put x=2")
    (step,) = (one for one in product.steps(state) if one.instance == 1)
    (change,) = describe(product, state, step).changes
    assert (change.instance, change.name, change.before, change.after) == ("l", "last", "0", "2")


def test_transitions_come_before_ignore() -> None:
    product = gate("ignore: {m: [closed]}")
    assert receptions(product, "t put x=1") == ["l one <- m(1) t"]
    assert kinds(product, "t put x=1") == ["(1,) handled"]


def test_transitions_come_before_defer() -> None:
    product = gate("defer: {m: [closed]}")
    assert receptions(product, "t put x=2", "t put x=1") == ["l one <- m(1) t"]


@pytest.mark.parametrize("kind", ["fifo", "bag"])
def test_a_deferred_message_stays_and_the_next_is_offered(kind: str) -> None:
    product = gate("defer: {m: [closed]}", f"{{kind: {kind}, bound: 3, when_full: block}}")
    assert receptions(product, "t put x=3") == []
    assert receptions(product, "t put x=3", "t put x=2", "t knock") == ["l let_in <- open() t"]
    after = walk(product, "t put x=3", "t put x=2", "t knock", "l let_in")
    order = [3, 2] if kind == "fifo" else [2, 3]
    assert in_flight(product, after) == {"t -> l": [("m", n) for n in order]}
    first = ["l get <- m(3) t"] if kind == "fifo" else ["l get <- m(2) t", "l get <- m(3) t"]
    assert [line for line in enabled(product, after) if line.startswith("l ")] == first


@pytest.mark.parametrize("kind", ["fifo, bound: 3", "bag, bound: 3", "set"])
def test_what_is_deferred_is_not_offered(kind: str) -> None:
    product = gate("defer: {m: [closed]}", f"{{kind: {kind}}}")
    state = walk(product, "t put x=2", "t put x=1")
    offered = [event.message.elements for event, _ in product.offers(0, state.channels[0], 1, state.locals[1])]
    assert offered == [(1,)]  # which a line takes


def test_a_fifo_offers_one_message_and_no_more_behind_the_first_it_does_not_defer() -> None:
    product = gate("defer: {m: [closed]}")
    assert receptions(product, "t put x=3", "t put x=1", "t knock") == ["l one <- m(1) t"]


@pytest.mark.parametrize("kind", ["fifo", "bag"])
def test_an_unspecified_reception_is_reported_with_its_guards_and_consumes_nothing(kind: str) -> None:
    product = gate("", f"{{kind: {kind}, bound: 3, when_full: block}}")
    state = walk(product, "t put x=2", "t put x=1")
    expansion = product.expand(state)
    (refused,) = expansion.refused
    local = state.locals[refused.instance]
    assert product.refusal(refused.instance, local, refused.event) == (
        "check.reception",
        "l in closed has no answer to m from t",
    )
    assert product.machines[refused.instance].refusals(local, refused.event) == [
        ("get", "state is closed, not opened"),
        ("one", "msg.n == 1 is false"),
    ]
    # a fifo is blocked behind it, a bag offers the others
    others = [line for line in enabled(product, state) if line.startswith("l ")]
    assert others == ([] if kind == "fifo" else ["l one <- m(1) t"])


def test_exploration_goes_on_after_an_unspecified_reception() -> None:
    found = explore(gate("").model)
    assert [(fault.check, fault.subject, len(fault.path)) for fault in found.faults] == [
        ("check.reception", "l in closed has no answer to m from t", 1),
        ("check.deadlock", "no step is possible, and not everybody is at rest", 3),
        ("check.reception", "l in opened has no answer to open from t", 3),
    ]
    assert found.complete


def test_on_a_set_a_refusal_is_no_step_and_no_finding() -> None:
    product = gate("", "{kind: set}")
    expansion = product.expand(walk(product, "t put x=2"))
    assert expansion.refused == ()
    assert receptions(product, "t put x=2") == []


def test_on_a_set_ignoring_is_no_step() -> None:
    product = gate("ignore: {m: [closed]}", "{kind: set}")
    assert kinds(product, "t put x=2") == ["(2,) ignored"]
    assert receptions(product, "t put x=2") == []
    assert receptions(product, "t put x=2", "t put x=1") == ["l one <- m(1) t"]


def test_states_that_ignore_may_be_of_any_region() -> None:
    product = Product(
        build("""
            messages: {m: {}}
            roles:
              talker:
                states: [x]
                initial: x
                transitions: [{id: put, trigger: put, kind: user, send: [{m: {to: l}}]}]
              two:
                regions:
                  left: {states: [l0, l1], initial: l0}
                  right: {states: [r0, r1], initial: r0}
                transitions:
                - {id: right, trigger: right, kind: user, source: r0, dest: r1}
                ignore: {m: [r1]}
            scenarios: {s: {instances: {t: talker, l: two}, channels: {default: {bound: 1, when_full: block}}}}
        """)
    )
    assert enabled(product, walk(product, "t put")) == ["l right"]
    assert enabled(product, walk(product, "t put", "l right")) == ["l ignore <- m() t"]
