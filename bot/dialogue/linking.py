"""Carrying on from one channel to another: a code given here is typed there, and confirmed here.

A code alone gives nothing: people read such codes out to swindlers. Where it was given, the channel
and the time of its use are shown, and only a yes there joins the two.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue import carrying, menu
from bot.dialogue.calendar import spoken_time
from bot.dialogue.carrying import channel_name
from bot.dialogue.turn import Turn
from bot.domain.effects import (
    AnswerLink,
    AskLink,
    CarryProgress,
    EraseMe,
    MakeLinkCode,
    MissLinkCode,
    StopAlerts,
    Unlink,
)
from bot.domain.events import (
    EraseWanted,
    LinkAsked,
    LinkEnded,
    LinkMade,
    LinkRefused,
    PeerElsewhere,
)
from bot.domain.linking import CHATS_MOST, VALID, LinkState
from bot.domain.replies import Choice, Priority
from bot.domain.state import State

_MINUTES = int(VALID.total_seconds()) // 60


def others(turn: Turn) -> str:
    """The person's other channels, in words."""
    names = dict.fromkeys(channel_name(turn, each.channel) for each in turn.facts.linked)
    return ", ".join(names)


# A code is given, and typed ---------------------------------------------------------------------


def give_code(turn: Turn) -> None:
    """Give a code to be typed on another channel."""
    link = turn.facts.link
    if link is None or not link.fresh:
        # Asked for by a button of long ago.
        turn.say("link_how", menu.front(turn))
        return
    if turn.facts.linked:
        turn.note("link_already", channels=others(turn))
        if len(turn.facts.linked) + 1 >= CHATS_MOST:
            turn.say("link_full", menu.front(turn), most=CHATS_MOST)
            return
    turn.do(MakeLinkCode(link.fresh))
    turn.say("link_code", code=link.fresh, minutes=_MINUTES)


def count_wrong(turn: Turn) -> None:
    """A wrong code counts wherever it was typed, also in a talk with a helper."""
    link = turn.facts.link
    if link is not None and link.typed is LinkState.WRONG:
        turn.do(MissLinkCode())


def typed(turn: Turn) -> Callable[[Turn], None] | None:
    """What a typed code does; None when the message is none.

    With a form or a talk open only a good code is one: anything else may be meant for them.
    """
    link, state = turn.facts.link, turn.state
    if link is None or link.typed is None:
        return None
    busy = state.slot is not None or state.relay is not None
    return _use_code if not busy or link.typed is LinkState.OPEN else None


def _use_code(turn: Turn) -> None:
    link = turn.facts.link
    if link is None:
        return
    match link.typed:
        case LinkState.OPEN:
            turn.do(AskLink(link.code_id))
            turn.say("link_sent", minutes=_MINUTES)
        case LinkState.WRONG if link.left > 0:
            turn.say("link_wrong", menu.front(turn), minutes=_MINUTES, left=link.left)
        case LinkState.OWN:
            turn.say("link_own")
        case LinkState.SAME:
            turn.say("link_same", menu.front(turn))
        case LinkState.TAKEN:
            turn.say("link_taken", menu.front(turn), channels=others(turn))
        case LinkState.FULL:
            turn.say("link_full", menu.front(turn), most=CHATS_MOST)
        case LinkState.BUSY:
            turn.say("link_busy", menu.front(turn))
        case _:
            turn.say("link_blocked", menu.front(turn))


# It is confirmed where it was given -------------------------------------------------------------


def asked(turn: Turn, event: LinkAsked) -> None:
    """Somebody typed the code given here: was that this person?"""
    link = turn.facts.link
    if link is None or link.asked is None or link.asked.code_id != event.code_id:
        # It came too late, or another one was typed since.
        return
    yes = turn.choice(f"link:yes:{event.code_id}", "link_yes")
    no = turn.choice(f"link:no:{event.code_id}", "link_no")
    when, channel = spoken_time(event.at, turn.facts.now), channel_name(turn, event.channel)
    # No typed "có" and no bare number: only a tap, or the number of a choice read just now.
    turn.say("link_asked", [no, yes], no=no.id, priority=Priority.RELAY, when=when, channel=channel)


def answered(turn: Turn, rest: str) -> None:
    """A button under that question."""
    answer, _, number = rest.partition(":")
    wait = turn.facts.link.asked if turn.facts.link is not None else None
    if answer not in ("yes", "no") or wait is None or str(wait.code_id) != number:
        turn.say("link_late", menu.front(turn))
        return
    yes = answer == "yes"
    if yes and wait.same_alerts:
        # One person is told of an alert once: where they went on.
        turn.do(StopAlerts())
        turn.set(alerts=False)
    turn.do(AnswerLink(wait.code_id, yes, carrying.progress_of(turn.state, turn.facts.now)))
    if yes:
        turn.say("link_made", menu.front(turn), channel=channel_name(turn, wait.channel))
    else:
        turn.say("link_no", menu.front(turn))


def confirm(turn: Turn) -> None:
    """The same in words, where no button can be pressed."""
    _answer_last(turn, "yes")


def refuse(turn: Turn) -> None:
    """The other answer in words."""
    _answer_last(turn, "no")


def _answer_last(turn: Turn, answer: str) -> None:
    wait = turn.facts.link.asked if turn.facts.link is not None else None
    answered(turn, f"{answer}:{wait.code_id if wait is not None else 0}")


def made(turn: Turn, event: LinkMade) -> None:
    """It was confirmed: what the other chat brings is put together with what is here."""
    carrying.put_together(turn, event.progress)
    turn.set(carried_at=turn.facts.now)
    turn.do(CarryProgress(carrying.progress_of(turn.state, turn.facts.now)))
    channel = channel_name(turn, event.channel)
    turn.say("link_made", _back(turn), priority=Priority.RELAY, channel=channel)


def refused(turn: Turn, _: LinkRefused) -> None:
    """It was not."""
    turn.say("link_refused", _back(turn), priority=Priority.RELAY)


def _back(turn: Turn) -> list[Choice]:
    """The way on; nothing while a form waits for what is typed."""
    return [] if turn.state.slot is not None else menu.front(turn)


# It ends ----------------------------------------------------------------------------------------


def unlink(turn: Turn) -> None:
    """No longer linked, at once: nobody is asked."""
    if not turn.facts.linked:
        turn.say("unlink_none", menu.front(turn))
        return
    turn.do(Unlink())
    turn.say("unlinked", menu.front(turn), channels=others(turn))


def ended(turn: Turn, event: LinkEnded) -> None:
    """Another chat is no longer linked with this one."""
    turn.set(carried_at=None if not event.still else turn.state.carried_at)
    channel = channel_name(turn, event.channel)
    turn.say("link_ended", _back(turn), priority=Priority.RELAY, channel=channel)


# Erasing ----------------------------------------------------------------------------------------


def ask_erase(turn: Turn) -> None:
    """Ask before erasing; where the person has other chats, everywhere or only here."""
    keep = turn.choice("erase:no", "keep")
    if not turn.facts.linked:
        choices = [turn.choice("erase:yes", "erase"), keep]
        turn.say("erase_ask", choices, yes=choices[0].id, no=keep.id)
        return
    everywhere, here = turn.choice("erase:all", "erase_all"), turn.choice("erase:yes", "erase_here")
    turn.say("erase_ask_linked", [everywhere, here, keep], no=keep.id, channels=others(turn))


def ask_erase_here(turn: Turn) -> None:
    """The same for this chat alone."""
    choices = [turn.choice("erase:yes", "erase_here"), turn.choice("erase:no", "keep")]
    turn.say("erase_ask", choices, yes=choices[0].id, no=choices[1].id)


def erase(turn: Turn, answer: str) -> None:
    """Erase, as was just offered: here, or everywhere."""
    everywhere = answer == "all" and bool(turn.facts.linked)
    channels = others(turn)
    turn.do(EraseMe(everywhere=everywhere))
    turn.state = State(greeted=True, last_press=f"erase:{answer}")
    front = [turn.choice("menu", "menu")]
    if everywhere:
        turn.say("erase_done_all", front, channels=channels)
    else:
        turn.say("erase_done", front)


def erase_wanted(turn: Turn, event: EraseWanted) -> None:
    """Everything is to be erased, as the person said in another chat of theirs."""
    channel = channel_name(turn, event.channel)
    turn.do(EraseMe())
    turn.state = State(greeted=True)
    turn.say("erase_done_elsewhere", [turn.choice("menu", "menu")], channel=channel)


# Told to a helper -------------------------------------------------------------------------------


def peer_elsewhere(turn: Turn, event: PeerElsewhere) -> None:
    """The citizen is reached, but on another channel."""
    turn.say(
        "citizen_elsewhere",
        priority=Priority.RELAY,
        ticket=event.ticket_id,
        channel=channel_name(turn, event.channel),
        other=channel_name(turn, event.other),
    )
