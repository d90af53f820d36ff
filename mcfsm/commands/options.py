"""Arguments and options that commands share, so that they are spelled and understood alike everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from mcfsm.commands.files import READ, tried

if TYPE_CHECKING:
    from mcfsm.explore.findings import Limits
    from mcfsm.host.cluster.ray_cluster import RayCluster
    from mcfsm.verdicts.run import Effort, ProgressCallback

_PATH = click.argument("path", **READ)


def _by_ids(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from mcfsm.model.labels import by_id

        context.with_resource(by_id())


_IDS = click.option(
    "--ids",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_by_ids,
    help="Call everything by its id, not by its label.",
)


def _model(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument that names a model, with the option that is about how its things are called."""
    return _PATH(_IDS(command))


MODEL = _model


def _note_json(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Where JSON is to go, kept for mistakes too: they are met after the command's own context is gone."""
    tried(context, parameter, value)
    context.ensure_object(dict)[JSON_FILE] = value
    return value


JSON_FILE = "json_file"
JSON = click.option(
    "--json",
    JSON_FILE,
    metavar="FILE",
    callback=_note_json,
    help="Write the report as JSON; - is standard output, alone. Mistakes in the model are written there too.",
)
NO_CACHE = click.option(
    "--no-cache",
    is_flag=True,
    envvar="MCFSM_NO_CACHE",
    help="Search everything again, also where nothing has changed since it was found out.",
)
FAIRNESS = click.option(
    "--fairness", type=click.Choice(["none", "weak", "strong"]), help="For all liveness properties."
)


class SearchOptions(NamedTuple):
    """How a model is explored, and where a search gives up."""

    engine: str
    workers: int | None
    max_states: int | None
    max_depth: int | None
    max_seconds: float | None
    max_memory: int | None
    symmetry: bool

    def limits(self) -> Limits:
        """Where the search gives up."""
        from mcfsm.explore.findings import Limits

        return Limits(self.max_states, self.max_depth, self.max_seconds, self.max_memory)

    def effort(self, progress: ProgressCallback, *, each: bool = False) -> Effort:
        """How models are explored from now on, and who is told how far that is.

        `each`: the seconds are those of each scenario, and a signal is raised; else they are those of the whole answer.
        """
        from mcfsm.verdicts.budget import QuestionBudget
        from mcfsm.verdicts.run import Effort

        budget = None if each else QuestionBudget(self.max_seconds)
        return Effort(self.engine, self.workers, self.limits(), self.symmetry, progress, budget=budget)


def selects(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that pick scenarios and variants of a model; the command takes what they say as one `selection`.

    So it does what its own --property says, if it has `properties`.
    """

    @wraps(command)
    def gathered(*arguments: Any, **given: Any) -> Any:
        from mcfsm.language.selection import Selection

        selection = Selection(
            scenarios=given.pop("scenarios") or None,
            properties=given.pop("properties", None) or None,
            changes=given.pop("changes"),
            readings=reading_values(given.pop("readings")),
            settings=dict(given.pop("settings")),
        )
        return command(*arguments, selection=selection, **given)

    text = "Only this scenario (repeatable)."
    return click.option("--scenario", "scenarios", multiple=True, help=text)(constants(gathered))


def constants(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that pick a variant of a model, alike for every command that takes `changes`, readings and settings.

    Values given with --option stand among the readings: both are dimensions.
    """

    @wraps(command)
    def gathered(*arguments: Any, **given: Any) -> Any:
        options = given.pop("options")
        _agree([("--set", *one) for one in given["settings"]], [("--option", *one) for one in options])
        given["readings"] = (*given["readings"], *options)
        return command(*arguments, **given)

    for flag, name, text in (
        ("--set", "settings", "Fix a parameter or an option (repeatable)."),
        ("--option", "options", "Choose an option: a value, several (a,b), or all (repeatable)."),
        ("--reading", "readings", "Choose a reading: a value, several (a,b), or all (repeatable)."),
    ):
        option = click.option(flag, name, multiple=True, metavar="NAME=VALUE", callback=_pairs, help=text)
        gathered = option(gathered)
    return with_changes(gathered)


def _agree(fixed: Sequence[tuple[str, str, str]], chosen: Sequence[tuple[str, str, str]]) -> None:
    """Raise UsageError where a value is fixed, and another is given for the same name."""
    known: dict[str, tuple[str, str]] = {}
    for flag, name, value in (*fixed, *chosen):
        first, other = known.setdefault(name, (flag, value)) if flag == "--set" else known.get(name, (flag, value))
        if other != value:
            said = f"{first} {name}={other} and {flag} {name}={value}"
            raise click.UsageError(f"{said} contradict each other: give one of them")


def with_changes(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that names the changes to apply; the command takes them as `changes`, None where it is not given."""
    text = "Apply these changes, and no others; none: no change (repeatable; default: those that the model names)."
    with_ = click.option("--with", "changes", metavar="ID,ID", multiple=True, callback=_change_names, help=text)
    return with_(command)


def search_options(command: Callable[..., Any], seconds: str = "Give up after so long, in all.") -> Callable[..., Any]:
    """The options of a search, alike for every command that explores; the command takes them as one `search`.

    `seconds` says what it is that takes so long.
    """

    @wraps(command)
    def gathered(*arguments: Any, **given: Any) -> Any:
        search = SearchOptions(**{name: given.pop(name) for name in SearchOptions._fields})
        return command(*arguments, search=search, **given)

    options = (
        click.option(
            "--engine", type=click.Choice(["exhaustive", "reference"]), default="exhaustive", show_default=True
        ),
        click.option("--workers", type=click.IntRange(1, 256), help="Threads (default: all cores)."),
        max_states(),
        click.option("--max-depth", type=click.IntRange(min=0), help="Give up after so many steps from the start."),
        max_seconds(seconds),
        max_memory(),
        click.option(
            "--no-symmetry",
            "symmetry",
            is_flag=True,
            flag_value=False,
            default=True,
            help="Tell interchangeable instances apart.",
        ),
    )
    for option in reversed(options):
        gathered = option(gathered)
    return gathered


def _place(_: click.Context, parameter: click.Parameter, address: str | None) -> RayCluster | None:
    """The cluster of an address. Raises BadParameter for what is none, and where Ray is not installed."""
    if address is None:
        return None
    try:
        from mcfsm.host.cluster.ray_cluster import RayCluster

        return RayCluster(address)
    except ValueError as error:
        why = str(error)
    except ImportError as error:
        why = f"that wants Ray, which is not installed ({error}): pip install 'mcfsm[cluster]'"
    raise click.BadParameter(f"{address}: {why}", param=parameter)


CLUSTER = click.option(
    "--cluster",
    "place",
    metavar="ADDRESS",
    callback=_place,
    help="Ask scenarios on a Ray cluster: auto, HOST:PORT, ray://HOST:PORT, or local:N here.",
)


STATES_ON_CLUSTER = click.option(
    "--cluster",
    "owners",
    metavar="ADDRESS",
    callback=_place,
    help="Share the states of each search among a Ray cluster: auto, HOST:PORT, ray://HOST:PORT, or local:N here.",
)


def max_states(text: str = "Give up after so many states.") -> Callable[..., Any]:
    """The option that limits how many states are looked at; `text` is its help."""
    return click.option("--max-states", type=click.IntRange(min=1), help=text)


def max_seconds(text: str) -> Callable[..., Any]:
    """The option that limits how long something takes; `text` says what."""
    return click.option("--max-seconds", type=click.FloatRange(min=0), callback=_number, help=text)


def max_memory() -> Callable[..., Any]:
    """The option that limits the memory of the process."""
    text = "Memory of the process, as 4G (default: 80 %)."
    return click.option("--max-memory", metavar="SIZE", callback=_size, help=text)


def reading_values(readings: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Reading to the values given for it, in order: `notify=confirmed,after`."""
    values: dict[str, list[str]] = {}
    for name, text in readings:
        values.setdefault(name, []).extend(part.strip() for part in text.split(","))
    return values


def one_value_each(readings: Iterable[tuple[str, str]], what: str) -> dict[str, str]:
    """Reading to its value. Raises UsageError where several are given; `what` begins the sentence that says so."""
    chosen: dict[str, str] = {}
    for name, value in readings:
        if "," in value or value == "all":
            raise click.UsageError(f"{what} one value of reading {name}, not {value}")
        if chosen.setdefault(name, value) != value:
            raise click.UsageError(f"{what} one value of reading {name}, not {chosen[name]} and {value}")
    return chosen


def _number(_: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """A number; what is none (nan) is smaller and larger than nothing, so that no limit would hold."""
    if value is not None and isnan(value):
        raise click.BadParameter("nan is no number", param=parameter)
    return value


def _size(_: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """A size as 512M or 4G, in bytes."""
    if value is None:
        return None
    units = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
    number, unit = (value[:-1], value[-1].upper()) if value[-1:].isalpha() else (value, "")
    if not re.fullmatch("[0-9]{1,18}", number) or (unit and unit not in units):
        raise click.BadParameter(f"'{value}' is no size; write 512M or 4G", param=parameter)
    return int(number) * units.get(unit, 1)


def _change_names(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The ids in each ID,ID, in order; twice the same is for the model to refuse."""
    if not values:
        return None
    named = tuple(value for value in values if value not in ("", "none"))
    if named and len(named) < len(values):
        raise click.BadParameter("none stands alone: no change, or these", param=parameter)
    names(context, parameter, named)
    return tuple(part.strip() for value in named for part in value.split(","))


def names(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The names in each NAME,NAME of an option that may be repeated, each once."""
    for value in values:
        if not all(part.strip() for part in value.split(",")):
            raise click.BadParameter(f"'{value}' is not of the form NAME,NAME", param=parameter)
    return tuple(dict.fromkeys(part.strip() for value in values for part in value.split(",")))


def _pairs(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each NAME=VALUE as a pair."""
    found = []
    for value in values:
        name, mark, chosen = value.partition("=")
        if not (name and mark and chosen):
            raise click.BadParameter(f"'{value}' is not of the form NAME=VALUE", param=parameter)
        found.append((name, chosen))
    return tuple(found)
