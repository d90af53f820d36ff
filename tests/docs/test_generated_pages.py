"""docs/coverage.md and docs/assumptions.md are what `make coverage` writes, docs/ledger.md what `make ledger` does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mcfsm.language.selection import Selection
from mcfsm.questions.assumptions import assumptions
from mcfsm.questions.clauses import clauses
from mcfsm.questions.families.ledger import ledger
from mcfsm.report.clauses import assumptions_as_page, clauses_as_page
from mcfsm.report.ledger_page import ledger_as_page

ROOT = Path(__file__).parents[2]
MODEL = "models/mc_migration"
SECOND = "models/mc_migration/communication.yaml"
LEDGER = ["one_partner", "two_partners", "make_before_break", "calls"]
PAGES: dict[str, Callable[[], str]] = {
    "coverage": lambda: clauses_as_page(clauses(MODEL, SECOND)),
    "assumptions": lambda: assumptions_as_page(assumptions(MODEL, SECOND)),
    "ledger": lambda: ledger_as_page(MODEL, ledger(MODEL, Selection(scenarios=LEDGER))),
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name == "ledger")) for name in PAGES])
def test_the_page_is_fresh(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") == PAGES[name]()
