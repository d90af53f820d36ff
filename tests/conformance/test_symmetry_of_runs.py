"""Properties of runs decided up to permutation, held against the graph that tells everybody apart.

On random models with interchangeable instances every answer is the same under each fairness, lassos to the letter; by
hand, what a quotient without permutations would say wrongly. Planted defects must show.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import ModuleType
from typing import cast

import pytest
from building import build
from common import plant, until
from hypothesis import HealthCheck, given, seed, settings
from randomized.alike import alike_texts
from randomized.strategies import ModelText, resolve_text

from mcfsm.explore.findings import Answer, Limits
from mcfsm.explore.liveness import exhaustive_graph, lasso, quotient, reference_graph, stored_states
from mcfsm.explore.liveness.fair_runs import answer
from mcfsm.explore.liveness.graph import Graph
from mcfsm.kernel import quotient as kernel
from mcfsm.model import Fairness, Model
from mcfsm.problems import ModelError
from mcfsm.semantics.product import Product
from mcfsm.tables import images

MOST_STATES = 300
SHALLOW = Limits(max_depth=2)
FEW = Limits(max_states=3)
Change = tuple[ModuleType, str, str]


def told(model: Model, graph: Graph) -> list[Answer]:
    """The answer to every property under each fairness, less how many states there are."""
    product = Product(replace(model, interchangeable=()))
    kinds = cast("tuple[Fairness, ...]", ("none", "weak", "strong"))
    return [
        replace(answer(product, graph, property_, kind), states=0)
        for property_ in model.liveness_properties
        for kind in kinds
    ]


def apart(model: Model, limits: Limits | None = None) -> list[Answer]:
    """What the definition says, which tells everybody apart."""
    return told(model, reference_graph.graph_of(model, liveness_properties=model.liveness_properties, limits=limits))


def up_to(model: Model, limits: Limits | None = None, workers: int = 1) -> list[Answer]:
    """What the compiled search says up to permutation."""
    _, graph = exhaustive_graph.explored(
        model, property_ids=(), liveness_properties=model.liveness_properties, limits=limits, workers=workers
    )
    assert isinstance(graph, Graph)
    assert graph.quotient is not None
    return told(model, graph)


def small(text: ModelText) -> Model | None:
    """A model that is not refused, fails nowhere and is no larger than it may be."""
    try:
        model = resolve_text(text)
        graph = reference_graph.graph_of(model, liveness_properties=(), limits=Limits(max_states=MOST_STATES))
        if not graph.complete:
            return None  # how large it is nobody knows
        apart(model)
        up_to(model)
    except ModelError:  # tables may be too small for what the definition does (M706)
        return None
    return model


def drawn(number: int, count: int) -> list[Model]:
    """Some random models with promises on runs."""
    found: dict[str, Model] = {}

    def take(text: ModelText) -> None:
        model = small(text)
        if model is not None:
            found[text] = model

    examples = settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    seed(number)(examples(given(text=alike_texts(live=True))(take)))()
    return list(found.values())


def assert_same(model: Model, workers: int, met: Counter[str]) -> None:
    """Both say the same, of all there is and where a limit stops them; what was met is counted."""
    wanted = apart(model)
    assert up_to(model, workers=workers) == wanted
    assert up_to(model, SHALLOW, workers) == apart(model, SHALLOW)
    assert up_to(model, FEW, workers) == apart(model, FEW)
    for one in wanted:
        met[f"{one.fairness} {'holds' if one.lasso is None else 'stops' if not one.lasso.loop else 'loops'}"] += 1


def test_some_models() -> None:
    met: Counter[str] = Counter()

    def draw(number: int) -> None:
        for place, model in enumerate(drawn(9600 + number, 10)):
            assert_same(model, 1 + place % 2, met)

    until(lambda: met.keys() >= {"weak holds", "weak stops", "weak loops"}, draw, most=20)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(20))
def test_a_thousand_models(chunk: int) -> None:
    for part in range(5):
        for place, model in enumerate(drawn(97000 + 10 * chunk + part, 10)):
            assert_same(model, 1 + place % 3, Counter())


# ---- by hand: who is treated fairly on a cycle on which identities rotate

ROTATING = """
model: a token that goes round, and a wish that nobody has
messages: {token: {}}
roles:
  client:
    states: [lacks, has, wishing]
    initial: [lacks, has]
    final: [lacks, has, wishing]
    transitions:
    - {trigger: pass, kind: protocol, source: has, dest: lacks, send: [{token: {to: "client - {self}"}}]}
    - {trigger: token, dest: has}
    - {trigger: wish, kind: protocol, source: lacks, dest: wishing}
properties:
  wished: {text: Somebody wishes., eventually: any(c.state == wishing for c in client)}
scenarios:
  s:
    instances: {cl: {role: client, count: 2}}
    channels: {default: {kind: fifo, bound: 1, when_full: block}}
    begin: {conditions: count(c.state == has for c in client) == 1}
    interchangeable: [cl]
"""

EACH = """
model: workers that are done after a step, and go on
messages: {}
roles:
  worker:
    states: [fresh, done]
    initial: fresh
    final: [fresh, done]
    transitions: [{trigger: step, kind: protocol, source: [fresh, done], dest: done}]
properties:
  all_done: {text: All are done., eventually: all(x.state == done for x in worker)}
scenarios: {s: {instances: {w: {role: worker, count: 3}}, channels: {}, interchangeable: [w]}}
"""

MUTEX = """
model: clients that take turns at a lock
messages: {ask: {}, grant: {}, release: {}}
roles:
  client:
    states: [away, waiting, inside]
    initial: away
    final: [away, waiting, inside]
    transitions:
    - {trigger: want, kind: protocol, source: away, dest: waiting, send: [{ask: {to: lock}}]}
    - {trigger: grant, source: waiting, dest: inside}
    - {trigger: leave, kind: protocol, source: inside, dest: away, send: [{release: {to: lock}}]}
  server:
    states: [free, taken]
    initial: free
    final: [free, taken]
    transitions:
    - {trigger: ask, source: free, dest: taken, send: [{grant: {to: sender}}]}
    - {trigger: release, source: taken, dest: free}
    defer: {ask: [taken]}
properties:
  served: {text: Nobody is inside in the end., always_eventually: all(c.state != inside for c in client)}
  calm: {text: In the end nobody waits., always_eventually: all(c.state != waiting for c in client)}
  used:
    text: Somebody comes inside.
    leads_to: [any(c.state == waiting for c in client), any(c.state == inside for c in client)]
  full: {text: All wait in the end., always_eventually: all(c.state == waiting for c in client)}
scenarios:
  s:
    instances: {cl: {role: client, count: 3}, lock: server}
    channels: {default: {kind: fifo, bound: 1, when_full: block}}
    interchangeable: [cl]
"""

IDLE = """
model: members that may do nothing, and nobody else acts
messages: {}
roles:
  member:
    states: [there, gone]
    initial: there
    final: [there]
    transitions: [{trigger: rest, kind: protocol, source: there}]
properties:
  gone: {text: All go., eventually: all(m.state == gone for m in member)}
scenarios:
  s: {instances: {g: {role: member, count: 2}}, channels: {}, interchangeable: [g]}
"""


def broken(found: list[Answer]) -> dict[tuple[str, str], tuple[int, int] | None]:
    """How long stem and loop of the lassos are under weak fairness; None where a promise holds."""
    lassos = {(one.id, one.fairness): one.lasso for one in found if one.fairness == "weak"}
    return {name: lasso and (len(lasso.stem), len(lasso.loop)) for (name, _), lasso in lassos.items()}


def test_whoever_is_enabled_in_each_state_that_stands_for_others_may_be_another_each_time() -> None:
    """In either orbit one who lacks the token may wish; but each has it now and then, so nobody owes the wish."""
    model = build(ROTATING)
    assert up_to(model) == apart(model)
    assert broken(up_to(model)) == {"wished": (1, 4)}
    _, graph = exhaustive_graph.explored(model, property_ids=(), liveness_properties=model.liveness_properties)
    assert isinstance(graph, Graph)
    assert (len(graph.initial), graph.states) == (1, 6)  # where the other has the token at first it is the same


def test_somebody_moves_again_and_again_and_somebody_else_never() -> None:
    """One that is done takes the steps of all; the orbit of its steps is taken, and the steps of the others are not."""
    model = build(EACH)
    assert up_to(model) == apart(model)
    assert broken(up_to(model)) == {"all_done": None}


def test_a_lock_that_several_wait_for() -> None:
    model = build(MUTEX)
    assert up_to(model) == apart(model)
    assert broken(up_to(model)) == {"served": None, "calm": (1, 15), "used": None, "full": (0, 15)}


def test_a_state_that_leads_to_itself_alone_needs_no_images() -> None:
    """Its moves are counted by the search and not fired, so that nobody asked for the images of its parts before."""
    model = build(IDLE)
    assert up_to(model) == apart(model)
    assert broken(up_to(model)) == {"gone": (0, 2)}


# ---- planted defects

WRONG: dict[str, list[Change]] = {
    "a permutation that is dropped": [(stored_states, "(moves >> PERMUTATION).astype", "(0 * moves).astype")],
    "a permutation taken back": [
        (quotient, "made.inverse, on_edge, on_set)", "made.inverse, made.inverse[on_edge], on_set)")
    ],
    "fairness to orbits": [(kernel, "for element in found[:elements]:", "for element in range(len(group.inverse)):")],
    "sets of an orbit told apart": [(kernel, "for element in found[:elements]:", "for element in found[:0]:")],
    "a component of which a part is left out": [(quotient, "        waiting += new.tolist()\n", "")],
    "a component unfolded from elsewhere": [(lasso, "quotient.group.inverse[quotient.orbit_of(state)[1]]", "0")],
    "images of sets put together the wrong way round": [(quotient, "known[element][image]", "image[known[element]]")],
    "senders that keep their names": [(quotient, "permutation.names.get(set_.sender, set_.sender)", "set_.sender")],
    "images of states compared in the wrong place": [(images, "rows[:, self.moved[to]]", "rows[:, component]")],
}

NO_LASSO = ("a fair component has a witness for every set", "the graph has an edge that is no step")


@pytest.fixture(scope="module")
def by_hand() -> list[tuple[Model, list[Answer]]]:
    """The models above with what is true of them: small, and together they show every defect."""
    return [(model, apart(model)) for model in map(build, (ROTATING, EACH, MUTEX))]


def planted(patch: pytest.MonkeyPatch, defect: str) -> None:
    for module in dict.fromkeys(module for module, _, _ in WRONG[defect]):
        plant(patch, module, [(old, new) for where, old, new in WRONG[defect] if where is module])


def differs(model: Model, wanted: list[Answer]) -> bool:
    """Whether something else is said, or a lasso turns out to be none; that the search breaks down is not enough."""
    try:
        return up_to(model) != wanted
    except AssertionError as error:
        return str(error).partition("\n")[0] in NO_LASSO  # pytest may add what was compared
    except Exception:
        return False


@pytest.mark.parametrize("defect", WRONG)
def test_a_wrong_quotient_is_found(
    defect: str, by_hand: list[tuple[Model, list[Answer]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(monkeypatch, defect)
    assert any(differs(model, wanted) for model, wanted in by_hand)


def test_without_a_plant_nothing_differs(by_hand: list[tuple[Model, list[Answer]]]) -> None:
    assert not any(differs(model, wanted) for model, wanted in by_hand)
