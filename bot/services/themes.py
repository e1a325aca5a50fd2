"""What the question log says of rising themes, and the alert that is proposed for one.

Nothing is sent by this: staff see a proposal, change its words and send it themselves, or do not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.dialogue.alerts import provinces_of
from bot.domain.areas import covers
from bot.guides.content import Content
from bot.locality.areas import area_key
from bot.safety.themes import BEFORE_DAYS, RECENT_DAYS, Asked, Rising, rising
from bot.services.runtime import Runtime
from bot.store import alerts, records
from bot.store.alerts import Alert
from bot.store.records import AskedRow

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
#: A theme is not proposed again for so long after an alert about it went to the same area.
_TOLD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rising theme; `place` is its area as people write it, `text` the drafted words."""

    theme: str
    title: str
    area: str
    place: str
    recent: int
    expected: float
    text: str


async def proposals(runtime: Runtime, content: Content) -> list[Proposal]:
    """The themes that rise now and were not told of lately, the largest first."""
    now = runtime.now()
    today = now.astimezone(_ZONE).date()
    begin = now - timedelta(days=RECENT_DAYS + BEFORE_DAYS + 1)
    themes = content.alert_texts.keys()
    rows = await runtime.db.read(lambda c: records.asked_about(c, themes, begin))
    since = await runtime.db.read(records.first_question)
    if since is None:
        return []
    provinces = provinces_of(content)
    asked: list[Asked] = []
    spoken: dict[str, set[str]] = {}
    for row in rows:
        area = area_key(row.locality, provinces) if row.locality else ""
        spoken.setdefault(area, set()).add(row.locality)
        asked.append(_asked(row, themes, area))
    found = rising(asked, today, since.astimezone(_ZONE).date())
    told = await runtime.db.read(alerts.latest)
    return [_proposal(item, content, spoken) for item in found if not _was_told(item, told, now)]


def _asked(row: AskedRow, themes: Collection[str], area: str) -> Asked:
    theme = row.guide_id if row.guide_id in themes else row.intent
    # An erased person cannot be told from another: each such question counts.
    person = str(row.chat_id) if row.chat_id is not None else f"q{row.id}"
    return Asked(row.asked_at.astimezone(_ZONE).date(), theme, area, person)


def _was_told(item: Rising, told: Collection[Alert], now: datetime) -> bool:
    return any(
        each.theme == item.theme
        and each.sent_at is not None
        and now - each.sent_at < _TOLD
        and (not each.areas or any(covers(area, item.area) for area in each.areas))
        for each in told
    )


def _proposal(item: Rising, content: Content, spoken: dict[str, set[str]]) -> Proposal:
    return Proposal(
        item.theme,
        content.title(item.theme),
        item.area,
        _place(item.area, content, spoken),
        item.recent,
        item.expected,
        content.alert_texts[item.theme],
    )


def _place(area: str, content: Content, spoken: dict[str, set[str]]) -> str:
    """The area as people write it, the shortest of them, which is the least of an address."""
    if not area:
        return ""
    provinces = provinces_of(content)
    for item in content.people.provinces.values():
        if item.words and area_key(item.label, provinces) == area:
            return item.label
    if area in spoken:
        return min(spoken[area], key=lambda said: (len(said), said))
    inside = min((said for key in spoken if covers(area, key) for said in spoken[key]), key=len)
    province = inside.replace("\n", ",").split(",")[-1].strip()
    return province if area_key(province, provinces) == area else f"tỉnh {province}"
