"""Whether a callback is a function of the declared attributes alone, by its code: what it reads, sets and calls.

Such a callback can be run again and again to find out what it does. What reads a clock, chance, a file, or anything of
the model object that is not declared cannot: the sentence says which it is.
"""

from __future__ import annotations

import builtins
import dis
import logging
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

_WORDS = """abs all any bool dict divmod enumerate float format frozenset int isinstance len list max min print range
    repr reversed round set sorted str sum tuple zip ValueError TypeError RuntimeError Exception AssertionError"""
_HARMLESS = frozenset(_WORDS.split())
_MODULES = frozenset({"enum", "math", "operator"})
_READS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_SETS = frozenset({"STORE_ATTR", "DELETE_ATTR"})
_GLOBAL = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_CLOSED = frozenset({"LOAD_DEREF", "LOAD_CLASSDEREF"})
_NEVER = {"STORE_GLOBAL": "sets the global", "DELETE_GLOBAL": "deletes the global", "IMPORT_NAME": "imports"}
_ASYNC = 0x80 | 0x200  # code flags of coroutines and asynchronous generators


class DeclaredAttributes(NamedTuple):
    """What a callback may read of its model object: declared attributes, and methods whose calls are taken as sends."""

    model: object
    declared: frozenset[str]
    sends: frozenset[str]


def impurity(function: Callable[..., Any], known: DeclaredAttributes) -> str | None:
    """What makes a callback more than a function of the declared attributes; None where nothing does."""
    return next(_function(function, known, set()), None)


def _function(function: Any, known: DeclaredAttributes, seen: set[int]) -> Iterator[str]:
    if id(function) in seen:
        return
    seen.add(id(function))
    if isinstance(function, partial):
        for given in (*function.args, *function.keywords.values()):
            if not _constant(given):
                yield f"is given {type(given).__name__} {given!r:.40}, which may change"
        yield from _function(function.func, known, seen)
    elif isinstance(function, MethodType):
        if function.__self__ is not known.model:
            yield f"is a method of another object, {type(function.__self__).__name__}"
        else:
            yield from _function(function.__func__, known, seen)
    elif isinstance(function, FunctionType):
        yield from _code(function.__code__, function, known, seen)
    else:
        yield f"is no Python function but {type(function).__name__}"


def _code(code: CodeType, function: FunctionType, known: DeclaredAttributes, seen: set[int]) -> Iterator[str]:
    if code.co_flags & _ASYNC:
        yield "is asynchronous"
    closed = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))
    for instruction in dis.get_instructions(code):
        name = str(instruction.argval)
        if instruction.opname in _NEVER:
            yield f"{_NEVER[instruction.opname]} {name}"
        elif instruction.opname == "LOAD_BUILD_CLASS":
            yield "makes a class"
        elif instruction.opname in _GLOBAL:
            yield from _global(name, function, known, seen)
        elif instruction.opname in _CLOSED and name in closed:
            yield from _value(name, closed[name].cell_contents, known, seen)
        elif instruction.opname in _READS:
            yield from _attribute(name, known, seen)
        elif instruction.opname in _SETS and name not in known.declared:
            yield f"sets the attribute {name}, which is not declared"
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant, function, known, seen)


def _global(name: str, function: FunctionType, known: DeclaredAttributes, seen: set[int]) -> Iterator[str]:
    if name in function.__globals__:
        yield from _value(name, function.__globals__[name], known, seen)
    elif name not in _HARMLESS:
        yield f"calls {name}" if hasattr(builtins, name) else f"reads {name}, which is not there"


def _value(name: str, value: Any, known: DeclaredAttributes, seen: set[int]) -> Iterator[str]:
    if value is known.model or _constant(value) or isinstance(value, logging.Logger):
        return
    if isinstance(value, ModuleType):
        if value.__name__ not in _MODULES:
            yield f"uses the module {value.__name__}"
    elif isinstance(value, FunctionType | MethodType | partial):
        yield from (f"calls {name}, which {said}" for said in _function(value, known, seen))
    elif not (isinstance(value, type) and issubclass(value, Enum)):
        yield f"reads {name}, a {type(value).__name__} that may change"


def _attribute(name: str, known: DeclaredAttributes, seen: set[int]) -> Iterator[str]:
    """An attribute of something; if the model object has one of this name it is taken to be that."""
    if name in known.declared or name in known.sends:
        return
    own = vars(known.model).get(name)
    if name in vars(known.model) and not isinstance(own, partial):
        if isinstance(own, FunctionType | MethodType):
            yield from (f"calls {name}, which {said}" for said in _function(own, known, seen))
        elif name != "state":
            yield f"reads the attribute {name}, which is not declared"
        return
    found = getattr(type(known.model), name, None)
    if isinstance(found, property):
        yield from _function(found.fget, known, seen)
    elif isinstance(found, FunctionType) and not found.__module__.startswith("transitions"):
        yield from (f"calls {name}, which {said}" for said in _function(found, known, seen))
    elif found is not None and not callable(found) and not _constant(found):
        yield f"reads the attribute {name} of its class, which may change"


def _constant(value: Any) -> bool:
    if isinstance(value, tuple | frozenset):
        return all(map(_constant, value))
    return value is None or isinstance(value, bool | int | float | str | bytes | Enum)
