"""Messages that a line sends, as written to Sendings: to whom, and what each element holds."""

from __future__ import annotations

from collections.abc import Mapping

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Instances, Maybe, Nothing, SetOf
from mcfsm.expressions.parse import ExpressionError, SourceText
from mcfsm.expressions.typecheck import MessageForm, Scope, check, narrow
from mcfsm.language.files.document import TransitionPart
from mcfsm.language.resolving.declarations import Declarations
from mcfsm.model import Sending
from mcfsm.problems import Problem, Problems, Span, closest

MOST_OPEN = 8  # values chosen, and elements left open, in one transition


class SendingResolver:
    """Resolves what the lines of a role send; every problem it finds goes to `problems`."""

    def __init__(self, everyone: Instances, made: Declarations, problems: Problems) -> None:
        self.everyone, self.made, self.problems = everyone, made, problems

    def resolve(self, part: TransitionPart, scope: Scope, stands: bool) -> tuple[Sending, ...]:
        """The messages, in written order. Who gets them has to be there only where the line stands."""
        sends = []
        for item in part.send:
            if len(item) != 1:
                place = next(iter(item)).span if item else part.trigger.span
                hint = "- {message: {to: ..., element: ...}}"
                self.problems.add("M203", place, "each item under send is one message", hint)
                continue
            ((message, elements),) = item.items()
            form = self.made.messages.get(message)
            if form is None:
                hint = closest(message, self.made.messages) or "declare it under messages"
                self.problems.add("M302", message.span, f"unknown message {message}", hint)
                continue
            sending = self.resolve_sending(message, form, elements, scope, stands)
            if sending is not None:
                sends.append(sending)
        open_ = sum(sum(sending.maybe) for sending in sends)
        if open_ > MOST_OPEN:
            message_ = f"{open_} elements are left open in one transition; at most {MOST_OPEN} are taken"
            self.problems.add("M104", part.trigger.span, message_)
        return tuple(sends)

    def resolve_sending(
        self,
        message: SourceText,
        form: MessageForm,
        elements: Mapping[SourceText, SourceText],
        scope: Scope,
        stands: bool,
    ) -> Sending | None:
        """One message; None where its receiver is wrong."""
        to: n.Node | None = None
        values: dict[int, n.Node | None] = {}
        maybe = [False] * len(form.elements)
        own = scope
        for key, text in sorted(elements.items(), key=lambda item: item[0] != "to"):
            try:
                if key == "to":
                    to = self.resolve_receiver(message, text, scope, stands)
                    own = scope.plus({"receiver": n.Read(_who(to), "receiver")})
                else:
                    position = self.element_position(key, form, values)
                    values[position] = None
                    name, domain, optional = form.elements[position]
                    maybe[position] = key.endswith("?")
                    if maybe[position] and not optional:
                        problem = f"element {name} of {message} is mandatory: it cannot be left open"
                        hint = f"declare it as {name}?, or write {name}"
                        raise ExpressionError(Problem("M502", key.span, problem, hint))
                    plain = isinstance(domain, Maybe) or maybe[position] or not optional
                    given = domain if plain else Maybe(domain)
                    values[position] = check(text, own, given, f"element {name}")
            except ExpressionError as error:
                self.problems.extend(error.problems)
        if "to" not in elements:
            self.problems.add("M508", message.span, f"{message} is sent to nobody", "add to: an instance or a group")
        for position, (name, domain, optional) in enumerate(form.elements):
            if not optional and position not in values:
                hint = f"add {name}: a value of {domain}"
                self.problems.add("M501", message.span, f"the mandatory element {name} of {message} is not given", hint)
        if to is None:
            return None
        return Sending(str(message), to, tuple(map(values.get, range(len(form.elements)))), tuple(maybe))

    def resolve_receiver(self, message: SourceText, text: SourceText, scope: Scope, stands: bool) -> n.Node:
        """The instance or instances that a message goes to. Raises ExpressionError."""
        node = as_instances(check(text, scope), "to", text.span, self.everyone)
        element = node.domain.element if isinstance(node.domain, SetOf) else node.domain
        nobody = isinstance(node, n.Constant) and node.value == frozenset()
        if stands and (nobody or isinstance(element, Nothing)):
            why = (
                f"{self.made.scenario} has no instance of {text}"
                if isinstance(element, Instances)
                else "the set is empty"
            )
            raise ExpressionError(Problem("M508", text.span, f"{message} is sent to nobody: {why}"))
        return node

    def element_position(self, key: SourceText, form: MessageForm, given: Mapping[int, object]) -> int:
        """The position of an element by its key in a send. Raises ExpressionError."""
        bare = key.removesuffix("?")
        position = form.position(bare)
        if position is None:
            known = [*(name for name, _, _ in form.elements), "to"]
            message = f"message {form.name} has no element {bare}"
            raise ExpressionError(Problem("M303", key.span, message, closest(bare, known)))
        if position in given:
            raise ExpressionError(Problem("M108", key.span, f"element {bare} is given twice"))
        return position


def _who(to: n.Node) -> Instances:
    """The instances that one of which gets a message."""
    inner = to.domain.element if isinstance(to.domain, SetOf) else to.domain
    assert isinstance(inner, Instances)
    return inner


def as_instances(node: n.Node, what: str, span: Span, everyone: Instances) -> n.Node:
    """The expression as an instance of the scenario or a set of them. Raises ExpressionError where it is neither."""
    domain = node.domain.inner if isinstance(node.domain, Maybe) else node.domain
    inner = domain.element if isinstance(domain, SetOf) else domain
    inner = inner.inner if isinstance(inner, Maybe) else inner
    if not isinstance(inner, Instances | Nothing):
        found = node.domain.show(node.value) if isinstance(node, n.Constant) else f"of {node.domain}"
        message = f"{what} is {found}, but an instance or a set of instances is expected"
        raise ExpressionError(Problem("M404", span, message, closest("", everyone.names)))
    return narrow(node, SetOf(everyone) if isinstance(domain, SetOf) else everyone, what, span)
