"""`mcfsm lint` and `mcfsm receptions`: checks of a protocol beside its properties.

`add_to` gives a group of commands these two; what they share with other commands comes as `Shared`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

MODEL = click.argument("path", type=click.Path(path_type=Path))
JSON = click.option("--json", "json_file", metavar="FILE", help="Write it as JSON; - is standard output, alone.")


@dataclass(frozen=True)
class Shared:
    """What every command uses: options for constants, a line of progress, and ways to print and write."""

    constants: Callable[[Callable[..., Any]], Callable[..., Any]]
    values: Callable[[Iterable[tuple[str, str]]], dict[str, list[str]]]
    announce: Callable[[], None]
    progress: Callable[[], Any]
    width: Callable[[], int]
    print: Callable[[RenderableType], None]
    write_json: Callable[[str, dict[str, Any]], None]


def add_to(group: click.Group, shared: Shared) -> None:
    """Add the commands to a group."""

    @group.command()
    @MODEL
    @click.option("--strict", is_flag=True, help="Findings fail.")
    @JSON
    def lint(path: Path, strict: bool, json_file: str | None) -> int:
        """Find what looks wrong in a model without exploring it; mcfsm explain CODE says more of each finding."""
        from mcfsm.language.reader import source
        from mcfsm.lint.findings import lint as lint_model
        from mcfsm.problems import WARNING, render
        from mcfsm.report.lint import as_json

        found = lint_model(path)
        if json_file != "-":
            if found:
                click.echo(render(found, source, severity=WARNING))
            click.echo(f"{len(found)} finding{'' if len(found) == 1 else 's'}")
        if json_file is not None:
            shared.write_json(json_file, as_json(found))
        return 1 if strict and found else 0

    @group.command()
    @MODEL
    @click.option("--scenario", "scenarios", multiple=True, help="Only this scenario (repeatable).")
    @click.option("--role", "roles", multiple=True, help="Only this role (repeatable).")
    @shared.constants
    @click.option("--workers", type=click.IntRange(1, 256), help="Threads (default: all cores).")
    @click.option("--max-states", type=click.IntRange(min=1), help="Give up after so many states.")
    @click.option("--max-seconds", type=click.FloatRange(min=0), help="Give up after so long, scenario by scenario.")
    @JSON
    def receptions(
        path: Path,
        scenarios: tuple[str, ...],
        roles: tuple[str, ...],
        readings: tuple[tuple[str, str], ...],
        settings: tuple[tuple[str, str], ...],
        workers: int | None,
        max_states: int | None,
        max_seconds: float | None,
        json_file: str | None,
    ) -> int:
        """Print what becomes of every message in every state of a role, over all that can occur."""
        from mcfsm.explore.findings import Limits
        from mcfsm.receptions import receptions as matrices_of
        from mcfsm.report.receptions import as_json, as_text

        shared.announce()
        with shared.progress() as progress:
            matrices = matrices_of(
                path,
                scenarios=scenarios or None,
                roles=roles or None,
                readings=shared.values(readings),
                settings=dict(settings),
                workers=workers,
                limits=Limits(max_states=max_states, max_seconds=max_seconds),
                progress=progress.show,
            )
        if json_file != "-":
            shared.print(as_text(matrices, width=shared.width()))
        if json_file is not None:
            shared.write_json(json_file, as_json(matrices))
        return 2 if any(matrix.stopped is not None for matrix in matrices) else 0
