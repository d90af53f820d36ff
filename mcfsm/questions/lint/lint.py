"""What looks wrong in a model, found without exploring it: each finding with code, place and hint.

A finding is no error: the model runs. It is about every scenario, and every reading and option that some line stands
under: what is used in one of them is used. `mcfsm check` finds what only an exploration can tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mcfsm.language.changes.apply import apply
from mcfsm.language.files.reader import read, read_baseline
from mcfsm.language.resolving.resolve import resolve_all
from mcfsm.problems import ModelError, Problem, Problems
from mcfsm.questions.lint import messages, names, states
from mcfsm.questions.lint.models import Watch, variants


def lint(path: Path | str, changes: Iterable[str] | None = None, watch: Watch | None = None) -> tuple[Problem, ...]:
    """The findings of a model, in the order of their places; `watch` is told how far it is.

    Raises ModelError for what is wrong with it, also with a change request that is pending and cannot be applied.
    """
    document = read(path, changes)
    resolve_all(document)
    _apply_each(path)
    models, found = variants(document, watch), Problems()
    for part in (messages, states, names):
        part.look(document, models, found)
    return found.sorted()


def _apply_each(path: Path | str) -> None:
    """Raise ModelError with the problems of all change requests, each applied alone as far as its edits go."""
    baseline, problems = read_baseline(path), Problems()
    for name in baseline.changes:
        try:
            apply(baseline, [name])
        except ModelError as error:
            problems.extend(error.problems)
    problems.raise_any()
