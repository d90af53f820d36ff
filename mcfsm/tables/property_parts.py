"""The operations that properties are made of, each with a table of its own whose entries are computed when asked for.

What may live here: when an operation is computed, and of what. What may not: what it computes: `properties` says it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial, reduce
from operator import or_
from typing import Any

from mcfsm.expressions.domains import Value
from mcfsm.kernel.arrays import ALL, UNKNOWN
from mcfsm.semantics.steps import State
from mcfsm.tables.arena import Entry
from mcfsm.tables.property_program import Join, ProgramPart
from mcfsm.tables.tables import Tables


class PropertyParts:
    """The operations over the tables of a model, or of a family as one of its variants has it. Those alike are one."""

    def __init__(self, tables: Tables, variant: int) -> None:
        self.tables, self.variant, self.components = tables, variant, tables.components
        self.listed: list[ProgramPart] = []
        self._known: dict[Any, int] = {}
        self._classes: dict[tuple[int, ...], ProgramPart] = {}

    def column(self, key: Any, component: int, compute: Callable[[State], Value], reads: int = 0) -> int:
        """The operation that computes a value of a component. Of a local state it depends on the bits `reads` alone."""
        return self._part(key, component, -1, -1, lambda id_: compute(self.only(component, id_)), reads=reads)

    def unary(self, key: Any, part: int, compute: Callable[[Value], Value]) -> int:
        """The operation that computes a value of that of another one."""
        return self.join(("unary", key), part, part, lambda value, _: compute(value))

    def join(self, key: Any, first: int, second: int, compute: Join, short: tuple[Value, Value] | None = None) -> int:
        """The operation that computes a value of those of two others; `short` says what the first decides alone."""
        return self._part(("join", key, first, second), -1, first, second, compute, short=short)

    def classes(self, columns: tuple[int, ...]) -> ProgramPart:
        """The classes of the values of a component: of one are those of which some columns of it all say the same."""
        if columns not in self._classes:
            parts = [self.listed[op] for op in columns]
            reads = reduce(or_, (part.reads for part in parts))
            classes = ProgramPart(parts[0].component, -1, -1, partial(self._all_of, parts), {}, [], reads=reads)
            self._classes[columns] = self._with_table(classes, journaled=False)
        return self._classes[columns]

    def _all_of(self, columns: list[ProgramPart], id_: int) -> tuple[int, ...]:
        """What some columns of a component say of a value of it, by the numbers of that."""
        arena, found = self.tables.arena, []
        for part in columns:
            known = arena.entry(part.table, 0, id_)
            found.append(arena.fill(part.table, 0, id_, ALL) if known == UNKNOWN else known)
        return tuple(found)

    def number_short(self) -> None:
        """Number what first values decide alone: now, so that no number depends on when a program is written."""
        for part in self.listed:
            if part.short is not None:
                self.listed[part.first].number(part.short[0])
                part.number(part.short[1])

    def only(self, component: int, id_: int) -> State:
        """A joint state of which one component alone is looked at."""
        return self.components.with_value(self.variant, self._first, component, id_)

    def _part(
        self, key: Any, component: int, first: int, second: int, compute: Callable[..., Value], **more: Any
    ) -> int:
        if key not in self._known:
            self.listed.append(self._with_table(ProgramPart(component, first, second, compute, {}, [], **more)))
            self._known[key] = len(self.listed) - 1
        return self._known[key]

    def _with_table(self, part: ProgramPart, *, journaled: bool = True) -> ProgramPart:
        column = part.component >= 0
        bulk = partial(self._fill_row, part) if 0 <= part.component < self.components.first_channel else None
        fill, rows = partial(self._fill, part), 1 if column else 4
        part.table = self.tables.arena.table(fill, rows, 4, bulk, journaled=journaled)
        return part

    def _fill(self, part: ProgramPart, entry: Entry) -> int:
        if part.component < 0:
            first, second = self.listed[part.first].values[entry.row], self.listed[part.second].values[entry.column]
            return part.number(part.compute(first, second))
        if part.component >= self.components.first_channel:
            return part.number(part.compute(entry.column))
        code = self.components.locals[part.component].codes[entry.column] & part.reads
        if code not in part.known:
            part.known[code] = part.number(part.compute(entry.column))
        return part.known[code]

    def _fill_row(self, part: ProgramPart, row: int, local_ids: list[int]) -> list[int]:
        codes, reads, known = self.components.locals[part.component].codes, part.reads, part.known
        found = []
        for local_id in local_ids:
            value = known.get(codes[local_id] & reads)
            found.append(self._fill(part, Entry(row, local_id, 0)) if value is None else value)
        return found

    @cached_property
    def _first(self) -> State:
        return self.components.decode_row(self.variant, [0] * self.components.count)
