"""Run a command and say what it took. As a program: `measure.py COMMAND...`, the record as JSON on the error stream.

A child's peak memory begins with what its parent held when it forked, so a small interpreter stands in between.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple

KIB = 1024
SEARCHED = {"MCFSM_NO_CACHE": "1"}  # nothing is taken from what was found out before


class Measured(NamedTuple):
    """One finished process: wall seconds, user seconds, peak resident bytes."""

    status: int
    seconds: float
    user: float
    peak: int
    output: str
    errors: str


def measure(command: list[str], *, cwd: str | None = None, environment: Mapping[str, str] | None = None) -> Measured:
    """The command run to its end."""
    launcher = [sys.executable, "-I", "-S", __file__, *command]
    done = subprocess.run(
        launcher,
        cwd=cwd,
        env={**os.environ, **SEARCHED, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    errors, _, record = done.stderr.rstrip("\n").rpartition("\n")
    took = json.loads(record)
    return Measured(took["status"], took["seconds"], took["user"], took["peak"], done.stdout, errors)


def main() -> None:
    """Run the command given as arguments."""
    began = time.monotonic()
    child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
    _, status, usage = os.wait4(child, 0)
    took = {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - began,
        "user": usage.ru_utime,
        "peak": usage.ru_maxrss * KIB,
    }
    print("\n" + json.dumps(took), file=sys.stderr)


if __name__ == "__main__":
    main()
