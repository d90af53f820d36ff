"""The JSON Schema of the files of a model, and of a file of clauses, for editors."""

from __future__ import annotations

from typing import Any

from mcfsm.language.files.change_file import ChangeFile
from mcfsm.language.files.document import ClausePart, ModelFile, Name
from mcfsm.language.files.parts import Key, Part
from mcfsm.language.files.shape import (
    ListOf,
    MapOf,
    OneOf,
    Optional,
    PartOf,
    Shape,
    Text,
    Words,
    WordsOrText,
    shape_of,
)

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def clauses_schema() -> dict[str, Any]:
    """The JSON Schema of a file of clauses: items of a text by their ids."""
    definitions: dict[str, Any] = {}
    items = _schema(shape_of(dict[Name, ClausePart]), definitions)
    return {
        "$schema": _DRAFT,
        "$id": "urn:mcfsm:schema:clauses",
        "title": "mcfsm clauses",
        "$defs": dict(sorted(definitions.items())),
        **items,
    }


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a model file, and of a change request: the file that has the key change.

    Where a shape tells branches apart, any that fits will do for an editor.
    """
    definitions: dict[str, Any] = {}
    for kind in (ModelFile, ChangeFile):
        _schema(shape_of(kind), definitions)
    return {
        "$schema": _DRAFT,
        "$id": "urn:mcfsm:schema:model",
        "title": "mcfsm model",
        "$defs": dict(sorted(definitions.items())),
        "if": {"required": ["change"]},
        "then": {"$ref": "#/$defs/ChangeFile"},
        "else": {"$ref": "#/$defs/ModelFile"},
    }


def _schema(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a shape; that of each class of parts is among the definitions, once."""

    def inner(shape: Shape) -> dict[str, Any]:
        return _schema(shape, definitions)

    match shape:
        case Text():
            return {"description": shape.what, "type": ["string", "number", "boolean"]}
        case Words(listed=None):
            return _words(shape)
        case Words():
            return {"enum": list(shape.listed or ())}
        case WordsOrText():
            return {"anyOf": [inner(shape.words), inner(shape.text)]}
        case Optional():
            return {"anyOf": [inner(shape.inner), {"type": "null"}]}
        case ListOf():
            return {"items": inner(shape.inner), "type": "array"}
        case MapOf():
            keys = {} if shape.words is None else {"propertyNames": {"enum": list(shape.words)}}
            return {"additionalProperties": inner(shape.inner), **keys, "type": "object"}
        case OneOf():
            return {"anyOf": [inner(branch) for branch in shape.branches.values()]}
        case PartOf():
            name = shape.kind.__name__
            if name not in definitions:
                definitions[name] = {}  # a part may have parts of its own kind
                definitions[name] = _part(shape, definitions)
            return {"$ref": f"#/$defs/{name}"}
    raise AssertionError(shape)


def _words(shape: Words) -> dict[str, Any]:
    one = len(shape.words) == 1
    return {"const": shape.words[0], "type": "string"} if one else {"enum": list(shape.words), "type": "string"}


def _part(shape: PartOf, definitions: dict[str, Any]) -> dict[str, Any]:
    required = [key.alias or name for name, key in shape.kind.keys.items() if key.required]
    return {
        "additionalProperties": False,
        "description": " ".join((shape.kind.__doc__ or "").split()),
        "properties": {
            known: _key(known, shape.kind.keys[name], inner, definitions)
            for known, (name, inner) in shape.shapes.items()
        },
        **({"required": required} if required else {}),
        "title": shape.kind.__name__,
        "type": "object",
    }


def _key(known: str, key: Key, shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    found = _schema(shape, definitions)
    if not key.required:
        found["default"] = _default(key.default)
    if key.description is not None:
        found["description"] = key.description
    if "$ref" not in found and not _is_reference(shape):
        found["title"] = known.replace("_", " ").title()
    return dict(sorted(found.items()))


def _default(value: Any) -> Any:
    """A default as an editor is shown it: of a part, what it says where nothing is said."""
    return {name: _default(inner) for name, inner in value} if isinstance(value, Part) else value


def _is_reference(shape: Shape) -> bool:
    return isinstance(shape, Optional) and isinstance(shape.inner, PartOf)
