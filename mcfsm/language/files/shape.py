"""What pydantic finds wrong with a document, as problems: each at its place, with a hint where one helps."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.yaml import Sequence, WrittenMapping
from mcfsm.problems import MOST_FOUND, Problem, Span, closest, shorten

_SHAPES: dict[type, str] = {type(None): "nothing", WrittenMapping: "a mapping", Sequence: "a list", SourceText: "text"}
_WANTED = {"dict_type": "a mapping", "model_type": "a mapping", "list_type": "a list"}


def shape_problems(error: ValidationError, data: Any, keys: dict[int, list[str]]) -> list[Problem]:
    """What pydantic found, as problems. `keys` gives the keys that a mapping (by identity) may have."""
    found = []
    for detail in error.errors(include_url=False, include_context=True, include_input=False)[: MOST_FOUND + 1]:
        parent, value, key = _descend(data, detail["loc"])
        place = _place(value) or _place(key) or _place(parent)
        match detail["type"]:
            case "extra_forbidden":
                found.append(_unknown_key(key, value, keys.get(id(parent), [])))
            case "missing":
                found.append(Problem("M202", place, f"the key {detail['loc'][-1]} is missing"))
            case "literal_error":
                listed = [word.strip("'") for word in re.split(r", | or ", detail["ctx"]["expected"])]
                if detail["loc"][-1] == "[key]":
                    found.append(_unknown_key(key, value, listed))
                else:
                    found.append(_not_listed(listed, value, place))
            case kind:
                wanted = detail.get("ctx", {}).get("expected_tags", "").replace("'", "")
                what = detail["ctx"]["what"] if kind == "scalar" else _WANTED.get(kind) or wanted or "another shape"
                message = f"{what} is expected here, not {_SHAPES.get(type(value), 'this')}"
                if "send" in detail["loc"][-3:]:
                    message, hint = _send_shape(message, key, value)
                else:
                    hint = _shape_hint(what, value)
                found.append(Problem("M203", place, message, hint))
    return found


def _descend(data: Any, path: tuple[int | str, ...]) -> tuple[Any, Any, SourceText | None]:
    """Along pydantic's path: the node's parent, the node, and its key as written. Union tags are no keys: skipped."""
    parent: Any = None
    node: Any = data
    key: SourceText | None = None
    for step in path:
        if isinstance(node, WrittenMapping) and step in node:
            parent, key = node, node.written(step)
            node = node[key]
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node):
            parent, key, node = node, None, node[step]
    return parent, node, key


def _place(node: Any) -> Span | None:
    return getattr(node, "span", None)


def _unknown_key(key: SourceText | None, value: Any, known: list[str]) -> Problem:
    name = str(key)
    if value is None and re.search(r"[()|=<>]|\s", name):
        hint: str | None = "quote the expression that this is a part of"
    elif name == "<<":
        hint = "merge keys are not read: write the keys out"
    elif {"unnamed", "elements"} <= set(known):
        hint = "the elements of a marked message stand under elements, as in {unnamed: true, elements: {NAME: DOMAIN}}"
    else:
        hint = closest(name, known)
    return Problem("M201", _place(key), f"unknown key {shorten(name)}", hint)


def _not_listed(listed: list[str], value: Any, place: Span | None) -> Problem:
    hint = closest(str(value), listed) or ""
    near = hint if hint.startswith("did you mean") else None
    return Problem("M204", place, f"{shorten(str(value))} is none of {', '.join(listed)}", near)


def _send_shape(message: str, key: SourceText | None, value: Any) -> tuple[str, str | None]:
    """What is wrong with the shape of what a transition sends, and how the message that is meant is written."""
    if isinstance(value, WrittenMapping) and key == "send":
        return "send is a list of messages, and this is a mapping", "put it in a list: send: [{MESSAGE: {to: WHO}}]"
    if not isinstance(value, SourceText):
        return message, "send: [{MESSAGE: {to: WHO}}]"
    if key is None or key == "send":
        said = "send is a list of messages, each with whom it goes to, and this is a name"
        return said, f"send: [{{{shorten(value)}: {{to: WHO}}}}]"
    if key == "to":
        return (
            "this says whom a message goes to, and not which message",
            f"send: [{{MESSAGE: {{to: {shorten(value)}}}}}]",
        )
    said = f"what is sent as {shorten(key)} is a mapping that says whom it goes to, and this is text"
    return said, f"send: [{{{shorten(key)}: {{to: {shorten(value)}}}}}]"


def _shape_hint(what: str, value: Any) -> str | None:
    if what == "an expression" and isinstance(value, WrittenMapping):
        return "quote this expression"
    if what == "a domain" and isinstance(value, Sequence):
        return "declare the values under domains and use their name"
    return None
