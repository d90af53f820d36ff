"""The overview on a lamp: switches that matter alone, in pairs, beside another, or not at all, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mcfsm.explore.findings import Limits
from mcfsm.language.selection import Selection
from mcfsm.model import Model
from mcfsm.model.digest import meaning
from mcfsm.problems import ModelError
from mcfsm.questions.families.family import family
from mcfsm.questions.families.overview import Overview, OverviewRow, overview
from mcfsm.semantics.status import Statuses
from mcfsm.verdicts.family_runs import once, statuses_one_by_one
from mcfsm.verdicts.run import Effort, run

LAMP = """
model: lamp
changes: [hammer.yaml, glue.yaml, tape.yaml, spare.yaml]
readings: {wiring: {text: Wiring., default: good, values: {good: , bad: }}}
options:
  bulb: {text: Bulb., default: old, values: {old: , new: , odd: }}
  fuse: {text: Fuse., default: strong, values: {strong: , weak: }}
roles:
  lamp:
    states: [dark, lit, broken]
    initial: dark
    final: [dark, lit, broken]
    transitions:
    - {id: press, trigger: press, kind: user, source: dark, dest: lit, under: {wiring: good}}
    - {id: burst, trigger: burst, kind: environment, source: lit, dest: broken, under: {bulb: odd, fuse: weak}}
properties:
  lights: {text: It can light., reachable: l.state == lit}
  stays: {text: It never breaks., never: l.state == broken}
  ends: {text: Light ends., leads_to: [l.state == lit, l.state == dark]}
scenarios:
  one: {instances: {l: lamp}, channels: {}, properties: [lights, stays]}
  fixed: {like: one, options: {bulb: odd}, expect: {stays: violated}}
  endless: {like: one, properties: [ends], expect: {ends: violated}}
"""
HAMMER = """
change: hammer
title: it lights when it is hit
edits:
- add:
    readings: {force: {text: Force., default: soft, values: {soft: , hard: }}}
    transitions:
      lamp:
      - {id: hit, trigger: hit, kind: user, source: dark, dest: lit}
      - {id: smash, trigger: smash, kind: user, source: lit, dest: broken, under: {force: hard}}
    properties: {hit: {text: It can be hit., reachable: l.state != dark}}
    checks: {one: [hit]}
    values: {bulb: {bright: }}
    scenarios: {bright: {like: one, options: {bulb: bright}}}
"""
GLUE, TAPE = (
    f"{{change: {name}, title: it does not burst, edits: [{{remove: {{transitions: {{lamp: [burst]}}}}}}]}}"
    for name in ("glue", "tape")
)
SPARE = """
change: spare
title: who has a spare bulb goes on
candidate: true
edits:
- add: {transitions: {lamp: [{id: mend, trigger: mend, kind: user, source: broken, dest: dark}]}}
"""
SLOW = Effort(engine="reference")


@pytest.fixture(scope="module")
def lamp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lamp")
    for name, text in (("model", LAMP), ("hammer", HAMMER), ("glue", GLUE), ("tape", TAPE), ("spare", SPARE)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def one(lamp: Path) -> Overview:
    return overview(lamp, Selection(scenarios=["one"]), effort=SLOW)[0]


def of(found: Overview, name: str) -> OverviewRow:
    return next(row for row in found.rows if row.id == name)


def said(row: OverviewRow) -> tuple[list[str], list[str], list[str]]:
    """What changes it alone, in pairs, and what is undone by what."""
    alone = [f"{switch}: {status}" for switch, status in row.alone()]
    pairs = [f"{first} + {second}: {status}" for (first, second), status in row.together()]
    return alone, pairs, [f"{switch} by {other}" for switch, other in row.undone()]


def why(found: Overview) -> list[str]:
    """What is left out, and why."""
    return [f"{' + '.join(map(str, left.point))}: {left.why}" for left in found.left_out]


def test_every_switch_and_every_pair_that_is_possible(one: Overview) -> None:
    singles = [str(point[0]) for point in one.points if len(point) == 1]
    assert singles == ["with hammer", "with glue", "with tape", "wiring=bad", "bulb=new", "bulb=odd", "fuse=weak"]
    # 36 pairs of the nine switches, less two that touch the same part, less three values of one option by twos, less
    # the reading and the value that only hammer brings with six and four others, and with each other
    assert len(one.points) == 1 + 7 + 36 - 1 - 3 - (6 + 4 + 1)
    assert why(one) == ["with glue + with tape: they touch the same part"]


def test_a_switch_that_matters_alone_and_one_that_undoes_it(one: Overview) -> None:
    lights = of(one, "lights")
    assert lights.default == "PROVED"
    assert said(lights) == (["wiring=bad: VIOLATED"], [], ["wiring=bad by with hammer"])


def test_pairs_that_matter_where_neither_does_alone(one: Overview) -> None:
    together = ["with hammer + force=hard: VIOLATED", "bulb=odd + fuse=weak: VIOLATED"]
    assert said(of(one, "stays")) == ([], together, [])


def test_a_property_that_a_change_brings(one: Overview) -> None:
    hit = of(one, "hit")
    assert hit.default is None
    assert said(hit)[:2] == (["with hammer: PROVED"], [])
    assert [row.id for row in one.rows] == [
        "lights",
        "stays",
        "hit",
        "check.deadlock",
        "check.reception",
        "check.overflow",
    ]
    assert [row.id for row in one.rows if row.settled] == ["check.deadlock", "check.reception", "check.overflow"]


def test_variants_that_mean_the_same_are_explored_once(lamp: Path, one: Overview) -> None:
    given: list[int] = []

    def counting(models: Sequence[Model], asked: Sequence[Sequence[str]], *, effort: Effort) -> list[Statuses]:
        given.append(len(models))
        return statuses_one_by_one(models, asked, effort=effort)

    (found,) = overview(lamp, Selection(scenarios=["one"]), effort=SLOW, status_explorer=counting)
    # as it is; hit, and hit where glue or tape took the line before it; not to be lit; lit by hitting alone; bursting;
    # smashed
    assert (given, found.distinct) == ([7], 7)
    assert len(found.states) == len(one.points)
    assert found.states[:5] == (2, 2, 2, 2, 1)


@pytest.mark.long
def test_each_verdict_is_that_of_the_variant_checked_alone(lamp: Path, one: Overview) -> None:
    for row in one.rows:
        for point, status in row.statuses.items():
            changes = [switch.name for switch in point if switch.kind == "change"]
            readings = {switch.name: [switch.value] for switch in point if switch.kind != "change"}
            variants = family(lamp, sets=[changes], readings=readings)
            model = variants.model(variants.variants[0], "one")
            names = [
                *(property_.id for property_ in model.properties),
                "check.deadlock",
                "check.reception",
                "check.overflow",
            ]
            alone = {v.id: v.status for v in run(model, names, SLOW).verdicts}
            assert alone.get(row.id) == status, (row.id, point)


def test_values_and_scenarios_that_only_a_change_brings(lamp: Path) -> None:
    lights = Selection(properties=["lights"])
    found = overview(lamp, replace(lights, scenarios=["one"], readings={"bulb": ["bright"]}), effort=SLOW)[0]
    points = [" + ".join(map(str, point)) for point in found.points]
    assert points[:6] == ["", "with hammer", "with glue", "with tape", "wiring=bad", "fuse=weak"]
    assert [point for point in points if "bulb" in point] == ["with hammer + bulb=bright"]
    assert [one.scenario for one in overview(lamp, lights, pairs=False, effort=SLOW)] == ["one", "fixed"]
    selection = replace(lights, scenarios=["bright"], changes=["hammer"])
    found = overview(lamp, selection, pairs=False, effort=SLOW)[0]
    points = [" + ".join(map(str, point)) for point in found.points]
    assert points == ["", "with glue", "with tape", "wiring=bad", "force=hard", "fuse=weak"]


def test_a_value_is_switched_to_only_where_it_is_not_there_already(tmp_path: Path) -> None:
    text = LAMP.replace("[hammer.yaml, glue.yaml, tape.yaml, spare.yaml]", "[rewire.yaml]")
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    rewire = "{readings: {wiring: {text: Wiring., default: bad, values: {good: , bad: }}}}"
    change = f"{{change: rewire, title: the wiring is bad, edits: [{{replace: {rewire}}}]}}"
    (tmp_path / "rewire.yaml").write_text(change, encoding="utf-8")
    settings = {"bulb": "old", "fuse": "weak"}
    (found,) = overview(tmp_path, Selection(scenarios=["one"], settings=settings), effort=SLOW)
    points = [" + ".join(map(str, point)) for point in found.points]
    assert points == ["", "with rewire", "wiring=bad", "with rewire + wiring=good"]
    assert list(of(found, "lights").statuses.values()) == ["PROVED", "VIOLATED", "VIOLATED", "PROVED"]
    assert said(of(found, "lights"))[2] == ["with rewire by wiring=good"]


@pytest.mark.long
def test_what_makes_no_model_in_a_scenario_is_left_out_there(tmp_path: Path) -> None:
    """An odd bulb can be lit at the cost of a try, and the scenario does not say how many there are."""
    odd = "{id: try, trigger: try, kind: user, budget: tries, source: dark, dest: lit, under: {bulb: odd}}"
    text = LAMP.replace("changes: [hammer.yaml, glue.yaml, tape.yaml, spare.yaml]", "")
    text = text.replace("    - {id: burst", f"    - {odd}\n    - {{id: burst")
    text += "  tries: {like: one, budgets: {tries: 1}}\n"
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    for beside in (False, True):
        effort = replace(SLOW, workers=2)
        selection = Selection(scenarios=["one", "tries"], properties=["lights"])
        one, tries = overview(tmp_path, selection, effort=effort, beside=beside)
        assert why(one) == ["bulb=odd: M603 scenario one does not say how large the budget tries is"]
        assert not any(switch.value == "odd" for point in one.points for switch in point)
        assert said(of(one, "lights"))[0] == ["wiring=bad: VIOLATED"]
        assert why(tries) == []
        assert said(of(tries, "lights"))[2] == ["wiring=bad by bulb=odd"]
        with pytest.raises(ModelError, match="M603"):
            overview(tmp_path, replace(selection, settings={"bulb": "odd"}), effort=effort, beside=beside)


def test_a_text_that_is_wrong_with_a_pending_change_is_an_error(tmp_path: Path) -> None:
    text = LAMP.replace("[hammer.yaml, glue.yaml, tape.yaml, spare.yaml]", "[clash.yaml]")
    clash = "{change: clash, title: a lamp is lit, edits: [{add: {variables: {lamp: {bulb: bool}}}}]}"
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "clash.yaml").write_text(clash, encoding="utf-8")
    with pytest.raises(ModelError, match="M305 variable bulb has the name of"):
        overview(tmp_path, Selection(scenarios=["one"]), effort=SLOW)


def test_what_a_scenario_fixes_is_no_switch(lamp: Path) -> None:
    (found,) = overview(lamp, Selection(scenarios=["fixed"]), effort=SLOW)
    assert not any(switch.name == "bulb" for point in found.points for switch in point)
    mended = ["fuse=weak by with glue", "fuse=weak by with tape", "fuse=weak by wiring=bad"]
    assert said(of(found, "stays")) == (["fuse=weak: VIOLATED"], ["with hammer + force=hard: VIOLATED"], mended)


def test_what_a_scenario_fixes_to_the_default_is_no_switch_either(tmp_path: Path) -> None:
    text = LAMP.replace("changes: [hammer.yaml, glue.yaml, tape.yaml, spare.yaml]", "")
    text = text.replace(
        "options: {bulb: odd}, expect: {stays: violated}", "readings: {wiring: good}, options: {bulb: old}"
    )
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    (found,) = overview(tmp_path, Selection(scenarios=["fixed"]), effort=SLOW)
    assert [" + ".join(map(str, point)) for point in found.points] == ["", "fuse=weak"]


def test_values_that_are_asked_for_and_settings(lamp: Path) -> None:
    asked = Selection(["one"], ["stays"], readings={"bulb": ["odd", "new"]}, settings={"fuse": "weak"})
    (found,) = overview(lamp, asked, pairs=False, effort=SLOW)
    assert [row.id for row in found.rows] == ["stays"]
    switches = ["with hammer", "with glue", "with tape", "wiring=bad", "bulb=new"]
    assert [str(point[0]) for point in found.points[1:]] == switches
    assert found.rows[0].default == "VIOLATED"
    assert said(found.rows[0])[0] == [f"{name}: PROVED" for name in switches[1:]]


def test_changes_that_the_default_variant_has_are_switched_off(lamp: Path) -> None:
    (found,) = overview(lamp, Selection(scenarios=["one"], changes=["hammer"]), effort=SLOW, pairs=False)
    assert [str(point[0]) for point in found.points[1:3]] == ["without hammer", "with glue"]
    assert said(of(found, "stays"))[0] == ["force=hard: VIOLATED"]
    assert said(of(found, "hit"))[0] == ["without hammer: None"]
    (found,) = overview(lamp, Selection(scenarios=["one"], changes=["spare"]), effort=SLOW, pairs=False)
    assert [str(point[0]) for point in found.points[1:5]] == ["with hammer", "with glue", "with tape", "without spare"]
    (found,) = overview(lamp, Selection(scenarios=["one"], changes=["glue"], properties=["lights"]), effort=SLOW)
    assert why(found) == ["with tape: they touch the same part"]  # and not once more with each value
    with pytest.raises(ModelError, match="M320"):
        overview(lamp, Selection(changes=["glue", "tape"]), effort=SLOW)


def test_promises_of_runs_are_asked_too(lamp: Path) -> None:
    (found,) = overview(lamp, Selection(properties=["ends"]), effort=SLOW)  # the other scenarios do not check it
    assert (found.scenario, found.rows[0].default) == ("endless", "VIOLATED")
    assert said(found.rows[0])[0] == ["wiring=bad: VACUOUS"]


def test_a_search_that_is_stopped_is_incomplete_wherever_it_is(lamp: Path) -> None:
    limited = replace(SLOW, limits=Limits(max_states=1))
    (found,) = overview(lamp, Selection(scenarios=["one"], properties=["lights"]), effort=limited)
    lights = of(found, "lights")
    assert (lights.default, found.incomplete) == ("INCOMPLETE", list(lights.statuses.values()).count("INCOMPLETE"))
    assert said(lights)[0] == ["wiring=bad: VIOLATED"]


@pytest.mark.long
def test_scenarios_beside_each_other_are_what_they_are_one_after_another(lamp: Path) -> None:
    watched: list[str] = []
    effort = replace(SLOW, workers=2)
    apart = overview(lamp, effort=effort, beside=True, watch=watched.append)
    assert watched == ["0 of 3 scenarios", "1 of 3 scenarios", "2 of 3 scenarios", "3 of 3 scenarios"]
    together = overview(lamp, effort=effort)
    assert [replace(found, seconds=0) for found in apart] == [replace(found, seconds=0) for found in together]


def test_one_scenario_is_not_said_to_be_several(lamp: Path) -> None:
    watched: list[str] = []
    overview(lamp, Selection(scenarios=["one"], properties=["lights"]), effort=SLOW, watch=watched.append)
    assert watched == ["0 of 1 scenario", "1 of 1 scenario"]


def test_scenarios_left_out(lamp: Path) -> None:
    assert [one.scenario for one in overview(lamp, effort=SLOW, without=["one"])] == ["fixed", "endless"]
    with pytest.raises(ModelError, match="no scenario is left"):
        overview(lamp, Selection(scenarios=["one"]), without=["one"])


@pytest.mark.long
def test_names_that_there_are_not(lamp: Path) -> None:
    with pytest.raises(ModelError, match="M309"):
        overview(lamp, Selection(readings={"colour": ["all"]}))
    with pytest.raises(ModelError, match="M310"):
        overview(lamp, Selection(readings={"bulb": ["red"]}))
    with pytest.raises(ModelError, match="M313"):
        overview(lamp, Selection(properties=["sings"]))
    with pytest.raises(ModelError, match="M313"):
        overview(lamp, Selection(scenarios=["one"], properties=["ends"]))
    with pytest.raises(ModelError, match="M601"):
        overview(lamp, Selection(scenarios=["two"]))
    with pytest.raises(ModelError, match="unknown scenario two"):
        overview(lamp, without=["two"])


def test_a_model_means_the_same_whatever_is_expected_of_it_and_something_else_where_a_line_is(lamp: Path) -> None:
    variants = family(lamp, readings={"bulb": ["all"], "fuse": ["all"]})
    models = [variants.model(variant, "one") for variant in variants.variants]
    assert len({meaning(model) for model in models}) == 2  # odd and weak, and all others
    assert meaning(replace(models[0], expected_checks=(("check.deadlock", "VIOLATED"),))) == meaning(models[0])
    assert meaning(replace(models[0], allows_freeze=True)) != meaning(models[0])


def test_models_that_mean_the_same_share_what_is_told_of_them(lamp: Path) -> None:
    variants = family(lamp, readings={"bulb": ["old", "new", "odd"]}, settings={"fuse": "weak"})
    old, new, odd = (variants.model(variant, "fixed") for variant in variants.variants)
    checks = replace(new, expected_checks=(("check.deadlock", "VIOLATED"),))
    given: list[Sequence[Model]] = []

    def noting(models: Sequence[Model], asked: Sequence[Sequence[str]], *, effort: Effort) -> list[Statuses]:
        given.append(models)
        return statuses_one_by_one(models, asked, effort=effort)

    names = ["stays", "check.deadlock"]
    found = once(noting)([old, checks, odd, old], [names, names, names, ["stays"]], effort=SLOW)
    assert given == [[old, odd, old]]  # something else is asked the last time
    assert found[0] is found[1]
    assert [dict(one.statuses) for one in found] == [
        {"stays": "PROVED", "check.deadlock": "PROVED"},
        {"stays": "PROVED", "check.deadlock": "PROVED"},
        {"stays": "VIOLATED", "check.deadlock": "PROVED"},
        {"stays": "PROVED"},
    ]
