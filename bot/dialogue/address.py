"""How a person is addressed: as they speak of themselves, or as they choose."""

from __future__ import annotations

from bot.dialogue import menu
from bot.dialogue.turn import Turn
from bot.domain.events import Text
from bot.domain.replies import Choice


def listen(turn: Turn) -> None:
    """Take the form of address from the words of a message, unless the person chose one."""
    if turn.state.form_chosen or not isinstance(turn.event, Text):
        return
    found = turn.content.people.spoken_form(turn.masked)
    if found:
        turn.set(form=found)


def asked(turn: Turn) -> str:
    """The form that a message asks for ("gọi tôi là cô"), "" when it asks for none."""
    text = turn.event.text if isinstance(turn.event, Text) else ""
    return turn.content.people.asked_form(text)


def offer(turn: Turn) -> None:
    """All forms, one tap each."""
    forms = turn.content.people.forms
    choices = [Choice(f"form:{key}", form.you) for key, form in forms.items()]
    turn.say("address_ask", [*choices, turn.choice("menu", "menu")])


def choose(turn: Turn, form: str) -> None:
    """The form chosen, from now on."""
    if form not in turn.content.people.forms:
        offer(turn)
        return
    turn.set(form=form, form_chosen=True)
    turn.say("address_set", menu.front(turn))
