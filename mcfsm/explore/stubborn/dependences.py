"""What `choice` says of parts of joint states, by the ids of these parts: written down as ids come up.

What may live here: arrays. What may not: what is chosen, and why.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.explore.stubborn.choice import StubbornSets
from mcfsm.explore.stubborn.senders import MOST, Context
from mcfsm.kernel.stubborn import BITS, Dependences
from mcfsm.semantics.transition import ControlState
from mcfsm.tables.components import Components


class WrittenDependences:
    """The dependences of a model over the components of its tables."""

    def __init__(self, stubborn: StubbornSets, components: Components) -> None:
        self.stubborn, self.components = stubborn, components
        self.goals, self.model = stubborn.goals, stubborn.model
        self.words = max(1, -(-len(self.goals.goals) // BITS))
        parts = range(components.budgets)
        self._refuted: list[list[list[int]]] = [[] for _ in parts]
        self._read: list[list[list[int]]] = [[] for _ in parts]
        self._concerns: list[list[int]] = [[] for _ in parts]
        self._tight: list[list[int]] = [[] for _ in parts]
        self._control: list[list[int]] = [[] for _ in parts]
        self._numbers: dict[Any, int] = {}  # of what is read
        self._controls: list[dict[ControlState, int]] = [{} for _ in range(components.instances)]
        self._contexts: dict[Context, int] = {}
        self._left: list[tuple[int, ...]] = []
        self._written: Dependences | None = None

    def word(self, goals: int) -> list[int]:
        """Goals as words of bits."""
        return [goals >> BITS * w & (1 << BITS) - 1 for w in range(self.words)]

    def now(self) -> Dependences:
        """The dependences of all ids that there are."""
        names, grown = self.components.names, False
        for c in range(self.components.budgets):
            values = names[c].values
            for id_ in range(len(self._refuted[c]), len(values)):
                self._note(c, values[id_])
                grown = True
        budgets = names[self.components.budgets].values
        if len(budgets) > len(self._left):
            self._left, grown = list(budgets), True
        if grown or self._written is None:
            self._written = self._write()
        return self._written

    def _note(self, c: int, value: Any) -> None:
        """Note what is to be known of one more value of a component."""
        goals, first = self.goals, self.components.first_channel
        concerns = tight = control = refuted = 0
        if c >= first:
            refuted, read = goals.refuted_by_content(c - first, value), goals.read_of_content(value)
            concerns, tight = self.stubborn.concerns(c - first, value), int(self.stubborn.tight(c - first, value))
        else:
            read = goals.read_of_local(c, value)
            if c < self.components.instances:
                refuted = goals.refuted_by_local(c, value)
                control = self._controls[c].setdefault(value.states, len(self._controls[c]))
        numbers = self._numbers
        self._refuted[c].append(self.word(refuted))
        self._read[c].append([numbers.setdefault(one, len(numbers)) for one in read])
        self._concerns[c].append(concerns)
        self._tight[c].append(tight)
        self._control[c].append(control)

    def _write(self) -> Dependences:
        depends, model, goals = self.stubborn.dependence, self.model, self.goals
        sizes = [len(part) for part in self._refuted]
        context = [[self._context(left, frozen) for frozen in (False, True)] for left in self._left]
        sends_at, sends = self._sends()
        return Dependences(
            sender=_numbers([sender for sender, _ in depends.ends]),
            receiver=_numbers([receiver for _, receiver in depends.ends]),
            faulty=_numbers(depends.faulty),
            stays=_numbers([channel.kind == "set" for channel in model.channels]),
            partners=_numbers(depends.partners),
            users=_numbers(depends.users),
            freezable=depends.freezable,
            may_freeze=int(model.allows_freeze),
            watched=_numbers(depends.watched),
            by_freeze=_numbers([self.word(goals.refuted_by_freeze(frozen)) for frozen in (False, True)]),
            of_freeze=_numbers(self.word(goals.of_freeze)),
            first=_numbers(np.cumsum([0, *sizes])),
            refuted=_joined(self._refuted, self.words),
            read=_joined(self._read, len(goals.goals)),
            concerns=_numbers([one for part in self._concerns for one in part]),
            tight=_numbers([one for part in self._tight for one in part]),
            control=_numbers([one for part in self._control for one in part]),
            left=_numbers(self._left).reshape(len(self._left), len(model.budgets)),
            context=_numbers(context),
            sends_at=sends_at,
            sends=sends,
        )

    def _context(self, left: tuple[int, ...], frozen: bool) -> int:
        one = self.stubborn.context_of(left, frozen)
        return self._contexts.setdefault(one, len(self._contexts))

    def _sends(self) -> tuple[Any, Any]:
        """What each instance may send, by context and control state."""
        widest = max(map(len, self._controls), default=1)
        at = np.zeros((len(self._controls), len(self._contexts), max(1, widest), 2), dtype=np.int64)
        found: list[int] = []
        for i, controls in enumerate(self._controls):
            for context, k in self._contexts.items():
                for control, number in controls.items():
                    for alone in (False, True):
                        at[i, k, number, int(alone)] = len(found)
                        found += self.stubborn.senders.may_send(i, control, context, alone)
        assert len(found) % MOST == 0
        return at, _numbers(found)


def _numbers(values: Any) -> Any:
    return np.array(values, dtype=np.int64)


def _joined(parts: list[list[list[int]]], width: int) -> Any:
    lines = [line for part in parts for line in part]
    return _numbers(lines).reshape(len(lines), width)
