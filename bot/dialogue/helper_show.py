"""What a helper sends without writing it: a step of a guide, one of the canned replies."""

from __future__ import annotations

from bot.dialogue.helper_ask import ask
from bot.dialogue.turn import Turn
from bot.domain.effects import RelayToCitizen, SendStep
from bot.domain.replies import Choice, Priority
from bot.domain.tickets import TicketView
from bot.guides.content import Content
from bot.guides.model import Guide
from bot.guides.phrases import Phrases
from nlu.text import normalize

_SHOWN = 5


def guide_of(content: Content, ticket: TicketView) -> tuple[Guide, str] | None:
    """The guide a ticket came from and the situation it was read in; None when it came from none.

    A ticket keeps the title as it was shown: "Quét QR trả tiền (mẹ): điện thoại Android".
    """
    shown = ticket.guide_title
    fitting = [g for g in content.guides.values() if shown and shown.startswith(g.title)]
    if not fitting:
        return None
    guide = max(fitting, key=lambda each: len(each.title))
    label = shown.removeprefix(guide.title).rpartition(": ")[2]
    options = guide.question.choices if guide.question else ()
    choice = next((each.id for each in options if each.label == label), "")
    return guide, choice


def step(turn: Turn, ticket: TicketView, number: int, title: str) -> None:
    """Send step `number` (from 1) of the ticket's own guide, or of the one that is named."""
    found = _named(turn, ticket, number, title) if title else guide_of(turn.content, ticket)
    if found is None:
        if not title:
            turn.say("helper_step_no_guide", priority=Priority.RELAY, ticket=ticket.id)
        return
    send_step(turn, ticket, found, number)


def _named(turn: Turn, ticket: TicketView, number: int, title: str) -> tuple[Guide, str] | None:
    wanted = normalize(title).stripped
    guides = turn.content.guides
    exact = [g for g in guides.values() if normalize(g.title).stripped == wanted]
    words = set(wanted.split())
    found = exact or [
        guides[name]
        for name in guides
        if words <= set(f"{_plain(turn, name)} {name.replace('_', ' ')}".split())
    ]
    if len(found) == 1:
        return found[0], ""
    if found:
        choices = [
            Choice(f"buoc:{ticket.id}:{guide.id}:{number}", guide.title) for guide in found[:_SHOWN]
        ]
        ask(turn, turn.text("helper_step_which"), choices, ticket_id=ticket.id)
    else:
        turn.say("helper_step_unknown", priority=Priority.RELAY, title=title)
    return None


def _plain(turn: Turn, guide_id: str) -> str:
    topic = turn.content.titles.get(guide_id, "")
    return normalize(f"{turn.content.title(guide_id)} {topic}").stripped


def step_by_id(turn: Turn, ticket: TicketView, rest: str) -> None:
    """The guide was tapped: "<guide>:<step>"."""
    guide_id, _, number = rest.partition(":")
    guide = turn.content.guides.get(guide_id)
    if guide is not None and number.isdecimal():
        send_step(turn, ticket, (guide, ""), int(number[:3]))


def send_step(turn: Turn, ticket: TicketView, found: tuple[Guide, str], number: int) -> None:
    """Send it, if there is such a step."""
    guide, choice = found
    steps = guide.for_choice(choice).steps
    title = turn.phrases.fill(guide.title)
    if not 1 <= number <= len(steps):
        turn.say("helper_step_range", priority=Priority.RELAY, title=title, total=len(steps))
        return
    kept = step_line(turn.phrases, guide, choice, number - 1)
    turn.do(SendStep(ticket.id, guide.id, choice, number - 1, kept))
    turn.say(
        "helper_step_sent", priority=Priority.RELAY, ticket=ticket.id, step=number, title=title
    )


def step_line(phrases: Phrases, guide: Guide, choice: str, step: int) -> str:
    """What a ticket's talk keeps of a step (from 0) that was sent."""
    name = phrases.fill(guide.for_choice(choice).steps[step].title)
    return phrases.say("step_line", step=step + 1, title=phrases.fill(guide.title), name=name)


# Canned replies ---------------------------------------------------------------------------------


def canned(turn: Turn, ticket: TicketView, number: int) -> None:
    """Send the canned reply of this number; the list of them when there is none of it."""
    replies = turn.content.canned
    if 1 <= number <= len(replies):
        _send(turn, ticket, replies[number - 1].text)
    else:
        offer_canned(turn, ticket)


def offer_canned(turn: Turn, ticket: TicketView) -> None:
    """All canned replies, to be chosen from."""
    replies = turn.content.canned
    lines = [f"{n}. {turn.phrases.fill(reply.text)}" for n, reply in enumerate(replies, 1)]
    text = "\n".join([turn.text("helper_canned_list", ticket=ticket.id), *lines])
    choices = [Choice(f"mau:{ticket.id}:{reply.id}", reply.title) for reply in replies]
    ask(turn, text, choices, ticket_id=ticket.id)


def canned_by_id(turn: Turn, ticket: TicketView, name: str) -> None:
    """A canned reply was tapped."""
    found = next((reply for reply in turn.content.canned if reply.id == name), None)
    if found is None:
        offer_canned(turn, ticket)
    else:
        _send(turn, ticket, found.text)


def _send(turn: Turn, ticket: TicketView, text: str) -> None:
    turn.do(RelayToCitizen(ticket.id, ticket.helper, text, ours=True))
    shown = turn.phrases.fill(text)
    turn.say("helper_canned_sent", priority=Priority.RELAY, ticket=ticket.id, text=shown)
