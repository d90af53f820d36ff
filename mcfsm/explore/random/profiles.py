"""How long and how a model is walked at random: profiles of Hypothesis' settings, by name.

What may live here: settings. Which flows there are to walk is for `machine`.
"""

from __future__ import annotations

import os
from typing import Any, Literal, get_args

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine

Profile = Literal["ci", "deep"]
VARIABLE = "MCFSM_PROFILE"  # names the profile where a test does not
_PROFILES: dict[Profile, dict[str, Any]] = {
    # the same walks on every machine, so that a red build stays red; nothing is kept between two
    "ci": {"derandomize": True, "database": None, "max_examples": 100, "stateful_step_count": 50, "print_blob": True},
    # other walks each time; what fails is in the database of Hypothesis, and comes first the next time
    "deep": {"derandomize": False, "max_examples": 5_000, "stateful_step_count": 200, "print_blob": True},
}


def with_profile(machine: type[RuleBasedStateMachine], profile: str | None) -> type[RuleBasedStateMachine]:
    """The state machine with the settings of a profile; as it is, where none is named here or in the environment.

    Raises ValueError for a name that is no profile.
    """
    name = profile or os.environ.get(VARIABLE, "")
    if not name:
        return machine
    if name not in get_args(Profile):
        said = "profile" if profile else VARIABLE
        raise ValueError(f"{said} {name} is none of {', '.join(get_args(Profile))}")
    chosen = _PROFILES["ci" if name == "ci" else "deep"]
    machine.TestCase.settings = settings(machine.TestCase.settings, **chosen)
    return machine
