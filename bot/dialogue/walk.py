"""Walking through a guide: start, next, back, stuck, wait, finish, and asides on the way."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import menu
from bot.dialogue.calendar import after_days, spoken_day
from bot.dialogue.turn import Turn
from bot.domain.effects import DropTimers, Outcome, SetOutcome, SetTimer
from bot.domain.replies import Choice, Priority
from bot.domain.state import Session
from bot.guides.model import Guide, Step

_PARKED_MOST = 5


def current_guide(turn: Turn, session: Session) -> Guide | None:
    """The revision this session began with; the current one when that is all there is."""
    current = turn.content.guides.get(session.guide_id)
    if current is not None and current.revision == session.revision:
        return current
    return turn.facts.held.get((session.guide_id, session.revision), current)


def start(turn: Turn, guide_id: str, question_id: int = 0) -> None:
    """Begin a guide at its first step, or say honestly that it is not written yet."""
    guide = turn.content.guides.get(guide_id)
    if guide is None:
        missing(turn, guide_id)
        return
    old = turn.state.session
    if old is not None and old.guide_id != guide_id:
        turn.set(suspended=old)
    session = Session(guide_id, guide.revision, 0, question_id or turn.facts.event_id)
    parked = tuple(p for p in turn.state.parked if p.guide_id != guide_id)
    turn.set(session=session, parked=parked, misses=0)
    show_step(turn, session, guide, before=overview(turn, guide))


def missing(turn: Turn, guide_id: str) -> None:
    """Nothing checked is written on this topic: say so, offer a person."""
    choices = [turn.choice(f"human:{guide_id}", "help"), turn.choice("menu", "menu")]
    turn.say("guide_missing", choices, title=turn.content.title(guide_id), yes=choices[0].id)


def overview(turn: Turn, guide: Guide) -> str:
    """The answer in one sentence, what to prepare, the fee, the time, the warnings."""
    fill = turn.phrases.fill
    parts = [turn.text("guide_intro", title=guide.title, answer=fill(guide.answer))]
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
    number = min(session.step, len(guide.steps) - 1)
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
    session = turn.state.session
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        return False
    if guide.revision != session.revision:
        session = _rebase(turn, session, guide)
    show_step(turn, session, guide)
    return True


def _rebase(turn: Turn, session: Session, guide: Guide) -> Session:
    """Move a session to the guide's current revision, as near to the same step as it can be."""
    step = min(session.step, len(guide.steps) - 1)
    moved = replace(session, revision=guide.revision, step=step)
    turn.set(session=moved)
    turn.note("guide_updated", title=guide.title)
    return moved


def forward(turn: Turn) -> None:
    """Xong, bước tiếp."""
    session = turn.state.session
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        no_session(turn)
        return
    step = guide.steps[min(session.step, len(guide.steps) - 1)]
    if step.wait is not None and session.waiting_until is None:
        park(turn, session, guide, step)
    else:
        advance(turn, session, guide)


def advance(turn: Turn, session: Session, guide: Guide) -> None:
    """To the next step, or to the end."""
    if session.step >= len(guide.steps) - 1:
        finish(turn, session, guide)
        return
    moved = replace(session, step=session.step + 1, asked_stuck=False, waiting_until=None)
    turn.set(session=moved)
    show_step(turn, moved, guide)


def back(turn: Turn) -> None:
    """Bước trước."""
    session = turn.state.session
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        no_session(turn)
        return
    if session.step == 0:
        turn.note("guide_first")
    moved = replace(session, step=max(session.step - 1, 0), asked_stuck=False)
    turn.set(session=moved)
    show_step(turn, moved, guide)


def finish(turn: Turn, session: Session, guide: Guide) -> None:
    """The last step is done."""
    finished = {**turn.state.finished, guide.id: turn.facts.now.date()}
    turn.set(session=None, finished=finished, misses=0)
    turn.do(SetOutcome(session.question_id, Outcome.FINISHED, len(guide.steps)))
    if not turn.state.followup_off and guide.id in turn.content.guides:
        due = after_days(turn.facts.now, turn.facts.followup_days)
        turn.do(SetTimer("followup", guide.id, due))
    text = turn.text("guide_finished", title=guide.title)
    suspended = turn.state.suspended
    choices: list[Choice] = []
    if suspended is not None:
        back_id = f"back:{suspended.guide_id}"
        choices.append(turn.choice(back_id, "back_to_step", step=suspended.step + 1))
        title = turn.content.title(suspended.guide_id)
        text += "\n" + turn.text("guide_aside", title=title, step=suspended.step + 1)
    choices += [Choice(f"guide:{g}", turn.content.title(g)) for g in guide.related[:3]]
    if guide.related and suspended is None:
        text += "\n" + turn.text("guide_related")
    choices += [turn.choice("path", "path"), turn.choice("menu", "menu")]
    turn.put(text, choices)


def stop(turn: Turn) -> None:
    """The person does not want to go on."""
    session = turn.state.session
    if session is None:
        menu.show_menu(turn)
        return
    turn.set(session=None, suspended=None)
    turn.do(SetOutcome(session.question_id, Outcome.STOPPED, session.step + 1))
    turn.say("guide_stopped", menu.front(turn), title=turn.content.title(session.guide_id))


def no_session(turn: Turn) -> None:
    """A step command outside a guide."""
    turn.say("no_session", menu.front(turn))


def aside(turn: Turn, guide_id: str) -> None:
    """A question in the middle of a guide: answer it, then offer the way back to the step."""
    session = turn.state.session
    guide = turn.content.guides.get(guide_id)
    if session is None or guide is None:
        return
    title = turn.content.title(session.guide_id)
    back_id = f"back:{session.guide_id}"
    choices = [turn.choice(back_id, "back_to_step", step=session.step + 1)]
    if guide_id != session.guide_id:
        choices.append(turn.choice(f"guide:{guide_id}", "start_guide"))
    choices.append(turn.choice("human", "help"))
    text = overview(turn, guide) + "\n\n"
    text += turn.text("guide_aside", title=title, step=session.step + 1)
    turn.put(text, choices, yes=back_id)


def resume(turn: Turn, guide_id: str) -> None:
    """Back to a guide left aside, parked or suspended."""
    state = turn.state
    known = (state.session, state.suspended, *state.parked)
    session = next((s for s in known if s is not None and s.guide_id == guide_id), None)
    if session is None:
        start(turn, guide_id)
        return
    turn.set(
        session=replace(session, waiting_until=None),
        suspended=None if session is state.suspended else state.suspended,
        parked=tuple(p for p in state.parked if p is not session),
    )
    if not show_current(turn):
        turn.set(session=None)
        missing(turn, guide_id)


# Stuck ------------------------------------------------------------------------------------------


def stuck(turn: Turn) -> None:
    """Chưa làm được: the step's usual obstacles as choices."""
    session = turn.state.session
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        no_session(turn)
        return
    number = min(session.step, len(guide.steps) - 1)
    obstacles = guide.steps[number].if_stuck
    if session.asked_stuck and len(obstacles) <= len(session.failed):
        offer_human(turn, "stuck_offer_human")
        return
    turn.set(session=replace(session, asked_stuck=True))
    if not obstacles:
        choices = _after_advice(turn, guide.id, number)
        turn.say("stuck_plain", choices, step=number + 1, no="human")
        return
    choices = [
        Choice(f"why:{guide.id}:{number}:{i}", turn.phrases.fill(o.problem))
        for i, o in enumerate(obstacles)
    ]
    choices.append(turn.choice("human", "other_problem"))
    turn.say("stuck_which", choices, step=number + 1)


def obstacle(turn: Turn, index: int) -> None:
    """The answer to one obstacle, and back to the step."""
    session = turn.state.session
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        no_session(turn)
        return
    number = min(session.step, len(guide.steps) - 1)
    obstacles = guide.steps[number].if_stuck
    if index >= len(obstacles):
        stuck(turn)
        return
    found = obstacles[index]
    failed = tuple(dict.fromkeys((*session.failed, found.problem)))
    turn.set(session=replace(session, failed=failed))
    text = turn.phrases.fill(found.answer) + "\n\n" + turn.text("stuck_retry")
    text += "\n\n" + step_text(turn, guide, number)
    turn.put(text, _after_advice(turn, guide.id, number), yes=f"next:{guide.id}:{number}")


def _after_advice(turn: Turn, guide_id: str, number: int) -> list[Choice]:
    return [
        turn.choice(f"next:{guide_id}:{number}", "tried"),
        turn.choice(f"still:{guide_id}:{number}", "still_stuck"),
        turn.choice("human", "help"),
    ]


def offer_human(turn: Turn, key: str) -> None:
    """Offer a person, with the way back."""
    choices = [turn.choice("human", "help")]
    session = turn.state.session
    if session is not None:
        back_id = f"back:{session.guide_id}"
        choices.append(turn.choice(back_id, "back_to_step", step=session.step + 1))
    choices.append(turn.choice("menu", "menu"))
    turn.say(key, choices, yes="human", no=choices[-1].id)


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


def parked_session(turn: Turn, guide_id: str) -> Session | None:
    """The session put aside for this guide."""
    return next((p for p in turn.state.parked if p.guide_id == guide_id), None)


def ask_parked(turn: Turn, guide_id: str) -> None:
    """The time has come: has it?"""
    session = parked_session(turn, guide_id)
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        return
    if turn.state.relay is not None:
        # The person is talking to a human: ask tomorrow.
        turn.do(SetTimer("wait", guide_id, after_days(turn.facts.now, 1)))
        return
    wait = guide.steps[min(session.step, len(guide.steps) - 1)].wait
    ask = turn.phrases.fill(wait.ask) if wait else turn.text("followup", title=guide.title)
    yes, no = f"ready:{guide_id}", f"notyet:{guide_id}"
    choices = [turn.choice(yes, "ready"), turn.choice(no, "not_ready")]
    text = turn.text("wait_ask", title=guide.title, ask=ask)
    turn.put(text, choices, yes=yes, no=no, priority=Priority.REMINDER)


def ready(turn: Turn, guide_id: str) -> None:
    """What the step waited for has come: go on with the next one."""
    session = parked_session(turn, guide_id)
    if session is None:
        resume(turn, guide_id)
        return
    guide = current_guide(turn, session) or turn.content.guides.get(guide_id)
    turn.do(DropTimers("wait", guide_id))
    parked = tuple(p for p in turn.state.parked if p is not session)
    if guide is None:
        turn.set(parked=parked)
        missing(turn, guide_id)
        return
    if turn.state.session is not None and turn.state.session.guide_id != guide_id:
        turn.set(suspended=turn.state.session)
    turn.set(parked=parked, session=session)
    advance(turn, session, guide)


def not_ready(turn: Turn, guide_id: str) -> None:
    """Not yet: the step's obstacles if it has any, and ask again in two working days."""
    session = parked_session(turn, guide_id)
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        no_session(turn)
        return
    due = after_days(turn.facts.now, 2, working=True)
    turn.do(SetTimer("wait", guide_id, due))
    number = min(session.step, len(guide.steps) - 1)
    hints = [turn.phrases.fill(o.answer) for o in guide.steps[number].if_stuck]
    turn.note("wait_again", when=spoken_day(due))
    text = "\n".join(f"• {hint}" for hint in hints) if hints else turn.text("menu")
    ready_id = f"ready:{guide_id}"
    turn.put(text, [turn.choice(ready_id, "ready"), turn.choice("human", "help")], yes=ready_id)


# Follow-up --------------------------------------------------------------------------------------


def follow_up(turn: Turn, guide_id: str) -> None:
    """Some days later, once: did it work?"""
    if turn.state.followup_off or turn.state.relay is not None:
        return
    yes, no = f"did:{guide_id}", f"didnot:{guide_id}"
    choices = [
        turn.choice(yes, "done_yes"),
        turn.choice(no, "done_no"),
        turn.choice("nofollow", "followup_off"),
    ]
    turn.say(
        "followup",
        choices,
        yes=yes,
        no=no,
        priority=Priority.REMINDER,
        title=turn.content.title(guide_id),
    )


def did_not(turn: Turn, guide_id: str) -> None:
    """It did not work: open the guide again, or a person."""
    reopen = f"guide:{guide_id}"
    choices = [turn.choice(reopen, "reopen"), turn.choice(f"human:{guide_id}", "help")]
    turn.say("stuck_offer_human", choices, yes=f"human:{guide_id}")


def recalled(turn: Turn, guide_id: str, revision: str, why: str) -> None:
    """A guide was withdrawn: tell whoever is in that revision, and move them on."""
    state = turn.state
    here = state.session
    inside = (here, state.suspended, *state.parked)
    if not any(s and s.guide_id == guide_id and s.revision == revision for s in inside):
        return
    guide = turn.content.guides.get(guide_id)
    if guide is not None and guide.revision != revision and here and here.guide_id == guide_id:
        show_step(turn, _rebase(turn, here, guide), guide)
        return
    turn.set(
        session=None if here and here.guide_id == guide_id else here,
        suspended=None if _of(state.suspended, guide_id) else state.suspended,
        parked=tuple(p for p in state.parked if p.guide_id != guide_id),
    )
    turn.do(DropTimers("wait", guide_id))
    title = turn.content.title(guide_id)
    choices = [turn.choice(f"human:{guide_id}", "help"), turn.choice("menu", "menu")]
    turn.say("guide_recalled", choices, title=title, why=why)


def _of(session: Session | None, guide_id: str) -> bool:
    return session is not None and session.guide_id == guide_id
