"""What nobody answered: questions that say nearly the same, and what staff make of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.areas import Areas
from bot.console.gate import PREFIX
from bot.console.scoping import reads_texts
from bot.console.site import Site
from bot.models.schema import ClusterState, IdeaState, RunKind
from bot.services import labels
from bot.services.clustering import SHOWN_LEAST, shown_areas
from bot.services.labels import INTENT_LEAST, IntentFault
from bot.services.staff import Role, Visit
from bot.services.training import Runs
from bot.store import audit
from bot.store import clusters as store
from bot.store import labels as label_store
from bot.store import training as run_store
from bot.store.clusters import Cluster
from bot.store.labels import NewIntent
from bot.weblib.deps import WebDeps
from bot.weblib.forms import clean_text
from bot.weblib.pages import Pages, Refused

URL = f"{PREFIX}/unanswered"
PAGE = 20
#: A form has sixty fields at most.
SHOWN = 40
_TYPICAL = 3
_MEMBERS_MOST = 5000
_PAGES_MOST = 500
_OUT = "out_of_scope"
_DONE = ("labelled", "nothing", "out", "intent", "idea", "asked", "busy", "sent", "moved")


def routes(site: Site) -> None:
    """Clusters, and what is done with one."""
    pages = UnansweredPages(site.deps, site.pages)
    site.page("/unanswered", Role.VIEWER, pages.index)
    site.part("/unanswered/live", Role.VIEWER, pages.live)
    site.form("/unanswered/group", Role.EDITOR, pages.group)
    site.page("/unanswered/ideas", Role.VIEWER, pages.ideas)
    site.form("/unanswered/ideas/{idea:int}", Role.EDITOR, pages.move_idea)
    site.page("/unanswered/{cluster:int}", Role.VIEWER, pages.show)
    site.form("/unanswered/{cluster:int}/label", Role.EDITOR, pages.label)
    site.form("/unanswered/{cluster:int}/intent", Role.EDITOR, pages.new_intent)
    site.form("/unanswered/{cluster:int}/idea", Role.EDITOR, pages.idea)


class UnansweredPages:
    """The list, one cluster, the ideas."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._runtime = deps.runtime
        self._pages = pages
        self._areas = Areas(deps.runtime)
        self._runs = Runs(deps.runtime)

    # Looking.

    async def index(self, request: Request, visit: Visit) -> Response:
        """Clusters of a state, the largest first."""
        state, number = _state(request), _page(request)

        def look(c: Connection) -> tuple[list[Cluster], dict[int, list[str]], dict[str, int]]:
            found = store.page(c, state, visit.scope, PAGE + 1, (number - 1) * PAGE)
            shown = {} if not reads_texts(visit) else self._typical(c, found[:PAGE], visit)
            return found, shown, store.state_counts(c)

        found, typical, counts = await self._runtime.db.read(look)
        shown = [c for c in found[:PAGE] if reads_texts(visit) or c.size >= SHOWN_LEAST]
        return self._pages.render(
            "unanswered.html",
            **await self._common(visit, request),
            clusters=shown,
            typical=typical,
            counts={} if visit.scope else counts,
            state=state.value,
            number=number,
            more=len(found) > PAGE,
            states=[each.value for each in ClusterState],
            suggestions=await self._suggestions(visit),
            run=await self._last(),
        )

    async def live(self, _request: Request, _visit: Visit) -> Response:
        """How far the grouping is."""
        await self._runs.look()
        return self._pages.render("unanswered_live.html", run=await self._last())

    async def show(self, request: Request, visit: Visit) -> Response:
        """One cluster."""
        return await self.page(request, visit)

    async def page(
        self, request: Request, visit: Visit, status: int = 200, **shown: Any
    ) -> Response:
        """The page of one cluster; `shown` are values of the template."""
        cluster = await self._cluster(request, visit)
        after = _number(request.query_params.get("after", ""), -1)

        def look(c: Connection) -> tuple[Any, dict[str, int], dict[str, NewIntent]]:
            members = store.members(c, cluster.id, visit.scope, SHOWN + 1, after)
            areas = store.areas(c, cluster.id, visit.scope)
            return members, areas, label_store.wanted_intents(c)

        members, areas, wanted = await self._runtime.db.read(look)
        named, rest = shown_areas(areas)
        names = await self._areas.ready()
        values: dict[str, Any] = {"faults": (), "typed": {}, "reply_fault": ""}
        return self._pages.render(
            "cluster.html",
            status,
            **await self._common(visit, request),
            cluster=cluster,
            inside=sum(areas.values()),
            members=[m for m in members[:SHOWN] if m.text] if reads_texts(visit) else [],
            last=after + SHOWN if len(members) > SHOWN else None,
            areas=[(code, names.name(code), n) for code, n in named],
            elsewhere=rest,
            wanted=wanted,
            intent_least=INTENT_LEAST,
            guides=self._guides(),
            **{**values, **shown},
        )

    async def ideas(self, request: Request, visit: Visit) -> Response:
        """Ideas for guides."""
        return self._pages.render(
            "ideas.html",
            **await self._common(visit, request),
            ideas=await self._runtime.db.read(store.ideas),
            states=[each.value for each in IdeaState],
        )

    # Doing.

    async def group(self, _request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """*Xếp nhóm lại*."""
        asked = await self._runs.ask(RunKind.CLUSTER, visit.username)
        return RedirectResponse(f"{URL}?done={'asked' if asked else 'busy'}", 303)

    async def label(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """*Gán nhãn*: the sentences that are ticked, or all of the cluster."""
        cluster = await self._cluster(request, visit)
        intent = _OUT if form.get("out") else form.get("intent", "")
        known = set(self._deps.titles) | set(
            await self._runtime.db.read(label_store.wanted_intents)
        )
        if intent not in known and intent != _OUT:
            return await self.page(request, visit, 422, faults=("label",))
        members = await self._runtime.db.read(
            lambda c: store.members(c, cluster.id, visit.scope, _MEMBERS_MOST)
        )
        ticked = {m.id for m in members if form.get(f"q{m.id}")}
        if form.get("all"):
            # Whatever was shown and is not ticked was taken out by hand.
            shown = {int(n) for n in form.get("shown", "").split(",") if n.isdecimal()}
            ticked |= {m.id for m in members if m.id not in shown}
        kept, _ = await labels.label_all(self._runtime, sorted(ticked), intent, visit, "cluster")
        state = ClusterState.OUT_OF_SCOPE if intent == _OUT else ClusterState.LABELLED
        left = [m for m in members if m.id not in ticked and m.labelled is None and m.text]
        if kept and not left:
            await self._runtime.db.write(lambda c: store.set_state(c, cluster.id, state, intent))
        done = "labelled" if kept else "nothing"
        return RedirectResponse(f"{URL}/{cluster.id}?done={done}&n={kept}", 303)

    async def new_intent(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """*Tạo ý định mới*, with the idea of a guide that would answer it."""
        cluster = await self._cluster(request, visit)
        now = self._runtime.now()
        typed = {name: _line(form.get(name, "")) for name in ("id", "title", "covers")}
        intent = NewIntent(**typed, author=visit.username, at=now)

        def work(c: Connection) -> set[IntentFault]:
            faults = labels.intent_faults(c, intent, self._deps.titles)
            if not faults and not label_store.new_intent(c, intent):
                faults = {IntentFault.TAKEN}
            if not faults:
                audit.record(c, visit.username, "intent.new", intent.id, now)
                self._add_idea(c, cluster, visit, intent.id, intent.title, intent.covers)
            return faults

        faults = await self._runtime.db.write(work)
        if faults:
            return await self.page(
                request, visit, 422, faults=sorted(f.value for f in faults), typed=typed
            )
        return RedirectResponse(f"{URL}/{cluster.id}?done=intent", 303)

    async def idea(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """*Ghi ý tưởng bài*."""
        cluster = await self._cluster(request, visit)
        title, note = _line(form.get("title", ""))[:120], _line(form.get("text", ""))[:500]
        if len(title) < 3:
            typed = {"title": title, "text": note}
            return await self.page(request, visit, 422, faults=("idea",), typed=typed)
        await self._runtime.db.write(lambda c: self._add_idea(c, cluster, visit, "", title, note))
        return RedirectResponse(f"{URL}/{cluster.id}?done=idea", 303)

    async def move_idea(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Say how far an idea is."""
        number, wanted = request.path_params["idea"], form.get("state", "")
        if wanted not in list(IdeaState):
            raise Refused(404, "not_found", link=f"{URL}/ideas")
        now = self._runtime.now()

        def work(c: Connection) -> bool:
            there = 0 < number < 2**63 and store.move_idea(c, number, IdeaState(wanted), now)
            if there:
                audit.record(c, visit.username, "idea.move", f"idea {number}: {wanted}", now)
            return there

        if not await self._runtime.db.write(work):
            raise Refused(404, "not_found", link=f"{URL}/ideas")
        return RedirectResponse(f"{URL}/ideas?done=moved", 303)

    # Inside.

    def _add_idea(
        self, c: Connection, cluster: Cluster, visit: Visit, intent: str, title: str, note: str
    ) -> None:
        now = self._runtime.now()
        number = store.add_idea(
            c,
            cluster_id=cluster.id,
            intent=intent,
            title=title,
            note=note,
            author=visit.username,
            made_at=now,
            changed_at=now,
        )
        store.set_state(c, cluster.id, ClusterState.IDEA, intent)
        audit.record(c, visit.username, "idea.add", f"idea {number}", now)

    async def _cluster(self, request: Request, visit: Visit) -> Cluster:
        number = request.path_params["cluster"]
        found = None
        if 0 < number < 2**63:
            found = await self._runtime.db.read(lambda c: self._seen(c, number, visit))
        if found is None:
            raise Refused(404, "not_found", link=URL)
        return found

    @staticmethod
    def _seen(c: Connection, number: int, visit: Visit) -> Cluster | None:
        """A cluster, if anything of it is in the places somebody is responsible for."""
        inside = not visit.scope or bool(store.members(c, number, visit.scope, 1))
        return store.find(c, number) if inside else None

    @staticmethod
    def _typical(c: Connection, found: list[Cluster], visit: Visit) -> dict[int, list[str]]:
        return store.typical(c, [each.id for each in found], visit.scope, _TYPICAL)

    async def _last(self) -> run_store.Run | None:
        found = await self._runtime.db.read(lambda c: run_store.runs(c, RunKind.CLUSTER, 1))
        return found[0] if found else None

    async def _suggestions(self, visit: Visit) -> int:
        if not reads_texts(visit):
            return 0
        found = await self._runtime.db.read(lambda c: label_store.suggested(c, SHOWN))
        return sum(visit.sees(each.area) for each in found)

    def _guides(self) -> dict[str, str]:
        content = self._deps.content()
        return {guide: content.title(guide) for guide in content.guides}

    async def _common(self, visit: Visit, request: Request) -> dict[str, Any]:
        done = request.query_params.get("done", "")
        return {
            "visit": visit,
            "here": "unanswered",
            "writes": visit.role.covers(Role.EDITOR),
            "reads": reads_texts(visit),
            "titles": self._deps.titles,
            "done": done if done in _DONE else "",
            "count": _number(request.query_params.get("n", ""), 0),
        }


def _state(request: Request) -> ClusterState:
    wanted = request.query_params.get("state", "")
    return ClusterState(wanted) if wanted in list(ClusterState) else ClusterState.OPEN


def _page(request: Request) -> int:
    return min(_PAGES_MOST, max(1, _number(request.query_params.get("page", ""), 1)))


def _number(typed: str, otherwise: int) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 8 else otherwise


def _line(typed: str) -> str:
    return " ".join(clean_text(typed).split())
