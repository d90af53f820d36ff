"""The instances of the benchmark, with the numbers of states and transitions that both sides must find.

The counts of migration_core are linear in `calls`, as every call adds the same layer: this is how those of an instance
that SPIN cannot hold are known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from promela import Shape
from promela.lease_lock import lease_lock
from promela.migration_core import migration_core
from promela.paxos import paxos
from promela.registration import registration
from promela.selective_repeat import selective_repeat
from promela.two_phase_commit import two_phase_commit

ROOT = Path(__file__).resolve().parent.parent
MODELS: dict[str, tuple[Path, str, Callable[..., str]]] = {
    "two_phase_commit": (ROOT / "models/textbook/two_phase_commit.yaml", "three", two_phase_commit),
    "migration_core": (ROOT / "benchmarks/models/migration_core.yaml", "core", migration_core),
    "lease_lock": (ROOT / "benchmarks/models/lease_lock.yaml", "crashing", lease_lock),
    "paxos": (ROOT / "benchmarks/models/paxos.yaml", "one_decree", paxos),
    "registration": (ROOT / "benchmarks/models/registration.yaml", "moving", registration),
    "selective_repeat": (ROOT / "benchmarks/models/selective_repeat.yaml", "lossy", selective_repeat),
}
# whose Promela text has properties as assertions, if asked; which these are, where they are not all that the model has
JUDGED: dict[str, tuple[str, ...]] = {
    "two_phase_commit": ("agreement",),
    "lease_lock": (),
    "paxos": (),
    "registration": (),
    "selective_repeat": (),
}


@dataclass(frozen=True)
class Instance:
    """A protocol with its parameters; states and transitions are known."""

    protocol: str
    parameters: tuple[tuple[str, int], ...]
    states: int
    transitions: int

    @property
    def name(self) -> str:
        """The protocol with its parameters, for a table."""
        return f"{self.protocol} {' '.join(f'{name}={value}' for name, value in self.parameters)}"

    @property
    def model(self) -> Path:
        """The file in our language."""
        return MODELS[self.protocol][0]

    @property
    def scenario(self) -> str:
        """The scenario of that file."""
        return MODELS[self.protocol][1]

    def promela(self, shape: Shape, judging: bool = False) -> str:
        """The same in Promela; with two properties asserted where they could become false, if they are to be judged."""
        asked = {"judging": judging} if self.protocol in JUDGED else {}
        return MODELS[self.protocol][2](shape, **dict(self.parameters), **asked)


def commit(managers: int, states: int, transitions: int) -> Instance:
    """Two-phase commit among so many resource managers."""
    return Instance("two_phase_commit", (("managers", managers),), states, transitions)


def core(users: int, moves: int, calls: int, bound: int, states: int, transitions: int) -> Instance:
    """The migration core."""
    parameters = (("users", users), ("moves", moves), ("calls", calls), ("bound", bound))
    return Instance("migration_core", parameters, states, transitions)


def decree(proposers: int, acceptors: int, bound: int, states: int, transitions: int) -> Instance:
    """One decree of Paxos, with so many messages under way between two at most."""
    parameters = (("proposers", proposers), ("acceptors", acceptors), ("bound", bound))
    return Instance("paxos", parameters, states, transitions)


def lock(clients: int, grants: int, crashes: int, states: int, transitions: int) -> Instance:
    """A lock with leases, among clients that crash."""
    return Instance("lease_lock", (("clients", clients), ("grants", grants), ("crashes", crashes)), states, transitions)


def registered(users: int, moves: int, bound: int, states: int, transitions: int) -> Instance:
    """Registration of users who move."""
    return Instance("registration", (("users", users), ("moves", moves), ("bound", bound)), states, transitions)


def repeat(window: int, bound: int, answers: int, states: int, transitions: int) -> Instance:
    """Selective repeat, with so many messages and answers under way at most."""
    parameters = (("numbers", 3 * window), ("window", window), ("bound", bound), ("answers", answers))
    return Instance("selective_repeat", parameters, states, transitions)


# explored by the reference explorer and by SPIN in every shape, before anything is timed
COUNTED = (
    commit(3, 288, 1_145),
    commit(5, 8_832, 58_145),
    core(1, 2, 1, 2, 1_359, 3_869),
    core(2, 2, 1, 2, 8_368, 29_788),
    core(2, 2, 1, 1, 7_692, 26_932),
    core(2, 1, 2, 3, 743, 1_872),
    repeat(2, 3, 1, 11_046, 55_422),
    decree(2, 3, 2, 27_614, 107_882),
    decree(2, 3, 1, 17_192, 62_378),
    lock(2, 3, 1, 13_454, 44_044),
    registered(2, 3, 1, 26_939, 103_942),
)

SIZES = {
    "small": (
        commit(5, 8_832, 58_145),
        commit(6, 50_816, 402_305),
        core(2, 2, 1, 2, 8_368, 29_788),
        core(2, 3, 1, 2, 97_352, 429_676),
        repeat(3, 3, 1, 186_471, 1_048_077),
        repeat(2, 4, 3, 184_116, 1_303_710),
        decree(2, 4, 2, 256_428, 1_250_900),
    ),
    "medium": (
        commit(8, 1_745_408, 18_507_777),
        core(3, 3, 2, 2, 927_171, 4_524_837),
        core(4, 3, 2, 2, 2_851_185, 14_563_668),
        repeat(3, 4, 1, 668_133, 4_243_977),
        repeat(3, 3, 3, 2_539_179, 18_693_018),
    ),
    "large": (
        commit(9, 10_340_352, 123_558_401),
        core(3, 4, 2, 2, 11_517_504, 66_115_683),
    ),
}

# each shape in three sizes, for the table of ratios
SHAPES: dict[str, tuple[Instance, Instance, Instance]] = {
    "two-phase commit": (
        commit(7, 296_448, 2_744_705),
        commit(8, 1_745_408, 18_507_777),
        commit(9, 10_340_352, 123_558_401),
    ),
    "migration core": (
        core(2, 3, 1, 2, 97_352, 429_676),
        core(3, 3, 2, 2, 927_171, 4_524_837),
        core(3, 4, 1, 2, 5_927_256, 33_866_931),
    ),
    "registration": (
        registered(3, 3, 2, 149_183, 644_961),
        registered(3, 4, 1, 1_622_816, 8_220_963),
        registered(4, 4, 1, 6_623_990, 35_528_944),
    ),
    "lock with leases": (
        lock(4, 2, 1, 121_538, 560_412),
        lock(4, 3, 1, 1_053_132, 5_278_048),
        lock(4, 3, 2, 5_224_656, 30_015_416),
    ),
    "Paxos": (
        decree(2, 4, 2, 256_428, 1_250_900),
        decree(3, 3, 1, 3_842_078, 20_153_757),
        decree(3, 3, 2, 7_809_878, 44_275_734),
    ),
    "repeat, three answers": (
        repeat(2, 4, 3, 184_116, 1_303_710),
        repeat(2, 6, 3, 990_876, 8_086_446),
        repeat(3, 4, 3, 8_962_020, 72_385_371),
    ),
    "repeat, one answer": (
        repeat(3, 3, 1, 186_471, 1_048_077),
        repeat(3, 4, 1, 668_133, 4_243_977),
        repeat(3, 6, 1, 8_259_129, 64_315_872),
    ),
}


def huge(calls: int) -> Instance:
    """The migration core with four users and moves, whose counts are known from calls=1 and calls=2."""
    return core(4, 4, calls, 2, 26_293_780 + (calls - 1) * 25_009_710, 159_237_360 + (calls - 1) * 152_713_104)
