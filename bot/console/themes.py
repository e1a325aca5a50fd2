"""The pages "Chủ đề" and "Chỗ dừng": how much is asked of what, what rises, where people stop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from bot.console import charts, questions
from bot.console.areas import Areas, Choice
from bot.console.gate import PREFIX
from bot.console.scoping import Places, places, reads_texts
from bot.console.site import Site
from bot.guides.content import Content
from bot.schedule.zone import local
from bot.services.channel_words import CHANNELS
from bot.services.overview import Overview, Row, Stops, Wanted, overview, stops
from bot.services.periods import RECENT, RECENT_MONTHS, Period, Piece, months_back, period
from bot.services.staff import Role, Visit
from bot.services.trends import percent
from bot.store import counts
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages

URL = f"{PREFIX}/themes"
STOPS_URL = f"{PREFIX}/stops"
#: Single months that are offered, besides the recent periods.
_MONTHS = 12
_TOPIC_MOST = 64
_BARS = 10
_GUIDES = 30


def routes(site: Site) -> None:
    """Both pages."""
    themes = ThemePages(site.deps, site.pages)
    site.page("/themes", Role.VIEWER, themes.show)
    site.page("/stops", Role.VIEWER, themes.stops)


@dataclass(frozen=True, slots=True)
class Figures:
    """What an address asks for, understood: of whom, of when, of what."""

    place: Places
    wanted: Wanted

    def query(self, **changed: str) -> str:
        """The same page with something changed; an empty value takes a filter away."""
        values = {
            "period": self.wanted.period.key,
            "area": self.place.chosen,
            "channel": self.wanted.channel,
            "topic": self.wanted.topic,
            **changed,
        }
        return urlencode({name: value for name, value in values.items() if value})

    def log(self, **more: object) -> str:
        """The questions that a figure counts."""
        span = self.wanted.period
        values: dict[str, object] = {
            "since": span.begin,
            "until": span.last,
            "area": self.place.chosen,
            "topic": self.wanted.topic,
            "channel": "" if self.wanted.local else self.wanted.channel,
        }
        return questions.address(**{**values, **more})


def figures(request: Request, visit: Visit, today: date) -> Figures:
    """What the address asks for, inside what somebody is responsible for."""
    query = request.query_params
    place = places(visit, query.get("area", ""))
    span = period(query.get("period", ""), today, months_only=place.local)
    topic = query.get("topic", "")[:_TOPIC_MOST]
    channel = "" if place.local else query.get("channel", "")[:16]
    return Figures(place, Wanted(span, place.codes, topic, channel))


class ThemePages:
    """Both pages; their figures are read in one transaction, off the event loop."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages
        self._areas = Areas(deps.runtime)

    async def show(self, request: Request, visit: Visit) -> Response:
        """Chủ đề."""
        today, content = local(self._deps.runtime.now()).date(), self._deps.content()
        asked = figures(request, visit, today)
        read = partial(
            overview,
            wanted=asked.wanted,
            content=content,
            today=today,
            province=asked.place.province,
        )
        found = await self._deps.runtime.db.read(read)
        common = await self._common(request, visit, asked, today)
        return await self._render(
            "themes.html",
            **common,
            here="themes",
            found=found,
            stages={stage.id: stage.title for stage in content.path},
            percent=percent,
            last_of=lambda begin: asked.wanted.period.end_of(begin) - timedelta(days=1),
            week_begin=today - timedelta(days=7),
            week_last=today - timedelta(days=1),
            draw=partial(_charts, asked=asked, found=found, titles=self._titles(content)),
        )

    async def stops(self, request: Request, visit: Visit) -> Response:
        """Chỗ dừng."""
        today = local(self._deps.runtime.now()).date()
        asked = figures(request, visit, today)
        found = await self._deps.runtime.db.read(lambda c: stops(c, asked.wanted))
        guide = next((each for each in found if each.guide == asked.wanted.topic), None)
        return await self._render(
            "stops.html",
            **await self._common(request, visit, asked, today),
            here="stops",
            rows=found[:_GUIDES],
            more=max(0, len(found) - _GUIDES),
            guide=guide,
            steps=_step_titles(self._deps.content(), asked.wanted.topic),
            draw=partial(_step_charts, guide) if guide else dict,
        )

    async def _render(self, template: str, **values: Any) -> Response:
        """The page; drawing takes longer than the event loop may wait."""
        return await asyncio.to_thread(lambda: self._pages.render(template, **values))

    async def _common(
        self, request: Request, visit: Visit, asked: Figures, today: date
    ) -> dict[str, object]:
        areas = await self._areas.ready()
        runtime = self._deps.runtime
        return {
            "visit": visit,
            "problems": self._deps.problems(),
            "asked": asked,
            "period": asked.wanted.period,
            "today": today,
            "recent": RECENT_MONTHS if asked.place.local else RECENT,
            "months": [f"{months_back(today, n):%Y-%m}" for n in range(_MONTHS)],
            "titles": self._titles(self._deps.content()),
            "channel_words": CHANNELS,
            "channels": await runtime.db.read(counts.channels),
            "provinces": areas.provinces(visit),
            "communes": _communes(areas, visit, asked.place),
            "area_name": areas.name,
            "reads": reads_texts(visit),
            "share": charts.share,
            "path": request.url.path,
        }

    def _titles(self, content: Content) -> Mapping[str, str]:
        """A title for every topic there may be."""
        return {**self._deps.titles, **{id: guide.title for id, guide in content.guides.items()}}


def _communes(areas: Areas, visit: Visit, place: Places) -> list[Choice]:
    return areas.communes(visit, place.province) if place.province else []


def _step_titles(content: Content, guide_id: str) -> list[str]:
    """The titles of a guide's steps; none where a question decides which steps somebody reads."""
    guide = content.guides.get(guide_id)
    return [step.title for step in guide.steps] if guide and guide.question is None else []


def label(day: date, span: Period) -> str:
    """A point of a chart in a word or two."""
    return f"{day:%m/%Y}" if span.piece is Piece.MONTH else f"{day.day}/{day.month}"


def _charts(asked: Figures, found: Overview, titles: Mapping[str, str]) -> dict[str, Markup]:
    span = asked.wanted.period
    lines = [charts.Series("Được hỏi", [n for _, n, _ in found.series])]
    if not asked.wanted.local:
        lines.append(charts.Series("Chưa hiểu", [n for _, _, n in found.series]))
    days = [label(day, span) for day, _, _ in found.series]
    drawn = {"series": charts.line("Câu hỏi theo thời gian", days, lines)}
    rows = [row for row in found.topics if row.key and row.asked][:_BARS]
    if rows:
        names = [titles.get(row.key, row.key) for row in rows]
        drawn["topics"] = charts.bars("Hỏi nhiều nhất", names, [row.asked for row in rows])
    return drawn


def _step_charts(guide: Stops) -> dict[str, Markup]:
    steps = [str(step.number) for step in guide.steps]
    parts = (
        ("Im lặng", [step.silent for step in guide.steps]),
        ("Nói dừng", [step.stopped for step in guide.steps]),
        ("Chuyển người giúp", [step.handed_over for step in guide.steps]),
    )
    series = [charts.Series(name, values) for name, values in parts]
    return {"steps": charts.stacked("Người dừng lại, theo bước", steps, series)}


__all__ = ["STOPS_URL", "URL", "Figures", "Row", "figures", "label", "routes"]
