"""What goes wrong while a file is read: M1xx where it cannot be, M2xx where what it says has the wrong shape."""

CATALOGUE = """
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
"""
