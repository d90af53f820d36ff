"""What somebody who begins is likely to get wrong, in the model that mcfsm new writes: each message says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import mcfsm
from mcfsm.commands import cli
from mcfsm.problems import ModelError

MISTAKES = {  # what is written instead of what, and what is said: the message, and the hint
    "a state misspelt": (
        "dest: gave_up",
        "dest: give_up",
        "M301: role requester has no state give_up",
        "did you mean gave_up?",
    ),
    "dest by another name": ("dest: gave_up", "to: gave_up", "M201: unknown key to", "did you mean dest?"),
    "conditions by another name": (
        "conditions: sent < most",
        "guard: sent < most",
        "M201: unknown key guard",
        "did you mean conditions?",
    ),
    "a message misspelt": (
        "- trigger: response",
        "- trigger: respons",
        "M504: respons is no message, and a spontaneous trigger needs a kind",
        "did you mean response?",
    ),
    "= for ==": (
        "when: client.state == served",
        "when: client.state = served",
        "M401: 'client.state = served' is no expression: = is not expected here",
        "equality is written ==",
    ),
    "a value in quotes": (
        "when: client.state == served",
        "when: client.state == 'served'",
        "M405: 'served' has no place in an expression",
        "write served without quotes",
    ),
    "a tab": (
        "      source: idle  ",
        "\tsource: idle  ",
        "M101: this is no YAML: a tab has no place here",
        "indent with spaces, not tabs",
    ),
    "a column too far to the left": (
        "      source: idle  ",
        "     source: idle  ",
        "M101: this is no YAML: this does not fit the indentation above",
        "the keys of a mapping begin in one column; an expression with : { } [ ] or # is quoted",
    ),
    "conditions in braces": (
        "conditions: sent < most",
        "conditions: {sent < most, sent > 0}",
        "M203: text, a list is expected here, not a mapping",
        "quote the expression, or write a list of several: [EXPRESSION, EXPRESSION]",
    ),
    "an assignment": (
        "set: {sent: sent + 1}",
        "set: sent = sent + 1",
        "M203: a mapping is expected here, not text",
        "write set: {sent: sent + 1}",
    ),
    "one more, as in C": (
        "set: {sent: sent + 1}",
        "set: {sent: sent++}",
        "M401: 'sent++' is no expression: ++ is not expected here",
        "write x + 1: what is set is a value",
    ),
    "+=, as in Python": (
        "set: {sent: sent + 1}",
        "set: {sent: sent += 1}",
        "M401: 'sent += 1' is no expression: + is not expected here",
        "write x + 1 alone: the key of set says which variable gets it",
    ),
    "null, as in JSON": (
        "set: {sent: 1}",
        "set: {sent: null}",
        "M203: an expression is expected here, not nothing",
        "write none where there is no value",
    ),
    "+1 for one more": (
        "set: {sent: sent + 1}",
        "set: {sent: +1}",
        "M405: '+1': this operator has no place in an expression",
        "write 1; to add it, write what it is added to: NAME + 1",
    ),
    "a list without brackets": (
        "states: [idle, waiting, served, gave_up]",
        "states: idle, waiting, served, gave_up",
        "M203: a list is expected here, not text",
        "write states: [idle, waiting, served, gave_up]",
    ),
    "the first brace of a line is missing": (
        "- trigger: response                    # the name of a message: this line receives it",
        "- trigger: response, send: [{request: {to: server}}]}",
        "M101: this is no YAML: a colon has no place here",
        "a { is missing where this entry begins: - {KEY: VALUE, KEY: VALUE}",
    ),
    "the first brace and a colon are missing": (
        "- trigger: response                    # the name of a message: this line receives it",
        "- trigger response, send: [{request: {to: server}}]}",
        "M101: this is no YAML: this does not fit the indentation above",
        "a { is missing where this entry begins: - {KEY: VALUE, KEY: VALUE}",
    ),
    "to whom a message goes": (
        "send: [{request: {to: server}}]      # what leaves",
        "send: request  # what leaves",
        "M203: send is a list of messages, each with whom it goes to, and this is a name",
        "send: [{request: {to: WHO}}]",
    ),
    "an instance called as its role": (
        "{client: requester, server: service}",
        "{requester: requester, server: service}",
        "M305: instance requester has the name of a role (line 12)",
        "every name has one meaning wherever it stands: rename one of them",
    ),
    "no channels": (
        "    channels: {default: {kind: fifo, bound: 2, when_full: block}}",
        "   ",
        "M610: scenario main gives no channel for client -> server and 1 more, which talk",
        "channels: {default: {kind: fifo, bound: 2}}",
    ),
    "a promise without its sentence": (
        "    text: What is asked for is done once at most.",
        "   ",
        "M202: the key text is missing",
        "add text: a sentence",
    ),
    "an unbounded number": (
        "sent: 0..most = 0",
        "sent: int = 0",
        "M409: int has no bounds",
        "every domain is finite: write 0..3",
    ),
    "an expectation that is none": (
        "    like: main ",
        "    expect: {once: false}\n    like: main ",
        "M204: false is none of proved, violated, vacuous, incomplete",
        "did you mean violated?",
    ),
}


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["new", "door"]) == 0
    capsys.readouterr()
    return Path("door/model.yaml")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_first_model(mistake: str, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new, message, hint = MISTAKES[mistake]
    text = model.read_text("utf-8")
    at = text.index(old)
    model.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert cli.run(["check", "door"]) == 3
    said = capsys.readouterr().err.splitlines()
    row = text.count("\n", 0, at) + 1
    first = next(line for line in said if f"error {message}" in line)
    assert first.startswith("door/model.yaml:")
    assert abs(int(first.split(":")[1]) - row) <= 3  # there, or where the part that it stands in begins
    assert set(said[said.index(first) + 2].strip(" |")) == {"^"}
    assert said[said.index(first) + 3] == f"  hint: {hint}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("check dor", "error M109: dor does not exist\n  hint: did you mean door?"),
        ("check door/modl.yaml", "error M109: door/modl.yaml does not exist\n  hint: did you mean model.yaml?"),
        ("check .", "error M109: model.yaml does not exist\n  hint: a directory needs a model.yaml"),
        ("check door --scenario mian", "error M601: unknown scenario mian\n  hint: did you mean main?"),
        ("check door --property onec", "error M313: unknown property onec\n  hint: did you mean once?"),
        ("check door main", "Error: Got unexpected extra argument (main): a scenario is named with --scenario"),
        ("explain M101 M102", "Error: Got unexpected extra argument (M102)\n"),
        ("chek door", "Error: No such command 'chek'. (Did you mean one of: 'check', 'schema'?)"),
        ("walk door", "error M601: the model has several scenarios: main, lossy\n  hint: name one: --scenario main"),
        ("check door --scenario main,lossy", "hint: repeat the option: --scenario main --scenario lossy"),
        (
            "check door --set most=999999999999999999999999",
            "is 999999999999999999999999, which is not in -1,000,000..1,000,000",
        ),
        ("new door", "Error: door: is there already and not empty: choose another name"),
    ],
)
@pytest.mark.usefixtures("model")
def test_a_mistake_at_the_command_line(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(words.split()) in (3, 4)
    assert said in capsys.readouterr().err


def test_a_folder_with_other_files(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model.rename("door/other.yaml")
    assert cli.run(["check", "door"]) == 3
    assert "hint: a directory needs a model.yaml; or name one of its files: other.yaml" in capsys.readouterr().err


def test_a_model_without_scenarios(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model.write_text(model.read_text("utf-8").partition("scenarios:")[0], encoding="utf-8")
    assert cli.run(["check", "door", "--scenario", "main"]) == 4
    assert "hint: the model has none: add scenarios: {NAME: {instances: {NAME: ROLE}}}" in capsys.readouterr().err


def test_an_element_of_the_message_is_read_through_msg(model: Path) -> None:
    text = model.read_text("utf-8").replace("response: {label: Response}", "response: {accepted: bool}")
    text = text.replace("{response: {to: sender}}", "{response: {to: sender, accepted: true}}")
    model.write_text(text.replace("dest: served", "conditions: accepted\n      dest: served"), encoding="utf-8")
    with pytest.raises(ModelError, match=r"M403 unknown name accepted \(write msg.accepted: it is an element"):
        mcfsm.check("door", engine="reference")


@pytest.mark.usefixtures("model")
def test_a_name_alone_stands_for_a_list_of_it() -> None:
    asked = mcfsm.check("door", scenarios="main", properties="once", settings={"most": 1}, engine="reference")
    assert repr(asked) == "<Checked door: 1 run, 1 verdict (1 PROVED)>"
    assert asked.runs[0].findings.states < 16
    with pytest.raises(ModelError, match=r"M601 unknown scenario mian \(did you mean main\?\)"):
        mcfsm.check("door", scenarios="mian")
    mcfsm.stateful("door", scenario="main", properties="once")
