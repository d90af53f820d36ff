"""What stands where in the arrays that the compiled search reads: entries, moves, effects, groups, components.

What may live here: names of places. `tables` fills the arrays, `kernel` and what it calls read them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.rows import Words

UNKNOWN, IMPOSSIBLE, OVERFLOWS = -1, -2, -3  # entries that are no ids; the last two disable the step that asks
BY_FREEZE, FAULT = 1, 2  # flags of moves: what the freeze disables; what does not count as a step of the protocol,
CHAINED = 4  # and what changes one component twice
COUNT, EFFECTS = 8, 16  # of a move's last word the bits below its flags: how many effects, and where the first is
MOST_EFFECTS = 255
IN_WORD, AT_SHIFT, IN_BITS, IN_STRIDE = 32, 38, 44, 50  # of an effect the field, and the table above its first entry
ALL = (1 << 64) - 1
GROUP = 5  # what the record of a group says, and how long it is; behind the last of its moves come those that are idle
FIRST_MOVE, LAST_MOVE, FIRST_REFUSED, LAST_REFUSED, IDLE = range(GROUP)
LISTED_BIT = 7  # of a group's number of moves that are but counted: it has others, so it is listed as a source
LISTED = 1 << LISTED_BIT
# of a content: the group of its faults, its first offer, how many there are (times two, and one more if there are
CONTENT = 4  # faults), and the message of the first offer, as `offers` has it
OF_FAULTS, FIRST_OFFER, OFFERS, FIRST_MESSAGE = range(CONTENT)
IN_ORDER = 1  # of an offer's message the bit that says that what is behind it waits unless it is deferred
COMPONENT = 11  # of a component
WORD, SHIFT, MASK, FACTOR, GROUPS, GROUPS_STRIDE, RECEPTIONS, RECEPTIONS_STRIDE = range(8)
WAITS, BIT, DEPENDENT = range(8, COMPONENT)

Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]


class Arrays(NamedTuple):
    """The tables as the kernel reads them.

    A *context* is what all components know of a joint state: which budgets have something left, and whether the model
    is frozen. A *group* is all moves of a component that acts by itself in one context and local state, of a message in
    one local state of its receiver, or of a channel with one content: its faults. A content *offers* messages, each
    with what is taken from the channel where it is received. A *move* changes its component by what `moves` says; its
    *effects* change more of them, each to what a table of that component says in the column that the effect names. An
    *idle* move changes nothing at all, and is possible wherever its group is.
    """

    arena: Ints  # every table, one after another
    offset: Ints  # of a table in the arena
    height: Ints  # rows of a table
    stride: Ints  # from one row of a table to the next
    groups: Ints  # group: first move, one past the last; first unspecified reception, one past the last; idle moves
    only_counted: Bytes  # group, awake and then asleep: how many moves are but counted, or LISTED
    moves: Words  # move: what it changes of each word of a row and of the hash, but for its effects; flags and these
    move_variants: Words  # move: the variants that have it, a bit each
    filled_for: Words  # group: the variants whose moves it has
    deferred: Words  # group of a message: the variants in which it waits, and those behind it are looked at
    offers: Ints  # offer: the row of its message among receptions, times two; with IN_ORDER
    offered_by: Words  # offer: the variants in whose contents it is
    taken: Words  # offer and one: what its reception changes of each word of a row and of the hash; nothing at 0
    effects: Words  # effect: field and table, packed; the component's factor
    effect_of: Ints  # effect: component, column, and the subject of the overflow that it may be
    refused: Ints  # the subjects of groups' unspecified receptions
    refused_variants: Words  # and the variants that have them
    place: (
        Words  # component: field of a row, factor, tables, the variants in which something in it keeps everybody from
    )
    # rest; its bit among those whose moves can be told apart, and the bits of those whose moves touch what they touch
    table_of: Ints  # component: the table of its effects
    groups_of: Ints  # component: the table of its groups, or -1
    receptions_of: Ints  # component that is a channel: the table of what becomes of its messages
    context: int  # the table of contexts
    fixed: Ints  # components that are no channels
    acting: Ints  # of these, what changes by itself
    receiver: Ints  # component that is a channel: the instance that receives from it
    channels: Ints  # components that are channels
    channel_bits: Words  # word: the bits that belong to channels
    channel_at: Ints  # bit of a row: the channel that it belongs to
    final: Ints  # instance: the table that says of its local states who may rest in them
    rests: Words  # of an entry of these, the variants that may
    moved: Ints  # components that permutations of interchangeable instances move or change; none where there are none
    image_of: Ints  # of each, the table of its images
    origin: Ints  # permutation by place in `moved`: the place of the component whose image comes there
    most_sources: int  # that one joint state may have,
    most_moves: int  # and moves of these
