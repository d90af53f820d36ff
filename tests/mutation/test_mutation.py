"""What is changed, how it is known again where lines move, and how many are found of a sample."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mutation.covering import Covering, Part
from mutation.operators import Change, Module
from mutation.patching import changed
from mutation.score import SAME, Tried, page, percent, record, recorded, same, table

ROOT = Path(__file__).parents[2]
SOURCE = '''\
"""A module."""

LIMIT = 4


def least(values: "list[int]", *, strict: bool = False) -> int:
    """The least that is not over the limit."""
    assert values != []
    found = [value for value in values if value < LIMIT and not strict]
    if not found:
        raise ValueError(f"nothing under {LIMIT + 1}")
    return min(found)
'''

TESTS = """\
import importlib.util
from pathlib import Path

spec = importlib.util.spec_from_file_location("some", Path.cwd() / "mcfsm" / "some.py")
some = importlib.util.module_from_spec(spec)
spec.loader.exec_module(some)


def test_least() -> None:
    assert some.least([3, 1]) == 1


def test_none() -> None:
    try:
        some.least([7])
    except ValueError:
        return


def test_that_fails() -> None:
    assert some.least([3, 1]) == 3
"""


def changes(folder: Path, source: str) -> list[str]:
    (folder / "some.py").write_text(source, encoding="utf-8")
    return [str(one.change).removeprefix("some.py ") for one in Module(folder, "some.py").mutations]


def test_operators_conditions_numbers_and_statements_are_changed_and_no_message(tmp_path: Path) -> None:
    assert changes(tmp_path, SOURCE) == [
        "module: 4  ->  5",
        "least: False  ->  True",
        "least:  for value in values if value < LIMIT and (not strict)  ->   for value in values",
        "least: value < LIMIT and (not strict)  ->  value < LIMIT or not strict",
        "least: value < LIMIT and (not strict)  ->  not strict",
        "least: value < LIMIT and (not strict)  ->  value < LIMIT",
        "least: value < LIMIT  ->  value <= LIMIT",
        "least: not strict  ->  strict",
        "least: not found  ->  found",
        "least: return min(found)  ->  return None",
        "least: min(found)  ->  max(found)",
    ]


def test_a_change_is_known_again_where_lines_move(tmp_path: Path) -> None:
    moved = SOURCE.replace("LIMIT = 4\n", "# moved\nLIMIT = 4\n").replace("    if not", "    # here too\n    if not")
    assert changes(tmp_path, moved) == changes(tmp_path, SOURCE)


def test_a_tree_is_changed_in_one_place_and_then_as_it_was(tmp_path: Path) -> None:
    changes(tmp_path, SOURCE)
    module = Module(tmp_path, "some.py")
    before = ast.unparse(module.tree)
    differ = []
    for mutation in module.mutations:
        with module.mutated(mutation) as tree:
            lines = zip(before.splitlines(), ast.unparse(tree).splitlines(), strict=True)
            differ.append(sum(old != new for old, new in lines))
    assert differ == [1] * len(module.mutations)
    assert ast.unparse(module.tree) == before


def test_what_is_said_to_mean_the_same_is_still_there() -> None:
    listed = same()
    assert len(listed) == SAME.read_text(encoding="utf-8").count("- module:")
    modules = {path: {one.change for one in Module(ROOT, path).mutations} for path in {c.module for c in listed}}
    assert [str(change) for change in listed if change not in modules[change.module]] == []
    assert [str(change) for change, reason in listed.items() if len(reason) < 20] == []


def test_what_never_ends_is_found_and_what_means_the_same_does_not_count(tmp_path: Path) -> None:
    def one(room: str, how: str, seconds: float) -> Tried:
        return Tried(Change(f"mcfsm/{room}/some.py", "f", "1", "2", 1), 7, how, seconds=seconds)

    some = [one("kernel", "killed", 1.0), one("kernel", "out of time", 20.0), one("kernel", "same", 0.0)]
    some += [one("kernel", "undecided", 5.0)]
    some += [one("tables", "killed", 2.0), one("tables", "survived", 9.0), one("tables", "killed", 4.0)]
    assert [line.split() for line in table(some)][1:] == [
        ["kernel", "4", "1", "1", "0", "1", "1", "100.0", "%", "10.5", "20.0"],
        ["tables", "3", "2", "0", "1", "0", "0", "66.6", "%", "3.0", "4.0"],
        ["all", "7", "3", "1", "1", "1", "1", "80.0", "%", "3.0", "20.0"],
    ]
    (tmp_path / "record").write_text("".join(record(one) + "\n" for one in some), encoding="utf-8")
    assert recorded(tmp_path / "record") == some


def test_a_page_has_the_table_what_survived_and_why_others_mean_the_same() -> None:
    listed = next(iter(same()))
    survived = Tried(Change("mcfsm/tables/some.py", "f", "a < b", "a <= b", 2), 7, "survived")
    killed = Tried(survived.change._replace(after="a > b"), 7, "killed", "tests/unit/test_some.py::test_it", 0.24)
    told = page([survived, Tried(listed, 3, "same"), killed], 5, "2026-11-23")
    assert (
        "* `mcfsm/tables/some.py f: a < b  ->  a > b (number 2)`: 0.2 s, `tests/unit/test_some.py::test_it`\n" in told
    )
    assert "3 mutants, drawn with seed 5 and tried on 2026-11-23" in told
    assert "| tables | 2 | 1 | 0 | 1 | 0 | 0 | 50.0 % | 0.2 | 0.2 |\n" in told
    assert "## What survived\n\n* `mcfsm/tables/some.py f: a < b  ->  a <= b (number 2)`\n" in told
    assert told.endswith(f"## What means the same\n\n* `{listed}`: {same()[listed]}\n")


def test_of_a_module_that_has_but_names_any_test_is_asked(tmp_path: Path) -> None:
    (tmp_path / "some.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "names.py").write_text("LIMIT = 4\n", encoding="utf-8")
    part = Part.__new__(Part)
    part.digests, part.seconds = {"t.py": ""}, {"t.py::one": 0.1, "t.py::two": 0.1, "t.py::three": 0.1}
    lines = {9: ["t.py::one"], 12: ["t.py::two", "t.py::one"], 1: ["import"]}
    part._known = {"some.py": (lines, {line: line for line in range(20)}), "names.py": ({1: ["import"]}, {1: 1})}
    covering = Covering(tmp_path, [part])
    assert covering.tests("some.py", (12, 12)) == (["t.py::one", "t.py::two"], [])
    assert covering.tests("some.py", (9, 10)) == (["t.py::one"], ["t.py::two"])
    assert covering.tests("some.py", (3, 3)) == (["t.py::one"], ["t.py::two"])  # those that run what reads LIMIT
    assert covering.tests("names.py", (1, 1)) == ([], ["t.py::one", "t.py::three", "t.py::two"])


def test_a_line_is_asked_of_the_tests_that_run_it(tmp_path: Path) -> None:
    """In a process of its own: a run of tests is forked off a program that has no tests under way."""
    root = tmp_path / "project"
    for name, text in (("mcfsm/some.py", SOURCE), ("tests/test_some.py", TESTS)):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(text, encoding="utf-8")
    asked = "covering(Path(sys.argv[1]), Path(sys.argv[2]), ['tests'], plain=False)"
    told = "json.dumps([*(found.tests('mcfsm/some.py', (line, line)) for line in (9, 11, 12)), sorted(found.seconds)])"
    imports = "import json, sys; from pathlib import Path; from mutation.covering import covering"
    command = [sys.executable, "-c", f"{imports}; found = {asked}; print({told})", str(root), str(tmp_path / "kept")]
    ran = subprocess.run(command, cwd=ROOT / "tests", capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    least, none = "tests/test_some.py::test_least", "tests/test_some.py::test_none"
    assert json.loads(ran.stdout.splitlines()[-1]) == [
        [[least, none], []],
        [[none], [least]],
        [[least], [none]],
        [least, none],  # and none that fails
    ]


@pytest.mark.parametrize(
    ("old", "new", "function"),
    [
        ("value < LIMIT", "value <= LIMIT", "least"),
        ("return min", "return max", "least"),
        ("LIMIT = 4", "LIMIT = 5", None),
        ("strict: bool = False", "strict: bool = True", None),
    ],
)
def test_the_function_that_is_changed_is_found_by_its_code(old: str, new: str, function: str | None) -> None:
    before, after = compile(SOURCE, "some.py", "exec"), compile(SOURCE.replace(old, new), "some.py", "exec")
    found = changed(before, after)
    assert (None if found is None else found[1].co_qualname) == function
    assert found is None or found[0] != found[1]
    assert changed(before, before) is None


@pytest.mark.slow
def test_a_sample_of_the_definition_the_tables_and_the_kernel_is_found(tmp_path: Path) -> None:
    """95 % are wanted of a large sample; of so few, one or two that mean the same and are not listed are let pass."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    soon = next(line for line in makefile.splitlines() if line.startswith("SOON := ")).split()[2:]
    rooms = ["--room", "semantics", "--room", "tables", "--room", "kernel"]
    asked = ["--minutes", "30", "--seed", "23", "--count", "45", "--record", str(tmp_path / "record"), *rooms]
    command = [sys.executable, "-m", "mutation", *asked, *(test.strip('"') for test in soon)]
    told = subprocess.run(command, cwd=ROOT / "tests", capture_output=True, text=True, check=False)
    assert (tmp_path / "record").exists(), told.stdout + told.stderr
    tried = recorded(tmp_path / "record")
    assert len(tried) >= 20, told.stderr
    assert float(percent(tried).removesuffix(" %")) >= 85, told.stdout
