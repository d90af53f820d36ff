"""What a search depends on: all that its findings may differ by, in one digest. Whatever is not in it changes nothing.

What may live here: what is asked, of which model, by which code. What only says where a search gives up is not part of
it: what was cut short is not kept.
"""

from __future__ import annotations

import hashlib
import platform
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from mcfsm.model import Fairness, Model
from mcfsm.model.digest import meaning

ROOT = Path(__file__).parents[2]
LIBRARIES = ("transitions", "numpy", "numba", "llvmlite")  # that a step or a search goes through


class Question(NamedTuple):
    """What is asked of a model, and how: the parameters of `run` that findings depend on."""

    model: Model
    property_ids: frozenset[str]
    engine: str
    full: bool
    avoid: frozenset[str]
    fairness: Fairness | None
    normative_flows: bool

    def digest(self) -> str:
        """The SHA-256 of the question and of the code that answers it, as hexadecimal."""
        return hashlib.sha256(repr(sorted(self.parts().items())).encode()).hexdigest()

    def parts(self) -> dict[str, object]:
        """Everything that findings depend on, by name."""
        return {
            "code": code_digest(),
            "model": meaning(self.searched()),
            "text_alone": self.model.text_alone,
            "property_ids": sorted(self.property_ids),
            "engine": self.engine,
            "full": self.full,
            "avoid": sorted(self.avoid),
            "fairness": self.fairness,
            "normative_flows": self.normative_flows,
        }

    def searched(self) -> Model:
        """The model with no more than a search looks at: what is asked of it, and neither titles nor sentences."""
        asked = self.property_ids
        return replace(
            self.model,
            name="",
            source=None,
            scenario="",
            text=None,
            state_properties=tuple(
                replace(one, text="", clause=None) for one in self.model.state_properties if one.id in asked
            ),
            liveness_properties=tuple(
                replace(one, text="", clause=None) for one in self.model.liveness_properties if one.id in asked
            ),
        )


@cache
def code_digest() -> str:
    """The SHA-256 of every source file of this package and of the versions of what runs it, as hexadecimal.

    Raises OSError where the package is in no folder.
    """
    found = hashlib.sha256()
    for part in (platform.python_implementation(), platform.python_version(), *map(_version, LIBRARIES)):
        found.update(f"{part}\n".encode())
    files = sorted(ROOT.rglob("*.py"))
    if not files:
        raise FileNotFoundError(2, "No source files", str(ROOT))
    for file in files:
        place = file.relative_to(ROOT).as_posix()
        found.update(f"{place} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package
