"""The commands of `mcfsm`, a module for each group.

Each imports what it needs when it runs, so that --help answers at once.
"""
