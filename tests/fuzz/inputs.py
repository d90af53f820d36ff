"""What a user, or somebody worse, may give to the tool: models, YAML, flows, command lines, damaged files.

Each kind is a function of a source of randomness, so that a number says an input again: Hypothesis gives one that it
can shrink (`st.randoms`), `fuzz.long` one that begins from a seed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import click

from mcfsm.commands.cli import group

ROOT = Path(__file__).parents[2]
MODELS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "models" / "textbook").glob("*.yaml"))]
SMALL = """model: small
parameters: {most: 1}
domains: {Colour: [red, green], Few: 0..2, Pair: {a: Few, b: Colour}}
readings: {polite: {text: Whether it answers., default: yes, values: {yes: , no: }}}
messages: {ask: {n: Few, why?: Colour}, ok: {}}
roles:
  caller:
    timers: [late]
    variables: {asked: Few = 0, seen: "set[Colour]", book: "map[Few, bool]", pair: "Pair?"}
    states: [idle, waiting]
    initial: idle
    final: [idle, waiting]
    transitions:
    - {id: ask, trigger: go, kind: user, source: idle, dest: waiting, choose: {p: Few}, conditions: p < 2 and asked < 2, set: {asked: asked + 1, "book[p]": true}, start: late, send: [{ask: {to: b, n: p, why?: red}}], budget: asks}
    - {id: ok, trigger: ok, source: waiting, dest: idle, set: {pair: "Pair(asked, red)"}}
    - {id: late, trigger: late, kind: timer, source: waiting, dest: idle}
  called:
    regions:
      door: {states: [open, shut], initial: open, final: [open, shut]}
      mood: {states: [good, bad], initial: good, final: [good, bad]}
    transitions:
    - {id: answer, trigger: ask, under: {polite: yes}, conditions: msg.n < 2, send: [{ok: {to: sender}}]}
    - {id: slam, trigger: slam, kind: environment, source: {door: open}, dest: {door: shut, mood: bad}, budget: slams}
    ignore: {ask: [bad, good]}
define: {busy: a.state == waiting, heard: "in_flight(ok)"}
observers:
  watcher: {variables: {n: Few = 0}, transitions: [{on: {sent: ask}, set: {n: "min(n + 1, 2)"}}]}
properties:
  ends: {text: It ends., leads_to: [busy, not busy]}
  seen: {text: It is seen., reachable: watcher.n == 2}
  never_bad: {text: It is never bad., when: busy, never: b.mood == bad and a.asked > 1}
  some: {text: Some number., always: "all(x.asked <= 2 for x in caller) and count(a.book[k] for k in Few) <= a.asked"}
scenarios:
  s: {instances: {a: caller, b: called}, channels: {default: {kind: bag, bound: 2, when_full: block}}, budgets: {asks: most, slams: 1}, expect: {ends: violated}}
  t: {like: s, parameters: {most: 2}, channels: {default: {bound: 1, faults: {loss: 1}}}, readings: {polite: no}, freeze: true}
"""  # noqa: E501
TINY = [
    """model: tiny
messages: {ping: {n: 0..1}}
roles:
  one:
    variables: {n: 0..2 = 0}
    states: [here, there]
    initial: here
    final: [here, there]
    transitions:
    - {id: go, trigger: go, kind: user, source: here, dest: there, choose: {k: 0..1}, set: {n: k},
       send: [{ping: {to: b, n: k}}]}
    - {id: got, trigger: ping, conditions: msg.n == 0 or n < 2, set: {n: "min(n + 1, 2)"}}
    ignore: {ping: [here, there]}
properties:
  low: {text: It stays low., always: a.n < 2}
  goes: {text: It goes., leads_to: [a.state == here, a.state == there]}
scenarios:
  s: {instances: {a: one, b: one}, channels: {default: {bound: 1}}}
""",
    """model: lamp
roles:
  lamp:
    states: [off, on]
    initial: off
    final: [off]
    transitions:
    - {trigger: press, kind: user, source: off, dest: on, budget: presses}
    - {trigger: out, kind: protocol, source: on, dest: off}
properties:
  lit: {text: It is lit once., reachable: any(x.state == on for x in lamp)}
scenarios:
  s: {instances: {l: lamp}, budgets: {presses: 2}}
""",
]  # fmt: skip
TEXTS = [SMALL, SMALL, SMALL, *MODELS]
WORDS = sorted(set(re.findall(r"[A-Za-z_][\w.]*|\d+", "\n".join(TEXTS))))
MARKS = [*"{}[](),:-!&*?|>'\"%@`#=.~+<", "none", "true", "null", "==", "<=", "//", "->", "..", "0..3", "\t", "\n", "  "]
ODD = [
    "9" * 30, "-1", "1e9", "0x10", "\N{SUPERSCRIPT TWO}", '"\\e[2J"', '"\\UFFFFFFFF"', '"\\uD800"', "\x85", "\u2028",
    "\u202e", "\x00", "é", "漢", "x" * 70, "a + " * 12 + "a", "not " * 30 + "a", "(" * 50, "[" * 50, "&x", "*x",
    "!t", "<<", "%YAML 1.3\n---", "---", "...", "...\n---", "any(x.asked > 0 for x in caller)", "sum(1 for k in Few)",
]  # fmt: skip
ATOMS = [
    *MARKS,
    "a",
    "b c",
    "k: ",
    "k:\n   ",
    "- ",
    "? ",
    "|\n  ",
    ">-\n  ",
    "|2\n",
    "\n- ",
    "\n  ",
    "\r\n",
    "\r",
    *ODD,
]


def model(rnd: Random, texts: Sequence[str] = TEXTS) -> str:
    """A model in which some things are changed: most are none any more, and some are."""
    text = rnd.choice(texts)
    for _ in range(rnd.choice((1, 1, 1, 2, 3, 5))):
        text = changed(text, rnd)
    return text


def changed(text: str, rnd: Random) -> str:
    """A text with one thing in it that is otherwise."""
    return rnd.choice(_EDITS)(text, rnd)


def _word(text: str, rnd: Random) -> str:
    found = list(re.finditer(r"[A-Za-z_][\w.]*|\d+", text))
    if not found:
        return text
    one = rnd.choice(found)
    return text[: one.start()] + rnd.choice(rnd.choice((WORDS, WORDS, WORDS, ODD, MARKS))) + text[one.end() :]


def _number(text: str, rnd: Random) -> str:
    found = list(re.finditer(r"\b\d+\b", text))
    if not found:
        return text
    one = rnd.choice(found)
    return text[: one.start()] + rnd.choice(("0", "1", "2", "3", "7", "64", "1000", "-1", "9" * 25)) + text[one.end() :]


def _line(text: str, rnd: Random) -> str:
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    i, j = rnd.randrange(len(lines)), rnd.randrange(len(lines))
    how = rnd.randrange(4)
    if how == 0:
        del lines[i]
    elif how == 1:
        lines.insert(i, lines[j])
    elif how == 2:
        lines[i], lines[j] = lines[j], lines[i]
    else:
        lines[i] = rnd.choice((" ", "  ", "")) + (lines[i] if rnd.random() < 0.5 else lines[i].lstrip())
    return "".join(lines)


def _piece(text: str, rnd: Random) -> str:
    at, cut = rnd.randrange(len(text) + 1), rnd.choice((0, 0, 1, 1, 2, 5, 20))
    return text[:at] + (rnd.choice(ATOMS) if rnd.random() < 0.7 else "") + text[at + cut :]


_EDITS: tuple[Callable[[str, Random], str], ...] = (_word, _word, _word, _number, _line, _piece)


def tokens(rnd: Random) -> str:
    """Pieces of YAML in any order."""
    head = rnd.choice(("", "", "model: m\n", "model: m\nroles:\n  r: "))
    return head + "".join(rnd.choice(ATOMS) for _ in range(rnd.randrange(24)))


FLOW = """flow: one call
scenario: s
readings: {polite: yes}
parameters: {most: 1}
steps:
- {instance: a, transition: ask, chosen: {p: 1}, sends: [{message: ask, receiver: b, elements: {n: 1, why: red}}]}
- {instance: b, receives: {message: ask, sender: a, elements: {n: 1}}, transition: answer}
- {instance: environment, transition: loss, fault: {fault: loss, sender: a, receiver: b, position: 0}}
- {instance: a, trigger: ok, receives: ok}
"""


def flow(rnd: Random) -> str:
    """A flow of the small model in which some things are changed."""
    text = FLOW
    for _ in range(rnd.choice((0, 1, 1, 2, 4))):
        text = rnd.choice(_EDITS)(text, rnd)
    return text


def damaged(rnd: Random) -> bytes:
    """A model whose file is damaged: bytes changed, cut off, or said again."""
    raw = bytearray(rnd.choice(TEXTS).encode())
    for _ in range(rnd.choice((1, 2, 8))):
        at = rnd.randrange(len(raw) + 1)
        how = rnd.randrange(4)
        if how == 0:
            del raw[at:]
        elif how == 1:
            raw[at : at + 1] = bytes([rnd.randrange(256)])
        elif how == 2:
            raw[at:at] = raw[: rnd.randrange(64)]
        else:
            raw[at : at + rnd.randrange(64)] = b""
        if not raw:
            return b""
    return bytes(raw)


ENDLESS = frozenset({"--watch"})  # options that a command goes on for ever with
LONG = frozenset({"mutate", "walk"})  # commands that want a bound of their own
VALUES = [
    "", "0", "1", "2", "-1", "nan", "inf", "1e400", "1M", "1G", "\N{SUPERSCRIPT TWO}", "s", "t", "a", "ask", "polite",
    "polite=no", "polite=all", "most=2", "most=x", "ends", "seen", "never_bad", "check.deadlock", "none", "all", "a,b",
    "loss,crash", "x" * 300, "\x1b[2J", "é", "-", "/nowhere/file", "/dev/null", ".", "caller", "1.2", "=", "a=",
]  # fmt: skip


def command_line(rnd: Random, model_file: str, flow_file: str) -> list[str]:
    """A command with some of its options, and values for them that are meant, or not."""
    names = sorted(name for name in group.commands if name not in LONG)
    name = rnd.choice(names)
    command = group.commands[name]
    line = [name]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            file = flow_file if "flow" in (parameter.name or "") else model_file
            line += [file] if rnd.random() < 0.93 else []
            continue
        flag = rnd.choice([*parameter.opts, *parameter.secondary_opts])
        likely = 0.9 if parameter.required else 0.12
        if flag in ENDLESS or rnd.random() > likely:
            continue
        line.append(flag)
        if not getattr(parameter, "is_flag", False):
            chosen = list(parameter.type.choices) if isinstance(parameter.type, click.Choice) else VALUES
            line.append(str(rnd.choice(chosen if rnd.random() < 0.8 else VALUES)))
    if rnd.random() < 0.05:
        line.append(rnd.choice(VALUES))
    return line
