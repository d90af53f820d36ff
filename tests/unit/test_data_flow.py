"""Which variables and elements decide something: in a condition, a choice, a receiver or a promise, at any hand."""

from __future__ import annotations

from building import build

from mcfsm.model.data_flow import Datum, live

# A letter goes from desk to desk: its stamp is looked at in the end, its colour is passed on and never looked at.
LETTER = """
messages: {letter: {stamp: bool, colour: 1..2, weight: 1..2}}
roles:
  writer:
    variables: {paid: bool = true, ink: 1..2 = 1, mood: 1..2 = 1, memory: 1..2 = 1}
    states: [here]
    initial: here
    final: [here]
    transitions:
    - {id: post, trigger: go, kind: user, set: {memory: memory, mood: ink}, send: [{letter: {to: m, stamp: paid, colour: ink, weight: mood}}]}
  middle:
    variables: {kept: 1..2 = 1}
    states: [here]
    initial: here
    final: [here]
    transitions:
    - {id: pass, trigger: letter, set: {kept: msg.colour}, send: [{letter: {to: e, stamp: msg.stamp, colour: kept, weight: msg.weight}}]}
  end:
    variables: {seen: 1..2 = 1}
    states: [here, glad]
    initial: here
    final: [here, glad]
    transitions:
    - {id: read, trigger: letter, conditions: msg.stamp, dest: glad}
    ignore: {letter: [here, glad]}
properties:
  P: {text: P., SAYS}
scenarios:
  s: {instances: {s: writer, m: middle, e: end}, channels: {default: {kind: fifo, bound: 1}}}
"""  # noqa: E501


def alive(says: str) -> set[str]:
    return {f"{datum.owner}.{datum.name}" for datum in live(build(LETTER.replace("SAYS", says)))}


def test_what_a_condition_comes_to_depend_on() -> None:
    assert alive("always: e.seen == 1") == {"letter.stamp", "writer.paid", "end.seen"}


def test_what_a_promise_comes_to_depend_on() -> None:
    """By way of what is passed on, and of what a variable takes over."""
    assert alive("always: m.kept == 1") == {
        "letter.stamp", "writer.paid", "middle.kept", "letter.colour", "writer.ink",
    }  # fmt: skip
    assert alive("never: 'in_flight(letter, weight=2)'") == {
        "letter.stamp", "writer.paid", "letter.weight", "writer.mood", "writer.ink",
    }  # fmt: skip


def test_what_a_variable_takes_from_itself_decides_nothing() -> None:
    assert Datum("variable", "writer", "memory") not in live(build(LETTER.replace("SAYS", "always: e.seen == 1")))
