"""The inner loops of the exhaustive search: integers in, integers out, compiled by numba.

What may live here: walking a row's components, looking entries up, packing, hashing. What may not: anything that knows
what a component means. No protocol, no guard and no property is evaluated here; an entry that is not in the tables yet
is reported, the state is left alone, and it comes again when the entry is there. What was found of it until then holds:
it is reachable, and so are its successors.

Every function also runs as plain Python (`.py_func`), which is how tests look inside.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcfsm.canonical import canonical
from mcfsm.stateset import BATCH, BUCKET, STATES, U, absorb, lowest
from mcfsm.tables import (
    ALL,
    AT_SHIFT,
    BY_FREEZE,
    CHAINED,
    COMPONENT,
    COUNT,
    EFFECTS,
    FACTOR,
    FAULT,
    FIRST_MOVE,
    FIRST_REFUSED,
    GROUP,
    GROUPS,
    GROUPS_STRIDE,
    IN_BITS,
    IN_STRIDE,
    IN_WORD,
    LAST_MOVE,
    LAST_REFUSED,
    MASK,
    OVERFLOWS,
    SHIFT,
    UNKNOWN,
    WAITS,
    WORD,
    Arrays,
)

DONE, MISSES, GROW, HITS, OUT = range(5)  # why `expand` came back
TRANSITIONS, MISSED, AGAIN, FOUND, NEXT = range(STATES + 1, STATES + 6)  # what stands where in `counts`
PERMUTATION = 32  # in `steps`, the bits of a move below the permutation of its successor
LEAST_ROOM = 8192  # states and slots that must be free before a state is expanded
MOST_FOUND = 4096  # findings of one state
DEADLOCK = 0  # among the faults; then the tables' subjects
FIRST, SECOND, ENTRIES, ELSE, END = range(5)  # what an operation of a program says,
OPERATION = 5  # and how long it is
LEAF, SKIP = -1, -2  # in the place of the second operand


class Program(NamedTuple):
    """Properties as straight-line code over small values.

    An operation is a leaf (the value of one component: component, LEAF, table), a join of two earlier values
    (operation, operation, table), or a skip: where an earlier value is what `ENTRIES` says, the operation before END
    has the value ELSE, and those up to END are left out.
    """

    code: NDArray[np.int32]
    roots: NDArray[np.int32]  # operations that say of a property 0 (no), 1 (decides) or 2 (an error)
    rooted: NDArray[np.int32]  # and of which
    covers: NDArray[np.int32]  # operations whose values are noted
    noted: NDArray[np.int32]  # and where


class Search(NamedTuple):
    """What one worker keeps: its states, the set of them, and the lists it hands back."""

    rows: NDArray[np.uint64]
    hashes: NDArray[np.uint64]  # of the states of this level and of those after it
    slots: NDArray[np.uint64]  # 0, or hash << 32 | state + 1
    counts: NDArray[np.int64]
    missed: NDArray[np.int32]  # table, row, column of each entry asked for
    again: NDArray[np.int64]  # states to come again
    found: NDArray[np.int64]  # pairs: fault or property, state
    fault_level: NDArray[np.int32]  # fault: the level it was first met at, or -1
    hit_level: NDArray[np.int32]  # property: the same
    fired: NDArray[np.uint8]  # move: 1 once it was taken
    seen: NDArray[np.uint8]  # covered operation x value: 1 once it had it
    out: NDArray[np.uint64]  # by owner: successors, words and hash of each
    out_count: NDArray[np.int64]  # owner: how many
    steps: NDArray[
        np.int64
    ]  # of each, if asked for: its state, and its move with the permutation that it is shown under
    wanted: NDArray[np.uint64]  # if not empty, a bit for each beginning of a hash: what has none is not handed out


@njit(nogil=True, cache=True)
def judge(t: Arrays, code: Any, row: Any, values: Any, missed: Any, counts: Any) -> bool:
    """Run the properties' program on a row; whether every entry was there."""
    op, end = 0, len(code) // OPERATION
    while op < end:
        at = U(op * OPERATION)
        first, second, table = code[at + U(FIRST)], code[at + U(SECOND)], code[at + U(ENTRIES)]
        if second == SKIP:
            if values[U(first)] == table:
                op = code[at + U(END)]
                values[U(op - 1)] = code[at + U(ELSE)]
            else:
                op += 1
            continue
        if second == LEAF:
            p = U(COMPONENT * first)
            line, column = 0, np.int64((row[t.place[p + U(WORD)]] >> t.place[p + U(SHIFT)]) & t.place[p + U(MASK)])
        else:
            line, column = values[U(first)], values[U(second)]
        value = UNKNOWN
        if line < t.height[U(table)] and column < t.stride[U(table)]:
            value = t.arena[U(t.offset[U(table)] + line * t.stride[U(table)] + column)]
        if value < 0:
            miss(missed, counts, table, np.int64(line), np.int64(column))
            return False
        values[U(op)] = value
        op += 1
    return True


@njit(nogil=True, cache=True)
def evaluate(t: Arrays, unit: Any, program: Program, search: Search, begin: int, end: int, column: Any) -> int:
    """What the roots of a program say of states `begin` to `end`, into `column[root, state - begin]`.

    Where it stopped comes back: before `end` if entries are missing, which `search` then names.
    """
    words = len(unit)
    now = np.zeros(words, np.uint64)
    values = np.zeros(max(1, len(program.code) // OPERATION), np.int64)
    for state in range(begin, end):
        for w in range(words):
            now[w] = search.rows[U(state * words + w)]
        if not judge(t, program.code, now, values, search.missed, search.counts):
            return state
        for i in range(len(program.roots)):
            column[i, state - begin] = values[program.roots[i]]
    return end


@njit(nogil=True, cache=True)
def miss(missed: Any, counts: Any, table: Any, row: Any, column: Any) -> None:
    """Note an entry that is not there."""
    at = counts[MISSED]
    if at < len(missed) // 3:
        missed[3 * at] = table
        missed[3 * at + 1] = row
        missed[3 * at + 2] = column
        counts[MISSED] = at + 1


@njit(nogil=True, cache=True)
def expand(
    t: Arrays,
    unit: Any,
    program: Program,
    search: Search,
    size: int,
    begin: int,
    end: int,
    listed: Any,
    level: int,
    me: int,
    workers: int,
) -> int:
    """Expand states `begin` to `end` (of `listed` where it is not empty); DONE, or why it came back before the end.

    `counts[NEXT]` is where to go on. Successors that `me` owns are absorbed, the others lie in `out`, in as many parts
    as there are workers. Where `me` is none of them, nothing is absorbed, and `steps` says where each came from.
    """
    words = len(unit)
    width = words + 1
    arena, place = t.arena, t.place
    groups, moves, effects = t.groups, t.moves, t.effects
    rows, slots, counts, missed = search.rows, search.slots, search.counts, search.missed
    found, fault_level = search.found, search.fault_level
    out, steps = search.out, search.steps
    room = len(out) // workers // width * width
    most_states = min(len(rows) // words, size - size // BUCKET) - LEAST_ROOM
    now = np.zeros(2 * words, np.uint64)  # the state's words, and after them those of a successor
    values = np.zeros(max(1, len(program.code) // OPERATION), np.int64)
    sources = np.zeros(len(place) // COMPONENT, np.int64)
    todo = np.zeros(t.most_moves + 2, np.int64)
    symmetric, ids = len(t.moved) > 0, np.zeros(2 * len(t.moved), np.int64)
    fill = np.zeros(workers, np.int64)  # of each part of `out`: where the next successor goes,
    full = np.zeros(workers, np.int64)  # and what it may hold
    for owner in range(workers):
        fill[owner] = owner * room
        full[owner] = owner * room + (BATCH * width if owner == me else room) - width
    code = DONE
    position = begin
    while position < end:
        if counts[STATES] > most_states:
            code = GROW
            break
        if counts[AGAIN] >= len(search.again) or 3 * (counts[MISSED] + 64) >= len(missed):
            code = MISSES
            break
        if 2 * (counts[FOUND] + MOST_FOUND) >= len(found):
            code = HITS
            break
        state = listed[position] if len(listed) > 0 else position
        missing = counts[MISSED]
        hash_ = search.hashes[U(state)]
        used, waiting, refused = 0, False, False
        for w in range(words):
            now[w] = rows[U(state * words + w)]
        for c in t.acting:
            p = U(COMPONENT) * U(c)
            id_ = (now[place[p + U(WORD)]] >> place[p + U(SHIFT)]) & place[p + U(MASK)]
            group = arena[place[p + U(GROUPS)] + id_]
            if group < 0:
                miss(missed, counts, t.groups_of[U(c)], 0, np.int64(id_))
                continue
            sources[U(used)] = group
            used += 1
        for w in range(words):
            rest = now[w] & t.channel_bits[w]
            while rest != U(0):  # only channels that hold something
                c = t.channel_at[U(w * 64) + lowest(rest)]
                p = U(COMPONENT) * U(c)
                shift, mask = place[p + U(SHIFT)], place[p + U(MASK)]
                id_ = (now[w] >> shift) & mask
                rest &= ~(mask << shift)
                waiting = waiting or place[p + U(WAITS)] == U(1)
                q = U(COMPONENT) * U(t.receiver[U(c)])
                local = (now[place[q + U(WORD)]] >> place[q + U(SHIFT)]) & place[q + U(MASK)]
                group = arena[place[p + U(GROUPS)] + id_ * place[p + U(GROUPS_STRIDE)] + local]
                if group < 0:
                    miss(missed, counts, t.groups_of[U(c)], np.int64(id_), np.int64(local))
                    continue
                sources[U(used)] = group
                used += 1
                refused = refused or groups[U(GROUP * group + FIRST_REFUSED)] < groups[U(GROUP * group + LAST_REFUSED)]
        p = U(COMPONENT * (len(place) // COMPONENT - 1))
        frozen = (now[place[p + U(WORD)]] >> place[p + U(SHIFT)]) & place[p + U(MASK)] == U(1)
        complete = judge(t, program.code, now, values, missed, counts)
        some = 0
        for source in range(used):
            g = U(GROUP * sources[U(source)])
            move, last = groups[g + U(FIRST_MOVE)], groups[g + U(LAST_MOVE)]
            todo[U(some)] = move  # most groups have one move or two: no branch for these
            todo[U(some + 1)] = move + 1
            some += min(last - move, 2)
            for more in range(move + 2, last):
                todo[U(some)] = more
                some += 1
        taken, acted = 0, False
        for i in range(some):
            move = todo[U(i)]
            m = U(move * (words + 2))
            h = hash_ + moves[m + U(words)]
            flags = moves[m + U(words + 1)]
            if frozen and flags & U(BY_FREEZE) != U(0):
                continue
            for w in range(words):
                now[words + w] = now[w] ^ moves[m + U(w)]
            seen_from = U(words) if flags & U(CHAINED) != U(0) else U(0)
            effect = flags >> U(EFFECTS)
            last = effect + ((flags >> U(COUNT)) & U(0xFF))
            possible = True
            while effect < last:
                how = effects[U(2) * effect]
                word, shift = (how >> U(IN_WORD)) & U(63), (how >> U(AT_SHIFT)) & U(63)
                id_ = (now[seen_from + word] >> shift) & ~(U(ALL) << ((how >> U(IN_BITS)) & U(63)))
                entry = arena[(how & U(0xFFFFFFFF)) + (id_ << (how >> U(IN_STRIDE)))]
                if entry < 0:
                    possible = False
                    c, column = t.effect_of[U(3) * effect], t.effect_of[U(3) * effect + U(1)]
                    if entry == UNKNOWN:
                        miss(missed, counts, t.table_of[U(c)], np.int64(id_), np.int64(column))
                    elif entry == OVERFLOWS:
                        fault = t.effect_of[U(3) * effect + U(2)] + 1
                        note(found, counts, fault_level, fault, fault, state, level)
                    break
                now[U(words) + word] ^= (id_ ^ U(entry)) << shift
                h += (U(entry) - id_) * effects[U(2) * effect + U(1)]
                effect += U(1)
            if not possible:
                continue
            permutation = 0
            if symmetric:
                h, permutation = canonical(t, now, words, h, ids)
                if permutation < 0:
                    miss(missed, counts, t.image_of[U(~permutation)], ids[U(~permutation)], 0)
                    continue
            search.fired[U(move)] = 1
            taken += 1
            acted = acted or flags & U(FAULT) == U(0)
            if len(search.wanted) > 0 and (search.wanted[h >> U(50)] >> ((h >> U(44)) & U(63))) & U(1) == U(0):
                continue
            to = (((h >> U(16)) & U(0xFFFF)) * U(workers)) >> U(16)
            at = fill[to]
            if at > full[to]:
                if np.int64(to) != me or counts[STATES] > most_states + LEAST_ROOM // 2:
                    code = OUT
                    break
                absorb(rows, search.hashes, slots, counts, size, unit, out, me * room, at)
                at = me * room
            moved = U(0)
            for w in range(words):
                out[U(at + w)] = now[words + w]
                moved |= now[words + w] ^ now[w]
            out[U(at + words)] = h
            if len(steps) > 0:
                steps[2 * (at // width)] = state
                steps[2 * (at // width) + 1] = move + (permutation << PERMUTATION)
                moved = U(1)
            fill[to] = at + (width if moved != U(0) else 0)
        if code == OUT:
            break
        position += 1
        if not complete or counts[MISSED] != missing:
            search.again[counts[AGAIN]] = state
            counts[AGAIN] += 1
            continue
        # everything is known: what holds of the whole state counts
        counts[TRANSITIONS] += taken
        for i in range(len(program.covers)):
            at = 4 * program.noted[i] + values[program.covers[i]]
            if search.seen[at] == 0:
                search.seen[at] = 1
        for i in range(len(program.roots)):
            value, which = values[program.roots[i]], program.rooted[i]
            if value > 0:
                fact = -1 - which if value == 1 else -1000 - which
                note(found, counts, search.hit_level, which, fact, state, level)
        if not acted and (waiting or not at_rest(t, now)):
            note(found, counts, fault_level, DEADLOCK, DEADLOCK, state, level)
        if refused:
            for source in range(used):
                g = U(GROUP * sources[source])
                for i in range(groups[g + U(FIRST_REFUSED)], groups[g + U(LAST_REFUSED)]):
                    fault = t.refused[i] + 1
                    note(found, counts, fault_level, fault, fault, state, level)
    for owner in range(workers):
        if owner == me:
            absorb(rows, search.hashes, slots, counts, size, unit, out, owner * room, fill[owner])
            fill[owner] = owner * room
        search.out_count[owner] = (fill[owner] - owner * room) // width
    counts[NEXT] = position
    return code


@njit(nogil=True, cache=True)
def rehash(t: Arrays, unit: Any, rows: Any, hashes: Any, begin: int, end: int) -> None:
    """Compute the hashes of some rows from their ids (`Tables.hashes` says what they are)."""
    words, place = len(unit), t.place
    for state in range(begin, end):
        row = U(state * words)
        hash_ = U(0)
        for c in t.fixed:
            p = U(COMPONENT) * U(c)
            hash_ += ((rows[row + place[p + U(WORD)]] >> place[p + U(SHIFT)]) & place[p + U(MASK)]) * place[
                p + U(FACTOR)
            ]
        for w in range(words):
            rest = rows[row + U(w)] & t.channel_bits[w]
            while rest != U(0):
                p = U(COMPONENT) * U(t.channel_at[U(w * 64) + lowest(rest)])
                shift, mask = place[p + U(SHIFT)], place[p + U(MASK)]
                hash_ += ((rest >> shift) & mask) * place[p + U(FACTOR)]
                rest &= ~(mask << shift)
        hashes[U(state)] = hash_


@njit(nogil=True, cache=True)
def at_rest(t: Arrays, row: Any) -> bool:
    """Whether every instance may rest where it is."""
    for i in range(len(t.final)):
        p = U(COMPONENT * i)
        id_ = (row[t.place[p + U(WORD)]] >> t.place[p + U(SHIFT)]) & t.place[p + U(MASK)]
        if t.arena[U(t.offset[t.final[i]]) + id_] != 1:
            return False
    return True


@njit(nogil=True, cache=True)
def note(found: Any, counts: Any, levels: Any, which: Any, code: Any, state: Any, level: Any) -> None:
    """Keep a finding if it is of the first level that has it."""
    if levels[which] == -1:
        levels[which] = level
    at = counts[FOUND]
    if levels[which] == level and 2 * at < len(found):
        found[2 * at] = code
        found[2 * at + 1] = state
        counts[FOUND] = at + 1
