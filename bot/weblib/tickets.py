"""The pages of one ticket, the same for staff and for a team's members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import StoreError
from bot.services.answering import Act, Did, Helper
from bot.services.board import Sheet, sheet
from bot.services.handling import Handling
from bot.store import voice
from bot.weblib.audio import audio_response
from bot.weblib.deps import WebDeps
from bot.weblib.forms import clean_text, new_nonce, nonce_of, text_problem
from bot.weblib.pages import Pages, Refused, Retry

_DONE = frozenset(Did) - {Did.TAKEN, Did.GONE, Did.NO_CHAT, Did.UNABLE}
#: After these the ticket is not in one's hands any more.
_LEFT = frozenset({Did.CLOSED, Did.GIVEN_BACK, Did.PASSED})
#: SQLite and PostgreSQL keep ids in 63 bits.
_MOST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Actor:
    """Who looks at tickets and from where.

    `root` is the address tickets hang under, `team_id` the one team whose tickets are shown
    (None: every team's), `csrf` goes into every form, `extra` to every template.
    """

    helper: Helper
    root: str
    list_url: str
    team_id: int | None = None
    csrf: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def url(self, ticket_id: int) -> str:
        """The page of a ticket."""
        return f"{self.root}/tickets/{ticket_id}"


def done_of(request: Request) -> str:
    """What the page that sent us here says was done; nothing for words that are not ours."""
    word = request.query_params.get("done", "")
    return word if word in _DONE else ""


class TicketPages:
    """Shows one ticket and does what is asked of it."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages

    async def show(self, request: Request, actor: Actor) -> Response:
        """The ticket."""
        return await self.page(actor, ticket_of(request), notice=done_of(request))

    # What a site does differently.

    def handling(self, connection: Connection, actor: Actor) -> Handling:
        """The acts of this actor, in an open transaction."""
        runtime = self._deps.runtime
        return Handling(connection, runtime.vault, runtime.now(), actor.helper, runtime.plan)

    def noted(self, connection: Connection, actor: Actor, ticket_id: int, act: Act) -> None:
        """Something was done, in the same transaction; here nobody keeps a record of it."""

    async def shown(self, actor: Actor, found: Sheet) -> None:
        """A ticket is about to be shown to this actor."""

    async def more(self, found: Sheet) -> Mapping[str, object]:
        """What else this site's page of a ticket shows."""
        return {"work": None}

    def read(self, connection: Connection, actor: Actor, ticket_id: int) -> Sheet | None:
        """A ticket if this actor may see it."""
        vault = self._deps.runtime.vault
        return sheet(connection, vault, actor.helper, ticket_id, actor.team_id)

    # Pages and forms.

    async def live(self, request: Request, actor: Actor) -> Response:
        """The part of the page that changes by itself."""
        found = await self._sheet(actor, ticket_of(request))
        return self._pages.render("live.html", sheet=found, actor=actor)

    async def note(self, request: Request, actor: Actor) -> Response:
        """A voice note, for whoever holds its ticket."""
        ticket_id, note_id = ticket_of(request), int(request.path_params["note"])

        def load(connection: Connection) -> tuple[str, bytes] | None:
            found = self.read(connection, actor, ticket_id)
            if found is None or not found.mine or note_id > _MOST_ID:
                return None
            return voice.audio(connection, self._deps.runtime.vault, ticket_id, note_id)

        kept = await self._deps.runtime.db.read(load)
        if kept is None:
            raise Refused(404, "not_found", link=actor.list_url)
        return audio_response(request, note_id, *kept)

    async def claim(self, request: Request, actor: Actor, _form: Mapping[str, str]) -> Response:
        """*Nhận*."""
        ticket_id = ticket_of(request)
        act = await self.act(actor, ticket_id, lambda a: a.claim(ticket_id))
        return await self.after(actor, ticket_id, act)

    async def close(self, request: Request, actor: Actor, _form: Mapping[str, str]) -> Response:
        """*Xong*."""
        ticket_id = ticket_of(request)
        act = await self.act(actor, ticket_id, lambda a: a.close(ticket_id))
        return await self.after(actor, ticket_id, act)

    async def reply(self, request: Request, actor: Actor, form: Mapping[str, str]) -> Response:
        """*Gửi*. Whatever goes wrong, the page that comes back still holds the text."""
        ticket_id = ticket_of(request)
        raw, nonce = form.get("text", ""), nonce_of(form)
        text = clean_text(raw)
        problem = text_problem(text)
        if problem:
            return await self.page(
                actor, ticket_id, status=422, problem=problem, typed=raw, nonce=nonce
            )
        try:
            act = await self.act(actor, ticket_id, lambda a: a.reply(ticket_id, text, nonce))
        except (SQLAlchemyError, StoreError) as error:
            fields = {"csrf": actor.csrf, "nonce": nonce}
            again = Retry(f"{actor.url(ticket_id)}/reply", fields)
            raise Refused(503, "store", typed=raw, retry=again) from error
        return await self.after(actor, ticket_id, act, typed=raw)

    async def act(self, actor: Actor, ticket_id: int, do: Callable[[Handling], Act]) -> Act:
        """Do something to a ticket this actor may see, and wake whoever was told of it."""
        runtime = self._deps.runtime

        def work(connection: Connection) -> Act:
            if self.read(connection, actor, ticket_id) is None:
                raise Refused(404, "not_found", link=actor.list_url)
            act = do(self.handling(connection, actor))
            if act.did in _DONE:
                self.noted(connection, actor, ticket_id, act)
            return act

        act = await runtime.db.write(work)
        for chat in act.wake:
            self._deps.wake(chat)
        return act

    async def after(self, actor: Actor, ticket_id: int, act: Act, typed: str = "") -> Response:
        """The answer to a form: on to a page that says what was done, or why it was not."""
        if act.did not in _DONE:
            return await self.page(
                actor, ticket_id, status=409, notice=act.did, by=act.by, typed=typed
            )
        where = actor.list_url if act.did in _LEFT else actor.url(ticket_id)
        # After a redirect a reload asks again for the page, not for the act.
        return RedirectResponse(f"{where}?done={act.did}", 303)

    async def page(
        self, actor: Actor, ticket_id: int, status: int = 200, **shown: object
    ) -> Response:
        """The page of a ticket; `shown` are values of the template."""
        values: dict[str, object] = {
            "notice": "",
            "by": "",
            "typed": "",
            "problem": "",
            "nonce": new_nonce(),
        }
        found = await self._sheet(actor, ticket_id)
        await self.shown(actor, found)
        values.update(await self.more(found))
        values.update(shown)
        return self._pages.render(
            "ticket.html", status, sheet=found, actor=actor, **values, **actor.extra
        )

    async def _sheet(self, actor: Actor, ticket_id: int) -> Sheet:
        found = await self._deps.runtime.db.read(lambda c: self.read(c, actor, ticket_id))
        if found is None:
            raise Refused(404, "not_found", link=actor.list_url)
        return found


def ticket_of(request: Request) -> int:
    """The ticket a request's address names."""
    ticket_id: int = request.path_params["ticket"]
    if ticket_id > _MOST_ID:
        raise Refused(404, "not_found")
    return ticket_id
