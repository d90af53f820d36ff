"""Compiled code as it lies in a file, loaded and called without numba, whose import takes longer than most searches.

What may live here: object code, and how Python's values are handed to it. `compiling` makes such files.

A file has the object code of a function, and of an *entry* to it that takes every argument as one word: an array as the
address of its record in memory, whose layout numpy promises to keep; of a tuple one word for each part. So it is
compiled for the kinds of its arguments, and called with these alone. Before the rest stands a digest of it: what was
cut short or spoiled is not run.
"""

from __future__ import annotations

import ctypes
import hashlib
import marshal
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

ENTRY = "mcfsm_entry"
RECORD = 2, 4, 5  # the words of an array's record where its data, shape and strides are (PyArrayObject_fields)
_PLAIN = 0x501  # of an array's flags: in C's order, aligned, writeable
_NUMBERS: dict[Any, str] = {int: "q", bool: "?7x", np.int64: "q", np.uint64: "Q"}  # and how each lies in a word
_DIGEST = 32  # bytes

Kind = Any  # of an array what its items are, then its dimensions; the type of a number; of a tuple its type and length


def told(arguments: tuple[Any, ...], kinds: list[Kind], words: list[Any]) -> bool:
    """Add the kinds of some arguments, as code is compiled for them, and their words; False where some has neither."""
    for value in arguments:
        kind = type(value)
        if kind is np.ndarray:
            items = value.dtype
            if value.flags.num & _PLAIN != _PLAIN or items.byteorder not in "=|":
                return False
            kinds += (items.char, value.ndim)
            words.append(id(value))
        elif kind in _NUMBERS:
            kinds.append(kind)
            words.append(value)
        elif isinstance(value, tuple):
            kinds += (kind, len(value))
            if not told(value, kinds, words):
                return False
        else:
            return False
    return True


def written(kinds: tuple[Kind, ...]) -> str:
    """Kinds as a text that is the same in every process."""
    named = (f"{kind.__module__}.{kind.__qualname__}" if isinstance(kind, type) else str(kind) for kind in kinds)
    return " ".join(named)


def _format(kinds: tuple[Kind, ...]) -> str:
    """How the words of some kinds lie side by side."""
    return "=" + "".join("Q" if isinstance(kind, str) else _NUMBERS.get(kind, "") for kind in kinds)


class ObjectCode:
    """The code of a function for some kinds of arguments: called with these, it gives a number or nothing."""

    def __init__(self, name: str, kinds: tuple[Kind, ...], result: str | None, objects: list[bytes]) -> None:
        """`result`: how its result lies in a word, or None. Raises OSError where something that it needs is nowhere."""
        import llvmlite.binding as llvm

        self.name = name
        self._layout = struct.Struct(_format(kinds))
        self._result = None if result is None else struct.Struct(result)
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine())
        self._engine = engine  # has to live as long as the code
        found = {symbol for code in objects for symbol in defined(code)}
        for needed in {symbol for code in objects for symbol in undefined(code)} - found:
            if not _is_there(needed):  # LLVM would end the process
                raise OSError(f"{needed} is nowhere")
        for code in objects:
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        entry = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_char_p, ctypes.c_char_p)  # Python's lock is given up
        self._entry = entry(self._engine.get_function_address(ENTRY))

    def __call__(self, words: list[Any]) -> Any:
        """What the function gives for arguments of these words, which whoever calls keeps until it is back."""
        result = ctypes.create_string_buffer(8)
        if self._entry(self._layout.pack(*words), result):
            raise MemoryError(f"{self.name} came to no end")
        return None if self._result is None else self._result.unpack_from(result)[0]


def machine() -> Any:
    """What code is loaded for: this processor; whatever loads it owns this. Raises OSError as `_check_arrays` does."""
    import llvmlite.binding as llvm

    _check_arrays()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(jit=True)


@cache
def _check_arrays() -> None:
    """Raises OSError where arrays lie otherwise in memory than the code takes them."""
    known = np.zeros((2, 3), np.int64)
    data, shape, strides = (ctypes.c_uint64.from_address(id(known) + 8 * place).value for place in RECORD)
    ends = [tuple((ctypes.c_int64 * 2).from_address(place)) for place in (shape, strides) if place]
    if (data, *ends) != (known.ctypes.data, known.shape, known.strides):
        raise OSError("arrays lie otherwise in this process")


@cache
def _is_there(symbol: str) -> bool:
    import llvmlite.binding as llvm

    return llvm.address_of_symbol(symbol) is not None


@cache
def processor() -> str:
    """The processor that code is compiled for, as a text."""
    import llvmlite.binding as llvm

    return f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def load(file: Path, name: str, kinds: tuple[Kind, ...]) -> ObjectCode | None:
    """The code that a file has; None where it is not there, is spoiled, or needs what this process has not."""
    try:
        content = file.read_bytes()
        if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
            return None
        result, objects = marshal.loads(content[_DIGEST:])
        return ObjectCode(name, kinds, result, objects)
    except (OSError, EOFError, ValueError, TypeError, RuntimeError):
        return None


def is_spoiled(file: Path) -> bool:
    """Whether something lies there that is no code, and that code can take the place of."""
    if file.is_dir() or not (file.exists() or file.is_symlink()):
        return False
    try:
        content = file.read_bytes()
    except OSError:
        return True
    return hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]


def packed(result: str | None, objects: list[bytes]) -> bytes:
    """The content of a file that `load` reads."""
    content = marshal.dumps((result, objects))
    return hashlib.sha256(content).digest() + content


def undefined(code: bytes) -> Iterator[str]:
    """The symbols that object code asks for. Raises OSError where it is of another form than ELF of 64 bits."""
    return (name for name, section in _symbols(code) if section == 0)


def defined(code: bytes) -> Iterator[str]:
    """The symbols that object code has for others. Raises OSError where it is of another form than ELF of 64 bits."""
    return (name for name, section in _symbols(code) if section != 0)


def _symbols(code: bytes) -> Iterator[tuple[str, int]]:
    """The names of the symbols of object code but for local ones, and the section of each (System V ABI, ELF-64)."""
    if code[:6] != b"\x7fELF\x02\x01":
        raise OSError("this is no object code in ELF")
    (table,) = struct.unpack_from("<Q", code, 0x28)
    size, count = struct.unpack_from("<HH", code, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", code, table + i * size) for i in range(count)]
    for section in sections:
        if section[1] == 2:
            names = sections[section[6]][4]
            for at in range(section[4], section[4] + section[5], 24):
                name, info, _, index = struct.unpack_from("<IBBH", code, at)
                text = code[names + name : code.index(b"\0", names + name)].decode()
                if text and info >> 4:
                    yield text, index
