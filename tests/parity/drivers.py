"""How somebody talks on each channel, over its real path: one class a channel.

A driver acts as a person's phone does, and reads what the platform's fake shows that person. It
looks into nothing of the channel. `look` says how a reply looks there (tests/parity/looks.py).
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from bot.channels.terminal import TerminalChat
from bot.channels.zalo_bot.inward import PATH as BOT_PATH
from bot.channels.zalo_oa.inward import PATH as OA_PATH
from bot.domain.channels import TELEGRAM, TERMINAL, WEB, ZALO_BOT, ZALO_OA
from bot.domain.replies import Reply
from bot.models.schema import chats
from bot.renderers.text import numbered
from bot.settings import UpdateMode
from bot.store import inbox
from bot.store.inbox import ChatKey
from tests.fakes.telegram import SentMessage, User
from tests.parity.driver import Driver, Someone
from tests.parity.house import House
from tests.parity.looks import (
    BUTTONS,
    NUMBERS,
    NUMBERS_AND_TAPS,
    PAGE,
    WORDS,
    Seen,
)
from tests.zalo import oa_fake
from tests.zalo.bot_fake import SECRET, TOKEN, FakeZaloBot
from tests.zalo.bot_fake import Person as BotPerson
from tests.zalo.oa_fake import FakeOa, signed
from tests.zalo.oa_stage import connect

#: Tokens outlive every script.
LONG = timedelta(days=400)


class TelegramDriver(Driver):
    """Telegram, polled."""

    name = TELEGRAM
    look = BUTTONS

    def person(self, name: str) -> Someone:
        """With a chat that the bot may write to."""
        user = self.house.tg.user(self.house.telegram_id(), name)
        return Someone(ChatKey(TELEGRAM, str(user.id)), user)

    def open(self, who: Someone) -> None:
        """START."""
        self.write(who, "/start")

    def write(self, who: Someone, text: str) -> None:
        """A message."""
        before = self.house.kept()
        self.house.tg.send_text(self._user(who), text)
        self._wait(before)

    def tap(self, who: Someone, label: str) -> None:
        """An inline button of the newest message that has it."""
        before = self.house.kept()
        sent = [m for m in self.house.tg.messages(self._user(who).id) if label in m.labels]
        assert sent, f"{label!r} is not offered to them on Telegram"
        self.house.tg.press(self._user(who), sent[-1], label)
        self._wait(before)

    def show(self, who: Someone, picture: bytes) -> None:
        """A photo."""
        before = self.house.kept()
        self.house.tg.send_photo(self._user(who), picture)
        self._wait(before)

    def shown(self, who: Someone) -> Sequence[Seen]:
        """The chat as it is now."""
        return [_telegram_seen(m) for m in self.house.tg.messages(self._user(who).id)]

    def _wait(self, before: int) -> None:
        self.house.until_kept(before)
        self.house.settle()

    @staticmethod
    def _user(who: Someone) -> User:
        user: User = who.handle
        return user


def _telegram_seen(message: SentMessage) -> Seen:
    return Seen(message.text, tuple(message.labels), picture=message.method == "sendPhoto")


class ZaloOaDriver(Driver):
    """The Official Account: signed webhooks in, the OA API out."""

    name = ZALO_OA
    look = NUMBERS_AND_TAPS

    def _settings(self) -> dict[str, Any]:
        self.fake = self._stack.enter_context(FakeOa())
        self._ids = itertools.count(2_512_523_625_412_001)
        secret = ("zalo_oa_app_secret", "zalo_oa_webhook_secret")
        given = oa_fake.settings(self.fake.url)
        return {k: SecretStr(v) if k in secret else v for k, v in given.items()}

    def connected(self) -> None:
        """Give the account's tokens to the program, as `congdanso zalo connect` does."""
        self.fake.now = self.house.clock
        connect(self.house.program.runtime, self.fake, LONG)
        self._client = self._stack.enter_context(_client(self.house.url))

    def person(self, name: str) -> Someone:
        """Somebody who will follow the account."""
        user = str(next(self._ids))
        return Someone(ChatKey(ZALO_OA, user), user)

    def open(self, who: Someone) -> None:
        """Follow."""
        self._post(self.fake.event("follow", who.handle))

    def write(self, who: Someone, text: str) -> None:
        """A message."""
        self._post(self.fake.text(who.handle, text))

    def tap(self, who: Someone, label: str) -> None:
        """A button where there is one (five at most), else its number."""
        sent = [m for m in self.fake.messages if m.user == who.handle]
        last = [b for m in sent[-1:] for b in m.buttons if b["title"] == label]
        if last:
            self.write(who, last[0]["payload"])
        else:
            self.type_number(who, label)

    def show(self, who: Someone, picture: bytes) -> None:
        """A picture, which Zalo keeps at an address."""
        path = f"/{len(self.fake.files)}.jpg"
        self.fake.files[path] = ("image/jpeg", picture)
        self._post(self.fake.media("image", who.handle, "image", url=f"{self.fake.url}{path}"))

    def shown(self, who: Someone) -> Sequence[Seen]:
        """Messages with their buttons."""
        return [
            Seen(m.text, tuple(b["title"] for b in m.buttons), picture=bool(m.picture))
            for m in self.fake.messages
            if m.user == who.handle
        ]

    def _post(self, event: dict[str, Any]) -> None:
        raw, headers = signed(event)
        assert self._client.post(OA_PATH, content=raw, headers=headers).status_code == 200
        self.house.settle()


class ZaloBotDriver(Driver):
    """The Bot Platform: webhooks with a secret in, the Bot API out."""

    name = ZALO_BOT
    look = NUMBERS

    def _settings(self) -> dict[str, Any]:
        self.fake = self._stack.enter_context(FakeZaloBot())
        return {
            "zalo_bot_token": SecretStr(TOKEN),
            "zalo_bot_api_url": self.fake.url,
            "zalo_bot_file_hosts": self.fake.url,
            "zalo_bot_mode": UpdateMode.WEBHOOK,
            "zalo_bot_webhook_secret": SecretStr(SECRET),
            "zalo_bot_people_most": 100_000,
            "zalo_bot_month_most": 1_000_000,
        }

    def connected(self) -> None:
        """The platform posts to where the program really is."""
        self._client = self._stack.enter_context(_client(self.house.url))

    def person(self, name: str) -> Someone:
        """Somebody who has found the bot."""
        person = self.fake.person(name)
        return Someone(ChatKey(ZALO_BOT, person.id), person)

    def open(self, who: Someone) -> None:
        """There is no START: people write something."""
        self.write(who, "/start")

    def write(self, who: Someone, text: str) -> None:
        """A message."""
        self._post(who, "text", text=text)

    def tap(self, who: Someone, label: str) -> None:
        """No buttons: the number."""
        self.type_number(who, label)

    def show(self, who: Someone, picture: bytes) -> None:
        """A picture, which the platform keeps at an address."""
        name = f"{len(self.fake.files)}.jpg"
        self.fake.files[name] = ("image/jpeg", picture)
        self._post(who, "image", photo_url=f"{self.fake.url}/files/{name}")

    def shown(self, who: Someone) -> Sequence[Seen]:
        """Texts, and pictures by their address."""
        mine = [m for m in list(self.fake.shown) if m.chat == who.handle.id]
        return [Seen(m.text, picture=bool(m.photo)) for m in mine]

    def _post(self, who: Someone, kind: str, **fields: Any) -> None:
        person: BotPerson = who.handle
        body = {"ok": True, "result": self.fake.update(person, kind, **fields)}
        headers = {"X-Bot-Api-Secret-Token": SECRET}
        assert self._client.post(BOT_PATH, json=body, headers=headers).status_code == 200
        self.house.settle()


class WebDriver(Driver):
    """The web chat: its HTTP calls and its stream of events."""

    name = WEB
    look = PAGE
    accounts = False

    def person(self, name: str) -> Someone:
        """A browser of one's own."""
        client = self._stack.enter_context(_client(self.house.url))
        return Someone(ChatKey(WEB, ""), _Page(client))

    def open(self, who: Someone) -> None:
        """The page is opened."""
        assert who.handle.client.post("/chat/open").status_code == 200
        who.key = _newest(self.house, WEB)
        self.house.settle()

    def write(self, who: Someone, text: str) -> None:
        """A message."""
        self._send(who, text=text)

    def tap(self, who: Someone, label: str) -> None:
        """A button of the newest message that has it."""
        page: _Page = who.handle
        ids = [c["id"] for m in page.messages for c in m["choices"] if c["label"] == label]
        assert ids, f"{label!r} is not offered to them in the web chat"
        self._send(who, choice=ids[-1])

    def show(self, who: Someone, picture: bytes) -> None:
        """A picture is uploaded."""
        page: _Page = who.handle
        path = f"/chat/pictures?id={uuid.uuid4()}"
        assert page.client.post(path, content=picture).status_code == 202
        self.house.settle()

    def shown(self, who: Someone) -> Sequence[Seen]:
        """What the stream of events brought."""
        page: _Page = who.handle
        page.pull(self._last(who))
        return [
            Seen(
                m["text"],
                tuple(c["label"] for c in m["choices"]),
                picture=bool(m.get("picture")),
                alt=(m.get("picture") or {}).get("alt", ""),
            )
            for m in page.messages
        ]

    def _send(self, who: Someone, **body: str) -> None:
        answer = who.handle.client.post("/chat/messages", json={"id": str(uuid.uuid4()), **body})
        assert answer.status_code == 202, answer.text
        self.house.settle()

    def _last(self, who: Someone) -> int:
        """The number of the newest message; 0 for an erased chat."""
        query = chats.select().where(chats.c.external_id == who.key.external_id)
        row = self.house.read(lambda c: c.execute(query).one_or_none())
        return row.next_seq - 1 if row is not None else 0


@dataclass
class _Page:
    """An open page."""

    client: httpx.Client
    messages: list[dict[str, Any]] = field(default_factory=list)
    last: int = 0

    def pull(self, until: int) -> None:
        """Read the stream up to a message, and say that it is shown."""
        if self.last >= until:
            return
        with self.client.stream("GET", f"/chat/stream?after={self.last}") as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    message = json.loads(line[6:])
                    self.messages.append(message)
                    self.last = message["seq"]
                    if self.last >= until:
                        break
        assert self.client.post("/chat/ack", json={"seq": self.last}).status_code == 204


class TerminalDriver(Driver):
    """`congdanso chat`, with what it prints."""

    name = TERMINAL
    look = WORDS
    accounts = False

    def person(self, name: str) -> Someone:
        """A terminal of one's own."""
        program = self.house.program
        chat = TerminalChat(program.runtime, program.conversations, program.cards)
        return Someone(chat._key, _Terminal(chat))

    def open(self, who: Someone) -> None:
        """The command is started."""
        who.handle.printed += self.house.do(who.handle.chat.hello())
        self.house.settle()

    def write(self, who: Someone, text: str) -> None:
        """A line is typed."""
        who.handle.printed += self.house.do(who.handle.chat.say(text))
        self.house.settle()

    def tap(self, who: Someone, label: str) -> None:
        """No buttons: the number."""
        self.type_number(who, label)

    def shown(self, who: Someone) -> Sequence[Seen]:
        """What was printed."""
        who.handle.printed += self.house.do(who.handle.chat.new())
        return [Seen(numbered(reply)) for reply in who.handle.printed]


@dataclass
class _Terminal:
    chat: TerminalChat
    printed: list[Reply] = field(default_factory=list)


def _client(url: str) -> httpx.Client:
    # Reading the certificates of the world each time would take longer than the tests.
    return httpx.Client(base_url=url, trust_env=False, verify=False, timeout=30)


def _newest(house: House, channel: str) -> ChatKey:
    """The chat that was made last."""
    query = chats.select().where(chats.c.channel == channel).order_by(chats.c.id.desc()).limit(1)
    row = house.read(lambda c: c.execute(query).one())
    return ChatKey(channel, row.external_id)


def chat_number(house: House, key: ChatKey) -> int | None:
    """The row of a chat; None once it was erased."""
    return house.read(lambda c: inbox.find_chat(c, key))


DRIVERS: dict[str, type[Driver]] = {
    each.name: each
    for each in (TelegramDriver, ZaloOaDriver, ZaloBotDriver, WebDriver, TerminalDriver)
}
