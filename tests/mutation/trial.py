"""One mutant against the tests that cover its lines, the fastest first, until one fails."""

from __future__ import annotations

from pathlib import Path
from types import CodeType

from mutation.covering import Covering, is_plain
from mutation.operators import Module, Mutation
from mutation.score import Tried
from mutation.session import Ended, Plain, Session, code_of

FIRST = 3.0  # seconds of tests that are tried before the others
MOST = 60.0  # of all, as they took without a mutant
START = 15.0  # seconds of a processor that a session may take before its tests, and then as much as that
SLOWER = 4.0  # many times what its tests took


class Trial:
    """A mutant on its way: `step` starts the next session, and says when there is none any more."""

    def __init__(self, root: Path, module: Module, mutation: Mutation, covering: Covering) -> None:
        self.root, self.mutation, self.path = root, mutation, module.path
        here, there = covering.tests(module.path, mutation.lines)
        self.covered, self.seconds, self.asked = len(here), 0.0, 0
        with module.mutated(mutation) as tree:
            self.code: tuple[str, CodeType] = code_of(module.path, tree, root)
        self.stages = stages([*here, *there], covering.seconds)
        self.took = covering.seconds
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
        plain = is_plain(self.path)
        self.session = Session(
            self.root,
            tests,
            limit=START + SLOWER * sum(self.took[test] for test in tests),
            options=["-x"],
            plugins=lambda: [Plain()] * plain,
            code=self.code,
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


def stages(tests: list[str], seconds: dict[str, float]) -> list[list[str]]:
    """The tests of each session: a few seconds of them, then the others that there is time for."""
    first: list[str] = []
    others: list[str] = []
    total = 0.0
    for test in tests:
        total += seconds[test]
        if total > MOST and first:
            break
        (first if total <= FIRST or not first else others).append(test)
    return [part for part in (first, others) if part]
