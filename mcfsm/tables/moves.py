"""Moves in groups, written down as columns of integers that grow.

What may live here: how moves and groups are laid out. What may not: which moves there are, which `filling` says.

A move is what an instance does in a local state, with or without a message; or a fault, a restart, or the freeze. A
group is all moves of an instance in one local state (a crash and a restart among them), all that a message leads to in
one local state of its receiver, or all faults of a channel with one content. What is taken from the channel by a
reception depends on the content alone: the content's group has it as an *offer*. So there are as many entries as local
states times messages, and contents: not as many as pairs of both. Moves that do the same in several variants are one
move, and know whose they are; so are offers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from mcfsm.kernel.arrays import (
    AT_SHIFT,
    CHAINED,
    COUNT,
    EFFECTS,
    FIRST_MOVE,
    FIRST_REFUSED,
    GROUP,
    IDLE,
    IN_BITS,
    IN_ORDER,
    IN_STRIDE,
    IN_WORD,
    LAST_MOVE,
    LAST_REFUSED,
    LISTED,
    UNKNOWN,
    Ints,
)
from mcfsm.kernel.rows import Layout, Words
from mcfsm.semantics.fairness import FairSet
from mcfsm.tables.components import Components
from mcfsm.tables.interning import GrowingArray, Interner, grown

SAYS = np.uint64((1 << EFFECTS) - 1)  # of a move's last word the flags, and how many effects there are
AT_ONCE = 1 << 16  # moves that are packed together: what is computed on the way takes ten times their room
Changes = tuple[int, int, int]  # a component, its id before and after
Offer = tuple[int, int, int, int]  # a message's number, as `Arrays.offers` has it; a channel, its id before and after
Effect = tuple[int, int, int]  # a component, the column of its table, and the subject of the overflow that it may be


class Meaning(NamedTuple):
    """What a move is besides what it does. Moves that differ in it are two."""

    actor: int  # the instance, or one past the last for the environment
    transition: str | None  # its id
    non_normative: bool  # whether it rests on an assumption or an informative item
    fair: FairSet | None  # its fairness set, the message written as all variants do


class Effects(NamedTuple):
    """What a move does to other components than the one that it changes, in some variants (bit mask)."""

    variants: int
    effects: tuple[Effect, ...]
    components: int  # which these are (bit mask)
    flags: int


class Moves:
    """All moves and groups. `enter` and `refuse` collect what belongs to the next group, `group` closes it."""

    def __init__(self, components: Components) -> None:
        self.components = components
        self.meanings = Interner()
        # component: those that its moves depend on, itself first, and those that they change (bit masks)
        self.reads, self.writes = [1 << c for c in range(components.count)], [0] * components.count
        self.replaced: dict[int, int] = {}  # group: the one in whose place it came when more variants asked
        self.largest = 1  # group
        self.most_offers = [0] * components.count  # of a content of a channel
        self.groups, self.effects, self.refused, self.offers = (GrowingArray() for _ in range(4))
        self.meaning_of = GrowingArray()  # of each move, by number
        # move: flags and where its effects are; the variants that have it. Group: the variants that it was filled for.
        # Unspecified reception: the variants that have it
        self.flags, self.owners, self.filled_for, self.refused_by = (GrowingArray(np.uint64) for _ in range(4))
        # of a group of receptions the variants in which the message is deferred; of an offer those that have it
        self.deferred, self.offered_by = (GrowingArray(np.uint64) for _ in range(2))
        self._changes, self._takes, self._only_counted = GrowingArray(), GrowingArray(), GrowingArray(np.uint8)
        self._layout: Layout | None = None  # of what is packed, which `_lay_out` begins anew for another
        self._count_packed: int
        self._packed: Words
        self._packed_takes: Words
        self._effects_at: dict[tuple[Effect, ...], int] = {}
        self._entered: dict[Any, list[list[Any]]]  # what a move does, to moves that do it
        self._offered: dict[Offer, int]  # to the variants that have it
        self._deferring: int  # the variants in which the message of the next group is deferred
        self._unspecified: dict[int, int]  # subject to the variants that have it
        self.discard()

    def __len__(self) -> int:
        return len(self.meaning_of)

    # ---- collecting

    def enter(self, meaning: int, flags: int, changes: Changes, everywhere: Iterable[Effects], taken: int = 0) -> None:
        """A move of the next group, with the number of its meaning and its effects in the variants that have it.

        `taken` is the channel from which a message is taken with it (bit mask of components).
        """
        component, before, after = changes
        changed = (before != after) << component | taken
        for variants, effects, touched, more in everywhere:
            says = flags | more | (CHAINED if changed & touched else 0)
            key = meaning, says, changes, effects
            alike = self._entered.get(key)
            if alike is None:
                self._entered[key] = [[variants, changed | touched]]
                continue
            for known in alike:
                if not known[0] & variants:
                    known[0] |= variants
                    break
            else:  # what one model does twice in the same way are two moves
                alike.append([variants, changed | touched])

    def refuse(self, subject: int, variants: int) -> None:
        """An unspecified reception of the next group."""
        self._unspecified[subject] = self._unspecified.get(subject, 0) | variants

    def offer(self, offer: Offer, variants: int) -> None:
        """A message that the content of the next group offers."""
        self._offered[offer] = self._offered.get(offer, 0) | variants

    def defer(self, variants: int) -> None:
        """In some variants, the message of the next group is deferred."""
        self._deferring |= variants

    def group(self, component: int, looked_at: Iterable[int], variants: int, replaced: int = UNKNOWN) -> int:
        """What was collected, as a group of a component whose moves look at some others, filled for some variants.

        `replaced` is the group in whose place it comes, if there is one.
        """
        first, first_refused, writes = len(self), len(self.refused), 0
        idle: list[tuple[int, int, Changes, int]] = []
        for (meaning, flags, changes, effects), alike in self._entered.items():
            for owners, touched in alike:
                move = meaning, self.word(flags, effects), changes, owners
                if touched or flags or effects:
                    self._append(move)
                    writes |= touched
                else:
                    idle.append(move)
        last = len(self)
        for move in idle:
            self._append(move)
        for subject, by in self._unspecified.items():
            self.refused.append(subject)
            self.refused_by.append(by)
        self.deferred.append(self._deferring)
        self.discard()
        self._note(component, looked_at, writes, len(self) - first)
        self.groups.extend((first, last, first_refused, len(self.refused), len(idle)))
        self.filled_for.append(variants)
        number = len(self.groups) // GROUP - 1
        if replaced != UNKNOWN:
            self.replaced[number] = replaced
        return number

    def _append(self, move: tuple[int, int, Changes, int]) -> None:
        """A move: its meaning, the last word of its record, what it changes and the variants that have it."""
        meaning, word, changes, owners = move
        self.meaning_of.append(meaning)
        self.flags.append(word)
        self._changes.extend(changes)
        self.owners.append(owners)

    def word(self, flags: int, effects: tuple[Effect, ...]) -> int:
        """The last word of a move's record. What has the same effects shares them."""
        at = self._effects_at.get(effects)
        if at is None:
            at = self._effects_at[effects] = len(self.effects) // 3
            for effect in effects:
                self.effects.extend(effect)
        return flags | len(effects) << COUNT | at << EFFECTS

    def groups_at_once(
        self,
        component: int,
        looked_at: Iterable[int],
        variants: int,
        rows: Ints,
        counts: Ints,
        *,
        words: Any,
        touched: int,
        changing: int,
        taken: int = 0,
    ) -> Ints:
        """Groups of some component, one after another, each of so many of some moves; their numbers.

        A row is the meaning of a move, and the id before it and after it of the component that is `changing`; `words`
        are the last words of the moves' records, `touched` the components that their effects change (bit mask), and
        `taken` is the channel from which a message is taken with them.
        """
        first, refused, number = len(self), len(self.refused), len(self.groups) // GROUP
        of_group = np.repeat(np.arange(len(counts)), counts)
        idle = (rows[:, 1] == rows[:, 2]) & (words & SAYS == 0) & (taken == 0)
        if idle.any():  # the last of their groups
            order = np.lexsort((idle, of_group))
            rows, words = rows[order], words[order]
        idle_moves = np.bincount(of_group[idle], minlength=len(counts))
        self.meaning_of.extend_by(rows[:, 0])
        self.flags.extend_by(words)
        self.owners.extend_by(np.full(len(rows), variants, dtype=np.uint64))
        changes = rows.copy()
        changes[:, 0] = changing
        self._changes.extend_by(changes.reshape(-1))
        ends = first + np.cumsum(counts)
        groups = np.full((len(counts), GROUP), refused, dtype=np.int32)
        groups[:, FIRST_MOVE], groups[:, LAST_MOVE], groups[:, IDLE] = ends - counts, ends - idle_moves, idle_moves
        self.groups.extend_by(groups.reshape(-1))
        self.filled_for.extend_by(np.full(len(counts), variants, dtype=np.uint64))
        self.deferred.extend_by(np.zeros(len(counts), dtype=np.uint64))
        changed = 1 << changing if (rows[:, 1] != rows[:, 2]).any() else 0
        self._note(component, looked_at, touched | changed | taken * bool(len(rows)), int(counts.max(initial=0)))
        return np.arange(number, number + len(counts), dtype=np.int32)

    def _note(self, component: int, looked_at: Iterable[int], written: int, size: int) -> None:
        """Note what moves of a component look at and change, and how large a group of them is."""
        self.writes[component] |= written
        for c in (component, *looked_at, self.components.freeze):
            self.reads[component] |= 1 << c
        self.largest = max(self.largest, size)

    def offered(self, component: int) -> tuple[int, int, int]:
        """What was collected of a channel's content beside its group, as CONTENT has it; those in order come first."""
        first, has_faults, messages = len(self.offered_by), bool(self._entered), []
        for (message, *change), variants in sorted(self._offered.items(), key=lambda one: not one[0][0] & IN_ORDER):
            messages.append(message)
            self.offered_by.append(variants)
            self._takes.extend(change)
        self.offers.extend(messages)
        self.most_offers[component] = max(self.most_offers[component], len(messages))
        return first, len(messages) << 1 | has_faults, messages[0] if messages else 0  # none where no variant asks

    def discard(self) -> None:
        """Forget what was collected."""
        self._entered, self._unspecified, self._offered, self._deferring = {}, {}, {}, 0

    def variants_of(self, group: int) -> int:
        """The variants whose moves a group has; none of an entry that is unknown."""
        return 0 if group == UNKNOWN else int(self.filled_for.data[group])

    # ---- what moves are

    def meaning(self, move: int) -> Meaning:
        """What a move is besides what it does."""
        found: Meaning = self.meanings.values[int(self.meaning_of.data[move])]
        return found

    def actors(self) -> Any:
        """Of each move the instance that acts, or one past the last for the environment."""
        return self._each([meaning.actor for meaning in self.meanings.values], np.int64)

    def non_normative(self) -> Any:
        """Of each move whether it rests on an assumption or an informative item."""
        return self._each([meaning.non_normative for meaning in self.meanings.values], np.bool_)

    def by_meaning(self, variants: Any) -> Iterator[tuple[Meaning, int]]:
        """Each meaning with all variants that its moves have in an array of bit masks, one for each move; if any."""
        found = np.zeros(len(self.meanings), dtype=np.uint64)
        np.bitwise_or.at(found, self.meaning_of.data[: len(self)], variants[: len(self)])
        return ((self.meanings.values[i], int(found[i])) for i in np.flatnonzero(found).tolist())

    def only_counted(self) -> Any:
        """Group, awake and then asleep: how many moves it has, if they need but be counted; else LISTED.

        Awake these are idle moves. Asleep they are moves that are possible wherever their group is, as they have no
        effects and no flags: each was fired where its group was awake. Nothing that is refused is left out.
        """
        new = self.groups.data[: len(self.groups)].reshape(-1, GROUP)[len(self._only_counted) // 2 :]
        if len(new):
            first = new[:, FIRST_MOVE] - new[0, FIRST_MOVE]  # moves stand in the order of their groups
            awake, moves = new[:, LAST_MOVE] - new[:, FIRST_MOVE], new[:, LAST_MOVE] - new[:, FIRST_MOVE] + new[:, IDLE]
            asleep = np.append(0, np.cumsum(self.flags.data[new[0, FIRST_MOVE] : len(self)] & SAYS != 0))
            refused = new[:, FIRST_REFUSED] != new[:, LAST_REFUSED]
            listed = np.stack((awake > 0, asleep[first + moves] > asleep[first])) | refused
            self._only_counted.extend_by(np.where(listed, LISTED, np.minimum(moves, LISTED)).T.reshape(-1))
        return self._only_counted.used

    def idle(self) -> Any:
        """Of each move whether it is idle."""
        groups = self.groups.data[: len(self.groups)].reshape(-1, GROUP)
        change = np.zeros(len(self) + 1, dtype=np.int32)
        np.add.at(change, groups[:, LAST_MOVE], 1)
        np.add.at(change, groups[:, LAST_MOVE] + groups[:, IDLE], -1)
        return np.cumsum(change[:-1], out=change[:-1]) > 0

    def _each(self, of_meanings: list[Any], dtype: Any) -> Any:
        return np.array(of_meanings, dtype=dtype)[self.meaning_of.data[: len(self)]]

    # ---- packed for the kernel

    def packed(self, layout: Layout) -> Words:
        """The record of each move: computed for new moves, anew for a new layout."""
        self._lay_out(layout)
        known, count = self._count_packed, len(self)
        if count > len(self._packed):
            longer = np.zeros((max(count, grown(len(self._packed))), layout.words + 2), dtype=np.uint64)
            longer[:known] = self._packed[:known]
            self._packed = longer
        for begin in range(known, count, AT_ONCE):
            end = min(begin + AT_ONCE, count)
            more = self._packed[begin:end]
            more[:, -1] = self.flags.data[begin:end]
            self._change(layout, more, self._changes.data[3 * begin : 3 * end].reshape(-1, 3).astype(np.int64))
        self._count_packed = count
        return self._packed[: max(1, count)].reshape(-1)

    def packed_takes(self, layout: Layout) -> Words:
        """What is changed where nothing is taken, and where each offer is."""
        self._lay_out(layout)
        known, count = len(self._packed_takes), len(self.offered_by) + 1
        if count > known:
            more = np.zeros((count - known, layout.words + 1), dtype=np.uint64)
            self._change(layout, more, self._takes.data[3 * known - 3 : 3 * count - 3].reshape(-1, 3).astype(np.int64))
            self._packed_takes = np.concatenate([self._packed_takes, more])
        return self._packed_takes.reshape(-1)

    def _lay_out(self, layout: Layout) -> None:
        if layout is not self._layout:
            self._layout, self._count_packed = layout, 0
            self._packed = np.zeros((1, layout.words + 2), dtype=np.uint64)
            self._packed_takes = np.zeros((1, layout.words + 1), dtype=np.uint64)

    def _change(self, layout: Layout, lines: Words, changes: Any) -> None:
        """Let each line, of words and a hash, change a component from an id to another."""
        component, before, after = changes.T
        bits = (before ^ after).astype(np.uint64) << layout.shift[component]
        lines[np.arange(len(lines)), layout.word[component]] ^= bits
        lines[:, layout.words] += (after - before).astype(np.uint64) * self.components.factors[component]

    def packed_effects(self, layout: Layout, shapes: Ints, table_of: Ints) -> Words:
        """Effect: where in a row its component stands and where its table begins, in one word; and the factor."""
        component, column, _ = self.effects.data[: max(3, len(self.effects))].reshape(-1, 3).T
        table = shapes[table_of[component]]
        packed = np.zeros((len(component), 2), dtype=np.uint64)
        packed[:, 0] = (table[:, 0] + column).astype(np.uint64)
        for value, at in (
            (layout.word, IN_WORD),
            (layout.shift, AT_SHIFT),
            (np.bitwise_count(layout.mask), IN_BITS),
        ):
            packed[:, 0] |= value[component].astype(np.uint64) << np.uint64(at)
        packed[:, 0] |= np.log2(table[:, 2]).astype(np.uint64) << np.uint64(IN_STRIDE)
        packed[:, 1] = self.components.factors[component]
        return packed.reshape(-1)
