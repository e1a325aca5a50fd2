"""What the question log says of rising themes, and the alert that is proposed for one.

Nothing is sent by this: staff see a proposal, change its words and send it themselves, or do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dialogue.alerts import provinces_of
from bot.domain.areas import covers
from bot.guides.content import Content
from bot.locality.areas import area_key
from bot.locality.atlas import Atlas
from bot.locality.codes import commune_of
from bot.safety.themes import BEFORE_DAYS, RECENT_DAYS, Asked, Rising, rising
from bot.schedule.zone import local
from bot.services.runtime import Runtime
from bot.store import alerts, questions
from bot.store.alerts import Alert
from bot.store.questions import AskedRow

#: A theme is not proposed again for so long after an alert about it went to the same area.
_TOLD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rising theme; `area` is a code, `place` that in words, `text` the drafted words."""

    theme: str
    title: str
    area: str
    place: str
    recent: int
    expected: float
    text: str


async def proposals(runtime: Runtime, content: Content, atlas: Atlas) -> list[Proposal]:
    """The themes that rise now and were not told of lately, the largest first."""
    now = runtime.now()
    themes = content.alert_texts.keys()
    begin = now - timedelta(days=RECENT_DAYS + BEFORE_DAYS + 1)
    rows = await runtime.db.read(lambda c: questions.asked_about(c, themes, begin))
    since = await runtime.db.read(questions.first_question)
    if since is None:
        return []
    asked = await asyncio.to_thread(lambda: [_asked(row) for row in rows])
    today, first = local(now).date(), local(since).date()
    found = await asyncio.to_thread(rising, asked, today, first)
    told = await runtime.db.read(alerts.latest)
    proposed = [_proposal(item, content, atlas) for item in found]
    provinces = provinces_of(content)
    return [
        each
        for each in proposed
        if not _was_told(each, area_key(each.place, provinces) if each.place else "", told, now)
    ]


def _asked(row: AskedRow) -> Asked:
    # An erased person cannot be told from another: each such question counts.
    person = str(row.chat_id) if row.chat_id is not None else f"q{row.id}"
    # The commune is as near as an alert goes.
    area = commune_of(row.area) or row.area
    return Asked(local(row.asked_at).date(), row.topic, area, person)


def _was_told(item: Proposal, key: str, told: Collection[Alert], now: datetime) -> bool:
    """Whether an alert went there lately; its areas are codes, or keys made of the words."""
    return any(
        each.theme == item.theme
        and each.sent_at is not None
        and now - each.sent_at < _TOLD
        and (
            not each.areas
            or any(covers(area, item.area) or covers(area, key) for area in each.areas)
        )
        for each in told
    )


def _proposal(item: Rising, content: Content, atlas: Atlas) -> Proposal:
    return Proposal(
        item.theme,
        content.title(item.theme),
        item.area,
        atlas.name(item.area),
        item.recent,
        item.expected,
        content.alert_texts[item.theme],
    )
