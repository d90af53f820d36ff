"""mcfsm check: a verdict for every property."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.options import JSON, MODEL, constants, names, reading_values, size
from mcfsm.commands.output import ProgressLine, announce_compilation, print_report, terminal, write_json


@click.command()
@MODEL
@click.option("--scenario", "scenarios", multiple=True, help="Only this scenario (repeatable).")
@click.option("--property", "properties", multiple=True, help="Only this property or check (repeatable).")
@constants
@click.option("--engine", type=click.Choice(["exhaustive", "reference"]), default="exhaustive", show_default=True)
@click.option("--workers", type=click.IntRange(1, 256), help="Threads (default: all cores).")
@click.option("--max-states", type=click.IntRange(min=1), help="Give up after so many states.")
@click.option("--max-depth", type=click.IntRange(min=0), help="Give up after so many steps from the start.")
@click.option("--max-seconds", type=click.FloatRange(min=0), help="Give up after so long, scenario by scenario.")
@click.option("--max-memory", metavar="SIZE", callback=size, help="Memory for states, as 4G (default: 80 %).")
@click.option("--avoid", metavar="ID,ID", callback=names, help="Leave these transitions out.")
@click.option("--normative", is_flag=True, help="Leave out what rests on assumptions or informative items.")
@click.option("--all", "everything", is_flag=True, help="Explore everything, also when all is decided.")
@click.option("--strict", is_flag=True, help="Warnings fail.")
@click.option("--save-flows", metavar="DIR", type=click.Path(path_type=Path), help="Write each flow, for mcfsm replay.")
@JSON
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
    avoid: tuple[str, ...],
    normative: bool,
    everything: bool,
    strict: bool,
    save_flows: Path | None,
    json_file: str | None,
) -> int:
    """Check a model: a verdict for every property, a message flow for every violation."""
    from mcfsm.checking import check as check_model
    from mcfsm.explore.findings import Limits
    from mcfsm.report.json import as_json
    from mcfsm.report.text import as_text

    if engine == "exhaustive":
        announce_compilation()
    with ProgressLine() as progress:
        checked = check_model(
            path,
            scenarios=scenarios or None,
            properties=properties or None,
            readings=reading_values(readings),
            settings=dict(settings),
            engine=engine,
            workers=workers,
            limits=Limits(max_states, max_depth, max_seconds, max_memory),
            everything=everything,
            avoid=avoid,
            normative=normative,
            progress=progress.show,
        )
    if json_file != "-":
        print_report(as_text(checked, width=terminal().width))
    if save_flows is not None:
        from mcfsm.report.flow import write_flows

        written = write_flows(checked.runs, save_flows)
        if json_file != "-":
            click.echo(f"{len(written)} flow{'s' if len(written) != 1 else ''} in {save_flows}")
    if json_file is not None:
        write_json(json_file, as_json(checked))
    return max(checked.exit_status, 1) if strict and checked.warnings else checked.exit_status
