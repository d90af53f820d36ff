"""The inner loops of the exhaustive search: integers in, integers out, compiled by numba.

What may live here: walking a row's components, looking entries up, packing, hashing. What may not: anything that knows
what a component means. No protocol, no guard and no property is evaluated here; an entry that is not in the tables yet
is reported, the state is left alone, and it comes again when the entry is there. What was found of it until then holds:
it is reachable, and so are its successors.

Every function also runs as plain Python (`.py_func`), which is how tests look inside.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.kernel.arrays import ALL, COMPONENT, FACTOR, FIRST_REFUSED, GROUP, LAST_REFUSED, MASK, SHIFT, WORD, Arrays
from mcfsm.kernel.intrinsics import U, fetch, lowest
from mcfsm.kernel.jit import compiled
from mcfsm.kernel.programs import (
    FIRST_CODE,
    FIRST_COVER,
    FIRST_ROOT,
    LAST_CODE,
    LAST_COVER,
    LAST_ROOT,
    OPERATION,
    PROGRAM,
    Program,
    classify,
    find_places,
    run_program,
)
from mcfsm.kernel.remembered import find_keys, is_remembered, remember
from mcfsm.kernel.sources import ASLEEP, BLOCK, Block, block_of, find_sources
from mcfsm.kernel.state_set import BATCH, STATES, insert_new, place_of
from mcfsm.kernel.successors import count_asleep, find_moves, fire_moves
from mcfsm.kernel.variant_sets import ENTRY, ITS_HASH, NEW, SLEEP_SET, STATE, STEPS, add
from mcfsm.kernel.worker import (
    DEADLOCK,
    DONE,
    FAULT,
    FINDING,
    FOUND,
    GROW,
    HITS,
    LEFT,
    LIMIT,
    NEXT,
    OUT,
    REQUEST,
    REQUESTED,
    REQUESTS,
    RETRY,
    TRANSITIONS,
    SearchArrays,
    field,
    note_finding,
)  # fmt: skip

ROOM = 130 << 20  # bytes to compile `expand` in, which are not given back
CHUNK = 4 * BATCH  # successors looked up together
LEAST_ROOM = 8192  # states that must have room beyond the limit
MOST_FOUND = 16384  # findings of one block, as a rule: where they are more, some of its states come again


@compiled(room=ROOM)
def expand(
    t: Arrays,
    row_shape: Any,
    family_shape: Any,
    program: Program,
    search: SearchArrays,
    size: int,
    begin: int,
    end: int,
    listed: Any,
    level: int,
) -> int:
    """Expand states `begin` to `end` (of `listed` where it is not empty); DONE, or why it came back before the end.

    In a search of a family (`family_shape` is not empty) these are no numbers of states but entries of the level.

    `counts[NEXT]` is where to go on, `counts[LIMIT]` a state's number that is not to be passed. States go block by
    block through phases: where their moves come from, which these are, what they lead to, what is new of that, and what
    holds of the states themselves.

    Where `steps` is not empty, sleep sets are ignored, nothing is looked up: `counts[LEFT]` successors lie in `out`,
    and `steps` says where each came from.
    """
    words = len(row_shape)
    width = words + 2 + len(family_shape)
    counts, out, now, family = search.counts, search.out, search.now, search.family
    collecting = len(search.steps) > 0
    block = block_of(words, t.most_sources, t.most_moves)
    values = np.zeros(max(1, len(program.code) // OPERATION), np.int64)
    find_places(t, search.judged)
    none = np.int64(0)  # numba compiles what is called with a literal once more, for that number alone
    at, code, position = none, DONE, begin
    while position < end:
        if counts[STATES] > counts[LIMIT]:
            code = GROW
            break
        if counts[RETRY] + BLOCK > len(search.retry) or REQUEST * counts[REQUESTED] >= len(search.requested):
            code = REQUESTS
            break
        if FINDING * (counts[FOUND] + MOST_FOUND) >= len(search.found):
            code = HITS
            break
        count = min(BLOCK, end - position)
        for slot in range(count if len(family_shape) > 0 else 0):
            entry = listed[position + slot] if len(listed) > 0 else position + slot
            fetch(search.rows, family.entries[U(ENTRY * entry)] * U(words))
        for slot in range(count):
            state = listed[position + slot] if len(listed) > 0 else position + slot
            block.state[slot] = state
            if len(family_shape) > 0:
                entry = U(ENTRY * state)
                state = np.int64(family.entries[entry + U(STATE)])
                block.hash[slot] = family.entries[entry + U(ITS_HASH)]
                block.sleep_set[slot] = family.entries[entry + U(SLEEP_SET)]
                block.variants[slot] = family.entries[entry + U(NEW)] & family.active[0]
            else:
                near = place_of(now, U(state))
                block.hash[slot] = now.hashes[near]
                block.sleep_set[slot] = U(0) if collecting else now.sleep_sets[near]
            for w in range(words):
                block.rows[U(slot * words + w)] = search.rows[U(state * words + w)]
        sources = find_sources(t, words, family_shape, block, count, collecting, search.requested, counts)
        some = find_moves(t, family_shape, block, count, sources, collecting)
        if collecting:
            if at + some * width > len(out):
                code = OUT
                break
            at = fire_moves(t, row_shape, family_shape, block, search, none, some, at, level)
        elif len(family_shape) == 0:
            some = count_asleep(t, words, block, some)
        for first in range(0, 0 if collecting else some, CHUNK):
            at = fire_moves(t, row_shape, family_shape, block, search, first, min(first + CHUNK, some), none, level)
            insert_new(
                search.rows, search.next, family, search.slots, counts, size, row_shape, family_shape, out, 0, at
            )
            if counts[STATES] > counts[LIMIT] + LEAST_ROOM // 2:
                code = GROW
                break
        if code != DONE:
            break
        if len(family_shape) > 0:
            record_findings_of_variants(t, words, program, search, block, count, sources, values)
        else:
            record_findings(t, words, program, search, block, count, values, level)
        position += count
    counts[LEFT] = at // width
    counts[NEXT] = position
    return code


@compiled(inner=True)
def record_findings(
    t: Arrays,
    words: int,
    program: Program,
    search: SearchArrays,
    block: Block,
    count: int,
    values: Any,
    level: int,
) -> None:
    """Record findings of expanded states; a state that asks for entries is listed to be retried."""
    counts, found, groups, code = search.counts, search.found, t.groups, program.code
    judged = search.judged
    long = np.int64(judged.long[0])
    if len(code) > 0:
        classify(t.arena, judged, block.rows, words, count, search.requested, counts)
        find_keys(judged.key, judged.place, long, judged.keys, count)
    for slot in range(count):
        state, row = block.state[slot], U(slot * words)
        at, told = U(slot * long), len(code) > 0 and judged.told[U(slot)]
        before = len(code) == 0 or (told and is_remembered(judged.key, at, long, judged.keys, judged.place[U(slot)]))
        known = before or run_program(t, code, block.rows, row, values, search.requested, counts)
        scarce = FINDING * (counts[FOUND] + len(program.roots) + MOST_FOUND) > len(
            found
        )  # asked first: it costs nothing
        if block.missing[slot] or not known or (scarce and not has_room(t, program, search, block, slot)):
            search.retry[counts[RETRY]] = state
            counts[RETRY] += 1
            continue
        counts[TRANSITIONS] += block.taken[slot]
        if not before:
            found_some = note_judgement(program, search, values, state, level)
            if told and not found_some:
                remember(judged.key, at, long, judged.keys, judged.place[U(slot)])
        if block.acted[slot] == U(0) and block.waits[slot] | ~at_rest(t, block.rows, row) != U(0):
            note_finding(found, counts, search.fault_level, np.int64(FAULT), np.int64(DEADLOCK), state, level)
        source = block.refusing[U(slot)]
        while source >= 0:
            g = U(GROUP) * U(block.group[U(source)])
            source = block.refusing_before[U(source)]
            for i in range(groups[g + U(FIRST_REFUSED)], groups[g + U(LAST_REFUSED)]):
                note_finding(
                    found, counts, search.fault_level, np.int64(FAULT), np.int64(t.refused[i] + 1), state, level
                )


@compiled(inner=True)
def note_judgement(program: Program, search: SearchArrays, values: Any, state: Any, level: int) -> bool:
    """Note what a program that was run says of a state; whether it found something."""
    for i in range(len(program.covers)):
        noted = 4 * program.noted[i] + values[program.covers[i]]
        if search.seen[noted] == 0:
            search.seen[noted] = 1
    found = False
    for i in range(len(program.roots)):
        value = values[program.roots[i]]
        if value > 0:
            found = True
            note_finding(
                search.found, search.counts, search.hit_level, value, np.int64(program.rooted[i]), state, level
            )
    return found


@compiled(inner=True)
def has_room(t: Arrays, program: Program, search: SearchArrays, block: Block, slot: int) -> Any:
    """Whether all that may be found of a state can be noted; of the first of a list, always."""
    most = len(program.roots) + 1
    source = block.refusing[U(slot)]
    while source >= 0:
        g = U(GROUP) * U(block.group[U(source)])
        source = block.refusing_before[U(source)]
        most += t.groups[g + U(LAST_REFUSED)] - t.groups[g + U(FIRST_REFUSED)]
    return search.counts[FOUND] == 0 or FINDING * (search.counts[FOUND] + most) <= len(search.found)


@compiled(inner=True)
def record_findings_of_variants(
    t: Arrays, words: int, program: Program, search: SearchArrays, block: Block, count: int, sources: int, values: Any
) -> None:
    """Record findings of expanded states, per variant that arrived on this level; or list them to be retried."""
    counts, family, groups, bounds = search.counts, search.family, t.groups, search.family.program_bounds
    for slot in range(count):
        row, variants = U(slot * words), block.variants[slot]
        known = not block.missing[slot]
        for i in range(len(family.variants_asking)):
            asking, p = variants & family.variants_asking[i], PROGRAM * i
            if not known or asking == U(0):
                continue
            code = program.code[bounds[p + FIRST_CODE] : bounds[p + LAST_CODE]]
            known = run_program(t, code, block.rows, row, values, search.requested, counts)
            for j in range(bounds[p + FIRST_COVER] if known else 0, bounds[p + LAST_COVER] if known else 0):
                family.seen[4 * program.noted[j] + values[program.covers[j]]] |= asking & family.variants_noting[j]
            for j in range(bounds[p + FIRST_ROOT] if known else 0, bounds[p + LAST_ROOT] if known else 0):
                value = values[program.roots[j]]
                if value == 1:
                    family.hits[program.rooted[j]] |= asking
                elif value > 1:
                    family.failed[0] |= asking
        block.missing[slot] = not known
        if not known:
            search.retry[counts[RETRY]] = block.state[slot]
            counts[RETRY] += 1
            for k in range(STEPS):
                block.counted[U(slot * STEPS + k)] = U(0)
            continue
        add(family.taken, block.counted, slot * STEPS)
        still = variants & ~block.acted[slot]
        if still != U(0):
            family.faults[DEADLOCK] |= still & (block.waits[slot] | ~at_rest(t, block.rows, row))
    for source in range(sources):
        if block.missing[U(block.origin[U(source)] & (ASLEEP - 1))]:
            continue
        group, concerned = block.group[U(source)], block.concerned[U(source)]
        family.variants_in_group[group] |= concerned
        g = U(GROUP) * U(group)
        for i in range(groups[g + U(FIRST_REFUSED)], groups[g + U(LAST_REFUSED)]):
            family.faults[t.refused[i] + 1] |= concerned & t.refused_variants[i]


@compiled(inner=True)
def at_rest(t: Arrays, rows: Any, row: Any) -> Any:
    """The variants in which every instance may rest where it is, in the row that begins at `rows[row]`."""
    rests = U(ALL)
    for i in range(len(t.final)):
        id_ = field(t.place, rows, row, U(COMPONENT * i))
        rests &= t.rests[t.arena[U(t.offset[t.final[i]]) + id_]]
    return rests


@compiled
def rehash(t: Arrays, row_shape: Any, rows: Any, hashes: Any, begin: int, end: int) -> None:
    """Compute the hashes of some rows from their ids (`Tables.hashes` says what they are)."""
    words, place = len(row_shape), t.place
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
