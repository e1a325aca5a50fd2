"""What each member did in a month, for stipends; as a page and as a spreadsheet."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.console.tickets_filter import digits
from bot.errors import BadRequest
from bot.handoff.contributions import Contribution, contributions
from bot.schedule.zone import local
from bot.services.contributions import HEADINGS, RUNGS, month_span
from bot.services.sheets import Value, workbook_cell
from bot.services.staff import Role, Visit
from bot.store import audit, team_list
from bot.store import contributions as records
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages, Refused

URL = f"{PREFIX}/contributions"
PAGE = 100
_MONTHS = 12
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(site: Site) -> None:
    """The page and its spreadsheet."""
    pages = ContributionPages(site.deps, site.pages)
    site.page("/contributions", Role.LEAD, pages.show)
    site.page("/contributions/{month}.xlsx", Role.LEAD, pages.sheet)


class ContributionPages:
    """One month, of the teams somebody sees."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._runtime = deps.runtime
        self._pages = pages

    async def show(self, request: Request, visit: Visit) -> Response:
        """A month; without one this month."""
        months = list(_last_months(self._runtime.now()))
        month = request.query_params.get("month", "")
        if month not in months:
            month = months[0]
        found = await self._runtime.db.read(lambda c: _of_month(c, visit, month))
        first = digits(request.query_params.get("from", ""))
        return self._pages.render(
            "contributions.html",
            visit=visit,
            here="contributions",
            month=month,
            months=months,
            rows=found[first : first + PAGE],
            total=len(found),
            first=first,
            page=PAGE,
            sums=_sums(found),
            rungs=RUNGS,
        )

    async def sheet(self, request: Request, visit: Visit) -> Response:
        """The month as .xlsx: numbers are numbers, no text is run."""
        month, runtime = request.path_params["month"], self._runtime
        try:
            month_span(month)
        except BadRequest as error:
            raise Refused(404, "not_found", link=URL) from error

        def load(connection: Connection) -> Sequence[Contribution]:
            subject, now = f"month {month}", runtime.now()
            audit.record(connection, visit.username, "contributions.export", subject, now)
            return _of_month(connection, visit, month)

        found = await runtime.db.write(load)
        body = await asyncio.to_thread(workbook, month, found)
        name = f'attachment; filename="cong-suc-{month}.xlsx"'
        return Response(body, media_type=_XLSX, headers={"Content-Disposition": name})


def _of_month(connection: Connection, visit: Visit, month: str) -> tuple[Contribution, ...]:
    since, before = month_span(month)
    workers = records.workers(connection)
    if visit.scope:
        theirs = team_list.member_ids(connection, visit.scope)
        workers = [worker for worker in workers if worker.id in theirs]
    return contributions(workers, records.deeds(connection, since, before))


def _sums(found: Sequence[Contribution]) -> dict[str, float]:
    return {
        "taken": sum(each.taken for each in found),
        "closed": sum(each.closed for each in found),
        "solved": sum(each.solved for each in found),
        "visits": sum(each.visits for each in found),
        "hours": round(sum(each.minutes for each in found) / 60, 2),
    }


def _last_months(now: datetime) -> Sequence[str]:
    """The last twelve months, this one first: "2026-11"."""
    first = local(now).replace(day=1)
    found = []
    for _ in range(_MONTHS):
        found.append(f"{first:%Y-%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def workbook(month: str, found: Sequence[Contribution]) -> bytes:
    """A month as the bytes of a workbook."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    page: Any = book.create_sheet(f"Tháng {month}")
    page.freeze_panes = "C2"
    for letter, width in zip("ABCDEFGHIJK", (16, 28, 36, 18, *[14] * 7), strict=True):
        page.column_dimensions[letter].width = width
    head = [workbook_cell(page, heading) for heading in HEADINGS]
    for cell in head:
        cell.font = Font(bold=True)
    page.append(head)
    for each in found:
        page.append([workbook_cell(page, value) for value in _row(each)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _row(each: Contribution) -> tuple[Value, ...]:
    worker = each.worker
    return (
        worker.key,
        worker.name,
        worker.team,
        RUNGS[worker.rung],
        each.taken,
        each.closed,
        each.solved,
        each.visits,
        each.visits_untimed,
        each.hours,
        each.rating,
    )
