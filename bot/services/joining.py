"""Links with which members join: made, written to a file, looked at, used.

A token is twelve random bytes and our signature over them: what we never made is known without
asking the database. It fits into Telegram's start payload (64 characters). Each works once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.domain.channels import traits
from bot.domain.joining import JOIN, JoinState, JoinView
from bot.errors import BadRequest
from bot.rosters.sheets import write_sheet
from bot.services.runtime import Runtime
from bot.store import accounts, join_links, ways
from bot.store.accounts import Person
from bot.store.inbox import ChatKey

VALID = timedelta(days=7)
#: The member's own page, by its button.
PAGE = "page"
_PURPOSE = "join link"
_RANDOM, _SIGNATURE = 12, 12
_AT_ONCE = 200
_HEADINGS = (
    "Mã thành viên",
    "Họ tên",
    "Tên tổ",
    "Liên kết Telegram",
    "Liên kết trang web",
    "Câu nhắn trên Zalo",
)


def account_of(key: ChatKey) -> str:
    """The account that speaks in a private chat: "telegram:501". A browser or a terminal is none,
    and is called by its channel."""
    return ways.account(key) if traits(key.channel).accounts else key.channel


@dataclass(frozen=True, slots=True)
class MadeLink:
    """The forms of one link: `telegram` is "" when the bot's name is not known, `typed` is what is
    sent to the bot where no link leads to it, as on Zalo."""

    telegram: str
    web: str
    typed: str


class Joining:
    """Makes and reads links."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._key = runtime.vault.derive_signing(_PURPOSE)

    # Making.

    def link_for(self, member: str) -> MadeLink:
        """A new link for the member of a key or a number. BadRequest when there is none."""
        now = self._runtime.now()

        def work(connection: Connection) -> str:
            person = _named(connection, member)
            if person is None:
                raise BadRequest(
                    f"member {member}: there is none; see the keys in `congdanso roster export`"
                )
            token = self._token()
            join_links.put(connection, [(token, person.id)], now + VALID)
            return token

        return self._made(self._runtime.db.write_now(work))

    def link_of(self, member_id: int) -> MadeLink:
        """A new link for the member of this number, whatever keys there are."""
        token, now = self._token(), self._runtime.now()
        self._runtime.db.write_now(lambda c: join_links.put(c, [(token, member_id)], now + VALID))
        return self._made(token)

    def write_links(self, file: Path) -> int:
        """Write a new link for every member who has not joined; returns how many."""
        db, now = self._runtime.db, self._runtime.now()
        people = db.read_now(accounts.not_joined)
        given = [(self._token(), person) for person in people]
        for first in range(0, len(given), _AT_ONCE):
            some = [(token, person.id) for token, person in given[first : first + _AT_ONCE]]
            db.write_now(lambda c, some=some: join_links.put(c, some, now + VALID))  # type: ignore[misc]
        rows = []
        for token, person in given:
            made = self._made(token)
            links = (made.telegram, made.web, made.typed)
            rows.append((person.key, person.name, person.team, *links))
        write_sheet(file, _HEADINGS, rows)
        return len(rows)

    def _made(self, token: str) -> MadeLink:
        settings = self._runtime.settings
        name = settings.telegram_name.removeprefix("@")
        telegram = f"https://t.me/{name}?start={JOIN}{token}" if name else ""
        return MadeLink(telegram, self.url(token), f"{JOIN}{token}")

    def url(self, token: str) -> str:
        """The page of a link."""
        return f"{self._runtime.settings.base_url}/desk/join/{token}"

    def _token(self) -> str:
        body = secrets.token_bytes(_RANDOM)
        return base64.urlsafe_b64encode(body + self._mac(body)).decode()

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)[:_SIGNATURE]

    def ours(self, token: str) -> bool:
        """Whether a token was made here; asks no database, whatever anybody makes up."""
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        return len(raw) == _RANDOM + _SIGNATURE and hmac.compare_digest(
            raw[_RANDOM:], self._mac(raw[:_RANDOM])
        )

    # Using. Each in a transaction its caller opened.

    def look(self, connection: Connection, token: str, account: str) -> JoinView:
        """What a link can do for an account, as "telegram:501", or for the PAGE; held until the
        transaction ends."""
        link = join_links.find(connection, token, lock=True) if self.ours(token) else None
        if link is None:
            return JoinView(JoinState.UNKNOWN)
        member = link.member
        key = ways.key_of(account)
        named = bool(key.external_id)
        state = JoinState.OPEN
        if named and key in ways.keys(member.telegram_id, member.zalo_id):
            state = JoinState.MINE
        elif link.used_by:
            state = JoinState.USED
        elif link.expires_at <= self._runtime.now():
            state = JoinState.EXPIRED
        elif named:
            state = _account_state(connection, member, key)
        elif account != PAGE:
            state = JoinState.ELSEWHERE
        return JoinView(state, member.name, member.team, self.url(token))

    def join(self, connection: Connection, token: str, account: str) -> Person | None:
        """Use a link that `look` found open; None when it is not, and nothing is changed."""
        if self.look(connection, token, account).state is not JoinState.OPEN:
            return None
        link = join_links.find(connection, token)
        now = self._runtime.now()
        if link is None or not join_links.use(connection, token, account, now):
            return None
        key = ways.key_of(account)
        if key.external_id:
            join_links.join_account(connection, link.member, key)
        else:
            accounts.join_web(connection, link.member.id, now)
        return link.member


def _account_state(connection: Connection, member: Person, key: ChatKey) -> JoinState:
    # Another channel of Zalo takes the place of the one before: a pilot's bot ends one day.
    if any(mine.channel == key.channel for mine in ways.keys(member.telegram_id, member.zalo_id)):
        return JoinState.OTHER
    other = accounts.person_of_account(connection, key, member.team_id)
    # Whoever took tickets in the group before the roster came has no key: they are this member.
    return JoinState.TAKEN if other is not None and other.key else JoinState.OPEN


def _named(connection: Connection, member: str) -> Person | None:
    found = accounts.person_of_key(connection, member)
    if found is None and member.isdecimal() and len(member) <= 18:
        found = accounts.person(connection, int(member))
    return found
