"""Whose duty a step is: its fairness set in words, whether it is the environment's, and in which order sets stand."""

from __future__ import annotations

import pytest
from building import build, run, walk, words

from mcfsm.semantics import fairness
from mcfsm.semantics.fairness import FairSet, adverse, fair_set_of, shown, strength
from mcfsm.semantics.product import Product

TALK = """
domains: {N: 0..1}
messages: {x: {n: N}, y: {n?: N}, z: {}}
roles:
  talker:
    states: [t0, t1]
    initial: t0
    final: [t0, t1]
    timers: [patience]
    transitions:
    - {id: wish, trigger: wish, kind: user, source: t0, dest: t1, start: patience}
    - {id: storm, trigger: storm, kind: environment, source: t1, dest: t0}
    - {id: say, trigger: say, kind: protocol, source: t1, choose: {k: N}, send: [{x: {to: l, n: k}}]}
    - {id: nag, trigger: patience, kind: timer, source: t1, send: [{z: {to: l}}]}
    - {id: heard, trigger: y, source: t1}
    - {id: bye, trigger: say, kind: protocol, source: t1, dest: t0}
  listener:
    states: [l0]
    initial: l0
    final: [l0]
    transitions:
    - {id: hear, trigger: x, send: [{y: {to: t, n?: msg.n}}]}
    - {id: fog, trigger: fog, kind: environment, conditions: "false"}
    ignore: {z: [l0]}
scenarios:
  s:
    instances: {t: talker, l: listener}
    channels:
      default: {kind: fifo, bound: 1, when_full: block}
      l -> t: {kind: bag, bound: 1, when_full: block, faults: {loss: 1}}
    crash: {l: 1}
    freeze: true
    expect: {}
"""


def duties(*steps: str) -> dict[str, tuple[str | None, bool]]:
    """Of each step that is enabled after some: the duty that it is, and whether it is the environment's."""
    product = Product(build(TALK, whole=False))
    state = walk(product, *steps)
    found = {}
    for step in product.steps(state):
        set_ = fair_set_of(product.model, step)
        said = None if set_ is None else shown(product.model, set_)
        found[words(product, state, step)] = said, adverse(product.model, step)
    return found


def test_users_environment_freeze_and_crash_are_no_duty() -> None:
    assert duties() == {
        "t wish": (None, False),
        "environment freeze": (None, True),
        "environment crash l": (None, True),
    }


def test_protocol_and_timers_are_duties_by_trigger_and_receptions_by_channel() -> None:
    assert duties("t wish") == {
        "t storm": (None, True),
        "t say k=0 -> x(n=0) l": ("t say", False),
        "t say k=1 -> x(n=1) l": ("t say", False),
        "t nag -> z() l": ("t patience", False),
        "t bye": ("t say", False),
        "environment freeze": (None, True),
        "environment crash l": (None, True),
    }
    after = duties("t wish", "t nag")
    assert after["l ignore <- z() t"] == ("l receives from t", False)


def test_of_a_bag_each_message_is_a_duty_of_its_own_and_a_loss_is_nobodys() -> None:
    for sent, taken, said in (("n=1", "1", "t receives y(1) from l"), ("", "", "t receives y from l")):
        after = duties("t wish", "t say k=1", f"l hear <- x(1) t -> y({sent}) t")
        assert after[f"t heard <- y({taken}) l"] == (said, False)
        assert [one for line, one in after.items() if "loss" in line] == [(None, True)]


def test_a_restart_is_nobodys_duty_and_not_the_environments() -> None:
    assert duties("environment crash")["l restart l"] == (None, False)


def test_sets_stand_as_instances_triggers_channels_and_messages_are_declared() -> None:
    product = Product(build(TALK, whole=False))
    asked = ["t wish", "t say k=1", "l hear <- x(1) t -> y() t", "t nag", "l ignore", "t say k=0", "t heard"]
    taken, _ = run(product, *asked)
    taken += run(product, *asked[:2], "l hear <- x(1) t -> y(n=1) t", "t heard")[0]
    sets = {set_ for step in taken if (set_ := fair_set_of(product.model, step)) is not None}
    in_order = sorted(sets, key=lambda set_: fairness.order(product.model, set_))
    assert [shown(product.model, set_) for set_ in in_order] == [
        "t say",
        "t patience",
        "t receives y from l",
        "t receives y(1) from l",
        "l receives from t",
    ]
    assert [fairness.order(product.model, set_)[:3] for set_ in in_order] == [
        (0, 0, 2),
        (0, 0, 3),
        (0, 1, 1),
        (0, 1, 1),
        (1, 1, 0),
    ]


@pytest.mark.parametrize(
    ("asked", "trigger", "given"),
    [("strong", "say", "weak"), ("strong", None, "strong"), ("weak", "say", "weak"), ("none", None, "none")],
)
def test_strong_fairness_is_meant_of_receptions(asked: fairness.Fairness, trigger: str | None, given: str) -> None:
    assert strength(asked, FairSet(0, trigger, None if trigger else "l")) == given
