"""mcfsm walk: random walks with Hypothesis."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.options import MODEL, constants, one_value_each
from mcfsm.commands.output import terminal


@click.command()
@MODEL
@click.option("--scenario", help="The scenario to walk (needed where there are several).")
@click.option("--property", "properties", multiple=True, help="Only this property (repeatable).")
@constants
@click.option("--examples", type=click.IntRange(min=1), default=500, show_default=True, help="Walks to try.")
@click.option("--steps", type=click.IntRange(min=1), default=50, show_default=True, help="Most steps of a walk.")
@click.option("--seed", type=int, help="Repeat the walks of this seed.")
def walk(
    path: Path,
    scenario: str | None,
    properties: tuple[str, ...],
    readings: tuple[tuple[str, str], ...],
    settings: tuple[tuple[str, str], ...],
    examples: int,
    steps: int,
    seed: int | None,
) -> int:
    """Walk a model at random with Hypothesis; a violation is shrunk to a short flow. Finding none proves nothing."""
    from mcfsm.model import CHECKS
    from mcfsm.report.chart import render_text
    from mcfsm.walking import one_model
    from mcfsm.walking import walk as walk_model

    chosen = one_value_each(readings, "a walk takes")
    wanted = properties or None
    model = one_model(path, scenario=scenario, properties=wanted, readings=chosen, settings=dict(settings))
    result = walk_model(model, examples=examples, steps=steps, seed=seed, properties=wanted)
    console = terminal()
    transitions = sum(len(role.transitions) for role in model.roles)
    console.print(
        f"{model.file}  scenario {model.scenario}  seed {result.seed}:"
        f" {result.examples:,} walks, {result.steps:,} steps,"
        f" {result.states:,} states, {len(result.fired)} of {transitions} transitions",
        soft_wrap=True,
    )
    if result.violation is None:
        console.print("no violation found; a random walk proves nothing: mcfsm check does")
        return 0
    name, trace = result.violation
    promise = CHECKS[name] if name in CHECKS else model.property_of[name].text
    console.print(f"VIOLATED  {name}  {promise}  {len(trace)} steps, shrunk", soft_wrap=True)
    click.echo(render_text(trace, model, width=console.width))
    return 1
