"""What every test shares: Hypothesis profiles, the same on every machine in CI, and kernels that are compiled once."""

import faulthandler
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
os.environ["MCFSM_NO_CACHE"] = "1"  # what a test asks is searched, but where it is about what is kept
collect_ignore_glob = ["*.yaml"]  # models that tests are about: the plugin, where it is installed, leaves them alone
# what takes seconds, but for tests with one of these marks,
SOON = ("unit", "diagnostics", "cli", "plugin/test_pytest_plugin.py")
SEVERAL_SECONDS = {"graphviz", "long", "process", "slow"}
LONGEST = 60.0  # so that a search that never ends fails with a stack within a minute; others have five,
SLOWEST = 3000.0  # and those that are slow more, whoever runs them
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test that is in make quick a limit of its own; what is compiled meanwhile does not count."""
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        soon = any(item.path.is_relative_to(Path(__file__).parent / folder) for folder in SOON)
        if soon and not marks & {*SEVERAL_SECONDS, "timeout"}:
            item.add_marker(pytest.mark.timeout(LONGEST))
        if "slow" in marks and "timeout" not in marks:
            item.add_marker(pytest.mark.timeout(SLOWEST))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have what ends a process that its own limit does not end wait for the limit of a slow test."""
    if item.get_closest_marker("slow") is not None:
        faulthandler.dump_traceback_later(1.2 * SLOWEST, exit=True, file=sys.__stderr__)


@pytest.fixture(autouse=True)
def columns_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output is as wide as where nobody says how wide; readline says it, once loaded, and past what os.environ sees."""
    monkeypatch.delenv("COLUMNS", raising=False)
    os.unsetenv("COLUMNS")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser without a window; skips where there is none, as only slow tests look at pages."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: make test-slow installs it")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs chromium: apt-get install chromium")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Wait for what is compiled, also where no test did."""
    wait = session.config.stash.get(compiled, None)
    if wait is not None:
        wait()
