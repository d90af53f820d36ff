"""What a checkpoint costs: a search of the migration core with and without, in turn; seconds of the clock and of CPU.

    .venv/bin/python benchmarks/checkpoints.py [--rounds 5] [--folder /tmp]

Every file is brought to the disk, so the disk of the folder counts. The run stops where a count is not the known one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from instances import SIZES, Instance

from mcfsm.explore.checkpoint import Checkpoint
from mcfsm.explore.exhaustive import explore
from mcfsm.host.file_store import LocalFiles
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve

SMALL, LARGE = SIZES["small"][3], SIZES["large"][1]


def searched(instance: Instance, workers: int, folder: Path | None) -> tuple[float, float]:
    """Seconds of the clock and of CPU that a search takes, whose levels are written to a folder if one is named."""
    chosen = {name: str(value) for name, value in instance.parameters}
    model = resolve(read(instance.model), instance.scenario, chosen=chosen)
    checkpoint = None if folder is None else Checkpoint(LocalFiles(folder), "benchmark")
    clock, processor = time.perf_counter(), time.process_time()
    found = explore(model, full=True, workers=workers, checkpoint=checkpoint)
    took = time.perf_counter() - clock, time.process_time() - processor
    if (found.states, found.transitions) != (instance.states, instance.transitions):
        sys.exit(f"{instance.name}: {found.states:,} states, {found.transitions:,} transitions")
    if checkpoint is not None and checkpoint.failed is not None:
        sys.exit(f"{folder}: {checkpoint.failed}")
    return took


def main() -> None:
    """Print a line for one worker and one for two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="times that both are run in turn (default 5)")
    parser.add_argument("--folder", type=Path, help="where the checkpoints go (default: that of temporary files)")
    options = parser.parse_args()
    searched(SMALL, 1, None)
    print(f"{LARGE.name}, {LARGE.states:,} states; medians of {options.rounds} rounds")
    for workers in (1, 2):
        without, with_ = [], []
        for _ in range(options.rounds):
            without.append(searched(LARGE, workers, None))
            with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                with_.append(searched(LARGE, workers, Path(folder)))
        said = []
        for at, unit in enumerate(("s", "s of CPU")):
            before, after = (median(took[at] for took in some) for some in (without, with_))
            said.append(f"{before:.2f} -> {after:.2f} {unit} ({after / before - 1:+.0%})")
        print(f"{workers} worker{'s' * (workers > 1)}: {', '.join(said)}", flush=True)


if __name__ == "__main__":
    main()
