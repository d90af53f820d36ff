"""The instructions of `intrinsics` as the few lines of LLVM that make them, for numba to compile.

It gives the code of an intrinsic more arguments than it needs, and an overload the types of arguments that are used by
what it returns.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from mcfsm.kernel.intrinsics import BUCKET, add_bits, claim, fetch, find, keep_bits, lowest


def _prefetch_code(typing_context: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.gep(made.data, [arguments[1]])
        byte = builder.bitcast(pointer, ir.IntType(8).as_pointer())
        i32 = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte.type, i32, i32, i32])
        insert: Any = cgutils.get_or_insert_function
        function = insert(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [byte, i32(0), i32(3), i32(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


_prefetch: Any = intrinsic(_prefetch_code)


@overload(fetch)
def _fetch(array: Any, index: Any) -> Any:
    def code(array: Any, index: Any) -> Any:
        return _prefetch(array, index)

    return code


def _count_zeros_code(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        return builder.cttz(arguments[0], ir.IntType(1)(True))

    return types.uint64(types.uint64), generate


_count_zeros: Any = intrinsic(_count_zeros_code)


@overload(lowest)
def _lowest(value: Any) -> Any:
    def code(value: Any) -> Any:
        return _count_zeros(value)

    return code


def _find_code(typing_context: Any, slots: Any, bucket: Any, tag: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        word, byte = ir.IntType(64), ir.IntType(BUCKET)
        line = ir.VectorType(word, BUCKET)
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.gep(made.data, [arguments[1]])
        entries = builder.load(builder.bitcast(pointer, line.as_pointer()), align=8)

        def equal(value: Any, shift: int) -> Any:
            wanted = ir.Constant(line, ir.Undefined)
            wanted = builder.insert_element(wanted, value, ir.IntType(32)(0))
            wanted = builder.shuffle_vector(
                wanted, ir.Constant(line, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), BUCKET), None)
            )
            shifted = builder.lshr(entries, ir.Constant(line, [word(shift)] * BUCKET)) if shift else entries
            return builder.zext(builder.bitcast(builder.icmp_unsigned("==", shifted, wanted), byte), word)

        return builder.or_(equal(arguments[2], 32), builder.shl(equal(word(0), 0), word(BUCKET)))

    return types.uint64(slots, types.uint64, types.uint64), generate


_find: Any = intrinsic(_find_code)


@overload(find)
def _overload_find(slots: Any, at: Any, tag: Any) -> Any:
    def code(slots: Any, at: Any, tag: Any) -> Any:
        return _find(slots, at, tag)

    return code


def _claim_code(typing_context: Any, slots: Any, at: Any, entry: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.gep(made.data, [arguments[1]])
        swapped = builder.cmpxchg(pointer, ir.IntType(64)(0), arguments[2], "acq_rel", "acquire")
        return builder.extract_value(swapped, 1)

    return types.boolean(slots, types.uint64, types.uint64), generate


_claim: Any = intrinsic(_claim_code)


@overload(claim)
def _overload_claim(slots: Any, at: Any, entry: Any) -> Any:
    def code(slots: Any, at: Any, entry: Any) -> Any:
        return _claim(slots, at, entry)

    return code


def _keep_bits_code(typing_context: Any, array: Any, at: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        builder.atomic_rmw("and", builder.gep(made.data, [arguments[1]]), arguments[2], "monotonic")
        return context.get_dummy_value()

    return types.void(array, types.uint64, types.uint64), generate


_keep_bits: Any = intrinsic(_keep_bits_code)


@overload(keep_bits)
def _overload_keep_bits(array: Any, at: Any, bits: Any) -> Any:
    def code(array: Any, at: Any, bits: Any) -> Any:
        return _keep_bits(array, at, bits)

    return code


def _add_bits_code(typing_context: Any, array: Any, at: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.atomic_rmw("or", builder.gep(made.data, [arguments[1]]), arguments[2], "monotonic")

    return types.uint64(array, types.uint64, types.uint64), generate


_add_bits: Any = intrinsic(_add_bits_code)


@overload(add_bits)
def _overload_add_bits(array: Any, at: Any, bits: Any) -> Any:
    def code(array: Any, at: Any, bits: Any) -> Any:
        return _add_bits(array, at, bits)

    return code
