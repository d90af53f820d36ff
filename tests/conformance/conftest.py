"""What the tests of this directory share: slices so small that all workers have something to do in small models."""

from __future__ import annotations

import pytest

from mcfsm.explore import level_search as levels


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "FEW", 2)
