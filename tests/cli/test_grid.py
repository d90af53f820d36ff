"""The grid of scenario by property: exact texts at several widths, and rows that are there before the next is done.

`python tests/cli/test_grid.py` rewrites the texts in tests/snapshots/grid; read the difference before it is committed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from building import write
from rich.console import Console, Group

from mcfsm.questions.check import check
from mcfsm.report.check_text import CheckReport
from mcfsm.verdicts.verdict import Run

ROOT = Path(__file__).parents[2]
SNAPSHOTS = ROOT / "tests" / "snapshots" / "grid"
WIDTHS = (60, 80, 100, 120)

# as many promises as the largest model has, with names like its own
SHORT = [
    f"{letter}{number}" for letter, most in (("K", 10), ("M", 6), ("R", 13), ("S", 8)) for number in range(1, most)
]
LONG = ["answered_at_home", "prepared_at_the_partner"]
LIT = ("K1", "K9", "R12", "answered_at_home")  # violated where the lamp can be lit, and expected to be
LAMP = """
model: lamp
readings:
  power: {text: Where it comes from., default: mains, values: {mains: , battery: }}
  colour: {text: Its colour., default: white, values: {white: , red: }}
messages: {click: {}}
roles:
  lamp:
    states: [dark, dim, lit]
    initial: dark
    final: [dark, dim, lit]
    transitions:
    - {id: light, trigger: press, kind: user, source: dark, dest: lit, under: {power: mains}, assumption: Somebody does.}
    - {id: glow, trigger: wait, kind: environment, source: dark, dest: dim, assumption: It glows.}
    ignore: {click: [dark, dim, lit]}
properties:
PROPERTIES
scenarios:
  hall: {instances: {l: lamp}, expect: {EXPECT, S1: vacuous}}
  cellar_with_the_longest_name: {instances: {l: lamp}, properties: [K1, K2, R12, prepared_at_the_partner], expect: {K1: {under: {power: mains}, status: violated}}}
  attic: {instances: {l: lamp}, properties: [K2, R11, S1, S7], expect: {R11: violated, S1: vacuous}}
"""  # noqa: E501


def lamp() -> str:
    """The model, with every property that `LIT` names violated where the lamp has power."""
    properties = []
    for name in [*SHORT, *LONG]:
        form = "never: l.state == lit" if name in LIT else "always: l.state == dark or l.state != dark"
        form = "when: l.state == dark and l.state == lit, always: l.state == dark" if name == "S1" else form
        properties.append(f"  {name}: {{text: The promise {name} holds., {form}}}")
    expected = [f"{name}: {{under: {{power: mains}}, status: violated}}" for name in LIT]
    return LAMP.replace("PROPERTIES", "\n".join(properties)).replace("EXPECT", ", ".join(expected))


def printed(path: Path, width: int) -> str:
    """The grid of the model in both readings, as it is printed on so many columns."""
    with chdir(path.parent):
        checked = check(path.name, readings={"power": ["all"]}, engine="reference")
    asked: dict[str, list[str]] = {}
    scenarios: dict[str, list[Run]] = {}
    for found in checked.runs:
        asked[found.model.scenario] = [verdict.id for verdict in found.verdicts]
        scenarios.setdefault(found.model.scenario, []).append(found)
    report = CheckReport(asked, width=width, grid=True)
    parts = [part for runs in scenarios.values() for part in report.scenario(runs)]
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(Group(*parts, *report.closing(checked)))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_grid_at_every_width(width: int, tmp_path: Path) -> None:
    text = printed(write(lamp(), tmp_path), width)
    assert text == (SNAPSHOTS / f"{width}.txt").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= width
    for name in [*LIT, "S1"]:
        assert f"  {name} " in text  # whole, in the legend
    assert "cellar_with_the_longest_name" in text


COUNTING = """
model: counting
parameters: {most: 1}
messages: {click: {}}
roles:
  counter:
    variables: {a: 0..most = 0, b: 0..most = 0, c: 0..most = 0}
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: a, trigger: a, kind: user, conditions: a < most, set: {a: a + 1}, assumption: It counts.}
    - {id: b, trigger: b, kind: user, conditions: b < most, set: {b: b + 1}, assumption: It counts.}
    - {id: c, trigger: c, kind: user, conditions: c < most, set: {c: c + 1}, assumption: It counts.}
    ignore: {click: [there]}
properties:
  low: {text: It stays low., never: x.a + x.b == 2}
scenarios:
  small: {instances: {x: counter}, expect: {low: violated}}
  endless: {like: small, parameters: {most: 1000}, expect: {low: proved}}
"""


@pytest.mark.long
def test_a_row_is_there_before_the_next_scenario_is_done(tmp_path: Path) -> None:
    """The second scenario takes longer than anybody waits: what is read of the first has come before.

    Nobody looks at a terminal, and yet a violation is said when it is met, and after two seconds how far the search is.
    """
    path = write(COUNTING, tmp_path)
    script = "from mcfsm.commands.cli import main; main()"
    command = [sys.executable, "-c", script, "check", str(path), "--engine", "reference", "--grid", "--all"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            lines = [process.stdout.readline().rstrip() for _ in range(8)]
            assert lines[-1].split() == ["small", "x···", "8", "states"]
            said = (line.rstrip() for line in process.stderr if not line.startswith("reading the model, "))
            assert next(said) == "endless: low violated at depth 2, which is not expected; searching on"
            search = r"endless: [\d,]+ states, [\d,]+/s, depth \d+, frontier [\d,]+, 3 proved, 1 violated, \d s"
            assert re.fullmatch(search, next(said))
        finally:
            process.kill()


if __name__ == "__main__":
    os.environ["MCFSM_NO_CACHE"] = "1"
    SNAPSHOTS.mkdir(parents=True, exist_ok=True)
    home = Path(os.environ.get("TMPDIR", "/tmp"))
    for columns in WIDTHS:
        (SNAPSHOTS / f"{columns}.txt").write_text(printed(write(lamp(), home), columns), encoding="utf-8")
