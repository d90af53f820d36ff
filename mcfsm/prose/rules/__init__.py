"""Every rule on a text, in the order in which docs/trace.md lists them, and what they find in one text."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mcfsm.prose.defects import Rule, TextDefect
from mcfsm.prose.rules import cover, messages, numbering, references, tables, terms, wording
from mcfsm.prose.text import ReadText

RULES = (
    Rule("figure-reference", "A figure that is referred to is there.", references.figure_references),
    Rule("table-reference", "A table that is referred to is there.", references.table_references),
    Rule("caption-mentioned", "A figure or table is mentioned in the text.", references.captions_named),
    Rule("caption-clause", "A figure or table has the number of its clause.", references.captions_of_clause),
    Rule("clause-reference", "A clause that is referred to is there.", references.clauses_there),
    Rule(
        "document-reference",
        "A clause is cited from the document that has it, and from this one without a name.",
        references.documents_of_clauses,
    ),
    Rule("step-reference", "A step that is referred to is there.", references.steps_there),
    Rule(
        "reference-number",
        "A document has one number in brackets, and a number one document.",
        references.numbers_of_documents,
    ),
    Rule("reference-without-number", "A document is named with its number in brackets.", references.documents_numbered),
    Rule("step-numbers", "Numbers of steps follow each other.", numbering.steps_in_order),
    Rule("list-colon", "An item that others stand below ends with a colon.", numbering.lists_introduced),
    Rule("note-numbers", "One note of a clause is NOTE:, several are NOTE 1: and so on.", numbering.notes_in_order),
    Rule("clause-numbers", "Numbers of clauses go up.", numbering.clauses_in_order),
    Rule("clause-divided", "A clause is divided into two or more, or not at all.", numbering.clauses_divided),
    Rule("hanging-paragraph", "A clause that is divided has no text of its own.", numbering.hanging_paragraphs),
    Rule("element-names", "Rows of one table have names of their own.", tables.names_of_rows),
    Rule("element-status", "A row is M, O or C.", tables.presence_known),
    Rule(
        "element-presence",
        "What a step always sends is not optional, and what it may leave out not mandatory.",
        tables.presence_of_steps,
    ),
    Rule("message-name", "A step names the message that it sends, or a clause that does.", messages.messages_named),
    Rule("message-table", "A message that is sent has a table, or a clause that has it.", messages.messages_in_tables),
    Rule("message-names", "A message has one name.", messages.messages_called_alike),
    Rule("element-carried", "What a step needs to know, a message carries.", messages.elements_carried),
    Rule("party", "A party has its letter or number where several are of its kind.", messages.parties_told_apart),
    Rule("note-shall", "A NOTE of the text has no requirement.", wording.shall_in_notes),
    Rule("note-behaviour", "A NOTE of the text has no step of a procedure.", wording.behaviour_in_notes),
    Rule("annex-requirement", "An informative annex has no requirement.", wording.requirements_in_annexes),
    Rule("will", "What a party does is not told with will.", wording.will_of_parties),
    Rule("must", "A requirement is told with shall.", wording.must),
    Rule("editors-note", "No question is left open.", wording.editors_notes),
    Rule("sentence", "Words make a sentence.", wording.sentences_read),
    Rule("full-stop", "A sentence ends.", wording.sentences_end),
    Rule("spelling", "A term has one spelling.", terms.spelling),
    Rule("party-name", "A party has one name.", terms.words_left_out),
    Rule("slip", "A word is spelt as it is elsewhere.", terms.slips),
    Rule("capital", "A term has capitals everywhere or nowhere.", terms.capitals),
    Rule("one-service", "A clause on all services does not speak of one.", terms.one_service),
    Rule("cover-editors-note", "An Editor's note that the summary removes is gone.", cover.editors_note_gone),
    Rule("cover-procedure", "What the summary says of the procedure stands in it.", cover.summary_in_steps),
    Rule("cover-clauses", "The clauses affected are those of the text.", cover.clauses_affected),
)


def defects_of(text: ReadText, leave_out: Collection[str] = ()) -> Iterator[tuple[Rule, TextDefect]]:
    """Everything that the rules find in a text, line by line; each with its rule. `leave_out`: rules not asked."""
    asked = [rule for rule in RULES if rule.name not in leave_out]
    found = [(rule, defect) for rule in asked for defect in dict.fromkeys(rule.find(text))]
    order = {rule.name: place for place, rule in enumerate(RULES)}
    yield from sorted(found, key=lambda pair: (pair[1].line, order[pair[0].name], pair[1].quote))
