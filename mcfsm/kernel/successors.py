"""What a block of states leads to, in phases: the sources of moves, the moves, and their successors; compiled by numba.

What may live here: walking a row's components and looking entries up. What may not: anything that knows what a
component means. An entry that is not in the tables yet is reported, and the state it belongs to comes again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.arrays import (
    ALL,
    AT_SHIFT,
    BIT,
    BY_FREEZE,
    CHAINED,
    COMPONENT,
    CONTENT,
    COUNT,
    DEPENDENT,
    EFFECTS,
    FAULT,
    FIRST_MESSAGE,
    FIRST_MOVE,
    FIRST_OFFER,
    GROUP,
    GROUPS,
    GROUPS_STRIDE,
    IDLE,
    IN_BITS,
    IN_ORDER,
    IN_STRIDE,
    IN_WORD,
    LAST_MOVE,
    MASK,
    OF_FAULTS,
    OFFERS,
    OVERFLOWS,
    RECEPTIONS,
    RECEPTIONS_STRIDE,
    SHIFT,
    UNKNOWN,
    WAITS,
    Arrays,
)
from mcfsm.kernel.canonical import canonical
from mcfsm.kernel.intrinsics import U, lowest
from mcfsm.kernel.jit import compiled
from mcfsm.kernel.variant_sets import STEPS
from mcfsm.kernel.variant_sets import count as count_variants
from mcfsm.kernel.worker import FAULT as FAULT_FOUND
from mcfsm.kernel.worker import PERMUTATION, SearchArrays, field, note_finding, request_entry

BLOCK = 128  # states expanded together
ASLEEP, TAKES = 1 << 16, 32  # of the origin of a source


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
    first: NDArray[np.int64]  # of its sources, which lie one after another; one more at the end
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
        np.empty(BLOCK + 1, np.int64),
        np.empty(sources, np.int32),
        np.empty(sources, np.uint64),
        np.empty(sources, np.int64),
        np.empty(sources, np.uint64),
        np.empty(moves, np.int32),
        np.empty(moves, np.int32),
    )


@compiled(inner=True)
def find_sources(
    t: Arrays, words: int, family_shape: Any, block: Block, count: int, requested: Any, counts: Any
) -> None:
    """Where the moves of each state come from: components that act by themselves, and channels that hold something.

    A channel is several sources: its faults, and each message that it offers. In order, these are the first message
    and, as long as those before it are deferred, others.

    They are taken in this order; so what comes later need not do after a move what an earlier one, which does not touch
    the same components, does before it: that leads to the same state. Sleep sets (Godefroid 1996), here of components
    and per level: a state sleeps what every state before it lets it sleep (decision 0016).
    """
    arena, place, rows, offers = t.arena, t.place, block.rows, t.offers
    acting, groups_of, channel_bits, channel_at, receiver = (
        t.acting,
        t.groups_of,
        t.channel_bits,
        t.channel_at,
        t.receiver,
    )
    freeze = U(COMPONENT * (len(place) // COMPONENT - 1))
    contexts = U(t.offset[t.context])
    used = 0
    for slot in range(count):
        row, sleep_set, earlier = U(slot * words), block.sleep_set[U(slot)], U(0)
        missing, waits, variants = False, U(0), U(ALL)
        if len(family_shape) > 0:
            variants = block.variants[U(slot)]
        frozen = field(place, rows, row, freeze)
        budgets = field(place, rows, row, freeze - U(COMPONENT))
        context = np.int64(arena[contexts + U(2) * budgets + frozen])
        block.first[U(slot)], block.frozen[U(slot)] = used, frozen
        if context < 0:
            request_entry(requested, counts, U(t.context), U(budgets), U(frozen), variants)
            missing = True
        for i in range(0 if missing else len(acting)):
            c = acting[U(i)]
            p = U(COMPONENT) * U(c)
            id_ = field(place, rows, row, p)
            group = arena[place[p + U(GROUPS)] + U(context) * place[p + U(GROUPS_STRIDE)] + id_]
            if group < 0 or (len(family_shape) > 0 and variants & ~t.filled_for[U(group)] != U(0)):
                request_entry(requested, counts, U(groups_of[U(c)]), U(context), U(id_), variants)
                missing = True
                continue
            bit = place[p + U(BIT)]
            block.group[U(used)] = group
            block.mask[U(used)] = (earlier | sleep_set) & ~place[p + U(DEPENDENT)]
            block.origin[U(used)] = slot if bit & sleep_set == U(0) else slot | ASLEEP
            if len(family_shape) > 0:
                block.concerned[U(used)] = variants
            earlier |= bit
            used += 1
        for w in range(words):
            rest = rows[row + U(w)] & channel_bits[U(w)]
            while rest != U(0):  # only channels that hold something
                c = channel_at[U(w * 64) + lowest(rest)]
                p = U(COMPONENT) * U(c)
                shift, mask = place[p + U(SHIFT)], place[p + U(MASK)]
                id_ = (rest >> shift) & mask
                rest &= ~(mask << shift)
                waits |= place[p + U(WAITS)]
                line = place[p + U(GROUPS)] + id_ * U(CONTENT)
                offered = np.int64(arena[line + U(OFFERS)])
                if offered < 0 or (len(family_shape) > 0 and variants & ~t.filled_for[U(arena[line])] != U(0)):
                    request_entry(requested, counts, U(groups_of[U(c)]), U(id_), U(OF_FAULTS), variants)
                    missing = True
                    continue
                bit = place[p + U(BIT)]
                slept = (earlier | sleep_set) & ~place[p + U(DEPENDENT)]
                origin = slot if bit & sleep_set == U(0) else slot | ASLEEP
                earlier |= bit
                if offered & 1 != 0:
                    block.group[U(used)], block.mask[U(used)], block.origin[U(used)] = arena[line], slept, origin
                    if len(family_shape) > 0:
                        block.concerned[U(used)] = variants
                    used += 1
                offer, head, left = np.int64(arena[line + U(FIRST_OFFER)]), arena[line + U(FIRST_MESSAGE)], variants
                local = field(place, rows, row, U(COMPONENT) * U(receiver[U(c)]))
                last = offer + (offered >> 1) - 1
                while offer <= last:
                    concerned = left
                    if len(family_shape) > 0:
                        concerned &= t.offered_by[U(offer)]
                    message = U(head >> 1)
                    group = arena[place[p + U(RECEPTIONS)] + message * place[p + U(RECEPTIONS_STRIDE)] + local]
                    behind = offer < last
                    if len(family_shape) > 0 and concerned == U(0):
                        pass
                    elif group < 0 or (len(family_shape) > 0 and concerned & ~t.filled_for[U(group)] != U(0)):
                        request_entry(requested, counts, U(t.receptions_of[U(c)]), message, U(local), concerned)
                        missing = True
                        behind &= head & IN_ORDER == 0  # what comes behind it depends on it
                    else:
                        block.group[U(used)], block.mask[U(used)] = group, slept
                        block.origin[U(used)] = origin | (offer + 1) << TAKES
                        if len(family_shape) > 0:
                            block.concerned[U(used)] = concerned
                        used += 1
                        if behind and head & IN_ORDER != 0:
                            left &= t.deferred[U(group)] | ~concerned
                            behind = left != U(0)
                    if not behind:
                        break
                    offer += 1
                    head = offers[U(offer)]
        block.waits[U(slot)], block.missing[U(slot)] = waits, missing
        block.acted[U(slot)], block.taken[U(slot)] = U(0), 0
    block.first[U(count)] = used


@compiled(inner=True)
def find_moves(t: Arrays, family_shape: Any, block: Block, count: int, collecting: Any) -> int:
    """Every move that the sources of so many states have and that is to be fired; how many these are.

    Of a family, those that some variant there has. Of one model, idle moves are but counted, unless it is `collecting`.
    """
    some = 0
    for slot in range(count):
        still = 0
        for source in range(block.first[U(slot)], block.first[U(slot + 1)]):
            g = U(GROUP) * U(block.group[U(source)])
            move, last, idle = t.groups[g + U(FIRST_MOVE)], t.groups[g + U(LAST_MOVE)], t.groups[g + U(IDLE)]
            if len(family_shape) > 0:
                variants = block.concerned[U(source)]
                for one in range(move, last + idle):
                    block.source[U(some)] = source
                    block.move[U(some)] = one
                    some += t.move_variants[U(one)] & variants != U(0)
                continue
            last += idle * collecting
            still += idle
            for i in range(2):  # most groups have one move or two: no branch for these
                block.source[U(some + i)] = source
                block.move[U(some + i)] = move + i
            some += min(last - move, 2)
            for more in range(move + 2, last):
                block.source[U(some)] = source
                block.move[U(some)] = more
                some += 1
        if not collecting:
            block.taken[U(slot)] += still
            block.acted[U(slot)] |= U(ALL) * U(still != 0)
    return some


@compiled(inner=True)
def fire_moves(
    t: Arrays,
    row_shape: Any,
    family_shape: Any,
    block: Block,
    search: SearchArrays,
    begin: int,
    end: int,
    at: int,
    level: int,
) -> int:
    """Fire moves `begin` to `end` of a block; successors to be looked up go to `out[at]` and on; their end comes back.

    A move in the sleep set is fired, to see whether it is possible, but its successor is not looked up.
    """
    words = len(row_shape)
    width = words + 2 + len(family_shape)
    arena, moves, effects = t.arena, t.moves, t.effects
    out, steps, counts, wanted = search.out, search.steps, search.counts, search.wanted
    symmetric, ids = len(t.moved) > 0, np.empty(2 * len(t.moved), np.int64)
    for i in range(begin, end):
        source, move = block.source[U(i)], U(block.move[U(i)])
        origin = block.origin[U(source)]
        slot, awake = origin & (ASLEEP - 1), origin & ASLEEP == 0
        row, m = U(slot * words), move * U(words + 2)
        flags, variants = moves[m + U(words + 1)], U(ALL)
        if len(family_shape) > 0:
            variants = block.concerned[U(source)] & t.move_variants[move]
        if block.frozen[U(slot)] & flags & U(BY_FREEZE) != U(0):
            continue
        took = U(origin >> TAKES) * U(words + 1)
        h = block.hash[U(slot)] + moves[m + U(words)] + t.taken[took + U(words)]
        for w in range(words):
            out[U(at + w)] = block.rows[row + U(w)] ^ moves[m + U(w)] ^ t.taken[took + U(w)]
        chained = flags & U(CHAINED) != U(0)
        effect = flags >> U(EFFECTS)
        last = effect + ((flags >> U(COUNT)) & U(0xFF))
        possible = True
        while effect < last:
            how = effects[U(2) * effect]
            word, shift = (how >> U(IN_WORD)) & U(63), (how >> U(AT_SHIFT)) & U(63)
            before = out[U(at) + word] if chained else block.rows[row + word]
            id_ = (before >> shift) & ~(U(ALL) << ((how >> U(IN_BITS)) & U(63)))
            entry = arena[(how & U(0xFFFFFFFF)) + (id_ << (how >> U(IN_STRIDE)))]
            if entry < 0:
                possible = False
                c, column = t.effect_of[U(3) * effect], t.effect_of[U(3) * effect + U(1)]
                if entry == UNKNOWN:
                    request_entry(search.requested, counts, U(t.table_of[U(c)]), U(id_), U(column), variants)
                    block.missing[U(slot)] = True
                elif entry == OVERFLOWS:
                    fault = t.effect_of[U(3) * effect + U(2)] + 1
                    if len(family_shape) > 0:
                        search.family.faults[fault] |= variants
                    else:
                        note_finding(
                            search.found,
                            counts,
                            search.fault_level,
                            np.int64(FAULT_FOUND),
                            np.int64(fault),
                            block.state[U(slot)],
                            level,
                        )
                break
            out[U(at) + word] ^= (id_ ^ U(entry)) << shift
            h += (U(entry) - id_) * effects[U(2) * effect + U(1)]
            effect += U(1)
        if not possible:
            continue
        permutation, moved = 0, U(0)
        for w in range(words if symmetric else 0):
            moved |= out[U(at + w)] ^ block.rows[row + U(w)]
        if moved != U(
            0
        ):  # a state stands for itself already, and its images may be unknown where all its moves are idle
            h, permutation = canonical(t, out, at, h, ids)
            if permutation < 0:
                table, id_ = U(t.image_of[U(~permutation)]), U(ids[U(~permutation)])
                request_entry(search.requested, counts, table, id_, U(0), variants)
                block.missing[U(slot)] = True
                continue
        if len(family_shape) > 0:
            search.fired[move] |= variants
            count_variants(block.counted, U(slot * STEPS), variants)
        else:
            search.fired[move] = variants
            block.taken[U(slot)] += 1
        if flags & U(FAULT) == U(0):
            block.acted[U(slot)] |= variants
        out[U(at + words)] = h
        out[U(at + words + 1)] = U(0) if symmetric else block.mask[U(source)]
        if len(family_shape) > 0:
            out[U(at + words + 2)] = variants
        if len(steps) > 0:
            if len(wanted) > 0 and (wanted[h >> U(50)] >> ((h >> U(44)) & U(63))) & U(1) == U(0):
                continue
            steps[2 * (at // width)] = block.state[U(slot)]
            steps[2 * (at // width) + 1] = np.int64(move) + (permutation << PERMUTATION)
            at += width
            continue
        moved = U(0)
        for w in range(words):
            moved |= out[U(at + w)] ^ block.rows[row + U(w)]
        at += width if awake and moved != U(0) else 0
    return at
