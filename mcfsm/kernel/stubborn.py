"""Which steps of some states suffice; compiled by numba.

What may live here: agents and goals as bits, and ids of components. What may not: what any of them means: that says
`explore.stubborn.choice`, which chooses the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.arrays import BY_FREEZE, COUNT, EFFECTS
from mcfsm.kernel.jit import compiled

BITS = 62  # goals in a word
Numbers = NDArray[np.int64]


class Dependences(NamedTuple):
    """What a choice looks up. Components are instances, observers, channels, budgets and the freeze, in this order."""

    sender: Numbers  # of each channel
    receiver: Numbers
    faulty: Numbers  # whether it has faults,
    stays: Numbers  # and whether what is received stays in it
    partners: Numbers  # instance: those that ask for what lies between it and them, or are asked
    users: Numbers  # budget: the agents that use it up
    freezable: int  # the agents with steps that the freeze stops
    may_freeze: int
    watched: Numbers  # observer: the agents of which it sees something
    by_freeze: Numbers  # what is frozen x word: the goals that this refutes
    of_freeze: Numbers  # word: the goals that read it
    first: Numbers  # component: where its ids begin in the lists that follow
    refuted: Numbers  # id x word: the goals that it refutes
    read: Numbers  # id x goal: what that reads of it, as a number
    concerns: Numbers  # content of a channel: as `choice.Dependence` says
    tight: Numbers
    control: Numbers  # local state of an instance: the control state, as a number
    left: Numbers  # budgets x budget: what is left of it
    context: Numbers  # budgets x frozen: the context, as a number
    sends_at: Numbers  # instance x context x control state x alone: where what it may send begins in
    sends: Numbers  # to whom it may send a message, two, and so on, as bits


class LookedAt(NamedTuple):
    """What is found out about each of some steps."""

    agent: Numbers  # whose it is
    own: Numbers  # whether it is no step of the environment
    needs: Numbers  # the agents whose steps depend on it, as bits
    changed: Numbers  # step x word: the goals that read what it changes


@compiled
def choose(
    d: Dependences,
    waited_for: Any,
    flags: Any,
    effects: Any,
    before: Any,
    after: Any,
    of_state: Any,
    moves: Any,
    actors: Any,
    taken: Any,
) -> None:
    """Note in `taken` which of some steps suffice. Those of one state come together.

    `before` has the ids of each state's components, `of_state` of each step which state that is, `after` the ids where
    it leads to; `flags` and `effects` are those of the tables' moves, `actors` the instances that move, or one more.
    """
    steps = len(of_state)
    zeros = np.zeros(steps, np.int64)
    found = LookedAt(zeros, zeros.copy(), zeros.copy(), np.zeros((steps, len(waited_for)), np.int64))
    for step in range(steps):
        look_at(d, flags, effects, before[of_state[step]], after[step], step, moves[step], actors[step], found)
    begin = 0
    while begin < steps:
        end = begin
        while end < steps and of_state[end] == of_state[begin]:
            end += 1
        state, best, chosen = before[of_state[begin]], end - begin, 0
        for i in range(len(d.partners)):
            acts = False
            for step in range(begin, end):
                acts = acts or found.agent[step] == i
            if not acts:
                continue
            closed = close(d, state, i, begin, end, found)
            count = 0
            for step in range(begin, end):
                count += (closed >> found.agent[step]) & 1
            if count < best and suffices(d, state, closed, waited_for, begin, end, found):
                best, chosen = count, closed
        for step in range(begin, end):
            taken[step] = chosen == 0 or (chosen >> found.agent[step]) & 1 == 1
        begin = end


@compiled(inner=True)
def look_at(
    d: Dependences,
    flags: Any,
    effects: Any,
    before: Any,
    after: Any,
    step: int,
    move: Any,
    actor: Any,
    found: LookedAt,
) -> None:
    """Note whose a step is, what depends on it and which goals read what it changes."""
    instances, channels = len(d.partners), len(d.sender)
    first_channel = instances + len(d.watched)
    budgets = first_channel + channels
    freeze = budgets + 1
    agent, needs = actor, 0
    found.own[step] = actor < instances
    if actor == instances and before[freeze] == after[freeze]:
        for i in range(instances):
            if before[i] != after[i]:
                agent = i
        for c in range(channels):
            if before[first_channel + c] != after[first_channel + c]:
                agent = d.receiver[c]
    if agent == instances:
        needs |= d.freezable
    elif d.may_freeze and before[freeze] == 0 and flags[move] & np.uint64(BY_FREEZE) != np.uint64(0):
        needs |= 1 << instances
    for b in range(len(d.users)):
        if d.left[before[budgets], b] != d.left[after[budgets], b]:
            needs |= d.users[b]
    for c in range(channels):
        changes = before[first_channel + c] != after[first_channel + c]
        if d.sender[c] == agent and d.faulty[c] and changes:
            needs |= 1 << d.receiver[c]
    effect = np.int64(flags[move] >> np.uint64(EFFECTS))
    last = effect + np.int64((flags[move] >> np.uint64(COUNT)) & np.uint64(0xFF))
    for at in range(effect, last):
        observer = effects[3 * at] - instances
        if 0 <= observer < len(d.watched):
            needs |= d.watched[observer]
    found.agent[step], found.needs[step] = agent, needs
    if before[freeze] != after[freeze]:
        for w in range(len(d.of_freeze)):
            found.changed[step, w] |= d.of_freeze[w]
    for x in range(budgets):
        if before[x] != after[x]:
            old, new = d.first[x] + before[x], d.first[x] + after[x]
            for goal in range(d.read.shape[1]):
                if d.read[old, goal] != d.read[new, goal]:
                    found.changed[step, goal // BITS] |= 1 << (goal % BITS)


@compiled(inner=True)
def close(d: Dependences, state: Any, first: int, begin: int, end: int, found: LookedAt) -> Any:
    """The least closed set of agents with some instance, as bits; its state has steps `begin` to `end`."""
    instances = len(d.partners)
    first_channel = instances + len(d.watched)
    outside = np.zeros(instances, np.int64)
    closed, before = np.int64(1) << first, np.int64(0)
    while closed != before:
        before = closed
        sending(d, state, closed, outside)
        for step in range(begin, end):
            if (before >> found.agent[step]) & 1:
                closed |= found.needs[step]
        for i in range(instances):
            if (before >> i) & 1:
                closed |= d.partners[i]
        for c in range(len(d.sender)):
            sender, receiver = d.sender[c], d.receiver[c]
            content = d.first[first_channel + c] + state[first_channel + c]
            if (before >> sender) & 1:
                if d.tight[content]:
                    closed |= 1 << receiver
            elif (before >> receiver) & 1:
                least = d.concerns[content]
                if least > 0 and (d.sends[outside[sender] + least - 1] >> receiver) & 1:
                    closed |= 1 << sender
    return closed


@compiled(inner=True)
def sending(d: Dependences, state: Any, closed: Any, outside: Any) -> None:
    """Where `sends` says what each instance outside a set may send as long as nobody in it moves."""
    instances = len(d.partners)
    first_channel = instances + len(d.watched)
    budgets = first_channel + len(d.sender)
    context = d.context[state[budgets], state[budgets + 1]]
    receiving, grown = np.int64(0), True
    for c in range(len(d.sender)):
        if state[first_channel + c] != 0:
            receiving |= 1 << d.receiver[c]
    while grown:
        grown = False
        for i in range(instances):
            if (closed >> i) & 1 == 0:
                alone = 1 - ((receiving >> i) & 1)
                outside[i] = d.sends_at[i, context, d.control[d.first[i] + state[i]], alone]
                more = d.sends[outside[i]] & ~closed & ~receiving
                if more != 0:
                    receiving, grown = receiving | more, True


@compiled(inner=True)
def suffices(d: Dependences, state: Any, closed: Any, waited_for: Any, begin: int, end: int, found: LookedAt) -> bool:
    """Whether the steps of a closed set of agents suffice, but that one has to lead to something new."""
    instances = len(d.partners)
    first_channel = instances + len(d.watched)
    frozen = state[first_channel + len(d.sender) + 1]
    own = False
    for step in range(begin, end):
        own = own or ((closed >> found.agent[step]) & 1 == 1 and found.own[step] == 1)
    if not own:
        return False
    for w in range(len(waited_for)):
        open_ = np.int64(0)
        for step in range(begin, end):
            if (closed >> found.agent[step]) & 1:
                open_ |= found.changed[step, w]
        open_ &= waited_for[w]
        if frozen or (closed >> instances) & 1:
            open_ &= ~d.by_freeze[frozen, w]
        for i in range(instances):
            if (closed >> i) & 1:
                open_ &= ~d.refuted[d.first[i] + state[i], w]
        for c in range(len(d.sender)):
            if (closed >> d.receiver[c]) & 1 and d.stays[c] == 0:
                open_ &= ~d.refuted[d.first[first_channel + c] + state[first_channel + c], w]
        if open_ != 0:
            return False
    return True
