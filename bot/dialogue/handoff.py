"""The citizen's side of a handoff: consent, a few details, the ticket, the talk, the rating."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue import menu, walk
from bot.dialogue.turn import Turn
from bot.domain.effects import (
    CancelTicket,
    OpenTicket,
    Outcome,
    RateTicket,
    RelayToHelper,
    SetLocality,
    SetOutcome,
)
from bot.domain.events import HelperSaid, TicketClaimed, TicketClosed
from bot.domain.replies import Priority
from bot.domain.state import Draft, Relay, Session, Slot
from bot.domain.tickets import TicketView
from bot.locality.teams import pick_team
from bot.safety.masking import mask

_NAME_MOST = 60
_PLACE_MOST = 120
_PHONE = re.compile(r"^(?:\+?84|0084|0)(\d{9})$")


def ask_human(turn: Turn, topic: str = "", *, urgent: bool = False) -> None:
    """The person wants a person: ask consent, unless a ticket is open already."""
    waiting = turn.facts.tickets
    if waiting and not (urgent and not any(t.urgent for t in waiting)):
        status(turn)
        return
    session = turn.state.session
    turn.set(draft=Draft(urgent=urgent, topic=topic or (session.guide_id if session else "")))
    yes, no = turn.choice("hand:yes", "yes"), turn.choice("hand:no", "no")
    turn.say("hand_consent", [yes, no], yes=yes.id, no=no.id)


def on_hand(turn: Turn, answer: str) -> None:
    """A button of the handoff dialogue."""
    draft = turn.state.draft
    if draft is None:
        ask_human(turn)
    elif answer == "yes":
        turn.set(slot=Slot.NAME)
        turn.say("hand_name", [turn.choice("hand:noname", "skip")])
    elif answer == "noname":
        _ask_how(turn, draft)
    elif answer == "phone":
        turn.set(slot=Slot.PHONE)
        turn.say("hand_phone", [turn.choice("hand:chat", "by_chat")])
    elif answer == "chat":
        _ask_commune(turn, replace(draft, phone=""))
    elif answer == "nocommune":
        _open(turn, draft, "")
    else:
        decline(turn)


def decline(turn: Turn) -> None:
    """No consent, or a change of mind: nothing is passed on."""
    turn.set(draft=None, slot=None)
    turn.note("hand_declined")
    if not walk.show_current(turn):
        menu.show_menu(turn)


def fill_slot(turn: Turn, raw: str) -> None:
    """The free text the handoff waited for. `raw` is unmasked and goes to encrypted fields only."""
    slot, draft = turn.state.slot, turn.state.draft
    if draft is None:
        turn.set(slot=None)
    elif slot is Slot.NAME:
        _take_name(turn, draft, raw)
    elif slot is Slot.PHONE:
        take_phone(turn, raw)
    elif slot is Slot.COMMUNE:
        _open(turn, draft, mask(" ".join(raw.split())).text[:_PLACE_MOST])


def _take_name(turn: Turn, draft: Draft, raw: str) -> None:
    name = mask(" ".join(raw.split())).text
    if "?" in name or len(name) > _NAME_MOST:
        turn.say("hand_name", [turn.choice("hand:noname", "skip")])
        return
    _ask_how(turn, replace(draft, name=name))


def _ask_how(turn: Turn, draft: Draft) -> None:
    turn.set(draft=draft, slot=None)
    turn.say(
        "hand_how", [turn.choice("hand:phone", "by_phone"), turn.choice("hand:chat", "by_chat")]
    )


def plain_phone(raw: str) -> str | None:
    """A Vietnamese number as 0xxxxxxxxx, or None when it is not one."""
    digits = re.sub(r"[^\d+]", "", raw)
    match = _PHONE.match(digits)
    return "0" + match.group(1) if match else None


def take_phone(turn: Turn, raw: str) -> None:
    """The number to call back; asked again when it cannot be one."""
    draft = turn.state.draft or Draft()
    phone = plain_phone(raw)
    if phone is None:
        turn.set(draft=replace(draft, phone_tries=draft.phone_tries + 1))
        turn.say("hand_phone_again", [turn.choice("hand:chat", "by_chat")])
        return
    _ask_commune(turn, replace(draft, phone=phone))


def _ask_commune(turn: Turn, draft: Draft) -> None:
    turn.set(draft=draft, slot=Slot.COMMUNE)
    turn.say("hand_commune", [turn.choice("hand:nocommune", "skip")])


def _open(turn: Turn, draft: Draft, commune: str) -> None:
    session = turn.state.session
    topic = draft.topic
    title = turn.content.title(topic) if topic else turn.text("topic_general")
    team = pick_team(turn.facts.teams, commune)
    question = _question(session, turn)
    turn.do(
        OpenTicket(
            urgent=draft.urgent,
            topic=title,
            guide_title=turn.content.title(session.guide_id) if session else "",
            step=session.step + 1 if session else None,
            failed="; ".join(session.failed) if session else "",
            name=draft.name,
            phone=draft.phone,
            commune=commune,
            team_id=team.id if team else None,
            question_id=question,
        )
    )
    if commune:
        turn.do(SetLocality(commune))
    if question:
        turn.do(SetOutcome(question, Outcome.HANDED_OVER, session.step + 1 if session else None))
    turn.set(draft=None, slot=None, misses=0)
    _tell_opened(turn, draft, team.name if team else None)


def _tell_opened(turn: Turn, draft: Draft, team: str | None) -> None:
    ticket = turn.facts.event_id
    if team is None:
        text = turn.text("hand_opened_no_team", ticket=ticket)
    else:
        text = turn.text("hand_opened", ticket=ticket, team=team)
    if turn.facts.stays_on_page and not draft.phone:
        text += "\n" + turn.text("hand_keep_page")
    text += "\n" + turn.text("status_safety")
    choices = menu.front(turn)
    if draft.urgent:
        choices.insert(0, turn.choice("guide:scam_victim", "step_by_step"))
    choices = [c for c in choices if c.id != "human"]
    turn.put(text, choices, priority=Priority.URGENT if draft.urgent else Priority.REPLY)


def _question(session: Session | None, turn: Turn) -> int | None:
    return (session.question_id if session else turn.state.asked_question) or None


def status(turn: Turn) -> None:
    """Where the person's tickets stand."""
    tickets = turn.facts.tickets
    if not tickets:
        turn.say("status_none", [turn.choice("human", "human"), turn.choice("menu", "menu")])
        return
    lines = [_status_line(turn, t) for t in tickets]
    choices = [turn.choice(f"drop:{t.id}", "cancel_ticket") for t in tickets[:1]]
    choices.append(turn.choice("menu", "menu"))
    turn.put("\n".join([*lines, turn.text("status_safety")]), choices)


def _status_line(turn: Turn, ticket: TicketView) -> str:
    if ticket.helper:
        return turn.text("status_claimed", ticket=ticket.id, helper=ticket.helper)
    return turn.text("status_waiting", ticket=ticket.id)


def drop(turn: Turn, ticket_id: int) -> None:
    """The citizen cancels a ticket of theirs."""
    ticket = next((t for t in turn.facts.tickets if t.id == ticket_id), None)
    if ticket is None:
        status(turn)
        return
    turn.do(CancelTicket(ticket.id))
    if turn.state.relay is not None and turn.state.relay.ticket_id == ticket.id:
        turn.set(relay=None)
    turn.note("ticket_cancelled", ticket=ticket.id)
    if not walk.show_current(turn):
        menu.show_menu(turn)


# The talk ---------------------------------------------------------------------------------------


def claimed(turn: Turn, event: TicketClaimed) -> None:
    """Somebody took the ticket: say who, open the line."""
    ticket = _mine(turn, event.ticket_id)
    if ticket is None:
        return
    turn.set(relay=Relay(event.ticket_id, event.helper), slot=None, draft=None)
    key = "ticket_claimed_call" if ticket.phone else "ticket_claimed"
    turn.say(key, priority=Priority.RELAY, ticket=event.ticket_id, helper=event.helper)


def helper_said(turn: Turn, event: HelperSaid) -> None:
    """A line from the helper. It opens the line again if the citizen had gone back to the bot."""
    if _mine(turn, event.ticket_id) is None:
        return
    turn.set(relay=Relay(event.ticket_id, event.helper))
    text = turn.text("helper_said", helper=event.helper, text=event.text)
    turn.put(text, priority=Priority.RELAY, ticket_id=event.ticket_id)


def say_to_helper(turn: Turn, text: str) -> None:
    """Pass a masked line on; the bot itself keeps silent."""
    relay = turn.state.relay
    if relay is not None:
        turn.do(RelayToHelper(relay.ticket_id, text))


def end_relay(turn: Turn) -> None:
    """The citizen wants to talk with the machine again; the ticket stays."""
    relay = turn.state.relay
    if relay is None:
        menu.show_menu(turn)
        return
    turn.set(relay=None)
    turn.say("relay_ended", menu.front(turn), ticket=relay.ticket_id, helper=relay.helper)


def closed(turn: Turn, event: TicketClosed) -> None:
    """The helper says it is done: ask how it was."""
    relay = turn.state.relay
    if relay is not None and relay.ticket_id == event.ticket_id:
        turn.set(relay=None)
    choices = [
        turn.choice(f"rate:{event.ticket_id}:{stars}", f"rate_{stars}") for stars in (5, 3, 1)
    ]
    session = turn.state.session
    if session is not None:
        back_id = f"back:{session.guide_id}"
        choices.append(turn.choice(back_id, "back_to_step", step=session.step + 1))
    turn.say(
        "ticket_closed",
        choices,
        priority=Priority.RELAY,
        ticket=event.ticket_id,
        helper=event.helper,
    )


def rate(turn: Turn, ticket_id: int, stars: int) -> None:
    """One tap of rating, then back to the step."""
    if stars not in (1, 3, 5):
        menu.show_menu(turn)
        return
    turn.do(RateTicket(ticket_id, stars))
    turn.note("rated")
    if not walk.show_current(turn):
        menu.show_menu(turn)


def helper_unreachable(turn: Turn, ticket_id: int) -> None:
    """The helper could not be reached: tell the person who waits."""
    ticket = _mine(turn, ticket_id)
    if ticket is not None:
        turn.say(
            "helper_unreachable", priority=Priority.RELAY, ticket=ticket_id, helper=ticket.helper
        )


def _mine(turn: Turn, ticket_id: int) -> TicketView | None:
    return next((t for t in turn.facts.tickets if t.id == ticket_id), None)
