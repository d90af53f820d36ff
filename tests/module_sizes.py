"""No module of the package passes 500 lines; the largest are listed, so that one that grows is seen.

And no two files of tests have one name: pytest would collect neither of two such, wherever they lie.
"""

import sys
from collections import Counter
from pathlib import Path

MOST = 500

sizes = sorted(((len(p.read_text().splitlines()), p) for p in Path("mcfsm").rglob("*.py")), reverse=True)
for lines, path in sizes[:5]:
    print(f"{lines:5} {path}")
too_long = [path for lines, path in sizes if lines > MOST]
if too_long:
    sys.exit(f"over {MOST} lines: {', '.join(map(str, too_long))}")
names = Counter(p.name for p in Path("tests").rglob("test_*.py"))
if twice := [name for name, count in names.items() if count > 1]:
    sys.exit(f"two files of tests have one name: {', '.join(twice)}")
