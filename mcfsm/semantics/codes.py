"""What each expression means to Python, made once: the variants of a model, and its instances, have most in common."""

from __future__ import annotations

from mcfsm.expressions import nodes as n
from mcfsm.expressions.evaluate import Code, compiled
from mcfsm.model.identity_cache import IdentityCache

_CODES: IdentityCache[Code] = IdentityCache(100_000)


def code_of(node: n.Node) -> Code:
    """The closure that `compiled` makes of a node, the same for this very node ever after."""
    code = _CODES.get(node)
    if code is None:
        code = compiled(node)
        _CODES.keep(node, code)
    return code
