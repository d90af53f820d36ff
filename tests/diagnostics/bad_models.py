"""What a user sees for each bad model in cases/: NAME.yaml, or NAME/ with a model.yaml, and NAME.expected beside it.

    python tests/diagnostics/bad_models.py [NAME ...]

rewrites the expected texts; read the difference before it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from exact_texts import ExactTexts

from mcfsm.language.files.reader import read, source
from mcfsm.language.resolving.resolve import resolve_all
from mcfsm.problems import ModelError, render


def shown(path: Path | str) -> str:
    """What is printed about a model; nothing where nothing is wrong."""
    try:
        resolve_all(read(path))
    except ModelError as error:
        return render(error.problems, source) + "\n"
    return ""


CASES = ExactTexts(Path(__file__).parent / "cases", shown)

if __name__ == "__main__":
    CASES.rewrite(*sys.argv[1:])
