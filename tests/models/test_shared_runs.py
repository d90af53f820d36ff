"""The session's cache: an answer kept is the answer found, and another text, question or program has another name."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shared_runs
from shared_runs import checked, digest_of, question

from mcfsm.problems import ModelError
from mcfsm.questions.check import check

RING = Path(__file__).parents[2] / "models" / "textbook" / "token_ring.yaml"
TWO: dict[str, Any] = {"scenarios": ["two_tokens"], "settings": {"nodes": "2"}}


@pytest.fixture(autouse=True)
def _empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_runs, "folder", tmp_path)
    monkeypatch.setattr(shared_runs, "_known", {})


def test_another_worker_gets_the_answer_that_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = checked(RING, **TWO, normative_flows=True)
    found = check(RING, **TWO).runs[0].verdicts  # which says of how many users it holds, too
    assert wanted.runs[0].verdicts == tuple(replace(verdict, any_number=()) for verdict in found)
    monkeypatch.setattr(shared_runs, "_known", {})  # what another worker knows
    monkeypatch.setattr(shared_runs, "run", None)
    assert checked(RING, **TWO, normative_flows=True) == wanted


def test_nothing_is_kept_of_a_question_that_failed(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ModelError, match="unknown scenario three_tokens"):
            checked(RING, scenarios=["three_tokens"])
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_every_text_question_and_program_has_its_own_name(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    shutil.copy(RING, model / "model.yaml")
    (model / "clauses.yaml").write_text("{}\n", "utf-8")
    names = [question(model, asked) for asked in ({}, {"everything": True}, {"scenarios": ["ring"]})]
    for file in ("model.yaml", "clauses.yaml"):
        with (model / file).open("a", encoding="utf-8") as stream:
            stream.write("# no word more\n")
        names.append(question(model, {}))
    assert len(set(names)) == 5
    with pytest.raises(TypeError):
        question(model, {"limits": RING})
    before = digest_of([model / "model.yaml"])
    (model / "model.yaml").write_text("", "utf-8")
    assert digest_of([model / "model.yaml"]) != before
