"""A check as commands of a GitHub workflow: what is no pass is an annotation at its place in the files of the model."""

from __future__ import annotations

from collections.abc import Iterator

from mcfsm.problems import Span
from mcfsm.questions.check import Checked
from mcfsm.report.again import again
from mcfsm.report.formats.places import places_of, said, warning_at


def written(checked: Checked, *, strict: bool = False) -> str:
    """A line for each annotation: the property, and beside it the transition that decides it; then the warnings."""
    return "".join(f"{line}\n" for line in _lines(checked, strict))


def _lines(checked: Checked, strict: bool) -> Iterator[str]:
    for run in checked.runs:
        for verdict in run.verdicts:
            if verdict.passed:
                continue
            places = places_of(checked, run, verdict)
            level = "warning" if verdict.status == "INCOMPLETE" else "error"
            title = f"{verdict.status} {verdict.id} in {run.name}"
            text = f"{said(run, verdict)}\nAgain: {again(checked, run, verdict)}"
            yield _command(level, places.first, title, text)
            if places.promise is not None and places.decides is not None:
                told = f"The flow that decides {verdict.id} ends with {places.transition}"
                yield _command("notice", places.decides, title, told)
    for failed in checked.errors:
        for problem in failed.error.problems:
            yield _command("error", problem.span, f"{problem.code} in {failed.scenario}", problem.message)
    for warning in checked.warnings:
        place, sentence = warning_at(warning)
        yield _command("error" if strict else "warning", place, "mcfsm", sentence)


def _command(level: str, place: Span | None, title: str, text: str) -> str:
    where = {} if place is None else {"file": place.file, "line": place.line, "col": place.column}
    given = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in {**where, "title": title}.items())
    return f"::{level} {given}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    """The text as these commands want it: what would end a value or a line is a percent sign and its number."""
    return "".join(f"%{ord(c):02X}" if c in f"%\r\n{more}" else c for c in text)
