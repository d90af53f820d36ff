"""The exhaustive search with its states in files: for what is larger than memory.

A level is sorted and written; what it leads to is gathered, sorted and written too, and only when the whole level is
expanded is it held against all that was found before, which is sorted as well: one pass over files in their order, in
place of a look at a random place of memory for each step (Stern and Dill, Using Magnetic Disk instead of Main Memory in
the Murphi Verifier, 1998; Korf, Best-First Frontier Search with Delayed Duplicate Detection, 2004). Everything else is
that of `explore.exhaustive`: tables, compiled code, properties, flows.
"""
