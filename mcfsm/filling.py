"""The entries of the tables, each computed by calling the product once: the outcomes of a local step become moves.

What may live here: what an entry of a table is made of. What may not: how entries are laid out, which is said in
`tables`, and a second opinion on what a step is.

A move is what an instance does in a local state, with or without a message; or a fault or a restart. Faults of a
channel are among the moves that its content allows, a crash and a restart among those of a local state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.faults import Content
from mcfsm.model import RESTRAINED, Local, Message, Model
from mcfsm.observer import Seen
from mcfsm.product import Product
from mcfsm.role import IGNORE, Event, Outcome

if TYPE_CHECKING:
    from mcfsm.tables import _Column, _Names

FULL, EXHAUSTED = -2, -2  # entries that are no ids
FROZEN, STRUCK = 1, 2  # flags of a move: freeze disables it; it is a fault, and no way out of a deadlock


class Move(NamedTuple):
    """What a group is made of, before it is numbered."""

    local: Local  # afterwards
    before: int  # the content of the channel at hand, and
    after: int  # what it becomes
    flags: int
    budget: str | None
    event: Event | None = None
    outcome: Outcome | None = None  # None of faults and restarts
    seen: tuple[Seen, ...] = ()  # of those: what observers see


class Filling:
    """What `Tables` computes on demand; it numbers values, and says where the results go."""

    model: Model
    product: Product
    avoid: frozenset[str]
    calls: int
    observers: int
    instances: int
    first_channel: int
    budget_component: int
    names: list[_Names]
    messages: list[_Names]
    labels: list[_Names]
    subjects: _Names
    move_steps: list[tuple[int, Event | None, Outcome | None]]
    fillers: dict[str, Callable[[int, int, int], int]]
    _kinds: list[tuple[str, int]]
    _receivers: list[int]
    _interesting: list[frozenset[str]]
    _groups: _Column
    _moves: _Column
    _sends: _Column
    _faults: _Column
    _labels: _Column
    _changes: _Column
    _hashes: _Column
    identify: Callable[[int, Any], int]
    hash_of: Callable[[int, int], Any]
    enter: Callable[[int, int, int, int], None]

    def fill(self, table: int, row: int, column: int) -> None:
        """Compute one entry that the kernel asked for. Raises ModelError where a value leaves its domain."""
        self.calls += 1
        kind, index = self._kinds[table]
        self.enter(table, row, column, self.fillers[kind](index, row, column))

    def _fill_spontaneous(self, instance: int, _: int, local_id: int) -> int:
        local: Local = self.names[instance].values[local_id]
        outcomes = self.product.machines[instance].local_step(local, None)
        moves = [self._outcome(instance, outcome) for outcome in outcomes]
        for strike, budget, left in self.product.struck(instance, local):
            flags = 0 if strike.kind == "restart" else FROZEN | STRUCK
            seen = self.product.instance_events(strike, local, left)
            moves.append(Move(left, 0, 0, flags, budget, seen=tuple(seen)))
        return self._group(instance, local_id, None, moves, [])

    def _fill_receive(self, channel: int, content_id: int, local_id: int) -> int:
        instance, declared = self._receivers[channel], self.model.channels[channel]
        component = self.first_channel + channel
        content: Content = self.names[component].values[content_id]
        local: Local = self.names[instance].values[local_id]
        machine = self.product.machines[instance]
        moves: list[Move] = []
        faults: list[int] = []
        for event, rest in self.product.offers(channel, content, instance, local):
            rest_id = self.identify(component, rest)
            if declared.kind != "set" and machine.reception(local, event) == "unspecified":
                faults.append(self.subjects.of(self.product.refusal(instance, local, event)))
            for outcome in machine.local_step(local, event):
                if declared.kind != "set" or outcome.transition != IGNORE:
                    moves.append(self._outcome(instance, outcome, event, content_id, rest_id))
        for strike, budget, rest in self.product.disturbed(channel, content):
            rest_id = self.identify(component, rest)
            seen = self.product.channel_events(strike)
            moves.append(Move(local, content_id, rest_id, FROZEN | STRUCK, budget, seen=tuple(seen)))
        return self._group(instance, local_id, channel, moves, faults)

    def _outcome(
        self, instance: int, outcome: Outcome, event: Event | None = None, before: int = 0, after: int = 0
    ) -> Move:
        """The move of an outcome."""
        transition = self.product.transition(instance, outcome)
        flags = FROZEN if transition is not None and transition.kind in RESTRAINED else 0
        budget = None if transition is None else transition.budget
        return Move(outcome.local, before, after, flags, budget, event, outcome)

    def _group(self, instance: int, local_id: int, channel: int | None, moves: list[Move], faults: list[int]) -> int:
        """The moves of one local state for one content, as a group."""
        first_move, first_fault = len(self.move_steps), self._faults.size
        self._faults.extend(faults)
        for move in moves:
            transition = None if move.outcome is None else self.product.transition(instance, move.outcome)
            if transition is None or transition.id not in self.avoid:
                self._move(instance, local_id, channel, move)
        self._groups.extend((first_move, len(self.move_steps), first_fault, self._faults.size))
        return self._groups.size // 4 - 1

    def _move(self, instance: int, local_id: int, channel: int | None, move: Move) -> None:
        model, outcome = self.model, move.outcome
        new_local = self.identify(instance, move.local)
        change = self.hash_of(instance, local_id) ^ self.hash_of(instance, new_local)
        if channel is not None:
            component = self.first_channel + channel
            change ^= self.hash_of(component, move.before) ^ self.hash_of(component, move.after)
        self._hashes.extend((change,))
        at = -1 if channel is None else channel
        self._changes.extend((instance, local_id, new_local, at, move.before, move.after))
        budget = -1 if move.budget is None else model.budget_of[move.budget]
        first_send = self._sends.size // 3
        name = model.instances[instance].name
        for receiver, message in outcome.sends if outcome is not None else ():
            assert outcome is not None
            to = model.channel_of[name, model.instances[receiver].name]
            fault = self.subjects.of(self.product.overflow(to, instance, outcome))
            self._sends.extend((to, self.messages[to].of(message), fault))
        self._moves.extend((move.after, budget, move.flags, first_send, self._sends.size // 3))
        if self.observers:
            seen = list(move.seen)
            if outcome is not None:
                seen = self.product.events(instance, self.names[instance].values[local_id], outcome, move.event)
            self._labels.extend(self._label(o, seen) for o in range(self.observers))
        self.move_steps.append((instance, move.event, outcome))

    def _fill_push(self, channel: int, content_id: int, message_id: int) -> int:
        component = self.first_channel + channel
        message: Message = self.messages[channel].values[message_id]
        pushed = self.product.push(channel, self.names[component].values[content_id], message)
        return FULL if pushed is None else self.identify(component, pushed)

    def _fill_spend(self, _: int, budget: int, budgets_id: int) -> int:
        budgets = self.names[self.budget_component].values[budgets_id]
        left = self.product.spend(budgets, budget)
        return EXHAUSTED if left is None else self.identify(self.budget_component, left)

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


def interest(observer: Any) -> frozenset[str]:
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
