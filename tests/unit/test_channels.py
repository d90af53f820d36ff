"""Channels: what each kind offers, what it keeps, and what happens where one is full."""

import pytest
from building import build, enabled, explore, in_flight, local, walk

from mcfsm.model import Message
from mcfsm.problems import ModelError
from mcfsm.report.style import all_bounds, bounds
from mcfsm.semantics.product import Product

TALK = """
domains: {N: 1..3}
messages: {m: {n: N}}
roles:
  talker:
    states: [talking]
    initial: talking
    final: [talking]
    transitions:
    - {id: put, trigger: put, kind: user, choose: {x: N}, send: [{m: {to: l, n: x}}]}
  listener:
    variables: {last: 0..3 = 0}
    states: [open]
    initial: open
    final: [open]
    transitions:
    - {id: get, trigger: m, set: {last: msg.n}}
scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: CHANNEL}}}
"""


def talk(channel: str) -> Product:
    return Product(build(TALK.replace("CHANNEL", channel)))


def gets(product: Product, *puts: str) -> list[str]:
    """The receptions enabled after some sends."""
    return [line for line in enabled(product, walk(product, *puts)) if " get " in line]


def test_a_fifo_offers_its_first_message_and_keeps_the_order_of_the_others() -> None:
    product = talk("{kind: fifo, bound: 3}")
    assert gets(product, "t put x=3", "t put x=1", "t put x=2") == ["l get <- m(3) t"]
    after = walk(product, "t put x=3", "t put x=1", "t put x=2", "l get")
    assert in_flight(product, after) == {"t -> l": [("m", 1), ("m", 2)]}
    assert local(product, after, "l")["last"] == 3


def test_a_bag_offers_each_message_once_whatever_the_order_of_sending() -> None:
    product = talk("{kind: bag, bound: 3}")
    assert gets(product, "t put x=3", "t put x=1", "t put x=3") == ["l get <- m(1) t", "l get <- m(3) t"]
    assert walk(product, "t put x=3", "t put x=1") == walk(product, "t put x=1", "t put x=3")
    after = walk(product, "t put x=3", "t put x=1", "t put x=3", "l get <- m(3)")
    assert in_flight(product, after) == {"t -> l": [("m", 1), ("m", 3)]}


def test_a_set_offers_everything_ever_sent_and_keeps_it() -> None:
    product = talk("{kind: set}")
    assert gets(product, "t put x=2", "t put x=1", "l get <- m(2)") == ["l get <- m(1) t", "l get <- m(2) t"]
    assert walk(product, "t put x=2", "t put x=2") == walk(product, "t put x=2")


@pytest.mark.parametrize("kind", ["fifo", "bag"])
def test_a_bound_counts_messages_and_lets_the_last_one_in(kind: str) -> None:
    product = talk(f"{{kind: {kind}, bound: 2}}")
    full = walk(product, "t put x=1", "t put x=1")
    assert in_flight(product, full) == {"t -> l": [("m", 1), ("m", 1)]}
    assert [line for line in enabled(product, full) if "put" in line] == []


def test_block_disables_the_step_and_is_no_finding() -> None:
    product = talk("{bound: 1, when_full: block}")
    expansion = product.expand(walk(product, "t put x=1"))
    assert [product.transition(s.instance, s.outcome).id for s in expansion.steps] == ["get"]
    assert expansion.overflows == ()


def test_lose_takes_the_step_and_drops_the_message() -> None:
    product = talk("{bound: 1, when_full: lose}")
    full = walk(product, "t put x=1")
    assert "t put x=2 -> m(n=2) l lost" in enabled(product, full)
    assert walk(product, "t put x=1", "t put x=2") == full


def test_error_is_a_finding_for_each_step_not_taken() -> None:
    product = talk("{bound: 1}")
    expansion = product.expand(walk(product, "t put x=1"))
    assert [product.transition(s.instance, s.outcome).id for s in expansion.steps] == ["get"]
    assert [dict(overflow.outcome.chosen)["x"] for overflow in expansion.overflows] == [1, 2, 3]
    assert {product.overflow(*overflow) for overflow in expansion.overflows} == {
        ("check.overflow", "t -> l holds 1 when put sends one more")
    }


# (states, transitions, depth), each counted by hand: `last` has 4 values, and is 0 only until the first reception
@pytest.mark.parametrize(
    ("channel", "counts"),
    [
        # empty: last 0..3; one of three messages: last 0..3. 3 sends from each empty, 1 reception from each full
        ("{bound: 1}", (16, 24, 3)),
        ("{bound: 1, when_full: block}", (16, 24, 3)),
        ("{bound: 1, when_full: lose}", (16, 24 + 12 * 3, 3)),
        # contents 1 + 3 + 9; last anything
        ("{bound: 2}", (52, 4 * 3 + 12 * (3 + 1) + 36, 4)),
        # contents 1 + 3 + 6 (two alike or not): receptions 0, 1, and 1 or 2
        ("{kind: bag, bound: 2}", (40, 4 * 3 + 12 * 4 + 4 * (3 * 1 + 3 * 2), 4)),
        # subsets of three; last is in the subset, or 0; 3 sends each, receptions as many as there are messages
        ("{kind: set}", (1 + 3 * 2 + 3 * 3 + 4, 3 + 6 * 4 + 9 * 5 + 4 * 6, 4)),
    ],
)
def test_counts(channel: str, counts: tuple[int, int, int]) -> None:
    found = explore(TALK.replace("CHANNEL", channel))
    assert (found.states, found.transitions, found.depth) == counts
    assert found.complete


ECHO = """
messages: {ping: {}, pong: {}}
roles:
  hub:
    states: [up]
    initial: up
    final: [up]
    transitions:
    - {id: begin, trigger: begin, kind: user, send: [{ping: {to: h}}]}
    - {id: again, trigger: ping, send: [{ping: {to: sender}}, {pong: {to: self}}]}
    - {id: rest, trigger: pong}
scenarios: {s: {instances: {h: hub}, channels: {default: {bound: 2, when_full: block}}}}
"""


def test_consumption_precedes_sends_so_that_a_full_channel_takes_back_one() -> None:
    product = Product(build(ECHO))
    full = walk(product, "h begin", "h begin")
    assert enabled(product, full) == []  # consuming one leaves room for one, and `again` sends two
    room = ECHO.replace("{ping: {to: sender}}, ", "")
    product = Product(build(room))
    after = walk(product, "h begin", "h begin", "h again")
    assert in_flight(product, after) == {"h -> h": [("ping",), ("pong",)]}


def test_a_step_that_one_of_two_channels_blocks_sends_nothing() -> None:
    product = Product(
        build("""
            messages: {m: {}}
            roles:
              talker:
                states: [x]
                initial: x
                final: [x]
                transitions: [{id: both, trigger: both, kind: user, send: [{m: {to: a}}, {m: {to: b}}]}]
              easy: {states: [y], initial: y, final: [y], transitions: [{id: easy, trigger: m}]}
              stuck: {states: [z], initial: z, final: [z], transitions: [{id: never, trigger: m, conditions: "false"}]}
            scenarios:
              s: {instances: {t: talker, a: easy, b: stuck}, channels: {default: {bound: 1, when_full: block}}}
        """)
    )
    assert enabled(product, walk(product, "t both", "a easy")) == []


def test_several_receivers_get_the_message_in_the_order_of_instances_and_lists_are_sent_in_written_order() -> None:
    product = Product(
        build("""
            messages: {m: {n: 1..2}}
            roles:
              talker:
                states: [x]
                initial: x
                transitions:
                - id: tell
                  trigger: tell
                  kind: user
                  send: [{m: {to: "{node(3), node(1)}", n: 2}}, {m: {to: node(1), n: 1}}]
              hearer: {states: [y], initial: y, transitions: [{trigger: m}]}
            scenarios: {s: {instances: {t: talker, node: {role: hearer, count: 3}}, channels: {default: {bound: 2}}}}
        """)
    )
    assert enabled(product, product.initial()) == ["t tell -> m(n=2) node(1) -> m(n=2) node(3) -> m(n=1) node(1)"]
    assert in_flight(product, walk(product, "t tell")) == {
        "t -> node(1)": [("m", 2), ("m", 1)],
        "t -> node(3)": [("m", 2)],
    }


def test_messages_of_several_senders_wait_in_channels_of_their_own() -> None:
    product = Product(
        build("""
            messages: {m: {n: 1..2}}
            roles:
              talker:
                states: [x]
                initial: x
                transitions: [{id: put, trigger: put, kind: user, choose: {x1: "1..2"}, send: [{m: {to: l, n: x1}}]}]
              listener: {states: [y], initial: y, transitions: [{id: get, trigger: m}]}
            scenarios:
              s:
                instances: {l: listener, node: {role: talker, count: 2}}
                channels: {default: {bound: 1, when_full: block}}
        """)
    )
    state = walk(product, "node(2) put x1=1", "node(1) put x1=2")
    # ties among receptions: message in declared order, then sender
    assert enabled(product, state) == ["l get <- m(1) node(2)", "l get <- m(2) node(1)"]


def test_a_bag_is_kept_in_declared_order_of_messages_and_values() -> None:
    product = Product(build(TALK.replace("CHANNEL", "{kind: bag, bound: 3}")))
    (at,) = range(len(product.model.channels))
    content: tuple[Message, ...] = ()
    for value in (3, 1, 2):
        content = product.push(at, content, Message("m", (value,))) or ()
    assert [message.elements for message in content] == [(1,), (2,), (3,)]
    assert product.push(at, content, Message("m", (1,))) is None


LINES = """
messages: {{hello: {{}}, back: {{}}}}
roles:
  talker:
    states: [there]
    initial: there
    final: [there]
    transitions: [{{trigger: go, kind: user, send: [{{hello: {{to: "talker - {{self}}"}}}}]}}, {{trigger: hello}}]
scenarios:
  s: {{instances: {{a: talker, b: talker, c: talker}}, channels: {{{lines}}}{more}}}
"""


def channel_of(lines: str, name: str, more: str = "") -> tuple[object, ...]:
    """What a channel is by some lines under channels: kind, bound, when_full, faults."""
    model = build(LINES.format(lines=lines, more=more))
    (found,) = [channel for channel in model.channels if channel.name == name]
    return found.kind, found.bound, found.when_full, found.faults


def test_a_closer_line_takes_from_default_what_it_does_not_say() -> None:
    default = "default: {kind: bag, bound: 3, when_full: lose, faults: {loss: 1}}"
    loss = (("loss", "loss in default"),)
    assert channel_of(default, "a -> b") == ("bag", 3, "lose", loss)
    assert channel_of(f"{default}, a -> b: {{bound: 2}}", "a -> b") == ("bag", 2, "lose", loss)
    assert channel_of(f"a -> b: {{bound: 2}}, {default}", "a -> b") == ("bag", 2, "lose", loss)
    assert channel_of(f"{default}, a -> b: {{when_full: block, kind: bag}}", "a -> b") == ("bag", 3, "block", loss)
    assert channel_of(f"{default}, a -> b: {{faults: {{}}}}", "a -> b") == ("bag", 3, "lose", ())
    own = (("loss", "loss in a -> b"),)
    assert channel_of(f"{default}, a -> b: {{faults: {{loss: 2}}}}", "a -> b") == ("bag", 3, "lose", own)


def test_a_closer_line_of_another_kind_takes_nothing() -> None:
    default = "default: {kind: fifo, bound: 3, when_full: block, faults: {reordering: 1}}"
    assert channel_of(f"{default}, a -> b: {{kind: bag, bound: 2}}", "a -> b") == ("bag", 2, "error", ())
    assert channel_of(f"{default}, a -> b: {{kind: set}}", "a -> b") == ("set", None, "error", ())
    with pytest.raises(ModelError, match="M202 the bound is missing"):
        channel_of(f"{default}, a -> b: {{kind: bag}}", "a -> b")


def test_lines_between_take_from_default_and_not_from_each_other() -> None:
    lines = "default: {kind: fifo, bound: 3}, a -> *: {bound: 2, when_full: lose}, a -> b: {bound: 1}"
    assert channel_of(lines, "a -> c") == ("fifo", 2, "lose", ())
    assert channel_of(lines, "a -> b") == ("fifo", 1, "error", ())


def test_a_line_takes_the_default_of_the_scenario_it_is_like() -> None:
    text = LINES.format(lines="default: {kind: bag, bound: 3}", more="")
    model = build(text + "  t: {like: s, channels: {a -> b: {bound: 1}}}\n", "t")
    bounds = {channel.name: (channel.kind, channel.bound) for channel in model.channels}
    assert (bounds["a -> b"], bounds["a -> c"]) == (("bag", 1), ("bag", 3))


ORDER = "readings: {order: {text: Is the order kept?, default: kept, values: {kept: , not_kept: }}}\n"
BY_READING = "{kind: bag if order == not_kept else fifo, bound: 3}"


def test_a_reading_decides_the_kind() -> None:
    text = ORDER + TALK.replace("CHANNEL", BY_READING)
    assert [build(text, order=order).channels[0].kind for order in ("kept", "not_kept")] == ["fifo", "bag"]
    states = [explore(build(text, order=order)).states for order in ("kept", "not_kept")]
    assert states == [4 * (1 + 3 + 9 + 27), 4 * (1 + 3 + 6 + 10)]  # sequences and multisets of up to three


def test_a_kind_that_depends_on_a_reading_is_asked_what_that_kind_is() -> None:
    for kind, code in (("bag", "M611 reordering on a bag"), ("set", "M610 a set channel has no bound")):
        line = f"{{kind: {kind} if order == not_kept else fifo, bound: 3, faults: {{reordering: 1}}}}"
        text = ORDER + TALK.replace("CHANNEL", line)
        assert build(text, order="kept").channels[0].kind == "fifo"
        with pytest.raises(ModelError, match=code):
            build(text, order="not_kept")


def test_a_kind_is_fixed_before_anything_runs() -> None:
    for written, said in (
        ("queue", "M204 queue is none of fifo, bag, set"),
        ("bagg if order == kept else fifo", "M403 unknown name bagg"),
        ("order", "M204 order is none of fifo, bag, set"),
        ("1 + 1", "M404 the kind of a channel is of 2"),
    ):
        with pytest.raises(ModelError, match=said):
            build(ORDER + TALK.replace("CHANNEL", f"{{kind: {written}, bound: 3}}"))


def test_variants_whose_channels_differ_show_both() -> None:
    models = [build(ORDER + TALK.replace("CHANNEL", BY_READING), order=order) for order in ("kept", "not_kept")]
    assert all_bounds(models) == "fifo 3 or bag 3"
    assert all_bounds(models[:1]) == bounds(models[0]) == "fifo 3"
