"""mcfsm checks the text of a protocol.

A model file declares each role of a procedure as a state machine and names the properties that the text promises
(`docs/language.md`). Checking it explores every joint state of every scenario and gives each property a verdict:
PROVED on the stated instance, VIOLATED with a shortest message flow, INCOMPLETE with the limit that stopped the
search, or VACUOUS.

    >>> import mcfsm
    >>> checked = mcfsm.check("models/textbook/two_phase_commit.yaml", scenarios=["three"])
    >>> checked
    <Checked models/textbook/two_phase_commit.yaml: 1 run, 6 verdicts (6 PROVED)>
    >>> checked["agreement"].status
    'PROVED'
    >>> checked.violated, checked.exit_status
    ((), 0)
    >>> findings = checked.runs[0].findings
    >>> findings.states, findings.transitions, findings.depth
    (288, 1145, 10)

The same model runs at random under pytest or unittest, where Hypothesis shrinks what it finds:

    TestCommit = mcfsm.stateful("models/textbook/two_phase_commit.yaml", scenario="three").TestCase

What is wrong with a model is a ModelError, whose problems name file, line and what to do.

Read next: docs/python.md, this page with more examples; `mcfsm.questions.check`, from path to verdicts;
`mcfsm.semantics.product`, the meaning of a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcfsm.explore.findings import Limits
    from mcfsm.explore.random.adapter import Adapter, NonConformance
    from mcfsm.model.wire import WireMessage
    from mcfsm.problems import ModelError
    from mcfsm.questions.check import Checked, check
    from mcfsm.questions.machines.imported import Imported, from_transitions
    from mcfsm.questions.replay.replay import replay_flow as replay
    from mcfsm.questions.walk import stateful
    from mcfsm.verdicts.verdict import Run, Verdict

__version__ = "0.1.0"
__all__ = [
    "Adapter",
    "Checked",
    "Imported",
    "Limits",
    "ModelError",
    "NonConformance",
    "Run",
    "Verdict",
    "WireMessage",
    "__version__",
    "check",
    "from_transitions",
    "replay",
    "stateful",
]

_HOMES = {
    "Adapter": "mcfsm.explore.random.adapter",
    "Checked": "mcfsm.questions.check",
    "Imported": "mcfsm.questions.machines.imported",
    "Limits": "mcfsm.explore.findings",
    "ModelError": "mcfsm.problems",
    "NonConformance": "mcfsm.explore.random.adapter",
    "Run": "mcfsm.verdicts.verdict",
    "Verdict": "mcfsm.verdicts.verdict",
    "WireMessage": "mcfsm.model.wire",
    "check": "mcfsm.questions.check",
    "from_transitions": "mcfsm.questions.machines.imported",
    "replay": "mcfsm.questions.replay.replay:replay_flow",
    "stateful": "mcfsm.questions.walk",
}


def __dir__() -> list[str]:
    """The public names, also before they are asked for: what `dir` and `help` show."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


def __getattr__(name: str) -> Any:
    """The public names, each imported when it is first asked for: `import mcfsm` alone is cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mcfsm' has no attribute {name!r}")
    from importlib import import_module

    home, _, called = _HOMES[name].partition(":")
    return getattr(import_module(home), called or name)
