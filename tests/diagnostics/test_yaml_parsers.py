"""The compiled parser and the one that says what YAML 1.2 is: the same data at the same places, or the slow one."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcfsm.expressions.parse import SourceText
from mcfsm.language.files import yaml
from mcfsm.problems import ModelError

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "models").rglob("*.yaml"))
OTHERS = sorted(path for path in (ROOT / "tests").rglob("*.yaml") if b"\xff" not in path.read_bytes())

ATOMS = [
    "a",
    "b c",
    "k: ",
    "k:\n   ",
    ":",
    ": ",
    " :",
    "- ",
    "? ",
    ", ",
    ",",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "#",
    " #",
    "\n",
]
ATOMS += [
    "\n  ",
    "\n- ",
    "&x ",
    "*x",
    "!",
    "!t ",
    "|\n  ",
    ">-\n  ",
    "|2\n",
    "%",
    "@",
    "\\n",
    "\\x41",
    "~",
    "null",
    "---",
    "...",
]
ATOMS += [
    "\r\n",
    "\r",
    "x:y",
    "é",
    "漢",
    "\xa0",
    "[]",
    "{}",
    "''",
    "'a'",
    '"a\n b"',
    "a\n b",
    "<<",
    "=",
    "1.0",
    "on",
    "!=",
    "\t",
]


def places(data: yaml.Data) -> object:
    """Data with all that is known of its places, to be compared."""
    if isinstance(data, yaml.WrittenMapping):
        return data.span, [(places(data.written(key)), places(value)) for key, value in data.items()]
    if isinstance(data, yaml.Sequence):
        return data.span, [places(value) for value in data]
    return (str(data), data.span, data.rows) if isinstance(data, SourceText) else data


def read_by_definition(text: str) -> object:
    """What ruamel.yaml makes of a text: its data and places, or the codes of what is wrong with it."""
    try:
        data, problems = yaml.read_any(text, "f")
    except ModelError as error:
        return [problem.code for problem in error.problems]
    return [problem.code for problem in problems] or places(data)


def assert_same(text: str) -> bool:
    """Whether the compiled parser takes the text; if it does, it reads what the other reads."""
    found = yaml.read_ordinary(text, "f")
    assert found is None or places(found) == read_by_definition(text)
    return found is not None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT / "models").as_posix())
def test_every_shipped_file_goes_the_fast_way(path: Path) -> None:
    assert assert_same(path.read_text(encoding="utf-8"))


@pytest.mark.long
def test_bad_and_good_files_of_the_tests() -> None:
    taken = [assert_same(path.read_bytes().decode("utf-8-sig", errors="replace")) for path in OTHERS]
    assert taken.count(True) > 300


@pytest.mark.long
@given(st.lists(st.sampled_from(ATOMS), max_size=16).map("".join))
@settings(max_examples=1500)
def test_random_texts(text: str) -> None:
    assert_same(text)


@pytest.mark.long
@given(
    st.sampled_from(SHIPPED),
    st.integers(0, 10**6),
    st.integers(4, 20),
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(ATOMS), st.integers(0, 3)), max_size=4),
)
@settings(max_examples=400)
def test_edited_files(path: Path, start: int, length: int, edits: list[tuple[int, str, int]]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start %= len(lines)
    text = "".join(lines[start : start + length])
    for at, atom, cut in edits:
        at %= len(text) + 1
        text = text[:at] + atom + text[at + cut :]
    assert_same(text)


# What libyaml reads otherwise, or reads where YAML 1.2 does not: each found by the comparison above.
DIFFERENT = ["a: b\t", "k: [!,]", "- >#", ">\n#", "a: b\u2028c: d", "a: b\x85c: d", "%YAML 1.1\n---\na: b"]


@pytest.mark.parametrize("text", DIFFERENT)
def test_what_the_two_take_differently_is_read_by_the_definition(text: str) -> None:
    assert yaml.read_ordinary(text, "f") is None


@pytest.mark.parametrize("text", DIFFERENT[:3])
def test_the_comparison_finds_what_is_not_kept_apart(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "_TAKEN_DIFFERENTLY", yaml.re.compile("(?!)"))
    monkeypatch.setattr(yaml._Builder, "no_tag", lambda *_: None)
    with pytest.raises(AssertionError):
        assert_same(text)


def test_bounds_are_said_by_the_compiled_parser() -> None:
    with pytest.raises(ModelError, match="nested deeper than 40 levels"):
        yaml.read_ordinary("a: " + "[" * 50, "f")
