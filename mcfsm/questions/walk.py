"""A model walked at random: as a test for pytest and unittest, or run at once.

    TestCall = mcfsm.stateful("models/mc_migration", scenario="one_partner", readings={"notify": "after"}).TestCase

`explore.stateful` says what a step of the state machine is and what its invariants are; this module reads the model,
and gives the state machine the means to show a flow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine

from mcfsm.explore.findings import Findings
from mcfsm.explore.random.adapter import Adapter, NonConformance
from mcfsm.explore.random.machine import NotEnabled, PropertyViolated, build
from mcfsm.explore.random.profiles import Profile, with_profile
from mcfsm.explore.random.session import Waits
from mcfsm.explore.random.tested import build_tested
from mcfsm.explore.random.walk import Violation, WalkResult, walk
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.selection import combine, known_properties, known_scenarios, known_settings
from mcfsm.model import CHECKS, Model
from mcfsm.pictures.flow_text import render_text
from mcfsm.problems import ModelError, Problem
from mcfsm.verdicts.coverage import Share, against, visited, visited_by
from mcfsm.verdicts.run import Effort, explorer

__all__ = [
    "NonConformance",
    "NotEnabled",
    "PropertyViolated",
    "Violation",
    "WalkResult",
    "one_model",
    "stateful",
    "walk",
    "walk_coverage",
]


def stateful(
    model: Model | Path | str,
    *,
    scenario: str | None = None,
    properties: Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    checks: bool = False,
    profile: Profile | None = None,
    adapter: Callable[[], Adapter] | None = None,
    under_test: Iterable[str] = (),
    patience: float = 0.5,
    quiet: float = 0.05,
) -> type[RuleBasedStateMachine]:
    """The Hypothesis state machine of one scenario; its `.TestCase` is a test for pytest and unittest.

    It fails with `PropertyViolated`, whose message shows the flow that Hypothesis shrank. Invariants are the scenario's
    `always` and `never` properties, those expected to be violated too: `properties` narrows them, and may name
    built-in checks; `checks` adds all of these. `scenario` may be left out where the model has one; `changes` are
    applied (without it, the model's own), `readings` and `settings` fix constants by name. How many walks there are, of
    how many steps, is a matter of Hypothesis' settings:
    `TestCall.settings = hypothesis.settings(TestCall.settings, max_examples=1000)`; or of a `profile`, here or in the
    environment as MCFSM_PROFILE: `ci` is the same walks each time, `deep` many long ones.

    With an `adapter` (whatever makes one: its class) the instances, groups or roles `under_test` are a real system: the
    steps of all others are done to it, and it fails with `NonConformance` where it answers what the model does not
    allow, or not at all where it has to. What has to come is waited for `patience` seconds, and for `quiet` seconds is
    listened whether there comes what should not. Properties are not asked then: what they say of the model `check`
    finds out.

    Raises ModelError for what is wrong with the model, and for names that it does not have.
    """
    if adapter is not None:
        if properties is not None or checks:
            raise TypeError("properties and checks are asked of a model: leave them out where there is an adapter")
        properties = []
    wanted = None if properties is None else [properties] if isinstance(properties, str) else list(properties)
    if not isinstance(model, Model):
        model = one_model(
            model, scenario=scenario, properties=wanted, changes=changes, readings=readings, settings=settings
        )
    elif any(given is not None for given in (scenario, changes, readings, settings)):
        raise TypeError(
            "scenario, changes, readings and settings are fixed in a resolved model: give its path, or leave them out"
        )
    if adapter is not None:
        waits = Waits(patience, quiet)
        made = build_tested(model, adapter, under_test=under_test, waits=waits, render=render_text)
        return with_profile(made, profile)
    return with_profile(build(model, render=render_text, properties=wanted, checks=checks), profile)


def walk_coverage(model: Model, result: WalkResult, *, effort: Effort = Effort()) -> tuple[tuple[Share, ...], Findings]:
    """What walks visited, as exact shares of what exhaustive search of the same model reaches; and that search.

    Where a limit stops the search, the shares are of what it reached, and joint states are left out.
    """
    model = replace(model, interchangeable=())  # walks count joint states, and so does what they are held against
    findings = explorer(effort.engine)(
        model,
        property_ids=[],
        full=True,
        limits=effort.left,
        on_progress=effort.reporter(model),
        workers=effort.workers,
    )
    reached = visited_by(model, findings)
    mine = visited(model, result.fired, result.visited)
    joint = (Share("joint states", result.states, findings.states, ()),) if findings.complete else ()
    return (*against(mine, reached), *joint), findings


def one_model(
    path: Path | str,
    *,
    scenario: str | None = None,
    properties: Iterable[str] | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Model:
    """One scenario of a model file, resolved, with no more observers than `properties` read.

    Raises ModelError with every problem of the scenario; for unknown names; and where several scenarios could be meant.
    """
    document = read(path, changes)
    names = known_scenarios(document, None if scenario is None else [scenario])
    chosen = dict(known_settings(document, settings or {}))
    for combination in combine(document, {name: [value] for name, value in (readings or {}).items()}):
        chosen.update(combination)
    if len(names) > 1:
        message = f"the model has several scenarios: {', '.join(names)}"
        raise ModelError([Problem("M601", None, message, f"name one: --scenario {names[0]}")])
    wanted = None if properties is None else known_properties([document], properties)
    narrowed = None if wanted is None else [name for name in wanted if name not in CHECKS]
    return resolve(document, names[0], chosen=chosen, properties=narrowed, symmetry=False)
