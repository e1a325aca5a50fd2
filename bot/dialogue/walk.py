"""Walking through a guide: start, next, back, wait, finish, and asides on the way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bot.dialogue import alerts, judging, menu, path, progress, situation
from bot.dialogue.calendar import after_days, spoken_day
from bot.dialogue.cards import picture_choice, picture_of
from bot.dialogue.show import (
    as_read,
    current_guide,
    details,
    opening,
    overview,
    step_text,
    walk_name,
)
from bot.dialogue.turn import Turn
from bot.domain.effects import DropTimers, Outcome, ReachedStep, SetOutcome, SetTimer
from bot.domain.replies import Choice
from bot.domain.state import Session, walk_key, walk_parts
from bot.guides.model import Guide, Step

_PARKED_MOST = 5
_RELATED_MOST = 3


# The open walk ----------------------------------------------------------------------------------


def opened(turn: Turn) -> tuple[Session, Guide] | None:
    """The open session with its guide as it is read, its step surely one of the guide's.

    None when there is no session, or its question must be answered first; then the person has
    been told so.
    """
    session = turn.state.session
    if session is None:
        no_session(turn)
        return None
    guide = current_guide(turn, session)
    if guide is None:
        turn.set(session=None)
        missing(turn, session.guide_id)
        return None
    fitted = _fitted(turn, session, guide)
    question = situation.open_question(turn, guide, fitted)
    if question is not None:
        situation.ask(turn, question, fitted)
        return None
    return fitted, guide


def _fitted(turn: Turn, session: Session, guide: Guide) -> Session:
    """The session moved to the revision shown, as near to the same step as it can be."""
    step = min(session.step, len(guide.steps) - 1)
    if (session.revision, session.step) == (guide.revision, step):
        return session
    fitted = replace(session, revision=guide.revision, step=step)
    turn.set(session=fitted)
    turn.note("guide_updated", title=guide.title)
    return fitted


def change(turn: Turn, **changes: Any) -> None:
    """Change fields of the open session."""
    session = turn.state.session
    if session is not None:
        turn.set(session=replace(session, **changes))


def kept(turn: Turn, key: str) -> Session | None:
    """The walk of this name that was begun and not finished."""
    return next((walk for walk in turn.state.walks if walk.key == key), None)


def parked_session(turn: Turn, key: str) -> Session | None:
    """The walk of this name that was put aside."""
    return next((p for p in turn.state.parked if p.key == key), None)


def open_walk(turn: Turn, session: Session) -> None:
    """Make this the open session. What was open is left aside, and nothing is forgotten."""
    state = turn.state
    others = [state.session, state.suspended]
    aside = [s for s in others if s is not None and s.key != session.key]
    parked = [p for p in state.parked if p.key != session.key]
    turn.set(
        session=session,
        person=session.person,
        suspended=aside[0] if aside else None,
        parked=(*parked, *aside[1:])[-_PARKED_MOST:],
    )


def drop(turn: Turn, gone: Collection[Session]) -> None:
    """Forget these walks."""
    state = turn.state
    turn.set(
        session=None if state.session in gone else state.session,
        suspended=None if state.suspended in gone else state.suspended,
        parked=tuple(walk for walk in state.parked if walk not in gone),
    )


# Showing ----------------------------------------------------------------------------------------


def show_step(
    turn: Turn, session: Session, guide: Guide, before: str = "", *, picture: bool = False
) -> None:
    """Show the step a session is at, with what can be done there; with `picture`, drawn too."""
    number = session.step
    text = step_text(turn, session, guide)
    at = f"{session.key}:{number}"
    last = number == len(guide.steps) - 1
    choices = [
        turn.choice(f"next:{at}", "finish" if last else "next"),
        turn.choice(f"stuck:{at}", "stuck"),
    ]
    if number:
        choices.append(turn.choice(f"prev:{at}", "previous"))
    elif guide.question is not None:
        choices.append(turn.choice(f"reask:{session.key}", "other_case"))
    body = f"{before}\n\n{text}" if before else text
    human = turn.choice("human", "help")
    if guide.steps[number].recalled:
        # Nobody gets on here alone: a person comes first, and trying again is not offered.
        choices = [human, choices[0], *choices[2:]]
        turn.put(body, choices, yes=human.id)
        return
    always = turn.state.pictures
    choices += [picture_choice(turn, at, always=always, asked=picture), human]
    drawn = picture_of(turn, guide, number) if picture or always else None
    turn.put(body, choices, yes=choices[0].id, no=choices[1].id, picture=drawn)


def show_picture(turn: Turn) -> None:
    """The open step once more, as a picture too."""
    found = opened(turn)
    if found is not None:
        show_step(turn, *found, picture=True)


def show_current(turn: Turn) -> bool:
    """Show the session's step again; False when there is no session."""
    if turn.state.session is None:
        return False
    found = opened(turn)
    if found is not None:
        show_step(turn, *found)
    return True


def step_or_menu(turn: Turn) -> None:
    """Back to the step, or to the front page when no guide is open."""
    if not show_current(turn):
        menu.show_menu(turn)


def no_session(turn: Turn) -> None:
    """A step command outside a guide."""
    turn.say("no_session", menu.front(turn))


def missing(turn: Turn, guide_id: str) -> None:
    """Nothing checked is written on this topic: say so, offer a person."""
    human = turn.choice(f"human:{guide_id}", "help")
    choices = [human, *turn.way_back(), turn.choice("menu", "menu")]
    turn.say("guide_missing", choices, title=turn.content.title(guide_id), yes=human.id)


# Going through it -------------------------------------------------------------------------------


def start(turn: Turn, guide_id: str, question_id: int = 0) -> None:
    """Begin a guide, or go on where it was left: for whoever is being helped now.

    A guide that is not written yet is honestly said to be missing.
    """
    guide = turn.content.guides.get(guide_id)
    if guide is None:
        missing(turn, guide_id)
        return
    person = turn.state.person
    before = kept(turn, walk_key(guide_id, person))
    situation.hear_province(turn, guide)
    choice = situation.known_choice(turn, guide) or (before.choice if before else "")
    if before is not None and before.step > 0 and choice == before.choice:
        _go_on(turn, before, guide)
        return
    asked = question_id or turn.facts.event_id
    session = Session(guide_id, guide.revision, 0, asked, choice=choice, person=person)
    open_walk(turn, session)
    turn.set(misses=0)
    begin(turn, session, guide)


def begin(turn: Turn, session: Session, guide: Guide, told: Guide | None = None) -> None:
    """The overview with the first step, or with the question that decides about it.

    What `told` says in its opening was said just before and is not said again.
    """
    read = as_read(turn, guide, session.choice)
    question = situation.open_question(turn, read, session)
    if question is not None:
        situation.ask(turn, question, session, before=opening(turn, read))
    elif told and (told.answer, told.emergency) == (read.answer, read.emergency):
        show_step(turn, session, read, before=details(turn, read))
    else:
        show_step(turn, session, read, before=overview(turn, read))


def restart(turn: Turn, key: str) -> None:
    """From the first step again, whatever was done before."""
    guide_id, person = walk_parts(key)
    drop(turn, [walk for walk in turn.state.walks if walk.key == key])
    turn.set(person=person)
    turn.do(DropTimers("wait", key))
    start(turn, guide_id)


def _go_on(turn: Turn, session: Session, guide: Guide) -> None:
    """Asked for again while it is half done: answer, say where it stands, offer both ways."""
    key, step = session.key, session.step + 1
    back = turn.choice(f"back:{key}", "back_to_step", step=step)
    choices = [back, turn.choice(f"again:{key}", "restart"), turn.choice("menu", "menu")]
    stands = turn.text("welcome_back", step=step)
    read = as_read(turn, guide, session.choice)
    turn.put(f"{overview(turn, read)}\n\n{stands}", choices, yes=back.id)


def forward(turn: Turn) -> None:
    """Xong, bước tiếp."""
    found = opened(turn)
    if found is None:
        return
    session, guide = found
    step = guide.steps[session.step]
    if step.wait is not None and session.waiting_until is None:
        park(turn, session, guide, step)
    else:
        advance(turn, session, guide)


def advance(turn: Turn, session: Session, guide: Guide) -> None:
    """To the next step, or to the end."""
    if session.waiting_until is not None:
        turn.do(DropTimers("wait", session.key))
    if session.step >= len(guide.steps) - 1:
        finish(turn, session, guide)
        return
    moved = at_step(session, session.step + 1)
    turn.set(session=moved)
    turn.do(ReachedStep(moved.question_id, moved.step + 1))
    show_step(turn, moved, guide)


def back(turn: Turn) -> None:
    """Bước trước."""
    found = opened(turn)
    if found is None:
        return
    session, guide = found
    if session.step == 0:
        turn.note("guide_first")
    moved = at_step(session, max(session.step - 1, 0))
    turn.set(session=moved)
    turn.do(ReachedStep(moved.question_id, moved.step + 1))
    show_step(turn, moved, guide)


def at_step(session: Session, step: int) -> Session:
    """The session at another step; what failed at the one before is over."""
    return replace(session, step=step, failed=(), asked_stuck=False, waiting_until=None)


def finish(turn: Turn, session: Session, guide: Guide) -> None:
    """The last step is done."""
    key = session.key
    progress.record(turn, session.person, guide.id)
    turn.set(session=None, misses=0)
    turn.do(SetOutcome(session.question_id, Outcome.FINISHED, len(guide.steps)))
    if not turn.state.followup_off and guide.id in turn.content.guides:
        due = after_days(turn.facts.now, turn.facts.followup_days)
        turn.do(SetTimer("followup", key, due))
    text = turn.text("guide_finished", title=walk_name(turn, key))
    summary = path.after_finishing(turn, guide.id)
    if summary:
        text += "\n\n" + summary
    choices = turn.way_back()
    yes = choices[0].id if choices else ""
    suspended = turn.state.suspended
    if suspended is not None:
        text += "\n" + _left_aside(turn, suspended)
    related = [g for g in guide.related if g in turn.content.guides][:_RELATED_MOST]
    if related and suspended is None:
        text += "\n" + turn.text("guide_related")
    choices += [Choice(f"guide:{g}", turn.content.title(g)) for g in related]
    choices += alerts.offer(turn, guide.id)
    choices += judging.thumbs(turn, session.question_id)
    choices += [turn.choice("path", "path"), turn.choice("menu", "menu")]
    turn.put(text, choices, yes=yes)


def _left_aside(turn: Turn, session: Session) -> str:
    title = walk_name(turn, session.key)
    if turn.unbegun(session):
        return turn.text("guide_aside_asked", title=title)
    return turn.text("guide_aside", title=title, step=session.step + 1)


def stop(turn: Turn) -> None:
    """The person does not want to go on."""
    session = turn.state.session
    if session is None:
        menu.show_menu(turn)
        return
    turn.set(session=None)
    turn.do(SetOutcome(session.question_id, Outcome.STOPPED, session.step + 1))
    turn.say("guide_stopped", menu.front(turn), title=walk_name(turn, session.key))


def aside(turn: Turn, guide_id: str) -> None:
    """A question in the middle of a guide: answer it, then offer the way back to the step."""
    session = turn.state.session
    guide = turn.content.guides.get(guide_id)
    if session is None or guide is None:
        missing(turn, guide_id)
        return
    choices = turn.way_back()
    choice = situation.known_choice(turn, guide)
    if guide_id != session.guide_id:
        choices.append(turn.choice(f"guide:{guide_id}", "start_guide"))
    elif choice not in ("", session.choice):
        choices.append(turn.choice(f"case:{session.key}:{choice}", "start_guide"))
    else:
        choice = session.choice
    choices.append(turn.choice("human", "help"))
    text = f"{overview(turn, as_read(turn, guide, choice))}\n\n{_left_aside(turn, session)}"
    turn.put(text, choices, yes=choices[0].id)


def put_aside(turn: Turn, session: Session, text: str) -> None:
    """Say something about the open guide, then offer the way back to the step, and help."""
    stuck = turn.choice(f"stuck:{session.key}:{session.step}", "stuck")
    stuck_too = [] if turn.unbegun(session) else [stuck]
    choices = [*turn.way_back(), *stuck_too, turn.choice("human", "help")]
    turn.put(f"{text}\n\n{_left_aside(turn, session)}", choices, yes=choices[0].id)


def resume(turn: Turn, key: str) -> None:
    """Back to a walk left aside, parked or suspended."""
    session = kept(turn, key)
    if session is None:
        guide_id, person = walk_parts(key)
        turn.set(person=person)
        start(turn, guide_id)
        return
    open_walk(turn, session)
    show_current(turn)


# Waiting ----------------------------------------------------------------------------------------


def park(turn: Turn, session: Session, guide: Guide, step: Step) -> None:
    """A step that takes days: put the guide aside and ask again when the time has come."""
    if step.wait is None:
        return
    due = after_days(turn.facts.now, step.wait.days, working=step.wait.working)
    waiting = replace(session, waiting_until=due, asked_stuck=False)
    others = tuple(p for p in turn.state.parked if p.key != session.key)
    turn.set(session=None, parked=(*others, waiting)[-_PARKED_MOST:])
    turn.do(SetTimer("wait", session.key, due))
    choices = [turn.choice(f"ready:{session.key}", "ready"), *menu.front(turn)]
    turn.say("wait_parked", choices, when=spoken_day(due), yes=choices[0].id)


def ready(turn: Turn, key: str) -> None:
    """What the step waited for has come: go on with the next one."""
    session = parked_session(turn, key)
    if session is None:
        resume(turn, key)
        return
    open_walk(turn, session)
    forward(turn)
