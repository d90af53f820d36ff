"""Every question that takes many searches, ended at any moment: by its seconds, and by a signal.

It answers as far as it came: its record is whole, says what ended it and what was left, and no status of it is another
than that of the whole answer, but INCOMPLETE. The exit status is 2, or 1 where that is known already.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from served import write_served

from fuzz.asking import Said, ask
from fuzz.test_interruptions import at_call, moments
from mcfsm.explore.stopping import Stopped
from mcfsm.questions.families.family import Variant
from mcfsm.questions.families.matrix import whole_choices
from mcfsm.verdicts.budget import QuestionBudget

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]
STATUSES = frozenset({"PROVED", "VIOLATED", "VACUOUS"})
QUESTIONS = {
    "overview": ["--workers", "1"],
    "assumptions": ["--workers", "1"],
    "matrix": ["--workers", "1"],
    "conditions": ["--property", "served"],
    "interwork": ["--change", "number"],
    "repair": ["--property", "served"],
    "ladder": ["--faults", "loss,crash"],
    "why": ["--property", "served"],
    "mutate": [],
    "compare": ["--change", "deaf"],
    "receptions": [],
}
UNTOLD = "INCOMPLETE"
SOON = 5  # looks at the budget after which it may be over, at first one by one


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_served(tmp_path_factory.mktemp("served"))


def put(question: str, served: Path, *more: str) -> Said:
    return ask(question, served, *QUESTIONS[question], *more, "--json", "-")


def told(record: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every status in a record, with what names its place."""
    if isinstance(record, dict):
        if UNTOLD in (record.get("before"), record.get("after")):
            return  # a verdict that is another is told where both are
        named = [str(record[key]) for key in ("scenario", "role", "id", "name", "changes", "roles") if key in record]
        place = (*place, *named, *(f"{key}={value}" for key, value in record.get("readings", {}).items()))
        for key, value in record.items():
            if key in ("status", "statuses", "before", "after", "verdicts"):
                yield from told(value, (*place, key))
            elif isinstance(value, dict | list) and key not in ("alone", "pairs", "undone", "left", "flows"):
                yield from told(value, place)
    elif isinstance(record, list):
        for number, value in enumerate(record):
            yield from told(value, (*place, str(number)))
    elif record in STATUSES:
        yield place, record


def assert_told_in_part(said: Said, whole: Said) -> bool:
    """That an answer is a part of the whole one; whether it was ended."""
    assert not said.defect, said.err
    found, everything = json.loads(said.out), json.loads(whole.out)
    stopped = found.get("stopped")
    if stopped is None:
        assert (said.status, found | {"timing": None}) == (whole.status, everything | {"timing": None})
        return False
    assert said.status in (1, 2)
    assert found.get("exit_status", said.status) == said.status
    some = dict(told(found)).items()
    assert some <= dict(told(everything)).items()
    return True


@pytest.mark.parametrize("question", QUESTIONS)
def test_seconds_that_are_over_at_any_look(question: str, served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = put(question, served)
    assert whole.status in (0, 1), whole.err
    ended, limit, most = [], 0, 400

    def spent(_: QuestionBudget) -> float:
        nonlocal looks
        looks += 1
        return 0.0 if looks <= limit else 1e9

    monkeypatch.setattr(QuestionBudget, "spent", spent)
    while limit < most:
        looks = 0
        said = put(question, served, "--max-seconds", "1e6")
        ended.append(assert_told_in_part(said, whole))
        if not ended[-1]:
            break
        assert json.loads(said.out)["stopped"] == "--max-seconds 1e+06"
        limit += 1 if limit < SOON else limit // 2
    assert ended[0]
    assert not ended[-1]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("count", [1, pytest.param(200, marks=pytest.mark.slow)])
def test_a_signal_at_any_moment(question: str, count: int, served: Path) -> None:
    def work() -> Said:
        return put(question, served)

    whole, calls = at_call(0, None, work)
    for number in moments(calls, count):
        said, _ = at_call(number, lambda: Stopped("SIGTERM"), work)
        if assert_told_in_part(said, whole):
            assert json.loads(said.out)["stopped"] == "SIGTERM"


def test_what_was_left_is_said(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def text(question: str) -> str:
        return ask(question, served, *QUESTIONS[question], "--max-seconds", "1e6").out

    looks: Callable[[QuestionBudget], float] = lambda _: 0.0 if not left else left.pop()  # noqa: E731
    left = [1e9] * 99
    monkeypatch.setattr(QuestionBudget, "spent", looks)
    assert text("matrix") == ""
    left = []
    asked: list[Iterable[Variant]] = []

    def signalled(variants: Iterable[Variant]) -> list[Any]:
        """The choices of the first scenario, and a signal while the second is asked about."""
        asked.append(variants)
        if len(asked) > 1:
            raise Stopped("SIGTERM")
        return whole_choices(variants)

    monkeypatch.setattr("mcfsm.questions.families.matrix.whole_choices", signalled)
    said = text("matrix").splitlines()
    assert said[-1] == "Stopped by SIGTERM; not answered to the end: fixed."
