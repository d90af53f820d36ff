"""SPIN's counts beside ours, as CI prints them: `make spin`. The exit status is 1 where one of them differs.

Textbook models, small models of the gallery, and five scenarios of the mission, each with its verdicts on states and
the flows of SPIN, taken again by the definition. Random models, and the rest, are in conformance/test_spin.py.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from spin import MISSING, BesideSpin, beside_spin

from mcfsm.explore import exhaustive
from mcfsm.questions.walk import one_model

MODELS = Path(__file__).parents[1] / "models"
ASKED = [
    *(("textbook/alternating_bit", name) for name in ("lossy", "few_copies", "few_faults", "reordering")),
    ("textbook/two_phase_commit", "three"),
    ("textbook/token_ring", "ring"),
    ("textbook/token_ring", "two_tokens"),
    ("textbook/leader_election", "ring"),
    *((f"gallery/{name}", scenario) for name, scenario in (("zafiropulo", "as_published"), ("x21", "known"))),
    ("gallery/alternating_bit", "two"),
    ("gallery/echo", "three"),
    ("gallery/needham_schroeder", "as_published"),
    *(("mc_migration", name) for name in ("one_partner", "gives_up", "logs_off", "second_client", "make_before_break")),
]
LONG = [("mc_migration", "any_order"), ("mc_migration", "loss")]  # minutes of SPIN's, asked with --all


def main() -> int:
    """Print the table; 1 where a count, a verdict or a flow differs."""
    if MISSING:
        print(f"SPIN is not asked: {' and '.join(MISSING)} missing (apt-get install spin gcc)")
        return 1
    differ, wanted = 0, ASKED + LONG if "--all" in sys.argv else ASKED
    print(f"{'model':<26} {'scenario':<17} {'states':>7} {'SPIN':>7} {'steps':>8} {'SPIN':>8}  verdicts  flows    s")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for (name, scenario), (beside, seconds) in zip(wanted, pool.map(one, wanted), strict=True):
            ours, spins, flows = beside.ours, beside.spins, list(beside.flows.values())
            alike = [mine is other for mine, other in beside.verdicts.values()]
            same = ours == spins and not beside.differing
            differ += not same
            print(
                f"{name:<26} {scenario:<17} {ours.states:>7,} {spins.states:>7,} {ours.transitions:>8,}"
                f" {spins.transitions:>8,}  {sum(alike):>2} of {len(alike):<2}  {sum(flows):>2} of {len(flows):<2}"
                f" {seconds:>4.0f}{'' if same else '  DIFFERS'}",
                flush=True,
            )
    print("all agree" if not differ else f"{differ} differ")
    return int(differ > 0)


def one(wanted: tuple[str, str]) -> tuple[BesideSpin, float]:
    """A scenario beside what SPIN says of it, asked in a folder that is there as long; and its seconds."""
    name, scenario = wanted
    path, began = MODELS / name, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        model = one_model(path if path.is_dir() else path.with_suffix(".yaml"), scenario=scenario)
        beside = beside_spin(model, exhaustive.explore(model, full=True), Path(folder))
        return beside, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
