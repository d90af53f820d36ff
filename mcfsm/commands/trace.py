"""mcfsm trace: a text as its authors wrote it, held against itself and against a model of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.files import READ, tried
from mcfsm.commands.options import JSON, names
from mcfsm.commands.output import answer, columns, terminal, write_text
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from collections.abc import Sequence


_SUFFIXES = ("", ".txt", ".docx", ".doc")  # a pipe has none, and of a .doc the reader says what to do with it


def _named_as_text(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """The file, where its name is that of a text. Raises BadParameter, for a model that stands first too."""
    if value is not None and value.suffix.lower() not in _SUFFIXES:
        said = f"{value} is no .txt and no .docx file: the TEXT stands first, and models of it behind it"
        raise click.BadParameter(said, context, parameter)
    return value


@click.command()
@click.argument("text", **READ, required=False, callback=_named_as_text)
@click.argument("models", **READ, nargs=-1)
@click.option("--change", metavar="ID", help="The change of the model that the text is (default: found out).")
@click.option(
    "--leave-out", metavar="RULE,RULE", multiple=True, callback=names, help="Rules that are not asked (repeatable)."
)
@click.option("--every-name", is_flag=True, help="Name every part of the model that rests on a part of the text.")
@click.option("--strict", is_flag=True, help="What is found fails: exit status 1.")
@click.option("--rules", is_flag=True, help="List the rules, and end.")
@click.option(
    "--fingerprints", metavar="FILE", callback=tried, help="Write the fingerprints of items that the text has, as YAML."
)
@JSON
def trace(
    text: Path | None,
    models: tuple[Path, ...],
    change: str | None,
    leave_out: tuple[str, ...],
    every_name: bool,
    strict: bool,
    rules: bool,
    fingerprints: str | None,
    json_file: str | None,
) -> int:
    """Hold a TEXT, as .txt or .docx, against itself and against models of it.

    Against itself: references, numbers, tables of elements, wording and terms, each with its line, the words, and the
    rule. Against models: which steps nothing cites, which citations are of steps that are not there, which sentences
    were reworded since the catalogue of items was written, and what the text changes beside its change file. Of a
    .docx with tracked changes the text is that with all of them accepted.
    """
    from mcfsm.prose.rules import RULES
    from mcfsm.questions.trace import trace as trace_text
    from mcfsm.report.trace import as_json, as_text, rules_as_text

    if rules:
        click.echo(rules_as_text(RULES, columns()))
        return 0
    if text is None:
        raise click.UsageError("name a TEXT: a .txt or a .docx file")
    _check_rules(leave_out, [rule.name for rule in RULES])
    if (change or fingerprints) and not models:
        raise click.UsageError("--change and --fingerprints are about the items of a model: name one behind the TEXT")
    with ProgressLine() as progress:
        progress.say(f"reading {text.name}")
        traced = trace_text(text, *models, change=change, leave_out=leave_out)
    prints = [] if fingerprints is None else [lambda: write_text(fingerprints, _prints(text, models))]
    answer(
        json_file,
        lambda: as_text(traced, width=terminal().width, every_name=every_name),
        lambda: as_json(traced),
        None,
        *prints,
    )
    return 1 if strict and traced.unclear else 0


def _check_rules(leave_out: Sequence[str], known: Sequence[str]) -> None:
    """Raise UsageError where there is no such rule."""
    from mcfsm.problems import closest

    for name in leave_out:
        if name not in known:
            raise click.UsageError(
                f"there is no rule {name}: {closest(name, known) or 'mcfsm trace --rules lists them'}"
            )


def _prints(text: Path, models: tuple[Path, ...]) -> str:
    """The fingerprints as lines of YAML, to be put into a catalogue."""
    from mcfsm.questions.trace import fingerprints

    found = fingerprints(text, *models)
    return "".join(f"{item}: {{fingerprint: [{', '.join(prints)}]}}\n" for item, prints in found.items())
