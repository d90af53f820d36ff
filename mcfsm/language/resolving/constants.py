"""Expressions whose value is known when a model is resolved: bounds, counts, budgets, parameters of instances."""

from __future__ import annotations

from dataclasses import replace

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, Value
from mcfsm.expressions.evaluate import EvaluationError, evaluate
from mcfsm.expressions.parse import ExpressionError, SourceText
from mcfsm.expressions.typecheck import Scope, check
from mcfsm.problems import Problem, Problems, shorten

_MOST_WORK = 10_000
_FIXED = "use numbers and parameters of the model"


def constant(text: SourceText, scope: Scope, expected: Domain, what: str) -> Value:
    """The value of an expression that is the same in every state. Raises ExpressionError."""
    try:
        node = check(text, scope, expected, what)
    except ExpressionError as error:
        raise ExpressionError(*(_of_constant(problem, what) for problem in error.problems)) from None
    reads = next(n.free_names(node), None)
    if reads is not None:
        message = f"{what} is fixed before anything runs, but {reads} is not"
        raise ExpressionError(Problem("M404", text.span, message, _FIXED))
    if node.size.work > _MOST_WORK:
        message = f"'{shorten(text)}' takes more than {_MOST_WORK:,} steps to evaluate"
        raise ExpressionError(Problem("M406", text.span, message))
    try:
        return evaluate(node, {})
    except EvaluationError as error:
        code = "M602" if error.problem.code == "M703" else "M404"
        raise ExpressionError(replace(error.problem, code=code, hint=None)) from None


def noted_constant(text: SourceText, scope: Scope, expected: Domain, what: str, problems: Problems) -> Value | None:
    """The value of a constant expression; None, and a problem, where it is wrong."""
    try:
        return constant(text, scope, expected, what)
    except ExpressionError as error:
        problems.extend(error.problems)
        return None


def _of_constant(problem: Problem, what: str) -> Problem:
    """An unknown name, or what only a state has, with what may stand there instead of it."""
    if problem.code == "M407":
        return replace(problem, message=f"{what} is fixed before anything runs, and no state is known", hint=_FIXED)
    listed = problem.code == "M403" and not (problem.hint or "").startswith("did you mean")
    return replace(problem, hint=_FIXED) if listed else problem
