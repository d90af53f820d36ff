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
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from mcfsm.language.files.document import Document
    from mcfsm.model import Model
    from mcfsm.problems import Span
    from mcfsm.verdicts.verdict import Run, Verdict

_SUFFIXES = (".yaml", ".yml")
_MODEL = re.compile(rb"^model\s*:", re.M)
_FOUND, _BEFORE = "found_out", "before"  # what a test says of where its verdict comes from
_INSIDE = re.compile(rb"^(?:roles|include|scenarios)\s*:", re.M)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a search, as `mcfsm check` has them, and which models are collected unasked."""
    group = parser.getgroup("mcfsm", "models of protocols")
    group.addoption("--mcfsm-engine", choices=["exhaustive", "reference"], default="exhaustive", help="As mcfsm check.")
    group.addoption("--mcfsm-max-states", type=int, metavar="N", help="Give up after so many states: no pass.")
    group.addoption("--mcfsm-workers", type=int, metavar="N", help="Threads (default: all cores; under xdist one).")
    group.addoption("--mcfsm-no-cache", action="store_true", help="Search again what was found out before.")
    group.addoption("--mcfsm-profile", choices=["ci", "deep"], help="How long mcfsm.stateful walks at random.")
    said = "Models that are collected where nobody names them on the command line: patterns, relative to the root."
    parser.addini("mcfsm_models", said, type="args", default=[])


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

    def collect(self) -> Iterator[Scenario]:
        """Read the model. Raises CollectError with what is wrong with it, as `mcfsm check` says it."""
        from mcfsm.language.files.reader import read
        from mcfsm.language.selection import Questions, Selection
        from mcfsm.problems import ModelError

        try:
            document = read(self.shown)
            for model, property_ids in Questions(document, Selection()):
                yield Scenario.from_parent(
                    self, name=model.scenario, model=model, asked=property_ids, places=_places(document)
                )
        except ModelError as error:
            raise self.CollectError(_told(error)) from None

    @property
    def shown(self) -> str:
        """The file as a user would name it."""
        return Path(os.path.relpath(self.path, self.config.invocation_params.dir)).as_posix()


def _places(document: Document) -> dict[str, Span | None]:
    return {str(name): getattr(name, "span", None) for name in document.properties}


def _told(error: Any) -> str:
    """What is wrong with a model, with its lines."""
    from mcfsm.language.files.reader import source
    from mcfsm.problems import render

    return render(error.problems, source)


class Scenario(pytest.Collector):
    """A scenario of a model: explored once, when the first of its tests runs, for all that are to run."""

    def __init__(
        self, *, model: Model, asked: list[str], places: dict[str, Span | None], parent: CollectedModel, **given: Any
    ) -> None:
        super().__init__(parent=parent, **given)
        self.model, self.asked, self.places, self.file = model, asked, places, parent
        self._run: Run | Exception | None = None

    def collect(self) -> Iterator[Promise]:
        """A test for each property and built-in check."""
        for name in self.asked:
            yield Promise.from_parent(self, name=name)

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

    def _explored(self) -> Run:
        from mcfsm.explore.findings import Limits
        from mcfsm.verdicts.kept import KnownFindings
        from mcfsm.verdicts.run import Effort, run

        chosen = {item.name for item in self.session.items if item.parent is self}
        option = self.config.option
        limits = Limits(max_states=option.mcfsm_max_states)
        workers = option.mcfsm_workers or (1 if hasattr(self.config, "workerinput") else None)
        cache = not (option.mcfsm_no_cache or os.environ.get("MCFSM_NO_CACHE", "") not in ("", "0"))
        effort = Effort(option.mcfsm_engine, workers, limits, kept=KnownFindings.of_user() if cache else None)
        found = run(self.model, [name for name in self.asked if name in chosen], effort)
        if found.interrupted:
            raise KeyboardInterrupt
        return found

    def again(self, name: str) -> str:
        """The command that asks for one verdict of the scenario again."""
        option = self.config.option
        words = ["mcfsm check", self.file.shown, "--scenario", self.name, "--property", name]
        if option.mcfsm_engine != "exhaustive":
            words += ["--engine", option.mcfsm_engine]
        if option.mcfsm_max_states is not None:
            words += ["--max-states", str(option.mcfsm_max_states)]
        return " ".join(words)


class Promise(pytest.Item):
    """A property or built-in check of a scenario: passed where its verdict is as expected and was not cut short."""

    parent: Scenario

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.add_marker("mcfsm")

    def runtest(self) -> None:
        """Ask for the verdict. Raises NotPassed where it is no pass."""
        found = self.parent.run()
        verdict = found[self.name]
        self.user_properties += [("status", verdict.status), ("expected", str(verdict.expected))]
        self.user_properties.append(("states", str(found.findings.states)))
        self.user_properties.append((_FOUND, _BEFORE if found.taken else "now"))
        if not verdict.passed:
            raise NotPassed(found, verdict)

    def reportinfo(self) -> tuple[Path | str, int | None, str]:
        """Where the property is declared; a built-in check stands nowhere."""
        span = self.parent.places.get(self.name)
        path, line = (self.path, None) if span is None else (Path(span.file), span.line - 1)
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

    def _shown(self, text: str, message: str) -> Shown:
        path, line, _ = self.reportinfo()
        return Shown(text, FailurePlace(str(path), (line or 0) + 1, message))


class NotPassed(Exception):
    """A verdict is no pass."""

    def __init__(self, run: Run, verdict: Verdict) -> None:
        against = verdict.status if verdict.met else f"{verdict.status} ({verdict.against})"
        super().__init__(f"{against}, {verdict.reason}")
        self.run, self.verdict = run, verdict


class FailurePlace(NamedTuple):
    """Where a failure is, with a line about it, as pytest's summary has it."""

    path: str
    lineno: int
    message: str


class Shown:
    """A failure as text, as pytest shows one: no traceback, which would lead into this package and not into a model."""

    def __init__(self, text: str, reprcrash: FailurePlace) -> None:
        self.text, self.reprcrash = text, reprcrash

    def __str__(self) -> str:
        return self.text

    def toterminal(self, writer: Any) -> None:
        """Write it line by line."""
        for line in self.text.splitlines():
            writer.line(line)


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

    class ScenarioScheduling(LoadScopeScheduling):  # type: ignore[misc]
        """One unit of work for each scenario."""

        def _split_scope(self, nodeid: str) -> str:
            file, *names = nodeid.split("::")
            return "::".join([file, *names[:1]]) if file.endswith(_SUFFIXES) else nodeid

    return ScenarioScheduling(config, log)


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
