"""The console's addresses."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.alerts import AlertPages
from bot.console.gate import LOGIN, PREFIX, Gate
from bot.console.login import LoginPages
from bot.console.questions import QuestionPages
from bot.console.safety import SafetyPages
from bot.console.tickets import StaffTickets
from bot.services.feeds import Feeds
from bot.services.linkcheck import open_checker
from bot.services.staff import Logins, Role, Visit
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Handler, Pages, Refused
from bot.weblib.uploads import ROUTE_MOST

TEMPLATES = Path(__file__).with_name("templates")
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
#: Roles that may speak to citizens: see tickets with their contact and answer; send alerts.
_HELPS = Role.LEAD


def console_router(deps: WebDeps, hasher: PasswordHasher | None = None) -> APIRouter:
    """Everything under /staff. `hasher` is for tests, which cannot wait for a strong one."""
    settings = deps.runtime.settings
    pages = Pages(deps.runtime, "staff", PREFIX, TEMPLATES)
    logins = Logins(deps.runtime, hasher)
    gate = Gate(logins, pages, settings)
    login = LoginPages(logins, gate, pages, settings)
    router = APIRouter()

    def get(path: str, handler: Handler) -> None:
        router.add_route(f"{PREFIX}{path}", handler, ["GET"])

    def post(path: str, handler: Handler) -> None:
        router.add_route(f"{PREFIX}{path}", handler, ["POST"])

    get("/static/{name}", pages.guarded(pages.assets.serve))
    get("/login", pages.guarded(login.show))
    post("/login", pages.guarded(login.send))
    post("/logout", gate.form(Role.VIEWER, login.leave))
    get("", gate.page(Role.VIEWER, _front))
    get("/", gate.page(Role.VIEWER, _front))
    get("/questions", gate.page(Role.VIEWER, QuestionPages(deps, pages).show))

    tickets = StaffTickets(deps, pages)
    get("/tickets", gate.page(_HELPS, tickets.index))
    get("/tickets/{ticket:int}", gate.page(_HELPS, tickets.show))
    get("/tickets/{ticket:int}/live", gate.part(_HELPS, tickets.live))
    post("/tickets/{ticket:int}/claim", gate.form(_HELPS, tickets.claim))
    post("/tickets/{ticket:int}/reply", gate.form(_HELPS, tickets.reply))
    post("/tickets/{ticket:int}/close", gate.form(_HELPS, tickets.close))
    feeds = deps.feeds or Feeds(deps.runtime, *open_checker(settings))
    safety = SafetyPages(deps, pages, feeds)
    get("/safety", gate.page(Role.VIEWER, safety.show))
    post("/safety/hosts", gate.form(Role.EDITOR, safety.decide))
    post("/safety/feeds/{feed}/refresh", gate.form(Role.EDITOR, safety.refresh))

    alerts = AlertPages(deps, pages, feeds.checker)
    get("/alerts", gate.page(Role.VIEWER, alerts.index))
    get("/alerts/new", gate.page(Role.EDITOR, alerts.new))
    post("/alerts", gate.form(Role.EDITOR, alerts.keep))
    get("/alerts/{alert:int}", gate.page(Role.VIEWER, alerts.show))
    get("/alerts/{alert:int}/edit", gate.page(Role.EDITOR, alerts.edit))
    post("/alerts/{alert:int}", gate.form(Role.EDITOR, alerts.keep))
    get("/alerts/{alert:int}/picture.jpg", gate.page(Role.VIEWER, alerts.photo))
    router.add_api_route(
        f"{PREFIX}/alerts/{{alert:int}}/picture",
        gate.upload(Role.EDITOR, "picture", alerts.picture),
        methods=["POST"],
        max_body_size=ROUTE_MOST,
        response_model=None,
        include_in_schema=False,
    )
    post("/alerts/{alert:int}/send", gate.form(_HELPS, alerts.send))
    post("/alerts/{alert:int}/cancel", gate.form(Role.EDITOR, alerts.cancel))
    # Last: whatever is left under /staff is a page that does not exist.
    router.add_route(f"{PREFIX}/{{rest:path}}", pages.guarded(_nothing), _METHODS)
    return router


async def _front(_request: Request, visit: Visit) -> Response:
    """Everybody to the page they work on."""
    page = "tickets" if visit.role.covers(_HELPS) else "questions"
    return RedirectResponse(f"{PREFIX}/{page}", 303)


async def _nothing(_request: Request) -> Response:
    raise Refused(404, "not_found", link=LOGIN)
