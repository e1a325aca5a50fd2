"""One place where a page module hangs its routes: address, least role, handler."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from bot.console.gate import PREFIX, Gate, Reading, Uploading, Writing
from bot.services.places import Places
from bot.services.staff import Role
from bot.services.staff_logins import Logins
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Handler, Pages
from bot.weblib.uploads import ROUTE_MOST


@dataclass(frozen=True, slots=True)
class Hung:
    """A route that needs a login: "GET" or "POST", its path, the least role."""

    method: str
    path: str
    role: Role


class Site:
    """The console's router with its gate. Paths are below `PREFIX`, roles include those above.

    `hung` lists what was hung, for the table in docs/console.md.
    """

    def __init__(
        self, router: APIRouter, gate: Gate, logins: Logins, pages: Pages, deps: WebDeps
    ) -> None:
        self.router = router
        self.hung: list[Hung] = []
        self._gate = gate
        self.logins = logins
        self.pages = pages
        self.deps = deps
        #: The names of places, by code.
        self.places = Places(deps.runtime)

    def door(self, path: str, handler: Handler, methods: list[str]) -> None:
        """A page for people who are not logged in."""
        self.router.add_route(f"{PREFIX}{path}", self.pages.guarded(handler), methods)

    def page(self, path: str, role: Role, handler: Reading) -> None:
        """A page: without a login it leads to the login and back."""
        self._note("GET", path, role)
        self.router.add_route(f"{PREFIX}{path}", self._gate.page(role, handler), ["GET"])

    def part(self, path: str, role: Role, handler: Reading) -> None:
        """A part of a page that a script fetches: without a login it answers 401."""
        self._note("GET", path, role)
        self.router.add_route(f"{PREFIX}{path}", self._gate.part(role, handler), ["GET"])

    def form(self, path: str, role: Role, handler: Writing) -> None:
        """A form: sent from our own page, with the token of the session in it."""
        self._note("POST", path, role)
        self.router.add_route(f"{PREFIX}{path}", self._gate.form(role, handler), ["POST"])

    def upload(self, path: str, role: Role, name: str, handler: Uploading) -> None:
        """A form with one file, its field `name`."""
        self._note("POST", path, role)
        self.router.add_api_route(
            f"{PREFIX}{path}",
            self._gate.upload(role, name, handler),
            methods=["POST"],
            max_body_size=ROUTE_MOST,
            response_model=None,
            include_in_schema=False,
        )

    def _note(self, method: str, path: str, role: Role) -> None:
        self.hung.append(Hung(method, f"{PREFIX}{path}", role))
