"""A mutant in a process that has imported the package: the function that is changed is given its other code.

What may live here: how a function is found by its code. A change of what is done when a module is imported cannot be
put in like that, and has to be imported.
"""

from __future__ import annotations

import gc
import inspect
from types import CodeType, FunctionType

Place = tuple[str, str, int]  # the file of a function, its qualified name, and its first line


def changed(before: CodeType, after: CodeType) -> tuple[CodeType, CodeType] | None:
    """The outermost function that differs, as it was and as it is; None where the code of the module itself does."""
    inner = [(one, other) for one, other in zip(_codes(before), _codes(after), strict=False) if one != other]
    if len(inner) != 1 or _without_codes(before) != _without_codes(after):
        return None
    one, other = inner[0]
    if not one.co_flags & inspect.CO_OPTIMIZED:  # the body of a class
        return changed(one, other)
    return (one, other) if one.co_freevars == other.co_freevars else None


def functions() -> dict[Place, list[FunctionType]]:
    """The functions that are there, by where they stand."""
    found: dict[Place, list[FunctionType]] = {}
    for one in gc.get_objects():
        if type(one) is FunctionType:
            found.setdefault(place(one.__code__), []).append(one)
    return found


def place(code: CodeType) -> Place:
    """Where the code of a function stands."""
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _codes(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _without_codes(code: CodeType) -> CodeType:
    return code.replace(co_consts=tuple(None if isinstance(one, CodeType) else one for one in code.co_consts))
