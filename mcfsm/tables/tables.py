"""Local steps, channel contents and observers as tables of small integers: what there is of them, put together.

What may live here: which tables there are. What may not: search, and anything that looks at a joint state as a whole.
What the parts know is said in their own modules: `components` numbers values, `arena` lays entries out, `filling`
and `effects` compute them, `moves` and `surroundings` write down what steps do, `packing` makes arrays of it all.
"""

from __future__ import annotations

from functools import cached_property, partial

from mcfsm.host.timing import Filled, current
from mcfsm.kernel.arrays import CONTENT, Arrays
from mcfsm.kernel.rows import Layout
from mcfsm.model import Model
from mcfsm.model.permutation import Permutation
from mcfsm.semantics.product import Product
from mcfsm.tables.arena import Arena
from mcfsm.tables.components import Components
from mcfsm.tables.effects import EffectFillers
from mcfsm.tables.filling import Fillers
from mcfsm.tables.images import Images
from mcfsm.tables.moves import Moves
from mcfsm.tables.packing import Packer
from mcfsm.tables.surroundings import Surroundings
from mcfsm.tables.variant_encoding import VariantEncoding

ROOM = 8  # rows and columns that a table has before it holds anything: a power of two, as it is doubled


class Tables:
    """The tables of a family of models, which most often is one model. `avoid` names transitions that are left out.

    `permutations` are those of interchangeable instances, if joint states are looked at up to them.
    """

    def __init__(
        self, *models: Model, avoid: frozenset[str] = frozenset(), permutations: tuple[Permutation, ...] = ()
    ) -> None:
        self.encoding = VariantEncoding(models, avoid=avoid)
        self.model: Model = models[0]
        self.product: Product = self.encoding.product(0)
        self.components, self.arena = Components(self.encoding), Arena()
        self.moves, self.around = Moves(self.components), Surroundings(self.components)
        self.fillers = fill = Fillers(self.components, self.arena, self.moves, self.around)
        effects = EffectFillers(self.components, self.around)
        self.rests, self.subjects = effects.rests, self.around.subjects
        table, instances, channels = self.arena.table, range(self.components.instances), range(self.components.channels)
        self.context = table(fill.fill_context, ROOM, 2)
        self.spontaneous = fill.spontaneous
        self.spontaneous += [
            table(
                partial(fill.fill_spontaneous, i),
                1,  # contexts, of which most models have one, and each has room for all local states
                ROOM,
                partial(fill.fill_spontaneous_row, i) if self._plain(i) else None,  # asked of one model alone
            )
            for i in instances
        ]
        self.final = [
            table(partial(effects.fill_final, i), 1, ROOM, partial(effects.fill_final_row, i)) for i in instances
        ]
        self.contents = fill.contents
        self.contents += [table(partial(fill.fill_content, c), ROOM, CONTENT) for c in channels]
        self.receive, self.heads = fill.receive, fill.heads
        self.receive += [
            table(partial(fill.fill_receive, c), 1, ROOM, partial(fill.fill_receive_row, c)) for c in channels
        ]
        self.push = [table(partial(effects.fill_push, c), ROOM, ROOM) for c in channels]
        self.observe = [table(partial(effects.fill_observe, o), ROOM, ROOM) for o in range(self.components.observers)]
        self.spend = table(effects.fill_spend, ROOM, 1 << len(self.model.budgets).bit_length())
        self.freeze = table(fill.fill_freeze, ROOM, 2)
        self.images = Images(self.components, self.arena, permutations)
        self.of_moves = len(self.arena.shapes)  # tables; those after them are of properties
        self._rested = [0 for _ in instances]  # of how many local states it is known who may rest in them
        self._acts = [
            any(_acts(self.encoding.models[class_.first], i) for class_ in classes)
            for i, classes in enumerate(self.encoding.instances)
        ]
        self._packer = Packer(self)

    def _plain(self, instance: int) -> bool:
        """Whether an instance never crashes, and asks nothing of channels."""
        return self.model.instances[instance].crash is None and not self.product.machines[instance].asks

    def acts(self, instance: int) -> bool:
        """Whether an instance ever does something without a message, or may crash."""
        return self._acts[instance]

    def fill(self, table: int, row: int, column: int, variants: int) -> None:
        """Compute one entry that the kernel asked for. Raises ModelError where a value leaves its domain."""
        self.arena.fill(table, row, column, variants)

    def fill_row(self, table: int, row: int, columns: list[int]) -> None:
        """Compute entries of one row of a table, for all variants. Raises ModelError likewise."""
        self.arena.fill_row(table, row, columns, self.encoding.all)

    # ---- what is filled for what

    def phase_of(self, table: int) -> str:
        """The phase of time that the filling of a table is of."""
        return "properties" if table >= self.of_moves else "symmetry" if table in self.images.tables else "filling"

    def note(self, table: int, entries: int, seconds: float) -> None:
        """Note in the account, if one is kept, that entries of a table were filled."""
        kept = current()
        if kept is not None and self.phase_of(table) == "filling":
            one = kept.filled.setdefault(self._names.get(table, "budgets and the freeze"), Filled())
            one.entries, one.seconds = one.entries + entries, one.seconds + seconds

    def note_sizes(self) -> None:
        """Note of what took most, where that matters, how much there is of it."""
        kept = current()
        what = None if kept is None else kept.dominant
        for table, name in self._names.items():
            if kept is not None and name == what and table in self._sized:
                kept.filled[name].size = kept.filled[name].size or self.components.size(self._sized[table])

    @cached_property
    def _names(self) -> dict[int, str]:
        """Table to the role, channel or observer whose it is."""
        roles = [f"role {instance.role}" for instance in self.model.instances]
        channels = [f"channel {' -> '.join(link)}" for link in self.encoding.links]
        receivers = [roles[receiver] for receiver in self.components.receivers]
        observers = [f"observer {observer.name}" for observer in self.model.observers]
        tables = [*self.spontaneous, *self.receive, *self.contents, *self.push, *self.observe]
        return dict(zip(tables, [*roles, *receivers, *channels, *channels, *observers], strict=True))

    @cached_property
    def _sized(self) -> dict[int, int]:
        """Of some tables the component that their size depends on."""
        first = self.components.first_channel
        components = [*range(self.components.instances), *range(first, self.components.budgets)]
        return dict(zip([*self.spontaneous, *self.contents], components, strict=True))

    def prepare(self) -> None:
        """Make every table large enough for the ids there are, and know every local state's rest."""
        names, reach, contexts = self.components.names, self.arena.reach, len(self.fillers.contexts)
        for i, table in enumerate(self.final):
            if len(names[i]) > self._rested[i]:
                self.fill_row(table, 0, [*range(self._rested[i], len(names[i]))])
                self._rested[i] = len(names[i])
            reach(self.spontaneous[i], contexts, len(names[i]))
        for c in range(self.components.channels):
            contents = len(names[self.components.first_channel + c])
            reach(self.contents[c], contents)
            reach(self.receive[c], len(self.heads[c]), len(names[self.components.receivers[c]]))
            reach(self.push[c], contents, len(self.around.messages[c]))
        for o, table in enumerate(self.observe):
            reach(table, len(names[self.components.instances + o]), len(self.around.labels[o]))
        for table in (self.spend, self.context):
            reach(table, len(names[self.components.budgets]))
        reach(self.freeze, contexts)
        for component, table in zip(self.images.moved, self.images.tables, strict=True):
            reach(table, len(names[component]))

    def arrays(self, layout: Layout) -> Arrays:
        """The tables as they are now, for rows of a layout."""
        self.prepare()
        return self._packer.arrays(layout)


def _acts(model: Model, instance: int) -> bool:
    declared = model.instances[instance]
    return declared.crash is not None or any(t.kind != "reception" for t in model.role_of[declared.name].transitions)
