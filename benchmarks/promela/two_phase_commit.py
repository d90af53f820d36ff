"""Two-phase commit for SPIN, as in models/textbook/two_phase_commit.yaml: messages once sent stay receivable."""

from __future__ import annotations

from promela import Shape, d_step, proctype

WORKING, PREPARED, COMMITTED, ABORTED = range(4)


def two_phase_commit(shape: Shape, *, managers: int, judging: bool = False) -> str:
    """The Promela text. A set channel holds each message once, so that a bit for each message is its content.

    Where a property is to be judged, the steps that may make it false assert it.
    """
    everybody = (1 << managers) - 1
    lines = [
        f"unsigned votes : {managers};      /* transaction manager: who has voted */",
        f"unsigned prepared : {managers};   /* messages sent to it */",
        "bit commit, abort;              /* messages sent to all resource managers */",
        "unsigned tm : 2;                /* 0 init, 1 committed, 2 aborted */",
        *(f"unsigned rm{i} : 2;" for i in range(managers)),
    ]
    tm = [d_step(["tm == 0", f"(prepared & {1 << i})"], [f"votes = votes | {1 << i}"]) for i in range(managers)]
    tm.append(d_step(["tm == 0", f"votes == {everybody}"], ["tm = 1", "commit = 1"]))
    tm.append(d_step(["tm == 0"], ["tm = 2", "abort = 1"]))
    processes = [("transaction_manager", tm)]
    for i in range(managers):

        def agreed(other: int, manager: int = i) -> list[str]:
            undecided = " && ".join(f"rm{j} != {other}" for j in range(managers) if j != manager) or "true"
            return [f"assert({undecided})"] if judging else []

        steps = [
            d_step([f"rm{i} == {WORKING}"], [f"rm{i} = {PREPARED}", f"prepared = prepared | {1 << i}"]),
            d_step([f"rm{i} == {WORKING}"], [f"rm{i} = {ABORTED}", *agreed(COMMITTED)]),
            d_step(["commit"], [f"rm{i} = {COMMITTED}", *agreed(ABORTED)]),
            d_step(["abort"], [f"rm{i} = {ABORTED}", *agreed(COMMITTED)]),
        ]
        processes.append((f"resource_manager_{i}", steps))
    if shape == "processes":
        lines += [line for name, steps in processes for line in proctype(name, [], steps)]
    else:
        lines += proctype("everybody", [], [step for _, steps in processes for step in steps])
    return "\n".join(lines) + "\n"
