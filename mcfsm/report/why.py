"""Why a verdict is what it is, as text and as JSON: what was taken away, what the verdict is then, and its bite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm import __version__
from mcfsm.model import Model
from mcfsm.questions.why import OVERFLOW, Ground, Tried, Why
from mcfsm.report.bite import bites_of
from mcfsm.report.check_json import FORMAT, as_bite, as_steps, instance_of
from mcfsm.report.style import COLOURS, bounds, heading, label, together
from mcfsm.report.whole_words import Cell, whole_words

_TAKES_AWAY = "Leaving out transitions adds no flow: it cannot violate what holds always, only leave it VACUOUS."


def why_as_text(answers: Iterable[Why], *, width: int) -> RenderableType:
    """Each verdict, and under it what it was found to rest on; of a proof also how near it comes to being broken."""
    parts: list[RenderableType] = []
    for answer in answers:
        parts += [*_answer(answer, width), Text(""), *bites_of([answer.run], width)]
    return Group(*parts[:-1])


def _answer(answer: Why, width: int) -> Iterator[RenderableType]:
    model, verdict = answer.run.model, answer.verdict
    yield heading(model, label(model), bounds(model))
    line = Text(verdict.status, style=COLOURS[verdict.status])
    line.append(f"  {verdict.id}  {verdict.text}", style="bold")
    line.append(f"  {verdict.reason}")
    yield line
    if answer.tried:
        yield Padding(_table(answer, width - 2), (1, 0, 1, 2))
    yield from (Padding(Text(sentence), (0, 0, 0, 2)) for sentence in summary(answer))


def _table(answer: Why, width: int) -> RenderableType:
    model = answer.run.model
    titles = ["taken away, or changed", "verdict", ""]
    listed = sorted(answer.tried, key=lambda tried: (tried.falls is False, tried.falls is None))
    says = [_says(tried.ground, model) for tried in listed]
    titles += ["what it says, and what is left out"] if any(map(len, says)) else []
    rows: list[list[Cell]] = []
    for tried, said in zip(listed, says, strict=True):
        mark = {True: Text("falls", style="bold"), False: Text("stands", style="dim"), None: Text("?", style="yellow")}
        status = Text(tried.without.status, style=COLOURS[tried.without.status])
        cells: list[Cell] = [_tried(tried.ground, model), status, mark[tried.falls], said]
        rows.append(cells[: len(titles)])
    return whole_words(titles, rows, width, named=3)


def _says(ground: Ground, model: Model) -> Text:
    """What a ground says in its own words, and the transitions that are left out with it."""
    said = Text(" ".join(filter(None, [f"({ground.modality})" if ground.modality else None, ground.text])))
    if ground.transitions and ground.transitions != (ground.name,):
        said.append(f" [{together(_called(name, model) for name in ground.transitions)}]", style="dim")
    if ground.fixed:
        said.append(" (fixed by the scenario)" if said else "(fixed by the scenario)", style="dim")
    return said


def _tried(ground: Ground, model: Model) -> str:
    """What is taken away, or what a reading or an option is instead."""
    if ground.other is None:
        title = ground.title if ground.kind == "clause" else _called(ground.name, model)
        return f"without {ground.kind} {title}"
    said = model.labels.choice(*ground.other)
    return f"with {said}" if said != ground.title else f"with {ground.kind} {said}"


def summary(answer: Why) -> Iterator[str]:
    """What the table comes to, in sentences."""
    verdict = answer.verdict
    if verdict.status == "INCOMPLETE":
        yield "Without a verdict there is nothing to ask about."
        return
    falls = [_named(tried, answer.run.model) for tried in answer.tried if tried.falls]
    stands = sum(tried.falls is False for tried in answer.tried)
    open_ = sum(tried.falls is None for tried in answer.tried)
    said = f"{verdict.status} falls without: {together(falls)}" if falls else f"{verdict.status} falls without none"
    yield f"{said}; it stands without {stands} of {len(answer.tried)}" + (f", {open_} not told" if open_ else "") + "."
    if verdict.trace is not None and verdict.id != OVERFLOW:
        yield "Only transitions that the flow takes were left out: without any other the flow is still there."
    property_ = answer.run.model.property_of.get(verdict.id)
    if property_ is not None and property_.form != "reachable" and verdict.trace is None:
        yield _TAKES_AWAY
    yield from _not_tried(answer)
    if answer.interrupted:
        yield "Interrupted: not everything was tried."


def _not_tried(answer: Why) -> Iterator[str]:
    """What the verdict may stand on as well: values that make no model, and numbers, which have no other values."""
    model = answer.run.model
    if answer.no_model:
        values = together(model.labels.choice(*other) for other in answer.no_model)
        yield f"Not tried, as it makes no model of this scenario: {values}."
    held = [f"{parameter.name}={parameter.value}" for parameter in model.parameters]
    yield f"Kept as they are: {', '.join([*held, 'the budgets, channels and instances of the scenario'])}."


def _named(tried: Tried, model: Model) -> str:
    ground = tried.ground
    if ground.other is not None:
        return model.labels.choice(ground.other[0], ground.name)
    return f"{ground.kind} {_called(ground.name, model)}" if ground.kind != "clause" else ground.name


def _called(transition: str, model: Model) -> str:
    """A transition in the words of its label, with who takes it: "Lift opens its doors"; without one by its id."""
    label = model.labels.label("transition", transition)
    role = next(role.name for role in model.roles if any(line.id == transition for line in role.transitions))
    return transition if label is None else f'"{model.labels.role(role)} {label}"'


def why_as_json(name: str, answers: list[Why]) -> dict[str, Any]:
    """The answers as plain data. Keys may be added, none changes its meaning or goes away."""
    return {
        "format": FORMAT,
        "version": __version__,
        "property": name,
        "scenarios": [_as_json(answer) for answer in answers],
        "exit_status": max((answer.exit_status for answer in answers), default=2),
    }


def _as_json(answer: Why) -> dict[str, Any]:
    model, verdict = answer.run.model, answer.verdict
    return {
        "model": model.name,
        "scenario": model.scenario,
        **instance_of(model),
        "status": verdict.status,
        "reason": verdict.reason,
        "trace": None if verdict.trace is None else as_steps(verdict.trace),
        "relies_on": list(map(str, verdict.relies_on)),
        "bite": verdict.bite and as_bite(verdict.bite),
        "interrupted": answer.interrupted,
        "no_model": [{"name": name, "value": value} for name, value in answer.no_model],
        "grounds": [_ground(tried) for tried in answer.tried],
    }


def _ground(tried: Tried) -> dict[str, Any]:
    ground, without = tried.ground, tried.without
    return {
        "kind": ground.kind,
        "name": ground.name if ground.other is None else ground.other[0],
        "value": None if ground.other is None else ground.name,
        "other": None if ground.other is None else ground.other[1],
        "text": ground.text,
        "modality": ground.modality,
        "transitions": list(ground.transitions),
        "fixed": ground.fixed,
        "status": without.status,
        "reason": without.reason,
        "falls": tried.falls,
        "trace": None if without.trace is None or not tried.falls else as_steps(without.trace),
    }
