"""The finite domains that values of a model come from, and what may be asked of them.

Values are plain hashable Python: bool, int, str (enumeration values, states, instances), None, a tuple (a record's
fields in order, or a map's values in the order of its keys), a frozenset. A value does not know its domain; whoever
shows, orders or checks one passes it to the domain.

`domain` says what may be asked, `simple` and `composed` are the domains there are, `relations` compares them.
"""

from mcfsm.expressions.domains.composed import Map, Maybe, Record, SetOf
from mcfsm.expressions.domains.domain import MOST_VALUES, UNCOUNTED, Domain, TooManyValues, Value
from mcfsm.expressions.domains.relations import join, natural_default, overlaps, within
from mcfsm.expressions.domains.simple import ANY_INTEGER, Boolean, Enumeration, Instances, Integer, Nothing

__all__ = [
    "ANY_INTEGER",
    "MOST_VALUES",
    "UNCOUNTED",
    "Boolean",
    "Domain",
    "Enumeration",
    "Instances",
    "Integer",
    "Map",
    "Maybe",
    "Nothing",
    "Record",
    "SetOf",
    "TooManyValues",
    "Value",
    "join",
    "natural_default",
    "overlaps",
    "within",
]
