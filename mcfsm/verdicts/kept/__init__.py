"""What was found out before, and is taken from there where nothing that it depends on has changed.

What is kept is what a search found, and never a verdict: it is judged again, of the model as it is now, and every flow
is replayed by the definition before it is part of a verdict. `question` says what a search depends on; `records` writes
what it found, and reads it as anything else that may be wrong; `files` keeps it on disk; `keeping` is what a search
asks. `outline` knows what pytest is told of a model whose files are as they were. docs/decisions/0036 says why.
"""
