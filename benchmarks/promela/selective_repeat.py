"""Selective repeat for SPIN, as in benchmarks/models/selective_repeat.yaml: fifos that lose and block when full."""

from __future__ import annotations

from promela import Shape, d_step, proctype, width
from promela.fifo import Fifo


def selective_repeat(
    shape: Shape, *, numbers: int, window: int, bound: int, answers: int, judging: bool = False
) -> str:
    """The Promela text; with assertions in the steps that may make a property false, if they are to be judged."""
    data, ack = Fifo("data", numbers, bound, shape == "packed"), Fifo("ack", numbers, answers, shape == "packed")

    def ahead(number: str, first: str) -> str:
        return f"(({number} + {numbers} - {first}) % {numbers})"

    place = [ahead(str(n), "rx_first") for n in range(numbers)]
    kept = [f"assert(!(got & {1 << n}) || {place[n]} < {window})" for n in range(numbers)]
    known = [f"assert(!(acked & {1 << n}) || (got & {1 << n}) || {place[n]} >= {2 * window})" for n in range(numbers)]

    def judged(*assertions: str) -> list[str]:
        return list(assertions) if judging else []

    new = f"((tx_first + sent) % {numbers})"
    tx = [d_step([f"sent < {window}", data.free()], [*data.send(new), "sent++"])]
    for n in range(numbers):
        guards = [f"{ahead(str(n), 'tx_first')} < sent", f"!(acked & {1 << n})", data.free()]
        tx.append(d_step(guards, data.send(str(n))))
    forward = f"tx_first = (tx_first + 1) % {numbers}"
    slid = ["acked = acked & ~(1 << tx_first)", forward, "sent--"]
    tx.append(d_step(["(acked & (1 << tx_first))"], slid))
    for n in range(numbers):
        inside = f"{ahead(str(n), 'tx_first')} < sent"
        tx.append(d_step([ack.offers(n), inside], [*ack.drop(), f"acked = acked | {1 << n}", *judged(*known)]))
        tx.append(d_step([ack.offers(n), f"!({inside})"], ack.drop()))
    rx = []
    for n in range(numbers):
        answer = [*data.drop(), *ack.send(str(n))]
        keep = [*answer, f"got = got | {1 << n}", *judged(*kept)]
        rx.append(d_step([data.offers(n), f"{place[n]} < {window}", ack.free()], keep))
        rx.append(d_step([data.offers(n), f"{place[n]} >= {2 * window}", ack.free()], answer))
        rx.append(d_step([data.offers(n), f"{place[n]} >= {window} && {place[n]} < {2 * window}"], data.drop()))
    delivered = ["got = got & ~(1 << rx_first)", f"rx_first = (rx_first + 1) % {numbers}", *judged(*kept, *known)]
    rx.append(d_step(["(got & (1 << rx_first))"], delivered))
    lost = [d_step(guards, effects) for fifo in (data, ack) for guards, effects in fifo.losses()]
    lines = [
        data.declare(),
        ack.declare(),
        f"unsigned tx_first : {width(numbers)}; unsigned sent : {width(window + 1)}; unsigned acked : {numbers};",
        f"unsigned rx_first : {width(numbers)}; unsigned got : {numbers};",
    ]
    return "\n".join([*lines, *proctype("everybody", [], [*tx, *rx, *lost])]) + "\n"
