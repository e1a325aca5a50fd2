"""One ticket at the console: as a member's page, and besides it everything that staff may decide.

What is looked at and done stands in the record of the staff (bot.store.audit).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console.gate import Writing
from bot.console.tickets_filter import digits
from bot.dialogue.orders import read_minutes
from bot.domain.tickets import TicketOutcome
from bot.services.answering import Act, Did
from bot.services.board import Sheet
from bot.services.board_acts import Steering
from bot.services.board_staff import Tableside, tableside
from bot.services.handling import Handling
from bot.services.staff import Visit
from bot.store import audit, ticket_queue
from bot.weblib.deps import WebDeps
from bot.weblib.forms import clean_text, nonce_of
from bot.weblib.pages import Pages
from bot.weblib.tickets import Actor, TicketPages, ticket_of

Form = Mapping[str, str]
_NOTE_MOST = 300


class StaffTickets(TicketPages):
    """One ticket for the staff of its place. Others are told that there is no such ticket."""

    def __init__(self, deps: WebDeps, pages: Pages, actor_of: Callable[[Visit], Actor]) -> None:
        super().__init__(deps, pages)
        self._runtime = deps.runtime
        self._content = deps.content
        self._actor_of = actor_of

    def forms(self) -> Iterator[tuple[str, Writing]]:
        """Every form of a ticket, by the last word of its address."""
        for name, handler in (
            ("claim", self.claim),
            ("reply", self.reply),
            ("close", self.close),
            ("giveback", self.give_back),
            ("pass", self.pass_on),
            ("call", self.call),
            ("resend", self.resend),
            ("send", self.send),
            ("remind", self.remind),
        ):
            yield name, self._form(handler)

    async def page_of(self, request: Request, visit: Visit) -> Response:
        """The ticket."""
        return await self.show(request, self._actor_of(visit))

    async def live_of(self, request: Request, visit: Visit) -> Response:
        """Its talk, for the script."""
        return await self.live(request, self._actor_of(visit))

    async def note_of(self, request: Request, visit: Visit) -> Response:
        """A voice note of a ticket in one's own hands."""
        return await self.note(request, self._actor_of(visit))

    def _form(self, handler: Callable[..., object]) -> Writing:
        async def sent(request: Request, visit: Visit, form: Form) -> Response:
            answer: Response = await handler(request, self._actor_of(visit), form)  # type: ignore[misc]
            return answer

        return sent

    # What differs from a member's page.

    def handling(self, connection: Connection, actor: Actor) -> Steering:
        """The acts of somebody of the staff."""
        runtime = self._runtime
        return Steering(connection, runtime.vault, runtime.now(), actor.helper, runtime.plan)

    def read(self, connection: Connection, actor: Actor, ticket_id: int) -> Sheet | None:
        """A ticket of a place that is theirs."""
        scope = _visit(actor).scope
        if scope and not ticket_queue.sees(connection, scope, ticket_id):
            return None
        return super().read(connection, actor, ticket_id)

    def noted(self, connection: Connection, actor: Actor, ticket_id: int, act: Act) -> None:
        """Keep who did what."""
        now, who = self._runtime.now(), _visit(actor).username
        audit.record(connection, who, f"ticket.{act.did}", f"ticket {ticket_id}", now)

    async def shown(self, actor: Actor, found: Sheet) -> None:
        """Keep who looked at a citizen's contact, and at what was written."""
        now, who = self._runtime.now(), _visit(actor).username
        subject = f"ticket {found.ticket.id}"
        await self._runtime.db.write(lambda c: audit.record(c, who, "ticket.view", subject, now))

    async def more(self, found: Sheet) -> Mapping[str, object]:
        """To whom it can go, what can be sent, what happened."""
        beside = await self._runtime.db.read(lambda c: self._beside(c, found))
        if not found.mine:
            beside = replace(beside, steps=(), canned=())
        return {"work": beside, "outcomes": tuple(TicketOutcome)}

    def _beside(self, connection: Connection, found: Sheet) -> Tableside:
        return tableside(connection, self._runtime, found.ticket, self._content())

    # Forms.

    async def close(self, request: Request, actor: Actor, form: Form) -> Response:
        """*Xong*, with what came of it, whoever has it."""
        ticket_id, typed = ticket_of(request), form.get("minutes", "")
        name, minutes = form.get("outcome", ""), read_minutes(typed)
        if name not in list(TicketOutcome) or (typed.strip() and minutes is None):
            return await self.page(actor, ticket_id, 422, notice="minutes" if name else "outcome")
        outcome = TicketOutcome(name)
        spent = minutes if outcome is TicketOutcome.SOLVED_AT_HOME else None
        return await self._steer(request, actor, lambda s: s.end(ticket_id, outcome, spent))

    async def give_back(self, request: Request, actor: Actor, form: Form) -> Response:
        """*Trả lại*: out of whoever's hands, to the team."""
        ticket_id, note = ticket_of(request), _note(form)
        return await self._steer(request, actor, lambda s: s.back(ticket_id, note))

    async def pass_on(self, request: Request, actor: Actor, form: Form) -> Response:
        """*Chuyển*: "up" the ladder, to a team ("t12") or to a member ("m34") that is offered."""
        ticket_id, note, to = ticket_of(request), _note(form), form.get("to", "")
        kind, number = to[:1], digits(to[1:])

        def do(steering: Steering) -> Act:
            if to == "up":
                return steering.up(ticket_id, note)
            offered = self._offered(steering, actor, ticket_id)
            if kind == "t" and offered.team(number):
                return steering.to_team(ticket_id, number, note)
            if kind == "m" and offered.person(number):
                return steering.to_member(ticket_id, number, note)
            return Act(Did.UNABLE)

        return await self._steer(request, actor, do)

    async def call(self, request: Request, actor: Actor, form: Form) -> Response:
        """*Gọi lại*: how the call went; of a ticket in one's own hands."""
        ticket_id = ticket_of(request)
        spoke = form.get("result", "") == "spoke"
        act = await self.act(
            actor, ticket_id, lambda a: a.call(ticket_id, "spoke" if spoke else "no_answer")
        )
        return await self.after(actor, ticket_id, act)

    async def resend(self, request: Request, actor: Actor, _form: Form) -> Response:
        """Send again what was given up."""
        ticket_id = ticket_of(request)
        act = await self.act(actor, ticket_id, lambda a: a.resend(ticket_id))
        return await self.after(actor, ticket_id, act)

    async def send(self, request: Request, actor: Actor, form: Form) -> Response:
        """A canned reply, or a step of the ticket's guide."""
        ticket_id, nonce, content = ticket_of(request), nonce_of(form), self._content()
        guide_id, _, step = form.get("step", "").partition(":")

        def do(handling: Handling) -> Act:
            if guide_id:
                number = int(step) if step.isdecimal() and len(step) <= 2 else -1
                return handling.step(ticket_id, content, guide_id, number, nonce)
            return handling.canned(ticket_id, content, form.get("canned", ""), nonce)

        return await self.after(actor, ticket_id, await self.act(actor, ticket_id, do))

    async def remind(self, request: Request, actor: Actor, _form: Form) -> Response:
        """*Nhắc*: its holder, else its team."""
        ticket_id = ticket_of(request)
        return await self._steer(request, actor, lambda s: s.remind(ticket_id))

    async def _steer(
        self, request: Request, actor: Actor, do: Callable[[Steering], Act]
    ) -> Response:
        def steered(handling: Handling) -> Act:
            assert isinstance(handling, Steering), "this site makes no others"
            return do(handling)

        ticket_id = ticket_of(request)
        act = await self.act(actor, ticket_id, steered)
        return await self.after(actor, ticket_id, act)

    def _offered(self, steering: Steering, actor: Actor, ticket_id: int) -> Tableside:
        found = self.read(steering.connection, actor, ticket_id)
        return self._beside(steering.connection, found) if found else Tableside(())


def _visit(actor: Actor) -> Visit:
    visit = actor.extra["visit"]
    assert isinstance(visit, Visit), "the console's actors have one"
    return visit


def _note(form: Form) -> str:
    return clean_text(form.get("note", ""))[:_NOTE_MOST]
