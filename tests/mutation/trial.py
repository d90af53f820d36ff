"""One mutant against the tests that cover its lines, the likeliest to find it first, until one fails."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from mutation.covering import Covering, is_plain
from mutation.operators import Module, Mutation
from mutation.score import Tried
from mutation.session import Ended, Mutant, Plain, Session, code_of, mutant_of

FIRST = 2.0  # seconds of tests that are tried before the others
MOST = 60.0  # of all, as they took without a mutant
ELSEWHERE = 3.0  # of those that run other lines of the module
START = (
    3.0,
    15.0,
)  # seconds of a processor that a session may take before its tests: where all is imported, and where not
SLOWER = 4.0  # many times what its tests took
LEAST = 0.03  # seconds that a test takes of pytest
SELDOM = 0.2  # what a test that has found none counts as, of mutants found


class Trial:
    """A mutant on its way: `step` starts the next session, and says when there is none any more."""

    def __init__(
        self, root: Path, module: Module, mutation: Mutation, covering: Covering, finders: Counter[str]
    ) -> None:
        """`finders`: how many mutants a test has found before."""
        self.root, self.mutation, self.path = root, mutation, module.path
        here, there = covering.tests(module.path, mutation.lines)
        self.covered, self.seconds, self.asked = len(here), 0.0, 0
        before = code_of(module.path, module.tree, root)
        with module.mutated(mutation) as tree:
            self.mutant: Mutant = mutant_of(module.path, before, tree, root)
        self.took = covering.seconds

        def worth(test: str) -> tuple[float, str]:
            return -(finders[test] + SELDOM) / (self.took[test] + LEAST), test

        some = sorted(there, key=worth)
        self.stages = stages([*sorted(here, key=worth), *within(some, covering.seconds, ELSEWHERE)], covering.seconds)
        self.session: Session | None = None
        self.result: Tried | None = None

    def step(self) -> bool:
        """Take in how the session ended, if there is one, and start the next; whether there is one now."""
        if self.session is not None:
            ended = self.session.ended()
            self.seconds += ended.seconds
            self.session = None
            if ended.how != "passed":
                self.result = self._tried("killed" if ended.how == "failed" else ended.how, ended)
                return False
        if not self.stages:
            self.result = self._tried("survived", Ended("passed"))
            return False
        tests = self.stages.pop(0)
        self.asked += len(tests)
        self.session = Session(
            self.root,
            tests,
            limit=START[self.mutant.function is None] + SLOWER * sum(self.took[test] for test in tests),
            options=["-x"],
            plugins=plain if is_plain(self.path) else list,
            mutant=self.mutant,
        )
        return True

    @property
    def is_under_way(self) -> bool:
        """Whether a session runs that may come to its end by itself."""
        return self.session is not None and self.session.process.is_alive() and not self.session.overdue

    def stop(self) -> None:
        """End it without a result."""
        if self.session is not None:
            self.session.stop()

    def _tried(self, how: str, ended: Ended) -> Tried:
        seconds = round(self.seconds, 1)
        return Tried(self.mutation.change, self.mutation.lines[0], how, ended.test, seconds, self.covered, self.asked)


def plain() -> list[object]:
    """What a session of a mutant of the kernel has."""
    return [Plain()]


def within(tests: list[str], seconds: dict[str, float], most: float) -> list[str]:
    """The first of some tests that take no more seconds together."""
    found = []
    for test in tests:
        most -= seconds[test] + LEAST
        if most < 0:
            break
        found.append(test)
    return found


def stages(tests: list[str], seconds: dict[str, float]) -> list[list[str]]:
    """The tests of each session: a few seconds of them, then the others that there is time for; one in any case."""
    first = within(tests, seconds, FIRST) or tests[:1]
    others = within(tests[len(first) :], seconds, MOST - FIRST)
    return [part for part in (first, others) if part]
