"""The files that pip is held to, against what pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"([\w.-]+)==([\w.]+)")
FLOOR = re.compile(r"([\w.-]+)>=([\w.]+)")


def pinned(name: str) -> dict[str, str]:
    """The releases of a file of constraints, each on a line of its own."""
    lines = (ROOT / "tests" / name).read_text(encoding="utf-8").splitlines()
    found = [PINNED.fullmatch(line) for line in lines if not line.startswith("#")]
    return {one[1].lower(): one[2] for one in found if one is not None} | {
        f"unreadable: {line}": "" for line, one in zip(lines[1:], found, strict=True) if one is None
    }


def test_the_lowest_releases_are_those_that_are_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    floors = [FLOOR.match(one) for one in (*project["dependencies"], *extras["test"], *extras["remote"])]
    declared = {one[1]: _release(one[2]) for one in floors if one is not None}
    lowest = {name: _release(version) for name, version in pinned("constraints-lowest.txt").items()}
    assert "llvmlite" in lowest  # has no release of its own that is lowest: numba takes one release of it and no other
    assert declared == {name: version for name, version in lowest.items() if name != "llvmlite"}


def _release(version: str) -> str:
    """A version without zeros that say nothing: 2.0 is 2.0.0."""
    return re.sub(r"(\.0)+$", "", version)


def test_every_line_of_the_newest_names_a_release() -> None:
    found = pinned("constraints.txt")
    assert len(found) > 40
    assert all(found.values()), found
