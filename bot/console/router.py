"""The console's addresses."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console import (
    alerts,
    audit,
    content,
    contributions,
    editing,
    editing_draft,
    health,
    labels,
    questions,
    recalls,
    report,
    rosters,
    safety,
    staff_join,
    staff_me,
    staff_people,
    teams,
    themes,
    tickets,
    training,
    unanswered,
    waiting,
)
from bot.console.gate import LOGIN, PREFIX, Gate
from bot.console.login import LoginPages
from bot.console.nav import front, groups, menu
from bot.console.site import Site
from bot.services.staff import Role, Visit
from bot.services.staff_logins import Logins
from bot.services.weak import weak_secrets
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages, Refused

TEMPLATES = Path(__file__).with_name("templates")
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
#: Each hangs its own routes.
_PARTS = (
    themes.routes,
    questions.routes,
    report.routes,
    unanswered.routes,
    waiting.routes,
    labels.routes,
    training.routes,
    tickets.routes,
    teams.routes,
    rosters.routes,
    contributions.routes,
    health.routes,
    safety.routes,
    alerts.routes,
    recalls.routes,
    editing_draft.routes,
    editing.routes,
    content.routes,
    staff_join.routes,
    staff_me.routes,
    staff_people.routes,
    audit.routes,
)


def console_router(deps: WebDeps, hasher: PasswordHasher | None = None) -> APIRouter:
    """Everything under /staff. `hasher` is for tests, which cannot wait for a strong one."""
    return console_site(deps, hasher).router


def console_site(deps: WebDeps, hasher: PasswordHasher | None = None) -> Site:
    """The same, with what is known of its routes."""
    settings = deps.runtime.settings
    weak = weak_secrets(settings)
    pages = Pages(deps.runtime, "staff", PREFIX, TEMPLATES, menu=menu, groups=groups, weak=weak)
    logins = Logins(deps.runtime, hasher)
    gate = Gate(logins, pages, settings)
    login = LoginPages(logins, gate, pages, settings)
    router = APIRouter()
    site = Site(router, gate, logins, pages, deps)

    router.add_route(f"{PREFIX}/static/{{name}}", pages.guarded(pages.assets.serve), ["GET"])
    router.add_route(LOGIN, pages.guarded(login.show), ["GET"])
    router.add_route(LOGIN, pages.guarded(login.send), ["POST"])
    site.form("/logout", Role.VIEWER, login.leave)
    site.page("", Role.VIEWER, _front)
    site.page("/", Role.VIEWER, _front)
    for hang in _PARTS:
        hang(site)
    # Last: whatever is left under /staff is a page that does not exist.
    router.add_route(f"{PREFIX}/{{rest:path}}", pages.guarded(_nothing), _METHODS)
    return site


async def _front(_request: Request, visit: Visit) -> Response:
    """Everybody to the page they work on."""
    return RedirectResponse(front(visit.role), 303)


async def _nothing(_request: Request) -> Response:
    raise Refused(404, "not_found", link=LOGIN)
