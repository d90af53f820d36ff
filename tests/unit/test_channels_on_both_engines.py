"""Each kind of channel with each bound, policy and fault, once: messages that are told apart, and who heard what, when.

What the engines find is compared by content, so that a message lost in place of another is seen at once.
"""

from __future__ import annotations

from itertools import product

import pytest
from building import build
from randomized.conformance import assert_conforms

from mcfsm.explore import exhaustive
from mcfsm.model import CHANNEL_FAULTS, CHANNEL_POLICIES, FAULTS_OF_ORDER

HEARD_IN_ORDER = """
domains: {N: 1..3}
messages: {m: {n: N}}
roles:
  talker:
    variables: {next: 1..4 = 1}
    states: [talking]
    initial: talking
    final: [talking]
    transitions:
    - {id: put, trigger: put, kind: user, conditions: next <= 3, send: [{m: {to: l, n: next}}], set: {next: next + 1}}
  listener:
    variables: {first: 0..3 = 0, second: 0..3 = 0}
    states: [open]
    initial: open
    final: [open]
    transitions:
    - {id: begin, trigger: m, conditions: first == 0, set: {first: msg.n}}
    - {id: go_on, trigger: m, conditions: first != 0, set: {second: msg.n}}
properties:
  another: {text: The second is heard first., reachable: l.first == 2}
scenarios: {s: {instances: {t: talker, l: listener}, channels: {default: CHANNEL}}}
"""
FAULTS = [None, *CHANNEL_FAULTS]
CHANNELS = [
    f"{{kind: {kind}, bound: {bound}, when_full: {policy}{f', faults: {{{fault}: 1}}' if fault else ''}}}"
    for kind, bound, policy, fault in product(("fifo", "bag"), (1, 2), CHANNEL_POLICIES, FAULTS)
    if kind == "fifo" or fault not in FAULTS_OF_ORDER
]


@pytest.mark.parametrize("channel", [*CHANNELS, "{kind: set}"])
def test_what_is_heard_and_when(channel: str) -> None:
    assert_conforms(exhaustive.explore, build(HEARD_IN_ORDER.replace("CHANNEL", channel), whole=False))
