"""A guide in words, for the one who reads it: overview, steps, the name of a walk."""

from __future__ import annotations

from bot.dialogue.calendar import VIETNAM
from bot.dialogue.turn import Turn
from bot.domain.state import Session, walk_parts
from bot.guides.model import Guide, Official


def as_read(turn: Turn, guide: Guide, choice: str = "") -> Guide:
    """The guide as this person should read it today, in a situation when one is chosen."""
    today = turn.facts.now.astimezone(VIETNAM).date()
    return guide.for_reader(turn.state.province, choice, today)


def stored_guide(turn: Turn, session: Session) -> Guide | None:
    """The revision this session began with; the current one when that is all there is."""
    return turn.guide_of(session)


def current_guide(turn: Turn, session: Session) -> Guide | None:
    """The same, as its reader should read it."""
    guide = stored_guide(turn, session)
    return None if guide is None else as_read(turn, guide, session.choice)


def walk_name(turn: Turn, key: str) -> str:
    """What to call a walk: the guide's title, and for whom it is when not for oneself."""
    guide_id, person = walk_parts(key)
    title = turn.content.title(guide_id)
    return f"{title} ({turn.role(person)})" if person else title


def walk_title(turn: Turn, session: Session) -> str:
    """The same with the situation chosen, as a helper should see it."""
    name = walk_name(turn, session.key)
    guide = stored_guide(turn, session)
    chosen = guide.question.choice(session.choice) if guide and guide.question else None
    return f"{name}: {turn.phrases.fill(chosen.label)}" if chosen else name


def opening(turn: Turn, guide: Guide) -> str:
    """The answer in one sentence; in an emergency what to do in the first minutes."""
    turn.showed(guide)
    fill = turn.phrases.fill
    text = turn.text("guide_intro", title=fill(guide.title), answer=fill(guide.answer))
    if guide.emergency:
        lines = [f"{number}. {fill(line)}" for number, line in enumerate(guide.emergency, 1)]
        text += "\n\n" + "\n".join([f"‼ {turn.text('guide_emergency')}", *lines])
    return text


def overview(turn: Turn, guide: Guide) -> str:
    """The opening, and what to know before the first step."""
    return f"{opening(turn, guide)}\n\n{details(turn, guide)}"


def details(turn: Turn, guide: Guide) -> str:
    """What to prepare, the fee, the time, the warnings, what is official."""
    turn.showed(guide)
    fill = turn.phrases.fill
    parts = []
    if guide.prepare:
        parts.append(prepare(turn, guide))
    parts.append(f"{fee(turn, guide)}\n{time(turn, guide)}")
    if guide.warnings:
        items = "\n".join(f"• {fill(item)}" for item in guide.warnings)
        parts.append(f"⚠ {turn.text('guide_warnings')}\n{items}")
    day = guide.verified_on
    last = [turn.text("guide_checked", day=f"{day.day}/{day.month}/{day.year}")]
    if guide.official:
        last.insert(0, turn.text("guide_official", what=_official(turn, guide.official)))
    parts.append("\n".join(last))
    return "\n\n".join(parts)


def prepare(turn: Turn, guide: Guide) -> str:
    """What to have at hand."""
    if not guide.prepare:
        return turn.text("guide_prepare_nothing")
    items = "\n".join(f"• {turn.phrases.fill(item)}" for item in guide.prepare)
    return f"{turn.text('guide_prepare')}\n{items}"


def fee(turn: Turn, guide: Guide) -> str:
    """What it costs."""
    return turn.text("guide_fee", fee=turn.phrases.fill(guide.fee))


def time(turn: Turn, guide: Guide) -> str:
    """How long it takes."""
    return turn.text("guide_time", time=turn.phrases.fill(guide.time))


def where(turn: Turn, guide: Guide) -> str:
    """Where it is done: the answer says so, and what is official."""
    text = turn.phrases.fill(guide.answer)
    if guide.official:
        text += "\n" + turn.text("guide_official", what=_official(turn, guide.official))
    return text


def _official(turn: Turn, official: Official) -> str:
    found = []
    if official.app and official.publisher:
        published = turn.text("official_by", app=official.app, publisher=official.publisher)
        found.append(published)
    elif official.app or official.publisher:
        found.append(official.app or official.publisher or "")
    found += [item for item in (official.domain, official.hotline) if item]
    return ", ".join(found)


def step_text(turn: Turn, session: Session, guide: Guide) -> str:
    """The step a session is at, as it is shown."""
    turn.showed(guide)
    number = session.step
    step = guide.steps[number]
    body = turn.phrases.fill(step.text)
    if step.check:
        body += "\n" + turn.phrases.fill(step.check)
    title = turn.phrases.fill(step.title)
    text = turn.text("guide_step", step=number + 1, total=len(guide.steps), title=title, text=body)
    if session.person:
        text = f"{turn.text('for_person', who=turn.role(session.person))}\n{text}"
    return text
