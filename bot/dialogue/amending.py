"""More for a request that is open already: a word to add, a name, number or place to correct, a
wish to be called. What is typed goes to whoever has it, or waits with it for somebody.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.dialogue import form, place, rating, tracking, walk
from bot.dialogue.turn import Turn
from bot.domain.data_effects import Consent
from bot.domain.effects import CorrectTicket, RelayToHelper
from bot.domain.phones import plain_phone
from bot.domain.state import Draft, Slot
from bot.domain.tickets import TicketView
from bot.guides.phrases import Command

_DIGITS_MOST = 18
#: What stands between "sửa tên" and the name.
_TO = re.compile(r"^[\s:,.\-–;]*(?:(?:thành|thanh|lại là|lai la|lại|lai|là|la)\s+)?", re.IGNORECASE)
_NUMBER = re.compile(r"[\s:,.]*(?:số|so)?\s*(\d{1,18})\s*\.?", re.IGNORECASE)
_PHONE_TRIES_MOST = 3

Act = Callable[[Turn, TicketView], None]


# Choosing the request ---------------------------------------------------------------------------


def command(name: str) -> Callable[[Turn], None]:
    """A command on an open request: the one there is, the one being talked about, or asked."""

    def act(turn: Turn) -> None:
        _on_one(turn, name)

    return act


def cancel(turn: Turn) -> None:
    """They do not need it any more."""
    _on_one(turn, "drop")


def _on_one(turn: Turn, name: str) -> None:
    """Do it with the one request there is, else ask which."""
    ticket = _only(turn)
    if ticket is not None:
        _ACTS[name](turn, ticket)
    elif turn.facts.tickets:
        draft = turn.state.draft
        choices = [
            turn.choice(f"hand:{name}:{t.id}", "see_ticket", ticket=t.id)
            for t in turn.facts.tickets
        ]
        turn.set(draft=draft if draft is not None and draft.note else None, slot=None)
        turn.say("which_ticket", choices)
    else:
        turn.set(draft=None, slot=None)
        tracking.status(turn)


def _only(turn: Turn) -> TicketView | None:
    tickets, relay = turn.facts.tickets, turn.state.relay
    if relay is not None:
        return tracking.mine(turn, relay.ticket_id)
    return tickets[0] if len(tickets) == 1 else None


def pressed(turn: Turn, answer: str) -> bool:
    """A button, its id after "hand:", of an open request; False when it is of a new one."""
    name, _, number = answer.partition(":")
    draft = turn.state.draft
    if name == "leave" or (answer == "nocommune" and draft is not None and draft.ticket_id):
        _leave(turn)
    elif name == "note" and number.isdecimal() and len(number) <= _DIGITS_MOST:
        rating.ask_note(turn, int(number))
    elif name in _ACTS and number.isdecimal() and len(number) <= _DIGITS_MOST:
        ticket = tracking.mine(turn, int(number))
        if ticket is None:
            turn.set(draft=None, slot=None)
            tracking.status(turn)
        else:
            _ACTS[name](turn, ticket)
    elif name == "usephone" and draft is not None and draft.ticket_id and draft.phone:
        _correct(turn, CorrectTicket(draft.ticket_id, phone=draft.phone), "fixed_phone")
    elif draft is not None and draft.ticket_id and place.answers(answer):
        _placed(turn, draft, place.pick(turn, answer))
    else:
        return False
    return True


def _leave(turn: Turn) -> None:
    turn.set(draft=None, slot=None)
    _back(turn, "left_as_is")


def _back(turn: Turn, key: str, **values: object) -> None:
    """Say it, and lead back to what was being done; in a talk nothing more is said."""
    if turn.state.relay is not None:
        turn.put(turn.text(key, **values))
        return
    turn.note(key, **values)
    walk.step_or_menu(turn)


# Adding -----------------------------------------------------------------------------------------


def _add(turn: Turn, ticket: TicketView) -> None:
    draft = turn.state.draft
    if draft is not None and draft.note:
        _added(turn, ticket, draft.note)
        return
    turn.set(draft=Draft(ticket_id=ticket.id), slot=Slot.NOTE)
    turn.say("add_ask", [turn.choice("hand:leave", "skip")], ticket=ticket.id)


def _added(turn: Turn, ticket: TicketView, text: str) -> None:
    """It stands in the request's talk, and is the first that whoever takes it will read."""
    turn.do(RelayToHelper(ticket.id, text))
    turn.set(draft=None, slot=None)
    if ticket.helper:
        _back(turn, "added", ticket=ticket.id, helper=ticket.helper)
    else:
        _back(turn, "added_waiting", ticket=ticket.id)


# Correcting -------------------------------------------------------------------------------------


def _fix(turn: Turn, ticket: TicketView) -> None:
    kinds = (("fixname", "fix_name"), ("fixphone", "fix_phone"), ("fixplace", "fix_place"))
    choices = [turn.choice(f"hand:{act}:{ticket.id}", label) for act, label in kinds]
    choices.append(turn.choice(f"hand:add:{ticket.id}", "add_to_ticket"))
    choices.append(turn.choice("hand:leave", "leave"))
    name = ticket.name or turn.text("no_name")
    where = ticket.commune or turn.text("fix_no_place")
    phone = hidden(ticket.phone) or turn.text("fix_no_phone")
    turn.say("fix_ask", choices, ticket=ticket.id, name=name, phone=phone, place=where)


def hidden(phone: str) -> str:
    """A number as its owner knows it again and nobody else: "…001"."""
    return f"…{phone[-3:]}" if phone else ""


def _fix_name(turn: Turn, ticket: TicketView) -> None:
    turn.set(draft=Draft(ticket_id=ticket.id), slot=Slot.NAME)
    turn.say("fix_name_ask", [turn.choice("hand:leave", "leave")])


def _fix_phone(turn: Turn, ticket: TicketView) -> None:
    turn.set(draft=Draft(ticket_id=ticket.id), slot=Slot.PHONE)
    turn.say("fix_phone_ask", [turn.choice("hand:leave", "leave")])


def _fix_place(turn: Turn, ticket: TicketView) -> None:
    place.ask_anew(turn, Draft(ticket_id=ticket.id, whom=turn.state.person))


def _correct(turn: Turn, change: CorrectTicket, key: str, **values: object) -> None:
    turn.set(draft=None, slot=None)
    if tracking.mine(turn, change.ticket_id) is None:
        tracking.status(turn)
        return
    turn.do(change)
    if change.phone:
        turn.agreed(Consent.CALL, "fix_phone_ask")
    _back(turn, key, **values)


def _placed(turn: Turn, draft: Draft, home: place.Home | None) -> None:
    if home is None:
        return
    if not home.words:
        _leave(turn)
        return
    change = CorrectTicket(draft.ticket_id, commune=home.words, locality=home.code)
    _correct(turn, change, "fixed_place", place=home.words)


# Being called -----------------------------------------------------------------------------------


def call_me(turn: Turn, ticket: TicketView) -> None:
    """They want to be called about an open request."""
    if not ticket.phone:
        turn.set(draft=Draft(ticket_id=ticket.id, call=True), slot=Slot.PHONE)
        turn.say("hand_phone", [turn.choice("hand:leave", "skip")])
        return
    who = ticket.helper or tracking.team_name(turn, ticket)
    change = CorrectTicket(ticket.id, call=True)
    _correct(turn, change, "call_noted", helper=who, phone=hidden(ticket.phone))


# What is typed ----------------------------------------------------------------------------------


def fill(turn: Turn, draft: Draft, slot: Slot, raw: str) -> None:
    """A text that was asked for on an open request. `raw` is unmasked."""
    if slot is Slot.COMMUNE:
        _placed(turn, draft, place.take(turn, raw))
    elif turn.phrases.command(raw) is Command.NO:
        _leave(turn)
    elif slot is Slot.PHONE:
        take_phone(turn, draft, raw)
    elif slot is Slot.RATING_NOTE:
        rating.take_note(turn, raw)
    elif slot is Slot.NAME:
        _take_name(turn, draft, raw)
    else:
        _take_note(turn, draft, raw)


def take_phone(turn: Turn, draft: Draft, raw: str) -> None:
    """The number to call, typed or shared; not asked for ever."""
    phone, tries = plain_phone(raw), draft.phone_tries + 1
    if phone is not None:
        change = CorrectTicket(draft.ticket_id, phone=phone, call=draft.call)
        _correct(turn, change, "fixed_phone")
    elif tries >= _PHONE_TRIES_MOST:
        _leave(turn)
    else:
        turn.set(draft=replace(draft, phone_tries=tries), slot=Slot.PHONE)
        turn.say("fix_phone_again", [turn.choice("hand:leave", "leave")])


def _take_name(turn: Turn, draft: Draft, raw: str) -> None:
    name = form.name_of(turn, raw)
    if name is None:
        turn.say("hand_name_again", [turn.choice("hand:leave", "leave")])
    else:
        _correct(turn, CorrectTicket(draft.ticket_id, name=name), "fixed_name", name=name)


def _take_note(turn: Turn, draft: Draft, raw: str) -> None:
    ticket, text = tracking.mine(turn, draft.ticket_id), form.note_of(turn, raw)
    if ticket is None:
        turn.set(draft=None, slot=None)
        tracking.status(turn)
    elif text:
        _added(turn, ticket, text)
    else:
        _add(turn, ticket)


def ask_again(turn: Turn, draft: Draft, slot: Slot) -> None:
    """The same question once more."""
    ticket = tracking.mine(turn, draft.ticket_id)
    if slot is Slot.RATING_NOTE:
        rating.ask_note(turn, draft.ticket_id)
    elif ticket is None:
        turn.set(draft=None, slot=None)
        tracking.status(turn)
    else:
        asks = {Slot.NAME: _fix_name, Slot.PHONE: _fix_phone, Slot.COMMUNE: _fix_place}
        asks.get(slot, _add)(turn, ticket)


# A command with what it is about ----------------------------------------------------------------


def spoken(turn: Turn, text: str) -> Callable[[Turn], None] | None:
    """ "bổ sung: …", "sửa số điện thoại 09…", "hủy phiếu số 5"; None when it is nothing such."""
    if not turn.facts.tickets and not turn.facts.ended:
        return None
    found = turn.phrases.begun(text)
    if found is None:
        return None
    begins, rest = found
    if begins is Command.RATING_NOTE:
        return _spoken_note(turn, rest)
    if not turn.facts.tickets:
        return None
    match = _NUMBER.fullmatch(rest)
    if begins is Command.CANCEL_TICKET and match is not None:
        number = int(match.group(1))
        return lambda turn: _spoken_drop(turn, number)
    if begins is Command.FIX_PHONE and plain_phone(rest) is not None:
        return lambda turn: _spoken_fix(turn, Slot.PHONE, rest)
    if _parted(rest) and begins in (Command.ADD, Command.FIX_NAME, Command.FIX_PLACE):
        return _spoken_words(begins, rest)
    return None


def _parted(rest: str) -> bool:
    """Whether it is said what it shall be: "sửa tên: Tư", "sửa tên thành Tư"; not "sửa tên gì"."""
    begin = _TO.match(rest)
    return begin is not None and begin.end() > 1 and form.readable(rest[begin.end() :])


def _spoken_drop(turn: Turn, number: int) -> None:
    ticket = tracking.mine(turn, number)
    if ticket is None:
        tracking.status(turn)
    else:
        tracking.ask_drop(turn, ticket)


def _spoken_words(begins: Command, rest: str) -> Callable[[Turn], None]:
    if begins is Command.ADD:
        return lambda turn: _spoken_add(turn, rest.lstrip(" :,.-–;"))
    slot = Slot.NAME if begins is Command.FIX_NAME else Slot.COMMUNE
    return lambda turn: _spoken_fix(turn, slot, _TO.sub("", rest, count=1))


def _spoken_add(turn: Turn, raw: str) -> None:
    turn.set(draft=Draft(note=form.note_of(turn, raw)), slot=None)
    _on_one(turn, "add")


def _spoken_fix(turn: Turn, slot: Slot, raw: str) -> None:
    ticket = _only(turn)
    if ticket is None:
        _on_one(turn, {Slot.NAME: "fixname", Slot.PHONE: "fixphone"}.get(slot, "fixplace"))
        return
    draft = Draft(ticket_id=ticket.id)
    turn.set(draft=draft, slot=slot)
    fill(turn, draft, slot, raw)


def _spoken_note(turn: Turn, rest: str) -> Callable[[Turn], None] | None:
    """A sentence on the help that was given last."""
    text = form.note_of(turn, rest.lstrip(" :,.-–;"))
    if not turn.facts.ended or not text or not _parted(rest):
        return None
    last = turn.facts.ended[-1].id
    return lambda turn: rating.keep(turn, last, text)


def offer_phone(turn: Turn, phone: str) -> bool:
    """A number typed on its own: is it for the open request? False when there is none to ask of."""
    ticket = _only(turn)
    if ticket is None:
        return False
    turn.set(draft=Draft(ticket_id=ticket.id, phone=phone), slot=None)
    yes, no = turn.choice("hand:usephone", "use_phone"), turn.choice("hand:leave", "no")
    who = ticket.helper or tracking.team_name(turn, ticket)
    turn.say("phone_for_ticket", [yes, no], yes=yes.id, no=no.id, ticket=ticket.id, helper=who)
    return True


_ACTS: dict[str, Act] = {
    "add": _add,
    "fix": _fix,
    "fixname": _fix_name,
    "fixphone": _fix_phone,
    "fixplace": _fix_place,
    "call": call_me,
    "drop": tracking.ask_drop,
}
