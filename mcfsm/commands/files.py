"""The files of a command line: what a command reads is known before what it writes, and is never written over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

READ: dict[str, Any] = {"type": click.Path(path_type=Path), "is_eager": True}  # of a parameter that names what is read


def not_read(context: click.Context, parameter: click.Parameter, value: Path | str | None) -> Any:
    """A file or folder that is to be written. Raises BadParameter where it is one of those that the command reads."""
    if value is not None and str(value) != "-" and any(_is_same(Path(value), file) for file in _read(context)):
        raise click.BadParameter(f"{value} is read here, and would be lost: name another file", param=parameter)
    return value


def tried(context: click.Context, parameter: click.Parameter, value: Path | str | None) -> Any:
    """A file that is to be written, tried before anything long is done. Raises BadParameter where it cannot be."""
    from mcfsm.host.whole_files import try_to_write

    if value is not None and str(value) != "-":
        try:
            try_to_write(Path(value))
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            raise click.BadParameter(f"{value} cannot be written: {said}", param=parameter) from None
    return not_read(context, parameter, value)


def has_room_for_files(_: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """A folder in which files without a name can be made. Raises BadParameter where none can."""
    import tempfile

    if value is not None:
        try:
            tempfile.TemporaryFile(dir=value).close()
        except OSError as error:
            raise click.BadParameter(f"nothing can be written to {value}: {error.strerror}", param=parameter) from None
    return value


def _read(context: click.Context) -> Iterator[Path]:
    """The files that the command reads: those that it names, and of each model all that it is read from."""
    from mcfsm.language.files.reader import stamps

    for parameter in context.command.params:
        if parameter.is_eager and isinstance(parameter.type, click.Path):
            value = context.params.get(parameter.name or "")
            for named in value if isinstance(value, tuple) else [value]:
                with suppress(OSError, ValueError, RuntimeError):  # what cannot be read is said as it is read
                    yield from () if named is None else stamps(named)


def _is_same(written: Path, read: Path) -> bool:
    """Whether two names are of one file, however they are spelled; also of one that is not there."""
    with suppress(OSError, ValueError, RuntimeError):
        return written.resolve() == read.resolve() or (written.is_file() and written.samefile(read))
    return False
