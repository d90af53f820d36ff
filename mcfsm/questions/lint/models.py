"""The models that lint looks at: every scenario, under every choice of constants that some line stands under."""

from __future__ import annotations

from mcfsm.language.files.document import Document
from mcfsm.language.resolving.effects import as_list
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import Model
from mcfsm.problems import ModelError


def variants(document: Document) -> list[Model]:
    """The models. A choice that a scenario cannot be resolved under is left out: whoever chooses it will be told."""
    found = []
    for scenario in document.scenarios:
        for chosen in choices(document):
            try:
                found.append(resolve(document, scenario, chosen=chosen, symmetry=False))
            except ModelError:
                if not chosen:
                    raise
    return found


def choices(document: Document) -> list[dict[str, str]]:
    """Constants to choose: none, each value of each reading and option, and what each line of a role stands under."""
    found: dict[tuple[tuple[str, str], ...], None] = {(): None}
    for constants in (document.readings, document.options):
        for name, part in constants.items():
            found.update({((str(name), str(value)),): None for value in part.values})
    for role in document.roles.values():
        for line in role.transitions:
            listed = {str(name): as_list(values) for name, values in line.under.items()}
            if len(listed) > 1:
                found[tuple((name, str(values[0])) for name, values in listed.items())] = None
    return [dict(chosen) for chosen in found]
