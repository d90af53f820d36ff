"""Lets the workers share what they find out about models."""

import os

import pytest
import shared_runs


@pytest.fixture(scope="session", autouse=True)
def _runs_are_shared(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All workers keep their answers in one folder, inside that which pytest made for this session and for us alone."""
    own = tmp_path_factory.getbasetemp()
    shared_runs.folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "runs"
    shared_runs.folder.mkdir(mode=0o700, exist_ok=True)
