"""Everything that a reader of the migration models meets by name has words for it: both models, with every change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from mission import MODEL

from mcfsm.language.changes.apply import Baseline, apply
from mcfsm.language.files.document import Document, ElementPart, elements_of, label_of
from mcfsm.language.files.reader import read, read_baseline
from mcfsm.language.resolving.resolve import resolve
from mcfsm.problems import ModelError

MODELS = {"private calls": MODEL, "communications": MODEL / "communication.yaml"}


def without_label(document: Document) -> Iterator[str]:
    """What has no label of its own, by kind and name."""
    for message, form in document.messages.items():
        if label_of(form) is None:
            yield f"message {message}"
        for element, part in elements_of(form).items():
            if not isinstance(part, ElementPart) or part.label is None:
                yield f"element {element} of {message}"
    for name, role in document.roles.items():
        if role.label is None:
            yield f"role {name}"
        yield from (f"state {state} of {name}" for state in role.states or [] if state not in role.labels)
        for region, inner in role.regions.items():
            if inner.label is None:
                yield f"region {region} of {name}"
            yield from (f"state {state} of {name}.{region}" for state in inner.states if state not in inner.labels)
        yield from (f"transition {line.id or line.trigger}" for line in role.transitions if line.label is None)
    for name, constant in [*document.readings.items(), *document.options.items()]:
        if constant.label is None:
            yield f"constant {name}"
        yield from (f"value {value} of {name}" for value in constant.values if value not in constant.labels)
    for kind, parts in (("property", document.properties), ("scenario", document.scenarios)):
        yield from (f"{kind} {name}" for name, part in parts.items() if part.label is None)


def beside(baseline: Baseline, usual: list[str], name: str) -> Document:
    """The model with a change beside the usual ones; without one of these where the two are not for each other."""
    for left in (None, *usual):
        with suppress(ModelError):
            return apply(baseline, [*(other for other in usual if other != left), name])
    raise AssertionError(f"{name} goes with none of {usual}")


@pytest.mark.parametrize("model", MODELS)
def test_everything_with_a_name_has_a_label(model: str) -> None:
    """As written, with the changes that apply by default, and with each other change beside these."""
    baseline = read_baseline(MODELS[model])
    usual = list(baseline.default)
    others = [name for name in baseline.changes if name not in usual]
    assert len(others) > 10
    for changes in ([], usual):
        assert list(without_label(apply(baseline, changes))) == [], changes
    for name in others:
        assert list(without_label(beside(baseline, usual, name))) == [], name


@pytest.mark.parametrize("model", MODELS)
def test_every_instance_has_a_label(model: str) -> None:
    """Its own, or that of its role with the name that it has in its group."""
    document = read(MODELS[model])
    named = 0
    for scenario in document.scenarios:
        found = resolve(document, scenario)
        for instance in found.instances:
            assert found.labels.label("instance", instance.name), f"{instance.name} of {scenario}"
            named += 1
    assert named > 4 * len(document.scenarios)


def test_a_label_that_is_missing_is_found() -> None:
    """What the tests above go by sees each kind."""
    document = read(MODEL)
    lines = document.roles["mc_service_client"].transitions
    lines[0] = lines[0].but(label=None)
    missing = [f"transition {lines[0].id}"]
    assert list(without_label(document)) == missing
