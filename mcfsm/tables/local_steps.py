"""The local steps of an instance, each computed once for all local states that look alike to its transition.

What may live here: what steps of one instance lead to, remembered. What may not: a second opinion on what a step is,
which `semantics.role` says, and what a step changes outside its instance.

A transition reads some variables and writes some. What it leads to is computed once for each combination of a control
state, a message and the values that it reads, as LTSmin keys its tables by a dependency matrix (Blom, van de Pol, Weber
2010): a role with many local states has few of these combinations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mcfsm.model import Local, Message
from mcfsm.problems import ModelError
from mcfsm.semantics.asking import Answers, cases
from mcfsm.semantics.role import Event, Reception, RoleMachine
from mcfsm.semantics.transition import IGNORE, Outcome, Way
from mcfsm.tables.components import CONTROL, FIELD, LocalStates
from mcfsm.tables.variant_encoding import VariantEncoding


@dataclass(frozen=True, slots=True, eq=False)
class LocalStep:
    """What a transition leads to where its instance looks like this: what is sent, and how the code changes."""

    event: Event | None
    transition: int  # index in the role's transitions, or IGNORE
    sends: tuple[tuple[int, Message], ...]
    keep: int  # the bits of the code that stay
    bits: int  # and what stands in the others
    answers: Answers = ()  # of channels: it is taken where they give all of these
    error: ModelError | None = None  # that an expression then has no value: nothing is taken

    def after(self, code: int) -> int:
        """The code of the local state that it leads to."""
        return code & self.keep | self.bits


class _Memo(NamedTuple):
    """What one transition leads to from one control state, by the part of the code that it reads."""

    way: Way
    reads: int
    writes: int
    known: dict[int, list[LocalStep]]


class LocalSteps:
    """The local steps of one instance, as a variant of the family defines it."""

    def __init__(self, encoding: VariantEncoding, variant: int, instance: int, states: LocalStates) -> None:
        self.machine: RoleMachine = encoding.product(variant).machines[instance]
        self.states = states
        self._encoding, self._variant, self._instance = encoding, variant, instance
        self._fields = [CONTROL << FIELD * (at + 1) for at in encoding.places(variant, instance)]
        self._memos: dict[tuple[int, Event | None], list[_Memo]] = {}
        self._received: dict[tuple[int, Event], list[LocalStep]] = {}
        self._unmatched_by: dict[tuple[int, str], Reception] = {}  # by control state and message
        self._ignored: dict[tuple[int, Event], LocalStep] = {}

    def spontaneous(self, local_id: int) -> list[LocalStep]:
        """What may happen without a message, in the order of `RoleMachine.local_step`."""
        return self._steps(local_id, None)

    def received(self, local_id: int, event: Event) -> list[LocalStep]:
        """What a message leads to, in the order of `RoleMachine.local_step`."""
        key = local_id, event
        found = self._received.get(key)
        if found is None:
            found = self._steps(local_id, event)
            if not found and self._unmatched(local_id, event) == "ignored":
                # one for each control state: observers see a loss where the instance is down, a reception elsewhere
                unread = self.states.codes[local_id] & CONTROL, event
                found.append(self._ignored.setdefault(unread, LocalStep(event, IGNORE, (), -1, 0)))
            self._received[key] = found
        return found

    def reception(self, local_id: int, event: Event) -> Reception:
        """What becomes of a message, as `RoleMachine.reception` says."""
        found = self.received(local_id, event)
        return "handled" if found and found[0].transition != IGNORE else self._unmatched(local_id, event)

    def own(self, local_id: int) -> Local:
        """The local state of a number, as the variant writes it."""
        return self._encoding.decode_local(self._variant, self._instance, self.states.values[local_id])

    def _unmatched(self, local_id: int, event: Event) -> Reception:
        key = self.states.codes[local_id] & CONTROL, event.message.name
        found = self._unmatched_by.get(key)
        if found is None:
            found = self._unmatched_by[key] = self.machine.unmatched(self.own(local_id).states, event.message.name)
        return found

    def _steps(self, local_id: int, event: Event | None) -> list[LocalStep]:
        code = self.states.codes[local_id]
        memos = self._memos.get((code & CONTROL, event))
        if memos is None:
            memos = self._memos[code & CONTROL, event] = self._leaving(self.own(local_id), event)
        found: list[LocalStep] = []
        for memo in memos:
            steps = memo.known.get(code & memo.reads)
            if steps is None:
                steps = memo.known[code & memo.reads] = self._computed(memo, local_id, event)
            found += steps
        return found

    def _leaving(self, local: Local, event: Event | None) -> list[_Memo]:
        ways = self.machine.leaving(local.states, None if event is None else event.message.name)
        return [_Memo(way, self._mask(way[0].reads), CONTROL | self._mask(way[0].writes), {}) for way in ways]

    def _mask(self, variables: frozenset[int]) -> int:
        return sum(self._fields[variable] for variable in variables)

    def _computed(self, memo: _Memo, local_id: int, event: Event | None) -> list[LocalStep]:
        if event is None and memo.way[0].asks:
            return list(self._asked(memo, local_id))
        outcomes = self.machine.outcomes(memo.way, self.own(local_id), event)
        return [self._step(memo, event, outcome) for outcome in outcomes]

    def _step(self, memo: _Memo, event: Event | None, outcome: Outcome, answers: Answers = ()) -> LocalStep:
        after = self.states.code(self._encoding.encode_local(self._variant, self._instance, outcome.local))
        return LocalStep(event, outcome.transition, outcome.sends, ~memo.writes, after & memo.writes, answers)

    def _asked(self, memo: _Memo, local_id: int) -> Iterator[LocalStep]:
        """The steps of a line that asks channels: those of each case of what is in them."""
        for case in cases(self.machine, memo.way, self.own(local_id)):
            for outcome in case.outcomes:
                yield self._step(memo, None, outcome, case.answers)
            if case.error is not None:
                yield LocalStep(None, IGNORE, (), -1, 0, case.answers, case.error)
