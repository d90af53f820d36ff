"""Models of TLA+ whose counts are published, in plain Python without mcfsm: what TLC counts of them, and what we do.

Each function returns initial states, a function from a state to its successors, one for each way in which an action is
taken, with what we tell steps apart by, and the constraint of the model. They say what those models say; that they do
is shown by the figures that are published.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Any

State = Any
Modelled = tuple[list[State], Callable[[State], Iterator[tuple[str, State]]], Callable[[State], bool]]


@dataclass(frozen=True)
class Counted:
    """What TLC prints (generated, distinct, depth), and the steps to states that the constraint lets be, and beyond."""

    generated: int
    distinct: int
    depth: int
    steps: int  # two ways to the same are one, and no way is one in which nothing changes
    beyond: int
    still: int  # steps in which nothing changes


def count(modelled: Modelled) -> Counted:
    """Explore breadth first. A state that breaks the constraint is generated, and no more."""
    initial, successors, allowed = modelled
    seen: set[Hashable] = set(initial)
    level, depth, generated, steps, beyond, still = list(initial), 0, len(initial), 0, 0, 0
    while level:
        depth += 1
        onward = []
        for state in level:
            ways = list(successors(state))
            generated += len(ways)
            leading = [target for _, target in dict.fromkeys(ways) if target is not None]
            taken = [target for target in leading if allowed(target)]
            beyond += len(leading) - len(taken)
            steps += sum(target != state for target in taken)
            still += sum(target == state for target in taken)
            for target in taken:
                if target not in seen:
                    seen.add(target)
                    onward.append(target)
        level = onward
    return Counted(generated, len(seen), depth, steps, beyond, still)


def free(_: State) -> bool:
    """The constraint of a model without one."""
    return True


def changed(values: tuple[Any, ...], index: int, value: Any) -> tuple[Any, ...]:
    """A tuple with one value in place of another."""
    return (*values[:index], value, *values[index + 1 :])


def without(queue: tuple[Any, ...], index: int) -> tuple[Any, ...]:
    """A queue with one element less."""
    return queue[:index] + queue[index + 1 :]


def alternating_bit(longest: int = 2, data: int = 2) -> Modelled:
    """(messages, acknowledgements, sender's bit, its last acknowledgement, receiver's bit, sent, received)."""

    def successors(state: State) -> Iterator[tuple[str, State]]:
        messages, acks, bit, acked, expected, sent, got = state
        if bit == acked:
            for item in range(data):
                yield "next", ((*messages, (1 - bit, item)), acks, 1 - bit, acked, expected, item, got)
        else:
            yield "again", ((*messages, (bit, sent)), acks, bit, acked, expected, sent, got)
        if messages:
            yield "data", (messages[1:], acks, bit, acked, messages[0][0], sent, messages[0][1])
        yield "answer", (messages, (*acks, expected), bit, acked, expected, sent, got)
        if acks:
            yield "ack", (messages, acks[1:], bit, acks[0], expected, sent, got)
        for i in range(len(messages)):
            yield "lose", (without(messages, i), acks, bit, acked, expected, sent, got)
        for i in range(len(acks)):
            yield "lose", (messages, without(acks, i), bit, acked, expected, sent, got)

    initial = [((), (), b, b, b, s, r) for b, s, r in product(range(2), range(data), range(data))]
    return initial, successors, lambda state: max(len(state[0]), len(state[1])) <= longest


def echo(nodes: int = 3) -> Modelled:
    """For each node: where it is, what waits for it, its parent, its children, how many it has heard of. 0 begins."""
    everybody = frozenset(range(nodes))

    def successors(state: State) -> Iterator[tuple[str, State]]:
        if all(here == "done" for here, *_ in state):
            yield "stutter", state
        for n, (here, waiting, parent, children, heard) in enumerate(state):

            def moves(said: str, to: frozenset[int], *becomes: Any, n: int = n) -> State:
                told = [(h, w | {(said, n)} if m in to else w, *rest) for m, (h, w, *rest) in enumerate(state)]
                return changed(tuple(told), n, becomes)

            if here == "asleep":
                yield (
                    f"{n} moves",
                    moves("token", everybody - {n} if n == 0 else frozenset(), "counting", *state[n][1:]),
                )
            if here == "counting" and heard == nodes - 1:
                yield f"{n} moves", moves("", frozenset(), "answering", *state[n][1:])
            if here == "answering":
                yield f"{n} moves", moves("echo", frozenset({parent} - {None}), "done", *state[n][1:])
            for message in waiting if here == "counting" and heard < nodes - 1 else ():
                said, sender = message
                left, found = waiting - {message}, children | ({sender} if said == "echo" else set())
                if n != 0 and heard == 0:
                    yield f"{n} moves", moves("token", everybody - {n, sender}, here, left, sender, found, 1)
                else:
                    yield f"{n} moves", moves("", frozenset(), here, left, parent, found, heard + 1)

    return [(("asleep", frozenset(), None, frozenset(), 0),) * nodes], successors, free


def chang_roberts(nodes: int = 3) -> Modelled:
    """For each node what waits for it, whether it has begun, whether it is a candidate at first, and its state."""

    def successors(state: State) -> Iterator[tuple[str, State]]:
        waiting, begun, candidates, states = state
        for n in range(nodes):
            onward = (n + 1) % nodes
            if not begun[n]:
                sent = changed(waiting, onward, waiting[onward] | {n}) if candidates[n] else waiting
                yield f"{n}", (sent, changed(begun, n, True), candidates, states)
                continue
            for number in waiting[n]:
                left = changed(waiting, n, waiting[n] - {number})
                passed = changed(left, onward, left[onward] | {number})
                if states[n] == "lost":
                    yield f"{n}", (passed, begun, candidates, states)
                elif number < n:
                    yield f"{n}", (passed, begun, candidates, changed(states, n, "lost"))
                else:
                    yield f"{n}", (left, begun, candidates, changed(states, n, "won") if number == n else states)

    initial = [
        ((frozenset(),) * nodes, (False,) * nodes, chosen, tuple("candidate" if c else "lost" for c in chosen))
        for chosen in product((False, True), repeat=nodes)
    ]
    return initial, successors, free


def lamport_mutex(sites: int = 3, latest: int = 6) -> Modelled:
    """(clocks, requests known, acknowledgements, channels by sender and receiver, who is inside)."""
    pairs = [(p, q) for p in range(sites) for q in range(sites) if p != q]
    place = {pair: i for i, pair in enumerate(pairs)}

    def told(network: State, p: int, message: Any) -> State:
        return tuple((*queue, message) if pair[0] == p else queue for pair, queue in zip(pairs, network, strict=True))

    def successors(state: State) -> Iterator[tuple[str, State]]:
        clock, asked, acks, network, inside = state
        for p in range(sites):
            mine = asked[p]
            if mine[p] == 0:
                known = changed(asked, p, changed(mine, p, clock[p]))
                yield f"{p}", (clock, known, changed(acks, p, frozenset({p})), told(network, p, clock[p]), inside)
            first = all(mine[q] == 0 or (mine[p], p) < (mine[q], q) for q in range(sites) if q != p)
            if len(acks[p]) == sites and first:
                yield f"{p}", (clock, asked, acks, network, inside | {p})
            if p in inside:
                known = changed(asked, p, changed(mine, p, 0))
                yield f"{p}", (clock, known, changed(acks, p, frozenset()), told(network, p, "release"), inside - {p})
            for q in range(sites):
                if q == p or not network[place[q, p]]:
                    continue
                message, *rest = network[place[q, p]]
                left = changed(network, place[q, p], tuple(rest))
                if message == "ack":
                    yield f"{p}", (clock, asked, changed(acks, p, acks[p] | {q}), left, inside)
                elif message == "release":
                    yield f"{p}", (clock, changed(asked, p, changed(mine, q, 0)), acks, left, inside)
                else:
                    answered = changed(left, place[p, q], (*left[place[p, q]], "ack"))
                    later = changed(clock, p, max(message, clock[p]) + 1)
                    yield f"{p}", (later, changed(asked, p, changed(mine, q, message)), acks, answered, inside)

    initial = ((1,) * sites, ((0,) * sites,) * sites, (frozenset(),) * sites, ((),) * len(pairs), frozenset())
    return [initial], successors, lambda state: max(state[0]) <= latest


def paxos(ballots: int = 2, acceptors: int = 3, values: int = 2) -> Modelled:
    """(each acceptor's ballot, ballot of its vote, its vote; all that was ever said)."""
    quorums = list(combinations(range(acceptors), acceptors // 2 + 1))

    def successors(state: State) -> Iterator[tuple[str, State]]:
        voters, said = state
        for ballot in range(ballots):
            yield f"1a {ballot}", (voters, said | {("1a", ballot)})
            if not any(m[0] == "2a" and m[1] == ballot for m in said):
                promises = {m[2]: m[3:] for m in said if m[0] == "1b" and m[1] == ballot}
                for value in range(values):
                    for quorum in quorums:
                        if set(quorum) <= set(promises):
                            votes = [promises[a] for a in quorum if promises[a][0] >= 0]
                            last = [vote for vote in votes if vote[0] == max(votes)[0]]
                            for _ in range(sum(vote[1] == value for vote in last) if votes else 1):
                                yield "2a", (voters, said | {("2a", ballot, value)})
        for a, (latest, of, vote) in enumerate(voters):
            for message in said:
                if message[0] == "1a" and message[1] > latest:
                    promise = ("1b", message[1], a, of, vote)
                    yield f"1b {a}", (changed(voters, a, (message[1], of, vote)), said | {promise})
                if message[0] == "2a" and message[1] >= latest:
                    _, ballot, value = message
                    yield (
                        f"2b {a} {ballot}",
                        (changed(voters, a, (ballot, ballot, value)), said | {("2b", ballot, a, value)}),
                    )

    return [(((-1, -1, None),) * acceptors, frozenset())], successors, free


def tcp(*, together: bool = True) -> Modelled:
    """(whether each has a control block, states, what waits for each), of the peers 0 and 1.

    With `together`, a FIN and the ACK of FIN behind it may be taken as one; each way leads to the same.
    """
    simple = {  # what a peer does with the first message that waits for it: its next state, and what it answers
        ("syn_sent", "SYN"): ("syn_received", "SYN,ACK"),
        ("syn_sent", "SYN,ACK"): ("established", "ACK"),
        ("syn_received", "RST"): ("listen", None),
        ("syn_received", "ACK"): ("established", None),
        ("listen", "SYN"): ("syn_received", "SYN,ACK"),
        ("established", "FIN"): ("close_wait", "ACK of FIN"),
        ("fin_wait_1", "FIN"): ("closing", "ACK of FIN"),
        ("fin_wait_1", "ACK of FIN"): ("fin_wait_2", None),
        ("fin_wait_2", "FIN"): ("time_wait", "ACK of FIN"),
        ("closing", "ACK of FIN"): ("time_wait", None),
        ("last_ack", "ACK of FIN"): ("closed", None),
    }
    closing = {"syn_received": "fin_wait_1", "established": "fin_wait_1", "close_wait": "last_ack"}

    def successors(state: State) -> Iterator[tuple[str, State]]:
        blocks, states, waiting = state
        for p in range(2):
            here, queue = states[p], waiting[p]

            def becomes(
                new: str, taken: int = 0, said: str | None = None, block: bool = blocks[p], p: int = p
            ) -> State:
                left = changed(waiting, p, waiting[p][taken:])
                if said is not None:
                    left = changed(left, 1 - p, (*left[1 - p], said))
                return changed(blocks, p, block), changed(states, p, new), left

            if here in ("syn_sent", "listen"):
                yield "close", becomes("closed", block=False)
            yield from {"closed": [("open", None)] * 2, "listen": [("send", None)]}.get(
                here, []
            )  # to open, and to send, which are excluded
            if here in closing:
                yield "close", becomes(closing[here], said="FIN")
            if queue and (here, queue[0]) in simple:
                new, answer = simple[here, queue[0]]
                yield "note 3" if queue[0] == "RST" else "receive", becomes(new, 1, answer)
            if together and here == "fin_wait_1" and queue[:2] == ("FIN", "ACK of FIN"):
                yield "note 2", becomes("time_wait", 2, "ACK of FIN")
            if here == "time_wait" and blocks[p]:
                yield "2MSL", becomes("closed", block=False)
            if blocks[p]:
                yield "reset", becomes("time_wait", said="RST")
            if queue and queue[0] == "RST":
                yield "note 3", becomes("listen", 1)
                yield "note 3", becomes("closed", 1)

    initial = [
        ((True, True), ("syn_sent", "listen"), ((), ("SYN",))),
        ((True, True), ("listen", "syn_sent"), (("SYN",), ())),
    ]
    return (
        initial,
        successors,
        lambda state: all(a != b for queue in state[2] for a, b in pairwise(queue)),
    )
