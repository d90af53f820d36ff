"""Names, strings and comments of a module that is exported: whatever a model calls its things, TLA+ accepts it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from building import build, explore
from tla.explore import explored, meaning
from tla.grammar import mistakes
from tla.parser import parse

from mcfsm.model import Model
from mcfsm.questions.walk import one_model
from mcfsm.report.tla.library import blocks
from mcfsm.report.tla.module import module_name, tla
from mcfsm.report.tla.names import RESERVED, ModuleNames, comment, quoted

HOSTILE = r"""
model: "a \"model\" (* of ==== \\* names"
source: "line one\n---- MODULE x ----\n====\n*) IF"
domains: {THEN: [ELSE, CHOOSE, WF_x, none_, q], Len: {SUBSET: THEN, key_: 0..1}}
messages: {UNION: {"DOMAIN?": {type: THEN}, sends: 0..1}, Sent: {}}
roles:
  Sum:
    parameters: {EXCEPT: 0..1}
    variables: {LET: "THEN?", channel: "map[THEN, 0..1] = {x: EXCEPT for x in THEN}", rec: "Len = Len(ELSE, 0)"}
    states: [IF, _]
    initial: IF
    final: [IF, _]
    transitions:
    - {id: "1", trigger: go, kind: user, source: IF, dest: _, budget: left, choose: {c: "{ELSE, q}", m: "{s for s in {WF_x, q} if s != c}"}, conditions: "any(k == c for k in THEN)", set: {LET: c, "channel[c]": 1}, send: [{UNION: {to: vars, DOMAIN?: m, sends: "channel[c]"}}]}
    - {id: "1_if", trigger: back, kind: protocol, source: _, dest: IF, set: {rec: "Len(rec.SUBSET, 1)", channel: "{x: 0 for x in THEN}"}, send: [{Sent: {to: "{i for i in Next}"}}]}
  Next:
    variables: {h: "set[THEN]"}
    states: [IF]
    initial: IF
    final: [IF]
    transitions:
    - {id: "1.sends", trigger: UNION, conditions: "not present(msg.DOMAIN) or msg.DOMAIN not in h", set: {h: "h | {m for m in THEN if present(msg.DOMAIN) and m == msg.DOMAIN}"}}
    ignore: {Sent: [IF], UNION: [IF]}
observers:
  Channels: {variables: {e: "set[THEN]"}, transitions: [{on: {fired: "1"}, set: {e: "e | {s for s in THEN if s == after.LET}"}}]}
properties:
  Spec: {text: "It \\\\* says \"so\".", always: "all(c == c for c in THEN) and all(any(m in vars.h for m in THEN if m == c) for c in vars.h)"}
  Init: {text: It comes., reachable: "any(i in Channels.e for i in vars.h)"}
scenarios:
  s: {instances: {self1: {role: Sum, parameters: {EXCEPT: 0}}, vars: Next}, channels: {default: {kind: bag, bound: 2, faults: {loss: 1}}}, budgets: {left: 2}}
"""


def named(model: Model) -> set[str]:
    """Every name that the module of a model declares or defines."""
    module = parse(tla(model).module)
    return {*module.constants, *module.variables, *(one.name for one in module.definitions)}


def test_whatever_things_are_called_the_module_says_the_same() -> None:
    model = build(HOSTILE)
    text, found = tla(model).module, explore(model)
    assert mistakes(text) == []
    counted = explored(meaning(text), ["TypeOK", "Spec_", "not_Init"])
    assert (counted.states, counted.generated) == (found.states, found.transitions + 1)
    assert counted.violated == {"not_Init"}
    assert found.states > 50


def test_no_name_of_a_model_is_one_of_the_module() -> None:
    module = parse(tla(build(HOSTILE)).module)
    assert module.variables == ["Sum_", "Next_", "channel", "left", "Channels_"]
    assert {"x1", "x1_if", "x1_sends", "x1_if_", "x1_if__if", "x1_sends_", "Spec_", "Spec"} <= named(build(HOSTILE))


def test_a_module_bears_the_name_of_its_model_and_scenario() -> None:
    text = tla(build(HOSTILE)).module
    assert re.match("-+ MODULE a_model_of_names_s -+\n", text)
    assert text.count("MODULE") == 2  # the other in a comment
    assert [line for line in text.splitlines() if "====" in line] == ["=" * 80]


@pytest.mark.parametrize(
    ("text", "name"),
    [("lossy", "lossy"), ("two words", "two_words"), ("9lives", "m_9lives"), ("", "m_"), ("TLC", "m_TLC")],
)
def test_names_of_modules(text: str, name: str) -> None:
    assert module_name(text) == name


def test_names_are_told_apart() -> None:
    names = ModuleNames(build(HOSTILE))
    assert [names.top("role", text) for text in ("a.b", "a-b", "a_b", "a.b")] == ["a_b", "a_b_", "a_b__", "a_b"]
    assert names.top("role", "Sum") == "Sum_"
    assert [names.action(text) for text in ("go", "go_if", "go.sends", "go")] == ["go", "go_if_", "go_sends_", "go"]
    assert [names.action(text) for text in ("a_sends", "a")] == ["a_sends", "a_"]
    assert [names.top("x", text) for text in ("_", "9", "WF_x")] == ["x_", "x9", "xWF_x"]
    assert names.bound("a_b", frozenset()) == "a_b___"
    assert names.bound("i", frozenset({"i"})) == "i_"
    assert names.field("THEN") == "THEN_"
    assert names.field("i") == "i"
    assert "Fate" in RESERVED


def test_strings_and_comments_end_where_they_should() -> None:
    assert quoted('a "b" \\ c\n') == '"a \\"b\\" \\\\ c\\n"'
    assert comment("a\nb ====== (* c *) -----") == "a b === ( * c * ) ---"


def test_what_modules_have_in_common_is_reserved() -> None:
    """So that no name of a model hides it, or is hidden by what is bound in it."""
    common = parse(f"---- MODULE m ----\n{chr(10).join(line for block in blocks() for line in block)}\n====\n")
    assert {one.name for one in common.definitions} <= RESERVED
    assert {name for one in common.definitions if one.body for name in one.parameters} <= RESERVED
    own = {name for name in named(build(HOSTILE)) if name in RESERVED}
    assert {"Fate", "Offered", "Delivered", "Send", "Holds", "NoDeadlock", "AllRest", "Somebody"} <= own


def test_the_page_shows_what_is_written() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "tla.md").read_text(encoding="utf-8")
    shown = page.split("```text\n")[1].split("```")[0]
    assert shown in tla(one_model(root / "models/textbook/alternating_bit.yaml", scenario="lossy")).module
