"""What goes wrong in transitions (M5xx) and scenarios (M6xx)."""

CATALOGUE = """
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
  default or sender -> receiver, each an instance, a group or *. A set channel has no bound, and no may_stay.
- all: {kind: fifo, bound: 1}
+ default: {kind: fifo, bound: 1}

M611 fault_on_a_set: A fault that cannot be
  Faults of channels are loss, duplication, reordering and corruption, those of instances crash and restart. On a set
  channel none happens, since a message stays; a bag has no order. How often is a number, the name of a budget, or
  unlimited. A message that may be corrupted has at most 256 others that differ from it in one element.
- faults: {loss: 1}
+ kind: fifo, bound: 1, faults: {loss: 1}

M612 interchangeable_roles: A set of interchangeable instances that cannot be
  interchangeable lists sets of instances that are explored up to permutation. A set has instances of one role that
  stand side by side: all in one group, or each alone. No instance is in two sets, and all sets together have at most
  720 permutations.
- interchangeable: ["{cl, srv}"]
+ interchangeable: [cl]

M613 singled_out: Interchangeable instances that are told apart
  Nothing in the model may tell interchangeable instances apart: no property, observer, transition or initial value
  names one of them, or reads its number; parameters, channels, crashes and domains are the same when two change
  places; and nothing depends on the order in which the scenario lists them. So an observer does not see a message to
  several of them in one step, and a quantifier does not fail for one before it looks at another.
- never: "at(cl(1), waiting) and at(cl(2), waiting)"
+ never: "any(at(a, waiting) and at(b, waiting) for a in cl for b in cl if a != b)"

M614 -: A promise about runs that tells interchangeable instances apart
  Up to permutation a promise about runs (leads_to, eventually, always_eventually) is decided if it says the same of all
  interchangeable instances. One that names one of them, or reads its number, is decided with --no-symmetry; or leave it
  out of the scenario.
- leads_to: ["at(cl(1), waiting)", "at(cl(1), served)"]
+ leads_to: ["any(at(c, waiting) for c in cl)", "all(not at(c, waiting) for c in cl)"]

M615 -: What another tool cannot say
  A model is exported as it is or not at all. What the language of the other tool has no words for is named: in
  Promela that is a set channel that may hold more than 1,000 messages, a domain that is too large to be written
  out, and more than 20,000 kinds of steps; in Promela and TLA+, an element that is left open in a message whose
  content depends on who gets it. Properties of runs are left out where they would mean something else, and the text
  that is written names them. A machine of the library transitions sees no channels: a role that asks them
  (in_flight, how_many) is none.
- channels: {default: {kind: set}}
+ channels: {default: {kind: bag, bound: 3}}

M616 boundary_without_value: A boundary that cannot be
  within says up to where a scenario is explored: a condition that has a value in every joint state, or nobody could
  tell whether that one is explored, and that is true in an initial state, or nothing would be.
- within: "cl.book[ann] + 1 <= 2"
+ within: "cl.book[ann] == none or cl.book[ann] + 1 <= 2"

M617 begin_never: A beginning that cannot be
  A scenario begins in every combination of initial values that meets its conditions: at least one has to, a set of
  initial values has an element, and a channel has room for what is in it at first. An observer begins with one value,
  and so does what may crash, unless it is persistent: nobody could tell what it has again after a restart.
- begin: {conditions: cl.sent != 0}
+ begin: {conditions: cl.sent == 0}

M618 -: What several variants in one search cannot do
  mcfsm mutate explores a model and many that differ a little from it in one search, which knows no boundary (within),
  and no lines that ask channels (in_flight, how_many). A check explores such scenarios one by one.
- mcfsm mutate model.yaml
+ mcfsm mutate model.yaml --scenario small
"""
