"""Random walks: what they find for twenty seeds, how short it is, and that the seed alone decides."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from building import build, explore, write

from mcfsm.explore import reference, stopping
from mcfsm.explore.random import walk as walks
from mcfsm.explore.random.walk import walk
from mcfsm.explore.stopping import INTERRUPTED, Stopped, listen
from mcfsm.model import Model
from mcfsm.problems import ModelError

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 20))]
LONGER = 2  # how many steps more than the shortest a shrunk flow may have

RACE = """
model: notification race
domains: {System: [A, B, C]}
messages: {register: {}, registered: {}, told: {system: System}}
roles:
  user:
    peers: {server: System}
    variables: {place: System = A, next: System = A}
    states: [served, moving]
    initial: served
    final: [served]
    transitions:
    - trigger: move
      kind: user
      source: served
      dest: moving
      choose: {to_system: "{B, C}"}
      conditions: to_system != place
      set: {next: to_system}
      send: [{register: {to: server(to_system)}}]
      budget: moves
    - {trigger: registered, source: moving, dest: served, set: {place: next}}
  primary:
    variables: {knows: System = A}
    states: [up]
    initial: up
    final: [up]
    transitions:
    - {trigger: told, set: {knows: msg.system}}
  partner:
    peers: {server: System}
    states: [up]
    initial: up
    final: [up]
    transitions:
    - {trigger: register, send: [{registered: {to: sender}}, {told: {to: server(A), system: key}}]}
properties:
  K2:
    text: The primary knows the system that serves the user.
    when: u.state == served and u.place != A and not in_flight(told)
    always: server(A).knows == u.place
scenarios:
  s:
    instances: {u: user, server: {A: primary, B: partner, C: partner}}
    channels: {default: {kind: fifo, bound: 2}}
    budgets: {moves: 2}
"""

AUCTION = """
model: auction
domains: {Price: 1..3}
messages: {bid: {euros: Price, cents: Price}}
roles:
  bidder:
    states: [bidding]
    initial: bidding
    final: [bidding]
    transitions:
    - trigger: offer
      kind: user
      choose: {euros: Price, cents: Price}
      send: [{bid: {to: house, euros: euros, cents: cents}}]
      budget: offers
  auction_house:
    variables: {best: 0..6 = 0, raises: 0..3 = 0}
    states: [selling]
    initial: selling
    final: [selling]
    transitions:
    - trigger: bid
      conditions: [msg.euros + msg.cents > best, raises < 3]
      set: {best: msg.euros + msg.cents, raises: raises + 1}
    ignore: {bid: [selling]}
properties:
  calm: {text: The best price is raised less than three times., never: house.raises == 3}
scenarios:
  s:
    instances: {b: {role: bidder, count: 2}, house: auction_house}
    channels: {default: {kind: fifo, bound: 2, when_full: block}}
    budgets: {offers: 4}
"""

LETTERS = """
model: letters and orders
domains: {Item: 1..3}
messages: {letter: {item: Item}, order: {item: Item}}
roles:
  shop:
    variables: {posted: "set[Item]"}
    states: [open]
    initial: open
    final: [open]
    transitions:
    - trigger: order
      conditions: not msg.item in posted
      set: {posted: "posted | {msg.item}"}
      send: [{letter: {to: customer, item: msg.item}}]
  buyer:
    variables: {next: 1..4 = 1, last: 0..3 = 0, disordered: bool}
    states: [buying]
    initial: buying
    final: [buying]
    transitions:
    - trigger: buy
      kind: user
      conditions: next < 4
      set: {next: next + 1}
      send: [{order: {to: store, item: next}}]
    - {trigger: letter, conditions: msg.item > last, set: {last: msg.item}}
    - {trigger: letter, conditions: msg.item < last, set: {disordered: true}}
properties:
  in_order: {text: Letters arrive in the order of the orders., never: customer.disordered}
scenarios:
  s:
    instances: {store: shop, customer: buyer}
    channels: {default: {kind: set}}
"""


# two letters at most: what is violated is found, and made no longer than it must be, in a tenth of the time
TWO_LETTERS = LETTERS.replace("Item: 1..3", "Item: 1..2").replace("1..4", "1..3").replace("next < 4", "next < 3")
TWO_LETTERS = TWO_LETTERS.replace("0..3", "0..2")


@cache
def model(text: str) -> Model:
    return build(text, whole=False)


FOUND = [(RACE, "K2", 8), (AUCTION, "calm", 6), (LETTERS, "in_order", 6)]  # model, property, length of the shortest


@pytest.mark.long
@pytest.mark.parametrize(("text", "name", "shortest"), FOUND, ids=["race", "auction", "letters"])
@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_finds_a_violation_and_shrinks_it(text: str, name: str, shortest: int, seed: int) -> None:
    result = walk(model(text), seed=seed)
    assert result.seed == seed
    assert result.property_ids == (name,)
    assert result.violation is not None
    assert result.violation.property_id == name
    assert shortest <= len(result.violation.trace) <= shortest + LONGER


@pytest.mark.long
@pytest.mark.parametrize(("text", "name", "shortest"), FOUND, ids=["race", "auction", "letters"])
def test_the_lengths_compared_with_are_the_shortest(text: str, name: str, shortest: int) -> None:
    assert len(reference.explore(model(text), property_ids=[name]).paths[name]) == shortest


@pytest.mark.long
def test_the_same_seed_walks_the_same_way() -> None:
    assert walk(model(TWO_LETTERS), seed=3) == walk(model(TWO_LETTERS), seed=3)
    calm = model(LETTERS.replace("disordered: true", "disordered: false"))
    first, second, other = (walk(calm, examples=10, seed=seed) for seed in (3, 3, 4))
    assert first == second
    assert (first.examples, first.steps, first.states) != (other.examples, other.steps, other.states)


@pytest.mark.process
def test_the_same_seed_walks_the_same_way_in_another_process(tmp_path: Path) -> None:
    script = (
        "from mcfsm.questions.walk import one_model, walk\n"
        f"result = walk(one_model({str(write(TWO_LETTERS, tmp_path))!r}), seed=3)\n"
        "flow = [f'{step.instance} {step.transition}' for step in result.violation.trace.steps]\n"
        "print(result.examples, result.steps, result.states, *flow)"
    )
    printed = set()
    for number in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": number}
        command = [sys.executable, "-c", script]
        printed.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(printed) == 1
    assert re.fullmatch(r"\d+ \d+ \d+ .*customer buyer.letter.2\n", printed.pop())


def test_without_a_seed_one_is_drawn_and_told_and_derandomized_it_is_always_the_same() -> None:
    calm = model(LETTERS.replace("disordered: true", "disordered: false"))
    drawn = walk(calm, examples=3)
    assert drawn == walk(calm, examples=3, seed=drawn.seed)
    assert walk(calm, examples=3, derandomize=True).seed == 0
    assert walk(calm, examples=3).seed != walk(calm, examples=3).seed


@pytest.mark.long
def test_how_far_it_looked_where_there_is_nothing_to_find() -> None:
    calm = model(LETTERS.replace("disordered: true", "disordered: false"))
    result = walk(calm, examples=40, steps=20, seed=1)
    assert result.violation is None
    assert 40 <= result.examples <= 60
    assert 40 < result.steps <= 60 * 20
    assert result.states <= explore(calm).states
    assert result.fired == {"shop.order.1", "buyer.buy.1", "buyer.letter.1", "buyer.letter.2"}
    assert walk(calm, examples=40, steps=3, seed=1).steps <= 60 * 3


def test_a_violation_in_the_initial_state_has_a_flow_of_no_steps() -> None:
    result = walk(
        model(
            RACE.replace("always: server(A).knows == u.place", "never: u.place == A").replace("u.place != A and", "")
        ),
        seed=1,
    )
    assert result.violation is not None
    assert len(result.violation.trace) == 0
    assert (result.examples, result.steps, result.states) == (1, 0, 1)


def test_properties_and_checks_are_asked_by_name() -> None:
    assert walk(model(RACE), examples=1, checks=True, seed=1).property_ids == (
        "K2",
        "check.deadlock",
        "check.reception",
        "check.overflow",
    )
    assert walk(model(RACE), examples=1, properties=[], seed=1).property_ids == ()
    with pytest.raises(ModelError) as caught:
        walk(model(RACE), properties=["K3"])
    assert str(caught.value) == (
        "M313 unknown property K3 in scenario s (known: K2, check.deadlock, check.overflow, check.reception)"
    )


def test_a_value_outside_its_domain_is_an_error_of_the_model_with_a_short_flow() -> None:
    with pytest.raises(ModelError) as caught:
        walk(
            model(
                LETTERS.replace("conditions: next < 4", "")
                .replace("next: 1..4", "next: 1..3")
                .replace("item: Item}, order", "item: 1..4}, order")
            ),
            seed=2,
        )
    problem = caught.value.problems[0]
    assert problem.code == "M701"
    assert problem.hint is not None
    assert problem.hint.endswith("reached by: customer buyer.buy.1; customer buyer.buy.1")


def test_a_violation_is_told_also_where_it_could_not_be_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(found: Any, *_: Any) -> Any:
        yield found
        raise Stopped(INTERRUPTED)

    monkeypatch.setattr(walks, "_shorter", interrupted)
    result = walk(model(RACE), seed=0)
    assert result.stopped == INTERRUPTED
    assert result.violation is not None
    assert len(result.violation.trace) >= 7


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.long
def test_a_signal_that_a_callback_loses_ends_the_walks_all_the_same() -> None:
    """Hypothesis has itself called by the collector, where whatever is raised is lost."""

    def loses(*_: Any) -> None:
        gc.callbacks.remove(loses)
        signal.raise_signal(signal.SIGINT)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, signal.SIG_DFL)
    listen()
    gc.callbacks.append(loses)
    try:
        gc.collect()
        result = walk(model(TWO_LETTERS), seed=0, examples=1 << 30, properties=[])
    finally:
        stopping._heard.clear()
        for number, hear in before.items():
            signal.signal(number, hear)
    assert result.stopped == INTERRUPTED
    assert result.examples < 1 << 20


def test_hypothesis_that_trips_as_it_is_ended_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does where a limit comes before it has made the runner that its own end asks for."""

    def trips(*_: object, **__: object) -> None:
        try:
            raise Stopped(INTERRUPTED)
        finally:
            raise AssertionError

    monkeypatch.setattr(walks, "run_state_machine_as_test", trips)
    result = walk(build(RACE), examples=1)
    assert (result.stopped, result.examples) == (INTERRUPTED, 0)


def test_what_hypothesis_trips_over_by_itself_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def trips(*_: object, **__: object) -> None:
        raise AssertionError("a defect")

    monkeypatch.setattr(walks, "run_state_machine_as_test", trips)
    with pytest.raises(AssertionError, match="a defect"):
        walk(build(RACE), examples=1)
