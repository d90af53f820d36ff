"""The textbook protocols once more, in plain Python without mcfsm: where the expected numbers of the tests come from.

Each function returns an initial state and a function from a state to the list of its successors, one for every enabled
(state, outcome) pair. Channels are tuples; nothing is shared with the model files but the papers they follow.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import permutations
from math import inf
from typing import Any

State = Any
Counts = tuple[int, int, int]
Protocol = tuple[State, Callable[[State], list[State]]]


def count(protocol: Protocol, **questions: Callable[[State], bool]) -> tuple[Counts, dict[str, int | None]]:
    """States, transitions, depth; and for each question the depth of the first state that answers yes."""
    initial, successors = protocol
    seen: set[Hashable] = {initial}
    answers: dict[str, int | None] = dict.fromkeys(questions)
    level, depth, transitions = [initial], -1, 0
    while level:
        depth += 1
        onward = []
        for state in level:
            for name, question in questions.items():
                if answers[name] is None and question(state):
                    answers[name] = depth
            following = successors(state)
            transitions += len(following)
            for target in following:
                if target not in seen:
                    seen.add(target)
                    onward.append(target)
        level = onward
    return (len(seen), transitions, depth), answers


def two_phase_commit(n: int) -> Protocol:
    """(managers, coordinator, votes, soup); the soup holds prepared by sender, and the decision once it is taken."""

    def successors(state: State) -> list[State]:
        managers, coordinator, votes, soup = state
        decisions = (("commit", "committed"), ("abort", "aborted"))
        found = []
        for i, manager in enumerate(managers):

            def becomes(new: str, more: frozenset[Any] = frozenset(), i: int = i) -> State:
                return (*managers[:i], new, *managers[i + 1 :]), coordinator, votes, soup | more

            if manager == "working":
                found += [becomes("prepared", frozenset({i})), becomes("aborted")]
            found += [becomes(new) for message, new in decisions if message in soup]
        if coordinator == "init":
            found += [(managers, "init", votes | {i}, soup) for i in range(n) if i in soup]
            if len(votes) == n:
                found.append((managers, "committed", votes, soup | {"commit"}))
            found.append((managers, "aborted", votes, soup | {"abort"}))
        return found

    return (("working",) * n, "init", frozenset(), frozenset()), successors


def alternating_bit(
    items: int,
    *,
    bound: int = 2,
    losses: float = inf,
    copies: float = inf,
    reorderings: float = 0,
    look_data: bool = True,
    look_ack: bool = True,
    watch: bool = True,
) -> Protocol:
    """(transmitter, acceptor, data and acknowledgements on their way, faults left, what the user saw).

    Either channel loses, doubles and turns round any of its messages as often as there are losses, copies and
    reorderings left, of both together; what one of these makes alike is one successor.
    """

    def struck(channel: tuple[Any, ...], left: tuple[float, ...]) -> list[tuple[tuple[Any, ...], tuple[float, ...]]]:
        numbers = range(len(channel))
        lost = {channel[:i] + channel[i + 1 :] for i in numbers}
        doubled = {(*channel, message) for message in channel} if len(channel) < bound else set()
        turned = {(*channel[:i], channel[i + 1], channel[i], *channel[i + 2 :]) for i in numbers[:-1]} - {channel}
        return [
            (after, (*left[:kind], left[kind] - 1, *left[kind + 1 :]))
            for kind, ways in enumerate((lost, doubled, turned))
            for after in ways
            if left[kind]
        ]

    def successors(state: State) -> list[State]:
        (phase, bit, item), (expected, _), data, acks, left, user = state
        delivered, repeated, disordered = user
        found = []

        def go(**new: Any) -> None:
            names = ("tx", "rx", "data", "acks", "left", "user")
            found.append(tuple(new.get(name, old) for name, old in zip(names, state, strict=True)))

        if phase != "done" and len(data) < bound:  # transmit, or repeat when patience is over
            go(tx=("waiting", bit, item), data=(*data, (bit, item)))
        if acks and phase == "waiting" and (acks[0] == bit or not look_ack):
            go(tx=("ready", 1 - bit, item + 1) if item < items else ("done", bit, item), acks=acks[1:])
        elif acks:
            go(acks=acks[1:])
        if data and len(acks) < bound:
            (got_bit, got), answered = data[0], (*acks, data[0][0])
            if got_bit == expected or not look_data:
                seen = (delivered | {got}, repeated or got in delivered, disordered or any(i > got for i in delivered))
                go(rx=(1 - got_bit, got), data=data[1:], acks=answered, user=seen if watch else user)
            else:
                go(data=data[1:], acks=answered)
        for after, then_left in struck(data, left):
            go(data=after, left=then_left)
        for after, then_left in struck(acks, left):
            go(acks=after, left=then_left)
        return found

    return (("ready", 0, 1), (0, 0), (), (), (losses, copies, reorderings), (frozenset(), False, False)), successors


def token_ring(n: int, tokens: int = 1) -> Protocol:
    """((phase, has token) of each station, tokens on the way to each, stations that have entered)."""

    def successors(state: State) -> list[State]:
        stations, coming, entered = state
        found = []
        for i, (phase, has) in enumerate(stations):
            after = (i + 1) % n

            def move(new: tuple[str, bool], arrive: int = 0, forward: int = 0, i: int = i, after: int = after) -> State:
                more = list(coming)
                more[i] -= arrive
                more[after] += forward
                assert more[after] <= tokens
                been = entered | {i} if new[0] == "critical" else entered
                return (*stations[:i], new, *stations[i + 1 :]), tuple(more), been

            if phase == "idle":
                found.append(move(("wanting", has)))
            if phase == "wanting" and has:
                found.append(move(("critical", has)))
            if phase == "critical" or (phase == "idle" and has):
                found.append(move(("idle", False), forward=1))
            if coming[i]:
                found.append(move((phase, True), arrive=1))
        return found

    return (tuple(("idle", i < tokens) for i in range(n)), (0,) * n, frozenset()), successors


def leader_election(n: int) -> Protocol:
    """(placement once dealt, (phase, number of the leader if known) of each, messages coming to each)."""

    def successors(state: State) -> list[State]:
        placement, members, coming = state
        if placement is None:
            return [(p, members, coming) for p in permutations(range(1, n + 1))]
        found = []

        def move(i: int, phase: str, known: int, send: Any = None, *, receive: bool = False) -> None:
            channels = [list(channel) for channel in coming]
            if receive:
                channels[i].pop(0)
            if send:
                channels[(i + 1) % n].append(send)
            found.append((placement, (*members[:i], (phase, known), *members[i + 1 :]), tuple(map(tuple, channels))))

        for i, (phase, known) in enumerate(members):
            mine = placement[i]
            if phase == "unnumbered":  # is told its seat; whatever else comes waits
                move(i, "passive", 0)
                continue
            if phase == "passive":
                move(i, "candidate", 0, ("election", mine))
            if not coming[i]:
                continue
            match coming[i][0], phase:
                case ("election", number), _ if number > mine:
                    move(i, "defeated", known, ("election", number), receive=True)
                case ("election", number), "passive":
                    move(i, "candidate", 0, ("election", mine), receive=True)
                case ("election", number), _ if number < mine:
                    move(i, phase, known, receive=True)
                case ("election", _), "candidate":
                    move(i, "leader", mine, ("elected", mine), receive=True)
                case ("elected", _), "leader":
                    move(i, phase, known, receive=True)
                case ("elected", number), "defeated":
                    move(i, "follower", number, ("elected", number), receive=True)
                case unexpected:
                    raise AssertionError(unexpected)
        return found

    return (None, (("unnumbered", 0),) * n, ((),) * n), successors
