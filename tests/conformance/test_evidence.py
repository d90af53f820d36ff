"""Every verdict on random models is verified by its evidence, under each fairness, and a wrong ranking is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from common import until
from hypothesis import HealthCheck, Phase, given, seed, settings
from randomized.strategies import model_texts, resolve_text

from mcfsm.evidence.records import NoEvidence
from mcfsm.evidence.verify import verify
from mcfsm.explore.findings import Limits
from mcfsm.explore.liveness import ranking
from mcfsm.explore.liveness.graph import Graph
from mcfsm.model import Fairness, LivenessProperty
from mcfsm.problems import ModelError
from mcfsm.questions.check import check
from mcfsm.questions.evidence import evidence
from mcfsm.verdicts.run import Effort, run

EFFORT = Effort(limits=Limits(max_states=300))
FAIRNESSES: tuple[Fairness, ...] = ("weak", "strong", "none")
TOKEN_RING = Path(__file__).parents[2] / "models" / "textbook" / "token_ring.yaml"


def verified(number: int, count: int, folder: Path) -> Counter[tuple[str, str]]:
    """How many verdicts on random models stand on what, each of which was verified; a chunk has its number."""
    met: Counter[tuple[str, str]] = Counter()

    def one(text: str) -> None:
        model = resolve_text(text)
        path, file = folder / "model.yaml", folder / "proof.gz"
        path.write_text(text, encoding="utf-8")
        wanted = [*(property_.id for property_ in model.properties), "check.deadlock", "check.reception"]
        for fairness in FAIRNESSES:
            try:
                found = run(model, wanted, EFFORT, full=True, fairness=fairness)
            except ModelError:
                return
            told = evidence(path, [found], file, EFFORT)
            if told.claims:
                file.write_bytes(told.content)
                (again,) = verify(file)
                assert len(again.claims) == sum(verdict.status != "INCOMPLETE" for verdict in found.verdicts)
                met.update((claim.by, claim.status) for claim in again.claims)

    how = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(how(given(text=model_texts(live=True))(one)))()
    return met


def test_evidence_of_random_models_is_verified(tmp_path: Path) -> None:
    met: Counter[tuple[str, str]] = Counter()
    wanted = [("states", "PROVED"), ("lasso", "VIOLATED"), ("ranking", "PROVED")]
    until(lambda: all(met[one] for one in wanted), lambda chunk: met.update(verified(chunk, 3, tmp_path)), 20)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(1000, 1010))
def test_evidence_of_many_random_models_is_verified(chunk: int, tmp_path: Path) -> None:
    met = verified(chunk, 40, tmp_path)
    assert met["states", "PROVED"] > 0
    assert met["ranking", "PROVED"] > 0


def test_a_ranking_with_a_set_that_does_not_help_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(graph: Graph, property_: LivenessProperty, fairness: Fairness) -> dict[int, list[int]]:
        honest = ranking.ranking(graph, property_, fairness)
        return {state: [ranks[0], (ranks[1] + 1) % len(graph.sets)] for state, ranks in honest.items()}

    monkeypatch.setattr("mcfsm.questions.evidence.ranking", planted)
    checked = check(TOKEN_RING, scenarios=["ring"], properties=["each_turn"], settings={"nodes": 2})
    file = tmp_path / "proof.gz"
    file.write_bytes(evidence(TOKEN_RING, checked.runs, file, Effort()).content)
    with pytest.raises(NoEvidence, match="each_turn: "):
        verify(file)
