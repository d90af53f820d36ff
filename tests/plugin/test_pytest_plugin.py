"""The pytest plugin: which files are models, what is collected, and what is said of what is no pass."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from mcfsm.embedding.pytest_plugin import _models
from mcfsm.kernel.folder import cache_home

pytest_plugins = ["pytester"]
CACHES = cache_home().parent  # before pytester gives each test a home of its own, in which no kernel has been compiled
ROOT = Path(__file__).parents[2]
PLUGIN = ("-p", "mcfsm.embedding.pytest_plugin", "-p", "no:hypothesispytest")
MIXED = """
model: verdicts of several kinds
messages: {ping: {}}
roles:
  caller:
    states: [idle, waiting, done]
    initial: idle
    final: [idle, waiting, done]
    transitions:
    - {trigger: call, kind: user, source: idle, dest: waiting, send: [{ping: {to: b}}]}
    - {trigger: stop, kind: user, source: waiting, dest: done, assumption: A caller may stop at any time.}
  called:
    variables: {times: 0..9 = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {trigger: ping, set: {times: "min(times + 1, 9)"}}
properties:
  once: {text: A call is heard once at most., never: b.times > 1}
  silent: {text: Nobody calls., always: a.state == idle}
  heard: {text: Who stops was heard., when: a.state == done, always: b.times == 1}
scenarios:
  one:
    instances: {a: caller, b: called}
    channels: {default: {kind: fifo, bound: 1}}
    expect: {silent: violated}
  two: {like: one, expect: {heard: violated}}
"""
IDS = ("once", "silent", "heard", "check.deadlock", "check.reception", "check.overflow")


@pytest.fixture
def models(pytester: pytest.Pytester) -> Path:
    folder = pytester.mkdir("models")
    (folder / "mixed.yaml").write_text(MIXED, encoding="utf-8")
    (folder / "part.yaml").write_text("messages: {pong: {}}\n", encoding="utf-8")
    (folder / "other.yaml").write_text("model: something else\nname: of no protocol\n", encoding="utf-8")
    return folder


def run(pytester: pytest.Pytester, *words: str) -> pytest.RunResult:
    return pytester.runpytest(*PLUGIN, *words)


@pytest.mark.usefixtures("models")
def test_each_scenario_and_property_is_a_test(pytester: pytest.Pytester) -> None:
    found = run(pytester, "models", "--collect-only", "-q")
    expected = [f"models/mixed.yaml::{scenario}::{name}" for scenario in ("one", "two") for name in IDS]
    assert [line for line in found.outlines if "::" in line] == expected


@pytest.mark.usefixtures("models")
def test_a_failure_is_told_as_check_tells_it_and_how_to_see_it_again(pytester: pytest.Pytester) -> None:
    found = run(pytester, "models", "-q")
    found.assert_outcomes(passed=11, failed=1)
    found.stdout.fnmatch_lines(
        [
            "*one::heard*",
            "VIOLATED (not PROVED)  heard  2 steps, shortest",
            "  Who stops was heard.",
            "*after step 2: a.state = done, b.times = 0",
            "  Relies on:",
            "    caller.stop.1 (assumption: A caller may stop at any time.)",
            "Again: mcfsm check models/mixed.yaml --scenario one --property heard",
            "FAILED models/mixed.yaml::one::heard - VIOLATED (not PROVED), 2 steps, shortest",
        ]
    )
    assert "Traceback" not in found.stdout.str()
    assert "pytest_plugin.py" not in found.stdout.str()


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("option", ["--mcfsm-max-states", "--mcfsm-workers"])
@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_what_check_refuses_is_refused(pytester: pytest.Pytester, option: str, value: str) -> None:
    found = run(pytester, "models", f"{option}={value}")
    assert found.ret == pytest.ExitCode.USAGE_ERROR
    found.stderr.fnmatch_lines([f"*argument {option}: {value} is no number from 1 on"])


@pytest.mark.usefixtures("models")
def test_incomplete_is_no_pass_also_where_it_is_expected(pytester: pytest.Pytester, models: Path) -> None:
    words = (
        "models",
        "-q",
        "-k",
        "once",
        "--mcfsm-max-states",
        "2",
        "--mcfsm-engine",
        "reference",
        "--mcfsm-workers",
        "1",
    )
    found = run(pytester, *words)
    found.assert_outcomes(failed=2, deselected=10)
    again = "Again: mcfsm check models/mixed.yaml --scenario one --property once --engine reference --max-states 2"
    found.stdout.fnmatch_lines(["INCOMPLETE (not PROVED)  once *--max-states 2 *", again])
    file = models / "mixed.yaml"
    file.write_text(MIXED.replace("{silent: violated}", "{silent: violated, once: incomplete}"), encoding="utf-8")
    found = run(pytester, *words)
    found.assert_outcomes(failed=2, deselected=10)
    found.stdout.fnmatch_lines(["INCOMPLETE (expected)  once *"])


@pytest.mark.usefixtures("models")
def test_a_verdict_that_is_better_than_expected_is_no_pass(pytester: pytest.Pytester, models: Path) -> None:
    file = models / "mixed.yaml"
    file.write_text(MIXED.replace("{silent: violated}", "{once: violated, silent: violated}"), encoding="utf-8")
    found = run(pytester, "models/mixed.yaml::one::once", "-q")
    found.assert_outcomes(failed=1)
    found.stdout.fnmatch_lines(["PROVED (not VIOLATED)  once  exhaustive", "  A call is heard once at most."])


def test_what_is_wrong_with_a_model_is_said_with_its_line(pytester: pytest.Pytester, models: Path) -> None:
    file = models / "mixed.yaml"
    file.write_text(MIXED.replace("dest: waiting", "dest: wating"), encoding="utf-8")
    found = run(pytester, "models", "-q")
    found.assert_outcomes(errors=1)
    found.stdout.fnmatch_lines(
        ["models/mixed.yaml:10:*: error M301: role caller has no state wating", "  hint: did you mean waiting?"]
    )
    assert "Traceback" not in found.stdout.str()


def test_what_turns_out_to_be_wrong_on_the_way_is_said_of_each(pytester: pytest.Pytester, models: Path) -> None:
    file = models / "mixed.yaml"
    wrong = MIXED.replace("times: 0..9 = 0", "times: 0..9 = 9").replace("min(times + 1, 9)", "times + 1")
    file.write_text(wrong, encoding="utf-8")
    found = run(pytester, "models", "-q", "-k", "one and (reception or deadlock)")
    found.assert_outcomes(failed=2, deselected=10)
    found.stdout.fnmatch_lines(["models/mixed.yaml:*: error M701: *", "Again: mcfsm check *", "FAILED *M701*"])
    assert "Traceback" not in found.stdout.str()


@pytest.mark.usefixtures("models")
def test_marks_names_and_what_failed_last(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_other(): pass")
    run(pytester, "-m", "mcfsm", "models", "test_marks_names_and_what_failed_last.py", "-q").assert_outcomes(
        passed=11, failed=1, deselected=1
    )
    run(pytester, "models", "-q", "-k", "deadlock").assert_outcomes(passed=2, deselected=10)
    run(pytester, "models", "-q", "--lf").assert_outcomes(failed=1)
    markers = run(pytester, "--markers", "--strict-markers")
    markers.stdout.fnmatch_lines(["@pytest.mark.mcfsm: *"])


@pytest.mark.usefixtures("models")
def test_nothing_is_collected_that_nobody_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_other(): pass")
    run(pytester, "-q").assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nmcfsm_models = models\n")
    run(pytester, "-q").assert_outcomes(passed=12, failed=1)
    pytester.makeini("[pytest]\nmcfsm_models = models/p*.yaml\n")
    run(pytester, "-q").assert_outcomes(passed=1)


@pytest.mark.usefixtures("models")
def test_junit_says_what_was_found(pytester: pytest.Pytester) -> None:
    run(pytester, "models", "-q", "--junit-xml=found.xml")
    cases = ElementTree.parse(pytester.path / "found.xml").getroot().findall(".//testcase")
    assert [(case.get("classname"), case.get("name")) for case in cases[:2]] == [
        ("models.mixed.yaml.one", "once"),
        ("models.mixed.yaml.one", "silent"),
    ]
    told = {(one.get("name"), one.get("value")) for one in cases[1].iter("property")}
    assert told == {("status", "VIOLATED"), ("expected", "VIOLATED"), ("states", "5"), ("found_out", "now")}
    (failure,) = [failure for case in cases for failure in case.iter("failure")]
    assert failure.get("message") == "VIOLATED (not PROVED), 2 steps, shortest"
    assert "Again: mcfsm check" in (failure.text or "")


@pytest.mark.usefixtures("models")
def test_what_was_found_out_before_is_said_and_fails_alike(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MCFSM_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "cache"))
    said = "mcfsm: 2 of 2 scenarios as found out before; --mcfsm-no-cache searches all again"
    first, again, anew = (run(pytester, "models", "-q", *words) for words in ((), (), ("--mcfsm-no-cache",)))
    for found in (first, again, anew):
        found.assert_outcomes(passed=11, failed=1)
    assert [said in found.outlines for found in (first, again, anew)] == [False, True, False]
    assert (
        "mcfsm: 1 of 2 scenarios as found out before" in first.stdout.str()
    )  # the second expects another verdict alone
    shown = [[line for line in found.outlines[:-1] if not line.startswith("mcfsm: ")] for found in (first, again)]
    assert shown[0] == shown[1]


GREEN = MIXED.replace("{silent: violated}", "{silent: violated, heard: violated}")


def test_of_files_as_they_were_no_model_is_read(
    pytester: pytest.Pytester, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all tests of a scenario passed; what is changed, chosen or failed is read, and shown as ever."""
    monkeypatch.delenv("MCFSM_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "cache"))
    (models / "mixed.yaml").write_text(GREEN, encoding="utf-8")
    first = run(pytester, "models", "-v")
    first.assert_outcomes(passed=12)
    with monkeypatch.context() as patched:
        patched.setattr("mcfsm.language.files.reader.read", lambda *_: pytest.fail("the model is read"))
        again = run(pytester, "models", "-v", "--junit-xml=found.xml")
        again.assert_outcomes(passed=12)
        run(pytester, "models", "-q", "-k", "silent").assert_outcomes(failed=2, deselected=10)
        run(pytester, "models", "-q", "--mcfsm-max-states", "9").assert_outcomes(failed=12)
    again.stdout.fnmatch_lines(["mcfsm: 2 of 2 scenarios as found out before; *"])
    tests = [[line for line in found.outlines if "::" in line] for found in (first, again)]
    assert tests[0] == tests[1]
    case = ElementTree.parse(pytester.path / "found.xml").getroot().findall(".//testcase")[1]
    told = {(one.get("name"), one.get("value")) for one in case.iter("property")}
    assert told == {("status", "VIOLATED"), ("expected", "VIOLATED"), ("states", "5"), ("found_out", "before")}
    (models / "mixed.yaml").write_text(MIXED, encoding="utf-8")
    run(pytester, "models", "-q").assert_outcomes(passed=11, failed=1)


def test_of_a_file_that_changes_as_it_is_read_nothing_is_kept(
    pytester: pytest.Pytester, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MCFSM_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "cache"))
    monkeypatch.setattr("mcfsm.verdicts.kept.outline.Outlines.keep", lambda *_: None)
    (models / "mixed.yaml").write_text(GREEN, encoding="utf-8")
    run(pytester, "models", "-q", "-k", "one").assert_outcomes(passed=6, deselected=6)


def test_a_model_has_the_name_of_a_file_in_yaml(models: Path) -> None:
    assert _models(models)
    (models / "mixed.yaml").rename(models / "mixed.txt")
    assert not _models(models)


@pytest.mark.process
@pytest.mark.usefixtures("models")
def test_processes_of_xdist_take_and_keep_alike(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MCFSM_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "cache"))
    words = ("models", "-q", "--mcfsm-engine", "reference", "-n", "2", "--junit-xml=found.xml")
    run(pytester, *words).assert_outcomes(passed=11, failed=1)
    (failure,) = ElementTree.parse(pytester.path / "found.xml").getroot().iter("failure")
    assert failure.get("message") == "VIOLATED (not PROVED), 2 steps, shortest"  # as without xdist
    found = run(pytester, "models", "-q", "--mcfsm-engine", "reference", "-n", "2")
    found.assert_outcomes(passed=11, failed=1)
    found.stdout.fnmatch_lines(["mcfsm: 2 of 2 scenarios as found out before; *"])


COUNTING = """
import os
import mcfsm.verdicts.run as runs
explored = runs.run
def counted(model, *given, **more):
    with open({file!r}, "a") as log:
        log.write(model.scenario + "\\n")
    return explored(model, *given, **more)
runs.run = counted
"""


@pytest.mark.process
@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("distributed", [pytest.param("load", marks=pytest.mark.slow), "worksteal"])
def test_a_scenario_is_explored_once_whoever_runs_its_tests(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, distributed: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(CACHES))
    log = pytester.path / "log.txt"
    pytester.makeconftest(COUNTING.format(file=str(log)))
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(6))\ndef test_other(n): pass")
    found = run(pytester, ".", "-q", "-n", "2", "--dist", distributed)
    found.assert_outcomes(passed=17, failed=1)
    assert sorted(log.read_text("utf-8").split()) == ["one", "two"]
    found.stdout.fnmatch_lines(["Again: mcfsm check models/mixed.yaml --scenario one --property heard"])


@pytest.mark.process
def test_nothing_heavy_is_imported_before_a_model_is_collected(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\ndef test_it():\n"
        "    known = ['mcfsm', 'mcfsm.embedding', 'mcfsm.embedding.pytest_plugin']\n"
        "    assert [m for m in sys.modules if m.startswith('mcfsm')] == known\n"
        "    assert not {'numpy', 'rich', 'hypothesis', 'yaml', 'transitions'} & set(sys.modules)\n"
    )
    pytester.runpytest_subprocess(*PLUGIN, "-q").assert_outcomes(passed=1)


@pytest.mark.process
def test_the_tests_of_this_project_collect_no_models() -> None:
    command = [sys.executable, "-m", "pytest", "-p", "mcfsm.embedding.pytest_plugin", "--collect-only", "-q"]
    where = ["tests/samples", "tests/diagnostics/cases", "tests/diagnostics/test_codes.py"]
    done = subprocess.run([*command, *where], cwd=ROOT, capture_output=True, text=True)
    assert "tests/diagnostics/test_codes.py::" in done.stdout
    assert ".yaml::" not in done.stdout
