"""What was found out before, as a search asks for it and adds to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from mcfsm.explore.findings import Limits
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import Expansion, State
from mcfsm.semantics.trace import ReplayError
from mcfsm.verdicts.kept.files import Files
from mcfsm.verdicts.kept.question import Question
from mcfsm.verdicts.kept.records import Found, Spoiled, read, written

if TYPE_CHECKING:
    from mcfsm.verdicts.verdict import Run

_MOST_VISITED = 100_000  # local states and receptions


class _Remembered(Product):
    """The product with what each state expands to remembered: a flow passes it as it is read and as it is judged."""

    def __init__(self, model: Model, *, avoid: frozenset[str]) -> None:
        super().__init__(model, avoid=avoid)
        self._expansions: dict[State, Expansion] = {}

    def expand(self, state: State) -> Expansion:
        """What the definition says, once."""
        found = self._expansions.get(state)
        if found is None:
            found = self._expansions[state] = super().expand(state)
        return found


class KeptFiles(Protocol):
    """Where findings are kept, by name: nothing that goes wrong there is an error of a check."""

    failed: str | None  # why something could not be written

    def read(self, name: str) -> bytes | None:
        """The content of a file; None where there is none, or not as it was written."""

    def write(self, name: str, content: bytes) -> None:
        """Put a file there."""


class KnownFindings:
    """What was found out before, by question; `asked` and `taken` count the questions, and those that were known."""

    def __init__(self, files: KeptFiles) -> None:
        self.files = files
        self.asked = self.taken = 0

    @classmethod
    def of_user(cls) -> KnownFindings | None:
        """What is kept for all checks of a user; None where nothing can be."""
        files = Files.of_user()
        return None if files is None else cls(files)

    def take(self, question: Question, limits: Limits, judged: Callable[[Found, Product], Run]) -> Run | None:
        """The run of a question that was asked before, judged anew; None where it has to be searched.

        That is so where what is kept is spoiled, where a flow of it is none of the model's, and where the limits would
        have cut the search short: there is one answer to a question, whoever asked it before.
        """
        self.asked += 1
        content = self.files.read(question.digest())
        if content is None:
            return None
        try:
            product = _Remembered(question.model, avoid=question.avoid)
            found = read(content, question, product)
            if limits.after_level(states=found.findings.states, depth=found.findings.depth) is not None:
                return None
            run = judged(found, product)
        except (Spoiled, ReplayError, ModelError):  # the last where a flow leads to a value that is none
            return None
        if any(verdict.status == "INCOMPLETE" for verdict in run.verdicts):
            return None
        self.taken += 1
        return run

    def keep(self, question: Question, found: Found) -> None:
        """Keep what was found, if nothing stopped it."""
        if found.decided and _visited(found) <= _MOST_VISITED:
            self.files.write(question.digest(), written(found, question))


def _visited(found: Found) -> int:
    """How many local states and receptions there are in what was found."""
    visited = found.findings.visited
    return sum(map(len, (*visited.locals, *visited.inspected)))
