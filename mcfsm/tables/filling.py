"""The entries of the tables, each computed by calling the product once: the outcomes of a local step become moves.

What may live here: what an entry of a table is made of. What may not: how entries are laid out, which is said in
`tables`, and a second opinion on what a step is.

A move is what an instance does in a local state, with or without a message; or a fault, a restart, or the freeze.
Faults of a channel are among the moves that its content allows, a crash and a restart among those of a local state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.kernel.arrays import (
    BY_FREEZE,
    CHAINED,
    COUNT,
    EFFECTS,
    FAULT,
    GROUP,
    IMPOSSIBLE,
    MOST_EFFECTS,
    OVERFLOWS,
    UNKNOWN,
)
from mcfsm.model import RESTRAINED, Local, Message, Model, Transition
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.fairness import FairSet, fair_set
from mcfsm.semantics.observer import Seen
from mcfsm.semantics.product import FREEZE_EVENT
from mcfsm.semantics.role import IGNORE, Event, Outcome
from mcfsm.tables.tables import MoveStep, Tables
from mcfsm.tables.variant_encoding import Kind, Members

Change = tuple[int, int, int]  # a component, its id before and after
Effect = tuple[int, int, int]  # a component, the column of its table, and the subject of the overflow that it may be


class FilledTables(Tables):
    """The tables of a family of models, which most often is one model, with what fills them.

    What a model's own definition says is asked of one member of each kind. Moves of several kinds that change the same
    are one move, and know whose they are. A column of effects names what is sent or seen, and the kind that it is for.
    """

    def __init__(self, *models: Model, avoid: frozenset[str] = frozenset()) -> None:
        super().__init__(Members(models, avoid=avoid), avoid=avoid)
        self._interesting = [
            {kind.member: _interest(models[kind.member].observers[o]) for kind in kinds}
            for o, kinds in enumerate(self.members.observers)
        ]
        self._concerned = [self._concerns(i) for i in range(self.instances)]
        self._entered: dict[Any, list[_Move]] = {}  # what a move does, to moves that do it
        self._unspecified: dict[int, int] = {}  # subject to those that have it, as bits
        self.owner: list[int] = []  # move: a member that has it
        self.fair: list[FairSet | None] = []  # move: its fairness set, the message written as all members do
        self.informal: list[bool] = []  # move: whether it rests on an assumption or an informative item
        self.older: dict[int, int] = {}  # group: the one in whose place it came when more members asked
        self.fillers |= {
            "context": self._fill_context,
            "spontaneous": self._fill_spontaneous,
            "receive": self._fill_receive,
            "push": self._fill_push,
            "observe": self._fill_observe,
            "spend": self._fill_spend,
            "freeze": self._fill_freeze,
            "final": self._fill_final,
        }

    def transition_of(self, move: int) -> Transition | None:
        """The transition that a move is; None of what no transition says."""
        instance, _, outcome = self.move_steps[move]
        return None if outcome is None else self.members.product(self.owner[move]).transition(instance, outcome)

    def _fill_context(self, _: int, budgets_id: int, frozen: int, __: int) -> int:
        budgets = self.names[self.budget_component].values[budgets_id]
        left = tuple(self.product.spend(budgets, i) is not None for i in range(len(budgets)))
        known, context = len(self.contexts), self.contexts.of((left, bool(frozen)))
        if context == known:  # what one context says of a component, all say that do not differ for it
            for i, table in enumerate(self.spontaneous):
                for kin in [kin for kin in self._kin(i, context) if kin < known][:1]:
                    for local_id, group in self.row_of_table(table, kin):
                        self.enter(table, context, local_id, group)
        return context

    def _concerns(self, instance: int) -> frozenset[int]:
        """The budgets that an instance may use up."""
        named: set[str | None] = set()
        for kind in self.members.instances[instance]:
            model = self.members.models[kind.member]
            crash = model.instances[instance].crash
            named |= {transition.budget for transition in model.role_of[model.instances[instance].name].transitions}
            named |= {None if crash is None else crash.budget}
        return frozenset(self.model.budget_of[budget] for budget in named if budget is not None)

    def _kin(self, instance: int, context: int) -> list[int]:
        """The contexts in which an instance may do what it may do in this one, itself among them."""
        concerned = self._concerned[instance]
        left, frozen = self.contexts.values[context]
        return [
            other
            for other, (its, it) in enumerate(self.contexts.values)
            if it == frozen and all(its[i] == left[i] for i in concerned)
        ]

    def _fill_spontaneous(self, instance: int, context: int, local_id: int, bits: int) -> int:
        group = self._spontaneous(instance, context, local_id, bits)
        for kin in self._kin(instance, context):
            self.enter(self.spontaneous[instance], kin, local_id, group)
        return group

    def _spontaneous(self, instance: int, context: int, local_id: int, bits: int) -> int:
        """All that an instance does by itself in a local state, as far as the context lets it."""
        older = self.entry(self.spontaneous[instance], context, local_id)
        bits |= self._known_of(older)
        asking = [kind for kind in self.members.instances[instance] if kind.bits & bits]
        for kind in asking:
            product = self.members.product(kind.member)
            local = self.members.own_local(kind.member, instance, self.names[instance].values[local_id])
            for outcome in product.machines[instance].local_step(local, None):
                transition = product.transition(instance, outcome)
                if transition is None or self._lets(context, transition.budget, transition.kind in RESTRAINED):
                    self._move(kind, instance, local, None, outcome)
            for strike, budget, left in product.struck(instance, local):
                crash = strike.kind == "crash"  # the environment's; a restart is a step of the instance
                if not self._lets(context, budget, crash):
                    continue
                flags, actor = (BY_FREEZE | FAULT, self.instances) if crash else (0, instance)
                after = self.identify(instance, self.members.joint_local(kind.member, instance, left))
                changes = ((instance, local_id, after), (instance, 0, 0))
                seen = product.instance_events(strike, local, left)
                self._enter_move(kind, (actor, None, None), flags, changes, self._spent(budget), [], seen)
        context_of = [self.budget_component] if self._concerned[instance] else []
        return self._group(instance, context_of, asking, older)

    def _lets(self, context: int, budget: str | None, restrained: bool) -> bool:
        """Whether a context leaves a step the budget that it uses up, and does not freeze it."""
        left, frozen = self.contexts.values[context]
        return (budget is None or left[self.model.budget_of[budget]]) and not (restrained and frozen)

    def _fill_receive(self, channel: int, content_id: int, local_id: int, bits: int) -> int:
        instance, component = self._receivers[channel], self.first_channel + channel
        older = self.entry(self.receive[channel], content_id, local_id)
        bits |= self._known_of(older)
        asking = [kind for kind in self.members.receptions[channel] if kind.bits & bits]
        for kind in asking:
            member, product = kind.member, self.members.product(kind.member)
            content = self.members.own_content(member, self.names[component].values[content_id])
            local = self.members.own_local(member, instance, self.names[instance].values[local_id])
            own = self.members.own_channel(member, channel)
            assert own is not None  # where something is in it
            machine, declared = product.machines[instance], product.model.channels[own]
            for event, rest in product.offers(own, content, instance, local):
                change = (component, content_id, self.identify(component, self.members.joint_content(member, rest)))
                if declared.kind != "set" and machine.reception(local, event) == "unspecified":
                    subject = self.subjects.of(product.refusal(instance, local, event))
                    self._unspecified[subject] = self._unspecified.get(subject, 0) | kind.bits
                for outcome in machine.local_step(local, event):
                    if declared.kind != "set" or outcome.transition != IGNORE:
                        self._move(kind, instance, local, event, outcome, change)
            for strike, budget, left in product.disturbed(own, content):
                after = self.identify(component, self.members.joint_content(member, left))
                changes = ((component, content_id, after), (component, 0, 0))
                step, effects = (self.instances, None, None), self._spent(budget)
                seen = product.channel_events(strike)
                self._enter_move(kind, step, BY_FREEZE | FAULT, changes, effects, [], seen)
        return self._group(component, [instance], asking, older)

    def _fill_freeze(self, _: int, __: int, frozen: int, ___: int) -> int:
        everybody = Kind(0, self.members.all)
        if not frozen:  # for every context anew: there are few
            changes = ((self.freeze_component, 0, 1), (self.freeze_component, 0, 0))
            step = (self.instances, None, None)
            self._enter_move(everybody, step, BY_FREEZE | FAULT, changes, [], [], [FREEZE_EVENT])
        return self._group(self.freeze_component, [], [everybody], UNKNOWN)

    def _known_of(self, group: int) -> int:
        """Those whose moves a group has already."""
        return 0 if group == UNKNOWN else int(self._known.data[group])

    def _group(self, component: int, looked_at: list[int], asking: Iterable[Kind], older: int) -> int:
        """The moves and unspecified receptions entered since, as a group of a component that looks at some others.

        `older` is the group in whose place it comes, if there is one.
        """
        first, first_refused = len(self.move_steps), self._refused.size
        for move in (move for alike in self._entered.values() for move in alike):
            self._append(move)
        for subject, bits in self._unspecified.items():
            self._refused.extend((subject,))
            self._refusers.extend((bits,))
        self._entered, self._unspecified = {}, {}
        for c in (component, *looked_at, self.freeze_component):
            self.looks_at[component] |= 1 << c
        for move_id in range(first, len(self.move_steps)):
            for c in self._changed_by(move_id):
                self.changes[component] |= 1 << c
        self._largest = max(self._largest, len(self.move_steps) - first)
        self._groups.extend((first, len(self.move_steps), first_refused, self._refused.size))
        self._known.extend((sum(kind.bits for kind in asking),))
        group = self._groups.size // GROUP - 1
        if older != UNKNOWN:
            self.older[group] = older
        return group

    def _move(
        self,
        kind: Kind,
        instance: int,
        local: Local,
        event: Event | None,
        outcome: Outcome,
        channel: Change | None = None,
    ) -> None:
        """A step of an instance; `channel` is the component that it takes a message from, its id before and after."""
        members, product = self.members, self.members.product(kind.member)
        model, transition = product.model, product.transition(instance, outcome)
        if transition is not None and transition.id in self.avoid:
            return
        name = model.instances[instance].name
        sends = []
        for receiver, message in outcome.sends:
            own = model.channel_of[name, model.instances[receiver].name]
            sends.append((members.joint_channel(kind.member, own), members.joint_message(kind.member, message)))
        before, after = (
            self.identify(instance, members.joint_local(kind.member, instance, value))
            for value in (local, outcome.local)
        )
        flags = BY_FREEZE if transition is not None and transition.kind in RESTRAINED else 0
        changes = ((instance, before, after), channel or (instance, 0, 0))
        effects = self._spent(None if transition is None else transition.budget)
        seen = product.events(instance, local, outcome, event)
        self._enter_move(kind, (instance, event, outcome), flags, changes, effects, sends, seen)

    def _spent(self, budget: str | None) -> list[Effect]:
        """The effect of a step that uses a budget up; none where it needs none."""
        return [] if budget is None else [(self.budget_component, self.model.budget_of[budget], 0)]

    def _enter_move(
        self,
        kind: Kind,
        step: MoveStep,
        flags: int,
        changes: tuple[Change, Change],
        effects: list[Effect],
        sends: list[tuple[int, Message]],
        seen: list[Seen],
    ) -> None:
        """A move of some members: the two components it changes, its effects on others, what is sent and seen of it."""
        meant = self._meant(kind.member, step)
        for around in self.members.surroundings:
            bits = kind.bits & around.bits
            if not bits:
                continue
            mine = list(effects)
            for at, sent in sends:
                which = _kind_of(self.members.channels[at], bits)
                column = self.messages[at].of((which, sent))
                mine.append((self.first_channel + at, column, self._overflow(at, bits, step)))
            for o, kinds in enumerate(self.members.observers):
                label = self._label(o, _kind_of(kinds, bits), seen)
                mine += [(self.instances + o, label, 0)] if label else []
            changed = [c for c, before, after in changes if before != after] + [c for c, _, _ in mine]
            chained = flags | (CHAINED if len(set(changed)) < len(changed) else 0)
            if len(mine) > MOST_EFFECTS:
                message = f"a step of {self.model.instances[step[0]].name} sends over {MOST_EFFECTS - 2} messages"
                raise ModelError([Problem("M706", None, message, "let it send fewer at once")])
            alike = self._entered.setdefault((step[0], meant, chained, changes, tuple(mine)), [])
            other = next((move for move in alike if not move.bits & bits), None)
            if other is None:  # what one model does twice in the same way are two moves
                alike.append(_Move(kind.member, step, meant, chained, changes, mine, bits))
            else:
                other.bits |= bits

    def _meant(self, member: int, step: MoveStep) -> _Meant:
        """What a step of a member is besides what it does."""
        transition = None if step[2] is None else self.members.product(member).transition(step[0], step[2])
        fair = fair_set(self.members.models[member], *step)
        if fair is not None and fair.message is not None:
            fair = fair._replace(message=self.members.joint_message(member, fair.message))
        if transition is None:
            return _Meant(None, False, fair)
        return _Meant(transition.id, transition.informative, fair)

    def _overflow(self, channel: int, bits: int, step: MoveStep) -> int:
        """The subject of the overflow that a step would be for some members alike, if that is an error."""
        member = (bits & -bits).bit_length() - 1
        own = self.members.own_channel(member, channel)
        assert own is not None
        assert step[2] is not None  # a step that sends
        if self.members.models[member].channels[own].when_full != "error":
            return 0
        return self.subjects.of(self.members.product(member).overflow(own, step[0], step[2]))

    def _append(self, move: _Move) -> None:
        """Give a move its number."""
        for change in move.changes:
            self._changes.extend(change)
        self._flags.extend((move.flags | len(move.effects) << COUNT | self._effects.size // 3 << EFFECTS,))
        for effect in move.effects:
            self._effects.extend(effect)
        self._movers.extend((move.bits,))
        self.move_steps.append(move.step)
        self.owner.append(move.member)
        self.fair.append(move.meant.fair)
        self.informal.append(move.meant.informal)

    def _fill_push(self, channel: int, content_id: int, column: int, _: int) -> int:
        component = self.first_channel + channel
        kind, message = self.messages[channel].values[column]
        member = self.members.channels[channel][kind].member
        own, content = self.members.own_channel(member, channel), self.names[component].values[content_id]
        assert own is not None  # where something is sent
        product, declared = self.members.product(member), self.members.models[member].channels[own]
        if declared.kind == "fifo":  # which looks at no message
            pushed = product.push(own, content, message)
        else:
            content, message = self.members.own_content(member, content), self.members.own_message(member, message)
            pushed = product.push(own, content, message)
            pushed = None if pushed is None else self.members.joint_content(member, pushed)
        if pushed is not None:
            return self.identify(component, pushed)
        return {"lose": content_id, "block": IMPOSSIBLE, "error": OVERFLOWS}[declared.when_full]

    def _fill_spend(self, _: int, budgets_id: int, budget: int, __: int) -> int:
        left = self.product.spend(self.names[self.budget_component].values[budgets_id], budget)
        return IMPOSSIBLE if left is None else self.identify(self.budget_component, left)

    def _fill_observe(self, observer: int, local_id: int, label: int, _: int) -> int:
        component = self.instances + observer
        kind, kept = self.labels[observer].values[label]
        member = self.members.observers[observer][kind].member
        local = self.members.own_local(member, component, self.names[component].values[local_id])
        events = [Seen(event, name, dict(frame)) for event, name, frame in kept]
        after = self.members.product(member).watchers[observer].see(local, events)
        return self.identify(component, self.members.joint_local(member, component, after))

    def _fill_final(self, instance: int, _: int, local_id: int, __: int) -> int:
        bits, local = 0, self.names[instance].values[local_id]
        for kind in self.members.instances[instance]:
            own = self.members.own_local(kind.member, instance, local)
            bits |= kind.bits if self.members.product(kind.member).machines[instance].final(own) else 0
        return self.rests.of(bits)

    # ---- observers

    def _label(self, observer: int, kind: int, seen: list[Seen]) -> int:
        """What observers of a kind see of a step, as a number: 0 where none of it concerns them."""
        member = self.members.observers[observer][kind].member
        interest = self._interesting[observer][member]
        lines = self.members.product(member).watchers[observer].lines
        kept = tuple(
            (event.event, event.name, tuple((key, event.frame[key]) for key in sorted(interest & set(event.frame))))
            for event in seen
            if (event.event, event.name) in lines
        )
        return self.labels[observer].of((kind, kept)) if kept else 0


class _Meant(NamedTuple):
    """The id of a move's transition, whether that is informal, and the fairness set that it belongs to."""

    transition: str | None
    informal: bool
    fair: FairSet | None


@dataclass
class _Move:
    """A move that is not numbered yet: a member that has it, what it is there, and all that have it."""

    member: int
    step: MoveStep
    meant: _Meant
    flags: int
    changes: tuple[Change, Change]
    effects: list[Effect]
    bits: int


def _kind_of(kinds: Sequence[Kind], bits: int) -> int:
    """Which of some kinds has all of these members."""
    return next(i for i, kind in enumerate(kinds) if kind.bits & bits)


def _interest(observer: Any) -> frozenset[str]:
    """The names of a frame that an observer's lines read; what it does not read need not tell its labels apart."""
    found: set[str] = set()
    for line in observer.transitions:
        roots = [guard.node for guard in line.guards]
        roots += [part for a in line.assignments for part in (a.key, a.value) if part is not None]
        for node in (part for root in roots for part in root.walk()):
            match node:
                case n.Read(name=name):
                    found.add(name)
                case n.Attribute(moment=moment):
                    found |= {moment, "actor"}
                case n.Element() | n.Present():
                    found.add("msg")
    return frozenset(found)
