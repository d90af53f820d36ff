"""The flows of a check as files: for `mcfsm replay`, and as tests that replay them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from mcfsm.host.whole_files import write_whole
from mcfsm.model import CHECKS
from mcfsm.report.style import differing
from mcfsm.verdicts.flow_file import flow_text, identifier, test_text
from mcfsm.verdicts.verdict import Run, Verdict

__all__ = ["flow_text", "write_flows", "write_tests"]


def write_flows(runs: Iterable[Run], folder: Path) -> list[Path]:
    """The flow of every verdict that has one, a file each. Raises OSError where they cannot be written."""

    def named(run: Run, verdict: Verdict) -> str:
        values = [constant.value for constant in (*run.model.readings, *run.model.options)]
        return f"{'.'.join([run.model.scenario, *values, verdict.id])}.yaml"

    def text(run: Run, verdict: Verdict) -> str:
        assert verdict.trace is not None
        return flow_text(run.model, verdict.trace, f"{verdict.id}: {verdict.text}")

    return _write(runs, folder, named, text)


def write_tests(runs: Sequence[Run], folder: Path) -> list[Path]:
    """A test for each of these flows, a file each. Raises OSError where they cannot be written.

    What a built-in check finds where transitions are left out, or by the text alone, has none: it is no flow of the
    whole model that ends so.
    """

    def text(run: Run, verdict: Verdict) -> str | None:
        return None if run.restricted and verdict.id in CHECKS else test_text(run, verdict.id)

    taken: Counter[str] = Counter()

    def named(run: Run, verdict: Verdict) -> str:
        models = [other.model for other in runs if other.model.scenario == run.model.scenario]
        variant = differing(models)[[id(model) for model in models].index(id(run.model))]
        name = identifier(" ".join(filter(None, ["test", run.model.scenario, variant, verdict.id])))
        taken[name] += 1
        return f"{name}.py" if taken[name] == 1 else f"{name}_{taken[name]}.py"

    return _write(runs, folder, named, text)


def _write(
    runs: Iterable[Run], folder: Path, named: Callable[[Run, Verdict], str], text: Callable[[Run, Verdict], str | None]
) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for run in runs:
        for verdict in run.verdicts:
            content = None if verdict.trace is None else text(run, verdict)
            if content is not None:
                path = folder / named(run, verdict)
                write_whole(path, content)
                written.append(path)
    return written
