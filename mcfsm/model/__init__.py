"""A resolved model: frozen records, every name given its meaning, and what these say without being run."""

from mcfsm.model.machines import *
from mcfsm.model.records import *
