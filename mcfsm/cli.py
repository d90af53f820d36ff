"""The command line. Each command imports what it needs when it runs, so that --help answers at once.

Exit status, highest wins: 4 usage or internal error, 3 the model is wrong, 1 a verdict against expectation,
2 incomplete, 0 otherwise.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from mcfsm import __version__

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from mcfsm.model import Fairness
    from mcfsm.problems import ModelError
    from mcfsm.report.gallery import Picture

USAGE, WRONG_MODEL = 4, 3
FILE_WIDTH = 120  # columns where the output is no terminal


class _Chosen(TypedDict):
    """What of a model is meant."""

    scenarios: tuple[str, ...] | None
    readings: dict[str, list[str]]
    settings: dict[str, str]


def _pairs(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each NAME=VALUE as a pair."""
    found = []
    for value in values:
        name, mark, chosen = value.partition("=")
        if not (name and mark and chosen):
            raise click.BadParameter(f"'{value}' is not of the form NAME=VALUE", param=parameter)
        found.append((name, chosen))
    return tuple(found)


def _size(_: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """A size as 512M or 4G, in bytes."""
    if value is None:
        return None
    units = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
    number, unit = (value[:-1], value[-1].upper()) if value[-1:].isalpha() else (value, "")
    if not number.isdigit() or (unit and unit not in units):
        raise click.BadParameter(f"'{value}' is no size; write 512M or 4G", param=parameter)
    return int(number) * units.get(unit, 1)


MODEL = click.argument("path", type=click.Path(path_type=Path))


def _constants(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that fix a model's constants, alike for every command."""
    for flag, name, text in (
        ("--set", "settings", "Fix a parameter or an option (repeatable)."),
        ("--reading", "readings", "Choose a reading: a value, several (a,b), or all (repeatable)."),
    ):
        option = click.option(flag, name, multiple=True, metavar="NAME=VALUE", callback=_pairs, help=text)
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mcfsm")
def group() -> None:
    """Check the text of protocols: roles as state machines, promises as properties, message flows as verdicts."""


@group.command()
@MODEL
@click.option("--scenario", "scenarios", multiple=True, help="Only this scenario (repeatable).")
@click.option("--property", "properties", multiple=True, help="Only this property or check (repeatable).")
@_constants
@click.option("--engine", type=click.Choice(["exhaustive", "reference"]), default="exhaustive", show_default=True)
@click.option("--workers", type=click.IntRange(1, 256), help="Threads (default: all cores).")
@click.option("--max-states", type=click.IntRange(min=1), help="Give up after so many states.")
@click.option("--max-depth", type=click.IntRange(min=0), help="Give up after so many steps from the start.")
@click.option("--max-seconds", type=click.FloatRange(min=0), help="Give up after so long, scenario by scenario.")
@click.option("--max-memory", metavar="SIZE", callback=_size, help="Memory for states, as 4G (default: 80 %).")
@click.option("--all", "everything", is_flag=True, help="Explore everything, also when all is decided.")
@click.option("--fairness", type=click.Choice(["none", "weak", "strong"]), help="For all liveness properties.")
@click.option("--strict", is_flag=True, help="Warnings fail.")
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON; - is standard output, alone.")
def check(
    path: Path,
    scenarios: tuple[str, ...],
    properties: tuple[str, ...],
    readings: tuple[tuple[str, str], ...],
    settings: tuple[tuple[str, str], ...],
    engine: str,
    workers: int | None,
    max_states: int | None,
    max_depth: int | None,
    max_seconds: float | None,
    max_memory: int | None,
    everything: bool,
    fairness: Fairness | None,
    strict: bool,
    json_file: str | None,
) -> int:
    """Check a model: a verdict for every property, a message flow for every violation."""
    from mcfsm.checking import check as check_model
    from mcfsm.explore.findings import Limits
    from mcfsm.report.json import as_json
    from mcfsm.report.text import as_text

    if engine == "exhaustive":
        _announce_compilation()
    with _Progress() as progress:
        checked = check_model(
            path,
            scenarios=scenarios or None,
            properties=properties or None,
            readings=_values(readings),
            settings=dict(settings),
            engine=engine,
            workers=workers,
            limits=Limits(max_states, max_depth, max_seconds, max_memory),
            everything=everything,
            fairness=fairness,
            progress=progress.show,
        )
    if json_file != "-":
        _print(as_text(checked, width=_console().width))
    if json_file is not None:
        _write_json(json_file, as_json(checked))
    return max(checked.exit_status, 1) if strict and checked.warnings else checked.exit_status


@group.command()
@MODEL
@click.option("--scenario", "scenarios", multiple=True, help="Only this scenario (repeatable).")
@_constants
@click.option("--role", "roles", multiple=True, help="The state diagram of this role (repeatable; default: all).")
@click.option("--trace", "traced", metavar="PROPERTY", help="The sequence chart of this property's flow instead.")
@click.option("--everything", is_flag=True, help="Every role and the flow of every property, into a directory.")
@click.option("--check", "checking", is_flag=True, help="With --everything: write nothing, say what is stale.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file (.dot .svg .mmd .txt) or a directory.")
def draw(
    path: Path,
    scenarios: tuple[str, ...],
    readings: tuple[tuple[str, str], ...],
    settings: tuple[tuple[str, str], ...],
    roles: tuple[str, ...],
    traced: str | None,
    everything: bool,
    checking: bool,
    output: Path | None,
) -> int:
    """Draw state diagrams of roles, or the sequence chart of a flow. Without -o: dot, or text, to the terminal."""
    from mcfsm.drawing import all_pictures, flow_pictures, role_diagrams
    from mcfsm.report.gallery import stale, write

    chosen: _Chosen = {"scenarios": scenarios or None, "readings": _values(readings), "settings": dict(settings)}
    if checking and not everything:
        raise click.UsageError("--check goes with --everything")
    with _Progress() as progress:
        if everything:
            pictures = all_pictures(path, **chosen, progress=progress.show)
        elif traced is not None:
            pictures = flow_pictures(path, traced, **chosen, progress=progress.show)
        else:
            pictures = role_diagrams(path, roles, **chosen)
    if everything and output is None:
        raise click.UsageError("--everything wants a directory: -o diagrams")
    if checking and output is not None:
        wrong = stale(pictures, output)
        for name in wrong:
            click.echo(f"{output / name} is stale", err=True)
        click.echo(f"{len(pictures) - len(wrong)} of {len(pictures)} pictures are fresh")
        return 1 if wrong else 0
    if output is None:
        first = ".txt" if traced is not None else ".dot"
        click.echo("\n".join(picture.render() for picture in pictures if picture.name.endswith(first)), nl=False)
        return 0
    if output.suffix:
        _write_picture(pictures, output)
    else:
        click.echo(f"{len(write(pictures, output, whole=everything))} pictures in {output}")
    return 0


@group.command()
@MODEL
@click.option("--scenario", help="The scenario to walk (needed where there are several).")
@click.option("--property", "properties", multiple=True, help="Only this property (repeatable).")
@_constants
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

    for name, value in readings:
        if "," in value or value == "all":
            raise click.UsageError(f"a walk takes one value of reading {name}, not {value}")
    wanted = properties or None
    model = one_model(path, scenario=scenario, properties=wanted, readings=dict(readings), settings=dict(settings))
    result = walk_model(model, examples=examples, steps=steps, seed=seed, properties=wanted)
    console = _console()
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


@group.command()
def schema() -> int:
    """Print the JSON Schema of a model file, for editors."""
    from mcfsm.language.document import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
    return 0


@group.command()
@click.argument("code")
def explain(code: str) -> int:
    """Explain the code of an error message, such as M403."""
    from mcfsm.codes import CODES
    from mcfsm.problems import closest

    found = CODES.get(code.upper())
    if found is None:
        near = closest(code.upper(), CODES)
        raise click.UsageError(f"unknown code {code}: {near or 'the codes stand in error messages'}")
    click.echo(found.render())
    return 0


def _values(readings: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Reading to the values given for it, in order: `notify=confirmed,after`."""
    values: dict[str, list[str]] = {}
    for name, text in readings:
        values.setdefault(name, []).extend(part.strip() for part in text.split(","))
    return values


def _console() -> Console:
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(width=None if terminal else FILE_WIDTH, highlight=False, markup=False, emoji=False, soft_wrap=False)


def _print(report: RenderableType) -> None:
    """Print a report; into a file without the blanks that fill its lines."""
    console = _console()
    if console.is_terminal:
        console.print(report)
        return
    with console.capture() as captured:
        console.print(report)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _announce_compilation() -> None:
    """Say why the first search ever takes longer."""
    from mcfsm.explore.exhaustive import compiled

    if not compiled():
        click.echo("compiling the search, once: some 10 seconds", err=True)


class _Progress:
    """A line on the terminal while something takes long; nothing where the error stream is no terminal."""

    def __init__(self) -> None:
        self._status: Any = None
        self._model: Any = None
        self._last = (0.0, 0)  # when, and how many states there were
        self._rate = 0.0

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, model: Any, state: Any) -> None:
        """Say how far the search has come."""
        if not sys.stderr.isatty():
            return
        now = time.monotonic()
        if self._model is not model or state.states < self._last[1]:
            self._model, self._last, self._rate = model, (now, state.states), 0.0
        elif now > self._last[0]:
            self._rate = (state.states - self._last[1]) / (now - self._last[0])
            self._last = (now, state.states)
        if self._status is None:
            from rich.console import Console

            self._status = Console(stderr=True).status("")
            self._status.start()
        constants = " ".join(f"{c.name}={c.value}" for c in model.readings)
        self._status.update(
            f"{model.scenario} {constants}  {state.states:,} states  {self._rate:,.0f}/s  depth {state.depth}  "
            f"frontier {state.frontier:,}  {state.memory / 2**20:,.0f} MiB"
        )


def _write_picture(pictures: list[Picture], output: Path) -> None:
    from mcfsm.report.gallery import FORMATS

    fitting = [picture for picture in pictures if picture.name.endswith(output.suffix)]
    if output.suffix not in FORMATS or not fitting:
        known = sorted({Path(picture.name).suffix for picture in pictures})
        raise click.UsageError(f"{output.name}: the formats here are {', '.join(known)}")
    if len(fitting) > 1:
        names = ", ".join(Path(picture.name).stem for picture in fitting)
        raise click.UsageError(f"{len(fitting)} pictures ({names}) do not fit one file: name a directory, or a --role")
    _write_text(str(output), fitting[0].render())


def _write_json(file: str, data: dict[str, Any]) -> None:
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if file == "-":
        click.echo(text)
    else:
        _write_text(file, text + "\n")


def _write_text(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from None


def _show(error: ModelError) -> None:
    from mcfsm.language.reader import source
    from mcfsm.problems import render

    click.echo(render(error.problems, source), err=True)
    count = len(error.problems)
    click.echo(f"{count} problem{'s' if count != 1 else ''} in the model; mcfsm explain CODE says more", err=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    status = run(arguments)
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try again as it ends
        status = USAGE if isinstance(error, BrokenPipeError) else _not_written(error)
    sys.exit(status)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status. No mistake of a user ends in a traceback."""
    from mcfsm.problems import ModelError

    try:
        return int(group.main(args=arguments, prog_name="mcfsm", standalone_mode=False) or 0)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return USAGE
    except ModelError as error:
        _show(error)
        return WRONG_MODEL
    except (BrokenPipeError, SystemExit):  # click and rich exit by themselves when nobody reads on
        return USAGE
    except OSError as error:
        return _not_written(error)
    except Exception as error:
        return _internal(error)


def _not_written(error: OSError) -> int:
    where = f"{error.filename}: " if error.filename else ""
    click.echo(f"Error: {where}{error.strerror or error}", err=True)
    return USAGE


def _internal(error: Exception) -> int:
    """A defect of mcfsm: said as such, with the traceback that a report of it needs. A missing dot is none."""
    import traceback

    from mcfsm.report.dot import DotMissing

    if isinstance(error, DotMissing):
        click.echo(f"Error: {error}", err=True)
        return USAGE
    click.echo("".join(traceback.format_exception(error)), err=True)
    click.echo("this is a defect of mcfsm, not of the model: please report it with the lines above", err=True)
    return USAGE
