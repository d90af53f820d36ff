"""What the sources of a block of states lead to: their moves, and the successors of these; compiled by numba.

What may live here: moves, and looking up what they change. What may not: anything that knows what a component means. An
entry that is not in the tables yet is reported, and the state it belongs to comes again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.kernel.arrays import (
    ALL,
    AT_SHIFT,
    BY_FREEZE,
    CHAINED,
    COUNT,
    EFFECTS,
    FAULT,
    FIRST_MOVE,
    FIRST_REFUSED,
    GROUP,
    IDLE,
    IN_BITS,
    IN_STRIDE,
    IN_WORD,
    LAST_MOVE,
    LAST_REFUSED,
    OVERFLOWS,
    UNKNOWN,
    Arrays,
)
from mcfsm.kernel.canonical import canonical
from mcfsm.kernel.intrinsics import U
from mcfsm.kernel.jit import compiled
from mcfsm.kernel.sources import ASLEEP, TAKES, Block, order_sources
from mcfsm.kernel.variant_sets import STEPS
from mcfsm.kernel.variant_sets import count as count_variants
from mcfsm.kernel.worker import FAULT as FAULT_FOUND
from mcfsm.kernel.worker import PERMUTATION, SearchArrays, note_finding, request_entry


@compiled(inner=True)
def find_moves(t: Arrays, family_shape: Any, block: Block, count: int, sources: int, collecting: Any) -> int:
    """Every move that the sources have and that is to be fired; how many these are.

    Of a family, those that some variant there has. Of one model, idle moves are but counted, unless it is `collecting`:
    then all steps are fired, and those of one state come together.
    """
    some = 0
    for slot in range(count):
        block.refusing[U(slot)] = -1
    if collecting:
        order_sources(block, count, sources)
    for i in range(sources):
        source = np.int64(block.in_order[U(i)]) if collecting else i
        g = U(GROUP) * U(block.group[U(source)])
        move, last, idle = t.groups[g + U(FIRST_MOVE)], t.groups[g + U(LAST_MOVE)], t.groups[g + U(IDLE)]
        slot = U(block.origin[U(source)] & (ASLEEP - 1))
        if t.groups[g + U(FIRST_REFUSED)] != t.groups[g + U(LAST_REFUSED)]:
            block.refusing_before[U(source)] = block.refusing[slot]
            block.refusing[slot] = source
        if len(family_shape) > 0:
            variants = block.concerned[U(source)]
            for one in range(move, last + idle):
                block.source[U(some)] = source
                block.move[U(some)] = one
                some += t.move_variants[U(one)] & variants != U(0)
            continue
        if collecting:
            last += idle
        else:
            block.taken[slot] += idle
            block.acted[slot] |= U(ALL) * U(idle != 0)
        for k in range(2):  # most groups have one move or two: no branch for these
            block.source[U(some + k)] = source
            block.move[U(some + k)] = move + k
        some += min(last - move, 2)
        for more in range(move + 2, last):
            block.source[U(some)] = source
            block.move[U(some)] = more
            some += 1
    return some


@compiled(inner=True)
def count_asleep(t: Arrays, words: int, block: Block, some: int) -> int:
    """Count those moves in the sleep set that are certainly possible; how many moves are left to be fired.

    Each of them was fired in the state that put it to sleep. What is not certain here, `fire_moves` decides.
    """
    arena, moves, effects = t.arena, t.moves, t.effects
    left = 0
    for i in range(some):
        source, move = block.source[U(i)], block.move[U(i)]
        origin = block.origin[U(source)]
        block.source[U(left)], block.move[U(left)] = source, move
        left += 1
        if origin & ASLEEP == 0:
            continue
        slot = origin & (ASLEEP - 1)
        flags = moves[U(move) * U(words + 2) + U(words + 1)]
        effect = flags >> U(EFFECTS)
        last = effect + ((flags >> U(COUNT)) & U(0xFF))
        certain = flags & U(CHAINED) == U(0) and block.frozen[U(slot)] & flags & U(BY_FREEZE) == U(0)
        while certain and effect < last:
            _, _, _, entry = look_up(arena, effects[U(2) * effect], block.rows, U(slot * words))
            certain = entry >= 0
            effect += U(1)
        if certain:
            block.taken[U(slot)] += 1
            block.acted[U(slot)] |= U(ALL) * U(flags & U(FAULT) == U(0))
            left -= 1
    return left


@compiled(inner=True)
def look_up(arena: Any, how: Any, rows: Any, row: Any) -> Any:
    """What an effect finds in a row: the word of what it changes, its place there, its number, and what becomes of it.

    The last is negative where that is not known, or not possible.
    """
    word, shift = (how >> U(IN_WORD)) & U(63), (how >> U(AT_SHIFT)) & U(63)
    id_ = (rows[row + word] >> shift) & ~(U(ALL) << ((how >> U(IN_BITS)) & U(63)))
    return word, shift, id_, arena[(how & U(0xFFFFFFFF)) + (id_ << (how >> U(IN_STRIDE)))]


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
            if chained:
                word, shift, id_, entry = look_up(arena, how, out, U(at))
            else:
                word, shift, id_, entry = look_up(arena, how, block.rows, row)
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
