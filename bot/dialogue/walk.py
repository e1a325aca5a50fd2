"""Walking through a guide: start, next, back, wait, finish, and asides on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.dialogue import menu
from bot.dialogue.calendar import after_days, spoken_day
from bot.dialogue.turn import Turn
from bot.domain.effects import DropTimers, Outcome, SetOutcome, SetTimer
from bot.domain.replies import Choice
from bot.domain.state import Session
from bot.guides.model import Guide, Step

_PARKED_MOST = 5
_RELATED_MOST = 3


# The open walk ----------------------------------------------------------------------------------


def current_guide(turn: Turn, session: Session) -> Guide | None:
    """The revision this session began with; the current one when that is all there is."""
    current = turn.content.guides.get(session.guide_id)
    if current is not None and current.revision == session.revision:
        return current
    return turn.facts.held.get((session.guide_id, session.revision), current)


def opened(turn: Turn) -> tuple[Session, Guide] | None:
    """The open session with its guide, its step surely one of the guide's.

    None when there is no session, and then the person has been told so.
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
    return _fitted(turn, session, guide), guide


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


def kept(turn: Turn, guide_id: str) -> Session | None:
    """The walk through this guide that was begun and not finished."""
    state = turn.state
    known = (state.session, state.suspended, *state.parked)
    return next((s for s in known if s is not None and s.guide_id == guide_id), None)


def parked_session(turn: Turn, guide_id: str) -> Session | None:
    """The session put aside for this guide."""
    return next((p for p in turn.state.parked if p.guide_id == guide_id), None)


def _open(turn: Turn, session: Session) -> None:
    """Make this the open session. What was open is left aside, and nothing is forgotten."""
    state = turn.state
    others = [state.session, state.suspended]
    aside = [s for s in others if s is not None and s.guide_id != session.guide_id]
    parked = [p for p in state.parked if p.guide_id != session.guide_id]
    turn.set(
        session=session,
        suspended=aside[0] if aside else None,
        parked=(*parked, *aside[1:])[-_PARKED_MOST:],
    )


# Showing ----------------------------------------------------------------------------------------


def overview(turn: Turn, guide: Guide) -> str:
    """The answer in one sentence, what to prepare, the fee, the time, the warnings."""
    fill = turn.phrases.fill
    parts = [turn.text("guide_intro", title=fill(guide.title), answer=fill(guide.answer))]
    if guide.prepare:
        items = "\n".join(f"• {fill(item)}" for item in guide.prepare)
        parts.append(f"{turn.text('guide_prepare')}\n{items}")
    parts.append(
        turn.text("guide_fee", fee=fill(guide.fee))
        + "\n"
        + turn.text("guide_time", time=fill(guide.time))
    )
    if guide.warnings:
        items = "\n".join(f"• {fill(item)}" for item in guide.warnings)
        parts.append(f"⚠ {turn.text('guide_warnings')}\n{items}")
    return "\n\n".join(parts)


def step_text(turn: Turn, guide: Guide, number: int) -> str:
    """Step `number` (from 0) as it is shown."""
    step = guide.steps[number]
    body = turn.phrases.fill(step.text)
    if step.check:
        body += "\n" + turn.phrases.fill(step.check)
    title = turn.phrases.fill(step.title)
    return turn.text("guide_step", step=number + 1, total=len(guide.steps), title=title, text=body)


def show_step(turn: Turn, session: Session, guide: Guide, before: str = "") -> None:
    """Show the step a session is at, with what can be done there."""
    number = session.step
    text = step_text(turn, guide, number)
    at = f"{guide.id}:{number}"
    last = number == len(guide.steps) - 1
    choices = [
        turn.choice(f"next:{at}", "finish" if last else "next"),
        turn.choice(f"stuck:{at}", "stuck"),
    ]
    if number:
        choices.append(turn.choice(f"prev:{at}", "previous"))
    choices.append(turn.choice("human", "help"))
    body = f"{before}\n\n{text}" if before else text
    turn.put(body, choices, yes=choices[0].id, no=choices[1].id)


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
    """Begin a guide at its first step, or go on where it was left.

    A guide that is not written yet is honestly said to be missing.
    """
    guide = turn.content.guides.get(guide_id)
    if guide is None:
        missing(turn, guide_id)
        return
    before = kept(turn, guide_id)
    if before is not None and before.step > 0:
        _go_on(turn, before, guide)
        return
    session = Session(guide_id, guide.revision, 0, question_id or turn.facts.event_id)
    _open(turn, session)
    turn.set(misses=0)
    show_step(turn, session, guide, before=overview(turn, guide))


def restart(turn: Turn, guide_id: str) -> None:
    """From the first step again, whatever was done before."""
    state = turn.state
    turn.set(
        session=None if _of(state.session, guide_id) else state.session,
        suspended=None if _of(state.suspended, guide_id) else state.suspended,
        parked=tuple(p for p in state.parked if p.guide_id != guide_id),
    )
    turn.do(DropTimers("wait", guide_id))
    start(turn, guide_id)


def _go_on(turn: Turn, session: Session, guide: Guide) -> None:
    """Asked for again while it is half done: answer, say where it stands, offer both ways."""
    guide_id, step = session.guide_id, session.step + 1
    back = turn.choice(f"back:{guide_id}", "back_to_step", step=step)
    choices = [back, turn.choice(f"again:{guide_id}", "restart"), turn.choice("menu", "menu")]
    stands = turn.text("welcome_back", step=step)
    turn.put(f"{overview(turn, guide)}\n\n{stands}", choices, yes=back.id)


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
        turn.do(DropTimers("wait", guide.id))
    if session.step >= len(guide.steps) - 1:
        finish(turn, session, guide)
        return
    moved = _at(session, session.step + 1)
    turn.set(session=moved)
    show_step(turn, moved, guide)


def back(turn: Turn) -> None:
    """Bước trước."""
    found = opened(turn)
    if found is None:
        return
    session, guide = found
    if session.step == 0:
        turn.note("guide_first")
    moved = _at(session, max(session.step - 1, 0))
    turn.set(session=moved)
    show_step(turn, moved, guide)


def _at(session: Session, step: int) -> Session:
    """The session at another step; what failed at the one before is over."""
    return replace(session, step=step, failed=(), asked_stuck=False, waiting_until=None)


def finish(turn: Turn, session: Session, guide: Guide) -> None:
    """The last step is done."""
    finished = {**turn.state.finished, guide.id: turn.facts.now.date()}
    turn.set(session=None, finished=finished, misses=0)
    turn.do(SetOutcome(session.question_id, Outcome.FINISHED, len(guide.steps)))
    if not turn.state.followup_off and guide.id in turn.content.guides:
        due = after_days(turn.facts.now, turn.facts.followup_days)
        turn.do(SetTimer("followup", guide.id, due))
    text = turn.text("guide_finished", title=guide.title)
    choices = turn.way_back()
    yes = choices[0].id if choices else ""
    suspended = turn.state.suspended
    if suspended is not None:
        text += "\n" + _left_aside(turn, suspended)
    related = [g for g in guide.related if g in turn.content.guides][:_RELATED_MOST]
    if related and suspended is None:
        text += "\n" + turn.text("guide_related")
    choices += [Choice(f"guide:{g}", turn.content.title(g)) for g in related]
    choices += [turn.choice("path", "path"), turn.choice("menu", "menu")]
    turn.put(text, choices, yes=yes)


def _left_aside(turn: Turn, session: Session) -> str:
    title = turn.content.title(session.guide_id)
    return turn.text("guide_aside", title=title, step=session.step + 1)


def stop(turn: Turn) -> None:
    """The person does not want to go on."""
    session = turn.state.session
    if session is None:
        menu.show_menu(turn)
        return
    turn.set(session=None)
    turn.do(SetOutcome(session.question_id, Outcome.STOPPED, session.step + 1))
    turn.say("guide_stopped", menu.front(turn), title=turn.content.title(session.guide_id))


def aside(turn: Turn, guide_id: str) -> None:
    """A question in the middle of a guide: answer it, then offer the way back to the step."""
    session = turn.state.session
    guide = turn.content.guides.get(guide_id)
    if session is None or guide is None:
        missing(turn, guide_id)
        return
    choices = turn.way_back()
    if guide_id != session.guide_id:
        choices.append(turn.choice(f"guide:{guide_id}", "start_guide"))
    choices.append(turn.choice("human", "help"))
    text = f"{overview(turn, guide)}\n\n{_left_aside(turn, session)}"
    turn.put(text, choices, yes=choices[0].id)


def resume(turn: Turn, guide_id: str) -> None:
    """Back to a guide left aside, parked or suspended."""
    session = kept(turn, guide_id)
    if session is None:
        start(turn, guide_id)
        return
    _open(turn, session)
    show_current(turn)


# Waiting ----------------------------------------------------------------------------------------


def park(turn: Turn, session: Session, guide: Guide, step: Step) -> None:
    """A step that takes days: put the guide aside and ask again when the time has come."""
    if step.wait is None:
        return
    due = after_days(turn.facts.now, step.wait.days, working=step.wait.working)
    waiting = replace(session, waiting_until=due, asked_stuck=False)
    others = tuple(p for p in turn.state.parked if p.guide_id != guide.id)
    turn.set(session=None, parked=(*others, waiting)[-_PARKED_MOST:])
    turn.do(SetTimer("wait", guide.id, due))
    choices = [turn.choice(f"ready:{guide.id}", "ready"), *menu.front(turn)]
    turn.say("wait_parked", choices, when=spoken_day(due), yes=choices[0].id)


def ready(turn: Turn, guide_id: str) -> None:
    """What the step waited for has come: go on with the next one."""
    session = parked_session(turn, guide_id)
    if session is None:
        resume(turn, guide_id)
        return
    _open(turn, session)
    forward(turn)


# Withdrawn --------------------------------------------------------------------------------------


def recalled(turn: Turn, guide_id: str, revision: str, why: str) -> bool:
    """A guide was withdrawn: tell whoever is in that revision, and move them on.

    Whether anything was said.
    """
    state = turn.state

    def inside(session: Session | None) -> bool:
        return _of(session, guide_id) and session is not None and session.revision == revision

    here = inside(state.session)
    if not (here or inside(state.suspended) or any(map(inside, state.parked))):
        return False
    guide = turn.content.guides.get(guide_id)
    if guide is not None and guide.revision != revision:
        _to_current(turn, guide_id)
        return here and show_current(turn)
    turn.set(
        session=None if here else state.session,
        suspended=None if inside(state.suspended) else state.suspended,
        parked=tuple(p for p in state.parked if not inside(p)),
    )
    turn.do(DropTimers("wait", guide_id))
    title = turn.content.title(guide_id)
    human = turn.choice(f"human:{guide_id}", "help")
    choices = [human, *turn.way_back(), turn.choice("menu", "menu")]
    turn.say("guide_recalled", choices, title=title, why=why)
    return True


def _to_current(turn: Turn, guide_id: str) -> None:
    """Let every walk through a guide forget its revision, so that it goes on with the current."""

    def moved(session: Session) -> Session:
        return replace(session, revision="") if session.guide_id == guide_id else session

    state = turn.state
    turn.set(
        session=moved(state.session) if state.session else None,
        suspended=moved(state.suspended) if state.suspended else None,
        parked=tuple(map(moved, state.parked)),
    )


def _of(session: Session | None, guide_id: str) -> bool:
    return session is not None and session.guide_id == guide_id
