"""The worked example of `mcfsm.kernel`: each number that it shows is computed from the real tables."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

import mcfsm.kernel
from mcfsm.kernel.arrays import GROUP, OF_FAULTS, OFFERS, UNKNOWN
from mcfsm.kernel.rows import lay_out
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Message
from mcfsm.tables.tables import Tables

MODEL = Path(__file__).parents[2] / "models" / "textbook" / "two_phase_commit.yaml"


def shown() -> dict[str, list[int]]:
    """What the docstring shows, by name; words in place of a number are left out."""
    lines = re.findall(r"^    (\w+(?: \d+)?) +\[([^\]]+)\]", str(mcfsm.kernel.__doc__), re.MULTILINE)
    return {name: [int(part) for part in values.split(", ") if part.isdigit()] for name, values in lines}


def test_the_worked_example_shows_what_the_tables_hold() -> None:
    tables = Tables(resolve(read(str(MODEL)), "three", chosen={"managers": "1"}))
    components, everybody = tables.components, tables.encoding.all
    row = components.row_of(tables.product.initial())
    tables.fill(tables.context, 0, 0, everybody)
    for instance in range(components.instances):
        tables.fill(tables.spontaneous[instance], 0, row[instance], everybody)
    layout = lay_out([len(names) for names in components.names])
    arrays = tables.arrays(layout)
    assert tables.arena.entry(tables.push[1], 0, 0) == UNKNOWN
    tables.fill(tables.push[1], 0, 0, everybody)
    moves = arrays.moves.reshape(-1, layout.words + 2)
    assert shown() == {
        "row": row,
        "shifts": layout.shift.tolist(),
        "group 0": arrays.groups.reshape(-1, GROUP)[0].tolist(),
        "group 1": arrays.groups.reshape(-1, GROUP)[1].tolist(),
        "move 1": [int(moves[1, 0]), int(moves[1, -1])],
        "effect 1": arrays.effect_of.reshape(-1, 3)[1].tolist(),
    }
    assert moves[1, layout.words] == components.factors[1]
    assert moves[1, 0] == np.uint64(1) << layout.shift[1]
    names = [tables.moves.meaning(move).transition for move in range(len(tables.moves))]
    assert names == ["transaction_manager.give_up.1", "resource_manager.prepare.1", "resource_manager.refuse.1"]
    pushed = components.value(3, tables.arena.entry(tables.push[1], 0, 0))
    assert (tables.arena.entry(tables.push[1], 0, 0), pushed) == (1, (Message("prepared", ()),))


def test_a_content_that_no_variant_asks_for_offers_nothing_until_one_does() -> None:
    tables = Tables(resolve(read(str(MODEL)), "three", chosen={"managers": "1"}))
    content = tables.components.intern(3, (Message("prepared", ()),))
    offered = []
    for variants in (0, tables.encoding.all):
        tables.fill(tables.contents[1], content, OF_FAULTS, variants)
        offered.append(tables.arena.entry(tables.contents[1], content, OFFERS) >> 1)
    assert offered == [0, 1]


def test_tables_are_as_large_as_what_they_are_asked_for() -> None:
    """Compiled code looks up without asking whether an entry lies in its table."""
    path = MODEL.with_name("alternating_bit.yaml")
    model = resolve(read(str(path)), "few_faults")
    observers = tuple(replace(model.observers[0], name=f"another {i}") for i in range(2))
    tables = Tables(replace(model, observers=(*model.observers, *observers)))
    components, shapes = tables.components, tables.arena.shapes
    sizes = [10 * (c + 1) for c in range(components.count)]
    for c in range(components.count):
        components.names[c] = range(sizes[c])
    tables._rested = [*sizes]
    tables.prepare()
    first, own = components.first_channel, [*tables.spontaneous, *tables.observe, *tables.contents]
    columns = {i: sizes[i] for i in range(components.instances)}
    rows = {c: sizes[c] for c in range(components.instances, components.budgets)}
    assert len(own) == components.budgets == first + components.channels
    for c, table in enumerate(own):
        _, height, width = tables.arena.shapes[table].tolist()
        assert height >= rows.get(c, 1)
        assert width >= columns.get(c, 1)
    for table in (tables.spend, tables.context):
        assert tables.arena.shapes[table][1] >= sizes[components.budgets]
    for c, table in enumerate(tables.receive):
        assert tables.arena.shapes[table][2] >= sizes[components.receivers[c]]
    assert shapes is tables.arena.shapes
