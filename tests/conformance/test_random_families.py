"""Random families: a change applied is the change made by hand, in any order; and each variant is what it is alone."""

from __future__ import annotations

from collections import Counter

from common import until
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from randomized.families import FamilyText, family_texts
from randomized.strategies import SCENARIO, resolve_text

from mcfsm.explore import reference
from mcfsm.explore.findings import Limits
from mcfsm.language.changes.apply import apply
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model.digest import digest, without_expectations
from mcfsm.problems import ModelError
from mcfsm.questions.families.family import Family, Variant, explore
from mcfsm.verdicts.run import Effort


def by_hand(text: FamilyText, names: list[str]) -> str | list[str]:
    """The digest of a variant that was written by hand, or the codes of what is wrong with it."""
    try:
        return digest(without_expectations(resolve_text(text.by_hand(names))))
    except ModelError as error:
        return sorted({problem.code for problem in error.problems})


def applied(text: FamilyText, names: list[str]) -> str | list[str]:
    """The same of the changes applied."""
    try:
        return digest(without_expectations(resolve(apply(text.baseline(), names), SCENARIO)))
    except ModelError as error:
        return sorted({problem.code for problem in error.problems})


def test_a_change_applied_is_the_change_made_by_hand() -> None:
    seen: Counter[str] = Counter()

    def compared(text: FamilyText, data: st.DataObject) -> None:
        names = data.draw(st.permutations(text.names))[: data.draw(st.sampled_from((3, 2, 1, 4, 6)))]
        found = applied(text, names)
        if text.overlap(names):
            assert {"M318", "M319", "M320"} & set(found)
            seen["overlap"] += 1
        elif isinstance(found, list) and {"M318", "M319"} & set(found):
            seen["refused"] += 1  # a condition or a state that the text has already
        else:
            assert found == by_hand(text, sorted(names))
            seen["wrong" if isinstance(found, list) else f"{len(names)} changes"] += 1

    def draw(number: int) -> None:
        examples = settings(max_examples=40, database=None)
        seed(number)(examples(given(family_texts(), st.data())(compared)))()

    def enough() -> bool:
        several = sum(seen[f"{count} changes"] for count in range(2, 7))
        return several >= 20 and min(seen[what] for what in ("1 changes", "overlap", "wrong")) >= 5

    until(enough, draw, most=20)


@settings(max_examples=12)
@given(family_texts())
def test_each_variant_of_a_family_is_what_it_is_alone(text: FamilyText) -> None:
    limits = Limits(max_states=200)
    base = text.baseline()
    variants, models = [], []
    for names in [[], *([name] for name in text.names), text.names]:
        if text.overlap(names):
            continue
        try:
            models.append(resolve(apply(base, names), SCENARIO))
            reference.explore(models[-1], limits=limits, full=True)
        except ModelError:
            del models[len(variants) :]
            continue
        variants.append(Variant(tuple(names)))
    effort = Effort(engine="reference", limits=limits)
    runs = explore(Family("random", base, tuple(variants)), SCENARIO, full=True, effort=effort)
    for model, run in zip(models, runs, strict=True):
        alone = reference.explore(model, limits=limits, full=True)
        found = run.findings
        assert (found.states, found.transitions, found.depth) == (alone.states, alone.transitions, alone.depth)
        assert {name: len(path) for name, path in found.paths.items()} == {
            name: len(path) for name, path in alone.paths.items()
        }
