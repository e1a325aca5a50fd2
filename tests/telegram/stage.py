"""A bot on a fake Telegram, and people who talk with it as people do: write, tap, read."""

from __future__ import annotations

import contextlib
import itertools
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

from bot.store.db import Database, make_engine
from bot.store.tickets import add_team
from tests.fakes.telegram import Chat, FakeTelegram, SentMessage, User
from tests.process import Served, free_port, telegram_settings, with_model

T = TypeVar("T")

#: Long enough for a busy machine; every wait ends as soon as what it waits for is there.
PATIENCE = 30.0
#: A bubble without buttons and longer than this is not the last of its answer.
_CUT = 150
#: A retry, or a dead worker's chat, is found by looking: look often.
QUICK = {
    "CONGDANSO_POLL_SECONDS": "0.1",
    "CONGDANSO_LEASE_SECONDS": "1.5",
    "CONGDANSO_LOG_LEVEL": "error",
}
_TICKET = re.compile(r"phiếu số (\d+)")


def eventually(look: Callable[[], T], what: str) -> T:
    """What `look` sees once it is something; for what announces itself in no other way."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)
    return seen


class Person:
    """Somebody with a private chat. Messages are read in order, each once."""

    def __init__(self, tg: FakeTelegram, user: User) -> None:
        self.tg = tg
        self.user = user
        self.id = user.id
        self._read = 0

    @property
    def name(self) -> str:
        """What Telegram shows."""
        return self.user.first_name

    @property
    def unread(self) -> list[SentMessage]:
        """What came and was not read."""
        return self.tg.messages(self.id)[self._read :]

    @property
    def last_read(self) -> SentMessage:
        """The message that was read last."""
        return self.tg.messages(self.id)[self._read - 1]

    def next(self) -> SentMessage:
        """The next message, when it has come."""
        wanted = self._read + 1
        self.tg.wait_for(
            lambda tg: len(tg.chats[self.id].sent) >= wanted, PATIENCE, f"a message to {self.id}"
        )
        self._read = wanted
        return self.tg.messages(self.id)[wanted - 1]

    def hears(self, containing: str) -> SentMessage:
        """The next message with these words; what came before it counts as read."""

        def found(tg: FakeTelegram) -> int:
            later = enumerate(tg.chats[self.id].sent[self._read :], self._read + 1)
            return next((place for place, message in later if containing in message.text), 0)

        place = self.tg.wait_for(found, PATIENCE, f"{containing!r} to {self.id}")
        self._read = place
        return self.tg.messages(self.id)[place - 1]

    def answer(self) -> SentMessage:
        """The last bubble of the next answer: a long one is cut, and its buttons come last."""
        message = self.next()
        while not message.labels and len(message.text) > _CUT:
            message = self.next()
        return message

    def start(self) -> SentMessage:
        """Press START and read the answer."""
        self.catch_up()
        self.tg.start(self.user)
        return self.answer()

    def say(self, text: str, reply_to: SentMessage | None = None) -> SentMessage:
        """Write and read the answer."""
        self.catch_up()
        self.tg.send_text(self.user, text, reply_to=reply_to)
        return self.answer()

    def tap(self, button: str, on: SentMessage | None = None) -> SentMessage:
        """Tap a button (of the last message read) and read the answer."""
        message = on or self.last_read
        self.catch_up()
        self.tg.press(self.user, message, button)
        return self.answer()

    def catch_up(self) -> None:
        """Read everything there is."""
        self._read = len(self.tg.messages(self.id))


@dataclass
class Team:
    """A team of helpers with its group."""

    commune: str
    group: Chat
    helpers: list[Person]
    tg: FakeTelegram

    def hears(self, containing: str, times: int = 1) -> SentMessage:
        """The newest message in the group with these words, when there are so many."""

        def found(tg: FakeTelegram) -> list[SentMessage] | None:
            some = [m for m in tg.chats[self.group.id].sent if containing in m.text]
            return some if len(some) >= times else None

        return self.tg.wait_for(found, PATIENCE, f"{containing!r} in the group")[-1]

    def card(self, ticket: int) -> SentMessage:
        """The card of a ticket."""
        return self.hears(f"Phiếu {ticket}:")

    def take(self, helper: Person, ticket: int) -> SentMessage:
        """Take a ticket from the group; the briefing the helper gets."""
        self.tg.press(helper.user, self.card(ticket), f"Nhận phiếu {ticket}", chat=self.group)
        return helper.hears(f"đã nhận phiếu {ticket}")


@dataclass
class Stage:
    """The fake platform, the served program, and its database file."""

    tg: FakeTelegram
    served: Served
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    def person(self, name: str = "Ba", *, started: bool = True) -> Person:
        """Somebody new."""
        return Person(self.tg, self.tg.user(next(self._ids), name, started=started))

    def team(self, commune: str, *helpers: Person, group: int | None = None) -> Team:
        """A new team with a group of its own."""
        number = next(self._ids)
        chat_id = group or -1_000_000_000_000 - number
        chat = self.tg.group(chat_id, f"Tổ {commune}", [h.user for h in helpers])
        database = Database(make_engine(f"sqlite:///{self.database}"))
        try:
            database.write_now(
                lambda c: add_team(c, f"Tổ {commune}", commune, str(chat_id), datetime.now(UTC))
            )
        finally:
            database.close()
        return Team(commune, chat, list(helpers), self.tg)

    @property
    def database(self) -> Path:
        """The file."""
        return self.served.var_dir / "congdanso.db"

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says, read as anybody with the file could."""
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            return db.execute(sql, values).fetchall()

    def kept(self) -> int:
        """How many updates were ever kept."""
        return int(self.rows("SELECT count(*) FROM inbox WHERE source = 'telegram'")[0][0])

    def get(self, path: str) -> httpx.Response:
        """A page of the program."""
        # Reading the certificates of the world each time would take longer than the page.
        return httpx.get(f"{self.served.url}{path}", trust_env=False, verify=False)

    def telegram_state(self) -> str:
        """How /readyz says the connection is."""
        return str(self.get("/readyz").json()["telegram"])

    def metric(self, name: str) -> float:
        """One number of /metrics, by its full name with labels; 0 when it is not there."""
        lines = self.get("/metrics").text.splitlines()
        return float(next((v for k, _, v in (x.rpartition(" ") for x in lines) if k == name), "0"))

    def settle(self) -> None:
        """Return when everything that was sent before now has been dealt with by the bot."""
        last = self.person("Sáu").start()
        assert "Chào anh/chị" in last.text


def level_2(person: Person, greeting: SentMessage | None = None) -> SentMessage:
    """Begin the guide on identification level 2, for oneself; its first step as it was shown."""
    asked = person.tap("Định danh mức 2", greeting) if greeting else person.tap("Định danh mức 2")
    assert "cho ai" in asked.text
    return person.tap("Cho tôi")


def ask_for_help(
    person: Person, commune: str, *, phone: str = "", name: str = "cô Ba", until_place: bool = False
) -> int:
    """Go through the form for a person; the ticket's number (0 with `until_place`)."""
    consent = person.say("gặp người")
    assert {"Đồng ý", "Không"} <= set(consent.labels)
    person.tap("Đồng ý")
    person.say(name)
    if phone:
        person.tap("Gọi điện cho tôi")
        asked = person.say(phone)
        assert "được gọi lúc nào" in asked.text
        person.tap(asked.labels[0])
    else:
        person.tap("Trả lời tại đây")
    if until_place:
        return 0
    return ticket_number(say_place(person, commune))


def say_place(person: Person, place: str) -> SentMessage:
    """Type where one lives, and tap the first place when some are offered; the last answer."""
    answer = person.say(place)
    return answer if _TICKET.search(answer.text) else person.tap(answer.labels[0])


def ticket_number(message: SentMessage) -> int:
    """The number a message to a citizen names."""
    found = _TICKET.search(message.text)
    assert found, message.text
    return int(found[1])


@contextlib.contextmanager
def staged(
    folder: Path, *, webhook: bool = False, limits: bool = False, **settings: str
) -> Iterator[Stage]:
    """A stage with the program ready. `limits` keeps the platform's, and ours with them."""
    with FakeTelegram(rate_limits=limits) as tg:
        port = free_port()
        environment = telegram_settings(tg.url, webhook_port=port if webhook else None) | QUICK
        if limits:
            environment = {k: v for k, v in environment.items() if "_SEND_PER_" not in k}
        served = Served(with_model(folder / "var"), environment | settings, port)
        with served:
            yield Stage(tg, served)


def texts(messages: Sequence[SentMessage]) -> list[str]:
    """The texts of messages."""
    return [m.text for m in messages]
