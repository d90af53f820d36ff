"""mcfsm check: a verdict for every property."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import click

from mcfsm.commands.checkpoints import begun, going_on, gone_on, say_checkpoints
from mcfsm.commands.files import has_room_for_files, not_read, tried
from mcfsm.commands.formats import beside, format_steps, formats_wanted
from mcfsm.commands.options import (
    FAIRNESS,
    JSON,
    MODEL,
    NO_CACHE,
    STATES_ON_CLUSTER,
    SearchOptions,
    names,
    search_options,
    selects,
)
from mcfsm.commands.output import (
    answer,
    deliver,
    effort_of,
    print_or_say,
    print_report,
    say_unkept,
    show_problems,
    terminal,
    write_bytes,
)
from mcfsm.commands.progress import ProgressLine
from mcfsm.explore.stopping import all_found, heard, told_to_the_end
from mcfsm.problems import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from mcfsm.host.places import Owners
    from mcfsm.language.selection import Selection
    from mcfsm.model import Fairness
    from mcfsm.questions.check import Checked
    from mcfsm.questions.evidence import Evidence
    from mcfsm.report.check_text import CheckReport
    from mcfsm.verdicts.checkpoints import Checkpoints
    from mcfsm.verdicts.run import Effort
    from mcfsm.verdicts.verdict import Run


class _QuestionOptions(TypedDict):
    """What is asked of all that is selected, beside its properties."""

    avoid: tuple[str, ...]
    normative: bool
    fairness: Fairness | None


class _Shown(NamedTuple):
    """What becomes of the verdicts."""

    bite: bool
    any_number: bool
    grid: bool
    strict: bool
    coverage: bool
    timing: bool
    save_flows: Path | None
    save_tests: Path | None
    evidence: Path | None
    checkpoints: Checkpoints | None
    disk: Path | None
    owners: Owners | None
    formats: tuple[tuple[str, str], ...]
    json_file: str | None
    cache: bool
    reduce: bool

    @property
    def aside(self) -> bool:
        """Whether what is for people goes to the error stream, as something else goes to standard output."""
        return "-" in [file for _, file in self.formats]


@click.command()
@MODEL
@selects
@click.option("--property", "properties", multiple=True, help="Only this property or check (repeatable).")
@partial(search_options, seconds="Give up after so long, in each scenario and reading.")
@click.option(
    "--avoid", metavar="ID,ID", multiple=True, callback=names, help="Leave these transitions out (repeatable)."
)
@click.option("--normative", is_flag=True, help="Leave out what rests on assumptions or informative items.")
@FAIRNESS
@click.option(
    "--grow",
    metavar="NAME,NAME",
    multiple=True,
    callback=names,
    help="Let these parameters grow, for --max-seconds (repeatable).",
)
@click.option(
    "--grid", "--brief", "grid", is_flag=True, help="One grid of all scenarios; flows of what is not as expected alone."
)
@click.option("--all", "everything", is_flag=True, help="Explore everything, also when all is decided.")
@click.option("--reduce", is_flag=True, help="Take only such steps of a state as suffice; a flow may be longer.")
@click.option("--bite", is_flag=True, help="Show how near each PROVED comes to being broken.")
@click.option("--any-number", is_flag=True, help="Say what keeps each PROVED from holding for any number of users.")
@click.option("--strict", is_flag=True, help="Warnings fail.")
@click.option("--coverage", is_flag=True, help="Say what of the model was visited.")
@click.option("--timing", is_flag=True, help="Say where the time went.")
@click.option(
    "--save-flows",
    metavar="DIR",
    type=click.Path(path_type=Path),
    callback=not_read,
    help="Write each flow, for mcfsm replay.",
)
@click.option(
    "--save-tests",
    metavar="DIR",
    type=click.Path(path_type=Path),
    callback=not_read,
    help="Write each flow as a test for pytest.",
)
@click.option(
    "--evidence",
    metavar="FILE",
    type=click.Path(path_type=Path),
    callback=tried,
    help="Write what each verdict stands on, for mcfsm verify.",
)
@click.option(
    "--checkpoint",
    metavar="DIR",
    callback=begun,
    help="Write what is searched as it is found, to go on from with --resume: a folder, or a URL for fsspec.",
)
@click.option("--resume", metavar="DIR", callback=gone_on, help="Go on from where --checkpoint or --resume stopped.")
@click.option(
    "--disk",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    callback=has_room_for_files,
    help="Keep the states in files of this folder: for what is larger than memory.",
)
@STATES_ON_CLUSTER
@click.option(
    "--format",
    "formats",
    metavar="FORMAT[=FILE]",
    multiple=True,
    callback=formats_wanted,
    help="Write json, junit, sarif, github or markdown to a file, or to standard output (repeatable).",
)
@NO_CACHE
@JSON
def check(
    path: Path,
    selection: Selection,
    search: SearchOptions,
    avoid: tuple[str, ...],
    normative: bool,
    fairness: Fairness | None,
    grow: tuple[str, ...],
    grid: bool,
    everything: bool,
    reduce: bool,
    bite: bool,
    any_number: bool,
    strict: bool,
    coverage: bool,
    timing: bool,
    save_flows: Path | None,
    save_tests: Path | None,
    evidence: Path | None,
    checkpoint: Checkpoints | None,
    resume: Checkpoints | None,
    disk: Path | None,
    owners: Owners | None,
    formats: tuple[tuple[str, str], ...],
    no_cache: bool,
    json_file: str | None,
) -> int:
    """Check a model: a verdict for every property, a message flow for every violation.

    With --grow, at larger and larger values of some parameters, for --max-seconds: each begins at the scenario's own
    value, or at what --set says, and one grows by one at a time, in turn. Where a format goes to standard output, what
    is for people goes to the error stream.

    What was found out before of a scenario that means the same is taken from there, and the report says so.
    """
    if json_file == "-" and "-" in [file for _, file in formats]:
        raise click.UsageError("--json - and --format both go to standard output: give one of them a file")
    options: _QuestionOptions = {"avoid": avoid, "normative": normative, "fairness": fairness}
    if checkpoint and resume:
        raise click.UsageError("--checkpoint begins and --resume goes on, and writes there too: give one of them")
    if (checkpoint or resume) and search.engine != "exhaustive":
        raise click.UsageError(f"--checkpoint and --resume do not go with --engine {search.engine}")
    if disk and (checkpoint or resume or search.engine != "exhaustive"):
        raise click.UsageError("--disk does not go with --checkpoint, --resume or --engine reference")
    if owners and (disk or search.engine != "exhaustive"):
        raise click.UsageError("--cluster does not go with --disk or --engine reference")
    whole = {
        "--cluster": owners,
        "--grow": grow,
        "--bite": bite,
        "--coverage": coverage,
        "--evidence": evidence,
        "--disk": disk,
    }
    for option, given in {**whole, "--checkpoint": checkpoint, "--resume": resume}.items():
        if reduce and given:
            raise click.UsageError(f"{option} does not go with --reduce: it is of a search that takes all steps")
    if not grow:
        for option, given in (("--bite", bite), ("--any-number", any_number)):
            if given and grid:
                raise click.UsageError(f"{option} does not go with --grid, which has no room for it")
        if evidence and normative:
            raise click.UsageError("--evidence is of a model as it stands: it does not go with --normative")
        known = not (no_cache or timing)
        shown = _Shown(
            bite,
            any_number,
            grid,
            strict,
            coverage,
            timing,
            save_flows,
            save_tests,
            evidence,
            checkpoint or resume,
            disk,
            owners,
            formats,
            json_file,
            known,
            reduce,
        )
        return _check(path, selection, search, options, everything, shown)
    if search.max_seconds is None:
        raise click.UsageError("--grow wants --max-seconds: without it, it would never end")
    written = save_flows or save_tests or evidence or checkpoint or resume or disk or owners or formats
    if grid or everything or bite or any_number or strict or coverage or timing or written:
        others = (
            "--grid, --all, --bite, --any-number, --strict, --coverage, --timing, --save-flows, --save-tests, "
            "--evidence, --checkpoint, --resume, --disk, --cluster, --format"
        )
        raise click.UsageError(f"--grow does not go with {others}")
    return _grow(path, grow, search.max_seconds, selection, search, options, json_file)


def _check(
    path: Path, selection: Selection, search: SearchOptions, options: _QuestionOptions, everything: bool, shown: _Shown
) -> int:
    from mcfsm.questions.check import check_selected

    json_file, save_flows, save_tests = shown.json_file, shown.save_flows, shown.save_tests
    with ProgressLine(violations=True) as progress:
        files = json_file is not None or bool(save_flows or save_tests or shown.evidence or shown.formats)
        printed = None if json_file == "-" else _Printed(progress, shown, patient=files, aside=shown.aside)
        effort = effort_of(search, progress, each=True, cache=shown.cache)
        effort = replace(
            effort, checkpoints=shown.checkpoints, disk=shown.disk, owners=shown.owners, reduce=shown.reduce
        )
        effort = replace(effort, symmetry=effort.symmetry and not shown.reduce)
        how = {"everything": everything, "bite": shown.bite, "in_spite": True}
        if shown.checkpoints is not None and shown.checkpoints.resumed:
            progress.say("reading the model and the checkpoint")
        with going_on(shown.checkpoints):
            checked = check_selected(path, selection, effort, listener=printed, searched=all_found, **how, **options)
        proof = None
        if shown.evidence is not None and not checked.stopped:
            with heard():
                proof = _evidence(path, checked, shown.evidence, effort)
    say_unkept(effort)
    if shown.reduce and any(run.answers and run.findings.reduction is None for run in checked.runs):
        click.echo(
            "--reduce: where promises on runs are asked, all steps are taken; name others with --property", err=True
        )
    if shown.checkpoints is not None:
        say_checkpoints(shown.checkpoints, open_=any(run.findings.stopped for run in checked.runs))
    written: list[Path] = []
    tests: list[Path] = []

    def save() -> None:
        if save_flows is not None:
            from mcfsm.report.flow_file import write_flows

            written.extend(write_flows(checked.runs, save_flows))
        if save_tests is not None:
            from mcfsm.report.flow_file import write_tests

            tests.extend(write_tests(checked.runs, save_tests))

        if proof is not None and shown.evidence is not None:
            write_bytes(shown.evidence, proof.content)

    def as_json() -> dict[str, Any]:
        from mcfsm.report import check_json

        return check_json.as_json(checked, strict=shown.strict)

    def show() -> None:
        if printed is not None:
            printed.close(checked)
        if shown.coverage:
            from mcfsm.report.coverage import of_check

            print_report(of_check(checked))
        if shown.timing:
            from mcfsm.report.timing import as_text

            print_report(as_text(checked.spent))
        if save_flows is not None:
            click.echo(f"{counted(len(written), 'flow')} in {save_flows}")
        if save_tests is not None:
            click.echo(f"{counted(len(tests), 'test')} in {save_tests}")
        if proof is not None:
            click.echo(f"evidence of {counted(proof.claims, 'verdict')} in {shown.evidence}, for mcfsm verify")
            for line in proof.without:
                click.echo(f"no evidence: {line}")
        if printed is not None and printed.failed is not None:
            raise printed.failed

    def show_aside() -> None:
        with beside(shown.aside):
            show()

    for failed in checked.errors:
        show_problems(failed.error)
    deliver(json_file, as_json, show_aside, save, *format_steps(shown.formats, checked, strict=shown.strict))
    return checked.status(strict=shown.strict)


def _evidence(path: Path, checked: Checked, file: Path, effort: Effort) -> Evidence:
    from mcfsm.questions.evidence import evidence

    return evidence(path, checked.runs, file, effort)


class _Printed:
    """The report on standard output, each scenario as soon as it is done; whatever goes wrong with that is kept."""

    def __init__(self, progress: ProgressLine, shown: _Shown, *, patient: bool, aside: bool) -> None:
        """`patient`: go on where nobody reads on, as files are to be written; `aside`: print to the error stream."""
        self.progress, self.shown, self.patient, self.aside = progress, shown, patient, aside
        self.report: CheckReport | None = None
        self.failed: Exception | None = None

    def begin(self, property_ids: Mapping[str, Sequence[str]]) -> None:
        from mcfsm.report.check_text import CheckReport

        grid, any_number = self.shown.grid, self.shown.any_number
        self.report = CheckReport(property_ids, width=terminal().width, grid=grid, any_number=any_number)

    def scenario(self, runs: Sequence[Run]) -> None:
        self.progress.done(runs)
        self.progress.pause()
        self._print(lambda report: report.scenario(runs), runs)

    def close(self, checked: Checked) -> None:
        """Print what there is to say when all is done."""
        self._print(lambda report: report.closing(checked), checked.runs, checked.warnings)

    def _print(
        self,
        parts: Callable[[CheckReport], Iterable[RenderableType]],
        runs: Sequence[Run],
        warnings: Sequence[str] = (),
    ) -> None:
        from rich.console import Group

        from mcfsm.report.plain import plainly

        assert self.report is not None
        report = self.report
        try:
            with told_to_the_end(), beside(self.aside):
                print_or_say(lambda: Group(*parts(report)), lambda: plainly(runs, warnings))
        except OSError as error:
            if not self.patient:
                raise
            self.failed = self.failed or error
        except Exception as error:
            self.failed = self.failed or error


def _grow(
    path: Path,
    names: tuple[str, ...],
    seconds: float,
    selection: Selection,
    search: SearchOptions,
    options: _QuestionOptions,
    json_file: str | None,
) -> int:
    from mcfsm.questions.grow import grow as grow_model
    from mcfsm.questions.grow import status_of
    from mcfsm.report.grow import growth_as_json, growth_as_text

    with ProgressLine() as progress:
        grown = grow_model(path, names, seconds, selection, effort=effort_of(search, progress, each=True), **options)
    answer(json_file, lambda: growth_as_text(grown, width=terminal().width), lambda: growth_as_json(grown))
    return status_of(grown)
