"""Our side: `mcfsm check` as users run it, and the engine alone in a process that watches its own memory.

As a program: `ours.py ENGINE WORKERS JUDGING MODEL SCENARIO NAME=VALUE...`, the record as JSON. Where JUDGING is 0 only
the built-in checks are asked for, which is still more than the other side does; where it is 1 all properties too, and
where it names properties, with commas, these alone. ENGINE may be `disk:FOLDER`.
"""

from __future__ import annotations

import gc
import importlib
import inspect
import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import KIB, Measured, measure

if TYPE_CHECKING:
    from instances import Instance

PROGRAM = Path(sys.executable).with_name("mcfsm")
DISK = "disk.search"
LIMIT = "MCFSM_BENCH_MEMORY"  # in the environment: how many bytes our side may take at most
# explored first, so that everything is loaded before it counts
BUILT_IN = ("check.deadlock", "check.reception", "check.overflow")
SMALLEST = {"users": "1", "moves": "1", "managers": "1", "clients": "2", "grants": "1"}


@dataclass(frozen=True)
class OurRun:
    """What the engine found and took; `before` and `peak` are resident bytes."""

    states: int
    transitions: int
    depth: int
    complete: bool
    searched: float
    before: int
    peak: int


class OursError(Exception):
    """Our side failed; the message says how."""


def offered() -> str:
    """What `mcfsm check` says of its options."""
    return measure([str(PROGRAM), "check", "--help"]).output


def check(instance: Instance, engine: str, workers: int, judging: bool) -> tuple[Measured, dict[str, Any]]:
    """One `mcfsm check` from shell to verdict, and the record of its only scenario."""
    command = [str(PROGRAM), "check", str(instance.model), "--scenario", instance.scenario, "--engine", engine]
    command += ["--all", "--json", "-"]
    for name, value in instance.parameters:
        command += ["--set", f"{name}={value}"]
    for name in () if judging else BUILT_IN:
        command += ["--property", name]
    if "--workers" in offered():
        command += ["--workers", str(workers)]
    measured = measure(command)
    if measured.status != 0:
        raise OursError(f"{' '.join(command)}: {measured.errors.strip()}")
    report: dict[str, Any] = json.loads(measured.output)["scenarios"][0]
    return measured, report


def explore(
    instance: Instance,
    engine: str,
    workers: int,
    judging: bool,
    named: tuple[str, ...] = (),
    memory: int | None = None,
) -> OurRun:
    """The engine alone, in a process of its own, which may take so many bytes.

    Some named properties are judged in place of all, where any are named.
    """
    settings = [f"{name}={value}" for name, value in instance.parameters]
    command = [sys.executable, __file__, engine, str(workers), ",".join(judging * named) or str(int(judging))]
    command += [str(instance.model), instance.scenario, *settings]
    measured = measure(command, environment={} if memory is None else {LIMIT: str(memory)})
    if measured.status != 0:
        raise OursError(f"{' '.join(command)}: {measured.errors.strip()}")
    return OurRun(**json.loads(measured.output))


def _resident() -> int:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def main() -> None:
    """Explore the instance given as arguments."""
    from mcfsm.commands.cli import SELDOM
    from mcfsm.explore.findings import Limits
    from mcfsm.language.files.reader import read
    from mcfsm.language.resolving.resolve import resolve

    gc.set_threshold(*SELDOM)  # as the program does
    engine, workers, judging, path, scenario, *settings = sys.argv[1:]
    engine, _, folder = engine.partition(":")
    engine_explore = importlib.import_module(f"mcfsm.explore.{DISK if folder else engine}").explore
    takes_workers = "workers" in inspect.signature(engine_explore).parameters
    options: dict[str, Any] = {"full": True, **({"workers": int(workers)} if takes_workers else {})}
    if folder:
        options["folder"] = Path(folder)
    if limit := os.environ.get(LIMIT):
        options["limits"] = Limits(max_memory=int(limit))
    if judging != "1":
        options["property_ids"] = [*BUILT_IN, *(name for name in judging.split(",") if name != "0")]
    document = read(path)
    chosen = dict(setting.split("=") for setting in settings)
    smallest = {name: SMALLEST.get(name, value) for name, value in chosen.items()}
    engine_explore(resolve(document, scenario, chosen=smallest), **options)
    model = resolve(document, scenario, chosen=chosen)
    before = _resident()
    began = time.monotonic()
    findings = engine_explore(model, **options)
    searched = time.monotonic() - began
    record = {
        "states": findings.states,
        "transitions": findings.transitions,
        "depth": findings.depth,
        "complete": findings.complete,
        "searched": searched,
        "before": before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB,
    }
    print(json.dumps(record))


if __name__ == "__main__":
    main()
