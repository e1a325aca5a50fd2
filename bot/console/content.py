"""Guides: which there are and how they do, one guide, its channels, its past, going back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.differences import differences
from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.errors import BadRequest
from bot.guides.dates import SOON
from bot.guides.model import Guide
from bot.guides.overlay import Standing, standing_of
from bot.guides.taking_up import guide_name, guide_of
from bot.schedule.zone import ICT
from bot.services.channel_views import Channel, bubbles_on, long_labels
from bot.services.drafts import Moved, Refusal
from bot.services.editing import Editing
from bot.services.guide_figures import DAYS, NONE, SHARE_LEAST, STOPS_LEAST, GuideFigures, figures
from bot.services.preview import Reader, rehearse
from bot.services.staff import Role, Visit
from bot.store import audit, drafts
from bot.store.drafts import Draft
from bot.weblib.deps import WebDeps
from bot.weblib.forms import clean_text
from bot.weblib.pages import Pages, Refused

URL = f"{PREFIX}/content"
#: Words that may stand in an address after something was done, or refused.
_DONE = ("published", "rollback", "reviewed", "kept", "followed", "discarded", "recalled", "none")
_REFUSED = ("changed", "gone", "check", "withdrawn", "same", "moved", "unwritten", "empty", "own")
_CHANNELS = {
    "telegram": ("Telegram", Channel.TELEGRAM),
    "zalo_oa": ("Zalo OA", Channel.ZALO),
    "zalo_bot": ("Zalo Bot", Channel.ZALO),
    "web": ("Trang chat", Channel.WEB),
}
_NOTE_MOST = 300


def routes(site: Site) -> None:
    """The list, a guide's pages, and what is done there."""
    pages = ContentPages(site.deps, site.pages)
    guide = "/content/{guide}"
    site.page("/content", Role.VIEWER, pages.show)
    site.page(guide, Role.VIEWER, pages.guide)
    site.page(f"{guide}/preview", Role.VIEWER, pages.preview)
    site.page(f"{guide}/past/{{revision}}", Role.VIEWER, pages.past)
    site.form(f"{guide}/past/{{revision}}", Role.LEAD, pages.go_back)
    site.form(f"{guide}/reviewed", Role.EDITOR, pages.reviewed)
    site.form(f"{guide}/conflict", Role.LEAD, pages.settle)


def editing_of(deps: WebDeps) -> Editing:
    """What the pages work with. LookupError where they were made without it."""
    if deps.editing is None:
        raise LookupError("these pages were made without content")
    return deps.editing()


def known_guide(editing: Editing, request: Request) -> str:
    """The guide of an address; a page that does not exist for an id there is not."""
    guide_id = str(request.path_params["guide"])
    if guide_id not in editing.titles:
        raise Refused(404, "not_found", link=URL)
    return guide_id


@dataclass(frozen=True, slots=True)
class Row:
    """A guide in the list. `due` is how its review date stands: past, soon, good or none."""

    id: str
    title: str
    guide: Guide | None
    due: str
    figures: GuideFigures
    draft: Draft | None
    conflict: bool

    @property
    def order(self) -> tuple[bool, bool, bool, bool, str]:
        """What has to be done first."""
        return (
            not self.conflict,
            not self.figures.failing,
            self.due != "past",
            self.due != "soon",
            self.title.casefold(),
        )


def due(guide: Guide | None, today: date) -> str:
    """How a guide's review date stands."""
    if guide is None:
        return "none"
    if guide.review_by < today:
        return "past"
    return "soon" if guide.review_by <= today + SOON else "good"


class ContentPages:
    """Pages about guides that are read, and the acts that need no draft."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages

    @property
    def _editing(self) -> Editing:
        return editing_of(self._deps)

    def _today(self) -> date:
        return self._deps.runtime.now().astimezone(ICT).date()

    async def show(self, request: Request, visit: Visit) -> Response:
        """Every guide, what needs somebody first."""
        editing, runtime = self._editing, self._deps.runtime
        found = await figures(runtime)
        open_drafts = {guide_of(d.name): d for d in await runtime.db.read(drafts.open_drafts)}
        conflicts = await asyncio.to_thread(_conflicts, editing)
        content, today = editing.publisher.content, self._today()
        rows = [
            Row(
                guide_id,
                content.title(guide_id),
                guide := content.guides.get(guide_id),
                due(guide, today),
                found.get(guide_id, NONE),
                open_drafts.get(guide_id),
                guide_name(guide_id) in conflicts,
            )
            for guide_id in editing.titles
        ]
        owner = clean_text(request.query_params.get("owner", ""))[:60]
        what = request.query_params.get("what", "")
        owners = sorted({row.guide.owner for row in rows if row.guide})
        shown = [row for row in rows if _matches(row, owner, what)]
        return self._pages.render(
            "content_list.html",
            visit=visit,
            here="content",
            problems=self._deps.problems(),
            rows=sorted(shown, key=lambda row: row.order),
            every=rows,
            owners=owners,
            owner=owner,
            what=what,
            days=DAYS,
            least=STOPS_LEAST,
            share=SHARE_LEAST,
        )

    async def guide(self, request: Request, visit: Visit) -> Response:
        """One guide."""
        editing = self._editing
        guide_id = known_guide(editing, request)
        done = request.query_params.get("done", "")
        no = request.query_params.get("no", "")
        return await self._guide(
            guide_id, visit, done=done if done in _DONE else "", no=no if no in _REFUSED else ""
        )

    async def _guide(
        self, guide_id: str, visit: Visit, status: int = 200, **words: str
    ) -> Response:
        editing, runtime = self._editing, self._deps.runtime
        publisher = editing.publisher
        found = await figures(runtime, guide_id)
        raw = publisher.loaded.guides.get(guide_id)
        edit = publisher.edits.get(guide_name(guide_id))
        standing = await asyncio.to_thread(standing_of, edit, publisher.folder) if edit else None
        recall = publisher.recalls.get((guide_id, raw.revision)) if raw else None
        return self._pages.render(
            "content_guide.html",
            status,
            visit=visit,
            here="content",
            id=guide_id,
            title=publisher.content.title(guide_id),
            guide=raw,
            due=due(raw, self._today()),
            recall=recall,
            figures=found.get(guide_id, NONE),
            standing=await editing.drafts.find(guide_id),
            conflict=standing is Standing.CONFLICT,
            superseded=standing is Standing.SUPERSEDED,
            past=await editing.history.of(guide_id),
            titles=editing.titles,
            writes=visit.role.covers(Role.EDITOR),
            leads=visit.role.covers(Role.LEAD),
            channels={key: name for key, (name, _) in _CHANNELS.items()},
            days=DAYS,
            least=STOPS_LEAST,
            share=SHARE_LEAST,
            **words,
        )

    async def preview(self, request: Request, visit: Visit) -> Response:
        """A guide as a channel shows it: what is served, or the draft."""
        editing = self._editing
        guide_id = known_guide(editing, request)
        query = request.query_params
        channel = query.get("channel", "")
        channel = channel if channel in _CHANNELS else "telegram"
        of_draft = query.get("of") == "draft"
        content = editing.publisher.content
        problem = ""
        if of_draft:
            proof = await editing.drafts.proof(guide_id)
            if proof is None or proof.guide is None:
                problem = "form" if proof else "gone"
            else:
                guides = {**content.guides, guide_id: proof.guide}
                content = replace(content, guides=guides)
        guide = content.guides.get(guide_id)
        shown = []
        question = guide.question if guide else None
        choices = question.choices if question else ()
        choice = query.get("choice", "")
        choice = choice if choice in {each.id for each in choices} else ""
        province = query.get("province", "")
        provinces = content.people.provinces
        province = province if province in provinces else ""
        if guide is not None and not problem:
            reader = Reader(province, choice, query.get("stuck") == "1")
            now = self._deps.runtime.now()
            try:
                shown = await asyncio.to_thread(rehearse, content, guide_id, reader, now)
            except BadRequest:
                problem = "reader"
        where = _CHANNELS[channel][1]
        return self._pages.render(
            "content_preview.html",
            visit=visit,
            here="content",
            id=guide_id,
            title=content.title(guide_id),
            messages=[
                (each, bubbles_on(where, each.reply), long_labels(each.reply)) for each in shown
            ],
            buttons=where.buttons,
            channel=channel,
            channels={key: name for key, (name, _) in _CHANNELS.items()},
            of_draft=of_draft,
            choices=choices,
            choice=choice,
            provinces=provinces,
            province=province,
            stuck=query.get("stuck") == "1",
            problem=problem,
        )

    async def past(self, request: Request, visit: Visit) -> Response:
        """An earlier text, and what is different from what is served."""
        editing = self._editing
        guide_id = known_guide(editing, request)
        return await self._past(guide_id, str(request.path_params["revision"]), visit)

    async def _past(
        self, guide_id: str, revision: str, visit: Visit, status: int = 200, no: str = ""
    ) -> Response:
        editing = self._editing
        past = {each.kept.name: each for each in await editing.history.of(guide_id)}
        text = await editing.history.text(guide_id, revision) if revision in past else None
        if text is None:
            raise Refused(404, "not_found", link=f"{URL}/{guide_id}")
        served = editing.publisher.loaded.guides.get(guide_id)
        now = await editing.history.text(guide_id, served.revision) if served else None
        return self._pages.render(
            "content_past.html",
            status,
            visit=visit,
            here="content",
            id=guide_id,
            title=editing.publisher.content.title(guide_id),
            past=past[revision],
            lines=await asyncio.to_thread(differences, now or "", text),
            text=text,
            served=served.revision if served else "",
            leads=visit.role.covers(Role.LEAD),
            no=no,
        )

    async def go_back(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Serve an earlier text again."""
        editing = self._editing
        guide_id = known_guide(editing, request)
        revision = str(request.path_params["revision"])
        try:
            await editing.history.go_back(
                guide_id, revision, form.get("served", ""), visit.username
            )
        except (Refusal, Moved) as refusal:
            no = refusal.why if isinstance(refusal, Refusal) else "moved"
            return await self._past(guide_id, revision, visit, 409, no)
        return RedirectResponse(f"{URL}/{guide_id}?done=rollback", 303)

    async def reviewed(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Somebody looked at a guide that fails people and found its text right."""
        editing, runtime = self._editing, self._deps.runtime
        guide_id = known_guide(editing, request)
        note = " ".join(clean_text(form.get("text", "")).split())
        if not note or len(note) > _NOTE_MOST:
            return await self._guide(guide_id, visit, 422, done="", no="empty")
        now = runtime.now()

        def work(connection: Connection) -> None:
            drafts.reviewed(connection, guide_id, visit.username, note, now)
            audit.record(connection, visit.username, "guide.reviewed", guide_id, now)

        await runtime.db.write(work)
        return RedirectResponse(f"{URL}/{guide_id}?done=reviewed", 303)

    async def settle(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """End a conflict between the file and what the console published."""
        editing = self._editing
        guide_id = known_guide(editing, request)
        keep = form.get("what") != "file"
        try:
            await editing.releasing.settle(guide_id, visit.username, keep=keep)
        except Moved:
            return await self._guide(guide_id, visit, 409, done="", no="moved")
        return RedirectResponse(f"{URL}/{guide_id}?done={'kept' if keep else 'followed'}", 303)


def _matches(row: Row, owner: str, what: str) -> bool:
    if owner and (row.guide is None or row.guide.owner != owner):
        return False
    match what:
        case "failing":
            return bool(row.figures.failing)
        case "due":
            return row.due in ("past", "soon")
        case "draft":
            return row.draft is not None
        case "conflict":
            return row.conflict
        case _:
            return True


def _conflicts(editing: Editing) -> set[str]:
    publisher = editing.publisher
    return {
        name
        for name, edit in publisher.edits.items()
        if standing_of(edit, publisher.folder) is Standing.CONFLICT
    }
