"""The advance widths of Liberation Sans, read by fontTools from the font for mcfsm/pictures/liberation_sans.json.

    python tests/unit/measured_font.py LiberationSans-Regular.ttf LiberationSans-Bold.ttf

writes the file anew. fontTools is needed for nothing else.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "mcfsm" / "pictures" / "liberation_sans.json"


def measured(font: Path) -> tuple[int, dict[str, str]]:
    """How many units make an em, and width to the characters that are so wide."""
    from fontTools.ttLib import TTFont

    read = TTFont(font)
    advances, found = read["hmtx"], defaultdict(str)
    for code, glyph in sorted(read.getBestCmap().items()):
        found[str(advances[glyph][0])] += chr(code)
    return read["head"].unitsPerEm, dict(sorted(found.items(), key=lambda item: int(item[0])))


def table(regular: Path, bold: Path) -> dict[str, Any]:
    """The whole file."""
    unit, widths = measured(regular)
    return {"units_per_em": unit, "regular": widths, "bold": measured(bold)[1]}


if __name__ == "__main__":
    FILE.write_text(json.dumps(table(*map(Path, sys.argv[1:3])), indent=0) + "\n", encoding="utf-8")
