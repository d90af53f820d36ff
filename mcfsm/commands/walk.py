"""mcfsm walk: random walks with Hypothesis."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.options import JSON, MODEL, constants, max_memory, max_seconds, one_value_each
from mcfsm.commands.output import columns, deliver, print_report
from mcfsm.commands.progress import ProgressLine, announce_compilation


@click.command()
@MODEL
@click.option("--scenario", help="The scenario to walk (needed where there are several).")
@click.option("--property", "properties", multiple=True, help="Only this property (repeatable).")
@constants
@click.option("--examples", type=click.IntRange(min=1), default=500, show_default=True, help="Walks to try.")
@click.option("--steps", type=click.IntRange(min=1), default=50, show_default=True, help="Most steps of a walk.")
@click.option("--seed", type=int, help="Repeat the walks of this seed.")
@max_seconds("Walk no longer than that; the search of --coverage has what is left.")
@max_memory()
@click.option("--coverage", is_flag=True, help="Search exhaustively too, and say how much of that was walked.")
@JSON
def walk(
    path: Path,
    scenario: str | None,
    properties: tuple[str, ...],
    changes: tuple[str, ...] | None,
    readings: tuple[tuple[str, str], ...],
    settings: tuple[tuple[str, str], ...],
    examples: int,
    steps: int,
    seed: int | None,
    max_seconds: float | None,
    max_memory: int | None,
    coverage: bool,
    json_file: str | None,
) -> int:
    """Walk a model at random with Hypothesis; a violation is shrunk to a short flow. Finding none proves nothing.

    Exit status: 0 nothing was found, or what is expected; 1 a violation that is not; 2 a limit or a signal ended it,
    3 the model has mistakes, 4 usage.
    """
    from mcfsm.explore.findings import Limits
    from mcfsm.questions.walk import one_model, walk_coverage
    from mcfsm.questions.walk import walk as walk_model
    from mcfsm.report.walk import as_json, as_text, coverage_text, progress_text
    from mcfsm.verdicts.budget import QuestionBudget
    from mcfsm.verdicts.run import Effort

    chosen = one_value_each(readings, "a walk takes")
    wanted = properties or None
    model = one_model(
        path, scenario=scenario, properties=wanted, changes=changes, readings=chosen, settings=dict(settings)
    )
    covered, limits, budget = None, Limits(max_seconds=max_seconds, max_memory=max_memory), QuestionBudget(max_seconds)
    with ProgressLine() as progress:
        result = walk_model(
            model,
            examples=examples,
            steps=steps,
            seed=seed,
            properties=wanted,
            limits=limits,
            on_progress=lambda state: progress.say(progress_text(model, state)),
        )
        if coverage and result.stopped is None:
            announce_compilation("exhaustive")
            effort = Effort(limits=limits, progress=progress.show, budget=budget)
            covered = walk_coverage(model, result, effort=effort)

    def show() -> None:
        click.echo(as_text(model, result, width=columns()))
        if covered is not None:
            print_report(coverage_text(covered))

    deliver(json_file, lambda: as_json(model, result, covered), show)
    if result.violation is not None and model.expected(result.violation.property_id) != "VIOLATED":
        return 1
    stopped = result.stopped if covered is None else covered[1].stopped
    return 0 if stopped is None else 2
