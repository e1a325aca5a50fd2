"""The page "Báo cáo tháng": to be printed, and to be taken along as a workbook."""

from __future__ import annotations

import asyncio
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from bot.console.areas import Areas
from bot.console.gate import PREFIX
from bot.console.scoping import Places, places
from bot.console.site import Site
from bot.schedule.zone import local
from bot.services.channel_words import CHANNELS
from bot.services.periods import months_back, parse_month
from bot.services.report import HIDDEN, Names, Report, report, workbook
from bot.services.staff import Role, Visit
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages

URL = f"{PREFIX}/report"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MONTHS = 12


def routes(site: Site) -> None:
    """The page and its workbook."""
    pages = ReportPages(site.deps, site.pages)
    site.page("/report", Role.VIEWER, pages.show)
    site.page("/report.xlsx", Role.VIEWER, pages.workbook)


class ReportPages:
    """Both show the same figures."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages
        self._areas = Areas(deps.runtime)

    async def show(self, request: Request, visit: Visit) -> Response:
        """The page."""
        first, place = self._asked(request, visit)
        made, areas = await self._made(first, place), await self._areas.ready()
        today = local(self._deps.runtime.now()).date()
        months = [months_back(today, n) for n in range(_MONTHS)]
        query = f"month={first:%Y-%m}" + (f"&area={place.chosen}" if place.chosen else "")
        return self._pages.render(
            "report.html",
            visit=visit,
            here="report",
            problems=self._deps.problems(),
            report=made,
            first=first,
            running=(first.year, first.month) == (today.year, today.month),
            months=months if first in months else [first, *months],
            place=place,
            provinces=areas.provinces(visit),
            communes=areas.communes(visit, place.province) if place.province else [],
            hidden=HIDDEN,
            download=f"{URL}.xlsx?{query}",
            themes=f"{PREFIX}/themes?period={first:%Y-%m}"
            + (f"&area={place.chosen}" if place.chosen else ""),
        )

    async def workbook(self, request: Request, visit: Visit) -> Response:
        """The file."""
        first, place = self._asked(request, visit)
        made = await self._made(first, place)
        body = await asyncio.to_thread(workbook, made)
        name = f"bao-cao-{first:%Y-%m}{'-' + place.chosen if place.chosen else ''}.xlsx"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type=_XLSX, headers=headers)

    def _asked(self, request: Request, visit: Visit) -> tuple[date, Places]:
        """The month and the place of an address; the month before this one when it says none."""
        today = local(self._deps.runtime.now()).date()
        first = parse_month(request.query_params.get("month", ""))
        if first is None or first > today:
            first = months_back(today, 1)
        return first, places(visit, request.query_params.get("area", ""))

    async def _made(self, first: date, place: Places) -> Report:
        areas = await self._areas.ready()
        content = self._deps.content()
        topics = {**self._deps.titles, **{id: g.title for id, g in content.guides.items()}}
        names = Names(areas.name, topics, CHANNELS)
        return await self._deps.runtime.db.read(
            lambda c: report(c, first, place.codes, content, names)
        )
