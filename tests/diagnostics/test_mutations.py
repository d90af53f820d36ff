"""Whatever is done to a model file, nothing but a ModelError comes out of it, and that within so many calls."""

import cProfile
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bad_models
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve_all
from mcfsm.model import Model
from mcfsm.problems import ModelError
from mcfsm.semantics.product import Product

pytestmark = pytest.mark.long  # as there are many of them
MODELS = Path(__file__).parents[2] / "models/textbook"
MODEL = (MODELS / "two_phase_commit.yaml").read_text(encoding="utf-8")
OTHERS = [path.read_text(encoding="utf-8") for path in sorted(MODELS.glob("*.yaml"))]
LINES = MODEL.splitlines()
WORDS = sorted({word for text in OTHERS for word in text.replace("{", " ").replace("}", " ").replace(",", " ").split()})
MARKS = [*"{}[](),:-!&*?|>'\"%@`#=.~", "none", "true", "0..3", "x?"]
CALLS = 2_000_000  # some 300,000 are the most that any of them takes
STATES = 10


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutations") / "model.yaml"


def assert_survives(file: Path, text: str | bytes) -> None:
    """The text is a model, or is refused with problems that can be printed."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", errors="surrogatepass"))
    with at_most(CALLS):
        shown = bad_models.shown(file)
        assert shown == "" or " error M" in shown or shown.startswith("error M")
        if shown == "":
            for model in resolve_all(read(file)):
                walk(model)


@contextmanager
def at_most(most: int) -> Iterator[None]:
    """Whatever is done inside takes no more calls of Python functions: a count, which no machine makes longer."""
    profile = cProfile.Profile(builtins=False)
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
    calls = sum(entry.callcount for entry in profile.getstats())
    assert calls <= most, f"{calls:,} calls"


def test_calls_are_counted() -> None:
    with at_most(10):
        assert string.capwords("x y") == "X Y"
    with pytest.raises(AssertionError, match="calls"), at_most(10):
        assert [string.capwords("x y") for _ in range(20)] == ["X Y"] * 20


def walk(model: Model) -> None:
    """A few states of a model that was accepted: a step may find a value outside its domain, and nothing worse."""
    try:
        product = Product(model)
        waiting = [product.initial()]
        for state in waiting:
            waiting += [step.target for step in product.steps(state)][: max(0, STATES - len(waiting))]
    except ModelError:
        pass


@st.composite
def edited_lines(draw: st.DrawFn) -> str:
    """Lines deleted, doubled, swapped, moved in, or replaced by a line of another place."""
    lines = draw(st.sampled_from(OTHERS)).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["delete", "double", "swap", "indent", "replace"])):
            case "delete" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "indent":
                lines[at] = draw(st.sampled_from([" ", "  ", "\t", "- "])) + lines[at]
            case "replace":
                lines[at] = draw(st.sampled_from(LINES))
    return "\n".join(lines) + "\n"


@st.composite
def edited_words(draw: st.DrawFn) -> str:
    """Words replaced by words of other places, and characters by characters that mean something."""
    text = draw(st.sampled_from(OTHERS))
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            text = text.replace(draw(st.sampled_from(WORDS)), draw(st.sampled_from(WORDS)), draw(st.integers(1, 3)))
        else:
            at = draw(st.integers(0, len(text) - 1))
            length = draw(st.integers(0, 3))
            text = text[:at] + draw(st.sampled_from(MARKS)) + text[at + length :]
    return text


@given(text=edited_lines())
@settings(max_examples=40)
def test_edited_lines(file: Path, text: str) -> None:
    assert_survives(file, text)


@given(text=edited_words())
@settings(max_examples=40)
def test_edited_words(file: Path, text: str) -> None:
    assert_survives(file, text)


@given(at=st.integers(0, len(MODEL)), noise=st.binary(min_size=1, max_size=8), length=st.integers(0, 40))
@settings(max_examples=60)
def test_random_bytes(file: Path, at: int, noise: bytes, length: int) -> None:
    data = MODEL.encode()
    assert_survives(file, data[:at] + noise + data[at + length :])


@given(text=st.text(max_size=200))
@settings(max_examples=40)
def test_random_text(file: Path, text: str) -> None:
    assert_survives(file, text)


TOP = ["model", "source", "include", "clauses", "parameters", "readings", "options", "domains", "messages", "roles"]
TOP += ["observers", "define", "properties", "scenarios", "a", "b"]
INNER = ["states", "initial", "final", "regions", "transitions", "trigger", "kind", "source", "dest", "send", "set"]
INNER += ["conditions", "unless", "choose", "under", "budget", "clause", "ignore", "defer", "peers", "variables", "to"]
INNER += ["instances", "channels", "budgets", "omit", "freeze", "properties", "expect", "like", "role", "count"]
INNER += ["parameters", "text", "default", "values", "always", "never", "reachable", "when", "on", "fired", "bound"]
SCALARS = ["a", "b", "x?", "0..3", "bool", "a == b", "set[a]", "map[a, b]", "a -> b", "default", "true", "{a}", "user"]
SCALARS += [
    "protocol",
    "fifo",
    "violated",
    "1",
    "-1",
    "",
    "none",
    "any(x for x in a)",
    "a.b",
    "a(b)",
    "10.10",
    "sender",
]


def written(data: Any) -> str:
    """Flow style YAML."""
    if isinstance(data, dict):
        return "{" + ", ".join(f'"{key}": {written(value)}' for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(written, data)) + "]"
    return "" if data is None else f'"{data}"'


LEAVES = st.none() | st.sampled_from(SCALARS)
NODES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER + SCALARS), inner, max_size=4),
    max_leaves=12,
)


@given(data=st.dictionaries(st.sampled_from(TOP), NODES, max_size=6))
@settings(max_examples=80)
def test_random_structures(file: Path, data: dict[str, Any]) -> None:
    assert_survives(file, written(data) + "\n")


@given(part=st.sampled_from(TOP), data=NODES)
@settings(max_examples=60)
def test_random_parts_in_a_good_model(file: Path, part: str, data: Any) -> None:
    text = "\n".join(line for line in MODEL.splitlines() if not line.startswith(f"{part}: "))
    assert_survives(file, f"{text}\n{part}: {written(data)}\n")


ATOMS = ["true", "none", "1", "99999999999", "rm", "tm", "rm(1)", "rm(9)", "managers", "committed", "init", "{}", "'a'"]
ATOMS += ["resource_manager", "tm.votes", "tm.state", "x.state", "nobody", "msg.x", "frozen", "len", "()", "1.5", "..."]
FORMS = ["not {}", "{} and {}", "{} == {}", "{} in {}", "{} | {}", "{} % {}", "{} < {}", "-{}", "({})", "{}.state"]
FORMS += [
    "any({} for x in {})",
    "count({} for x in {} if {})",
    "{{{}, {}}}",
    "{}({})",
    "at({}, {})",
    "len({})",
    "{}[{}]",
]
FORMS += [
    "{} if {} else {}",
    "in_flight({})",
    "in_flight(prepared, sender={})",
    "all_of({})",
    "lambda: {}",
    "({} := {})",
]
FORMS += ["{{x for x in {}}}", "min({}, {})", "*{}", "keys({})", "present({})", "{} // {}", "{} is {}", "f'{}'", "[{}]"]


def filled(form: str, parts: list[str]) -> str:
    return form.format(*(parts * 3)[: form.replace("{{", "").count("{")])


EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.builds(filled, st.sampled_from(FORMS), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


@given(
    text=EXPRESSIONS | st.text(alphabet=string.printable, max_size=30), place=st.sampled_from(["never", "conditions"])
)
@example(text="0x" + "f" * 3990, place="never")
@example(text="not " * 900 + "true", place="never")
@example(text="any(" * 300 + "true" + " for x in rm)" * 300, place="never")
@settings(max_examples=80)
def test_random_expressions(file: Path, text: str, place: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    old = {
        "never": '"any(a.state == committed and b.state == aborted for a in rm for b in rm)"',
        "conditions": '"votes == all_of(resource_manager)"',
    }[place]
    assert old in MODEL
    assert_survives(file, MODEL.replace(old, quoted))


@given(text=EXPRESSIONS | st.sampled_from(["0..3", "set[bool]", "map[bool, 0..managers]", "bool?", "0..1/0", "set[]"]))
@settings(max_examples=60)
def test_random_domains(file: Path, text: str) -> None:
    assert_survives(file, MODEL.replace('"set[resource_manager]"', "'" + text.replace("'", "''") + "'"))
