"""A flow of the migration model in sentences: who does what, with which message, and which items of the text say so.

The words are those of clause 10.16.5: client 1 calls, client 2 belongs to the user who migrates, A is the primary MC
system. 2@B is the MC service ID that user 2 has from B.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcfsm.semantics.trace import Change, Disturbance, SentMessage, Trace, TraceStep

ACTORS = {
    "client(u1)": "client 1",
    "client(u2)": "client 2",
    "client(u3)": "client 3",
    "server(A)": "A",
    "server(B)": "B",
    "server(C)": "C",
    "tablet": "the second client of user 2",
    "key_server": "the KMS",
    "cms(A)": "the CMS of A",
    "idms(A)": "the IdMS of A",
    "idms(B)": "the IdMS of B",
    "cms(B)": "the CMS of B",
    "group_server(A)": "the group function of A",
    "group_server(B)": "the group function of B",
    "group_server(C)": "the group function of C",
    "gms(A)": "the GMS of A",
    "gms(B)": "the GMS of B",
}
MESSAGES = {
    "deregister": "de-registration",
    "migration_service_authorization_request": "authorization request",
    "migration_service_authorization_response": "authorization",
    "registration_response": "acceptance",
    "group_affiliation_request": "request to affiliate",
    "group_deaffiliation_request": "request to de-affiliate",
    "group_deaffiliation_response": "answer to the request to de-affiliate",
    "group_information_request": "question",
}
ACTS = {
    "leave": "leaves for {next}",
    "leave_as_permitted": "leaves, as it is permitted to",
    "register": "asks to be registered",
    "register_with_token": "asks to be registered, with its access token",
    "move": "asks to be registered at {next} too",
    "leave_previous": "leaves where it was",
    "give_up": "gives the newer registration up",
    "give_up_registering": "gives the registration up",
    "log_off": "logs off",
    "change_system": "goes to {next}",
    "dial_primary_id": "calls",
    "dial_cached_id": "calls the ID it has cached",
    "call_current_id": "calls the ID it was given",
    "end_call": "ends the call",
    "ask_for_kms": "asks for the KMS URI",
    "look_up_kms": "looks the KMS URI up",
    "take_kms_from_profile": "takes the KMS URI from its profile",
    "fetch_certificate": "asks for the certificate of the KMS",
    "fetch_private_key": "asks for the key of its new ID",
    "cancel": "ends the registration that it takes to be the previous one",
    "rotate_certificate": "replaces its certificate",
    "provision": "begins to prepare a migration",
    "ask": "asks to be permitted to migrate",
    "exchange_token": "asks for a security token",
    "authenticate_at_home": "authenticates at home",
    "leave_in_call": "releases its call, marks it as suspended and leaves for {next}",
    "leave_in_setup": "gives up the call that it sets up, and leaves for {next}",
    "resume": "begins the suspended call anew",
    "find_the_call_restricted": "may not begin the suspended call anew, and tells its user",
    "reject_held": "rejects the request that it kept",
    "accept_held": "accepts the request that it kept",
    "go_back": "goes back to where it was",
    "begin_to_wait": "begins to wait for the end of the suspension",
    "suspension": "has waited long enough: the suspended call is over",
    "fetch_profile": "asks for the user profile",
    "try_again": "tries again, at {next}",
    "leave_group": "leaves its group, and goes to {next}",
    "affiliate": "asks to be affiliated",
    "de_affiliate_previous": "de-affiliates its older ID",
    "begin_group_call": "begins a group call",
    "end_group_call": "ends the group call",
    "press_to_talk": "asks for the floor",
    "release_floor": "releases the floor",
}
ANSWERED = {  # an answer that says yes or no: the element that does, and either word
    "group_affiliation_response": ("accepted", "acceptance of {}", "refusal of {}"),
    "group_information_response": (
        "listed",
        "answer that the group document has {}",
        "answer that the group document lacks {}",
    ),
    "floor_answer": ("granted", "grant of the floor", "refusal of the floor"),
}
NAMED = {  # the element that tells one such message from another
    "private_call_request": ("called_id", "for {}"),
    "private_call_redirection": ("current_called_id", "to {}"),
    "migration_notification": ("partner_mc_service_id", "naming {}"),
    "group_affiliation_request": ("mc_service_id", "{}"),
    "group_deaffiliation_request": ("mc_service_id", "{}"),
    "group_deaffiliation_response": ("mc_service_id", "{}"),
    "group_information_request": ("mc_service_id", "whether the group document has {}"),
}


def sentences(trace: Trace) -> str:
    """A flow as the items of a numbered list; how a run for ever goes on stands last."""
    lines = [f"{number}. {_step(step)}" for number, step in enumerate(trace.steps, start=1)]
    ending = (trace.ending or "").replace(
        "the run may stop here: nobody has to act", "There it may rest: nobody has to do anything more."
    )
    ending = re.sub(r"^then again from step (\d+), for ever$", r"Then again from step \1, for ever.", ending)
    return "\n".join([*lines, *(["", ending] if ending else [])])


def _step(step: TraceStep) -> str:
    if step.fault is not None:
        return f"**{_fault(step.fault)}**"
    if step.transition == "freeze":
        return "From here on no user does anything more."
    grounds = "; ".join(filter(None, [step.clause, "assumption" if step.assumption else None]))
    sentence = _taken(step) if step.receives is not None else _done(step)
    return f"{sentence[0].upper()}{sentence[1:]}{f' ({grounds})' if grounds else ''}."


def _done(step: TraceStep) -> str:
    """What somebody does without having been sent a message, and what that sends."""
    act = ACTS.get(step.trigger, step.trigger.replace("_", " ")).format(**dict(step.chosen))
    sent = ", ".join(_sent(one) for one in step.sends)
    return f"{_who(step.instance)} {act}{f': {sent}' if sent else ''}"


def _taken(step: TraceStep) -> str:
    """What a message leads to: what the primary notes, and what is sent, or passed on as it was."""
    assert step.receives is not None
    came = _message(step.receives.message, dict(step.receives.elements))
    parts = [f"{_who(step.instance)} receives the {came} from {_who(step.receives.sender)}", *_noted(step)]
    for one in step.sends:
        same = _message(one.message, dict(one.elements)) == came
        parts.append(f"passes it on to {_who(one.receiver)}" if same else f"sends the {_sent(one)}")
    if len(parts) == 1 and (step.transition == "ignore" or (step.assumption and not step.changes)):
        parts.append("does nothing")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _sent(one: SentMessage) -> str:
    return f"{_message(one.message, dict(one.elements))} to {_who(one.receiver)}"


def _who(instance: str) -> str:
    return ACTORS.get(instance, instance)


def _message(name: str, elements: dict[str, str]) -> str:
    words = MESSAGES.get(name, name.replace("_", " "))
    if name == "migration_notification" and "registration_ended" in elements:
        return f"{words} that the registration has ended"
    if name in ANSWERED:
        says, yes, no = ANSWERED[name]
        return (yes if elements[says] == "true" else no).format(_id(elements["mc_service_id"]))
    element, phrase = NAMED.get(name, ("", ""))
    if name == "private_call_request" and "call_redirection" in elements:
        phrase += " with the indication"
    return f"{words} {phrase.format(_id(elements[element]))}" if element in elements else words


def _id(value: str) -> str:
    found = re.fullmatch(r"Id\(u(\d), (\w)\)", value)
    return value if found is None else f"{found[1]}@{found[2]}"


def _noted(step: TraceStep) -> Iterator[str]:
    """What the primary's record says after the step, where it changes."""
    changes: dict[str, Change] = {change.name: change for change in step.changes if change.instance == "server(A)"}
    state, system = changes.get("state"), changes.get("migrated_to")
    if system is not None and system.after != "none":
        yield f"notes that user 2 is at {system.after}"
    elif state is not None and state.after in ("home", "gone"):
        yield f"notes that user 2 is {'at home' if state.after == 'home' else 'registered nowhere'}"


def _fault(fault: Disturbance) -> str:
    if fault.instance is not None:
        who = ACTORS.get(fault.instance, fault.instance)
        return f"{who} crashes." if fault.kind == "crash" else f"{who} is up again, as it was at the beginning."
    message = MESSAGES.get(fault.message or "", (fault.message or "").replace("_", " "))
    ends = f"{ACTORS.get(fault.sender or '', '')} to {ACTORS.get(fault.receiver or '', '')}"
    what = {"loss": "is lost", "duplication": "arrives twice"}.get(fault.kind, "is overtaken")
    return f"The {message} from {ends} {what}."
