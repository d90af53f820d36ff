"""How much memory there is for this process, and how much it takes.

What may live here: what the operating system says of memory. What may not: what is kept in it.

The machine is not all that limits a process: a container has a control group with a limit of its own, `ulimit -v`
limits the addresses, and with `vm.overcommit_memory=2` nothing may be reserved that is not there.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SHARE = 8, 10  # of what there is, that a search takes unless it is told
_PROC = Path("/proc")
_STATM = "/proc/self/statm"
_GROUPS = Path("/sys/fs/cgroup")


def physical_memory() -> int:
    """Bytes of memory that the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@cache
def memory_there() -> int:
    """Bytes of memory that this process may use: those of the machine, or of its control group where it has fewer."""
    return min([physical_memory(), *group_limits(_PROC / "self" / "cgroup", _GROUPS)])


def memory_allowed() -> int:
    """Bytes that the process takes unless it is told: a share of what there is."""
    return memory_there() * SHARE[0] // SHARE[1]


def group_limits(membership: Path, groups: Path) -> Iterator[int]:
    """The limits of the control groups that hold this process, of version 1 or 2, from its own to the outermost."""
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, name = [*line.split(":", 2), "", ""][:3]
        if controllers and "memory" not in controllers.split(","):
            continue
        root = groups / "memory" if controllers else groups
        own = root / name.lstrip("/")
        for folder in [own, *own.parents]:
            if not folder.is_relative_to(root):
                break
            yield from _limits_in(folder)


def _limits_in(folder: Path) -> Iterator[int]:
    for name in ("memory.max", "memory.high", "memory.limit_in_bytes"):
        try:
            text = (folder / name).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text.isascii() and text.isdecimal():
            yield from _as_limit(int(text))
    # of those around it, also where a container sees none of them; in version 1 only
    yield from _as_limit(_number(folder / "memory.stat", "hierarchical_memory_limit", ending=""))


def _as_limit(size: int) -> Iterator[int]:
    if 0 < size < 1 << 62:  # no limit is max, or a number that means the same
        yield size


def resident() -> int:
    """Bytes of memory that this process takes now: pages that are in it, not addresses that it has."""
    try:
        with open(_STATM, "rb", buffering=0) as file:  # asked after every round of a search: a path would take longer
            pages = int(file.read().split()[1])
    except (OSError, ValueError, IndexError):  # no such file here: the most that it ever took
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * resource.getpagesize()


def addresses_left() -> int | None:
    """Bytes that may still be reserved without being used; None where nothing limits them.

    By `ulimit -v`, and by the machine where it promises no more memory than it has (vm.overcommit_memory=2).
    """
    left = []
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        left.append(limit - _of_status("VmSize"))
    try:
        strict = (_PROC / "sys" / "vm" / "overcommit_memory").read_text(encoding="ascii").strip() == "2"
    except OSError:
        strict = False
    if strict:
        left.append(_of_machine("CommitLimit") - _of_machine("Committed_AS"))
    return max(0, min(left)) if left else None


def _of_status(name: str) -> int:
    return _number(_PROC / "self" / "status", name) * 1024


def _of_machine(name: str) -> int:
    return _number(_PROC / "meminfo", name) * 1024


def _number(file: Path, name: str, *, ending: str = ":") -> int:
    """What a line of a file of the system says; 0 where there is no such line."""
    try:
        for line in file.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(f"{name}{ending}"):
                return int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return 0
