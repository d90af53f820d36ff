"""What reports have in common: colours, headings, bounds, and the names of variants."""

from __future__ import annotations

from rich.text import Text

from mcfsm.model import Model
from mcfsm.verdicts.verdict import Run, Verdict

COLOURS = {"PROVED": "green", "VIOLATED": "red", "INCOMPLETE": "yellow", "VACUOUS": "yellow"}
RESTRICTED, MARK = " (restricted)", "*"  # behind every status where transitions were left out; in narrow columns


def bounds(model: Model) -> str:
    """What limits the instance: budgets and channels, as they stand on the verdict line."""
    budgets = [f"{'unlimited' if b.limit is None else b.limit} {b.name}" for b in model.budgets]
    kinds: dict[str, int] = {}
    for channel in model.channels:
        notes: list[str] = [] if channel.when_full == "error" or channel.bound is None else [channel.when_full]
        notes += [fault if budget else f"any {fault}" for fault, budget in channel.faults]
        kind = channel.kind if channel.bound is None else f"{channel.kind} {channel.bound}"
        kind += f" ({', '.join(notes)})" if notes else ""
        kinds[kind] = kinds.get(kind, 0) + 1
    channels = [kind if len(kinds) == 1 else f"{count} x {kind}" for kind, count in kinds.items()]
    crashes = [f"{i.name} may crash" for i in model.instances if i.crash and i.crash.budget is None]
    omitted = [f"without {role.name}.{region}" for role in model.roles for region in role.omitted]
    return ", ".join([*budgets, *channels, *crashes, *(["freeze"] if model.allows_freeze else []), *omitted])


def up_to(model: Model) -> str:
    """Which instances the states are counted up to permutations of, in words; nothing where all are told apart."""
    sets = " and of ".join(", ".join(names) for names in model.interchangeable)
    return f"up to permutation of {sets}" if sets else ""


def heading(model: Model, *said: str | None) -> Text:
    """The first line on a scenario: which it is, and what is to be said of it there."""
    head = Text()
    head.append(f"{model.file}  scenario {model.scenario}", style="bold")
    head.append("   " + "; ".join(filter(None, said)))
    return head


def label(model: Model) -> str:
    """The variant, as it names a column: changes that are not the usual, every reading, options off their defaults."""
    changes = [] if model.usual_changes else [f"with {'+'.join(model.changes) or 'no change'}"]
    shown = [*model.readings, *(option for option in model.options if not option.default)]
    return ", ".join([*changes, *(f"{constant.name}={constant.value}" for constant in shown)])


def marked(verdict: Verdict, run: Run) -> Text:
    """The status in a narrow column, marked where transitions were left out."""
    return Text(verdict.status + (MARK if run.avoided else ""), style=COLOURS[verdict.status])
