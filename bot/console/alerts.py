"""Scam alerts: what rises, the composer, the second look, sending, stopping."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.dialogue.alerts import bubble, provinces_of
from bot.dialogue.calendar import out_of_quiet
from bot.errors import CongdansoError
from bot.guides.alert_texts import TEXT_MOST
from bot.pictures.shrink import Jpeg, shrink
from bot.renderers.text import numbered
from bot.safety.links.checker import LinkChecker
from bot.services.alerts import DAYS_MOST, AlertDesk, Fault, Sent, Written, stamp
from bot.services.linkcheck import open_checker
from bot.services.places import Places
from bot.services.staff import Role, Visit
from bot.services.themes import proposals
from bot.store import alerts as store
from bot.store.alerts import Alert
from bot.weblib.deps import WebDeps
from bot.weblib.forms import clean_text
from bot.weblib.pages import Pages, Refused
from bot.weblib.uploads import Upload
from bot.weblib.words import VIETNAM

URL = f"{PREFIX}/alerts"
_DONE = ("kept", "pictured", "sent", "cancelled")
_REFUSED = ("changed", "late", "gone", "picture")
_MOST_ID = 2**63 - 1
_USUAL_DAYS = 7
_FIELD = "%Y-%m-%dT%H:%M"


def routes(site: Site) -> None:
    """The list, the composer, one alert; only leads send."""
    deps = site.deps
    checker = deps.feeds.checker if deps.feeds else open_checker(deps.runtime.settings)[0]
    alerts = AlertPages(deps, site.pages, checker)
    site.page("/alerts", Role.VIEWER, alerts.index)
    site.page("/alerts/new", Role.EDITOR, alerts.new)
    site.form("/alerts", Role.EDITOR, alerts.keep)
    site.page("/alerts/{alert:int}", Role.VIEWER, alerts.show)
    site.page("/alerts/{alert:int}/edit", Role.EDITOR, alerts.edit)
    site.form("/alerts/{alert:int}", Role.EDITOR, alerts.keep)
    site.page("/alerts/{alert:int}/picture.jpg", Role.VIEWER, alerts.photo)
    site.upload("/alerts/{alert:int}/picture", Role.EDITOR, "picture", alerts.picture)
    site.form("/alerts/{alert:int}/send", Role.LEAD, alerts.send)
    site.form("/alerts/{alert:int}/cancel", Role.EDITOR, alerts.cancel)


class AlertPages:
    """The list and one alert."""

    def __init__(self, deps: WebDeps, pages: Pages, checker: LinkChecker) -> None:
        self._deps = deps
        self._pages = pages
        self._desk = AlertDesk(deps.runtime, checker)
        self._places = Places(deps.runtime)

    async def index(self, request: Request, visit: Visit) -> Response:
        """What rises, and every alert, the newest first."""
        runtime, content = self._deps.runtime, self._deps.content()
        return self._pages.render(
            "alerts.html",
            **self._common(visit),
            proposals=await proposals(runtime, content, self._places.atlas),
            alerts=await runtime.db.read(store.latest),
            subscribers=await runtime.db.read(store.subscribers),
        )

    async def new(self, request: Request, visit: Visit) -> Response:
        """An empty form, or one filled in from a proposal."""
        theme = request.query_params.get("theme", "")
        drafts = self._deps.content().alert_texts
        values = {
            "text": drafts.get(theme, ""),
            "places": request.query_params.get("place", "")[:300],
            "theme": theme if theme in drafts else "",
            "until": self._usual_end(),
        }
        return self._form(visit, values, URL)

    async def edit(self, request: Request, visit: Visit) -> Response:
        """The form of a draft."""
        alert = await self._draft(request)
        values = {
            "text": alert.text,
            "places": alert.place.replace("; ", "\n"),
            "theme": alert.theme,
            "until": f"{alert.until.astimezone(VIETNAM):{_FIELD}}",
        }
        return self._form(visit, values, f"{URL}/{alert.id}")

    async def keep(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """*Xem lại*: keep the draft when nothing is wrong with it."""
        alert_id = (await self._draft(request)).id if "alert" in request.path_params else None
        content = self._deps.content()
        provinces = provinces_of(content)
        theme = form.get("theme", "")
        written = Written(
            clean_text(form.get("text", "")),
            clean_text(form.get("places", "")),
            theme if theme in content.alert_texts else "",
            _moment(form.get("until", "")),
        )
        faults = self._desk.faults(written, provinces)
        if faults:
            values = {key: form.get(key, "") for key in ("text", "places", "theme", "until")}
            action = f"{URL}/{alert_id}" if alert_id else URL
            return self._form(visit, values, action, faults, 422)
        kept = await self._desk.keep(visit.username, written, provinces, alert_id)
        if kept is None:
            raise Refused(404, "not_found", link=URL)
        return RedirectResponse(f"{URL}/{kept}?done=kept", 303)

    async def show(self, request: Request, visit: Visit) -> Response:
        """One alert: for a draft the second look, else how far it has come."""
        return await self._page(request, visit)

    async def photo(self, request: Request, _visit: Visit) -> Response:
        """The picture of a draft, for the preview."""
        alert = await self._alert(request)
        jpeg = await self._deps.runtime.db.read(lambda c: store.picture(c, alert.id))
        if jpeg is None:
            raise Refused(404, "not_found", link=URL)
        return Response(jpeg, media_type="image/jpeg")

    async def picture(self, request: Request, visit: Visit, sent: Upload) -> Response:
        """Give a draft its picture; without a file it has none any more."""
        alert = await self._draft(request)
        made: Jpeg | None = None
        if sent.data:
            try:
                made = await asyncio.to_thread(shrink, sent.data)
            except CongdansoError:
                return await self._page(request, visit, 422, refused="picture")
        if not await self._desk.picture(visit.username, alert.id, made):
            raise Refused(404, "not_found", link=URL)
        return RedirectResponse(f"{URL}/{alert.id}?done=pictured", 303)

    async def send(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """*Gửi*: what was looked at, and nothing else."""
        alert = await self._alert(request)
        result = await self._desk.send(visit.username, alert.id, form.get("seen", ""))
        if result is Sent.SENT:
            return RedirectResponse(f"{URL}/{alert.id}?done=sent", 303)
        return await self._page(request, visit, 409, refused=result.value)

    async def cancel(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """*Dừng*: nothing more of it leaves."""
        alert = await self._alert(request)
        if await self._desk.cancel(visit.username, alert.id):
            return RedirectResponse(f"{URL}/{alert.id}?done=cancelled", 303)
        return await self._page(request, visit, 409, refused="gone")

    # Inside --------------------------------------------------------------------------------------

    async def _alert(self, request: Request) -> Alert:
        number = request.path_params["alert"]
        found = None
        if 0 < number <= _MOST_ID:
            found = await self._deps.runtime.db.read(lambda c: store.find(c, number))
        if found is None:
            raise Refused(404, "not_found", link=URL)
        return found

    async def _draft(self, request: Request) -> Alert:
        alert = await self._alert(request)
        if alert.sent_at is not None or alert.ended_at is not None:
            # What has left cannot be changed any more.
            raise Refused(404, "not_found", link=f"{URL}/{alert.id}")
        return alert

    async def _page(
        self, request: Request, visit: Visit, status: int = 200, refused: str = ""
    ) -> Response:
        alert = await self._alert(request)
        runtime, content = self._deps.runtime, self._deps.content()
        reply = bubble(content.phrases, content, alert.view)

        def look(connection: Connection) -> tuple[dict[str, int], dict[str, int], str]:
            reached = store.audience(connection, alert.areas)
            return reached, store.counts(connection, alert.id), stamp(connection, alert)

        reached, counts, seen = await runtime.db.read(look)
        done = request.query_params.get("done", "") if not refused else ""
        now = runtime.now()
        return self._pages.render(
            "alert.html",
            status,
            **self._common(visit),
            alert=alert,
            reply=reply,
            numbered=numbered(reply),
            reached=reached,
            counts=counts,
            seen=seen,
            late=alert.until <= out_of_quiet(now),
            done=done if done in _DONE else "",
            refused=refused if refused in _REFUSED else "",
            night=out_of_quiet(now) > now,
        )

    def _form(
        self,
        visit: Visit,
        values: Mapping[str, str],
        action: str,
        faults: Mapping[Fault, str] | None = None,
        status: int = 200,
    ) -> Response:
        content = self._deps.content()
        themes = {guide: content.title(guide) for guide in content.alert_texts}
        return self._pages.render(
            "alert_form.html",
            status,
            **self._common(visit),
            values=values,
            action=action,
            faults=faults or {},
            themes=themes,
            most=TEXT_MOST,
            days=DAYS_MOST,
        )

    def _common(self, visit: Visit) -> dict[str, Any]:
        return {
            "visit": visit,
            "here": "alerts",
            "writes": visit.role.covers(Role.EDITOR),
            "sends": visit.role.covers(Role.LEAD),
        }

    def _usual_end(self) -> str:
        end = self._deps.runtime.now() + timedelta(days=_USUAL_DAYS)
        return f"{end.astimezone(VIETNAM).replace(hour=20, minute=0):{_FIELD}}"


def _moment(typed: str) -> datetime | None:
    """The moment of a datetime-local field, which is in Vietnam's time."""
    try:
        return datetime.strptime(typed, _FIELD).replace(tzinfo=VIETNAM)
    except ValueError:
        return None
