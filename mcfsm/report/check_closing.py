"""The last lines of a check: what all verdicts come to, what was found out before, and what to ask next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.text import Text

from mcfsm.explore.stopping import COMPILING, NO_LIMITS, NO_MEMORY
from mcfsm.problems import counted
from mcfsm.questions.check import Checked
from mcfsm.report.again import again
from mcfsm.report.style import AnswerLine, wrapped
from mcfsm.verdicts.verdict import Run, Verdict

_MOST_NAMED = 5  # verdicts that the last line names


def summary_of(checked: Checked) -> Text:
    """How many verdicts there are of which kind, and which are not as expected."""
    told = [(run, verdict) for run in checked.runs for verdict in run.verdicts]
    met: Counter[str] = Counter(verdict.status for _, verdict in told if verdict.met or verdict.status == "INCOMPLETE")
    parts = [f"{met['PROVED']:,} proved"]
    for status, word in (("VIOLATED", "violated as expected"), ("VACUOUS", "vacuous as expected")):
        if met[status]:
            parts.append(f"{met[status]:,} {word}")
    if met["INCOMPLETE"]:
        parts.append(f"{met['INCOMPLETE']:,} incomplete")
    wrong = _wrong(checked)
    unexpected = [(run, verdict) for run, verdict in wrong if verdict.expected is not None]
    unsaid = [(run, verdict) for run, verdict in wrong if verdict.expected is None]
    if unexpected:
        parts.append(f"{len(unexpected):,} not as expected ({_named(unexpected)})")
    if unsaid:
        kinds = " or ".join(dict.fromkeys(verdict.status.lower() for _, verdict in unsaid))
        said = f"{len(unsaid):,} {kinds} of which nothing is expected with these changes"
        parts.append(f"{said} ({_named(unsaid)})")
    scenarios = len({run.model.scenario for run in checked.runs})
    text = f"{counted(scenarios, 'scenario')}, {counted(len(told), 'verdict')}: {', '.join(parts)}."
    return AnswerLine(text, style="bold red" if checked.exit_status == 1 else "bold")


def found_out_before(checked: Checked, width: int) -> Iterator[Text]:
    """What was found out before and is as it was; what had to be searched now. Nothing where all was searched."""
    taken = sum(run.taken for run in checked.runs)
    if not taken:
        return
    now = list(dict.fromkeys(run.model.scenario for run in checked.runs if not run.taken))
    more = f" and {len(now) - _MOST_NAMED} more" if len(now) > _MOST_NAMED else ""
    searched = f"searched now: {', '.join(now[:_MOST_NAMED])}{more}" if now else "nothing was searched now"
    every = f"{taken} of {counted(len(checked.runs), 'run')}" if now else "All"
    yield wrapped(f"{every} as found out before; {searched}. --no-cache searches all again.", width)


def _named(some: Sequence[tuple[Run, Verdict]]) -> str:
    """The first of some verdicts by property and scenario."""
    names = list(
        dict.fromkeys(f"{verdict.id} in {run.model.labels.scenario(run.model.scenario)}" for run, verdict in some)
    )
    return ", ".join(names[:_MOST_NAMED]) + (" ..." if len(names) > _MOST_NAMED else "")


def _wrong(checked: Checked) -> list[tuple[Run, Verdict]]:
    """The verdicts that are not as expected, but for those that a search was too short for."""
    told = ((run, verdict) for run in checked.runs for verdict in run.verdicts)
    return [(run, verdict) for run, verdict in told if not verdict.met and verdict.status != "INCOMPLETE"]


def next_question(checked: Checked, *, flows: bool) -> str | None:
    """What to ask next, as a command; nothing where everything is said."""
    shown = [(run, verdict) for run, verdict in _wrong(checked) if verdict.trace is not None]
    if shown:
        return f"{again(checked, *shown[0], 'why')}   (which clauses and assumptions it rests on)"
    stopped = next((run.stopped for run in checked.runs if run.stopped), None)
    if stopped is not None and COMPILING in stopped:
        return f"raise {stopped.split()[0]}, or once without it: what is compiled is kept for the next time"
    if stopped is not None and (stopped == NO_MEMORY or stopped.startswith("--max-memory")):
        return f"--disk DIR: {stopped} was not enough, and files of a folder may have more room"
    if stopped is not None and stopped not in NO_LIMITS:
        return f"raise {stopped.split()[0]}: {stopped} was not enough"
    found = ((run, v) for run in checked.runs for v in run.verdicts if v.status == "VIOLATED" and v.trace is not None)
    violated = None if flows else next(found, None)
    return violated and f"{again(checked, *violated)}   (the flow of this violation)"
