"""What every error code means: the catalogue behind `mcfsm explain CODE`, written stage by stage.

`reading` has M1xx and M2xx, `names` M3xx, `expressions` M4xx (domains too), `declarations` M5xx (transitions) and M6xx
(scenarios), `running` M7xx (while a model runs) and M9xx (flows that are replayed, texts that are traced); M8xx are
findings of lint and stand in `lint`. Each code is followed by the bad model in tests/diagnostics/cases that shows it
(- where only a run or a command can), a title, an explanation, and an example: - wrong, + right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill, indent

from mcfsm.report.codes import declarations, expressions, names, reading, running
from mcfsm.report.codes import lint as catalogue

_STAGES = (reading, names, expressions, declarations, running, catalogue)


@dataclass(frozen=True)
class Code:
    """One kind of mistake: what it is, a small example with its correction, and the case that shows it."""

    code: str
    title: str
    text: str
    wrong: str
    right: str
    case: str | None

    def render(self, width: int = 96) -> str:
        """The explanation as text, its sentences in so many columns."""
        wrong, right = indent(self.wrong, "    "), indent(self.right, "    ")
        head = fill(f"{self.code}  {self.title}", width, subsequent_indent="      ")
        return f"{head}\n\n{fill(self.text, width=width)}\n\nwrong:\n{wrong}\n\nright:\n{right}"


def _codes() -> Iterator[Code]:
    """The entries of the catalogue, in the order of their codes."""
    for entry in sorted(entry for stage in _STAGES for entry in stage.CATALOGUE.strip().split("\n\n")):
        head, *lines = entry.splitlines()
        name, title = head.split(": ", 1)
        code, case = name.split()
        parts = {mark: [line[2:] for line in lines if line[0] == mark] for mark in " -+"}
        text, wrong, right = " ".join(parts[" "]), "\n".join(parts["-"]), "\n".join(parts["+"])
        yield Code(code, title, text, wrong, right, None if case == "-" else case)


CODES: dict[str, Code] = {code.code: code for code in _codes()}
