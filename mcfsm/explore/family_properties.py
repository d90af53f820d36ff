"""What is asked of the states of many models: properties, those that mean the same once, by who is asked.

A part are properties that the same models are asked about; its program stands for all of them. The programs of all
parts lie one after another, as the kernel reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcfsm.explore.level_search import NONE
from mcfsm.expressions import nodes as n
from mcfsm.kernel.programs import Program
from mcfsm.model import Model, Property
from mcfsm.semantics.properties import Coverage
from mcfsm.tables.properties import Properties
from mcfsm.tables.tables import Tables


@dataclass(frozen=True)
class PropertyGroup:
    """Properties that the same models are asked about, and where they stand among all."""

    variants: int
    first: int  # property
    place: int  # noted operation
    properties: Properties


class FamilyProperties:
    """The properties asked of each variant of some tables; who decided which, and what was seen."""

    def __init__(self, tables: Tables, properties_of: Sequence[Sequence[Property]]) -> None:
        distinct, variants_asking = _distinct(tables.encoding.models, properties_of)
        self.groups: list[PropertyGroup] = []
        first = place = 0
        for variants in dict.fromkeys(variants_asking):
            mine = [
                p
                for p, variants_of_property in zip(distinct, variants_asking, strict=True)
                if variants_of_property == variants
            ]
            variant = (variants & -variants).bit_length() - 1
            self.groups.append(PropertyGroup(variants, first, place, Properties(tables, mine, variant)))
            first, place = first + len(mine), place + len(self.groups[-1].properties.place)
        self.properties = [p for group in self.groups for p in group.properties.properties]
        self.variants_asking = [group.variants for group in self.groups for _ in group.properties.properties]
        self.hit = [0] * first  # property: in whom it is decided
        self.seen = np.zeros(max(1, 4 * place), dtype=np.uint64)  # noted operation x value: who had it

    def program(self) -> tuple[Program, Any, Any, Any]:
        """The programs of all parts; of each where it begins and ends, and who is asked; of what is noted, for whom.

        A property that is decided in all who are asked is left out; of the others nothing is noted for who decided it.
        """
        programs, bounds, ends, variants_noting = [], [], [0, 0, 0], []
        for group in self.groups:
            decided = [
                not group.variants & ~variants
                for variants in self.hit[group.first :][: len(group.properties.properties)]
            ]
            places = self.seen[4 * group.place :][: 4 * len(group.properties.place)]
            one = group.properties.program((places & np.uint64(group.variants)) == np.uint64(group.variants), decided)
            open_to = self._open_to(group)
            variants_noting += [open_to[place] for place in one.noted.tolist()]
            programs.append(one._replace(rooted=one.rooted + group.first, noted=one.noted + group.place))
            for i, column in enumerate((one.code, one.roots, one.covers)):
                bounds += [ends[i], ends[i] + len(column)]
                ends[i] += len(column)
        none = NONE.astype(np.int32)
        columns = (np.concatenate([none, *(one[i] for one in programs)]) for i in range(len(Program._fields)))
        variants = np.array([group.variants for group in self.groups], dtype=np.uint64)
        return Program(*columns), np.array(bounds, dtype=np.int64), variants, np.array(variants_noting, dtype=np.uint64)

    def fill_ahead(self, row: list[int], variants: int) -> bool:
        """Fill what the programs look up in a state for some variants (bit mask); `property_program` says why."""
        missing = False
        for group in self.groups:
            if group.variants & variants:
                missing |= group.properties.fill_ahead(row)
        return missing

    def _open_to(self, group: PropertyGroup) -> list[int]:
        """Of each noted operation of a part those in whom some property that it belongs to is not decided."""
        found = [0] * len(group.properties.place)
        for i, covered in enumerate(group.properties.covered):
            for op in (op for _, ops in covered for op in ops):
                found[group.properties.place[i, op]] |= group.variants & ~self.hit[group.first + i]
        return found

    def of(self, variant: int) -> int:
        """How many properties are asked of a variant."""
        return sum(variants >> variant & 1 for variants in self.variants_asking)

    def coverage(self, variant: int) -> dict[str, tuple[Coverage, ...]]:
        """What premises and operands of its properties were seen to be in a variant."""
        found: dict[str, tuple[Coverage, ...]] = {}
        for group in self.groups:
            if group.variants >> variant & 1:
                found |= group.properties.coverage(self.seen[4 * group.place :] >> np.uint64(variant) & np.uint64(1))
        return found


def _distinct(models: Sequence[Model], properties_of: Sequence[Sequence[Property]]) -> tuple[list[Property], list[int]]:
    """The properties asked of some models, those that are the same once; of each the models, as bits."""
    found: list[list[Any]] = []  # id, form, conditions; messages looked for; where; the property; whose
    for variant, (model, properties) in enumerate(zip(models, properties_of, strict=True)):
        for property_ in properties:
            meant = property_.id, property_.form, property_.condition, property_.premise
            alike = [one for one in found if one[0] == meant]
            wanted = alike[0][1] if alike else _wanted(property_)
            where = _looked_at(model, wanted)
            same = next((one for one in alike if one[2] == where), None)
            if same is None:
                found.append([meant, wanted, where, property_, 1 << variant])
            else:
                same[-1] |= 1 << variant
    return [one[3] for one in found], [one[4] for one in found]


def _wanted(property_: Property) -> frozenset[str]:
    """The messages that a property looks for in channels."""
    nodes = [property_.condition, *([] if property_.premise is None else [property_.premise])]
    return frozenset(group.message for node in nodes for group in node.walk() if isinstance(group, n.InFlight))


def _looked_at(model: Model, wanted: frozenset[str]) -> frozenset[tuple[str, str, str]]:
    """Where some messages may be: sender, receiver, and the message, if the sender sends it to anybody."""
    return frozenset(
        (channel.sender, channel.receiver, sending.message)
        for channel in (model.channels if wanted else ())
        for transition in model.role_of[channel.sender].transitions
        for sending in transition.sends
        if sending.message in wanted
    )
