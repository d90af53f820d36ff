"""A search that gives up says INCOMPLETE, why, and what to raise; what it found before stays found."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from building import build

from mcfsm.commands.cli import run
from mcfsm.explore import exhaustive, family_findings, level_search, store
from mcfsm.explore.findings import Limits
from mcfsm.explore.liveness import stored_states
from mcfsm.explore.stopping import INTERRUPTED
from mcfsm.explore.stubborn import search
from mcfsm.kernel import worker as lists
from mcfsm.kernel.state_set import STATES
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.problems import ModelError, counted
from mcfsm.questions.check import check
from mcfsm.tables import components
from mcfsm.tables.tables import Tables
from mcfsm.verdicts.family_runs import statuses_of_family
from mcfsm.verdicts.run import Effort
from mcfsm.verdicts.verdict import Verdict

# what is raised in a callback of the collector is lost; the watch brings it again
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
MODEL = "models/mc_migration"
COMMIT = "models/textbook/two_phase_commit.yaml"
RING = "models/textbook/token_ring.yaml"
CHOSEN = {"scenarios": ["one_partner"], "readings": {"notify": ["after"]}}
ENGINES = ["exhaustive", "reference"]


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(max_states=2000), "--max-states 2000"),
        (Limits(max_depth=12), "--max-depth 12"),
        (Limits(max_seconds=0), "--max-seconds 0"),
    ],
)
def test_a_limit_stops_the_search_and_is_named(engine: str, limits: Limits, said: str) -> None:
    run_ = check(MODEL, **CHOSEN, engine=engine, limits=limits).runs[0]
    assert run_.findings.stopped == said
    assert not run_.findings.complete
    assert {verdict.status for verdict in run_.verdicts} <= {"INCOMPLETE", "VIOLATED", "PROVED"}
    for verdict in run_.verdicts:
        if verdict.status == "INCOMPLETE":
            assert verdict.reason == f"stopped by {said} after {counted(run_.findings.states, 'state')}; raise it"
        else:  # decided by a state that was reached: a violation, or the witness of a reachable property
            assert verdict.trace is not None


@pytest.mark.long
def test_compiling_the_search_is_no_part_of_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first run, on a machine that never searched, has as many seconds as any other."""
    compiling = itertools.count(0.0, 1000.0)
    monkeypatch.setattr("mcfsm.explore.stopping.seconds_compiling", lambda: next(compiling))
    assert check(MODEL, **CHOSEN, limits=Limits(max_seconds=0)).runs[0].findings.complete


MOST_RESIDENT = """
import re, sys
from pathlib import Path
from mcfsm.commands.cli import run
status = run(sys.argv[1:])
sys.stdout.flush()
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1], file=sys.stderr)
sys.exit(status)
"""


@pytest.mark.process
@pytest.mark.parametrize("most", [240, 300])
def test_what_was_found_is_told_where_local_states_take_the_memory(most: int) -> None:
    """Some 170,000 and 260,000 of them: at the second, tables double and rows are laid out anew."""
    asked = ["check", "benchmarks/models/many_local_states.yaml", "--workers", "1", "--no-cache", "--json", "-"]
    compiling = [sys.executable, "-m", "mcfsm", *asked, "--set", "most=1"]  # for which there is no room below
    subprocess.run(compiling, capture_output=True, check=True)
    done = subprocess.run(
        [sys.executable, "-c", MOST_RESIDENT, *asked, "--max-memory", f"{most}M"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    (told,) = json.loads(done.stdout)["scenarios"]
    assert told["states"] > 100_000
    assert int(done.stderr.split()[-1]) < 1.1 * most * 1024


@pytest.mark.process
def test_a_search_that_there_is_no_room_to_compile_says_so_and_what_to_do(tmp_path: Path) -> None:
    """As on a machine that never searched: the compiler takes what cannot be given back."""
    asked = [
        sys.executable,
        "-m",
        "mcfsm",
        "check",
        COMMIT,
        "--no-cache",
        "--scenario",
        "three",
        "--max-memory",
        "260M",
    ]
    told = subprocess.run(
        asked, capture_output=True, text=True, env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)}, check=False
    )
    assert told.returncode == 2, told.stderr
    assert "not complete: --max-memory 260M (compiling takes " in told.stdout
    assert told.stdout.endswith(
        "Next: raise --max-memory, or once without it: what is compiled is kept for the next time\n"
    )


@pytest.fixture(scope="module")
def whole() -> dict[str, Verdict]:
    """What is found without a limit."""
    return {verdict.id: verdict for verdict in check(MODEL, **CHOSEN).runs[0].verdicts}


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_violated_before_the_limit_stays_violated(engine: str, whole: dict[str, Verdict]) -> None:
    cut = {v.id: v for v in check(MODEL, **CHOSEN, engine=engine, limits=Limits(max_depth=12)).runs[0].verdicts}
    for name in ("K1", "K2", "K3", "K6"):
        assert cut[name].status == "VIOLATED"
        assert cut[name].trace == whole[name].trace
    assert cut["R5"].status == "INCOMPLETE"


# what is raised in a callback of the collector is lost; the watch brings it again
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_memory_is_a_limit_of_the_exhaustive_explorer() -> None:
    findings = check(MODEL, **CHOSEN, limits=Limits(max_memory=1)).runs[0].findings
    assert findings.stopped == "--max-memory 1"
    assert not findings.complete


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_is_incomplete_and_ends_the_check(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mcfsm.semantics import product
    from mcfsm.tables import arena

    calls = 0

    def interrupted(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 200:
            raise KeyboardInterrupt
        return original(*arguments)

    place = (arena.Arena, "fill") if engine == "exhaustive" else (product.Product, "expand")
    original = getattr(*place)
    monkeypatch.setattr(*place, interrupted)
    checked = check(MODEL, scenarios=["one_partner", "two_partners"], engine=engine, workers=1)
    assert [run_.findings.stopped for run_ in checked.runs] == [INTERRUPTED]
    assert not checked.runs[0].findings.complete
    assert checked.exit_status == 2


def test_an_incomplete_check_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["check", MODEL, "--scenario", "one_partner", "--property", "K2", "--max-states", "100"])
    assert status == 2
    assert "INCOMPLETE" in capsys.readouterr().out


def test_a_search_that_runs_out_of_numbers_is_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker has a region of numbers for its states; where one is used up the search stops, and says so."""
    monkeypatch.setattr(store, "physical_memory", lambda: 1 << 24)  # regions of 2^20 numbers
    model = resolve(read(COMMIT), "three", chosen={"managers": "8"})  # 1,745,408 states
    found = exhaustive.explore(model, property_ids=[], full=True, workers=1, limits=Limits(max_memory=1 << 40))
    assert (found.complete, found.stopped) == (False, "--max-memory 1024.0G")
    assert 900_000 < found.states < 1 << 20


@pytest.mark.parametrize(("managers", "reduce", "growths"), [("8", False, 4), ("7", True, 1)], ids=["all", "reduced"])
def test_the_set_of_states_grows_only_where_the_limit_has_room_for_that(
    managers: str, reduce: bool, growths: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It grows by a third at once, which may be more than a limit may be passed by."""
    grown: list[tuple[int, int]] = []
    make_room = store.Store.make_room

    def noted(self: store.Store) -> None:
        size, before = self.size, self.memory()
        make_room(self)
        if self.size > size:
            grown.append((before, self.memory()))
        if reduce:  # it is asked again as soon as there is a new state, as where most steps lead to one
            self.workers[0].counts[lists.LIMIT] = self.workers[0].counts[STATES]

    monkeypatch.setattr(store.Store, "make_room", noted)
    monkeypatch.setattr(search, "AT_ONCE", 256)
    monkeypatch.setattr(level_search, "resident", lambda: 0)  # what it counts itself is the same in every run
    model = resolve(read(COMMIT), "three", chosen={"managers": managers})  # 1,745,408 states, and 227,103
    explore = partial(exhaustive.explore, model, property_ids=[], full=True, workers=1, reduce=reduce)
    assert (explore().complete, len(grown)) == (True, growths)
    for before, after in grown.copy():
        grown.clear()
        limit = (before + after) // 2 + (1 << 20)  # for tables beside the states
        found = explore(limits=Limits(max_memory=limit))
        assert (found.complete, (found.stopped or "").split()[0]) == (False, "--max-memory")
        assert all(memory <= limit for _, memory in grown)


@pytest.mark.parametrize("there", [0, 1 << 50])
def test_a_graph_of_several_models_is_put_together_where_there_is_room_for_it(
    there: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    family_graph = family_findings.family_graph
    monkeypatch.setattr(family_findings, "family_graph", lambda *asked: made.append(asked) or family_graph(*asked))
    monkeypatch.setattr(stored_states, "resident", lambda: there)
    models = [resolve(read(RING), "ring", chosen={"nodes": nodes}) for nodes in ("3", "3")]
    found = statuses_of_family(models, [["goes_round"]] * 2, effort=Effort(limits=Limits(max_memory=1 << 40)))
    assert [one.statuses for one in found] == [{"goes_round": "INCOMPLETE" if there else "PROVED"}] * 2
    assert len(made) == (0 if there else 1)


PASSED_ON = """
messages: {m: {}}
roles:
  giver: {variables: {given: 0..2 = 0}, states: [x], initial: x, final: [x], transitions: [GIVE]}
  taker: {states: [y], initial: y, final: [y], transitions: [{trigger: m}]}
scenarios:
  s:
    instances: {g: giver, t: taker}
    channels: {default: {kind: fifo, bound: BOUND, when_full: block, may_stay: true}}
observers:
  ear:
    variables: {heard: 0..3 = 0}
    transitions: [{on: {sent: m}, conditions: heard < HEARD, set: {heard: heard + 1}}]
properties: {two: {text: It is heard twice., reachable: ear.heard == 2}}
"""
COUNTS_TO_TWO = "{trigger: give, kind: user, conditions: given < 2, set: {given: given + 1}, send: [{m: {to: t}}]}"
GIVES = "{trigger: give, kind: user, set: {given: 0}, send: [{m: {to: t}}]}"


@pytest.mark.parametrize(("most", "fits"), [(3, True), (2, False)])
@pytest.mark.parametrize(
    ("give", "bound", "heard", "said"),
    [
        pytest.param(COUNTS_TO_TWO, "1", "0", r"M706 g has over 2 local states; most vary given \(", id="local states"),
        pytest.param(GIVES, "2", "0", r"M706 channel g -> t has over 2 contents", id="contents"),
        pytest.param(GIVES, "1", "2", r"M706 ear has over 2 local states; most vary heard \(", id="an observer"),
    ],
)
def test_a_component_has_so_many_values_and_no_more(
    give: str, bound: str, heard: str, said: str, most: int, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(components, "MOST_LOCALS", most)
    model = build(PASSED_ON.replace("GIVE", give).replace("BOUND", bound).replace("HEARD", heard), whole=False)
    if fits:
        assert exhaustive.explore(model, full=True).complete
    else:
        with pytest.raises(ModelError, match=said):
            exhaustive.explore(model, full=True)


def test_of_many_variables_three_are_named() -> None:
    text = """
        roles:
          r: {variables: {p: bool, q: bool, u: bool, v: bool}, states: [x], initial: x, final: [x], transitions: []}
        scenarios: {s: {instances: {i: r}}}
    """
    tables = Tables(build(text))
    tables.components.row_of(tables.product.initial())
    said = "1 local states; most vary v (1 values), u (1 values), q (1 values)"
    assert tables.components.size(0) == said
    assert tables.components.size(tables.components.first_channel) == "1 contents"
