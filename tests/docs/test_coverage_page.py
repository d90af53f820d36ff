"""docs/coverage.md is what `make coverage` writes."""

from __future__ import annotations

import os
from pathlib import Path

from mcfsm.questions.clauses import clauses
from mcfsm.report.clauses import clauses_as_page

ROOT = Path(__file__).parents[2]


def test_the_page_is_fresh() -> None:
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        page = clauses_as_page(clauses("models/mc_migration"))
    finally:
        os.chdir(before)
    assert (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8") == page
