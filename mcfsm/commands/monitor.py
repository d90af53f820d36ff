"""mcfsm monitor: at which line does a recorded message log leave the model?"""

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
@click.argument("log", **READ)
@click.option("--scenario", help="The scenario to hold it against (needed where there are several).")
@click.option("--names", **READ, help="What the fields of the log mean (YAML).")
@click.option("--tap", "taps", multiple=True, help="An instance, group or role that it was taken at (repeatable).")
@constants
@max_seconds("Give up after so long.")
@max_memory()
@JSON
def monitor(
    path: Path,
    log: Path,
    scenario: str | None,
    names: Path | None,
    taps: tuple[str, ...],
    changes: tuple[str, ...] | None,
    readings: tuple[tuple[str, str], ...],
    settings: tuple[tuple[str, str], ...],
    max_seconds: float | None,
    max_memory: int | None,
    json_file: str | None,
) -> int:
    """Say at which line a recorded message log leaves the model, and what was possible there instead.

    The log has one JSON object a line, with sender, receiver, message and elements, or the packets of tshark -T ek;
    --names says then what their fields mean. Exit status: 0 the model has such a run, 1 the log leaves it, 2 too many
    states are possible to be followed, or a limit or a signal ended it, 3 the model or the log is wrong, 4 usage.
    """
    from mcfsm.explore.findings import Limits
    from mcfsm.questions.monitor import monitor as held_against
    from mcfsm.report.monitor import monitored_as_json, monitored_as_text

    with ProgressLine() as progress:
        found = held_against(
            path,
            log,
            names=names,
            taps=taps,
            scenario=scenario,
            changes=changes,
            readings=one_value_each(readings, "a log is held against"),
            settings=dict(settings),
            progress=lambda message, states: progress.say(f"message {message:,}  {counted(states, 'state')} possible"),
            limits=Limits(max_seconds=max_seconds, max_memory=max_memory),
        )
    answer(json_file, lambda: monitored_as_text(found, width=terminal().width), lambda: monitored_as_json(found))
    return found.exit_status
