"""Training: from labels to a model that serves, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.models.schema import RunKind
from bot.services import models
from bot.services.models import NotPublished
from bot.services.staff import Role, Visit
from bot.services.training import Runs
from bot.settings import Nlu
from bot.store import labels as label_store
from bot.store import training as store
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages, Refused

URL = f"{PREFIX}/training"
_RUNS_SHOWN = 15
_DONE = ("asked", "busy", "published", "back")


def routes(site: Site) -> None:
    """The page, one run, publishing and taking back."""
    pages = TrainingPages(site.deps, site.pages)
    site.page("/training", Role.VIEWER, pages.index)
    site.part("/training/live", Role.VIEWER, pages.live)
    site.form("/training", Role.EDITOR, pages.start)
    site.page("/training/{run:int}", Role.VIEWER, pages.show)
    site.form("/training/models/{model:int}/publish", Role.EDITOR, pages.publish)
    site.form("/training/rollback", Role.EDITOR, pages.roll_back)


class TrainingPages:
    """Runs and models. What changes what everybody is answered by is for those of everywhere."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._runtime = deps.runtime
        self._pages = pages
        self._runs = Runs(deps.runtime)

    async def index(self, request: Request, visit: Visit) -> Response:
        """What serves, what is under way, what was trained."""
        return await self._index(request, visit)

    async def live(self, _request: Request, visit: Visit) -> Response:
        """How far the training is."""
        await self._runs.look()
        return self._pages.render("training_live.html", run=await self._last(), visit=visit)

    async def start(self, _request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """*Huấn luyện*."""
        _for_everywhere(visit)
        asked = await self._runs.ask(RunKind.TRAIN, visit.username)
        return RedirectResponse(f"{URL}?done={'asked' if asked else 'busy'}", 303)

    async def show(self, request: Request, visit: Visit) -> Response:
        """One run: before and after, intent by intent."""
        number = request.path_params["run"]
        await self._runs.look()
        found = None
        if 0 < number < 2**63:
            found = await self._runtime.db.read(lambda c: store.run(c, number))
        if found is None or found.kind is not RunKind.TRAIN:
            raise Refused(404, "not_found", link=URL)
        named = dict(found.figures.get("named", []))
        held = await self._runtime.db.read(lambda c: label_store.by_ids(c, list(named)))
        return self._pages.render(
            "training_run.html",
            **self._common(visit, request),
            run=found,
            figures=found.figures,
            rows=_rows(found.figures),
            withheld=[(label, named[label.id]) for label in held] if self._reads(visit) else [],
            drop=self._runtime.settings.train_drop_points,
        )

    async def publish(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """*Dùng mô hình này*."""
        _for_everywhere(visit)
        number = request.path_params["model"]

        def work(c: Connection) -> None:
            if not 0 < number < 2**63:
                raise NotPublished(models.Unfit.GONE)
            models.publish(self._runtime, c, number, visit.username)

        try:
            await self._runtime.db.write(work)
        except NotPublished as error:
            return await self._index(request, visit, 409, refused=error.why.value)
        return RedirectResponse(f"{URL}?done=published", 303)

    async def roll_back(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """*Quay lại mô hình trước*."""
        _for_everywhere(visit)
        try:
            await self._runtime.db.write(
                lambda c: models.roll_back(self._runtime, c, visit.username)
            )
        except NotPublished:
            return await self._index(request, visit, 409, refused="bottom")
        return RedirectResponse(f"{URL}?done=back", 303)

    # Inside.

    async def _index(
        self, request: Request, visit: Visit, status: int = 200, refused: str = ""
    ) -> Response:
        await self._runs.look()

        def look(c: Connection) -> dict[str, Any]:
            kept = store.models(c)
            verdicts = {m.id: models.verdict(self._runtime, c, m) for m in kept}
            history = models.stack(store.publications(c))
            return {
                "runs": store.runs(c, RunKind.TRAIN, _RUNS_SHOWN),
                "models": kept,
                "verdicts": {n: why.value if why else "" for n, why in verdicts.items()},
                "served": store.served(c),
                "before": models.before_this(c),
                "can_go_back": len(history) > 1,
                "labels": sum(label_store.counts(c).values()),
                "clashes": label_store.clashes(c),
            }

        found = await self._runtime.db.read(look)
        return self._pages.render(
            "training.html",
            status,
            **self._common(visit, request),
            **found,
            run=found["runs"][0] if found["runs"] else None,
            refused=refused,
            rasa=self._runtime.settings.nlu is Nlu.RASA,
            drop=self._runtime.settings.train_drop_points,
        )

    async def _last(self) -> store.Run | None:
        found = await self._runtime.db.read(lambda c: store.runs(c, RunKind.TRAIN, 1))
        return found[0] if found else None

    @staticmethod
    def _reads(visit: Visit) -> bool:
        return visit.role.covers(Role.EDITOR) and not visit.scope

    def _common(self, visit: Visit, request: Request) -> dict[str, Any]:
        done = request.query_params.get("done", "")
        return {
            "visit": visit,
            "here": "training",
            "titles": self._deps.titles,
            "done": done if done in _DONE else "",
            "writes": visit.role.covers(Role.EDITOR),
            "decides": visit.role.covers(Role.EDITOR) and not visit.scope,
        }


def _for_everywhere(visit: Visit) -> None:
    if visit.scope:
        raise Refused(403, "role", link=URL)


def _rows(figures: Mapping[str, Any]) -> list[tuple[str, int, int, int, bool]]:
    """(intent, sentences, found before, found after, urgent): the urgent first, then by change."""
    urgent = figures.get("urgent", [])
    rows = [
        (name, total, before, after, name in urgent)
        for name, (total, before, after) in figures.get("intents", {}).items()
    ]
    return sorted(rows, key=lambda r: (not r[4], (r[3] - r[2]) / max(1, r[1]), r[0]))
