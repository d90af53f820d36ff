"""The commands by what somebody wants to know, each with an example, and what a shell may complete of their options.

What may live here: words on commands, and names that are looked up in a model while somebody types. A command that is
in no group here stands in the last one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from mcfsm.language.changes.apply import Baseline

M = "models/mc_migration"
GROUPS: dict[str, dict[str, str]] = {
    "Begin": {
        "new": "new door --template request_response",
        "demo": "demo",
        "lint": "lint door",
    },
    "Does the text keep its promises?": {
        "check": f"check {M} --scenario one_partner",
        "verify": "verify proof.gz",
        "walk": f"walk {M} --scenario one_partner --seed 1",
        "report": f"report {M} --scenario one_partner -o report.html",
        "receptions": f"receptions {M} --scenario one_partner",
    },
    "Why is a verdict so?": {
        "why": f"why {M} --scenario one_partner --property R2",
        "assumptions": f"assumptions {M} --scenario one_partner",
        "mutate": "mutate models/textbook/token_ring.yaml --scenario ring",
        "replay": f"replay {M} flow.yaml",
        "monitor": "monitor examples/mc_service_server/model.yaml log.jsonl --scenario two_users",
    },
    "What does a change request do?": {
        "changes": f"changes {M}",
        "compare": f"compare {M} --change S0 --scenario one_partner",
        "matrix": f"matrix {M} --scenario one_partner",
        "overview": f"overview {M} --scenario one_partner",
        "interwork": f"interwork {M} --change S1 --scenario one_partner",
    },
    "When does it hold, what mends it?": {
        "conditions": f"conditions {M} --property R2 --with S0 --option mode=break_before_make --scenario one_partner",
        "repair": f"repair {M} --property R15 --with S0,S1,S4 --candidates redirect_limit --scenario one_partner",
        "propose": f"propose {M} --change end_report --for K3 --scenario logs_off -o cr.docx",
        "ladder": f"ladder {M} --scenario second_client",
    },
    "Text and pictures": {
        "clauses": f"clauses {M}",
        "trace": f"trace cr.txt {M}",
        "draw": f"draw {M} --trace K2 --reading notify=after --scenario one_partner",
        "figures": "figures docs --check",
        "export": "export models/textbook/token_ring.yaml --to transitions --role station --scenario ring",
        "explain": "explain M403",
        "schema": "schema",
    },
}
OTHERS = "More"
EXAMPLES = {name: example for group in GROUPS.values() for name, example in group.items()}


Known = Callable[["Baseline"], Iterator[str]]  # what a model has that an option may name


class GroupedCommands(click.Group):
    """The commands in groups; `add_command` gives each its example, and its options what can be completed."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command with its example below its help."""
        example = EXAMPLES.get(name or cmd.name or "")
        if example is not None and cmd.epilog is None:
            cmd.epilog = f"Example: mcfsm {example}"
        for parameter in cmd.params:
            known = next((COMPLETED[flag] for flag in parameter.opts if flag in COMPLETED), None)
            if known is not None:
                vars(parameter)["shell_complete"] = partial(completed, known)
        super().add_command(cmd, name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the groups, each command with the first sentence of its help."""
        listed = {name: command for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))}
        groups = {title: [name for name in names if name in listed] for title, names in GROUPS.items()}
        groups[OTHERS] = [name for name in listed if name not in EXAMPLES]
        widest = max(map(len, listed))
        for title, names in groups.items():
            if names:
                formatter.write_paragraph()
                formatter.write(f"{title}\n")
                with formatter.indentation():
                    formatter.write_dl([(name.ljust(widest), _in_short(listed[name])) for name in names])
        formatter.write_paragraph()
        formatter.write("mcfsm COMMAND --help has the options of each, and an example.\n")


def _in_short(command: click.Command) -> str:
    """The first sentence of the help of a command, whole."""
    sentence = " ".join((command.help or "").split("\n\n")[0].split())
    return re.split(r"(?<=[a-z])[.:;] | \(|[.]$", sentence)[0]


def completed(known: Known, context: click.Context, incomplete: str) -> list[CompletionItem]:
    """What an option may go on with: names of the model that stands on the line; nothing where it cannot be read."""
    path = context.params.get("path") or next(iter(context.args), None)  # the option at hand has no value yet
    if path is None:
        return []
    from mcfsm.language.files.reader import read_baseline
    from mcfsm.problems import ModelError

    try:
        names = list(known(read_baseline(Path(path))))
    except (ModelError, OSError):
        return []
    before, comma, last = incomplete.rpartition(",")
    return [CompletionItem(f"{before}{comma}{name}") for name in names if name.startswith(last)]


def scenarios(model: Baseline) -> Iterator[str]:
    """The scenarios of a model, with its changes too."""
    yield from map(str, model.document.scenarios)
    for change in model.changes.values():
        yield from (str(name) for edit in change.edits for name in edit.add.scenarios)


def properties(model: Baseline) -> Iterator[str]:
    """The properties of a model, with its changes too, and the built-in checks."""
    from mcfsm.model import CHECKS

    yield from map(str, model.document.properties)
    for change in model.changes.values():
        yield from (str(name) for edit in change.edits for name in edit.add.properties)
    yield from CHECKS


def readings(model: Baseline) -> Iterator[str]:
    """Each reading with each of its values, and with all of them, in the model with its usual changes."""
    from mcfsm.language.changes.apply import apply

    for name, part in apply(model).readings.items():
        yield from (f"{name}={value}" for value in (*part.values, "all"))


def options(model: Baseline) -> Iterator[str]:
    """Each option with each of its values, and with all of them, in the model with its usual changes."""
    from mcfsm.language.changes.apply import apply

    for name, part in apply(model).options.items():
        yield from (f"{name}={value}" for value in (*part.values, "all"))


def change_names(model: Baseline) -> Iterator[str]:
    """The changes that a model lists."""
    yield from model.changes


COMPLETED: dict[str, Known] = {
    "--scenario": scenarios,
    "--property": properties,
    "--trace": properties,
    "--reading": readings,
    "--option": options,
    "--with": change_names,
    "--change": change_names,
    "--candidates": change_names,
}
