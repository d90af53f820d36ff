"""The program that properties become, on each state of a small model: what the definition says, and all it needs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from building import build

from mcfsm.kernel.arrays import ALL
from mcfsm.kernel.expand import rehash
from mcfsm.kernel.programs import (
    LEAF,
    OPERATION,
    SECOND,
    SKIP,
    classify,
    find_places,
    run_program,
)
from mcfsm.kernel.remembered import (
    BITS,
    CLASSES,
    OF,
    TABLE,
    find_keys,
    is_remembered,
    nothing_judged,
    remember,
)
from mcfsm.kernel.rows import lay_out
from mcfsm.kernel.worker import REQUEST, REQUESTED, new_counts
from mcfsm.model import Model
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State
from mcfsm.tables import property_program
from mcfsm.tables.properties import DECIDES, NO, Properties
from mcfsm.tables.situations import SituationLayout
from mcfsm.tables.tables import Tables

COUNTERS = """
domains: {N: 0..2}
messages: {tick: {n: N}}
roles:
  counter:
    variables: {n: N = 0, last: N?}
    states: [low, high]
    initial: low
    final: [low, high]
    transitions:
    - {id: up, trigger: up, kind: user, source: low, dest: high, conditions: n < 2, set: {n: n + 1, last: n}, send: [{tick: {to: d, n: n}}]}
    - {id: down, trigger: down, kind: protocol, source: high, dest: low}
  display:
    variables: {shown: N = 0}
    states: [on]
    initial: on
    final: [on]
    transitions: [{id: show, trigger: tick, set: {shown: msg.n}}]
observers:
  ticks:
    variables: {many: 0..3 = 0}
    transitions: [{on: {sent: tick}, set: {many: "min(many + 1, 3)"}}]
properties:
  apart: {text: Two are not high., never: "c(1).state == high and c(2).state == high and d.shown == 0"}
  either: {text: One is low., always: "c(1).state == low or c(2).state == low or d.shown > 0 or ticks.many == 2"}
  asked: {text: Of the high ones., when: "c(1).state == high", always: "c(2).n <= c(1).n or d.shown == 1"}
  some: {text: Of any., when: "any(x.n == 2 for x in c)", never: "all(x.state == high for x in c)"}
  equal: {text: Of those that count., always: "all(x.n == y.n or x == y for x in c for y in c if x.n > 0)"}
  sums: {text: Of all., never: "sum(x.n for x in c) == 3 and d.shown == 1"}
  lasts: {text: Of what was., when: "c(1).last != none", never: "c(1).last == d.shown and c(2).state == high"}
  sets: {text: Of those that., reachable: "{x for x in c if x.n == 1} == {c(2)} and d.shown == 1"}
  squares: {text: Of many values., never: "10 * (c(1).n + 3 * c(2).n) + d.shown in {21, 40, 81}"}
  from_one: {text: Of what one sent., never: "in_flight(tick, n=c(2).n, sender=c(1)) and d.shown == 0"}
  flies: {text: Of what flies., never: "in_flight(tick, n=c(1).n) and c(2).n == 1"}
  counts: {text: Of how many fly., reachable: "how_many(tick) == 2 and c(1).n == 1"}
  on_its_way: {text: Of one that flies., always: "not in_flight(tick, n=1, sender=c(1))"}
scenarios:
  s:
    instances: {c: {role: counter, count: 2}, d: display}
    channels: {default: {kind: fifo, bound: 1, when_full: block}}
    freeze: true
    expect: {}
"""  # noqa: E501
NAMES = [
    "apart",
    "either",
    "asked",
    "some",
    "equal",
    "sums",
    "lasts",
    "sets",
    "squares",
    "from_one",
    "flies",
    "counts",
    "on_its_way",
]


@pytest.fixture(scope="module")
def model() -> Model:
    return build(COUNTERS, whole=False)


@pytest.fixture(scope="module")
def states(model: Model) -> list[State]:
    product = Product(model)
    queue = [product.initial()]
    found = dict.fromkeys(queue)
    for state in queue:
        new = dict.fromkeys(step.target for step in product.steps(state) if step.target not in found)
        queue += new
        found.update(new)
    return queue


class Ran:
    """A program with all its entries filled ahead, and what it says of some states."""

    def __init__(self, model: Model, states: list[State], names: list[str]) -> None:
        tables = Tables(model)
        self.tables, self.properties = tables, Properties(tables, [model.property_of[name] for name in names])
        rows = [tables.components.row_of(state) for state in states]
        self.seen: Any = np.zeros(4 * len(self.properties.place), dtype=np.uint8)
        program = self.properties.program(self.seen, [False] * len(names))
        self.program, self.situations = program, SituationLayout(self.properties.parts)
        assert self.situations.fit(program)
        self.missing = [self.properties.fill_ahead(row) for row in rows]
        self.again = [self.properties.fill_ahead(row) for row in rows]
        layout = lay_out([len(known) << 16 for known in tables.components.names])  # of several words
        arrays, packed = tables.arrays(layout), layout.pack(np.array(rows)).reshape(-1)
        self.rows, self.layout, self.arrays, self.packed, self.code = rows, layout, arrays, packed, program.code
        requested, counts = np.zeros(REQUEST * 64, dtype=np.uint64), new_counts()
        values = np.zeros(len(program.code) // OPERATION, dtype=np.int64)
        self.said: list[list[int]] = []
        for at in range(len(rows)):
            known = run_program.py_func(
                arrays, program.code, packed, np.uint64(at * layout.words), values, requested, counts
            )
            assert known
            for noted, op in zip(program.noted.tolist(), program.covers.tolist(), strict=True):
                self.seen[4 * noted + values[op]] = 1
            self.said.append([int(values[op]) for op in program.roots])
        self.asked_for = int(counts[REQUESTED])


@pytest.mark.parametrize("names", [*([name] for name in NAMES), NAMES], ids=lambda names: "-".join(names)[:20])
def test_a_program_says_what_the_definition_says_and_misses_nothing(
    names: list[str], model: Model, states: list[State]
) -> None:
    ran = Ran(model, states, names)
    monitors = [PropertyMonitor(model, model.property_of[name]) for name in names]
    wanted = [[DECIDES if monitor.decides(state) else NO for monitor in monitors] for state in states]
    assert ran.said == wanted
    assert {value for said in wanted for value in said} == {DECIDES, NO}
    assert ran.properties.coverage(ran.seen) == {one.property.id: one.coverage() for one in monitors}
    assert ran.missing[0]
    assert not any(ran.again)
    assert ran.asked_for == 0


@pytest.mark.long
def test_what_is_not_skipped_is_worked_out_and_says_the_same(
    model: Model, states: list[State], monkeypatch: pytest.MonkeyPatch
) -> None:
    skipping = Ran(model, states, NAMES)
    monkeypatch.setattr(property_program, "LONGEST", -1)
    ran = Ran(model, states, NAMES)
    assert SKIP in skipping.code.reshape(-1, OPERATION)[:, SECOND]
    assert SKIP not in ran.code.reshape(-1, OPERATION)[:, SECOND]
    assert ran.said == skipping.said
    assert ran.properties.coverage(ran.seen) == skipping.properties.coverage(skipping.seen)


def test_what_a_first_value_decides_has_its_numbers_before_a_program_is_written(model: Model) -> None:
    parts = Properties(Tables(model), [model.property_of[name] for name in NAMES]).parts.listed
    deciding = [part for part in parts if part.short is not None]
    assert len(deciding) > 5
    assert all(part.short[0] in parts[part.first].values for part in deciding if part.short is not None)
    assert all(part.short[1] in part.values for part in deciding if part.short is not None)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_missing_is_asked_for_and_nothing_else(
    name: str, model: Model, states: list[State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries filled as compiled code asks for them, all that are missing at once, are those that are filled ahead."""
    ran, tables = Ran(model, states, [name]), Tables(model)
    properties = Properties(tables, [model.property_of[name]])
    assert [tables.components.row_of(state) for state in states] == ran.rows
    program = properties.program(np.zeros(4 * len(properties.place), dtype=np.uint8), [False])
    values = np.zeros(len(program.code) // OPERATION, dtype=np.int64)
    requested, counts, said = np.zeros(REQUEST * 64, dtype=np.uint64), new_counts(), []
    asked, looked_at = set[tuple[int, ...]](), set[tuple[int, ...]]()
    entry = ran.tables.arena.entry

    def noted(*where: int) -> int:
        looked_at.add(where)
        return entry(*where)

    monkeypatch.setattr(ran.tables.arena, "entry", noted)
    for at, row in enumerate(ran.rows):
        looked_at.clear()
        ran.properties.fill_ahead(row)
        where = ran.packed, np.uint64(at * ran.layout.words), values, requested, counts
        while not run_program.py_func(tables.arrays(ran.layout), program.code, *where):
            several = requested[: REQUEST * counts[REQUESTED]].reshape(-1, REQUEST).tolist()
            counts[REQUESTED] = 0
            assert several
            assert asked.isdisjoint(map(tuple, several))
            assert looked_at.issuperset((table, line, column) for table, line, column, _ in several)
            for table, line, column, variants in several:
                tables.fill(table, line, column, variants)
            asked |= {*map(tuple, several)}
        said.append([int(values[op]) for op in program.roots])
    assert said == ran.said
    own = range(tables.of_moves, len(tables.arena.shapes))
    for table in own:
        for one, other in zip(tables.arena.asked_for(table), ran.tables.arena.asked_for(table), strict=True):
            assert one.tolist() == other.tolist()


def test_what_is_decided_or_was_seen_is_no_more_in_a_program(model: Model, states: list[State]) -> None:
    ran = Ran(model, states, NAMES)
    whole = ran.properties.program(np.zeros_like(ran.seen), [False] * len(NAMES))
    assert (whole.rooted.tolist(), len(set(whole.noted.tolist()))) == ([*range(len(NAMES))], len(ran.seen) // 4)
    seen = ran.properties.program(ran.seen, [False] * len(NAMES))
    once = [place for place in range(len(ran.seen) // 4) if not (ran.seen[4 * place] and ran.seen[4 * place + 1])]
    assert set(seen.noted.tolist()) <= set(once)
    last = ran.properties.program(ran.seen, [True] * (len(NAMES) - 1) + [False])
    assert last.rooted.tolist() == [len(NAMES) - 1]
    assert len(last.code) < len(seen.code) < len(whole.code)
    assert ran.properties.program(ran.seen, [True] * (len(NAMES) - 1) + [False]) is last


class Looked(NamedTuple):
    """The situation of each state: whether it could be told, and how; and which classes were asked for."""

    told: list[bool]
    keys: list[tuple[int, ...]]
    asked_for: set[tuple[int, ...]]


def look_at(ran: Ran, states: int) -> Looked:
    """The situations of states, by the tables as they are."""
    arrays, judged = ran.tables.arrays(ran.layout), nothing_judged(ran.situations.classes, states)
    find_places.py_func(arrays, judged)
    requested, counts = np.zeros(REQUEST * 4096, dtype=np.uint64), new_counts()
    for _ in range(2):  # the second time nothing is left of the first
        classify.py_func(arrays.arena, judged, ran.packed, ran.layout.words, states, requested, counts)
    keys = [tuple(key) for key in judged.key.reshape(states, -1).tolist()]
    asked_for = requested[: REQUEST * int(counts[REQUESTED])].reshape(-1, REQUEST)[:, :3].tolist()
    return Looked(judged.told.tolist(), keys, {tuple(one) for one in asked_for})


def test_a_situation_is_what_the_columns_of_a_program_say_of_a_row(model: Model, states: list[State]) -> None:
    """States are alike where each column has the same value in both, whatever else their components are."""
    names = ["counts", "apart"]
    ran = Ran(model, states, names)  # of channels and of instances
    none = look_at(ran, len(states))
    assert not any(none.told)
    for table, row, id_ in sorted(none.asked_for):
        ran.tables.fill_row(table, row, [id_])
    assert ran.situations.fit(ran.program)  # the program is the same, but classes get room
    assert not ran.situations.fit(ran.program)
    looked = look_at(ran, len(states))
    assert all(looked.told)
    assert not looked.asked_for
    leaves = {(int(first), int(at)) for first, second, at, *_ in ran.code.reshape(-1, OPERATION) if second == LEAF}
    said = [tuple(ran.tables.arena.entry(table, 0, row[c]) for c, table in sorted(leaves)) for row in ran.rows]
    pairs = set(zip(said, looked.keys, strict=True))
    assert len(pairs) == len(set(said)) == len(set(looked.keys))
    assert 1 < len(pairs) < len({tuple(row[c] for c in {c for c, _ in leaves}) for row in ran.rows})


def test_what_has_no_room_in_a_situation_is_not_told(model: Model, states: list[State]) -> None:
    ran = Ran(model, states, ["sums"])
    for table, row, id_ in sorted(look_at(ran, len(states)).asked_for):
        ran.tables.fill_row(table, row, [id_])
    narrow = ran.situations.classes
    narrow[BITS::CLASSES] = 1
    arrays = ran.tables.arrays(ran.layout)
    tables = [(int(c), int(table)) for c, table in narrow.reshape(-1, CLASSES)[:, [OF, TABLE]]]
    fits = [all(arrays.arena[arrays.offset[table] + row[c]] < 2 for c, table in tables) for row in ran.rows]
    assert look_at(ran, len(states)).told == fits
    assert {*fits} == {True, False}


def test_a_situation_is_remembered_in_its_place_until_another_comes() -> None:
    classes = np.array([0, 0, 1, 0, 62], np.int32)  # so that a situation has two words
    for places, last in ((1 << 16, [True, True]), (1, [False, True])):
        judged = nothing_judged(classes, 2, places)
        judged.key[:] = [5, 1 << 62, 5, 1 << 61]
        find_keys.py_func(judged.key, judged.place, 2, judged.keys, 2)
        asked = [(judged.key, np.uint64(2 * i), 2, judged.keys, judged.place[i]) for i in range(2)]
        for one in asked:
            assert not is_remembered.py_func(*one)
            remember.py_func(*one)
            assert is_remembered.py_func(*one)
        assert [is_remembered.py_func(*one) for one in asked] == last
        assert int((judged.keys != ALL).sum()) == 2 * sum(last)


def test_a_state_in_which_one_component_has_another_value(model: Model, states: list[State]) -> None:
    components = Tables(model).components
    first, *others = rows = [components.row_of(state) for state in states]
    assert all(len({row[c] for row in rows}) > 1 for c in range(components.count) if c != components.budgets)
    for row in others:
        for c, id_ in enumerate(row):
            wanted = components.state_of([*first[:c], id_, *first[c + 1 :]])
            assert components.with_value(0, states[0], c, id_) == wanted


def test_the_hash_of_a_row_is_the_sum_of_what_each_id_counts(model: Model, states: list[State]) -> None:
    ran = Ran(model, states, ["flies"])
    hashes = np.full(len(states), 3, dtype=np.uint64)
    rehash.py_func(ran.arrays, (0,) * ran.layout.words, ran.packed, hashes, 1, len(states) - 1)
    factors = [int(factor) for factor in ran.tables.components.factors]
    wanted = [sum(id_ * factor for id_, factor in zip(row, factors, strict=True)) % (1 << 64) for row in ran.rows]
    assert hashes.tolist() == [3, *wanted[1:-1], 3]
