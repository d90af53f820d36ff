"""Where the time of a check went, as text and as JSON; where filling tables is most of it, what would make it less."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from mcfsm.host.timing import PHASES, Account


def as_text(spent: Account) -> RenderableType:
    """Phase after phase, the entries behind filling, and a sentence where filling dominates."""
    named = [f"{name} {spent.seconds[name]:.2f} s" for name in PHASES if spent.seconds.get(name, 0.0) >= 0.005]
    lines = [Text.assemble(("time", "bold"), f"   {', '.join(named)}")]
    for what, one in sorted(spent.filled.items(), key=lambda item: (-item[1].seconds, item[0]))[:5]:
        if one.seconds >= 0.005:
            entries = "1 entry" if one.entries == 1 else f"{one.entries:,} entries"
            lines.append(Text(f"  filled for {what}: {entries}, {one.seconds:.2f} s"))
    return Group(*lines, *(Text(sentence) for sentence in advice(spent)))


def as_json(spent: Account) -> dict[str, Any]:
    """Seconds by phase, what was filled, and the advice. Keys may be added, none changes its meaning or goes away."""
    return {
        "phases": {name: round(spent.seconds.get(name, 0.0), 3) for name in PHASES},
        "filled": {
            what: {"entries": one.entries, "seconds": round(one.seconds, 3)}
            for what, one in sorted(spent.filled.items())
        },
        "advice": " ".join(advice(spent)) or None,
    }


def advice(spent: Account) -> Iterator[str]:
    """What filling went to most, and what would make that smaller; nothing where other things took longer."""
    what = spent.dominant
    if what is None:
        return
    size = f" ({spent.filled[what].size})" if spent.filled[what].size else ""
    yield f"Most of it is what is computed once for each local state or content, above all for {what}{size}."
    if what.startswith("channel "):
        yield "A lower bound of this channel, or messages of fewer values, would make it smaller."
    else:
        yield "Smaller domains of its variables would make it smaller, or setting back those that no longer matter."
