"""Time a family of 64 variants, explored together, beside its largest variant and all one by one, in one run."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from mcfsm.explore import exhaustive
from mcfsm.explore import family as together
from mcfsm.explore.findings import Findings
from mcfsm.model import CHECKS, Model
from mcfsm.questions.families.family import Family, family
from mcfsm.verdicts.family_runs import one_by_one
from mcfsm.verdicts.family_runs import together as with_flows
from mcfsm.verdicts.run import Effort

MIGRATION = Path(__file__).parents[1] / "models" / "mc_migration"
SCENARIO = "family"
SETS = (["S4"], ["S0", "S4"], ["S1", "S4"], ["S0", "S1", "S4"])
VARIED = {"notify": ["all"], "redirect_scope": ["all"], "retry": ["never", "once"], "newer_registration": ["all"]}
T = TypeVar("T")
MOST, SHARE = 1.5, 0.25  # times what the largest takes, for as much to expand; of what all take one by one


def main() -> int:
    """Run what the command line asks for: 0 if both targets are reached, 1 if not, or if anything differs."""
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    variants = family(MIGRATION, sets=SETS, readings=VARIED)
    models = [variants.model(variant, SCENARIO) for variant in variants.variants]
    asked = [[*(p.id for p in model.state_properties), *CHECKS] for model in models]
    warm(models, asked, options.workers)
    how = {"full": True, "workers": options.workers}
    best: dict[str, float] = {}
    for _ in range(options.rounds):
        (found, totals), seconds = timed(partial(together.search, models, asked, **how))
        keep(best, "together", seconds)
        largest = max(range(len(models)), key=lambda i: found[i].states)
        _, seconds = timed(partial(alone, models[largest], asked[largest], options.workers))
        keep(best, "largest", seconds)
    each = [timed(partial(alone, model, names, options.workers)) for model, names in zip(models, asked, strict=True)]
    same = all(agree(one, findings) for one, (findings, _) in zip(found, each, strict=True))
    best["one by one"] = sum(seconds for _, seconds in each)
    states = sum(one.states for one in found)
    allowed = MOST * totals.expanded / found[largest].states * best["largest"]
    quarter = SHARE * best["one by one"]
    console.print(table(variants, best, [one.states for one in found], totals, largest))
    console.print(f"every variant is what it is alone: {'yes' if same else 'NO'}")
    shared = f"sharing factor {states / totals.states:.2f}"
    console.print(f"states of the union {totals.states:,}, of all variants {states:,}: {shared}")
    console.print(
        f"at most {MOST} x {totals.expanded:,} / {found[largest].states:,} x the largest's time: "
        f"{best['together']:.2f} of {allowed:.2f} s"
    )
    console.print(f"at most a quarter of one by one: {best['together']:.2f} of {quarter:.2f} s")
    record: dict[str, Any] = {"seconds": best, "union": totals.states, "expanded": totals.expanded, "sum": states}
    if options.flows:
        record["with flows"] = flows(console, models, asked, options.workers)
    if options.json:
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return int(not same or best["together"] > min(allowed, quarter))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="times that family and largest run in turn (default 2)")
    parser.add_argument("--workers", type=int, default=1, help="threads of every search (default 1)")
    parser.add_argument("--flows", action="store_true", help="time whole runs as well: flows, replay, verdicts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    return parser.parse_args()


def warm(models: Sequence[Model], asked: Sequence[Sequence[str]], workers: int) -> None:
    """Compile and import whatever is compiled or imported once, on a few steps of two variants."""
    limits = together.Limits(max_depth=3)
    together.search(models[:2], asked[:2], limits=limits, workers=workers)
    exhaustive.explore(models[0], property_ids=asked[0], limits=limits, workers=workers)


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What some work gives, and the seconds it takes."""
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def keep(best: dict[str, float], name: str, seconds: float) -> None:
    """Keep the fastest round."""
    best[name] = min(seconds, best.get(name, seconds))


def alone(model: Model, asked: Sequence[str], workers: int) -> Findings:
    """One variant explored alone, as far as the family's search goes: no flows."""
    return exhaustive.explore(model, property_ids=asked, full=True, workers=workers)


def agree(one: together.VariantResult, findings: Findings) -> bool:
    """Whether a variant explored with others is what it is alone."""
    levels = {name: len(path) for name, path in findings.paths.items()}
    faults = {(fault.check, fault.subject): len(fault.path) for fault in findings.faults}
    counts = one.states, one.transitions, one.depth, one.hits, one.faults
    return counts == (findings.states, findings.transitions, findings.depth, levels, faults)


def flows(console: Console, models: Sequence[Model], asked: Sequence[Sequence[str]], workers: int) -> dict[str, float]:
    """Whole runs with the flow of everything that is violated, together and one by one."""
    effort = Effort(workers=workers)
    seconds = {}
    for name, explorer in (("together", with_flows), ("one by one", one_by_one)):
        _, seconds[name] = timed(partial(explorer, models, asked, effort=effort, full=True))
        console.print(f"whole runs {name}, with every flow: {seconds[name]:.2f} s")
    return seconds


def table(
    variants: Family, best: dict[str, float], states: Sequence[int], totals: together.FamilyStats, largest: int
) -> Table:
    """What was explored, and how long it took."""
    shown = Table(title=f"{len(states)} variants of {MIGRATION.name}, scenario {SCENARIO}", title_justify="left")
    for column in ("", "states", "expanded", "seconds"):
        shown.add_column(column, justify="left" if not column else "right")
    shown.add_row("all together", f"{totals.states:,}", f"{totals.expanded:,}", f"{best['together']:.2f}")
    shown.add_row("the largest alone", f"{states[largest]:,}", f"{states[largest]:,}", f"{best['largest']:.2f}")
    shown.add_row("one by one", f"{sum(states):,}", f"{sum(states):,}", f"{best['one by one']:.2f}")
    shown.caption = f"the largest: {variants.variants[largest]}"
    return shown


if __name__ == "__main__":
    raise SystemExit(main())
