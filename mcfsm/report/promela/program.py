"""A scenario as a program in Promela: one process, in which each line of a loop is one step, taken as a whole.

So the states of SPIN are the joint states, its transitions the steps and one more for the beginning. A line is what a
role does in one way; its condition has a name of its own, from which deadlock, overflow and a message without an answer
are put together. Of each property and check there is a claim that a state is looked for which decides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mcfsm.expressions.domains import UNCOUNTED, Domain, Integer, Maybe
from mcfsm.model import CHECKS, Model
from mcfsm.problems import counted
from mcfsm.report.exported import MOST_MESSAGES, is_limited, most_messages, refusal, rests_on, told, written_in
from mcfsm.report.promela.expressions import truth
from mcfsm.report.promela.scenario import LocalTerms
from mcfsm.report.promela.steps import Push, SymbolicMachine, SymbolicStep
from mcfsm.report.promela.terms import Term, conj, disj, equal, kinds, known, neg, numbers

MOST_STEPS = 20_000
_SMALL = 255
_NEVER = "never {name} {{ do :: assert(!({name}_decided)) od }} /* {text} */"


def promela(model: Model) -> str:
    """The program of a scenario. Raises ModelError (M615) for what Promela cannot say as the model does."""
    return PromelaProgram(model).text()


class PromelaProgram:
    """The program of a scenario, its steps in the order of its lines. Raises ModelError (M615) as `promela` does."""

    def __init__(self, model: Model) -> None:
        with written_in("Promela"):
            self._write(model)

    def _write(self, model: Model) -> None:
        self.model, self.machine = model, SymbolicMachine(model)
        self.width = self.machine.width()
        for channel in model.channels:
            most = most_messages(model, channel.sender)
            if channel.bound is None and most > MOST_MESSAGES:
                said = f"{most:,}" if most < UNCOUNTED else "very many"
                message = f"{channel.name} may hold {said} messages, of {MOST_MESSAGES:,} at most"
                raise refusal(message, "make the domains of their elements smaller")
        self.steps: list[SymbolicStep] = []
        for step in self.machine.steps():
            self.steps.append(step)
            if len(self.steps) > MOST_STEPS:
                message = f"more than {MOST_STEPS:,} kinds of steps cannot be written in Promela"
                raise refusal(message, "leave fewer values open")

    def text(self) -> str:
        """The whole program."""
        return "\n".join(self.lines()) + "\n"

    def lines(self) -> Iterator[str]:
        """Its lines."""
        body = [
            *self.declarations(),
            "",
            *self.conditions(),
            "",
            *self.decided(),
            "",
            *self.process(),
            "",
            *self.claims(),
        ]
        yield from self.head()
        yield ""
        yield from (f"#define {name} {value}" for name, value in self.machine.names.numbers.items())
        yield ""
        yield from body

    def head(self) -> Iterator[str]:
        """What it is, and how it is run."""
        model = self.model
        yield from (f"{' *' if at else '/*'} {_comment(line)}" for at, line in enumerate(told(model)))
        yield " *"
        yield " * Written by mcfsm export. One line of the loop is one step of the model: their states are the same,"
        yield " * and SPIN counts one transition more, as it counts the beginning."
        if self.has_beginning:
            ways = counted(len(self.machine.product.beginnings), "transition")
            yield f" * It counts one state more, which is before the beginning, and {ways} to begin."
        if model.boundary is not None:
            yield " * It stores states beyond `within` too, without a step; mcfsm counts those by themselves."
        yield " *"
        yield " *   spin -a -o1 -o2 FILE"
        yield " *   gcc -DNOREDUCE -DVECTORSZ=65536 -DNOCLAIM -o pan pan.c && ./pan -E -m1000000 -c0   counts"
        yield " *   gcc -DNOREDUCE -DVECTORSZ=65536 -o pan pan.c && ./pan -E -m1000000 -N NAME         asks a claim"
        if model.liveness_properties:
            names = ", ".join(one.id for one in model.liveness_properties)
            yield f" * Not here, as fairness in SPIN is that of processes and not of steps: {names}"
        yield " */"

    # ---- variables

    def declarations(self) -> Iterator[str]:
        model, machine = self.model, self.machine
        fields = " ".join(f"short e{k};" for k in range(self.width))
        yield f"typedef message {{ short m; {fields} }}"
        yield f"#define copy(a, b) a.m = b.m{''.join(f'; a.e{k} = b.e{k}' for k in range(self.width))}"
        yield f"#define clear(a) a.m = 0{''.join(f'; a.e{k} = 0' for k in range(self.width))}"
        swaps = "; ".join(f"w = a.{f}; a.{f} = b.{f}; b.{f} = w" for f in self.fields())
        yield f"#define swap(a, b) {swaps}; w = 0"
        yield f"#define less(a, b) {self.less()}"
        yield (
            "#define take(q, n, at) k = at; do :: (k + 1 < n) -> copy(q[k], q[k + 1]); k++ :: else -> break od; "
            "n--; clear(q[n]); k = 0"
        )
        yield (
            "#define sort(q, n) k = n - 1; do :: (k > 0 && less(q[k], q[k - 1])) -> swap(q[k], q[k - 1]); k-- "
            ":: else -> break od; k = 0"
        )
        yield "hidden short k; hidden short w;"
        yield ""
        for c, channel in enumerate(model.channels):
            kind = "" if channel.when_full == "error" else f", {channel.when_full} when full"
            if channel.bound is None:
                yield f"bit {machine.queue(c)}[{max(1, machine.slots(c))}]; /* {channel.name}: set */"
            else:
                declared = f"message {machine.queue(c)}[{channel.bound}]; short {machine.count(c)};"
                yield f"{declared} /* {channel.name}: {channel.kind}{kind} */"
        for budget in model.budgets:
            if budget.limit is not None:
                yield f"short {machine.budget(budget.name)} = {budget.limit};"
        if model.allows_freeze:
            yield "bit frozen;"
        if self.has_beginning:
            yield "bit begun;"
        names = [*(one.name for one in model.instances), *(one.name for one in model.observers)]
        for i, name in enumerate(names):
            yield f"/* {name} */"
            place, first = machine.here[i], machine.initial[i]
            for term, value in zip(place.states, first.states, strict=True):
                yield f"byte {term} = {value};" if len(machine.names.numbers) <= _SMALL else f"short {term} = {value};"
            for variable, tree, start in zip(model.variables_at(i), place.values, first.values, strict=True):
                whole = variable.domain
                for domain, term, begins in zip(kinds(whole), numbers(whole, tree), numbers(whole, start), strict=True):
                    yield f"{_type(domain)} {term} = {begins};"

    def fields(self) -> tuple[str, ...]:
        return ("m", *(f"e{k}" for k in range(self.width)))

    def less(self) -> str:
        found = ""
        for name in reversed(self.fields()):
            rest = f" || (a.{name} == b.{name} && {found})" if found else ""
            found = f"(a.{name} < b.{name}{rest})"
        return found

    # ---- conditions

    def conditions(self) -> Iterator[str]:
        """Of each step when it is possible; and what the built-in checks look for."""
        machine, acting, overflowing = self.machine, [], []
        within = self.model.boundary
        condition: Term = True if within is None else truth(within.condition, {}, machine.world)
        if within is not None:
            yield f"#define within {_truth(condition)} /* {_comment(within.text)}: beyond it nothing is explored */"
        for number, step in enumerate(self.steps, 1):
            guard = step.guard if within is None else conj("within", step.guard)
            yield f"#define wants_{number} {_truth(guard)}"
            yield f"#define can_{number} (wants_{number} && {_truth(step.room)})"
            if step.actor is not None:
                acting.append(f"can_{number}")
            if step.overflows is not False:
                overflowing.append(f"(wants_{number} && {_truth(step.overflows)})")
        yield f"#define somebody_acts {_truth(disj(*acting))}"
        rest = [
            disj(*(equal(term, machine.value(state)) for state in region.states if state in region.final))
            for i, one in enumerate(self.model.instances)
            for term, region in zip(machine.here[i].states, self.model.role_of[one.name].regions, strict=True)
        ]
        empty: list[Term] = [f"({machine.count(c)} == 0)" for c, one in enumerate(self.model.channels) if one.awaited]
        yield f"#define all_rest {_truth(conj(*rest, *empty))}"
        unspecified = disj(*machine.unspecified())
        found: tuple[Term, ...] = ("(!somebody_acts && !all_rest)", unspecified, disj(*overflowing))
        for check, decided in zip(CHECKS, found, strict=True):
            yield f"#define {self.claim(check)}_decided {_truth(self.inside(decided))}"

    def inside(self, decided: Term) -> Term:
        """What is asked of states, of those since the beginning that lie within the boundary."""
        return conj(self.begun, True if self.model.boundary is None else "within", decided)

    def decided(self) -> Iterator[str]:
        """Of each property of states when a state decides it."""
        for one in self.model.state_properties:
            condition = truth(one.condition, {}, self.machine.world)
            premise = True if one.premise is None else truth(one.premise, {}, self.machine.world)
            yield f"/* {one.id}: {_comment(one.text)} */"
            met = neg(condition) if one.form == "always" else condition
            yield f"#define {self.claim(one.id)}_decided {_truth(self.inside(conj(premise, met)))}"

    def claims(self) -> Iterator[str]:
        """A claim for each of them, which is violated in a state that decides it."""
        for check, text in CHECKS.items():
            yield _NEVER.format(name=self.claim(check), text=text)
        for one in self.model.state_properties:
            says = "violated: it is reachable" if one.form == "reachable" else "violated: it is broken"
            yield _NEVER.format(name=self.claim(one.id), text=says)

    def claim(self, name: str) -> str:
        """The name in the program of a property or check."""
        return self.machine.names.macro(name)

    # ---- steps

    def process(self) -> Iterator[str]:
        """The process that takes them."""
        temporary = max((len(self.effect(step)[0]) for step in self.steps), default=0)
        yield from (f"hidden int t{i};" for i in range(temporary))
        yield f"active proctype {self.machine.names.macro(f'scenario_{self.model.scenario}')}() {{"
        yield from self.beginnings()
        yield "  do"
        for number, step in enumerate(self.steps, 1):
            kept, does = self.effect(step)
            reset = [f"t{i} = 0;" for i in range(len(kept))]
            yield f"  /* {_comment(step.title)}{_comment(rests_on(step.line))} */"
            yield f'  :: d_step {{ can_{number} -> printf("step {number}\\n"); {" ".join([*kept, *does, *reset])} }}'
        yield "  od"
        yield "}"

    @property
    def has_beginning(self) -> bool:
        """Whether the process has a step in which it begins: in one of several states, or with messages at first."""
        return bool(self.model.first_messages) or not self.machine.product.initial().begun

    @property
    def begun(self) -> Term:
        """Whether it has begun."""
        return "begun" if self.has_beginning else True

    def beginnings(self) -> Iterator[str]:
        """The step in which the process begins, where it has one."""
        if not self.has_beginning:
            return
        machine, product = self.machine, self.machine.product
        joins: list[str] = []
        for sender, receiver, message in self.model.first_messages:
            channel = self.model.channel_of[sender, receiver]
            joins += self.sent(Push(channel, True, tuple(self.flat(message.name, message.elements))))
        yield "  if"
        for state in product.beginnings:
            sets = [
                f"{name} = {value};"
                for i in range(len(self.model.instances))
                for name, value in self.assigned(i, machine.constant(i, state.locals[i]))
                if str(value) not in (str(first) for n, first in self.assigned(i, machine.initial[i]) if n == name)
            ]
            said = ", ".join(f"{part.name(self.model)} = {part.shown(self.model, state)}" for part in product.left_open)
            yield f"  /* the beginning{': ' * bool(said)}{_comment(said)} */"
            yield f"  :: d_step {{ !begun -> {' '.join([*sets, *joins])} begun = 1; }}"
        yield "  fi;"

    def assigned(self, i: int, after: LocalTerms) -> Iterator[tuple[Term, Term]]:
        """Each number that a local state of an instance is made of, by its name in the program, and its value."""
        here = self.machine.here[i]
        yield from zip(here.states, after.states, strict=True)
        for declared, name, value in zip(self.model.variables_at(i), here.values, after.values, strict=True):
            yield from zip(numbers(declared.domain, name), numbers(declared.domain, value), strict=True)

    def effect(self, step: SymbolicStep) -> tuple[list[str], list[str]]:
        """What is kept of before, and what is done: the message taken, messages sent, values set."""
        machine, kept, does = self.machine, list[str](), list[str]()
        written: set[str] = set()

        def safe(term: Term) -> Term:
            """A term as it was before the step: kept, where something it reads is written by now."""
            if known(term) or written.isdisjoint(re.findall(r"[A-Za-z_]\w*", str(term))):
                return term
            line = f"= {term};"
            for at, one in enumerate(kept):
                if one.endswith(line) and one == f"t{at} {line}":
                    return f"t{at}"
            kept.append(f"t{len(kept)} {line}")
            return f"t{len(kept) - 1}"

        if step.consumes is not None:
            c, at = step.consumes
            written |= {machine.queue(c), machine.count(c)}
            does.append(f"take({machine.queue(c)}, {machine.count(c)}, {at});")
        for push in step.pushes:
            sent = Push(push.channel, safe(push.condition), tuple(safe(one) for one in push.numbers))
            does += self.sent(sent)
            written |= {machine.queue(push.channel), machine.count(push.channel)}
        does += step.own
        if is_limited(self.model, step.budget):
            does.append(f"{machine.budget(step.budget or '')}--;")
        for name, term in self.assignments(step):
            does.append(f"{name} = {safe(term)};")
            written.add(str(name))
        return kept, does

    def assignments(self, step: SymbolicStep) -> Iterator[tuple[Term, Term]]:
        """The numbers that change, and what they become."""
        for i, after in step.places.items():
            before = self.machine.here[i]
            pairs = list(zip(before.states, after.states, strict=True))
            for declared, old, new in zip(self.model.variables_at(i), before.values, after.values, strict=True):
                if old is not new:
                    pairs += zip(numbers(declared.domain, old), numbers(declared.domain, new), strict=True)
            yield from ((old, new) for old, new in pairs if str(old) != str(new))

    def sent(self, push: Push) -> Iterator[str]:
        """A message that joins its channel."""
        machine, channel = self.machine, self.model.channels[push.channel]
        q, count = machine.queue(push.channel), machine.count(push.channel)
        if channel.bound is None:
            for at, (name, values) in enumerate(machine.messages(push.channel)):
                each = zip(push.numbers, self.flat(name, values), strict=False)
                alike = name == machine.names.message_of(push.numbers[0])
                there = conj(push.condition, *(equal(one, other) for one, other in each)) if alike else False
                if there is not False:
                    yield _where(there, f"{q}[{at}] = 1;")
            return
        fields = (f"{q}[{count}].{name} = {value};" for name, value in zip(self.fields(), push.numbers, strict=False))
        joins = " ".join([*fields, f"{count}++;", *([f"sort({q}, {count});"] if channel.kind == "bag" else [])])
        lost = f"({count} < {channel.bound})" if channel.when_full == "lose" else True
        yield _where(conj(push.condition, lost), joins)

    def flat(self, name: str, values: tuple[Any, ...]) -> list[Term]:
        """The numbers of a message that may be in a set."""
        found: list[Term] = [self.machine.names.message(name)]
        for (_, domain, optional), value in zip(self.model.form_of[name].elements, values, strict=True):
            tree = self.machine.fixed(domain, value, optional)
            found += numbers(Maybe(domain) if optional else domain, tree)
        return found


def _where(condition: Term, does: str) -> str:
    """Something that is done where a condition holds."""
    return does if condition is True else f"if :: {condition} -> {does.rstrip(';')} :: else -> skip fi;"


def _truth(term: Term) -> str:
    return str(term).lower() if isinstance(term, bool) else str(term)


def _type(domain: Domain) -> str:
    if isinstance(domain, Integer):
        return "byte" if domain.low >= 0 and domain.high <= _SMALL else "int"
    return "short" if not hasattr(domain, "size") or domain.size() != 2 else "byte"


def _comment(text: str) -> str:
    """A text as it may stand in a comment."""
    return " ".join(str(text).replace("*/", "* /").replace("/*", "/ *").split())
