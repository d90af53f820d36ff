"""Where the moves of a block of states come from, component by component; compiled by numba.

What may live here: walking the components of rows and looking groups up. What may not: anything that knows what a
component means. A group that is not in the tables yet is reported, and the state it belongs to comes again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.arrays import (
    ALL,
    BIT,
    COMPONENT,
    CONTENT,
    DEPENDENT,
    FIRST_MESSAGE,
    FIRST_OFFER,
    GROUPS,
    GROUPS_STRIDE,
    IN_ORDER,
    LISTED,
    LISTED_BIT,
    MASK,
    OF_FAULTS,
    OFFERS,
    RECEPTIONS,
    RECEPTIONS_STRIDE,
    SHIFT,
    WAITS,
    WORD,
    Arrays,
)
from mcfsm.kernel.intrinsics import U
from mcfsm.kernel.jit import compiled
from mcfsm.kernel.variant_sets import STEPS
from mcfsm.kernel.worker import field, request_entry

BLOCK = 128  # states expanded together
ASLEEP_BIT, TAKES = 16, 32  # of the origin of a source
ASLEEP = 1 << ASLEEP_BIT


class Block(NamedTuple):
    """Some states on their way through the phases of `expand`; by slot, which is their place in the block."""

    rows: NDArray[np.uint64]
    state: NDArray[np.int64]
    hash: NDArray[np.uint64]
    sleep_set: NDArray[np.uint64]  # components, as bits, whose moves lead nowhere that others do not
    frozen: NDArray[np.uint64]
    variants: NDArray[np.uint64]  # those that came to it now
    waits: NDArray[np.uint64]  # in which variants a message waits
    missing: NDArray[np.bool_]  # whether an entry was not there
    acted: NDArray[np.uint64]  # in which variants there is a step that is no fault
    taken: NDArray[np.int64]  # how many steps there are;
    counted: NDArray[np.uint64]  # of several variants, STEPS words for each state
    context: NDArray[np.int64]  # the number of its context; negative where that is not there
    holding: NDArray[np.int64]  # the slots in which a channel holds something
    refusing: NDArray[np.int32]  # its last source that refuses something, or -1;
    refusing_before: NDArray[np.int32]  # source: the one before it of the same state that refuses something, or -1
    in_order: NDArray[np.int32]  # sources, those of one state together
    group: NDArray[np.int32]  # source: its moves,
    mask: NDArray[np.uint64]  # and what need not be expanded after one of them
    origin: NDArray[np.int64]  # source: its slot; ASLEEP if it is in the sleep set; from TAKES on the offer that it
    # takes, and one: 0 for none
    concerned: NDArray[np.uint64]  # source: the variants in which it is one, where there are several
    source: NDArray[np.int32]  # move to be fired: its source,
    move: NDArray[np.int32]  # and its number


@compiled(inner=True)
def block_of(words: int, most_sources: int, most_moves: int) -> Block:
    """An empty block."""
    sources = BLOCK * most_sources
    moves = BLOCK * most_moves + 2
    return Block(
        np.empty(BLOCK * words, np.uint64),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.bool_),
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.int64),
        np.zeros(BLOCK * STEPS, np.uint64),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK + 1, np.int64),
        np.empty(BLOCK, np.int32),
        np.empty(sources, np.int32),
        np.empty(sources, np.int32),
        np.empty(sources, np.int32),
        np.empty(sources, np.uint64),
        np.empty(sources, np.int64),
        np.empty(sources, np.uint64),
        np.empty(moves, np.int32),
        np.empty(moves, np.int32),
    )


@compiled(inner=True)
def find_sources(
    t: Arrays, words: int, family_shape: Any, block: Block, count: int, collecting: Any, requested: Any, counts: Any
) -> int:
    """Where the moves of each state come from: components that act by themselves, and channels that hold something.

    A channel is several sources: its faults, and each message that it offers. In order, these are the first message
    and, as long as those before it are deferred, others. How many sources are listed comes back. Not listed are those
    whose moves are but counted (`Arrays.only_counted`); in a family, and when `collecting`, there are none of these.

    Component by component, each for all states of the block, as what is known of a component is then at hand. Their
    order counts: what comes later need not do after a move what an earlier one, which does not touch the same
    components, does before it: that leads to the same state. Sleep sets (Godefroid 1996), here of components and per
    level: a state sleeps what every state before it lets it sleep (decision 0016).
    """
    all_listed = len(family_shape) > 0 or collecting
    known = find_contexts(t, words, family_shape, block, count, requested, counts)
    first, earlier = sources_of_components(t, words, family_shape, block, known, all_listed, requested, counts)
    used: int = sources_of_channels(t, words, family_shape, block, known, all_listed, first, earlier, requested, counts)
    for slot in range(count):
        block.acted[U(slot)] = U(ALL) * U(block.taken[U(slot)] != 0)
    return used


@compiled(inner=True)
def find_contexts(
    t: Arrays, words: int, family_shape: Any, block: Block, count: int, requested: Any, counts: Any
) -> int:
    """The context of each state. How many states there are before the first whose context is not there comes back.

    The others come again.
    """
    place, rows, known = t.place, block.rows, count
    freeze = U(COMPONENT * (len(place) // COMPONENT - 1))
    contexts = U(t.offset[t.context])
    for slot in range(count):
        row = U(slot * words)
        frozen = field(place, rows, row, freeze)
        budgets = field(place, rows, row, freeze - U(COMPONENT))
        context = np.int64(t.arena[contexts + U(2) * budgets + frozen])
        if context < 0:
            variants = block.variants[U(slot)] if len(family_shape) > 0 else U(ALL)
            request_entry(requested, counts, U(t.context), U(budgets), U(frozen), variants)
            known = min(known, slot)
        block.frozen[U(slot)], block.context[U(slot)], block.waits[U(slot)] = frozen, context, U(0)
        block.taken[U(slot)], block.missing[U(slot)] = 0, known <= slot
    return known


@compiled(inner=True)
def sources_of_components(
    t: Arrays, words: int, family_shape: Any, block: Block, known: int, all_listed: Any, requested: Any, counts: Any
) -> Any:
    """List the components that act by themselves; how many sources there are, and the bits of these components."""
    arena, place, rows = t.arena, t.place, block.rows
    used, earlier = 0, U(0)
    for i in range(len(t.acting)):
        c = t.acting[U(i)]
        p = U(COMPONENT) * U(c)
        word, shift, mask = place[p + U(WORD)], place[p + U(SHIFT)], place[p + U(MASK)]
        groups, stride = place[p + U(GROUPS)], place[p + U(GROUPS_STRIDE)]
        bit, independent = place[p + U(BIT)], ~place[p + U(DEPENDENT)]
        for slot in range(known):
            sleep_set, variants = block.sleep_set[U(slot)], U(ALL)
            if len(family_shape) > 0:
                variants = block.variants[U(slot)]
            id_ = (rows[U(slot * words) + word] >> shift) & mask
            context = U(block.context[U(slot)])
            group = arena[groups + context * stride + id_]
            if group < 0 or (len(family_shape) > 0 and variants & ~t.filled_for[U(group)] != U(0)):
                request_entry(requested, counts, U(t.groups_of[U(c)]), context, U(id_), variants)
                block.missing[U(slot)] = True
                continue
            origin = slot | np.int64(bit & sleep_set != U(0)) << ASLEEP_BIT
            sleeping = (earlier | sleep_set) & independent
            used += list_source(t, family_shape, block, used, group, sleeping, origin, variants, all_listed)
        earlier |= bit
    return used, earlier


@compiled(inner=True)
def sources_of_channels(
    t: Arrays,
    words: int,
    family_shape: Any,
    block: Block,
    known: int,
    all_listed: Any,
    used: int,
    earlier: Any,
    requested: Any,
    counts: Any,
) -> int:
    """List what channels have to offer, behind what is listed already; how many sources there are then.

    `earlier` are the bits of the components that come before. One that holds nothing may sleep as well: it has no move,
    until somebody who sends to it awakes it.
    """
    arena, place, rows = t.arena, t.place, block.rows
    for i in range(len(t.channels)):
        c = t.channels[U(i)]
        p, receiver = U(COMPONENT) * U(c), U(COMPONENT) * U(t.receiver[U(c)])
        word, shift, mask, contents = place[p + U(WORD)], place[p + U(SHIFT)], place[p + U(MASK)], place[p + U(GROUPS)]
        receptions, stride = place[p + U(RECEPTIONS)], place[p + U(RECEPTIONS_STRIDE)]
        bit, independent, waits = place[p + U(BIT)], ~place[p + U(DEPENDENT)], place[p + U(WAITS)]
        holding, bits = 0, mask << shift
        for slot in range(known):
            block.holding[U(holding)] = slot
            holding += rows[U(slot * words) + word] & bits != U(0)
        for j in range(holding):
            slot = block.holding[U(j)]
            row, sleep_set, variants = U(slot * words), block.sleep_set[U(slot)], U(ALL)
            if len(family_shape) > 0:
                variants = block.variants[U(slot)]
            if waits != U(0):
                block.waits[U(slot)] |= waits
            id_ = (rows[row + word] >> shift) & mask
            content = contents + id_ * U(CONTENT)
            faults, offered = arena[content + U(OF_FAULTS)], np.int64(arena[content + U(OFFERS)])
            if offered < 0 or (len(family_shape) > 0 and variants & ~t.filled_for[U(faults)] != U(0)):
                request_entry(requested, counts, U(t.groups_of[U(c)]), U(id_), U(OF_FAULTS), variants)
                block.missing[U(slot)] = True
                continue
            sleeping = (earlier | sleep_set) & independent
            origin = slot | np.int64(bit & sleep_set != U(0)) << ASLEEP_BIT
            if offered & 1 != 0:
                used += list_source(t, family_shape, block, used, faults, sleeping, origin, variants, all_listed)
            offer, head, left = (
                np.int64(arena[content + U(FIRST_OFFER)]),
                arena[content + U(FIRST_MESSAGE)],
                variants,
            )
            local = field(place, rows, row, receiver)
            last = offer + (offered >> 1) - 1
            while offer <= last:
                concerned, message, behind = left, U(head >> 1), offer < last
                if len(family_shape) > 0:
                    concerned &= t.offered_by[U(offer)]
                group = arena[receptions + message * stride + local]
                if len(family_shape) > 0 and concerned == U(0):
                    pass
                elif group >= 0 and (len(family_shape) == 0 or concerned & ~t.filled_for[U(group)] == U(0)):
                    takes = origin | (offer + 1) << TAKES
                    used += list_source(t, family_shape, block, used, group, sleeping, takes, concerned, all_listed)
                    if behind and head & IN_ORDER != 0:
                        left &= t.deferred[U(group)] | ~concerned
                        behind = left != U(0)
                else:
                    request_entry(requested, counts, U(t.receptions_of[U(c)]), message, U(local), concerned)
                    block.missing[U(slot)] = True
                    behind &= head & IN_ORDER == 0  # what comes behind it depends on it
                if not behind:
                    break
                offer += 1
                head = t.offers[U(offer)]
        earlier |= bit
    return used


@compiled(inner=True)
def list_source(
    t: Arrays,
    family_shape: Any,
    block: Block,
    at: int,
    group: Any,
    sleeping: Any,
    origin: Any,
    variants: Any,
    all_listed: Any,
) -> Any:
    """List a source, or count its moves where they are but counted; how many sources that makes, 0 or 1, comes back.

    It is written down in either case: what comes next then takes its place.
    """
    block.group[U(at)], block.mask[U(at)], block.origin[U(at)] = group, sleeping, origin
    if len(family_shape) > 0:
        block.concerned[U(at)] = variants
    if all_listed:
        return np.int64(1)
    only_counted = np.int64(t.only_counted[U(2) * U(group) + U((origin >> ASLEEP_BIT) & 1)])
    block.taken[U(origin & (ASLEEP - 1))] += only_counted & (LISTED - 1)
    return only_counted >> LISTED_BIT


@compiled(inner=True)
def order_sources(block: Block, count: int, sources: int) -> None:
    """Put the sources in the order of their states, and those of one state in the order in which they were found."""
    ends = block.holding
    for slot in range(count + 1):
        ends[U(slot)] = 0
    for source in range(sources):
        ends[U(block.origin[U(source)] & (ASLEEP - 1)) + U(1)] += 1
    for slot in range(count):
        ends[U(slot + 1)] += ends[U(slot)]
    for source in range(sources):
        slot = U(block.origin[U(source)] & (ASLEEP - 1))
        block.in_order[U(ends[slot])] = source
        ends[slot] += 1
