"""One search over several machines: each owns the states whose hash names it, and a level is a round.

`owner` is what a machine does, `search` who asks and fills tables, `team` what there is between them.
"""
