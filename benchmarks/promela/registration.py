"""Registration of users who move, for SPIN, as in benchmarks/models/registration.yaml: channels that block when full.

Values: systems A, B, C are 0, 1, 2 (a record of 0: at home). From a user: 0 deregister, 1 authentication request, 2
registration request; to it 0 and 1, the answers. Else a user's number.
"""

from __future__ import annotations

from promela import Shape, d_step, proctype, width
from promela.migration_core import PARTNERS, SYSTEMS, Case, Channels

SERVED, AUTHENTICATING, REGISTERING = range(3)


def registration(shape: Shape, *, users: int, moves: int, bound: int, judging: bool = False) -> str:
    """The Promela text; with assertions in the steps that may make a property false, if they are to be judged."""
    channels, people = Channels(shape, bound), range(users)
    lines = [channels.declare(f"u{i}_{s}", 3) for i in people for s in SYSTEMS]
    lines += [channels.declare(f"{s}_u{i}", 2) for i in people for s in SYSTEMS]
    lines += [channels.declare(f"{s}_A", users) for s in PARTNERS]
    lines += [channels.declare(f"A_{s}", users) for s in PARTNERS]
    lines += [
        f"unsigned moves : {width(moves + 1)} = {moves};",
        *(f"unsigned state{i} : 2; unsigned at{i} : 2; unsigned away{i} : 2;" for i in people),
        *(f"bit {s}_knows{i};" for i in people for s in SYSTEMS),
        *(f"bit {s}_serves{i}; bit {s}_owes{i};" for i in people for s in PARTNERS),
        "hidden byte m;                  /* the message being received */",
    ]

    def judged(*assertions: str) -> list[str]:
        return [f"assert({assertion})" for assertion in assertions] if judging else []

    def one_of_both(s: str, i: int) -> str:
        return f"!({s}_serves{i} && {s}_knows{i})"

    def known(s: str, i: int) -> str:
        return f"!(state{i} == {REGISTERING} && at{i} == {SYSTEMS.index(s)}) || {s}_serves{i} || {s}_knows{i}"

    steps = []
    for i in people:
        for old, a in enumerate(SYSTEMS):
            for new, b in enumerate(SYSTEMS):
                if old != new:
                    guards = [f"state{i} == {SERVED}", f"at{i} == {old}", "moves > 0"]
                    guards += [channels.free(f"u{i}_{a}"), channels.free(f"u{i}_{b}")]
                    effects = ["moves--", f"state{i} = {AUTHENTICATING}", f"at{i} = {new}"]
                    effects += [channels.send(f"u{i}_{a}", "0"), channels.send(f"u{i}_{b}", "1")]
                    steps.append(d_step(guards, effects))
        for s in SYSTEMS:
            here = judged(known(s, i)) if s in PARTNERS else []
            registering = [f"state{i} = {REGISTERING}", channels.send(f"u{i}_{s}", "2"), *here]
            cases = [
                Case(0, [f"state{i} == {AUTHENTICATING}", channels.free(f"u{i}_{s}")], registering),
                Case(1, [f"state{i} == {REGISTERING}"], [f"state{i} = {SERVED}"]),
            ]
            steps += channels.receptions(f"{s}_u{i}", [], cases)
            free, answer = channels.free(f"{s}_u{i}"), channels.send(f"{s}_u{i}", "1")
            if s in PARTNERS:
                room = [free, f"{s}_knows{i}", channels.free(f"{s}_A")]
                done = [f"{s}_knows{i} = 0", f"{s}_serves{i} = 1", f"{s}_owes{i} = 1", answer]
                done += [channels.send(f"{s}_A", str(i)), *judged(one_of_both(s, i), known(s, i))]
                gone = [f"{s}_serves{i} = 0", *judged(known(s, i))]
            else:
                room, done, gone = [free, f"A_knows{i}"], [f"A_knows{i} = 0", f"away{i} = 0", answer], ["skip"]
            checked = judged(one_of_both(s, i)) if s in PARTNERS else []
            asked = [f"{s}_knows{i} = 1", channels.send(f"{s}_u{i}", "0"), *checked]
            steps += channels.receptions(
                f"u{i}_{s}", [], [Case(0, [], gone), Case(1, [free], asked), Case(2, room, done)]
            )
    for number, s in enumerate(PARTNERS, 1):
        told = [Case(i, [], [f"away{i} = {number}", channels.send(f"A_{s}", str(i))]) for i in people]
        steps += channels.receptions(f"{s}_A", [channels.free(f"A_{s}")], told)
        steps += channels.receptions(f"A_{s}", [], [Case(i, [], [f"{s}_owes{i} = 0"]) for i in people])
    lines += proctype("everybody", [], steps)
    return "\n".join(lines) + "\n"
