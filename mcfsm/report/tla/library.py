"""Definitions that modules have in common: contents of channels, and sums. A module has those of them that it uses.

A fifo is a sequence, a bag a function from the messages in it to how many there are, a set a set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_TEXT = r"""
\* a condition as a whole: TLC counts a step once, however many ways there are to meet it
Holds(b) == b = TRUE

Min(S) == CHOOSE x \in S : \A y \in S : x <= y

Max(S) == CHOOSE x \in S : \A y \in S : x >= y

\* the sum of what a function has
RECURSIVE Sum(_)
Sum(f) ==
  IF DOMAIN f = {} THEN 0
  ELSE LET x == CHOOSE y \in DOMAIN f : TRUE
       IN f[x] + Sum([y \in DOMAIN f \ {x} |-> f[y]])

\* a map from the set of its entries
MapOf(S) == [x \in {y.key : y \in S} |-> (CHOOSE y \in S : y.key = x).value]

\* a bag with one message more, and with one less
More(b, m) ==
  IF m \in DOMAIN b THEN [b EXCEPT ![m] = @ + 1]
  ELSE [x \in DOMAIN b \cup {m} |-> IF x = m THEN 1 ELSE b[x]]
Fewer(b, m) ==
  IF b[m] > 1 THEN [b EXCEPT ![m] = @ - 1]
  ELSE [x \in DOMAIN b \ {m} |-> b[x]]

\* how many messages a content q of channel c has
Held(c, q) == IF c \in Fifos THEN Len(q) ELSE IF c \in Bags THEN Sum(q) ELSE Cardinality(q)

\* the messages in channel c
Waiting(c) ==
  IF c \in Fifos THEN {channel[c][i] : i \in DOMAIN channel[c]}
  ELSE IF c \in Bags THEN DOMAIN channel[c] ELSE channel[c]

\* how many messages in channel c are m
Alike(c, m) ==
  IF c \in Fifos THEN Cardinality({i \in DOMAIN channel[c] : channel[c][i] = m})
  ELSE IF c \in Bags THEN channel[c][m] ELSE 1

\* a sequence without its i-th element
Cut(q, i) == SubSeq(q, 1, i - 1) \o SubSeq(q, i + 1, Len(q))

\* all channels when m was taken from channel c: of a fifo the first that is equal to it; in a set it stays
Without(c, m) ==
  IF c \in Fifos THEN [channel EXCEPT ![c] = Cut(@, Min({i \in DOMAIN @ : @[i] = m}))]
  ELSE IF c \in Bags THEN [channel EXCEPT ![c] = Fewer(@, m)] ELSE channel

\* a content q of channel c with m more
Joined(c, q, m) == IF c \in Fifos THEN Append(q, m) ELSE IF c \in Bags THEN More(q, m) ELSE q \cup {m}
HasRoom(c, q) == IF c \in Sets THEN TRUE ELSE Held(c, q) < Bound[c]

\* all channels h after q, a sequence of channels and messages, was sent; full is a channel that has no room, or none
RECURSIVE Delivered(_, _)
Delivered(h, q) ==
  IF q = <<>> THEN [full |-> none, channel |-> h]
  ELSE LET c == Head(q)[1]
       IN IF HasRoom(c, h[c]) THEN Delivered([h EXCEPT ![c] = Joined(c, @, Head(q)[2])], Tail(q))
          ELSE IF WhenFull[c] = "lose" THEN Delivered(h, Tail(q))
          ELSE [full |-> c, channel |-> h]

\* whether no message of a step comes into a channel that must not be full and is
Fits(h, q) == LET c == Delivered(h, q).full IN c = none \/ WhenFull[c] # "error"

\* a set of receivers in the order of the scenario
Receivers(S) == SelectSeq(Order, LAMBDA x : x \in S)

\* message m to each of a set of receivers
Send(self, S, m) ==
  LET q == Receivers(S)
  IN [i \in DOMAIN q |-> << <<self, q[i]>>, m >>]

\* the events that observers see, of what self did, who was so before and is so after
Fired(x, self, before, after) ==
  [on |-> "fired", name |-> x, actor |-> self, before |-> before, after |-> after]

Received(sender, msg, self, before, after) ==
  [on |-> "received", name |-> msg[1], actor |-> self, before |-> before, after |-> after,
   sender |-> sender, receiver |-> self, msg |-> msg]

Sent(self, before, after, sends) ==
  [i \in DOMAIN sends |->
    [on |-> "sent", name |-> sends[i][2][1], actor |-> self, before |-> before, after |-> after,
     sender |-> self, receiver |-> sends[i][1][2], msg |-> sends[i][2]]]

\* what faults make of what is in channel c
Losses(c) ==
  IF c \in Fifos THEN {Cut(channel[c], i) : i \in DOMAIN channel[c]} ELSE {Fewer(channel[c], m) : m \in Waiting(c)}

Tails(c) == IF channel[c] = <<>> THEN {} ELSE {Tail(channel[c])}

Copies(c) == IF HasRoom(c, channel[c]) THEN {Joined(c, channel[c], m) : m \in Waiting(c)} ELSE {}

Swaps(c) ==
  LET q == channel[c]
  IN {[q EXCEPT ![i] = q[i + 1], ![i + 1] = q[i]] : i \in {x \in DOMAIN q : x < Len(q) /\ q[x] # q[x + 1]}}

Corruptions(c) ==
  IF c \in Fifos
  THEN UNION {{[channel[c] EXCEPT ![i] = m] : m \in Corrupted(channel[c][i])} : i \in DOMAIN channel[c]}
  ELSE UNION {{More(Fewer(channel[c], x), m) : m \in Corrupted(x)} : x \in Waiting(c)}
"""

_BLOCKS = [block.strip("\n").split("\n") for block in re.split(r"\n\n", _TEXT.strip("\n"))]
_DEFINED = re.compile(r"^(\w+)(?:\(.*?\))? ==", re.MULTILINE)


def blocks() -> list[list[str]]:
    """All that modules have in common, each definition by itself or with those that belong to it."""
    return _BLOCKS


def used(texts: Iterable[str]) -> Iterator[list[str]]:
    """The blocks that some texts need, with what these need, in their order."""
    words = set(re.findall(r"\w+", "\n".join(texts)))
    chosen: set[int] = set()
    for at in reversed(range(len(_BLOCKS))):
        if set(_DEFINED.findall("\n".join(_BLOCKS[at]))) & words:
            chosen.add(at)
            words |= set(re.findall(r"\w+", "\n".join(_BLOCKS[at])))
    yield from (_BLOCKS[at] for at in sorted(chosen))
