"""mcfsm replay: is this flow allowed?"""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.files import READ
from mcfsm.commands.options import JSON, MODEL, constants, max_memory, max_seconds, one_value_each
from mcfsm.commands.output import answer, terminal
from mcfsm.commands.progress import ProgressLine
from mcfsm.problems import counted


@click.command()
@MODEL
@click.argument("flow", **READ)
@click.option("--scenario", help="The scenario to replay it on (needed where there are several).")
@constants
@click.option("--orders", is_flag=True, help="Count the orders of its steps, and look for the way it can go wrong.")
@max_seconds("Give up after so long, in all.")
@max_memory()
@JSON
def replay(
    path: Path,
    flow: Path,
    scenario: str | None,
    changes: tuple[str, ...] | None,
    readings: tuple[tuple[str, str], ...],
    settings: tuple[tuple[str, str], ...],
    orders: bool,
    max_seconds: float | None,
    max_memory: int | None,
    json_file: str | None,
) -> int:
    """Say whether a model allows the flow of a file; if not, at which step it is refused, and why.

    The flow file is YAML: a list of steps, or a mapping with steps, scenario and readings. A trace from the JSON of
    mcfsm check is one too. Exit status: 0 allowed, 1 refused, 2 a limit or a signal
    ended it, 3 the model or the flow file is wrong, 4 usage.
    """
    from mcfsm.explore.findings import Limits
    from mcfsm.questions.replay.orders import orders as orders_of
    from mcfsm.questions.replay.replay import replay_flow
    from mcfsm.report.replay import replay_as_json, replay_as_text, replay_status
    from mcfsm.verdicts.budget import QuestionBudget
    from mcfsm.verdicts.run import Effort

    limits = Limits(max_seconds=max_seconds, max_memory=max_memory)
    effort = Effort(limits=limits, budget=QuestionBudget(max_seconds))
    with ProgressLine() as progress:
        replayed = replay_flow(
            path,
            flow,
            scenario=scenario,
            changes=changes,
            readings=one_value_each(readings, "a flow is replayed on"),
            settings=dict(settings),
            progress=lambda step, states: progress.say(f"step {step}  {counted(states, 'state')} possible"),
            effort=effort,
        )
        like = orders_of(path, replayed, effort, watch=progress.say) if orders and replayed.allowed else None
    answer(
        json_file,
        lambda: replay_as_text(replayed, width=terminal().width, like=like),
        lambda: replay_as_json(replayed, like),
    )
    return replay_status(replayed, like)
