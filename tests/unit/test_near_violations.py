"""What is near to breaking a promise, against the definition: each value of a state exchanged for each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from building import build

from mcfsm.expressions.domains import Integer
from mcfsm.model import Message, Model
from mcfsm.semantics import near_miss as near
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State

# Two doors that open only while it is day there, each for so many guests; a bell counts how often.
DOORS = """
domains: {Guests: 0..2}
messages: {ring: {loud: Guests, long?: 0..1}}
roles:
  door:
    variables: {open: bool, guests: Guests = 0}
    states: [day, night]
    initial: day
    final: [day, night]
    transitions:
    - {id: open, trigger: wind, kind: environment, source: day, conditions: [guests < 1], choose: {l: 0..1}, set: {open: "true", guests: guests + 1}, send: [{ring: {to: keeper, loud: l, long: 1}}]}
    - {id: dusk, trigger: dusk, kind: protocol, source: day, dest: night, conditions: open, set: {open: "false"}}
  house:
    states: [there]
    initial: there
    final: [there]
    transitions: [{id: heard, trigger: ring}]
observers:
  bell:
    variables: {rings: 0..4 = 0, last: door?}
    transitions:
    - {on: {fired: open}, set: {rings: "min(rings + 1, 4)", last: actor}}
properties:
  used: {text: What is seen is used., reachable: bell.rings > 0 and bell.last != none}
  P: {text: The doors., SAYS}
scenarios:
  s: {instances: {d: {role: door, count: 2}, keeper: house}, channels: {default: {kind: fifo, bound: 2}}}
"""  # noqa: E501
OF_DOORS = [
    "never: d(1).state == night and d(1).open",
    "always: d(2).guests < 2",
    "always: all(x.guests < 2 for x in d)",
    "when: any(x.open for x in d), never: d(1).guests == 2",
    "when: d(1).open, always: not (d(2).guests == 2 and d(2).open)",
    "never: d(1).state == night and d(2).state == day and d(2).guests == 2",
    "never: 'len({x for x in d if x.guests == 2}) == 1'",
]
OF_THE_BELL = [
    "never: bell.rings > 2",
    "when: d(1).open, never: bell.rings == 0",
    "never: bell.rings == 3 and d(1).state == night",
    "never: bell.rings == 0 and bell.last != none",
]
OF_RINGS = [
    "never: 'in_flight(ring, loud=2)'",
    "when: d(1).open, never: 'in_flight(ring, loud=2, receiver=keeper)'",
    "never: 'in_flight(ring, loud=0, long=0)'",
    "never: 'in_flight(ring, long=0)'",
    "always: 'not in_flight(ring, sender=d(1), loud=1)'",
]


def doors(says: str) -> Model:
    return build(DOORS.replace("SAYS", says), whole=False)


def reached(model: Model) -> list[State]:
    """Every state, and a few are enough to differ in all that is asked."""
    product = Product(model)
    found = {product.initial(): None}
    for state in iter(queue := [*found]):
        new = [step.target for step in product.steps(state) if step.target not in found]
        queue += dict.fromkeys(new)
        found.update(dict.fromkeys(new))
    return [*found]


def ringing(model: Model) -> list[State]:
    """The states after one step."""
    product = Product(model)
    return [step.target for step in product.steps(product.initial())]


def holds(model: Model, condition: str | None, state: State) -> bool:
    """Whether a premise or promise of P, of any form, is met in a state: by the definition."""
    property_ = model.property_of["P"]
    if condition == "premise":
        asked = near.premise_met(property_, "premise")
        return asked is None or PropertyMonitor(model, asked).decides(state)
    return not PropertyMonitor(model, property_).decides(state)


def one_away(model: Model, state: State, *, observers: bool) -> Iterator[tuple[str, object, State]]:
    """Each state with another value of one region or variable, with what that is; in order."""
    owners = [*model.instances, *model.observers]
    for at, local in enumerate(state.locals):
        if (at >= len(model.instances)) is not observers:
            continue
        for part, declared in (("states", model.regions_at(at)), ("values", model.variables_at(at))):
            for i, one in enumerate(declared):
                now = getattr(local, part)
                for value in one.states if part == "states" else one.domain.values:
                    counted = observers and part == "values" and isinstance(one.domain, Integer)
                    if value != now[i] and not (counted and abs(value - now[i]) != 1):
                        other = local._replace(**{part: (*now[:i], value, *now[i + 1 :])})
                        locals_ = (*state.locals[:at], other, *state.locals[at + 1 :])
                        yield f"{owners[at].name}.{one.name}", value, state._replace(locals=locals_)


@pytest.mark.parametrize(
    ("says", "observers"), [*((one, False) for one in OF_DOORS), *((one, True) for one in OF_THE_BELL)]
)
def test_one_value_away_is_what_the_definition_says(says: str, observers: bool) -> None:
    model = doors(says)
    property_ = model.property_of["P"]
    others = near.other_values(model, property_, observers=observers)
    asked = near.near_miss(property_, others, "near")
    assert asked is not None
    read = {other.name for other in others}
    monitor, told = PropertyMonitor(model, asked), set[bool]()
    for state in reached(model):
        broken = [
            (name, value)
            for name, value, other in one_away(model, state, observers=observers)
            if name in read and not holds(model, None, other)
        ]
        first = near.breaking(model, property_, others, state)
        assert (None if first is None else (first.name, first.value)) == next(iter(broken), None)
        assert monitor.decides(state) is (holds(model, "premise", state) and bool(broken))
        told.add(bool(broken))
    assert True in told


def test_what_is_read_is_exchanged_and_nothing_else() -> None:
    model = doors("never: d(1).state == night and d(2).guests == 2 and bell.rings == 2")
    property_ = model.property_of["P"]
    told = [(one.name, one.value, one.among) for one in near.other_values(model, property_, observers=False)]
    assert told == [
        *(("d(1).state", state, None) for state in ("day", "night")),
        *(("d(2).guests", number, None) for number in (0, 1, 2)),
    ]
    told = [(one.name, one.value, one.among) for one in near.other_values(model, property_, observers=True)]
    assert told == [("bell.rings", number, (number - 1, number + 1)) for number in range(5)]


def test_what_a_state_has_is_not_exchanged_for_itself() -> None:
    model = doors("never: d(1).state == night and d(2).guests == 2 and bell.rings == 2")
    property_, state = model.property_of["P"], Product(model).initial()
    inside = near.other_values(model, property_, observers=False)
    outside = near.other_values(model, property_, observers=True)
    assert [one.value for one in inside if one.exchanged(state) is None] == ["day", 0]
    assert [one.value for one in outside if one.exchanged(state) is not None] == [1]


def broken_by_an_element(model: Model, says: str, state: State) -> list[str]:
    """Each other value of an element on its way, of those that are asked for, that breaks P in a state; in order."""
    broken = []
    for c, content in enumerate(state.channels):
        for k, message in enumerate(content):
            for i, (name, domain, _) in enumerate(model.form_of["ring"].elements):
                for value in domain.values:
                    other = Message("ring", (*message.elements[:i], value, *message.elements[i + 1 :]))
                    left = (*content[:k], other, *content[k + 1 :])
                    channels = (*state.channels[:c], left, *state.channels[c + 1 :])
                    if f"{name}=" in says and not holds(model, None, state._replace(channels=channels)):
                        broken.append(f"{name} of ring, on its way {model.channels[c].name}, were {value}")
    return broken


@pytest.mark.parametrize("says", OF_RINGS)
def test_one_element_away_is_what_the_definition_says(says: str) -> None:
    model = doors(says)
    property_ = model.property_of["P"]
    asked = near.near_message(property_, "near")
    assert asked is not None
    monitor, told = PropertyMonitor(model, asked), set[bool]()
    for state in reached(model):
        if not holds(model, None, state):
            continue
        broken = broken_by_an_element(model, says, state)
        assert monitor.decides(state) is (holds(model, "premise", state) and bool(broken)), (state, broken)
        said = near.breaking_message(model, property_, state)
        assert (said or "").split(", not ")[0] == next(iter(broken), "")
        told.add(bool(broken))
    assert told == {True, False}


def test_what_is_on_its_way_beside_a_message_stays() -> None:
    says = "never: 'in_flight(ring, sender=d(1), loud=2) and not in_flight(ring, sender=d(1), loud=0)'"
    model = build(DOORS.replace("guests < 1", "guests < 2").replace("SAYS", says), whole=False)  # which ring twice
    several = False
    for state in reached(model):
        said = near.breaking_message(model, model.property_of["P"], state)
        broken = broken_by_an_element(model, says, state)
        assert (said or "").split(", not ")[0] == next(iter(broken), "")
        several |= len(state.channels[0]) > 1 and bool(broken)
    assert several


@pytest.mark.parametrize(("most", "tried"), [(64, 64), (65, 0)])
def test_of_many_values_none_is_tried(most: int, tried: int) -> None:
    text = DOORS.replace("Guests: 0..2", f"Guests: 0..{most - 1}").replace("SAYS", "always: d(2).guests < 2")
    model = build(text, whole=False)
    assert len(near.other_values(model, model.property_of["P"], observers=False)) == tried


@pytest.mark.parametrize(("most", "tried"), [(64, True), (65, False)])
def test_of_many_values_of_an_element_none_is_tried(most: int, tried: bool) -> None:
    text = DOORS.replace("Guests: 0..2", f"Guests: 0..{most - 1}").replace("SAYS", OF_RINGS[0])
    model = build(text, whole=False)
    said = {near.breaking_message(model, model.property_of["P"], state) for state in ringing(model)}
    assert any(said) is tried


@pytest.mark.parametrize(("seats", "tried"), [(7, [0, 7]), (64, [0, 64]), (65, [])])
def test_of_a_set_of_very_many_only_none_and_all_are_tried(seats: int, tried: list[int]) -> None:
    text = DOORS.replace("open: bool,", 'open: bool, seen: "set[Seats]",').replace(
        "Guests: 0..2", f"Guests: 0..2, Seats: 0..{seats - 1}"
    )
    says = "always: len(d(1).seen) < 7"
    model = build(text.replace('open: "true",', 'open: "true", seen: "{1}",').replace("SAYS", says), whole=False)
    others = [one.value for one in near.other_values(model, model.property_of["P"], observers=False)]
    assert others == [frozenset(range(many)) for many in tried]
