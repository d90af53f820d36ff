"""Machines of the library `transitions`, as they are, made a model that can be checked.

`purity` says which callbacks can be run to find out what they do, `running` runs a machine in every local state that it
can reach, `lines` makes transitions of the language of what was found, `imported` puts machines side by side.
"""
