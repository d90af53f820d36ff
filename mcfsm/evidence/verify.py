"""Evidence checked again: by the definition in plain Python, without tables, without compiled code, without a search.

A file is believed in nothing. The model is read again and must be the one that is named; states are made by
`product.py` alone, and looked up in the file: the initial one is there, every step leads to one that is there, and
nothing else is there. What a claim stands on is asked of these states: a property of each of them, a flow step by step,
a lasso with the fairness of its loop, or a ranking that no fair run can go down for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mcfsm.evidence.ranking import Ranking
from mcfsm.evidence.records import FORMAT, MOST_STATES, MOST_STEPS, Claim, NoEvidence, Origin, Ranks, Reader, Subject
from mcfsm.evidence.states import StateTexts
from mcfsm.language.files.reader import ENTRY, read, stamps
from mcfsm.language.files.yaml import MOST_BYTES
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.selection import known_transitions
from mcfsm.model import CHECKS, Model
from mcfsm.model.digest import meaning
from mcfsm.problems import ModelError, counted
from mcfsm.semantics.fairness import fair_set_of, strength
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import LivenessMonitor, PropertyMonitor
from mcfsm.semantics.status import of_check, of_runs, of_states
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import describe

Watcher = Callable[[str, int, int], None]  # told the scenario, how many states were looked at, and how many there are
_SELDOM = 256  # states between two words on how far it is


class TooMany(Exception):
    """The file lists more states than anybody wanted to look at; the message says how many."""


@dataclass(frozen=True)
class VerifiedRun:
    """A scenario whose claims were all checked again."""

    model: Model
    subject: Subject
    claims: tuple[Claim, ...]


def verify(
    file: Path, model: Path | None = None, *, most_states: int = MOST_STATES, watcher: Watcher = lambda *_: None
) -> tuple[VerifiedRun, ...]:
    """All that a file of evidence claims, checked again. Raises NoEvidence where it proves less, and TooMany, OSError.

    `model` is where the model is now; without it, where the file says that it is.
    """
    reader = Reader(file)
    origin = reader.record(Origin)
    if origin.evidence != FORMAT:
        raise reader.refused(f"says format {origin.evidence}, and this release reads {FORMAT}")
    path = model or file.parent / origin.model
    check_sources(path, origin)
    try:
        runs = [_verify_run(path, origin, reader, most_states, watcher) for _ in range(origin.subjects)]
    except ModelError as error:
        raise NoEvidence(f"the model stops: {error.problems[0].message}") from None
    reader.end()
    if not any(run.claims for run in runs):
        raise NoEvidence("it claims nothing")
    return tuple(runs)


def _verify_run(path: Path, origin: Origin, reader: Reader, most_states: int, watcher: Watcher) -> VerifiedRun:
    """The next subject of a file, with all that is claimed of it."""
    subject = reader.record(Subject)
    claims = tuple(reader.record(Claim) for _ in range(subject.claims))
    if max([subject.states, *(subject.values or ())]) > most_states:
        raise TooMany(f"scenario {subject.scenario} lists {counted(subject.states, 'state')}")
    model = _model(path, origin, subject)
    product = Product(model)
    ways: dict[str, tuple[str, ...]] = dict.fromkeys((*CHECKS, *model.property_of), ("states", "flow"))
    ways |= dict.fromkeys(model.liveness_property_of, ("states", "lasso", "ranking"))
    for claim in claims:
        if claim.by not in ways.get(claim.id, ()) or not claim.whole:
            raise NoEvidence(f"{claim.id} is nothing that was asked, or not what {claim.by} can show")
        if claim.by in ("flow", "lasso"):
            _check_flow(product, claim)
    whole = _Whole(product, subject, claims, reader)
    if subject.states:
        whole.check(watcher)
    return VerifiedRun(model, subject, claims)


def check_sources(path: Path, origin: Origin) -> None:
    """Raise NoEvidence where a file that the model was read from is another one now; none is read as a model before."""
    try:
        entry = (path / ENTRY if path.is_dir() else path).resolve()
        root = entry.parent
        names = {name: (root / name).resolve() for name in origin.sources}
    except (OSError, ValueError, RuntimeError):
        raise NoEvidence(f"{path} cannot be read") from None
    if entry not in names.values() or not entry.is_file():
        raise NoEvidence(f"its model is not at {path}: say with --model where it is")
    for name, place in names.items():
        if not place.is_relative_to(root):
            raise NoEvidence(f"{name} lies outside the model's directory")
        if digest_of(place) != origin.sources[name]:
            raise NoEvidence(f"{name} is not the file that the evidence was found with: make it anew with mcfsm check")


def digest_of(file: Path) -> str | None:
    """The SHA-256 of a file of a model; None of what is none."""
    try:
        if not file.is_file() or file.stat().st_size > MOST_BYTES:
            return None
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def sources(path: Path) -> dict[str, str]:
    """Every file that a model is read from, by its place beside the first, with its SHA-256."""
    root = (path if path.is_dir() else path.parent).resolve()
    return {file.relative_to(root).as_posix(): digest_of(file) or "" for file in sorted(stamps(path))}


def _model(path: Path, origin: Origin, subject: Subject) -> Model:
    """The model that a subject names: resolved again, as it says, and with the meaning that it says."""
    chosen = {**subject.readings, **subject.options, **subject.parameters}
    try:
        if sources(path) != origin.sources:
            raise NoEvidence("the model is read from other files than the evidence names")
        document = read(path, subject.changes)
        avoided = known_transitions(document, subject.avoided)
        model = resolve(document, subject.scenario, chosen=chosen, properties=subject.properties, symmetry=False)
    except ModelError as error:
        raise NoEvidence(f"the model has no such instance: {error.problems[0].message}") from None
    if subject_of(replace(model, avoided=avoided)) != replace(subject, claims=0, states=0, transitions=0, values=None):
        raise NoEvidence(f"scenario {subject.scenario} means something else than when the evidence was found")
    return replace(model, avoided=avoided)


def subject_of(model: Model) -> Subject:
    """What a resolved model is asked, as evidence says it; with no states yet."""
    return Subject(
        scenario=model.scenario,
        changes=list(model.changes),
        readings={one.name: one.value for one in model.readings},
        options={one.name: one.value for one in model.options},
        parameters={one.name: one.value for one in model.parameters},
        properties=[one.id for one in model.properties],
        avoided=sorted(model.avoided),
        meaning=meaning(model),
    )


# ---- a flow or a lasso


def words(product: Product, state: State, step: Step) -> str:
    """A step, so that somebody can read which it is."""
    told = describe(product, state, step)
    return f"{told.instance} {told.transition}" + (f" {told.fault.place}" if told.fault else "")


def _check_flow(product: Product, claim: Claim) -> None:
    """Raise NoEvidence where the steps of a claim are none, or do not decide what it is about."""
    numbers, named = claim.steps or [], claim.words or []
    if len(numbers) != len(named) or len(numbers) > MOST_STEPS:
        raise NoEvidence(f"{claim.id}: its flow has too many steps, or not a word for each")
    states, taken = [product.initial()], list[Step]()
    for at, (number, said) in enumerate(zip(numbers, named, strict=True), 1):
        steps = product.steps(states[-1])
        if number >= len(steps) or words(product, states[-1], steps[number]) != said:
            raise NoEvidence(f"{claim.id}: step {at} of its flow is none that the model takes there")
        taken.append(steps[number])
        states.append(steps[number].target)
    if claim.by == "lasso":
        _check_lasso(product, claim, states, taken)
        return
    if _decided(product, claim, states[-1]) != claim.status:
        raise NoEvidence(f"{claim.id} is not {claim.status} by its flow")


def _decided(product: Product, claim: Claim, state: State) -> str | None:
    if claim.id in CHECKS:
        found = claim.id in {check for check, _ in product.faults(state, product.expand(state))}
        return of_check(found=found, complete=False)
    property_ = product.model.property_of[claim.id]
    hit = PropertyMonitor(product.model, property_).decides(state)
    return of_states(property_, hit=hit, complete=False, coverage=())


def _check_lasso(product: Product, claim: Claim, states: list[State], taken: list[Step]) -> None:
    """Raise NoEvidence where a lasso is no fair run that breaks its property."""
    model, name = product.model, claim.id
    start, loop, monitor = claim.start or 0, claim.loop or 0, LivenessMonitor(model, model.liveness_property_of[name])
    if claim.status != "VIOLATED" or not start <= loop <= len(taken) or states[-1] != states[loop]:
        raise NoEvidence(f"{name}: its lasso has no beginning, or does not close, or breaks nothing")
    values = [monitor.values(state, initial=product.is_initial(state)) for state in states[start:]]
    if not values[0][0] or any(goal for _, goal in values):
        raise NoEvidence(f"{name}: its lasso is not set off, or comes to the goal")
    enabled = [{fair_set_of(model, step) for step in product.steps(state)} - {None} for state in states[loop:]]
    done = {fair_set_of(model, step) for step in taken[loop:]}
    for set_ in set().union(*enabled) - done:
        assert set_ is not None
        assert claim.fairness is not None
        asked = strength(claim.fairness, set_)
        if asked == "strong" or (asked == "weak" and all(set_ in sets for sets in enabled)):
            raise NoEvidence(f"{name}: its loop is not fair")


# ---- all states


class _Whole:
    """All states of a scenario as a file lists them, and the claims that stand on them."""

    def __init__(self, product: Product, subject: Subject, claims: Iterable[Claim], reader: Reader) -> None:
        self.product, self.subject, self.model = product, subject, product.model
        self.claims = [claim for claim in claims if claim.by in ("states", "ranking")]
        if self.claims and not subject.states:
            raise NoEvidence(f"{self.claims[0].id}: no states are listed that it could stand on")
        self.texts = StateTexts(self.model)
        counts = subject.values or []
        if subject.states and len(counts) != len(self.texts.names):
            raise NoEvidence(f"the states of {subject.scenario} have other parts")
        known = [{reader.text(): number for number in range(count)} for count in counts]
        self.numbers = [(part, texts, dict[object, int]()) for part, texts in enumerate(known)]
        self.states: dict[bytes, int] = {}
        for number in range(subject.states):
            row = reader.numbers("state")
            if len(row) != len(known) or self.states.setdefault(self.texts.row.pack(*row), number) != number:
                raise reader.refused("is no state, or one that is listed twice")
        self.rankings = [self._ranking(claim, reader) for claim in self.claims if claim.by == "ranking"]

    def _ranking(self, claim: Claim, reader: Reader) -> Ranking:
        ranks: dict[int, Ranks] = {}
        for _ in range(claim.ranked or 0):
            own = reader.numbers("rank of a state")
            if len(own) < 3 or len(own) % 2 == 0 or own[0] >= len(self.states) or own[0] in ranks:
                raise reader.refused("is no rank of a state, or one that is given twice")
            ranks[own[0]] = tuple(own[1:])
        return Ranking(self.model, claim, ranks, len(self.states))

    def number(self, state: State) -> int:
        """The number of a state in the file."""
        row = []
        for value, (part, texts, known) in zip(self.texts.parts(state), self.numbers, strict=True):
            number = known.get(value)
            if number is None:
                number = texts.get(self.texts.text(part, value))
                if number is None:
                    return -1
                known[value] = number
            row.append(number)
        return self.states.get(self.texts.row.pack(*row), -1)

    def check(self, watcher: Watcher) -> None:
        """Look at every state once. Raises NoEvidence where the states are not all there are, or break a claim."""
        product, looked, transitions = self.product, 0, 0
        judged = [_OfStates(claim, product) for claim in self.claims if claim.by == "states"]
        waiting, met = [(self.number(state), state) for state in product.beginnings], bytearray(len(self.states))
        for first, _ in waiting:
            if first < 0:
                raise NoEvidence("the initial state is not among the states that are listed")
            met[first] = 1
        while waiting:
            number, state = waiting.pop()
            expansion = product.expand(state)
            faults = {check for check, _ in product.faults(state, expansion)}
            for one in judged:
                one.look(state, faults, product.is_initial(state))
            leaving = []
            for step in expansion.steps:
                target = self.number(step.target)
                if target < 0:
                    raise NoEvidence(f"a step leads out of the states that are listed: {words(product, state, step)}")
                if not met[target]:
                    met[target] = 1
                    waiting.append((target, step.target))
                leaving.append((fair_set_of(self.model, step), target))
            for ranking in self.rankings:
                ranking.look(number, state, product.is_initial(state), leaving)
            looked, transitions = looked + 1, transitions + len(leaving)
            if looked % _SELDOM == 0:
                watcher(self.subject.scenario, looked, len(self.states))
        if looked != len(self.states):
            raise NoEvidence(f"{len(self.states) - looked:,} of the states that are listed are never reached")
        if transitions != self.subject.transitions:
            said = counted(transitions, "step")
            raise NoEvidence(f"between the states are {said}, not {self.subject.transitions:,}")
        every: list[_OfStates | Ranking] = [*judged, *self.rankings]
        for claim, status in ((one.claim, one.status()) for one in every):
            if status != claim.status:
                raise NoEvidence(
                    f"{claim.id} is not {claim.status} by all states" + (f", but {status}" if status else "")
                )


class _OfStates:
    """A claim that stands on all states alone: what it asks of each of them, and what follows."""

    def __init__(self, claim: Claim, product: Product) -> None:
        self.claim, self.found, self.beyond = claim, False, False
        self._outside, model = product.beyond, product.model
        self.monitor: PropertyMonitor | LivenessMonitor | None = None  # of a check there is none
        if claim.id in model.property_of:
            self.monitor = PropertyMonitor(model, model.property_of[claim.id])
        elif claim.id in model.liveness_property_of:
            self.monitor = LivenessMonitor(model, model.liveness_property_of[claim.id])

    def look(self, state: State, faults: set[str], initial: bool) -> None:
        """Note whether a state decides it; of a property of runs, whether it sets it off."""
        if self.monitor is None:
            found = self.claim.id in faults
        elif isinstance(self.monitor, PropertyMonitor):
            found = self.monitor.decides(state)
        else:
            found, _ = self.monitor.values(state, initial=initial)
        self.found = self.found or found
        self.beyond = self.beyond or self._outside(state)

    def status(self) -> str | None:
        """What it is; None where states alone do not say it."""
        if self.monitor is None:
            return of_check(found=self.found, complete=True)
        if isinstance(self.monitor, PropertyMonitor):
            covered = self.monitor.coverage()
            return of_states(self.monitor.property, hit=self.found, complete=True, coverage=covered, beyond=self.beyond)
        return None if self.found else of_runs(broken=False, complete=True, held=False)
