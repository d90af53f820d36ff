"""The command that asks for one verdict again: whatever was given that the verdict hangs on stands in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from mcfsm.questions.check import Checked
from mcfsm.verdicts.verdict import Run, Verdict


def again(checked: Checked, run: Run, verdict: Verdict, command: str = "check") -> str:
    """The command, quoted for a shell; `mcfsm why` has the same options, but those that leave transitions out."""
    asked = ["mcfsm", command, checked.path, "--scenario", run.model.scenario, "--property", verdict.id]
    return shlex.join([*asked, *_given(checked, run)])


def _given(checked: Checked, run: Run) -> Iterator[str]:
    """The options that made this run of it another one than the model alone has; of several values the one it has."""
    selection = checked.selection
    if selection.changes is not None:
        yield from ("--with", ",".join(selection.changes) or "none")
    for name, value in selection.settings.items():
        yield from ("--set", f"{name}={value}")
    for flag, chosen in (("--reading", run.model.readings), ("--option", run.model.options)):
        for one in chosen:
            if one.name in selection.readings:
                yield from (flag, f"{one.name}={one.value}")
    if checked.fairness is not None:
        yield from ("--fairness", checked.fairness)
    if checked.avoid and run.avoided:
        yield from ("--avoid", ",".join(checked.avoid))
    if checked.normative and run.restricted:
        yield "--normative"
