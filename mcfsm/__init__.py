"""mcfsm checks the text of a protocol.

A model file declares each role of a procedure as a state machine and names the properties that the text promises
(`docs/language.md`). Checking it explores every joint state of every scenario and gives each property a verdict:
PROVED on the stated instance, VIOLATED with a shortest message flow, INCOMPLETE with the limit that stopped the
search, or VACUOUS.

    >>> import mcfsm
    >>> checked = mcfsm.check("models/textbook/two_phase_commit.yaml", scenarios=["three"])
    >>> run = checked.runs[0]
    >>> run.findings.states, run.findings.transitions, run.findings.depth
    (288, 1145, 10)
    >>> [(verdict.id, verdict.status) for verdict in run.verdicts if verdict.id == "agreement"]
    [('agreement', 'PROVED')]

The same model runs at random under pytest or unittest, where Hypothesis shrinks what it finds:

    TestCommit = mcfsm.stateful("models/textbook/two_phase_commit.yaml", scenario="three").TestCase

Read next: `mcfsm.questions.check`, from path to verdicts; `mcfsm.semantics.product`, the meaning of a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcfsm.problems import ModelError
    from mcfsm.questions.check import check
    from mcfsm.questions.walk import stateful

__version__ = "0.1.0"
__all__ = ["ModelError", "__version__", "check", "stateful"]

_HOMES = {"check": "mcfsm.questions.check", "stateful": "mcfsm.questions.walk", "ModelError": "mcfsm.problems"}


def __getattr__(name: str) -> Any:
    """The public names, each imported when it is first asked for: `import mcfsm` alone is cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mcfsm' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
