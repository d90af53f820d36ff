"""A message to several receivers whose content depends on who gets it."""

from __future__ import annotations

import pytest
from building import build, in_flight, run, walk

from mcfsm.explore import exhaustive, reference
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.report.machine_code import machine_code
from mcfsm.report.promela.program import promela
from mcfsm.report.tla.module import tla
from mcfsm.semantics.product import Product

DEAL = """
domains: {Card: 1..3}
messages: {card: {value?: Card, first: bool}, thanks: {}}
roles:
  dealer:
    variables: {hand: "map[player, Card] = {a: 1, b: 2}"}
    states: [ready, dealt]
    initial: ready
    final: [dealt]
    transitions:
    - {id: deal, trigger: deal, kind: protocol, source: ready, dest: dealt, send: [{card: {SEND}}]}
    - {id: thanked, trigger: thanks}
  player:
    states: [waiting, playing]
    initial: waiting
    final: [playing]
    transitions: [{id: take, trigger: card, source: waiting, dest: playing, send: [{thanks: {to: sender}}]}]
scenarios:
  s:
    instances: {d: dealer, a: player, b: player}
    channels: {default: {bound: 1}}
"""
EACH = "first: receiver == a, value: 'hand[receiver]', to: player"


def deal(send: str = EACH) -> Model:
    return build(DEAL.replace("SEND", send))


def test_each_gets_what_is_for_it() -> None:
    product = Product(deal())
    state = walk(product, "d deal")
    assert in_flight(product, state) == {"d -> a": [("card", 1, True)], "d -> b": [("card", 2, False)]}
    (step,) = run(product, "d deal")[0]
    assert [product.model.instances[sent.receiver].name for sent in step.sends] == ["a", "b"]
    assert exhaustive.explore(product.model).states == reference.explore(product.model).states == 10


def test_an_element_that_is_left_open_is_there_for_all_or_for_none() -> None:
    product = Product(deal("to: player, first: receiver == a, value?: 'hand[receiver]'"))
    found = [in_flight(product, step.target) for step in product.steps(product.initial())]
    values = [[content[0][1] for content in one.values()] for one in found]
    assert [sorted(map(str, each)) for each in values] == [["1", "2"], ["absent", "absent"]]


def test_who_gets_it_is_known_to_its_content_alone() -> None:
    for send in ("to: 'player - {receiver}', first: true", "to: player, first: 'hand[d] == 1'"):
        with pytest.raises(ModelError, match=r"M40[347]"):
            deal(send)
    with pytest.raises(ModelError, match="M403 unknown name receiver"):
        build(DEAL.replace("SEND", EACH).replace("source: waiting", "conditions: receiver == a, source: waiting"))


def test_what_others_cannot_say_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="M615 deal sends to each receiver what depends on who that is"):
        machine_code(deal(), "dealer")
    for export in (promela, tla):
        assert "card" in str(export(deal()))
        with pytest.raises(ModelError, match="M615 an element of card is left open"):
            export(deal("to: player, first: receiver == a, value?: 1"))
