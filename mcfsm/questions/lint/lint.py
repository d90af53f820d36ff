"""What looks wrong in a model, found without exploring it: each finding with code, place and hint.

A finding is no error: the model runs. It is about every scenario, and every reading and option that some line stands
under: what is used in one of them is used. `mcfsm check` finds what only an exploration can tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_all
from mcfsm.problems import Problem, Problems
from mcfsm.questions.lint import messages, names, states
from mcfsm.questions.lint.models import variants


def lint(path: Path | str, changes: Iterable[str] | None = None) -> tuple[Problem, ...]:
    """The findings of a model, in the order of their places. Raises ModelError for what is wrong with it."""
    document = read(path, changes)
    resolve_all(document)
    models, found = variants(document), Problems()
    for part in (messages, states, names):
        part.look(document, models, found)
    return found.sorted()
