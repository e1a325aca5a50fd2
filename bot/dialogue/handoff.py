"""The citizen's side of a handoff: consent, a few details, the ticket, the talk, the rating."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from bot.dialogue import menu, trouble, walk
from bot.dialogue.show import walk_title
from bot.dialogue.turn import Turn
from bot.dialogue.urgent import LIFE, SCAM_GUIDE
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
from bot.guides.phrases import Command
from bot.locality.teams import pick_team
from bot.safety.masking import mask

_NAME_MOST = 60
_PLACE_MOST = 120
#: A mobile number has nine digits after the zero, a landline (02…) ten.
_PHONE = re.compile(r"(?:\+?84|0084|0)([1-9]\d{8}|2\d{9})")
_PHONE_TRIES_MOST = 3

#: What each slot asks, and the choice (its id after "hand:", its label) that leaves it open.
_ASKED = {
    Slot.NAME: ("hand_name", "noname", "skip"),
    Slot.PHONE: ("hand_phone", "chat", "by_chat"),
    Slot.COMMUNE: ("hand_commune", "nocommune", "skip"),
}


def ask_human(turn: Turn, topic: str = "", *, urgent: bool = False) -> None:
    """The person wants a person: ask consent, unless a ticket is open already."""
    waiting = turn.facts.tickets
    if waiting and not (urgent and not any(t.urgent for t in waiting)):
        status(turn)
        return
    session = turn.state.session
    topic = topic or (session.guide_id if session else "")
    turn.set(draft=Draft(urgent=urgent, topic=topic), slot=None)
    _ask_consent(turn)


def _ask_consent(turn: Turn) -> None:
    yes, no = turn.choice("hand:yes", "yes"), turn.choice("hand:no", "no")
    turn.say("hand_consent", [yes, no], yes=yes.id, no=no.id)


def on_hand(turn: Turn, answer: str) -> None:
    """A button of the handoff dialogue."""
    draft = turn.state.draft
    if answer == "no":
        decline(turn)
    elif draft is None:
        ask_human(turn)
    elif answer == "yes":
        _ask(turn, draft, Slot.NAME)
    elif turn.state.slot is None:
        # An old button, and no consent to this request yet.
        _ask_consent(turn)
    else:
        _on_detail(turn, draft, answer)


def _on_detail(turn: Turn, draft: Draft, answer: str) -> None:
    if answer == "noname":
        _ask_how(turn, draft)
    elif answer == "phone":
        _ask(turn, draft, Slot.PHONE)
    elif answer == "chat":
        _ask(turn, replace(draft, phone=""), Slot.COMMUNE)
    elif answer == "nocommune":
        _open(turn, draft, "")
    else:
        ask_again(turn)


def decline(turn: Turn) -> None:
    """No consent, or a change of mind: nothing is passed on."""
    turn.set(draft=None, slot=None)
    turn.note("hand_declined")
    walk.step_or_menu(turn)


def fill_slot(turn: Turn, raw: str) -> None:
    """The free text the handoff waited for. `raw` is unmasked and goes to encrypted fields only."""
    slot, draft = turn.state.slot, turn.state.draft
    if slot not in _ASKED or draft is None:
        turn.set(slot=None, draft=None)
        menu.show_menu(turn)
    elif turn.phrases.command(raw) is Command.NO:
        _on_detail(turn, draft, _ASKED[slot][1])
    elif slot is Slot.NAME:
        _take_name(turn, draft, raw)
    elif slot is Slot.PHONE:
        take_phone(turn, raw)
    else:
        _take_commune(turn, draft, raw)


def ask_again(turn: Turn) -> None:
    """The same question once more."""
    slot, draft = turn.state.slot, turn.state.draft
    if slot is not None and draft is not None:
        _ask(turn, draft, slot)


def _ask(turn: Turn, draft: Draft, slot: Slot, key: str = "") -> None:
    turn.set(draft=draft, slot=slot)
    question, skip, label = _ASKED[slot]
    turn.say(key or question, [turn.choice(f"hand:{skip}", label)])


def _take_name(turn: Turn, draft: Draft, raw: str) -> None:
    name = _one_line(raw)
    phone = plain_phone(raw)
    if phone is not None and not re.search(r"[^\W\d_]", raw):
        # The number instead of the name: no need to ask for it then.
        _ask(turn, replace(draft, phone=phone), Slot.COMMUNE)
    elif not _readable(name) or "?" in name or len(name) > _NAME_MOST:
        _ask(turn, draft, Slot.NAME, "hand_name_again")
    else:
        _ask_how(turn, replace(draft, name=name))


def _take_commune(turn: Turn, draft: Draft, raw: str) -> None:
    commune = _one_line(raw)
    if _readable(commune):
        _open(turn, draft, commune[:_PLACE_MOST].strip())
    else:
        ask_again(turn)


def _one_line(raw: str) -> str:
    """A text as a helper may see it: no secrets, no invisible characters, no line ends."""
    shown = "".join(ch if unicodedata.category(ch)[0] != "C" else " " for ch in raw)
    return mask(" ".join(shown.split())).text


def _readable(text: str) -> bool:
    return any(ch.isalnum() for ch in text)


def _ask_how(turn: Turn, draft: Draft) -> None:
    """By phone or here? A number typed right away is taken for an answer."""
    turn.set(draft=draft, slot=Slot.PHONE)
    turn.say(
        "hand_how", [turn.choice("hand:phone", "by_phone"), turn.choice("hand:chat", "by_chat")]
    )


def plain_phone(raw: str) -> str | None:
    """A Vietnamese number as 0xxxxxxxxx, or None when it is not one."""
    digits = re.sub(r"[^\d+]", "", unicodedata.normalize("NFKC", raw))
    match = _PHONE.fullmatch(digits)
    return "0" + match.group(1) if match else None


def take_phone(turn: Turn, raw: str) -> None:
    """The number to call back; asked again when it cannot be one, but not for ever."""
    draft = turn.state.draft or Draft()
    phone = plain_phone(raw)
    tries = draft.phone_tries + 1
    if phone is not None:
        _ask(turn, replace(draft, phone=phone), Slot.COMMUNE)
    elif tries >= _PHONE_TRIES_MOST:
        turn.note("hand_by_chat")
        _ask(turn, replace(draft, phone=""), Slot.COMMUNE)
    else:
        again = "hand_phone_again" if re.search(r"\d", raw) else ""
        _ask(turn, replace(draft, phone_tries=tries), Slot.PHONE, again)


def _open(turn: Turn, draft: Draft, commune: str) -> None:
    session = turn.state.session
    title = _topic(turn, draft.topic)
    team = pick_team(turn.facts.teams, commune)
    question = _question(session, turn)
    turn.do(
        OpenTicket(
            urgent=draft.urgent,
            topic=title,
            guide_title=walk_title(turn, session) if session else "",
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


def _topic(turn: Turn, topic: str) -> str:
    if topic == LIFE:
        return turn.text("topic_life")
    return turn.content.title(topic) if topic else turn.text("topic_general")


def _tell_opened(turn: Turn, draft: Draft, team: str | None) -> None:
    ticket = turn.facts.event_id
    if team is None:
        text = turn.text("hand_opened_no_team", ticket=ticket)
    else:
        text = turn.text("hand_opened", ticket=ticket, team=team)
    if turn.facts.stays_on_page and not draft.phone:
        text += "\n" + turn.text("hand_keep_page")
    text += "\n" + turn.text("status_safety")
    choices = [c for c in menu.front(turn) if c.id != "human"]
    if draft.topic == SCAM_GUIDE:
        choices.insert(0, turn.choice(f"guide:{SCAM_GUIDE}", "step_by_step"))
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
    cancel = turn.choice(f"drop:{tickets[0].id}", "cancel_ticket")
    choices = [cancel, *turn.way_back(), turn.choice("menu", "menu")]
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
    walk.step_or_menu(turn)


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
    text = turn.text("helper_said", helper=event.helper, text=event.text)
    relay = turn.state.relay
    if relay is None or relay.ticket_id != event.ticket_id:
        turn.set(relay=Relay(event.ticket_id, event.helper))
        text += "\n\n" + turn.text("relay_open", helper=event.helper)
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
    turn.say(
        "ticket_closed",
        [*choices, *turn.way_back()],
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
    if stars == 1:
        trouble.offer_human(turn, "rated_low")
        return
    turn.note("rated")
    walk.step_or_menu(turn)


def helper_unreachable(turn: Turn, ticket_id: int) -> None:
    """The helper, or the whole team, could not be reached: tell the person who waits."""
    ticket = _mine(turn, ticket_id)
    if ticket is None:
        return
    if ticket.helper:
        text = turn.text("helper_unreachable", ticket=ticket_id, helper=ticket.helper)
    else:
        text = turn.text("team_unreachable", ticket=ticket_id)
    turn.put(text, priority=Priority.RELAY)


def _mine(turn: Turn, ticket_id: int) -> TicketView | None:
    return next((t for t in turn.facts.tickets if t.id == ticket_id), None)
