"""What every error code means: the catalogue behind `mcfsm explain CODE`.

M1xx reading a file, M2xx its shape, M3xx names, M4xx expressions and domains, M5xx transitions, M6xx scenarios, M7xx
while a model runs, M9xx flows that are replayed; M8xx are findings of lint and stand in `mcfsm.lint.catalogue`. Each
code is followed by the bad model in tests/diagnostics/cases that shows it (- where only a run or a command can), a
title, an explanation, and an example: - wrong, + right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill, indent

from mcfsm.lint.catalogue import CATALOGUE

_CATALOGUE = """
M101 unquoted_set: No YAML
  The file is not written in YAML 1.2, or is no UTF-8 text. The usual reasons are a bracket that is not closed, a
  tab, a wrong indentation, and an expression with one of : { } [ ] # @ that stands without quotes.
- variables: {sent: Count = 0, seen: set[User]
+ variables: {sent: Count = 0, seen: 'set[User]'

M102 two_documents: A second document
  A line --- begins a second YAML document, and a model file holds one. Put the rest into another file and include
  it.
- ---
- roles:
+ roles:

M103 unknown_alias: An unknown alias
  YAML reads * at the beginning of a value as an alias of an anchor, and there is no such anchor before it. An
  expression that begins with * is meant as something else: quote it.
- never: *cl
+ never: cl.sent > 2

M104 too_many_instances: Too much of something
  Files, values, depths and counts are bounded, so that no file can make mcfsm hang. Aliases count as often as they
  are used. Split a large model over files with include; a scenario has at most 64 instances, a role 2,000
  transitions.
- c0: client, c1: client, c2: client, c3: client
+ c: {role: client, count: 4}

M105 tag: A YAML tag
  YAML reads ! at the beginning of a value as a tag, and tags have no meaning in a model. In expressions, negation
  is written not.
- conditions: !present(msg.who)
+ conditions: not present(msg.who)

M106 mangled_call: An expression cut by YAML
  Inside { } and [ ] YAML ends a text without quotes at a comma. What is left has brackets that do not match. Quote
  the whole expression.
- conditions: Id(ann, 1) == Id(bob, 2)
+ conditions: "Id(ann, 1) == Id(bob, 2)"

M107 key_is_a_list: A key that is no name
  A mapping has names as keys. A list or a mapping as a key usually is an expression that YAML took apart.
- [model]: ping
+ model: ping

M108 duplicate_transition_key: Given twice
  The same key, name or element stands twice: in one mapping, in one message that is sent, or in two files of one
  model. Nothing says which was meant.
- {trigger: pong, source: waiting, source: idle,
+ {trigger: pong, source: [waiting, idle],

M109 missing_include: A file that cannot be read
  The file does not exist, is no file, or may not be read. A directory is a model if it has a model.yaml.
- include: [mesages.yaml]
+ include: [messages.yaml]

M110 clauses_outside: A file outside the model's directory
  include and clauses name files relative to the model, beside or below it, also after symbolic links are followed.
  So a model from elsewhere cannot read your files.
- clauses: ../clauses.yaml
+ clauses: clauses.yaml

M111 circular_include: A file that includes itself
  Following include leads back to a file that is still being read. Leave out one include of the circle.
- include: [a.yaml]
+ include: []

M201 unknown_key: An unknown key
  The mapping has a fixed set of keys, and this is none of them. The hint names the nearest. A key that is part of
  an expression means that the expression wants quotes.
- sorce: waiting
+ source: waiting

M202 bound_missing: Something is missing
  What has to be said is not: a key, a role's states or initial state, a variable's initial value where none is
  natural, a role's parameter, a channel's bound. Nothing of this is guessed.
- channels: {default: {kind: fifo}}
+ channels: {default: {kind: fifo, bound: 1}}

M203 mangled_set: The wrong shape
  A text stands where a list or a mapping is expected, or the other way round, or two things are said that exclude
  each other. { } without quotes is a mapping, also where the empty set was meant.
- seen: {ann}
+ seen: "{ann}"

M204 unknown_kind: None of the words allowed
  Only the listed words may stand here, as written.
- kind: users
+ kind: user

M301 unknown_state: An unknown state or region
  The role, region or observer has no state of this name, or the role no such region. Alternatives in source are
  states of one region; a map joins regions.
- dest: idel
+ dest: idle

M302 unknown_message_sent: An unknown message
  Messages that are sent, received, ignored, deferred or asked for are declared under messages.
- send: [{pung: {to: sender}}]
+ send: [{pong: {to: sender}}]

M303 unknown_element_read: An unknown element
  The message is declared without an information element of this name.
- conditions: msg.nummer < 3
+ conditions: msg.number < 3

M304 state_assigned: What cannot be assigned
  set changes variables of its own role or observer, or entries of those that are maps. Parameters, elements and
  other instances do not change; a state changes by dest.
- set: {state: idle}
+ dest: idle

M305 shadowed_value: A name with two meanings
  Values, states, domains, roles, instances, readings and definitions share one set of names, and what is a role's
  own may not hide one of them. Two roles may have states of the same name, and enumerations may share values.
- states: [ready, ann]
+ states: [ready, answering]

M306 unknown_domain: An unknown domain
  A domain is bool, a range 0..3, a name declared under domains (above, within domains), a role or group of
  instances (not within domains), set[T], map[K, V], or T? for a value that may be none.
- number: Cuont
+ number: Count

M307 hyphen_in_name: What cannot be a name
  A name has letters, digits and _, does not begin with a digit, and is neither a word of the language or of Python
  nor one of the functions of expressions.
- states: [ready, not-ready]
+ states: [ready, not_ready]

M308 unknown_clause: An unknown clause
  The model names a clauses file, and no item of this id is in it. Ids are compared as written: 10.10 is not 10.1.
- clause: [10.1-2, 10.1-22]
+ clause: 10.1-2

M309 unknown_reading: An unknown parameter, reading or option
  The model, or the role of the instance, does not declare it; on the command line, too.
- under: {notfy: after}
+ under: {notify: after}

M310 unknown_reading_value: An unknown value of a reading or option
  The values that a reading or option can have are listed where it is declared.
- under: {notify: [first, afterr]}
+ under: {notify: [first, after]}

M311 duplicate_state: Listed twice
  A state of a role (in any of its regions), a value of an enumeration or an element of a message stands twice.
- states: [idle, waiting, idle]
+ states: [idle, waiting]

M312 unknown_role: An unknown role
  Instances run roles declared under roles.
- srv: sever
+ srv: server

M313 unknown_property_expected: An unknown property
  A scenario expects or lists a property, or a command asks for one, that is neither declared under properties nor
  one of the built-in checks, or that no scenario asked for checks.
- expect: {smal: violated}
+ expect: {small: violated}

M314 duplicate_id: An id used twice
  The id of a transition is unique in the model. By default it is role.trigger.n, counted in the role.
- {id: answer, trigger: pong,
+ {id: hear_answer, trigger: pong,

M315 observer_of_unknown_transition: An unknown transition
  An observer names a transition that fired by its id: as given, or role.trigger.n.
- on: {fired: anwser}
+ on: {fired: answer}

M316 -: No flow to draw
  The property was decided without a message flow: a proved promise has none. Try another reading, or a scenario in
  which it is violated.
- mcfsm draw model.yaml --trace small
+ mcfsm draw model.yaml --trace small --reading notify=after

M317 change_unknown: An unknown change
  The files listed under changes propose no change of this id; with and --with name those that are applied.
- with: [fastr]
+ with: [faster]

M318 change_of_nothing: A change to what is not there
  A change replaces and removes parts that the model has, and adds to messages, roles, transitions and scenarios that it
  has. A transition is named by the id that the model gives it.
- replace: {elements: {pong: {nummber: 0..7}}}
+ replace: {elements: {pong: {number: 0..7}}}

M319 change_adds_again: Added, and there already
  A change adds what the model does not have. To write a part anew, replace it.
- add: {elements: {pong: {number: 0..7}}}
+ replace: {elements: {pong: {number: 0..7}}}

M320 changes_overlap: Two edits of one part
  Two changes that are applied together, or two edits of one change, touch the same part, or one a part and the other
  what holds it. Nothing says which was meant: apply one of them, or edit smaller parts.
- with: [faster, slower]
+ with: [faster]

M321 change_twice: A change that is there twice
  A change is applied once, and has an id that no other has.
- with: [faster, faster]
+ with: [faster]

M401 single_equals: No expression
  The text does not follow the syntax of expressions, which is that of Python: and, or, not, ==, in. The caret
  stands where reading it failed.
- never: cl.sent = 2
+ never: cl.sent == 2

M402 definition_chain: Too long or too deep
  Expressions have at most 4,000 characters and 40 levels, and 100 levels with their definitions written out;
  domains have 8 levels. Name parts under define.
- a98: not a97
+ a98: a97

M403 unknown_name: An unknown name
  The name has no meaning where it stands. Instances and definitions are known in properties, variables in their
  role, msg and sender in receptions; regions that a scenario leaves out are unknown in it.
- never: cl.sent > tow
+ never: cl.sent > 2

M404 value_outside_domain: The wrong domain
  A value is not of the domain that its place asks for, or two values are compared that can never be equal.
  Conditions are bool; enumeration values are told apart by name; T? has to be more than none where a T is needed.
- set: {sent: 4}
+ set: {sent: 3}

M405 python_none: Not part of the language
  Expressions are a small part of Python's: names, numbers, comparisons, arithmetic, sets, quantifiers over sets,
  and a few functions. There are no strings, lists, lambdas or calls of anything else. Nothing is ever executed.
- never: cl.last == None
+ never: cl.last == none

M406 choose_from_too_many: Too many values
  A domain has more values than can be listed (4,096; 256 for the keys of a map), or evaluating the expression would
  take millions of steps. Walk smaller sets.
- choose: {n: 0..99999}
+ choose: {n: 0..99}

M407 other_instance_in_role: What only a property can ask
  A role sees its own variables and the message it receives. The states of other instances and the channels can be
  asked in properties and definitions.
- conditions: cl.sent < 3
+ conditions: msg.number < 3

M408 present_of_mandatory: A mandatory element is always present
  present(msg.x) has a meaning for optional elements, declared as x?.
- conditions: present(msg.number)
+ conditions: present(msg.who)

M409 unbounded_integer: No finite domain
  Every domain is finite and has at least one value: a range has two bounds, an enumeration a value, set[T] one
  domain inside, map[K, V] two.
- sent: int = 0
+ sent: 0..3 = 0

M410 circular_definition: A definition that reads itself
  Definitions are written out where they are read, so none may lead back to itself.
- define: {first: second or third, second: not first,
+ define: {first: second or third, second: not third,

M501 missing_mandatory_element: A mandatory element is not given
  A message that is sent gives every element declared without ?.
- send: [{ping: {to: srv}}]
+ send: [{ping: {to: srv, number: sent}}]

M502 mandatory_left_open: A mandatory element cannot be left open
  x?: e in a send explores the message with x and without it, which only an optional element allows.
- send: [{ping: {to: srv, number?: sent}}]
+ send: [{ping: {to: srv, number: sent}}]

M503 assigned_twice: Assigned twice in one step
  The assignments of a transition happen at once and read the values before it, so a variable, or an entry of a map,
  has at most one.
- {"book[ann]": "1", "book": "book"}
+ {"book[ann]": "1"}

M504 reception_with_kind: A reception has no kind, anything else has one
  A transition whose trigger is a message is a reception, and may say from. Any other trigger is spontaneous and has
  a kind: protocol or timer (fair), user or environment (not fair).
- trigger: pong, kind: user
+ trigger: pong

M505 clause_missing: Neither clause nor assumption
  The model names a clauses file, so every transition and property cites an item of it, or says in one sentence what
  is assumed where the text is silent.
- {trigger: pong, source: waiting, dest: idle}
+ {trigger: pong, source: waiting, dest: idle, clause: 10.1-2}

M506 budget_on_protocol: A budget on what is not restrained
  Budgets limit what users and the environment do. A limit on the protocol itself would hide its behaviour.
- kind: protocol, source: idle, dest: waiting, budget: calls
+ kind: user, source: idle, dest: waiting, budget: calls

M507 ignored_and_deferred: Ignored and deferred
  A message is consumed without effect (ignore) or stays for later (defer); in one state it cannot be both.
- defer: {ping: [ready]}
+ defer: {}

M508 sent_to_nobody: Sent to nobody
  A message goes to an instance, to a set of instances or to the sender: to says which. In this scenario the set is
  certainly empty, or to is missing.
- send: [{ping: {number: sent}}]
+ send: [{ping: {to: srv, number: sent}}]

M509 timer_never_started: A timer that does not fit
  A role lists its timers; start and stop of a transition name them, and for each there is a line of kind timer that
  says what happens when it expires. One that is never started never expires.
- {trigger: patience, kind: timer, source: waiting, dest: idle}
+ {trigger: patience, kind: timer, source: waiting, dest: idle, start: patience}

M510 persistent_unknown: No variable that could survive a crash
  persistent lists variables of the role. Everything else of a local state is lost when an instance crashes.
- persistent: [snet, seen, seen]
+ persistent: [sent, seen]

M601 unknown_scenario_like: An unknown scenario
  like takes what a scenario does not say from another one, which has to exist and not to be like the first. A
  command may also ask for a scenario that is not there.
- two: {like: oen}
+ two: {like: one}

M602 channel_unknown_end: An instance that the scenario does not have
  A role, property or channel speaks of an instance or group that this scenario lacks. List the properties that the
  scenario can check under properties, or add the instance.
- cl -> serv
+ cl -> srv

M603 budget_unknown: A budget that does not fit
  A scenario says how large each budget is that its transitions name (a number, a parameter, or unlimited), and no
  other.
- budgets: {calls: 2, cals: 1}
+ budgets: {calls: 2}

M605 omitted_region_is_joined: A transition joins regions of which some are left out
  A scenario that leaves out a region leaves out the transitions of that region. One that also moves a region that
  stays cannot be divided.
- omit: {server: [power]}
+ omit: {server: [power, line]}

M606 role_in_no_scenario: Nothing would check it
  A role without instances, a property that no scenario checks or an observer that no property reads could be wrong
  without anybody seeing it.
- lonely: {states: [alone], initial: alone}
+ instances: {cl: client, srv: server, last: lonely}

M610 channel_no_pair: Channels
  Every pair of instances that talk has a channel: the line under channels that names it most closely. A line is
  default or sender -> receiver, each an instance, a group or *. A set channel has no bound.
- all: {kind: fifo, bound: 1}
+ default: {kind: fifo, bound: 1}

M611 fault_on_a_set: A fault that cannot be
  Faults of channels are loss, duplication and reordering, those of instances crash and restart. On a set channel none
  happens, since a message stays; a bag has no order. How often is a number, the name of a budget, or unlimited.
- faults: {loss: 1}
+ kind: fifo, bound: 1, faults: {loss: 1}

M701 -: A value left its domain
  Whether the value fits could only be found out by running the model, and in a state that can be reached it does
  not. Guard the transition, or widen the domain.
- {trigger: tick, kind: user, set: {n: n + 1}}
+ {trigger: tick, kind: user, conditions: n < 3, set: {n: n + 1}}

M702 -: An absent element was read
  An optional element has no value where the sender left it out.
- conditions: msg.who == ann
+ conditions: present(msg.who) and msg.who == ann

M703 -: An instance that is not there was asked for
  server(x) was evaluated for a value that names no instance of the scenario. keys(server) is the set of those that
  do.
- send: [{ping: {to: server(active)}}]
+ conditions: active in keys(server)

M704 -: An entry of a map assigned twice in one step
  Two keys were different as written and equal when the transition was taken.
- {"book[a]": "1", "book[b]": "2"}
+ conditions: a != b

M705 -: An observer with two transitions for one event
  An observer is deterministic. Make the conditions of its lines exclude each other.
- - {on: {received: ping}, set: {n: 1}}
- - {on: {received: ping}, set: {n: 2}}
+ - {on: {received: ping}, conditions: n == 0, set: {n: 1}}
+ - {on: {received: ping}, unless: n == 0, set: {n: 2}}

M706 -: The tables of a model outgrow memory
  Local states and contents of channels are numbered, and there are too many. Lower the bounds of channels, or say
  variables in smaller domains.
- channels: {default: {kind: bag, bound: 1000}}
+ channels: {default: {kind: bag, bound: 3}}

M901 -: A step of a flow that cannot be meant
  A step in a flow file names an instance and a transition, a trigger, or the message that it receives, and what it says
  besides must go with the transition: its trigger, the values it leaves open. The only step of the environment is
  freeze.
- {instance: client(u2), transition: C-RG6, chosen: {where: B}}
+ {instance: client(u2), transition: C-RG6, chosen: {next: B}}

M902 -: No value of the domain
  A value in a flow file is written as reports show it: Id(u2, B), with the fields in their order, {A, B} for a set. An
  element without a value (~) is absent, which only an O element can be.
- receives: {message: deregister, elements: {mc_service_id: u2}}
+ receives: {message: deregister, elements: {mc_service_id: "Id(u2, A)"}}

M903 -: A flow that may mean too much
  What a step of a flow leaves out is left open, and every state that it may lead to is followed. There are too many of
  them: say more of the steps before.
- {instance: sender, trigger: send}
+ {instance: sender, transition: send_first, chosen: {datum: a}}
"""


@dataclass(frozen=True)
class Code:
    """One kind of mistake: what it is, a small example with its correction, and the case that shows it."""

    code: str
    title: str
    text: str
    wrong: str
    right: str
    case: str | None

    def render(self) -> str:
        """The explanation as text."""
        wrong, right = indent(self.wrong, "    "), indent(self.right, "    ")
        return f"{self.code}  {self.title}\n\n{fill(self.text, width=96)}\n\nwrong:\n{wrong}\n\nright:\n{right}"


def _codes() -> Iterator[Code]:
    """The entries of the catalogue."""
    for entry in sorted([*_CATALOGUE.strip().split("\n\n"), *CATALOGUE.strip().split("\n\n")]):
        head, *lines = entry.splitlines()
        name, title = head.split(": ", 1)
        code, case = name.split()
        parts = {mark: [line[2:] for line in lines if line[0] == mark] for mark in " -+"}
        text, wrong, right = " ".join(parts[" "]), "\n".join(parts["-"]), "\n".join(parts["+"])
        yield Code(code, title, text, wrong, right, None if case == "-" else case)


CODES: dict[str, Code] = {code.code: code for code in _codes()}
