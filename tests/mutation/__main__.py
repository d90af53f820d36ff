"""Try mutants for some minutes and print the score: `PYTHONPATH=tests python -m mutation --minutes 20 TESTS`.

TESTS are what mutants are held against: `make mutants` names the tests of `make quick`. The exit status is 1 where a
mutant survived that `same.yaml` does not list.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from multiprocessing.connection import wait
from pathlib import Path
from random import Random

from mutation.covering import COMPILING, Covering, covering, is_plain
from mutation.operators import Module, Mutation
from mutation.score import Tried, line, page, percent, record, recorded, same, table
from mutation.session import Session, frozen, import_libraries, warm
from mutation.trial import Trial

ROOT = Path(__file__).parents[2]
FIRST_ROOMS = ("semantics", "tables", "kernel")  # of each of these as many as of all others together
COMPILED = "tests/unit/test_channels_on_both_engines.py"
TOLD = 20  # mutants between two lines on how far it is
Sampled = tuple[Module, Mutation]


def sampled(root: Path, rooms: list[str], seed: int) -> Iterator[Sampled]:
    """Mutations in a random order that the seed says, from each room in turn."""
    paths = sorted(str(path.relative_to(root)) for path in (root / "mcfsm").rglob("*.py"))
    found: dict[str, list[Sampled]] = {}
    for path in paths:
        room = Path(path).parts[1].removesuffix(".py")
        if (rooms and room not in rooms) or (room == "kernel" and Path(path).stem in COMPILING):
            continue
        module = Module(root, path)
        found.setdefault(room, []).extend((module, mutation) for mutation in module.mutations)
    for room, some in found.items():
        Random(f"{seed} {room}").shuffle(some)
    first = [found.pop(room) for room in FIRST_ROOMS if room in found]
    others = [one for turn in zip_longest(*found.values()) for one in turn if one is not None]
    for turn in zip_longest(*first, others):
        yield from (one for one in turn if one is not None)


def tried(
    root: Path, several: Iterator[Sampled], coverings: dict[bool, Covering], jobs: int, finders: Counter[str]
) -> Iterator[Tried]:
    """What comes of mutants, as it comes, some at a time; those that are begun are brought to an end."""
    listed, active = same(), list[Trial]()
    more = True
    try:
        while more or active:
            while more and len(active) < jobs:
                module, mutation = next(several, (None, None))
                if module is None or mutation is None:
                    more = False
                elif mutation.change in listed:
                    yield Tried(mutation.change, mutation.lines[0], "same")
                else:
                    active.append(Trial(root, module, mutation, coverings[is_plain(module.path)], finders))
                    active[-1].step()
            wait([trial.session.process.sentinel for trial in active if trial.session is not None], timeout=5)
            for trial in list(active):
                if trial.is_under_way or trial.step():
                    continue
                active.remove(trial)
                assert trial.result is not None
                finders[trial.result.test] += 1
                yield trial.result
    finally:
        for trial in active:
            trial.stop()


def main() -> None:
    """Try mutants, and say what came of them."""
    parser = argparse.ArgumentParser(prog="mutation", description=__doc__)
    parser.add_argument("tests", nargs="+", help="files, folders and ids of tests")
    parser.add_argument("--minutes", type=float, default=20, help="begin no mutant after so many")
    parser.add_argument("--seed", type=int, default=1, help="which mutants, and in which order")
    parser.add_argument("--count", type=int, default=10_000, help="at most so many mutants")
    parser.add_argument("--room", action="append", default=[], help="only of these rooms")
    parser.add_argument("--jobs", type=int, default=1, help="so many at a time")
    parser.add_argument(
        "--record", type=Path, help="a file for a line of JSON about each; what it has is not tried again"
    )
    parser.add_argument("--again", type=Path, help="such a file: only those mutants that survived there")
    parser.add_argument("--page", type=Path, help="a file of Markdown for the table, with what survived")
    asked = parser.parse_args()
    for given in ("record", "again", "page"):  # the runs of tests are elsewhere
        if (path := getattr(asked, given)) is not None:
            setattr(asked, given, path.absolute())
    import_libraries()
    before = recorded(asked.record) if asked.record and asked.record.exists() else []
    done = {one.change for one in before}
    again = {one.change for one in recorded(asked.again) if one.how == "survived"} if asked.again else None
    with frozen(ROOT) as root:
        kept = ROOT / "build" / "mutation"
        several = list(sampled(root, asked.room, asked.seed))
        if again is not None:
            several = [one for one in several if one[1].change in again]
        print(
            f"{len(several):,} mutants, tried in an order of seed {asked.seed} for {asked.minutes:g} minutes",
            flush=True,
        )
        warm(root, asked.tests)
        ended = Session(root, [COMPILED], limit=600).ended()  # the kernel is compiled once, for all that come after
        assert ended.how == "passed", f"nothing is changed, and yet: {ended}"
        coverings: dict[bool, Covering] = {}
        for plain in sorted({is_plain(module.path) for module, _ in several}):
            coverings[plain] = covering(root, kept, asked.tests, plain=plain)
        end = time.monotonic() + 60 * asked.minutes
        left = (one for one in several[: asked.count] if one[1].change not in done and time.monotonic() < end)
        finders = Counter(one.test for one in before)
        for one in tried(root, left, coverings, asked.jobs, finders):
            before.append(one)
            if asked.record:
                with asked.record.open("a", encoding="utf-8") as file:
                    file.write(record(one) + "\n")
            if one.how != "killed":
                print(line(one), flush=True)
            if len(before) % TOLD == 0:
                print(f"{len(before)} tried, {percent(before)} found", flush=True)
    print(*table(before), sep="\n")
    if asked.page:
        asked.page.write_text(page(before, asked.seed, time.strftime("%Y-%m-%d")), encoding="utf-8")
    sys.exit(any(one.how == "survived" for one in before))


if __name__ == "__main__":
    main()
