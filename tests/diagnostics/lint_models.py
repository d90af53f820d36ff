"""What `mcfsm lint` says of each model in lint_cases/: NAME.yaml, and NAME.expected beside it.

    python tests/diagnostics/lint_models.py [NAME ...]

rewrites the expected texts; read the difference before it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from exact_texts import ExactTexts

from mcfsm.language.files.reader import source
from mcfsm.problems import WARNING, render
from mcfsm.questions.lint.lint import lint


def shown(path: str) -> str:
    """What lint says of a model; nothing where it finds nothing."""
    found = lint(path)
    return render(found, source, severity=WARNING) + "\n" if found else ""


CASES = ExactTexts(Path(__file__).parent / "lint_cases", shown)

if __name__ == "__main__":
    CASES.rewrite(*sys.argv[1:])
