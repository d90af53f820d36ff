"""The migration core for SPIN, as in benchmarks/models/migration_core.yaml: bounded FIFO channels that block when full.

Values: systems A, B, C are 0, 1, 2 (a record of 0: at home). To a server from a user: 0 deregister, 1 registration
request. To the caller from A: 0 answer, 1 and 2 redirection; from B and C: 0 answer, 1 reject. Else a user's number.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from promela import Shape, d_step, proctype, width

SYSTEMS = "ABC"
PARTNERS = "BC"


@dataclass(frozen=True)
class Case:
    """A message that may arrive: its value, what else must hold, what it does."""

    value: int
    guards: list[str]
    effects: list[str]


@dataclass
class Process:
    """What one instance may do, and the channels it receives from and sends to."""

    name: str
    steps: list[str] = field(default_factory=list)
    receives: list[str] = field(default_factory=list)
    sends: list[str] = field(default_factory=list)


class Channels:
    """The operations on channels, as Promela's own or as bits of an integer."""

    def __init__(self, shape: Shape, bound: int) -> None:
        self.packed, self.merged, self.bound = shape == "packed", shape in ("one", "packed"), bound
        self.values: dict[str, int] = {}

    def declare(self, name: str, values: int) -> str:
        """A channel of so many different messages."""
        self.values[name] = values
        if not self.packed:
            return f"chan {name} = [{self.bound}] of {{ {'bit' if values <= 2 else 'byte'} }};"
        if values == 1:
            return f"unsigned {name} : {width(self.bound + 1)};   /* how many */"
        return f"unsigned {name} : {width(values) * self.bound + 1} = 1;   /* oldest lowest, a 1 above the newest */"

    def free(self, name: str) -> str:
        """Whether a channel takes one more."""
        if not self.packed:
            return f"nfull({name})"
        values = self.values[name]
        return f"({name} < {self.bound if values == 1 else 1 << width(values) * self.bound})"

    def send(self, name: str, value: str) -> str:
        """The statement that appends a message."""
        if not self.packed:
            return f"{name}!{value}"
        if self.values[name] == 1:
            return f"{name}++"
        bits = width(self.values[name])

        def behind(held: int) -> str:
            return f"({name} & {(1 << bits * held) - 1}) | (({value}) << {bits * held}) | {1 << bits * (held + 1)}"

        result = behind(self.bound - 1)
        for held in range(self.bound - 2, -1, -1):
            result = f"({name} < {1 << bits * (held + 1)} -> {behind(held)} : {result})"
        return f"{name} = {result}"

    def receptions(self, name: str, guards: list[str], cases: list[Case]) -> list[str]:
        """The steps that receive from a channel: one for each message, or one in all, with the same transitions."""
        if not self.merged or len(cases) == 1:
            return [
                d_step([*guards, self._offers(name, case.value), *case.guards], [self._take(name, case), *case.effects])
                for case in cases
            ]
        waiting = f"({name} != 1)" if self.packed else f"nempty({name})"
        if any(case.guards for case in cases):
            ways = [" && ".join([self._offers(name, case.value), *case.guards]) for case in cases]
            waiting = f"{waiting} && ({' || '.join(f'({way})' for way in ways)})"
        take = f"{name}?m"
        if self.packed:
            bits = width(self.values[name])
            take = f"m = {name} & {(1 << bits) - 1}; {name} = {name} >> {bits}"
        branches = " ".join(f":: m == {case.value} -> {'; '.join(case.effects)}" for case in cases)
        return [d_step([*guards, waiting], [take, f"if {branches} fi", "m = 0"])]

    def _offers(self, name: str, value: int) -> str:
        if not self.packed:
            return f"{name}?[{value}]"
        if self.values[name] == 1:
            return f"({name} != 0)"
        return f"({name} != 1 && ({name} & {(1 << width(self.values[name])) - 1}) == {value})"

    def _take(self, name: str, case: Case) -> str:
        if not self.packed:
            return f"{name}?{case.value}"
        return f"{name}--" if self.values[name] == 1 else f"{name} = {name} >> {width(self.values[name])}"


def migration_core(shape: Shape, *, users: int, moves: int, calls: int, bound: int) -> str:
    """The Promela text."""
    channels = Channels(shape, bound)
    people = range(users)
    lines = [channels.declare(f"u{i}_{s}", 2) for i in people for s in SYSTEMS]
    lines += [channels.declare(f"{s}_u{i}", 1) for i in people for s in SYSTEMS]
    lines += [channels.declare(f"{s}_A", users) for s in PARTNERS]
    lines += [channels.declare(f"c_{s}", users) for s in SYSTEMS]
    lines += [channels.declare(f"{s}_c", 3 if s == "A" else 2) for s in SYSTEMS]
    lines += [
        f"unsigned moves : {width(moves + 1)} = {moves};",
        f"unsigned calls : {width(calls + 1)} = {calls};",
        "unsigned phase : 2;             /* caller: 0 idle, 1 calling, 2 in a call */",
        f"unsigned called : {width(users + 1)};            /* caller: 0 nobody, else the user's number and 1 */",
        "unsigned asked : 2;             /* caller: 0 no system, else the system's number and 1 */",
        *(f"bit registering{i}; unsigned served_by{i} : 2;" for i in people),
        *(f"unsigned away{i} : 2; bit B_serves{i}, C_serves{i};" for i in people),
        *(["hidden byte m;                  /* the message being received */"] if channels.merged else []),
    ]
    processes = [_caller(channels, users), *(_user(channels, i) for i in people), _primary(channels, users)]
    processes += [_partner(channels, s, users) for s in PARTNERS]
    if shape == "processes":
        for process in processes:
            claims = [f"xr {c}" for c in process.receives] + [f"xs {c}" for c in process.sends]
            lines += proctype(process.name, claims, process.steps)
    else:
        lines += proctype("everybody", [], [step for process in processes for step in process.steps])
    return "\n".join(lines) + "\n"


def _caller(channels: Channels, users: int) -> Process:
    process = Process("caller", receives=[f"{s}_c" for s in SYSTEMS], sends=[f"c_{s}" for s in SYSTEMS])
    idle = ["phase = 0", "called = 0", "asked = 0"]
    for i in range(users):
        dial = ["calls--", "phase = 1", f"called = {i + 1}", "asked = 1", channels.send("c_A", str(i))]
        process.steps.append(d_step(["phase == 0", "calls > 0", channels.free("c_A")], dial))
    cases = [Case(0, [], ["phase = 2"])]
    for number, s in enumerate(PARTNERS, 1):
        again = [f"asked = {number + 1}", channels.send(f"c_{s}", "called - 1")]
        cases.append(Case(number, [channels.free(f"c_{s}")], again))
    process.steps += channels.receptions("A_c", ["phase == 1"], cases)
    for s in PARTNERS:
        process.steps += channels.receptions(f"{s}_c", ["phase == 1"], [Case(0, [], ["phase = 2"]), Case(1, [], idle)])
    process.steps.append(d_step(["phase == 2"], idle))
    return process


def _user(channels: Channels, i: int) -> Process:
    process = Process(f"user{i}", receives=[f"{s}_u{i}" for s in SYSTEMS], sends=[f"u{i}_{s}" for s in SYSTEMS])
    for old, a in enumerate(SYSTEMS):
        for new, b in enumerate(SYSTEMS):
            if old != new:
                guards = [f"!registering{i}", f"served_by{i} == {old}", "moves > 0"]
                guards += [channels.free(f"u{i}_{a}"), channels.free(f"u{i}_{b}")]
                effects = ["moves--", f"registering{i} = 1", f"served_by{i} = {new}"]
                effects += [channels.send(f"u{i}_{a}", "0"), channels.send(f"u{i}_{b}", "1")]
                process.steps.append(d_step(guards, effects))
    for s in SYSTEMS:
        process.steps += channels.receptions(f"{s}_u{i}", [f"registering{i}"], [Case(0, [], [f"registering{i} = 0"])])
    return process


def _primary(channels: Channels, users: int) -> Process:
    process = Process("server_A", receives=["B_A", "C_A", "c_A"], sends=["A_c"])
    for i in range(users):
        process.receives.append(f"u{i}_A")
        process.sends.append(f"A_u{i}")
        home = Case(1, [channels.free(f"A_u{i}")], [f"away{i} = 0", channels.send(f"A_u{i}", "0")])
        process.steps += channels.receptions(f"u{i}_A", [], [Case(0, [], ["skip"]), home])
    for number, s in enumerate(PARTNERS, 1):
        process.steps += channels.receptions(f"{s}_A", [], [Case(i, [], [f"away{i} = {number}"]) for i in range(users)])
    answers = [Case(i, [], [channels.send("A_c", f"away{i}")]) for i in range(users)]
    process.steps += channels.receptions("c_A", [channels.free("A_c")], answers)
    return process


def _partner(channels: Channels, s: str, users: int) -> Process:
    process = Process(f"server_{s}", receives=[f"c_{s}"], sends=[f"{s}_c", f"{s}_A"])
    for i in range(users):
        process.receives.append(f"u{i}_{s}")
        process.sends.append(f"{s}_u{i}")
        effects = [f"{s}_serves{i} = 1", channels.send(f"{s}_u{i}", "0"), channels.send(f"{s}_A", str(i))]
        request = Case(1, [channels.free(f"{s}_u{i}"), channels.free(f"{s}_A")], effects)
        process.steps += channels.receptions(f"u{i}_{s}", [], [Case(0, [], [f"{s}_serves{i} = 0"]), request])
    answers = [Case(i, [], [channels.send(f"{s}_c", f"1 - {s}_serves{i}")]) for i in range(users)]
    process.steps += channels.receptions(f"c_{s}", [channels.free(f"{s}_c")], answers)
    return process
