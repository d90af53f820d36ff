"""Local steps, channel contents and observers as tables of small integers: how they are numbered and laid out.

What may live here: interning, layouts. What may not: how an entry is computed, which is said in `filling`; search, and
anything that looks at a joint state as a whole.

A component is an instance, an observer, a channel, the budgets together, or the freeze; its local states, contents or
values are numbered as they are met. An entry of a table that the kernel asks for and does not find is filled by one
call into Python, between two batches of states; `calls` says how many there were.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from mcfsm.expressions.domains import Value
from mcfsm.kernel.arrays import (
    AT_SHIFT,
    BIT,
    COMPONENT,
    COUNT,
    DEPENDENT,
    EFFECTS,
    FACTOR,
    GROUPS,
    GROUPS_STRIDE,
    IN_BITS,
    IN_STRIDE,
    IN_WORD,
    MASK,
    MOST_EFFECTS,
    SHIFT,
    UNKNOWN,
    WAITS,
    WORD,
    Arrays,
    Ints,
)
from mcfsm.kernel.rows import Layout, Words
from mcfsm.model import Content, Model
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.product import Product, State
from mcfsm.semantics.role import Event, Outcome
from mcfsm.tables.interning import Column, Names, odd_factors
from mcfsm.tables.variant_encoding import Members

MOST_LOCALS = 200_000  # local states of one instance, contents of one channel
MOST_ENTRIES = 1 << 28  # of all tables together

MoveStep = tuple[int, Event | None, Outcome | None]  # instance, event, outcome: None of freeze, faults and restarts


class Tables:
    """All tables of a model. `fill` computes entries, by `fillers`; `arrays` is what the kernel reads."""

    def __init__(self, members: Members, *, avoid: frozenset[str]) -> None:
        self.members, self.avoid = members, avoid
        self.model: Model = members.models[0]
        self.product: Product = members.product(0)
        model = self.model
        self.instances, self.observers = len(model.instances), len(model.observers)
        self.channels = len(members.links)
        self.first_channel = self.instances + self.observers
        self.budget_component = self.first_channel + self.channels
        self.freeze_component = self.budget_component + 1
        self.components = self.freeze_component + 1
        self.names = [Names() for _ in range(self.components)]
        self.messages = [Names() for _ in members.links]
        self.labels = [Names() for _ in model.observers]
        for labels in self.labels:
            labels.of(None)  # label 0: nothing that concerns the observer
        self.subjects = Names()  # (check, subject) of faults
        self.calls = 0
        self._arena = np.full(1 << 12, UNKNOWN, dtype=np.int32)
        self._arena_used = 0
        self._tables: list[list[int]] = []  # offset, rows, columns
        self._kinds: list[tuple[str, int]] = []
        # kind of table: index, row, column and the members that ask, as bits, to the entry
        self.fillers: dict[str, Callable[[int, int, int, int], int]] = {}
        self._groups, self._effects, self._refused = (Column() for _ in range(3))
        # move: flags, and its effects; who has it; group: who was asked for it; unspecified reception: who has it
        self._flags, self._movers, self._known, self._refusers = (Column(np.uint64) for _ in range(4))
        self._changes = Column()  # move: component, its id before and after; another, its id before and after
        self._deltas = np.zeros((0, 1), dtype=np.uint64)
        self._largest = 1  # group
        self._layout: Layout | None = None
        self.move_steps: list[MoveStep] = []
        self.looks_at = [0] * self.components  # what the moves of a component depend on,
        self.changes = [0] * self.components  # and what they change, as bits
        self.factors = odd_factors(self.components)
        self.contexts = Names()  # which budgets have something left, and whether the model is frozen
        self._rested = [0] * self.instances  # of how many local states it is known who may rest in them
        self.rests = Names()  # the sets of members, as bits, that may rest somewhere
        self.context = self.table("context", 0, 8, 2)
        self.spontaneous = [self.table("spontaneous", i, 8, 8) for i in range(self.instances)]
        self.final = [self.table("final", i, 1, 8) for i in range(self.instances)]
        self.receive = [self.table("receive", c, 8, 8) for c in range(self.channels)]
        self.push = [self.table("push", c, 8, 8) for c in range(self.channels)]
        self.observe = [self.table("observe", o, 8, 8) for o in range(self.observers)]
        self.spend = self.table("spend", 0, 8, 1 << len(model.budgets).bit_length())
        self.freeze = self.table("freeze", 0, 8, 2)
        self.moved = self.image_of = self.origin = np.zeros(0, dtype=np.int32)  # `images` says otherwise
        self._acts = [
            any(_acts(members.models[kind.member], i) for kind in kinds) for i, kinds in enumerate(members.instances)
        ]
        self._receivers = [model.index_of[receiver] for _, receiver in members.links]

    # ---- numbering

    def identify(self, component: int, value: Value) -> int:
        """The id of a component's value. Raises ModelError where a component has too many."""
        names = self.names[component]
        known = len(names)
        found = names.of(value)
        if found == known and known >= MOST_LOCALS:
            raise self._exploded(component)
        return found

    def row_of(self, state: State) -> list[int]:
        """The ids of a joint state's components."""
        values = [*state.locals, *state.channels, state.budgets, state.frozen]
        if not self.names[self.freeze_component].values:
            self.identify(self.freeze_component, False)
            self.identify(self.freeze_component, True)
        for channel in range(self.channels):
            self.identify(self.first_channel + channel, ())
        return [self.identify(c, value) for c, value in enumerate(values)]

    def state_of(self, ids: list[int]) -> State:
        """The joint state of a row's ids."""
        values = [names.values[i] for names, i in zip(self.names, ids, strict=True)]
        split = self.first_channel
        return State(tuple(values[:split]), tuple(values[split : split + self.channels]), values[-2], bool(values[-1]))

    def own_row(self, member: int, state: State) -> list[int]:
        """The ids of the components of a member's joint state."""
        locals_ = tuple(self.members.joint_local(member, at, local) for at, local in enumerate(state.locals))
        channels: list[Content] = [()] * self.channels
        for at, content in enumerate(state.channels):
            channels[self.members.joint_channel(member, at)] = self.members.joint_content(member, content)
        return self.row_of(state._replace(locals=locals_, channels=tuple(channels)))

    def own_state(self, member: int, ids: list[int]) -> State:
        """The joint state of a member that a row's ids say."""
        state = self.state_of(ids)
        locals_ = tuple(self.members.own_local(member, at, local) for at, local in enumerate(state.locals))
        channels = tuple(
            self.members.own_content(member, state.channels[self.members.joint_channel(member, at)])
            for at in range(len(self.members.models[member].channels))
        )
        return state._replace(locals=locals_, channels=channels)

    def _exploded(self, component: int) -> ModelError:
        """Which variables of the instance take so many values."""
        if component >= self.first_channel:
            name = " -> ".join(self.members.links[component - self.first_channel])
            return ModelError(
                [Problem("M706", None, f"channel {name} has over {MOST_LOCALS:,} contents", "lower its bound")]
            )
        local_values = self.names[component].values[:20_000]
        if component < self.instances:
            name = self.model.instances[component].name
            variables = self.model.role_of[name].variables
        else:
            observer = self.model.observers[component - self.instances]
            name, variables = observer.name, observer.variables
        counts = sorted(
            ((len({local.values[i] for local in local_values}), variable.name) for i, variable in enumerate(variables)),
            reverse=True,
        )
        widest = ", ".join(f"{variable} ({count:,} values)" for count, variable in counts[:3])
        message = f"{name} has over {MOST_LOCALS:,} local states; most vary {widest}"
        return ModelError([Problem("M706", None, message, "bound them, or say them in smaller domains")])

    # ---- tables

    def table(self, kind: str, index: int, rows: int, columns: int) -> int:
        """A new table, its entries unknown; `fillers[kind]` computes them. Its number comes back."""
        offset = self._allocate(rows * columns)
        self._tables.append([offset, rows, columns])
        self._kinds.append((kind, index))
        return len(self._tables) - 1

    def _allocate(self, size: int) -> int:
        while self._arena_used + size > len(self._arena):
            if len(self._arena) * 2 > MOST_ENTRIES:
                raise ModelError([Problem("M706", None, "the tables of this model outgrow memory", "lower its bounds")])
            self._arena = np.concatenate([self._arena, np.full(len(self._arena), UNKNOWN, dtype=np.int32)])
        offset = self._arena_used
        self._arena_used += size
        return offset

    def fill(self, table: int, row: int, column: int, members: int) -> None:
        """Compute one entry that the kernel asked for. Raises ModelError where a value leaves its domain."""
        self.calls += 1
        kind, index = self._kinds[table]
        self.enter(table, row, column, self.fillers[kind](index, row, column, members))

    def enter(self, table: int, row: int, column: int, value: int) -> None:
        """Write one entry; the table is moved to a larger place where it does not reach so far."""
        offset, rows, columns = self._tables[table]
        if row >= rows or column >= columns:
            self.reach(table, row, column)
            offset, rows, columns = self._tables[table]
        self._arena[offset + row * columns + column] = value

    def reach(self, table: int, row: int, column: int) -> None:
        """Make a table large enough for a row and a column."""
        offset, rows, columns = self._tables[table]
        more_rows, more_columns = rows, columns
        while row >= more_rows:
            more_rows *= 2
        while column >= more_columns:
            more_columns *= 2
        if (more_rows, more_columns) == (rows, columns):
            return
        moved = self._allocate(more_rows * more_columns)
        old = self._arena[offset : offset + rows * columns].reshape(rows, columns)
        self._arena[moved : moved + more_rows * more_columns].reshape(more_rows, more_columns)[:rows, :columns] = old
        self._tables[table] = [moved, more_rows, more_columns]

    def row_of_table(self, table: int, row: int) -> list[tuple[int, int]]:
        """Column and value of every known entry of a row of a table."""
        offset, rows, columns = self._tables[table]
        if row >= rows:
            return []
        entries = self._arena[offset + row * columns : offset + (row + 1) * columns]
        return [(int(at), int(entries[at])) for at in np.flatnonzero(entries != UNKNOWN)]

    def entry(self, table: int, row: int, column: int) -> int:
        """One entry; UNKNOWN where nobody computed it."""
        offset, rows, columns = self._tables[table]
        return int(self._arena[offset + row * columns + column]) if row < rows and column < columns else UNKNOWN

    def asked_for(self, table: int) -> list[list[int]]:
        """Row and column of every entry of a table that was ever asked for."""
        offset, rows, columns = self._tables[table]
        entries = self._arena[offset : offset + rows * columns].reshape(rows, columns)
        return np.argwhere(entries != UNKNOWN).tolist()

    def prepare(self) -> None:
        """Make every table large enough for the ids there are, and know every local state's rest and every hash."""
        for i in range(self.instances):
            locals_ = self.names[i].values
            for j in range(self._rested[i], len(locals_)):
                self.enter(self.final[i], 0, j, self.fillers["final"](i, 0, j, 0))
            self._rested[i] = len(locals_)
            self.reach(self.spontaneous[i], len(self.contexts), len(locals_))
        for c in range(self.channels):
            contents = len(self.names[self.first_channel + c])
            self.reach(self.receive[c], contents, len(self.names[self._receivers[c]]))
            self.reach(self.push[c], contents, len(self.messages[c]))
        for o in range(self.observers):
            self.reach(self.observe[o], len(self.names[self.instances + o]), len(self.labels[o]))
        for table in (self.spend, self.context):
            self.reach(table, len(self.names[self.budget_component]), 0)
        self.reach(self.freeze, len(self.contexts), 0)
        for component, images in zip(self.moved, self.image_of, strict=True):
            self.reach(int(images), len(self.names[component]), 0)

    def hashes(self, ids: Any) -> Any:
        """The hash of each row of component ids: a sum of ids, each times a factor that belongs to its component.

        So what a change of some ids changes of it does not depend on the others (multilinear hashing, Carter and Wegman
        1979).
        """
        with np.errstate(over="ignore"):
            return (ids.astype(np.uint64) * self.factors).sum(axis=1, dtype=np.uint64)

    def arrays(self, layout: Layout) -> Arrays:
        """The tables as they are now, for rows of a layout."""
        self.prepare()
        tables = np.array(self._tables, dtype=np.int32)
        numbers = self._numbers()
        channels = range(self.first_channel, self.budget_component)
        return Arrays(
            arena=self._arena,
            offset=tables[:, 0].copy(),
            height=tables[:, 1].copy(),
            stride=tables[:, 2].copy(),
            groups=self._groups.used,
            moves=self._moved(layout),
            move_variants=self._movers.used,
            filled_for=self._known.used,
            effects=self._packed_effects(layout, tables, numbers[0]),
            effect_of=self._effects.used,
            refused=self._refused.used,
            refused_variants=self._refusers.used,
            place=self._places(layout, tables, numbers[1]),
            table_of=numbers[0],
            groups_of=numbers[1],
            context=self.context,
            fixed=_ints(c for c in range(self.components) if c not in channels),
            acting=np.array([c for c, of in enumerate(numbers[1]) if of >= 0 and c not in channels], dtype=np.int32),
            receiver=_ints([0] * self.first_channel + self._receivers + [0, 0]),
            channel_bits=layout.bits(channels),
            channel_at=layout.component_at(channels),
            final=_ints(self.final),
            rests=np.array(self.rests.values or [0], dtype=np.uint64),
            moved=self.moved,
            image_of=self.image_of,
            origin=self.origin,
            most_moves=self._largest * self.components,
        )

    def _numbers(self) -> tuple[Ints, Ints]:
        """Component: the table of its effects, and that of its groups; -1 where it has none."""
        none = [-1] * self.observers
        effects = [-1] * self.instances + self.observe + self.push + [self.spend, -1]
        acting = [t if self.acts(i) else -1 for i, t in enumerate(self.spontaneous)]
        groups = acting + none + self.receive + [-1, self.freeze if self.model.allows_freeze else -1]
        return _ints(effects), _ints(groups)

    def acts(self, instance: int) -> bool:
        """Whether an instance ever does something without a message, or may crash."""
        return self._acts[instance]

    def _packed_effects(self, layout: Layout, tables: Any, numbers: Ints) -> Words:
        """Effect: where in a row its component stands and where its table begins, in one word; and the factor."""
        component, column, _ = self._effects.data[: max(3, self._effects.size)].reshape(-1, 3).T
        table = tables[numbers[component]]
        packed = np.zeros((len(component), 2), dtype=np.uint64)
        packed[:, 0] = (table[:, 0] + column).astype(np.uint64)
        for value, at in (
            (layout.word, IN_WORD),
            (layout.shift, AT_SHIFT),
            (np.bitwise_count(layout.mask), IN_BITS),
        ):
            packed[:, 0] |= value[component].astype(np.uint64) << np.uint64(at)
        packed[:, 0] |= np.log2(table[:, 2]).astype(np.uint64) << np.uint64(IN_STRIDE)
        packed[:, 1] = self.factors[component]
        return packed.reshape(-1)

    def _places(self, layout: Layout, tables: Any, groups: Ints) -> Words:
        """Component: what the kernel wants to have at hand of it."""
        place = np.zeros((self.components, COMPONENT), dtype=np.uint64)
        place[:, WORD], place[:, SHIFT], place[:, MASK] = layout.word, layout.shift, layout.mask
        place[:, FACTOR] = self.factors
        has = groups >= 0
        place[has, GROUPS], place[has, GROUPS_STRIDE] = tables[groups[has], 0], tables[groups[has], 2]
        for c, kinds in enumerate(self.members.channels):
            declared = [(kind.bits, self.members.declared(kind, c)) for kind in kinds]
            waiting = (bits for bits, channel in declared if channel is not None and channel.kind != "set")
            place[self.first_channel + c, WAITS] = sum(waiting)
        apart = min(64, self.components)
        place[:apart, BIT] = np.uint64(1) << np.arange(apart, dtype=np.uint64)
        place[:, DEPENDENT] = _conflicts((*self.looks_at,), (*self.changes,))
        return place.reshape(-1)

    def _changed_by(self, move: int) -> set[int]:
        """The components that a move changes, or looks at to change them."""
        one, before, after, other, its_before, its_after = self._changes.data[6 * move : 6 * move + 6].tolist()
        word = int(self._flags.data[move])
        first, count = word >> EFFECTS, word >> COUNT & MOST_EFFECTS
        effects = self._effects.data[3 * first : 3 * (first + count)].reshape(-1, 3)[:, 0]
        moved = {c for c, old, new in ((one, before, after), (other, its_before, its_after)) if old != new}
        return moved | set(effects.tolist())

    def _moved(self, layout: Layout) -> Words:
        """The record of each move: computed for new moves, anew for a new layout."""
        if layout is not self._layout:
            self._layout, self._deltas = layout, np.zeros((0, layout.words + 2), dtype=np.uint64)
        known, count = len(self._deltas), len(self.move_steps)
        if count > known:
            changes = self._changes.data[6 * known : 6 * count].reshape(-1, 6).astype(np.int64)
            more = np.zeros((count - known, layout.words + 2), dtype=np.uint64)
            more[:, -1] = self._flags.data[known:count]
            lines = np.arange(len(more))
            for component, before, after in (
                (changes[:, 0], changes[:, 1], changes[:, 2]),
                (changes[:, 3], changes[:, 4], changes[:, 5]),
            ):
                more[lines, layout.word[component]] ^= (before ^ after).astype(np.uint64) << layout.shift[component]
                more[:, layout.words] += (after - before).astype(np.uint64) * self.factors[component]
            self._deltas = np.concatenate([self._deltas, more])
        return self._deltas.reshape(-1) if count else np.zeros(1, dtype=np.uint64)


def _acts(model: Model, instance: int) -> bool:
    declared = model.instances[instance]
    return declared.crash is not None or any(t.kind != "reception" for t in model.role_of[declared.name].transitions)


@lru_cache(maxsize=1)
def _conflicts(looks_at: tuple[int, ...], changes: tuple[int, ...]) -> list[int]:
    """Of each component those among the first 64 whose moves do not commute with its own, as bits."""
    touched = [looks | changed for looks, changed in zip(looks_at, changes, strict=True)]
    return [
        sum(1 << i for i in range(min(64, len(touched))) if changes[i] & touched[c] or changes[c] & looks_at[i])
        for c in range(len(touched))
    ]


def _ints(values: Any) -> Ints:
    return np.array([*values] or [0], dtype=np.int32)
