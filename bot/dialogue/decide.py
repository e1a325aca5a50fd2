"""`decide(state, event, facts)`: the one place where what happens next is chosen.

Order of meaning for a text (docs/architecture.md, tested as a table in tests/dialogue):
mask secrets -> urgent -> button or exact phrase -> the slot waited for -> open relay with a helper
-> number of an offered choice -> a word of the glossary ("OTP là gì") -> the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from bot.dialogue import (
    address,
    alerts,
    amending,
    carrying,
    choosing,
    commands,
    cut_secrets,
    form,
    forms,
    from_helper,
    handoff,
    helper,
    helper_told,
    ladder,
    linking,
    membership,
    menu,
    pictures,
    place,
    recall,
    reminders,
    scam_check,
    staff_answer,
    talking,
    team,
    ticket_card,
    trust,
    understand,
    urgent,
    voice,
    walk,
)
from bot.dialogue.facts import Facts
from bot.dialogue.press import press
from bot.dialogue.turn import Decision, Turn
from bot.domain import events as ev
from bot.domain.effects import Acted, EraseMe
from bot.domain.phones import plain_phone
from bot.domain.state import Slot, State
from bot.locality.codes import code_of_payload
from bot.safety.masking import SecretKind

_NUMBER = re.compile(r"\s*(?:(?:chọn|chon|số|so)\s+){0,2}(\d{1,2})\s*[.)]?\s*$", re.IGNORECASE)


class Route(StrEnum):
    """Where a text goes; in order of precedence."""

    URGENT = "urgent"
    COMMAND = "command"
    SLOT = "slot"
    RELAY = "relay"
    NUMBER = "number"
    ENGINE = "engine"


def decide(state: State, event: ev.Event, facts: Facts) -> Decision:
    """What to say, remember and do. Pure: the same arguments always give the same decision."""
    turn = Turn(forms.sound(state), event, facts)
    if isinstance(event, ev.InternalEvent):
        _INTERNAL[type(event)](turn, event)
    elif facts.group:
        team.in_group(turn)
    elif isinstance(event, ev.Withdrawn):
        # Said to the platform, not to us: there may be no way left to answer.
        turn.do(EraseMe())
        turn.state = State()
    elif not (membership.took(turn) or helper.as_helper(turn)):
        if not recall.told_first(turn, about_step=_about_step(turn)):
            _citizen(turn)
        _introduce(turn)
    forms.drop_unasked(turn)
    voice.settle(turn)
    if not isinstance(event, ev.InternalEvent):
        cut_secrets.listen(turn)
        if facts.linked:
            turn.do(Acted())
    carrying.hand_on(turn, state)
    return turn.done()


def _introduce(turn: Turn) -> None:
    """Whoever comes in without a greeting is told first that this is a machine."""
    if not turn.state.greeted and turn.preface("introduce"):
        turn.set(greeted=True)


def _about_step(turn: Turn) -> bool:
    """Whether this is something to say or press about the open step only."""
    event = turn.event
    if isinstance(event, ev.Press):
        return event.choice.partition(":")[0] in _STEP_PRESSES
    if isinstance(event, ev.Text):
        command = turn.phrases.command(event.text)
        return _NUMBER.match(event.text) is not None or command in commands.ABOUT_STEP
    return False


# A person acts ----------------------------------------------------------------------------------


def _citizen(turn: Turn) -> None:
    event = turn.event
    talking.dropped_line(turn)
    if not isinstance(event, ev.Press):
        turn.set(last_press="")
    address.listen(turn)
    match event:
        case ev.Text():
            _text(turn, event)
        case ev.Press():
            press(turn, event.choice)
        case ev.Start() | ev.Hello():
            _opened(turn)
        case ev.Contact():
            _contact(turn, event)
        case ev.Attachment():
            _attachment(turn, event)


def _opened(turn: Turn) -> None:
    if isinstance(turn.event, ev.Hello) and turn.state.greeted:
        return
    forms.leave(turn)
    code = code_of_payload(turn.event.payload) if isinstance(turn.event, ev.Start) else None
    if code is not None:
        place.arrive(turn, code)
    else:
        menu.greet(turn)


def _contact(turn: Turn, event: ev.Contact) -> None:
    phone = plain_phone(event.phone)
    if turn.state.slot is Slot.PHONE:
        handoff.take_phone(turn, event.phone)
    elif phone is None or not amending.offer_phone(turn, phone):
        _only_secrets(turn)


def _attachment(turn: Turn, event: ev.Attachment) -> None:
    state, seen = turn.state, turn.facts.seen or event.seen
    if voice.heard(turn):
        return
    if seen is not None and pictures.answer(turn, seen):
        return
    if state.slot is None and state.relay is not None:
        turn.say("relay_unseen", helper=state.relay.helper)
        return
    if event.what == "unsupported":
        # Some people can send nothing else: a way to somebody that does not lead through here.
        turn.say("unsupported_reach", menu.front(turn) if state.slot is None else ())
        return
    turn.note("attachment", what=turn.phrases.attachment(event.what))
    if state.slot is not None:
        forms.ask_again(turn)
    else:
        turn.say("attachment_ask", menu.front(turn))


def _only_its_words(turn: Turn, under: str) -> None:
    """Of a picture or a recording only what was written under it is read, and passed on."""
    relay = turn.state.relay
    if relay is not None and turn.state.slot is None:
        turn.note("relay_unseen", helper=relay.helper)
    else:
        turn.note("attachment", what=turn.phrases.attachment(under))


def _text(turn: Turn, event: ev.Text) -> None:
    if event.under:
        _only_its_words(turn, event.under)
    linking.count_wrong(turn)
    kind = route(turn)
    masked = turn.facts.masked
    if masked is not None and masked.kinds and kind in (Route.COMMAND, Route.NUMBER, Route.ENGINE):
        if turn.only_secrets:
            _only_secrets(turn)
            return
        if kind is not Route.COMMAND or masked.kinds != {SecretKind.PHONE}:
            # "sửa số điện thoại 09…" is meant to be kept, and a caller's number is no secret.
            turn.note("masked")
    _ROUTES[kind](turn, event)


def _only_secrets(turn: Turn) -> None:
    """Nothing but a number or a code: there is no question in it to understand."""
    phone = form.bare_phone(turn.event.text) if isinstance(turn.event, ev.Text) else None
    if phone is not None and turn.state.slot is None and amending.offer_phone(turn, phone):
        return
    turn.note("masked")
    if turn.state.slot is not None:
        forms.ask_again(turn)
    else:
        walk.step_or_menu(turn)


def route(turn: Turn) -> Route:
    """Which rule takes this text. The order of the checks is the rule."""
    state, event = turn.state, turn.event
    text = event.text if isinstance(event, ev.Text) else ""
    if urgent.danger(turn) is not None:
        return Route.URGENT
    if commands.meaning(turn, text) is not None:
        return Route.COMMAND
    if state.slot is not None:
        return Route.SLOT
    if state.voice is not None and (_picked(turn, text) or "").startswith(f"{voice.PRESS}:"):
        return Route.NUMBER
    if state.relay is not None:
        return Route.RELAY
    if _NUMBER.match(text) and state.offered:
        return Route.NUMBER
    return Route.ENGINE


def _on_urgent(turn: Turn, _: ev.Text) -> None:
    kind = urgent.danger(turn)
    if kind is not None:
        urgent.answer(turn, kind)
    talking.say_to_helper(turn, turn.masked)


def _on_command(turn: Turn, event: ev.Text) -> None:
    act = commands.meaning(turn, event.text)
    if act is None:
        return
    turn.set(misses=0)
    if turn.state.slot is not None and act not in commands.KEEP_FORM:
        # Something else is asked for now: the form being filled in is left.
        forms.leave(turn)
    act(turn)
    if act is trust.answer:
        # Whoever helps should know of it as well.
        talking.say_to_helper(turn, turn.masked)


def _on_slot(turn: Turn, event: ev.Text) -> None:
    choice = _picked(turn, event.text)
    if choice is not None:
        # No name, no phone and no commune is one bare number that stands before a choice.
        press(turn, choice)
    elif alerts.something_else(turn):
        forms.leave(turn)
        _on_engine(turn, event)
    else:
        forms.fill(turn, event.text)


def _on_relay(turn: Turn, event: ev.Text) -> None:
    masked, relay = turn.facts.masked, turn.state.relay
    if relay is not None and not turn.masked.strip():
        turn.say("relay_unseen", helper=relay.helper)
        return
    phone = form.bare_phone(event.text)
    if phone is not None and amending.offer_phone(turn, phone):
        return
    if masked is not None and masked.kinds:
        turn.say("masked")
    turn.set(draft=None)
    scam_check.warn(turn)
    talking.say_to_helper(turn, turn.masked)


def _on_number(turn: Turn, event: ev.Text) -> None:
    choice = _picked(turn, event.text)
    if choice is not None:
        press(turn, choice)
    else:
        number = _NUMBER.match(event.text)
        most = len(turn.state.offered)
        turn.say("bad_number", number=int(number.group(1)) if number else 0, most=most)


def _picked(turn: Turn, text: str) -> str | None:
    """The offered choice whose number this text is."""
    match = _NUMBER.match(text)
    offered = turn.state.offered
    number = int(match.group(1)) if match else 0
    return offered[number - 1] if 1 <= number <= len(offered) else None


def _on_engine(turn: Turn, _: ev.Text) -> None:
    if not scam_check.answer(turn) and not choosing.took_answer(turn):
        understand.free_text(turn)


_ROUTES: dict[Route, Callable[[Turn, ev.Text], None]] = {
    Route.URGENT: _on_urgent,
    Route.COMMAND: _on_command,
    Route.SLOT: _on_slot,
    Route.RELAY: _on_relay,
    Route.NUMBER: _on_number,
    Route.ENGINE: _on_engine,
}
_STEP_PRESSES = frozenset({"next", "prev", "stuck", "still", "which", "why", "back", "card"})

# The program tells ------------------------------------------------------------------------------


def _peer_unreachable(turn: Turn, event: ev.PeerUnreachable) -> None:
    if any(ticket.id == event.ticket_id for ticket in turn.facts.tickets):
        talking.helper_unreachable(turn, event.ticket_id)
    elif turn.facts.member is not None:
        helper_told.citizen_unreachable(turn, event.ticket_id)


def _too_fast(turn: Turn, _: ev.TooFast) -> None:
    helps = turn.facts.group or turn.facts.member is not None
    turn.say("too_fast_helper" if helps else "too_fast")


_INTERNAL: dict[type, Callable[..., object]] = {
    ev.TicketClaimed: talking.claimed,
    ev.HelperSaid: from_helper.said,
    ev.HelperShowed: from_helper.showed,
    ev.CallMissed: from_helper.call_missed,
    ev.LineLate: helper_told.late,
    ev.LineArrived: helper_told.arrived,
    ev.SecretAsked: helper_told.secret_asked,
    ev.TicketClosed: talking.closed,
    ev.TicketCorrected: ladder.corrected,
    ev.TicketMoved: ladder.moved,
    ev.TicketOverdue: ladder.overdue,
    ev.DeadlineMissed: ladder.missed,
    ev.TicketReopened: ladder.reopened,
    ev.VisitNews: ladder.visit,
    ev.CallSheetDue: ladder.call_sheet,
    ev.CardDue: lambda turn, _: ticket_card.card(turn),
    ev.CardChanged: team.changed,
    ev.ClaimConfirmed: lambda turn, _: ticket_card.briefing(turn),
    ev.CitizenSaid: lambda turn, e: helper_told.citizen_said(turn, e.ticket_id, e.text),
    ev.TicketGone: lambda turn, e: helper_told.gone(turn, e.ticket_id),
    ev.PeerUnreachable: _peer_unreachable,
    ev.HelperUnreachable: team.helper_unreachable,
    ev.TimerDue: reminders.due,
    ev.GuideRecalled: recall.recalled,
    ev.AlertDue: alerts.due,
    ev.StaffAnswered: staff_answer.answered,
    ev.TooFast: _too_fast,
    ev.LinkAsked: linking.asked,
    ev.LinkMade: linking.made,
    ev.LinkRefused: linking.refused,
    ev.LinkEnded: linking.ended,
    ev.ProgressCarried: carrying.take,
    ev.CarriedHere: carrying.say_here,
    ev.EraseWanted: linking.erase_wanted,
    ev.PeerElsewhere: linking.peer_elsewhere,
}
