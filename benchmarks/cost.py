"""What a model costs: the figures of docs/cost.md, as CPU seconds of `mcfsm` with one worker, start included.

    python benchmarks/cost.py [--rounds 1]

Each row is the fastest of its rounds. *Bytes a state* is the peak of the run less that of the same model when small.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import Measured, measure

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).with_name("mcfsm")
COMMIT = "models/textbook/two_phase_commit.yaml"
CORE = "benchmarks/models/migration_core.yaml"
MACHINE = "benchmarks/models/one_machine.yaml"
LOCALS = "benchmarks/models/many_local_states.yaml"
MIGRATION = "models/mc_migration"
# states and transitions, as TLC has them of TwoPhase with six managers; and as three counters up to 99 have
COUNTED = {MACHINE: (50_816, 402_305), LOCALS: (100**3, 3 * 99 * 100**2)}
USERS = ["--set", "users=3", "--set", "moves=3"]
# what is paid, arguments, and which of them are others for a small model
ROWS: list[tuple[str, list[str], dict[str, str]]] = [
    ("start", ["--help"], {}),
    ("a small model", ["check", COMMIT, "--scenario", "three"], {}),
    ("a large model read, nothing explored", ["check", MIGRATION, "--scenario", "one_partner", "--max-depth", "0"], {}),
    ("the same, explored", ["check", MIGRATION, "--scenario", "one_partner"], {}),
    ("joint states", ["check", COMMIT, "--scenario", "three", "--set", "managers=8"], {"managers=8": "managers=2"}),
    ("interchangeable users, told apart", ["check", CORE, "--scenario", "alike", *USERS, "--no-symmetry"], {}),
    ("the same up to symmetry", ["check", CORE, "--scenario", "alike", *USERS], {}),
    ("local states: one machine", ["check", MACHINE], {}),
    ("local states: three counters", ["check", LOCALS], {}),
]


def run(arguments: list[str], rounds: int) -> Measured:
    """The fastest of some runs of a command."""
    options = ["--workers", "1", "--json", "-", "--all"] if arguments[0] == "check" else []
    done = [measure([str(COMMAND), *arguments, *options], cwd=str(ROOT)) for _ in range(rounds)]
    wrong = [one for one in done if one.status > 2]
    if wrong:
        sys.exit(wrong[0].errors)
    return min(done, key=lambda one: one.user)


def compilation() -> float:
    """CPU seconds of a first check, whose compiled code nobody kept, less those of a second one."""
    command = [str(COMMAND), "check", COMMIT, "--scenario", "three"]
    with tempfile.TemporaryDirectory() as folder:
        first, second = (measure(command, cwd=str(ROOT), environment={"XDG_CACHE_HOME": folder}).user for _ in range(2))
    return first - second


def main() -> None:
    """Print a row for each thing that is paid."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="times that everything is run (default 3)")
    rounds = parser.parse_args().rounds
    print("| what | CPU seconds | states | bytes a state |\n|---|---|---|---|")
    print(f"| compiling, once | {compilation():.1f} | | |")
    for what, arguments, smaller in ROWS:
        took, states, memory = run(arguments, rounds), 0, ""
        if arguments[0] == "check":
            found = json.loads(took.output)["scenarios"]
            states, transitions = (sum(one[count] for one in found) for count in ("states", "transitions"))
            if COUNTED.get(arguments[1], (states, transitions)) != (states, transitions):
                sys.exit(f"stopped: {what} has {states:,} states and {transitions:,} transitions")
        if smaller:
            memory = f"{(took.peak - run([smaller.get(word, word) for word in arguments], 1).peak) / states:.0f}"
        print(f"| {what} | {took.user:.2f} | {f'{states:,}' if states > 1 else ''} | {memory} |", flush=True)


if __name__ == "__main__":
    main()
