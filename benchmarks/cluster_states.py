"""One model with its states here, and at 1, 2 and 4 owners of a Ray cluster on this machine: seconds and counts.

    python benchmarks/cluster_states.py [--set users=4]

Seconds are of the whole command, from the shell to the verdict; for a cluster, its beginning is among them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

MODEL = ["benchmarks/models/migration_core.yaml", "--scenario", "core"]
SIZE = ["--set", "users=4", "--set", "moves=3"]
WAYS = {"here, 1 thread": ["--workers", "1"], "here, 2 threads": ["--workers", "2"]}
CLUSTERS = {f"{n} owner{'s'[: n > 1]}": ["--cluster", f"local:{n}"] for n in (1, 2, 4)}


def main(size: list[str]) -> int:
    print(f"{'':16}{'seconds':>9}{'states':>12}{'steps':>12}  as here", flush=True)
    first = None
    for name, how in (WAYS | CLUSTERS).items():
        began = time.monotonic()
        command = [sys.executable, "-m", "mcfsm", "check", *MODEL, *(size or SIZE), "--no-cache", "--all", *how]
        told = subprocess.run([*command, "--json", "-"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        seconds, answer = time.monotonic() - began, json.loads(told.stdout)["scenarios"][0]
        said = _timeless(answer)
        first = said if first is None else first
        counts = f"{answer['states']:12,}{answer['transitions']:12,}"
        print(f"{name:16}{seconds:9.1f}{counts}  {'yes' if said == first else 'NO'}", flush=True)
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    return 0


def _timeless(told: object) -> object:
    if isinstance(told, dict):
        return {key: _timeless(value) for key, value in told.items() if key not in ("seconds", "timing")}
    return [_timeless(one) for one in told] if isinstance(told, list) else told


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
