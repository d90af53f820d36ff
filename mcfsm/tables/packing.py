"""The tables as the arrays that the kernel reads.

What may live here: the order of arrays, and what the kernel is told of each component. What may not: entries.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mcfsm.kernel.arrays import (
    BIT,
    COMPONENT,
    DEPENDENT,
    FACTOR,
    GROUPS,
    GROUPS_STRIDE,
    MASK,
    SHIFT,
    WAITS,
    WORD,
    Arrays,
    Ints,
)
from mcfsm.kernel.rows import Layout, Words

if TYPE_CHECKING:
    from mcfsm.tables.tables import Tables


def arrays(tables: Tables, layout: Layout) -> Arrays:
    """The tables as they are now, for rows of a layout."""
    components, moves, images = tables.components, tables.moves, tables.images
    shapes, table_of, groups_of = tables.arena.shapes, _effect_tables(tables), _group_tables(tables)
    channels = range(components.first_channel, components.budgets)
    return Arrays(
        arena=tables.arena.entries,
        offset=shapes[:, 0].copy(),
        height=shapes[:, 1].copy(),
        stride=shapes[:, 2].copy(),
        groups=moves.groups.used,
        moves=moves.packed(layout),
        move_variants=moves.owners.used,
        filled_for=moves.filled_for.used,
        effects=moves.packed_effects(layout, shapes, table_of),
        effect_of=moves.effects.used,
        refused=moves.refused.used,
        refused_variants=moves.refused_by.used,
        place=_places(tables, layout, shapes, groups_of),
        table_of=table_of,
        groups_of=groups_of,
        context=tables.context,
        fixed=_ints(c for c in range(components.count) if c not in channels),
        acting=np.array([c for c, of in enumerate(groups_of) if of >= 0 and c not in channels], dtype=np.int32),
        receiver=_ints([0] * components.first_channel + components.receivers + [0, 0]),
        channel_bits=layout.bits(channels),
        channel_at=layout.component_at(channels),
        final=_ints(tables.final),
        rests=np.array(tables.rests.values or [0], dtype=np.uint64),
        moved=np.array(images.moved, dtype=np.int32),
        image_of=np.array(images.tables, dtype=np.int32),
        origin=images.origin.reshape(-1),
        most_moves=moves.largest * components.count,
    )


def _effect_tables(tables: Tables) -> Ints:
    """Component: the table of its effects, or -1."""
    return _ints([-1] * tables.components.instances + tables.observe + tables.push + [tables.spend, -1])


def _group_tables(tables: Tables) -> Ints:
    """Component: the table of its groups, or -1."""
    acting = [table if tables.acts(i) else -1 for i, table in enumerate(tables.spontaneous)]
    freeze = tables.freeze if tables.components.model.allows_freeze else -1
    return _ints(acting + [-1] * tables.components.observers + tables.receive + [-1, freeze])


def _places(tables: Tables, layout: Layout, shapes: Ints, groups: Ints) -> Words:
    """Component: what the kernel wants to have at hand of it."""
    components, encoding = tables.components, tables.encoding
    place = np.zeros((components.count, COMPONENT), dtype=np.uint64)
    place[:, WORD], place[:, SHIFT], place[:, MASK] = layout.word, layout.shift, layout.mask
    place[:, FACTOR] = components.factors
    has = groups >= 0
    place[has, GROUPS], place[has, GROUPS_STRIDE] = shapes[groups[has], 0], shapes[groups[has], 2]
    for c, classes in enumerate(encoding.channels):
        declared = [(class_.variants, encoding.declared(class_, c)) for class_ in classes]
        waiting = (variants for variants, channel in declared if channel is not None and channel.kind != "set")
        place[components.first_channel + c, WAITS] = sum(waiting)
    apart = min(64, components.count)
    place[:apart, BIT] = np.uint64(1) << np.arange(apart, dtype=np.uint64)
    place[:, DEPENDENT] = _dependent((*tables.moves.reads,), (*tables.moves.writes,))
    return place.reshape(-1)


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
