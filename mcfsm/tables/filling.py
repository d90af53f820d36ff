"""The entries of the tables, each computed by calling the product once: the outcomes of local steps become moves.

What may live here: what an entry of a table is made of. What may not: how entries, moves and groups are laid out, and a
second opinion on what a step is.

What a model's own definition says is asked of the first variant of each class of variants.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mcfsm.kernel.arrays import BY_FREEZE, CHAINED, FAULT, IN_ORDER, OF_FAULTS, UNKNOWN, Ints
from mcfsm.model import FREEZABLE, Channel, Local, Message
from mcfsm.semantics.asking import Answers
from mcfsm.semantics.fairness import fair_set
from mcfsm.semantics.faults import InstanceFault
from mcfsm.semantics.product import FREEZE_EVENT
from mcfsm.semantics.role import Event
from mcfsm.semantics.transition import IGNORE, Outcome
from mcfsm.tables.arena import Arena, Entry
from mcfsm.tables.components import Components
from mcfsm.tables.interning import GrowingArray, Interner
from mcfsm.tables.local_steps import LocalStep, LocalSteps
from mcfsm.tables.moves import Effects, Meaning, Moves
from mcfsm.tables.surroundings import Surroundings
from mcfsm.tables.variant_encoding import VariantClass

MANY = 16  # local states whose groups are written down at once in less time than one by one
FORBIDDEN = -1  # in the place of a step's number: nobody takes it there
Sends = tuple[tuple[int, Message], ...]


@dataclass(slots=True)
class _Known:
    """What all moves by one local step have in common in a class of variants."""

    meaning: int  # its number
    flags: int
    budget: str | None
    takers: VariantClass  # those that do not avoid it
    everywhere: tuple[Effects, ...] = ()  # as long as nobody asked, and where observers see each move differently

    @property
    def avoided(self) -> bool:
        """Whether none of them takes it."""
        return not self.takers.variants


class _Rows(NamedTuple):
    """Local steps of an instance as a class of variants defines it, by local state."""

    class_: VariantClass
    instance: int
    steps: list[list[LocalStep]]


class _Numbered:
    """Steps by number, or FORBIDDEN; by number the meaning and the last word of the record of a move by it."""

    def __init__(self) -> None:
        self.numbers: dict[LocalStep, int] = {}
        self.meanings, self.words = GrowingArray(), GrowingArray(np.uint64)


class Fillers:
    """The fillers of all tables of a model or family. `spontaneous` and `receive` are the tables of groups."""

    def __init__(self, components: Components, arena: Arena, moves: Moves, around: Surroundings) -> None:
        self.components, self.encoding = components, components.encoding
        self.arena, self.moves, self.around = arena, moves, around
        self.contexts = Interner()  # which budgets have something left, and whether the model is frozen
        self.spontaneous: list[int] = []  # tables by instance,
        self.contents: list[int] = []  # and by channel: of what a content does by itself, and of receptions
        self.receive: list[int] = []
        self.heads = [Interner() for _ in components.encoding.links]  # of each channel, the messages it offers
        self._environment = components.instances
        self._budgets = [self._budgets_of(i) for i in range(components.instances)]
        self._steps: dict[int, LocalSteps] = {}  # by the machine, which variants share
        self._known: dict[tuple[VariantClass, int], dict[LocalStep, _Known]] = {}
        self._alike: dict[tuple[VariantClass, int, int, Event | None, Sends, Answers], _Known] = {}
        # instance and context, or channel and message: the steps that were met there
        self._numbered: dict[tuple[int, int], _Numbered] = {}

    # ---- contexts

    def fill_context(self, entry: Entry) -> int:
        """Row: budgets, column: whether frozen. The context that these are."""
        budgets = self.components.value(self.components.budgets, entry.row)
        left = tuple(self.encoding.product(0).spend(budgets, i) is not None for i in range(len(budgets)))
        known, context = len(self.contexts), self.contexts.intern((left, bool(entry.column)))
        if context == known:  # what one context says of a component, all say that do not differ for it
            for i, table in enumerate(self.spontaneous):
                kin = self._kin(i, context)[0]  # the oldest; itself, of which nothing is known, where it has no other
                for local_id, group in self.arena.row(table, kin):
                    self.arena.enter(table, context, local_id, group)
        return context

    def _budgets_of(self, instance: int) -> frozenset[int]:
        """The budgets that an instance may use up."""
        named: set[str | None] = set()
        for class_ in self.encoding.instances[instance]:
            model = self.encoding.models[class_.first]
            crash = model.instances[instance].crash
            named |= {transition.budget for transition in model.role_of[model.instances[instance].name].transitions}
            named |= {None if crash is None else crash.budget}
        return frozenset(self.components.model.budget_of[budget] for budget in named if budget is not None)

    def _kin(self, instance: int, context: int) -> list[int]:
        """The contexts in which an instance may do what it may do in this one, itself among them."""
        budgets = self._budgets[instance]
        left, frozen = self.contexts.values[context]
        return [
            other
            for other, (its, it) in enumerate(self.contexts.values)
            if it == frozen and all(its[i] == left[i] for i in budgets)
        ]

    def _lets(self, context: int, budget: str | None, restrained: bool) -> bool:
        """Whether a context leaves a step the budget that it uses up, and does not freeze it."""
        left, frozen = self.contexts.values[context]
        return (budget is None or left[self.components.model.budget_of[budget]]) and not (restrained and frozen)

    # ---- groups

    def fill_spontaneous(self, instance: int, entry: Entry) -> int:
        """Row: context, column: local state. The group of all that an instance does by itself."""
        context, local_id, variants = entry
        table = self.spontaneous[instance]
        older = self.arena.entry(table, context, local_id)
        asking = self._asking(self.encoding.instances[instance], variants, older)
        states, enter = self.components.locals[instance], self.moves.enter
        ids = states.ids
        code = states.codes[local_id]
        for class_ in asking:
            steps = self.local_steps(class_.first, instance)
            known = self._known.setdefault((class_, instance), {})
            for step in steps.spontaneous(local_id):
                if step.error is not None:
                    fails = self.around.failing(class_, step.answers, step.error)
                    enter(self._nobodys(instance), 0, (instance, local_id, local_id), (fails,))
                    continue
                says = known.get(step) or self._learn(class_, instance, step)
                if says.avoided or not self._lets(context, says.budget, says.flags != 0):
                    continue
                after = ids.get(code & step.keep | step.bits)
                if after is None:
                    after = self.components.intern_code(instance, step.after(code))
                everywhere = says.everywhere or self._everywhere(class_, instance, local_id, after, step)
                enter(says.meaning, says.flags, (instance, local_id, after), everywhere)
            for possible in self.encoding.product(class_.first).instance_faults(instance, steps.own(local_id)):
                self._enter_fault(class_, context, instance, local_id, possible)
        looked_at = [self.components.budgets] if self._budgets[instance] else []
        machine = self.encoding.product(0).machines[instance]
        looked_at += [self.components.first_channel + c for c in machine.channels] if machine.asks else []
        group = self.moves.group(instance, looked_at, _all(asking), older)
        for kin in self._kin(instance, context):
            self.arena.enter(table, kin, local_id, group)
        return group

    def fill_spontaneous_row(self, instance: int, context: int, local_ids: list[int]) -> Ints:
        """Row: context. The groups of many local states at once, in one model, of an instance that never crashes."""
        (class_,) = self.encoding.instances[instance]
        steps = self.local_steps(class_.first, instance)
        known = self._numbered.setdefault((instance, context), _Numbered())
        rows = _Rows(class_, instance, [steps.spontaneous(local_id) for local_id in local_ids])
        looked_at = [self.components.budgets] if self._budgets[instance] else []
        groups = self._groups_at_once(rows, local_ids, known, instance, looked_at, context=context)
        for kin in self._kin(instance, context):
            self.arena.enter_row(self.spontaneous[instance], kin, local_ids, groups)
        return groups

    def fill_receive_row(self, channel: int, head: int, local_ids: list[int]) -> Ints | list[int]:
        """Row: message. The groups of what it leads to in many local states at once, in one model."""
        (class_,) = self.encoding.receptions[channel]
        if len(local_ids) < MANY:
            return [self.fill_receive(channel, Entry(head, local_id, class_.variants)) for local_id in local_ids]
        instance, component = self.components.receivers[channel], self.components.first_channel + channel
        declared, event = self._received(class_, channel, head)
        product, steps = self.encoding.product(class_.first), self.local_steps(class_.first, instance)
        a_set = declared.kind == "set"
        groups = np.full(len(local_ids), UNKNOWN, dtype=np.int32)
        together, leading = list[int](), list[list[LocalStep]]()
        for at, local_id in enumerate(local_ids):
            reception, received = steps.reception(local_id, event), steps.received(local_id, event)
            taken = (step.transition for step in received)
            if reception == "deferred" or (not a_set and product.silent(instance, reception, taken)):
                groups[at] = self.fill_receive(channel, Entry(head, local_id, class_.variants))
                continue
            together.append(at)
            leading.append([] if a_set and reception == "ignored" else received)
        if together:
            known = self._numbered.setdefault((component, head), _Numbered())
            rows, some = _Rows(class_, instance, leading), [local_ids[at] for at in together]
            taken_from = 0 if a_set else 1 << component
            groups[together] = self._groups_at_once(rows, some, known, component, [instance], taken=taken_from)
        return groups

    def _groups_at_once(
        self,
        rows: _Rows,
        local_ids: list[int],
        known: _Numbered,
        component: int,
        looked_at: list[int],
        *,
        context: int | None = None,
        taken: int = 0,
    ) -> Ints:
        """The groups of some local states, each of what its steps lead to, in a context if that matters.

        Beside what each step leads to, a move is a number: which step it is. What that says is written down in bulk.
        """
        class_, instance, steps = rows
        states = self.components.locals[instance]
        ids, codes = states.ids, states.codes
        learned = self._known.setdefault((class_, instance), {})
        numbers, meanings, words = known.numbers, known.meanings, known.words
        moves: list[int] = []  # of each three: its number, the local state, and the one that it leads to
        counts: list[int] = []
        touched = 0
        for local_id, leading in zip(local_ids, steps, strict=True):
            code, before = codes[local_id], len(moves)
            for step in leading:
                number = numbers.get(step)
                if number == FORBIDDEN:
                    continue
                leads_to = code & step.keep | step.bits
                after = ids.get(leads_to)
                if number is None:
                    says = learned.get(step) or self._learn(class_, instance, step)
                    if says.avoided or not (context is None or self._lets(context, says.budget, says.flags != 0)):
                        numbers[step] = FORBIDDEN
                        continue
                if after is None:
                    after = self.components.intern_code(instance, leads_to)
                if number is None:
                    everywhere = says.everywhere or self._everywhere(class_, instance, local_id, after, step)
                    (effects,) = everywhere
                    number = len(meanings)
                    meanings.append(says.meaning)
                    chained = CHAINED if taken & effects.components else 0
                    words.append(self.moves.word(says.flags | effects.flags | chained, effects.effects))
                    touched |= effects.components
                    if says.everywhere:  # else observers see each move by it otherwise
                        numbers[step] = number
                moves += number, local_id, after
            counts.append((len(moves) - before) // 3)
        table = np.array(moves, dtype=np.int32).reshape(-1, 3)
        last_words = words.data[table[:, 0]]
        table[:, 0] = meanings.data[table[:, 0]]
        return self.moves.groups_at_once(
            component,
            looked_at,
            class_.variants,
            table,
            np.array(counts),
            words=last_words,
            touched=touched,
            changing=instance,
            taken=taken,
        )

    def _enter_fault(
        self, class_: VariantClass, context: int, instance: int, local_id: int, possible: InstanceFault
    ) -> None:
        """A crash, which is the environment's, or a restart, which is a step of the instance."""
        fault, budget, left = possible
        crash = fault.kind == "crash"
        if not self._lets(context, budget, crash):
            return
        flags, actor = (BY_FREEZE | FAULT, self._environment) if crash else (0, instance)
        local = self.local_steps(class_.first, instance).own(local_id)
        after = self.components.intern(instance, self.encoding.encode_local(class_.first, instance, left))
        seen = self.encoding.product(class_.first).instance_events(fault, local, left)
        effects = self.around.effects(class_, actor, budget, seen)
        self.moves.enter(self._nobodys(actor), flags, (instance, local_id, after), effects)

    def fill_content(self, channel: int, entry: Entry) -> int:
        """Row: content. The group of its faults; beside it what it offers, whatever the receiver's local state is."""
        content_id, _, variants = entry
        component = self.components.first_channel + channel
        older = self.arena.entry(self.contents[channel], content_id, 0)
        asking = self._asking(self.encoding.receptions[channel], variants, older)
        for class_ in asking:
            product = self.encoding.product(class_.first)
            content = self.encoding.decode_content(class_.first, self.components.value(component, content_id))
            own = self.encoding.decode_channel(class_.first, channel)
            assert own is not None  # where something is in it
            in_order, watched = product.model.channels[own].kind == "fifo", self.components.observers > 0
            for event, rest in product.waiting(own, content):
                rest_id = self.components.intern(component, self.encoding.encode_content(class_.first, rest))
                head = self.heads[channel].intern(self.encoding.encode_message(class_.first, event.message))
                offer = head << 1 | in_order * IN_ORDER, component, content_id, rest_id
                self.moves.offer(offer, class_.variants)
                if in_order and not product.defers(self.components.receivers[channel]):
                    break
            for fault, budget, left in product.channel_faults(own, content):
                seen = product.channel_events(fault) if watched else ()
                after = self.components.intern(component, self.encoding.encode_content(class_.first, left))
                effects = self.around.effects(class_, self._environment, budget, seen)
                changes = (component, content_id, after)
                self.moves.enter(self._nobodys(self._environment), BY_FREEZE | FAULT, changes, effects)
        for column, value in enumerate(self.moves.offered(component), OF_FAULTS + 1):
            self.arena.enter(self.contents[channel], content_id, column, value)
        return self.moves.group(component, [], _all(asking), older)

    def fill_receive(self, channel: int, entry: Entry) -> int:
        """Row: message, column: local state of the receiver. The group of what it leads to, the channel aside."""
        head, local_id, variants = entry
        instance, component = self.components.receivers[channel], self.components.first_channel + channel
        older = self.arena.entry(self.receive[channel], head, local_id)
        asking = self._asking(self.encoding.receptions[channel], variants, older)
        code = self.components.locals[instance].codes[local_id]
        for class_ in asking:
            product, steps = self.encoding.product(class_.first), self.local_steps(class_.first, instance)
            known = self._known.setdefault((class_, instance), {})
            declared, event = self._received(class_, channel, head)
            taken_from = 0 if declared.kind == "set" else 1 << component
            reception, received = steps.reception(local_id, event), steps.received(local_id, event)
            if reception == "deferred":
                self.moves.defer(class_.variants)
            taken = (step.transition for step in received)
            if declared.kind != "set" and product.silent(instance, reception, taken):
                refusal = product.refusal(instance, steps.own(local_id), event)
                self.moves.refuse(self.around.subjects.intern(refusal), class_.variants)
            for step in received:
                says = known.get(step) or self._learn(class_, instance, step)
                if says.avoided or (declared.kind == "set" and step.transition == IGNORE):
                    continue
                after = self.components.intern_code(instance, step.after(code))
                everywhere = says.everywhere or self._everywhere(class_, instance, local_id, after, step)
                changes = (instance, local_id, after)
                self.moves.enter(says.meaning, says.flags, changes, everywhere, taken_from)
        return self.moves.group(component, [instance], _all(asking), older)

    def _received(self, class_: VariantClass, channel: int, head: int) -> tuple[Channel, Event]:
        """The channel of a class of variants, and what its receiver is given of a message."""
        own = self.encoding.decode_channel(class_.first, channel)
        assert own is not None  # where something is in it
        declared = self.encoding.models[class_.first].channels[own]
        return declared, Event(
            declared.sender, self.encoding.decode_message(class_.first, self.heads[channel].values[head])
        )

    def fill_freeze(self, entry: Entry) -> int:
        """Row: context, column: whether frozen. The group of the freeze."""
        component, everybody = self.components.freeze, VariantClass(0, self.encoding.all)
        if not entry.column:  # for every context anew: there are few
            effects = self.around.effects(everybody, self._environment, None, [FREEZE_EVENT])
            changes = (component, 0, 1)
            self.moves.enter(self._nobodys(self._environment), BY_FREEZE | FAULT, changes, effects)
        return self.moves.group(component, [], everybody.variants)

    def local_steps(self, variant: int, instance: int) -> LocalSteps:
        """The local steps of a variant's instance, which variants share that define it alike."""
        machine = self.encoding.product(variant).machines[instance]
        found = self._steps.get(id(machine))
        if found is None:
            states = self.components.locals[instance]
            found = self._steps[id(machine)] = LocalSteps(self.encoding, variant, instance, states)
        return found

    def _asking(self, classes: Iterable[VariantClass], variants: int, older: int) -> list[VariantClass]:
        """The classes that a group is filled for: those that ask, and those that the older group has already."""
        variants |= self.moves.variants_of(older)
        return [class_ for class_ in classes if class_.variants & variants]

    def _learn(self, class_: VariantClass, instance: int, step: LocalStep) -> _Known:
        """What is known of a local step from now on.

        As long as no observer sees more of it, the same of all steps that differ in what they do to the instance.
        """
        alike = class_, instance, step.transition, step.event, step.sends, step.answers
        found = None if self.components.observers else self._alike.get(alike)
        if found is None:
            found = self._alike[alike] = self._says(class_, instance, step)
        self._known[class_, instance][step] = found
        return found

    def _says(self, class_: VariantClass, instance: int, step: LocalStep) -> _Known:
        product = self.encoding.product(class_.first)
        outcome = Outcome(Local((), ()), step.sends, step.transition, ())
        transition = product.transition(instance, outcome)
        fair = fair_set(product.model, instance, step.event, outcome)
        if fair is not None and fair.message is not None:
            fair = fair._replace(message=self.encoding.encode_message(class_.first, fair.message))
        meaning, flags, budget = Meaning(instance, None, False, fair), 0, None
        if transition is not None:
            meaning = Meaning(instance, transition.id, transition.informative, fair)
            flags, budget = BY_FREEZE if transition.kind in FREEZABLE else 0, transition.budget
        takers = class_ if transition is None else self.encoding.takers(class_, transition.id)
        return _Known(self.moves.meanings.intern(meaning), flags, budget, takers)

    def _everywhere(
        self, class_: VariantClass, instance: int, local_id: int, after: int, step: LocalStep
    ) -> tuple[Effects, ...]:
        """The effects of a move by a local step; of all of them, unless observers look at more than the step."""
        steps, product = self.local_steps(class_.first, instance), self.encoding.product(class_.first)
        outcome = Outcome(steps.own(after), step.sends, step.transition, ())
        seen = product.events(instance, steps.own(local_id), outcome, step.event) if self.components.observers else []
        says = self._known[class_, instance][step]
        effects = self.around.effects(says.takers, instance, says.budget, seen, outcome, step.answers)
        if not self.around.vary(class_, seen):
            says.everywhere = effects
        return effects

    def _nobodys(self, actor: int) -> int:
        """The number of what a move is that no transition says."""
        return self.moves.meanings.intern(Meaning(actor, None, False, None))


def _all(classes: Iterable[VariantClass]) -> int:
    return sum(class_.variants for class_ in classes)
