"""pytest and models: each scenario and property of a model file is a test of its own.

`pytest models/` collects every model below the folder, `pytest models/one.yaml` one; what nobody names on the command
line is left alone, unless the setting `mcfsm_models` lists it. A test passes where the verdict is as expected and the
search was not cut short. All that is asked of a scenario is explored once, also under xdist.

What may live here: what pytest has to be told. It is loaded whenever pytest begins, so that it imports nothing of this
package before a model is collected.
"""

from __future__ import annotations

import os
import re
import shlex
from argparse import ArgumentTypeError
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import ReprExceptionInfo, ReprFileLocation, ReprTracebackNative

if TYPE_CHECKING:
    from mcfsm.language.files.document import Document
    from mcfsm.model import Model
    from mcfsm.verdicts.kept.outline import Outline, Outlines, Passed
    from mcfsm.verdicts.verdict import Run, Verdict

_SUFFIXES = (".yaml", ".yml")
_MODEL = re.compile(rb"^model\s*:", re.M)
_FOUND, _BEFORE = "found_out", "before"  # what a test says of where its verdict comes from
_INSIDE = re.compile(rb"^(?:roles|include|scenarios)\s*:", re.M)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a search, as `mcfsm check` has them, and which models are collected unasked."""
    group = parser.getgroup("mcfsm", "models of protocols")
    group.addoption("--mcfsm-engine", choices=["exhaustive", "reference"], default="exhaustive", help="As mcfsm check.")
    group.addoption("--mcfsm-max-states", type=_count, metavar="N", help="Give up after so many states: no pass.")
    group.addoption("--mcfsm-workers", type=_count, metavar="N", help="Threads (default: all cores; under xdist one).")
    group.addoption("--mcfsm-no-cache", action="store_true", help="Search again what was found out before.")
    group.addoption("--mcfsm-profile", choices=["ci", "deep"], help="How long mcfsm.stateful walks at random.")
    said = "Models that are collected where nobody names them on the command line: patterns, relative to the root."
    parser.addini("mcfsm_models", said, type="args", default=[])


def _count(text: str) -> int:
    """A number that `mcfsm check` takes for the same option. Raises ArgumentTypeError for what is none, and below 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is no number from 1 on")
    return int(text)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark that every test of a model has; hand the profile on to what is imported later."""
    if config.option.mcfsm_profile is not None:
        os.environ["MCFSM_PROFILE"] = config.option.mcfsm_profile
    config.addinivalue_line("markers", "mcfsm: a verdict on a model of a protocol (given to these tests by mcfsm)")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CollectedModel | None:
    """The tests of a model file that was asked for; None for any other file."""
    if file_path.suffix not in _SUFFIXES or not _is_wanted(parent.config, file_path) or not _is_model(file_path):
        return None
    found: CollectedModel = CollectedModel.from_parent(parent, path=file_path)
    return found


def _is_wanted(config: pytest.Config, file: Path) -> bool:
    """Whether somebody named the file or a folder of it, or the setting lists it."""
    patterns = config.getini("mcfsm_models")
    here = os.path.relpath(file, config.rootpath)
    if any(fnmatch(here, pattern) or fnmatch(here, f"{pattern.rstrip('/')}/*") for pattern in patterns):
        return True
    return config.args_source is pytest.Config.ArgsSource.ARGS


def _is_model(file: Path) -> bool:
    """Whether a file has the keys that a model has, and parts of one have not: it is read for good later."""
    try:
        text = file.read_bytes()[:1_000_000]
    except OSError:
        return False
    return bool(_MODEL.search(text) and _INSIDE.search(text))


class CollectedModel(pytest.File):
    """A model: the scenarios that it has, each with what is asked of it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.outline: Outline | None = None
        self.places: Mapping[str, tuple[str, int]] = {}

    def collect(self) -> Iterator[Scenario]:
        """Read the model, but where its files are as they were. Raises CollectError with what is wrong with it."""
        outlines = self.outlines()
        self.outline = None if outlines is None else outlines.known(self.shown, self.path)
        if self.outline is not None:
            self.places = self.outline.places
            for name, known in self.outline.scenarios.items():
                yield Scenario.from_parent(self, name=name, asked=list(known))
            return
        for model, asked in self._read(outlines):
            yield Scenario.from_parent(self, name=model.scenario, asked=asked, model=model)

    def _read(self, outlines: Outlines | None) -> list[tuple[Model, list[str]]]:
        from mcfsm.language.files.reader import stamps
        from mcfsm.problems import ModelError
        from mcfsm.verdicts.kept.outline import digests

        before = {} if outlines is None else digests(stamps(self.path))
        try:
            found, document = self.questions()
        except ModelError as error:
            raise self.CollectError(_told(error)) from None
        spans = {str(name): getattr(name, "span", None) for name in document.properties}
        self.places = {name: (span.file, span.line) for name, span in spans.items() if span is not None}
        if outlines is not None:
            scenarios = {model.scenario: asked for model, asked in found}
            self.outline = outlines.keep(self.shown, self.path, before, scenarios, self.places)
        return found

    def questions(self, *scenarios: str) -> tuple[list[tuple[Model, list[str]]], Document]:
        """The scenarios, or some of them, with what is asked of each. Raises ModelError."""
        from mcfsm.language.files.reader import read
        from mcfsm.language.selection import Questions, Selection

        document = read(self.shown)
        return list(Questions(document, Selection(scenarios=scenarios or None))), document

    def outlines(self) -> Outlines | None:
        """What is known of models whose files are as they were; None where nothing is to be."""
        if not _caches(self.config):
            return None
        from mcfsm.verdicts.kept.outline import Outlines

        return Outlines.of_user()

    @property
    def shown(self) -> str:
        """The file as a user would name it."""
        return Path(os.path.relpath(self.path, self.config.invocation_params.dir)).as_posix()


def _caches(config: pytest.Config) -> bool:
    """Whether what was found out before is taken from there."""
    return not (config.option.mcfsm_no_cache or os.environ.get("MCFSM_NO_CACHE", "") not in ("", "0"))


def _told(error: Any) -> str:
    """What is wrong with a model, with its lines."""
    from mcfsm.language.files.reader import source
    from mcfsm.problems import render

    return render(error.problems, source)


class Scenario(pytest.Collector):
    """A scenario of a model: explored once, when the first of its tests runs, for all that are to run."""

    def __init__(self, *, asked: list[str], parent: CollectedModel, model: Model | None = None, **given: Any) -> None:
        super().__init__(parent=parent, **given)
        self.asked, self.file = asked, parent
        self._model = model
        self._run: Run | Exception | None = None
        self._passed: Mapping[str, Passed] | None = None

    def collect(self) -> Iterator[Promise]:
        """A test for each property and built-in check."""
        for name in self.asked:
            yield Promise.from_parent(self, name=name)

    def passed(self) -> Mapping[str, Passed]:
        """What is known of its tests, all of which passed before and are to run; nothing where some did not."""
        if self._passed is None:
            outlines, outline, chosen = self.file.outlines(), self.file.outline, self._chosen()
            known = None
            if outlines is not None and outline is not None and chosen == self.asked:
                known = outlines.passed(outline, self.name, self._how())
            self._passed = known or {}
        return self._passed

    def run(self) -> Run:
        """The verdicts on all that is to run. Raises ModelError where the model turns out to be wrong on the way."""
        if self._run is None:
            try:
                self._run = self._explored()
            except Exception as error:
                self._run = error  # of each test alike, and not met again for each
        if isinstance(self._run, Exception):
            raise self._run
        return self._run

    def _chosen(self) -> list[str]:
        """What of it is to run."""
        chosen = {item.name for item in self.session.items if item.parent is self}
        return [name for name in self.asked if name in chosen]

    def _how(self) -> str:
        """What a search differs by, besides the model."""
        option = self.config.option
        return f"{option.mcfsm_engine} {option.mcfsm_max_states}"

    def _explored(self) -> Run:
        from mcfsm.explore.findings import Limits
        from mcfsm.verdicts.any_number import with_any_number
        from mcfsm.verdicts.kept.keeping import KnownFindings
        from mcfsm.verdicts.kept.outline import Passed
        from mcfsm.verdicts.run import Effort, run

        if self._model is None:
            ((self._model, _),), _ = self.file.questions(self.name)
        chosen, option = self._chosen(), self.config.option
        limits = Limits(max_states=option.mcfsm_max_states)
        workers = option.mcfsm_workers or (1 if hasattr(self.config, "workerinput") else None)
        kept = KnownFindings.of_user() if _caches(self.config) else None
        found = with_any_number(run(self._model, chosen, Effort(option.mcfsm_engine, workers, limits, kept=kept)))
        if found.interrupted:
            raise KeyboardInterrupt
        outlines, outline = self.file.outlines(), self.file.outline
        if outlines is not None and outline is not None and chosen == self.asked and not found.unexpected:
            states = found.findings.states
            each = {one.id: Passed(one.status, str(one.expected), states) for one in found.verdicts}
            outlines.keep_passed(outline, self.name, self._how(), each)
        return found

    def again(self, name: str) -> str:
        """The command that asks for one verdict of the scenario again."""
        option = self.config.option
        words = ["mcfsm", "check", self.file.shown, "--scenario", self.name, "--property", name]
        if option.mcfsm_engine != "exhaustive":
            words += ["--engine", option.mcfsm_engine]
        if option.mcfsm_max_states is not None:
            words += ["--max-states", str(option.mcfsm_max_states)]
        return shlex.join(words)


class Promise(pytest.Item):
    """A property or built-in check of a scenario: passed where its verdict is as expected and was not cut short."""

    parent: Scenario

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.add_marker("mcfsm")

    def runtest(self) -> None:
        """Ask for the verdict. Raises NotPassed where it is no pass."""
        known = self.parent.passed().get(self.name)
        if known is not None:
            self._note(*known, before=True)
            return
        found = self.parent.run()
        verdict = found[self.name]
        self._note(verdict.status, str(verdict.expected), found.findings.states, before=found.taken)
        self.user_properties += [("holds for", str(claim)) for claim in verdict.any_number if claim.shown]
        if not verdict.passed:
            raise NotPassed(found, verdict)

    def _note(self, status: str, expected: str, states: int, *, before: bool) -> None:
        """Say what is known of it, for JUnit XML and for the last line."""
        self.user_properties += [("status", status), ("expected", expected), ("states", str(states))]
        self.user_properties.append((_FOUND, _BEFORE if before else "now"))

    def reportinfo(self) -> tuple[Path | str, int | None, str]:
        """Where the property is declared; a built-in check stands nowhere."""
        place = self.parent.file.places.get(self.name)
        path, line = (self.path, None) if place is None else (Path(place[0]), place[1] - 1)
        return path, line, f"{self.parent.name}::{self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> Any:
        """What is said of a failure: what `mcfsm check` prints of the verdict, and how to ask for it again."""
        from mcfsm.problems import ModelError

        error = excinfo.value
        if isinstance(error, ModelError):
            message = f"{error.problems[0].code} {error.problems[0].message}"
            return self._shown(f"{_told(error)}\n\nAgain: {self.parent.again(self.name)}", message)
        if isinstance(error, NotPassed):
            from mcfsm.report.verdict_text import verdict_as_text

            text = verdict_as_text(error.run, error.verdict, width=_width(self.config))
            return self._shown(f"{text}\nAgain: {self.parent.again(self.name)}", str(error))
        return super().repr_failure(excinfo)

    def _shown(self, text: str, message: str) -> ReprExceptionInfo:
        """A failure as text and as a line; no traceback, which would lead into this package and not into a model.

        xdist hands on the line of this class alone.
        """
        path, line, _ = self.reportinfo()
        place = ReprFileLocation(str(path), (line or 0) + 1, message)
        return ReprExceptionInfo(ReprTracebackNative([f"{one}\n" for one in text.splitlines()]), place)


class NotPassed(Exception):
    """A verdict is no pass."""

    def __init__(self, run: Run, verdict: Verdict) -> None:
        against = verdict.status if verdict.met else f"{verdict.status} ({verdict.against})"
        super().__init__(f"{against}, {verdict.reason}")
        self.run, self.verdict = run, verdict


def _width(config: pytest.Config) -> int:
    """Columns of the terminal; some number of them where there is none."""
    writer = config.pluginmanager.get_plugin("terminalreporter")
    return max(60, writer._tw.fullwidth) if writer is not None else 100


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many scenarios are as they were found out before, and were not searched now."""
    found: dict[str, str] = {}
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        said = dict(getattr(report, "user_properties", ())).get(_FOUND)
        if said is not None:
            found[report.nodeid.rpartition("::")[0]] = str(said)
    known = sum(said == _BEFORE for said in found.values())
    if known:
        every = f"{len(found)} scenario{'s' if len(found) > 1 else ''}"
        terminalreporter.write_line(
            f"mcfsm: {known} of {every} as found out before; --mcfsm-no-cache searches all again"
        )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where models are asked for, what belongs to a scenario goes to one worker, and any other test to any."""
    if config.getvalue("dist") not in ("load", "worksteal") or not _names_models(config):
        return None
    from xdist.scheduler import LoadScopeScheduling

    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = _unit_of_work
    return scheduling


def _unit_of_work(nodeid: str) -> str:
    """What one worker does as a whole: of a model a scenario, else a test."""
    file, *names = nodeid.split("::")
    return "::".join([file, *names[:1]]) if file.endswith(_SUFFIXES) else nodeid


def _names_models(config: pytest.Config) -> bool:
    """Whether some model is among what the command line names, or the setting lists any."""
    return bool(config.getini("mcfsm_models")) or any(_models(Path(word.partition("::")[0])) for word in config.args)


def _models(path: Path) -> bool:
    if path.is_file():
        return path.suffix in _SUFFIXES and _is_model(path)
    return any(_is_model(file) for suffix in _SUFFIXES for file in _below(path, suffix))


def _below(folder: Path, suffix: str) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if name.endswith(suffix))
