"""Time liveness beside safety on one model, in one run; README.md says how to read what it prints."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mcfsm.explore import exhaustive
from mcfsm.explore.findings import Findings
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import CHECKS, LivenessProperty, Model
from mcfsm.verdicts.run import run

MIGRATION = Path(__file__).parents[1] / "models" / "mc_migration"
LARGE = {
    "migrations": "5",
    "attempts": "5",
    "notify": "confirmed",
    "left_system": "answers",
}  # scenario large, with all promises of two_partners
SAFETY = "exploration, safety asked"
MOST = 3.0  # times what that takes


def main() -> int:
    """Run what the command line asks for: 0 if each promise stays within MOST, 1 if one does not."""
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    document = read(MIGRATION)
    small = resolve(document, "one_partner", chosen=LARGE)
    for property_ in small.liveness_properties:  # so that whatever is compiled or imported once is there
        whole_check(small, property_)
    model = resolve(document, "two_partners", chosen=LARGE)
    work: dict[str, Callable[[], tuple[Findings, str]]] = {
        "exploration, nothing asked": lambda: exploration(model, []),
        SAFETY: lambda: exploration(model, [*(p.id for p in model.state_properties), *CHECKS]),
    }
    work.update({property_.id: partial(whole_check, model, property_) for property_ in model.liveness_properties})
    seconds: dict[str, list[float]] = {name: [] for name in work}
    said: dict[str, str] = {}
    counts: tuple[int, int] | None = None
    for _ in range(options.rounds):
        for name, one in work.items():
            began = time.perf_counter()
            findings, said[name] = one()
            seconds[name].append(time.perf_counter() - began)
            mine = findings.states, findings.transitions
            counts = counts or mine
            if mine != counts:
                console.print(f"stopped: {name} has {mine} states and transitions, and others have {counts}")
                return 1
    assert counts is not None
    best = {name: min(rounds) for name, rounds in seconds.items()}
    console.print(table(best, said, counts))
    if options.json:
        record = {"states": counts[0], "transitions": counts[1], "rounds": options.rounds, "seconds": seconds}
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return int(max(best.values()) > MOST * best[SAFETY])


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="times that everything is run in turn (default 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    return parser.parse_args()


def exploration(model: Model, asked: list[str]) -> tuple[Findings, str]:
    """The search alone, with what is asked of each state: no replay, no report."""
    findings = exhaustive.explore(model, property_ids=asked, full=True)
    return findings, f"{len(asked)} asked"


def whole_check(model: Model, property_: LivenessProperty) -> tuple[Findings, str]:
    """A check of one promise: exploration, graph, components, verdict, replay."""
    found = run(model, [property_.id])
    return found.findings, found.verdicts[0].status


def table(best: dict[str, float], said: dict[str, str], counts: tuple[int, int]) -> Table:
    """The fastest round of each, as a person reads it."""
    title = f"migration, scenario large: {counts[0]:,} states, {counts[1]:,} transitions"
    result = Table(title=title, title_justify="left", title_style="bold")
    result.add_column("")
    for column in ("", "seconds", "x safety"):
        result.add_column(column, justify="right")
    for name, took in best.items():
        result.add_row(name, said[name], f"{took:.2f}", f"{took / best[SAFETY]:.2f}")
    return result


if __name__ == "__main__":
    sys.exit(main())
