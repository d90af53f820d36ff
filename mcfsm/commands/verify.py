"""mcfsm verify: does the evidence of a check prove what it claims?"""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.files import READ
from mcfsm.commands.options import JSON, max_memory, max_seconds, max_states
from mcfsm.commands.output import answer, terminal
from mcfsm.commands.progress import ProgressLine
from mcfsm.problems import counted


@click.command()
@click.argument("file", **READ)
@click.option("--model", **READ, help="Where the model is (default: where the file says).")
@max_states("Give up where a scenario has more states than so many (default: 2,000,000).")
@max_seconds("Give up after so long.")
@max_memory()
@JSON
def verify(
    file: Path,
    model: Path | None,
    max_states: int | None,
    max_seconds: float | None,
    max_memory: int | None,
    json_file: str | None,
) -> int:
    """Check the evidence of verdicts again, by the definition of a step in plain Python.

    The file comes from mcfsm check --evidence. Nothing in it is believed: the model is read again, every listed state
    is reached and left by its steps alone, and each verdict is decided anew. What is compiled takes no part. Exit
    status: 0 every claim was verified, 1 the file is refused, 2 a limit stopped it, 4 usage.
    """
    from mcfsm.explore.findings import Limits
    from mcfsm.questions.verify import verified
    from mcfsm.report.verify import verified_as_json, verified_as_text

    with ProgressLine() as progress:
        found = verified(
            file,
            model,
            Limits(max_states=max_states, max_seconds=max_seconds, max_memory=max_memory),
            watcher=lambda name, done, count: progress.say(f"{name}: looked at {done:,} of {counted(count, 'state')}"),
        )
    answer(json_file, lambda: verified_as_text(found, width=terminal().width), lambda: verified_as_json(found))
    return found.exit_status
