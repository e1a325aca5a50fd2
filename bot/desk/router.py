"""The desk's addresses: everything hangs under the member's signed link."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from bot.desk.acts import MemberTickets
from bot.desk.join import JoinPage
from bot.desk.own import OwnPages
from bot.domain.tickets import MemberView
from bot.services.answering import Helper
from bot.services.board import board
from bot.services.links import DESK_LINK
from bot.services.signing import Signer
from bot.store import tickets
from bot.weblib.deps import WebDeps
from bot.weblib.forms import fields, same_origin
from bot.weblib.pages import Handler, Pages, Refused
from bot.weblib.tickets import Actor, done_of

PREFIX = "/desk"
TEMPLATES = Path(__file__).with_name("templates")
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

Reading = Callable[[Request, Actor], Awaitable[Response]]
Writing = Callable[[Request, Actor, Mapping[str, str]], Awaitable[Response]]


def desk_router(deps: WebDeps) -> APIRouter:
    """Everything under /desk."""
    pages = Pages(deps.runtime, "desk", PREFIX, TEMPLATES)
    desk = DeskPages(deps, pages)
    one = MemberTickets(deps, pages)
    own = OwnPages(deps, pages)
    router = APIRouter()

    def get(path: str, handler: Handler) -> None:
        router.add_route(f"{PREFIX}{path}", handler, ["GET"])

    def post(path: str, handler: Handler) -> None:
        router.add_route(f"{PREFIX}{path}", handler, ["POST"])

    join = JoinPage(deps.runtime, pages)
    get("/join/{token}", pages.guarded(join.show))
    post("/join/{token}", pages.guarded(join.join))
    get("/static/{name}", pages.guarded(pages.assets.serve))
    get("/{token}", desk.page(desk.index))
    get("/{token}/live", desk.page(desk.index_live))
    get("/{token}/tickets/{ticket:int}", desk.page(one.show))
    get("/{token}/tickets/{ticket:int}/live", desk.page(one.live))
    get("/{token}/tickets/{ticket:int}/notes/{note:int}", desk.page(one.note))
    post("/{token}/tickets/{ticket:int}/claim", desk.form(one.claim))
    post("/{token}/tickets/{ticket:int}/reply", desk.form(one.reply))
    for path, handler in (
        ("close", one.close),
        ("giveback", one.give_back),
        ("pass", one.pass_on),
        ("call", one.call),
        ("visit", one.visit),
        ("novisit", one.drop_visit),
        ("resend", one.resend),
        ("send", one.send),
    ):
        post(f"/{{token}}/tickets/{{ticket:int}}/{path}", desk.form(handler))
    get("/{token}/me", desk.page(own.me))
    post("/{token}/away", desk.form(own.away))
    get("/{token}/close", desk.page(own.choose))
    post("/{token}/close", desk.form(own.close))
    get("/{token}/calls", desk.page(own.calls))
    # Last: whatever is left under /desk is a page that does not exist.
    router.add_route(f"{PREFIX}/{{rest:path}}", pages.guarded(_nothing), _METHODS)
    return router


class DeskPages:
    """Opens the link, and shows the team's list."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._runtime = deps.runtime
        self._pages = pages
        self._signer = Signer(deps.runtime.vault.derive_signing(DESK_LINK))

    def page(self, handler: Reading) -> Handler:
        """A page behind the link."""

        async def wrapped(request: Request) -> Response:
            return await handler(request, await self._actor(request))

        return self._pages.guarded(wrapped)

    def form(self, handler: Writing) -> Handler:
        """A form behind the link. Nobody else knows the address, and it must come from our page."""

        async def wrapped(request: Request) -> Response:
            if not same_origin(request, self._runtime.settings.base_url):
                raise Refused(403, "csrf")
            form = await fields(request)
            return await handler(request, await self._actor(request, form.get("text", "")), form)

        return self._pages.guarded(wrapped)

    async def index(self, request: Request, actor: Actor) -> Response:
        """The team's open tickets."""
        return await self._list("list.html", actor, notice=done_of(request))

    async def index_live(self, _request: Request, actor: Actor) -> Response:
        """The list alone, for the script."""
        return await self._list("board.html", actor)

    async def _list(self, template: str, actor: Actor, notice: str = "") -> Response:
        runtime = self._runtime
        found = await runtime.db.read(
            lambda c: board(c, runtime.vault, actor.helper, actor.team_id)
        )
        return self._pages.render(template, board=found, actor=actor, notice=notice, **actor.extra)

    async def _actor(self, request: Request, typed: str = "") -> Actor:
        """The member whose link this is."""
        token = request.path_params["token"]
        value = self._signer.read(token, self._runtime.now())
        member_id = value.get("m") if value else None
        if not isinstance(member_id, int):
            raise Refused(403, "link", typed=typed)
        vault = self._runtime.vault
        member = await self._runtime.db.read(lambda c: tickets.member(c, vault, member_id))
        if member is None:
            raise Refused(403, "link", typed=typed)
        return _actor(member, f"{PREFIX}/{token}")


def _actor(member: MemberView, root: str) -> Actor:
    helper = Helper(member.id, member.name, staff=False)
    extra = {"member": member.name, "show_team": False}
    return Actor(helper, root, root, team_id=member.team_id, extra=extra)


async def _nothing(_request: Request) -> Response:
    raise Refused(404, "not_found")
