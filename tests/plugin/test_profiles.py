"""`mcfsm.stateful` under pytest: profiles, what is printed to see a failure again, the database, and xdist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import settings

import mcfsm
from mcfsm.explore.random.profiles import VARIABLE

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
RING = str(ROOT / "models" / "textbook" / "alternating_bit.yaml")
PLUGIN = ("-p", "mcfsm.embedding.pytest_plugin")
TEST = f"""
import mcfsm
Walks = mcfsm.stateful({RING!r}, scenario="careless_acceptor", properties="no_duplicate")
TestCareless = Walks.TestCase
TestFew = mcfsm.stateful({RING!r}, scenario="few_faults", properties="no_duplicate").TestCase
"""
BLOB = re.compile(r"@reproduce_failure\('[0-9.]+', b'[^']+'\)")


def of(profile: str | None) -> settings:
    case = mcfsm.stateful(RING, scenario="few_faults", profile=profile).TestCase  # type: ignore[arg-type]
    found: settings = case.settings
    return found


def test_what_the_profiles_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    plain, ci, deep = of(None), of("ci"), of("deep")
    assert (plain.max_examples, plain.print_blob) == (settings().max_examples, True)
    assert (ci.derandomize, ci.database, ci.max_examples, ci.stateful_step_count) == (True, None, 100, 50)
    assert (deep.derandomize, deep.max_examples, deep.stateful_step_count) == (False, 5000, 200)
    assert all(one.deadline is None and one.print_blob for one in (ci, deep))
    monkeypatch.setenv(VARIABLE, "deep")
    assert (of(None).max_examples, of("ci").max_examples) == (5000, 100)
    monkeypatch.setenv(VARIABLE, "depp")
    with pytest.raises(ValueError, match="MCFSM_PROFILE depp is none of ci, deep"):
        of(None)


@pytest.mark.process
def test_what_fails_in_ci_is_shown_to_be_taken_again_and_not_kept(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_walks=TEST)
    found = pytester.runpytest_subprocess(*PLUGIN, "-q", "--mcfsm-profile", "ci")
    found.assert_outcomes(passed=1, failed=1)
    assert not list(pytester.path.glob(".hypothesis/examples/*"))
    found.stdout.fnmatch_lines(["*An item is delivered at most once.*"])
    blob = BLOB.search(found.stdout.str())
    assert blob is not None
    once = f"""
import mcfsm
from hypothesis import reproduce_failure
Walks = {blob[0].replace("@", "")}(mcfsm.stateful({RING!r}, scenario="careless_acceptor", properties="no_duplicate"))
TestAgain = Walks.TestCase
"""
    again = pytester.runpytest_subprocess(*PLUGIN, "-q", pytester.makepyfile(test_once=once))
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["*An item is delivered at most once.*"])


@pytest.mark.slow
@pytest.mark.process
def test_what_failed_is_in_the_database(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_walks=TEST)
    # on a machine that is known for CI, Hypothesis keeps nothing unless it is told to
    found = pytester.runpytest_subprocess(*PLUGIN, "-q", "--hypothesis-profile", "default", "-k", "Careless")
    found.assert_outcomes(failed=1, deselected=1)
    assert list(pytester.path.glob(".hypothesis/examples/*"))


@pytest.mark.slow
@pytest.mark.process
def test_under_xdist_each_walks_in_one_worker_under_the_profile(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_walks=TEST)
    found = pytester.runpytest_subprocess(*PLUGIN, "-q", "-n", "2", "--mcfsm-profile", "ci")
    found.assert_outcomes(passed=1, failed=1)
    found.stdout.fnmatch_lines(
        ["*An item is delivered at most once.*", "FAILED test_walks.py::TestCareless::runTest *"]
    )
    assert BLOB.search(found.stdout.str())
