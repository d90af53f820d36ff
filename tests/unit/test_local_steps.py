"""One role: every enabled transition gives its outcomes, and `transitions` is kept from choosing among them."""

import logging

import pytest
from building import build, enabled, explore, in_flight, local, walk

from mcfsm.model import Local, Message
from mcfsm.problems import ModelError
from mcfsm.semantics import transition
from mcfsm.semantics.product import Product
from mcfsm.semantics.role import Event, RoleMachine
from mcfsm.semantics.transition import Outcome


def one_role(body: str, *, messages: str = "{}", more: str = "", channels: str = "") -> Product:
    """The product of one instance `a` of a role, beside whatever `more` roles talk to it."""
    return Product(
        build(f"""
            domains: {{System: [A, B, C], N: 0..2}}
            messages: {messages}
            roles:
              r:
                {body.replace(chr(10), chr(10) + " " * 16)}
              {more.replace(chr(10), chr(10) + " " * 14)}
            scenarios: {{s: {{instances: {{a: r{", b: other" if more else ""}}}{channels}}}}}
        """)
    )


LETTER = ", channels: {default: {bound: 2, when_full: block}}"
POST = """other:
  states: [idle]
  initial: idle
  transitions: [{id: post, trigger: post, kind: user, choose: {n: N}, send: [{m: {to: a, n: n}}]}]"""


# ---- alternatives


def test_two_enabled_transitions_of_a_trigger_both_give_their_outcome() -> None:
    """The library itself fires the first one only."""
    product = one_role("""states: [x, y, z]
initial: x
transitions:
- {id: first, trigger: go, kind: user, source: x, dest: y}
- {id: second, trigger: go, kind: user, source: x, dest: z}
- {id: refused, trigger: go, kind: user, source: x, dest: z, conditions: "false"}""")
    assert enabled(product, product.initial()) == ["a first", "a second"]
    assert local(product, walk(product, "a second"), "a") == {"state": "z"}


def test_a_program_that_logs_everything_reads_nothing_of_the_library(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    product = one_role(
        "states: [x, y]\ninitial: x\ntransitions: [{id: go, trigger: go, kind: user, source: x, dest: y}]"
    )
    caplog.clear()  # of when the model was built
    assert enabled(product, product.initial()) == ["a go"]
    assert caplog.messages == []


@pytest.mark.parametrize("order", [("any", "some"), ("some", "any")])
def test_position_decides_the_order_and_never_whether(order: tuple[str, str]) -> None:
    lines = {
        "any": "- {id: any, trigger: m, dest: y}",
        "some": "- {id: some, trigger: m, source: x, conditions: msg.n == 1, dest: z}",
    }
    body = "states: [x, y, z]\ninitial: x\ntransitions:\n" + "\n".join(lines[name] for name in order)
    product = one_role(body, messages="{m: {n: N}}", more=POST, channels=LETTER)
    state = walk(product, "b post n=1")
    received = [line for line in enabled(product, state) if line.startswith("a ")]
    assert received == [f"a {name} <- m(1) b" for name in order]


def test_a_machine_remembers_nothing_between_local_steps() -> None:
    product = one_role("""states: [x, y]
initial: x
transitions:
- {id: there, trigger: there, kind: user, source: x, dest: y}
- {id: back, trigger: back, kind: user, source: y, dest: x}""")
    machine = RoleMachine(product.model, product.model.instances[0])
    x, y = Local(("x",), ()), Local(("y",), ())
    there, back = Outcome(y, (), 0, ()), Outcome(x, (), 1, ())
    assert [machine.local_step(at, None) for at in (x, y, x, x)] == [(there,), (back,), (there,), (there,)]


def test_a_condition_that_holds_under_unless_disables() -> None:
    product = one_role("""variables: {n: N = 1}
states: [x]
initial: x
transitions:
- {id: both, trigger: go, kind: user, conditions: [n == 1, n > 0], unless: [n == 2, n == 0]}
- {id: none, trigger: go, kind: user, conditions: [n == 1], unless: [n == 2, n == 1]}""")
    assert enabled(product, product.initial()) == ["a both"]


def test_outcomes_that_agree_in_everything_are_one() -> None:
    product = one_role("""variables: {n: N = 0}
states: [x]
initial: x
transitions:
- {id: choose, trigger: go, kind: user, choose: {p: "{1, 2}"}}
- {id: twin, trigger: go, kind: user}
- {id: other_twin, trigger: go, kind: user}""")
    assert enabled(product, product.initial()) == ["a choose p=1", "a choose p=2", "a twin", "a other_twin"]
    assert explore(product.model).transitions == 4
    assert explore(product.model).states == 1


# ---- choices and optional elements


def test_choices_come_in_declared_order_the_last_varying_fastest_and_may_read_those_before() -> None:
    product = one_role("""variables: {seen: "set[System] = {C}"}
states: [x]
initial: x
transitions:
- {id: pick, trigger: go, kind: user, choose: {p: System, q: "System - {p} - seen"}}""")
    assert enabled(product, product.initial()) == [
        "a pick p=A q=B",
        "a pick p=B q=A",
        "a pick p=C q=A",
        "a pick p=C q=B",
    ]


def test_nothing_to_choose_from_is_no_outcome() -> None:
    product = one_role("""variables: {left: "set[System]"}
states: [x]
initial: x
transitions:
- {id: pick, trigger: go, kind: user, choose: {p: left}}
- {id: fill, trigger: fill, kind: user, set: {left: "{B}"}}""")
    assert enabled(product, product.initial()) == ["a fill"]
    assert enabled(product, walk(product, "a fill")) == ["a pick p=B", "a fill"]


OPTIONAL = """states: [x]
initial: x
transitions:
- {id: with_k, trigger: m, conditions: present(msg.k) and msg.k == B}
- {id: without_k, trigger: m, unless: present(msg.k)}"""


@pytest.mark.parametrize(
    ("elements", "sent"),
    [
        ("k?: B", ["n=1, k=B", "n=1"]),
        ("k: B", ["n=1, k=B"]),
        ("", ["n=1"]),
        ("k?: B, j?: 2", ["n=1, k=B, j=2", "n=1, k=B", "n=1, j=2", "n=1"]),
    ],
)
def test_an_element_left_open_is_explored_present_and_then_absent(elements: str, sent: list[str]) -> None:
    sender = """other:
  states: [idle]
  initial: idle
  transitions: [{id: post, trigger: post, kind: user, send: [{m: {ELEMENTS}}]}]"""
    sender = sender.replace("ELEMENTS", ", ".join(filter(None, ["to: a", "n: 1", elements])))
    product = one_role(OPTIONAL, messages="{m: {n: N, k?: System, j?: N}}", more=sender, channels=LETTER)
    assert enabled(product, product.initial()) == [f"b post -> m({values}) a" for values in sent]


def test_present_tells_a_receiver_which() -> None:
    sender = """other:
  states: [idle]
  initial: idle
  transitions: [{id: post, trigger: post, kind: user, send: [{m: {to: a, n: 1, k?: B}}]}]"""
    product = one_role(OPTIONAL, messages="{m: {n: N, k?: System}}", more=sender, channels=LETTER)
    with_k = walk(product, "b post -> m(n=1, k=B) a")
    without = walk(product, "b post -> m(n=1) a")
    assert [line for line in enabled(product, with_k) if line[0] == "a"] == ["a with_k <- m(1, B) b"]
    assert [line for line in enabled(product, without) if line[0] == "a"] == ["a without_k <- m(1) b"]


@pytest.mark.parametrize(
    ("arrived", "left"), [("n=1, k=B, j=2", "n=1, k=B"), ("n=1, k=B", "n=1, k=B"), ("n=1, j=2", "n=1"), ("n=1", "n=1")]
)
def test_an_element_given_as_one_of_the_message_received_is_there_where_that_is(arrived: str, left: str) -> None:
    relay = """states: [x]
initial: x
transitions: [{id: relay, trigger: m, send: [{m: {to: b, n: msg.n, k: msg.k}}]}]"""
    other = """other:
  states: [idle]
  initial: idle
  transitions:
  - {id: post, trigger: post, kind: user, send: [{m: {to: a, n: 1, k?: B, j?: 2}}]}
  - {id: got, trigger: m}"""
    product = one_role(relay, messages="{m: {n: N, k?: System, j?: N}}", more=other, channels=LETTER)
    relayed = [line for line in enabled(product, walk(product, f"b post -> m({arrived}) a")) if line[0] == "a"]
    assert [line.partition(" -> ")[2] for line in relayed] == [f"m({left}) b"]


def test_an_element_of_the_message_received_may_be_left_open_all_the_same() -> None:
    relay = """states: [x]
initial: x
transitions: [{id: relay, trigger: m, conditions: present(msg.k), send: [{m: {to: b, n: msg.n, k?: msg.k}}]}]"""
    other = """other:
  states: [idle]
  initial: idle
  transitions: [{id: post, trigger: post, kind: user, send: [{m: {to: a, n: 1, k: B}}]}, {id: got, trigger: m}]"""
    product = one_role(relay, messages="{m: {n: N, k?: System}}", more=other, channels=LETTER)
    relayed = [line for line in enabled(product, walk(product, "b post")) if line[0] == "a"]
    assert [line.partition(" -> ")[2] for line in relayed] == ["m(n=1, k=B) b", "m(n=1) b"]


def test_an_element_whose_value_is_none_is_not_there() -> None:
    product = one_role(
        """variables: {q: System?}
states: [x]
initial: x
transitions:
- {id: tell, trigger: tell, kind: user, send: [{m: {to: b, k: q, j: 1 if q != none else none}}]}
- {id: learn, trigger: learn, kind: user, conditions: q == none, set: {q: B}}""",
        messages="{m: {k?: System, j?: N}}",
        more="other: {states: [idle], initial: idle, transitions: [{id: got, trigger: m}]}",
        channels=LETTER,
    )
    assert enabled(product, product.initial()) == ["a tell -> m() b", "a learn"]
    assert enabled(product, walk(product, "a learn")) == ["a tell -> m(k=B, j=1) b"]


def test_an_element_that_may_be_none_is_there_where_it_is_none() -> None:
    product = one_role(
        """variables: {q: System?}
states: [x]
initial: x
transitions: [{id: tell, trigger: tell, kind: user, send: [{m: {to: b, k: q, j: q}}]}]""",
        messages="{m: {k?: System, j?: System?}}",
        more="other: {states: [idle], initial: idle, transitions: [{id: got, trigger: m}]}",
        channels=LETTER,
    )
    assert enabled(product, product.initial()) == ["a tell -> m(j=none) b"]


@pytest.mark.parametrize(("most", "tried"), [(9, True), (8, False)])
def test_so_many_combinations_of_values_are_tried_and_no_more(
    most: int, tried: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transition, "MOST_WAYS", most)
    product = one_role("""variables: {seen: "set[System] = {C}"}
states: [x]
initial: x
transitions: [{id: pick, trigger: go, kind: user, choose: {p: System, q: System, u: seen}}]""")
    if tried:
        assert len(enabled(product, product.initial())) == 9
    else:
        with pytest.raises(ModelError, match="M706 pick leaves 9 combinations of values open; at most 8 are tried"):
            enabled(product, product.initial())


def test_of_more_than_can_be_tried_none_is() -> None:
    chosen = ", ".join(f"{name}: 0..40" for name in "cdefg")
    product = one_role(f"""states: [x]
initial: x
transitions: [{{id: pick, trigger: go, kind: user, choose: {{{chosen}}}}}]""")
    with pytest.raises(ModelError, match="115,856,201 combinations of values open; at most 16,777,216 are tried"):
        enabled(product, product.initial())


def test_what_a_condition_reads_is_told_where_it_does_not_hold() -> None:
    """Each variable and element once, and nothing of what a quantifier binds."""
    body = """variables: {n: N = 1, seen: "set[System]"}
states: [x]
initial: x
transitions:
- id: got
  trigger: m
  conditions:
  - n < 2
  - any(s in seen and n + n > msg.n and msg.n < 2 for s in System) and not present(msg.k)"""
    product = one_role(
        body, messages="{m: {n: N, k?: System}}", more=POST.replace("n: n}", "n: n, k: A}"), channels=LETTER
    )
    state = walk(product, "b post n=1")
    (message,) = state.channels[0]
    told = product.machines[0].obstacle(state.locals[0], Event("b", message), 0)
    assert (told.reason.partition(" is ")[2], told.values) == (
        "false",
        (("seen", "{}"), ("n", "1"), ("msg.n", "1"), ("msg.k", "A")),
    )


# ---- effects


def test_assignments_read_the_values_before_the_step() -> None:
    product = one_role("""variables: {p: N = 1, q: N = 2}
states: [x, y]
initial: x
transitions:
- {id: swap, trigger: swap, kind: user, source: x, dest: y, set: {p: q, q: p}}""")
    assert local(product, walk(product, "a swap"), "a") == {"state": "y", "p": 2, "q": 1}


def test_sends_and_choices_read_the_values_before_the_step() -> None:
    product = one_role(
        """variables: {n: N = 0}
states: [x]
initial: x
transitions:
- {id: up, trigger: up, kind: user, conditions: n < 2, set: {n: n + 1}, send: [{m: {to: b, n: n}}]}""",
        messages="{m: {n: N}}",
        more="other: {states: [idle], initial: idle, transitions: [{id: got, trigger: m}]}",
        channels=LETTER,
    )
    assert in_flight(product, walk(product, "a up", "a up")) == {"a -> b": [("m", 0), ("m", 1)]}


def test_entries_of_a_map_are_assigned_one_by_one_and_keys_read_before_the_step() -> None:
    product = one_role("""variables: {book: "map[System, N?]", place: "System = A"}
states: [x]
initial: x
transitions:
- {id: note, trigger: note, kind: user, set: {"book[place]": "1", "book[C]": "2", place: B}}""")
    assert local(product, walk(product, "a note"), "a") == {"state": "x", "book": (1, None, 2), "place": "B"}
    assert local(product, walk(product, "a note", "a note"), "a")["book"] == (1, 1, 2)


def test_an_entry_assigned_twice_in_one_step_is_an_error() -> None:
    product = one_role("""variables: {book: "map[System, N?]", p: "System = A", q: "System = B"}
states: [x]
initial: x
transitions:
- {id: note, trigger: note, kind: user, set: {"book[p]": "1", "book[q]": "2", q: A}}""")
    walk(product, "a note")
    with pytest.raises(ModelError) as caught:
        walk(product, "a note", "a note")
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == (
        "M704",
        "book[A] is assigned twice in one step (transition note of a)",
    )


# ---- senders and receivers


TWO_SENDERS = """
domains: {System: [A, B]}
messages: {m: {}, answer: {}}
roles:
  hearer:
    variables: {friend: System?}
    states: [x]
    initial: x
    transitions:
    LINES
    ignore: {m: [x]}
  talker:
    states: [y]
    initial: y
    transitions:
    - {id: say, trigger: say, kind: user, send: [{m: {to: h}}]}
    - {id: hear, trigger: answer}
scenarios: {s: {instances: {h: hearer, t: {A: talker, B: talker}}, channels: {default: {bound: 1, when_full: block}}}}
"""


@pytest.mark.parametrize(
    ("lines", "received"),
    [
        ("- {id: get, trigger: m, from: t(B)}", ["h ignore <- m() t(A)", "h get <- m() t(B)"]),
        ("- {id: get, trigger: m, from: t}", ["h get <- m() t(A)", "h get <- m() t(B)"]),
        ("- {id: get, trigger: m, from: 't - {t(B)}'}", ["h get <- m() t(A)", "h ignore <- m() t(B)"]),
        ("- {id: get, trigger: m}", ["h get <- m() t(A)", "h get <- m() t(B)"]),
        ("- {id: get, trigger: m, conditions: sender == t(A)}", ["h get <- m() t(A)", "h ignore <- m() t(B)"]),
    ],
)
def test_from_restricts_the_sender(lines: str, received: list[str]) -> None:
    product = Product(build(TWO_SENDERS.replace("LINES", lines)))
    state = walk(product, "t(A) say", "t(B) say")
    assert sorted(line for line in enabled(product, state) if line[0] == "h") == sorted(received)


def test_from_a_value_that_is_none_is_nobody() -> None:
    """`server(friend)` is not asked for where the state forbids the line anyway."""
    lines = """- {id: get, trigger: m, from: t(friend), source: {left: x, right: r1}}
    - {id: arm, trigger: arm, kind: user, source: r0, dest: r1, set: {friend: B}}"""
    text = TWO_SENDERS.replace("LINES", lines).replace(
        "    states: [x]\n    initial: x\n",
        "    regions: {left: {states: [x], initial: x}, right: {states: [r0, r1], initial: r0}}\n",
    )
    product = Product(build(text))
    state = walk(product, "t(A) say", "t(B) say")
    assert [line for line in enabled(product, state) if line[0] == "h"] == [
        "h arm",
        "h ignore <- m() t(A)",
        "h ignore <- m() t(B)",
    ]
    armed = walk(product, "t(A) say", "t(B) say", "h arm")
    assert [line for line in enabled(product, armed) if line[0] == "h"] == [
        "h get <- m() t(B)",
        "h ignore <- m() t(A)",
    ]


def test_to_sender_answers_whoever_sent() -> None:
    product = Product(build(TWO_SENDERS.replace("LINES", "- {id: get, trigger: m, send: [{answer: {to: sender}}]}")))
    state = walk(product, "t(A) say", "t(B) say", "h get <- m() t(B)")
    assert in_flight(product, state) == {"h -> t(B)": [("answer",)], "t(A) -> h": [("m",)]}


def test_a_channel_to_oneself() -> None:
    body = """states: [x]
initial: x
transitions:
- {id: remind, trigger: remind, kind: user, send: [{m: {to: self, n: 2}}]}
- {id: reminded, trigger: m, from: self}"""
    product = one_role(body, messages="{m: {n: N}}", channels=LETTER)
    assert [channel.name for channel in product.model.channels] == ["a -> a"]
    assert enabled(product, walk(product, "a remind")) == ["a remind -> m(n=2) a", "a reminded <- m(2) a"]


# ---- regions


REGIONS = """variables: {n: N = 0}
regions:
  left: {states: [l0, l1], initial: l0, final: [l0, l1]}
  right: {states: [r0, r1, r2], initial: r0, final: [r1]}
transitions:
- {id: left, trigger: left, kind: user, source: l0, dest: l1, set: {n: "1"}}
- {id: both, trigger: both, kind: user, source: {left: l1, right: [r0, r1]}, dest: {right: r2, left: l0}}
- {id: right, trigger: right, kind: user, source: [r0, r2], dest: r1, conditions: n == 1 or left == l0}
- {id: jump, trigger: jump, kind: user, dest: r0}
- {id: mixed, trigger: mixed, kind: user, source: l1, dest: r2}
- {id: stay, trigger: stay, kind: user, source: {right: r2}}"""


def test_a_source_map_is_a_conjunction_and_a_dest_map_moves_both() -> None:
    product = one_role(REGIONS)
    assert "a both" not in enabled(product, product.initial())
    state = walk(product, "a left", "a both")
    assert local(product, state, "a") == {"left": "l0", "right": "r2", "n": 1}
    assert enabled(product, walk(product, "a left", "a mixed")) == ["a right", "a jump", "a mixed", "a stay"]


def test_a_region_not_named_is_any_and_stays() -> None:
    product = one_role(REGIONS)
    assert enabled(product, product.initial()) == ["a left", "a right", "a jump"]
    assert local(product, walk(product, "a right", "a left"), "a") == {"left": "l1", "right": "r1", "n": 1}
    assert local(product, walk(product, "a left", "a right", "a jump"), "a") == {"left": "l1", "right": "r0", "n": 1}


def test_a_source_of_one_region_and_a_dest_of_another() -> None:
    product = one_role(REGIONS)
    assert local(product, walk(product, "a left", "a mixed"), "a") == {"left": "l1", "right": "r2", "n": 1}


def test_an_instance_rests_where_all_its_regions_may() -> None:
    product = one_role(REGIONS)
    machine = product.machines[0]
    assert [machine.final(Local((left, right), (0,))) for left in ("l0", "l1") for right in ("r0", "r1", "r2")] == [
        False,
        True,
        False,
    ] * 2


# ---- what types cannot rule out


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            """variables: {n: N = 0}
states: [x]
initial: x
transitions:
- {id: up, trigger: up, kind: user, set: {n: n + 1}}""",
            "M701",
            "the new value of n would be 3, which is not in 0..2 (transition up of a)",
        ),
        (
            """states: [x]
initial: x
transitions:
- {id: self, trigger: go, kind: user, send: [{m: {to: self, n: 1}}]}
- {id: get, trigger: m, conditions: msg.k == B}""",
            "M702",
            "msg.k is read where it is absent (transition get of a)",
        ),
        (
            """variables: {place: "System = B"}
states: [x]
initial: x
transitions:
- {id: go, trigger: go, kind: user, set: {place: C}, send: [{m: {to: friend(place), n: 1}}]}
- {id: get, trigger: m}""",
            "M703",
            "the scenario has no instance friend(C) (transition go of a)",
        ),
    ],
)
def test_a_value_outside_stops_the_search_naming_the_transition_and_the_flow(
    body: str, code: str, message: str
) -> None:
    text = f"""
        domains: {{System: [A, B, C], N: 0..2}}
        messages: {{m: {{n: N, k?: System}}}}
        roles:
          r:
            {body.replace(chr(10), chr(10) + " " * 12)}
          other: {{states: [y], initial: y, transitions: [{{trigger: m}}]}}
        scenarios:
          s: {{instances: {{a: r, friend: {{A: other, B: other}}}}, channels: {{default: {{kind: set}}}}}}
    """
    with pytest.raises(ModelError) as caught:
        explore(build(text))
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == (code, message)
    flows = {"M701": "a up; a up", "M702": "a self", "M703": "a go"}
    assert (problem.hint or "").endswith(f"reached by: {flows[code]}")
    assert problem.span is not None


def test_a_wrong_initial_value_is_located() -> None:
    text = """
        parameters: {most: 5}
        roles: {r: {variables: {n: 0..2 = most}, states: [x], initial: x}}
        scenarios: {s: {instances: {a: r}}}
    """
    with pytest.raises(ModelError) as caught:
        explore(build(text))
    (problem,) = caught.value.problems
    assert problem.code == "M701"
    assert problem.message == "the initial value of n would be 5, which is not in 0..2 (initial values of a)"


def test_reception_says_what_becomes_of_a_message() -> None:
    body = """states: [x, y, z]
initial: x
transitions: [{id: get, trigger: m, source: x}]
ignore: {m: [y]}"""
    product = one_role(body, messages="{m: {n: N}}", more=POST, channels=LETTER)
    event = Event("b", Message("m", (1,)))
    machine = product.machines[0]
    assert [machine.reception(Local((state,), ()), event) for state in "xyz"] == ["handled", "ignored", "unspecified"]


# ---- what is left open


def test_a_message_to_nobody_is_one_way_whatever_is_left_open_in_it() -> None:
    product = one_role(
        """states: [x, y]
initial: x
variables: {friends: "set[other]"}
transitions: [{id: go, trigger: go, kind: user, source: x, dest: y, send: [{m: {to: friends, "n?": 1}}]}]""",
        messages="{m: {n?: N}}",
        more="other:\n  states: [idle]\n  initial: idle\n  transitions: [{id: m, trigger: m}]",
        channels=LETTER,
    )
    assert enabled(product, product.initial()) == ["a go"]


def test_what_keeps_a_line_back_may_be_that_a_condition_has_no_value() -> None:
    """A search that a limit stops met local states of which nobody asked for a step yet; why none happens is said."""
    product = one_role("""states: [x]
initial: x
variables: {seen: "set[N]"}
transitions: [{id: go, trigger: go, kind: user, conditions: min(seen) == 1}]""")
    local_ = product.initial().locals[0]
    obstacle = product.machines[0].obstacle(local_, None, 0)
    assert (obstacle.kind, obstacle.reason) == ("guard", "min of an empty set")
