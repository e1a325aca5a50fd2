"""A small world for the tests of console and desk: a real database, people, teams, tickets."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.console.router import console_router
from bot.desk.router import desk_router
from bot.domain import events as ev
from bot.domain.effects import LogQuestion, OpenTicket, Outcome
from bot.domain.tickets import TicketView
from bot.guides.errors import Problem
from bot.models.schema import inbox as inbox_table
from bot.models.schema import staff as staff_table
from bot.services.editing import Editing
from bot.services.feeds import Feeds
from bot.services.handoff import Desk
from bot.services.linkcheck import open_checker
from bot.services.posting import open_event
from bot.services.runtime import Runtime
from bot.services.signing import Signer
from bot.services.staff import add_staff
from bot.services.staff_admin import COMMAND, StaffAdmin
from bot.settings import Settings
from bot.store import alerts, audit, inbox, migrate, records, tickets
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from bot.store.inbox import ChatKey
from bot.weblib.deps import WebDeps
from tests.console.few import few_guides_editing
from tests.dialogue.helpers import content
from tests.standing import WORDS, waiting

START = datetime(2025, 11, 22, 2, 30, tzinfo=UTC)
PASSWORD = "một mật khẩu dài"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ROLES = ("viewer", "editor", "lead", "admin")
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
TICKET = OpenTicket(
    urgent=False,
    topic="Cài VNeID",
    guide_title="Kích hoạt VNeID",
    step=2,
    failed="Không nhận được mã",
    name="Bà Sáu",
    phone="0912 345 678",
    commune="Xã Khánh An",
    team_id=None,
    question_id=None,
)


@dataclass
class World:
    """Everything a test needs; `clock` is what the program takes for now."""

    runtime: Runtime
    app: FastAPI = field(default_factory=FastAPI)
    clock: datetime = START
    woken: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    feeds: Feeds = field(init=False)
    _editing: Editing | None = None
    _next: int = 0

    # People and what they did.

    def staff(self, name: str, role: str, *scope: str) -> int:
        return add_staff(self.db, name, PASSWORD, role, self.clock, QUICK, scope)

    def admin(self, who: str = COMMAND) -> StaffAdmin:
        return StaffAdmin(self.runtime, who)

    def remove_staff(self, name: str) -> None:
        self.db.write_now(lambda c: self.admin().remove(c, name))

    def record(self) -> list[tuple[str, str, str]]:
        """(who, action, subject) of the record, oldest first."""
        found = self.db.read_now(lambda c: audit.chunk(c, audit.Filter(), 0))
        return [(line.who, line.action, line.subject) for line in found]

    def team(self, name: str = "Tổ Khánh An", group: str | None = None) -> int:
        return self.db.write_now(lambda c: tickets.add_team(c, name, "", group, self.clock))

    def member(self, team: int, name: str, telegram: str | None = None) -> int:
        return self.db.write_now(lambda c: tickets.add_member(c, team, name, telegram, self.clock))

    def ticket(self, team: int | None = None, **changes: object) -> int:
        """A citizen opens a ticket; their chat has nothing in its inbox."""
        effect = replace(TICKET, team_id=team, **changes)  # type: ignore[arg-type]
        self._next += 1
        ticket_id = self._next
        key = ChatKey("web", f"citizen-{ticket_id}")

        def work(c):  # type: ignore[no-untyped-def]
            chat = inbox.chat_id(c, key, self.clock)
            tickets.open_ticket(
                c,
                self.runtime.vault,
                ticket_id,
                chat,
                effect,
                self.clock,
                waiting(team, urgent=effect.urgent),
                WORDS,
            )

        self.db.write_now(work)
        return ticket_id

    def question(self, text: str = "làm vneid ở đâu", **changes: object) -> int:
        values: dict[str, object] = {
            "text": text,
            "intent": "vneid_level_2",
            "confidence": 0.87,
            "outcome": Outcome.ANSWERED,
        }
        channel = str(changes.pop("channel", "telegram"))
        locality = str(changes.pop("locality", "Xã Khánh An"))
        effect = LogQuestion(**{**values, **changes})  # type: ignore[arg-type]
        self._next += 1
        question_id = self._next

        def work(c):  # type: ignore[no-untyped-def]
            chat = inbox.chat_id(c, ChatKey(channel, "someone"), self.clock)
            records.log_question(c, question_id, chat, channel, locality, effect, self.clock)

        self.db.write_now(work)
        return question_id

    def alert(self, **changes: object) -> int:
        """A draft of an alert."""
        values: dict[str, object] = {
            "text": "Có người giả công an gọi điện.",
            "place": "",
            "areas": "",
            "theme": "",
            "until": self.clock + timedelta(days=2),
            "written_by": "lan",
            "written_at": self.clock,
            "width": 0,
            "height": 0,
        }
        return self.db.write_now(lambda c: alerts.write(c, **{**values, **changes}))

    def citizen_says(self, ticket_id: int, text: str) -> None:
        def work(c):  # type: ignore[no-untyped-def]
            desk = Desk(c, self.runtime.vault, self.clock, f"t{text}", self.runtime.plan)
            desk.say_to_helper(ticket_id, text)

        self.db.write_now(work)

    # Looking inside.

    @property
    def db(self) -> Database:
        return self.runtime.db

    def view(self, ticket_id: int) -> TicketView:
        found = self.db.read_now(lambda c: tickets.find(c, self.runtime.vault, ticket_id))
        assert found is not None
        return found

    def lines(self, ticket_id: int) -> list[str]:
        found = self.db.read_now(lambda c: tickets.thread(c, self.runtime.vault, ticket_id))
        return [line.text for line in found]

    def told(self, ticket_id: int) -> list[ev.Event]:
        """What waits in the inbox of a ticket's citizen, in order."""
        query = (
            select(inbox_table.c.payload)
            .where(inbox_table.c.chat_id == self.view(ticket_id).chat_id)
            .order_by(inbox_table.c.id)
        )
        payloads = self.db.read_now(lambda c: list(c.execute(query).scalars()))
        return [open_event(self.runtime.vault, p).event for p in payloads]

    def said(self, ticket_id: int) -> list[str]:
        """The texts of helpers that reach a ticket's citizen."""
        return [e.text for e in self.told(ticket_id) if isinstance(e, ev.HelperSaid)]

    def wait(self, **span: float) -> None:
        self.clock += timedelta(**span)

    def forget_staff(self, staff_id: int) -> None:
        """Remove an account but leave its sessions, as a race would."""
        gone = staff_table.update().where(staff_table.c.id == staff_id)
        self.db.write_now(lambda c: c.execute(gone.values(removed_at=self.clock)).rowcount)

    def editing(self) -> Editing:
        """The content pages' own: a few of the shipped guides, made when first asked for."""
        if self._editing is None:
            self._editing = few_guides_editing(self.runtime)
        return self._editing

    # Visiting.

    def browser(self, address: str = "10.0.0.1") -> TestClient:
        """A fresh browser that does not follow redirects by itself."""
        return TestClient(
            self.app, follow_redirects=False, headers=SAME_ORIGIN, client=(address, 50000)
        )

    def logged_in(self, role: str = "lead", name: str = "", *scope: str) -> TestClient:
        name = name or f"cán bộ {role}"
        self.staff(name, role, *scope)
        client = self.browser()
        answer = log_in(client, name)
        assert answer.status_code == 303, answer.text
        return client

    def link(self, member_id: int, days: float = 30, key: str = "desk link") -> str:
        signer = Signer(self.runtime.vault.derive(key))
        token = signer.sign({"m": member_id}, self.clock, timedelta(days=days))
        return f"/desk/{token}"


@contextmanager
def make_world(folder: Path, migrated: Path | None = None, **settings: object) -> Iterator[World]:
    """A world on a new SQLite database in `folder`; `migrated` is an empty one to copy."""
    values = {"var_dir": folder, "data_key": SecretStr(""), **settings}
    configured = Settings(_env_file=None, **values)  # type: ignore[arg-type]
    if migrated is not None:
        shutil.copy(migrated, folder / migrated.name)
    engine = make_engine(configured.sqlalchemy_url)
    migrate.upgrade(engine)
    db = Database(engine)
    runtime = Runtime(configured, db, Vault(bytes(range(32))))
    world = World(runtime)
    runtime.now = lambda: world.clock
    titles = {"vneid_level_2": "Định danh mức 2"}
    feeds = Feeds(runtime, *open_checker(configured))
    world.feeds = feeds
    deps = WebDeps(
        runtime,
        world.woken.append,
        titles,
        lambda: world.problems,
        content,
        feeds,
        editing=world.editing,
    )
    world.app.include_router(console_router(deps, QUICK))
    world.app.include_router(desk_router(deps))
    try:
        yield world
    finally:
        db.close()


def log_in(client: TestClient, name: str, password: str = PASSWORD) -> httpx.Response:
    """Send the login form."""
    data = {"username": name, "password": password}
    answer: httpx.Response = client.post("/staff/login", data=data)
    return answer


def hidden(page: httpx.Response, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no hidden field {name}"
    return found.group(1)


def csrf_of(client: TestClient) -> str:
    """The token of a logged-in browser's forms."""
    return hidden(client.get("/staff/questions"), "csrf")


def reply(
    client: TestClient, root: str, ticket_id: int, text: str, **fields: str
) -> httpx.Response:
    """Write into the reply box of a ticket's page and press the button."""
    page = client.get(f"{root}/tickets/{ticket_id}")
    form = {"nonce": hidden(page, "nonce"), "text": text}
    if root == "/staff":
        form["csrf"] = hidden(page, "csrf")
    answer: httpx.Response = client.post(
        f"{root}/tickets/{ticket_id}/reply", data={**form, **fields}
    )
    return answer


def acted(
    client: TestClient, root: str, ticket_id: int, what: str, follow: bool = False
) -> httpx.Response:
    """Press the button `what` (claim, close) of a ticket."""
    form = {"csrf": csrf_of(client), "outcome": "solved"} if root == "/staff" else {}
    answer: httpx.Response = client.post(
        f"{root}/tickets/{ticket_id}/{what}", data=form, follow_redirects=follow
    )
    return answer
