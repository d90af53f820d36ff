"""Whether evidence proves what it claims: `evidence.verify`, within limits, and what it says as a record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mcfsm.evidence.records import MOST_STATES, NoEvidence
from mcfsm.evidence.verify import TooMany, VerifiedRun, Watcher, verify
from mcfsm.explore.findings import Limits
from mcfsm.explore.stopping import reason_of
from mcfsm.verdicts.run import Effort, watch_over


@dataclass(frozen=True)
class Verification:
    """What became of a file of evidence: every claim was checked again, or it was refused, or something stopped it."""

    path: str
    runs: tuple[VerifiedRun, ...] = ()  # all of them, or none
    refused: str | None = None
    stopped: str | None = None

    @property
    def exit_status(self) -> int:
        """0 verified, 1 refused, 2 stopped."""
        return 1 if self.refused is not None else 2 if self.stopped is not None else 0


def verified(file: Path, model: Path | None, limits: Limits, *, watcher: Watcher = lambda *_: None) -> Verification:
    """What a file of evidence proves of the model that it names, or of the `model` given. Raises OSError."""
    most = MOST_STATES if limits.max_states is None else limits.max_states
    try:
        with watch_over(Effort(limits=limits)):
            return Verification(str(file), verify(file, model, most_states=most, watcher=watcher))
    except NoEvidence as error:
        return Verification(str(file), refused=str(error))
    except TooMany as error:
        return Verification(str(file), stopped=f"--max-states {most}: {error}")
    except (KeyboardInterrupt, MemoryError) as error:
        return Verification(str(file), stopped=reason_of(error))
