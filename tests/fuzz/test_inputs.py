"""No input ends in a traceback, with a status that is none, or with verdicts that the engines disagree about."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fuzz import inputs
from fuzz.asking import ask
from fuzz.trials import TRIALS, trial
from fuzz.wrong import Wrong

FIRST = 20  # the number of the first input of the slow run; of the long one see docs/reliability.md
RANDOMS = st.randoms(use_true_random=False)


@pytest.mark.long
@pytest.mark.parametrize("kind", TRIALS)
def test_a_few_inputs_of_each_kind(kind: str) -> None:
    @settings(max_examples=25, phases=[Phase.generate, Phase.shrink])
    @given(RANDOMS)
    def tried(rnd: Random) -> None:
        trial(kind, rnd)

    tried()


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRIALS)
def test_many_inputs_of_each_kind(kind: str) -> None:
    for number in range(FIRST, FIRST + 2000):
        trial(kind, Random(number))


def test_what_is_changed_is_right_before(tmp_path: Path) -> None:
    """Else all inputs would be refused for one and the same reason."""
    model, flow = tmp_path / "model.yaml", tmp_path / "flow.yaml"
    for text in (*inputs.TEXTS, *inputs.TINY):
        model.write_text(text, encoding="utf-8")
        assert ask("lint", model).status == 0
    model.write_text(inputs.SMALL, encoding="utf-8")
    flow.write_text(inputs.FLOW, encoding="utf-8")
    assert ask("replay", model, flow).status in (0, 1)


def test_a_defect_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("mcfsm.questions.lint.lint.lint", broken)
    with pytest.raises(Wrong, match="planted"):
        trial("YAML tokens", Random(1))


def test_a_difference_between_the_engines_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from mcfsm.explore import reference

    whole = reference._Search.findings
    monkeypatch.setattr(reference._Search, "findings", lambda self, depth, *rest: whole(self, depth + 1, *rest))
    monkeypatch.setattr(inputs, "_EDITS", (lambda text, _: text,))
    monkeypatch.setattr("fuzz.trials.statuses", lambda said: said.out)
    with pytest.raises(Wrong, match="the engines differ"):
        trial("models", Random(1))
