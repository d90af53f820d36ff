"""The ledger on tea for a guest: sentences that a verdict stands on alone, two together, or not at all, by hand."""

from __future__ import annotations

import io
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from building import write
from hypothesis import given, seed, settings
from randomized.families import FamilyText, family_texts
from randomized.strategies import written
from rich.console import Console

from mcfsm.explore.findings import Limits
from mcfsm.language.selection import Selection
from mcfsm.problems import ModelError
from mcfsm.questions.families.dropping import Dropping
from mcfsm.questions.families.ledger import Ledger, Standing, ledger
from mcfsm.questions.families.switches import Point, Switch, Switchable
from mcfsm.questions.why import why
from mcfsm.report.ledger import ledger_as_text
from mcfsm.report.ledger_json import ledger_as_json
from mcfsm.report.ledger_page import ledger_as_page
from mcfsm.verdicts.family_runs import StatusExplorer, statuses_one_by_one
from mcfsm.verdicts.run import Effort, run

# The host pours at home; away, the neighbour or the cat opens. Who is away refuses, and a guest who is refused is done.
TEA = """
model: tea
clauses: clauses.yaml
changes: [biscuits.yaml]
with: [biscuits]
messages: {ask: {}, tea: {}, no_tea: {}}
readings:
  called: {text: What a host does who is called away., default: stays, values: {stays: 1-2, goes: 1-2}}
options:
  cups: {text: How many cups there are., default: one, values: {one: , many: }}
  sugar: {text: Whether there is sugar., default: none_left, values: {none_left: , some: }}
  milk: {text: Whether there is milk., default: none_left, values: {none_left: , some: }}
  shop: {text: Whether there is a shop., default: closed, values: {closed: , open: }}
roles:
  guest:
    variables: {drunk: 0..9 = 0}
    states: [idle, waiting, served, refused]
    initial: idle
    final: [idle, served, refused]
    transitions:
    - {id: G-1, trigger: visit, kind: user, source: idle, dest: waiting, send: [{ask: {to: bob}}], clause: "1-1"}
    - {id: G-2, trigger: tea, source: waiting, dest: served, clause: "1-1"}
    - {id: G-3, trigger: no_tea, source: waiting, dest: refused, assumption: &done A guest who is refused is done.}
    - {id: G-4, trigger: drink, kind: user, source: served, under: {cups: many}, conditions: drunk < 9, set: {drunk: drunk + 1}, clause: "1-1"}
    - {id: G-5, trigger: sweeten, kind: user, source: served, under: {sugar: some}, assumption: Sugar is taken with tea.}
    - {id: G-6, trigger: buy, kind: user, source: idle, under: {shop: open}, send: [{ask: {to: grocer}}], clause: "1-1"}
  host:
    states: [home, away]
    initial: home
    final: [home, away]
    transitions:
    - {id: H-1, trigger: ask, source: home, send: [{tea: {to: sender}}], clause: "1-2"}
    - {id: H-2, trigger: leave, kind: environment, under: {called: goes}, source: home, dest: away, clause: "1-2"}
    - {id: H-3, trigger: ask, source: away, send: [{no_tea: {to: sender}}], assumption: A host who is away refuses.}
    - {id: H-4, trigger: doze, kind: environment, source: home, assumption: &nap A host may doze.}
    - {id: H-5, trigger: snore, kind: environment, source: home, assumption: *nap}
    - {id: H-6, trigger: wake_up, kind: environment, source: away, assumption: Somebody who is away may wake up there.}
  grocer:
    states: [there]
    initial: there
    transitions: [{id: B-1, trigger: ask, clause: "1-1"}]
  pet:
    states: [inside, seen, outside, fed]
    initial: inside
    final: [inside, seen, outside, fed]
    transitions:
    - {id: P-1, trigger: sit, kind: environment, source: inside, dest: seen, clause: "1-3"}
    - {id: P-2, trigger: open_door, kind: environment, source: seen, dest: outside, assumption: A neighbour opens the door.}
    - {id: P-3, trigger: climb, kind: environment, source: seen, dest: outside, assumption: A cat gets out by the window.}
    - {id: P-4, trigger: eat, kind: environment, source: outside, dest: fed, clause: "1-3"}
properties:
  ends: {text: Who waits is answered., clause: "1-1", leads_to: [ann.state == waiting, ann.state != waiting]}
  tea: {text: There is tea., clause: "1-2", reachable: ann.state == served}
  out: {text: The cat can get out., clause: "1-3", reachable: cat.state == outside}
  fed: {text: A cat that was fed was out., clause: "1-3", when: cat.state == fed, always: cat.state != inside}
  home: {text: The host is at home., assumption: Nobody asks for that., always: bob.state == home}
  few: {text: One cup is enough., assumption: Nobody says so., always: ann.drunk <= 3 or bob.state == away}
scenarios:
  visit:
    text: "A guest visits a host. Assumption: the host knows the guest."
    options: {sugar: none_left}
    instances: {ann: guest, bob: host, cat: pet}
    channels: {default: {kind: fifo, bound: 1}}
  cat: {like: visit, properties: [out, fed]}
  away: {like: visit, readings: {called: goes}, properties: [ends, home], expect: {home: violated}}
"""  # noqa: E501

CLAUSES = """
1-1: {modality: shall, text: A guest asks.}
1-2: {modality: shall, text: A host pours.}
1-3: {modality: may, text: A cat goes out.}
"""
BISCUITS = """
change: biscuits
title: there are biscuits
edits:
- assumption: Tea comes with biscuits.
  add:
    transitions:
      guest:
      - {id: G-7, trigger: nibble, kind: user, source: served, clause: "1-1", assumption: A guest nibbles.}
- assumption: A guest nibbles.
  add: {states: {grocer: [shut]}, ignore: {grocer: {ask: [shut]}}}
"""
SLOW = Effort(engine="reference")
SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "ledger"


def text_of(found: list[Ledger], width: int = 80) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(ledger_as_text(found, width=width, flows="shortest", seconds=0.0))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines()) + "\n"


@pytest.fixture(scope="module")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tea")
    (folder / "clauses.yaml").write_text(CLAUSES, encoding="utf-8")
    (folder / "biscuits.yaml").write_text(BISCUITS, encoding="utf-8")
    return write(TEA, folder)


def asked(path: Path, scenario: str, **more: Any) -> Ledger:
    (found,) = ledger(path, Selection(scenarios=[scenario]), **{"effort": SLOW, **more})
    return found


@pytest.fixture(scope="module")
def visit(tea: Path) -> Ledger:
    return asked(tea, "visit")


def of(found: Ledger, name: str) -> Standing:
    return next(one for one in found.standings if one.row.id == name)


def alone(found: Ledger, name: str) -> list[str]:
    """The sentences that change a verdict, and what it is without each."""
    return [f"{switch}: {status}" for _, flips in of(found, name).alone for switch, status in flips]


def pairs(found: Ledger, name: str) -> list[str]:
    return [f"{first} + {second}: {status}" for (first, second), status in of(found, name).pairs]


def drop(sentence: str) -> Switch:
    return Switch("assumption", sentence, "dropped")


@pytest.mark.long
def test_one_assumption_that_a_proof_stands_on(tea: Path) -> None:
    away = asked(tea, "away")
    assert of(away, "ends").row.default == "PROVED"
    assert alone(away, "ends") == [
        "without 'A guest who is refused is done.': VIOLATED",
        "without 'A host who is away refuses.': VIOLATED",
    ]
    lengths = [len(verdict.trace.steps) for verdict in away.flows.values() if verdict.trace is not None]
    assert lengths == [3, 2]  # visit, leave, refuse; visit, leave
    assert [entry.places[0].line for entry, _ in of(away, "ends").alone] == [22, 33]
    assert [line.id for line in of(away, "ends").alone[1][0].lines] == ["H-3"]


def test_a_proof_that_stands_on_nothing_by_default_stands_on_an_assumption_under_a_reading(visit: Ledger) -> None:
    assert (alone(visit, "ends"), of(visit, "ends").row.default) == ([], "PROVED")
    assert pairs(visit, "ends") == [
        "called=goes + without 'A guest who is refused is done.': VIOLATED",
        "called=goes + without 'A host who is away refuses.': VIOLATED",
    ]


def test_two_that_only_together_change_a_verdict(tea: Path) -> None:
    found = asked(tea, "cat")
    both = "without 'A neighbour opens the door.' + without 'A cat gets out by the window.'"
    assert (alone(found, "out"), pairs(found, "out")) == ([], [f"{both}: VIOLATED"])  # there is no such state
    assert (alone(found, "fed"), pairs(found, "fed")) == ([], [f"{both}: VACUOUS"])  # which is not PROVED
    assert pairs(asked(tea, "cat", pairs="none"), "out") == []


@pytest.mark.long
def test_what_restores_a_violation_and_what_that_proof_stands_on(tea: Path) -> None:
    away = asked(tea, "away")
    assert of(away, "home").row.default == "VIOLATED"
    assert alone(away, "home") == ["called=stays: PROVED"]
    assert [entry.constant.fixed for entry, _ in of(away, "home").alone if entry.constant] == [True]
    assert of(away, "home").then_on(Switch("reading", "called", "stays")) == []


@pytest.mark.long
def test_what_a_scenario_fixes_is_a_switch_and_a_setting_is_none(tea: Path, visit: Ledger) -> None:
    assert "sugar" in [entry.constant.name for entry in visit.entries if entry.constant]
    fixed = ledger(tea, Selection(scenarios=["visit"], settings={"sugar": "some"}), effort=SLOW)[0]
    assert "sugar" not in [entry.constant.name for entry in fixed.entries if entry.constant]
    one = ledger(tea, Selection(scenarios=["visit"], readings={"cups": ["one"]}), effort=SLOW)[0]
    assert "cups" not in [entry.constant.name for entry in one.entries if entry.constant]


def test_what_changes_nothing(visit: Ledger) -> None:
    idle = [(entry.sentence, entry.taken) for entry in visit.idle]
    assert idle == [
        ("Whether there is sugar. Here: none left.", True),
        ("Whether there is milk. Here: none left.", True),
        ("A guest nibbles.", True),
        ("A host may doze.", True),
        ("Somebody who is away may wake up there.", False),
        ("Sugar is taken with tea.", False),
    ]
    assert of(visit, "tea").settled
    doze = next(entry for entry in visit.entries if entry.sentence == "A host may doze.")
    assert [line.id for line in doze.lines] == ["H-4", "H-5"]  # one sentence is one switch


def test_what_no_switch_takes_away(visit: Ledger) -> None:
    said = [(one.kind, one.names, one.why.partition(":")[0]) for one in visit.unswitched]
    assert said == [
        ("property", ("home",), "Nobody asks for that."),
        ("property", ("few",), "Nobody says so."),
        ("scenario", ("visit",), "The host knows the guest."),
        ("change", ("biscuits",), "Tea comes with biscuits."),
        ("value", ("shop=open",), said[4][2]),
    ]
    assert said[4][2].startswith("M")


def test_what_could_not_be_told_is_no_verdict(tea: Path, visit: Ledger) -> None:
    """Many cups make more states than that; what is violated before is told."""
    limited = asked(tea, "visit", effort=Effort(engine="reference", limits=Limits(max_states=45)))
    cups = Switch("option", "cups", "many")
    assert of(visit, "fed").row.statuses[(cups,)] == "PROVED"
    assert of(limited, "fed").row.statuses[(cups,)] == "INCOMPLETE"
    assert (of(limited, "fed").row.statuses[()], alone(limited, "fed")) == ("PROVED", [])
    assert of(limited, "few").row.statuses[(cups,)] == "VIOLATED"
    assert alone(limited, "few") == alone(visit, "few") == ["cups=many: VIOLATED"]
    assert (visit.incomplete, limited.incomplete > 0, of(limited, "fed").settled) == (0, True, False)
    assert "cups" in [entry.constant.name for entry in visit.entries if entry.constant]
    assert "(INCOMPLETE)" in text_of([limited])
    assert (visit.unpaired, limited.unpaired) == ((), (cups,))
    assert not any(cups in point for point in of(limited, "fed").row.statuses if len(point) == 2)
    assert "Not told alone, and so not tried beside anything else: with cups=many." in text_of([limited])
    assert "INCOMPLETE" not in text_of([visit])
    nothing = asked(tea, "cat", effort=Effort(engine="reference", limits=Limits(max_depth=0)))
    assert "It could not be told, so what it stands on cannot be told either." in text_of([nothing])
    assert all(not one.alone and not one.pairs for one in nothing.standings)
    assert nothing.idle == ()  # of which nothing is known


def assert_each_is_what_it_is_alone(found: Ledger, variants: Dropping, seen: Counter[str]) -> None:
    """Every verdict of a ledger, also of what was not explored, is that of a run which avoids the lines by name."""
    known: dict[Any, dict[str, str]] = {}
    for point in found.standings[0].row.statuses:
        model = variants.models[tuple(switch for switch in point if switch.kind != "assumption")]
        dropped = {switch.name for switch in point if switch.kind == "assumption"}
        lines = [line for role in model.roles for line in role.transitions if line.assumption in dropped]
        key = id(model), frozenset(line.id for line in lines)
        if key not in known:
            alone_ = run(model, variants.asked(()), SLOW, avoid=key[1], normative_flows=False)
            known[key] = {verdict.id: verdict.status for verdict in alone_.verdicts}
        for one in found.standings:
            assert one.row.statuses[point] == known[key][one.row.id], (one.row.id, point)
            seen[f"{one.row.default} to {known[key][one.row.id]}"] += 1
        seen["variants"] += 1
        seen["not explored"] += 1
    seen["not explored"] -= found.explored


def variants_of(path: Path, scenario: str) -> tuple[Dropping, list[Point]]:
    from mcfsm.language.changes.apply import select
    from mcfsm.language.files.reader import read_baseline
    from mcfsm.questions.families.family import family

    base = select(read_baseline(path), None)
    whole = family(path, sets=[base])
    text = whole.document(base)
    listed = {str(name): ["all"] for name in (*text.readings, *text.options)}
    found = Dropping(Switchable(whole, base, (), listed, 2), scenario, None)
    return found, [*found.singles, *found.pairs]


@pytest.mark.long
@pytest.mark.parametrize("explorer", [None, pytest.param(statuses_one_by_one, marks=pytest.mark.slow)])
def test_each_variant_is_what_it_is_alone(tea: Path, explorer: StatusExplorer | None) -> None:
    seen: Counter[str] = Counter()
    more: dict[str, Any] = {"effort": Effort(workers=1)} if explorer is None else {"status_explorer": explorer}
    for scenario in ("visit", "cat", "away"):
        found = asked(tea, scenario, pairs="all", **more)
        assert_each_is_what_it_is_alone(found, variants_of(tea, scenario)[0], seen)
    assert {"PROVED to VIOLATED", "PROVED to VACUOUS", "VIOLATED to PROVED"} <= seen.keys()
    assert seen["not explored"] >= 100


@pytest.mark.long
def test_it_agrees_with_why(tea: Path) -> None:
    """Which takes away one line at a time, as all but one of these assumptions stand at."""
    for scenario, name in (("away", "ends"), ("cat", "out"), ("visit", "few")):
        found = of(asked(tea, scenario), name)
        (answer,) = why(tea, name, Selection(scenarios=[scenario]), effort=SLOW)
        for tried in answer.tried:
            sentence = tried.ground.text
            if tried.ground.kind == "assumption" and sentence is not None and sentence != "A host may doze.":
                assert found.row.statuses[(drop(sentence),)] == tried.without.status
    assert answer.tried


def assumed(text: FamilyText, dice: random.Random) -> str:
    """A random model in which half of the lines rest on one of three assumptions."""
    for part in text.data["roles"].values():
        lines = part["transitions"]
        sentences = [f"Assumed {dice.randrange(3)}." if dice.random() < 0.5 else None for _ in lines]
        both = zip(lines, sentences, strict=True)
        part["transitions"] = [line if said is None else {**line, "assumption": said} for line, said in both]
    return written(text.data)


def drawn(number: int, *, live: bool) -> list[FamilyText]:
    found: list[FamilyText] = []

    @seed(number)
    @settings(max_examples=10, database=None)
    @given(family_texts(live=live))
    def draw(text: FamilyText) -> None:
        found.append(text)

    draw()
    return found


@pytest.mark.long
@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("wanted", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_random_models(tmp_path: Path, wanted: int, live: bool) -> None:
    """The family finds of each variant what a run of it alone finds, also of those that are not explored."""
    seen: Counter[str] = Counter()
    dice = random.Random(7)
    for text in (text for part in range(wanted) for text in drawn(100 + part, live=live)):
        try:
            path = write(assumed(text, dice), tmp_path)
            (found,) = ledger(path, effort=Effort(workers=1, limits=Limits(max_states=200)))
        except ModelError:
            continue
        if found.incomplete == 0 and found.points > 3:
            assert_each_is_what_it_is_alone(found, variants_of(path, found.model.scenario)[0], seen)
            seen["models"] += 1
        if seen["models"] == wanted:
            break
    assert seen["models"] == wanted
    changed = [said for said in seen if " to " in said and said.partition(" to ")[0] != said.partition(" to ")[2]]
    assert changed, seen
    assert seen["not explored"] >= 1


@pytest.mark.parametrize("scenario", ["visit", "cat", "away"])
def test_as_printed_at_80_columns(tea: Path, scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tea.parent)
    text = text_of([asked(Path(tea.name), scenario)])
    assert max(map(len, text.splitlines())) <= 80
    assert text == (SNAPSHOTS / f"{scenario}.txt").read_text(encoding="utf-8")


PAIR = """
model: two values that only together break a promise, and one that then mends it
options:
  first: {text: Whether the first moves., default: stays, values: {stays: , moves: }}
  second: {text: Whether the second moves., default: rests, values: {rests: , goes: }}
  third: {text: Whether the third stops both., default: idle, values: {idle: , stops: }}
roles:
  r:
    states: [a, b, c]
    initial: a
    final: [a, b, c]
    transitions:
    - {id: one, trigger: one, kind: user, source: a, dest: b, under: {first: moves}}
    - {id: two, trigger: two, kind: user, source: b, dest: c, under: {second: goes, third: idle}}
    - {id: nap, trigger: nap, kind: user, source: a, assumption: One may nap.}
properties: {safe: {text: Never c., never: i.state == c}, moves: {text: It can move., reachable: i.state == b}}
scenarios: {s: {instances: {i: r}, channels: {}}}
"""


def test_what_was_not_tried_is_not_promised(tmp_path: Path) -> None:
    """Two values together break it; by default only an assumption is tried beside a value."""
    path = write(PAIR, tmp_path)
    usual, every = asked(path, "s"), asked(path, "s", pairs="all")
    assert (usual.whole, every.whole) == (False, True)
    assert of(usual, "safe").settled
    assert pairs(every, "safe") == ["first=moves + second=goes: VIOLATED"]
    said = "PROVED whatever is dropped or turned over, alone or beside an assumption that is dropped: safe"
    assert said in text_of([usual], 200)
    assert "two at a time: check.deadlock, check.reception, check.overflow" in text_of([every], 200)
    assert "Alone, or beside an assumption that is dropped" in ledger_as_page("m.yaml", [usual])
    assert "Alone, or beside" not in ledger_as_page("m.yaml", [every])


@pytest.mark.long
def test_every_sentence_stands_somewhere(tmp_path: Path, tea: Path) -> None:
    found = [asked(write(PAIR, tmp_path), "s", pairs="all"), *(asked(tea, name) for name in ("visit", "cat", "away"))]
    for one in found:
        shown = {entry.sentence for standing in one.standings for entry, _ in standing.alone}
        paired = {switch for standing in one.standings for pair, _ in standing.pairs for switch in pair}
        shown |= {entry.sentence for entry in one.entries if not paired.isdisjoint(entry.switches)}
        listed = [entry.sentence for entry in (*one.idle, *one.secondary)]
        assert sorted([*shown, *listed]) == sorted(entry.sentence for entry in one.entries)
        page = ledger_as_page("m.yaml", [one])
        assert all(entry.sentence.partition(". Here: ")[0].rstrip(".") in page for entry in one.entries)


def test_a_model_without_any_switch_says_so(tmp_path: Path) -> None:
    text = """
model: still
roles: {r: {states: [a], initial: a, final: [a], transitions: []}}
properties: {stays: {text: It stays., always: i.state == a}}
scenarios: {s: {instances: {i: r}, channels: {}}}
"""
    shown = text_of(ledger(write(text, tmp_path), effort=SLOW)).splitlines()
    assert shown[-3] == "It assumes nothing, and has no reading or option: there is nothing to switch."
    assert shown[-1].startswith("4 verdicts: 1 scenario, 1 variant, 1 of them explored")


@pytest.mark.long
def test_as_a_page(tea: Path) -> None:
    found = [asked(tea, scenario) for scenario in ("visit", "cat", "away")]
    assert ledger_as_page("tea.yaml", found) == (SNAPSHOTS / "page.md").read_text(encoding="utf-8")


@pytest.mark.long
def test_as_json(tea: Path) -> None:
    data = ledger_as_json([asked(tea, "away")])
    (one,) = data["scenarios"]
    ends = next(row for row in one["properties"] if row["id"] == "ends")
    assert (one["scenario"], ends["status"], ends["untold"]) == ("away", "PROVED", 0)
    first = ends["alone"][0]
    entry = one["entries"][first["entry"]]
    assert (entry["sentence"], entry["kind"]) == ("A guest who is refused is done.", "assumption")
    assert entry["transitions"] == ["G-3"]
    assert (first["status"], len(first["trace"])) == ("VIOLATED", 3)
    assert one["incomplete"] == 0


@pytest.mark.parametrize(
    ("selection", "code", "said"),
    [
        (Selection(scenarios=["tee"]), "M601", "unknown scenario tee"),
        (Selection(properties=["end"]), "M313", "unknown property end"),
        (Selection(readings={"cup": ["all"]}), "M309", "cup"),
        (Selection(readings={"cups": ["two"]}), "M310", "two"),
        (Selection(settings={"spoons": "1"}), "M309", "spoons"),
    ],
)
def test_unknown_names(tea: Path, selection: Selection, code: str, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        ledger(tea, selection, effort=SLOW)
    assert (caught.value.problems[0].code, said in caught.value.problems[0].message) == (code, True)
