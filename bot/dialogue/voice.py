"""Voice notes: what was heard is said back before it counts; what was not can go to a helper."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue import forms, handoff, menu, tracking
from bot.dialogue.turn import Turn
from bot.domain.data_effects import Consent
from bot.domain.effects import OpenTicket, RelayToHelper
from bot.domain.replies import Choice
from bot.domain.state import Spoken
from bot.domain.voice import KEPT_DAYS, VoiceFault
from bot.domain.voice_effects import AttachVoice, DropVoice, HoldVoice, SayText
from bot.safety.masking import mask

PRESS = "voice"
#: With these there are no bytes that anybody could listen to.
_NOTHING_THERE = frozenset({VoiceFault.TOO_BIG, VoiceFault.NOT_FETCHED, VoiceFault.NOT_AUDIO})
_LABEL = re.compile("⟨[^⟩]*⟩")
_WORD = re.compile(r"[^\W_]")


# It comes ---------------------------------------------------------------------------------------


def heard(turn: Turn) -> bool:
    """A voice note has come; False when this is none, or none that could be had."""
    found = turn.facts.heard
    if found is None:
        return False
    before = turn.state.voice or Spoken(
        offered=turn.state.offered, yes=turn.state.yes, no=turn.state.no
    )
    spoken = replace(before, text="", agreed=False)
    if found.fault is None:
        _say_back(turn, found.text, spoken)
    else:
        _offer(turn, found.fault, spoken)
    return True


def _say_back(turn: Turn, text: str, spoken: Spoken) -> None:
    """ "Did you say this?" Secrets are covered, and with one in it the note itself is not kept."""
    masked = mask(text)
    if masked.kinds and not _WORD.search(_LABEL.sub(" ", masked.text)):
        turn.note("masked")
        _drop(turn)
        turn.say("voice_only_type")
        return
    if masked.kinds:
        turn.note("masked")
        turn.do(DropVoice())
    else:
        turn.do(HoldVoice())
    turn.set(voice=replace(spoken, text=masked.text))
    if turn.phrases.threat(text):
        # Whether it was heard right or not: this must not wait for an answer.
        turn.note("voice_danger")
    yes, again = turn.choice("voice:yes", "voice_yes"), turn.choice("voice:again", "voice_again")
    more = [turn.choice("voice:type", "voice_type")]
    turn.say("voice_heard", [yes, again, *more], yes=yes.id, no=again.id, text=masked.text)


def _offer(turn: Turn, fault: VoiceFault, spoken: Spoken) -> None:
    """It was not heard: type, or let a helper hear it."""
    turn.note(f"voice_{fault}")
    if fault in _NOTHING_THERE:
        _drop(turn)
        turn.say("voice_only_type")
        return
    turn.do(HoldVoice())
    turn.set(voice=spoken)
    turn.say("voice_choose", [turn.choice("voice:pass", "voice_pass"), _type(turn)])


def _type(turn: Turn) -> Choice:
    return turn.choice("voice:type", "voice_type")


# What is to become of it ------------------------------------------------------------------------


def on_button(turn: Turn, answer: str) -> None:
    """A button about the note, its id after "voice:"."""
    spoken = turn.state.voice
    if spoken is None:
        turn.say("voice_gone", menu.front(turn) if turn.state.slot is None else ())
        return
    match answer:
        case "yes" if spoken.text:
            _back(turn, spoken)
            turn.do(SayText(spoken.text))
        case "again":
            _back(turn, spoken)
            turn.say("voice_again")
        case "pass" | "agree" if turn.facts.note is None:
            _back(turn, spoken)
            turn.say("voice_gone")
        case "pass":
            _pass_on(turn, spoken)
        case "agree":
            _agreed(turn, spoken)
        case _:
            _back(turn, spoken)
            turn.say("voice_typed")
            if turn.state.slot is not None:
                forms.ask_again(turn)


def _back(turn: Turn, spoken: Spoken) -> None:
    """The note is done with: answers mean again what they meant before it came."""
    _drop(turn)
    turn.set(offered=spoken.offered, yes=spoken.yes, no=spoken.no)


def _drop(turn: Turn) -> None:
    turn.set(voice=None)
    turn.do(DropVoice())


def _pass_on(turn: Turn, spoken: Spoken) -> None:
    """Consent: of its own where a ticket is open, else together with that to a request."""
    if turn.facts.tickets:
        yes, no = turn.choice("voice:agree", "yes"), turn.choice("voice:type", "no")
        turn.say("voice_pass_ask", [yes, no], yes=yes.id, no=no.id, days=KEPT_DAYS)
        return
    turn.set(voice=replace(spoken, agreed=True))
    turn.note("voice_along", days=KEPT_DAYS)
    draft = turn.state.draft
    if draft is not None and turn.state.slot is not None and not draft.ticket_id:
        # They are filling in a request already, and have agreed to it.
        forms.ask_again(turn)
    else:
        handoff.ask_human(turn)


def _agreed(turn: Turn, spoken: Spoken) -> None:
    relay = turn.state.relay
    ticket = tracking.mine(turn, relay.ticket_id) if relay is not None else None
    if ticket is None and turn.facts.tickets:
        ticket = turn.facts.tickets[-1]
    turn.set(voice=None, offered=spoken.offered, yes=spoken.yes, no=spoken.no)
    if ticket is None:
        turn.do(DropVoice())
        turn.say("voice_gone")
        return
    turn.agreed(Consent.VOICE, "voice_pass_ask")
    turn.do(AttachVoice(ticket.id))
    turn.do(RelayToHelper(ticket.id, turn.text("voice_line")))
    turn.say("voice_passed", ticket=ticket.id)


# What else happens meanwhile --------------------------------------------------------------------


def settle(turn: Turn) -> None:
    """At the end of a turn: a note goes with the request that was opened; one whose question was
    left without an answer is not kept any longer."""
    spoken = turn.state.voice
    if spoken is None:
        return
    opened = any(isinstance(effect, OpenTicket) for effect in turn.effects)
    if spoken.agreed and opened:
        ticket = turn.facts.event_id
        turn.set(voice=None)
        if turn.facts.note is not None:
            turn.agreed(Consent.VOICE, "voice_along")
            turn.do(AttachVoice(ticket))
            turn.do(RelayToHelper(ticket, turn.text("voice_line")))
        return
    asked = any(each.startswith(f"{PRESS}:") for each in turn.state.offered)
    if not (turn.state.draft is not None if spoken.agreed else asked):
        _drop(turn)
