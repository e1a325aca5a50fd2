"""Commands: what an exact phrase, or one with a word of the person's own, does in this place."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue import (
    address,
    alerts,
    amending,
    asking,
    choosing,
    forms,
    handoff,
    household,
    judging,
    linking,
    menu,
    mine,
    path,
    place,
    rating,
    search,
    seller_qr,
    talking,
    tracking,
    trust,
    understand,
    walk,
)
from bot.dialogue.turn import Turn
from bot.domain.state import State
from bot.guides.phrases import Command
from bot.locality.codes import code_of_payload

Act = Callable[[Turn], None]

#: Means something only while a request is open.
_NEEDS_TICKET = frozenset(
    {Command.ADD, Command.FIX, Command.FIX_NAME, Command.FIX_PHONE, Command.FIX_PLACE}
)
_IN_RELAY = frozenset(
    {Command.START, Command.MENU, Command.ERASE, Command.END_RELAY, Command.STATUS}
    | {Command.ALERTS_OFF, Command.ERASE_HERE, Command.MINE}
    | {Command.LINK, Command.LINK_YES, Command.LINK_NO, Command.UNLINK}
    | {Command.CANCEL_TICKET, Command.TRUST_WORDS, Command.FIX}
    | {Command.FIX_NAME, Command.FIX_PHONE, Command.FIX_PLACE}
)
#: Said of an answer that was given.
_JUDGES = frozenset({Command.RIGHT, Command.WRONG})
#: What may be said of an open step only.
ABOUT_STEP = frozenset(
    {Command.NEXT, Command.PREVIOUS, Command.REPEAT, Command.STUCK, Command.YES, Command.NO}
)


def meaning(turn: Turn, text: str) -> Act | None:
    """What an exact phrase does here; None when it is not one, or means nothing in this place."""
    command, state = turn.phrases.command(text), turn.state
    link = linking.typed(turn) if command is None else None
    if link is not None:
        return link
    thumb = judging.thumb(turn)
    if thumb is not None and state.slot is None and state.relay is None:
        return understand.judged_right if thumb else understand.judged_wrong
    slash = text.startswith("/")
    if command is None:
        code = code_of_payload(text)
        if code is not None and state.slot is None:
            # Where no link can carry it, the code on a poster is typed.
            return lambda turn: place.arrive(turn, code)
        return unknown if slash else _spoken(turn, text)
    if command in _NEEDS_TICKET and not turn.facts.tickets:
        # "sửa số điện thoại" is about a SIM card when nothing is open.
        return None
    if slash:
        return _COMMANDS[command]
    if state.relay is not None and state.slot is None and command not in _IN_RELAY:
        # Said to a human: "xong rồi" there is not for the bot.
        return None
    if command in _JUDGES and not state.answered:
        # With no answer before it, it is a remark like any other.
        return None
    if command in ABOUT_STEP and not _means_something(state, command):
        return None
    return _COMMANDS[command]


def _spoken(turn: Turn, text: str) -> Act | None:
    """A command with a word of the person's own: "gọi tôi là cô", "bổ sung: máy tôi là Nokia"."""
    if trust.asked(turn, text):
        return trust.answer
    about = amending.spoken(turn, text) if turn.state.slot is None else None
    if about is not None:
        return about
    role = handoff.for_whom(turn, text)
    if role:
        return lambda turn: handoff.set_whom(turn, role)
    if turn.state.slot is not None or turn.state.relay is not None:
        return None
    form = address.asked(turn)
    if form:
        return lambda turn: address.choose(turn, form)
    answer = asking.asked(turn, text)
    if answer is not None:
        return answer
    words = search.wanted_words(turn, text)
    if words and search.topics(turn, words):
        return lambda turn: understand.searched(turn, words)
    return tracking.status if turn.phrases.cues.status(text) else None


def _means_something(state: State, command: Command) -> bool:
    """Short answers need a guide or a question; what a form waits for is the form's."""
    if state.slot is not None:
        return False
    if command is Command.NEXT and understand.asked_whether_done(state):
        return True
    if command is Command.STUCK and understand.asked_what_failed(state):
        return True
    asked = (command is Command.YES and state.yes) or (command is Command.NO and state.no)
    return bool(asked) or state.session is not None


def unknown(turn: Turn) -> None:
    if turn.state.slot is not None:
        turn.note("unknown_command")
        forms.ask_again(turn)
    else:
        turn.say("unknown_command", menu.front(turn))


_COMMANDS: dict[Command, Act] = {
    Command.START: menu.greet,
    Command.MENU: menu.show_menu,
    Command.PATH: path.show,
    Command.HOUSEHOLD: household.view,
    Command.ADDRESS: address.offer,
    Command.OTHER_CASE: choosing.other_case,
    Command.PICTURE: walk.show_picture,
    Command.SELLER_QR: seller_qr.begin,
    Command.ALERTS: alerts.ask,
    Command.ALERTS_OFF: alerts.stop,
    Command.ALL_TOPICS: menu.all_topics,
    Command.HUMAN: handoff.ask_human,
    Command.STATUS: tracking.status,
    Command.TICKETS: tracking.status,
    Command.CANCEL_TICKET: handoff.cancel,
    Command.REOPEN: rating.reopen_last,
    Command.ADD: amending.command("add"),
    Command.FIX: amending.command("fix"),
    Command.FIX_NAME: amending.command("fixname"),
    Command.FIX_PHONE: amending.command("fixphone"),
    Command.FIX_PLACE: amending.command("fixplace"),
    Command.CALL_ME: handoff.call_me,
    Command.RATING_NOTE: rating.note_on_last,
    Command.TRUST_WORDS: trust.words,
    Command.ERASE: linking.ask_erase,
    Command.ERASE_HERE: linking.ask_erase_here,
    Command.HELP: menu.help_page,
    Command.LINK: linking.give_code,
    Command.LINK_YES: linking.confirm,
    Command.LINK_NO: linking.refuse,
    Command.UNLINK: linking.unlink,
    Command.NEXT: understand.done,
    Command.PREVIOUS: walk.back,
    Command.REPEAT: understand.repeat,
    Command.STUCK: understand.stuck,
    Command.STOP: understand.cancel,
    Command.YES: understand.affirm,
    Command.NO: understand.deny,
    Command.END_RELAY: talking.end_relay,
    Command.RIGHT: understand.judged_right,
    Command.WRONG: understand.judged_wrong,
    Command.MINE: mine.show,
}

#: They look after the form being filled in themselves.
KEEP_FORM: tuple[Act, ...] = (unknown, understand.cancel, handoff.cancel, handoff.call_me)
