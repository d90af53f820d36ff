"""What goes wrong in expressions and domains, M4xx."""

CATALOGUE = """
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
  asked in properties and definitions; a line that takes no message may ask the channels from and to its own instance.
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
"""
