"""`decide(state, event, facts)`: the one place where what happens next is chosen.

Order of meaning for a text (docs/architecture.md, tested as a table in tests/dialogue):
mask secrets -> urgent -> button or exact phrase -> the slot waited for -> open relay with a helper
-> number of an offered choice -> the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from bot.dialogue import handoff, menu, team, understand, urgent, walk
from bot.dialogue.facts import Facts
from bot.dialogue.press import press
from bot.dialogue.turn import Decision, Turn
from bot.domain import events as ev
from bot.domain.state import Slot, State
from bot.guides.phrases import Command

_NUMBER = re.compile(r"^\s*(?:số\s+|so\s+)?(\d{1,2})\s*[.)]?\s*$", re.IGNORECASE)


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
    turn = Turn(state, event, facts)
    if facts.recalled is not None and state.session is not None:
        _leave_recalled(turn, facts.recalled)
    if isinstance(event, ev.InternalEvent):
        _INTERNAL[type(event)](turn, event)
    elif facts.group:
        team.in_group(turn)
    elif not team.as_helper(turn):
        _citizen(turn)
    return turn.done()


def _leave_recalled(turn: Turn, why: str) -> None:
    """The session's revision was withdrawn and its notice has not been handled yet."""
    session = turn.state.session
    if session is not None and not isinstance(turn.event, ev.GuideRecalled):
        walk.recalled(turn, session.guide_id, session.revision, why)


# A person acts ----------------------------------------------------------------------------------


def _citizen(turn: Turn) -> None:
    event = turn.event
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
    turn.set(slot=None, draft=None)
    menu.greet(turn)


def _contact(turn: Turn, event: ev.Contact) -> None:
    if turn.state.slot is Slot.PHONE:
        handoff.take_phone(turn, event.phone)
    else:
        turn.note("masked")
        menu.show_menu(turn)


def _attachment(turn: Turn, event: ev.Attachment) -> None:
    relay = turn.state.relay
    if relay is not None:
        turn.say("relay_unseen", helper=relay.helper)
    else:
        what = turn.phrases.attachment(event.what)
        turn.say("attachment", menu.front(turn), what=what)


def _text(turn: Turn, event: ev.Text) -> None:
    kind = route(turn)
    masked = turn.facts.masked
    if masked is not None and masked.kinds and kind not in (Route.SLOT, Route.RELAY):
        turn.note("masked")
    _ROUTES[kind](turn, event)


def route(turn: Turn) -> Route:
    """Which rule takes this text. The order of the checks is the rule."""
    state, event = turn.state, turn.event
    text = event.text if isinstance(event, ev.Text) else ""
    if urgent.danger(turn) is not None:
        return Route.URGENT
    if _command(turn, text) is not None:
        return Route.COMMAND
    if state.slot is not None:
        return Route.SLOT
    if state.relay is not None:
        return Route.RELAY
    if _NUMBER.match(text) and state.offered:
        return Route.NUMBER
    return Route.ENGINE


def _command(turn: Turn, text: str) -> Callable[[Turn], None] | None:
    """What an exact phrase does here; None when it is not one, or means nothing in this place."""
    command = turn.phrases.command(text)
    if command is None:
        return _unknown_command if text.startswith("/") else None
    state = turn.state
    if state.relay is not None and state.slot is None and command not in _IN_RELAY:
        # Said to a human: "xong rồi" there is not for the bot.
        return None
    if command in _IN_GUIDE and (state.session is None or state.slot is not None):
        # "được rồi" outside a guide is a yes; "tiếp" there is for the engine to understand.
        return understand.affirm if command is Command.NEXT and state.yes else None
    if command in (Command.YES, Command.NO):
        return _yes_no(turn, command)
    if command is Command.TICKETS:
        return handoff.status
    return _COMMANDS[command]


def _yes_no(turn: Turn, command: Command) -> Callable[[Turn], None] | None:
    state = turn.state
    if state.slot is not None:
        return None
    if state.session is None and not (state.yes if command is Command.YES else state.no):
        return None
    return understand.affirm if command is Command.YES else understand.deny


def _unknown_command(turn: Turn) -> None:
    turn.say("unknown_command", menu.front(turn))


def _on_urgent(turn: Turn, _: ev.Text) -> None:
    kind = urgent.danger(turn)
    if kind is not None:
        urgent.answer(turn, kind)
    masked = turn.facts.masked
    if turn.state.relay is not None and masked is not None:
        handoff.say_to_helper(turn, masked.text)


def _on_command(turn: Turn, event: ev.Text) -> None:
    act = _command(turn, event.text)
    if act is not None:
        act(turn)


def _on_slot(turn: Turn, event: ev.Text) -> None:
    handoff.fill_slot(turn, event.text)


def _on_relay(turn: Turn, _: ev.Text) -> None:
    masked = turn.facts.masked
    if masked is None:
        return
    if masked.kinds:
        turn.say("masked")
    handoff.say_to_helper(turn, masked.text)


def _on_number(turn: Turn, event: ev.Text) -> None:
    match = _NUMBER.match(event.text)
    number = int(match.group(1)) if match else 0
    offered = turn.state.offered
    if 1 <= number <= len(offered):
        press(turn, offered[number - 1])
    else:
        turn.say("bad_number", number=number, most=len(offered))


def _on_engine(turn: Turn, _: ev.Text) -> None:
    understand.free_text(turn)


_ROUTES: dict[Route, Callable[[Turn, ev.Text], None]] = {
    Route.URGENT: _on_urgent,
    Route.COMMAND: _on_command,
    Route.SLOT: _on_slot,
    Route.RELAY: _on_relay,
    Route.NUMBER: _on_number,
    Route.ENGINE: _on_engine,
}

_IN_RELAY = frozenset(
    {Command.START, Command.MENU, Command.ERASE, Command.END_RELAY, Command.STATUS}
)
_IN_GUIDE = frozenset({Command.NEXT, Command.PREVIOUS, Command.REPEAT, Command.STUCK})

_COMMANDS: dict[Command, Callable[[Turn], None]] = {
    Command.START: menu.greet,
    Command.MENU: menu.show_menu,
    Command.PATH: menu.path,
    Command.ALL_TOPICS: menu.all_topics,
    Command.HUMAN: handoff.ask_human,
    Command.STATUS: handoff.status,
    Command.ERASE: understand.erase,
    Command.NEXT: walk.forward,
    Command.PREVIOUS: walk.back,
    Command.REPEAT: understand.repeat,
    Command.STUCK: walk.stuck,
    Command.STOP: understand.cancel,
    Command.END_RELAY: handoff.end_relay,
}


# The program tells ------------------------------------------------------------------------------


def _timer(turn: Turn, event: ev.TimerDue) -> None:
    if event.timer == "wait":
        walk.ask_parked(turn, event.guide_id)
    else:
        walk.follow_up(turn, event.guide_id)


def _peer_unreachable(turn: Turn, event: ev.PeerUnreachable) -> None:
    if turn.facts.subject is not None and turn.facts.member is not None:
        team.citizen_unreachable(turn, event.ticket_id)
    else:
        handoff.helper_unreachable(turn, event.ticket_id)


_INTERNAL: dict[type, Callable[..., None]] = {
    ev.TicketClaimed: handoff.claimed,
    ev.HelperSaid: handoff.helper_said,
    ev.TicketClosed: handoff.closed,
    ev.CardDue: lambda turn, _: team.card(turn),
    ev.CardChanged: team.changed,
    ev.ClaimConfirmed: lambda turn, _: team.briefing(turn),
    ev.CitizenSaid: lambda turn, e: team.citizen_said(turn, e.ticket_id, e.text),
    ev.TicketGone: lambda turn, e: team.gone(turn, e.ticket_id),
    ev.PeerUnreachable: _peer_unreachable,
    ev.HelperUnreachable: team.helper_unreachable,
    ev.TimerDue: _timer,
    ev.GuideRecalled: lambda turn, e: walk.recalled(turn, e.guide_id, e.revision, e.why),
}
