"""Check a model: resolve its scenarios, explore each, judge, and put it all into one report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mcfsm.explore.findings import Limits
from mcfsm.language.files.document import Document
from mcfsm.language.files.locations import Places
from mcfsm.language.files.reader import read
from mcfsm.language.selection import known_transitions, questions
from mcfsm.model import Fairness
from mcfsm.model.digest import digest
from mcfsm.verdicts.never_happens import never
from mcfsm.verdicts.run import ENGINES, Watcher, run
from mcfsm.verdicts.verdict import Run, exit_status, informal_transitions


@dataclass(frozen=True)
class Checked:
    """Every run of one check, and the warnings that concern all of them together."""

    path: str
    digest: str
    runs: tuple[Run, ...]
    warnings: tuple[str, ...]

    @property
    def exit_status(self) -> int:
        """1 where an expectation is not met, else 2 where something is incomplete, expected or not, else 0."""
        return exit_status(verdict for run in self.runs for verdict in run.verdicts)


def check(
    path: Path | str,
    *,
    scenarios: Iterable[str] | None = None,
    properties: Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
    settings: Mapping[str, str] | None = None,
    engine: str = ENGINES[0],
    workers: int | None = None,
    limits: Limits | None = None,
    everything: bool = False,
    avoid: Iterable[str] = (),
    normative: bool = False,
    fairness: Fairness | None = None,
    symmetry: bool = True,
    progress: Watcher | None = None,
) -> Checked:
    """The verdicts on a model: a run for each scenario and each combination of the readings' values.

    `changes` are applied to it, without them its default ones. `readings` gives the values of readings and options to
    try by name ("all": every value); `settings` fixes options and parameters;
    `properties` narrows what is asked (built-in checks by their names). `avoid` names transitions that are never taken,
    `normative` adds those that rest on assumptions or informative items: then every verdict says what it is without.
    `fairness` stands in for what liveness properties say themselves. Without `symmetry` interchangeable instances are
    told apart. Raises ModelError for what is wrong with the
    model, and for names that it does not have.
    """
    document = read(path, changes)
    left_out = known_transitions(document, avoid)
    runs: list[Run] = []
    for model, asked in questions(document, scenarios, properties, readings, settings, symmetry=symmetry):
        informal = informal_transitions(model) if normative else frozenset()
        avoided = left_out | informal
        runs.append(run(model, asked, engine, limits, everything, progress, workers, avoid=avoided, fairness=fairness))
        if runs[-1].interrupted:
            break
    restricted = normative or bool(left_out)
    whole = scenarios is None and properties is None and not restricted and not runs[-1].interrupted
    return _checked(path, document, runs, whole=whole, absent=left_out.difference(*(item.avoided for item in runs)))


def _checked(path: Path | str, document: Document, runs: list[Run], *, whole: bool, absent: Iterable[str]) -> Checked:
    """The runs as a report; only a check of the whole model can say what never happens in it."""
    warnings = tuple(never(((run.model, run.findings) for run in runs), Places(document))) if whole else ()
    digests = "".join(digest(run.model) for run in runs)
    together = hashlib.sha256(digests.encode()).hexdigest()
    idle = [f"transition {name} is in no scenario run here: leaving it out changed nothing" for name in sorted(absent)]
    return Checked(str(path), together, tuple(runs), (*idle, *warnings))
