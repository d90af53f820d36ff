"""Random small families: a random model with up to six changes, as files, and the same changes made by hand.

By hand means on the plain data that the model is written from: a second opinion on what applying a change is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from hypothesis import strategies as st

from mcfsm.language.changes.apply import Baseline
from mcfsm.language.files.reader import read_baseline
from randomized.strategies import build, written
from randomized.terms import Dice, Draw, plain

MOST_CHANGES = 6
_MORE = ("condition", "variable", "element")  # what is added to a line
_LOOSE = ("conditions", "unless", "dest", "set", "send", "choose")  # keys that a line can do without


@dataclass(frozen=True)
class Op:
    """An edit of one line of a role's table, or of one state in which a message is ignored."""

    kind: str  # add, replace, remove, condition, variable, element, ignore
    role: str
    name: str  # id of the line; the message ignored
    value: Any = None  # the line, the condition, a new variable that it sets, a message and a new element, the state


@dataclass(frozen=True)
class FamilyText:
    """A model as data, and its changes as the ops of each."""

    data: dict[str, Any]
    changes: tuple[tuple[Op, ...], ...]

    @property
    def names(self) -> list[str]:
        """The ids of the changes."""
        return [f"c{i}" for i in range(len(self.changes))]

    def files(self) -> dict[str, str]:
        """The text of each file."""
        listed = f"changes: [{', '.join(f'{name}.yaml' for name in self.names)}]\n" if self.changes else ""
        model = written(self.data).replace("model: random\n", f"model: random\n{listed}", 1)
        return {"model": model, **{name: _file(name, ops) for name, ops in zip(self.names, self.changes, strict=True)}}

    def baseline(self) -> Baseline:
        """The model and its changes as read from files."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in self.files().items():
                (Path(folder) / f"{name}.yaml").write_text(text, encoding="utf-8")
            return read_baseline(folder)

    def by_hand(self, names: Iterable[str]) -> str:
        """The text of the model with some changes made by hand; those given first are made first."""
        data = deepcopy(self.data)
        for name in names:
            for op in self.changes[self.names.index(name)]:
                _make(data["roles"][op.role], op)
                if op.kind == "element":
                    message, element = op.value
                    data["messages"][message] = {**data["messages"][message], f"{element}?": "bool"}
        return written(data)

    def overlap(self, names: Iterable[str]) -> bool:
        """Whether two ops of some changes touch the same line, or the same state and message."""
        touched: dict[tuple[Any, ...], list[Op]] = {}
        for name in names:
            for op in self.changes[self.names.index(name)]:
                key = (op.role, op.name, op.value) if op.kind == "ignore" else (op.role, op.name)
                touched.setdefault(key, []).append(op)
        return any(len(ops) > 1 and not _apart(ops) for ops in touched.values())

    def __repr__(self) -> str:
        return "\n".join(f"--- {name}.yaml\n{text}" for name, text in self.files().items())


def _apart(ops: list[Op]) -> bool:
    """Whether some ops on one line all add something to it, each another thing."""
    return all(op.kind in _MORE for op in ops) and len({op.value for op in ops}) == len(ops)


@st.composite
def family_texts(draw: st.DrawFn, *, spice: int = 3, live: bool = False) -> FamilyText:
    """Random models with up to six changes, most of which go together. `live` adds liveness properties."""
    dice = Dice(cast("Draw", draw), spice)
    data = build(dice, live=live, together=True)
    for role, part in data["roles"].items():
        count: dict[str, int] = {}
        for i, line in enumerate(part["transitions"]):
            count[line["trigger"]] = count.get(line["trigger"], 0) + 1
            part["transitions"][i] = {"id": f"{role}.{line['trigger']}.{count[line['trigger']]}", **line}
    changes = [tuple(_op(dice, data) for _ in range(dice.between(1, 2))) for _ in range(dice.between(1, MOST_CHANGES))]
    return FamilyText(data, tuple(changes))


def _op(dice: Dice, data: dict[str, Any]) -> Op:
    """One edit."""
    role = dice.pick(sorted(data["roles"]))
    part = data["roles"][role]
    lines = part["transitions"]
    kind = dice.pick(("add", "replace", "variable", "condition", "element", "remove", "ignore")) if lines else "ignore"
    if kind == "ignore":
        states = part.get("states") or [state for region in part["regions"].values() for state in region["states"]]
        return Op("ignore", role, dice.pick(sorted(data["messages"])), dice.pick(states))
    line = dice.pick(lines)
    sent = _sent_once(line)
    if kind == "element" and sent:
        return Op("element", role, line["id"], (dice.pick(sent), dice.fresh("more")))
    if kind in ("variable", "element"):
        return Op("variable", role, line["id"], dice.fresh("bit"))
    if kind == "condition":
        return Op("condition", role, line["id"], dice.pick(("true", "false", "1 < 2", "2 < 1")))
    if kind == "remove":
        return Op("remove", role, line["id"])
    dropped = dice.some([key for key in _LOOSE if key in line], 1)
    other = {key: value for key, value in line.items() if key not in dropped}
    if kind == "add":
        other["id"] = f"new.{dice.fresh('n')}"
    return Op(kind, role, other["id"], other)


def _sent_once(line: dict[str, Any]) -> list[str]:
    """The messages that a line sends in one place only."""
    sent = [message for one in line.get("send", []) for message in one]
    return [message for message in sent if sent.count(message) == 1]


def _make(part: dict[str, Any], op: Op) -> None:
    """An edit made by hand."""
    lines = part["transitions"]
    at = next((i for i, line in enumerate(lines) if line["id"] == op.name), None)
    if op.kind == "add":
        lines.append(op.value)
    elif op.kind == "ignore":
        part.setdefault("ignore", {})
        part["ignore"] = {**part["ignore"], op.name: [*part["ignore"].get(op.name, []), op.value]}
    elif at is not None and op.kind == "replace":
        lines[at] = op.value
    elif at is not None and op.kind == "remove":
        del lines[at]
    elif at is not None and op.kind == "variable":
        part["variables"] = {**part.get("variables", {}), op.value: "bool"}
        lines[at] = {**lines[at], "set": {**lines[at].get("set", {}), op.value: f"not {op.value}"}}
    elif at is not None and op.kind == "element":
        message, element = op.value
        sends = lines[at]["send"]
        lines[at] = {
            **lines[at],
            "send": [{m: {**to, element: "true"} if m == message else to for m, to in one.items()} for one in sends],
        }
    elif at is not None:
        before = lines[at].get("conditions", [])
        lines[at] = {**lines[at], "conditions": [*(before if isinstance(before, list) else [before]), op.value]}


def _file(name: str, ops: tuple[Op, ...]) -> str:
    lines = [f"change: {name}", "title: random", "edits:"]
    for op in ops:
        if op.kind in ("add", "replace"):
            edit: Any = {op.kind: {"transitions": {op.role: [op.value]}}}
        elif op.kind == "remove":
            edit = {"remove": {"transitions": {op.role: [op.name]}}}
        elif op.kind == "condition":
            edit = {"add": {"conditions": {op.name: op.value}}}
        elif op.kind == "variable":
            lines.append(f"- {plain({'add': {'variables': {op.role: {op.value: 'bool'}}}})}")
            edit = {"add": {"set": {op.name: {op.value: f"not {op.value}"}}}}
        elif op.kind == "element":
            message, element = op.value
            lines.append(f"- {plain({'add': {'elements': {message: {f'{element}?': 'bool'}}}})}")
            edit = {"add": {"sent": {op.name: {message: {element: "true"}}}}}
        else:
            edit = {"add": {"ignore": {op.role: {op.name: [op.value]}}}}
        lines.append(f"- {plain(edit)}")
    return "\n".join(lines) + "\n"
