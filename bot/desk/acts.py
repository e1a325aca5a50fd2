"""The pages of one ticket for a team's member: all that can be done with it, by plain forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.dialogue.ladder import spoken_time
from bot.dialogue.orders import read_minutes
from bot.domain.tickets import TicketOutcome
from bot.schedule.visit_time import WrittenTime, read_visit_time
from bot.services.answering import Act, Did
from bot.services.board import Sheet
from bot.services.handling import Handling
from bot.services.workplace import Workplace, workplace
from bot.weblib.deps import WebDeps
from bot.weblib.forms import clean_text, nonce_of
from bot.weblib.pages import Pages
from bot.weblib.tickets import Actor, TicketPages, ticket_of

Form = Mapping[str, str]

_NOTE_MOST = 300
_EPOCH_DIGITS = 11
_NUMBER_DIGITS = 18
_RESULTS: dict[str, Literal["tried", "spoke", "no_answer"]] = {
    "tried": "tried",
    "spoke": "spoke",
    "no_answer": "no_answer",
}


class MemberTickets(TicketPages):
    """One ticket on a member's own page."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        super().__init__(deps, pages)
        self._runtime = deps.runtime
        self._content = deps.content

    async def more(self, found: Sheet) -> Mapping[str, object]:
        """What the holder can do with it."""
        if not found.mine:
            return {"work": None, "when": None, "said": ""}

        def load(connection: Connection) -> Workplace:
            return workplace(connection, self._runtime, found.ticket, self._content())

        work = await self._runtime.db.read(load)
        return {"work": work, "when": None, "said": "", "outcomes": tuple(TicketOutcome)}

    # Forms.

    async def close(self, request: Request, actor: Actor, form: Form) -> Response:
        """*Xong*, with what came of it and how long a visit took."""
        ticket_id = ticket_of(request)
        name, typed = form.get("outcome", "solved"), form.get("minutes", "")
        minutes = read_minutes(typed)
        if name not in list(TicketOutcome) or (typed.strip() and minutes is None):
            return await self.page(actor, ticket_id, 422, notice="minutes")
        outcome = TicketOutcome(name)
        if outcome is not TicketOutcome.SOLVED_AT_HOME:
            minutes = None
        act = await self.act(actor, ticket_id, lambda a: a.finish(ticket_id, outcome, minutes))
        return await self.after(actor, ticket_id, act)

    async def give_back(self, request: Request, actor: Actor, form: Form) -> Response:
        """*Trả lại*."""
        ticket_id, note = ticket_of(request), _note(form)
        act = await self.act(actor, ticket_id, lambda a: a.give_back(ticket_id, note))
        return await self.after(actor, ticket_id, act)

    async def pass_on(self, request: Request, actor: Actor, form: Form) -> Response:
        """*Chuyển*: to a colleague by number, or "up"."""
        ticket_id, note, to = ticket_of(request), _note(form), form.get("to", "")

        def do(handling: Handling) -> Act:
            if to == "up":
                return handling.climb(ticket_id, note)
            known = to.isdecimal() and len(to) <= _NUMBER_DIGITS
            return handling.pass_to(ticket_id, int(to)) if known else Act(Did.UNABLE)

        return await self.after(actor, ticket_id, await self.act(actor, ticket_id, do))

    async def call(self, request: Request, actor: Actor, form: Form) -> Response:
        """*Gọi lại*: how the call went."""
        ticket_id = ticket_of(request)
        result = _RESULTS.get(form.get("result", ""), "tried")
        act = await self.act(actor, ticket_id, lambda a: a.call(ticket_id, result))
        return await self.after(actor, ticket_id, act)

    async def visit(self, request: Request, actor: Actor, form: Form) -> Response:
        """*Hẹn tới nhà*: a typed time is asked back; the one that is confirmed is noted."""
        ticket_id, stamp = ticket_of(request), form.get("at", "")
        now = self._runtime.now()
        if stamp.isdecimal() and len(stamp) <= _EPOCH_DIGITS:
            at = datetime.fromtimestamp(int(stamp), UTC)
            if at > now:
                act = await self.act(actor, ticket_id, lambda a: a.set_visit(ticket_id, at))
                return await self.after(actor, ticket_id, act)
        said = clean_text(form.get("text", ""))[:_NOTE_MOST]
        found = read_visit_time(said, now)
        status = 422 if found.problem else 200
        return await self.page(actor, ticket_id, status, when=_Asked(found), said=said)

    async def drop_visit(self, request: Request, actor: Actor, _form: Form) -> Response:
        """The visit is off."""
        ticket_id = ticket_of(request)
        act = await self.act(actor, ticket_id, lambda a: a.drop_visit(ticket_id))
        return await self.after(actor, ticket_id, act)

    async def resend(self, request: Request, actor: Actor, _form: Form) -> Response:
        """Send again what was given up."""
        ticket_id = ticket_of(request)
        act = await self.act(actor, ticket_id, lambda a: a.resend(ticket_id))
        return await self.after(actor, ticket_id, act)

    async def send(self, request: Request, actor: Actor, form: Form) -> Response:
        """A canned reply or a step of the ticket's guide."""
        ticket_id, nonce, content = ticket_of(request), nonce_of(form), self._content()
        guide_id, _, step = form.get("step", "").partition(":")

        def do(handling: Handling) -> Act:
            if guide_id:
                number = int(step) if step.isdecimal() and len(step) <= 2 else -1
                return handling.step(ticket_id, content, guide_id, number, nonce)
            return handling.canned(ticket_id, content, form.get("canned", ""), nonce)

        return await self.after(actor, ticket_id, await self.act(actor, ticket_id, do))


class _Asked:
    """A typed time as the page asks it back."""

    def __init__(self, found: WrittenTime) -> None:
        self.problem = found.problem or ""
        self.moments = [(int(m.timestamp()), spoken_time(m)) for m in found.candidates]


def _note(form: Form) -> str:
    return clean_text(form.get("note", ""))[:_NOTE_MOST]
