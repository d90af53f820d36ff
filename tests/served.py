"""A model of a few lines with four changes, for questions about many variants: a server that is asked.

What is found of it is worked out by hand in `unit/test_families`.
"""

from __future__ import annotations

from pathlib import Path

# A client asks a server, which may lose its mind once; the client gives up, asks again, or waits for ever.
MODEL = """
model: asking
changes: [again.yaml, deaf.yaml, number.yaml, polite.yaml]
with: [polite]
readings: {who: {text: Who begins., default: client_first, values: {client_first: , nobody: }}}
options: {forgetful: {text: Forgetful., default: never_so, values: {never_so: , once: }}}
messages: {ask: {}, tell: {}}
roles:
  client:
    states: [idle, waiting, content]
    initial: idle
    final: [idle, content]
    transitions:
    - {id: ask, trigger: want, kind: protocol, source: idle, dest: waiting, under: {who: client_first}, send: [{ask: {to: srv}}]}
    - {id: told, trigger: tell, source: waiting, dest: content}
  server:
    variables: {lost: bool}
    states: [ready]
    initial: ready
    final: [ready]
    transitions:
    - {id: answer, trigger: ask, unless: forgetful == once and not lost, send: [{tell: {to: sender}}]}
    - {id: forget, trigger: ask, conditions: forgetful == once and not lost, set: {lost: "true"}}
properties:
  served: {text: Who waits is served., leads_to: [c.state == waiting, c.state == content]}
  asks: {text: It can ask., reachable: c.state == waiting}
scenarios:
  one: {instances: {c: client, srv: server}, channels: {default: {kind: fifo, bound: 2}}}
  fixed: {like: one, options: {forgetful: once}}
"""  # noqa: E501
AGAIN = """
change: again
title: who waits asks again
candidate: true
edits:
- add:
    variables: {client: {again: bool}}
    transitions:
      client:
      - {id: repeat, trigger: repeat, kind: protocol, source: waiting, unless: again, set: {again: "true"}, send: [{ask: {to: srv}}]}
    ignore: {client: {tell: [content]}}
"""  # noqa: E501
DEAF = """
change: deaf
title: the server hears nothing while it is ready
edits:
- {remove: {transitions: {server: [answer, forget]}}}
"""
NUMBER = """
change: number
title: an answer carries a number
edits:
- add:
    elements: {tell: {number: 0..1}}
    sent: {answer: {tell: {number: 1}}}
    conditions: {told: msg.number == 1}
"""
POLITE = """
change: polite
title: the client says thanks
edits:
- add:
    messages: {thanks: {}}
    transitions:
      client: [{id: thank, trigger: thank, kind: user, source: content, dest: idle, send: [{thanks: {to: srv}}]}]
      server: [{id: thanked, trigger: thanks}]
- replace:
    transitions:
      client: [{id: ask, trigger: want, kind: protocol, source: idle, dest: waiting, conditions: bold, under: {who: client_first}, set: {bold: "false"}, send: [{ask: {to: srv}}]}]
  add: {variables: {client: {bold: bool = true}}}
"""  # noqa: E501


def write_served(folder: Path) -> Path:
    """The folder, with the model and its changes in it."""
    for name, text in (("model", MODEL), ("again", AGAIN), ("deaf", DEAF), ("number", NUMBER), ("polite", POLITE)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
