"""Whether the tests see a defect: random single mutations of `mcfsm/`, each against the tests that cover its lines.

`make mutants` runs it (`__main__`). `operators` says what is changed in a syntax tree, `covering` which tests run which
lines, `trial` has a process try one mutant, `score` counts by room. `same.yaml` lists mutants that mean the same.

Neither mutmut nor cosmic-ray fits: mutmut leaves out functions with decorators, which are all that is compiled and
every property; cosmic-ray writes into the tree, and has one command for all mutants. Both would run compiled code that
was kept from before the change, or have it compiled anew, half a minute for each mutant. Here the kernel runs as plain
Python where it is mutated, which is what it was compiled from.
"""
