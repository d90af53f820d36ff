"""Nothing that a model says is taken for what the tool says, by a person, a terminal, a browser or a build server."""

from __future__ import annotations

import ast
import itertools
import json
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fuzz.asking import Said, ask, texts_of
from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.wording import wording
from mcfsm.problems import Span

MODEL = """model: MODEL
source: SOURCE
clauses: clauses.yaml
readings: {polite: {text: READING, label: LABEL, default: yes, values: {yes: '1.1', no: }, labels: {yes: LABEL}}}
options: {loud: {text: OPTION, label: LABEL, default: quiet, values: {quiet: , shouting: }}}
parameters: {most: 1}
messages: {ask: {label: LABEL, n: {type: 0..1, label: LABEL}}, ok: {label: LABEL}}
roles:
  caller:
    text: ROLE
    label: LABEL
    variables: {asked: bool}
    states: [idle, waiting]
    labels: {idle: LABEL}
    initial: idle
    final: [idle]
    transitions:
    - {id: ask, label: LABEL, trigger: go, kind: user, source: idle, dest: waiting, clause: '1.1', assumption: ASSUMPTION, choose: {v: 0..1}, send: [{ask: {to: b, n: v}}], budget: asks}
    - {id: ok, trigger: ok, source: waiting, dest: idle, assumption: ASSUMPTION}
  called:
    states: [there]
    initial: there
    final: [there]
    transitions:
    - {id: answer, trigger: ask, under: {polite: yes}, send: [{ok: {to: sender}}], assumption: ASSUMPTION}
properties:
  ends: {text: PROPERTY, label: LABEL, clause: '1.1', leads_to: [a.state == waiting, a.state == idle]}
  never_asks: {text: PROPERTY, clause: '1.1', never: a.state == waiting}
scenarios:
  s: {text: SCENARIO, label: LABEL, instances: {a: {role: caller, label: LABEL}, b: called}, channels: {default: {bound: 1}}, budgets: {asks: 1}}
  t: {like: s, text: SCENARIO, readings: {polite: no}}
"""  # noqa: E501
CLAUSES = "'1.1': {modality: shall, text: CLAUSE}\n'1.2': {modality: may, text: CLAUSE, not_modelled: CLAUSE}\n"
PLACES = (
    "MODEL", "SOURCE", "READING", "OPTION", "ROLE", "ASSUMPTION", "PROPERTY", "SCENARIO", "CLAUSE", "LABEL",
)  # fmt: skip
SHORT = 20  # characters: a label has at most 120, with what cannot be seen written out
FORGED = "2 scenarios, 10 verdicts: 10 proved."
ATOMS = [
    FORGED, "PROVED", "::error file=a.py,line=1::hacked", "##[error]", "##vso[task.complete]", "\n", "\r", "\t", " ",
    "\x1b[2J", "\x1b]8;;http://x\x07link\x1b]8;;\x07", "\x9b31m", "\x08\x08\x08", "\x00", "\u202e", "\u2066", "\u2028",
    "\x85", "\ufeff", "\u200b", "<script>alert(1)</script>", "<a href='x'>", "&amp;", "]]>", "-->", '"', "'", "\\N",
    "\\", "|", "`", "```", "# heading", "[x](http://y)", "![x](y)", "%%{init: {}}%%", "click a href", "end", "note",
    "*/", "/*", "/", "*", "//", "*)", "(*", "\\*", "====", "---- MODULE x ----", "#include </etc/passwd>",
    "??/", '"""', "'''", ";", "{", "}", "x" * 90, "e\u0301", "漢字", "🙂", "#quot;", "<br/>", "$(id)", "%s",
    "[bold]", "[/]",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=6).map("".join)
KINDS = (".svg", ".mmd", ".txt")
EXPORTS = (("transitions", "--role", "caller"), ("transitions", "--role", "called"), ("promela",), ("tla",))
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE)
SUMMARY = re.compile(r"^\d+ scenarios?, \d+ verdicts?:", re.MULTILINE)


def written(folder: Path, texts: dict[str, str]) -> Path:
    """The model, with these texts in their places."""
    for name, text in (("model.yaml", MODEL), ("clauses.yaml", CLAUSES)):
        for place in PLACES:
            said = (texts[place][:SHORT].strip() or "none") if place == "LABEL" else texts[place]
            text = re.sub(rf"\b{place}\b", lambda _, said=said: json.dumps(said), text)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "model.yaml"


def hidden(text: str) -> set[str]:
    """The characters of a text that cannot be seen and are no ends of lines, but joiners and blanks of some scripts."""
    return {character for character in text if not character.isprintable()} - {"\n", "\t", "\u200c", "\u200d", "\xa0"}


def assert_honest(text: str) -> None:
    """Nothing in it steers a terminal or a build server."""
    assert hidden(text) == set()
    assert COMMAND.search(text) is None


def asked(model: Path, folder: Path) -> list[Said]:
    """What the commands say that show what a model says."""
    reference = ["--engine", "reference"]
    return [
        ask("check", model, *reference, "--coverage", "--save-flows", folder / "flows"),
        ask("check", model, *reference, "--grid", "--normative"),
        ask("check", model, *reference, "--json", "-"),
        ask(
            "check", model, *reference, *(f"--format={kind}={folder / kind}" for kind in ("junit", "sarif", "markdown"))
        ),
        ask("check", model, *reference, f"--format=github={folder.parent / 'annotations'}"),
        ask("check", model, *reference, "--bite", "--any-number", "--evidence", folder.parent / "evidence.gz"),
        ask("verify", folder.parent / "evidence.gz"),
        ask("assumptions", model, "--scenario", "s"),
        ask("receptions", model, *reference),
        ask("clauses", model),
        ask("clauses", model, "--page", folder / "clauses.md"),
        ask("why", model, "--property", "ends", *reference),
        ask("lint", model),
        ask("report", model, *reference, "--set", "most=1", "-o", folder / "report.md"),
        *(ask("draw", model, "--role", "caller", "-o", folder / f"role{kind}") for kind in (".dot", ".mmd")),
        *(ask("draw", model, "--trace", "never_asks", "--scenario", "s", "-o", folder / f"flow{k}") for k in KINDS),
    ]


def programs(model: Path, folder: Path) -> Iterator[str]:
    """What is left of each export without its comments: what SPIN, TLC and Python make of it."""
    for number, (language, *more) in enumerate(EXPORTS):
        file = folder / f"exported{number}" / "m.tla"  # the module is called as its file
        file.parent.mkdir()
        said = ask("export", model, "--to", language, "--scenario", "s", *more, "-o", file)
        assert said.status == 0, said.err
        for text in texts_of([file.parent]):
            assert_honest(re.sub(r"^ +:: ", "  ", text, flags=re.MULTILINE))  # an option of a loop in Promela
            yield uncommented(text, language)


def uncommented(text: str, language: str) -> str:
    """A program without its comments, and without the words that Python keeps of a module."""
    if language == "transitions":
        tree = ast.parse(text)
        assert ast.get_docstring(tree) is not None
        return ast.dump(ast.Module(tree.body[1:], []))
    if language == "promela":
        return "\n".join(line.strip() for line in re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL).splitlines())
    return "\n".join(line.split("\\*")[0].rstrip() for line in text.splitlines())


def exported(texts: dict[str, str]) -> list[str]:
    """The programs of the model with these texts."""
    with tempfile.TemporaryDirectory() as name:
        return list(programs(written(Path(name), texts), Path(name)))


@cache
def exported_plainly() -> list[str]:
    """The programs of a model whose texts are plain words."""
    return exported(dict.fromkeys(PLACES, "words"))


def assert_no_renderer_forges(texts: dict[str, str]) -> None:
    assert exported(texts) == exported_plainly()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "out").mkdir()
        said = asked(written(folder, texts), folder / "out")
        for one in said:
            assert not one.defect, one.err
            assert one.status in (0, 1, 2), one.err
            assert_honest(one.out)
            assert_honest(one.err)
        for one in said[:2]:
            assert len(SUMMARY.findall(one.out)) == 1
        for text in texts_of([folder / "out"]):
            is_dot = text.startswith(
                "digraph"
            )  # where a name would stand for what follows this backslash, even escaped
            assert_honest(text.replace("\\\u200b", "\\") if is_dot else text)
        picture = ElementTree.parse(folder / "out" / "flow.svg").getroot()
        names = {element.tag.rpartition("}")[2] for element in picture.iter()}
        assert names.isdisjoint({"script", "a", "foreignObject", "image", "use", "iframe"})
        assert ElementTree.parse(folder / "out" / "junit").getroot().tag.startswith("testsuite")
        json.loads((folder / "out" / "sarif").read_text(encoding="utf-8"))
        for line in (folder / "annotations").read_text(encoding="utf-8").splitlines():  # one command each, and no other
            assert re.match(r"::(error|warning|notice) ", line)
            assert line.lstrip(":").count("::hacked") == 0
        page = (folder / "out" / "clauses.md").read_text(encoding="utf-8")
        assert "<script" not in page
        assert "<a href" not in page
        report = MarkdownIt().enable("table").parse((folder / "out" / "report.md").read_text(encoding="utf-8"))
        parts = [part for block in report for part in block.children or ()]
        links = [part.attrs["href"] for part in parts if part.type == "link_open"]
        assert sorted(links) == [f"#f{number}" for number in range(1, len(links) + 1)]
        tags = [part.content for part in parts if part.type == "html_inline"]
        assert tags == [tag for number in range(1, len(links) + 1) for tag in (f'<a id="f{number}">', "</a>")]
        assert {part.type for part in parts}.isdisjoint({"image"})
        assert all(block.type not in ("html_block", "fence") for block in report)


@settings(max_examples=5, phases=[Phase.generate])
@given(st.fixed_dictionaries(dict.fromkeys(PLACES, TEXTS)))
def test_no_renderer_shows_what_a_model_says_as_more_than_its_words(texts: dict[str, str]) -> None:
    assert_no_renderer_forges(texts)


@pytest.mark.slow
@settings(max_examples=500, phases=[Phase.generate])
@given(st.fixed_dictionaries(dict.fromkeys(PLACES, TEXTS)))
def test_no_renderer_does_with_many_more_texts(texts: dict[str, str]) -> None:
    assert_no_renderer_forges(texts)


@pytest.mark.parametrize("atom", [FORGED, f"\n{FORGED}", f"{'x' * 90} {FORGED}", "\x1b[2J", "::error::x", "<script>x"])
def test_every_place_by_itself(atom: str) -> None:
    assert_no_renderer_forges(dict.fromkeys(PLACES, atom))


@given(TEXTS)
def test_wording_is_one_line_that_is_its_own_wording(text: str) -> None:
    span = Span("f", 1, 1, 1)
    said = wording(SourceText(text, span))
    assert hidden(said) == set()
    assert "\n" not in said
    assert COMMAND.search(said) is None
    assert wording(said) is said


def test_wording_keeps_what_people_write() -> None:
    kept = ["A call is ended, at most once: see 10.6.2.", "naïve – “quoted” 漢字 🙂", "a::b", "می\u200cخواهم", "x # y"]
    span = Span("f", 1, 1, 1)
    assert [str(wording(SourceText(text, span))) for text in kept] == kept
    shown = wording(SourceText("a\x1b[31mb\u202ec\n d", span))
    assert shown == r"a\x1b[31mb\u202ec d"


@pytest.mark.parametrize(("old", "new"), [("  s: {", r'  "s\nx": {'), ("  s: {", r'  "../s": {'), ("'1.1'", r'"1\e1"')])
def test_what_is_cited_and_filed_is_held_to_its_form(old: str, new: str, tmp_path: Path) -> None:
    model = written(tmp_path, dict.fromkeys(PLACES, "words"))
    for path in (model, tmp_path / "clauses.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace(old, new).replace("like: s,", ""), encoding="utf-8")
    said = ask("check", model, "--engine", "reference")
    assert said.status == 3
    assert "M307" in said.err
    assert hidden(said.err) == set()


def test_a_file_is_not_named_with_what_cannot_be_seen(tmp_path: Path) -> None:
    said = ask("check", tmp_path / "a\x1b[2J.yaml")
    assert said.status == 3
    assert said.err.startswith("error M109: ")
    assert hidden(said.err) == set()


def test_the_atoms_are_what_the_tests_look_for() -> None:
    """Each test above would see what it looks for: nothing of it is in no text that is drawn."""
    joined = [f"{one}{other}" for one, other in itertools.product(["\n", " "], ATOMS)]
    assert sum(bool(hidden(text)) for text in joined) > 20
    assert sum(bool(COMMAND.search(text)) for text in joined) >= 6
    assert sum(bool(SUMMARY.search(text)) for text in joined) >= 1
