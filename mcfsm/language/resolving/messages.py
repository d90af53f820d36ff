"""What messages carry, and the marks on what the text does not name."""

from __future__ import annotations

from mcfsm.expressions.domains import Domain
from mcfsm.expressions.parse import ExpressionError
from mcfsm.expressions.typecheck import MessageForm
from mcfsm.language.files.document import Document, ElementPart, Mark, MessagePart, elements_of
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.language.resolving.domain_text import parse_domain
from mcfsm.language.resolving.naming import check_count, check_name
from mcfsm.problems import Problems

_NO_ELEMENTS = ("to", "sender", "receiver", "label")


def declare_messages(document: Document, made: Declarations, problems: Problems) -> None:
    """Add the messages; they may carry instances, so the scenario's groups are declared before."""
    scope = made.scope()
    for name, written in document.messages.items():
        elements = elements_of(written)
        check_name(problems, name, "message")
        label = (
            None if isinstance(written, MessagePart) else next((w for e, w in written.items() if e == "label"), None)
        )
        if isinstance(label, ElementPart):
            hint = f"{name}: {{label: Words for it, ELEMENT: DOMAIN}}"
            problems.add("M203", label.span, f"label is what message {name} is called, and no element", hint)
        if isinstance(written, MessagePart):
            _check_mark(problems, f"message {name}", written, made)
        check_count(problems, name, len(elements), "elements")
        form: dict[str, tuple[str, Domain, bool]] = {}
        for element, part in elements.items():
            bare = element.part(0, len(element.removesuffix("?")))
            check_name(problems, bare, "message element", _NO_ELEMENTS)
            if str(bare) in form:
                problems.add("M311", bare.span, f"element {bare} stands twice in message {name}")
            if isinstance(part, ElementPart):
                made.check_clause(problems, part.clause)
                _check_mark(problems, f"element {bare}", part, made)
            try:
                domain = parse_domain(part.type if isinstance(part, ElementPart) else part, scope, made.domains)
                form[str(bare)] = (str(bare), domain, element.endswith("?"))
            except ExpressionError as error:
                problems.extend(error.problems)
        made.messages[str(name)] = MessageForm(str(name), tuple(form.values()))


def _check_mark(problems: Problems, what: str, part: Mark, made: Declarations) -> None:
    """Note a mark without items (M202), items without a mark (M202), and more than one kind of mark (M203)."""
    clauses = [] if part.clauses is None else part.clauses if isinstance(part.clauses, list) else [part.clauses]
    for clause in clauses:
        made.check_clause(problems, clause)
    kinds = [kind for kind in ("unnamed", "uncarried") if getattr(part, kind)]
    if len(kinds) == 2:
        hint = "unnamed is what the text uses and gives no name; uncarried what a step needs and no message has"
        problems.add("M203", part.span, f"{what} is said to be unnamed and uncarried, and is one of them", hint)
    elif kinds and not clauses:
        hint = f"{kinds[0]}: true, clauses: [ITEM, ITEM]"
        problems.add("M202", part.span, f"{what} is {kinds[0]}, and nothing says which items of the text need it", hint)
    elif clauses and not kinds:
        hint = "say unnamed: true or uncarried: true beside clauses; the item that names an element is its clause"
        problems.add("M202", part.span, f"{what} lists clauses, and no mark says what for", hint)
