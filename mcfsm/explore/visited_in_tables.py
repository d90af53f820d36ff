"""What a search over tables visited: the entries that were asked for say it, with no further exploration.

They are exactly the messages that a receiver looked at in its local states, in states expanded (`product.met` says
which these are), and, of an instance that acts by itself, the local states.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcfsm.explore.findings import Inspected, Visited
from mcfsm.model import Local
from mcfsm.semantics.role import Event

if TYPE_CHECKING:
    from mcfsm.tables.tables import Tables


def visited_in_tables(
    tables: Tables, variants_in_group: NDArray[np.uint64], idle: Mapping[int, NDArray[np.uint64]]
) -> list[Visited]:
    """What each variant visited, by the entries of the tables that were asked for; one model is a family of one.

    `variants_in_group` has for each group of moves the variants that were in such a state, as bits; `idle`, for each
    instance that never acts by itself, the same for each of its local states.
    """
    locals_ = [_locals(tables, i, idle.get(i), variants_in_group) for i in range(tables.components.instances)]
    events: list[dict[Inspected, int]] = [{} for _ in locals_]
    for channel, (_, receiver) in enumerate(tables.encoding.links):
        _note_met(events[tables.model.index_of[receiver]], tables, channel, variants_in_group)
    return [
        Visited(
            tuple(frozenset(value for value, bits in known.items() if bits >> variant & 1) for known in locals_),
            tuple(frozenset(value for value, bits in known.items() if bits >> variant & 1) for known in events),
        )
        for variant in range(len(tables.encoding.models))
    ]


def _locals(
    tables: Tables, i: int, there: NDArray[np.uint64] | None, variants_in_group: NDArray[np.uint64]
) -> dict[Local, int]:
    """The local states of an instance, each with the variants that were in it."""
    values = tables.components.names[i].values
    if there is None:
        _, ids, groups = tables.arena.asked_for(tables.spontaneous[i])
        there = np.zeros(len(values), dtype=np.uint64)
        np.bitwise_or.at(there, ids, variants_in_group[groups])
    known: dict[Local, int] = {}
    for class_ in tables.encoding.instances[i]:
        for at, bits in _of_some(there, class_.variants):
            local = tables.encoding.decode_local(class_.first, i, values[at])
            known[local] = known.get(local, 0) | bits
    return known


def _note_met(known: dict[Inspected, int], tables: Tables, channel: int, variants_in_group: NDArray[np.uint64]) -> None:
    """Note which messages of a channel were looked at in which local states of its receiver, and by which variants."""
    encoding, (sender, receiver) = tables.encoding, tables.encoding.links[channel]
    i = tables.model.index_of[receiver]
    messages, values = tables.heads[channel].values, tables.components.names[i].values
    rows, columns, groups = tables.arena.asked_for(tables.receive[channel])
    heads, ids = rows.tolist(), columns.tolist()
    for class_ in encoding.receptions[channel]:
        entries = [*_of_some(variants_in_group[groups], class_.variants)]
        locals_ = {
            at: encoding.decode_local(class_.first, i, values[at]) for at in {ids[entry] for entry, _ in entries}
        }
        events = {
            head: Event(sender, encoding.decode_message(class_.first, messages[head]))
            for head in {heads[entry] for entry, _ in entries}
        }
        for entry, bits in entries:
            met = Inspected(locals_[ids[entry]], events[heads[entry]])
            known[met] = known.get(met, 0) | bits


def _of_some(there: NDArray[np.uint64], variants: int) -> Iterator[tuple[int, int]]:
    """Where one of some variants was, and which of them."""
    bits = there & np.uint64(variants)
    at = np.flatnonzero(bits)
    return zip(at.tolist(), bits[at].tolist(), strict=True)
