"""Expressions of the model language: a small typed subset of Python's expression syntax.

`parse` turns text into a syntax tree within bounds, `check` gives every name its meaning and every operator its types,
`evaluate` interprets the checked tree. Nothing is ever handed to Python's own eval.
"""
