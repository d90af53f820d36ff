"""What the codes of lint mean: the part of the catalogue behind `mcfsm explain CODE` that stands with its findings.

Each code is followed by the model in tests/diagnostics/lint_cases that shows it; else as in `mcfsm.report.codes`.
"""

CATALOGUE = """
M801 unused_message: An unused message
  The message is declared, and no role sends, receives, ignores or defers it, in any scenario and under any reading or
  option. A finding of mcfsm lint.
- pang: {}
+ messages: {ping: {number: Count}, pong: {}}

M802 sent_to_no_line: Sent to somebody who has no line for it
  None of the instances that the message may go to has a transition for it, or ignores or defers it. On a fifo or bag
  channel this is an unspecified reception as soon as it is sent. A finding of mcfsm lint.
- {trigger: pong, source: waiting, dest: idle, send: [{pong: {to: srv}}]}
+ {trigger: pong, source: waiting, dest: idle}

M803 nobody_sends: Received, and sent by nobody
  Roles have lines for the message, and no role sends it. The lines can never be taken. A finding of mcfsm lint.
- {trigger: pung, source: waiting, dest: idle}
+ {trigger: pong, source: waiting, dest: idle}

M804 element_never_read: An element that no receiver reads
  No transition for the message asks for the element, or for its presence. Either the procedure does not need it, or a
  transition forgets to look at it. Observers are no receivers. A finding of mcfsm lint.
- {trigger: ping, send: [{pong: {to: sender}}]}
+ {trigger: ping, conditions: msg.number < 3, send: [{pong: {to: sender}}]}

M805 mandatory_may_be_none: A mandatory element that may be none
  The expression that fills a mandatory element reads something that may be none, and no condition of the transition
  asks whether it is. Where it is none when the transition is taken, a search stops (M701); a search that ends has shown
  that it never is. A finding of mcfsm lint.
- source: idle, dest: waiting, send: [{ping: {to: srv, number: last}}]
+ source: idle, dest: waiting, conditions: last != none, send: [{ping: {to: srv, number: last}}]

M806 state_never_entered: A state that no transition leads to
  The state is not initial, and no transition has it as its dest, in any scenario and under any reading or option. A
  finding of mcfsm lint; mcfsm check warns of states that no run ever enters.
- states: [idle, waiting, lost]
+ states: [idle, waiting]

M807 state_never_left: A state that no transition leaves
  The state is not final, and no transition that it allows has another state of its region as dest. An instance that
  enters it stays, and may not rest there. A finding of mcfsm lint.
- final: [idle, waiting]
+ final: [idle, waiting, broken]

M808 two_regions: One message, two regions
  Two transitions for one message name different regions of the role, and no condition keeps them apart. A step fires
  one of them only. A message that concerns both regions is one transition with a map. A finding of mcfsm lint.
- {trigger: ping, source: loud, dest: mute}
+ {trigger: ping, dest: {line: busy, voice: mute}}

M809 never_enabled: A transition that can never be enabled
  One of its conditions reads nothing but constants and parameters and does not hold for any instance in any scenario,
  or two of them exclude each other, or there is nothing to choose. A finding of mcfsm lint.
- conditions: most > 3
+ conditions: most > 1

M810 variable_never_read: A variable that is never read
  No condition, message, other variable, observer or property reads it, so it only multiplies states. A finding of
  mcfsm lint.
- calls: 0..3 = 0
+ variables: {last: Count?}

M811 definition_never_read: A definition that no property reads
  Neither a property nor a definition that a property reads mentions it. A finding of mcfsm lint.
- lost: cl.state == idle and not busy
+ define: {busy: cl.state == waiting}

M812 parameter_never_read: A parameter, a reading or an option that nothing reads
  No line, property, channel or budget names it, so whatever is chosen there says nothing of the model: a verdict that
  is asked under it is the same verdict. A finding of mcfsm lint.
- parameters: {most: 3, tries: 2}
+ parameters: {most: 3}

M813 begin_on_no_way: A first message where nobody sends
  A message is on its way at first between two instances of which the sender sends the receiver nothing, ever. Sender
  and receiver may be the wrong way round. A finding of mcfsm lint.
- begin: {messages: [{note: {sender: srv, receiver: lg}}, {note: {sender: cl, receiver: lg}}]}
+ begin: {messages: [{note: {sender: lg, receiver: cl}}]}
"""
