"""A scenario as a module in TLA+, the language of TLC."""
