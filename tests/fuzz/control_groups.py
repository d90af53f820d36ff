"""Questions in control groups: `PYTHONPATH=tests python -m fuzz.control_groups [SIZE ...] [only=WORD]`.

Each is asked in a group that has so much memory, with no limit that is given, and then with that as its limit, in a
group that has four times as much. The exit status is 1 where one was killed, did not say what it left open, or took
over a tenth more than its limit. It needs control groups of version 1 and the right to make them; they are removed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from building import WIDE, write

from mcfsm.explore.stopping import COMPILING

ROOT = Path(__file__).parents[2]
GROUPS = Path("/sys/fs/cgroup/memory")
COMMIT, RING = (ROOT / "models" / "textbook" / f"{name}.yaml" for name in ("two_phase_commit", "token_ring"))
MISSION = ROOT / "models" / "mc_migration"
CORE, LOCALS = (ROOT / "benchmarks" / "models" / f"{name}.yaml" for name in ("migration_core", "many_local_states"))
FIRST = ", compiled first"  # as on a machine that never searched
QUESTIONS = {
    "safety, two-phase commit of 11": f"check {COMMIT} --scenario three --set managers=11 --no-cache",
    "safety, migration core": f"check {CORE} --scenario core --set users=4 --set moves=5 --no-cache",
    "liveness, ring of 17": f"check {RING} --scenario ring --set nodes=17 --property goes_round --no-cache",
    "all promises, ring of 17": f"check {RING} --scenario ring --set nodes=17 --no-cache",
    f"safety, migration core{FIRST}": f"check {CORE} --scenario core --set users=4 --set moves=5 --no-cache",
    "families, overview": f"overview {MISSION} --scenario large --max-seconds 90",
    f"families, overview{FIRST}": f"overview {MISSION} --scenario large --max-seconds 90",
    "families, assumptions": f"assumptions {MISSION} --scenario large --max-seconds 90",
    "one step of millions": "check WIDE --no-cache",
    "nearly two million local states": f"check {LOCALS} --set most=119 --no-cache",
}
LEAST_LIMIT, SHARE, MORE = 1 << 20, 0.8, 1.1  # the last: what a limit may be passed by
_POLL, _LONGEST, _ROOM = 0.01, 400.0, 4 << 30


class Ended(NamedTuple):
    """How a command ended in a group: its status, what it said, and the most memory of the group and of a process."""

    status: int
    said: str
    group: int
    process: int
    seconds: float
    killed: int


def main() -> None:
    """Ask each question with each size, and print a row of a table for each."""
    sizes = [one for one in sys.argv[1:] if "=" not in one] or ["300M", "600M", "1G"]
    word = "".join(one.removeprefix("only=") for one in sys.argv[1:] if "=" in one)
    missing = cannot()
    if missing is not None:
        sys.exit(missing)
    wrong = 0
    print("| question | group | limit | status | MiB of the group | of a process | s |\n|---|---|---|---|---|---|---|")
    for name in QUESTIONS:
        if word not in name:
            continue
        for size in sizes:
            for given in (None, size):
                ended = asked(name, of_size(size) * (1 if given is None else 4), given)
                bad = is_wrong(ended, of_size(size) * (SHARE if given is None else 1))
                wrong += bad
                print(
                    f"| {name} | {size if given is None else f'4 x {size}'} | {given or 'none'} | {ended.status} |"
                    f" {ended.group >> 20:,} | {ended.process >> 20:,} | {ended.seconds:.1f} |" + "  WRONG" * bad,
                    flush=True,
                )
    sys.exit(1 if wrong else 0)


def is_wrong(ended: Ended, limit: float) -> bool:
    """Whether it was killed, did not say what it left open, or took over a tenth more than its limit."""
    told = ended.status in (1, 2) and ("INCOMPLETE" in ended.said or "stopped by" in ended.said)
    return bool(ended.killed) or not told or ended.process > MORE * limit


def asked(name: str, size: int, limit: str | None = None) -> Ended:
    """How a question ends in a group of a size, under a limit that it is given.

    Where it has no room to compile what it needs, and is not to be compiled there first, it is asked with room before.
    """
    ended = _asked(name, size, limit)
    if COMPILING not in ended.said or name.endswith(FIRST):
        return ended
    _asked(name, _ROOM, None)
    return _asked(name, size, limit)


def _asked(name: str, size: int, limit: str | None) -> Ended:
    given = [] if limit is None else ["--max-memory", limit]
    with TemporaryDirectory() as empty, group(size) as folder:
        words = [str(write(WIDE, Path(empty))) if word == "WIDE" else word for word in QUESTIONS[name].split()]
        cache = {"XDG_CACHE_HOME": empty} if name.endswith(FIRST) else {}
        return run_in(folder, [sys.executable, "-m", "mcfsm", *words, *given], **cache)


def of_size(text: str) -> int:
    """Bytes: 300M, 1G."""
    return int(text[:-1]) << {"M": 20, "G": 30}[text[-1]]


# ---- groups


def cannot() -> str | None:
    """Why no process can be put into a control group here that limits its memory; None where one can."""
    if not (GROUPS / "memory.limit_in_bytes").exists():
        return "no control groups of version 1 here, with memory"
    try:
        with group(LEAST_LIMIT << 6) as folder:
            status = run_in(folder, ["true"]).status
    except OSError as error:
        return f"no control group can be made here: {error.strerror}"
    return None if status == 0 else "no process can be put into a control group here"


@contextmanager
def group(size: int | None, within: Path = GROUPS) -> Iterator[Path]:
    """A new control group, with a limit or without one, which is removed in the end."""
    folder = within / f"mcfsm_{os.getpid()}_{time.monotonic_ns()}"
    folder.mkdir()
    try:
        if size is not None:
            (folder / "memory.limit_in_bytes").write_text(str(size), encoding="ascii")
        yield folder
    finally:
        until = time.monotonic() + 10
        while folder.exists() and time.monotonic() < until:  # who was in it may still be on the way out
            with suppress(OSError):
                folder.rmdir()
            time.sleep(_POLL)


def run_in(folder: Path, command: list[str], **environment: str) -> Ended:
    """Run a command that enters a control group before it begins."""
    began, most = time.monotonic(), 0
    entering = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(folder / "cgroup.procs"), *command]
    environment = os.environ | environment
    with subprocess.Popen(
        entering, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, env=environment
    ) as process:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        said = b""
        while process.poll() is None:
            most = max([most, *map(_peak, (folder / "cgroup.procs").read_text(encoding="ascii").split())])
            said += process.stdout.read() or b""
            if time.monotonic() - began > _LONGEST:
                process.kill()
            time.sleep(_POLL)
        said += process.stdout.read() or b""
    killed = re.search(r"oom_kill (\d+)", (folder / "memory.oom_control").read_text(encoding="ascii"))
    return Ended(
        process.returncode,
        said.decode(errors="replace"),
        int((folder / "memory.max_usage_in_bytes").read_text(encoding="ascii")),
        most,
        time.monotonic() - began,
        int(killed[1]) if killed else 0,
    )


def _peak(process: str) -> int:
    """The most memory that a process ever took, in bytes."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="utf-8"))
    except OSError:  # it has ended
        return 0
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    main()
