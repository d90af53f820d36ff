"""What a search over tables visited: the entries that were asked for say it, with no further exploration.

They are exactly the messages that a receiver looked at in its local states, in states expanded (`product.met` says
which these are), and, of an instance that acts by itself, the local states.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mcfsm.explore.findings import Inspected, Visited
from mcfsm.model import Local
from mcfsm.semantics.role import Event

if TYPE_CHECKING:
    from mcfsm.tables.tables import Tables


def visited_in_tables(tables: Tables, variants_in_group: Sequence[int], idle: Mapping[int, Any]) -> list[Visited]:
    """What each variant visited, by the entries of the tables that were asked for; one model is a family of one.

    `variants_in_group` has for each group of moves the variants that were in such a state, as bits; `idle`, for each
    instance that never acts by itself, the same for each of its local states.
    """
    encoding = tables.encoding
    locals_: list[dict[Local, int]] = [{} for _ in range(tables.components.instances)]
    events: list[dict[Inspected, int]] = [{} for _ in range(tables.components.instances)]
    for i, known in enumerate(locals_):
        acting = tables.spontaneous[i]
        there: Iterable[tuple[int, int]] = enumerate(idle[i].tolist()) if i in idle else ()
        if i not in idle:
            there = [
                (at, variants_in_group[tables.arena.entry(acting, row, at)])
                for row, at in tables.arena.asked_for(acting)
            ]
        for at, bits in there:
            for class_ in encoding.instances[i] if bits else ():
                _add(
                    known,
                    encoding.decode_local(class_.first, i, tables.components.names[i].values[at]),
                    bits & class_.variants,
                )
    for channel, table in enumerate(tables.receive):
        receiver = tables.model.index_of[encoding.links[channel][1]]
        values = tables.components.names[receiver].values
        for head, local_id in tables.arena.asked_for(table):
            bits = variants_in_group[tables.arena.entry(table, head, local_id)]
            for class_ in encoding.receptions[channel] if bits else ():
                if bits & class_.variants:
                    local = encoding.decode_local(class_.first, receiver, values[local_id])
                    message = encoding.decode_message(class_.first, tables.heads[channel].values[head])
                    event = Event(encoding.links[channel][0], message)
                    _add(events[receiver], Inspected(local, event), bits & class_.variants)
    return [
        Visited(
            tuple(frozenset(value for value, bits in known.items() if bits >> variant & 1) for known in locals_),
            tuple(frozenset(value for value, bits in known.items() if bits >> variant & 1) for known in events),
        )
        for variant in range(len(encoding.models))
    ]


def _add(known: dict[Any, int], value: Any, bits: int) -> None:
    """Note for whom a value occurred."""
    if bits:
        known[value] = known.get(value, 0) | bits
