"""The tables as the arrays that the kernel reads.

What may live here: the order of arrays, and what the kernel is told of each component. What may not: entries.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mcfsm.kernel.arrays import (
    ALL,
    BIT,
    COMPONENT,
    DEPENDENT,
    FACTOR,
    GROUPS,
    GROUPS_STRIDE,
    MASK,
    RECEPTIONS,
    RECEPTIONS_STRIDE,
    SHIFT,
    WAITS,
    WORD,
    Arrays,
    Ints,
)
from mcfsm.kernel.rows import Layout, Words

if TYPE_CHECKING:
    from mcfsm.tables.tables import Tables


class Packer:
    """Makes arrays of tables, time and again as these grow; what the layout of rows alone decides, once for each."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        components, encoding = tables.components, tables.encoding
        self._channels = range(components.first_channel, components.budgets)
        self._groups_of, self._table_of = _group_tables(tables), _effect_tables(tables)
        self._receptions_of = _ints([-1] * components.first_channel + tables.receive + [-1, -1])
        self._fixed = _ints(c for c in range(components.count) if c not in self._channels)
        acting = [c for c, of in enumerate(self._groups_of) if of >= 0 and c not in self._channels]
        self._acting = np.array(acting, dtype=np.int32)
        self._receiver = _ints([0] * components.first_channel + components.receivers + [0, 0])
        self._final = _ints(tables.final)
        self._moved = np.array(tables.images.moved, dtype=np.int32)
        self._image_of = np.array(tables.images.tables, dtype=np.int32)
        self._waits = [0] * components.count
        for c, classes in enumerate(encoding.channels):
            declared = [(class_.variants, encoding.declared(class_, c)) for class_ in classes]
            waiting = (variants for variants, channel in declared if channel is not None and channel.awaited)
            self._waits[components.first_channel + c] = sum(waiting)
        self._layout: Layout | None = None

    def arrays(self, layout: Layout) -> Arrays:
        """The tables as they are now, for rows of a layout."""
        tables = self.tables
        if layout is not self._layout:
            self._layout, self._place = layout, self._fields(layout)
            in_order = sorted(self._channels, key=lambda c: (layout.word[c], layout.shift[c]))
            self._in_order = np.array(in_order, dtype=np.int32)
            self._channel_bits, self._channel_at = layout.bits(self._channels), layout.component_at(self._channels)
        moves, shapes, table_of = tables.moves, tables.arena.shapes, self._table_of
        most_sources = tables.components.count + sum(moves.most_offers)
        return Arrays(
            arena=tables.arena.entries,
            offset=shapes[:, 0].copy(),
            height=shapes[:, 1].copy(),
            stride=shapes[:, 2].copy(),
            groups=moves.groups.used,
            only_counted=moves.only_counted(),
            moves=moves.packed(layout),
            move_variants=moves.owners.used,
            filled_for=moves.filled_for.used,
            deferred=moves.deferred.used,
            offers=moves.offers.used,
            offered_by=moves.offered_by.used,
            taken=moves.packed_takes(layout),
            effects=moves.packed_effects(layout, shapes, table_of),
            effect_of=moves.effects.used,
            refused=moves.refused.used,
            refused_variants=moves.refused_by.used,
            place=self._places(shapes),
            table_of=table_of,
            groups_of=self._groups_of,
            receptions_of=self._receptions_of,
            context=tables.context,
            fixed=self._fixed,
            acting=self._acting,
            receiver=self._receiver,
            channels=self._in_order,
            channel_bits=self._channel_bits,
            channel_at=self._channel_at,
            final=self._final,
            rests=np.array(tables.rests.values or [0], dtype=np.uint64),
            moved=self._moved,
            image_of=self._image_of,
            origin=tables.images.origin.reshape(-1),
            most_sources=most_sources,
            most_moves=moves.largest * most_sources,
        )

    def _fields(self, layout: Layout) -> Words:
        """Component: where its id stands, and what else never changes."""
        components = self.tables.components
        place = np.zeros((components.count, COMPONENT), dtype=np.uint64)
        place[:, WORD], place[:, SHIFT], place[:, MASK] = layout.word, layout.shift, layout.mask
        place[:, FACTOR], place[:, WAITS] = components.factors, self._waits
        apart = min(64, components.count)
        place[:apart, BIT] = np.uint64(1) << np.arange(apart, dtype=np.uint64)
        return place

    def _places(self, shapes: Ints) -> Words:
        """Component: what the kernel wants to have at hand of it."""
        place = self._place.copy()
        for at, stride, tables in (
            (GROUPS, GROUPS_STRIDE, self._groups_of),
            (RECEPTIONS, RECEPTIONS_STRIDE, self._receptions_of),
        ):
            has = tables >= 0
            place[has, at], place[has, stride] = shapes[tables[has], 0], shapes[tables[has], 2]
        if self.tables.model.boundary is None:
            place[:, DEPENDENT] = _dependent((*self.tables.moves.reads,), (*self.tables.moves.writes,))
        else:  # the state that another move comes to may lie beyond, and then nothing follows it
            place[:, DEPENDENT] = ALL
        return place.reshape(-1)


def _effect_tables(tables: Tables) -> Ints:
    """Component: the table of its effects, or -1."""
    return _ints([-1] * tables.components.instances + tables.observe + tables.push + [tables.spend, -1])


def _group_tables(tables: Tables) -> Ints:
    """Component: the table of its groups, or -1."""
    acting = [table if tables.acts(i) else -1 for i, table in enumerate(tables.spontaneous)]
    freeze = tables.freeze if tables.components.model.allows_freeze else -1
    return _ints(acting + [-1] * tables.components.observers + tables.contents + [-1, freeze])


@lru_cache(maxsize=1)
def _dependent(reads: tuple[int, ...], writes: tuple[int, ...]) -> list[int]:
    """Of each component those among the first 64 whose moves do not commute with its own (bit mask)."""
    touched = [read | written for read, written in zip(reads, writes, strict=True)]
    return [
        sum(1 << i for i in range(min(64, len(touched))) if writes[i] & touched[c] or writes[c] & reads[i])
        for c in range(len(touched))
    ]


def _ints(values: Any) -> Ints:
    return np.array([*values] or [0], dtype=np.int32)
