"""Lines that ask the channels from and to their instance: what they see, and what is made of it (decision 0048)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from building import build, enabled, explore, walk
from randomized.conformance import assert_conforms

from mcfsm.explore import exhaustive, reference
from mcfsm.explore.family import FamilySearch
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.semantics import asking
from mcfsm.semantics.product import Product
from mcfsm.tables.moves import Moves
from mcfsm.tables.tables import Tables
from mcfsm.verdicts.deadlock import stuck
from mcfsm.verdicts.never_happens import Never

VOTE = """
messages: {vote: {round: 1..2, by?: voter}, done: {}}
roles:
  voter:
    states: [undecided, decided]
    initial: undecided
    final: [decided]
    transitions:
    - id: cast
      trigger: cast
      kind: protocol
      source: undecided
      dest: decided
      choose: {r: 1..2}
      send: [{vote: {to: chair, round: r, by: self}}]
    - {id: gossip, trigger: gossip, kind: protocol, source: decided, conditions: "SEES"}
    ignore: {done: [undecided, decided]}
  head:
    variables: {n: 0..2 = 0, who: "set[voter]"}
    states: [open, closed]
    initial: open
    final: [closed]
    transitions:
    - id: close
      trigger: close
      kind: protocol
      source: open
      dest: closed
      conditions: "WHEN"
      set: {SET}
      send: [{done: {to: v}}]
scenarios:
  s:
    instances: {v: {role: voter, count: 2}, chair: head}
    channels: {default: {kind: KIND, may_stay: STAY}}
    MORE
"""
MAJORITY = "len({x for x in v if in_flight(vote, sender=x, round=1)}) == 2"


def vote(
    when: str = MAJORITY, *, sees: str = "in_flight(done)", set_: str = "", kind: str = "bag, bound: 2", more: str = ""
) -> Model:
    text = VOTE.replace("WHEN", when).replace("SEES", sees).replace("SET", set_).replace("KIND", kind)
    text = text.replace(", may_stay: STAY" if kind == "set" else "STAY", "" if kind == "set" else "true")
    return build(text.replace("MORE", more))


def test_a_line_asks_for_messages_to_its_instance() -> None:
    product = Product(vote())
    one = walk(product, "v(1) cast r=1")
    assert [line for line in enabled(product, one) if line.startswith("chair close")] == []
    both = walk(product, "v(1) cast r=1", "v(2) cast r=1")
    assert len([line for line in enabled(product, both) if line.startswith("chair close")]) == 1
    other = walk(product, "v(1) cast r=1", "v(2) cast r=2")
    assert [line for line in enabled(product, other) if line.startswith("chair close")] == []


def test_a_line_sees_its_own_channels_alone() -> None:
    """A voter does not see what the other sent; what it sent itself it does, as long as that is on its way."""
    product = Product(vote(sees="in_flight(vote, by=v(2))"))
    state = walk(product, "v(1) cast r=1", "v(2) cast r=1")
    assert [line for line in enabled(product, state) if "gossip" in line] == ["v(2) gossip"]


def test_how_many_counts_what_is_asked_for() -> None:
    for wanted, count in (("how_many(vote)", 2), ("how_many(vote, round=2)", 1), ("how_many(vote, receiver=v(1))", 0)):
        product = Product(vote(f"{wanted} == {count}", set_='n: "how_many(vote, round=1)"'))
        state = walk(product, "v(1) cast r=1", "v(2) cast r=2", "chair close")
        assert state.locals[2].values[0] == 1


@pytest.mark.parametrize("kind", ["bag, bound: 2", "fifo, bound: 1", "set"])
@pytest.mark.parametrize(
    ("when", "set_"),
    [
        (MAJORITY, ""),
        ("how_many(vote) >= 1", 'n: "how_many(vote, round=1)"'),
        ("in_flight(vote, by=v(1)) or how_many(vote, round=2) == 2", 'who: "{x for x in v if in_flight(vote, by=x)}"'),
        ("not in_flight(vote)", ""),
    ],
)
def test_tables_say_what_the_definition_says(kind: str, when: str, set_: str) -> None:
    assert_conforms(exhaustive.explore, vote(when, set_=set_, kind=kind))
    assert_conforms(exhaustive.explore, vote(when, set_=set_, kind=kind, more="crash: {chair: 1}"))


def test_whoever_asks_channels_is_taken_to_look_at_these(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: dict[int, set[int]] = {}
    group = Moves.group

    def noted(self: Moves, component: int, looks_at: Iterable[int], *rest: int) -> int:
        looked_at.setdefault(component, set()).update(looked := list(looks_at))
        return group(self, component, looked, *rest)

    monkeypatch.setattr(Moves, "group", noted)
    model = vote()
    product, components = Product(model), Tables(model).components
    assert exhaustive.explore(model).complete
    for instance, machine in enumerate(product.machines):
        assert machine.channels
        assert looked_at[instance] == {components.first_channel + channel for channel in machine.channels}


def test_interchangeable_instances_may_be_asked_for_by_a_quantifier() -> None:
    model = vote(more="interchangeable: [v]")
    assert_conforms(exhaustive.explore, model)
    assert exhaustive.explore(model).states < exhaustive.explore(vote()).states
    with pytest.raises(ModelError, match=r"M613"):
        vote("in_flight(vote, sender=v(1))", more="interchangeable: [v]")


def test_a_value_that_fails_stops_the_search_only_where_a_channel_makes_it_fail() -> None:
    good = vote("how_many(vote) == 2", set_='n: "how_many(vote) - 2"')
    assert_conforms(exhaustive.explore, good)
    assert explore(good).complete
    for engine in (reference, exhaustive):
        with pytest.raises(ModelError, match="M701"):
            engine.explore(vote("how_many(vote) == 2", set_='n: "how_many(vote) + 1"'))
        with pytest.raises(ModelError, match="M701"):  # though the line is never possible
            engine.explore(vote("true", set_='n: "2 - 3 * how_many(vote, round=2)"', kind="bag, bound: 1"))


def test_a_reception_asks_nothing() -> None:
    text = VOTE.replace("WHEN", "true").replace("SEES", "true").replace("SET", "").replace("KIND", "bag, bound: 1")
    text = text.replace("STAY", "true").replace("MORE", "")
    line = "- {id: hear, trigger: vote, conditions: in_flight(vote)}\nscenarios:"
    with pytest.raises(ModelError, match="M407 in_flight asks the channels"):
        build(text.replace("scenarios:", f"    {line}"))


def test_too_many_cases_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_CASES", 3)
    with pytest.raises(ModelError, match=r"M706 close asks its channels so much that there are more than 3 cases"):
        exhaustive.explore(vote())
    monkeypatch.setattr(asking, "MOST_CASES", 4)  # of two voters whether their vote is on its way
    assert exhaustive.explore(vote()).complete
    monkeypatch.setattr(asking, "MOST_CASES", 3)
    assert exhaustive.explore(vote("in_flight(vote)", sees="in_flight(vote)")).complete
    monkeypatch.setattr(asking, "MOST_COUNTED", 5)
    with pytest.raises(ModelError, match=r"M706 how_many\(vote\) counts v\(1\) -> chair, a set of up to 6; at most 5"):
        exhaustive.explore(vote("how_many(vote) == 1", kind="set"))
    monkeypatch.setattr(asking, "MOST_CASES", 100)
    monkeypatch.setattr(asking, "MOST_COUNTED", 3)  # of one round as many as may be said to vote, or nobody
    assert exhaustive.explore(vote("how_many(vote, round=1) == 1", kind="set")).complete


def test_a_set_of_too_many_is_refused_whatever_is_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no value that fails where a channel gives some answer: that nobody sends by v(1) is not looked for."""
    monkeypatch.setattr(asking, "MOST_COUNTED", 5)
    model = vote("in_flight(vote, by=v(2)) and how_many(vote) == 1 and n == 2", kind="set")
    product = Product(model)
    chair = product.machines[2]
    with pytest.raises(ModelError, match=r"M706 how_many\(vote\) counts v\(1\) -> chair"):
        asking.possible(chair, product.initial().locals[2])


def test_what_keeps_a_line_back_is_said() -> None:
    model = vote("how_many(vote, round=1) == 2")
    product = Product(model)
    state = walk(product, "v(1) cast r=1", "v(2) cast r=2")
    (chair,) = [wait for wait in stuck(product, state).waits if wait.instance == "chair"]
    assert [reason.why for reason in chair.reasons] == ["how_many(vote, round=1) == 2 is false"]
    closing = vote("how_many(vote, round=1) == 5")
    found = explore(closing)
    history = Never(found.fired)
    history.take_in(closing, found)
    assert history.history_of["close"].reasons == {"how_many(vote, round=1) == 5 is false": None}
    often = vote("how_many(vote, round=1) == 2 and how_many(vote, round=2) == 1")
    found = explore(often)
    history = Never(found.fired)
    history.take_in(often, found)
    assert history.history_of["close"].reasons == {"the channels answer otherwise": None}


def test_several_variants_together_do_not_ask() -> None:
    with pytest.raises(ModelError, match=r"M618 .*: gossip asks channels"):
        FamilySearch([vote(), vote()], [[], []])
