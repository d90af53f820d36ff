"""models/mc_migration as its tests ask for it: runs, each explored once in a session, and copies with a mistake."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from shared_runs import checked

from mcfsm.verdicts.verdict import Run

MODEL = Path(__file__).parents[2] / "models" / "mc_migration"
DEFAULT = ["S1", "S4"]  # the changes that are applied where none are named
READINGS = {"redirect_scope", "left_system", "message_order", "asked", "original_id", "no_longer_works"}

Asked = tuple[tuple[str, str], ...]  # name, value; of readings and options


def run(
    scenario: str,
    notify: str,
    *,
    changes: Iterable[str] = DEFAULT,
    asked: Asked = (),
    engine: str = "exhaustive",
) -> Run:
    """One scenario in one reading of the notification, with some changes, and some readings and options given."""
    named = list(changes)
    (found,) = checked(
        MODEL,
        scenarios=[scenario],
        changes=None if named == DEFAULT else named,
        readings={"notify": [notify], **{name: [value] for name, value in asked if name in READINGS}},
        settings={name: value for name, value in asked if name not in READINGS},
        engine=engine,
    ).runs
    assert found.findings.complete
    return found


def planted(folder: Path, changes: list[tuple[str, str, str]]) -> Path:
    """A copy of the model with some texts replaced, each of which stands there once."""
    target = folder / "mc_migration"
    shutil.copytree(MODEL, target)
    for file, old, new in changes:
        text = (target / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file}: {old}"
        (target / file).write_text(text.replace(old, new), encoding="utf-8")
    return target


def told(found: Run) -> dict[str, tuple[str, int | None]]:
    """Each verdict: its status, and the length of its flow."""
    return {v.id: (v.status, None if v.trace is None else len(v.trace)) for v in found.verdicts}


def differences(before: dict[str, tuple[str, int | None]], after: dict[str, tuple[str, int | None]]) -> str:
    """What changed: the new status where it is another, the new length where there is a flow."""
    changed = []
    for name, (status, length) in after.items():
        if before[name] != (status, length):
            new = [] if before[name][0] == status else [status]
            changed.append(" ".join([name, *new, *([] if length is None else [str(length)])]))
    return ", ".join(changed)
