"""What goes wrong with names, M3xx: those that mean nothing, and those that mean two things."""

CATALOGUE = """
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

M322 label_empty: What cannot be a label
  A label is what people read in place of an id: a few words, at most 120 characters, and not nothing.
- label: ""
+ label: Registration request
"""
