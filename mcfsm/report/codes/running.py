"""What goes wrong while a model runs (M7xx), a flow is replayed in it, or a text is traced beside it (M9xx)."""

CATALOGUE = """
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
  Local states and contents of channels are numbered, and there are too many; or one transition leaves more combinations
  of values open than can be tried. Lower the bounds of channels, say variables in smaller domains, choose less at once.
- channels: {default: {kind: bag, bound: 1000}}
+ channels: {default: {kind: bag, bound: 3}}

M707 -: The smallest or largest of nothing
  min and max of a set have a value where it has an element. Ask for one first, or add one that is always there.
- {trigger: next, kind: user, set: {n: min(free)}}
+ {trigger: next, kind: user, conditions: "free != {}", set: {n: min(free)}}

M901 -: A step of a flow that cannot be meant
  A step in a flow file names an instance and a transition, a trigger, or the message that it receives, and what it says
  besides must go with the transition: its trigger, the values it leaves open. The steps of the environment are freeze
  and faults; a restart is a step of its instance.
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

M904 -: A log that cannot be read
  A message log has one JSON object in each line: sender, receiver, message, and elements where it has any. Of other
  forms, packets exported by tshark among them, --names has a file that says which fields say these.
- {"from": "client(u1)", "to": "server", "message": "call_request"}
+ {"sender": "client(u1)", "receiver": "server", "message": "call_request", "elements": {"callee": "u2"}}

M905 -: A system that cannot be tested so
  Some instances of a scenario are the system under test, and the others are the tester's, whose steps are done to it.
  Between them the channels are fifo or bag: from a set a message is received again and again, which nothing on a wire
  does.
- mcfsm.stateful(path, adapter=ServerAdapter)
+ mcfsm.stateful(path, adapter=ServerAdapter, under_test=["server"])

M906 -: A machine of transitions that cannot be taken as it is
  Callbacks and conditions are run to find out what they do, so they have to be functions of attributes that are
  declared, with values that are few. What reads a clock or a file, sets what is not declared or talks to somebody is
  refused by name; what sends a message to another machine is said to, and is not run then.
- mcfsm.from_transitions({"heater": machine})
+ mcfsm.from_transitions({"heater": machine}, attributes={"heater": {"warmth": range(4)}})

M951 -: A text that cannot be read
  mcfsm trace reads a .txt in UTF-8 and a .docx. An old .doc and a document with a password are saved in one of them
  first; a damaged file is saved anew.
- mcfsm trace cr.doc
+ mcfsm trace cr.docx

M952 -: A text that is refused
  A document with macros, with entities or a document type of XML, with a part of its text in another document, or
  nested deeper than any text may do harm or hide what it says. Nothing in it was run. Save it as a plain .docx in a
  word processor.
- mcfsm trace cr.docm
+ mcfsm trace cr.docx

M953 -: A text that is too large
  A document is read up to 200,000 paragraphs and 128 MB unpacked, and no part of it may grow more than 300-fold: a file
  that does is made to fill memory. Trace the clauses that are changed alone.
- mcfsm trace whole_specification.docx
+ mcfsm trace change_request.docx

M954 -: A change that has no place in a text
  mcfsm propose --into puts what a candidate adds into a .docx, behind the parts on which the items before it stand. The
  clause has to be in the text, and what is written anew or goes is left to its author: in the text, an item may be a
  part of a sentence.
- mcfsm propose model.yaml --change order --for K2 --into other_clause.docx -o cr.docx
+ mcfsm propose model.yaml --change order --for K2 --into clause.docx -o cr.docx
"""
