"""What a user sees for each bad model in cases/: NAME.yaml, or NAME/ with a model.yaml, and NAME.expected beside it.

    python tests/diagnostics/bad_models.py

rewrites the expected texts; read the difference before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

from mcfsm.language.reader import read, source
from mcfsm.language.resolve import resolve_all
from mcfsm.problems import ModelError, render

CASES = Path(__file__).parent / "cases"


def names() -> list[str]:
    """Every case by name."""
    return sorted({path.stem for path in CASES.iterdir() if path.suffix != ".expected"})


def shown(path: Path | str) -> str:
    """What is printed about a model; nothing where nothing is wrong."""
    try:
        resolve_all(read(path))
    except ModelError as error:
        return render(error.problems, source) + "\n"
    return ""


def shown_case(name: str) -> str:
    """What is printed about a case, from its own directory. Nothing of the path stands in it."""
    before = Path.cwd()
    os.chdir(CASES)
    try:
        return shown(name if Path(name).is_dir() else f"{name}.yaml")
    finally:
        os.chdir(before)


def expected_file(name: str) -> Path:
    """The file with the exact text expected."""
    return CASES / f"{name}.expected"


if __name__ == "__main__":
    for case in names():
        expected_file(case).write_text(shown_case(case), encoding="utf-8")
