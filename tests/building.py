"""Small models from YAML texts, and what tests ask of them: steps by name, flows in words, findings.

A step is named "INSTANCE TRANSITION", with the values that tell it from others where that is not enough:
"a send 2", where 2 is among what it chooses, receives or sends. `words` is how a step is shown.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent
from typing import Any

from mcfsm.explore import reference
from mcfsm.explore.findings import Findings
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve, resolve_all
from mcfsm.model import Model
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import describe

# one step with millions of outcomes
WIDE = """
domains: {wide: 0..40}
roles:
  one:
    variables: {a: wide = 0}
    states: [s, t]
    initial: s
    final: [s, t]
    transitions:
    - {trigger: go, kind: protocol, source: s, dest: t, choose: {b: wide, c: wide, d: wide, e: wide}, conditions: b + c + d + e < 150, set: {a: b}}
properties:
  small: {text: It stays small., always: x.a < 41}
  moves: {text: It moves., eventually: x.state == t}
scenarios:
  s: {instances: {x: one}}
"""  # noqa: E501


def write(text: str, folder: Path | None = None) -> Path:
    """The model file of a text. A text without the key `model` gets one, and scenario `s` is what has no scenarios."""
    text = dedent(text).strip() + "\n"
    if not re.search("^model:", text, re.MULTILINE):
        text = "model: test\n" + text
    folder = Path(tempfile.mkdtemp()) if folder is None else folder
    path = folder / "test.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def build(
    text: str, scenario: str = "s", *, properties: Iterable[str] | None = None, whole: bool = True, **chosen: object
) -> Model:
    """One scenario of a text as a resolved model; `whole` resolves every scenario first, as a check would."""
    with tempfile.TemporaryDirectory() as folder:
        document = read(write(text, Path(folder)))
    fixed = {name: str(value) for name, value in chosen.items()}
    if whole:
        resolve_all(document, chosen=fixed)
    return resolve(document, scenario, chosen=fixed, properties=properties)


def explore(text: str | Model, **options: Any) -> Findings:
    """What the reference explorer finds in a model, everything explored."""
    model = text if isinstance(text, Model) else build(text)
    return reference.explore(model, full=True, **options)


def words(product: Product, state: State, step: Step) -> str:
    """A step on one line: instance, transition, chosen values, what it receives, and what it sends."""
    said = describe(product, state, step)
    parts = [said.instance, said.transition, *(f"{name}={value}" for name, value in said.chosen)]
    parts += [said.fault.place] if said.fault is not None else []
    if said.receives is not None:
        elements = ", ".join(value for _, value in said.receives.elements)
        parts.append(f"<- {said.receives.message}({elements}) {said.receives.sender}")
    for sent in said.sends:
        elements = ", ".join(f"{name}={value}" for name, value in sent.elements)
        parts.append(f"-> {sent.message}({elements}) {sent.receiver}" + (" lost" if sent.lost else ""))
    return " ".join(parts)


def enabled(product: Product, state: State) -> list[str]:
    """Every step enabled in a state, in canonical order, each on a line."""
    return [words(product, state, step) for step in product.steps(state)]


def walk(product: Product, *names: str) -> State:
    """The state after some steps from the initial one, each named by the beginning of its line in `enabled`."""
    return run(product, *names)[1]


def run(product: Product, *names: str) -> tuple[list[Step], State]:
    """The steps named, and the state after them. Fails where a name fits no step, or several."""
    state, taken = product.initial(), list[Step]()
    for name in names:
        lines = {words(product, state, step): step for step in product.steps(state)}
        fitting = [step for line, step in lines.items() if line == name or line.startswith(f"{name} ")]
        assert len(fitting) == 1, f"{name} fits {len(fitting)} of {list(lines)}"
        taken.append(fitting[0])
        state = fitting[0].target
    return taken, state


def local(product: Product, state: State, instance: str) -> dict[str, object]:
    """The local state of an instance or observer by name: regions and variables."""
    model = product.model
    for at, found in enumerate((*model.instances, *model.observers)):
        if found.name == instance:
            values = state.locals[at]
            pairs = [(r.name, s) for r, s in zip(model.regions_at(at), values.states, strict=True)]
            return dict([*pairs, *((v.name, x) for v, x in zip(model.variables_at(at), values.values, strict=True))])
    raise AssertionError(f"no instance {instance}")


def in_flight(product: Product, state: State) -> dict[str, list[tuple[object, ...]]]:
    """What is in each channel that is not empty: (name, elements ...), in the channel's order."""
    return {
        channel.name: [(message.name, *message.elements) for message in content]
        for channel, content in zip(product.model.channels, state.channels, strict=True)
        if content
    }
