"""The JSON Schema of the files of a model, for editors."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from mcfsm.language.files.change_file import ChangeFile
from mcfsm.language.files.document import ModelFile


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a model file, and of a change request: the file that has the key change.

    Where a shape tells branches apart, any that fits will do for an editor.
    """
    _, definitions = models_json_schema([(ModelFile, "validation"), (ChangeFile, "validation")], by_alias=True)
    schema: dict[str, Any] = _any_of(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mcfsm model",
        **schema,
        "if": {"required": ["change"]},
        "then": {"$ref": "#/$defs/ChangeFile"},
        "else": {"$ref": "#/$defs/ModelFile"},
    }


def _any_of(schema: Any) -> Any:
    """The schema with anyOf for oneOf: `{role: r, count: n}` fits two branches, and is meant for one."""
    if isinstance(schema, dict):
        return {("anyOf" if key == "oneOf" else key): _any_of(value) for key, value in schema.items()}
    return [_any_of(item) for item in schema] if isinstance(schema, list) else schema
