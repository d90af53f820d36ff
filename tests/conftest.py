"""What every test shares: Hypothesis profiles, the same on every machine in CI, and a kernel that is compiled once."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

COMMIT = Path(__file__).parents[1] / "models" / "textbook" / "two_phase_commit.yaml"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernel before tests run beside each other: once, and so that no test meets the message about it."""
    if hasattr(session.config, "workerinput"):
        return
    from mcfsm.explore import exhaustive
    from mcfsm.kernel.expand import expand
    from mcfsm.kernel.jit import is_compiled
    from mcfsm.language.files.reader import read
    from mcfsm.language.resolving.resolve import resolve
    from mcfsm.verdicts.family_runs import told
    from mcfsm.verdicts.run import Effort

    if not is_compiled(expand):
        model = resolve(read(COMMIT), "three")
        exhaustive.explore(model)
        told([model, model], [[], []], effort=Effort())
