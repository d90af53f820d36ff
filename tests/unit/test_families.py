"""Questions to a family, on a model of a few lines with four changes: what is found is worked out by hand."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from served import MODEL, write_served

from mcfsm.language.files.reader import read
from mcfsm.language.selection import Selection
from mcfsm.problems import ModelError
from mcfsm.questions.check import check
from mcfsm.questions.compare.compare import change_versions, compare
from mcfsm.questions.families.conditions import _open, conditions
from mcfsm.questions.families.family import Variant, explore, family, subsets
from mcfsm.questions.families.interwork import NEW, OLD, Interworking, interwork, touched_roles
from mcfsm.questions.families.ladder import Ladder, ladder, rungs
from mcfsm.questions.families.matrix import matrix
from mcfsm.questions.families.repair import Repair, repair
from mcfsm.report.conditions import formula
from mcfsm.report.matrix import matrix_as_text
from mcfsm.report.repair import repair_as_text
from mcfsm.verdicts.run import Effort

SLOW = Effort(engine="reference")
ALL = ["again", "deaf", "number", "polite"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_served(tmp_path_factory.mktemp("served"))


# ---- variants


def test_a_value_that_a_change_adds_is_chosen_only_where_it_is(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path, tmp_path / "m")
    (tmp_path / "m" / "polite.yaml").write_text(
        "change: polite\ntitle: the server asks\nedits: [{add: {values: {who: {server_first: }}}}]\n", encoding="utf-8"
    )
    found = family(tmp_path / "m", sets=[[], ["polite"]], readings={"who": ["nobody", "server_first"]})
    assert [str(variant) for variant in found.variants] == [
        "no change, who=nobody",
        "polite, who=nobody",
        "polite, who=server_first",
    ]
    only = family(tmp_path / "m", sets=[[], ["polite"]], readings={"who": ["server_first"]})
    assert [str(variant) for variant in only.variants] == ["polite, who=server_first"]
    for sets in ([[]], [[], ["polite"]]):
        with pytest.raises(ModelError, match="M310"):
            family(tmp_path / "m", sets=sets, readings={"who": ["all", "server_first" if sets == [[]] else "srv"]})


def test_variants_are_every_combination(path: Path) -> None:
    found = family(path, sets=[[], ["again"]], readings={"who": ["all"], "forgetful": ["once"]})
    assert [str(variant) for variant in found.variants] == [
        "no change, who=client_first, forgetful=once",
        "no change, who=nobody, forgetful=once",
        "again, who=client_first, forgetful=once",
        "again, who=nobody, forgetful=once",
    ]
    assert family(path).variants == (Variant(("polite",)),)
    assert found.scenarios(None) == ["one", "fixed"]


def test_sets_that_overlap_are_left_out(path: Path) -> None:
    found = family(path, sets=subsets(["deaf", "number"]))
    assert [variant.changes for variant in found.variants] == [(), ("deaf",), ("number",)]
    assert found.excluded == (("deaf", "number"),)
    with pytest.raises(ModelError, match="M320"):
        family(path, sets=[["deaf", "number"]])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"sets": [["agin"]]}, "M317"),
        ({"readings": {"whom": ["all"]}}, "M309"),
        ({"readings": {"who": ["me"]}}, "M310"),
        ({"settings": {"size": "2"}}, "M309"),
    ],
)
def test_unknown_names(path: Path, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ModelError, match=code):
        family(path, **arguments)


def test_each_variant_is_what_a_check_of_it_alone_finds(path: Path) -> None:
    found = family(path, sets=subsets(["again", "polite"]), readings={"who": ["all"], "forgetful": ["all"]})
    for variant, run in zip(found.variants, explore(found, "one", effort=SLOW), strict=True):
        readings = {name: [value] for name, value in variant.chosen}
        (alone,) = check(path, scenarios=["one"], changes=variant.changes, readings=readings, engine="reference").runs
        assert [(v.id, v.status, v.trace and v.trace.steps) for v in run.verdicts] == [
            (v.id, v.status, v.trace and v.trace.steps) for v in alone.verdicts
        ]
        assert run.model.changes == variant.changes


# ---- matrix


def test_the_matrix_names_what_breaks_and_what_mends(path: Path) -> None:
    (found,) = matrix(path, Selection(scenarios=["one"], changes=ALL, settings={"forgetful": "once"}), effort=SLOW)
    rows = {row.id: row for row in found.rows}
    assert len(found.columns) == 16 - len(found.excluded) == 12
    assert [set(changes) >= {"deaf", "number"} for changes in found.excluded] == [True] * 4
    # without changes the answer is forgotten, and nobody asks again
    assert dict(zip(found.columns, rows["served"].statuses, strict=True))[()] == "VIOLATED"
    assert rows["served"].mends == (("again",),)
    assert rows["served"].breaks == (("again", "deaf"),)
    assert rows["check.reception"].breaks == (("deaf",),)
    assert rows["check.deadlock"].mends == (("again",),)
    assert rows["asks"].breaks == rows["asks"].mends == ()
    assert ("served", ("again", "deaf")) in found.together
    assert found.complete


def test_candidates_are_no_columns_unless_they_are_named(path: Path) -> None:
    columns = matrix(path, Selection(scenarios=["one"], properties=["asks"]), effort=SLOW)[0].columns
    assert columns == ((), ("deaf",), ("number",), ("polite",), ("deaf", "polite"), ("number", "polite"))


def test_a_scenario_that_a_change_adds_is_asked_under_the_sets_that_have_it(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path, tmp_path / "model")
    more = "\n- add: {scenarios: {two: {like: one, text: The same.}}}\n"
    polite = tmp_path / "model" / "polite.yaml"
    polite.write_text(polite.read_text("utf-8").rstrip() + more, encoding="utf-8")
    asked = Selection(scenarios=["two"], changes=["again", "polite"])
    (found,) = matrix(tmp_path / "model", asked, effort=SLOW)
    assert found.columns == (("polite",), ("again", "polite"))
    assert found.lacking == ((), ("again",))
    with pytest.raises(ModelError, match="M601 unknown scenario three"):
        matrix(tmp_path / "model", Selection(scenarios=["three"], changes=["polite"]), effort=SLOW)


def test_sets_with_the_same_verdicts_share_a_column_where_there_are_many(path: Path) -> None:
    matrices = matrix(path, Selection(scenarios=["one"], changes=ALL), effort=SLOW)
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(matrix_as_text(matrices, width=100))
    said = console.export_text()
    (found,) = matrices
    assert len(found.columns) > 8
    groups = [line.strip() for line in said.splitlines() if line.strip().startswith("(")]
    (head,) = [line.split() for line in said.splitlines() if line.strip().startswith("property")]
    listed = [name for line in groups for name in line.split(") ", 1)[1].split(", ")]
    assert head == ["property", *(f"({number})" for number in range(1, len(groups) + 1))]
    assert sorted(listed) == sorted("+".join(changes) or "no change" for changes in found.columns)
    assert groups[0].startswith("(1) no change")


# ---- conditions


def test_what_a_scenario_fixes_stays_fixed_also_to_what_is_the_default(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path, tmp_path / "m")
    text = MODEL.replace("options: {forgetful: once}", "options: {forgetful: never_so}")
    (tmp_path / "m" / "model.yaml").write_text(text, encoding="utf-8")
    one, fixed = conditions(tmp_path / "m", "served", Selection(changes=[]), effort=SLOW)
    assert [dimension.name for dimension in one.dimensions] == ["who", "forgetful"]
    assert [dimension.name for dimension in fixed.dimensions] == ["who"]


def test_what_is_fixed_in_one_text_is_not_open_whichever_is_last(path: Path, tmp_path: Path) -> None:
    text = MODEL.replace("one: {instances", "one: {options: {forgetful: once}, instances")
    shutil.copytree(path, tmp_path / "m")
    (tmp_path / "m" / "model.yaml").write_text(text, encoding="utf-8")
    texts = [read(path), read(tmp_path / "m")]
    assert _open(texts[:1], "one", {}) == {"who": ["all"], "forgetful": ["all"]}
    assert _open(texts, "one", {}) == {"who": ["all"]}
    assert _open(texts[::-1], "one", {}) == {"who": ["all"]}
    assert _open(texts, "one", {"who": "nobody"}) == {}


def test_a_property_is_said_as_the_text_with_the_fewest_changes_says_it(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path, tmp_path / "m")
    polite = "{leads_to: [c.state == waiting, c.state == content], text: Thanks are said.}"
    edit = f"change: polite\ntitle: thanks\nedits: [{{replace: {{properties: {{served: {polite}}}}}}}]\n"
    (tmp_path / "m" / "polite.yaml").write_text(edit, encoding="utf-8")
    one, _ = conditions(tmp_path / "m", "served", Selection(changes=["polite"]), effort=SLOW)
    assert [run.verdicts[0].text for run in (one.runs[0], one.runs[-1])] == ["Who waits is served.", "Thanks are said."]
    assert one.text == "Who waits is served."


def test_the_condition_under_which_it_holds(path: Path) -> None:
    one, fixed = conditions(path, "served", Selection(changes=["again", "deaf"]), effort=SLOW)
    assert formula(one) == "who = client_first and not deaf and (again or forgetful = never_so)"
    assert [(literal.dimension.name, literal.values) for literal in one.forced] == [("who", ("client_first",))]
    assert fixed.scenario == "fixed"
    assert [dimension.name for dimension in fixed.dimensions] == [
        "again",
        "deaf",
        "who",
    ]  # the scenario fixes the option


def test_what_always_and_never_holds(path: Path) -> None:
    (always, _) = conditions(path, "asks", Selection(changes=[], readings={"who": ["client_first"]}), effort=SLOW)
    assert (always.always, always.never, always.dimensions[0].name) == (True, False, "forgetful")
    (never, _) = conditions(path, "asks", Selection(changes=[], readings={"who": ["nobody"]}), effort=SLOW)
    assert (never.always, never.never) == (False, True)
    (either, _) = conditions(path, "asks", Selection(changes=[]), effort=SLOW)
    assert formula(either) == "who = client_first"
    assert [(literal.dimension.name, literal.values) for literal in either.forced] == [("who", ("client_first",))]


# ---- compare


def test_compare_says_what_is_different(path: Path) -> None:
    found = compare(*change_versions(path, ["deaf"], []), Selection(scenarios=["one"]), effort=SLOW)[0]
    assert found.parts == ("removes transition answer of server", "removes transition forget of server")
    assert [(v.id, v.before, v.after) for v in found.verdicts] == [
        ("served", "PROVED", "VIOLATED"),
        ("check.deadlock", "PROVED", "VIOLATED"),
        ("check.reception", "PROVED", "VIOLATED"),
    ]
    assert found.fates == (("told", "dead"), ("answer", "gone"))
    assert [(c.role, c.state, c.message, c.before, c.after) for c in found.cells] == [
        ("client", "waiting", "tell", "handled", "unreachable"),
        ("server", "ready", "ask", "handled", "unspecified"),
    ]
    assert found.difference.only_second is None
    assert found.difference.only_first is not None
    assert [str(label) for label in found.difference.only_first.labels] == [
        "c sends ask() to srv",
        "srv receives ask() from c, sends tell() to c",
    ]
    assert found.happened == {"behaviour-removed", "verdict-lost"}
    assert found.complete


def test_compare_of_a_text_with_itself_finds_nothing(path: Path) -> None:
    before, _ = change_versions(path, ["deaf"], [])
    (found, _) = compare(before, before, effort=SLOW)
    assert (found.parts, found.verdicts, found.fates, found.cells) == ((), (), (), ())
    assert found.difference.same
    assert found.happened == set()


# ---- interwork


def told(one: Interworking) -> dict[str, str]:
    return {
        "".join("o" if version == OLD else "n" for _, version in combination.roles): "; ".join(
            [verdict.id for verdict in one.broken(combination)]
            or ([combination.problem.message] if combination.problem else [])
        )
        for combination in one.combinations
    }


def test_an_unknown_message_is_an_unspecified_reception(path: Path) -> None:
    before, after = change_versions(path, ["polite"], [])
    assert touched_roles(before.document, after.document) == ("client", "server")
    (found,) = interwork(path, ["polite"], Selection(scenarios=["one"], changes=[]), effort=SLOW)
    assert told(found) == {"oo": "", "on": "", "no": "check.deadlock; check.reception", "nn": ""}
    assert not found.works
    (old_server,) = [c for c in found.combinations if dict(c.roles) == {"client": NEW, "server": OLD}]
    verdict = next(verdict for verdict in found.broken(old_server) if verdict.id == "check.reception")
    assert verdict.trace is not None
    assert [step.transition for step in verdict.trace.steps] == ["ask", "answer", "told", "thank"]


def test_an_absent_mandatory_element_is_reported_and_an_unknown_one_dropped(path: Path) -> None:
    (found,) = interwork(path, ["number"], Selection(scenarios=["one"], changes=[]), effort=SLOW)
    assert told(found) == {
        "oo": "",
        "on": "",  # the older client does not see the number
        "no": "msg.number is read where it is absent (transition told of c)",
        "nn": "",
    }
    assert not found.works


def test_a_change_that_touches_no_role(path: Path) -> None:
    with pytest.raises(ModelError, match="M318 again touches no role of again"):
        interwork(path, [], Selection(changes=["again"]))


# ---- repair


def test_the_smallest_sets_that_restore_a_property(path: Path) -> None:
    forgetful = {"forgetful": "once"}
    for candidates, tried in ((None, ["again"]), (ALL, ALL)):
        found = repair(
            path,
            "served",
            Selection(scenarios=["one"], changes=[], settings=forgetful),
            candidates=candidates,
            effort=SLOW,
        )
        assert list(found.candidates) == tried
        assert [(one.changes, one.lost) for one in found.corrections] == [(("again",), ())]
        assert (found.costly, found.holds) == ((), False)
    few = ["polite", "number"]
    left = repair(
        path, "served", Selection(scenarios=["one"], changes=[], settings=forgetful), candidates=few, effort=SLOW
    )
    assert (left.corrections, left.costly) == ((), ())
    flows = [verdict.trace for trial in (left.before, *left.alone) for _, _, verdict in trial.left]
    assert [trial.changes for trial in left.alone] == [("number",), ("polite",)]
    assert [[step.transition for step in flow.steps] for flow in flows if flow] == [["ask", "forget"]] * 3
    assert repair(path, "served", Selection(scenarios=["one"], changes=[]), effort=SLOW).holds
    assert "restored by no set of the candidates (number, polite)" in repair_told(left)
    none = repair(
        path, "served", Selection(scenarios=["one"], changes=[], settings=forgetful), candidates=[], effort=SLOW
    )
    assert "restored by no set of the candidates (none)" in repair_told(none)


def repair_told(found: Repair) -> str:
    """What is printed of it, on one line."""
    console = Console(file=io.StringIO(), width=200)
    console.print(repair_as_text(found, width=200))
    return " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]


# ---- ladder


def sets(found: Ladder) -> dict[str, list[tuple[str, ...]]]:
    return {survival.id: [broken.faults for broken in survival.broken] for survival in found.survivals}


def test_rungs_are_sets_in_which_a_fault_may_stand_twice() -> None:
    assert rungs(["loss", "crash"], 2) == [
        (), ("loss",), ("crash",), ("loss", "loss"), ("loss", "crash"), ("crash", "crash"),
    ]  # fmt: skip


def test_the_smallest_sets_of_faults(path: Path) -> None:
    (once,) = ladder(path, Selection(scenarios=["one"], changes=[]), most=2, effort=SLOW)
    assert sets(once)["served"] == [("loss",), ("crash",)]
    assert sets(once)["asks"] == []
    assert sets(once)["check.reception"] == [("duplication",), ("crash",)]
    (again,) = ladder(path, Selection(scenarios=["one"], changes=["again"]), most=2, faults=["loss"], effort=SLOW)
    assert sets(again)["served"] == [("loss", "loss")]
    assert again.complete


def test_there_may_be_too_many_variants(tmp_path: Path) -> None:
    options = ", ".join(f"o{i}: {{text: O., default: x{i}, values: {{x{i}: , y{i}: }}}}" for i in range(30))
    text = MODEL.replace("options: {", f"options: {{{options}, ", 1)
    text = text.replace("changes: [again.yaml, deaf.yaml, number.yaml, polite.yaml]\nwith: [polite]\n", "")
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"M104 4,294,967,296 variants; at most 1,024") as told:
        conditions(tmp_path, "served", effort=SLOW)
    assert told.value.asked
    (problem,) = told.value.problems
    assert problem.hint is not None
    assert problem.hint.startswith(
        "fix some of them (--reading NAME=VALUE, --option NAME=VALUE). Open are: readings who (2)"
    )


@pytest.mark.parametrize(("symmetry", "states"), [(True, 197), (False, 392)])
def test_variants_are_explored_up_to_permutation_unless_that_is_turned_off(symmetry: bool, states: int) -> None:
    alike = family("benchmarks/models/migration_core.yaml", settings={"moves": "1", "calls": "1"})
    (run,) = explore(alike, "alike", full=True, effort=Effort(symmetry=symmetry))
    assert (run.findings.states, run.findings.complete) == (states, True)
