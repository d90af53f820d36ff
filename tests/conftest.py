"""What every test shares: Hypothesis profiles, the same on every machine in CI, and kernels that are compiled once."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernel before tests run beside each other: once, and so that no test meets the message about it."""
    from kernels import compile_kernels, wait_for_each_other

    if hasattr(session.config, "workerinput"):
        wait_for_each_other()
    else:
        compile_kernels()
