"""The compiled part of the search: integers in, integers out. Nothing here knows what a number stands for.

The theory of the tables by an example, held by `tests/unit/test_tables_by_example.py`: two-phase commit with one
resource manager, first state. A row has an id for each component. Three of its six matter here: tm, rm(1) and the
channel from rm(1) to tm, which are components 0, 1 and 3. The ids lie side by side in one word, as bits allow:

    row      [0, 0, 0, 0, 0, 0]   tm init, rm(1) working, nothing in either channel, no budgets, not frozen
    shifts   [0, 30, 60, 61, 62, 63]

The groups of tm and of rm(1) are entries of the tables of these components, found by context and local state. A group
says which moves it has, first and one past the last, which unspecified receptions, and how many moves are idle:

    group 0  [0, 1, 0, 0, 0]      tm: it may give up
    group 1  [1, 3, 0, 0, 0]      rm(1): it may prepare, or refuse

A move says which bits of the row it changes, by how much the hash, and packs its flags with where its effects are. Move
1, prepare, makes rm(1) prepared, whose id is 1: 1 << 30. The hash grows by the factor of component 1. It has one
effect, effect 1: 1 << 16 | 1 << 8. An effect names a component, a column of its table, and the fault if that overflows:

    move 1   [1073741824, the factor of component 1, 65792]
    effect 1 [3, 0, 1]            row 0 (nothing), column 0 (prepared) of the table of component 3 has id 1: (prepared,)
"""
