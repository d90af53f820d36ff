"""The table of docs/reduction.md: states of each scenario of the mission, with all steps and with those that suffice.

    python tests/docs/reduction.py

writes it anew, in some minutes; the text before it stays. Every verdict is compared on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mcfsm.explore.findings import Limits
from mcfsm.language.files.reader import read
from mcfsm.language.selection import Questions, Selection
from mcfsm.model import CHECKS, Model
from mcfsm.verdicts.run import Effort, run

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reduction.md"
MODEL = "models/mc_migration"
MOST = Limits(max_states=300_000)  # and in what takes longer than a minute
HEAD = """| scenario | promises on states and checks: states | with `--reduce` | less | checks alone | with | less |
|---|---|---|---|---|---|---|
"""


def models(scenarios: tuple[str, ...] | None = None) -> Iterator[Model]:
    """The scenarios in their default variant, or some of them; interchangeable instances are told apart."""
    document = read(ROOT / MODEL)
    names = scenarios or tuple(document.scenarios)
    for name in names:
        yield from (model for model, _ in Questions(document, Selection((name,)), symmetry=False))


def line(model: Model) -> str:
    """The line of a scenario. Raises AssertionError where a verdict is another."""
    promises = [*(property_.id for property_ in model.state_properties), *CHECKS]
    bare = replace(model, state_properties=(), liveness_properties=(), observers=())
    cells = [f"`{model.scenario}`", *states(model, promises), *states(bare, [*CHECKS])]
    return f"| {' | '.join(cells)} |"


def states(model: Model, property_ids: list[str]) -> tuple[str, str, str]:
    """How many states a model has with all steps and with those that suffice, and by how much that is less."""
    whole = run(model, property_ids, Effort(limits=MOST), normative_flows=False)
    if not whole.findings.complete:
        return f"over {MOST.max_states:,}", "", ""
    some = run(model, property_ids, Effort(limits=MOST, reduce=True), normative_flows=False)
    for before, after in zip(whole.verdicts, some.verdicts, strict=True):
        assert (before.id, before.status) == (after.id, after.status), f"{model.scenario}: {before} and {after}"
    assert whole.findings.fired == some.findings.fired, model.scenario
    before, after = whole.findings.states, some.findings.states
    return f"{before:,}", f"{after:,}", f"{100 - 100 * after / before:.0f} %"


def page(lines: Iterator[str]) -> str:
    """The page with some lines in its table."""
    text, _, _ = PAGE.read_text(encoding="utf-8").partition(HEAD)
    return text + HEAD + "".join(f"{one}\n" for one in lines)


if __name__ == "__main__":
    PAGE.write_text(page(map(line, models())), encoding="utf-8")
