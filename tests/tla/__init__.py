"""A fragment of TLA+, read from its text and evaluated: what TLC would find in a module that mcfsm writes.

It knows nothing of mcfsm. `parser` reads a module, `names` asks what SANY would ask of its names, `values` has the
values of TLA+ with the comparisons that TLC refuses, `evaluate` gives meaning to expressions and actions, `explore`
walks the states. What it does is said in Lamport, Specifying Systems, 2002: chapters 14 (what TLC computes, 14.2.6 for
next states), 15 and 16 (syntax and meaning), and 18 (the standard modules).
"""
