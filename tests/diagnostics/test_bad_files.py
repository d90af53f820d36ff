"""Bad files that are too large, too deep or too odd to be kept: made here. Each with its exact message, and quickly."""

import time
from collections.abc import Iterator
from pathlib import Path

import bad_models
import pytest

MODEL = """model: small
roles:
  one:
    states: [idle]
    initial: idle
scenarios:
  only: {instances: {it: one}}
"""


@pytest.fixture(autouse=True)
def _there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In an empty directory; whatever is wrong is found within ten seconds."""
    monkeypatch.chdir(tmp_path)
    started = time.process_time()
    yield
    assert time.process_time() - started < 10


def shown(text: str | bytes, name: str = "m.yaml") -> str:
    """What is printed about a model of this text."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return bad_models.shown(name)


def condition(text: str) -> str:
    """A model with a property of this condition."""
    return MODEL.replace("scenarios:", f'properties:\n  p: {{text: t., never: "{text}"}}\nscenarios:')


def test_the_model_itself_is_good() -> None:
    assert shown(MODEL) == ""


def test_ten_megabytes() -> None:
    text = MODEL.replace("model: small", "model: " + "x" * 10_000_000)
    assert shown(text) == (
        "error M104: m.yaml has 10,000,101 bytes; at most 1,000,000 are read\n"
        "  hint: split the model over files with include\n"
    )


def test_a_long_scalar() -> None:
    text = MODEL.replace("model: small", "model: " + "x" * 30_000)
    head, *rest = shown(text).splitlines()
    assert head == "m.yaml:1:8: error M104: a value of 30,000 characters; at most 20,000 are read"
    assert rest == ["  1 | model: " + "x" * 113 + "…", "    |        " + "^" * 114]


def test_alias_bomb() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 9) + "]" for i in range(1, 12)]
    assert shown("\n".join(lines)) == (
        "m.yaml:5:35: error M104: more than 50,000 values, aliases counted in full\n"
        "  5 | a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]\n"
        "    |                                   ^^^\n"
        "  hint: split the model over files, or use fewer aliases\n"
    )


def test_alias_of_itself() -> None:
    assert shown("model: &a [*a]\n") == (
        "m.yaml:1:12: error M103: *a names no anchor that is complete here\n"
        "  1 | model: &a [*a]\n"
        "    |            ^^\n"
        "  hint: if it begins an expression, quote it\n"
    )


def test_nested_lists() -> None:
    assert shown("model: " + "[" * 100_000) == (
        f"m.yaml:1:47: error M104: nested deeper than 40 levels\n  1 | model: {'[' * 113}…\n    | {' ' * 46}^\n"
    )


def test_nested_expression() -> None:
    text = condition("not " * 200 + "true")
    assert shown(text).splitlines()[0] == "m.yaml:7:25: error M402: an expression nested deeper than 40 levels"


@pytest.mark.parametrize("text", ["(" * 1900 + "true" + ")" * 1900, "[" * 3900, "-" * 3900 + "1", "{" * 1000])
def test_deeply_nested_brackets(text: str) -> None:
    assert shown(condition(text)).splitlines()[0].startswith("m.yaml:7:25: error M40")


def test_many_files() -> None:
    for i in range(60):
        Path(f"f{i}.yaml").write_text(f"include: [f{i + 1}.yaml]\n")
    Path("f60.yaml").write_text("define: {}\n")
    assert shown(MODEL + "include: [f0.yaml]\n").splitlines()[0] == ("f48.yaml:1:11: error M104: more than 50 files")


def test_many_values() -> None:
    text = MODEL + "define: {" + ", ".join(f"d{i}: true" for i in range(40_000)) + "}\n"
    assert shown(text).splitlines()[0].endswith("error M104: more than 50,000 values, aliases counted in full")


def test_many_problems_are_counted() -> None:
    text = MODEL + "define: {" + ", ".join(f"d{i}: nothing{i}" for i in range(500)) + "}\n"
    lines = shown(text).splitlines()
    assert lines[-1] == "and 201 more problems"
    assert sum(" error M403: unknown name nothing" in line for line in lines) == 100


@pytest.mark.long
def test_many_unknown_keys() -> None:
    text = MODEL + "\n".join(f"kee{i}: x" for i in range(20_000)) + "\n"
    lines = shown(text).splitlines()
    assert sum(" error M201: unknown key kee" in line for line in lines) == 100
    assert lines[-1] == "and 201 more problems"


def test_many_scenarios() -> None:
    text = MODEL + "".join(f"  s{i}: {{like: only}}\n" for i in range(200))
    assert shown(text).splitlines()[0] == "m.yaml:7:3: error M104: 201 scenarios; at most 100 are taken"


def test_many_instances() -> None:
    instances = ", ".join(f"i{i}: one" for i in range(80))
    text = MODEL.replace("{it: one}", f"{{{instances}}}")
    assert shown(text).splitlines()[0] == "m.yaml:7:3: error M104: scenario only has 80 instances; at most 64"


def test_many_transitions() -> None:
    lines = "    transitions:\n" + "    - {trigger: go, kind: user}\n" * 2100
    text = MODEL.replace("scenarios:", lines + "scenarios:")
    assert shown(text).splitlines()[0] == "m.yaml:3:3: error M104: one has 2,100 transitions; at most 2,000 are taken"


def test_many_enumeration_values() -> None:
    text = MODEL + "domains: {Big: [" + ", ".join(f"v{i}" for i in range(1500)) + "]}\n"
    assert shown(text).splitlines()[0] == "m.yaml:8:11: error M104: Big has 1,500 values; at most 1,000 are taken"


def test_sets_of_sets_are_never_counted_out() -> None:
    text = MODEL + "domains: {A: 0..99, B: 'set[A]', C: 'set[B]', D: 'map[A, C]', E: {d: D, c: C}}\n"
    text += 'define: {d: "count(true for x in E) > 0"}\n'
    assert shown(text).splitlines()[0] == (
        "m.yaml:9:34: error M406: E has very many values; at most 4,096 can be listed"
    )


def test_binary() -> None:
    assert shown(b"\x7fELF\x02\x01\x01\x00\x00") == (
        "m.yaml:1:1: error M101: the character U+007F may not stand in a YAML file\n"
        "  1 | \N{REPLACEMENT CHARACTER}ELF" + "\N{REPLACEMENT CHARACTER}" * 5 + "\n"
        "    | ^\n"
        "  hint: is this a text file, in UTF-8?\n"
    )


def test_not_utf8() -> None:
    assert shown("model: café\n".encode("latin-1")) == (
        "m.yaml:1:11: error M101: m.yaml is no UTF-8 text: the byte 0xe9 may not stand here\n"
        "  1 | model: caf\N{REPLACEMENT CHARACTER}\n"
        "    |           ^\n"
        "  hint: save the file as UTF-8\n"
    )


def test_utf16() -> None:
    assert shown("model: a\n".encode("utf-16")).splitlines()[0] == (
        "m.yaml:1:1: error M101: m.yaml is no UTF-8 text: the byte 0xff may not stand here"
    )


def test_wide_characters_keep_the_caret_in_place() -> None:
    text = "model: {漢字: x}\n"
    assert shown(text) == (
        "m.yaml:1:8: error M203: a sentence is expected here, not a mapping\n  1 | model: {漢字: x}\n    |        ^\n"
    )
    assert shown("漢字: x\nmodel: a\n") == "m.yaml:1:1: error M201: unknown key 漢字\n  1 | 漢字: x\n    | ^^^^\n"


def test_terminal_sequences_are_not_printed() -> None:
    lines = shown('"\\e[31mred": x\nmodel: a\n').splitlines()
    assert lines[0] == "m.yaml:1:1: error M201: unknown key \N{REPLACEMENT CHARACTER}[31mred"


def test_no_file() -> None:
    assert bad_models.shown("there.yaml") == "error M109: there.yaml does not exist\n"


def test_directory_without_model() -> None:
    Path("empty").mkdir()
    assert bad_models.shown("empty") == (
        "error M109: empty/model.yaml does not exist\n  hint: a directory needs a model.yaml\n"
    )


def test_model_is_a_directory() -> None:
    Path("d/model.yaml").mkdir(parents=True)
    assert bad_models.shown("d") == "error M109: d/model.yaml is no file\n  hint: a directory needs a model.yaml\n"


def test_path_with_a_null_byte() -> None:
    said = "error M109: a\N{REPLACEMENT CHARACTER}b has characters in its name that cannot be seen\n"
    assert bad_models.shown("a\0b") == said


def test_path_too_long() -> None:
    assert bad_models.shown("a" * 5000).startswith("error M109: aaaa")


def test_include_with_a_null_byte() -> None:
    assert shown(MODEL + 'include: ["a\\0b"]\n').splitlines()[0] == (
        "m.yaml:8:11: error M109: a\N{REPLACEMENT CHARACTER}b cannot be read: embedded null byte"
    )


def test_include_too_long() -> None:
    head = shown(MODEL + f"include: [{'a' * 300}]\n").splitlines()[0]
    assert head.startswith("m.yaml:8:11: error M109: aaaa")


def test_symlink_that_leaves_the_directory() -> None:
    Path("secret.yaml").write_text("define: {a: true}\n")
    Path("inside").mkdir()
    Path("inside/link.yaml").symlink_to(Path("secret.yaml").resolve())
    assert shown(MODEL + "include: [link.yaml]\n", "inside/m.yaml") == (
        "inside/m.yaml:8:11: error M110: link.yaml lies outside the model's directory\n"
        "  8 | include: [link.yaml]\n"
        "    |           ^^^^^^^^^\n"
        "  hint: a model reads files beside and below it only\n"
    )


def test_symlink_to_itself() -> None:
    Path("loop.yaml").symlink_to("loop.yaml")
    head = shown(MODEL + "include: [loop.yaml]\n").splitlines()[0]
    assert head.startswith("m.yaml:8:11: error M109: ")


def test_include_of_a_directory() -> None:
    Path("sub").mkdir()
    assert shown(MODEL + "include: [sub]\n").splitlines()[0] == "m.yaml:8:11: error M109: sub is no file"


def test_included_file_is_the_model() -> None:
    assert shown(MODEL + "include: [m.yaml]\n").splitlines()[0] == (
        "m.yaml:8:11: error M111: a file includes itself: m.yaml -> m.yaml"
    )


def test_a_file_included_twice_is_read_once() -> None:
    Path("a.yaml").write_text("include: [c.yaml]\n")
    Path("b.yaml").write_text("include: [c.yaml]\n")
    Path("c.yaml").write_text("define: {x: true}\n")
    assert shown(MODEL + "include: [a.yaml, b.yaml]\n") == ""


def test_windows_line_ends_and_byte_order_mark() -> None:
    assert shown(b"\xef\xbb\xbf" + MODEL.replace("\n", "\r\n").encode()) == ""
    assert shown(MODEL.replace("initial: idle", "initial: idel").replace("\n", "\r\n")) == (
        "m.yaml:5:14: error M301: role one has no state idel\n"
        "  5 |     initial: idel\n"
        "    |              ^^^^\n"
        "  hint: did you mean idle?\n"
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            'model: "a\\UFFFFFFFF"',
            'm.yaml:1:10: error M101: this is no YAML: an escape names no character\n  1 | model: "a\\UFFFFFFFF"\n'
            "    |          ^\n  hint: the last is \\U0010FFFF\n",
        ),
        (
            'model: "a\\uD800"',
            'm.yaml:1:8: error M101: the escape \\uD800 is half of a character\n  1 | model: "a\\uD800"\n'
            "    |        ^^^^^^^^^\n  hint: write the character itself\n",
        ),
        (
            "# from now on\n%YAML 1.3\n---\nmodel: small",
            "m.yaml:2:1: error M101: YAML 1.2 is read here, and 1.1, and no other\n  2 | %YAML 1.3\n    | ^\n",
        ),
    ],
)
def test_escapes_and_versions(written: str, said: str) -> None:
    assert shown(MODEL.replace("model: small", written)) == said


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029", "\r"])
def test_a_line_end_that_readers_disagree_about_moves_no_line(character: str) -> None:
    text = MODEL.replace("    initial", f"    # one{character} two\n    initial")
    said = f"U+{ord(character):04X} ends a line for some readers of this file, and not for others"
    first, *_, last = shown(text).rstrip("\n").split("\n")
    assert first == f"m.yaml:5:10: error M101: {said}"
    assert last == (
        "  hint: end lines as your editor does by default (LF or CRLF); in a text it is written as an escape"
    )
