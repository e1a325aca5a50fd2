"""The record of what staff did, for admins: by who, what and when; as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.console.audit_words import ACTIONS
from bot.console.site import Site
from bot.services.sheets import csv_line
from bot.services.staff import Role, Visit
from bot.store import audit
from bot.store.audit import Filter, Line
from bot.weblib.words import VIETNAM, local_time

PAGE = 100
_MOST_ID_DIGITS = 18
_HEADINGS = ("Số", "Lúc", "Ai", "Việc", "Mã việc", "Về")


def routes(site: Site) -> None:
    """The page and the file."""
    pages = AuditPages(site)
    site.page("/audit", Role.ADMIN, pages.show)
    site.page("/audit.csv", Role.ADMIN, pages.export)


class AuditPages:
    """The record, newest first, paged by the number of the last line shown."""

    def __init__(self, site: Site) -> None:
        self._pages = site.pages
        self._runtime = site.deps.runtime

    async def show(self, request: Request, visit: Visit) -> Response:
        """One page of it."""
        db, wanted, before = self._runtime.db, _filter(request), _before(request)
        found = await db.read(lambda c: audit.latest(c, wanted, PAGE + 1, before))
        lines, query = found[:PAGE], _query(request, wanted)
        older = {**query, "before": str(lines[-1].id)} if len(found) > PAGE else {}
        return self._pages.render(
            "audit.html",
            visit=visit,
            here="audit",
            lines=lines,
            words=ACTIONS,
            names=await db.read(audit.names),
            actions=await db.read(audit.actions),
            wanted=query,
            paged=before is not None,
            older=urlencode(older),
            query=urlencode(query),
        )

    async def export(self, request: Request, visit: Visit) -> Response:
        """All lines of the filter as CSV; that it was taken stands in the record."""
        wanted, now = _filter(request), self._runtime.now()
        await self._runtime.db.write(
            lambda c: audit.record(c, visit.username, "audit.export", "", now)
        )
        name = f"nhat-ky-{now.astimezone(VIETNAM):%Y-%m-%d}.csv"
        return StreamingResponse(
            self._file(wanted),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    async def _file(self, wanted: Filter) -> AsyncIterator[str]:
        yield "\ufeff" + csv_line(_HEADINGS)
        last = 0
        while lines := await self._chunk(wanted, last):
            yield "".join(csv_line(_row(line)) for line in lines)
            last = lines[-1].id

    async def _chunk(self, wanted: Filter, last: int) -> list[Line]:
        return await self._runtime.db.read(lambda c: audit.chunk(c, wanted, last))


def _row(line: Line) -> tuple[int | str, ...]:
    what = ACTIONS.get(line.action, line.action)
    return (line.id, local_time(line.at), line.who, what, line.action, line.subject)


def _filter(request: Request) -> Filter:
    wanted = request.query_params
    since, until = _day(wanted.get("since", "")), _day(wanted.get("until", ""))
    return Filter(
        _word(wanted.get("who", ""), 64),
        _word(wanted.get("action", ""), 40),
        _midnight(since) if since else None,
        _midnight(until + timedelta(days=1)) if until else None,
    )


def _word(typed: str, most: int) -> str:
    # PostgreSQL takes no such character in a text, not even to compare with.
    return typed.replace("\0", "")[:most]


def _query(request: Request, wanted: Filter) -> dict[str, str]:
    """The filter as it stands in an address, without what was no filter."""
    days = {
        key: found.isoformat()
        for key in ("since", "until")
        if (found := _day(request.query_params.get(key, "")))
    }
    words = {"who": wanted.who, "action": wanted.action}
    return {key: value for key, value in {**words, **days}.items() if value}


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


def _before(request: Request) -> int | None:
    wanted = request.query_params.get("before", "")
    short = wanted.isascii() and wanted.isdecimal() and len(wanted) <= _MOST_ID_DIGITS
    return int(wanted) if short else None
