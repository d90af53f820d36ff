"""A lock with leases for SPIN, as in benchmarks/models/lease_lock.yaml: clients crash, and write under old tokens.

A channel holds one message at most, so that it is a number: 0 is nothing, else a token. To the lock service 1 is an
ask, more a release. From the store 1 is written, 2 refused.
"""

from __future__ import annotations

from promela import Shape, d_step, proctype, width

IDLE, WAITING, HOLDING, WRITING = range(4)


def lease_lock(shape: Shape, *, clients: int, grants: int, crashes: int, judging: bool = False) -> str:
    """The Promela text; with assertions in the steps that may make a property false, if they are to be judged."""
    everybody = range(clients)
    token = f": {width(grants + 1)};"
    lines = [
        f"unsigned granted {token} bit held; unsigned newest {token}",
        f"unsigned crashes : {width(crashes + 1)} = {crashes};",
    ]
    lines += [
        f"unsigned state{c} : 2; bit down{c}; unsigned token{c} {token} unsigned asked{c} : {width(grants + 2)}; "
        f"unsigned grant{c} {token} unsigned write{c} {token} unsigned answer{c} : 2;"
        for c in everybody
    ]

    def judged(*assertions: str) -> list[str]:
        return [f"assert({assertion})" for assertion in assertions] if judging else []

    service = [d_step(["held"], ["held = 0"])]
    store, processes = [], []
    for c in everybody:
        others = [f"token{c} != token{other}" for other in everybody if other != c]
        taken = judged(" && ".join(others) or "true", f"token{c} <= granted")

        def at(state: int, *guards: str, client: int = c) -> list[str]:
            return [f"!down{client}", f"state{client} == {state}", *guards]

        steps = [
            d_step(at(IDLE, f"asked{c} == 0"), [f"state{c} = {WAITING}", f"asked{c} = 1"]),
            d_step(
                at(WAITING, f"grant{c} != 0"),
                [f"state{c} = {HOLDING}", f"token{c} = grant{c}", f"grant{c} = 0", *taken],
            ),
            d_step([f"!down{c}", f"state{c} != {WAITING}", f"grant{c} != 0"], [f"grant{c} = 0"]),
            d_step(at(HOLDING, f"write{c} == 0"), [f"state{c} = {WRITING}", f"write{c} = token{c}"]),
            d_step(at(WRITING, f"answer{c} == 1"), [f"state{c} = {HOLDING}", f"answer{c} = 0"]),
            d_step(at(WRITING, f"answer{c} == 2"), [f"state{c} = {IDLE}", f"token{c} = 0", f"answer{c} = 0"]),
            d_step([f"!down{c}", f"state{c} != {WRITING}", f"answer{c} != 0"], [f"answer{c} = 0"]),
            d_step(at(HOLDING, f"asked{c} == 0"), [f"state{c} = {IDLE}", f"asked{c} = 1 + token{c}", f"token{c} = 0"]),
            d_step([f"!down{c}", "crashes > 0"], [f"down{c} = 1", "crashes--", f"state{c} = {IDLE}", f"token{c} = 0"]),
            d_step([f"down{c}"], [f"down{c} = 0"]),
        ]
        processes.append((f"client_{c}", steps))
        given = ["held = 1", "granted++", f"grant{c} = granted", f"asked{c} = 0"]
        service += [
            d_step([f"asked{c} == 1", "!held", f"granted < {grants}", f"grant{c} == 0"], given),
            d_step([f"asked{c} == 1", "!held", f"granted == {grants}"], [f"asked{c} = 0"]),
            d_step([f"asked{c} > 1", "held", f"asked{c} == 1 + granted"], ["held = 0", f"asked{c} = 0"]),
            d_step([f"asked{c} > 1", f"(!held || asked{c} != 1 + granted)"], [f"asked{c} = 0"]),
        ]
        free = [f"write{c} != 0", f"answer{c} == 0"]
        known = judged("newest <= granted")
        store += [
            d_step([*free, f"write{c} >= newest"], [f"newest = write{c}", f"answer{c} = 1", f"write{c} = 0", *known]),
            d_step([*free, f"write{c} < newest"], [f"answer{c} = 2", f"write{c} = 0"]),
        ]
    processes += [("service", service), ("store", store)]
    if shape == "processes":
        lines += [line for name, steps in processes for line in proctype(name, [], steps)]
    else:
        lines += proctype("everybody", [], [step for _, steps in processes for step in steps])
    return "\n".join(lines) + "\n"
