"""From findings to verdicts, what each rests on, and the exit status of a check (decision 0007)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from building import write

from mcfsm.explore.findings import Limits
from mcfsm.model import CHECKS
from mcfsm.problems import ModelError
from mcfsm.questions.check import Checked, check
from mcfsm.verdicts.run import ENGINES
from mcfsm.verdicts.verdict import Verdict

COUNTER = """
roles:
  r:
    variables: {n: 0..4 = 0, on: bool, met: "set[r]"}
    states: [x]
    initial: x
    final: [x]
    transitions:
    - {id: up, trigger: up, kind: user, conditions: n < 4, set: {n: n + 1}}
    - {id: turn, trigger: turn, kind: user, conditions: n == 2, set: {on: "not on"}}
properties:
  PROPERTIES
scenarios:
  s:
    instances: {a: r, b: r}
    EXPECT
"""


def checked(folder: Path, promises: str, *, expect: str = "", limits: Limits | None = None, **options: Any) -> Checked:
    text = COUNTER.replace("PROPERTIES", promises).replace("EXPECT", f"expect: {{{expect}}}")
    engine = options.pop("engine", "reference")
    return check(write(text, folder), limits=limits, engine=engine, **options)


def verdict(folder: Path, promise: str, **options: Any) -> Verdict:
    """The verdict on one property."""
    (found, *_) = checked(folder, f"p: {{text: P., {promise}}}", **options).runs[0].verdicts
    return found


# ---- statuses


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("promise", "status", "reason", "length"),
    [
        ("never: a.n == 4 and b.n == 4", "VIOLATED", "8 steps, shortest", 8),
        ("never: a.on and a.n < 2", "PROVED", "exhaustive", None),
        ("always: a.n < 3", "VIOLATED", "3 steps, shortest", 3),
        ("always: a.n > 0", "VIOLATED", "0 steps, shortest", 0),
        ("always: a.n <= 4", "PROVED", "exhaustive", None),
        ("reachable: a.n == 1", "PROVED", "1 step, shortest", 1),
        ("reachable: a.on and a.n < 2", "VIOLATED", "exhaustive: no such state", None),
        ("when: b.on, always: a.n < 2", "VIOLATED", "5 steps, shortest", 5),
        ("when: a.on, always: a.n >= 2", "PROVED", "exhaustive", None),
    ],
)
def test_a_verdict_says_how_it_was_decided(
    tmp_path: Path, promise: str, status: str, reason: str, length: int | None, engine: str
) -> None:
    found = verdict(tmp_path, promise, engine=engine)
    assert (found.status, found.reason) == (status, reason)
    assert (None if found.trace is None else len(found.trace)) == length


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("promise", "reason"),
    [
        ("when: a.on and a.n < 2, always: b.n < 2", "its premise was false throughout"),
        ("when: a.n <= 4, always: b.n <= 4", "its premise was true throughout"),
        ("never: a.on and b.n <= 4 and a.n < 2", "operand 2 was true throughout"),
        ('never: "b.n == 1 and any(i.on and i.n < 2 for i in r)"', "operand 2 was false throughout"),
        ("always: not a.on or b.n <= 4", "operand 2 was true throughout"),
        ("always: not (a.on and a.n < 2) or b.n == 1", "operand 1 was true throughout"),
        ('never: "any(i.on and j.n <= 4 and i.n < 2 for i in r for j in r)"', "operand 2 was true throughout"),
        ('always: "all(not i.on or j.n <= 4 for i in r for j in r)"', "operand 2 was true throughout"),
        ('never: "any(i.on and i.n < 2 for i in r if i.on and i.n == 0)"', "operand 1 was never evaluated"),
        ('always: "all(i.n == 1 for i in r if i.on and i.n == 0)"', "what its quantifier says was never evaluated"),
        ('always: "all(i.n == 1 for i in a.met)"', "what its quantifier says was never evaluated"),
        (
            'never: "any(j.on for i in r if i.on and i.n == 0 for j in r)"',
            "what its quantifier says was never evaluated",
        ),
    ],
)
def test_a_property_never_put_to_the_test_is_vacuous(tmp_path: Path, promise: str, reason: str, engine: str) -> None:
    found = verdict(tmp_path, promise, engine=engine)
    assert (found.status, found.reason, found.trace) == ("VACUOUS", reason, None)


@pytest.mark.parametrize(
    "promise",
    [
        "never: a.on and a.n < 2",
        "always: a.n <= 4",  # no operands, no premise
        'always: "all(i.n <= 4 for i in r)"',
        'always: "all(i.n > 0 for i in r if i.on)"',
        'never: "any(i.on and i.n < 2 for i in r)"',
        "when: a.on, never: a.n < 2",
    ],
)
def test_a_property_that_was_put_to_the_test_is_not_vacuous(tmp_path: Path, promise: str) -> None:
    assert verdict(tmp_path, promise).status == "PROVED"


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_quantifier_says_is_true_where_it_is_asked_of_some_element(tmp_path: Path, engine: str) -> None:
    promise = 'p: {text: P., always: "all(i.n > 0 for i in r if i.on)"}'
    (told,) = checked(tmp_path, promise, engine=engine).runs[0].findings.coverage["p"]
    assert (told.what, told.seen_true, told.seen_false) == ("what its quantifier says", True, False)


def test_a_violated_property_is_not_vacuous_whatever_its_operands_did(tmp_path: Path) -> None:
    assert verdict(tmp_path, "never: a.n <= 4 and b.n == 1").status == "VIOLATED"


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_decided_property_shares_with_another_is_not_noted_for_it_any_more(tmp_path: Path, engine: str) -> None:
    both = "p: {text: P., always: a.n == 4 or b.n > 0}\n  q: {text: Q., never: a.n == 4 and a.on and a.n < 2}"
    coverage = checked(tmp_path, both, engine=engine).runs[0].findings.coverage
    assert [operand.seen_true for operand in coverage["p"]] == [False, False]  # it is decided by the first state
    assert coverage["q"][0].seen_true


@pytest.mark.parametrize("premise", ["a.on and a.n < 2", "a.n <= 4"])
def test_a_reachable_property_is_decided_by_a_witness_or_by_there_being_none(tmp_path: Path, premise: str) -> None:
    found = verdict(tmp_path, f"when: {premise}, reachable: a.n == 1 and a.on")
    assert (found.status, found.reason) == ("VIOLATED", "exhaustive: no such state")


def test_an_operand_that_only_those_before_it_make_sense_of_is_not_asked_elsewhere(tmp_path: Path) -> None:
    """The search stops at server(k1), before it asks for server(k3), which is not there; so do operands."""
    text = """
        domains: {K: [k1, k2, k3]}
        roles:
          r: {variables: {on: bool, off: bool}, states: [x], initial: x, final: [x]}
        properties:
          p: {text: P., never: "any(not server(k).on and not server(k).off for k in K if not server(k).on)"}
        scenarios: {s: {instances: {server: {k1: r, k2: r}}, expect: {p: violated}}}
    """
    found = check(write(text, tmp_path)).runs[0].verdicts[0]
    assert (found.status, found.reason) == ("VIOLATED", "0 steps, shortest")
    with pytest.raises(ModelError) as caught:
        check(write(text.replace("not server(k).off", "server(k).off"), tmp_path))
    assert [problem.message for problem in caught.value.problems] == [
        "the scenario has no instance server(k3) (property p)"
    ]


# ---- incomplete


@pytest.mark.parametrize("promise", ["never: a.on and a.n < 2", "reachable: a.on and a.n < 2"])
def test_a_search_cut_short_proves_nothing(tmp_path: Path, promise: str) -> None:
    found = verdict(tmp_path, promise, limits=Limits(max_states=20))
    assert found.status == "INCOMPLETE"
    assert found.reason == "stopped by --max-states 20 after 21 states; raise it"
    assert found.trace is None
    assert not found.met


def test_a_vacuous_property_is_incomplete_until_the_search_is_complete(tmp_path: Path) -> None:
    promise = "when: a.on and a.n < 2, always: b.n < 2"
    assert verdict(tmp_path, promise, limits=Limits(max_states=20)).status == "INCOMPLETE"


def test_what_was_found_before_the_limit_is_kept(tmp_path: Path) -> None:
    both = "p: {text: P., never: a.n == 1}\n  q: {text: Q., reachable: b.n == 1}\n  z: {text: Z., always: a.n <= 4}"
    found = checked(tmp_path, both, limits=Limits(max_states=20))
    statuses = {v.id: v.status for v in found.runs[0].verdicts}
    assert statuses == {
        "p": "VIOLATED",
        "q": "PROVED",
        "z": "INCOMPLETE",
        "check.deadlock": "INCOMPLETE",
        "check.reception": "INCOMPLETE",
        "check.overflow": "INCOMPLETE",
    }
    assert found.exit_status == 1


def test_incomplete_is_exit_status_2(tmp_path: Path) -> None:
    assert checked(tmp_path, "z: {text: Z., always: a.n <= 4}", limits=Limits(max_states=20)).exit_status == 2


@pytest.mark.parametrize(
    ("expect", "most", "status"), [("incomplete", 20, 2), ("violated", 20, 2), ("incomplete", None, 1)]
)
def test_an_expected_incomplete_is_no_pass(tmp_path: Path, expect: str, most: int | None, status: int) -> None:
    checks = ", ".join(f"{check}: incomplete" for check in CHECKS) if most else ""
    expected = ", ".join(part for part in (f"z: {expect}", checks) if part)
    found = checked(tmp_path, "z: {text: Z., always: a.n <= 4}", expect=expected, limits=Limits(max_states=most))
    assert found.exit_status == status
    assert found.runs[0].verdicts[0].met is (expect == "incomplete" and most is not None)


# ---- expectations


@pytest.mark.parametrize(
    ("promise", "expect", "status"),
    [
        ("always: a.n < 3", "p: violated", 0),
        ("always: a.n < 3", "", 1),
        ("always: a.n < 3", "p: vacuous", 1),
        ("always: a.n <= 4", "", 0),
        ("always: a.n <= 4", "p: proved", 0),
        ("always: a.n <= 4", "p: violated", 1),
        ("when: a.on and a.n < 2, always: b.n < 2", "p: vacuous", 0),
        ("when: a.on and a.n < 2, always: b.n < 2", "", 1),
        ("reachable: a.on and a.n < 2", "p: violated", 0),
        ("always: a.n <= 4", "check.deadlock: violated", 1),
    ],
)
def test_an_expectation_met_passes_and_one_not_met_fails(
    tmp_path: Path, promise: str, expect: str, status: int
) -> None:
    assert checked(tmp_path, f"p: {{text: P., {promise}}}", expect=expect).exit_status == status


def test_a_built_in_check_that_finds_what_is_expected_is_met(tmp_path: Path) -> None:
    text = """
        roles: {r: {states: [x], initial: x}}
        scenarios: {s: {instances: {a: r}, expect: {check.deadlock: violated}}, t: {instances: {a: r}}}
    """
    one, other = check(write(text, tmp_path)).runs
    assert [(v.id, v.status, v.met) for v in one.verdicts] == [
        ("check.deadlock", "VIOLATED", True),
        ("check.reception", "PROVED", True),
        ("check.overflow", "PROVED", True),
    ]
    assert one.verdicts[0].reason == "no step is possible, and not everybody is at rest; 0 steps, shortest"
    assert not other.verdicts[0].met


def test_a_finding_of_reception_has_the_value_of_each_guard(tmp_path: Path) -> None:
    text = """
        messages: {m: {n: 1..2}}
        roles:
          talker:
            states: [x]
            initial: x
            final: [x]
            transitions: [{id: put, trigger: put, kind: user, send: [{m: {to: l, n: 2}}]}]
          listener:
            states: [y, z]
            initial: y
            final: [y]
            transitions:
            - {id: one, trigger: m, conditions: msg.n == 1}
            - {id: not_two, trigger: m, unless: msg.n == 2}
            - {id: later, trigger: m, source: z}
            - {id: mine, trigger: m, from: l}
        scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: {bound: 1, when_full: block}}}}
    """
    run = check(write(text, tmp_path)).runs[0]
    (found,) = [fault for fault in run.faults if fault.check == "check.reception"]
    assert found.refusals == (
        "one: msg.n == 1 is false",
        "not_two: msg.n == 2 is true",
        "later: state is y, not z",
        "mine: from t is not allowed",
    )


# ---- early stop


def test_a_search_stops_when_all_is_decided_and_all_goes_on(tmp_path: Path) -> None:
    text = "p: {text: P., reachable: a.n == 1}"
    early = checked(tmp_path, text, properties=["p"]).runs[0]
    whole = checked(tmp_path, text, properties=["p"], everything=True).runs[0]
    assert (early.findings.states, early.findings.transitions, early.findings.depth) == (6, 2 + 2 * 2, 2)
    assert (early.findings.complete, whole.findings.complete) == (False, True)
    # n and on of both; on may be true only from n == 2 on
    assert whole.findings.states == (5 + 3) ** 2
    assert [v.trace for v in early.verdicts] == [v.trace for v in whole.verdicts]
    assert early.verdicts[0].status == "PROVED"


# ---- warnings


def test_a_transition_that_no_scenario_fires_is_a_warning(tmp_path: Path) -> None:
    text = """
        roles:
          r:
            states: [x]
            initial: x
            final: [x]
            transitions:
            - {id: stay, trigger: stay, kind: user}
            - {id: never, trigger: never, kind: user, conditions: most > 1}
        parameters: {most: 0}
        scenarios: {s: {instances: {a: r}}, t: {like: s, parameters: {most: MOST}}}
    """
    path = write(text.replace("MOST", "1"), tmp_path)
    found = check(path)
    why = "never enabled, as each time most > 1 is false"
    assert found.warnings == (f"{path}:9: transition never was never fired in any scenario: {why}",)
    assert found.exit_status == 0
    assert check(path, scenarios=["s"]).warnings == ()  # not all scenarios were run
    assert check(path, limits=Limits(max_states=1)).warnings != ()
    assert check(write(text.replace("MOST", "2"), tmp_path)).warnings == ()


def test_an_incomplete_search_warns_of_nothing(tmp_path: Path) -> None:
    found = checked(tmp_path, "z: {text: Z., always: a.n <= 4}", limits=Limits(max_states=3))
    assert found.runs[0].findings.fired == {"up"}
    assert found.warnings == ()


# ---- what a flow rests on

CLAUSES = """
c-1: {modality: shall, text: One.}
c-2: {modality: informative, text: Two.}
c-3: {modality: editors_note, text: Three.}
c-4: {modality: may, text: Four.}
"""
LEANING = """
model: leaning
clauses: clauses.yaml
readings:
  way: {text: Which way., default: short, values: {short: c-2, long: c-1}}
options:
  speed: {text: How fast., default: fast, values: {fast: c-4, slow: }}
roles:
  r:
    states: [w, x, y, z]
    initial: w
    transitions:
    - {id: begin, trigger: begin, kind: user, source: w, dest: x, under: {way: short, speed: fast}, clause: [c-1, c-2]}
    - {id: note, trigger: note, kind: user, source: x, dest: y, clause: [c-2, c-3]}
    - {id: guess, trigger: guess, kind: user, source: y, dest: z, clause: c-1, assumption: It is so.}
    - {id: plain1, trigger: plain, kind: user, source: w, dest: w, clause: c-1}
    PLAIN
properties:
  p: {text: P., clause: c-1, never: a.state == z}
scenarios: {s: {instances: {a: r}, expect: {p: violated, check.deadlock: violated}}}
"""
PLAIN = """
    - {id: far1, trigger: far, kind: user, source: x, dest: y, clause: c-1}
    - {id: far2, trigger: far, kind: user, source: y, dest: x, clause: c-4}
    - {id: far3, trigger: far, kind: user, source: y, dest: z, conditions: "true", clause: c-1}"""


def leaning(folder: Path, plain: str, **options: Any) -> Verdict:
    (folder / "clauses.yaml").write_text(CLAUSES, encoding="utf-8")
    path = write(LEANING.replace("    PLAIN", plain.strip("\n") or "    # none"), folder)
    return check(path, engine="reference", **options).runs[0].verdicts[0]


def test_relies_on_lists_assumptions_then_choices_then_informative_items(tmp_path: Path) -> None:
    found = leaning(tmp_path, "")
    assert found.trace is not None
    assert [step.transition for step in found.trace.steps] == ["begin", "note", "guess"]
    assert tuple(map(str, found.relies_on)) == (
        "guess (assumption: It is so.)",
        "way=short (c-2, informative)",
        "speed=fast (c-4, may)",
        "c-2 (informative)",
        "c-3 (informative)",
    )


def test_where_no_flow_does_without_the_verdict_says_so(tmp_path: Path) -> None:
    found = leaning(tmp_path, "")
    assert (found.normative, found.normative_note) == (None, "no flow without assumptions and informative items")


def test_the_shortest_flow_without_assumptions_and_informative_items_is_shown(tmp_path: Path) -> None:
    longer = PLAIN.replace("source: y, dest: z", "source: w, dest: z").replace(
        'conditions: "true"', "conditions: state == w"
    )
    found = leaning(tmp_path, PLAIN)
    assert found.trace is not None
    assert found.normative is not None
    # ties by declared order put the informative transitions first
    assert [step.transition for step in found.trace.steps] == ["begin", "note", "guess"]
    assert [step.transition for step in found.normative.steps] == ["begin", "far1", "far3"]
    direct = leaning(tmp_path, longer)
    assert direct.trace is not None
    assert [step.transition for step in direct.trace.steps] == ["far3"]
    assert (direct.normative, direct.normative_note, direct.relies_on) == (None, None, ())


def test_a_flow_with_a_strong_and_a_weak_clause_is_as_binding_as_the_strong_one(tmp_path: Path) -> None:
    found = leaning(tmp_path, PLAIN)
    assert found.normative is not None
    assert "begin" in [step.transition for step in found.normative.steps]  # c-1 shall, c-2 informative


def test_the_second_search_has_the_same_limit(tmp_path: Path) -> None:
    grown = LEANING.replace(
        "    states: [w, x, y, z]", "    variables: {n: 0..9 = 0}\n    states: [w, x, y, z]"
    ).replace("source: w, dest: w, clause: c-1", "conditions: state == w and n < 9, set: {n: n + 1}, clause: c-1")
    (tmp_path / "clauses.yaml").write_text(CLAUSES, encoding="utf-8")
    path = write(grown.replace("    PLAIN", "    # none"), tmp_path)
    found = check(path, engine="reference", limits=Limits(max_states=10)).runs[0].verdicts[0]
    assert found.status == "VIOLATED"
    assert found.normative_note == (
        "whether a flow exists without assumptions and informative items: "
        "stopped by --max-states 10 after 11 states; raise it"
    )
