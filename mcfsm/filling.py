"""The entries of the tables, each computed by calling the product once: the outcomes of a local step become moves.

What may live here: what an entry of a table is made of. What may not: how entries are laid out, which is said in
`tables`, and a second opinion on what a step is.

A move is what an instance does in a local state, with or without a message; or a fault, a restart, or the freeze.
Faults of a channel are among the moves that its content allows, a crash and a restart among those of a local state.
"""

from __future__ import annotations

from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.faults import Content
from mcfsm.model import RESTRAINED, Local, Message, Model
from mcfsm.observer import Seen
from mcfsm.problems import ModelError, Problem
from mcfsm.product import FREEZE_EVENT
from mcfsm.records import BY_FREEZE, CHAINED, COUNT, EFFECTS, FAULT, GROUP, IMPOSSIBLE, MOST_EFFECTS, OVERFLOWS
from mcfsm.role import IGNORE, Event, Outcome
from mcfsm.tables import MoveStep, Tables


class FilledTables(Tables):
    """The tables of a model with what fills them."""

    def __init__(self, model: Model, *, avoid: frozenset[str] = frozenset()) -> None:
        super().__init__(model, avoid=avoid)
        self._interesting = [_interest(watcher.observer) for watcher in self.product.watchers]
        self._concerned = [self._concerns(i) for i in range(self.instances)]
        self.fillers |= {
            "context": self._fill_context,
            "spontaneous": self._fill_spontaneous,
            "receive": self._fill_receive,
            "push": self._fill_push,
            "observe": self._fill_observe,
            "spend": self._fill_spend,
            "freeze": self._fill_freeze,
        }

    def _fill_context(self, _: int, budgets_id: int, frozen: int) -> int:
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
        crash = self.model.instances[instance].crash
        named = {transition.budget for transition in self.product.transitions[instance]}
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

    def _fill_spontaneous(self, instance: int, context: int, local_id: int) -> int:
        group = self._spontaneous(instance, context, local_id)
        for kin in self._kin(instance, context):
            self.enter(self.spontaneous[instance], kin, local_id, group)
        return group

    def _spontaneous(self, instance: int, context: int, local_id: int) -> int:
        """All that an instance does by itself in a local state, as far as the context lets it."""
        local: Local = self.names[instance].values[local_id]
        first = len(self.move_steps)
        for outcome in self.product.machines[instance].local_step(local, None):
            transition = self.product.transition(instance, outcome)
            if transition is None or self._lets(context, transition.budget, transition.kind in RESTRAINED):
                self._move(instance, local_id, None, outcome)
        for strike, budget, left in self.product.struck(instance, local):
            crash = strike.kind == "crash"  # the environment's; a restart is a step of the instance
            if not self._lets(context, budget, crash):
                continue
            flags, actor = (BY_FREEZE | FAULT, self.instances) if crash else (0, instance)
            change = (instance, local_id, self.identify(instance, left))
            seen = self.product.instance_events(strike, local, left)
            self._enter_move((actor, None, None), flags, change, (instance, 0, 0), self._spent(budget), seen)
        context_of = [self.budget_component] if self._concerned[instance] else []
        return self._group(instance, context_of, first, self._refused.size)

    def _lets(self, context: int, budget: str | None, restrained: bool) -> bool:
        """Whether a context leaves a step the budget that it uses up, and does not freeze it."""
        left, frozen = self.contexts.values[context]
        return (budget is None or left[self.model.budget_of[budget]]) and not (restrained and frozen)

    def _fill_receive(self, channel: int, content_id: int, local_id: int) -> int:
        instance, declared = self._receivers[channel], self.model.channels[channel]
        component = self.first_channel + channel
        content: Content = self.names[component].values[content_id]
        local: Local = self.names[instance].values[local_id]
        machine = self.product.machines[instance]
        first, first_refused = len(self.move_steps), self._refused.size
        for event, rest in self.product.offers(channel, content, instance, local):
            change = (component, content_id, self.identify(component, rest))
            if declared.kind != "set" and machine.reception(local, event) == "unspecified":
                self._refused.extend([self.subjects.of(self.product.refusal(instance, local, event))])
            for outcome in machine.local_step(local, event):
                if declared.kind != "set" or outcome.transition != IGNORE:
                    self._move(instance, local_id, event, outcome, change)
        for strike, budget, left in self.product.disturbed(channel, content):
            change = (component, content_id, self.identify(component, left))
            step, effects, seen = (self.instances, None, None), self._spent(budget), self.product.channel_events(strike)
            self._enter_move(step, BY_FREEZE | FAULT, change, (component, 0, 0), effects, seen)
        return self._group(component, [instance], first, first_refused)

    def _fill_freeze(self, _: int, __: int, frozen: int) -> int:
        first = len(self.move_steps)
        if not frozen:  # for every context anew: there are few
            change, nothing = (self.freeze_component, 0, 1), (self.freeze_component, 0, 0)
            self._enter_move((self.instances, None, None), BY_FREEZE | FAULT, change, nothing, [], [FREEZE_EVENT])
        return self._group(self.freeze_component, [], first, self._refused.size)

    def _group(self, component: int, looked_at: list[int], first: int, first_refused: int) -> int:
        """The moves and unspecified receptions entered since, as a group of a component that looks at some others."""
        for c in (component, *looked_at, self.freeze_component):
            self.looks_at[component] |= 1 << c
        for move in range(first, len(self.move_steps)):
            for c in self._changed_by(move):
                self.changes[component] |= 1 << c
        self._largest = max(self._largest, len(self.move_steps) - first)
        self._groups.extend((first, len(self.move_steps), first_refused, self._refused.size))
        return self._groups.size // GROUP - 1

    def _move(
        self,
        instance: int,
        local_id: int,
        event: Event | None,
        outcome: Outcome,
        channel: tuple[int, int, int] | None = None,
    ) -> None:
        """A step of an instance; `channel` is the component that it takes a message from, its id before and after."""
        model, transition = self.model, self.product.transition(instance, outcome)
        if transition is not None and transition.id in self.avoid:
            return
        effects = self._spent(None if transition is None else transition.budget)
        name = model.instances[instance].name
        for receiver, message in outcome.sends:
            at = model.channel_of[name, model.instances[receiver].name]
            overflow = 0
            if model.channels[at].when_full == "error":
                overflow = self.subjects.of(self.product.overflow(at, instance, outcome))
            effects.append((self.first_channel + at, self.messages[at].of(message), overflow))
        seen = self.product.events(instance, self.names[instance].values[local_id], outcome, event)
        flags = BY_FREEZE if transition is not None and transition.kind in RESTRAINED else 0
        change = (instance, local_id, self.identify(instance, outcome.local))
        self._enter_move((instance, event, outcome), flags, change, channel or (instance, 0, 0), effects, seen)

    def _spent(self, budget: str | None) -> list[tuple[int, int, int]]:
        """The effect of a step that uses a budget up; none where it needs none."""
        return [] if budget is None else [(self.budget_component, self.model.budget_of[budget], 0)]

    def _enter_move(
        self,
        step: MoveStep,
        flags: int,
        first: tuple[int, int, int],
        second: tuple[int, int, int],
        effects: list[tuple[int, int, int]],
        seen: list[Seen],
    ) -> None:
        """A new move: the two components it changes, its effects on others, and what observers see of it."""
        for o in range(self.observers):
            label = self._label(o, seen)
            if label:
                effects.append((self.instances + o, label, 0))
        self._changes.extend((*first, *second))
        changed = [c for c, before, after in (first, second) if before != after] + [c for c, _, _ in effects]
        if len(set(changed)) < len(changed):
            flags |= CHAINED
        if len(effects) > MOST_EFFECTS:
            message = f"a step of {self.model.instances[step[0]].name} sends over {MOST_EFFECTS - 2} messages"
            raise ModelError([Problem("M706", None, message, "let it send fewer at once")])
        self._flags.extend((flags | len(effects) << COUNT | self._effects.size // 3 << EFFECTS,))
        for effect in effects:
            self._effects.extend(effect)
        self.move_steps.append(step)

    def _fill_push(self, channel: int, content_id: int, message_id: int) -> int:
        component = self.first_channel + channel
        message: Message = self.messages[channel].values[message_id]
        pushed = self.product.push(channel, self.names[component].values[content_id], message)
        if pushed is not None:
            return self.identify(component, pushed)
        return {"lose": content_id, "block": IMPOSSIBLE, "error": OVERFLOWS}[self.model.channels[channel].when_full]

    def _fill_spend(self, _: int, budgets_id: int, budget: int) -> int:
        left = self.product.spend(self.names[self.budget_component].values[budgets_id], budget)
        return IMPOSSIBLE if left is None else self.identify(self.budget_component, left)

    def _fill_observe(self, observer: int, local_id: int, label: int) -> int:
        component = self.instances + observer
        local = self.names[component].values[local_id]
        return self.identify(component, self.product.watchers[observer].see(local, list(self._seen(observer, label))))

    # ---- observers

    def _label(self, observer: int, seen: list[Seen]) -> int:
        """What an observer sees of a step, as a number: 0 where none of it concerns it."""
        interest = self._interesting[observer]
        lines = self.product.watchers[observer].lines
        kept = tuple(
            (event.event, event.name, tuple((key, event.frame[key]) for key in sorted(interest & set(event.frame))))
            for event in seen
            if (event.event, event.name) in lines
        )
        return self.labels[observer].of(kept)

    def _seen(self, observer: int, label: int) -> list[Seen]:
        return [Seen(event, name, dict(frame)) for event, name, frame in self.labels[observer].values[label]]


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
