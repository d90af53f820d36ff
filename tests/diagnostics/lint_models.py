"""What `mcfsm lint` says of each model in lint_cases/: NAME.yaml, and NAME.expected beside it.

    python tests/diagnostics/lint_models.py

rewrites the expected texts; read the difference before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

from mcfsm.language.reader import source
from mcfsm.lint.findings import lint
from mcfsm.problems import WARNING, render

CASES = Path(__file__).parent / "lint_cases"


def names() -> list[str]:
    """Every case by name."""
    return sorted(path.stem for path in CASES.glob("*.yaml"))


def shown_case(name: str) -> str:
    """What lint says of a case, from its own directory."""
    before = Path.cwd()
    os.chdir(CASES)
    try:
        found = lint(f"{name}.yaml")
        return render(found, source, severity=WARNING) + "\n" if found else ""
    finally:
        os.chdir(before)


def expected_file(name: str) -> Path:
    """The file with the exact text expected."""
    return CASES / f"{name}.expected"


if __name__ == "__main__":
    for case in names():
        expected_file(case).write_text(shown_case(case), encoding="utf-8")
