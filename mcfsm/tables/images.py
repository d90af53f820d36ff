"""Images of local states, contents and observers under permutations, as tables that are filled on demand.

What may live here: how images are numbered and laid out. What an image is says `permutation`. A row of the table of a
component has, for each permutation, the id of the image, in the component whose place it takes; all of a row is filled
at once. Components that no permutation moves, and whose values name nobody who moves, have no table.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from mcfsm.kernel.arrays import UNKNOWN
from mcfsm.model import Content, Local, Variable
from mcfsm.model.permutation import Permutation
from mcfsm.tables.arena import Arena, Entry
from mcfsm.tables.components import Components


class Images:
    """The images of all values of a model's components: of `moved`, in `tables`; none where there are no permutations.

    `origin` has for each permutation and each place in `moved` the place of the component whose image comes there.
    """

    def __init__(self, components: Components, arena: Arena, permutations: tuple[Permutation, ...]) -> None:
        self.components, self.arena, self.permutations = components, arena, permutations
        self.moved = [c for c in range(components.budgets) if self._moves(c)]
        self._table = {c: arena.table(partial(self._fill, c), 8, len(permutations)) for c in self.moved}
        self.tables = list(self._table.values())
        at = {c: i for i, c in enumerate(self.moved)}
        origin = np.zeros((len(self.permutations), len(self.moved)), dtype=np.int32)
        for number, permutation in enumerate(self.permutations):
            for component in self.moved:
                origin[number, at[self._place(permutation, component)]] = at[component]
        self.origin = origin

    @property
    def places(self) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Permutation by instance: the instance whose place it takes; the last is the environment."""
        return np.array([permutation.instances for permutation in self.permutations], dtype=np.int64)

    def least(self, ids: list[int]) -> tuple[list[int], int]:
        """What `canonical` makes of the ids of a row, and by which permutation; entries that are missing are filled."""
        mine = [ids[c] for c in self.moved]
        found = min(
            (tuple(self._image(self.moved[o], mine[o], p) for o in self.origin[p].tolist()), p)
            for p in range(len(self.permutations))
        )
        image = list(ids)
        for component, id_ in zip(self.moved, found[0], strict=True):
            image[component] = id_
        return image, found[1]

    def fixing(
        self, rows: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    ) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """Of each of some rows of component ids which permutations leave it as it is: rows by permutations."""
        found = np.ones((len(rows), len(self.permutations)), dtype=np.bool_)
        for at, component in enumerate(self.moved):
            known, place = np.unique(rows[:, component], return_inverse=True)
            images = np.array(
                [[self._image(component, i, p) for p in range(len(self.permutations))] for i in known.tolist()]
            )
            for number in range(len(self.permutations)):
                to = int(np.flatnonzero(self.origin[number] == at)[0])
                found[:, number] &= images[place, number] == rows[:, self.moved[to]]
        return found

    def _image(self, component: int, id_: int, permutation: int) -> int:
        table = self._table[component]
        found = self.arena.entry(table, id_, permutation)
        if found == UNKNOWN:
            found = self.arena.fill(table, id_, permutation, self.components.encoding.all)
        return found

    def _fill(self, component: int, entry: Entry) -> int:
        components, value = self.components, self.components.value(component, entry.row)
        entries = []
        for permutation in self.permutations:
            image: Local | Content
            if component < components.first_channel:
                image = permutation.local(self._variables(component), value)
            else:
                image = permutation.content(component - components.first_channel, value)
            entries.append(components.intern(self._place(permutation, component), image))
        for number, id_ in enumerate(entries):
            self.arena.enter(self._table[component], entry.row, number, id_)
        return entries[entry.column]

    def _variables(self, component: int) -> tuple[Variable, ...]:
        return self.components.model.variables_at(component)

    def _place(self, permutation: Permutation, component: int) -> int:
        """The component whose place a component takes."""
        first = self.components.first_channel
        if component < self.components.instances:
            return permutation.instances[component]
        return component if component < first else first + permutation.channels[component - first]

    def _moves(self, component: int) -> bool:
        """Whether some permutation moves a component, or changes a value of it."""
        model, first = self.components.model, self.components.first_channel
        if any(self._place(permutation, component) != component for permutation in self.permutations):
            return True
        if component < first:
            domains = [variable.domain for variable in self._variables(component)]
        else:
            domains = [domain for form in model.messages for _, domain, _ in form.elements]
        return any(permutation.concerns(domain) for permutation in self.permutations for domain in domains)
