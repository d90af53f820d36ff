"""What everybody waits for in a deadlock: each transition that its source allows, and why it is not possible."""

from building import build, explore

from mcfsm.explore import reference
from mcfsm.semantics.product import Product
from mcfsm.semantics.trace import replay
from mcfsm.verdicts.deadlock import stuck

TEXT = """
messages: {m: {n: 0..3}, late: {}, held: {}, never: {}}
roles:
  talker:
    variables: {sent: 0..3 = 0}
    states: [x]
    initial: x
    final: [x]
    transitions:
    - id: say
      trigger: say
      kind: protocol
      conditions: sent < 2
      set: {sent: sent + 1}
      send: [{m: {to: l, n: sent}}]
    - id: hold
      trigger: hold
      kind: protocol
      conditions: sent == 2
      set: {sent: 3}
      send: [{held: {to: k}}, {late: {to: l}}]
    - {id: shout, trigger: shout, kind: user, budget: shouts, send: [{m: {to: l, n: 3}}]}
  listener:
    states: [y, z]
    initial: y
    final: [y]
    transitions:
    - {id: hear, trigger: m, source: y, dest: z, conditions: msg.n == 0}
    - {id: more, trigger: m, source: z, conditions: msg.n == 2}
    - {id: late, trigger: late}
    - {id: other, trigger: never, from: k}
  keeper:
    states: [k0]
    initial: k0
    transitions: [{id: none, trigger: never}]
    defer: {held: [k0]}
scenarios:
  s:
    instances: {t: talker, l: listener, k: keeper}
    channels: {default: {bound: 2, when_full: block}}
    budgets: {shouts: 0}
"""


def lines(text: str) -> list[str]:
    """What is said of the first deadlock of a model."""
    model = build(text)
    (fault,) = (fault for fault in explore(model).faults if fault.check == "check.deadlock")
    product = Product(model)
    return list(stuck(product, replay(product, fault.path).states[-1]).lines())


def test_every_kind_of_reason() -> None:
    assert lines(TEXT) == [
        "t: x (may rest)",
        "  say: sent < 2 is false",
        "  hold: sent == 2 is false",
        "  shout: the budget shouts is used up",
        "l: z (is not final)",
        "  waits for never: none is there",
        "  more (m): msg.n == 2 is false",
        "  late: late from t stands behind m in t -> l",
        "k: k0 (is not final)",
        "  waits for never: none is there",
        "m(1) waits in t -> l",
        "late() waits in t -> l",
        "held() waits in t -> k",
    ]


def test_a_full_channel() -> None:
    text = TEXT.replace("bound: 2", "bound: 1").replace("budgets: {shouts: 0}", "budgets: {shouts: 2}")
    model = build(text)
    product = Product(model)
    findings = reference.explore(model, full=True)
    (fault,) = (fault for fault in findings.faults if fault.check == "check.deadlock")
    found = list(stuck(product, replay(product, fault.path).states[-1]).lines())
    assert found[:4] == [
        "t: x (may rest)",
        "  say: t -> l is full",
        "  hold: sent == 2 is false",
        "  shout: t -> l is full",
    ]


def test_an_instance_that_nothing_leads_on_is_said_to_be_so() -> None:
    text = """
    messages: {m: {}}
    roles:
      r: {states: [x, y], initial: x, transitions: [{trigger: go, kind: user, source: x, dest: y}]}
    scenarios: {s: {instances: {a: r}}}
    """
    assert lines(text) == ["a: y (is not final), no transition leads on"]
