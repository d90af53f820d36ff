"""docs/coverage.md and docs/assumptions.md are what `make coverage` writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mcfsm.questions.assumptions import assumptions
from mcfsm.questions.clauses import clauses
from mcfsm.report.clauses import assumptions_as_page, clauses_as_page

ROOT = Path(__file__).parents[2]
MODEL = "models/mc_migration"
PAGES: dict[str, Callable[[], str]] = {
    "coverage": lambda: clauses_as_page(clauses(MODEL)),
    "assumptions": lambda: assumptions_as_page(assumptions(MODEL)),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_fresh(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") == PAGES[name]()
