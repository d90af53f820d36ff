"""Searches up to permutation on random models with interchangeable instances, and planted defects, which must show.

Both explorers find the same, with any number of workers and in plain Python. Held against a search that tells everybody
apart, all but the numbers of states and steps is equal, flows included, and those are the numbers of the orbits. A
model that singles somebody out is refused (`unit/test_interchangeable.py` takes each refusal away and sees why).
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from building import build
from common import Drawn, for_models, is_found, plain_kernel, plant, until
from hypothesis import HealthCheck, given, seed, settings
from randomized.alike import alike_texts
from randomized.conformance import Difference, Expected, assert_conforms, expectations
from randomized.quotient import assert_symmetry
from randomized.strategies import ModelText, resolve_text

from mcfsm.explore import exhaustive, paths, reference, symmetry
from mcfsm.explore import shortest as unfold
from mcfsm.explore.findings import Findings
from mcfsm.kernel import canonical
from mcfsm.model import Model, permutation
from mcfsm.problems import ModelError
from mcfsm.tables import images

KEPT = Path(__file__).parent / "kept" / "alike"  # the other defects show in the first twelve random models
MOST_STATES = 150
MOST_MODELS = 100  # until a planted defect has to show
SPICE = 4  # per cent of what is drawn singles somebody out, where models are drawn to be refused
Change = tuple[ModuleType, str, str]


def assert_same_up_to_permutation(text: ModelText, model: Model, expected: list[Expected]) -> None:
    """The reference search against the model's own states, and the exhaustive one against it."""
    whole = expected[0].answer
    if isinstance(whole, Findings):
        assert_symmetry(model, whole)
    for i, one in enumerate(expected):
        assert_conforms(exhaustive.explore, model, expected=[one], workers=1 + (len(text) + i) % 3)


@pytest.mark.parametrize(
    ("chunk", "count"),
    [(0, 6), pytest.param(0, 30, marks=pytest.mark.slow), pytest.param(1, 30, marks=pytest.mark.slow)],
)
def test_some_models(chunk: int, count: int) -> None:
    for_models(9000 + chunk, count, assert_same_up_to_permutation, most=MOST_STATES, drawn=alike_texts())


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(40))
def test_two_thousand_models(chunk: int) -> None:
    for_models(
        9100 + chunk,
        50,
        assert_same_up_to_permutation,
        most=2 * MOST_STATES,
        drawn=alike_texts(spice=chunk % 2 * 3),
    )


def test_kernels_in_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    for_models(9300, 5, assert_same_up_to_permutation, most=60, drawn=alike_texts())


# ---- planted defects

WRONG: dict[str, list[Change]] = {
    "messages in flight that keep their names": [
        (permutation, "        image = map(self.message, content)\n", "        image = iter(content)\n")
    ],
    "channels that stay where they are": [
        (symmetry, "            channels[permutation.channels[i]] = ", "            channels[i] = ")
    ],
    "values that keep the names of keys": [(permutation, "{**names, **keys}.items()", "names.items()")],
    "entries of maps that stay": [
        (permutation, "image[domain.index(self.value(key, old))]", "image[domain.index(old)]")
    ],
    "bags that are not in order any more": [
        (permutation, "tuple(sorted(image, key=self.model.message_rank))", "tuple(image)")
    ],
    "observers that keep their names": [
        (
            symmetry,
            "            locals_[i] = permutation.local(observer.variables, state.locals[i])\n",
            "            locals_[i] = state.locals[i]\n",
        )
    ],
    "a least image that is not the least": [
        (canonical, "if image > ids[U(moved + i)]:", "if image != ids[U(moved + i)]:")
    ],
    "a hash that is not that of the image": [(canonical, "hash_ += (after - before)", "hash_ += (before - after)")],
    "images of the wrong place": [
        (images, "origin[number, at[self._place(permutation, component)]]", "origin[number, at[component]]")
    ],
    "switches counted for somebody else": [
        (paths, "arrived = [int(search.images.places[p, i])", "arrived = [0"),
        (paths, "search.images.places[moves[hit] >> lists.PERMUTATION, moving]", "0 * moving"),
    ],
    "switches counted for somebody else by the reference": [
        (unfold, "cost = costs[place[step.instance]]", "cost = costs[0]"),
        (unfold, "level[target][places[permutation][step.instance]]", "level[target][0]"),
    ],
    "what occurred, of one instance only": [(symmetry, "        grown = bool(exchanges)\n", "        grown = False\n")],
    "findings that are not put together": [
        (
            symmetry,
            "        return [(common, level, states) for common, (level, states) in merged.items()]",
            "        return [(common, level, states) for common, (level, states) in merged.items()][:1]",
        )
    ],
}


HEARD = """
model: clients that hear of each other
messages: {join: {}, joined: {who: client}}
roles:
  client:
    variables: {heard: "set[client]"}
    states: [outside, inside]
    initial: outside
    final: [outside, inside]
    transitions:
    - {trigger: join_now, kind: user, source: outside, dest: inside, send: [{join: {to: srv}}]}
    - {trigger: joined, set: {heard: "heard | {msg.who}"}}
  server:
    states: [ready]
    initial: ready
    final: [ready]
    transitions:
    - {trigger: join, send: [{joined: {to: "{c for c in client if c != sender}", who: sender}}]}
properties:
  all_heard: {text: All can hear of all., reachable: all(len(c.heard) == 2 for c in client)}
scenarios:
  s:
    instances: {cl: {role: client, count: 3}, srv: server}
    channels: {default: {kind: bag, bound: 2, when_full: block}}
    interchangeable: [cl]
"""  # a bag holds two messages about clients that change places, which random models hardly ever bring


def heard() -> tuple[Model, list[Expected]]:
    """Three clients that are told of each other, with what the reference explorer finds where nothing is planted."""
    model = build(HEARD)
    return model, expectations(model, most_states=MOST_STATES)


def chunk(number: int) -> list[tuple[Model, list[Expected]]]:
    """Some models, with what the reference explorer finds where nothing is planted."""
    found: list[tuple[Model, list[Expected]]] = []
    for_models(9400 + number, 10, lambda _, m, e: found.append((m, e)), most=60, drawn=alike_texts())
    return found


@pytest.fixture(scope="module")
def models() -> Drawn[tuple[Model, list[Expected]]]:
    return Drawn(lambda number: chunk(number) if number else [heard()])


def planted(patch: pytest.MonkeyPatch, defect: str) -> None:
    """Kernels in plain Python, with a defect in the text of some modules."""
    plain_kernel(patch)
    for module in dict.fromkeys(module for module, _, _ in WRONG[defect]):
        plant(patch, module, [(old, new) for where, old, new in WRONG[defect] if where is module])


def differs(model: Model, expected: list[Expected]) -> bool:
    """Whether the comparisons see a defect in either explorer; that one breaks down is not enough."""
    try:
        assert_conforms(reference.explore, model, expected=expected)
        assert_conforms(exhaustive.explore, model, expected=expected, workers=2)
    except Difference:
        return True
    except Exception:
        return False
    return False


@pytest.mark.slow  # the control of those below
@pytest.mark.parametrize("module", [canonical, images, paths, permutation, symmetry, unfold], ids=lambda m: m.__name__)
def test_an_unchanged_text_is_no_defect(
    module: ModuleType, models: Drawn[tuple[Model, list[Expected]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_kernel(monkeypatch)
    plant(monkeypatch, module, [])
    assert not any(differs(*one) for one in models.first(5))


@pytest.mark.slow
@pytest.mark.parametrize("defect", WRONG)
def test_a_wrong_image_is_found(defect: str, models: Drawn[tuple[Model, list[Expected]]]) -> None:
    assert is_found(models, MOST_MODELS, lambda patch: planted(patch, defect), lambda one: differs(*one))


def test_a_model_that_is_kept_shows_bags_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    one = heard()
    assert [found.answer.states for found in one[1] if isinstance(found.answer, Findings)][:1] == [50]
    assert_same_up_to_permutation(ModelText(HEARD), *one)
    planted(monkeypatch, "bags that are not in order any more")
    assert differs(*one)


@pytest.mark.parametrize(
    ("name", "defect"),
    [("messages", "messages in flight that keep their names"), ("entries", "entries of maps that stay")],
)
def test_a_model_that_is_kept_shows_what_the_first_random_ones_do_not(
    name: str, defect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ModelText((KEPT / f"{name}.yaml").read_text(encoding="utf-8"))
    model = resolve_text(text)
    expected = expectations(model, most_states=MOST_STATES)
    assert expected is not None
    assert_same_up_to_permutation(text, model, expected)
    planted(monkeypatch, defect)
    assert differs(model, expected)


def broken(model: Model) -> bool:
    """Whether a model turns out not to be the same when interchangeable instances change places."""
    try:
        expected = expectations(model, most_states=MOST_STATES)
        if expected and isinstance(expected[0].answer, Findings):
            assert_symmetry(model, expected[0].answer)
    except Difference:
        return True
    except (ModelError, StopIteration, KeyError, ValueError):
        return False
    return False


def test_what_is_accepted_singles_nobody_out() -> None:
    accepted: list[Model] = []
    refused: list[ModelError] = []

    def take(text: ModelText) -> None:
        try:
            accepted.append(resolve_text(text))
        except ModelError as error:
            refused.append(error)

    def draw(number: int) -> None:
        examples = settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        seed(9500 + number)(examples(given(text=alike_texts(spice=SPICE))(take)))()

    until(lambda: len(accepted) >= 10 and len(refused) >= 10, draw, most=20)
    assert not any(broken(model) for model in accepted)
