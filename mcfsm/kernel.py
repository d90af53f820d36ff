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

from mcfsm.stateset import BATCH, STATES, Level, U, absorb, lowest, place_of
from mcfsm.tables import (
    ALL,
    AT_SHIFT,
    BIT,
    BY_FREEZE,
    CHAINED,
    COMPONENT,
    CONFLICTS,
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
LIMIT, TRANSITIONS, MISSED, AGAIN, FOUND, NEXT, LEFT = range(STATES + 1, STATES + 8)  # what stands where in `counts`
BLOCK = 128  # states expanded together,
CHUNK = 4 * BATCH  # and successors absorbed together
LEAST_ROOM = 8192  # states that must have room beyond the limit
MOST_FOUND = 16384  # findings of one block
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
    """The states that all workers share, the set of them, and the lists that one worker hands back."""

    rows: NDArray[np.uint64]
    now: Level
    next: Level
    slots: NDArray[np.uint64]  # 0, or hash << 32 | state + 1
    counts: NDArray[np.int64]  # of this worker
    missed: NDArray[np.int32]  # table, row, column of each entry asked for
    again: NDArray[np.int64]  # states to come again
    found: NDArray[np.int64]  # pairs: fault or property, state
    fault_level: NDArray[np.int32]  # fault: the level it was first met at, or -1
    hit_level: NDArray[np.int32]  # property: the same
    fired: NDArray[np.uint8]  # move: 1 once it was taken
    seen: NDArray[np.uint8]  # covered operation x value: 1 once it had it
    out: NDArray[np.uint64]  # successors: words, hash, and what they need not expand
    steps: NDArray[np.int64]  # of each, if asked for: its state and its move
    wanted: NDArray[np.uint64]  # if not empty, a bit for each beginning of a hash: what has none is not handed out


class Block(NamedTuple):
    """Some states on their way through the phases of `expand`; by slot, which is their place in the block."""

    rows: NDArray[np.uint64]
    state: NDArray[np.int64]
    hash: NDArray[np.uint64]
    sleeping: NDArray[np.uint64]  # components, as bits, whose moves lead nowhere that others do not
    frozen: NDArray[np.uint64]
    waits: NDArray[np.bool_]  # whether a message waits
    missing: NDArray[np.bool_]  # whether an entry was not there
    acted: NDArray[np.bool_]  # whether there is a step that is no fault
    taken: NDArray[np.int64]  # how many steps there are
    first: NDArray[np.int64]  # of its sources, which lie one after another; one more at the end
    group: NDArray[np.int32]  # source: its moves,
    mask: NDArray[np.uint64]  # and what need not be expanded after one of them
    slot: NDArray[np.int32]  # source: where it belongs; negative (~slot) if it sleeps
    source: NDArray[np.int32]  # move to be taken: its source,
    move: NDArray[np.int32]  # and its number


@njit(nogil=True, cache=True)
def block_of(words: int, components: int, most_moves: int) -> Block:
    """An empty block."""
    sources = BLOCK * components
    moves = BLOCK * most_moves + 2
    return Block(
        np.empty(BLOCK * words, np.uint64),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.bool_),
        np.empty(BLOCK, np.bool_),
        np.empty(BLOCK, np.bool_),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK + 1, np.int64),
        np.empty(sources, np.int32),
        np.empty(sources, np.uint64),
        np.empty(sources, np.int32),
        np.empty(moves, np.int32),
        np.empty(moves, np.int32),
    )


@njit(nogil=True, cache=True)
def judge(t: Arrays, code: Any, rows: Any, row: Any, values: Any, missed: Any, counts: Any) -> bool:
    """Run the properties' program on the row that begins at `rows[row]`; whether every entry was there."""
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
            line, column = 0, np.int64(field(t.place, rows, row, U(COMPONENT * first)))
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
    values = np.zeros(max(1, len(program.code) // OPERATION), np.int64)
    for state in range(begin, end):
        if not judge(t, program.code, search.rows, U(state * words), values, search.missed, search.counts):
            return state
        for i in range(len(program.roots)):
            column[i, state - begin] = values[program.roots[i]]
    return end


@njit(nogil=True, cache=True)
def field(place: Any, rows: Any, row: Any, p: Any) -> Any:
    """The id of the component whose record is `place[p]`, in the row that begins at `rows[row]`."""
    return (rows[row + place[p + U(WORD)]] >> place[p + U(SHIFT)]) & place[p + U(MASK)]


@njit(nogil=True, cache=True)
def miss(missed: Any, counts: Any, table: Any, row: Any, column: Any) -> None:
    """Note an entry that is not there, if there is room: who finds it missing asks again."""
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
) -> int:
    """Expand states `begin` to `end` (of `listed` where it is not empty); DONE, or why it came back before the end.

    `counts[NEXT]` is where to go on, `counts[LIMIT]` a state's number that is not to be passed. States go block by
    block through phases: where their moves come from, which these are, what they lead to, what is new of that, and what
    holds of the states themselves.

    Where `steps` is not empty nothing sleeps and nothing is absorbed: `counts[LEFT]` successors lie in `out`, and
    `steps` says where each came from.
    """
    words = len(unit)
    width = words + 2
    counts, out, now = search.counts, search.out, search.now
    collecting = len(search.steps) > 0
    block = block_of(words, len(t.place) // COMPONENT, t.most_moves)
    values = np.zeros(max(1, len(program.code) // OPERATION), np.int64)
    at, code, position = 0, DONE, begin
    while position < end:
        if counts[STATES] > counts[LIMIT]:
            code = GROW
            break
        if counts[AGAIN] + BLOCK > len(search.again) or 3 * counts[MISSED] >= len(search.missed):
            code = MISSES
            break
        if 2 * (counts[FOUND] + MOST_FOUND) >= len(search.found):
            code = HITS
            break
        count = min(BLOCK, end - position)
        for slot in range(count):
            state = listed[position + slot] if len(listed) > 0 else position + slot
            block.state[slot] = state
            near = place_of(now, U(state))
            block.hash[slot] = now.hashes[near]
            block.sleeping[slot] = U(0) if collecting else now.sleeps[near]
            for w in range(words):
                block.rows[U(slot * words + w)] = search.rows[U(state * words + w)]
        used = find_sources(t, words, block, count, search.missed, counts)
        some = find_moves(t, block, used)
        if collecting:
            if at + some * width > len(out):
                code = OUT
                break
            at = take(t, unit, block, search, 0, some, at, level)
        for first in range(0, 0 if collecting else some, CHUNK):
            at = take(t, unit, block, search, first, min(first + CHUNK, some), 0, level)
            absorb(search.rows, search.next, search.slots, counts, size, unit, out, 0, at)
            if counts[STATES] > counts[LIMIT] + LEAST_ROOM // 2:
                code = GROW
                break
        if code != DONE:
            break
        settle(t, words, program, search, block, count, values, level)
        position += count
    counts[LEFT] = at // width
    counts[NEXT] = position
    return code


@njit(nogil=True, cache=True)
def find_sources(t: Arrays, words: int, block: Block, count: int, missed: Any, counts: Any) -> int:
    """Where the moves of each state come from: components that act by themselves, and channels that hold something.

    They are taken in this order; so what comes later need not do after a move what an earlier one, which does not touch
    the same components, does before it: that leads to the same state. Sleep sets (Godefroid 1996), here of components
    and per level: a state sleeps what every state before it lets it sleep (decision 0016). How many there are comes
    back.
    """
    arena, place, rows = t.arena, t.place, block.rows
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
        row, sleeping, earlier = U(slot * words), block.sleeping[U(slot)], U(0)
        missing, waits = False, False
        frozen = field(place, rows, row, freeze)
        budgets = field(place, rows, row, freeze - U(COMPONENT))
        context = np.int64(arena[contexts + U(2) * budgets + frozen])
        block.first[U(slot)], block.frozen[U(slot)] = used, frozen
        if context < 0:
            miss(missed, counts, t.context, np.int64(budgets), np.int64(frozen))
            missing = True
        for i in range(0 if missing else len(acting)):
            c = acting[U(i)]
            p = U(COMPONENT) * U(c)
            id_ = field(place, rows, row, p)
            group = arena[place[p + U(GROUPS)] + U(context) * place[p + U(GROUPS_STRIDE)] + id_]
            if group < 0:
                miss(missed, counts, groups_of[U(c)], context, np.int64(id_))
                missing = True
                continue
            bit = place[p + U(BIT)]
            block.group[U(used)] = group
            block.mask[U(used)] = (earlier | sleeping) & ~place[p + U(CONFLICTS)]
            block.slot[U(used)] = slot if bit & sleeping == U(0) else ~slot
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
                waits = waits or place[p + U(WAITS)] == U(1)
                local = field(place, rows, row, U(COMPONENT) * U(receiver[U(c)]))
                group = arena[place[p + U(GROUPS)] + id_ * place[p + U(GROUPS_STRIDE)] + local]
                if group < 0:
                    miss(missed, counts, groups_of[U(c)], np.int64(id_), np.int64(local))
                    missing = True
                    continue
                bit = place[p + U(BIT)]
                block.group[U(used)] = group
                block.mask[U(used)] = (earlier | sleeping) & ~place[p + U(CONFLICTS)]
                block.slot[U(used)] = slot if bit & sleeping == U(0) else ~slot
                earlier |= bit
                used += 1
        block.waits[U(slot)], block.missing[U(slot)] = waits, missing
        block.acted[U(slot)], block.taken[U(slot)] = False, 0
    block.first[U(count)] = used
    return used


@njit(nogil=True, cache=True)
def find_moves(t: Arrays, block: Block, used: int) -> int:
    """Every move of the sources of a block; how many there are."""
    some = 0
    for source in range(used):
        g = U(GROUP) * U(block.group[U(source)])
        move, last = t.groups[g + U(FIRST_MOVE)], t.groups[g + U(LAST_MOVE)]
        for i in range(2):  # most groups have one move or two: no branch for these
            block.source[U(some + i)] = source
            block.move[U(some + i)] = move + i
        some += min(last - move, 2)
        for more in range(move + 2, last):
            block.source[U(some)] = source
            block.move[U(some)] = more
            some += 1
    return some


@njit(nogil=True, cache=True)
def take(t: Arrays, unit: Any, block: Block, search: Search, begin: int, end: int, at: int, level: int) -> int:
    """Take moves `begin` to `end` of a block; successors to be looked up go to `out[at]` and on; their end comes back.

    A move of a source that sleeps is taken, to see whether it is possible, but its successor is not looked at.
    """
    words = len(unit)
    width = words + 2
    arena, moves, effects = t.arena, t.moves, t.effects
    out, steps, counts, wanted = search.out, search.steps, search.counts, search.wanted
    for i in range(begin, end):
        source, move = block.source[U(i)], U(block.move[U(i)])
        slot = block.slot[U(source)]
        awake = slot >= 0
        slot = slot if awake else ~slot
        row, m = U(slot * words), move * U(words + 2)
        flags = moves[m + U(words + 1)]
        if block.frozen[U(slot)] & flags & U(BY_FREEZE) != U(0):
            continue
        h = block.hash[U(slot)] + moves[m + U(words)]
        for w in range(words):
            out[U(at + w)] = block.rows[row + U(w)] ^ moves[m + U(w)]
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
                    miss(search.missed, counts, t.table_of[U(c)], np.int64(id_), np.int64(column))
                    block.missing[U(slot)] = True
                elif entry == OVERFLOWS:
                    fault = t.effect_of[U(3) * effect + U(2)] + 1
                    note(search.found, counts, search.fault_level, fault, fault, block.state[U(slot)], level)
                break
            out[U(at) + word] ^= (id_ ^ U(entry)) << shift
            h += (U(entry) - id_) * effects[U(2) * effect + U(1)]
            effect += U(1)
        if not possible:
            continue
        search.fired[move] = 1
        block.taken[U(slot)] += 1
        block.acted[U(slot)] |= flags & U(FAULT) == U(0)
        out[U(at + words)] = h
        out[U(at + words + 1)] = block.mask[U(source)]
        if len(steps) > 0:
            if len(wanted) > 0 and (wanted[h >> U(50)] >> ((h >> U(44)) & U(63))) & U(1) == U(0):
                continue
            steps[2 * (at // width)] = block.state[U(slot)]
            steps[2 * (at // width) + 1] = np.int64(move)
            at += width
            continue
        moved = U(0)
        for w in range(words):
            moved |= out[U(at + w)] ^ block.rows[row + U(w)]
        at += width if awake and moved != U(0) else 0
    return at


@njit(nogil=True, cache=True)
def settle(
    t: Arrays, words: int, program: Program, search: Search, block: Block, count: int, values: Any, level: int
) -> None:
    """Keep what holds of each state as a whole, if everything about it is known; else it comes again."""
    counts, found, groups, code = search.counts, search.found, t.groups, program.code
    for slot in range(count):
        state, row = block.state[slot], U(slot * words)
        known = len(code) == 0 or judge(t, code, block.rows, row, values, search.missed, counts)
        if block.missing[slot] or not known:
            search.again[counts[AGAIN]] = state
            counts[AGAIN] += 1
            continue
        counts[TRANSITIONS] += block.taken[slot]
        for i in range(len(program.covers)):
            noted = 4 * program.noted[i] + values[program.covers[i]]
            if search.seen[noted] == 0:
                search.seen[noted] = 1
        for i in range(len(program.roots)):
            value, which = values[program.roots[i]], program.rooted[i]
            if value > 0:
                fact = -1 - which if value == 1 else -1000 - which
                note(found, counts, search.hit_level, which, fact, state, level)
        if not block.acted[slot] and (block.waits[slot] or not at_rest(t, block.rows, row)):
            note(found, counts, search.fault_level, DEADLOCK, DEADLOCK, state, level)
        for source in range(block.first[slot], block.first[slot + 1]):
            g = U(GROUP) * U(block.group[U(source)])
            for i in range(groups[g + U(FIRST_REFUSED)], groups[g + U(LAST_REFUSED)]):
                fault = t.refused[i] + 1
                note(found, counts, search.fault_level, fault, fault, state, level)


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
def at_rest(t: Arrays, rows: Any, row: Any) -> bool:
    """Whether every instance may rest where it is, in the row that begins at `rows[row]`."""
    for i in range(len(t.final)):
        id_ = field(t.place, rows, row, U(COMPONENT * i))
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
