"""What occurred in a search over tables: the entries that were asked for say it, with no further exploration.

They are exactly the pairs of content and local state of states expanded, and, of an instance that acts by itself, the
local states. What a receiver looks at in a channel is asked of `product.met`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mcfsm.explore.findings import Inspected, Visited
from mcfsm.model import Local

if TYPE_CHECKING:
    from mcfsm.tables.filling import FilledTables
    from mcfsm.tables.tables import Tables


def visited_in_tables(tables: Tables, expanded: Callable[[int], Iterable[int]]) -> Visited:
    """What occurred in the states of a search, by the entries of its tables that were asked for.

    `expanded` gives the ids that an instance has in them, which is asked where the instance never acts by itself.
    """
    product, model = tables.product, tables.model
    locals_ = []
    for i in range(tables.instances):
        ids = [at for _, at in tables.asked_for(tables.spontaneous[i])] if tables.acts(i) else expanded(i)
        locals_.append(frozenset(tables.names[i].values[at] for at in ids))
    met: list[set[Inspected]] = [set() for _ in locals_]
    for channel, declared in enumerate(model.channels):
        receiver = model.index_of[declared.receiver]
        contents = tables.names[tables.first_channel + channel].values
        values = tables.names[receiver].values
        for content, local in tables.asked_for(tables.receive[channel]):
            events = product.met(channel, contents[content], receiver, values[local])
            met[receiver].update(Inspected(values[local], event) for event in events)
    return Visited(tuple(locals_), tuple(map(frozenset, met)))


def visited_by_variant(tables: FilledTables, met: Sequence[int], idle: Mapping[int, Any]) -> list[Visited]:
    """The same of a search of many models, by member.

    `met` has for each group of moves the members that were in such a state, as bits; `idle`, for each instance that
    never acts by itself, the same for each of its local states.
    """
    members = tables.members
    locals_: list[dict[Local, int]] = [{} for _ in range(tables.instances)]
    events: list[dict[Inspected, int]] = [{} for _ in range(tables.instances)]
    for i, known in enumerate(locals_):
        acting = tables.spontaneous[i]
        there: Iterable[tuple[int, int]] = enumerate(idle[i].tolist()) if i in idle else ()
        if i not in idle:
            there = [(at, met[tables.entry(acting, row, at)]) for row, at in tables.asked_for(acting)]
        for at, bits in there:
            for kind in members.instances[i] if bits else ():
                _add(known, members.own_local(kind.member, i, tables.names[i].values[at]), bits & kind.bits)
    for channel, table in enumerate(tables.receive):
        receiver = tables.model.index_of[members.links[channel][1]]
        contents, values = tables.names[tables.first_channel + channel].values, tables.names[receiver].values
        for content_id, local_id in tables.asked_for(table):
            bits = met[tables.entry(table, content_id, local_id)]
            for kind in members.receptions[channel] if bits else ():
                own = members.own_channel(kind.member, channel)
                if bits & kind.bits and own is not None:
                    local = members.own_local(kind.member, receiver, values[local_id])
                    content = members.own_content(kind.member, contents[content_id])
                    for event in members.product(kind.member).met(own, content, receiver, local):
                        _add(events[receiver], Inspected(local, event), bits & kind.bits)
    return [
        Visited(
            tuple(frozenset(value for value, bits in known.items() if bits >> member & 1) for known in locals_),
            tuple(frozenset(value for value, bits in known.items() if bits >> member & 1) for known in events),
        )
        for member in range(len(members.models))
    ]


def _add(known: dict[Any, int], value: Any, bits: int) -> None:
    """Note for whom a value occurred."""
    if bits:
        known[value] = known.get(value, 0) | bits
