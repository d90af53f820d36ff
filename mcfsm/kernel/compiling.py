"""What has numba compile a function, and keeps what comes of it: for numba itself, and as object code for `native`.

What may live here: numba. Nobody imports this before something has to be compiled.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba import njit, types
from numba.core import event

from . import jit, native
from .compilations import WATCHING
from .numba_cache import CheckedCache

_WORD, _BYTE = ir.IntType(64), ir.IntType(8)
# what code may give, and how that lies in a word
_RESULTS = {types.int64: "=q", types.uint64: "=Q", types.boolean: "=?"}


def dispatcher(function: Callable[..., Any], options: dict[str, Any], *, inner: bool, cached: bool) -> Any:
    """What numba makes of a function: it is compiled when it is first called, and runs without Python's lock.

    `inner`: it has no way in from Python; none has one from C, which numba makes as well if it is not told otherwise.
    `cached`: what numba keeps of it is taken, and what it makes is kept.
    """
    for module in jit.FIRST:
        import_module(module)
    told = {"nogil": True, "no_cfunc_wrapper": True, "no_cpython_wrapper": inner, **options}
    made = njit(**told)(function)
    if jit.CACHE is not None and cached:
        config: Any = numba.config
        before = config.CACHE_DIR
        config.CACHE_DIR = str(jit.CACHE)  # read as caching begins; for others it is as it was
        try:
            made.enable_caching()
            made._cache = CheckedCache(made._cache)
        finally:
            config.CACHE_DIR = before
    return made


class _Compilation(event.Listener):
    """Counts how deep functions that are compiled lie in others that are, and tells those that watch."""

    depth, since = 0, 0.0

    def on_start(self, _: Any) -> None:
        self.depth += 1
        if self.depth == 1:
            self.since = time.monotonic()
            for begun, _done in WATCHING:
                begun()

    def on_end(self, _: Any) -> None:
        self.depth -= 1
        if self.depth == 0:
            for _begun, done in WATCHING:
                done(time.monotonic() - self.since)


_register: Any = event.register
_register("numba:compile", _Compilation())


def keep(file: Path, made: Any, arguments: tuple[Any, ...]) -> None:
    """Keep the object code for such arguments in a file, if it is of a form that can be loaded without numba."""
    found = getattr(made, "overloads", {}).get(tuple(map(numba.typeof, arguments)))  # without, nothing is compiled
    if found is None or not (found.signature.return_type in _RESULTS or found.signature.return_type == types.none):
        return
    with suppress(OSError, RuntimeError):  # it came from numba's cache, which gives it away once
        code = found.library._get_compiled_object()
        objects = [code, entry(found, set(native.undefined(code)))]
        content = native.packed(_RESULTS.get(found.signature.return_type), objects)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as written:
            try:
                written.write(content)
                written.flush()
                os.replace(written.name, file)
            except OSError:
                os.unlink(written.name)
                raise


def entry(found: Any, wanted: set[str]) -> bytes:
    """The object code of the entry to a compiled function, and of what its own asks of numba's run time."""
    context, codegen = found.target_context, found.target_context.codegen()
    module = codegen.create_library("entry").create_ir_module("entry")
    word = _WORD.as_pointer()
    function = ir.Function(module, ir.FunctionType(ir.IntType(32), [word, word]), native.ENTRY)
    builder = ir.IRBuilder(function.append_basic_block())
    words, result = function.args
    arguments, _ = _values(context, builder, found.signature.args, words, 0)
    callee = context.declare_function(module, found.fndesc)
    call: Any = context.call_conv.call_function
    status, value = call(builder, callee, found.fndesc.restype, found.fndesc.argtypes, arguments)
    if found.signature.return_type in _RESULTS:
        narrow = value.type.width < _WORD.width
        builder.store(builder.zext(value, _WORD) if narrow else value, result)
    builder.ret(builder.select(status.is_ok, ir.IntType(32)(0), ir.IntType(32)(1)))
    _run_time(module, {name for name in wanted if name.startswith(("NRT_", "numba_"))})
    parsed = llvm.parse_assembly(str(module))
    parsed.verify()
    code: bytes = codegen._tm.emit_object(parsed)
    return code


def _values(context: Any, builder: Any, kinds: Any, words: Any, at: int) -> tuple[list[Any], int]:
    """The values of arguments of some types, made from the words from `at` on; and where those end."""
    from numba.np.arrayobj import populate_array

    found: list[Any] = []
    for kind in kinds:
        if isinstance(kind, types.BaseTuple):
            inner: Any = kind  # every tuple has the types of its parts
            parts, at = _values(context, builder, inner.types, words, at)
            found.append(context.make_tuple(builder, kind, parts))
            continue
        value = builder.load(builder.gep(words, [_WORD(at)]))
        at += 1
        if isinstance(kind, types.Array):
            record = builder.inttoptr(value, _WORD.as_pointer())
            data, shape, strides = (
                builder.inttoptr(builder.load(builder.gep(record, [_WORD(place)])), _WORD.as_pointer())
                for place in native.RECORD
            )
            array = context.make_array(kind)(context, builder)
            each = [[builder.load(builder.gep(of, [_WORD(i)])) for i in range(kind.ndim)] for of in (shape, strides)]
            size = context.get_abi_sizeof(context.get_data_type(kind.dtype))
            populate: Any = populate_array
            populate(array, builder.bitcast(data, array.data.type), *each, size, None)
            found.append(array._getvalue())
        else:
            width = context.get_value_type(kind)
            found.append(builder.trunc(value, width) if width.width < _WORD.width else value)
    return found, at


def _run_time(module: Any, wanted: set[str]) -> None:
    """Define what compiled code asks of numba: memory for arrays of its own, with as many owners as it counts itself.

    What only numba's own way in asks for, from Python and back, is never called.
    """
    byte = _BYTE.as_pointer()
    record = ir.LiteralStructType([_WORD, byte, byte, byte, _WORD, byte])  # NRT_MemInfo: owners, ..., data, size
    malloc = ir.Function(module, ir.FunctionType(byte, [_WORD]), "malloc")
    free = ir.Function(module, ir.FunctionType(ir.VoidType(), [byte]), "free")
    abort = ir.Function(module, ir.FunctionType(ir.VoidType(), []), "abort")
    i32 = ir.IntType(32)
    for name in sorted(wanted):
        if name in ("NRT_Free", "NRT_MemInfo_call_dtor"):
            function = ir.Function(module, ir.FunctionType(ir.VoidType(), [byte]), name)
            builder = ir.IRBuilder(function.append_basic_block())
            builder.call(free, [function.args[0]])
            builder.ret_void()
        elif name == "NRT_MemInfo_alloc_aligned":
            function = ir.Function(module, ir.FunctionType(byte, [_WORD, i32]), name)
            builder = ir.IRBuilder(function.append_basic_block())
            size, align = function.args[0], builder.zext(function.args[1], _WORD)
            head = 64  # bytes before the data, which are more than the record has
            made = builder.call(malloc, [builder.add(builder.add(size, align), _WORD(head))])
            with builder.if_then(builder.icmp_unsigned("==", made, ir.Constant(byte, None))):
                builder.ret(made)
            after = builder.add(builder.ptrtoint(made, _WORD), _WORD(head))
            data = builder.mul(builder.udiv(builder.add(after, builder.sub(align, _WORD(1))), align), align)
            place = builder.bitcast(made, record.as_pointer())
            nothing = ir.Constant(byte, None)
            for i, part in enumerate((_WORD(1), nothing, nothing, builder.inttoptr(data, byte), size, nothing)):
                builder.store(part, builder.gep(place, [i32(0), i32(i)]))
            builder.ret(made)
        else:
            function = ir.Function(module, ir.FunctionType(ir.VoidType(), []), name)
            builder = ir.IRBuilder(function.append_basic_block())
            builder.call(abort, [])
            builder.unreachable()
