"""Time the overview of some scenarios of the mission here and on Ray clusters of 1, 2 and 4 threads; all must agree.

Wants `pip install 'mcfsm[cluster]'`. The clusters are begun on this machine, one after another, and end with the run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
SCENARIOS = ("one_partner", "two_partners", "logs_off", "keys")
QUESTION = ["overview", "models/mc_migration", "--no-pairs", *(f"--scenario={name}" for name in SCENARIOS)]
HOW = {
    "here, 1 worker": ["--workers", "1"],
    "here, 2 workers": ["--workers", "2"],
    "Ray, 1 thread": ["--cluster", "local:1"],
    "Ray, 2 threads": ["--cluster", "local:2"],
    "Ray, 4 threads": ["--cluster", "local:4"],
}


def main() -> int:
    """Ask each way once: 0 where all answers are the same, 1 where one is not."""
    asked(["--workers", "1"])  # compiles the search, where nobody did
    console = Console(width=None if sys.stdout.isatty() else 100, highlight=False)
    table = Table("how", "seconds", "of the scenarios", "the rest", "answer", box=None, pad_edge=False)
    first, differ = None, False
    for name, options in HOW.items():
        seconds, told = asked(options)
        within = told.pop("timing")["scenarios"]
        first = first or told
        differ = differ or told != first
        rest = f"{seconds - sum(within):.1f}" if name.endswith((" 1 worker", " 1 thread")) else ""
        said = f"{len(told['scenarios'])} scenarios, {'the same' if told == first else 'ANOTHER'}"
        table.add_row(name, f"{seconds:.1f}", f"{sum(within):.1f} in all, longest {max(within):.1f}", rest, said)
    console.print(table)
    return 1 if differ else 0


def asked(options: list[str]) -> tuple[float, dict[str, Any]]:
    """How long the question took, and the answer."""
    began = time.monotonic()
    found = subprocess.run(
        [sys.executable, "-m", "mcfsm", *QUESTION, *options, "--json", "-"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    seconds = time.monotonic() - began
    told = json.loads(found.stdout)
    return seconds, {key: value for key, value in told.items() if key != "seconds"}


if __name__ == "__main__":
    sys.exit(main())
