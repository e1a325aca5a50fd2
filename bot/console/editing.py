"""Writing a guide in the browser: its parts as forms, the check beside them, sending, approving."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.content import URL, editing_of, known_guide
from bot.console.differences import Line, differences
from bot.console.editing_draft import said_of, version_of
from bot.console.sections import (
    Group,
    filled,
    form_of,
    same_fields,
    section_names,
)
from bot.console.site import Site
from bot.guides.rewriting import read_values, rewrite
from bot.services.drafts import Clash, Refusal, Standing
from bot.services.editing import Editing
from bot.services.staff import Role, Visit
from bot.weblib.forms import typed
from bot.weblib.pages import Pages, Refused

#: The part with the whole text, for whoever knows YAML.
TEXT = "text"
_DONE = ("saved",)
_TRIES = 3


def routes(site: Site) -> None:
    """A draft's pages and forms."""
    pages = EditPages(site)
    guide = "/content/{guide}"
    site.page(f"{guide}/edit/{{section}}", Role.EDITOR, pages.show)
    site.form(f"{guide}/edit/{{section}}", Role.EDITOR, pages.save)
    site.form(f"{guide}/check/{{section}}", Role.EDITOR, pages.check)
    site.form(f"{guide}/aside/{{section}}", Role.EDITOR, pages.put_aside)


class EditPages:
    """What an editor sees and sends."""

    def __init__(self, site: Site) -> None:
        self._deps = site.deps
        self._pages: Pages = site.pages

    @property
    def _editing(self) -> Editing:
        return editing_of(self._deps)

    # One part -----------------------------------------------------------------------------------

    async def show(self, request: Request, visit: Visit) -> Response:
        """The form of a part."""
        guide_id = known_guide(self._editing, request)
        standing = await self._editing.drafts.find(guide_id)
        if standing is None:
            return RedirectResponse(f"{URL}/{guide_id}", 303)
        section = str(request.path_params["section"])
        done = request.query_params.get("done", "")
        return await self._section(
            guide_id, section, visit, standing, done=done if done in _DONE else ""
        )

    async def save(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Keep what was typed, unless somebody else wrote at the same place meanwhile."""
        guide_id = known_guide(self._editing, request)
        section = str(request.path_params["section"])
        version = version_of(form)
        standing = await self._standing(guide_id, section, form)
        for _ in range(_TRIES):
            text = await asyncio.to_thread(self._new_text, standing.draft.text, section, form)
            try:
                await self._editing.drafts.save(guide_id, text, version, visit.username)
            except Clash as clash:
                if self._same_place(clash, section):
                    # They wrote elsewhere: both are kept.
                    standing = await self._standing(guide_id, section, form)
                    version = standing.draft.version
                    continue
                return await self._clash(guide_id, section, visit, clash, form)
            except Refusal as refusal:
                return await self._section(
                    guide_id, section, visit, standing, 422, form=form, no=refusal.why
                )
            after = await self._editing.drafts.find(guide_id)
            proof = await self._editing.drafts.proof(guide_id)
            if proof is not None and proof.errors and after is not None:
                return await self._section(guide_id, section, visit, after, done="saved")
            return RedirectResponse(f"{URL}/{guide_id}/edit/{section}?done=saved", 303)
        raise Refused(409, "busy", link=f"{URL}/{guide_id}/edit", typed=typed(form))

    async def check(self, request: Request, _visit: Visit, form: Mapping[str, str]) -> Response:
        """What the check says of a form that is not saved yet: a part of the page."""
        guide_id = known_guide(self._editing, request)
        section = str(request.path_params["section"])
        standing = await self._standing(guide_id, section, form)
        text = await asyncio.to_thread(self._new_text, standing.draft.text, section, form)
        proof = await self._editing.drafts.look(guide_id, text)
        return self._pages.render(
            "content_check.html", id=guide_id, said=said_of(proof), section=section
        )

    async def put_aside(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Keep what was typed beside the draft, which stays as the other one wrote it."""
        guide_id = known_guide(self._editing, request)
        section = str(request.path_params["section"])
        standing = await self._standing(guide_id, section, form)
        text = await asyncio.to_thread(self._new_text, standing.draft.text, section, form)
        try:
            await self._editing.drafts.put_aside(guide_id, text, visit.username)
        except Refusal as refusal:
            return await self._section(
                guide_id, section, visit, standing, 422, form=form, no=refusal.why
            )
        return RedirectResponse(f"{URL}/{guide_id}/edit?done=aside", 303)

    async def _standing(self, guide_id: str, section: str, form: Mapping[str, str]) -> Standing:
        """The draft; without one what was typed is shown to be copied."""
        standing = await self._editing.drafts.find(guide_id)
        if standing is None:
            raise Refused(409, "draft", link=f"{URL}/{guide_id}", typed=typed(form))
        known = section == TEXT or self._groups(standing.draft.text, section)
        if not known:
            raise Refused(404, "not_found", link=f"{URL}/{guide_id}/edit", typed=typed(form))
        return standing

    def _groups(self, text: str, section: str) -> list[Group] | None:
        values, _ = read_values(text)
        return None if values is None else form_of(values, section, self._editing.titles)

    def _new_text(self, text: str, section: str, form: Mapping[str, str]) -> str:
        """The draft's text with a part as it was sent."""
        if section == TEXT:
            return _yaml(form)
        values, _ = read_values(text)
        groups = self._groups(text, section)
        if values is None or groups is None:
            raise Refused(409, "draft", typed=typed(form))
        return rewrite(text, filled(values, groups, form))

    def _same_place(self, clash: Clash, section: str) -> bool:
        if section == TEXT:
            return clash.base == clash.theirs.text
        before, after = (self._groups(text, section) for text in (clash.base, clash.theirs.text))
        return before is not None and same_fields(before, after)

    async def _clash(
        self, guide_id: str, section: str, visit: Visit, clash: Clash, form: Mapping[str, str]
    ) -> Response:
        standing = await self._editing.drafts.find(guide_id)
        if standing is None or (section != TEXT and not self._groups(standing.draft.text, section)):
            raise Refused(409, "draft", link=f"{URL}/{guide_id}", typed=typed(form))
        mine = await asyncio.to_thread(self._new_text, standing.draft.text, section, form)
        lines = await asyncio.to_thread(differences, clash.theirs.text, mine)
        return await self._section(
            guide_id, section, visit, standing, 409, form=form, lines=lines, no="clash"
        )

    async def _section(
        self,
        guide_id: str,
        section: str,
        visit: Visit,
        standing: Standing,
        status: int = 200,
        *,
        form: Mapping[str, str] | None = None,
        lines: list[Line] | None = None,
        done: str = "",
        no: str = "",
    ) -> Response:
        editing, draft = self._editing, standing.draft
        values, faults = read_values(draft.text)
        names: dict[str, str] = dict(section_names(values)) if values is not None else {}
        groups = self._groups(draft.text, section)
        if section != TEXT and values is None:
            return RedirectResponse(f"{URL}/{guide_id}/edit/{TEXT}", 303)
        if section != TEXT and groups is None:
            raise Refused(404, "not_found", link=f"{URL}/{guide_id}/edit")
        text = draft.text if form is None or section != TEXT else _yaml(form)
        proof = await editing.drafts.look(guide_id, draft.text if form is None else text)
        return self._pages.render(
            "content_section.html",
            status,
            visit=visit,
            here="content",
            id=guide_id,
            title=editing.publisher.content.title(guide_id),
            section=section,
            name=names.get(section, "Cả bài dạng chữ (YAML)"),
            names=names,
            parts=groups or [],
            draft=draft,
            text=text,
            shown=_shown(groups or [], form),
            said=said_of(proof),
            lines=lines or [],
            broken=bool(faults.problems),
            done=done,
            no=no,
        )


def _shown(groups: list[Group], form: Mapping[str, str] | None) -> dict[str, Any]:
    """What each field shows: what was typed, else what the draft says."""
    return {
        field.name: field.value if form is None else field.posted(form)
        for group in groups
        for field in group.fields
    }


def _yaml(form: Mapping[str, str]) -> str:
    """The text as it was typed; browsers send two characters for a line end."""
    raw = form.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    return raw.replace("\x00", "").rstrip() + "\n"
