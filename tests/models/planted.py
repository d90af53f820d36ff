"""Copies of models/mc_migration with one mistake planted: its text edited, and one scenario kept."""

from __future__ import annotations

import shutil
from pathlib import Path

MODEL = Path(__file__).parents[2] / "models" / "mc_migration"
ANSWERED_AT_C = """  answered_at_C:
    text: A redirected call is answered at C, where the user went from B.
    clause: 10.16.5.3-4
    reachable: attempt.state == answered and attempt.hops > 0 and client(u1).dialled.system == C and registrations.moved == 2
"""  # noqa: E501
NOBODY_CRASHES = "    crash: {server: 0}\n"  # but somebody might, or down would have no meaning in the definitions
ELSEWHERE = "what becomes of them in other scenarios"  # from there on a change speaks of these


def planted(folder: Path, *changes: tuple[str, str, str]) -> str:
    """The path of a copy with scenario one_partner alone; each change is a file, an old text and a new one."""
    copy = folder / "mc_migration"
    shutil.copytree(MODEL, copy)
    scenarios = (copy / "scenarios.yaml").read_text(encoding="utf-8")
    kept = scenarios.partition("\n  two_partners:")[0]
    (copy / "scenarios.yaml").write_text(kept + NOBODY_CRASHES, encoding="utf-8")
    for change in (copy / "changes").iterdir():
        text = change.read_text(encoding="utf-8")
        change.write_text(text.partition(ELSEWHERE)[0].rpartition("\n")[0] + "\n", encoding="utf-8")
    for name, old, new in [("properties.yaml", ANSWERED_AT_C, ""), *changes]:
        file = copy / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has {text.count(old)} times: {old}"
        file.write_text(text.replace(old, new), encoding="utf-8")
    return str(copy)
