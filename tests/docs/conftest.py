"""Lets the tests of the documents count with the search that the tests of models use."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))
