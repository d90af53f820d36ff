"""The inner loops of the exhaustive search: integers in, integers out, compiled by numba.

What may live here: walking a row's components, looking entries up, packing, hashing, the set of states. What may not:
anything that knows what a component means. No protocol, no guard and no property is evaluated here; an entry that is
not in the tables yet is reported, the state is left alone, and it comes again when the entry is there.

Every function also runs as plain Python (`.py_func`), which is how tests look inside.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcfsm.stateset import ROW_AHEAD, SLOT_AHEAD, STATES, absorb, fetch, near
from mcfsm.tables import Arrays

DONE, MISSES, GROW, HITS, FANOUT, OUT = range(6)  # why `expand` came back
TRANSITIONS, MISSED, AGAIN, FOUND, NEXT = range(STATES + 1, STATES + 6)  # what stands where in `counts`
RING = 64  # successors under way to the set of states; a power of two
LEAST_ROOM = 8192  # states and slots that must be free before a state is expanded
DEADLOCK_FAULT = 0  # then the tables' subjects
CONTENT, BUDGET, RESTRAINED, SENDS, SENDS_END = range(5)  # what a move's record says,
MOVE = 5  # and how long it is
WORD, SHIFT, MASK, HASHES, OFFSET, STRIDE, OFFSET2, STRIDE2 = range(8)  # what `expand` keeps of a component at hand,
COMPONENT = 8  # and how long that is
U: Any = np.uint64  # an index of this type is used as it is; a signed one is first asked whether it is negative


class Program(NamedTuple):
    """Properties as straight-line code over small values: leaves look at one component, the rest joins two values."""

    first: NDArray[np.int32]  # of a leaf the component, else an earlier operation
    second: NDArray[np.int32]  # of a leaf -1, else an earlier operation
    table: NDArray[np.int32]
    roots: NDArray[np.int32]  # property: the operation that says 0 (no), 1 (decides) or 2 (an error)
    covers: NDArray[np.int32]  # operations whose values are noted
    noted: NDArray[np.int32]  # and where


class Search(NamedTuple):
    """What one worker keeps: its states, the set of them, and the lists it hands back."""

    rows: NDArray[np.uint64]
    slots: NDArray[np.uint64]  # 0, or hash << 32 | state + 1
    counts: NDArray[np.int64]
    missed: NDArray[np.int32]  # table, row, column of each entry asked for
    again: NDArray[np.int64]  # states to come again
    found: NDArray[np.int64]  # pairs: fault or property, state
    fault_level: NDArray[np.int32]  # fault: the level it was first met at, or -1
    hit_level: NDArray[np.int32]  # property: the same
    fired: NDArray[np.uint8]  # move: 1 once it was taken
    seen: NDArray[np.uint8]  # covered operation x value: 1 once it had it
    out: NDArray[np.uint64]  # successors that others own: words and hash of each
    out_count: NDArray[np.int64]  # worker: how many
    out_from: NDArray[np.int64]  # of each, if wanted: state * 256 + instance
    scratch: NDArray[np.uint64]  # successors of one state


@njit(nogil=True, cache=True)
def judge(
    arena: Any, offset: Any, height: Any, stride: Any, program: Program, missed: Any, counts: Any, ids: Any, values: Any
) -> bool:
    """Run the properties' program on a row's ids; whether every entry was there."""
    first, second, numbers = program.first, program.second, program.table
    for op in range(len(first)):
        table = numbers[op]
        if second[op] < 0:
            row, column = 0, ids[np.uint64(first[op])]
        else:
            row, column = values[np.uint64(first[op])], values[np.uint64(second[op])]
        value = -1
        if row < height[table] and column < stride[table]:
            value = arena[np.uint64(offset[table] + row * stride[table] + column)]
        if value < 0:
            miss(missed, counts, table, row, column)
            return False
        values[op] = value
    return True


@njit(nogil=True, cache=True)
def miss(missed: Any, counts: Any, table: int, row: int, column: int) -> None:
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
    tables: Any,
    layout: Any,
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

    `counts[NEXT]` is where to go on. `tables` holds the table numbers of spontaneous steps and rest by instance,
    receptions and pushes by channel, observers, and budgets; `layout` the word, shift and mask of each component.
    `unit` is a tuple as long as a row has words: the length is part of its type, so loops over words are unrolled.
    """
    words = len(unit)
    instances, observers, channels, freezes = t.shape[0], t.shape[1], t.shape[2], t.shape[3]
    spontaneous, final, receive, push, observe, spend = tables
    word, shift, mask = layout
    components = len(word)
    first_channel = instances + observers
    budget, freeze = components - 2, components - 1
    arena, offset, stride, zobrist, labels = t.arena, t.offset, t.stride, t.zobrist, t.move_labels
    groups, moves, sends, deltas = t.groups, t.moves, t.sends, t.deltas
    rows, slots, counts, scratch = search.rows, search.slots, search.counts, search.scratch
    missing = search.missed
    out, out_count, out_from = search.out, search.out_count, search.out_from
    width = words + 1
    room = len(scratch) // width
    most_out = len(out) // workers // width  # rows for each worker in the outbox
    most_states = min(len(rows) // words, size - size // 5) - LEAST_ROOM
    ids = np.zeros(components, np.int64)
    values = np.zeros(max(1, len(program.first)), np.int64)
    new = np.zeros(words, np.uint64)
    ring = np.zeros(RING * width, np.uint64)
    head, ahead, tail = 0, 0, 0
    taken = np.zeros(room + 1, np.int64)
    actors = np.zeros(room + 1, np.int64)
    overflown = np.zeros(512, np.int64)
    place = np.zeros(COMPONENT * components, np.int64)  # of a component: where it stands, and its table
    for c in range(components):
        place[COMPONENT * c + WORD] = word[c]
        place[COMPONENT * c + SHIFT] = np.int64(shift[c])
        place[COMPONENT * c + MASK] = np.int64(mask[c])
        place[COMPONENT * c + HASHES] = t.zobrist_at[c]
        if c < instances:
            table = spontaneous[c]
        elif c < first_channel:
            table = observe[c - instances]
        elif c < budget:
            table = push[c - first_channel]
            place[COMPONENT * c + OFFSET2] = offset[receive[c - first_channel]]
            place[COMPONENT * c + STRIDE2] = stride[receive[c - first_channel]]
        else:
            table = spend
        place[COMPONENT * c + OFFSET] = offset[table]
        place[COMPONENT * c + STRIDE] = stride[table]
    code = DONE
    position = begin
    while position < end:
        state = listed[position] if len(listed) > 0 else position
        if counts[STATES] > most_states:
            code = GROW
            break
        if counts[AGAIN] >= len(search.again) or 3 * (counts[MISSED] + 64) >= len(search.missed):
            code = MISSES
            break
        if 2 * (counts[FOUND] + 1024) >= len(search.found):
            code = HITS
            break
        full_out = False
        for other in range(workers):
            if out_count[other] + room > most_out:
                full_out = True
        if full_out:
            code = OUT
            break
        base = U(state * words)
        hash_ = U(0)
        for c in range(components):
            p = U(COMPONENT * c)
            id_ = (rows[base + U(place[p + U(WORD)])] >> U(place[p + U(SHIFT)])) & U(place[p + U(MASK)])
            ids[U(c)] = np.int64(id_)
            hash_ ^= zobrist[U(place[p + U(HASHES)]) + id_]
        missed = counts[MISSED]
        complete = judge(arena, offset, t.height, stride, program, missing, counts, ids, values)
        frozen = ids[U(freeze)]
        steps, kept, overflows, crowded = 0, 0, 0, False
        struck = 0  # of the steps, those that are faults
        waiting = False
        for source in range(instances + channels):
            component = U(source if source < instances else source + observers)
            before = ids[component]
            p = U(COMPONENT) * component
            if source < instances:
                instance, channel = source, -1
                group = arena[U(place[p + U(OFFSET)] + before)]
                if group < 0:
                    miss(missing, counts, spontaneous[source], 0, before)
                    continue
            else:
                if before == 0:
                    continue
                channel = source - instances
                waiting = waiting or t.waits[U(channel)] == 1
                instance = t.receiver[U(channel)]
                group = arena[U(place[p + U(OFFSET2)] + before * place[p + U(STRIDE2)] + ids[U(instance)])]
                if group < 0:
                    miss(missing, counts, receive[channel], before, ids[U(instance)])
                    continue
            for move in range(groups[U(4 * group)], groups[U(4 * group + 1)]):
                m = U(move * MOVE)
                if frozen == 1 and moves[m + U(RESTRAINED)] & 1 == 1:
                    continue
                d = U(move * width)
                for w in range(words):
                    new[U(w)] = rows[base + U(w)] ^ deltas[d + U(w)]
                h = hash_ ^ deltas[d + U(words)]
                spent = moves[m + U(BUDGET)]
                if spent >= 0:
                    q = U(COMPONENT * budget)
                    left = arena[U(place[q + U(OFFSET)] + spent * place[q + U(STRIDE)] + ids[U(budget)])]
                    if left == -2:
                        continue
                    if left < 0:
                        miss(missing, counts, spend, spent, ids[U(budget)])
                        continue
                    h ^= change(new, place, zobrist, U(budget), ids[U(budget)], left)
                first_send, end_send = moves[m + U(SENDS)], moves[m + U(SENDS_END)]
                possible = True
                if first_send < end_send and channel >= 0:
                    ids[component] = moves[m + U(CONTENT)]
                sent = first_send
                while sent < end_send:
                    to = U(sends[U(3 * sent)] + first_channel)
                    column = sends[U(3 * sent + 1)]
                    content = ids[to]
                    q = U(COMPONENT) * to
                    pushed = arena[U(place[q + U(OFFSET)] + content * place[q + U(STRIDE)] + column)]
                    if pushed >= 0:
                        h ^= change(new, place, zobrist, to, content, pushed)
                        ids[to] = pushed
                    elif pushed == -1:
                        miss(missing, counts, push[np.int64(to) - first_channel], content, column)
                        possible = False
                        break
                    else:
                        full = t.full[to - U(first_channel)]
                        if full == 2 and overflows < len(overflown):
                            overflown[overflows] = sends[U(3 * sent + 2)]
                            overflows += 1
                        if full != 1:
                            possible = False
                            break
                    sent += 1
                if first_send < end_send:  # put the contents back
                    for back in range(first_send, min(sent + 1, end_send)):
                        to = U(sends[U(3 * back)] + first_channel)
                        q = U(COMPONENT) * to
                        id_ = (rows[base + U(place[q + U(WORD)])] >> U(place[q + U(SHIFT)])) & U(place[q + U(MASK)])
                        ids[to] = np.int64(id_)
                    ids[component] = before
                if not possible:
                    continue
                for o in range(observers):
                    label = labels[U(move * observers + o)]
                    if label > 0:
                        seer = U(instances + o)
                        q = U(COMPONENT) * seer
                        after = arena[U(place[q + U(OFFSET)] + ids[seer] * place[q + U(STRIDE)] + label)]
                        if after < 0:
                            miss(missing, counts, observe[o], ids[seer], label)
                            possible = False
                        else:
                            h ^= change(new, place, zobrist, seer, ids[seer], after)
                if not possible:
                    continue
                if steps + 2 >= room:
                    crowded = True
                    continue
                taken[U(steps)] = move
                moved = False
                k = U(kept * width)
                for w in range(words):
                    scratch[k + U(w)] = new[U(w)]
                    moved = moved or new[U(w)] != rows[base + U(w)]
                scratch[k + U(words)] = h
                is_fault = moves[m + U(RESTRAINED)] >> 1
                actors[U(kept)] = instances if is_fault == 1 else instance
                kept += moved
                steps += 1
                struck += is_fault
        acted = steps
        if freezes == 1 and frozen == 0:
            for w in range(words):
                new[w] = rows[base + U(w)]
            h = hash_ ^ change(new, place, zobrist, U(freeze), 0, 1)
            for o in range(observers):
                label = t.freeze_labels[o]
                if label > 0:
                    seer = U(instances + o)
                    q = U(COMPONENT) * seer
                    after = arena[U(place[q + U(OFFSET)] + ids[seer] * place[q + U(STRIDE)] + label)]
                    if after < 0:
                        miss(missing, counts, observe[o], ids[seer], label)
                    else:
                        h ^= change(new, place, zobrist, seer, ids[seer], after)
            for w in range(words):
                scratch[kept * width + w] = new[w]
            scratch[kept * width + words] = h
            actors[kept] = instances
            kept += 1
            steps += 1
        if not complete or counts[MISSED] != missed:
            search.again[counts[AGAIN]] = state
            counts[AGAIN] += 1
            position += 1
            continue
        if crowded:
            code = FANOUT
            break
        # everything is known: what was found counts
        counts[TRANSITIONS] += steps
        for i in range(acted):
            search.fired[taken[i]] = 1
        for i in range(len(program.covers)):
            search.seen[4 * program.noted[i] + values[program.covers[i]]] = 1
        for p in range(len(program.roots)):
            value = values[program.roots[p]]
            if value > 0:
                note(search.found, counts, search.hit_level, p, -1 - p if value == 1 else -1000 - p, state, level)
        rest = not waiting
        if acted == struck:
            for i in range(instances):
                rest = rest and arena[offset[final[i]] + ids[i]] == 1
            if not rest:
                note(search.found, counts, search.fault_level, DEADLOCK_FAULT, DEADLOCK_FAULT, state, level)
        for c in range(channels):
            if ids[first_channel + c] != 0:
                table = receive[c]
                group = arena[offset[table] + ids[first_channel + c] * stride[table] + ids[t.receiver[c]]]
                for i in range(groups[4 * group + 2], groups[4 * group + 3]):
                    fault = t.faults[i] + 1
                    note(search.found, counts, search.fault_level, fault, fault, state, level)
        for i in range(overflows):
            fault = overflown[i] + 1
            note(search.found, counts, search.fault_level, fault, fault, state, level)
        for i in range(kept):
            h = scratch[i * width + words]
            owner = np.int64(((h & np.uint64(0xFFFF)) * np.uint64(workers)) >> np.uint64(16))
            if owner != me:
                at = (owner * most_out + out_count[owner]) * width
                for w in range(width):
                    out[at + w] = scratch[i * width + w]
                if len(out_from) > 0:
                    out_from[out_count[owner]] = state * 256 + actors[i]
                out_count[owner] += 1
                continue
            at = (head & (RING - 1)) * width
            for w in range(width):
                ring[at + w] = scratch[i * width + w]
            fetch(slots, np.int64(((h >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32)))
            head += 1
            if head - ahead > SLOT_AHEAD - ROW_AHEAD:
                near(rows, slots, size, words, ring[(ahead & (RING - 1)) * width + words])
                ahead += 1
            if head - tail > SLOT_AHEAD:
                at = (tail & (RING - 1)) * width
                absorb(rows, slots, counts, size, unit, ring, at, ring[at + words])
                tail += 1
        position += 1
    while tail < head:
        at = (tail & (RING - 1)) * width
        absorb(rows, slots, counts, size, unit, ring, at, ring[at + words])
        tail += 1
    counts[NEXT] = position
    return code


@njit(nogil=True, cache=True)
def change(new: Any, place: Any, zobrist: Any, component: Any, before: int, after: int) -> Any:
    """Put another id into a row's field; what that changes of the hash."""
    p = U(COMPONENT) * component
    new[U(place[p + U(WORD)])] ^= U(before ^ after) << U(place[p + U(SHIFT)])
    hashes = place[p + U(HASHES)]
    return zobrist[U(hashes + before)] ^ zobrist[U(hashes + after)]


@njit(nogil=True, cache=True)
def note(found: Any, counts: Any, levels: Any, which: int, code: int, state: int, level: int) -> None:
    """Keep a finding if it is of the first level that has it."""
    if levels[which] == -1:
        levels[which] = level
    if levels[which] == level:
        at = counts[FOUND]
        found[2 * at] = code
        found[2 * at + 1] = state
        counts[FOUND] = at + 1
