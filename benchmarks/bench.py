"""Time mcfsm beside SPIN on the same protocols; README.md says how to read what it prints."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import ours
from instances import COUNTED, JUDGED, SIZES, Instance, huge
from ours import OursError
from rich.console import Console
from rich.table import Table
from spin import DISTINCT, MODES, Mode, SpinError, Verifier, missing

MIB = 2**20
REFERENCE_MOST = 60_000  # states that the reference engine is asked for; it takes a tenth of a millisecond for each
CORES = os.cpu_count() or 1


class Unequal(Exception):
    """Two sides found different numbers: nothing that was timed would mean anything."""


@dataclass
class Row:
    """One way to explore an instance: what it found, and what each round took."""

    side: str
    instance: Instance
    cores: int
    candidate: bool = False  # for SPIN's best single-core rate
    built: float = 0.0
    states: int = 0
    transitions: int = 0
    complete: bool = True
    searched: list[float] = field(default_factory=list)
    verdict: list[float] = field(default_factory=list)  # from shell to verdict
    peak: list[int] = field(default_factory=list)
    growth: list[int] = field(default_factory=list)
    problem: str | None = None

    @property
    def rate(self) -> float | None:
        """Distinct states a second, of the fastest round."""
        return self.states / min(self.searched) if self.searched and self.complete else None

    def record(self) -> dict[str, Any]:
        """The row as plain data."""
        return {
            "side": self.side,
            "instance": self.instance.protocol,
            "parameters": dict(self.instance.parameters),
            "cores": self.cores,
            "states": self.states,
            "transitions": self.transitions,
            "complete": self.complete,
            "built_seconds": self.built,
            "searched_seconds": self.searched,
            "shell_to_verdict_seconds": self.verdict,
            "states_per_second": self.rate,
            "peak_bytes": self.peak,
            "growth_bytes": self.growth,
            "problem": self.problem,
        }


def main() -> int:
    """Run what the command line asks for."""
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    if options.promela:
        write_promela(options.promela)
        return 0
    absent = [] if options.huge else missing()
    if absent:
        console.print("\n".join(absent))
        return 4
    engine = choose_engine(options.engine, console)
    rows: list[Row] = []
    try:
        if options.huge:
            rows = explore_huge(engine, options, console)
        else:
            with tempfile.TemporaryDirectory(prefix="mcfsm-bench-") as scratch:
                if not options.skip_counts:
                    compare_counts(engine, Path(scratch), console)
                for instance in (i for size in options.sizes for i in SIZES[size]):
                    modes = [MODES[name] for name in options.modes]
                    done = compare(instance, engine, modes, options.rounds, Path(scratch), console)
                    rows += done
                    console.print(table(done))
    except (Unequal, SpinError, OursError) as error:
        console.print(f"[bold]stopped:[/bold] {error}")
        return 1
    finally:
        if options.json and rows:
            write_json(options.json, rows, engine, options.rounds)
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES), help="default: all")
    parser.add_argument("--modes", nargs="+", choices=list(MODES), default=list(MODES), help="SPIN's; default: all")
    parser.add_argument("--rounds", type=int, default=3, help="times that both sides are run in turn (default 3)")
    parser.add_argument("--engine", default="exhaustive", help="of mcfsm check (default exhaustive)")
    parser.add_argument("--huge", action="store_true", help="our side alone, on an instance of over 4 x 10^8 states")
    parser.add_argument("--calls", type=int, default=16, help="of --huge: 25 million states for each (default 16)")
    parser.add_argument("--disk", type=Path, metavar="FOLDER", help="of --huge: states in files there")
    parser.add_argument("--gib", type=float, metavar="N", help="of --huge: memory that it may take")
    parser.add_argument("--skip-counts", action="store_true", help="do not compare with the reference engine first")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    parser.add_argument("--promela", type=Path, metavar="DIRECTORY", help="only write the Promela texts there")
    return parser.parse_args()


def choose_engine(wanted: str, console: Console) -> str:
    """The engine asked for, or the reference engine with a note."""
    if wanted in ours.offered():
        return wanted
    console.print(f"note: mcfsm check has no engine {wanted}; the reference engine stands in, on small instances only")
    return "reference"


def write_promela(directory: Path) -> None:
    """Every small instance in every shape, to read or to run by hand."""
    directory.mkdir(parents=True, exist_ok=True)
    for instance in SIZES["small"]:
        for shape in DISTINCT[instance.protocol]:
            (directory / f"{instance.name.replace(' ', '_')}_{shape}.pml").write_text(instance.promela(shape))


def compare_counts(engine: str, scratch: Path, console: Console) -> None:
    """Small instances by the reference engine, the engine and SPIN in every shape: all must find the same numbers."""
    for instance in COUNTED:
        found = {"expected": (instance.states, instance.transitions)}
        for name in dict.fromkeys(("reference", engine)):
            run = ours.explore(instance, name, CORES, True)
            found[name] = (run.states, run.transitions)
        for shape in DISTINCT[instance.protocol]:
            mode = Mode(shape, shape, ("-DNOREDUCE", "-O0"))
            spin = Verifier(instance, mode, scratch / "counts" / instance.name / shape).run()
            found[f"SPIN, {shape}"] = (spin.states, spin.transitions)
        if len(set(found.values())) > 1:
            raise Unequal(f"{instance.name}: {found}")
        console.print(f"equal: {instance.name}  {instance.states:,} states  {instance.transitions:,} transitions")


def compare(
    instance: Instance, engine: str, modes: Iterable[Mode], rounds: int, scratch: Path, console: Console
) -> list[Row]:
    """An instance on both sides in turn, round by round."""
    our_rows = {
        (workers, judging): Row(
            f"mcfsm, {workers} worker{'s'[: workers > 1]}{', properties' * judging}", instance, workers
        )
        for judging in (False, True)
        for workers in (1, 2)
    }
    if engine == "reference":
        our_rows = {(1, True): Row("mcfsm, reference", instance, 1)}
        if instance.states > REFERENCE_MOST:
            our_rows = {}
    verifiers: list[tuple[Row, Verifier]] = []
    for mode in modes:
        if mode.judging and instance.protocol not in JUDGED:
            continue
        if mode.shape in DISTINCT[instance.protocol] or mode.shape == "plain":
            row = Row(f"SPIN, {mode.name}", instance, mode.cores)
            row.candidate = mode.cores == 1 and not mode.reduced and not mode.judging and mode.shape != "packed"
            verifier = Verifier(instance, mode, scratch / instance.name / mode.name)
            row.built = verifier.built
            verifiers.append((row, verifier))
    for turn in range(rounds):
        with console.status(f"{instance.name}: round {turn + 1} of {rounds}") as status:
            for (workers, judging), row in our_rows.items():
                status.update(f"{instance.name}: round {turn + 1} of {rounds}, {row.side}")
                run_ours(row, engine, workers, judging)
            for row, verifier in verifiers:
                status.update(f"{instance.name}: round {turn + 1} of {rounds}, {row.side}")
                run_spin(row, verifier)
    return [*our_rows.values(), *(row for row, _ in verifiers)]


def run_ours(row: Row, engine: str, workers: int, judging: bool) -> None:
    """One round of our side: the command, then the engine alone."""
    instance = row.instance
    measured, report = ours.check(instance, engine, workers, judging)
    run = ours.explore(instance, engine, workers, judging)
    for states, transitions in ((report["states"], report["transitions"]), (run.states, run.transitions)):
        equal(instance, row.side, states, transitions)
    row.states, row.transitions, row.complete = run.states, run.transitions, run.complete
    row.searched.append(run.searched)
    row.verdict.append(measured.seconds)
    row.peak.append(measured.peak)
    row.growth.append(max(0, run.peak - run.before))


def run_spin(row: Row, verifier: Verifier) -> None:
    """One round of SPIN in one mode; a mode that runs out of memory is left out of the next rounds."""
    if row.problem:
        return
    run = verifier.run()
    row.states, row.transitions, row.complete = run.states, run.transitions, run.complete
    if not run.complete:
        row.problem = "out of memory"
        return
    if not verifier.mode.reduced:
        equal(row.instance, row.side, run.states, run.transitions)
    row.searched.append(run.searched)
    row.verdict.append(row.built + run.measured.seconds)
    row.peak.append(run.measured.peak)
    row.growth.append(run.measured.peak)


def equal(instance: Instance, side: str, states: int, transitions: int) -> None:
    """Raise Unequal unless the counts are the known ones."""
    if (states, transitions) != (instance.states, instance.transitions):
        known = f"{instance.states:,} states and {instance.transitions:,} transitions"
        raise Unequal(f"{instance.name}, {side}: {states:,} states and {transitions:,} transitions, not {known}")


def explore_huge(engine: str, options: argparse.Namespace, console: Console) -> list[Row]:
    """The instance that only our side can hold, once."""
    instance, memory = huge(options.calls), None if options.gib is None else int(options.gib * 2**30)
    row = Row(f"mcfsm, {CORES} workers{', on disk' if options.disk else ''}", instance, CORES)
    with console.status(instance.name):
        run = ours.explore(instance, f"disk:{options.disk}" if options.disk else engine, CORES, False, memory=memory)
    row.states, row.transitions, row.complete = run.states, run.transitions, run.complete
    row.searched, row.peak, row.growth = [run.searched], [run.peak], [run.peak - run.before]
    console.print(table([row]))
    equal(instance, row.side, run.states, run.transitions)
    return [row]


def table(rows: list[Row]) -> Table:
    """The rows of one instance as a person reads them."""
    best = max((row.rate for row in rows if row.candidate and row.rate), default=None)
    result = Table(title=rows[0].instance.name if rows else "nothing ran", title_justify="left", title_style="bold")
    result.add_column("")
    for title in (
        "states", "transitions", "seconds", "states/s", "peak MiB", "bytes/state", "x SPIN's best", "shell to verdict",
    ):  # fmt: skip
        result.add_column(title, justify="right")
    for row in rows:
        if row.rate is None:
            result.add_row(row.side, f"{row.states:,}", f"{row.transitions:,}", row.problem or "incomplete")
            continue
        ratio = f"{row.rate / best:.2f}" if best else "-"
        verdict = f"{min(row.verdict):.2f}" if row.verdict else "-"
        result.add_row(
            row.side,
            f"{row.states:,}",
            f"{row.transitions:,}",
            f"{min(row.searched):.3f}",
            f"{row.rate:,.0f}",
            f"{median(row.peak) / MIB:,.1f}",
            f"{median(row.growth) / row.states:,.1f}",
            ratio,
            verdict,
        )
    return result


def write_json(file: Path, rows: list[Row], engine: str, rounds: int) -> None:
    """Every figure of every round, and what it ran on."""
    machine = {"processor": platform.processor() or platform.machine(), "cores": CORES, "system": platform.platform()}
    record = {"engine": engine, "rounds": rounds, "machine": machine, "rows": [row.record() for row in rows]}
    file.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
