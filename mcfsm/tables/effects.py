"""The entries of tables that say what a step leads to outside its instance, and where everybody may rest.

What may live here: what becomes of a channel, an observer, a budget. What may not: which steps there are, which
`filling` says.
"""

from __future__ import annotations

from mcfsm.kernel.arrays import IMPOSSIBLE, OVERFLOWS
from mcfsm.semantics.observer import Seen
from mcfsm.tables.arena import Entry
from mcfsm.tables.components import CONTROL, Components
from mcfsm.tables.interning import Interner
from mcfsm.tables.surroundings import ContentTest, Failing, Surroundings


class EffectFillers:
    """The fillers of the tables of effects, and of rest."""

    def __init__(self, components: Components, around: Surroundings) -> None:
        self.components, self.encoding, self.around = components, components.encoding, around
        self.rests = Interner()  # the sets of variants (bit masks) that may rest somewhere
        self._resting: dict[tuple[int, int], int] = {}  # instance and control state

    def fill_push(self, channel: int, entry: Entry) -> int:
        """Row: content, column: message sent. The content with it, or what its channel does where it is full.

        Where the column is a question, the content as it is, if that is how it answers.
        """
        component, encoding = self.components.first_channel + channel, self.encoding
        which, message = self.around.messages[channel].values[entry.column]
        if isinstance(message, Failing):
            raise message.error
        if isinstance(message, ContentTest):
            answer = message.question.answer(self.components.value(component, entry.row))
            return entry.row if answer == message.answer else IMPOSSIBLE
        variant = encoding.channels[channel][which].first
        own, content = encoding.decode_channel(variant, channel), self.components.value(component, entry.row)
        assert own is not None  # where something is sent
        product, declared = encoding.product(variant), encoding.models[variant].channels[own]
        looks = declared.kind != "fifo"  # which takes any message as it is
        if looks:
            content, message = encoding.decode_content(variant, content), encoding.decode_message(variant, message)
        joined, _ = product.join(own, content, message)
        if joined is None:
            return OVERFLOWS if product.overflows(own) else IMPOSSIBLE
        return self.components.intern(component, encoding.encode_content(variant, joined) if looks else joined)

    def fill_spend(self, entry: Entry) -> int:
        """Row: budgets, column: the one that is used up. The budgets that are left."""
        component = self.components.budgets
        left = self.encoding.product(0).spend(self.components.value(component, entry.row), entry.column)
        return IMPOSSIBLE if left is None else self.components.intern(component, left)

    def fill_observe(self, observer: int, entry: Entry) -> int:
        """Row: local state of an observer, column: what it sees. Its local state then."""
        component, encoding = self.components.instances + observer, self.encoding
        which, kept = self.around.labels[observer].values[entry.column]
        variant = encoding.observers[observer][which].first
        local = encoding.decode_local(variant, component, self.components.value(component, entry.row))
        events = [Seen(event, name, dict(frame)) for event, name, frame in kept]
        after = encoding.product(variant).observers[observer].see(local, events)
        return self.components.intern(component, encoding.encode_local(variant, component, after))

    def fill_final(self, instance: int, entry: Entry) -> int:
        """Column: local state. Which variants may rest in it, by the number of their set."""
        states = self.components.locals[instance]
        control = states.codes[entry.column] & CONTROL  # rest depends on nothing else
        found = self._resting.get((instance, control))
        if found is None:
            variants = 0
            for class_ in self.encoding.instances[instance]:
                own = self.encoding.decode_local(class_.first, instance, states.values[entry.column])
                final = self.encoding.product(class_.first).machines[instance].final(own)
                variants |= class_.variants if final else 0
            found = self._resting[instance, control] = self.rests.intern(variants)
        return found

    def fill_final_row(self, instance: int, _: int, local_ids: list[int]) -> list[int]:
        """The same of many local states at once."""
        codes = self.components.locals[instance].codes
        found = []
        for local_id in local_ids:
            known = self._resting.get((instance, codes[local_id] & CONTROL))
            found.append(self.fill_final(instance, Entry(0, local_id, 0)) if known is None else known)
        return found
