"""One table: how much faster than SPIN mcfsm is, by shape and size; README.md says how to read it.

.venv/bin/python benchmarks/ratios.py                     # three rounds
.venv/bin/python benchmarks/ratios.py --rounds 1 --sizes 1 2
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import ours
from bench import Unequal, equal
from instances import JUDGED, SHAPES, Instance
from ours import OursError
from rich.console import Console
from rich.table import Table
from spin import MODES, SpinError, Verifier, missing

PLAIN, ASSERTING = MODES["uncompressed"], MODES["uncompressed, properties"]  # SPIN's fastest on one core
MILLION = 1_000_000
KINDS = ("one", "one judging", "two", "two judging", "SPIN", "SPIN judging", "verdict", "SPIN verdict")


@dataclass
class Line:
    """A shape in one size: the seconds of each kind of run, round by round."""

    shape: str
    instance: Instance
    seconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def ratio(self, theirs: str, mine: str) -> float | None:
        """How much faster one kind of run is than another, by medians."""
        if not self.seconds[theirs] or not self.seconds[mine]:
            return None
        return median(self.seconds[theirs]) / median(self.seconds[mine])

    @property
    def judging(self) -> float | None:
        """One worker and properties on both sides; where SPIN's text has none, SPIN is asked for nothing."""
        return self.ratio("SPIN judging" if self.seconds["SPIN judging"] else "SPIN", "one judging")


def main() -> int:
    """Run every shape in every size, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="times that both sides are run in turn (default 3)")
    parser.add_argument("--sizes", type=int, nargs="+", choices=(1, 2, 3), default=(1, 2, 3), help="default: all")
    parser.add_argument("--shapes", nargs="+", choices=list(SHAPES), default=list(SHAPES), help="default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    if missing():
        console.print("\n".join(missing()))
        return 4
    began, lines, stopped = time.monotonic(), list[Line](), None
    try:
        with tempfile.TemporaryDirectory(prefix="mcfsm-ratios-") as scratch:
            for shape in options.shapes:
                for size in options.sizes:
                    line = Line(shape, SHAPES[shape][size - 1])
                    lines.append(line)
                    if not console.is_terminal:
                        print(f"{shape}, {line.instance.states:,} states", file=sys.stderr, flush=True)
                    with console.status(line.instance.name):
                        run(line, options.rounds, Path(scratch))
    except (Unequal, SpinError, OursError) as error:
        stopped = error
        console.print(f"[bold]stopped:[/bold] {error}")
        lines.pop()
    console.print(table(lines))
    for sentence in claims(lines):
        console.print(sentence)
    console.print(f"{options.rounds} rounds, medians; {time.monotonic() - began:,.0f} s")
    if options.json:
        figures: list[dict[str, Any]] = [asdict(line) for line in lines]
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if stopped is None else 1


def run(line: Line, rounds: int, scratch: Path) -> None:
    """Both sides in turn. Raises Unequal where one finds other numbers than are known."""
    instance, named = line.instance, JUDGED.get(line.instance.protocol, ())
    modes = [PLAIN, *([ASSERTING] if instance.protocol in JUDGED else [])]
    verifiers = [Verifier(instance, mode, scratch / instance.name / mode.name) for mode in modes]
    for _ in range(rounds):
        for workers, kind in ((1, "one"), (2, "two")):
            for judging in (False, True):
                mine = ours.explore(instance, "exhaustive", workers, judging, named)
                equal(instance, f"mcfsm, {workers} workers", mine.states, mine.transitions)
                line.seconds[kind + " judging" * judging].append(mine.searched)
        for verifier in verifiers:
            theirs = verifier.run()
            equal(instance, f"SPIN, {verifier.mode.name}", theirs.states, theirs.transitions)
            line.seconds["SPIN" + " judging" * verifier.mode.judging].append(theirs.searched)
        if instance.states < MILLION // 2:
            line.seconds["verdict"].append(ours.check(instance, "exhaustive", 1, True)[0].seconds)
            line.seconds["SPIN verdict"].append(verifiers[-1].built + theirs.measured.seconds)


def table(lines: list[Line]) -> Table:
    """All shapes and sizes."""
    result = Table(title="SPIN's seconds divided by ours", title_justify="left", title_style="bold")
    for title in ("shape", "states", "SPIN s", "asserting s", "one worker", "properties", "two workers", "properties",
                  "properties cost", "shell to verdict"):  # fmt: skip
        first = title == "shape"
        result.add_column(title, justify="left" if first else "right", min_width=21 if first else None)
    for line in lines:
        spin, asserting = line.seconds["SPIN"], line.seconds["SPIN judging"]
        theirs = "SPIN judging" if asserting else "SPIN"
        cost = line.ratio("one judging", "one")
        result.add_row(
            line.shape,
            f"{line.instance.states:,}",
            f"{median(spin):.2f}",
            f"{median(asserting):.2f}" if asserting else "-",
            _shown(line.ratio("SPIN", "one")),
            _shown(line.judging),
            _shown(line.ratio("SPIN", "two")),
            _shown(line.ratio(theirs, "two judging")),
            f"{cost - 1:+.0%}" if cost is not None else "-",
            _shown(line.ratio("SPIN verdict", "verdict")),
        )
    return result


def claims(lines: list[Line]) -> list[str]:
    """The smallest ratios, which are all that may be claimed."""
    found = []
    for words, some in (
        ("above 500,000 states", [line for line in lines if line.instance.states > MILLION // 2]),
        ("below", [line for line in lines if line.instance.states <= MILLION // 2]),
    ):
        told = [(ratio, line.shape) for line in some if (ratio := line.judging) is not None]
        if told:
            least, shape = min(told)
            found.append(f"smallest, {words}, one worker and properties: {least:.2f} ({shape})")
    return found


def _shown(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


if __name__ == "__main__":
    sys.exit(main())
