"""Alerts: written and looked at again by staff, sent in portions, never at night, until they end.

Every step finds its work in the database: a second scheduler, a restart or a kill half way sends
nobody the same alert twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.calendar import out_of_quiet
from bot.domain.events import AlertDue, Envelope
from bot.errors import StoreError
from bot.guides.alert_texts import TEXT_MOST
from bot.locality.areas import area_key
from bot.models.schema import AlertStatus
from bot.pictures.shrink import Jpeg
from bot.safety.links.checker import LinkChecker
from bot.safety.links.report import Verdict
from bot.safety.masking import mask
from bot.services.posting import post
from bot.services.runtime import Runtime
from bot.store import alerts as store
from bot.store.alerts import Alert
from bot.store.feeds import record

log = structlog.get_logger(__name__)

PLACES_MOST = 10
DAYS_MOST = 30
#: Conversations given an alert in one round of the clock. A round is every EVERY seconds, so ten a
#: second at most: well below what platforms take (CONGDANSO_SEND_PER_SECOND), and answers go first.
PORTION = 50
EVERY = 5.0


class Fault(StrEnum):
    """Why an alert cannot be kept as it was written."""

    EMPTY = "empty"
    LONG = "long"
    LINK = "link"
    PRIVATE = "private"
    PLACE = "place"
    PLACES = "places"
    UNTIL = "until"


class Sent(StrEnum):
    """What came of sending one."""

    SENT = "sent"
    CHANGED = "changed"
    LATE = "late"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Written:
    """An alert as it was typed. `places` is one a line, nothing for everywhere; `until` is UTC."""

    text: str
    places: str
    theme: str
    until: datetime | None


class AlertDesk:
    """What staff do with alerts."""

    def __init__(self, runtime: Runtime, checker: LinkChecker) -> None:
        self._runtime = runtime
        self._checker = checker

    def faults(self, written: Written, provinces: Collection[str]) -> dict[Fault, str]:
        """What is wrong with it, with the piece that is ("" when it is all of it)."""
        found: dict[Fault, str] = {}
        text = written.text
        if not text:
            found[Fault.EMPTY] = ""
        if len(text) > TEXT_MOST:
            found[Fault.LONG] = str(len(text))
        links = self._checker.check_text(text).findings
        bad = next((each for each in links if each.verdict is not Verdict.OFFICIAL), None)
        if bad is not None:
            found[Fault.LINK] = bad.shown
        elif mask(text).kinds:
            found[Fault.PRIVATE] = ""
        places = _lines(written.places)
        if len(places) > PLACES_MOST:
            found[Fault.PLACES] = str(len(places))
        unclear = next((each for each in places if not area_key(each, provinces)), "")
        if unclear:
            found[Fault.PLACE] = unclear
        now = self._runtime.now()
        until = written.until
        latest = now + timedelta(days=DAYS_MOST)
        # At night it can leave no earlier than in the morning.
        if until is None or not out_of_quiet(now) < until <= latest:
            found[Fault.UNTIL] = ""
        return found

    async def keep(
        self, who: str, written: Written, provinces: Collection[str], alert_id: int | None = None
    ) -> int | None:
        """A faultless alert as a draft, new or changed; its number, None when it is no draft."""
        places = _lines(written.places)
        place = "; ".join(places)[:300]
        areas = dict.fromkeys(area_key(each, provinces) for each in places)
        now = self._runtime.now()
        values = {
            "text": written.text,
            "place": place,
            "areas": "\n".join(areas),
            "theme": written.theme,
            "until": written.until,
            "written_by": who[:64],
            "written_at": now,
        }

        def work(connection: Connection) -> int | None:
            number, act = alert_id, "alert_changed"
            if number is None:
                number = store.write(connection, **values, width=0, height=0)
                act = "alert_written"
            elif not store.change(connection, number, **values):
                return None
            record(connection, who, act, str(number), place or "*", now)
            return number

        return await self._runtime.db.write(work)

    async def picture(self, who: str, alert_id: int, picture: Jpeg | None) -> bool:
        """Give a draft a picture, or none; False when it is no draft."""
        now = self._runtime.now()
        values = {
            "picture": picture.data if picture else None,
            "width": picture.width if picture else 0,
            "height": picture.height if picture else 0,
        }

        def work(connection: Connection) -> bool:
            if not store.change(connection, alert_id, **values):
                return False
            record(connection, who, "alert_picture", str(alert_id), "", now)
            return True

        return await self._runtime.db.write(work)

    async def send(self, who: str, alert_id: int, seen: str) -> Sent:
        """Send a draft that is still as it was looked at (`stamp`)."""
        now = self._runtime.now()

        def work(connection: Connection) -> Sent:
            alert = store.find(connection, alert_id)
            if alert is None or alert.status is not AlertStatus.DRAFT:
                return Sent.GONE
            if stamp(connection, alert) != seen:
                return Sent.CHANGED
            if alert.until <= out_of_quiet(now):
                return Sent.LATE
            count = sum(store.audience(connection, alert.areas).values())
            if not store.begin(connection, alert_id, who[:64], count, now):
                return Sent.GONE
            detail = f"{alert.place or '*'}: {count}"
            record(connection, who, "alert_sent", str(alert_id), detail, now)
            return Sent.SENT

        return await self._runtime.db.write(work)

    async def cancel(self, who: str, alert_id: int) -> bool:
        """Stop what has not left; False when it had ended."""
        now = self._runtime.now()

        def work(connection: Connection) -> bool:
            if not store.end(connection, alert_id, AlertStatus.CANCELLED, now):
                return False
            record(connection, who, "alert_cancelled", str(alert_id), "", now)
            return True

        return await self._runtime.db.write(work)


def stamp(connection: Connection, alert: Alert) -> str:
    """A short name of all that citizens would see of an alert, and of who would."""
    picture = store.picture(connection, alert.id) or b""
    seen = (alert.text, alert.place, alert.areas, alert.theme, alert.until.isoformat())
    return hashlib.sha256(repr(seen).encode() + picture).hexdigest()[:32]


class AlertSending:
    """The clock's part. `wake` is called with each chat that was told something."""

    def __init__(self, runtime: Runtime, wake: Callable[[int], None]) -> None:
        self._runtime = runtime
        self._wake = wake

    async def tick(self) -> int:
        """One round: end what has passed, give a portion. Returns how many were given one."""
        try:
            return await self._round()
        except (SQLAlchemyError, StoreError) as error:
            log.warning("alerts not sent", error=type(error).__name__)
            return 0

    async def _round(self) -> int:
        db, now = self._runtime.db, self._runtime.now()
        for alert_id in await db.read(lambda c: store.passed(c, now)):
            await self._end(alert_id, now)
        if out_of_quiet(now) > now:
            return 0
        for alert in await db.read(lambda c: store.sending_now(c, now)):
            if not alert.filled:
                await self._fill(alert, now)
        given = await db.write(lambda c: self._give(c, now))
        for chat in given:
            self._wake(chat)
        return len(given)

    async def _end(self, alert_id: int, now: datetime) -> None:
        await self._runtime.db.write(lambda c: store.end(c, alert_id, AlertStatus.ENDED, now))
        log.info("alert ended", alert=alert_id)

    async def _fill(self, alert: Alert, now: datetime) -> None:
        await self._runtime.db.write(lambda c: store.fill(c, alert, now))

    def _give(self, connection: Connection, now: datetime) -> list[int]:
        due = store.take_due(connection, now, PORTION)
        for each in due:
            # Put off and given again it has another name: the first one was handled.
            name = f"alert:{each.alert_id}:{each.chat_id}:{each.tries}"
            envelope = Envelope(AlertDue(each.alert_id))
            post(connection, self._runtime.vault, each.chat_id, envelope, name, now)
        return [each.chat_id for each in due]


def _lines(places: str) -> list[str]:
    """The places as typed, one a line or with semicolons between them."""
    lines = places.replace(";", "\n").split("\n")
    return [" ".join(line.split()) for line in lines if line.strip()]
