"""SPIN's side: the verifier generated, compiled and run in the modes its users know, each at its best."""

from __future__ import annotations

import math
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from instances import Instance
from measure import Measured, measure
from promela import Shape

# -DXUSAFE and -DNOBOUNDCHECK leave out checks at run time; -DNOFAIR and -DSAFETY what only liveness needs
COMPILER = ["gcc", "-O3", "-march=native", "-w", "-DXUSAFE", "-DNOBOUNDCHECK", "-DNOFAIR", "-DSAFETY"]
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # as numpy asks for them on our side
DEPTH = 10_000  # of the stack, in states; some protocols need it as deep as there are states:
DEEP = ("selective_repeat",)
SHORT = 0.5  # seconds; below, SPIN's own clock (hundredths) is too coarse


@dataclass(frozen=True)
class Mode:
    """A way to compile and run the verifier; where `reduced`, it may visit fewer states: counts are not compared."""

    name: str
    shape: Shape
    flags: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    cores: int = 1
    reduced: bool = False
    judging: bool = False  # with properties, where the Promela text has some


MODES = {
    mode.name: mode
    for mode in (
        Mode("plain", "one", ("-DNOREDUCE",)),
        Mode("uncompressed", "one", ("-DNOREDUCE", "-DNOCOMP")),
        Mode("uncompressed, properties", "one", ("-DNOREDUCE", "-DNOCOMP"), judging=True),
        Mode("reduction", "processes", (), reduced=True),
        Mode("collapse", "one", ("-DNOREDUCE", "-DCOLLAPSE")),
        Mode("two cores", "plain", ("-DNOREDUCE", "-DNCORE=2"), ("-z5",), cores=2),
        Mode("two cores, breadth first", "plain", ("-DNOREDUCE", "-DBFS_PAR"), ("-u2",), cores=2),
        Mode("packed by hand", "packed", ("-DNOREDUCE", "-DNOCOMP")),
    )
}
DISTINCT: dict[str, tuple[Shape, ...]] = {
    "two_phase_commit": ("one", "processes"),
    "migration_core": ("one", "plain", "processes", "packed"),
    "lease_lock": ("one", "processes"),
    "paxos": ("one", "processes"),
    "registration": ("one",),
    "selective_repeat": ("one", "packed"),
}


@dataclass(frozen=True)
class SpinRun:
    """What a run of the verifier found and took."""

    states: int
    transitions: int  # without the initial state, which SPIN counts as one
    complete: bool
    searched: float  # seconds, by SPIN's own clock; where that is too coarse, of the process
    measured: Measured


class SpinError(Exception):
    """SPIN or the compiler failed; the message says how."""


def missing() -> list[str]:
    """What to install, one sentence each."""
    packages = {"spin": "spin", "gcc": "gcc libc6-dev"}
    return [
        f"{program} is missing: apt-get install {package}"
        for program, package in packages.items()
        if shutil.which(program) is None
    ]


class Verifier:
    """A verifier for one instance and mode, compiled in a directory of its own."""

    def __init__(self, instance: Instance, mode: Mode, directory: Path) -> None:
        self.instance, self.mode, self.directory = instance, mode, directory
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "model.pml").write_text(instance.promela(mode.shape, mode.judging), encoding="utf-8")
        self.built = self._build()

    def run(self) -> SpinRun:
        """One search. Raises SpinError unless it ends without an error of the model."""
        command = [
            "./pan",
            f"-w{self._hash_bits()}",
            f"-m{max(DEPTH, self.instance.states * (self.instance.protocol in DEEP))}",
            *self.mode.arguments,
        ]
        measured = measure(command, cwd=str(self.directory), environment=HUGE_PAGES)
        output = measured.output
        found = {key: _number(output, pattern) for key, pattern in _PATTERNS.items()}
        if measured.status != 0 or found["states"] is None or found["errors"] != 0:
            raise SpinError(f"{self.instance.name}, {self.mode.name}: {_last(output)}{_last(measured.errors)}")
        if "max search depth too small" in output:  # it then leaves states out, and says nothing more of it
            raise SpinError(f"{self.instance.name}, {self.mode.name}: more states deep than the stack has room for")
        seconds = found["seconds"] or 0.0
        return SpinRun(
            int(found["states"]),
            int(found["transitions"] or 0) - 1,
            "Search not completed" not in output,
            seconds if seconds >= SHORT else measured.seconds,
            measured,
        )

    def _build(self) -> float:
        """Seconds from the Promela text to the verifier."""
        where = str(self.directory)
        # -o2 keeps variables that are only written: without it the states would be fewer
        generated = measure(["spin", "-o2", "-a", "model.pml"], cwd=where)
        if generated.status != 0 or not (self.directory / "pan.c").exists():
            raise SpinError(f"spin: {_last(generated.output)}{_last(generated.errors)}")
        source = self.directory / "pan.c"
        # counts in full: eight digits are what SPIN prints of a number above 10^8
        source.write_text(source.read_text().replace("%9.8g", "%9.0f"), encoding="utf-8")
        megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 9 // 10 // 2**20
        command = [*COMPILER, f"-DMEMLIM={megabytes}", *self.mode.flags, "pan.c", "-o", "pan", "-lpthread"]
        compiled = measure(command, cwd=where)
        if compiled.status != 0:
            raise SpinError(f"gcc: {_last(compiled.errors)}")
        return generated.seconds + compiled.seconds

    def _hash_bits(self) -> int:
        """A table of two to four slots for each state, which was the fastest."""
        return max(16, math.ceil(math.log2(max(self.instance.states, 1))) + 1)


_PATTERNS = {
    "states": r"^\s*(\S+) states, stored",
    "transitions": r"^\s*(\S+) transitions \(",
    "errors": r"errors: (\d+)",
    "seconds": r"elapsed time (\S+) seconds",
}


def _number(output: str, pattern: str) -> float | None:
    match = re.search(pattern, output, re.MULTILINE)
    return float(match.group(1)) if match else None


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return f"{lines[-1]} " if lines else ""
