"""Labels: what was labelled, one question at a time, what citizens said themselves, files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.errors import BadRequest
from bot.services import labels
from bot.services.labels import Refusal
from bot.services.staff import Role, Visit
from bot.store import audit
from bot.store import labels as store
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages, Refused
from bot.weblib.uploads import Upload

URL = f"{PREFIX}/labels"
PAGE = 50
_SUGGESTED = 40
_DONE = ("labelled", "withdrawn", "confirmed")


def routes(site: Site) -> None:
    """The list, one question, suggestions, a file."""
    pages = LabelPages(site.deps, site.pages)
    site.page("/labels", Role.EDITOR, pages.index)
    site.upload("/labels/import", Role.EDITOR, "file", pages.take)
    site.form("/labels/{label:int}/withdraw", Role.EDITOR, pages.withdraw)
    site.page("/labels/suggested", Role.EDITOR, pages.suggested)
    site.form("/labels/suggested", Role.EDITOR, pages.confirm)
    site.page("/labels/question/{question:int}", Role.EDITOR, pages.question)
    site.form("/labels/question/{question:int}", Role.EDITOR, pages.label)


class LabelPages:
    """Pages about labels."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._runtime = deps.runtime
        self._pages = pages

    async def index(self, request: Request, visit: Visit) -> Response:
        """Labels, the newest first."""
        return await self._index(request, visit)

    async def take(self, request: Request, visit: Visit, sent: Upload) -> Response:
        """A file of labels: every row that is right is kept, the others are named."""
        if visit.scope:
            # A file says nothing of places.
            raise Refused(403, "role", link=URL)
        if not sent.data:
            return await self._index(request, visit, 422, fault="empty")
        known = await self._known()
        try:
            done = await asyncio.to_thread(self._import, sent.data, known, visit.username)
        except BadRequest as error:
            return await self._index(request, visit, 422, fault="file", detail=str(error))
        return await self._index(request, visit, imported=done)

    async def withdraw(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """*Gỡ nhãn*."""
        number, now = request.path_params["label"], self._runtime.now()

        def work(c: Connection) -> bool:
            if not 0 < number < 2**63 or not self._mine(c, number, visit):
                return False
            audit.record(c, visit.username, "label.withdraw", f"label {number}", now)
            return store.withdraw(c, number)

        if not await self._runtime.db.write(work):
            raise Refused(404, "not_found", link=URL)
        return RedirectResponse(f"{URL}?done=withdrawn", 303)

    async def suggested(self, request: Request, visit: Visit) -> Response:
        """What citizens chose themselves when they were asked which they meant."""
        found = await self._runtime.db.read(lambda c: store.suggested(c, _SUGGESTED))
        return self._pages.render(
            "labels_suggested.html",
            **self._common(visit, request),
            suggestions=[each for each in found if visit.sees(each.area)],
        )

    async def confirm(self, _request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Keep the ticked ones as labels, each with the topic that its citizen chose."""
        found = await self._runtime.db.read(lambda c: store.suggested(c, _SUGGESTED))
        by_intent: dict[str, list[int]] = {}
        for each in found:
            if form.get(f"q{each.id}") and each.label in self._deps.titles:
                by_intent.setdefault(str(each.label), []).append(each.id)
        kept = 0
        for intent, ids in by_intent.items():
            done, _ = await labels.label_all(self._runtime, ids, intent, visit, "question")
            kept += done
        return RedirectResponse(f"{URL}/suggested?done=confirmed&n={kept}", 303)

    async def question(self, request: Request, visit: Visit) -> Response:
        """One question of the log, to be labelled."""
        return await self._question(request, visit)

    async def label(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """*Gán nhãn* for one question; what was erased meanwhile is refused in words."""
        number, intent = request.path_params["question"], form.get("intent", "")
        if intent not in await self._known():
            return await self._question(request, visit, 422, refused=Refusal.INTENT)
        now = self._runtime.now()

        def work(c: Connection) -> dict[int, Refusal]:
            if not 0 < number < 2**63:
                return {number: Refusal.GONE}
            why = labels.label_questions(c, [number], intent, visit, now)
            if not why:
                audit.record(c, visit.username, "label.add", f"question {number}", now)
            return why

        why = (await self._runtime.db.write(work)).get(number)
        if why in (Refusal.GONE, Refusal.PLACE):
            raise Refused(404, "not_found", link=URL)
        if why is not None:
            return await self._question(request, visit, 409, refused=why)
        return RedirectResponse(f"{URL}/question/{number}?done=labelled", 303)

    # Inside.

    async def _index(
        self, request: Request, visit: Visit, status: int = 200, **shown: Any
    ) -> Response:
        before = request.query_params.get("before", "")
        paged = (
            int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
        )
        intent = request.query_params.get("intent", "")
        clash = request.query_params.get("clash") == "1"

        def look(c: Connection) -> tuple[list[store.Label], dict[str, int], int]:
            found = store.latest(c, paged, PAGE + 1, intent, clash=clash)
            return found, store.counts(c), store.clashes(c)

        found, counts, clashes = await self._runtime.db.read(look)
        values: dict[str, Any] = {"fault": "", "detail": "", "imported": None}
        return self._pages.render(
            "labels.html",
            status,
            **self._common(visit, request),
            labels=await self._inside(found[:PAGE], visit),
            older=found[PAGE - 1].id if len(found) > PAGE else None,
            counts=counts,
            total=sum(counts.values()),
            clashes=clashes,
            intent=intent,
            clash=clash,
            **{**values, **shown},
        )

    async def _inside(self, found: list[store.Label], visit: Visit) -> list[store.Label]:
        """Those of somebody's own places; where a file's sentences are from nobody knows."""
        if not visit.scope:
            return found
        ids = [each.question_id for each in found if each.question_id is not None]
        asked = await self._runtime.db.read(lambda c: store.asked_many(c, ids))
        return [
            each
            for each in found
            if each.question_id in asked and visit.sees(asked[each.question_id].area)
        ]

    async def _question(
        self, request: Request, visit: Visit, status: int = 200, refused: Refusal | None = None
    ) -> Response:
        number = request.path_params["question"]
        found, labelled = None, dict[int, str]()
        if 0 < number < 2**63:
            found = await self._runtime.db.read(lambda c: store.asked(c, number))
            labelled = await self._runtime.db.read(lambda c: store.of_questions(c, [number]))
        if found is None or not visit.sees(found.area):
            raise Refused(404, "not_found", link=URL)
        if found.text is None and refused is None:
            refused = Refusal.ERASED
        return self._pages.render(
            "label_question.html",
            status,
            **self._common(visit, request),
            question=found,
            labelled=labelled.get(number, ""),
            refused=refused.value if refused else "",
            wanted=await self._runtime.db.read(store.wanted_intents),
        )

    def _mine(self, c: Connection, number: int, visit: Visit) -> bool:
        found = store.by_ids(c, [number])
        if not found or not visit.scope:
            return bool(found)
        question = found[0].question_id
        asked = store.asked(c, question) if question is not None else None
        return asked is not None and visit.sees(asked.area)

    def _import(self, data: bytes, known: set[str], who: str) -> labels.Imported:
        rows = labels.read_rows(data)
        return labels.import_labels(self._runtime, rows, known, who)

    async def _known(self) -> set[str]:
        wanted = await self._runtime.db.read(store.wanted_intents)
        return set(self._deps.titles) | set(wanted)

    def _common(self, visit: Visit, request: Request) -> dict[str, Any]:
        done, count = (request.query_params.get(name, "") for name in ("done", "n"))
        return {
            "visit": visit,
            "here": "training",
            "titles": self._deps.titles,
            "done": done if done in _DONE else "",
            "count": int(count) if count.isascii() and count.isdecimal() else 0,
        }
