"""Where in the files of a model a verdict stands: the property that is promised, and the transition that decides it."""

from __future__ import annotations

import re
from typing import NamedTuple

from mcfsm.problems import Span
from mcfsm.questions.check import Checked
from mcfsm.verdicts.verdict import Run, Verdict

_PLACED = re.compile(r"(.+?):(\d+): (.*)", re.DOTALL)


class VerdictPlaces(NamedTuple):
    """Where the promise stands; the transition that the last step of the flow takes, and where that stands."""

    file: str
    promise: Span | None
    transition: str | None
    decides: Span | None

    @property
    def first(self) -> Span:
        """The place to show: a built-in check is declared nowhere, and stands where it is decided, or in the model."""
        return self.promise or self.decides or Span(self.file, 1, 1)


def places_of(checked: Checked, run: Run, verdict: Verdict) -> VerdictPlaces:
    """Where a verdict stands."""
    spans = {transition.id: transition.span for role in run.model.roles for transition in role.transitions}
    steps = () if verdict.trace is None else verdict.trace.steps
    taken = next((step.transition for step in reversed(steps) if spans.get(step.transition)), None)
    return VerdictPlaces(run.model.file, checked.places.get(verdict.id), taken, spans.get(taken) if taken else None)


def warning_at(warning: str) -> tuple[Span | None, str]:
    """A warning of a check, without its place."""
    found = _PLACED.fullmatch(warning)
    return (Span(found[1], int(found[2]), 1), found[3]) if found else (None, warning)


def said(run: Run, verdict: Verdict) -> str:
    """A verdict in a sentence."""
    against = "" if verdict.met else f" ({verdict.against})"
    return f"{verdict.status}{against}: {verdict.text} [{verdict.id} in {run.name}, {verdict.reason}]"
