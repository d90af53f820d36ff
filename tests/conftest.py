"""What every test shares: Hypothesis profiles, the same on every machine in CI, and kernels that are compiled once."""

import gc
import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
os.environ["MCFSM_NO_CACHE"] = "1"  # what a test asks is searched, but where it is about what is kept
collect_ignore_glob = ["*.yaml"]  # models that tests are about: the plugin, where it is installed, leaves them alone
compiled = pytest.StashKey[Callable[[], None] | None]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernels once, and so that no test meets the message about it; make quick needs only one of them."""
    from kernels import compile_kernels, wait_for_each_other

    from mcfsm.commands.cli import SELDOM

    gc.set_threshold(*SELDOM)  # as where users run it: a tenth of the time would go to looking for cycles
    if hasattr(session.config, "workerinput"):
        wait_for_each_other()
        return
    session.config.stash[compiled] = compile_kernels(several="not long" not in session.config.option.markexpr)
    if not getattr(session.config.option, "numprocesses", None):
        wait_for_each_other()


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is waited for."""
    if config.stash.get(compiled, None) is not None:
        return "kernels: compiled once, beside the first tests; those that search wait for it, about half a minute"
    return "kernels: compiled before"


@pytest.fixture(autouse=True)
def columns_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output is as wide as where nobody says how wide; readline says it, once loaded, and past what os.environ sees."""
    monkeypatch.delenv("COLUMNS", raising=False)
    os.unsetenv("COLUMNS")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Wait for what is compiled, also where no test did."""
    wait = session.config.stash.get(compiled, None)
    if wait is not None:
        wait()
