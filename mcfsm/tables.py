"""Local steps, channel contents and observers as tables of small integers, filled on demand through the product.

What may live here: interning, layouts, and entries that are computed by calling `product.py` and `role.py` - never a
second opinion on what a step is. What may not: search, and anything that looks at a joint state as a whole.

A component is an instance, an observer, a channel, the budgets together, or the freeze; its local states, contents or
values are numbered as they are met. An entry of a table that the kernel asks for and does not find is filled by one
call into Python, between two batches of states; `calls` says how many there were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.domains import Value
from mcfsm.filling import Filling, interest
from mcfsm.model import Model
from mcfsm.problems import ModelError, Problem
from mcfsm.product import FREEZE_EVENT, Product, State
from mcfsm.role import Event, Outcome

UNKNOWN = -1  # the entry of a table that is not filled yet; FULL and EXHAUSTED are no ids either
BLOCK, LOSE, ERROR = 0, 1, 2  # what a full channel does
MOST_LOCALS = 200_000  # local states of one instance, contents of one channel
MOST_ENTRIES = 1 << 28  # of all tables together

Ints = NDArray[np.int32]
Words = NDArray[np.uint64]


class Arrays(NamedTuple):
    """The tables as the kernel reads them; all ids and offsets are int32, hashes uint64."""

    arena: Ints  # every table, one after another
    offset: Ints  # of a table in the arena
    height: Ints  # rows of a table
    stride: Ints  # from one row of a table to the next
    groups: Ints  # group: first move, one past the last; first unspecified reception, one past the last
    moves: Ints  # move: what remains of the content, budget or -1, flags (see filling), first send, one past the last
    move_labels: Ints  # move x observers: what the observer sees
    deltas: Words  # move: what it changes of each word of a row and of the hash, but for sends, budget and observers
    sends: Ints  # send: channel, id of the message among those of its channel, the overflow that it would be
    faults: Ints  # the subjects of groups' unspecified receptions
    zobrist: Words  # component and id to hash
    zobrist_at: Ints  # component: where its hashes begin
    receiver: Ints  # channel: the instance that receives from it
    full: Ints  # channel: what it does when full
    waits: Ints  # channel: 1 if a message in it keeps everybody from rest
    freeze_labels: Ints  # observer: what it sees of the freeze
    shape: Ints  # instances, observers, channels, whether freeze is allowed


class _Column:
    """A growing array."""

    def __init__(self, dtype: Any = np.int32) -> None:
        self.data = np.zeros(64, dtype=dtype)
        self.size = 0

    def extend(self, values: Iterable[int]) -> None:
        """Append some values."""
        for value in values:
            if self.size == len(self.data):
                self.data = np.concatenate([self.data, np.zeros_like(self.data)])
            self.data[self.size] = value
            self.size += 1

    @property
    def used(self) -> Any:
        """The values there are; one zero where there are none."""
        return self.data[: max(1, self.size)]


class _Names:
    """Values numbered as they are met."""

    def __init__(self) -> None:
        self.ids: dict[Any, int] = {}
        self.values: list[Any] = []

    def of(self, value: Any) -> int:
        """The number of a value, a new one where it has none."""
        found = self.ids.get(value)
        if found is None:
            found = self.ids[value] = len(self.values)
            self.values.append(value)
        return found

    def __len__(self) -> int:
        return len(self.values)


class Layout(NamedTuple):
    """Where each component's id stands in a row of 64-bit words."""

    word: Ints
    shift: Words
    mask: Words
    words: int


class Tables(Filling):
    """All tables of a model. `fill` computes entries; `arrays` is what the kernel reads."""

    def __init__(self, model: Model, *, avoid: frozenset[str] = frozenset()) -> None:
        self.model = model
        self.product = Product(model, avoid=avoid)
        self.avoid = avoid
        self.instances, self.observers = len(model.instances), len(model.observers)
        self.channels = len(model.channels)
        self.first_channel = self.instances + self.observers
        self.budget_component = self.first_channel + self.channels
        self.freeze_component = self.budget_component + 1
        self.components = self.freeze_component + 1
        self.names = [_Names() for _ in range(self.components)]
        self.messages = [_Names() for _ in model.channels]
        self.labels = [_Names() for _ in model.observers]
        for labels in self.labels:
            labels.of(())  # label 0: nothing that concerns the observer
        self.subjects = _Names()  # (check, subject) of faults
        self.calls = 0
        self._arena = np.full(1 << 12, UNKNOWN, dtype=np.int32)
        self._arena_used = 0
        self._tables: list[list[int]] = []  # offset, rows, columns
        self._kinds: list[tuple[str, int]] = []
        self.fillers: dict[str, Callable[[int, int, int], int]] = {
            "spontaneous": self._fill_spontaneous,
            "receive": self._fill_receive,
            "push": self._fill_push,
            "observe": self._fill_observe,
            "spend": self._fill_spend,
        }
        self._groups, self._moves, self._sends, self._faults, self._labels = (_Column() for _ in range(5))
        self._changes = _Column()  # move: instance, local before and after, channel or -1, content before and after
        self._hashes = _Column(np.uint64)  # move: what it changes of the hash
        self._deltas = np.zeros((0, 1), dtype=np.uint64)
        self._layout: Layout | None = None
        self.move_steps: list[tuple[int, Event | None, Outcome | None]] = []  # move: instance, event, outcome
        self.zobrist = [np.zeros(0, dtype=np.uint64) for _ in range(self.components)]
        self.spontaneous = [self.table("spontaneous", i, 1, 8) for i in range(self.instances)]
        self.final = [self.table("final", i, 1, 8) for i in range(self.instances)]
        self.receive = [self.table("receive", c, 8, 8) for c in range(self.channels)]
        self.push = [self.table("push", c, 8, 8) for c in range(self.channels)]
        self.observe = [self.table("observe", o, 8, 8) for o in range(self.observers)]
        self.spend = self.table("spend", 0, max(1, len(model.budgets)), 8)
        self._interesting = [interest(w.observer) for w in self.product.watchers]
        self._freeze_labels = [self._label(o, [FREEZE_EVENT]) for o in range(self.observers)]
        self._sources = [model.index_of[c.sender] for c in model.channels]
        self._receivers = [model.index_of[c.receiver] for c in model.channels]

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

    def _exploded(self, component: int) -> ModelError:
        """Which variables of the instance take so many values."""
        if component >= self.first_channel:
            name = self.model.channels[component - self.first_channel].name
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

    def prepare(self) -> None:
        """Make every table large enough for the ids there are, and know every local state's rest and every hash."""
        for i in range(self.instances):
            locals_ = self.names[i].values
            offset, _, columns = self._tables[self.final[i]]
            for j in range(len(locals_)):
                if j >= columns or self._arena[offset + j] == UNKNOWN:
                    self.enter(self.final[i], 0, j, int(self.product.machines[i].final(locals_[j])))
                    offset, _, columns = self._tables[self.final[i]]
            self.reach(self.spontaneous[i], 0, len(locals_))
        for c in range(self.channels):
            contents = len(self.names[self.first_channel + c])
            self.reach(self.receive[c], contents, len(self.names[self._receivers[c]]))
            self.reach(self.push[c], contents, len(self.messages[c]))
        for o in range(self.observers):
            self.reach(self.observe[o], len(self.names[self.instances + o]), len(self.labels[o]))
        self.reach(self.spend, 0, len(self.names[self.budget_component]))
        for component, names in enumerate(self.names):
            self._hash(component, len(names))

    def hash_of(self, component: int, id_: int) -> Any:
        """The hash of a component's id."""
        self._hash(component, id_ + 1)
        return self.zobrist[component][id_]

    def _hash(self, component: int, count: int) -> None:
        known = len(self.zobrist[component])
        if known < count:
            ids = np.arange(max(16, 2 * count), dtype=np.uint64)
            self.zobrist[component] = _mix(ids + (np.uint64(component + 1) << np.uint64(40)))

    def arrays(self, layout: Layout) -> Arrays:
        """The tables as they are now, for rows of a layout."""
        self.prepare()
        tables = np.array(self._tables, dtype=np.int32)
        starts = np.cumsum([0, *(len(z) for z in self.zobrist)])[:-1]
        return Arrays(
            arena=self._arena,
            offset=tables[:, 0].copy(),
            height=tables[:, 1].copy(),
            stride=tables[:, 2].copy(),
            groups=self._groups.used,
            moves=self._moves.used,
            move_labels=self._labels.used,
            deltas=self._moved(layout),
            sends=self._sends.used,
            faults=self._faults.used,
            zobrist=np.concatenate(self.zobrist),
            zobrist_at=starts.astype(np.int32),
            receiver=_ints(self._receivers),
            full=_ints([{"block": BLOCK, "lose": LOSE, "error": ERROR}[c.when_full] for c in self.model.channels]),
            waits=_ints([c.kind != "set" for c in self.model.channels]),
            freeze_labels=_ints(self._freeze_labels),
            shape=_ints([self.instances, self.observers, self.channels, self.model.allows_freeze]),
        )

    def _moved(self, layout: Layout) -> Words:
        """What each move changes of a row's words and of its hash: computed for new moves, anew for a new layout."""
        if layout is not self._layout:
            self._layout, self._deltas = layout, np.zeros((0, layout.words + 1), dtype=np.uint64)
        known, count = len(self._deltas), len(self.move_steps)
        if count > known:
            changes = self._changes.data[6 * known : 6 * count].reshape(-1, 6).astype(np.int64)
            more = np.zeros((count - known, layout.words + 1), dtype=np.uint64)
            lines = np.arange(len(more))
            for component, before, after in (
                (changes[:, 0], changes[:, 1], changes[:, 2]),
                (np.maximum(changes[:, 3], 0) + self.first_channel, changes[:, 4], changes[:, 5]),
            ):
                component = np.minimum(component, self.components - 1)
                more[lines, layout.word[component]] ^= (before ^ after).astype(np.uint64) << layout.shift[component]
            more[:, layout.words] = self._hashes.data[known:count]
            self._deltas = np.concatenate([self._deltas, more])
        return self._deltas.reshape(-1) if count else np.zeros(1, dtype=np.uint64)


def lay_out(counts: list[int]) -> Layout:
    """Bits for each component's ids: those in use, and in turn one more where no further word is needed for it."""
    bits = [max(1, (count - 1).bit_length()) for count in counts]
    words = len(_fit(bits))
    growing = [c for c, count in enumerate(counts[:-1]) if count > 1]
    while growing:
        for component in list(growing):
            bits[component] += 1
            if len(_fit(bits)) > words or bits[component] > 32:
                bits[component] -= 1
                growing.remove(component)
    word, shift = np.zeros(len(bits), dtype=np.int32), np.zeros(len(bits), dtype=np.uint64)
    for place, parts in enumerate(_fit(bits)):
        at = 0
        for component in parts:
            word[component], shift[component] = place, at
            at += bits[component]
    return Layout(word, shift, np.array([(1 << b) - 1 for b in bits], dtype=np.uint64), words)


def _fit(bits: list[int]) -> list[list[int]]:
    """Components into words of 64 bits, the widest first, each into the first word that has room."""
    words: list[list[int]] = []
    room: list[int] = []
    for component in sorted(range(len(bits)), key=lambda c: -bits[c]):
        place = next((w for w, left in enumerate(room) if left >= bits[component]), len(words))
        if place == len(words):
            words.append([])
            room.append(64)
        words[place].append(component)
        room[place] -= bits[component]
    return words


def _mix(values: Words) -> Words:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014), element by element."""
    with np.errstate(over="ignore"):
        z = values * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _ints(values: Any) -> Ints:
    return np.array([*values] or [0], dtype=np.int32)
