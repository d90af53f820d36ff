"""The verdicts of a scenario beside their promises: a column for each run, or one where these have no room."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from mcfsm.report.style import briefly, status_text, together
from mcfsm.report.verdict_flow import decided
from mcfsm.report.whole_words import Cell, has_room, whole_words
from mcfsm.verdicts.verdict import Run, Verdict

_LEAST_PROMISE = 24  # columns in which a promise can still be read beside several verdicts
_MOST_HEAD = 20  # columns of what stands above a column of verdicts


def verdict_table(runs: Sequence[Run], width: int) -> RenderableType:
    """Every verdict with its promise: the statuses in a column for each run, or in one where these have no room."""
    if len(runs) == 1:
        rows = [[status_text(one, runs[0]), *_promise(one), decided(runs[0], one)] for one in runs[0].verdicts]
        return whole_words(["verdict", "property", "promise", "decided"], rows, width, named=2)
    labels = briefly([run.model for run in runs])
    lines = [
        [line for part in one for line in textwrap.wrap(part, _MOST_HEAD, break_long_words=False)] for one in labels
    ]
    titles = [*map("\n".join, lines), "property", "promise"]
    several = list(zip(*(run.verdicts for run in runs), strict=True))
    beside = [[*_statuses(runs, each), *_promise(each[0])] for each in several]
    if has_room(titles, beside, width, named=len(runs) + 1, prose=_LEAST_PROMISE):
        return whole_words(titles, beside, width, named=len(runs) + 1)
    stacked = [[_stacked(labels, _statuses(runs, each)), *_promise(each[0])] for each in several]
    return whole_words(["verdict", "property", "promise"], stacked, width, named=2)


def _stacked(labels: Sequence[Sequence[str]], statuses: Sequence[Text]) -> Text:
    return Text("\n").join(Text(f"{together(one)}: ").append_text(s) for one, s in zip(labels, statuses, strict=True))


def _statuses(runs: Sequence[Run], verdicts: Sequence[Verdict]) -> list[Text]:
    return [status_text(verdict, run) for verdict, run in zip(verdicts, runs, strict=True)]


def _promise(verdict: Verdict) -> list[Cell]:
    promise = Text(verdict.text)
    if verdict.clause:
        promise.append(f" [{verdict.clause}]", style="dim")
    return [verdict.id, promise]
