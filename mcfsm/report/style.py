"""What reports have in common: colours, headings, bounds, and the names of variants."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, JustifyMethod, OverflowMethod
from rich.containers import Lines
from rich.padding import Padding
from rich.text import Text

from mcfsm.model import ChosenValue, Model
from mcfsm.model.labels import Labels
from mcfsm.pictures.flow_text import render_text
from mcfsm.problems import counted
from mcfsm.semantics.trace import Trace
from mcfsm.verdicts.verdict import Run, Verdict

if TYPE_CHECKING:
    from mcfsm.questions.families.switches import Switch

COLOURS = {"PROVED": "green", "VIOLATED": "red", "INCOMPLETE": "yellow", "VACUOUS": "yellow"}
RESTRICTED, MARK = " (restricted)", "*"  # behind every status where transitions were left out; in narrow columns


_AS_OURS = re.compile(r"\d|(PROVED|VIOLATED|INCOMPLETE|VACUOUS|ALLOWED|REFUSED|VERIFIED)\b")  # how our own lines begin
_FURTHER = 2  # columns in, where a line goes on


class AnswerLine(Text):
    """A line of ours that has words of a model in it; it goes on further in, as at the margin our own lines begin."""

    def wrap(
        self,
        console: Console,
        width: int,
        *,
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> Lines:
        """Its lines in so many columns."""
        lines = super().wrap(console, width, justify=justify, overflow=overflow, tab_size=tab_size, no_wrap=no_wrap)
        if len(lines) == 1:
            return lines
        narrower = max(width - _FURTHER, 1)
        lines = super().wrap(console, narrower, justify=justify, overflow=overflow, tab_size=tab_size, no_wrap=no_wrap)
        for line in lines[1:]:
            line.pad_left(_FURTHER)
        return lines


def at_the_margin(words: str) -> str:
    """Words of a model that begin a line; quoted where they might be taken for a line of ours."""
    return f'"{words}"' if _AS_OURS.match(words) else words


def bounds(model: Model) -> str:
    """What limits the instance: budgets and channels, as they stand on the verdict line."""
    return ", ".join(_bounds(model))


def all_bounds(models: Iterable[Model]) -> str:
    """The bounds of several variants of a scenario: alternatives, where what tells them apart decides one."""
    listed = [_bounds(model) for model in models]
    if len({len(parts) for parts in listed}) > 1:
        return " or ".join(dict.fromkeys(map(", ".join, listed)))
    return ", ".join(" or ".join(dict.fromkeys(alternatives)) for alternatives in zip(*listed, strict=True))


def _bounds(model: Model) -> list[str]:
    budgets = [f"{'unlimited' if b.limit is None else b.limit} {b.name}" for b in model.budgets]
    kinds: dict[str, int] = {}
    for channel in model.channels:
        notes: list[str] = [] if channel.when_full == "error" or channel.bound is None else [channel.when_full]
        notes += ["may stay"] * channel.may_stay
        called = {"loss": "head loss"} if channel.loses_head else {}
        notes += [called.get(f, f) if budget else f"any {called.get(f, f)}" for f, budget in channel.faults]
        kind = channel.kind if channel.bound is None else f"{channel.kind} {channel.bound}"
        kind += f" ({', '.join(notes)})" if notes else ""
        kinds[kind] = kinds.get(kind, 0) + 1
    channels = [kind if len(kinds) == 1 else f"{count} x {kind}" for kind, count in kinds.items()]
    words = model.labels
    crashes = [f"{words.instance(i.name)} may crash" for i in model.instances if i.crash and i.crash.budget is None]
    for arrivals, becomes in (("lost", "is lost"), ("wait", "waits")):
        met = [words.instance(i.name) for i in model.instances if i.crash and i.crash.arrivals == arrivals]
        crashes += [f"what arrives at {' and '.join(met)} while down {becomes}"] if met else []
    crashes += ["who is down need not restart"] if any(i.crash for i in model.instances) else []
    omitted = [f"without {_omitted(model, role.name, region)}" for role in model.roles for region in role.omitted]
    within = [] if model.boundary is None else [f"within {model.boundary.text}"]
    begin = [f"beginning where {' and '.join(model.begin_texts)}"] if model.begin_texts else []
    if model.first_messages:
        begin.append(f"{counted(len(model.first_messages), 'message')} on the way at first")
    return [*budgets, *channels, *crashes, *(["freeze"] if model.allows_freeze else []), *omitted, *within, *begin]


def _omitted(model: Model, role: str, region: str) -> str:
    """A region that the scenario leaves out: by labels, region of role."""
    if model.labels.label("region", role, region) is None:
        return f"{role}.{region}"
    return f"{model.labels.region(role, region)} of {model.labels.role(role)}"


def up_to(model: Model) -> str:
    """Which instances the states are counted up to permutations of, in words; nothing where all are told apart."""
    sets = " and of ".join(", ".join(map(model.labels.instance, names)) for names in model.interchangeable)
    return f"up to permutation of {sets}" if sets else ""


def heading(model: Model, *said: str | None) -> Text:
    """The first line on a scenario: which it is, and what is to be said of it there."""
    head = AnswerLine()
    head.append(f"{model.file}  {scenario_title(model)}", style="bold")
    head.append("   " + "; ".join(filter(None, said)))
    return head


def scenario_title(model: Model) -> str:
    """What a scenario is called where it is the subject of a line."""
    return model.labels.label("scenario", model.scenario) or f"scenario {model.scenario}"


def constants(model: Model, *, options: bool = True) -> list[str]:
    """What tells a variant from others: changes that are not the usual, every reading, options off their defaults."""
    changes = [] if model.usual_changes else [f"with {'+'.join(model.changes) or 'no change'}"]
    shown = [*model.readings, *(option for option in model.options if options and not option.default)]
    return [*changes, *(model.labels.choice(constant.name, constant.value) for constant in shown)]


def label(model: Model) -> str:
    """The variant, as it names a column."""
    return together(constants(model))


def together(choices: Iterable[str]) -> str:
    """Some readings and options on a line: with a semicolon between them where they are said in words."""
    listed = list(choices)
    return ("; " if any(": " in one for one in listed) else ", ").join(listed)


def chosen_words(words: Labels, chosen: Iterable[tuple[str, str]]) -> str:
    """Values of readings and options by name, on a line."""
    return together(words.choice(name, value) for name, value in chosen)


def switch_words(words: Labels, switch: Switch) -> str:
    """What is switched: "Order of messages: not kept", "without S1"."""
    return words.choice(switch.name, switch.value) if switch.kind in ("reading", "option") else str(switch)


def beside(widths: Sequence[int], room: int) -> list[list[int]]:
    """The columns of a table, by position: as many at a time as have room beside each other, one at least."""
    parts: list[list[int]] = []
    used = 0
    for position, width in enumerate(widths):
        if not parts or used + width > room:
            parts.append([])
            used = 0
        parts[-1].append(position)
        used += width
    return parts


def apart(models: Sequence[Model]) -> list[list[ChosenValue]]:
    """Of each model the readings and options that tell it from the others; nothing of one alone."""
    each = [[*model.readings, *model.options] for model in models]
    held = [{(one.name, one.value) for one in row} for row in each]
    return [[one for one in row if any((one.name, one.value) not in other for other in held)] for row in each]


def differing(models: Sequence[Model]) -> list[str]:
    """The same in words: "How the primary learns: told afterwards"."""
    rows = zip(models, apart(models), strict=True)
    return [together(model.labels.choice(one.name, one.value) for one in row) for model, row in rows]


def briefly(models: Sequence[Model]) -> list[list[str]]:
    """The same for a narrow column: the value alone where it has a label, "told afterwards"."""
    rows = zip(models, apart(models), strict=True)
    return [
        [model.labels.label("value", one.name, one.value) or f"{one.name}={one.value}" for one in row]
        for model, row in rows
    ]


def in_common(models: Sequence[Model]) -> str:
    """What the labels of models all say."""
    return together(one for one in constants(models[0]) if all(one in constants(model) for model in models))


def left_out(runs: Sequence[Run]) -> Text:
    """What was left out: under these verdicts nobody should read a plain PROVED."""
    if not any(run.avoided for run in runs):
        said = "what only an assumption or informative items answer counts as no answer"
        return Text(f"receptions by the text alone: {said}", style="yellow")
    named = list(dict.fromkeys(name for run in runs for name in run.avoided))
    title = "assumptions and informative items" if all(run.normative for run in runs) else "transitions"
    return Text(f"left out, so that no verdict is one on the whole model: {title} ({', '.join(named)})", style="yellow")


def wrapped(text: str, width: int, indent: int = 2, style: str = "") -> Text:
    """A text broken between words only, every line but the first further in."""
    lines = textwrap.wrap(
        text, max(width, 20), subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )
    return Text("\n".join(lines), style=style)


def flow(trace: Trace, model: Model, width: int, indent: int = 2) -> Padding:
    """A message flow, so far in, in so many columns; nothing of it is cut off."""
    text = Text(render_text(trace, model, width=width - indent), no_wrap=True, overflow="fold")
    return Padding(text, (0, 0, 0, indent))


def marked(verdict: Verdict, run: Run) -> Text:
    """The status in a narrow column, marked where transitions were left out."""
    return Text(verdict.status + (MARK if run.restricted else ""), style=COLOURS[verdict.status])


def status_text(verdict: Verdict, run: Run) -> Text:
    """The status, marked where transitions were left out, and whether it is the one expected."""
    text = Text(verdict.status + (RESTRICTED if run.restricted else ""), style=COLOURS[verdict.status])
    if verdict.status == verdict.expected and verdict.status != "PROVED":
        text.append(" (expected)", style="dim")
    elif not verdict.met:
        text.append(f" ({verdict.against})", style="bold red")
    return text
