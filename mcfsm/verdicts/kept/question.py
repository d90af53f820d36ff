"""What a search depends on: all that its findings may differ by, in one digest. Whatever is not in it changes nothing.

What may live here: what is asked, of which model, by which code. What only says where a search gives up is not part of
it: what was cut short is not kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import NamedTuple

from mcfsm.host.code import code_digest
from mcfsm.model import Fairness, Model
from mcfsm.model.digest import meaning


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
