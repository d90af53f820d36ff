"""The labels of a document for one scenario: which stand where they can, and no two that would be taken for one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.document import (
    ConstantPart,
    Document,
    ElementPart,
    InstancePart,
    ScenarioPart,
    elements_of,
    label_of,
)
from mcfsm.language.files.wording import in_words
from mcfsm.model import Instance
from mcfsm.model.identity_cache import IdentityCache
from mcfsm.model.labels import Kind, Labels
from mcfsm.problems import Problems, closest, shorten

MOST_LABEL = 120  # characters
_RESOLVED: IdentityCache[Labels] = IdentityCache(1000)


class _Label(NamedTuple):
    kind: Kind
    path: tuple[str, ...]
    words: SourceText | str


def resolve_labels(
    document: Document,
    name: SourceText,
    scenario: ScenarioPart,
    instances: Sequence[Instance],
    ids: Mapping[int, str],
    problems: Problems,
) -> Labels:
    """The labels of a scenario; noted are those of what does not exist (M301, M310), and what can be none (M322)."""
    key = str(name), tuple(instance.name for instance in instances)
    known = _RESOLVED.get(document, key)
    if known is not None:
        return known
    before = len(problems)
    _check_owners(document, problems)
    found = [*_declared(document, ids), *_of_scenario(document, scenario, instances)]
    for label in found:
        _check(label, problems)
    made = Labels(_told_apart(found))
    if len(problems) == before:
        _RESOLVED.keep(document, made, key)
    return made


def _check(label: _Label, problems: Problems) -> None:
    words = label.words
    if not isinstance(words, SourceText):
        return
    wrong = None
    if not words.strip():
        wrong = "a label says something"
    elif len(words) > MOST_LABEL:
        wrong = f"a label has at most {MOST_LABEL} characters, and this one {len(words)}"
    if wrong is not None:
        said = f"{shorten(label.path[-1], 40)} is called '{shorten(words, 40)}'"
        problems.add("M322", words.span, f"{said}: {wrong}", "a few words, as the text has them")


def _check_owners(document: Document, problems: Problems) -> None:
    """Note labels of states and values that there are not."""
    for role, part in document.roles.items():
        listed = [(f"role {role}", part.states or [], part.labels)]
        listed += [(f"region {name} of role {role}", r.states, r.labels) for name, r in part.regions.items()]
        for owner, states, labels in listed:
            for state in labels:
                if state not in states:
                    hint = closest(state, states)
                    problems.add("M301", state.span, f"{owner} has no state {shorten(state)} to label", hint)
    for name, constant in _constants(document):
        for value in constant.labels:
            if value not in constant.values:
                hint = closest(value, constant.values)
                problems.add("M310", value.span, f"{name} has no value {shorten(value)} to label", hint)


def _constants(document: Document) -> Iterator[tuple[SourceText, ConstantPart]]:
    yield from document.readings.items()
    yield from document.options.items()


def _declared(document: Document, ids: Mapping[int, str]) -> Iterator[_Label]:
    """What the whole model labels."""
    for message, form in document.messages.items():
        if (words := label_of(form)) is not None:
            yield _Label("message", (str(message),), words)
        for element, part in elements_of(form).items():
            if isinstance(part, ElementPart) and part.label is not None:
                yield _Label("element", (str(message), element.removesuffix("?")), part.label)
    for name, role in document.roles.items():
        if role.label is not None:
            yield _Label("role", (str(name),), role.label)
        yield from (_Label("state", (str(name), str(state)), words) for state, words in role.labels.items())
        for region, inner in role.regions.items():
            if inner.label is not None:
                yield _Label("region", (str(name), str(region)), inner.label)
            yield from (_Label("state", (str(name), str(state)), words) for state, words in inner.labels.items())
        for line in role.transitions:
            if line.label is not None:
                yield _Label("transition", (ids[id(line)],), line.label)
    for name, constant in _constants(document):
        if constant.label is not None:
            yield _Label("constant", (str(name),), constant.label)
        yield from (_Label("value", (str(name), str(value)), words) for value, words in constant.labels.items())
    for name, promise in document.properties.items():
        if promise.label is not None:
            yield _Label("property", (str(name),), promise.label)
    for name, scenario in document.scenarios.items():
        if scenario.label is not None:
            yield _Label("scenario", (str(name),), scenario.label)


def _of_scenario(document: Document, scenario: ScenarioPart, instances: Sequence[Instance]) -> Iterator[_Label]:
    """The labels of a scenario's groups, and of its instances.

    An instance without one of its own is called as its group or its role is, with what names it in the group.
    """
    roles = {str(role): part.label for role, part in document.roles.items()}
    alone = {role for role, count in Counter(instance.role for instance in instances).items() if count == 1}
    written = {str(group): part for group, part in (scenario.instances or {}).items()}
    for group, part in written.items():
        whole = _group_label(part)
        if whole is not None:
            yield _Label("group", (group,), whole)
    for instance in instances:
        part = written[instance.group]
        whole = _group_label(part)
        member = (
            next((m for key, m in part.items() if key == str(instance.key)), None) if isinstance(part, dict) else part
        )
        mine = member.label if isinstance(member, InstancePart) and member.count is None else None
        words = mine or whole or roles[instance.role]
        if words is not None and (mine or instance.key is not None or instance.role in alone):
            behind = "" if mine or instance.key is None else f" {instance.key}"
            yield _Label("instance", (instance.name,), f"{words}{behind}" if behind else words)


def _group_label(part: object) -> SourceText | None:
    """What the members of a group are called: under label among them, or in the one line for all of them."""
    if isinstance(part, InstancePart):
        return part.label if part.count is not None else None
    words = next((words for key, words in part.items() if key == "label"), None) if isinstance(part, dict) else None
    return words if isinstance(words, SourceText) else None


def _told_apart(found: Iterable[_Label]) -> dict[tuple[str, ...], str]:
    """The words for each thing; where two of one kind and owner have the same, each with its id."""
    listed = [(label, in_words(label.words)) for label in found]
    count = Counter((label.kind, label.path[:-1], words) for label, words in listed)
    return {
        (label.kind, *label.path): words
        if label.kind == "transition" or count[label.kind, label.path[:-1], words] == 1
        else f"{words} ({label.path[-1]})"
        for label, words in listed
    }
