"""docs/language.md says nothing that is not so: every block is run, every expression evaluated, every key mentioned.

A block is marked in its opening line: `yaml model` is a complete model, `yaml file=NAME` a file that models read,
`yaml fragment=PATH` is spliced into the model named host, or by `of=NAME` into another (PATH is where; `.` the top).
`error=CODES` says that resolving fails with just these codes, `stops=CODE` that exploring does. No mark is a failure.
A sentence after a model that states its counts is held to them. A table of expressions stands under a comment that says
where they are evaluated.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import breadth_first
import pytest
from ruamel.yaml import YAML

from mcfsm import problems
from mcfsm.explore.liveness.fair_runs import answers
from mcfsm.explore.liveness.reference_graph import graph_of
from mcfsm.expressions import domains, parse
from mcfsm.expressions import typecheck as check
from mcfsm.expressions.functions import FUNCTIONS
from mcfsm.expressions.nodes import Node
from mcfsm.language.changes import apply as changes
from mcfsm.language.files import document, reader, yaml
from mcfsm.language.files.reader import read
from mcfsm.language.resolving import (
    begin,
    channels,
    naming,
    roles,
    scenarios,
)
from mcfsm.language.resolving import (
    domain_text as domaintext,
)
from mcfsm.language.resolving import resolve as resolving
from mcfsm.language.resolving import (
    sends as sending,
)
from mcfsm.language.resolving.resolve import resolve, resolve_all
from mcfsm.model import CHECKS, Model, permutation
from mcfsm.pictures.expression import shown
from mcfsm.problems import ModelError
from mcfsm.report.promela.program import promela
from mcfsm.report.tla.module import tla
from mcfsm.semantics import asking, transition

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
ROWS = PAGE.split("\n")
MARKS = {"model", "name", "file", "fragment", "of", "error", "stops"}
LIMITS = {
    "bytes of a file": yaml.MOST_BYTES,
    "files of a model": reader.MOST_FILES,
    "YAML values of a file, aliases counted in full": yaml.MOST_NODES,
    "YAML nesting": yaml.MOST_DEPTH,
    "characters of a YAML value": yaml.MOST_SCALAR,
    "characters of a name": parse.MOST_NAME,
    "characters of an expression": parse.MOST_CHARACTERS,
    "nesting of an expression": parse.MOST_DEPTH,
    "nesting of an expression with the definitions it reads": check.MOST_DEPTH,
    "parts visited by one evaluation, quantifiers multiplied": check.MOST_WORK,
    "values of a domain that is listed": domains.MOST_VALUES,
    "values of a map's key domain": domaintext.MOST_KEYS,
    "nesting of a domain": domaintext.MOST_DEPTH,
    "parts of a domain with the domains it names": domaintext.MOST_PARTS,
    "values of an enumeration, states of a role, elements of a message": naming.MOST_LISTED,
    "transitions of a role": roles.MOST_TRANSITIONS,
    "values that a transition leaves open": sending.MOST_OPEN,
    "combinations of those values that are tried in one state": transition.MOST_WAYS,
    "cases of what a line asks of channels in one local state": asking.MOST_CASES,
    "messages of a set channel that are counted": asking.MOST_COUNTED,
    "scenarios of a model": resolving.MOST_SCENARIOS,
    "parts that a change touches": changes.MOST_PARTS,
    "instances of a scenario": scenarios.MOST_INSTANCES,
    "permutations of interchangeable instances": permutation.MOST_PERMUTATIONS,
    "combinations of initial values that are tried": begin.MOST_BEGINNINGS,
    "messages that a channel holds": channels.MOST_HELD,
    "steps that a budget allows": scenarios.MOST_BUDGET,
    "problems collected": problems.MOST_FOUND,
    "problems printed": problems.MOST_SHOWN,
}


@dataclass(frozen=True)
class Block:
    """A fenced block of the page, and the prose between it and the next block or heading."""

    line: int
    language: str
    marks: dict[str, str]
    text: str
    after: str

    @property
    def title(self) -> str:
        """How pytest names it."""
        return f"line{self.line}"


@dataclass(frozen=True)
class Row:
    """A row of a table of expressions."""

    line: int
    place: dict[str, str]
    expression: str
    value: str


def marks(words: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def blocks() -> list[Block]:
    found, i = [], 0
    while i < len(ROWS):
        if not ROWS[i].startswith("```"):
            i += 1
            continue
        start = i
        end = next(j for j in range(i + 1, len(ROWS)) if ROWS[j] == "```")
        until = next((j for j in range(end + 1, len(ROWS)) if ROWS[j].startswith(("```", "#"))), len(ROWS))
        language, *words = ROWS[start][3:].split() or [""]
        after = " ".join(ROWS[end + 1 : until])
        found.append(Block(start + 1, language, marks(words), "\n".join(ROWS[start + 1 : end]) + "\n", after))
        i = end + 1
    return found


def expression_rows() -> list[Row]:
    found, place = [], None
    for number, row in enumerate(ROWS, 1):
        comment = re.fullmatch(r"<!-- expressions (.*) -->", row)
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] if row.startswith("|") else []
        if comment:
            place = marks(comment.group(1).split())
        elif row.startswith(("```", "#")):
            place = None
        elif cells and cells[0] == "Expression":
            assert place is not None, f"line {number}: a table of expressions without its comment"
        elif cells and place is not None and not cells[0].startswith("-"):
            if not all(re.fullmatch(r"`[^`]+`", cell) for cell in cells[:2]):
                raise AssertionError(f"line {number}: an expression and its value are wanted")
            expression, value = (cell[1:-1].replace(r"\|", "|") for cell in cells[:2])
            found.append(Row(number, place, expression, value))
    return found


BLOCKS = blocks()
FILES = [block for block in BLOCKS if "file" in block.marks]
MODELS = [block for block in BLOCKS if "model" in block.marks]
FRAGMENTS = [block for block in BLOCKS if "fragment" in block.marks]
EXPRESSIONS = expression_rows()
NAMED = {block.marks["name"]: block.text for block in MODELS if "name" in block.marks}
HOST = NAMED["host"]


def plain(text: str) -> Any:
    return YAML().load(text)


def written(folder: Path, text: str) -> Path:
    """The model file of a text, with the files of the page beside it."""
    for block in FILES:
        target = folder / block.marks["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, encoding="utf-8")
    path = folder / "model.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def spliced(block: Block) -> str:
    """A named model with a fragment in it; where the fragment names a budget, its scenario gives one."""
    host = plain(NAMED[block.marks.get("of", "host")])
    target, where = host, block.marks["fragment"]
    for name in [] if where == "." else where.split("."):
        target = target.setdefault(name, {})
    merge(target, plain(block.text))
    if "budget:" in block.text:
        host["scenarios"]["one"]["budgets"] = {"moves": 1}
    stream = io.StringIO()
    dumper = YAML()
    dumper.width = 10_000
    dumper.dump(host, stream)
    return stream.getvalue()


def merge(target: Any, more: Any) -> None:
    if isinstance(target, list):
        target.extend(more)
        return
    for name, value in more.items():
        if isinstance(target.get(name), dict):
            merge(target[name], value)
        else:
            target[name] = value


def codes(error: ModelError) -> set[str]:
    return {problem.code for problem in error.problems}


# ---- blocks


def test_every_block_is_marked_as_something_that_is_run() -> None:
    for block in BLOCKS:
        kinds = {"model", "file", "fragment"} & set(block.marks)
        assert block.language == "yaml", f"line {block.line}: only yaml blocks are run"
        assert len(kinds) == 1, f"line {block.line}: a block is a model, a file or a fragment"
        assert set(block.marks) <= MARKS, f"line {block.line}: unknown mark"
    assert sum(row.startswith("```") for row in ROWS) == 2 * len(BLOCKS)
    assert not any(row.startswith(("    ", "~~~")) for row in prose())


def prose() -> list[str]:
    inside, kept = False, []
    for row in ROWS:
        if row.startswith("```"):
            inside = not inside
        elif not inside:
            kept.append(row)
    return kept


@pytest.mark.parametrize("block", FILES, ids=[b.title for b in FILES])
def test_every_file_is_read_by_a_model(block: Block) -> None:
    name = re.escape(block.marks["file"])
    assert any(
        re.search(rf"^(include: .*\b{name}|changes: .*\b{name}|clauses: {name}$)", model.text, re.MULTILINE)
        for model in MODELS
    )


@pytest.mark.parametrize("block", MODELS, ids=[b.title for b in MODELS])
def test_a_model_meets_its_expectations_and_the_counts_claimed(block: Block, tmp_path: Path) -> None:
    models = resolve_all(read(written(tmp_path, block.text)))
    claims = re.findall(
        r"(?:Scenario|scenario) `(\w+)` has (\d+) states?, (\d+) transitions?, depth (\d+)", block.after
    )
    claims += [("", *c) for c in re.findall(r"It has (\d+) states?, (\d+) transitions?, depth (\d+)", block.after)]
    assert claims, f"line {block.line}: say how many states it has"
    fired: set[str] = set()
    for model in models:
        found = breadth_first.explore(model)
        fired |= found.fired
        for scenario, *counts in claims:
            if scenario in ("", model.scenario):
                assert found.counts == tuple(map(int, counts)), model.scenario
        expected = {p.id: p.expected for p in model.state_properties}
        assert {name: status for name, (status, _) in found.verdicts.items()} == expected
        faults = {
            "check.deadlock": found.deadlock is not None,
            "check.reception": bool(found.receptions),
            "check.overflow": bool(found.overflows),
        }
        assert {name for name, faulty in faults.items() if faulty} == {name for name, _ in model.expected_checks}
    assert {name for name, *_ in claims} <= {"", *(model.scenario for model in models)}


@pytest.mark.parametrize("block", FRAGMENTS, ids=[b.title for b in FRAGMENTS])
def test_a_fragment_does_what_the_page_says(block: Block, tmp_path: Path) -> None:
    if block.marks.get("error") == "M106":  # goes wrong before there is anything to splice
        marker = "    transitions:\n"
        indented = "".join(f"    {line}\n" for line in block.text.splitlines())
        text = HOST.replace(marker, marker + indented, 1)
    else:
        text = spliced(block)
    path = written(tmp_path, text)
    if "error" in block.marks:
        with pytest.raises(ModelError) as caught:
            resolve_all(read(path))
        assert codes(caught.value) == set(block.marks["error"].split(",")), caught.value
        return
    (model,) = [resolve(read(path), "one")]
    if "stops" in block.marks:
        with pytest.raises(ModelError) as caught:
            breadth_first.explore(model)
        assert codes(caught.value) == {block.marks["stops"]}
        return
    found = breadth_first.explore(model)
    assert found.states > 1
    assert {name: status for name, (status, _) in found.verdicts.items()} == dict.fromkeys(found.verdicts, "PROVED")
    if model.liveness_properties:
        graph = graph_of(model, liveness_properties=model.liveness_properties)
        broken = {answer.id for answer in answers(model, graph) if answer.lasso is not None}
        claim = re.search(r"Of these, (.*) are violated\.", block.after)
        assert broken == set(re.findall(r"`(\w+)`", claim.group(1) if claim else ""))


# ---- expressions


def asked(row: Row, question: str, path: Path) -> Model:
    """The host model with a question about an expression, in the place that its row names."""
    host = plain(HOST)
    if row.place["in"] == "property":
        host["properties"]["probe"] = {"text": "A probe.", "reachable": question}
    else:
        line = {"id": "probe", "trigger": row.place["on"], "conditions": question}
        host["roles"][row.place["in"]]["transitions"].append(line)
    with path.open("w", encoding="utf-8") as stream:
        YAML().dump(host, stream)
    return resolve(read(path), "one")


def node_asked(row: Row, model: Model) -> Node:
    """What the question became."""
    if row.place["in"] == "property":
        return next(p for p in model.state_properties if p.id == "probe").condition
    role = next(role for role in model.roles if role.name == row.place["in"])
    return next(t for t in role.transitions if t.id == "probe").guards[0].node


@pytest.mark.parametrize("row", EXPRESSIONS, ids=[f"line{r.line}" for r in EXPRESSIONS])
def test_an_expression_has_the_value_claimed(row: Row, tmp_path: Path) -> None:
    model = asked(row, f"({row.expression}) == ({row.value})", tmp_path / "model.yaml")
    found = breadth_first.explore(model)
    if row.place["in"] == "property":
        assert found.verdicts["probe"] == ("PROVED", 0)  # in the initial state
    else:
        assert "probe" in found.fired


@pytest.mark.parametrize("row", EXPRESSIONS, ids=[f"line{r.line}" for r in EXPRESSIONS])
def test_an_expression_in_words_is_the_same_expression(row: Row, tmp_path: Path) -> None:
    """What state diagrams and explanations write of it means what it means."""
    node = node_asked(row, asked(row, f"({row.expression}) == ({row.value})", tmp_path / "model.yaml"))
    again = node_asked(row, asked(row, shown(node), tmp_path / "model.yaml"))
    assert again == node


@pytest.mark.parametrize("row", EXPRESSIONS, ids=[f"line{r.line}" for r in EXPRESSIONS])
def test_an_expression_has_a_text_in_what_is_exported(row: Row, tmp_path: Path) -> None:
    model = asked(row, f"({row.expression}) == ({row.value})", tmp_path / "model.yaml")
    for text in (tla(model).module, promela(model)):
        assert "probe" in text


def test_every_function_is_in_a_table_of_expressions() -> None:
    assert "in_flight" in FUNCTIONS
    shown = {name for row in EXPRESSIONS for name in re.findall(r"\b(\w+)\(", row.expression)}
    assert set(FUNCTIONS) <= shown


# ---- completeness


def parts() -> list[type[document.Part]]:
    return [c for c in document.Part.__subclasses__() if c.__module__ == document.__name__]


def keys_of(part: type[document.Part]) -> list[str]:
    return [field.alias or name for name, field in part.keys.items()]


def test_every_key_is_in_the_page_and_used_in_a_block_that_runs() -> None:
    used = {str(key) for block in BLOCKS if "error" not in block.marks for key in mapping_keys(plain(block.text))}
    for part in parts():
        for key in keys_of(part):
            assert f"`{key}`" in PAGE, f"{part.__name__}.{key} is not in the page"
            assert key in used, f"{part.__name__}.{key} is in no example"


def mapping_keys(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [*data, *(key for value in data.values() for key in mapping_keys(value))]
    return [key for value in data for key in mapping_keys(value)] if isinstance(data, list) else []


def literals(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    return [value for inner in get_args(annotation) for value in literals(inner)]


def test_every_word_that_a_key_may_have_is_in_the_page() -> None:
    words = {word for part in parts() for kind in part.types().values() for word in literals(kind)}
    assert {"fifo", "user", "shall", "violated", "block", "freeze", "fired"} <= words
    for word in words:
        assert re.search(rf"[`{{]{word}[`:]", PAGE), f"{word} is not in the page"


def test_reserved_words_limits_and_checks_are_those_of_the_code() -> None:
    reserved = next(row for row in ROWS if row.startswith("Reserved: "))
    assert set(re.findall(r"`(\w+)`", reserved)) == parse.RESERVED
    table = dict(re.findall(r"^\| ([^|`]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE))
    assert {name: int(value.replace(",", "")) for name, value in table.items()} == LIMITS
    assert set(re.findall(r"^\| `(check\.\w+)` \|", PAGE, re.MULTILINE)) == set(CHECKS)


def test_headings_are_those_of_the_contents() -> None:
    headings = re.findall(r"^## (\d+\. .+)$", PAGE, re.MULTILINE)
    listed = re.findall(r"^(\d+\.) \[(.+)\]\(#(.+)\)$", PAGE, re.MULTILINE)
    assert [f"{number} {title}" for number, title, _ in listed] == headings
    for number, title, anchor in listed:
        assert anchor == re.sub(r"[^\w -]", "", f"{number} {title}".lower()).replace(" ", "-")
    for number in re.findall(r"sections? (\d+)", PAGE):
        assert int(number) <= len(headings)
