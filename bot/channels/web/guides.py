"""Guides as plain pages: to be read without scripts, and without a network once they were opened.

They say nothing of anybody: the same for everybody, with every situation a guide tells apart.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from bot.channels.web.assets import Asset
from bot.channels.web.headers import HEADERS
from bot.channels.web.shell import Shell
from bot.guides.content import Content
from bot.guides.model import Guide, Official
from bot.guides.phrases import Phrases
from bot.services.runtime import Runtime
from bot.weblib.words import VIETNAM

GUIDES = "/huong-dan"
_HEADERS = {**HEADERS, "Cache-Control": "no-cache"}


class GuidePages:
    """The list of guides, and each of them. `content` is what may be said at this moment."""

    def __init__(self, runtime: Runtime, shell: Shell, content: Callable[[], Content]) -> None:
        self._runtime = runtime
        self._content = content
        self._list = shell.environment.get_template("guides.html")
        self._page = shell.environment.get_template("guide.html")

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(include_in_schema=False)
        add = partial(router.add_api_route, methods=["GET"])
        add(GUIDES, self.all)
        add(GUIDES + "/{guide_id}", self.one)
        return router

    async def all(self, request: Request) -> Response:
        """Every guide that can be had, by group."""
        return _served(request, self._list.render(groups=_groups(self._content()), gone=False))

    async def one(self, request: Request, guide_id: str) -> Response:
        """One guide; 404 when there is none, or none any more: a kept copy is then thrown away."""
        content = self._content()
        guide = content.guides.get(guide_id)
        if guide is None:
            html = self._list.render(groups=_groups(content), gone=True)
            return HTMLResponse(html, 404, headers=HEADERS)
        today = self._runtime.now().astimezone(VIETNAM).date()
        return _served(request, self._html(content, guide, today))

    def _html(self, content: Content, guide: Guide, today: date) -> str:
        phrases = content.phrases.addressed(content.people.neutral.blanks())
        situations = guide.question.choices if guide.question else ()
        cases = [(phrases.fill(each.label), each.id) for each in situations] or [("", "")]
        day = guide.verified_on
        return self._page.render(
            title=phrases.fill(guide.title),
            cases=[(label, guide.for_reader("", choice, today)) for label, choice in cases],
            official=_official(phrases, guide.official),
            checked=f"{day.day}/{day.month}/{day.year}",
            provinces=bool(guide.provinces),
            fill=phrases.fill,
            say=phrases.say,
        )


def _groups(content: Content) -> list[tuple[str, list[tuple[str, str]]]]:
    """The titles of the menu's groups, each with its guides' ids and titles."""
    return [
        (group.title, [(each, content.title(each)) for each in written])
        for group in content.menu
        if (written := [each for each in group.guides if each in content.guides])
    ]


def _official(phrases: Phrases, official: Official | None) -> str:
    if official is None:
        return ""
    app, publisher = official.app, official.publisher
    first = app or publisher
    if app and publisher:
        first = phrases.say("official_by", app=app, publisher=publisher)
    return ", ".join(filter(None, (first, official.domain, official.hotline)))


def _served(request: Request, html: str) -> Response:
    return Asset(html.encode(), "text/html; charset=utf-8").response(request, _HEADERS)
