"""Every rule on a text finds the defect that it is about, at its line, and nothing in the text that is mended."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mcfsm.prose.defects import Rule
from mcfsm.prose.plain import blocks_of
from mcfsm.prose.rules import RULES, defects_of
from mcfsm.prose.structure import structured
from mcfsm.prose.text import Specification

LIFT = Specification("12.345", frozenset({"7.1.1", "7.1.2", "7.1.3", "9.1.2"}))


@dataclass(frozen=True)
class Case:
    """A text with one defect, and with it mended; `line` is where it is found, `words` what is said of it."""

    rule: str
    wrong: str
    right: str
    line: int
    words: str
    specification: Specification = Specification()


def table(*rows: str, title: str = "lift call") -> str:
    """A clause with a table of elements, each row as name/status/description."""
    lines = ["7.1.2\tLift call", f"Table 7.1.2-1 says what a {title} holds.", f"Table 7.1.2-1: {title}"]
    for row in ("Information element/Status/Description", *rows):
        lines += [*(f"\t{cell}" for cell in row.split("/")), ""]
    return "\n".join(lines)


STEPS = "7.1.3\tProcedure\n"
CALL = "The client sends a lift call towards the server"
CASES = (
    Case("figure-reference", f"{STEPS}Figure 7.1.4-1 shows a ride.\nFigure 7.1.3-1: A ride", f"{STEPS}Figure 7.1.3-1 shows a ride.\nFigure 7.1.3-1: A ride", 2, "There is no figure 7.1.4-1 in this text; that of clause 7.1.3 is 7.1.3-1."),
    Case("table-reference", "7.1.2\tLift call\nTable 7.1.2-2 says what it holds.\nTable 7.1.2-1: lift call", "7.1.2\tLift call\nTable 7.1.2-1 says what it holds.\nTable 7.1.2-1: lift call", 2, "There is no table 7.1.2-2"),
    Case("caption-mentioned", f"{STEPS}This is how one rides.\nFigure 7.1.3-1: A ride", f"{STEPS}Figure 7.1.3-1 is how one rides.\nFigure 7.1.3-1: A ride", 3, "No sentence of the text mentions figure 7.1.3-1."),
    Case("caption-clause", f"{STEPS}See figure 7.1.4-1.\nFigure 7.1.4-1: A ride", f"{STEPS}See figure 7.1.3-1.\nFigure 7.1.3-1: A ride", 3, "It stands in clause 7.1.3, and has the number of another."),
    Case("clause-reference", f"{STEPS}The lift stops as clause 7.1.4 has it.", f"{STEPS}The lift stops as clause 7.1.2 has it.", 2, "Of 7.1 only 7.1.1, 7.1.2, 7.1.3 are known", LIFT),
    Case("clause-reference", "Y.1.1\tDoors\nThey close as in clause Y.1.7.", "Y.1.1\tDoors\nThey close as in clause 7.1.2.", 2, "There is no clause Y.1.7 in the annex."),
    Case("clause-reference", f"{STEPS}It has the bell mentioned in clause 5.2.9.", f"{STEPS}It has a bell as described in clause 5.2.9.", 2, "It refers back to clause 5.2.9"),
    Case("document-reference", f"{STEPS}It opens as in TS 12.345 clause 7.1.2.", f"{STEPS}It opens as in clause 7.1.2.", 2, "TS 12.345 is this document", LIFT),
    Case("document-reference", f"{STEPS}It opens as in TS 54.321 [3] clause 9.1.2.", f"{STEPS}It opens as in TS 54.321 [3] clause 9.1.4.", 2, "known as one of TS 12.345, and cited as one of TS 54.321", LIFT),
    Case("step-reference", f"{STEPS}1.\tThe lift stops.\n2.\tIt goes on after step 3.", f"{STEPS}1.\tThe lift stops.\n2.\tIt goes on after step 1.", 3, "Clause 7.1.3 has no step 3."),
    Case("reference-number", f"{STEPS}A bell is that of TS 54.321 [3].\nIt rings as in TS 54.321 [4].", f"{STEPS}A bell is that of TS 54.321 [3].\nIt rings as in TS 54.321 [3].", 3, "TS 54.321 is [3] in line 2, and [4] here."),
    Case("reference-number", f"{STEPS}A bell is that of TS 54.321 [3].\nIt rings as in TS 54.322 [3].", f"{STEPS}A bell is that of TS 54.321 [3].\nIt rings as in TS 54.322 [4].", 3, "[3] is TS 54.321 elsewhere, and TS 54.322 here."),
    Case("reference-without-number", f"{STEPS}A bell is that of TS 54.321.", f"{STEPS}A bell is that of TS 54.321 [3].", 2, "TS 54.321 stands without its number in brackets."),
    Case("step-numbers", f"{STEPS}1.\tThe lift stops.\n3.\tIt opens.", f"{STEPS}1.\tThe lift stops.\n2.\tIt opens.", 3, "3. follows 1: a number is left out"),
    Case("step-numbers", f"{STEPS}1)\tThe lift:\na)\tstops; and\nc)\topens.", f"{STEPS}1)\tThe lift:\na)\tstops; and\nb)\topens.", 4, "c) follows 1"),
    Case("list-colon", f"{STEPS}1)\tthe lift;\na)\tstops; and\nb)\topens.", f"{STEPS}1)\tthe lift:\na)\tstops; and\nb)\topens.", 2, "it should end with a colon"),
    Case("note-numbers", f"{STEPS}NOTE 1:\tIt is quiet.", f"{STEPS}NOTE:\tIt is quiet.", 2, "should be marked NOTE:"),
    Case("note-numbers", f"{STEPS}NOTE 1:\tIt is quiet.\nNOTE2:\tIt is red.", f"{STEPS}NOTE 1:\tIt is quiet.\nNOTE 2:\tIt is red.", 3, "should be marked NOTE 2:"),
    Case("clause-numbers", "7.1.3\tDoors\n7.1.2\tBells", "7.1.2\tDoors\n7.1.10\tBells", 2, "Its number stands twice, or comes after a greater one."),
    Case("clause-divided", "7.1\tLifts\n7.1.1\tDoors\n7.2\tStairs", "7.1\tLifts\n7.1.1\tDoors\n7.1.2\tBells\n7.2\tStairs", 2, "It is the only part of clause 7.1"),
    Case("hanging-paragraph", "7.1\tLifts\nThey go up.\n7.1.1\tDoors\n7.1.2\tBells", "7.1\tLifts\n7.1.1\tGeneral\nThey go up.\n7.1.2\tBells", 2, "It hangs between the headings of 7.1 and its parts"),
    Case("element-names", table("Floor/M/Where from.", "floor/M/Where to."), table("Floor/M/Where from.", "Goal/M/Where to."), 8, "2 rows of table 7.1.2-1 have this name"),
    Case("element-status", table("Floor/X/Where from."), table("Floor/M/Where from."), 8, "Its status is X"),
    Case("element-presence", table("Floor/O/Where from.") + f"\n{STEPS}1.\t{CALL}, with the floor.", table("Floor/M/Where from.") + f"\n{STEPS}1.\t{CALL}, with the floor.", 13, "leaves Floor optional"),
    Case("element-presence", table("Floor/M/Where from.") + f"\n{STEPS}1.\t{CALL}, which may include the floor.", table("Floor/O/Where from.") + f"\n{STEPS}1.\t{CALL}, which may include the floor.", 13, "The step may leave Floor out"),
    Case("element-presence", table("Hurry/O/The rider tells the server that a fire burns.", "Floor/M/Where from.") + f"\n{STEPS}1.\t{CALL}, to tell that a fire burns.", table("Hurry/O/The rider tells the server that a fire burns.", "Floor/M/Where from.") + f"\n{STEPS}1.\t{CALL}, to tell where the fire is.", 17, "leaves Hurry optional"),
    Case("message-name", f"{STEPS}1.\tThe client releases the lift.", f"{STEPS}1.\tThe client releases the lift with a release request.", 2, "It names no message for this"),
    Case("message-name", f"{STEPS}-\tLift release as in clause 8.1.\n1.\tThe client notifies of its lift-exit.", f"{STEPS}-\tLift exit as in clause 8.1.\n1.\tThe client notifies of its lift-exit.", 3, "no clause that does"),
    Case("message-table", table("Floor/M/Where from.") + f"\n{STEPS}1.\tThe server sends a door report.", table("Floor/M/Where from.") + f"\n{STEPS}1.\tThe server sends a door report as in clause 8.3.", 13, "has door report."),
    Case("message-names", f"{STEPS}1.\tThe server sends a door notification.\n2.\tThe door notification response is shown.", f"{STEPS}1.\tThe server sends a door notification.\n2.\tThe door notification is shown.", 3, "is it one message?"),
    Case("element-carried", f"{STEPS}1.\tThe client sends a lift call with the fire indication.", table("Fire indication/O/Whether it burns.") + f"\n{STEPS}1.\tThe client sends a lift call with the fire indication.", 2, "no table of the text has a row for it"),
    Case("party", f"{STEPS}1.\tMC system A calls MC system B.\n2.\tThe MC system answers.", f"{STEPS}1.\tMC system A calls MC system B.\n2.\tThe MC system B answers.", 3, "Which MC system is meant: A or B?"),
    Case("note-shall", f"{STEPS}NOTE:\tThe lift shall be red.", f"{STEPS}NOTE:\tThe lift is red in old houses.", 2, "a requirement belongs into the text"),
    Case("note-behaviour", f"{STEPS}NOTE:\tThe lift server sends it on.", f"{STEPS}NOTE:\tThe lift server is assumed to know it.", 2, "tells what a party does"),
    Case("annex-requirement", "Y.1.1\tDoors\nThis is informative.\nA door shall close.", "Y.1.1\tDoors\nThis is informative.\nA door can close.", 3, "the annex is informative"),
    Case("will", f"{STEPS}The lift server will notify the rider.", f"{STEPS}The rider of the lift server will notice.", 2, "the word is for what happens outside"),
    Case("must", f"{STEPS}A door must close.", f"{STEPS}A door shall close.", 2, "A requirement is told with shall."),
    Case("editors-note", f"{STEPS}Editor's note: Bells are for further study.", f"{STEPS}Bells are of brass.", 2, "It leaves a question open."),
    Case("sentence", f"{STEPS}A door is may open.", f"{STEPS}A door may open.", 2, "Two verbs stand where one belongs."),
    Case("sentence", f"{STEPS}It opens the the door.", f"{STEPS}It opens the door.", 2, "A word stands twice."),
    Case("full-stop", f"{STEPS}The lift goes up to where the rider wants to", f"{STEPS}The lift goes up to where the rider wants to be.", 2, "no full stop"),
    Case("spelling", f"{STEPS}It is authorized.\nIt is authorised.", f"{STEPS}It is authorized.\nIt is authorized.", 3, 'Line 2 has "authorized", and here it is "authorised".'),
    Case("spelling", f"{STEPS}A fire-alarm rings.\nThe fire alarm ends.", f"{STEPS}A fire-alarm rings.\nThe fire-alarm ends.", 3, 'Line 2 has "fire-alarm", and here it is "fire alarm".'),
    Case("spelling", f"{STEPS}It de-authorizes a rider.\nAn authorisation ends.", f"{STEPS}It de-authorizes a rider.\nAn authorization ends.", 3, "and \"authorisation\" an s"),
    Case("party-name", f"{STEPS}The MC service client, an MC service client.\nThe MC client.", f"{STEPS}The MC service client, an MC service client.\nThe rider.", 3, "Elsewhere it is MC service client, 2 times."),
    Case("slip", f"{STEPS}A message, that message, each message.\nOne messange.", f"{STEPS}A message, that message, each message.\nOne massage.", 3, 'Is "message" meant?'),
    Case("slip", f"{STEPS}Here is rider 2.\nThere is rider2.", f"{STEPS}Here is rider 2.\nThere is rider 2.", 3, "A blank is missing: rider 2."),
    Case("capital", f"{STEPS}One floor, a floor, that floor.\nIt goes to a Floor.", f"{STEPS}One floor, a floor, that floor.\nIt goes to a floor.", 3, '"floor" has no capital elsewhere'),
    Case("one-service", f"{STEPS}1.\tThe MC service groups stay.\n2.\tThe MCPTT groups go.", f"{STEPS}1.\tThe MC service groups stay.\n2.\tThe MCPTT, MCVideo and MCData groups go.", 3, "of those of MCPTT alone"),
    Case("cover-editors-note", f"\tSummary of change:\n\tThe Editor's note is gone. Removed the Editor's note.\n{STEPS}Editor's note: Why?", f"\tSummary of change:\n\tRemoved the Editor's note.\n{STEPS}It is so.", 2, "Line 4 still has the note"),
    Case("cover-procedure", f"\tSummary of change:\n\tThe procedure returns the Floor.\n{table('Floor/O/Where from.')}\n{STEPS}1.\tThe lift stops.", f"\tSummary of change:\n\tThe procedure returns the Floor.\n{table('Floor/O/Where from.')}\n{STEPS}1.\tThe lift shows the floor.", 2, "no step names it"),
    Case("cover-procedure", f"\tSummary of change:\n\tThe procedure returns the Floor if it burns.\n{table('Floor/O/The one left.')}\n{STEPS}1.\tThe lift shows the floor.", f"\tSummary of change:\n\tThe procedure returns the Floor if it burns.\n{table('Floor/O/Where from, if it burns.')}\n{STEPS}1.\tThe lift shows the floor.", 2, "as O without one"),
    Case("cover-clauses", f"\tClauses affected:\n\t7.1.2, 7.1.3\n{STEPS}It is so.", f"\tClauses affected:\n\t7.1.3\n{STEPS}It is so.", 2, "Clause 7.1.2 is not in the text."),
    Case("cover-clauses", f"\tClauses affected:\n\t7.1.2\n7.1.2\tDoors\nIt is so.\n{STEPS}It is so.", f"\tClauses affected:\n\t7.1\n7.1.2\tDoors\nIt is so.\n{STEPS}It is so.", 2, "The text has clause 7.1.3, which is not named."),
)  # fmt: skip


def found(text: str, case: Case) -> list[tuple[int, str]]:
    """The line and the sentence of each defect that the rule of a case finds."""
    everything = defects_of(structured(blocks_of(text), case.specification))
    return [(defect.line, defect.said) for rule, defect in everything if rule.name == case.rule]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_rule_finds_its_defect_and_nothing_else(case: Case) -> None:
    (one,) = found(case.wrong, case)
    assert one[0] == case.line
    assert case.words in one[1]
    assert found(case.right, case) == []


def test_every_rule_has_a_case_and_a_name_of_its_own() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert {case.rule for case in CASES} == set(names)


def test_a_rule_that_is_left_out_is_not_asked() -> None:
    text = structured(blocks_of(f"{STEPS}A door must close the the door."))
    assert [rule.name for rule, _ in defects_of(text)] == ["must", "sentence"]
    assert [rule.name for rule, _ in defects_of(text, leave_out={"must"})] == ["sentence"]


def test_one_defect_in_several_lines_is_told_once() -> None:
    text = structured(blocks_of(f"{STEPS}A bell is that of TS 54.321.\nIt is old.\nIt rings as in TS 54.321."))
    ((_, defect),) = defects_of(text)
    assert (defect.line, defect.also) == (2, (4,))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_rule_is_slow_on_a_word_without_end(rule: Rule) -> None:
    """A rule that looked at every part of a word would take hours over this one, and so fail by the time limit."""
    assert list(rule.find(structured(blocks_of(f"7.1.3\tProcedure\n{'x' * 300_000}.")))) == []
