"""A draft as a whole: its parts, what the check says, sending it, approving it, giving it back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.content import URL, editing_of, known_guide
from bot.console.differences import differences
from bot.console.field_words import Said, problem_words
from bot.console.sections import section_names
from bot.console.site import Site
from bot.console.step_list import STEP_ACTS, step_changed
from bot.guides.rewriting import read_values, rewrite
from bot.services.drafts import Clash, Moved, Refusal
from bot.services.editing import Editing
from bot.services.proofs import Proof
from bot.services.staff import Role, Visit
from bot.store import drafts
from bot.weblib.forms import clean_text
from bot.weblib.pages import Pages, Refused

_DONE = ("saved", "sent", "returned", "aside", "rebased", "steps")
_VERSION_DIGITS = 9
_HISTORY = 30
#: A step with a draft: guide, the version that was looked at, who.
_Step = Callable[[str, int, str], Awaitable[object]]


def routes(site: Site) -> None:
    """A draft's page and what is done with it."""
    pages = DraftPages(site)
    guide = "/content/{guide}"
    site.form(f"{guide}/draft", Role.EDITOR, pages.begin)
    site.page(f"{guide}/edit", Role.EDITOR, pages.overview)
    site.form(f"{guide}/steps", Role.EDITOR, pages.steps)
    site.page(f"{guide}/saved/{{number:int}}", Role.EDITOR, pages.saved)
    site.form(f"{guide}/rebase", Role.EDITOR, pages.rebase)
    site.form(f"{guide}/send", Role.EDITOR, pages.send)
    site.form(f"{guide}/return", Role.EDITOR, pages.give_back)
    site.form(f"{guide}/approve", Role.EDITOR, pages.approve)
    site.form(f"{guide}/discard", Role.EDITOR, pages.discard)


class DraftPages:
    """A draft's page and its buttons."""

    def __init__(self, site: Site) -> None:
        self._deps = site.deps
        self._pages: Pages = site.pages

    @property
    def _editing(self) -> Editing:
        return editing_of(self._deps)

    async def begin(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """Begin a draft, or go on with the one there is."""
        guide_id = known_guide(self._editing, request)
        try:
            await self._editing.drafts.begin(guide_id, visit.username)
        except Refusal as refusal:
            return RedirectResponse(f"{URL}/{guide_id}?no={refusal.why}", 303)
        return RedirectResponse(f"{URL}/{guide_id}/edit", 303)

    async def overview(self, request: Request, visit: Visit) -> Response:
        """The draft: its parts, what the check says, what is different, what can be done."""
        guide_id = known_guide(self._editing, request)
        done = request.query_params.get("done", "")
        return await self._overview(guide_id, visit, done=done if done in _DONE else "")

    async def _overview(
        self,
        guide_id: str,
        visit: Visit,
        status: int = 200,
        *,
        done: str = "",
        no: str = "",
        note: str = "",
    ) -> Response:
        editing = self._editing
        standing = await editing.drafts.find(guide_id)
        if standing is None:
            return RedirectResponse(f"{URL}/{guide_id}" + (f"?no={no}" if no else ""), 303)
        draft = standing.draft
        values, _ = read_values(draft.text)
        proof = await editing.drafts.look(guide_id, draft.text)
        source = await _served(editing, guide_id)
        history = await self._deps.runtime.db.read(
            lambda c: drafts.all_saved(c, draft.id, _HISTORY)
        )
        served = editing.publisher.loaded.guides.get(guide_id)
        recall = editing.publisher.recalls.get((guide_id, served.revision)) if served else None
        return self._pages.render(
            "content_edit.html",
            status,
            visit=visit,
            here="content",
            id=guide_id,
            title=editing.publisher.content.title(guide_id),
            draft=draft,
            standing=standing,
            recall=recall,
            mine=visit.username in standing.authors,
            sections=section_names(values) if values is not None else [],
            steps=len(values["steps"]) if values and isinstance(values.get("steps"), list) else 0,
            said=said_of(proof),
            errors=len(proof.errors),
            lines=await asyncio.to_thread(differences, source, draft.text),
            history=history,
            done=done,
            no=no,
            note=note,
        )

    async def _moved_on(
        self, request: Request, visit: Visit, form: Mapping[str, str], act: _Step, after: str
    ) -> Response:
        """Take one step with the draft; on to `after`, or back to it with why not."""
        guide_id = known_guide(self._editing, request)
        try:
            await act(guide_id, version_of(form), visit.username)
        except Refusal as refusal:
            return await self._overview(guide_id, visit, 409, no=refusal.why)
        return RedirectResponse(f"{URL}/{guide_id}{after}", 303)

    async def send(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """To be reviewed by somebody else."""
        act = self._editing.drafts.send
        return await self._moved_on(request, visit, form, act, "/edit?done=sent")

    async def give_back(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Back to who wrote it, with a note."""
        guide_id = known_guide(self._editing, request)
        note = clean_text(form.get("text", ""))
        try:
            await self._editing.drafts.give_back(guide_id, version_of(form), note, visit.username)
        except Refusal as refusal:
            status = 422 if refusal.why in ("empty", "long") else 409
            return await self._overview(guide_id, visit, status, no=refusal.why, note=note)
        return RedirectResponse(f"{URL}/{guide_id}/edit?done=returned", 303)

    async def approve(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Publish what somebody else wrote."""
        guide_id = known_guide(self._editing, request)
        try:
            await self._editing.drafts.approve(guide_id, version_of(form), visit.username)
        except Refusal as refusal:
            return await self._overview(guide_id, visit, 409, no=refusal.why)
        except Moved:
            return await self._overview(guide_id, visit, 409, no="moved")
        return RedirectResponse(f"{URL}/{guide_id}?done=published", 303)

    async def rebase(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """The draft was held against what is served by now."""
        act = self._editing.drafts.rebase
        return await self._moved_on(request, visit, form, act, "/edit?done=rebased")

    async def discard(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Nobody works on it any more."""
        act = self._editing.drafts.discard
        return await self._moved_on(request, visit, form, act, "?done=discarded")

    async def saved(self, request: Request, visit: Visit) -> Response:
        """One text that was saved of the draft, held against the draft."""
        guide_id = known_guide(self._editing, request)
        standing = await self._editing.drafts.find(guide_id)
        number = int(request.path_params["number"])
        history = []
        if standing is not None:
            draft = standing.draft
            history = await self._deps.runtime.db.read(
                lambda c: drafts.all_saved(c, draft.id, _HISTORY)
            )
        text = next((each for each in history if each.id == number), None)
        if standing is None or text is None:
            raise Refused(404, "not_found", link=f"{URL}/{guide_id}")
        return self._pages.render(
            "content_saved.html",
            visit=visit,
            here="content",
            id=guide_id,
            title=self._editing.publisher.content.title(guide_id),
            saved=text,
            lines=await asyncio.to_thread(differences, text.text, standing.draft.text),
        )

    async def steps(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Add, move or drop a step."""
        guide_id = known_guide(self._editing, request)
        standing = await self._editing.drafts.find(guide_id)
        if standing is None:
            return RedirectResponse(f"{URL}/{guide_id}", 303)
        values, _ = read_values(standing.draft.text)
        act, number = form.get("act", ""), number_of(form.get("step", ""))
        new = step_changed(values, act, number) if values and act in STEP_ACTS else None
        if new is None:
            return await self._overview(guide_id, visit, 422, no="step")
        text = await asyncio.to_thread(rewrite, standing.draft.text, new)
        try:
            await self._editing.drafts.save(guide_id, text, version_of(form), visit.username)
        except (Clash, Refusal):
            return await self._overview(guide_id, visit, 409, no="changed")
        return RedirectResponse(f"{URL}/{guide_id}/edit?done=steps", 303)


async def _served(editing: Editing, guide_id: str) -> str:
    source = await asyncio.to_thread(editing.releasing.source, guide_id)
    return source.text if source else ""


def said_of(proof: Proof) -> list[Said]:
    """What the check found, in words."""
    return [problem_words(problem) for problem in proof.problems]


def version_of(form: Mapping[str, str]) -> int:
    """The version of the draft that a form was made from; -1 for none."""
    return number_of(form.get("version", ""))


def number_of(raw: str) -> int:
    """A number that was sent; -1 for none."""
    good = raw.isascii() and raw.isdecimal() and len(raw) <= _VERSION_DIGITS
    return int(raw) if good else -1
