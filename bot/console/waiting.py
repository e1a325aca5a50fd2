"""Answering those who asked in vain: the text is looked at once more before it leaves."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.site import Site
from bot.console.unanswered import URL, UnansweredPages
from bot.services import waiting
from bot.services.linkcheck import open_checker
from bot.services.staff import Role, Visit
from bot.store import waiting as store
from bot.weblib.forms import clean_text


def routes(site: Site) -> None:
    """The second look, and sending."""
    pages = WaitingPages(site)
    site.page("/unanswered/{cluster:int}/waiting", Role.EDITOR, pages.compose)
    site.form("/unanswered/{cluster:int}/reply", Role.EDITOR, pages.look)
    site.form("/unanswered/{cluster:int}/send", Role.EDITOR, pages.send)


class WaitingPages(UnansweredPages):
    """The reply to a cluster."""

    def __init__(self, site: Site) -> None:
        super().__init__(site.deps, site.pages)
        feeds = site.deps.feeds
        self._checker = feeds.checker if feeds else open_checker(site.deps.runtime.settings)[0]

    async def compose(self, request: Request, visit: Visit) -> Response:
        """Who waits, and an empty form."""
        return await self._reply(request, visit, {}, look=False)

    async def look(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """*Xem trước*: what they will read, and how many they are."""
        return await self._reply(request, visit, form, look=True)

    async def send(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """*Gửi* what was looked at, to as many as were shown."""
        cluster = await self._cluster(request, visit)
        text, guide = self._written(form)
        seen = form.get("seen", "")
        if waiting.text_fault(text, self._checker) is not None or not seen.isdecimal():
            return await self._reply(request, visit, form, look=True)
        sent = await waiting.send(
            self._runtime, cluster.id, text, guide, visit.username, visit.scope, int(seen[:9])
        )
        if sent is None:
            return await self._reply(request, visit, form, look=True, status=409)
        return RedirectResponse(f"{URL}/{cluster.id}?done=sent&n={sent}", 303)

    async def _reply(
        self,
        request: Request,
        visit: Visit,
        form: Mapping[str, str],
        *,
        look: bool,
        status: int = 200,
    ) -> Response:
        cluster = await self._cluster(request, visit)
        text, guide = self._written(form)
        fault = waiting.text_fault(text, self._checker) if look else None
        found = await self._runtime.db.read(lambda c: store.waiting(c, cluster.id, visit.scope))
        sent = await self._runtime.db.read(lambda c: store.replies(c, cluster.id))
        return self._pages.render(
            "cluster_reply.html",
            422 if fault else status,
            **await self._common(visit, request),
            cluster=cluster,
            waiting=len(found),
            sent=sent,
            text=text,
            guide=guide,
            guides=self._guides(),
            fault=fault.value if fault else "",
            looked=look and fault is None,
            changed=status == 409,
            most=waiting.TEXT_MOST,
        )

    def _written(self, form: Mapping[str, str]) -> tuple[str, str]:
        guide = form.get("guide", "")
        known = guide if guide in self._deps.content().guides else ""
        return clean_text(form.get("text", "")), known
