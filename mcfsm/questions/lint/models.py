"""The models that lint looks at: every scenario, under every choice of constants that some line stands under."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from mcfsm.language.files.document import Document
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.resolving.scenarios import with_likes
from mcfsm.language.resolving.words import words, words_of
from mcfsm.model import Model
from mcfsm.problems import ModelError, Problems, counted

Watch = Callable[[str], None]


def variants(document: Document, watch: Watch | None = None) -> list[Model]:
    """The models, of those that are alike in all that lint looks at the first; `watch` is told how far it is.

    A choice that a scenario cannot be resolved under is left out: whoever chooses it will be told. So is one that
    changes nothing: of what the scenario has already, or of a name that nothing in it says.
    """
    found: dict[Hashable, Model] = {}
    for number, scenario in enumerate(document.scenarios):
        if watch is not None:
            watch(f"{number} of {counted(len(document.scenarios), 'scenario')} looked at")
        plain = resolve(document, scenario, symmetry=False)
        found.setdefault(_looked_at(plain), plain)
        said = _words(document, plain)
        has = {one.name: one.value for one in (*plain.readings, *plain.options)}
        for chosen in choices(document):
            if said.isdisjoint(chosen) or all(has.get(name) == value for name, value in chosen.items()):
                continue
            try:
                model = resolve(document, scenario, chosen=chosen, symmetry=False)
            except ModelError:
                continue
            found.setdefault(_looked_at(model), model)
    return list(found.values())


def _words(document: Document, model: Model) -> set[str]:
    """All that is said in what a scenario is made of, but for other roles, observers and properties than its own."""
    own = {"roles": model.roles, "observers": model.observers, "properties": model.properties}
    names = {field: {getattr(one, "id", getattr(one, "name", "")) for one in parts} for field, parts in own.items()}
    found: set[str] = set()
    for field, value in document:
        if field in names:
            parts: dict[Any, Any] = value
            found.update(*(words(part) for name, part in parts.items() if str(name) in names[field]))
        elif field not in ("readings", "options", "scenarios"):
            found |= words_of(value)
    part = with_likes(document, next(name for name in document.scenarios if name == model.scenario), Problems())
    return found.union(*(words_of(value) for field, value in part if field not in ("readings", "options")))


def _looked_at(model: Model) -> Hashable:
    """What lint looks at: the same objects where a scenario or variant has the same, as they are resolved once."""
    parts = (*model.roles, *model.observers, *model.properties)
    return model.instances, model.boundary, tuple(map(id, parts))


def choices(document: Document) -> list[dict[str, str]]:
    """Constants to choose: each value of each reading and option, and what each line of a role stands under."""
    found: dict[tuple[tuple[str, str], ...], None] = {}
    for constants in (document.readings, document.options):
        for name, part in constants.items():
            found.update({((str(name), str(value)),): None for value in part.values})
    for role in document.roles.values():
        for line in role.transitions:
            listed = {str(name): as_list(values) for name, values in line.under.items()}
            if len(listed) > 1:
                found[tuple((name, str(values[0])) for name, values in listed.items())] = None
    return [dict(chosen) for chosen in found]
