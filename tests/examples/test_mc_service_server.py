"""The server of examples/mc_service_server conforms to its model, and each of its ten bugs is found in few steps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import mcfsm
from mcfsm.explore.random.tested import TestedMachine

EXAMPLE = Path(__file__).parents[2] / "examples" / "mc_service_server"
sys.path.insert(0, str(EXAMPLE))

from adapter import ServerAdapter  # noqa: E402
from server import BUGS  # noqa: E402

Steps = list[tuple[str, dict[str, Any]]]
U1, U2, SEE_U1 = "client_u1", "client_u2", ("client_u1__registration_response", {})
ONE: Steps = [(f"{U1}__register", {"at_once": False}), SEE_U1]
BOTH: Steps = [(f"{U2}__register", {"at_once": False}), *ONE]
CALL = (f"{U1}__call", {"callee": "u2", "at_once": False})
SHORTEST: dict[str, Steps] = {
    "lost_invitation": [*BOTH, CALL],
    "stale_record": [*ONE, ("partner__takes_over", {"user": "u1", "at_once": False}), CALL],
    "wrong_id": [(f"{U2}__register", {"at_once": False})],
    "crash_forgets": [*ONE, ("environment__crash_server", {}), ("server__restart", {}), CALL],
    "reply_twice": [(f"{U1}__deregister", {"at_once": False})],
    "wrong_receiver": [*BOTH, CALL],
    "silent_refusal": [CALL],
    "single_place": [(f"{U2}__register", {"at_once": False}), *ONE, CALL],
    "open_door": [CALL],
    "lost_update": [(f"{U2}__register", {"at_once": True}), *ONE, CALL],
}
SAID = {
    "lost_invitation": "silent",
    "stale_record": "call_response(callee=u2, outcome=unknown)",
    "wrong_id": "registration_response(user=u1)",
    "crash_forgets": "call_response(callee=u2, outcome=refused)",
    "reply_twice": "deregistration_response(user=u1)",
    "wrong_receiver": "call_invitation(caller=u1) from server to client(u1)",
    "silent_refusal": "silent",
    "single_place": "call_response(callee=u2, outcome=unknown)",
    "open_door": "call_response(callee=u2, outcome=unknown)",
    "lost_update": "call_response(callee=u2, outcome=",
}


def machine(bug: str | None, **waits: float) -> Any:
    """The state machine of the server with a bug."""
    return mcfsm.stateful(EXAMPLE / "model.yaml", adapter=lambda: ServerAdapter(bug), under_test=["server"], **waits)


@pytest.fixture(scope="module")
def correct() -> Any:
    """The state machine of the server without a bug, with time enough for a busy machine."""
    return machine(None, patience=20, quiet=0.1)


def run(made: type[TestedMachine], steps: Steps) -> None:
    """An example of these steps."""
    state = made()
    try:
        for name, values in steps:
            getattr(state, name)(**values)
    finally:
        state.teardown()


def test_every_bug_has_a_flow() -> None:
    assert list(SHORTEST) == list(BUGS) == list(SAID)


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_found_by_its_flow(bug: str) -> None:
    with pytest.raises(mcfsm.NonConformance) as caught:
        run(machine(bug, patience=1, quiet=0.5), SHORTEST[bug])
    assert SAID[bug] in str(caught.value)
    if SAID[bug] != "silent":
        assert caught.value.received is not None


@pytest.mark.parametrize("bug", BUGS)
def test_the_server_without_bugs_does_what_the_model_says(correct: Any, bug: str) -> None:
    run(correct, SHORTEST[bug])


def test_the_message_says_what_came_and_what_might_have() -> None:
    with pytest.raises(mcfsm.NonConformance) as caught:
        run(machine("wrong_id", patience=20), SHORTEST["wrong_id"])
    first, second = str(caught.value).splitlines()[:2]
    assert first == (
        "The system sends what the model does not allow after 1 step:"
        " registration_response(user=u1) from server to client(u2)."
    )
    assert second == "Possible there: registration_response(u2) from server to client(u2)."
    assert "asks to be registered" in str(caught.value)


@pytest.mark.long
@pytest.mark.parametrize("walks", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_walks_find_nothing_in_the_server_without_bugs(walks: int) -> None:
    made = machine(None, patience=8, quiet=0.1)
    chosen = settings(made.TestCase.settings, max_examples=walks, stateful_step_count=15, database=None)
    run_state_machine_as_test(made, settings=chosen)


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_walks_find_each_bug_and_shrink_it(bug: str) -> None:
    made = machine(bug, patience=0.5, quiet=0.1)
    made.TestCase.settings = settings(made.TestCase.settings, max_examples=1500, stateful_step_count=20, database=None)
    with pytest.raises(mcfsm.NonConformance) as caught:
        made.TestCase("runTest").runTest()
    assert len(caught.value.calls) <= len(SHORTEST[bug]) + 2, caught.value.calls
