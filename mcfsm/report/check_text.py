"""A check as text for a terminal or a file: a header, the table of verdicts, and the flow of each that has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.problems import counted
from mcfsm.questions.check import Checked
from mcfsm.report.any_number import any_number_of
from mcfsm.report.bite import bites_of
from mcfsm.report.check_closing import found_out_before, next_question, summary_of
from mcfsm.report.grid import Grid
from mcfsm.report.style import (
    AnswerLine,
    all_bounds,
    briefly,
    heading,
    in_common,
    label,
    left_out,
    together,
    up_to,
    wrapped,
)
from mcfsm.report.verdict_flow import flows_of
from mcfsm.report.verdict_table import verdict_table
from mcfsm.verdicts.verdict import Run


class CheckReport:
    """The text of a check, in parts that can be shown as soon as a scenario is done."""

    def __init__(
        self, property_ids: Mapping[str, Sequence[str]], *, width: int, grid: bool = False, any_number: bool = False
    ) -> None:
        """Begin a report on what each scenario is `asked`; `width` in columns is what flows may take.

        `grid`: all scenarios in one grid, and the flows of those verdicts alone that are not as expected.
        `any_number`: what is known of any number of users stands below, also where that is not shown.
        """
        self.width, self.alone, self.any_number = width, grid, any_number
        self.grid = Grid(property_ids, width)
        self.scenarios: list[Sequence[Run]] = []

    def scenario(self, runs: Sequence[Run]) -> Iterator[RenderableType]:
        """What there is to say of one scenario: its block, or its rows in the grid."""
        self.scenarios.append(runs)
        yield from self.grid.rows(runs) if self.alone else _scenario(runs, self.width, self.any_number)

    def closing(self, checked: Checked) -> Iterator[RenderableType]:
        """What there is to say when all are done: the grid where there is none yet, flows, warnings, and a summary."""
        if len(self.scenarios) > 1 and not self.alone:
            for runs in self.scenarios:
                yield from self.grid.rows(runs)
        if len(self.scenarios) > 1 or self.alone:
            yield from self.grid.legend()
            yield Text("")
        for runs in self.scenarios if self.alone else ():
            yield from _unexpected(runs, self.width)
        for warning in checked.warnings:
            yield Text(f"warning: {warning}", style="yellow")
        if checked.stopped is not None:
            yield wrapped(
                f"Stopped by {checked.stopped}; not checked to the end: {', '.join(checked.left)}.", self.width
            )
        for failed in checked.errors:
            problems = counted(len(failed.error.problems), "problem")
            yield wrapped(
                f"In error, and not checked to the end: {failed.scenario} ({problems}, told apart).", width=self.width
            )
        yield summary_of(checked)
        yield from found_out_before(checked, self.width)
        following = next_question(checked, flows=not self.alone)
        if any(run.avoided for run in checked.runs):
            yield Text("Transitions were left out: this says nothing of the whole model.", style="bold")
        elif any(run.restricted for run in checked.runs):
            yield Text("Receptions by the text alone: this says nothing of the whole model.", style="bold")
        elif following:
            yield wrapped(f"Next: {following}", self.width)


def _scenario(runs: Sequence[Run], width: int, any_number: bool) -> Iterator[RenderableType]:
    model = runs[0].model
    names = _shortened([model.labels.instance(instance.name) for instance in model.instances])
    yield heading(model, names, all_bounds(run.model for run in runs))
    if model.text:
        yield Padding(Text(model.text, style="dim"), (0, 0, 0, 2))  # at the margin stand our own lines alone
    said = in_common([run.model for run in runs])
    if said:
        yield AnswerLine(said if said.startswith("with ") else f"under {said}", style="dim")
    if any(run.restricted for run in runs):
        yield left_out(runs)
    yield from _counts(runs, width)
    yield Text("")
    yield Padding(verdict_table(runs, width - 2), (0, 0, 0, 2))
    yield Text("")
    yield from flows_of(runs, width)
    yield from bites_of(runs, width)
    if any_number:
        yield from any_number_of(runs, width)


def _unexpected(runs: Sequence[Run], width: int) -> Iterator[RenderableType]:
    """The flows of what is not as expected, each under the name of its scenario."""
    wrong = [replace(run, verdicts=tuple(verdict for verdict in run.verdicts if not verdict.met)) for run in runs]
    flows = list(flows_of(wrong, width))
    if flows:
        yield heading(runs[0].model, all_bounds(run.model for run in runs))
        if len(runs) == 1 and (said := label(runs[0].model)):
            yield AnswerLine(said if said.startswith("with ") else f"under {said}", style="dim")
        yield from flows


def _shortened(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:6])} ... {names[-1]} ({len(names)} instances)"


def _counts(runs: Sequence[Run], width: int) -> Iterator[Text]:
    """How much was explored, a line for each run; then what is to be said of how."""
    labels = [together(brief) for brief in briefly([run.model for run in runs])]
    for run, variant in zip(runs, labels, strict=True):
        found = run.findings
        states, transitions = counted(found.states, "state"), counted(found.transitions, "transition")
        counts = f"{states}   {transitions}   depth {found.depth}"
        counts += f"   {counted(found.beyond, 'state')} beyond" if found.beyond else ""
        left_out = found.reduction
        if left_out is not None:
            counts += f"   {counted(left_out.steps, 'step')} left out in {counted(left_out.states, 'state')}"
        when = "found out before" if run.taken else f"{found.seconds:.1f} s"
        line = f"  {variant.ljust(max(map(len, labels)) + 3) if variant else ''}{counts}   {when}"
        incomplete = f"   not complete{': ' + found.stopped if found.stopped else ''}"
        yield wrapped(line if found.complete else line + incomplete, width, 6)
    model = runs[0].model
    if model.observers:
        names = ", ".join(observer.name for observer in model.observers)
        yield Text(f"  with observer{'s' if len(model.observers) > 1 else ''} {names}")
    if model.interchangeable:
        yield Text(f"  {up_to(model)}")
