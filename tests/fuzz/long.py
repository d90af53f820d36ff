"""Many inputs, each said by a number: `PYTHONPATH=tests python -m fuzz.long KIND FIRST COUNT`.

Prints how many ended how, what went wrong with the number that brings it back, and the slowest by processor time.
"""

from __future__ import annotations

import collections
import os
import sys
import tempfile
import time
from random import Random

from fuzz.trials import TRIALS, trial


def main() -> None:
    """Try them all; the exit status is 1 where one went wrong."""
    kind, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    assert kind in TRIALS, f"one of {', '.join(TRIALS)}"
    ended: collections.Counter[str] = collections.Counter()
    wrong, slowest = 0, (0.0, first)
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        for number in range(first, first + count):
            began = time.process_time()
            try:
                ended[trial(kind, Random(number))] += 1
            except Exception as error:
                wrong += 1
                print(f"{kind} {number}: {type(error).__name__}: {error}", flush=True)
            slowest = max(slowest, (time.process_time() - began, number))
    told = ", ".join(f"{how}: {times:,}" for how, times in sorted(ended.items()))
    print(f"{kind}: {count:,} inputs from {first}, {wrong} wrong; {told}; slowest {slowest[0]:.2f} s ({slowest[1]})")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
