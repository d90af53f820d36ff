"""A small model to begin with: written from a template, with a test, a snippet for CI, and the schema for editors."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path
from typing import Literal, get_args

from mcfsm.host.whole_files import write_whole
from mcfsm.language.files.schema import json_schema

Template = Literal["request_response", "client_server", "handover"]
TEMPLATES: tuple[Template, ...] = get_args(Template)
_PROMISE: dict[Template, str] = {"request_response": "once", "client_server": "exclusive", "handover": "right"}
_FOLDER = Path(__file__).parent / "templates"
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


def new(folder: Path | str, template: Template = TEMPLATES[0]) -> tuple[Path, ...]:
    """The files of a new model in a folder, which is made; its last part is the model's name.

    Raises ValueError where that can be no name, and FileExistsError where the folder has something in it.
    """
    folder = Path(folder)
    name = folder.name
    if not _NAME.fullmatch(name):
        raise ValueError(f"a model's name has letters, digits and _, and begins with a letter; {name!r} does not")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(errno.EEXIST, "is there already and not empty: choose another name", str(folder))
    texts = {
        "model.yaml": _template(f"{template}.yaml", name),
        f"test_{name}.py": _template("test_model.txt", name).replace("PROMISE", _PROMISE[template]),
        "ci.yml": _template("ci.yml", name),
        ".schema/model.json": json.dumps(json_schema(), indent=2) + "\n",
    }
    for file, text in texts.items():
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text)
    return tuple(folder / file for file in texts)


def _template(file: str, name: str) -> str:
    return (_FOLDER / file).read_text(encoding="utf-8").replace("NAME", name)
