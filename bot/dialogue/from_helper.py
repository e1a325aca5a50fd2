"""What comes to the citizen from a helper: lines, steps of a guide, a call nobody answered."""

from __future__ import annotations

from bot.dialogue import ladder, tracking
from bot.dialogue.show import as_read, step_text
from bot.dialogue.turn import Turn
from bot.domain.effects import TellGone
from bot.domain.events import CallMissed, HelperSaid, HelperShowed
from bot.domain.replies import Priority
from bot.domain.state import Relay, Session
from bot.domain.tickets import TicketStatus


def said(turn: Turn, event: HelperSaid) -> None:
    """A line from the helper. It opens the line again if the citizen had gone back to the bot."""
    line = turn.phrases.fill(event.text) if event.ours else event.text
    text = turn.text("helper_said", helper=event.helper, text=line)
    if event.warn:
        text += "\n\n" + turn.text("helper_asks_secret", helper=event.helper)
    _from_helper(turn, event, text)


def showed(turn: Turn, event: HelperShowed) -> None:
    """A step of a guide from the helper. The citizen's own walk stays where it is."""
    guide = turn.content.guides.get(event.guide_id)
    if guide is None or not 0 <= event.step < len(guide.steps):
        # The guide was withdrawn or cut while the step was on its way.
        title = turn.content.title(event.guide_id)
        gone = turn.text("helper_showed_gone", helper=event.helper, title=title)
        _from_helper(turn, event, gone)
        return
    read = as_read(turn, guide, event.choice)
    shown = Session(guide.id, guide.revision, min(event.step, len(read.steps) - 1), 0)
    first = turn.text("helper_showed", helper=event.helper, title=turn.phrases.fill(guide.title))
    _from_helper(turn, event, f"{first}\n\n{step_text(turn, shown, read)}")


def _from_helper(turn: Turn, event: HelperSaid | HelperShowed, text: str) -> None:
    if not _heard(turn, event.ticket_id):
        return
    relay = turn.state.relay
    mine = tracking.mine(turn, event.ticket_id)
    if mine is not None and (relay is None or relay.ticket_id != event.ticket_id):
        turn.set(relay=Relay(event.ticket_id, event.helper))
        text += "\n\n" + turn.text("relay_open", helper=event.helper)
    turn.put(text, priority=Priority.RELAY, ticket_id=event.ticket_id, line_id=event.line_id)


def _heard(turn: Turn, ticket_id: int) -> bool:
    """Whether a helper's line on this ticket is still for this person.

    A last word after it was closed is. After it was cancelled, or everything was erased, it is
    dropped, and the helper is told.
    """
    if tracking.mine(turn, ticket_id) is not None:
        return True
    ticket = turn.facts.subject
    if ticket is not None and ticket.status is TicketStatus.CLOSED:
        return any(ended.id == ticket_id for ended in turn.facts.ended)
    turn.do(TellGone(ticket_id))
    return False


def call_missed(turn: Turn, event: CallMissed) -> None:
    """The helper called and nobody answered: say so, and how to know that it was them."""
    ticket = tracking.mine(turn, event.ticket_id)
    if ticket is None:
        return
    text = turn.text("call_missed", helper=event.helper)
    words = ladder.trust_words(turn, ticket, event.helper)
    turn.put("\n".join(filter(None, [text, words])), priority=Priority.RELAY)
