"""--checkpoint and --resume: where a long check writes what it comes to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mcfsm.verdicts.checkpoints import Checkpoints


def begun(_: click.Context, parameter: click.Parameter, where: str | None) -> Checkpoints | None:
    """The checkpoints of --checkpoint. Raises BadParameter where something is there already, or nothing can be."""
    return _checkpoints(parameter, where, resumed=False)


def gone_on(_: click.Context, parameter: click.Parameter, where: str | None) -> Checkpoints | None:
    """The checkpoints of --resume. Raises BadParameter where there are none, or those of another version."""
    return _checkpoints(parameter, where, resumed=True)


def _checkpoints(parameter: click.Parameter, where: str | None, *, resumed: bool) -> Checkpoints | None:
    if where is None:
        return None
    from mcfsm.host.file_store import file_store
    from mcfsm.verdicts.checkpoints import CheckpointRefused, Checkpoints

    try:
        return Checkpoints(file_store(where), resumed=resumed, where=where)
    except CheckpointRefused as error:
        why = str(error)
    except ImportError as error:
        why = f"a URL is reached by fsspec, and by what that needs for it, which is not installed: {error}"
    except (OSError, ValueError) as error:
        why = f"it cannot be read: {getattr(error, 'strerror', None) or error}"
    raise click.BadParameter(f"{where}: {why}", param=parameter)


@contextmanager
def going_on(checkpoints: Checkpoints | None) -> Iterator[None]:
    """Whatever is wrong with the checkpoints of a check becomes a UsageError."""
    if checkpoints is None:
        yield
        return
    from mcfsm.explore.saved_levels import CheckpointSpoiled
    from mcfsm.verdicts.checkpoints import CheckpointRefused

    try:
        checkpoints.begin()
    except OSError as error:
        raise click.UsageError(f"--checkpoint: nothing can be written there: {error.strerror or error}") from None
    try:
        yield
    except CheckpointRefused as error:
        raise click.UsageError(f"--resume: {error}") from None
    except CheckpointSpoiled as error:
        raise click.UsageError(
            f"--resume: a file of the checkpoint was changed, or cannot be read: {error}; begin anew with --checkpoint"
        ) from None


def say_checkpoints(checkpoints: Checkpoints, *, open_: bool) -> None:
    """Say on the error stream what of the checkpoints could not be written or read, so that more is searched again.

    Where something is `open_`, as a limit or a signal ended it, say also how to go on.
    """
    if checkpoints.failed is not None:
        click.echo(f"the checkpoint could not be written: {checkpoints.failed}; the search went on", err=True)
    for damaged in checkpoints.damaged:
        click.echo(
            f"a file of the checkpoint is damaged, and what came after it was searched again: {damaged}", err=True
        )
    if open_ and checkpoints.failed is None:
        click.echo(f"what was searched is kept: the same with --resume {checkpoints.where} goes on", err=True)
