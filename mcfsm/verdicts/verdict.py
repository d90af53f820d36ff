"""From findings to verdicts: PROVED, VIOLATED, INCOMPLETE or VACUOUS, with what each rests on.

A verdict can be believed or it is worthless: a search that was cut short proves nothing, a trace is replayed through
`product.py` before it is part of a verdict, and a property that was never put to the test is not called proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from mcfsm.explore.findings import Answer, Findings
from mcfsm.explore.stopping import NO_LIMITS, SIGNALS
from mcfsm.model import CHECKS, Fairness, LivenessProperty, Model, Property, Status
from mcfsm.model.independence.claims import NumberClaim
from mcfsm.problems import counted
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.status import idle, of_check, of_runs, of_states
from mcfsm.semantics.steps import Step
from mcfsm.semantics.trace import ReplayError, Trace, replay
from mcfsm.verdicts.asked import Verdicts, no_such, tally
from mcfsm.verdicts.finding import FaultFound, found
from mcfsm.verdicts.lasso_witness import FairnessWitness, goes_on_fairly, replay_lasso
from mcfsm.verdicts.reliance import Reliance, relies_on

# how near a PROVED comes to being broken: by one variable of an instance; by one element of a message in flight; by
# one thing that an observer has seen; its premise is met; its cause holds and its goal does not; nothing comes near; a
# limit stopped the search for it
BiteKind = Literal["variable", "message", "observed", "premise", "waiting", "nothing", "undecided"]


@dataclass(frozen=True)
class Bite:
    """How near a PROVED comes to being broken, in words, and the flow that leads there."""

    kind: BiteKind
    text: str
    trace: Trace | None = None


@dataclass(frozen=True, repr=False)
class Verdict:
    """What was found out about one property or built-in check."""

    id: str
    text: str
    clause: str | None
    status: Status
    expected: Status | None  # None: nothing is expected with the changes that are applied
    reason: str  # how it was decided: "exhaustive", "9 steps, shortest", the limit that stopped the search
    trace: Trace | None = None
    relies_on: tuple[Reliance, ...] = ()
    normative: Trace | None = None  # where the trace uses assumptions or informative items: the shortest without
    normative_note: str | None = None
    fairness: Fairness | None = None  # of a liveness property: the one it was decided under
    fairness_note: str | None = None  # where weak fairness may be too weak
    witnesses: tuple[FairnessWitness, ...] = ()  # of a lasso: why its loop is fair
    bite: Bite | None = None  # of a PROVED, where that was asked
    any_number: tuple[NumberClaim, ...] = ()  # of a PROVED: whether it holds for more users than there are

    @property
    def met(self) -> bool:
        """Whether the expectation is met; where there is none, whether it is proved."""
        return self.status == (self.expected or "PROVED")

    @property
    def passed(self) -> bool:
        """Whether a test may rest on it: the expectation is met, and the search was not cut short."""
        return self.met and self.status != "INCOMPLETE"

    @property
    def rests_on_all_states(self) -> bool:
        """Whether no flow decides it: then it says that something is in no state, or in no fair run."""
        return self.trace is None and self.status != "INCOMPLETE"

    @property
    def against(self) -> str:
        """What is said beside a status that is not as it should be."""
        return "nothing expected with these changes" if self.expected is None else f"not {self.expected}"

    def __repr__(self) -> str:
        """One line: "<Verdict K2: VIOLATED as expected, 12 steps, shortest>"."""
        expected = " as expected" if self.passed and self.status != "PROVED" else ""
        against = "" if self.met or self.status == "INCOMPLETE" else f" ({self.against})"
        return f"<Verdict {self.id}: {self.status}{expected}{against}, {self.reason}>"


@dataclass(frozen=True, repr=False)
class Run(Verdicts):
    """One scenario explored under one choice of constants: `run["K2"]` is the verdict on K2."""

    model: Model
    findings: Findings
    verdicts: tuple[Verdict, ...]
    faults: tuple[FaultFound, ...]
    answers: tuple[Answer, ...] = ()  # to liveness properties
    avoided: tuple[str, ...] = ()  # transitions of the model that were left out: no verdict is one on the whole model
    taken: bool = False  # whether it was found out before, and nothing searched now

    def __getitem__(self, name: str) -> Verdict:
        """The verdict on a property or check. Raises KeyError where there is none."""
        for verdict in self.verdicts:
            if verdict.id == name:
                return verdict
        raise no_such(name, self.verdicts)

    def __repr__(self) -> str:
        """One line: "<Run three: 288 states, 3 verdicts (3 PROVED)>"."""
        return f"<Run {self.name}: {counted(self.findings.states, 'state')}, {tally(self.verdicts)}>"

    @property
    def name(self) -> str:
        """The scenario, with the readings and options that are not the default ones."""
        constants = (*self.model.readings, *self.model.options)
        return " ".join([self.model.scenario, *(f"{one.name}={one.value}" for one in constants if not one.default)])

    def flow(self, name: str, *, width: int = 80) -> str:
        """The message flow of a verdict as text, as `mcfsm check` prints it.

        Raises KeyError where there is no such verdict, and ValueError where the verdict has no flow.
        """
        from mcfsm.pictures.flow_text import render_text

        verdict = self[name]
        if verdict.trace is None:
            raise ValueError(f"{verdict.id} is {verdict.status}, and no flow shows that")
        return render_text(verdict.trace, self.model, width=width)

    def as_test(self, name: str) -> str:
        """A test for pytest that replays the flow of a verdict: text to be written to a file.

        Raises KeyError where there is no such verdict, and ValueError where the verdict has no flow.
        """
        from mcfsm.verdicts.flow_file import test_text

        return test_text(self, name)

    @property
    def stopped(self) -> str | None:
        """What stopped the search, or what decides liveness."""
        return next(filter(None, [self.findings.stopped, *(answer.stopped for answer in self.answers)]), None)

    @property
    def interrupted(self) -> bool:
        """Whether somebody pressed Ctrl-C, or sent SIGTERM."""
        return any(why in SIGNALS for why in (self.findings.stopped, *(answer.stopped for answer in self.answers)))

    @property
    def without(self) -> str | None:
        """What was left out, in words, as it stands beside every verdict; None where that is nothing."""
        if self.model.text_alone:
            return "by the text alone"
        if not self.avoided:
            return None
        if self.normative:
            return "without assumptions and informative items"
        few = len(self.avoided) <= _MOST_NAMED
        return f"without {', '.join(self.avoided) if few else f'{len(self.avoided)} transitions'}"

    @property
    def restricted(self) -> bool:
        """Whether no verdict is one on the whole model as it stands: transitions left out, or answers not counted."""
        return bool(self.avoided) or self.model.text_alone

    @property
    def normative(self) -> bool:
        """Whether what was left out are all assumptions and informative items, and nothing else."""
        return self.model.text_alone or (bool(self.avoided) and set(self.avoided) == informal_transitions(self.model))


_MOST_NAMED = 3  # transitions left out that a verdict names
Search = Callable[[frozenset[str], list[str]], Findings]  # what to avoid, what to ask: another search of the same model


def judge(
    model: Model,
    findings: Findings,
    property_ids: Iterable[str],
    search: Search | None,
    answers: Iterable[Answer] = (),
    *,
    avoid: frozenset[str] = frozenset(),
    product: Product | None = None,
) -> Run:
    """The verdicts of a search on what was asked, in declared order, checks last.

    `answers` are those to liveness properties. `avoid` names the transitions that the search left out. `search` is
    called once more, with assumptions and informative items avoided too, where a trace rests on any; without it that
    is not looked for. `product` is one of the model without what is avoided, if there is one already. Raises
    ReplayError where a trace is not one of the definition's.
    """
    property_ids, answered = list(property_ids), {answer.id: answer for answer in answers}
    product = product or Product(model, avoid=avoid)
    informal = informal_transitions(model)
    formal = Product(model, avoid=informal, machines=dict(enumerate(product.machines)))
    traces = {
        stated.id: _decided(product, stated, findings.paths[stated.id])
        for stated in model.state_properties
        if stated.id in findings.paths and stated.id in property_ids
    }
    faults = tuple(found(product, fault) for fault in findings.faults)
    shown = traces | {fault.check: fault.trace for fault in reversed(faults) if model.text_alone}
    leaning = [name for name, trace in shown.items() if any(step.transition in informal for step in trace.steps)]
    without = search(avoid | informal, leaning) if leaning and search is not None else None
    verdicts = []
    for property_ in model.properties:
        if isinstance(property_, LivenessProperty):
            if property_.id in answered:
                verdicts.append(_liveness_verdict(product, property_, answered[property_.id]))
        elif property_.id in property_ids:
            trace = traces.get(property_.id)
            normative, note = _without(property_.id, leaning, without, formal)
            verdicts.append(_verdict(model, property_, findings, trace, normative, note))
    for check in (check for check in CHECKS if check in property_ids):
        verdict = _check_verdict(model, check, findings, faults)
        normative, note = _without(check, leaning, without, formal)
        verdicts.append(replace(verdict, normative=normative, normative_note=note))
    avoided = tuple(t.id for role in model.roles for t in role.transitions if t.id in product.avoid)
    if findings.beyond and model.boundary is not None:
        within = f"; within {model.boundary.text}"
        verdicts = [replace(v, reason=v.reason + within) if v.rests_on_all_states else v for v in verdicts]
    if findings.reduction is not None:
        left_out = f"; reduced by {counted(findings.reduction.steps, 'step')}"
        verdicts = [replace(verdict, reason=verdict.reason + left_out) for verdict in verdicts]
    run = Run(model, findings, tuple(verdicts), faults, tuple(answered.values()), avoided)
    if run.without is None:
        return run
    return replace(run, verdicts=tuple(replace(v, reason=f"{v.reason}; {run.without}") for v in run.verdicts))


def _decided(product: Product, property_: Property, path: Iterable[Step]) -> Trace:
    """The flow that decides a property of states. Raises ReplayError where it does not end in a state that does."""
    trace = replay(product, path)
    if not PropertyMonitor(product.model, property_).decides(trace.states[-1]):
        raise ReplayError(f"the trace of {property_.id} does not end in a state that decides it")
    return trace


def _verdict(
    model: Model,
    property_: Property,
    findings: Findings,
    trace: Trace | None,
    normative: Trace | None,
    note: str | None,
) -> Verdict:
    coverage = findings.coverage.get(property_.id, ())
    status = of_states(
        property_, hit=trace is not None, complete=findings.complete, coverage=coverage, beyond=findings.beyond > 0
    )
    if trace is not None:
        reason = _length(trace, findings)
    elif status == "INCOMPLETE" and findings.complete and model.boundary is not None:
        lie = f"{counted(findings.beyond, 'state')} {'lies' if findings.beyond == 1 else 'lie'}"
        reason = f"no such state within {model.boundary.text}; {lie} beyond, and what leads on from there is not known"
    elif status == "INCOMPLETE":
        reason = incomplete_reason(findings)
    elif status == "VACUOUS":
        reason = idle(coverage) or ""
    else:
        reason = "exhaustive" if status == "PROVED" else "exhaustive: no such state"
    return Verdict(
        id=property_.id,
        text=property_.text,
        clause=property_.clause,
        status=status,
        expected=property_.expected,
        reason=reason,
        trace=trace,
        relies_on=() if trace is None else relies_on(model, trace.taken),
        normative=normative,
        normative_note=note,
    )


def _liveness_verdict(product: Product, property_: LivenessProperty, answer: Answer) -> Verdict:
    """The verdict on a liveness property. Raises ReplayError where its lasso does not break it."""
    under = "without fairness" if answer.fairness == "none" else f"{answer.fairness} fairness"
    trace: Trace | None = None
    normative: Trace | None = None
    witnesses: tuple[FairnessWitness, ...] = ()
    note: str | None = None
    too_weak: str | None = None
    status = of_runs(broken=answer.lasso is not None, complete=answer.complete, held=answer.held, leaves=answer.leaves)
    if answer.lasso is not None:
        trace, witnesses = replay_lasso(product, property_, answer.lasso, answer.fairness)
        stem, loop = _count(len(answer.lasso.stem), "step"), len(answer.lasso.loop)
        goes_on = f"then {loop} again and again" if loop else "then nobody has to act"
        reason = f"{stem}, {goes_on}; {under}"
        if answer.leans and answer.normative is not None:
            normative, _ = replay_lasso(product, property_, answer.normative, answer.fairness)
            if any(step.transition in informal_transitions(product.model) for step in normative.steps):
                raise ReplayError(f"the lasso of {property_.id} rests on an assumption or an informative item")
        elif answer.leans:
            note = "no such run without assumptions and informative items"
            note += "" if answer.complete else f" was met; {_stopped(answer.stopped, answer.states)}"
        if answer.strong is not None:
            strongly_fair = answer.strong and goes_on_fairly(product, answer.lasso, "strong")
            too_weak = _TOO_WEAK[answer.strong, strongly_fair]
            too_weak += (
                ""
                if answer.strong or answer.complete
                else f" That is so far: {_stopped(answer.stopped, answer.states)}."
            )
    elif status == "INCOMPLETE":
        reason = _stopped(answer.stopped, answer.states)
    else:
        idle_ = "what sets it off is in no fair run that stays" if answer.leaves else "what sets it off never held"
        reason = idle_ if status == "VACUOUS" else f"exhaustive; {under}"
    return Verdict(
        id=property_.id,
        text=property_.text,
        clause=property_.clause,
        status=status,
        expected=property_.expected,
        reason=reason,
        trace=trace,
        relies_on=() if trace is None else relies_on(product.model, trace.taken),
        normative=normative,
        normative_note=note,
        fairness=answer.fairness,
        fairness_note=too_weak,
        witnesses=witnesses,
    )


_ENDLESS = "The loop takes steps of the environment or faults that nothing limits, which weak fairness allows"
_TOO_WEAK = {  # whether some run violates the property under strong fairness, and whether the one that is shown does
    (False, False): f"{_ENDLESS}: with strong fairness of receptions (fairness: strong) no such run is left.",
    (True, False): f"{_ENDLESS}; strong fairness of receptions rules this loop out, but another run violates the "
    "property under it too (--fairness strong shows it).",
    (True, True): f"{_ENDLESS}; this very loop is fair under strong fairness of receptions too.",
}


def incomplete_reason(findings: Findings) -> str:
    """Why a search did not finish, and what to raise."""
    if findings.stopped is None:
        return "the search stopped when all that was asked had been decided; --all goes on"
    return _stopped(findings.stopped, findings.states)


def _stopped(limit: str | None, states: int) -> str:
    what_to_do = "" if limit in NO_LIMITS else "; raise it"
    return f"stopped by {limit} after {counted(states, 'state')}{what_to_do}"


def _check_verdict(model: Model, check: str, findings: Findings, faults: tuple[FaultFound, ...]) -> Verdict:
    expected = model.expected(check)
    mine = [fault for fault in faults if fault.check == check]
    status = of_check(found=bool(mine), complete=findings.complete)
    if mine:
        trace = mine[0].trace
        more = f" and {len(mine) - 1} more" if len(mine) > 1 else ""
        reason = f"{mine[0].subject}{more}; {_length(trace, findings)}"
        rests = relies_on(model, trace.taken)
        return Verdict(check, CHECKS[check], None, status, expected, reason, trace, rests)
    reason = "exhaustive" if status == "PROVED" else incomplete_reason(findings)
    return Verdict(check, CHECKS[check], None, status, expected, reason)


def _without(
    name: str, leaning: list[str], without: Findings | None, formal: Product
) -> tuple[Trace | None, str | None]:
    """The shortest trace on normative items alone, or the sentence that says there is none."""
    if without is None or name not in leaning:
        return None, None
    fault = next((fault for fault in without.faults if fault.check == name), None)
    if fault is not None:
        return found(formal, fault).trace, None
    if name in without.paths:
        return _decided(formal, formal.model.property_of[name], without.paths[name]), None
    if without.complete:
        return None, "no flow without assumptions and informative items"
    return None, f"whether a flow exists without assumptions and informative items: {incomplete_reason(without)}"


def informal_transitions(model: Model) -> frozenset[str]:
    """The transitions that rest on an assumption, or on informative items only."""
    return frozenset(t.id for role in model.roles for t in role.transitions if t.informative)


def _length(trace: Trace, findings: Findings) -> str:
    """How long a flow is, and that there is no shorter one, where that is known."""
    steps = _count(len(trace), "step")
    return f"{steps}, shortest" if findings.reduction is None else steps


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
