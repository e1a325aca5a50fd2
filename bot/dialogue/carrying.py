"""What linked chats hand each other: how far the person has come, and messages that could not be
delivered.

The rules (docs/linking.md): when two chats are linked their walks are put together once; after that
whichever chat the person last did something in is right, and the others follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.dialogue import tracking
from bot.dialogue.turn import Turn
from bot.domain.effects import CarryProgress, DropTimers, EraseMe, TellGone
from bot.domain.events import CarriedHere, ProgressCarried
from bot.domain.linking import Progress
from bot.domain.replies import Reply
from bot.domain.state import Relay, Session, State

#: As many as a chat keeps anyway (bot.dialogue.walk).
_PARKED_MOST = 5


def progress_of(state: State, at: datetime) -> Progress:
    """What a chat has to hand on."""
    return Progress(
        at=at,
        session=state.session,
        suspended=state.suspended,
        parked=state.parked,
        finished=state.finished,
        family=state.family,
        homes=state.homes,
        person=state.person,
        province=state.province,
        device=state.device,
        form=state.form,
        form_chosen=state.form_chosen,
        pictures=state.pictures,
    )


def hand_on(turn: Turn, before: State) -> None:
    """Tell the person's other chats when this turn changed how far they have come."""
    if not turn.facts.linked or isinstance(turn.event, ProgressCarried):
        return
    if any(isinstance(effect, EraseMe) for effect in turn.effects):
        return
    now = turn.facts.now
    after = progress_of(turn.state, now)
    if after != progress_of(before, now):
        turn.set(carried_at=now)
        turn.do(CarryProgress(after))


# Taking it ---------------------------------------------------------------------------------------


def put_together(turn: Turn, theirs: Progress) -> None:
    """The first time: the walks of both. Of one guide, the one that has come further; the one begun
    last is open, the other ones are put aside. What only one side knows, both know now; where both
    know something else, it is as it is here."""
    mine = progress_of(turn.state, turn.facts.now)
    best: dict[str, Session] = {}
    for walk in (*_walks(mine), *_walks(theirs)):
        known = best.get(walk.key)
        if known is None or _further(walk) > _further(known):
            best[walk.key] = walk
    opened = [walk for walk in (mine.session, theirs.session) if walk is not None]
    newest = max(opened, key=lambda walk: walk.question_id, default=None)
    session = best.pop(newest.key) if newest is not None else None
    parked = sorted(best.values(), key=lambda walk: walk.question_id)[-_PARKED_MOST:]
    turn.set(session=session, suspended=None, parked=tuple(parked))
    chosen = mine.form_chosen or not theirs.form_chosen
    _learn(turn, theirs, over=False)
    turn.set(
        person=session.person if session is not None else mine.person,
        form=mine.form if chosen else theirs.form,
        form_chosen=mine.form_chosen or theirs.form_chosen,
    )


def take(turn: Turn, event: ProgressCarried) -> None:
    """Another chat has come further: its walks are this one's now, unless these are newer."""
    theirs, known = event.progress, turn.state.carried_at
    newer = known is None or theirs.at >= known
    _learn(turn, theirs, over=newer)
    if not newer:
        return
    # The person is nudged where they are now.
    turn.do(DropTimers("path"))
    turn.set(
        session=theirs.session,
        suspended=theirs.suspended,
        parked=theirs.parked,
        person=theirs.person,
        form=theirs.form,
        form_chosen=theirs.form_chosen,
        pictures=theirs.pictures,
        carried_at=theirs.at,
    )


def _learn(turn: Turn, theirs: Progress, *, over: bool) -> None:
    """What was finished is finished everywhere; the rest fills gaps, or goes over what is known."""
    state = turn.state
    roles = [*state.family, *(role for role in theirs.family if role not in state.family)]
    family = {r: _both(state.family.get(r, {}), theirs.family.get(r, {})) for r in roles}
    first, second = (theirs, state) if over else (state, theirs)
    turn.set(
        finished=_both(state.finished, theirs.finished),
        family=family,
        homes={**second.homes, **first.homes},
        province=first.province or second.province,
        device=first.device or second.device,
        pictures=state.pictures or theirs.pictures,
    )


def _both(mine: Mapping[str, date], theirs: Mapping[str, date]) -> dict[str, date]:
    """All that was finished, each on its later day."""
    days = dict(mine)
    for guide, day in theirs.items():
        days[guide] = max(day, days.get(guide, day))
    return days


def _walks(progress: Progress) -> tuple[Session, ...]:
    every = (progress.session, progress.suspended, *progress.parked)
    return tuple(walk for walk in every if walk is not None)


def _further(walk: Session) -> tuple[Any, ...]:
    return walk.step, walk.waiting_until is not None, walk.question_id


# Messages for another chat ------------------------------------------------------------------------


def say_here(turn: Turn, event: CarriedHere) -> None:
    """Say what could not be said in another chat of this person. Not when the two were parted
    meanwhile: then the helper learns that it came to nobody."""
    if not any(each.chat_id == event.chat_id for each in turn.facts.linked):
        for ticket_id in {r.ticket_id for r in event.replies if r.ticket_id is not None}:
            turn.do(TellGone(ticket_id))
        return
    turn.note("carried_here", channel=channel_name(turn, event.channel))
    for reply in event.replies:
        _repeat(turn, reply)


def _repeat(turn: Turn, reply: Reply) -> None:
    text = reply.text
    ticket = tracking.mine(turn, reply.ticket_id) if reply.ticket_id is not None else None
    relay = turn.state.relay
    talked = ticket if reply.line_id is not None else None
    if talked and talked.helper and (relay is None or relay.ticket_id != talked.id):
        turn.set(relay=Relay(talked.id, talked.helper))
        text += "\n\n" + turn.text("relay_open", helper=talked.helper)
    turn.put(
        text,
        [replace(choice, number=0) for choice in reply.choices],
        priority=reply.priority,
        ticket_id=reply.ticket_id,
        picture=reply.picture,
        line_id=reply.line_id,
        payment=reply.payment,
        photo=reply.photo,
        carried=True,
    )


_CHANNELS = frozenset({"telegram", "zalo_oa", "zalo_bot", "web", "terminal"})


def channel_name(turn: Turn, channel: str) -> str:
    """What a channel is called to people."""
    return turn.text(f"channel_{channel if channel in _CHANNELS else 'other'}")
