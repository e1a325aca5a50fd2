"""Withdrawing a guide or a step: what it would do, doing it, and what is withdrawn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.content import URL, editing_of, known_guide
from bot.console.site import Site
from bot.errors import BadRequest
from bot.services.editing import Editing
from bot.services.recalling import Planned
from bot.services.staff import Role, Visit
from bot.store import guides
from bot.store.guides import WHY_MOST, RecallRow
from bot.weblib.forms import clean_text
from bot.weblib.pages import Pages

CHANNELS = {
    "telegram": "Telegram",
    "web": "Trang chat",
    "terminal": "Dòng lệnh",
    "zalo_oa": "Zalo OA",
    "zalo_bot": "Zalo Bot",
}
_SHOWN = 100


def routes(site: Site) -> None:
    """The list, and a guide's own page."""
    pages = RecallPages(site)
    # Before the page of a guide, whose address would take it.
    site.page("/recalls", Role.VIEWER, pages.show)
    site.page("/content/{guide}/recall", Role.LEAD, pages.ask)
    site.form("/content/{guide}/recall", Role.LEAD, pages.recall)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What somebody wants to withdraw: all, the texts before the newest, or a step."""

    what: str
    why: str

    @property
    def step(self) -> int:
        raw = self.what.removeprefix("step-")
        short = raw.isascii() and raw.isdecimal() and len(raw) < 3
        return int(raw) if short and self.what.startswith("step-") else 0

    @property
    def old(self) -> bool:
        return self.what == "old"

    @property
    def known(self) -> bool:
        return self.what in ("all", "old") or self.step > 0


class RecallPages:
    """The pages. A withdrawal is first shown with its number of people, then done."""

    def __init__(self, site: Site) -> None:
        self._deps = site.deps
        self._pages: Pages = site.pages

    @property
    def _editing(self) -> Editing:
        return editing_of(self._deps)

    async def show(self, _request: Request, visit: Visit) -> Response:
        """What is withdrawn, the newest first."""
        rows = await self._deps.runtime.db.read(guides.recall_rows)
        served = {g.id: g.revision for g in self._editing.publisher.loaded.guides.values()}
        return self._pages.render(
            "content_recalls.html",
            visit=visit,
            here="content",
            rows=[(row, _corrected(row, served)) for row in rows[:_SHOWN]],
            more=max(0, len(rows) - _SHOWN),
            titles=self._editing.titles,
            days=self._deps.runtime.settings.recall_days,
        )

    async def ask(self, request: Request, visit: Visit) -> Response:
        """What to withdraw, and what it would do."""
        guide_id = known_guide(self._editing, request)
        wanted = _Wanted(request.query_params.get("what", ""), "")
        return await self._page(guide_id, visit, wanted)

    async def recall(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Withdraw it, when it was shown what that does."""
        guide_id = known_guide(self._editing, request)
        why = " ".join(clean_text(form.get("text", "")).split()).rstrip(".!,;: ")
        wanted = _Wanted(form.get("what", ""), why)
        if not wanted.known:
            return await self._page(guide_id, visit, wanted, 422, no="what")
        if not why or len(why) > WHY_MOST:
            return await self._page(guide_id, visit, wanted, 422, no="why" if not why else "long")
        planned = await self._planned(guide_id, wanted)
        if planned is None:
            return await self._page(guide_id, visit, wanted, 409, no="cannot")
        if form.get("seen") != f"{planned.texts}:{planned.total}":
            # Shown first, with the reason, and again when the number changed meanwhile.
            return await self._page(guide_id, visit, wanted)
        recalling = self._editing.recalling
        try:
            done = await asyncio.to_thread(
                lambda: (
                    recalling.step(guide_id, wanted.step, why, who=visit.username)
                    if wanted.step
                    else recalling.guide(guide_id, why, old=wanted.old, who=visit.username)
                )
            )
        except BadRequest:
            return await self._page(guide_id, visit, wanted, 409, no="cannot")
        await self._editing.publisher.refresh()
        for chat in done.told:
            self._deps.wake(chat)
        return RedirectResponse(f"{URL}/{guide_id}?done=recalled", 303)

    async def _planned(self, guide_id: str, wanted: _Wanted) -> Planned | None:
        """What it would do; None when it cannot be done."""
        plan = self._editing.recalling.plan
        try:
            return await asyncio.to_thread(plan, guide_id, wanted.step, old=wanted.old)
        except BadRequest:
            return None

    async def _page(
        self, guide_id: str, visit: Visit, wanted: _Wanted, status: int = 200, no: str = ""
    ) -> Response:
        planned = await self._planned(guide_id, wanted) if wanted.known else None
        publisher = self._editing.publisher
        guide = publisher.loaded.guides.get(guide_id)
        gone = publisher.recalls.get((guide_id, guide.revision)) if guide else None
        return self._pages.render(
            "content_recall.html",
            status,
            visit=visit,
            here="content",
            id=guide_id,
            title=publisher.content.title(guide_id),
            guide=guide,
            withdrawn=set(gone.steps) if gone else set(),
            wanted=wanted,
            planned=planned,
            channels=CHANNELS,
            days=self._deps.runtime.settings.recall_days,
            most=WHY_MOST,
            no=no or ("cannot" if wanted.known and planned is None else ""),
        )


def _corrected(row: RecallRow, served: Mapping[str, str]) -> bool:
    """Whether another text is served by now."""
    return row.guide_id in served and served[row.guide_id] != row.revision
