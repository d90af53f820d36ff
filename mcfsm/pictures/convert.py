"""A figure in formats that other programs make of its SVG: png, pdf, and emf for documents of Word.

The programs are those that Debian has. Which one is missing, and what to install, is said.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from mcfsm.pictures.programs import MOST_SECONDS, ProgramMissing, ProgramSlow

DOTS = 300  # an inch, of a png
_INSTALL = {"rsvg-convert": "librsvg2-bin", "inkscape": "inkscape"}  # program to the package of Debian
_COMMANDS: dict[str, dict[str, Callable[[Path, Path], list[str]]]] = {
    ".png": {
        "rsvg-convert": lambda drawn, to: ["-f", "png", "-d", str(DOTS), "-p", str(DOTS), "-o", str(to), str(drawn)],
        "inkscape": lambda drawn, to: [f"--export-dpi={DOTS}", f"--export-filename={to}", str(drawn)],
    },
    ".pdf": {
        "rsvg-convert": lambda drawn, to: ["-f", "pdf", "-o", str(to), str(drawn)],
        "inkscape": lambda drawn, to: [f"--export-filename={to}", str(drawn)],
    },
    ".emf": {"inkscape": lambda drawn, to: [f"--export-filename={to}", str(drawn)]},
}
CONVERTED = tuple(_COMMANDS)


class ConverterMissing(ProgramMissing):
    """No program is there that makes a format of an SVG."""

    def __init__(self, suffix: str) -> None:
        known = " or ".join(f"{name} (Debian, Ubuntu: apt-get install {_INSTALL[name]})" for name in _COMMANDS[suffix])
        super().__init__(f"{suffix[1:]} is made by {known}, and that was not found; svg needs no other program")


def converted(svg: str, suffix: str) -> bytes:
    """The figure in another format. Raises ConverterMissing, and RuntimeError where the program fails."""
    for name, arguments in _COMMANDS[suffix].items():
        program = shutil.which(name)
        if program is not None:
            return _run(program, arguments, svg, suffix)
    raise ConverterMissing(suffix)


def _run(program: str, arguments: Callable[[Path, Path], list[str]], svg: str, suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        drawn, made = Path(folder) / "figure.svg", Path(folder) / f"figure{suffix}"
        drawn.write_text(svg, encoding="utf-8")
        command = [program, *arguments(drawn, made)]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            raise ProgramSlow(Path(program).name) from None
        if done.returncode or not made.is_file():
            said = done.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"{Path(program).name} made no {suffix[1:]} of the figure: {said}")
        return made.read_bytes()
