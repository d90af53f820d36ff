"""Many inputs, each said by a number: `PYTHONPATH=tests python -m fuzz.long KIND FIRST COUNT [RECORD]`.

Inputs are tried in batches, each in a process of its own that is forked off one which has all of it imported: so
neither one that ends the process nor one that goes on for ever takes others with it. Prints how many ended how, what
went wrong with the number that brings it back, and the slowest by processor time; RECORD gets a line of JSON.
"""

from __future__ import annotations

import collections
import contextlib
import gc
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from fuzz.parts import PARTS
from fuzz.trials import TRIALS, trial

BATCH = 500
LONGEST = 120  # seconds for one input: one that takes as long hangs


def main() -> None:
    """Try them all; the exit status is 1 where one went wrong."""
    kind, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    assert kind in TRIALS, f"one of {', '.join(TRIALS)}"
    ended: collections.Counter[str] = collections.Counter()
    wrong, slowest, began = 0, (0.0, first), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        os.chdir(folder)
        _one(kind, first, folder)  # what is imported by the way is there for all
        gc.collect()
        gc.freeze()
        for number, how, seconds in tried(kind, first, count, folder):
            if how.startswith(_WRONG):
                wrong += 1
                print(f"{kind} {number}: {how.removeprefix(_WRONG)}", flush=True)
            else:
                ended[how] += 1
            slowest = max(slowest, (seconds, number))
    told = ", ".join(f"{how}: {times:,}" for how, times in sorted(ended.items()))
    print(f"{kind}: {count:,} inputs from {first}, {wrong} wrong; {told}; slowest {slowest[0]:.2f} s ({slowest[1]})")
    if len(sys.argv) > 4:
        record = {"kind": kind, "first": first, "count": count, "wrong": wrong, "ended": dict(ended)}
        record |= {"slowest": slowest, "seconds": round(time.monotonic() - began)}
        with Path(sys.argv[4]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    sys.exit(1 if wrong else 0)


_WRONG = "wrong: "
Told = tuple[int, str, float]  # an input, how it ended, its seconds of processor time


def tried(kind: str, first: int, count: int, folder: Path) -> Iterator[Told]:
    """What comes of each input, batch by batch; after one that ends its process, or never comes back, the next."""
    at, end = first, first + count
    while at < end:
        until = min(at + BATCH, end)
        here, there = Pipe(duplex=False)
        child = os.fork()
        if child == 0:
            here.close()
            _batch(kind, at, until, folder, there)
        there.close()
        gone = "its process ended"
        while at < until:
            if not here.poll(LONGEST):
                os.kill(child, signal.SIGKILL)
                gone = f"no answer within {LONGEST} s"
                break
            try:
                told = here.recv()
            except EOFError:
                break
            yield told
            at += 1
        here.close()
        os.waitpid(child, 0)
        if at < until:
            yield at, f"{_WRONG}{gone}", 0.0
            at += 1


def _batch(kind: str, first: int, until: int, folder: Path, told: Connection) -> None:
    """Try inputs in this process, tell of each, and end the process."""
    try:
        for number in range(first, until):
            began = time.process_time()
            how = _one(kind, number, folder)
            told.send((number, how, time.process_time() - began))
    finally:
        os._exit(0)


def _one(kind: str, number: int, folder: Path) -> str:
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return PARTS[kind](Random(number), folder) if kind in PARTS else trial(kind, Random(number))
    except BaseException as error:
        return f"{_WRONG}{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
