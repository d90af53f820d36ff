"""Random walks: what they find for twenty seeds, how short it is, and that the seed alone decides."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

import pytest
from building import build, explore, write

from mcfsm.explore.walk import walk
from mcfsm.model import Model
from mcfsm.problems import ModelError

SEEDS = range(20)
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
    - {trigger: move, kind: user, source: served, dest: moving, choose: {to_system: "{B, C}"}, conditions: to_system != place, set: {next: to_system}, send: [{register: {to: server(to_system)}}], budget: moves}
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
  K2: {text: The primary knows the system that serves the user., when: u.state == served and u.place != A and not in_flight(told), always: server(A).knows == u.place}
scenarios:
  s:
    instances: {u: user, server: {A: primary, B: partner, C: partner}}
    channels: {default: {kind: fifo, bound: 2}}
    budgets: {moves: 2}
"""

AUCTION = """
model: auction
domains: {Price: 1..6}
messages: {bid: {euros: Price, cents: Price}}
roles:
  bidder:
    states: [bidding]
    initial: bidding
    final: [bidding]
    transitions:
    - {trigger: offer, kind: user, choose: {euros: Price, cents: Price}, send: [{bid: {to: house, euros: euros, cents: cents}}], budget: offers}
  auction_house:
    variables: {best: 0..12 = 0, raises: 0..3 = 0}
    states: [selling]
    initial: selling
    final: [selling]
    transitions:
    - {trigger: bid, conditions: [msg.euros + msg.cents > best, raises < 3], set: {best: msg.euros + msg.cents, raises: raises + 1}}
    ignore: {bid: [selling]}
properties:
  calm: {text: The best price is raised less than three times., never: house.raises == 3}
scenarios:
  s:
    instances: {b: {role: bidder, count: 2}, house: auction_house}
    channels: {default: {kind: fifo, bound: 2, when_full: block}}
    budgets: {offers: 5}
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
    - {trigger: order, conditions: not msg.item in posted, set: {posted: "posted | {msg.item}"}, send: [{letter: {to: customer, item: msg.item}}]}
  buyer:
    variables: {next: 1..4 = 1, last: 0..3 = 0, disordered: bool}
    states: [buying]
    initial: buying
    final: [buying]
    transitions:
    - {trigger: buy, kind: user, conditions: next < 4, set: {next: next + 1}, send: [{order: {to: store, item: next}}]}
    - {trigger: letter, conditions: msg.item > last, set: {last: msg.item}}
    - {trigger: letter, conditions: msg.item < last, set: {disordered: true}}
properties:
  in_order: {text: Letters arrive in the order of the orders., never: customer.disordered}
scenarios:
  s:
    instances: {store: shop, customer: buyer}
    channels: {default: {kind: set}, overrides: []}
"""


@cache
def model(text: str) -> Model:
    return build(text, whole=False)


@pytest.mark.parametrize(("text", "name", "shortest"), [(RACE, "K2", 8), (AUCTION, "calm", 6), (LETTERS, "in_order", 6)])
@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_finds_a_violation_and_shrinks_it(text: str, name: str, shortest: int, seed: int) -> None:
    found = walk(model(text), seed=seed).violation
    assert found is not None
    assert found.property_id == name
    assert len(found.trace) <= shortest + LONGER


@pytest.mark.parametrize(("text", "name", "shortest"), [(RACE, "K2", 8), (AUCTION, "calm", 6), (LETTERS, "in_order", 6)])
def test_the_lengths_compared_with_are_the_shortest(text: str, name: str, shortest: int) -> None:
    assert len(explore(model(text)).paths[name]) == shortest
