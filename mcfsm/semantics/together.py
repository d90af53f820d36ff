"""Which models are explored alone: what several variants in one search have no room for."""

from __future__ import annotations

from mcfsm.model import Model
from mcfsm.problems import ModelError, Problem


def why_alone(model: Model) -> str | None:
    """Why a model is explored alone, in words; None where variants of it can be explored together."""
    if model.boundary is not None:
        return f"it explores within {model.boundary.text}"
    for role in model.roles:
        for line in role.transitions:
            if line.asks:
                return f"{line.id} asks channels"
    return None


def check_together(model: Model) -> None:
    """Raise ModelError (M618) where a model is explored alone, for what explores several variants in one search."""
    why = why_alone(model)
    if why is not None:
        message = f"scenario {model.scenario} cannot be explored together with variants of it: {why}"
        raise ModelError([Problem("M618", None, message, "ask of another scenario: --scenario")])
