"""Single mutations of a small model, one operator after the other; which of them something notices, and which not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from building import build, write

from mcfsm.explore import exhaustive
from mcfsm.explore.findings import Limits
from mcfsm.explore.mutants import MutantQuery, screen
from mcfsm.language.selection import Selection
from mcfsm.model.mutants import Mutant, Operator, mutants
from mcfsm.questions.mutate import JudgedMutation, mutate
from mcfsm.verdicts.run import Effort

# Ann asks for a seat; the desk gives the first one that is free, and counts.
SEATS = """
domains: {Seat: 1..3, Price: [low, high]}
messages: {ask: {seat: Seat, price?: Price}, give: {seat: Seat}, full: {}}
roles:
  guest:
    variables: {wish: Seat = 1, got: Seat? }
    timers: [patience]
    states: [outside, waiting, seated]
    initial: outside
    final: [outside, seated]
    transitions:
    - {id: ask, trigger: come_in, kind: user, source: outside, dest: waiting, start: patience, conditions: wish < 3,
       send: [{ask: {to: desk, seat: wish, price: low}}]}
    - {id: sit, trigger: give, source: waiting, dest: seated, set: {got: msg.seat}, stop: patience}
    - {id: again, trigger: patience, kind: timer, source: waiting, start: patience}
    ignore: {give: [outside, seated]}
  clerk:
    variables: {given: Seat = 3}
    states: [open]
    initial: open
    final: [open]
    transitions:
    - {id: give, trigger: ask, unless: msg.seat == given, set: {given: msg.seat},
       send: [{give: {to: ann, seat: msg.seat}}]}
    ignore: {ask: [open]}
properties:
  seated: {text: Ann can be seated., reachable: ann.state == seated}
  first: {text: Ann gets the seat that she asks for., when: ann.got != none, always: ann.got == ann.wish}
  waits: {text: Who comes in is seated., leads_to: [ann.state == waiting, ann.state == seated]}
scenarios:
  s: {instances: {ann: guest, desk: clerk}, channels: {default: {kind: fifo, bound: 2}}}
"""


def changed(operator: Operator) -> list[tuple[str, str | None, str | None]]:
    """The mutations by one operator: transition, part and what stands instead."""
    mutations = [mutant.mutation for mutant in mutants(build(SEATS))]
    return [(m.transition, m.part, m.instead) for m in mutations if m.operator == operator]


def line(which: tuple[str, str | None, str | None]) -> Mutant:
    return next(
        m for m in mutants(build(SEATS)) if (m.mutation.transition, m.mutation.part, m.mutation.instead) == which
    )


def test_a_guard_is_dropped() -> None:
    assert changed("guard") == [("ask", "wish < 3", None), ("give", "msg.seat == given", None)]
    roles = line(("ask", "wish < 3", None)).model.roles
    assert [len(t.guards) for role in roles for t in role.transitions] == [0, 0, 1, 1]


def test_an_assignment_is_dropped_and_an_expired_timer_stands_still_all_the_same() -> None:
    assert changed("assignment") == [
        ("ask", "start patience", None), ("sit", "got", None), ("sit", "stop patience", None), ("give", "given", None),
    ]  # fmt: skip


def test_another_destination() -> None:
    assert changed("destination") == [
        ("ask", "waiting", "outside"), ("ask", "waiting", "seated"), ("sit", "seated", "outside"),
        ("sit", "seated", "waiting"), ("again", "waiting", "outside"), ("again", "waiting", "seated"),
    ]  # fmt: skip
    assert line(("again", "waiting", "seated")).model.roles[0].transitions[2].dests == ((0, "seated"),)


def test_a_send_is_dropped() -> None:
    assert changed("send") == [("ask", "ask", None), ("give", "give", None)]
    roles = line(("give", "give", None)).model.roles
    assert [len(t.sends) for role in roles for t in role.transitions] == [1, 0, 0, 0]


def test_an_element_is_swapped_or_left_out() -> None:
    """A name of its type where there is one, else the ends of the type; an optional element may also be left out."""
    assert changed("element") == [
        ("ask", "seat", "1"), ("ask", "seat", "3"), ("ask", "price", "high"), ("ask", "price", None),
        ("give", "seat", "given"),
    ]  # fmt: skip
    assert line(("ask", "price", None)).model.roles[0].transitions[0].sends[0].elements[1] is None


def test_everything_else_stays() -> None:
    model = build(SEATS)
    for mutant in mutants(model):
        lines = zip(model.roles, mutant.model.roles, strict=True)
        others = [(a, b) for one, other in lines for a, b in zip(one.transitions, other.transitions, strict=True)]
        assert [a.id for a, b in others if a != b] == [mutant.mutation.transition]
        assert mutant.model.properties == model.properties


def fates(text: str = SEATS, properties: Iterable[str] | None = None, **limits: int) -> dict[str, list[str]]:
    """Fate to the mutations that have it, in words."""
    selection = Selection(properties=None if properties is None else list(properties))
    found = mutate(write(text), selection, effort=Effort(workers=1, limits=Limits(**limits)))
    by: dict[str, list[str]] = {}
    for one in found.judged:
        by.setdefault(one.fate, []).append(said(one))
    return by


def said(one: JudgedMutation) -> str:
    m = one.mutation
    return " ".join(filter(None, [m.operator, m.transition, m.part, m.instead]))


def test_what_something_notices_and_what_nothing_does() -> None:
    found = fates()
    assert found["unchanged"] == ["guard ask wish < 3", "element ask seat 1", "guard give msg.seat == given"]
    assert found["unnoticed"] == [
        "assignment ask start patience", "element ask price high", "element ask price", "assignment sit stop patience",
        "destination again waiting seated", "assignment give given",
    ]  # fmt: skip
    assert found["noticed"] == [
        "destination ask waiting outside", "destination ask waiting seated", "send ask ask", "element ask seat 3",
        "assignment sit got", "destination sit seated outside", "destination sit seated waiting",
        "destination again waiting outside", "send give give", "element give seat given",
    ]  # fmt: skip
    assert "meaningless" not in found


def test_what_is_not_asked_notices_nothing() -> None:
    everything, asked = fates(), fates(properties=["seated"])
    assert "assignment sit got" in everything["noticed"]
    assert "assignment sit got" in asked["unnoticed"]
    assert set(asked["noticed"]) < set(everything["noticed"])
    assert asked["unchanged"] == everything["unchanged"]


def test_the_first_that_notices_is_named() -> None:
    by = {said(one): (one.scenario, one.by) for one in mutate(write(SEATS)).judged}
    assert by["send give give"] == ("s", ("seated", "first"))
    assert by["element give seat given"] == ("s", ("first",))


def test_they_stand_in_the_order_of_the_model_whatever_scenario_has_them() -> None:
    """And what one scenario notices is noticed."""
    text = SEATS.replace(
        "domains:", "options:\n  gate: {text: Gate., default: shut, values: {shut: , wide: }}\ndomains:"
    )
    early = (
        "- {id: back, trigger: go, kind: user, under: {gate: wide}, source: seated, dest: outside, set: {got: none}}"
    )
    text = text.replace("    - {id: ask,", f"    {early}\n    - {{id: ask,")
    text += "  t: {like: s, options: {gate: wide}}\n"
    found = mutate(write(text), effort=Effort(workers=1))
    assert list(dict.fromkeys(one.mutation.transition for one in found.judged)) == [
        "back",
        "ask",
        "sit",
        "again",
        "give",
    ]
    fate = {said(one): (one.fate, one.scenario) for one in found.judged}
    assert fate["destination back outside waiting"] == ("noticed", "t")
    assert fate["guard ask wish < 3"] == ("unchanged", None)


def test_any_number_of_workers_finds_the_same() -> None:
    one, two = (mutate(write(SEATS), effort=Effort(workers=workers)) for workers in (1, 2))
    assert one.judged == two.judged


def test_what_decides_nothing_is_told_apart() -> None:
    dead = [said(one) for one in mutate(write(SEATS)).judged if one.dead]
    assert dead == ["element ask price high", "element ask price"]


def test_liveness_notices_too() -> None:
    text = SEATS.replace("  seated: {text: Ann can be seated., reachable: ann.state == seated}\n", "")
    assert "destination ask waiting seated" in fates(text)["noticed"]


@pytest.mark.parametrize("limits", [{"max_states": 2}, {"max_depth": 1}])
def test_what_a_limit_cuts_short_is_no_survivor(limits: dict[str, int]) -> None:
    found = mutate(write(SEATS), effort=Effort(workers=1, limits=Limits(**limits)))
    assert found.exit_status == 2
    assert found.of("unnoticed") == found.of("unchanged") == []
    assert len(found.of("undecided")) > 10


COUNTERS = """
roles:
  counter:
    variables: {n: 0..2 = 0, side: bool}
    states: [on]
    initial: on
    final: [on]
    transitions:
    - {id: turn, trigger: turn, kind: user, set: {side: not side}}
    - {id: up, trigger: up, kind: user, conditions: n < 2, set: {n: n + 1}}
properties:
  low: {text: Not all is done., never: all(one.n == 2 and one.side for one in c)}
scenarios:
  s: {instances: {c: {role: counter, count: 3}}}
"""


def test_what_has_no_value_takes_nothing_of_the_others_with_it() -> None:
    """The mutant that fails is the last; of what it had come to nothing is left to the next entry."""
    model = build(COUNTERS)
    (failing,) = [m.model for m in mutants(model) if m.mutation.operator == "guard"]
    models = [replace(one, interchangeable=()) for one in (model, failing)]
    found = screen(MutantQuery(models, ["low"], workers=1), ["low"])
    alone = exhaustive.explore(models[0], full=True, workers=1)
    assert found[0].states == alone.states == 6**3
    assert [one.meaningless is None for one in found] == [True, False]


def test_what_has_no_value_is_no_mutant() -> None:
    text = SEATS.replace("set: {given: msg.seat}", "set: {given: given - 1}").replace(
        "unless: msg.seat == given", "conditions: given > 1"
    )
    assert "guard give given > 1" in fates(text.replace("source: outside, dest", "dest"))["meaningless"]
