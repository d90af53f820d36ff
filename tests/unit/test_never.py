"""What a check warns of: what never happens in any run, in which of the ways that there are."""

from pathlib import Path

import pytest
from building import write

from mcfsm.questions.check import check

HEAD = """
messages: {m: {n: 0..1}, back: {who: "node?"}, lost: {}}
parameters: {most: 0}
roles:
  asker:
    states: [idle, waiting, trap, far]
    initial: idle
    final: [idle]
    transitions:
    - {id: ask, trigger: ask, kind: user, source: idle, dest: waiting, send: [{m: {to: b, n: 0}}]}
    - {id: leave, trigger: leave, kind: user, source: idle, dest: trap, send: [{lost: {to: b}}]}
    - {id: got, trigger: back, source: waiting, dest: idle}
    - {id: run, trigger: run, kind: protocol, source: far, dest: idle}
    - {id: walk, trigger: walk, kind: user, source: idle, dest: far, budget: walks}
    - {id: early, trigger: back, source: idle}
    - {id: trapped, trigger: shake, kind: user, source: trap}
  answerer:
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: zero, trigger: m, conditions: msg.n == 0, send: [{back: {to: sender, who: none}}]}
    - {id: one, trigger: m, conditions: [msg.n == 1, most > 1]}
    - {id: two, trigger: m, unless: msg.n == 0}
    defer: {lost: [there]}
scenarios:
  s: {instances: {a: asker, b: answerer}, channels: {default: {bound: 1}}, budgets: {walks: 0}, MORE}
"""
TEXT = HEAD.replace('"node?"', "Mark?").replace("parameters:", "domains: {Mark: [mark]}\nparameters:")


def warnings(text: str, tmp_path: Path, engine: str = "exhaustive") -> list[str]:
    """The warnings of a check of everything, each after its line."""
    found = check(write(text, tmp_path), everything=True, engine=engine)
    return [warning.partition("test.yaml:")[2] for warning in found.warnings]


@pytest.mark.parametrize("engine", ["exhaustive", "reference"])
def test_each_way_in_which_something_never_happens(tmp_path: Path, engine: str) -> None:
    never = "was never fired in any scenario"
    assert warnings(TEXT.replace(", MORE", ""), tmp_path, engine) == [
        f"14: transition run {never}: never reached, as no asker is ever in far",
        f"15: transition walk {never}: held back each time it was enabled, by its budget, the freeze or a full channel",
        f"16: transition early {never}: never enabled, as no back meets any asker in idle",
        f"24: transition one {never}: never enabled, as each time msg.n == 1 is false",
        f"25: transition two {never}: never enabled, as each time msg.n == 0 is true",
        "7: state trap of role asker is entered and never left, and it is not final: add the line that leaves it; "
        "or list it under final, if an instance may rest there",
        "7: state far of role asker is never entered in any scenario",
        "2: message lost is sent, and nobody ever handles or ignores it",
        "2: the mandatory element who of back arrives as none",
    ]


def test_a_state_that_lines_would_leave_which_never_fire_is_told_with_them(tmp_path: Path) -> None:
    out = TEXT.replace(", MORE", "").replace(
        "kind: user, source: trap}", "kind: user, source: trap, dest: idle, conditions: most > 1}"
    )
    (said,) = [line for line in warnings(out, tmp_path) if "never left" in line]
    assert said.partition("not final: ")[2] == (
        "see above why trapped never fires; or list it under final, if an instance may rest there"
    )


@pytest.mark.parametrize("engine", ["exhaustive", "reference"])
def test_an_element_that_only_lines_read_that_never_fire(tmp_path: Path, engine: str) -> None:
    text = TEXT.replace(", MORE", "")
    unread = text.replace("conditions: msg.n == 0", "conditions: most == 0").replace(
        "unless: msg.n", "unless: 0 * msg.n"
    )
    said = "2: element n of m is read only by what never fires: one, two"
    assert said not in warnings(text, tmp_path, engine)
    assert said in warnings(unread, tmp_path, engine)
    fires = unread.replace("{to: b, n: 0}", "{to: b, n: 1}").replace("{most: 0}", "{most: 2}")
    assert "element n" not in " ".join(warnings(fires, tmp_path, engine))


def test_what_happens_in_one_scenario_happens(tmp_path: Path) -> None:
    more = "expect: {}}\n  t: {like: s, budgets: {walks: 1}"
    found = warnings(TEXT.replace("MORE", more), tmp_path)
    assert [line.partition(": ")[2].split(",")[0].split(":")[0] for line in found] == [
        "transition early was never fired in any scenario",
        "transition one was never fired in any scenario",
        "transition two was never fired in any scenario",
        "state trap of role asker is entered and never left",
        "message lost is sent",
        "the mandatory element who of back arrives as none",
    ]
