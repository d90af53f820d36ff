"""The evaluator of TLA+ that exports are held against: it counts as TLC does, and refuses what TLC and SANY refuse."""

from __future__ import annotations

import pytest
from tla.evaluate import Misnamed
from tla.explore import Explored, explored, meaning
from tla.grammar import INSTALLED, mistakes
from tla.runs import Behaviours
from tla.tokens import SyntaxMistake
from tla.values import Refused

# Dijkstra's can of beans, after Gries, The Science of Programming, 1981, chapter 13
BEANS = r"""
---- MODULE beans ----
EXTENDS Integers
VARIABLES dark, light \* (* how many *)
Init == \E n \in 1..100 : \E k \in 0..n : dark = k /\ light = n - k
TwoDark == dark >= 2 /\ dark' = dark - 1 /\ light' = light
TwoLight ==
  /\ light >= 2
  /\ light' = light - 2
  /\ dark' = dark + 1
OneOfEach == /\ dark >= 1 /\ light >= 1
             /\ dark' = dark - 1
             /\ UNCHANGED light
Done == dark + light = 1 /\ UNCHANGED <<dark, light>>
Next == TwoDark \/ TwoLight \/ OneOfEach \/ Done
Parity == light % 2 = 0 \/ dark + light > 0
OneLeft == dark + light = 1
vars == <<dark, light>>
Fair == WF_vars(Next)
Ends == <>OneLeft
====
"""


def module(body: str, variables: str = "x") -> str:
    """A small module."""
    return f"---- MODULE m ----\nEXTENDS Integers, Sequences\nCONSTANTS none\nVARIABLES {variables}\n{body}\n====\n"


def found(body: str, *invariants: str) -> Explored:
    """What is found in a small module."""
    return explored(meaning(module(body)), invariants)


def test_it_counts_what_tlc_counted() -> None:
    """tlaplus/Examples says of CoffeeCan, with 100 beans: 5,150 distinct states, 20,002 states generated."""
    assert explored(meaning(BEANS), ["Parity"]) == Explored(5150, 20002, set())


def test_it_decides_what_runs_come_to() -> None:
    beans = Behaviours(meaning(BEANS.replace("1..100", "1..6")))
    assert beans.breaks("Ends", [])
    assert not beans.breaks("Ends", beans.fair("Fair"))


@pytest.mark.parametrize(
    ("guard", "generated"),
    [
        ("x < 1 \\/ x < 2", 4),  # two ways from 0, one from 1
        ("(x < 1 \\/ x < 2) = TRUE", 3),
        ("~(x >= 1 /\\ x >= 2)", 3),
        ("IF x < 1 \\/ x < 2 THEN TRUE ELSE FALSE", 3),
        ("\\E n \\in 1..2 : x < n", 4),
        ("\\E n \\in {1, 2, 1 + 1} : x < n", 4),
        ("LET small == x < 1 \\/ x < 2 IN small", 4),
    ],
)
def test_each_way_to_meet_a_condition_is_a_step(guard: str, generated: int) -> None:
    assert found(f"Init == x = 0\nNext == /\\ {guard}\n        /\\ x' = x + 1").generated == generated


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 - 2 - 3", -4),
        ("2 * 3 + 1", 7),
        ("-7 \\div 2", -3),
        ("(-7) \\div 2", -4),
        ("7 % 4", 3),
        ("{1, 2} \\cup {3} \\ {1}", None),
        ("~(1 = 2) /\\ 1 < 2", True),
        ("LET a == 1 b == a + 1 IN a + b", 3),
        ("[i \\in 1..2 |-> i + i][2]", 4),
        ("[a |-> 1, b |-> [c |-> 2]].b.c", 2),
        ("[[a |-> 1, b |-> <<5, 6>>] EXCEPT !.a = @ + 1, !.b[2] = @ + 1].b[2]", 7),
        ("[[a |-> 1] EXCEPT !.a = 2, !.a = @ + 1].a", 3),
        ("Len(SelectSeq(<<1, 2, 3>>, LAMBDA n : n > 1))", 2),
        ("Head(Tail(<<1, 2, 3>>) \\o <<4>>)", 2),
        ("(1 :> 5 @@ 1 :> 6 @@ 2 :> 7)[1]", 5),
        ("CASE 1 = 2 -> 3 [] 2 = 2 -> 4 [] OTHER -> 5", 4),
        ("CHOOSE n \\in 1..9 : n * n = 49", 7),
        ("\\A n \\in 1..3 : \\E k \\in {m + 1 : m \\in 0..2} : n = k", True),
        ("{1} \\in SUBSET {1, 2}", True),
        ("<<1, 2>> \\in [1..2 -> 0..2]", True),
        ("[a |-> 3] \\in [a : 0..2]", False),
        ("none \\in {none} \\cup 0..2", True),
        ("2 # none", True),
        ("DOMAIN <<4, 4>> = 1..2", True),
        ("UNION {{1}, {1, 2}} = {1, 2}", True),
    ],
)
def test_expressions_have_the_values_of_the_book(text: str, value: object) -> None:
    if value is None:
        with pytest.raises(SyntaxMistake, match="brackets before"):
            found(f"Init == x = {text}\nNext == FALSE")
        return
    assert found(f"Init == x = ({text})\nNext == FALSE\nIs == x = {str(value).upper()}", "Is").violated == set()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('1 = "one"', "1 is compared with 'one'"),
        ('{1, "one"} = {}', "is compared with"),
        ("<<1, 2>>[3] = 1", "3 is not in the domain"),
        ("[a |-> 1].b = 1", "'b' is not in the domain"),
        ("x' = 1", "x' is read before it is said"),
        ("IF 1 THEN TRUE ELSE FALSE", "1 is no truth value"),
        ("none \\in SUBSET {1}", "none is no set"),
    ],
)
def test_what_tlc_would_stop_at_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        found(f"Init == x = 0\nNext == ({text}) = TRUE /\\ x' = 1")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Init == y = 0", "unknown y"),
        ("A == B\nB == 1", "unknown B"),
        ("A(x) == 1", "x is bound, and there already"),
        ("A(n) == \\E n \\in 1..2 : TRUE", "n is bound, and there already"),
        ("A == 1\nA == 2", "A is there already"),
        ("A(n) == n\nB == A", "A is of 1, not 0"),
        ("Len == 1", "Len is there already"),
        ("RECURSIVE A(_)\nB == 1", "is not defined"),
        ("A == LET n == 1 IN {n \\in 1..2 : TRUE}", "n is bound, and there already"),
    ],
)
def test_names_are_looked_at(body: str, said: str) -> None:
    with pytest.raises(Misnamed, match=said):
        found(body)


@pytest.mark.parametrize(
    "text",
    ["1 /\\ 2 \\/ 3", "1 = 2 = 3", "1 +", "[a |-> 1", "{n \\in 1..2 : }", '"open', "IF 1 THEN 2", "a.IF", "(* open"],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(SyntaxMistake):
        found(f"Init == x = {text}\nNext == FALSE")


def test_a_state_of_which_something_is_not_said_is_refused() -> None:
    with pytest.raises(Refused, match="does not say what y is"):
        explored(meaning(module("Init == x = 0 /\\ y = 0\nNext == x' = 1", "x, y")))


def test_states_beyond_a_constraint_are_generated_and_no_states() -> None:
    counter = meaning(module("Init == x = 0\nNext == x' = x + 1\nWithin == x < 3\nSmall == x < 3"))
    assert explored(counter, ["Small"], "Within") == Explored(3, 4, {"Small"})


@pytest.mark.skipif(not INSTALLED, reason="needs tree-sitter and tree-sitter-tlaplus")
def test_the_other_grammar_finds_mistakes() -> None:
    assert mistakes(BEANS) == []
    assert mistakes(BEANS.replace("dark' = dark - 1 /\\", "dark' = = dark")) != []
