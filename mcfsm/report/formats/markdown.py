"""A check as Markdown, for a comment on a change or the summary of a job: first what is no pass, with its flow."""

from __future__ import annotations

from collections.abc import Iterator

from mcfsm.problems import counted
from mcfsm.questions.check import Checked
from mcfsm.report.again import again
from mcfsm.report.formats.places import places_of
from mcfsm.report.verdict_text import verdict_as_text
from mcfsm.verdicts.asked import tally
from mcfsm.verdicts.verdict import Run, Verdict


def written(checked: Checked, *, strict: bool = False) -> str:
    """The page."""
    return "\n".join(_lines(checked, strict)) + "\n"


def _lines(checked: Checked, strict: bool) -> Iterator[str]:
    wrong = [(run, verdict) for run in checked.runs for verdict in run.verdicts if not verdict.passed]
    passed = checked.status(strict=strict) == 0
    runs = counted(len(checked.runs), "run")
    yield f"## {_cell(checked.path)}: {'as expected' if passed else 'not as expected'}\n"
    yield f"{runs}, {tally(checked)}; {len(wrong) or 'none'} of them no pass.\n"
    for failed in checked.errors:
        yield f"### In error: {_cell(failed.scenario)}\n\n{_cell(str(failed.error))}\n"
    for run, verdict in wrong:
        yield from _failed(checked, run, verdict)
    for warning in checked.warnings:
        yield f"* warning: {_cell(warning)}"
    if checked.warnings:
        yield ""
    yield "| scenario | states | " + "verdicts |\n|---|---:|---|"
    for run in checked.runs:
        yield f"| {_cell(run.name)} | {run.findings.states:,} | {tally(run)} |"


def _failed(checked: Checked, run: Run, verdict: Verdict) -> Iterator[str]:
    against = "" if verdict.met else f" ({verdict.against})"
    place = places_of(checked, run, verdict).first
    yield f"### {verdict.status}{against}: {_cell(verdict.id)} in {_cell(run.name)}\n"
    yield f"{_cell(verdict.text)} ({_cell(verdict.reason)}, `{place.file}:{place.line}`)\n"
    shown = verdict_as_text(run, verdict).rstrip("\n")
    fence = "`" * max(3, 1 + max(map(len, shown.split())) if "```" in shown else 3)
    yield f"<details><summary>Flow</summary>\n\n{fence}text\n{shown}\n{fence}\n\n</details>\n"
    yield f"    {again(checked, run, verdict)}\n"


def _cell(text: str) -> str:
    """A text of a model in Markdown: what would mark it up is taken as it stands."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in " ".join(text.split()))
