"""Lists of bad hosts: how they are doing, what staff say of single hosts, who changed what."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.errors import CongdansoError
from bot.services.feeds import Feeds, decide_host, feed_state, host_name
from bot.services.linkcheck import open_checker
from bot.services.staff import Role, Visit
from bot.store import audit
from bot.store import feeds as store
from bot.weblib.deps import WebDeps
from bot.weblib.forms import clean_text
from bot.weblib.pages import Pages, Refused

URL = f"{PREFIX}/safety"
_DONE = ("bad", "clear", "forgotten", "refreshed", "failed", "unknown")
_HOSTS_SHOWN = 200


def routes(site: Site) -> None:
    """The page and its two forms."""
    deps = site.deps
    feeds = deps.feeds or Feeds(deps.runtime, *open_checker(deps.runtime.settings))
    safety = SafetyPages(deps, site.pages, feeds)
    site.page("/safety", Role.VIEWER, safety.show)
    site.form("/safety/hosts", Role.EDITOR, safety.decide)
    site.form("/safety/feeds/{feed}/refresh", Role.EDITOR, safety.refresh)


class SafetyPages:
    """The page and its forms. What is decided is in force here at once, elsewhere in a minute."""

    def __init__(self, deps: WebDeps, pages: Pages, feeds: Feeds) -> None:
        self._deps = deps
        self._pages = pages
        self._feeds = feeds

    async def show(self, request: Request, visit: Visit) -> Response:
        """Lists, hosts, record."""
        word = request.query_params.get("done", "")
        return await self._page(visit, done=word if word in _DONE else "")

    async def decide(self, _request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Add a host, clear it, or leave it to the lists and rules again."""
        runtime = self._deps.runtime
        host, what = form.get("host", "").strip(), form.get("what", "")
        why = " ".join(clean_text(form.get("text", "")).split())
        problem = _problem(host, what, why)
        if problem:
            typed = {"host": host, "what": what, "why": why}
            return await self._page(visit, 422, problem=problem, **typed)
        if what == "forget":
            name, now = host_name(host), runtime.now()
            known = await runtime.db.write(
                lambda c: store.forget_host(c, name, visit.username, now)
            )
            done = "forgotten" if known else "unknown"
        else:
            args = (runtime, host, what == "bad", visit.username, why)
            await asyncio.to_thread(decide_host, *args)
            done = what
        await self._feeds.take_up()
        return RedirectResponse(f"{URL}?done={done}", 303)

    async def refresh(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """Fetch one list now."""
        feed = await self._feeds.refresh(request.path_params["feed"])
        if feed is None:
            raise Refused(404, "not_found", link=URL)
        db, now = self._deps.runtime.db, self._deps.runtime.now()
        await db.write(
            lambda c: audit.record(c, visit.username, "safety.feed_refresh", feed.name, now)
        )
        return RedirectResponse(f"{URL}?done={'failed' if feed.problem else 'refreshed'}", 303)

    async def _page(self, visit: Visit, status: int = 200, **shown: str) -> Response:
        db = self._deps.runtime.db
        values = {"done": "", "problem": "", "host": "", "what": "", "why": "", **shown}
        feeds = await db.read(store.feeds)
        hosts = await db.read(store.hosts)
        return self._pages.render(
            "safety.html",
            status,
            visit=visit,
            here="safety",
            decides=visit.role.covers(Role.EDITOR),
            feeds=[(feed, feed_state(feed)) for feed in feeds],
            hosts=hosts[:_HOSTS_SHOWN],
            more_hosts=max(0, len(hosts) - _HOSTS_SHOWN),
            audit=await db.read(store.audit),
            most=store.WHY_MOST,
            **values,
        )


def _problem(host: str, what: str, why: str) -> str:
    """What is wrong with the form, as one word; "" when nothing is."""
    if what not in ("bad", "clear", "forget"):
        return "what"
    try:
        host_name(host)
    except CongdansoError:
        return "host"
    if what != "forget" and not why:
        return "why"
    return "long" if len(why) > store.WHY_MOST else ""
