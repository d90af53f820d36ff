"""A public class has a name of its own: who reads or searches for one finds one."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "mcfsm"
SHARED: set[str] = set()  # names that several classes still have; one that became unique leaves this set


def test_public_classes_have_names_of_their_own() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(str(path.relative_to(PACKAGE)))
    assert {name: places for name, places in found.items() if len(places) > 1 and name not in SHARED} == {}
    assert {name for name in SHARED if len(found[name]) < 2} == set()
