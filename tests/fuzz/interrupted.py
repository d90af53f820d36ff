"""A whole check ended at random moments, as by Ctrl-C: `PYTHONPATH=tests python -m fuzz.interrupted COUNT [SEED]`.

A moment is a share of the processor time that the check takes when nobody ends it, so that it is the same on a machine
that does much else. Prints of each how much was decided, and in the end how often nothing was; the exit status is 1
where something was told that is not so, or what ended it was not said.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[2]
SCENARIOS = [
    "one_partner",
    "two_partners",
    "second_client",
    "make_before_break",
    "calls",
    "caller_moves",
    "keys",
    "given_away",
]
COMMAND = [
    *(
        sys.executable,
        "-m",
        "mcfsm",
        "check",
        str(ROOT / "models" / "mc_migration"),
        "--reading",
        "notify=all",
        "--grid",
    ),
    *(part for name in SCENARIOS for part in ("--scenario", name)),
    "--no-cache",
]
_TICKS = os.sysconf("SC_CLK_TCK")
_POLL, _LONGEST = 0.005, 300.0
_SURELY = 0.7  # a check that is ended before this share of its time cannot have told all
Verdicts = dict[tuple[str, str, str], str]


def main() -> None:
    """End so many checks; what was decided by each is what the whole check decides."""
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # what a shell puts in the background ignores it, and so would the checks
    count, rnd = int(sys.argv[1]), Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    whole, status, seconds, _ = ended(None)
    assert status == 0
    nothing, wrong = 0, 0
    for number in range(count):
        share, which = rnd.random(), rnd.choice((signal.SIGINT, signal.SIGTERM))
        told, status, _, said = ended((share * seconds, which))
        is_wrong = status not in ((2, 130) if told != whole else (0, 2)) or not told.items() <= whole.items()
        is_wrong |= bool(told) and told != whole and not said
        is_wrong |= told == whole and share < _SURELY  # the signal was lost
        nothing, wrong = nothing + (not told), wrong + is_wrong
        marked = "  WRONG" if is_wrong else ""
        print(
            f"{number}: {which.name} at {share:.3f}, {len(told)} of {len(whole)} told, status {status}{marked}",
            flush=True,
        )
    print(f"{count} times: nothing told {nothing} times, wrong {wrong} times")
    sys.exit(1 if wrong else 0)


def ended(when: tuple[float, signal.Signals] | None) -> tuple[Verdicts, int, float, bool]:
    """What a check decides that a signal ends after some seconds of its processor time; its status and seconds.

    Last, whether its record says what ended it, and what is left.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.json"
        process = subprocess.Popen(
            [*COMMAND, "--json", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        seconds, began = 0.0, time.monotonic()
        while process.poll() is None:
            seconds = max(seconds, _seconds(process.pid))
            if when is not None and seconds >= when[0]:
                process.send_signal(when[1])
                when = None
            if time.monotonic() - began > _LONGEST:
                process.kill()
            time.sleep(_POLL)
        record: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    decided = {
        (one["scenario"], one["readings"]["notify"], told["id"]): str(told["status"])
        for one in record.get("scenarios", [])
        for told in one["properties"]
        if told["status"] != "INCOMPLETE"
    }
    return decided, process.returncode, seconds, bool(record.get("stopped")) and "left" in record


def _seconds(process: int) -> float:
    """The processor time that a process has taken."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    main()
