"""One decree of Paxos for SPIN, as in benchmarks/models/paxos.yaml: whatever was sent is received in any order.

A proposer sends one message of each kind to an acceptor, and gets one back: a bag is a flag, or a number that is not 0.
"""

from __future__ import annotations

from promela import Shape, d_step, proctype, width

IDLE, PREPARING, PROPOSED = range(3)


def paxos(shape: Shape, *, proposers: int, acceptors: int, bound: int, judging: bool = False) -> str:
    """The Promela text, where a bag holds one message at most or two.

    Where properties are to be judged, the steps that may make one false assert them.
    """
    assert 1 <= bound <= 2, "no acceptor is ever sent a third message by one proposer"
    ballots, everybody = range(1, proposers + 1), range(acceptors)
    number = f": {width(proposers + 1)};"
    lines = [
        line
        for p in ballots
        for line in (
            f"unsigned state{p} : 2; unsigned promised_by{p} : {acceptors};",
            f"unsigned best{p} {number} unsigned wanted{p} : {width(proposers + 1)} = {p};",
            *(f"bit prepare{p}_{a}; byte promise{p}_{a}; unsigned accept{p}_{a} {number}" for a in everybody),
        )
    ]
    lines += [f"unsigned promised{a} {number} unsigned voted{a} {number} unsigned value{a} {number}" for a in everybody]

    def majority(ballot: str, value: str) -> str:
        votes = " + ".join(f"(voted{a} == {ballot} && value{a} == {value})" for a in everybody)
        return f"2 * ({votes}) > {acceptors}"

    def judged(*assertions: str) -> list[str]:
        return [f"assert({assertion})" for assertion in assertions] if judging else []

    processes = []
    for p in ballots:
        steps = [
            d_step([f"state{p} == {IDLE}"], [f"state{p} = {PREPARING}", *(f"prepare{p}_{a} = 1" for a in everybody)])
        ]
        for a in everybody:
            told = f"promise{p}_{a}"  # 1, and the ballot and the value of a vote as one number
            voted, value = f"(({told} - 1) / {proposers + 1})", f"(({told} - 1) % {proposers + 1})"
            heard = f"promised_by{p} = promised_by{p} | {1 << a}"
            here = [f"state{p} == {PREPARING}", f"{told} != 0"]
            newer = [heard, f"best{p} = {voted}", f"wanted{p} = {value}", f"{told} = 0"]
            steps.append(d_step([*here, f"{voted} > best{p}"], newer))
            steps.append(d_step([*here, f"{voted} <= best{p}"], [heard, f"{told} = 0"]))
            steps.append(d_step([f"state{p} == {PROPOSED}", f"{told} != 0"], [f"{told} = 0"]))
        promises = " + ".join(f"((promised_by{p} >> {a}) & 1)" for a in everybody)
        earlier = [f"!({majority(str(n), str(v))}) || wanted{p} == {v}" for n in range(1, p) for v in ballots]
        proposing = [f"state{p} = {PROPOSED}", *(f"accept{p}_{a} = wanted{p}" for a in everybody), *judged(*earlier)]
        room = [f"!prepare{p}_{a}" for a in everybody] if bound == 1 else []
        steps.append(d_step([f"state{p} == {PREPARING}", f"2 * ({promises}) > {acceptors}", *room], proposing))
        processes.append((f"proposer_{p}", steps))
    for a in everybody:
        steps = []
        for p in ballots:
            asked, told, proposed = f"prepare{p}_{a}", f"promise{p}_{a}", f"accept{p}_{a}"
            answer = f"{told} = 1 + voted{a} * {proposers + 1} + value{a}"
            kept = judged(f"voted{a} <= promised{a}")
            steps.append(d_step([asked, f"{p} > promised{a}"], [f"promised{a} = {p}", answer, f"{asked} = 0", *kept]))
            steps.append(d_step([asked, f"{p} <= promised{a}"], [f"{asked} = 0"]))
            later = [
                f"!(state{q} == {PROPOSED} && {majority(str(p), f'value{a}')}) || wanted{q} == value{a}"
                for q in range(p + 1, proposers + 1)
            ]
            vote = [f"promised{a} = {p}", f"voted{a} = {p}", f"value{a} = {proposed}", f"{proposed} = 0"]
            steps.append(d_step([f"{proposed} != 0", f"{p} >= promised{a}"], [*vote, *kept, *judged(*later)]))
            steps.append(d_step([f"{proposed} != 0", f"{p} < promised{a}"], [f"{proposed} = 0"]))
        processes.append((f"acceptor_{a}", steps))
    if shape == "processes":
        lines += [line for name, steps in processes for line in proctype(name, [], steps)]
    else:
        lines += proctype("everybody", [], [step for _, steps in processes for step in steps])
    return "\n".join(lines) + "\n"
