"""Timers: started, stopped, expiring at any time while they run; a part of the local state that expressions read."""

from __future__ import annotations

import pytest
from building import build, enabled, explore, local, walk

from mcfsm.explore import exhaustive
from mcfsm.pictures.diagram import diagram
from mcfsm.semantics.product import Product
from mcfsm.semantics.trace import describe

TIMED = """
roles:
  r:
    timers: [short, long]
    states: [idle, busy]
    initial: idle
    final: [idle]
    transitions:
    - {id: begin, trigger: begin, kind: user, source: idle, dest: busy, start: [short, long]}
    - {id: end, trigger: end, kind: user, source: busy, dest: idle, stop: [long, short]}
    - {id: hold, trigger: hold, kind: user, source: busy, conditions: not short and long, start: short}
    - {id: more, trigger: more, kind: user, source: busy, start: short}
    - {id: over, trigger: short, kind: timer, source: busy, conditions: long}
    - {id: again, trigger: long, kind: timer, source: busy, start: long, stop: short}
    - {id: late, trigger: long, kind: timer, source: busy, dest: idle, unless: short}
properties:
  idle: {text: Nothing runs in idle., when: "at(a, idle)", never: a.short or a.long}
  only: {text: The long one alone can run., reachable: any(i.long and not i.short for i in r)}
scenarios:
  s: {instances: {a: r}, freeze: true}
"""


def test_a_timer_expires_only_while_it_runs() -> None:
    product = Product(build(TIMED))
    assert enabled(product, product.initial()) == ["a begin", "environment freeze"]
    state = walk(product, "a begin")
    assert local(product, state, "a") == {"state": "busy", "short": True, "long": True}
    assert enabled(product, state) == ["a end", "a more", "a over", "a again", "environment freeze"]


def test_an_expiry_stops_its_timer_unless_it_starts_it() -> None:
    product = Product(build(TIMED))
    assert local(product, walk(product, "a begin", "a over"), "a") == {"state": "busy", "short": False, "long": True}
    after = walk(product, "a begin", "a again")
    assert local(product, after, "a") == {"state": "busy", "short": False, "long": True}
    assert local(product, walk(product, "a begin", "a over", "a late"), "a")["long"] is False


def test_starting_a_timer_that_runs_changes_nothing_and_is_a_step() -> None:
    product = Product(build(TIMED))
    state = walk(product, "a begin")
    assert walk(product, "a begin", "a more") == state


def test_stop_stops_and_conditions_read_timers() -> None:
    product = Product(build(TIMED))
    assert local(product, walk(product, "a begin", "a end"), "a") == {"state": "idle", "short": False, "long": False}
    names = [line.split()[1] for line in enabled(product, walk(product, "a begin", "a over"))]
    assert names == ["end", "hold", "more", "again", "late", "freeze"]


def test_freeze_does_not_stop_timers() -> None:
    product = Product(build(TIMED))
    assert enabled(product, walk(product, "a begin", "environment freeze")) == ["a over", "a again"]


def test_counts_and_verdicts_of_both_explorers() -> None:
    """idle; busy with both, with the long one: three, frozen or not."""
    for found in (explore(TIMED), exhaustive.explore(build(TIMED), full=True)):
        # not frozen: 1 begin; 4 end, more, over, again; 5 end, hold, more, again, late; and freeze in each of the three
        # frozen: none; over, again; again, late
        assert (found.states, found.transitions, found.depth) == (6, 1 + 4 + 5 + 3 + 0 + 2 + 2, 3)
        assert {name: len(path) for name, path in found.paths.items()} == {"only": 2}


def test_a_trace_shows_timers_as_changes_and_expiries_by_kind() -> None:
    product = Product(build(TIMED))
    state = walk(product, "a begin")
    told = next(t for t in (describe(product, state, step) for step in product.steps(state)) if t.transition == "again")
    assert (told.kind, told.trigger) == ("timer", "long")
    assert [(c.name, c.before, c.after) for c in told.changes] == [("short", "true", "false")]


def test_a_diagram_says_what_starts_and_stops() -> None:
    model = build(TIMED)
    (region,) = diagram(model, model.roles[0]).regions
    labels = {
        label.transition: [part.text for part in label.parts]
        for group in (*region.edges, *region.rows)
        for label in group.labels
    }
    assert labels["begin"] == ["begin (user)", "start short", "start long"]
    assert labels["over"] == ["short (timer)", "[long]"]
    assert labels["again"] == ["long (timer)", "start long", "stop short"]
    assert labels["late"] == ["long (timer)", "[unless short]"]


@pytest.mark.parametrize("crash", ["1", "{budget: 1, arrivals: wait}"])
def test_a_crash_stops_timers(crash: str) -> None:
    product = Product(build(TIMED.replace("freeze: true", f"crash: {{a: {crash}}}")))
    assert local(product, walk(product, "a begin", "environment crash"), "a") == {
        "state": "down",
        "short": False,
        "long": False,
    }
